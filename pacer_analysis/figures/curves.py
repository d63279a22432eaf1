"""Kaplan-Meier and cumulative-incidence curves: steps, bands, horizons, direct labels, numbers at risk under the axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pacer_analysis.figures.axes import Scale, share_top, ticks, time_ticks
from pacer_analysis.figures.scene import Item, Line, Path, Scene, Text, px, spread, text_width, wrapped

WIDTH, PLOT_HEIGHT, TOP, LEFT_LEAST = 760.0, 260.0, 34.0, 76.0
LABEL_ROOM, ROW, SMALL, COLUMN = 150.0, 18.0, 12.0, 34.0


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a curve."""

    time: float
    value: float
    low: float | None
    high: float | None
    at_risk: int
    events: int
    censored: int


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve with its direct label; `minor` curves (a competing event) have no band and no numbers under the axis."""

    label: str
    cls: str
    steps: tuple[Step, ...]
    start: float
    minor: bool = False


Words = Callable[[float], str]


def draw(key: str, curves: Sequence[Curve], horizons: Sequence[tuple[float, str]], *, title: str, finding: str, y_label: str,
         x_label: Callable[[str], str], share: Words, whole: Words) -> Scene:
    """The figure of one analysis; `x_label` names the axis of time in its unit, `share` and `whole` write the numbers of the axes."""
    major = [curve for curve in curves if not curve.minor]
    last = max([step.time for curve in curves for step in curve.steps] + [time for time, _ in horizons])
    rows = [(curve, kind) for curve in major for kind in ("at risk", "events")]
    left = max([LEFT_LEAST] + [text_width(name, SMALL) + 12 for name in ("At risk", "Events")])
    names = [wrapped(curve.label, LABEL_ROOM - 20) for curve in curves]
    top_value = top_of(curves)
    x = Scale(0, last, left, WIDTH - LABEL_ROOM)
    y = Scale(0, top_value, TOP + PLOT_HEIGHT, TOP)
    marks, unit, unit_name = time_ticks(last)
    items: list[Item] = [*grid(x, y, marks, unit, x_label(unit_name), y_label, share, whole)]
    for time, label in horizons:
        items += [Line(px(x(time)), TOP, px(x(time)), TOP + PLOT_HEIGHT, "horizon"),
                  Text(px(x(time)), TOP - 5, label, "small horizon-label", "middle")]
    for curve in major:
        items += band(curve, x, y)
    items += [Path(outline(curve, x, y, last), f"curve {curve.cls}" + (" minor" if curve.minor else "")) for curve in curves]
    items += direct_labels(curves, names, x, y, last)
    base = TOP + PLOT_HEIGHT + 62
    items += at_risk(rows, columns(marks, [time for time, _ in horizons], x), x, base, whole)
    return Scene(key, WIDTH, base + table_height(len(major)), title, finding, tuple(items))


def top_of(curves: Sequence[Curve]) -> float:
    """The top of the vertical axis: 1 for curves that begin there, else what the highest limit of the major curves asks for."""
    if any(curve.start == 1.0 for curve in curves):
        return 1.0
    return share_top(max((step.high or step.value for curve in curves if not curve.minor for step in curve.steps), default=0.0))


def grid(x: Scale, y: Scale, marks: Sequence[float], unit: float, x_label: str, y_label: str, share: Words, whole: Words) -> list[Item]:
    """Axes, ticks and their names."""
    bottom = TOP + PLOT_HEIGHT
    items: list[Item] = [Line(px(x.start), bottom, px(x.end), bottom, "axis")]
    for value in ticks(0, y.high, 5):
        items += [Line(px(x.start), px(y(value)), px(x.end), px(y(value)), "grid"),
                  Text(px(x.start - 8), px(y(value) + 4), share(value), "tick", "end")]
    for mark in marks:
        items += [Line(px(x(mark)), bottom, px(x(mark)), bottom + 5, "axis"), Text(px(x(mark)), bottom + 20, whole(mark / unit), "tick", "middle")]
    items.append(Text(px((x.start + x.end) / 2), bottom + 40, x_label, "axis-label", "middle"))
    items.append(Text(0, TOP - 22, y_label, "axis-label"))
    return items


def thinned(curve: Curve, x: Scale) -> list[Step]:
    """One step per pixel column: the last in it, which is where the curve leaves the column."""
    kept: dict[int, Step] = {}
    for step in curve.steps:
        kept[int(x(step.time))] = step
    return list(kept.values())


def outline(curve: Curve, x: Scale, y: Scale, last: float) -> str:
    """The path of a right-continuous step function from time 0 to the end of its data."""
    d = f"M{px(x(0))} {px(y(curve.start))}"
    for step in thinned(curve, x):
        d += f"H{px(x(step.time))}V{px(y(step.value))}"
    return d + (f"H{px(x(last))}" if not curve.steps else "")


def band(curve: Curve, x: Scale, y: Scale) -> list[Item]:
    """The interval around a curve."""
    steps = [step for step in thinned(curve, x) if step.low is not None and step.high is not None]
    if len(steps) < 2:
        return []
    up = f"M{px(x(steps[0].time))} {px(y(min(steps[0].high or 0, y.high)))}"
    for step in steps[1:]:
        up += f"H{px(x(step.time))}V{px(y(min(step.high or 0, y.high)))}"
    down = ""
    for earlier in reversed(steps[:-1]):
        down += f"V{px(y(earlier.low or 0))}H{px(x(earlier.time))}"
    end = f"V{px(y(steps[-1].low or 0))}"
    return [Path(up + end + down + "Z", f"band {curve.cls}")]


def direct_labels(curves: Sequence[Curve], names: Sequence[list[str]], x: Scale, y: Scale, last: float) -> list[Item]:
    """Labels where the last curve ends, moved apart where two would touch, each with a leader to its curve."""
    lines = max(len(name) for name in names)
    ends = [(x(curve.steps[-1].time) if curve.steps else x(last), y(curve.steps[-1].value if curve.steps else curve.start)) for curve in curves]
    placed = spread([end[1] for end in ends], lines * (SMALL + 3) + 2, TOP + 8, TOP + PLOT_HEIGHT - 6)
    items: list[Item] = []
    edge = max(end[0] for end in ends)
    for curve, name, (end_x, end_y), at in zip(curves, names, ends, placed, strict=True):
        cls = curve.cls + (" minor" if curve.minor else "")
        items.append(Line(px(end_x + 2), px(end_y), px(edge + 10), px(at), f"leader {cls}"))
        items += [Text(px(edge + 14), px(at + 4 + (SMALL + 2) * (place - (len(name) - 1) / 2)), text, f"direct {cls}") for place,
                  text in enumerate(name)]
    return items


def columns(marks: Sequence[float], horizons: Sequence[float], x: Scale) -> list[float]:
    """The times of the numbers under the axis: every horizon, and the ticks that leave room beside them."""
    return sorted([*horizons, *(mark for mark in marks if all(abs(x(mark) - x(horizon)) >= COLUMN for horizon in horizons))])


def table_height(curves: int) -> float:
    """The height of the numbers at risk of so many curves, in pixels."""
    return curves * (3 * ROW + 4) + 4


def at_risk(rows: Sequence[tuple[Curve, str]], marks: Sequence[float], x: Scale, base: float, whole: Words) -> list[Item]:
    """At risk just before, and events up to and including, each tick: one pair of lines per curve under its name."""
    items: list[Item] = [Line(0, base - 14, WIDTH - LABEL_ROOM + 20, base - 14, "hair")]
    at = base
    for curve, kind in rows:
        if kind == "at risk":
            items.append(Text(0, at, curve.label, f"small strong {curve.cls}"))
            at += ROW
        items.append(Text(0, at, "At risk" if kind == "at risk" else "Events", "small quiet"))
        for mark in marks:
            number = left_at(curve, mark) if kind == "at risk" else sum(step.events for step in curve.steps if step.time <= mark + 1e-9)
            items.append(Text(px(x(mark)), at, whole(number), "small figures", "middle"))
        at += ROW + (4 if kind == "events" else 0)
    return items


def left_at(curve: Curve, time: float) -> int:
    """How many are at risk just before a time."""
    later = next((step for step in curve.steps if step.time >= time - 1e-9), None)
    if later is not None:
        return later.at_risk
    return max(0, curve.steps[-1].at_risk - curve.steps[-1].events - curve.steps[-1].censored) if curve.steps else 0


def value_at(curve: Curve, time: float) -> float:
    """The curve's height at a time."""
    return next((step.value for step in reversed(curve.steps) if step.time <= time + 1e-9), curve.start)
