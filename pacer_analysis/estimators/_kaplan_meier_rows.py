"""Rows of one arm's Kaplan-Meier curve, checked against lifelines and statsmodels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from lifelines import KaplanMeierFitter
from numpy.typing import NDArray
from statsmodels.duration.survfunc import SurvfuncRight

from pacer_analysis.estimators import _survival_steps
from pacer_analysis.estimators._frame import counted, has_outcome, join_notes
from pacer_analysis.estimators._normal import log_log
from pacer_analysis.estimators._witness import agreement, library
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

METHOD = "Kaplan-Meier, Greenwood SE, log-log interval"
MEDIAN = "Median by Kaplan-Meier, interval of Brookmeyer and Crowley from the log-log limits"


def known(people: pd.DataFrame) -> tuple[Array, NDArray[np.int64]]:
    """Times and statuses of those whose time is known."""
    analysed = people[has_outcome(people)]
    return analysed["time"].to_numpy(dtype=float), analysed["status"].to_numpy(dtype=np.int64)


def rows(people: pd.DataFrame, arm: str, times: tuple[float, ...], level: float) -> list[Estimate]:
    """Survival, at risk, events and censored at each time, then the median."""
    time, event = known(people)
    base = counted(Estimate(arm=arm, scale="absolute"), people)
    if not len(time):
        empty = [replace(base, measure="survival", method=METHOD, time=float(day), witness="none", note="no one followed") for day in times]
        return [*empty, replace(base, measure="median", method=MEDIAN, witness="none", note="no one followed")]
    steps = _survival_steps.kaplan_meier(time, event)
    fitted = KaplanMeierFitter(alpha=1 - level).fit(time, event)
    other = SurvfuncRight(time, event)
    found = []
    for day in times:
        row = replace(base, time=float(day))
        if day > steps.time[-1] and steps.estimate[-1] > 0:
            found.append(replace(row, measure="survival", method=METHOD, witness="none", note="beyond the last follow-up"))
        else:
            found.append(_survival(replace(row, level=level), steps, fitted, other))
        found += _people(row, steps, time, event)
    return [*found, _median(replace(base, level=level), steps, fitted, level)]


def _survival(row: Estimate, steps: _survival_steps.Steps, fitted: KaplanMeierFitter, other: SurvfuncRight) -> Estimate:
    day = float(row.time or 0)
    last = steps.until(day) - 1
    value, se = (float(steps.estimate[last]), float(steps.se[last])) if last >= 0 else (1.0, 0.0)
    position = int(np.searchsorted(other.surv_times, day, side="right")) - 1
    theirs, theirs_se = (float(other.surv_prob[position]), float(other.surv_prob_se[position])) if position >= 0 else (1.0, 0.0)
    limits = log_log(value, se, row.level or 0)
    if limits is None:
        return replace(row, measure="survival", method=METHOD, estimate=value, se=se, level=None, witness=f"{library('statsmodels')}: estimate",
                       agreement=agreement((value, theirs)), note=f"{'no event' if value == 1 else 'no one left'} by then: the interval is not defined")
    table = fitted.confidence_interval_
    line = table.to_numpy()[int(np.searchsorted(table.index.to_numpy(), day, side="right")) - 1]
    return replace(row, measure="survival", method=METHOD, estimate=value, se=se, low=limits[0], high=limits[1],
                   witness=f"{library('statsmodels')}: estimate, se; {library('lifelines')}: low, high",
                   agreement=agreement((value, theirs), (se, theirs_se), (limits[0], float(line[0])), (limits[1], float(line[1])), se=se))


def _people(row: Estimate, steps: _survival_steps.Steps, time: Array, event: NDArray[np.int64]) -> list[Estimate]:
    day = float(row.time or 0)
    until = steps.until(day)
    pairs = {
        "at_risk": ("People whose time is this day or later", steps.at_risk_on(day), np.count_nonzero(time >= day)),
        "events": ("Events through this day", int(steps.events[:until].sum()), np.count_nonzero((time <= day) & (event == 1))),
        "censored": ("People censored through this day", int(steps.censored[:until].sum()), np.count_nonzero((time <= day) & (event == 0))),
    }
    return [replace(row, measure=measure, method=method, estimate=float(ours), witness=f"{library('numpy')}: estimate",
                    agreement=agreement((float(ours), float(theirs)))) for measure, (method, ours, theirs) in pairs.items()]


def _median(row: Estimate, steps: _survival_steps.Steps, fitted: KaplanMeierFitter, level: float) -> Estimate:
    limits = [log_log(float(s), float(se), level) for s, se in zip(steps.estimate, steps.se, strict=True)]
    ends = [np.array([(1.0 if s > 0 else 0.0) if limit is None else limit[side] for limit, s in zip(limits, steps.estimate, strict=True)]) for side in (0, 1)]
    value, low, high = (_survival_steps.crossing(steps, curve) for curve in (steps.estimate, *ends))
    table = fitted.confidence_interval_.to_numpy()
    survival = fitted.survival_function_.to_numpy()[:, 0]
    days = fitted.survival_function_.index.to_numpy()
    again = [_first_and_last(days, curve) for curve in (survival, np.where(np.isnan(table[:, 0]), survival, table[:, 0]),
                                                        np.where(np.isnan(table[:, 1]), survival, table[:, 1]))]
    missing = join_notes("median not reached" if value is None else "", "upper limit not reached" if high is None else "",
                         "lower limit not reached" if low is None else "")
    return replace(row, measure="median", method=MEDIAN, estimate=value, low=low, high=high, note=missing,
                   level=None if low is None and high is None else level, witness=f"{library('lifelines')} curve and limits: estimate, low, high",
                   agreement=agreement(*zip((value, low, high), again, strict=True)))


def _first_and_last(days: Array, curve: Array) -> float | None:
    """The middle of the days on which a curve lies at one half, else the first day below it."""
    rounded = np.round(curve, 9)
    if not (rounded <= 0.5).any():
        return None
    if (rounded == 0.5).any():
        below = days[rounded < 0.5]
        return float(days[rounded == 0.5][0] + (below[0] if len(below) else days[-1])) / 2
    return float(days[rounded < 0.5][0])
