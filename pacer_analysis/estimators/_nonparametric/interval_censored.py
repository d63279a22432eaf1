"""The likelihood of events known to lie in (last day without, first day with], and the masses that maximise it.

An event is in (lower, upper]; one with lower = upper was seen on that day; one without an upper day is right-censored. Only the innermost
intervals - a lower end directly followed by an upper end - can hold mass (Turnbull 1976; Peto 1973). The maximum is found by Newton steps
under the constraints of a distribution (constrained Newton method of Wang, Computational Statistics and Data Analysis 2007;52:2388-2402)
and known by its gradient: no interval could take more mass to advantage (Gentleman and Geyer, Biometrika 1994;81:618-623).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from pacer_analysis.errors import NotEstimable

Array = NDArray[np.float64]
Index = NDArray[np.intp]

STEPS = 200
ENOUGH = 1e-11


@dataclass(frozen=True, slots=True)
class Innermost:
    """Where mass can lie: after `left` up to and including `right` (infinite: never seen); each kind of observation covers first to last."""

    left: Array
    right: Array
    exact: NDArray[np.bool_]
    first: Index
    last: Index
    count: Array


def innermost(lower: Array, upper: Array) -> Innermost:
    """The innermost intervals of these observations, and which of them each different observation covers."""
    # Ranks with a place before and after each day: an open lower end lies just after its day, an exact one on it.
    days = np.unique(np.concatenate([lower, upper[np.isfinite(upper)]]))
    low = 2 * np.searchsorted(days, lower) + (upper > lower)
    high = np.where(np.isfinite(upper), 2 * np.searchsorted(days, np.where(np.isfinite(upper), upper, 0.0)), 2 * len(days))
    pairs, count = np.unique(np.column_stack([low, high]), axis=0, return_counts=True)
    ends = np.concatenate([np.column_stack([np.unique(pairs[:, 0]), np.zeros(len(np.unique(pairs[:, 0])))]),
                           np.column_stack([np.unique(pairs[:, 1]), np.ones(len(np.unique(pairs[:, 1])))])])
    ends = ends[np.lexsort((ends[:, 1], ends[:, 0]))]
    at = np.flatnonzero((ends[:-1, 1] == 0) & (ends[1:, 1] == 1))
    left, right = ends[at, 0], ends[at + 1, 0]
    day = np.append(days, np.inf)
    return Innermost(day[(left // 2).astype(int)], day[(right // 2).astype(int)], left % 2 == 0,
                     np.searchsorted(left, pairs[:, 0], side="left"), np.searchsorted(right, pairs[:, 1], side="right") - 1, count.astype(float))


def covered(where: Innermost, mass: Array) -> Array:
    """The probability of each different observation."""
    total = np.concatenate([[0.0], np.cumsum(mass)])
    return np.asarray(total[where.last + 1] - total[where.first], dtype=np.float64)


def gradient(where: Innermost, probability: Array) -> Array:
    """For each interval, what mass there is worth: the sum over people of 1 / probability, where they cover it."""
    value = where.count / probability
    change = np.zeros(len(where.left) + 1)
    np.add.at(change, where.first, value)
    np.add.at(change, where.last + 1, -value)
    return np.cumsum(change)[:-1]


def maximise(where: Innermost) -> Array:
    """The masses of greatest likelihood; refuses what does not converge."""
    people = where.count.sum()
    mass = np.full(len(where.left), 1 / len(where.left))
    for _ in range(300):  # self-consistency, to be near before the first Newton step
        mass = mass * gradient(where, covered(where, mass)) / people
        mass /= mass.sum()
    mass = _peaks(where, mass)
    for _ in range(STEPS):
        probability = covered(where, mass)
        worth = gradient(where, probability)
        if worth.max() <= people * (1 + ENOUGH) and (np.abs(worth - people) * (mass > 0)).max() <= people * ENOUGH:
            return mass
        mass = _step(where, mass, probability, _support(mass, worth, people))
    raise NotEstimable("the likelihood of the interval-censored times did not converge")


def _peaks(where: Innermost, mass: Array) -> Array:
    """The masses that exceed their neighbours', and for an observation that covers none of these the first that it covers."""
    beside = np.concatenate([[-1.0], mass, [-1.0]])
    kept = np.where((mass >= beside[:-2]) & (mass >= beside[2:]), mass, 0.0)
    alone = where.first[covered(where, kept) <= 0]
    kept[alone] = np.maximum(mass[alone], 1e-6)
    return np.asarray(kept / kept.sum(), dtype=np.float64)


def _support(mass: Array, worth: Array, people: float) -> Index:
    """The intervals that hold mass, and between each two of them the one where mass is worth most, if it is worth more than now."""
    holding = np.flatnonzero(mass > 0)
    gap = np.searchsorted(holding, np.arange(len(mass)), side="right")
    best = np.lexsort((-worth, gap))
    best = best[np.concatenate([[True], np.diff(gap[best]) > 0])]
    return np.union1d(holding, best[worth[best] > people])


def _step(where: Innermost, mass: Array, probability: Array, support: Index) -> Array:
    """The best masses on the support for the quadratic that touches the likelihood here, approached until the likelihood rises."""
    inside = (support[None, :] >= where.first[:, None]) & (support[None, :] <= where.last[:, None])
    root = np.sqrt(where.count)
    triangle: Array = np.asarray(np.linalg.qr(np.column_stack([inside * (root / probability)[:, None], 2 * root]), mode="r"), dtype=np.float64)
    # The sum of the masses is held at 1 by a heavy row: homogeneous in them, so that dividing by the sum afterwards is exact.
    size = len(support)
    weighted = np.vstack([triangle[:, :size], np.full(size, float(np.sqrt(where.count.sum())) * 1e3)])
    found, _ = nnls(weighted, np.append(triangle[:, size], float(np.sqrt(where.count.sum())) * 1e3), maxiter=30 * size + 300)
    target = np.zeros(len(mass))
    target[support] = found / found.sum()
    before = float(where.count @ np.log(probability))
    share = 1.0
    while share > 1e-10:
        new = (1 - share) * mass + share * target
        there = covered(where, new)
        if (there > 0).all() and float(where.count @ np.log(there)) >= before - 1e-13 * abs(before):
            new = np.where(new < 1e-14, 0.0, new)
            return np.asarray(new / new.sum(), dtype=np.float64)
        share /= 2
    return mass
