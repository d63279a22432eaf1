"""Coverage of the risk difference with eight clubs in one arm: the batched functions of the estimator on simulated trials.

Each trial: n = 412, clubs of 25 to 30 women in one arm and the others alone, club probabilities from a beta distribution with the given
intraclass correlation, every outcome missing with probability 0.15. Run by hand, `python -m tests.recovery.partially_nested_coverage`: it
prints a line per scenario and ends with 1 if the interval misses 0.95 by 0.01 or more, or if leaving the clubs out covers 0.91 or more.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from pacer_analysis.estimators._repeated import clubs

Array = NDArray[np.float64]
N, CLUBS, SMALLEST, LARGEST, ATTRITION = 412, 8, 25, 30, 0.15
RISKS = ((0.70, 0.70), (0.80, 0.65))  # club arm, other arm: no difference, and 15 points as in PACER's sample size
SCENARIOS = tuple((icc, *risks) for icc in (0.05, 0.10) for risks in RISKS)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of the intervals with the clubs (and with Satterthwaite's df uncorrected), and without them; estimated over true standard error; median df."""

    icc: float
    club: float
    clinic: float
    adjusted: float
    plain: float
    naive: float
    se_ratio: float
    df: float


@dataclass(frozen=True, slots=True)
class Trials:
    """Totals of many trials: per club (trials, clubs), and of the other arm (trials)."""

    club_events: Array
    club_people: Array
    events: Array
    people: Array


def simulate(rng: np.random.Generator, replicates: int, icc: float, club: float, clinic: float) -> Trials:
    """Trials with this intraclass correlation within clubs and these risks."""
    sizes = rng.integers(SMALLEST, LARGEST + 1, (replicates, CLUBS))
    seen = rng.binomial(sizes, 1 - ATTRITION)
    spread = (1 - icc) / icc
    events = rng.binomial(seen, rng.beta(club * spread, (1 - club) * spread, (replicates, CLUBS)))
    others = rng.binomial(N - sizes.sum(axis=1), 1 - ATTRITION)
    return Trials(events.astype(float), seen.astype(float), rng.binomial(others, clinic).astype(float), others.astype(float))


def cover(trials: Trials, icc: float, club: float, clinic: float) -> Coverage:
    """How often the 95% intervals hold the true difference."""
    one = clubs.arm(trials.club_events, trials.club_people)
    none = np.zeros((len(trials.events), 0))
    zero = clubs.arm(none, none, trials.events, trials.people)
    value, se, df = clubs.difference(one, zero, corrected=True)
    _, _, plain_df = clubs.difference(one, zero, corrected=False)
    blind = clubs.arm(none, none, trials.club_events.sum(axis=1), trials.club_people.sum(axis=1))
    _, naive_se, _ = clubs.difference(blind, zero, corrected=False)
    miss = np.abs(value - (club - clinic))
    return Coverage(icc, club, clinic, float((miss <= stdtrit(df, 0.975) * se).mean()), float((miss <= stdtrit(plain_df, 0.975) * se).mean()), float((miss <= ndtri(0.975) * naive_se).mean()),
                    float(np.sqrt((se**2).mean()) / value.std()), float(np.median(df)))


def scenarios(replicates: int = 5_000, seed: int = 20150416) -> list[Coverage]:
    """Every scenario, each from its own stream."""
    return [cover(simulate(np.random.default_rng([seed, place]), replicates, *scenario), *scenario) for place, scenario in enumerate(SCENARIOS)]


def main(replicates: int = 5_000) -> int:
    """Print the table and judge it."""
    found = scenarios(replicates)
    error = float(np.sqrt(0.95 * 0.05 / replicates))
    print(f"{replicates} trials of {N}, {CLUBS} clubs; Monte Carlo SE of a coverage of 0.95: {error:.4f}")
    print("icc   club  clinic adjusted plain df naive   SE/true df")
    for row in found:
        print(f"{row.icc:.2f}  {row.club:.2f}  {row.clinic:.2f}   {row.adjusted:.4f}   {row.plain:.4f}   {row.naive:.4f}  {row.se_ratio:.3f}   {row.df:.1f}")
    return int(any(abs(row.adjusted - 0.95) >= 0.01 or row.naive >= 0.91 for row in found))


if __name__ == "__main__":
    sys.exit(main())
