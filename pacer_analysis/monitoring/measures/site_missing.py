"""Blank cells among those that every row should have, by site: all together, and each field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.monitoring.findings import Said, Subject, about
from pacer_analysis.monitoring.shares import Clusters, by_site, shapes

if TYPE_CHECKING:
    from pacer_analysis.monitoring.tables import Tables

TITLE = "Blank cells"
METHOD = ("The share of cells left blank, of fields that are asked of every row, on rows where anything was entered, against all sites; a missing-data code in a field of "
          "numbers or dates counts as blank. Exact binomial limits at the effective number of rows (rows of one record count as one cluster). Funnel plot: Spiegelhalter, Statistics in Medicine 2005;24:1185-1202; effective size: Korn and Graubard, "
          "Survey Methodology 1998;24:193-201.")


def site_missing(tables: Tables) -> Said:
    """The share of blanks at each site, over all fields and per field."""
    import numpy as np

    if not tables.has_sites:
        return Said()
    said = Said()
    records = len(tables.records)
    blanks_of, cells_of = np.zeros(records), np.zeros(records)
    for table in tables.tables:
        always = [column for column in table.columns if column.always]
        if not always:
            continue
        blank_at = {column.name: table.blank(column.name) for column in table.columns}
        opened = ~np.logical_and.reduce(list(blank_at.values()))
        rows_of = np.bincount(table.record[opened], minlength=records).astype(float)
        for column in always:
            blank = np.bincount(table.record[opened], weights=blank_at[column.name][opened], minlength=records).astype(float)
            blanks_of += blank
            cells_of += rows_of
            said.findings += by_site(Clusters(blank, rows_of, tables.site_of), tables.sites, about(table, column)).findings
    everything = Subject(label="All fields asked of every row")
    whole = by_site(Clusters(blanks_of, cells_of, tables.site_of), tables.sites, everything)
    return Said([*whole.findings, *said.findings], shapes(whole, everything))
