"""What is true of each woman, worked out from the simulated course and not from the exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.simulate._draw import NEVER, Flags, Ints
from pacer_analysis.simulate._viral_loads import STUDY, Samples
from pacer_analysis.simulate._visits import in_turn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pacer_analysis.simulate._retention import Care
    from pacer_analysis.simulate._women import Cohort
    from pacer_analysis.simulate.truth import Truth

YEAR, PRIMARY = 365, 3


def loss_day(cohort: Cohort, care: Care) -> Ints:
    """Days from randomisation to the first day late of the first missed appointment, NEVER if there is none."""
    out = np.full(cohort.n, NEVER, dtype=np.int64)
    women, first = np.unique(care.losses["woman"], return_index=True)
    out[women] = care.losses["lost"][first] - cohort.randomised[women]
    return out


def in_care(cohort: Cohort, care: Care) -> Flags:
    """Alive and in ART care 365 days after delivery: no appointment due by then was missed without a return by then, and no transfer without proof."""
    at = cohort.delivery + YEAR
    unproven = np.where(care.fate.proven, NEVER, care.fate.transfer)
    kept = np.ones(cohort.n, dtype=bool)
    for woman, lost, back in in_turn(care.losses):
        kept[woman] &= (lost - 1 > at[woman]) | (back <= at[woman])
    return kept & (care.fate.death > at) & (unproven > at)


def study_load(truth: Truth, cohort: Cohort, samples: Samples, visit: int) -> tuple[Flags, NDArray[np.float64]]:
    """Whether a study sample lies in a visit's window, and the load of the one nearest to the target (the earlier of two as near)."""
    low, high = truth.timeline.windows[visit]
    since = samples.date - cohort.delivery[samples.woman]
    inside = np.flatnonzero((samples.kind == STUDY) & (since >= low) & (since <= high))
    order = inside[np.lexsort((since[inside], np.abs(since[inside] - truth.timeline.targets[visit]), samples.woman[inside]))]
    women, first = np.unique(samples.woman[order], return_index=True)
    seen, load = np.zeros(cohort.n, dtype=bool), np.full(cohort.n, np.nan)
    seen[women], load[women] = True, samples.load[order[first]]
    return seen, load


def viraemia_day(truth: Truth, cohort: Cohort, samples: Samples) -> Ints:
    """Days from randomisation to the first study sample above 1000 after V0 and through V5's window, NEVER if there is none."""
    since = samples.date - cohort.delivery[samples.woman]
    at = (samples.kind == STUDY) & (since >= truth.timeline.windows[1][0]) & (since <= truth.timeline.windows[-1][1]) & (np.nan_to_num(samples.load) > 1000)
    out = np.full(cohort.n, NEVER, dtype=np.int64)
    women, first = np.unique(samples.woman[at], return_index=True)
    out[women] = samples.date[at][first] - cohort.randomised[women]
    return out


def success(truth: Truth, cohort: Cohort, care: Care, samples: Samples) -> Flags:
    """E1: in care 365 days after delivery and a study viral load below 50 in the window of V3."""
    seen, load = study_load(truth, cohort, samples, PRIMARY)
    return in_care(cohort, care) & seen & (load < 50)
