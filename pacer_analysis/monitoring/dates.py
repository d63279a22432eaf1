"""Dates as entered, on the stretch of calendar where they lie, and what a day of the calendar is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.monitoring.tables import NO_DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.monitoring.columns import Column
    from pacer_analysis.monitoring.tables import Table, Tables

MONDAY_OFFSET = 3          # 1970-01-01 was a Thursday
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# A mistyped year would stretch the calendar: the outermost dates are left out, half a percent at either end.
OUTERMOST = 0.005


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of one field, or of one site of it, as days since 1970-01-01 between `first` and `last`; the site of each."""

    days: NDArray[np.int64]
    site: NDArray[np.int64]
    first: int
    last: int

    @property
    def calendar(self) -> NDArray[np.int64]:
        """Every day of the stretch."""
        import numpy as np

        return np.arange(self.first, self.last + 1)

    @property
    def per_day(self) -> NDArray[np.int64]:
        """How many dates fall on each day of the stretch."""
        import numpy as np

        counts: NDArray[np.int64] = np.bincount(self.days - self.first, minlength=self.last - self.first + 1)
        return counts


def weekday(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """0 for Monday to 6 for Sunday."""
    return (days + MONDAY_OFFSET) % 7


def day_of_month(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """1 to 31."""
    import numpy as np

    dates = days.astype("datetime64[D]")
    found: NDArray[np.int64] = (dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    return found


def dates_of(table: Table, column: Column) -> Dates | None:
    """The dates of a column; none if it is blank throughout."""
    import numpy as np

    days = table.days(column.name)
    rows = np.flatnonzero(days != NO_DAY)
    if not len(rows):
        return None
    return _between(days[rows], table.site[rows])


def _between(days: NDArray[np.int64], site: NDArray[np.int64]) -> Dates:
    import numpy as np

    start = int(days.min())
    reached = np.cumsum(np.bincount(days - start))
    # The smallest day that at least this share of the dates do not exceed.
    first, last = (start + int(np.searchsorted(reached, share * len(days) - 1e-9)) for share in (OUTERMOST, 1 - OUTERMOST))
    keep = (days >= first) & (days <= last)
    return Dates(days[keep], site[keep], first, last)


def daily_variation(per_day: NDArray[np.int64], kind: NDArray[np.int64]) -> float:
    """By how much the counts of single days vary more than chance around the mean of their kind (a weekday, a day of the month); at least 1.

    The dispersion of a quasi-Poisson model with one mean per kind: Pearson's chi-square over its degrees of freedom.
    """
    import numpy as np

    means = np.bincount(kind, weights=per_day) / np.maximum(np.bincount(kind), 1)
    around, used = means[kind], len(np.unique(kind))
    busy = around > 0
    return max(1.0, float(np.sum((per_day[busy] - around[busy]) ** 2 / around[busy])) / max(1, len(per_day) - used))


def groups(tables: Tables, table: Table, column: Column) -> Iterator[tuple[str, Dates]]:
    """All dates of a column under the name '', then those of each site that has any, each on its own stretch."""
    import numpy as np

    whole = dates_of(table, column)
    if whole is None:
        return
    yield "", whole
    days = table.days(column.name)
    for code, name in enumerate(tables.sites if tables.has_sites else ()):
        own = np.flatnonzero((table.site == code) & (days != NO_DAY))
        if len(own):
            yield name, _between(days[own], table.site[own])
