"""Days of the week: how dates fall on them, and whether a site differs from the others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pacer_analysis.monitoring.dates import WEEKDAYS, Dates, daily_variation, dates_of, weekday
from pacer_analysis.monitoring.findings import Finding, Said, Shape, about

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.monitoring.tables import Tables

TITLE = "Days of the week"
METHOD = ("Shown over all sites without a test, since clinics have their days; a site is compared with all sites by chi-square over the seven days, divided by the variation "
          "from day to day within the same weekday where that exceeds chance (F test of a quasi-Poisson model, McCullagh and Nelder 1989, section 6.2). "
          "Public holidays are not considered.")
FEWEST, FEWEST_AT_SITE, SHORTEST = 50, 50, 56
# ASSUME: a site's weekdays matter from an effect size w (Cohen) of 0.3 on.
MATTERS = 0.3


def weekdays(tables: Tables) -> Said:
    """The share of the commonest weekday for every entered date, and for each site the weekday that differs most from all sites."""
    import numpy as np

    said = Said()
    for table in tables.tables:
        for column in table.of_kind("date"):
            dates = dates_of(table, column)
            if dates is None or len(dates.days) < FEWEST or dates.last - dates.first + 1 < SHORTEST:
                continue
            counts = np.bincount(weekday(dates.days), minlength=7)
            most = int(np.argmax(counts))
            said.findings.append(Finding(about(table, column), n=len(dates.days), value=float(counts[most]) / len(dates.days), expected=1 / 7,
                                         note=f"{WEEKDAYS[most]} is the commonest"))
            said.shapes += [Shape(about(table, column), "", float(day), int(count), len(dates.days) / 7) for day, count in enumerate(counts)]
            said.findings += [Finding(about(table, column), site=name, **tested) for code, name in enumerate(tables.sites if tables.has_sites else ())
                              if (tested := _against_all(dates, counts, code))]
    return said


def _against_all(dates: Dates, everywhere: NDArray[np.int64], site: int) -> dict[str, Any]:
    """A site's seven days against those of all; nothing if it has too few dates, or all of them."""
    import numpy as np
    from scipy.special import fdtrc

    own = dates.days[dates.site == site]
    if not FEWEST_AT_SITE <= len(own) < len(dates.days):
        return {}
    counts, shares = np.bincount(weekday(own), minlength=7).astype(float), everywhere / everywhere.sum()
    used = shares > 0
    due = shares * len(own)
    # The site is part of the whole it is compared with.
    chi_square = float(np.sum((counts[used] - due[used]) ** 2 / due[used])) / (1 - len(own) / len(dates.days))
    stretch = dates.last - dates.first + 1
    factor = daily_variation(np.bincount(own - dates.first, minlength=stretch), weekday(dates.calendar))
    freedom = int(used.sum()) - 1
    statistic = chi_square / max(1, freedom) / factor
    most = int(np.argmax(np.where(used, np.abs(counts - due) / np.sqrt(np.where(used, due, 1)), -1)))
    return {"n": len(own), "value": float(counts[most]) / len(own), "expected": float(shares[most]), "statistic": statistic,
            "p": float(fdtrc(max(1, freedom), stretch - 7, statistic)), "lean": "uneven" if math.sqrt(chi_square / factor / len(own)) >= MATTERS else "",
            "note": f"{WEEKDAYS[most]} differs most" + (f"; days vary {factor:.1f} times more than chance" if factor >= 1.05 else "")}
