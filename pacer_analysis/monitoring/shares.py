"""The share of something at each site against all sites together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.monitoring import funnel
from pacer_analysis.monitoring.findings import Finding, Shape, Subject

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST = 20
# ASSUME: a site's share (of blanks, of weekends, of records with a finding, of rows near the centre) matters from 3 percentage points beyond the share of all sites.
MATTERS = 0.03


@dataclass(frozen=True, slots=True)
class Clusters:
    """Counts of clusters (records, days), each at one site: `events` of `sizes`."""

    events: NDArray[np.float64]
    sizes: NDArray[np.float64]
    site: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Compared:
    """The findings of the sites that are large enough, and what their funnel is drawn from: the pooled share, the factor, and their sizes."""

    findings: tuple[Finding, ...] = ()
    pooled: float = 0.0
    factor: float = 1.0
    sizes: tuple[float, ...] = ()


def by_site(clusters: Clusters, sites: tuple[str, ...], subject: Subject, *, fewest: int = FEWEST) -> Compared:
    """Each site's share against that of all; only a high one is flagged."""
    import numpy as np

    keep = (clusters.site >= 0) & (clusters.sizes > 0)
    events, sizes, site = clusters.events[keep], clusters.sizes[keep], clusters.site[keep]
    size_at = np.bincount(site, weights=sizes, minlength=len(sites))
    events_at = np.bincount(site, weights=events, minlength=len(sites))
    large = [code for code in range(len(sites)) if size_at[code] >= fewest]
    pooled = float(events.sum() / sizes.sum()) if len(sizes) else 0.0
    if len(large) < 2 or not 0 < pooled < 1:
        return Compared()
    records = funnel.within(events, sizes, site)
    factor = records * funnel.between([funnel.proportion(events_at[code], size_at[code], pooled, records).z for code in large])
    findings = []
    for code in large:
        place = funnel.proportion(events_at[code], size_at[code], pooled, factor)
        findings.append(Finding(subject, sites[code], round(float(size_at[code])), place.value, pooled, place.low, place.high, place.z, place.p,
                                "high" if place.value - pooled >= MATTERS else "", funnel.widened(factor)))
    return Compared(tuple(findings), pooled, factor, tuple(float(size_at[code]) for code in large))


def shapes(compared: Compared, subject: Subject) -> list[Shape]:
    """The curves of the funnel."""
    if not compared.sizes:
        return []
    return [Shape(subject, x=size, expected=compared.pooled, low95=low, high95=high, low998=lower, high998=higher)
            for size, low, high, lower, higher in funnel.curve(compared.pooled, compared.sizes, compared.factor)]
