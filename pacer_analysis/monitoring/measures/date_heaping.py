"""Heaps on certain days of the month."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pacer_analysis.monitoring.dates import Dates, daily_variation, day_of_month, groups
from pacer_analysis.monitoring.findings import Finding, Said, Shape, about

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.monitoring.tables import Tables

TITLE = "Days of the month"
METHOD = ("Chi-square over the 31 days of the month against the calendar between the first and the last date, divided by the variation from day to day within the same "
          "day of the month where that exceeds chance (a clinic day gathers many dates), as an F test of a quasi-Poisson model "
          "(McCullagh and Nelder, Generalized Linear Models 1989, section 6.2). Only where dates span a year.")
FEWEST, SHORTEST = 155, 365        # from 155 dates on no day but the 29th to the 31st is expected fewer than five times (Cochran's rule)
# ASSUME: heaping on days of the month matters from an effect size w (Cohen) of 0.15 on.
MATTERS = 0.15


def date_heaping(tables: Tables) -> Said:
    """The day of the month that stands out most, for every entered date, over all sites and at each."""
    import numpy as np

    said = Said()
    for table in tables.tables:
        for column in table.of_kind("date"):
            for site, dates in groups(tables, table, column):
                if len(dates.days) < FEWEST or dates.last - dates.first + 1 < SHORTEST:
                    continue
                of_month = day_of_month(dates.calendar)
                observed = np.bincount(of_month, weights=dates.per_day, minlength=32)[1:].astype(float)
                expected = np.bincount(of_month, minlength=32)[1:] * len(dates.days) / len(dates.calendar)
                said.findings.append(Finding(about(table, column), site=site, **_tested(dates, observed, expected)))
                if not site:
                    said.shapes += [Shape(about(table, column), "", float(day), int(count), float(due))
                                    for day, count, due in zip(range(1, 32), observed, expected, strict=True)]
    return said


def _tested(dates: Dates, counts: NDArray[np.float64], due: NDArray[np.float64]) -> dict[str, Any]:
    import numpy as np
    from scipy.special import fdtrc

    size, days = int(counts.sum()), len(dates.calendar)
    factor = daily_variation(dates.per_day, day_of_month(dates.calendar))
    statistic = float(np.sum((counts - due) ** 2 / due)) / factor
    most = int(np.argmax((counts - due) / np.sqrt(due)))
    note = f"day {most + 1} of the month stands out" + (f"; days vary {factor:.1f} times more than chance" if factor >= 1.05 else "")
    return {"n": size, "value": float(counts[most]) / size, "expected": float(due[most]) / size, "statistic": statistic / 30, "p": float(fdtrc(30, days - 31, statistic / 30)),
            "lean": "uneven" if math.sqrt(statistic / size) >= MATTERS else "", "note": note}
