"""Dates as numbers of days, so that every comparison of the derivation is plain arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    type_days = NDArray[np.float64]


def day_numbers(dates: pd.Series) -> type_days:
    """Whole days since 1970-01-01 of each date; NaN for a blank; a time of day is cut off."""
    import numpy as np

    days = dates.to_numpy(dtype="datetime64[ns]").astype("datetime64[D]")
    numbers = days.astype("int64").astype("float64")
    numbers[np.isnat(days)] = np.nan
    return numbers


def day_number(date: dt.date) -> float:
    """Whole days since 1970-01-01."""
    return float(date.toordinal() - 719163)  # 719163 is the ordinal of 1970-01-01


def dates_of(numbers: type_days) -> NDArray[np.datetime64]:
    """The dates of day numbers, NaT for NaN."""
    import numpy as np

    blank = np.isnan(numbers)
    days = np.where(blank, 0.0, numbers).astype("int64").astype("datetime64[D]").astype("datetime64[ns]")
    days[blank] = np.datetime64("NaT")
    return days


def earliest(*columns: type_days) -> type_days:
    """The smallest of several day numbers, row by row; blanks do not count; NaN if all are blank."""
    import numpy as np

    found: type_days = np.fmin.reduce(np.stack(columns))
    return found
