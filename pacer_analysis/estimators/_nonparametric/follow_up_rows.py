"""Rows of one arm's follow-up: reverse Kaplan-Meier, person-time, and the share of the expected that was observed."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.errors import PlanError
from pacer_analysis.estimators import _survival_steps
from pacer_analysis.estimators._frame import counted, has_outcome
from pacer_analysis.estimators._kaplan_meier_rows import late_entries, median
from pacer_analysis.estimators._nonparametric.followed import Followed, followed
from pacer_analysis.estimators._nonparametric.person_time import YEAR
from pacer_analysis.estimators._nonparametric.second_curve import second
from pacer_analysis.estimators._witness import agreement
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.estimators._nonparametric.followed import Array

MEDIAN = "Median follow-up by reverse Kaplan-Meier (any event censors it), interval of Brookmeyer and Crowley from the log-log limits"
OBSERVED = "Person-time from entry to event or censoring, in years of 365.25 days"
EXPECTED = "Person-time to the event, else to the end of follow-up by design, in years of 365.25 days"
SHARE = "Person-time observed over expected (Clark's completeness of follow-up)"


def rows(people: pd.DataFrame, arm: str, horizon: float | None, level: float) -> list[Estimate]:
    """Median follow-up, person-years observed and expected, and their ratio."""
    those = followed(people)
    events = int((those.status > 0).sum())
    base = replace(counted(Estimate(arm=arm, scale="absolute"), people), events=events)
    blank = [replace(base, measure="median", method=MEDIAN), replace(base, measure="person_years", term="observed", method=OBSERVED),
             replace(base, measure="person_years", term="expected", method=EXPECTED), replace(base, measure="completeness", method=SHARE)]
    if not len(those):
        return [replace(row, witness="none", note="no one followed") for row in blank]
    reverse = Followed(those.time, (those.status == 0).astype(np.int64), those.entry)
    steps = _survival_steps.kaplan_meier(reverse)
    found = [median(replace(base, level=level, note=late_entries(reverse, steps)), steps, second(reverse, level), level, MEDIAN)]
    start = np.zeros(len(those)) if those.entry is None else np.maximum(those.entry, 0)
    observed = those.time - start
    total, again = float(observed.sum()) / YEAR, math.fsum(observed.tolist()) / YEAR
    found.append(replace(blank[1], estimate=total, witness="math.fsum: estimate", agreement=agreement((total, again))))
    end = _end_by_design(people, horizon)
    if end is None:
        return [*found, *(replace(row, witness="none", note="no end of follow-up by design is known") for row in blank[2:])]
    late = int(((those.time > end) & (those.status == 0)).sum())
    expected = np.where(those.status > 0, those.time, np.maximum(end, those.time)) - start
    planned, planned_again = float(expected.sum()) / YEAR, math.fsum(expected.tolist()) / YEAR
    note = f"{late} followed beyond the end by design count as followed to their last day" if late else ""
    found.append(replace(blank[2], estimate=planned, witness="math.fsum: estimate", agreement=agreement((planned, planned_again)), note=note))
    if not planned:
        return [*found, replace(blank[3], witness="none", note="no follow-up is expected yet")]
    return [*found, replace(blank[3], estimate=total / planned, witness="math.fsum: estimate", agreement=agreement((total / planned, again / planned_again)), note=note)]


def _end_by_design(people: pd.DataFrame, horizon: float | None) -> Array | None:
    """The day to which each of the analysed was to be followed; nothing if the frame and the plan do not say."""
    analysed = people[has_outcome(people)]
    if horizon is not None and horizon <= 0:
        raise PlanError("the horizon of a follow-up is a day after the origin", do="give `horizon` as a number of days above 0")
    if "potential" not in analysed:
        return None if horizon is None else np.full(len(analysed), float(horizon))
    end = np.maximum(analysed["potential"].to_numpy(dtype=float, na_value=np.nan), 0.0)
    if np.isnan(end).any():
        return None
    return end if horizon is None else np.asarray(np.minimum(end, horizon), dtype=np.float64)
