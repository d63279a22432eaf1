"""The difference of two arms' curves, at horizons and as a step function of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.estimators import _cumulative_incidence_rows, _kaplan_meier_rows, _survival_steps
from pacer_analysis.estimators._frame import of_arms
from pacer_analysis.estimators._nonparametric.compared import difference_row, paired
from pacer_analysis.estimators._nonparametric.followed import followed
from pacer_analysis.estimators._nonparametric.second_curve import second
from pacer_analysis.estimators._normal import quantile
from pacer_analysis.results import CurvePoint, Estimate

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from pacer_analysis.estimators._nonparametric.followed import Followed

METHODS = {"survival": "Difference of Kaplan-Meier survival, Greenwood SE, Wald interval and test",
           "incidence": "Difference of Aalen-Johansen incidences, delta-method SE, Wald interval and test"}
Again = dict[float, tuple[float, float]]


def rows(people: pd.DataFrame, arms: tuple[str, ...], times: tuple[float, ...], of: str, level: float) -> list[Estimate]:
    """Each arm's curve at the times, then each other arm's difference from the reference."""
    own, again, by = {}, {}, {}
    for arm in arms:
        own[arm], again[arm], by[arm] = _of_arm(of_arms(people, arm), arm, times, of, level)
    measure = "survival_difference" if of == "survival" else "cif_difference"
    found = [row for arm in arms for row in own[arm]]
    for arm in arms[1:]:
        for one, reference in zip(own[arm], own[arms[0]], strict=True):
            row = replace(paired(one, reference), measure=measure, scale="difference", method=METHODS[of])
            found.append(difference_row(row, (one.estimate, one.se or 0.0), (reference.estimate, reference.se or 0.0),
                                        again[arm].get(one.time or 0.0, (0.0, 0.0)), again[arms[0]].get(one.time or 0.0, (0.0, 0.0)), level, f"{by[arm]}: estimate, se"))
    return found


def _of_arm(people: pd.DataFrame, arm: str, times: tuple[float, ...], of: str, level: float) -> tuple[list[Estimate], Again, str]:
    """The rows of an arm, the second computation's estimate and se by day, and by what."""
    if of == "incidence":
        found = _cumulative_incidence_rows.rows(people, arm, {1: ""} | {int(code): str(code) for code in sorted(set(followed(people).status) - {0, 1})}, times, level)
        return [row for row in found.rows if row.measure == "cif" and not row.term], {day: value for (term, day), value in found.again.items() if not term}, _cumulative_incidence_rows.WITNESS.partition(":")[0]
    those = followed(people)
    again = second(those, level) if len(those) else None
    return (_kaplan_meier_rows.rows(people, arm, times, level, only_survival=True),
            {float(day): again.at(float(day)) for day in times} if again is not None else {}, again.se_by if again is not None else "")


def points(people: pd.DataFrame, arm: str, reference: str, of: str, level: float) -> tuple[CurvePoint, ...]:
    """The difference after each day on which somebody of either arm leaves, until the first of the two curves ends; none if an arm has nobody."""
    both = [followed(of_arms(people, name)) for name in (arm, reference)]
    if not all(len(those) for those in both):
        return ()
    steps = [_survival_steps.kaplan_meier(those) if of == "survival" else _survival_steps.aalen_johansen(those, 1) for those in both]
    days = np.union1d(steps[0].time, steps[1].time)
    days = days[days <= min(step.ends() for step in steps)]
    days = days if len(days) and days[0] <= 0 else np.concatenate([[0.0], days])
    start = 1.0 if of == "survival" else 0.0
    heights, errors, at_risk, events, censored = [], [], np.zeros(len(days), int), np.zeros(len(days), int), np.zeros(len(days), int)
    for those, step in zip(both, steps, strict=True):
        place = np.searchsorted(step.time, days, side="right")
        heights.append(np.concatenate([[start], step.estimate])[place])
        errors.append(np.concatenate([[0.0], step.se])[place])
        at_risk += _at_risk(those, days)
        exact = np.isin(days, step.time)
        events[exact] += step.events[place[exact] - 1]
        censored[exact] += step.censored[place[exact] - 1]
    gap, se = heights[0] - heights[1], np.hypot(*errors)
    width = quantile(level) * se
    return tuple(CurvePoint("", float(day), float(gap[i]), float(gap[i] - width[i]) if se[i] > 0 else None, float(gap[i] + width[i]) if se[i] > 0 else None,
                            int(at_risk[i]), int(events[i]), int(censored[i])) for i, day in enumerate(days))


def _at_risk(those: Followed, days: NDArray[np.float64]) -> NDArray[np.int64]:
    """People at risk just before each day."""
    gone = np.searchsorted(np.sort(those.time), days, side="left")
    if those.entry is None:
        return np.asarray(len(those) - gone, dtype=np.int64)
    entry = np.sort(np.maximum(those.entry, 0.0))
    return np.asarray(np.where(days > 0, np.searchsorted(entry, days, side="left"), np.count_nonzero(entry <= 0)) - gone, dtype=np.int64)
