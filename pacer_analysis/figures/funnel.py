"""Funnel plot: each site's share against its size, with the limits that chance alone would keep to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.figures.axes import Scale, decimals_of, ticks
from pacer_analysis.figures.scene import Circle, Item, Line, Path, Scene, Text, px, spread, text_width

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH, PLOT_HEIGHT, TOP, RIGHT, LEFT, FOOT = 760.0, 250.0, 34.0, 120.0, 58.0, 58.0
GAP, RADIUS = 15.0, 4.6
MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Site:
    """One site: its size, its share, and whether it stands out."""

    label: str
    size: float
    share: float
    flagged: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """The four limits at one size."""

    size: float
    low95: float
    high95: float
    low998: float
    high998: float


def draw(key: str, sites: Sequence[Site], limits: Sequence[Limits], target: float, *, title: str, finding: str, x_label: str, y_label: str,
         share: Callable[[float, int], str], whole: Callable[[float], str]) -> Scene:
    """The figure of one measure; sites that stand out are always named, the others while they are few."""
    top = min(1.0, 1.12 * max([*(site.share for site in sites), *(limit.high998 for limit in limits)]) or 0.01)
    x = Scale(min(limit.size for limit in limits), max(limit.size for limit in limits), LEFT, WIDTH - RIGHT)
    y = Scale(0, top, TOP + PLOT_HEIGHT, TOP)
    items: list[Item] = [Text(0, TOP - 18, y_label, "axis-label"), Line(px(x.start), px(y(0)), px(x.end), px(y(0)), "axis")]
    marks = ticks(0, top, 5)
    places = decimals_of([100 * value for value in marks])
    for value in marks:
        items += [Line(px(x.start), px(y(value)), px(x.end), px(y(value)), "grid"), Text(px(x.start - 8), px(y(value) + 4), share(value, places), "tick", "end")]
    for value in ticks(x.low, x.high, 7):
        if value == int(value):
            items += [Line(px(x(value)), px(y(0)), px(x(value)), px(y(0) + 5), "axis"), Text(px(x(value)), px(y(0) + 20), whole(value), "tick", "middle")]
    items.append(Text(px((x.start + x.end) / 2), px(y(0) + 42), x_label, "axis-label", "middle"))
    items.append(Line(px(x.start), px(y(target)), px(x.end), px(y(target)), "none"))
    for name, cls in (("low998", "limit outer"), ("high998", "limit outer"), ("low95", "limit inner"), ("high95", "limit inner")):
        points = [(px(x(limit.size)), px(y(getattr(limit, name)))) for limit in limits]
        items.append(Path("M" + "L".join(f"{across} {down}" for across, down in points), cls))
    last = limits[-1]
    ends = [("All sites", target), ("95%", last.high95), ("99.8%", last.high998)]
    for (text, _), at in zip(ends, spread([y(value) for _, value in ends], GAP, TOP, TOP + PLOT_HEIGHT), strict=True):
        items.append(Text(px(x.end + 8), px(at + 4), text, "small quiet"))
    for site in sorted(sites, key=lambda site: site.flagged):
        items.append(Circle(px(x(site.size)), px(y(site.share)), RADIUS, "mark site flagged" if site.flagged else "mark site"))
    items += names([site for site in sites if site.flagged or len(sites) <= MOST_NAMED], x, y)
    return Scene(key, WIDTH, TOP + PLOT_HEIGHT + FOOT, title, finding, tuple(items))


def names(sites: Sequence[Site], x: Scale, y: Scale) -> list[Item]:
    """A name beside each site, at the nearest place where it meets no other name."""
    taken: list[tuple[float, float, float, float]] = []
    items: list[Item] = []
    for site in sorted(sites, key=lambda site: (not site.flagged, -site.size, site.label)):
        across, down, width = x(site.size), y(site.share), text_width(site.label, 12)
        places = [(left, base) for away in range(0, 15 * len(sites) + 1, 15) for left in (across + 8, across - 8 - width) for base in (down - 7 - away, down + 16 + away)]
        boxes = [(left, base - 11, left + width, base + 3) for left, base in places]
        free = next((place for place, box in enumerate(boxes) if box[0] >= LEFT and not any(meets(box, other) for other in taken)), 0)
        taken.append(boxes[free])
        items.append(Text(px(places[free][0]), px(places[free][1]), site.label, "small strong" if site.flagged else "small"))
    return items


def meets(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """True if two boxes overlap."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
