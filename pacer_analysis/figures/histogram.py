"""Counts in bins, stacked by kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.figures.axes import Scale, ticks
from pacer_analysis.figures.scene import Item, Line, Rect, Scene, Text, px, text_width

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH, PLOT, TOP, LEFT, FOOT = 760.0, 170.0, 44.0, 48.0, 56.0


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin and its counts, in the order of the kinds."""

    label: str
    counts: tuple[int, ...]


def draw(key: str, bins: Sequence[Bin], kinds: Sequence[str], *, title: str, finding: str, x_label: str, y_label: str, whole: Callable[[float], str]) -> Scene:
    """The figure; the first kind stands on the axis and is darkest, the key stands above."""
    highest = max(sum(entry.counts) for entry in bins)
    y = Scale(0, max(1.0, highest * 1.08), TOP + PLOT, TOP)
    room = (WIDTH - LEFT) / len(bins)
    items: list[Item] = [Text(0, TOP - 26, y_label, "axis-label"), Line(LEFT, px(y(0)), WIDTH, px(y(0)), "axis")]
    for value in ticks(0, y.high, 4):
        if value == int(value):
            items += [Line(LEFT, px(y(value)), WIDTH, px(y(value)), "grid"), Text(LEFT - 8, px(y(value) + 4), whole(value), "tick", "end")]
    for place, entry in enumerate(bins):
        at, under = LEFT + room * place, 0
        for kind, count in enumerate(entry.counts):
            if count:
                items.append(Rect(px(at + room * 0.14), px(y(under + count)), px(room * 0.72), px(y(under) - y(under + count)), f"bar kind-{kind + 1}"))
            under += count
        items.append(Text(px(at + room / 2), px(y(0) + 19), entry.label, "tick", "middle"))
        items += [Text(px(at + room / 2), px(y(under) - 6), whole(under), "small figures", "middle")] if under else []
    items.append(Text(px((LEFT + WIDTH) / 2), px(y(0) + 42), x_label, "axis-label", "middle"))
    across = WIDTH
    for kind in range(len(kinds) - 1, -1, -1):
        across -= text_width(kinds[kind], 12) + 30
        items += [Rect(px(across), TOP - 36, 11.0, 11.0, f"bar kind-{kind + 1}"), Text(px(across + 16), TOP - 26, kinds[kind], "small")]
    return Scene(key, WIDTH, TOP + PLOT + FOOT, title, finding, tuple(items))
