"""The words for times: from which origin they are counted, and the visit through which a visit's clock runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.tables import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacer_analysis.plan import Analysis
    from pacer_analysis.tables.labels import Names


def by_visit(analysis: Analysis, names: Names) -> bool:
    """True where times are the last days of the visits' windows, counted from what the visits are counted from."""
    return analysis.clock == "visit" and bool(names.windows)


def origin(analysis: Analysis, names: Names) -> str:
    """What the times of an analysis are counted from; empty if the plan does not say."""
    return names.anchor if by_visit(analysis, names) else names.origins.get(analysis.endpoint, "")


def time(value: float, analysis: Analysis, names: Names) -> str:
    """A time as a row's name: `Through Month 12` on the visits' clock, else `Day 365`."""
    if by_visit(analysis, names) and value in names.windows:
        return f"Through {names.windows[value]}"
    return numbers.day(value)


def head(analysis: Analysis, names: Names) -> str:
    """The head of a column of times."""
    start = origin(analysis, names)
    return f"Time since {start}" if start else "Time"


def axis(analysis: Analysis, names: Names, unit: str) -> str:
    """The name of an axis of time in a unit: `Months since randomisation`."""
    start = origin(analysis, names)
    return f"{unit[:1].upper()}{unit[1:]} {f'since {start}' if start else '(time recorded in the export)'}" + (", by the last day of each visit's window" if by_visit(analysis, names) else "")


def note(values: Iterable[float | None], analysis: Analysis, names: Names) -> str:
    """What the visits' clock is and which day each of its times is; empty on the clock of days."""
    if not by_visit(analysis, names):
        return ""
    days = [f"{names.windows[value]} day {numbers.quantile(value)}" for value in sorted({value for value in values if value is not None})
            if value in names.windows]
    return f"Times: the last day of each visit's window, counted from {names.anchor}" + (f" ({', '.join(days)})" if days else "")
