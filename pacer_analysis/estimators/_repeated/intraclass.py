"""The intraclass correlation of a binary outcome within clubs: the analysis of variance's estimate with an interval.

rho = (MSB - MSW) / (MSB + (m0 - 1) MSW), m0 = (N - sum m^2 / N) / (K - 1). Searle's interval is that of F = MSB / MSW, exact for normal values in
clubs of one size, with m0 for the size; Smith's is rho +- z times a large-sample standard error.
Source: Searle, Linear Models, 1971; Smith, Annals of Human Genetics 1957;21:363-73; both compared in Ukoumunne, Stat Med 2002;21:3757-74.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtri, ndtri
from scipy.stats import f_oneway

from pacer_analysis.errors import NotEstimable

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Correlation:
    """The estimate, its large-sample standard error (Smith's) and limits."""

    estimate: float
    se: float
    low: float
    high: float


def from_totals(events: Array, people: Array, level: float, *, interval: str) -> Correlation:
    """Of the totals per club; refuses a single club, clubs of one, and an outcome without variation."""
    events, people = events[people > 0], people[people > 0]
    k, n = len(people), float(people.sum())
    if k < 2:
        raise NotEstimable("one club only: no correlation within clubs")
    if n <= k:
        raise NotEstimable("clubs of one person: no correlation within clubs")
    within = float((events * (people - events) / people).sum()) / (n - k)
    mean = float(events.sum()) / n
    between = float((people * (events / people - mean) ** 2).sum()) / (k - 1)
    if within + between == 0:
        raise NotEstimable("no events" if not mean else "only events")
    return _correlation(within, between, people, level, interval)


def _correlation(within: float, between: float, people: Array, level: float, interval: str) -> Correlation:
    k, n = len(people), float(people.sum())
    m0 = (n - float((people**2).sum()) / n) / (k - 1)
    rho = (between - within) / (between + (m0 - 1) * within)
    spread = float((people**2).sum()) - 2 / n * float((people**3).sum()) + float((people**2).sum()) ** 2 / n**2
    variance = 2 * (1 - rho) ** 2 / m0**2 * ((1 + rho * (m0 - 1)) ** 2 / (n - k) + ((k - 1) * (1 - rho) * (1 + rho * (2 * m0 - 1)) + rho**2 * spread) / (k - 1) ** 2)
    se = float(np.sqrt(max(variance, 0.0)))
    f = between / within if within else float("inf")
    if interval == "smith":
        z = float(ndtri(0.5 + level / 2))
        return Correlation(rho, se, max(rho - z * se, -1.0), min(rho + z * se, 1.0))
    limits = [1.0 if not within else float((f / q - 1) / (f / q + m0 - 1)) for q in (fdtri(k - 1, n - k, 0.5 + level / 2), fdtri(k - 1, n - k, 0.5 - level / 2))]
    return Correlation(rho, se, limits[0], limits[1])


def from_people(outcomes: list[Array], level: float, *, interval: str) -> Correlation:
    """The second way: scipy's analysis of variance of the people themselves, MSB as F times the pooled variance."""
    sizes = np.array([len(values) for values in outcomes], dtype=float)
    within = float(sum(((values - values.mean()) ** 2).sum() for values in outcomes) / (sizes.sum() - len(sizes)))
    if within < 1e-15:
        everyone = np.concatenate(outcomes)
        return _correlation(0.0, float(sum(len(values) * (values.mean() - everyone.mean()) ** 2 for values in outcomes)) / (len(sizes) - 1), sizes, level, interval)
    return _correlation(within, float(f_oneway(*outcomes).statistic) * within, sizes, level, interval)
