"""Stata's dates: a number whose display format says what it counts from 1960-01-01."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DATE_FORMAT = re.compile(r"%-?(t[cCdwmqhyb]|d)")
MONTHS = {"m": 1, "q": 3, "h": 6}
WEEKS_A_YEAR = 52
MILLISECONDS_A_DAY = 86_400_000
LARGEST = 1e15     # milliseconds, far beyond the last year
FIRST_YEAR, LAST_YEAR = 100, 9999     # Stata's own limits
# Seconds inserted into UTC at the end of these days (IERS, Bulletin C; none since Bulletin C 52 of 2016); a %tC clock has counted them.
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

    moment = stata_dates(np.array([value], dtype=np.float64), unit)[0]
    return None if np.isnat(moment) else moment


def stata_dates(values: NDArray[np.float64], unit: str) -> NDArray[np.datetime64]:
    """The moments (datetime64[ms]) that numbers in Stata's unit are; NaT outside the years 100 to 9999, for fractions of a day or period, and for `b`.

    Business days (`b`) depend on a calendar in a file of its own: they are not guessed.
    """
    import numpy as np

    nothing = np.full(len(values), np.datetime64("NaT"), dtype="datetime64[ms]")
    values = np.where(np.abs(values) < LARGEST, values, np.nan)
    if unit in {"c", "C"}:
        made = _milliseconds(values)
        if unit == "C":
            made = made - _leap_seconds(made)
        return made
    # ASSUME: a week, month, quarter, half-year or year of Stata (%tw %tm %tq %th %ty) stands for its first day.
    if unit == "y":
        values = (values - 1960) * 12
        unit = "m"
    # A fraction of a day or of a period is no date.
    whole = np.isfinite(values) & (values == np.floor(np.where(np.isfinite(values), values, 0))) & (np.abs(values) < 4e6)
    counts = np.where(whole, values, 0).astype(np.int64)
    if unit == "d":
        made = (np.datetime64("1960-01-01", "D") + counts.astype("timedelta64[D]")).astype("datetime64[ms]")
    elif unit == "w":
        years, weeks = np.divmod(counts, WEEKS_A_YEAR)
        first = (np.datetime64("1960", "Y") + years.astype("timedelta64[Y]")).astype("datetime64[D]")
        made = (first + (7 * weeks).astype("timedelta64[D]")).astype("datetime64[ms]")
    elif unit in MONTHS:
        made = (np.datetime64("1960-01", "M") + (counts * MONTHS[unit]).astype("timedelta64[M]")).astype("datetime64[ms]")
    else:
        return nothing
    made[~whole] = np.datetime64("NaT")
    return within_years(made)


def within_years(moments: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """The moments, NaT outside the years 100 to 9999."""
    import numpy as np

    years = moments.astype("datetime64[Y]").astype(np.int64) + 1970
    moments[(years < FIRST_YEAR) | (years > LAST_YEAR)] = np.datetime64("NaT")
    return moments


def _milliseconds(values: NDArray[np.float64]) -> NDArray[np.datetime64]:
    import numpy as np

    possible = np.isfinite(values)
    made = np.datetime64("1960-01-01", "ms") + np.where(possible, np.round(values), 0).astype("timedelta64[ms]")
    made[~possible] = np.datetime64("NaT")
    return within_years(made)


def _leap_seconds(shown: NDArray[np.datetime64]) -> NDArray[np.timedelta64]:
    """The leap seconds that a %tC clock has counted when it shows these moments, as if it had counted none."""
    import numpy as np

    ends = np.array(LEAP_SECONDS, dtype="datetime64[ms]") + np.timedelta64(1, "D")
    after = ends + np.arange(1, len(ends) + 1).astype("timedelta64[s]")
    counted = np.searchsorted(after, shown, side="right")
    counted[np.isnat(shown)] = 0
    return counted.astype("timedelta64[s]").astype("timedelta64[ms]")
