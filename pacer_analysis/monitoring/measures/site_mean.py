"""The mean of each measured number, by site."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacer_analysis.monitoring import funnel
from pacer_analysis.monitoring.findings import Finding, about
from pacer_analysis.monitoring.measured import of_each_number, of_each_record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.monitoring.columns import Column
    from pacer_analysis.monitoring.findings import Said
    from pacer_analysis.monitoring.tables import Table, Tables

TITLE = "Means by site"
METHOD = ("The mean of the records' own means, against all sites; limits from the standard deviation within sites. "
          "Funnel plot: Spiegelhalter, Statistics in Medicine 2005;24:1185-1202.")
FEWEST_RECORDS = 20
# ASSUME: a site's mean matters from a fifth of a standard deviation beyond the mean of all sites (a small effect in Cohen's terms).
MATTERS = 0.2


def site_mean(tables: Tables) -> Said:
    """The mean of every measured number at each site; one value per record, so that a record with many visits counts once."""
    return of_each_number(tables, _of_field)


def _of_field(tables: Tables, table: Table, column: Column, values: NDArray[np.float64]) -> list[Finding]:
    import numpy as np

    rows = np.flatnonzero(~np.isnan(values) & (table.site >= 0))
    own, site = of_each_record(tables, table.record[rows], values[rows])
    size = np.bincount(site, minlength=len(tables.sites))
    means = np.bincount(site, weights=own, minlength=len(tables.sites)) / np.maximum(size, 1)
    large = [code for code in range(len(tables.sites)) if size[code] >= FEWEST_RECORDS]
    groups = int(np.count_nonzero(size))
    if len(large) < 2 or len(own) <= groups:
        return []
    spread = math.sqrt(float(np.sum((own - means[site]) ** 2)) / (len(own) - groups))
    target = float(own.mean())
    if spread == 0:
        return []
    factor = funnel.between([(means[code] - target) * math.sqrt(size[code]) / spread for code in large])
    found = []
    for code in large:
        place = funnel.mean(float(means[code]), target, spread * math.sqrt(factor / size[code]))
        lean = ("high" if place.value > target else "low") if abs(place.value - target) >= MATTERS * spread else ""
        found.append(Finding(about(table, column), site=tables.sites[code], n=int(size[code]), value=place.value, expected=target, low=place.low,
                             high=place.high, statistic=place.z, p=place.p, lean=lean, note=funnel.widened(factor)))
    return found
