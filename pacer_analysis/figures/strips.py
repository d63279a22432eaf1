"""Fields in rows, sites as points: how many standard errors each site lies from all sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.figures.axes import Scale
from pacer_analysis.figures.scene import Circle, Item, Line, Scene, Text, px, shortened, text_width

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH, ROW, TOP, FOOT, GAP, SMALL = 760.0, 34.0, 40.0, 54.0, 16.0, 12.0
LABELS_MOST, RIGHT, FARTHEST = 280.0, 130.0, 6.0
INNER, OUTER = 1.96, 3.09


@dataclass(frozen=True, slots=True)
class Point:
    """One site of one field."""

    site: str
    z: float
    flagged: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """One field, the line under its name, and its sites."""

    label: str
    under: str
    points: tuple[Point, ...]


def draw(key: str, strips: Sequence[Strip], *, title: str, finding: str, x_label: str, write: Callable[[float], str]) -> Scene:
    """The figure; beyond six standard errors a point is drawn at the edge."""
    left = min(LABELS_MOST, max(text_width(text, SMALL) for strip in strips for text in (strip.label, strip.under)) + GAP)
    x = Scale(-FARTHEST, FARTHEST, left, WIDTH - RIGHT)
    bottom = TOP + ROW * len(strips)
    items: list[Item] = [Line(px(x(0)), TOP - 10, px(x(0)), bottom, "none")]
    for limit, cls in ((INNER, "limit inner"), (OUTER, "limit outer")):
        items += [Line(px(x(sign * limit)), TOP - 10, px(x(sign * limit)), bottom, cls) for sign in (-1, 1)]
    items += [Text(px(x(INNER)), TOP - 16, "95%", "small quiet", "middle"), Text(px(x(OUTER)), TOP - 16, "99.8%", "small quiet", "middle")]
    items.append(Line(px(x.start), bottom, px(x.end), bottom, "axis"))
    for value in (-6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0):
        items += [Line(px(x(value)), bottom, px(x(value)), bottom + 5, "axis"), Text(px(x(value)), bottom + 19, write(value), "tick", "middle")]
    items.append(Text(px((x.start + x.end) / 2), bottom + 40, x_label, "axis-label", "middle"))
    for index, strip in enumerate(strips):
        middle = TOP + ROW * (index + 0.5)
        items += [Text(0, px(middle - 2), shortened(strip.label, left - GAP), "small"), Text(0, px(middle + 12), shortened(strip.under, left - GAP), "small quiet")]
        items.append(Line(px(x.start), px(middle), px(x.end), px(middle), "grid"))
        for point in sorted(strip.points, key=lambda point: point.flagged):
            at = x(max(-FARTHEST, min(FARTHEST, point.z)))
            items.append(Circle(px(at), px(middle), 4.6, "mark site flagged" if point.flagged else "mark site"))
        far = [point for point in strip.points if point.flagged]
        items += [Text(px(x.end + 10), px(middle + 4), ", ".join(point.site for point in far), "small strong")] if far else []
    return Scene(key, WIDTH, bottom + FOOT, title, finding, tuple(items))
