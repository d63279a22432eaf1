"""The allocation drawn again as it was drawn: arms permuted within the blocks, and the statistics of many draws at once.

Given who is in the analysis and how many of each block are in each arm, all arrangements of permuted-block randomisation are equally likely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Flags = NDArray[np.bool_]
Statistic = Callable[[Array], Array]

AT_ONCE = 2_000_000  # cells of a batch


def draws(blocks: Index, arm: Flags, count: int, seed: tuple[int, ...]) -> Iterator[Array]:
    """Batches of re-randomised arms, one row a draw, 1.0 for the arm that `arm` marks; the number in it per block is kept."""
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    pattern = arm[np.argsort(blocks, kind="stable")].astype(np.float64)
    batch = max(1, AT_ONCE // max(len(blocks), 1))
    for start in range(0, count, batch):
        size = min(batch, count - start)
        order = np.argsort(generator.random((size, len(blocks))) + blocks, axis=1)
        drawn = np.empty((size, len(blocks)))
        np.put_along_axis(drawn, order, np.broadcast_to(pattern, drawn.shape), axis=1)
        yield drawn


def difference(outcome: Array) -> Statistic:
    """The difference of two means (proportions) over those whose outcome is known; NaN where an arm has none."""
    known = np.isfinite(outcome)
    y, everyone = outcome[known], int(known.sum())
    total = float(y.sum())

    def statistic(arms: Array) -> Array:
        inside = arms[:, known]
        n1, x1 = inside.sum(axis=1), inside @ y
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(x1 / n1 - (total - x1) / (everyone - n1))

    return statistic


def log_rank(time: Array, event: Flags, strata: Index) -> Statistic:
    """The log-rank z: observed less expected over the root of the hypergeometric variance, summed over strata."""
    score = np.zeros(len(time))
    pieces: list[tuple[Index, Index, Array, Array]] = []
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        times, deaths = np.unique(time[members][event[members]], return_counts=True)
        if not len(times):
            continue
        order = members[np.argsort(-time[members], kind="stable")]
        at_risk = np.searchsorted(-time[order], -times, side="right")
        hazard = np.concatenate([[0.0], np.cumsum(deaths / at_risk)])
        score[members] = event[members] - hazard[np.searchsorted(times, time[members], side="right")]
        pieces.append((order, at_risk - 1, at_risk.astype(float), deaths * (at_risk - deaths) / np.maximum(at_risk - 1, 1)))

    def statistic(arms: Array) -> Array:
        variance = np.zeros(len(arms))
        for order, last, at_risk, weight in pieces:
            share = np.cumsum(arms[:, order], axis=1)[:, last] / at_risk
            variance += (share * (1 - share)) @ weight
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(arms @ score / np.sqrt(variance))

    return statistic


def one_by_one(value: Callable[[Flags], float]) -> Statistic:
    """Any statistic, computed anew for each draw."""
    def statistic(arms: Array) -> Array:
        return np.array([value(row > 0.5) for row in arms])

    return statistic


def as_extreme(statistic: Statistic, observed: float, batches: Iterator[Array]) -> tuple[int, int]:
    """How many draws are at least as far from 0 as the observed value, and how many have no value; these count as extreme."""
    bound = abs(observed) * (1 - 1e-9)
    extreme = without = 0
    for arms in batches:
        values: Any = statistic(arms)
        # ASSUME: a re-randomisation in which the statistic does not exist counts as extreme.
        lost = ~np.isfinite(values)
        without += int(lost.sum())
        extreme += int((lost | (np.abs(values) >= bound)).sum())
    return extreme, without
