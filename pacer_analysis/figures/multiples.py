"""Small multiples: the distribution of one field a panel, with what was expected as a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.figures.axes import Scale
from pacer_analysis.figures.scene import Item, Line, Path, Rect, Scene, Text, px, shortened, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, ACROSS, GAP, PLOT, HEAD, FOOT = 760.0, 4, 22.0, 64.0, 48.0, 26.0


@dataclass(frozen=True, slots=True)
class Panel:
    """One field: its name, a line under it, the share of each class and what was expected, the class under each bar or ''."""

    label: str
    under: str
    shares: tuple[float, ...]
    expected: tuple[float, ...]
    classes: tuple[str, ...]
    flagged: bool


def draw(key: str, panels: Sequence[Panel], *, title: str, finding: str) -> Scene:
    """The panels in rows of four; each has its own height, for shapes are compared and not sizes."""
    across = min(ACROSS, len(panels))
    width = (WIDTH - GAP * (ACROSS - 1)) / ACROSS
    high = HEAD + PLOT + FOOT
    items: list[Item] = []
    for place, panel in enumerate(panels):
        items += drawn(panel, (place % across) * (width + GAP), (place // across) * high, width)
    return Scene(key, WIDTH, high * -(-len(panels) // across), title, finding, tuple(items))


def drawn(panel: Panel, left: float, top: float, width: float) -> list[Item]:
    """One panel at its place."""
    names = wrapped(panel.label, width, 12)
    names = [*names[:1], shortened(" ".join(names[1:]), width)] if len(names) > 1 else names
    items: list[Item] = [Text(px(left), px(top + 12 + 14 * line), text, "small strong" if panel.flagged else "small") for line, text in enumerate(names)]
    items.append(Text(px(left), px(top + HEAD - 7), panel.under, "small quiet"))
    base = top + HEAD + PLOT
    y = Scale(0, max([*panel.shares, *panel.expected]) or 1.0, base, top + HEAD)
    bar = width / len(panel.shares)
    for place, (share, text) in enumerate(zip(panel.shares, panel.classes, strict=True)):
        items.append(Rect(px(left + bar * place + bar * 0.12), px(y(share)), px(bar * 0.76), px(base - y(share)), "bar flagged" if panel.flagged else "bar"))
        items += [Text(px(left + bar * (place + 0.5)), px(base + 14), text, "tick tiny", "middle")] if text else []
    points = [f"{px(left + bar * (place + side))} {px(y(due))}" for place, due in enumerate(panel.expected) for side in (0, 1)]
    return [*items, Line(px(left), px(base), px(left + width), px(base), "axis"), Path("M" + "L".join(points), "expected-line")]
