"""Flow diagram: boxes from top to bottom, what left between two of them at the side, then one column per arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.figures.scene import Item, Line, Path, Rect, Scene, Text, px, text_width, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, BOX, SIDE, GAP, LINE, PAD = 760.0, 250.0, 210.0, 34.0, 18.0, 12.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a box: words, a number, and the id of its estimate."""

    label: str
    number: str
    estimate: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A box of the trunk, and the box at its side: those who went no further, or what the plan lists of them."""

    box: Entry
    left: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """One column: its head (allocated) and the lines of what followed; one branch without arms for a pooled diagram."""

    head: Entry
    lines: tuple[Entry, ...]
    cls: str = "pooled"


def draw(key: str, trunk: Sequence[Stage], branches: Sequence[Branch], *, title: str, finding: str, beneath: str) -> Scene:
    """The diagram; `beneath` names what the lines of a branch are."""
    items: list[Item] = []
    centre = BOX / 2 + 115 if any(stage.left for stage in trunk) else WIDTH / 2
    centre = WIDTH / 2 if len(branches) > 1 else centre
    at = 4.0
    tall = 2 * PAD + 2 * LINE - 6
    for place, stage in enumerate(trunk):
        items += box(centre - BOX / 2, at, BOX, tall, "box")
        items += [Text(px(centre), px(at + PAD + 12), stage.box.label, "strong", "middle"),
                  Text(px(centre), px(at + PAD + 12 + LINE), f"n = {stage.box.number}", "figures", "middle", stage.box.estimate)]
        last = place == len(trunk) - 1
        if not last or branches:
            lines = beside(stage.left)
            deep = 2 * PAD - 4 + LINE * len(lines) if lines else 0.0
            gap = max(GAP, deep + 10)
            if not last:
                items += arrow(centre, at + tall, centre, at + tall + gap)
            if stage.left:
                middle = at + tall + gap / 2
                side = centre + BOX / 2 + 20
                items += arrow(centre, middle, side, middle)
                items += box(side, middle - deep / 2, min(SIDE, WIDTH - side - 2), deep, "box side")
                items += [Text(px(side + PAD), px(middle - deep / 2 + PAD + 10 + LINE * row), text, "figures" if number else "", "start", number)
                          for row, (text, number) in enumerate(lines)]
            at += tall + (gap if not last else 0)
        else:
            at += tall
    if branches:
        more, at = columns(branches, centre if trunk else WIDTH / 2, at, beneath, joined=bool(trunk))
        items += more
    return Scene(key, WIDTH, at + 6, title, finding, tuple(items))


def beside(left: Sequence[Entry]) -> list[tuple[str, str]]:
    """The lines of a box at the side, each with the id of the number that ends it."""
    found: list[tuple[str, str]] = []
    for entry in left:
        *before, last = wrapped(entry.label, SIDE - 2 * PAD)
        found += [(text, "") for text in before]
        both = f"{last}, n = {entry.number}"
        found += [(both, entry.estimate)] if text_width(both) <= SIDE - 2 * PAD else [(last, ""), (f"n = {entry.number}", entry.estimate)]
    return found


def columns(branches: Sequence[Branch], centre: float, at: float, beneath: str, *, joined: bool) -> tuple[list[Item], float]:
    """One column per branch under the trunk, all boxes of a level equally tall."""
    count = len(branches)
    width = min(366.0, (WIDTH - 24.0 * (count - 1)) / count)
    middles = [centre] if count == 1 else [WIDTH / 2 + (width + 24) * (index - (count - 1) / 2) for index in range(count)]
    items: list[Item] = []
    start = at
    fork = start + GAP / 2
    if joined and count > 1:
        items += [Line(px(centre), px(start), px(centre), px(fork), "flow"), Line(px(middles[0]), px(fork), px(middles[-1]), px(fork), "flow")]
    top = start + (GAP if joined else 0)
    head = 2 * PAD + 2 * LINE - 6
    lines = max(len(branch.lines) for branch in branches)
    for branch, middle in zip(branches, middles, strict=True):
        below = top
        if count > 1:
            if joined:
                items += arrow(middle, fork, middle, top)
            items += box(middle - width / 2, top, width, head, f"box {branch.cls}")
            items += [Text(px(middle), px(top + PAD + 12), branch.head.label, f"strong {branch.cls}", "middle"),
                      Text(px(middle), px(top + PAD + 12 + LINE), f"n = {branch.head.number}", "figures", "middle", branch.head.estimate)]
            below = top + head + GAP
            items += arrow(middle, top + head, middle, below)
        elif joined:
            items += arrow(middle, start, middle, top)
        if lines:
            tall = 2 * PAD + LINE * (lines + 1) - 4
            items += box(middle - width / 2, below, width, tall, "box")
            items.append(Text(px(middle - width / 2 + PAD), px(below + PAD + 10), beneath, "small quiet"))
            for place, line in enumerate(branch.lines, 1):
                y = px(below + PAD + 10 + LINE * place)
                items += [Text(px(middle - width / 2 + PAD), y, fitted(line.label, width - 2 * PAD - text_width(line.number) - 8), ""),
                          Text(px(middle + width / 2 - PAD), y, line.number, "figures", "end", line.estimate)]
    bottom = top + (head + GAP if count > 1 else 0) + ((2 * PAD + LINE * (lines + 1) - 4) if lines else -GAP)
    return items, bottom


def fitted(text: str, room: float) -> str:
    """The text, cut with an ellipsis where it would leave its box."""
    if text_width(text) <= room:
        return text
    while text and text_width(text + "\N{HORIZONTAL ELLIPSIS}") > room:
        text = text[:-1]
    return text.rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def box(x: float, y: float, width: float, height: float, cls: str) -> list[Item]:
    """A rectangle on whole tenths of a pixel."""
    return [Rect(px(x), px(y), px(width), px(height), cls)]


def arrow(x1: float, y1: float, x2: float, y2: float) -> list[Item]:
    """A line with its head, downwards or to the right."""
    one, other = ((x2 - 4, y2 - 6), (x2 + 4, y2 - 6)) if x1 == x2 else ((x2 - 6, y2 - 4), (x2 - 6, y2 + 4))
    head = f"M{px(one[0])} {px(one[1])}L{px(x2)} {px(y2)}L{px(other[0])} {px(other[1])}"
    return [Line(px(x1), px(y1), px(x2), px(y2), "flow"), Path(head, "flow")]
