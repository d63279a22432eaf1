"""The words of an estimate and of its interval, by measure and scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.tables import numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pacer_analysis.results import Estimate

SHARES = frozenset({"proportion", "survival", "survival_least", "cif"})
# Differences of shares are printed in percentage points, like the shares themselves in percent.
POINTS = frozenset({"rd", "survival_difference", "cif_difference", "cace", "margin"})


def counted(row: Estimate) -> tuple[str, ...]:
    """12/206 (5.8%)."""
    if row.n:
        return numbers.of(row.estimate or 0, row.n), f"({numbers.percent_of(row.estimate or 0, row.n)})"
    return (numbers.count(row.estimate or 0),)


def shared(row: Estimate) -> tuple[str, ...]:
    """168/206 (81.6%) where the events are known, else 81.6%."""
    share = numbers.percent(row.estimate or 0)
    if row.measure == "proportion" and row.events is not None and row.n:
        return numbers.of(row.events, row.n), f"({share})"
    return (share,)


def measured(row: Estimate) -> tuple[str, ...]:
    """A number with as many decimals as its standard error warrants."""
    value = row.estimate or 0.0
    if row.measure in ("median", "rmst"):
        return (numbers.quantile(value),)
    return (numbers.ratio(value),) if row.scale == "ratio" else (numbers.rounded(value, numbers.decimals_for(row.se)),)


PRINT: dict[str, Callable[[Estimate], tuple[str, ...]]] = {"count": counted, "proportion": shared, "survival": shared, "cif": shared, "survival_least": shared}


def warranted(rows: Sequence[Estimate]) -> int:
    """The decimals that a block of comparisons shares: as many as its most precise row warrants, one or more for percentage points."""
    return max((decimals_of(row) for row in rows if row.estimate is not None and row.scale != "ratio"), default=2)


def decimals_of(row: Estimate) -> int:
    """The decimals that one comparison warrants, in the unit in which it is printed."""
    unit, least = (100, 1) if row.measure in POINTS else (1, 2)
    low, high, se = (None if value is None else unit * value for value in (row.low, row.high, row.se))
    return numbers.interval_decimals(low, high, numbers.decimals_for(se, least=least, unknown=least))


def limits(row: Estimate, decimals: int | None = None) -> tuple[str, ...]:
    """The interval of a row on the scale in which its estimate is printed."""
    if row.low is None or row.high is None:
        return ()
    if row.measure in SHARES:
        return numbers.percent_interval(row.low, row.high)
    if row.scale == "ratio":
        return numbers.ratio_interval(row.low, row.high)
    if row.measure in ("median", "rmst"):
        return numbers.quantile(row.low), "to", numbers.quantile(row.high)
    places = warranted([row]) if decimals is None else decimals
    if row.measure in POINTS:
        return numbers.points(row.low, places), "to", numbers.points(row.high, places)
    return numbers.interval(row.low, row.high, places)


def difference(row: Estimate, decimals: int | None = None) -> tuple[str, ...]:
    """The estimate of a contrast, on its own scale; a difference of shares in percentage points."""
    value = row.estimate or 0.0
    if row.scale == "ratio":
        return (numbers.ratio(value),)
    places = warranted([row]) if decimals is None else decimals
    return (numbers.points(value, places) if row.measure in POINTS else numbers.rounded(value, places),)
