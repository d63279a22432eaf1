"""Records with an open finding, by site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.monitoring.findings import Said, Subject
from pacer_analysis.monitoring.shares import Clusters, by_site, shapes

if TYPE_CHECKING:
    from pacer_analysis.monitoring.tables import Tables

TITLE = "Records with an open finding"
METHOD = ("The share of a site's records that have an open error or warning, against all sites; exact binomial limits. "
          "Funnel plot: Spiegelhalter, Statistics in Medicine 2005;24:1185-1202.")


def site_queries(tables: Tables) -> Said:
    """The share of records with an open error or warning at each site."""
    import numpy as np

    if not tables.has_sites or not tables.waiting.any():
        return Said()
    records = Clusters(tables.waiting.astype(float), np.ones(len(tables.records)), tables.site_of)
    subject = Subject(label=TITLE)
    compared = by_site(records, tables.sites, subject)
    return Said(list(compared.findings), shapes(compared, subject))
