"""The spread of each measured number, by site: numbers made up at a desk vary too little."""

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

TITLE = "Standard deviations by site"
METHOD = ("The standard deviation around the site's own mean, against that within all sites; limits on the log scale from the variation of the squared deviations "
          "between records, which allows for values that are not normal (Bonett, Computational Statistics and Data Analysis 2006;50:775-782).")
FEWEST_RECORDS = 30
# ASSUME: a site's standard deviation matters if it is at most four fifths, or at least five quarters, of that of all sites.
NARROW, WIDE = 0.8, 1.25


def site_variance(tables: Tables) -> Said:
    """The standard deviation of every measured number at each site; deviations are averaged per record, so that a record with many visits counts once."""
    return of_each_number(tables, _of_field)


def _of_field(tables: Tables, table: Table, column: Column, values: NDArray[np.float64]) -> list[Finding]:
    import numpy as np

    rows = np.flatnonzero(~np.isnan(values) & (table.site >= 0))
    site_of_row, own = table.site[rows], values[rows]
    sites = len(tables.sites)
    at = np.bincount(site_of_row, minlength=sites)
    means = np.bincount(site_of_row, weights=own, minlength=sites) / np.maximum(at, 1)
    squares, site = of_each_record(tables, table.record[rows], (own - means[site_of_row]) ** 2)
    size = np.bincount(site, minlength=sites)
    variance = np.bincount(site, weights=squares, minlength=sites) / np.maximum(size - 1, 1)
    large = [code for code in range(sites) if size[code] >= FEWEST_RECORDS]
    groups = int(np.count_nonzero(size))
    if len(large) < 2:
        return []
    pooled = float(squares.sum()) / (len(squares) - groups)
    if pooled <= 0:
        return []
    # The standard error of the log of one record's squared deviation, relative to its site's mean; a site where nothing varies says nothing of it.
    mean_square = (np.bincount(site, weights=squares, minlength=sites) / np.maximum(size, 1))[site]
    scaled = squares[mean_square > 0] / mean_square[mean_square > 0]
    error = math.sqrt(float(np.sum((scaled - 1) ** 2)) / max(1, len(scaled) - groups))
    factor = funnel.between([math.log(max(variance[code], 1e-300) / pooled) / error * math.sqrt(size[code]) for code in large])
    found = []
    for code in large:
        place = funnel.mean(math.log(max(variance[code], 1e-300)), math.log(pooled), error * math.sqrt(factor / size[code]))
        ratio = math.sqrt(variance[code] / pooled)
        found.append(Finding(about(table, column), site=tables.sites[code], n=int(size[code]), value=math.sqrt(variance[code]), expected=math.sqrt(pooled),
                             low=math.exp(place.low / 2), high=math.exp(place.high / 2), statistic=place.z, p=place.p,
                             lean="low" if ratio <= NARROW else "high" if ratio >= WIDE else "", note=funnel.widened(factor)))
    return found
