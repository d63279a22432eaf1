"""Forest plot: one line per analysis of the same effect, the interval drawn and printed, no difference marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.figures.axes import Scale, ticks
from pacer_analysis.figures.scene import Item, Line, Path, Rect, Scene, Text, px, text_width, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH, ROW, TOP, FOOT, GAP, HEAD = 760.0, 34.0, 34.0, 52.0, 18.0, 28.0
LABELS_MOST = 270.0


@dataclass(frozen=True, slots=True)
class Effect:
    """One analysis' estimate; `printed` is the estimate with its interval; `main` marks the primary analysis; `group` heads a run of lines."""

    label: str
    value: float
    low: float
    high: float
    printed: str
    estimate: str
    main: bool = False
    group: str = ""


def draw(key: str, effects: Sequence[Effect], *, none: float, title: str, finding: str, x_label: str, head: str,
         write: Callable[[float], str]) -> Scene:
    """The figure; `none` is the value of no difference; `head` names the printed column."""
    right = max(text_width(effect.printed) for effect in effects) + 8
    left = min(LABELS_MOST, max(text_width(effect.label) for effect in effects) + GAP)
    low, high = min([none, *(effect.low for effect in effects)]), max([none, *(effect.high for effect in effects)])
    pad = (high - low) * 0.08 or 0.1
    x = Scale(low - pad, high + pad, left, WIDTH - right - GAP)
    heads = [place for place, effect in enumerate(effects) if effect.group and (not place or effects[place - 1].group != effect.group)]
    bottom = TOP + ROW * len(effects) + HEAD * len(heads)
    items: list[Item] = [Line(0, TOP - 8, WIDTH, TOP - 8, "hair"), Text(WIDTH, TOP - 16, head, "small quiet", "end"),
                         Line(px(x(none)), TOP - 8, px(x(none)), bottom, "none"), Line(px(x.start), bottom, px(x.end), bottom, "axis")]
    for value in ticks(x.low, x.high, 6):
        items += [Line(px(x(value)), bottom, px(x(value)), bottom + 5, "axis"), Text(px(x(value)), bottom + 19, write(value), "tick", "middle")]
    items.append(Text(px((x.start + x.end) / 2), bottom + 40, x_label, "axis-label", "middle"))
    for index, effect in enumerate(effects):
        middle = TOP + ROW * (index + 0.5) + HEAD * sum(place <= index for place in heads)
        if index in heads:
            items.append(Text(0, px(middle - ROW / 2 - HEAD / 2 + 4), effect.group, "small quiet"))
        weight = "strong" if effect.main else ""
        lines = wrapped(effect.label, left - GAP)
        items += [Text(0, px(middle + 4 + 14 * (place - (len(lines) - 1) / 2)), line, weight) for place, line in enumerate(lines)]
        items.append(Line(px(x(effect.low)), px(middle), px(x(effect.high)), px(middle), "interval forest"))
        items.append(diamond(x(effect.value), middle) if effect.main else Rect(px(x(effect.value) - 4.5), px(middle - 4.5), 9.0, 9.0, "mark forest"))
        items.append(Text(WIDTH, px(middle + 4), effect.printed, f"figures {weight}".strip(), "end", effect.estimate))
    return Scene(key, WIDTH, bottom + FOOT, title, finding, tuple(items))


def diamond(x: float, y: float, size: float = 7.0) -> Path:
    """The marker of the primary analysis."""
    return Path(f"M{px(x - size)} {px(y)}L{px(x)} {px(y - size)}L{px(x + size)} {px(y)}L{px(x)} {px(y + size)}Z", "mark forest")
