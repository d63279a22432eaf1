"""Randomisation: permuted blocks of 4 and 6 within strata of site and viral load, and the blinding of the arms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pacer_analysis.simulate._draw import Ints, Texts, stream
from pacer_analysis.simulate._women import SITES, Cohort

ARMS = ("clinic", "club")


@dataclass(frozen=True)
class Allocated:
    """The allocation of every woman of the cohort; `minute` is the minute of the day, `order` the women in order of allocation."""

    club: Ints               # 0 clinic, 1 club
    stratum: Texts
    block: Ints
    sequence: Ints
    minute: Ints
    order: Ints


def allocate(cohort: Cohort, seed: int) -> Allocated:
    """The arms of the women, in the order of randomisation within each stratum."""
    rng = stream(seed, "allocation")
    minute = rng.integers(8 * 60 + 30, 16 * 60, cohort.n)
    order = np.lexsort((np.arange(cohort.n), minute, cohort.randomised))
    stratum = cohort.site * 2 + np.where(cohort.below50, 0, 1)
    club, block, sequence = (np.zeros(cohort.n, dtype=np.int64) for _ in range(3))
    for level in range(2 * len(SITES)):
        women = order[stratum[order] == level]
        arms, blocks = _blocks(rng, len(women))
        club[women], block[women], sequence[women] = arms, blocks, np.arange(1, len(women) + 1)
    labels = np.array([f"{site}:{load}" for site in SITES for load in ("below50", "atleast50")], dtype=object)
    return Allocated(club, labels[stratum], block, sequence, minute, order)


def _blocks(rng: np.random.Generator, size: int) -> tuple[Ints, Ints]:
    """Arms and block numbers for `size` women; the last block may stay open."""
    lengths = rng.choice([4, 6], size // 4 + 1)
    arms = [rng.permutation(np.repeat([0, 1], length // 2)) for length in lengths.tolist()]
    return np.concatenate(arms)[:size], np.repeat(np.arange(1, len(lengths) + 1), lengths)[:size]


def blinding(seed: int) -> dict[str, str]:
    """The letter of each arm, drawn at random."""
    letters = ["A", "B"] if stream(seed, "blinding").random() < 0.5 else ["B", "A"]
    return dict(zip(ARMS, letters, strict=True))
