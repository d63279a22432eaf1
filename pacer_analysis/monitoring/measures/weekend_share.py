"""Dates on a Saturday or Sunday, by site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.monitoring.dates import Dates, dates_of, weekday
from pacer_analysis.monitoring.findings import Finding, Said, about
from pacer_analysis.monitoring.shares import Clusters, by_site

if TYPE_CHECKING:
    from pacer_analysis.monitoring.tables import Tables

TITLE = "Weekends"
METHOD = ("The share of a site's dates that fall on a Saturday or Sunday, against all sites; exact binomial limits at the effective number of dates (the dates of one week "
          "count as one cluster). Public holidays are not considered. Funnel plot: Spiegelhalter, Statistics in Medicine 2005;24:1185-1202.")
FEWEST = 50


def weekend_share(tables: Tables) -> Said:
    """The share of every entered date that falls on a weekend, over all sites and at each."""
    import numpy as np

    said = Said()
    for table in tables.tables:
        for column in table.of_kind("date"):
            dates = dates_of(table, column)
            if dates is None or len(dates.days) < FEWEST:
                continue
            weekend = weekday(dates.days) >= 5
            said.findings.append(Finding(about(table, column), n=len(weekend), value=float(np.mean(weekend)), expected=2 / 7))
            if tables.has_sites:
                said.findings += by_site(_weeks(dates, len(tables.sites)), tables.sites, about(table, column), fewest=FEWEST).findings
    return said


def _weeks(dates: Dates, sites: int) -> Clusters:
    """The dates of each week at each site, and how many of them fall on its weekend."""
    import numpy as np

    at = dates.site >= 0
    days, site = dates.days[at], dates.site[at]
    week = (days - weekday(days) - (dates.first - 7)) // 7 * sites + site
    number = int(week.max(initial=-1)) + 1
    weekend = (weekday(days) >= 5).astype(float)
    return Clusters(np.bincount(week, weights=weekend, minlength=number).astype(float), np.bincount(week, minlength=number).astype(float), np.arange(number) % sites)
