"""The log-rank statistic: observed minus expected events of each arm, and the hypergeometric covariance.

At equal hazards this is the score of the partial likelihood with the arms as covariates, its variance that of sampling each time's events
from its risk set without replacement. Source: Mantel 1966; Peto and Peto 1972; weights: Fleming and Harrington, Counting Processes, 1991, chapter 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pacer_analysis.estimators._survival.risk_sets import Array, Flags, Index, arrange


@dataclass(frozen=True, slots=True)
class Sums:
    """Per arm observed and expected events, and the covariance of their differences, summed over strata; weighted, if so asked."""

    observed: Array
    expected: Array
    covariance: Array


def sums(time: Array, event: Flags, arm: Index, arms: int, strata: Index | None = None, *, entry: Array | None = None, weight: Array | None = None,
         rho: float = 0.0, gamma: float = 0.0) -> Sums:
    """The sums over all event times; `weight` counts like persons; each time weighs S ** rho (1 - S) ** gamma, S the stratum's survival just before it."""
    risk = arrange(time, event, np.empty((len(time), 0)), strata, entry=entry, ties="breslow")
    slots, group = len(risk.times) + len(risk.blocks), arm[risk.rows]
    number = None if weight is None else weight[risk.rows]

    def counted(place: Index) -> Array:
        return np.bincount(place * arms + group, weights=number, minlength=slots * arms).reshape(slots, arms)[risk.slots].astype(float)

    at_risk = counted(risk.joined) - (0.0 if risk.left is None else counted(risk.left))
    deaths = np.bincount(risk.block * arms + group[risk.deaths], weights=None if number is None else number[risk.deaths],
                         minlength=len(risk.times) * arms).reshape(len(risk.times), arms).astype(float)
    for lo, hi in risk.blocks:
        np.cumsum(at_risk[lo:hi], axis=0, out=at_risk[lo:hi])
    d, y = deaths.sum(axis=1), at_risk.sum(axis=1)
    share = at_risk / y[:, None]
    factor = np.ones(len(d))
    if rho or gamma:
        for lo, hi in risk.blocks:
            before = np.concatenate([np.cumprod((1 - d / y)[lo:hi][::-1])[:-1][::-1], [1.0]])
            factor[lo:hi] = before**rho * (1 - before) ** gamma
    spread = factor**2 * d * (y - d) / np.maximum(y - 1, 1)
    return Sums(factor @ deaths, (factor * d) @ share, np.diag(spread @ share) - (share * spread[:, None]).T @ share)


def statistic(found: Sums) -> float:
    """The quadratic form in all arms but the first."""
    gap = (found.observed - found.expected)[1:]
    return float(gap @ np.linalg.solve(found.covariance[1:, 1:], gap))


def by_looking(time: Array, event: Flags, arm: Index, arms: int, strata: Index, entry: Array, weight: Array, rho: float, gamma: float) -> float:
    """The same statistic by looking up, at each event time, who is at risk: the witness where no library computes it."""
    gap, covariance = np.zeros(arms), np.zeros((arms, arms))
    for stratum in np.unique(strata):
        survival = 1.0
        for day in np.unique(time[event & (strata == stratum)]):
            there = (strata == stratum) & (entry < day) & (time >= day)
            dying = there & event & (time == day)
            n = np.array([weight[there & (arm == k)].sum() for k in range(arms)])
            died = np.array([weight[dying & (arm == k)].sum() for k in range(arms)])
            size, events = n.sum(), died.sum()
            times = survival**rho * (1 - survival) ** gamma
            gap += times * (died - events * n / size)
            if size > 1:
                covariance += times**2 * events * (size - events) / (size - 1) * (np.diag(n / size) - np.outer(n, n) / size**2)
            survival *= 1 - events / size
    return float(gap[1:] @ np.linalg.solve(covariance[1:, 1:], gap[1:]))
