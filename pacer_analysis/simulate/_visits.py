"""Study visits: which take place, when, and whether blood is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.simulate._draw import NEVER, Flags, Ints, stream

if TYPE_CHECKING:
    from pacer_analysis.simulate._retention import Care
    from pacer_analysis.simulate._women import Cohort
    from pacer_analysis.simulate.truth import Truth


@dataclass(frozen=True)
class StudyVisits:
    """One row per woman, one column per visit from V0: the date or NEVER, whether blood was taken, whether she was in care."""

    date: Ints
    blood: Flags
    in_care: Flags
    ended: Ints              # day of end of participation
    reason: Ints             # as the field eos_reason


def in_gap(care: Care, at: Ints) -> Flags:
    """Whether each woman is between a loss and her return on a day of hers (one row per woman, any columns)."""
    out = np.zeros(at.shape, dtype=bool)
    for woman, lost, back in in_turn(care.losses):
        out[woman] |= (at[woman] >= lost[:, None]) & (at[woman] < back[:, None])
    return out


def in_turn(losses: dict[str, Ints]) -> list[tuple[Ints, Ints, Ints]]:
    """The first losses of the women, then the second, and so on: no woman twice in one turn."""
    woman = losses["woman"]
    start = np.searchsorted(woman, woman)
    turn = np.arange(len(woman)) - start
    return [(woman[turn == k], losses["lost"][turn == k], losses["back"][turn == k]) for k in range(int(turn.max(initial=-1)) + 1)]


def hold_visits(truth: Truth, cohort: Cohort, club: Ints, care: Care, seed: int) -> StudyVisits:
    """The study visits of every woman, and how her participation ends."""
    rng, facts, times, n = stream(seed, "visits"), truth.visits, truth.timeline, cohort.n
    kinds = len(times.targets)
    since = np.rint(np.array(times.targets) + 3 + facts.spread_days * np.clip(rng.standard_normal((n, kinds)), -3, 4)).astype(np.int64)
    low, high = np.array(times.windows).T
    since = np.clip(since, low, high)
    outside = rng.random((n, kinds)) < facts.out_of_window
    outside[:, [0, -1]] = False
    since = np.where(outside, high + rng.integers(1, 25, (n, kinds)), since)
    since[:, 1:] = np.maximum(since[:, 1:], np.maximum.accumulate(since, axis=1)[:, :-1] + 1)       # a late visit is still before the next
    date = cohort.delivery[:, None] + since
    date[:, 0] = cohort.randomised
    in_care = ~in_gap(care, date)
    comes = rng.random((n, kinds)) < np.where(in_care, np.array(facts.in_care)[club][:, None], np.array(facts.out_of_care)[club][:, None])
    blood = rng.random((n, kinds)) < np.where(in_care, np.array(facts.blood_in_care)[club][:, None], np.array(facts.blood_out_of_care)[club][:, None])
    comes[:, 0] = blood[:, 0] = in_care[:, 0] = True

    fate = care.fate
    leaves = np.minimum(np.minimum(fate.death, fate.transfer), fate.withdrawal)
    comes &= date < leaves[:, None]
    comes[:, 0] = True
    completed = comes[:, -1]
    ended = np.where(leaves < NEVER, leaves, np.where(completed, date[:, -1], cohort.delivery + high[-1]))
    transfer = np.where(fate.proven, 3, 4)
    reason = np.where(fate.death == leaves, 2, np.where(fate.transfer == leaves, transfer, 5))
    reason = np.where(leaves < NEVER, reason, np.where(completed, 1, 6))
    return StudyVisits(np.where(comes, date, NEVER), blood & comes, in_care, ended, reason)
