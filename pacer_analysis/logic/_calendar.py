"""Dates, dates with a time, and times of day: how far apart, which year, which day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pacer_analysis.logic._columns import Column
from pacer_analysis.logic._numbers import numeric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pacer_analysis.logic._numbers import Function

DAY = 86400.0
YEAR = 365.2425 * DAY
SECONDS = {"y": YEAR, "M": 30.44 * DAY, "d": DAY, "h": 3600.0, "m": 60.0, "s": 1.0}


def datediff(operands: list[Column], known: NDArray[np.bool_]) -> Column:
    """Decimal time from the first to the second date, or time of day, in the unit; without sign unless asked for.

    Blank if one is neither, or one is a date and the other a time of day. A date alone is its midnight.
    """
    first, second, unit, signed = operands
    difference = second.moments - first.moments
    if np.isnan(difference).any():
        clocks = [np.full(len(side), np.nan) if side.levels is None else side.levels.clocks[side.data] for side in (first, second)]
        difference = np.where(np.isnan(difference), clocks[1] - clocks[0], difference)
    result = difference / SECONDS[str(unit.texts[0])]
    return numeric(np.where(signed.value, result, np.abs(result)), known)


def age_at_date(operands: list[Column], known: NDArray[np.bool_]) -> Column:
    """The age in full years on a date, by the calendar; with a third argument that is true, in years with decimals."""
    # ASSUME: age_at_date before birth is blank, a birthday on 29 February is on 1 March in other years, and decimal years have 365.2425 days.
    born, day = (np.floor(operand.moments / DAY) for operand in operands[:2])
    readable = ~np.isnan(born) & ~np.isnan(day) & (day >= born)
    birth, then = (_parts(np.where(readable, side, 0.0)) for side in (born, day))
    before = (then[1] < birth[1]) | ((then[1] == birth[1]) & (then[2] < birth[2]))
    years = then[0] - birth[0] - before
    if len(operands) > 2:
        years = np.where(operands[2].value, (day - born) * DAY / YEAR, years)
    return numeric(np.where(readable, years, np.nan), known)


def _parts(days: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Year, month and day of the month."""
    dates = np.datetime64(0, "D") + days.astype("timedelta64[D]")
    months = dates.astype("datetime64[M]")
    return (dates.astype("datetime64[Y]").astype(np.int64) + 1970, months.astype(np.int64) % 12 + 1, (dates - months).astype(np.int64) + 1)


def part(name: str) -> Function:
    """year, month, day, or day of the week from 1 for Monday; blank of what is no date."""
    def function(operands: list[Column], known: NDArray[np.bool_]) -> Column:
        levels = operands[0].levels
        if levels is None:
            return numeric(np.full(len(operands[0]), np.nan), known)
        days = np.floor(levels.moments / DAY)
        readable = ~np.isnan(days)
        whole = np.where(readable, days, 0.0)
        # The first of January 1970 was a Thursday.
        found: Any = (whole + 3) % 7 + 1 if name == "dayoftheweek" else _parts(whole)[("year", "month", "day").index(name)]
        return numeric(np.where(readable, found, np.nan)[operands[0].data], known)
    return function
