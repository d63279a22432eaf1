"""Proportions over visits: a point and its interval per arm and visit, and the number behind each under the axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.figures.axes import Scale, ticks
from pacer_analysis.figures.scene import Circle, Item, Line, Path, Rect, Scene, Text, px, spread, text_width, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH, PLOT_HEIGHT, TOP, LABEL_ROOM, ROW, SMALL = 760.0, 260.0, 30.0, 150.0, 18.0, 12.0
APART, MARK = 13.0, 4.2


@dataclass(frozen=True, slots=True)
class Point:
    """The proportion of one arm at one visit, and the line under the axis that says of how many."""

    visit: int
    value: float
    low: float | None
    high: float | None
    under: str


@dataclass(frozen=True, slots=True)
class Series:
    """One arm's points."""

    label: str
    cls: str
    points: tuple[Point, ...]


def draw(key: str, series: Sequence[Series], visits: Sequence[str], *, title: str, finding: str, y_label: str, under: str,
         share: Callable[[float], str]) -> Scene:
    """The figure of one analysis; `under` names the numbers under the axis."""
    left = max(58.0, *(text_width(line, SMALL) + 10 for line in wrapped(under, 90)))
    x = Scale(-0.5, len(visits) - 0.5, left, WIDTH - LABEL_ROOM)
    y = Scale(0, 1, TOP + PLOT_HEIGHT, TOP)
    items: list[Item] = [Text(0, TOP - 18, y_label, "axis-label"), Line(px(x.start), px(y(0)), px(x.end), px(y(0)), "axis")]
    for value in ticks(0, 1, 5):
        items += [Line(px(x.start), px(y(value)), px(x.end), px(y(value)), "grid"),
                  Text(px(x.start - 8), px(y(value) + 4), share(value), "tick", "end")]
    for place, visit in enumerate(visits):
        items.append(Text(px(x(place)), px(y(0) + 20), visit, "tick", "middle"))
    offsets = [APART * (index - (len(series) - 1) / 2) for index in range(len(series))]
    for entry, offset in zip(series, offsets, strict=True):
        items += arm(entry, offset, x, y)
    items += direct(series, offsets, x, y)
    base = TOP + PLOT_HEIGHT + 48
    items.append(Line(0, base - 16, WIDTH - LABEL_ROOM + 20, base - 16, "hair"))
    items.append(Text(0, base, under, "small quiet"))
    for index, entry in enumerate(series):
        at = base + ROW * (index + 1)
        items += [Text(px(x.end + 14), at, entry.label, f"small {entry.cls}")] if len(series) > 1 else []
        items += [Text(px(x(point.visit)), at, point.under, "small figures", "middle") for point in entry.points]
    return Scene(key, WIDTH, base + ROW * len(series) + 10, title, finding, tuple(items))


def arm(entry: Series, offset: float, x: Scale, y: Scale) -> list[Item]:
    """A thin line through the points, the intervals, and a marker of the arm's shape."""
    points = sorted(entry.points, key=lambda point: point.visit)
    items: list[Item] = []
    if len(points) > 1:
        items.append(Path("M" + "L".join(f"{px(x(point.visit) + offset)} {px(y(point.value))}" for point in points), f"trend {entry.cls}"))
    for point in points:
        at, middle = px(x(point.visit) + offset), px(y(point.value))
        if point.low is not None and point.high is not None:
            items.append(Line(at, px(y(point.low)), at, px(y(point.high)), f"interval {entry.cls}"))
        square = entry.cls == "arm-2"
        items.append(Rect(px(at - MARK), px(middle - MARK), 2 * MARK, 2 * MARK, f"mark {entry.cls}") if square
                     else Circle(at, middle, MARK + 0.4, f"mark {entry.cls}"))
    return items


def direct(series: Sequence[Series], offsets: Sequence[float], x: Scale, y: Scale) -> list[Item]:
    """The arm's name beside its last point."""
    known = [(entry, offset, max(entry.points, key=lambda point: point.visit)) for entry, offset in zip(series, offsets, strict=True) if entry.points]
    names = [wrapped(entry.label, LABEL_ROOM - 20) for entry, _, _ in known]
    if not known:
        return []
    placed = spread([y(point.value) for _, _, point in known], max(len(name) for name in names) * (SMALL + 3) + 2, TOP + 8, TOP + PLOT_HEIGHT - 8)
    items: list[Item] = []
    for (entry, offset, point), name, at in zip(known, names, placed, strict=True):
        items.append(Line(px(x(point.visit) + offset + MARK + 3), px(y(point.value)), px(x.end + 10), px(at), f"leader {entry.cls}"))
        items += [Text(px(x.end + 14), px(at + 4 + (SMALL + 2) * (place - (len(name) - 1) / 2)), text, f"direct {entry.cls}") for place,
                  text in enumerate(name)]
    return items
