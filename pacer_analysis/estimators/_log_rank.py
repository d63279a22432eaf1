"""The log-rank statistic: observed minus expected events of each arm, and the hypergeometric covariance.

At equal hazards this is the score of the partial likelihood with the arms as covariates, its variance that of sampling
each time's events from its risk set without replacement. Source: Mantel 1966; Peto and Peto 1972.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Sums:
    """Per arm observed and expected events, and the covariance of their differences, summed over strata."""

    observed: Array
    expected: Array
    covariance: Array


def sums(time: Array, event: NDArray[np.bool_], arm: Index, arms: int, strata: Index) -> Sums:
    """Observed, expected and covariance over all strata."""
    observed, expected, covariance = np.zeros(arms), np.zeros(arms), np.zeros((arms, arms))
    for stratum in range(int(strata.max()) + 1):
        inside = strata == stratum
        days, events, groups = time[inside], event[inside], arm[inside]
        times = np.unique(days[events])
        if not len(times):
            continue
        at_risk, deaths = np.empty((len(times), arms)), np.empty((len(times), arms))
        for k in range(arms):
            own, own_events = np.sort(days[groups == k]), np.sort(days[(groups == k) & events])
            at_risk[:, k] = len(own) - np.searchsorted(own, times, side="left")
            deaths[:, k] = np.searchsorted(own_events, times, side="right") - np.searchsorted(own_events, times, side="left")
        d, y = deaths.sum(axis=1), at_risk.sum(axis=1)
        share = at_risk / y[:, None]
        weight = d * (y - d) / np.maximum(y - 1, 1)
        observed += deaths.sum(axis=0)
        expected += d @ share
        covariance += np.diag(weight @ share) - (share * weight[:, None]).T @ share
    return Sums(observed, expected, covariance)


def statistic(found: Sums) -> float:
    """The quadratic form in all arms but the first."""
    gap = (found.observed - found.expected)[1:]
    return float(gap @ np.linalg.solve(found.covariance[1:, 1:], gap))
