"""Rows too near the middle of everything: made-up rows rarely dare to be unusual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.monitoring.findings import Said, Subject
from pacer_analysis.monitoring.measured import measured
from pacer_analysis.monitoring.shares import Clusters, by_site

if TYPE_CHECKING:
    from pacer_analysis.monitoring.tables import Table, Tables

TITLE = "Rows near the centre"
METHOD = ("The share of a site's rows whose Mahalanobis distance from the mean of all rows is among the smallest 5% of all sites (three measured numbers or more, complete rows); exact binomial "
          "limits at the effective number of rows. Inliers: Evans, Statistical Analysis of Data, Fraud and Misconduct (2001); Buyse et al., Statistics in Medicine 1999;18:3435-3451.")
FEWEST_NUMBERS, FEWEST_ROWS, FEWEST_AT_SITE, NEAREST = 3, 100, 50, 0.05


def inliers(tables: Tables) -> Said:
    """The share of rows near the centre at each site, for every table with three or more measured numbers."""
    said = Said()
    for table in tables.tables if tables.has_sites else ():
        clusters = _nearest(table, len(tables.records))
        if clusters is not None:
            site = Clusters(clusters.events, clusters.sizes, tables.site_of)
            said.findings += by_site(site, tables.sites, Subject(table.source, table.form, label="Measured numbers together"), fewest=FEWEST_AT_SITE).findings
    return said


def _nearest(table: Table, records: int) -> Clusters | None:
    """How many rows each record has, and how many of them are among the nearest; none if the table has too few numbers or complete rows."""
    import numpy as np

    values = [column for column in (measured(table, column) for column in table.of_kind("number")) if len(column)]
    if len(values) < FEWEST_NUMBERS:
        return None
    matrix = np.column_stack(values)
    rows = np.flatnonzero(~np.isnan(matrix).any(axis=1) & (table.site >= 0))
    if len(rows) < FEWEST_ROWS:
        return None
    centred = matrix[rows] - matrix[rows].mean(axis=0)
    covariance = centred.T @ centred / (len(rows) - 1)
    distance = np.einsum("ij,jk,ik->i", centred, np.linalg.pinv(covariance, hermitian=True), centred)
    near = distance <= np.quantile(distance, NEAREST, method="inverted_cdf")
    sizes = np.bincount(table.record[rows], minlength=records).astype(float)
    return Clusters(np.bincount(table.record[rows], weights=near, minlength=records).astype(float), sizes, table.site)
