"""The area under a Kaplan-Meier curve and its standard error; the witness is the area under the second curve and an explicit sum."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.errors import PlanError
from pacer_analysis.estimators import _survival_steps
from pacer_analysis.estimators._frame import counted
from pacer_analysis.estimators._kaplan_meier_rows import late_entries
from pacer_analysis.estimators._nonparametric.compared import difference_row, paired, ratio_row
from pacer_analysis.estimators._nonparametric.followed import Followed, followed
from pacer_analysis.estimators._nonparametric.second_curve import Second, second
from pacer_analysis.estimators._normal import quantile
from pacer_analysis.estimators._witness import agreement
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

METHOD = "Restricted mean survival time, area under Kaplan-Meier to the horizon, SE of Royston and Parmar 2013, Wald interval"
WITNESS = "{} curve: estimate; explicit sum over event days: se"


@dataclass(frozen=True, slots=True)
class Mean:
    """The row of an arm, and the second computation's estimate and se."""

    row: Estimate
    again: tuple[float, float]


def area(steps: _survival_steps.Steps, horizon: float) -> tuple[float, float]:
    """Area under the curve from day 0 to the horizon, and its se."""
    inside = steps.until(horizon)
    edges = np.concatenate([[0.0], steps.time[:inside], [horizon]])
    parts = np.diff(edges) * np.concatenate([[1.0], steps.estimate[:inside]])
    after = np.cumsum(parts[::-1])[::-1][1:]  # area to the right of each time
    y, d = steps.at_risk[:inside].astype(float), steps.events[:inside].astype(float)
    share = np.divide(d, y * (y - d), out=np.zeros(inside), where=y > d)
    return float(parts.sum()), math.sqrt(float((after**2 * share).sum()))


def _area_again(people: Followed, curve: Second, horizon: float) -> tuple[float, float]:
    """The same from the second curve: its own area, and the sum written out day by day with its counts taken anew."""
    days, heights = curve.days, curve.survival
    total, variance, right = 0.0, 0.0, float(horizon)
    leaving = np.sort(people.time)
    coming = None if people.entry is None else np.sort(np.maximum(people.entry, 0.0))
    dying = np.sort(people.time[people.status > 0])
    for position in range(int(np.searchsorted(days, horizon, side="right")) - 1, -1, -1):
        day, height = float(days[position]), float(heights[position])
        total += height * (right - day)
        right = day
        deaths = int(np.searchsorted(dying, day, side="right") - np.searchsorted(dying, day, side="left"))
        if deaths:
            come = len(people) if coming is None else int(np.searchsorted(coming, day, side="left")) if day > 0 else int((coming <= 0).sum())
            there = come - int(np.searchsorted(leaving, day, side="left"))
            variance += total**2 * deaths / (there * (there - deaths)) if there > deaths else 0.0
    return curve.area(horizon), math.sqrt(variance)


def means(people: pd.DataFrame, arm: str, times: tuple[float, ...], level: float) -> list[Mean]:
    """The restricted mean of an arm to each horizon."""
    if any(day <= 0 for day in times):
        raise PlanError("the horizon of a restricted mean is a day after the origin", do="give `times` above 0")
    those = followed(people)
    curve = second(those, level) if len(those) else None
    return [_mean(people, those, curve, arm, float(day), level) for day in times]


def _mean(people: pd.DataFrame, those: Followed, curve: Second | None, arm: str, horizon: float, level: float) -> Mean:
    blank = replace(counted(Estimate(arm=arm, scale="absolute", measure="rmst", method=METHOD, time=horizon), people), witness="none")
    if curve is None:
        return Mean(replace(blank, note="no one followed"), (math.nan, math.nan))
    steps = _survival_steps.kaplan_meier(those)
    if horizon > steps.ends():
        return Mean(replace(blank, note="beyond the last follow-up"), (math.nan, math.nan))
    value, se = area(steps, horizon)
    again, again_se = _area_again(those, curve, horizon)
    filled = replace(blank, estimate=value, se=se, witness=WITNESS.format(curve.curve_by), note=late_entries(those, steps),
                     agreement=agreement((value, again), (se, again_se), se=se))
    if not se:
        return Mean(replace(filled, note="no variation by then: no interval"), (again, again_se))
    width = quantile(level) * se
    return Mean(replace(filled, low=value - width, high=value + width, level=level), (again, again_se))


def compared(one: Mean, reference: Mean, level: float) -> list[Estimate]:
    """Difference and ratio of two arms' restricted means."""
    base = paired(one.row, reference.row)
    witness = one.row.witness
    difference = replace(base, measure="rmst_difference", scale="difference", method="Difference of restricted mean survival times, SE of Royston and Parmar 2013, Wald interval and test")
    ratio = replace(base, measure="rmst_ratio", scale="ratio", method="Ratio of restricted mean survival times, delta-method SE of its logarithm, Wald interval and test on the log scale")
    values = (one.row.estimate, one.row.se or 0.0), (reference.row.estimate, reference.row.se or 0.0)
    return [difference_row(difference, *values, one.again, reference.again, level, witness), ratio_row(ratio, *values, one.again, reference.again, level, witness)]
