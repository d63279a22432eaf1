"""One day with too many dates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pacer_analysis.monitoring.dates import Dates, groups
from pacer_analysis.monitoring.findings import Finding, Said, about

if TYPE_CHECKING:
    from pacer_analysis.monitoring.tables import Tables

TITLE = "Busiest day"
METHOD = ("The largest number of dates on one calendar day against a negative binomial distribution with the mean and the variance of the other days; the chance of such a "
          "day among all days of the stretch (1 - (1 - p)^days).")
FEWEST, SHORTEST = 50, 28
# ASSUME: a busiest day matters if it holds at least six dates and twice as many as the next busiest.
SIX, TWICE = 6, 2.0
RARE = 0.001          # of the limit that is reported, over all days of the stretch


def busiest_day(tables: Tables) -> Said:
    """The busiest day of every entered date, over all sites and at each."""
    said = Said()
    for table in tables.tables:
        for column in table.of_kind("date"):
            for site, dates in groups(tables, table, column):
                if len(dates.days) >= FEWEST and dates.last - dates.first + 1 >= SHORTEST:
                    said.findings.append(Finding(about(table, column), site=site, **_tested(dates)))
    return said


def _tested(dates: Dates) -> dict[str, Any]:
    import numpy as np

    counts = dates.per_day
    place = int(np.argmax(counts))
    most, rest = int(counts[place]), np.delete(counts, place)
    average, variance = float(rest.mean()), float(rest.var(ddof=1))
    limit = most
    while limit > 0 and beyond(limit - 1, average, variance) <= RARE / len(counts):
        limit -= 1
    while beyond(limit, average, variance) > RARE / len(counts):
        limit += 1
    chance = min(beyond(most - 1, average, variance), 1 - 1e-16)
    return {"n": len(dates.days), "value": float(most), "expected": average, "high": float(limit), "p": -math.expm1(len(counts) * math.log1p(-chance)),
            "lean": "high" if most >= SIX and most >= TWICE * int(rest.max()) else "",
            "note": f"{np.datetime64(int(dates.first + place), 'D')}; the next busiest day has {int(rest.max())}"}


def beyond(count: int, average: float, variance: float) -> float:
    """The chance of a day with more dates than this: negative binomial with this mean and variance, Poisson if it varies no more than that."""
    from scipy.special import betainc, pdtrc

    if count < 0:
        return 1.0
    if variance > average:
        return float(betainc(count + 1, average**2 / (variance - average), 1 - average / variance))
    return float(pdtrc(count, average))
