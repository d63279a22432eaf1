"""Stata's dates: a number whose display format says what it counts from 1960-01-01."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

DATE_FORMAT = re.compile(r"%-?(t[cCdwmqhyb]|d)")
MONTHS = {"m": 1, "q": 3, "h": 6}
WEEKS_A_YEAR = 52
MILLISECONDS_A_DAY = 86_400_000
# Seconds inserted into UTC at the end of these days; a %tC clock has counted them.
LEAP_SECONDS = ("1972-06-30", "1972-12-31", "1973-12-31", "1974-12-31", "1975-12-31", "1976-12-31", "1977-12-31", "1978-12-31", "1979-12-31",
                "1981-06-30", "1982-06-30", "1983-06-30", "1985-06-30", "1987-12-31", "1989-12-31", "1990-12-31", "1992-06-30", "1993-06-30",
                "1994-06-30", "1995-12-31", "1997-06-30", "1998-12-31", "2005-12-31", "2008-12-31", "2012-06-30", "2015-06-30", "2016-12-31")


def date_unit(display: str) -> str:
    """What the display format counts: `d` days, `c` and `C` milliseconds, `w m q h y`; '' if it shows no date, `b` for a business calendar."""
    found = DATE_FORMAT.match(display)
    return "" if found is None else "d" if found[1] == "d" else found[1][1]


def stata_date(value: float, unit: str) -> np.datetime64 | None:
    """The moment that a number in Stata's unit is, None if it cannot be told; periods are their first day."""
    import numpy as np

    origin: np.datetime64 = np.datetime64("1960-01-01", "ms")
    whole = int(value)
    if unit == "d":
        # A fraction of a day is no date.
        return None if whole != value or abs(whole) > 100_000 else origin + np.timedelta64(whole, "D")
    if unit in {"c", "C"}:
        if abs(value) > MILLISECONDS_A_DAY * 100_000:
            return None
        moment: np.datetime64 = origin + np.timedelta64(round(value), "ms")
        if unit == "C":
            moment = moment - np.timedelta64(_leap_seconds(moment), "s")
        return moment
    if whole != value or unit not in {"w", "y", *MONTHS} or abs(whole) > 16_000:
        return None
    if unit == "y":
        return np.datetime64(f"{whole:04d}-01-01", "ms") if 1678 <= whole <= 2261 else None
    if unit == "w":
        year, week = divmod(whole, WEEKS_A_YEAR)
        first: np.datetime64 = (np.datetime64(f"{1960 + year:04d}-01-01", "D") + np.timedelta64(7 * week, "D")).astype("datetime64[ms]")
        return first
    month: np.datetime64 = (np.datetime64("1960-01", "M") + np.timedelta64(whole * MONTHS[unit], "M")).astype("datetime64[ms]")
    return month


def _leap_seconds(moment: np.datetime64) -> int:
    """How many leap seconds the %tC clock has counted when it shows this many milliseconds."""
    import numpy as np

    counted = 0
    for day in LEAP_SECONDS:
        after = np.datetime64(day, "ms") + np.timedelta64(1, "D") + np.timedelta64(counted + 1, "s")
        counted += bool(moment >= after)
    return counted
