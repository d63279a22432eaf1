"""The words of an estimate and of its interval, by measure and scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.tables import numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pacer_analysis.results import Estimate

SHARES = frozenset({"proportion", "survival", "cif"})


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


PRINT: dict[str, Callable[[Estimate], tuple[str, ...]]] = {"count": counted, "proportion": shared, "survival": shared, "cif": shared}


def warranted(rows: Sequence[Estimate]) -> int:
    """The decimals that a block of comparisons shares: as many as its most precise row warrants."""
    return max((numbers.interval_decimals(row.low, row.high, numbers.decimals_for(row.se, least=2)) for row in rows if row.estimate is not None
                and row.scale != "ratio"), default=2)


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
    return numbers.interval(row.low, row.high, warranted([row]) if decimals is None else decimals)


def difference(row: Estimate, decimals: int | None = None) -> tuple[str, ...]:
    """The estimate of a contrast, on its own scale."""
    value = row.estimate or 0.0
    if row.scale == "ratio":
        return (numbers.ratio(value),)
    return (numbers.rounded(value, warranted([row]) if decimals is None else decimals),)
