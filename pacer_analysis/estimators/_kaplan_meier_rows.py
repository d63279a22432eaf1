"""Rows of one arm's Kaplan-Meier curve, checked against lifelines and statsmodels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.estimators import _survival_steps
from pacer_analysis.estimators._frame import counted, join_notes
from pacer_analysis.estimators._nonparametric.followed import Followed, followed
from pacer_analysis.estimators._nonparametric.second_curve import Second, second
from pacer_analysis.estimators._normal import log_log
from pacer_analysis.estimators._witness import agreement, library
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

METHOD = "Kaplan-Meier, Greenwood SE, log-log interval"
AT_RISK = "People whose time is this day or later"
AT_RISK_LATE = f"{AT_RISK} and whose entry is before it"
MEDIAN = "Median by Kaplan-Meier, interval of Brookmeyer and Crowley from the log-log limits"


def rows(people: pd.DataFrame, arm: str, times: tuple[float, ...], level: float, *, only_survival: bool = False) -> list[Estimate]:
    """Survival, at risk, events and censored at each time, then the median; on demand survival only."""
    those = followed(people)
    base = counted(Estimate(arm=arm, scale="absolute"), people)
    if not len(those):
        empty = [replace(base, measure="survival", method=METHOD, time=float(day), witness="none", note="no one followed") for day in times]
        return empty if only_survival else [*empty, replace(base, measure="median", method=MEDIAN, witness="none", note="no one followed")]
    steps = _survival_steps.kaplan_meier(those)
    again = second(those, level)
    late = late_entries(those, steps)
    found = []
    for day in times:
        row = replace(base, time=float(day))
        if day > steps.ends():
            found.append(replace(row, measure="survival", method=METHOD, witness="none", note="beyond the last follow-up"))
        else:
            found.append(_survival(replace(row, level=level, note=late), steps, again))
        found += [] if only_survival else _people(row, those, steps)
    return found if only_survival else [*found, median(replace(base, level=level, note=late), steps, again, level)]


def late_entries(people: Followed, steps: _survival_steps.Steps) -> str:
    """What delayed entry makes of the curve, in words."""
    if people.entry is None:
        return ""
    begins = "" if people.first_entry() <= 0 else "no one is at risk from day 0: given no event before the first entry"
    empty = int(np.argmax(steps.survival <= 0)) if (steps.survival <= 0).any() else len(steps.time) - 1
    return join_notes(begins, "the curve ends at 0 while others are still to enter" if empty < len(steps.time) - 1 else "")


def at(steps: _survival_steps.Steps, day: float) -> tuple[float, float]:
    """Survival and its se on the day."""
    last = steps.until(day) - 1
    return (float(steps.estimate[last]), float(steps.se[last])) if last >= 0 else (1.0, 0.0)


def _survival(row: Estimate, steps: _survival_steps.Steps, again: Second) -> Estimate:
    day = float(row.time or 0)
    (value, se), (theirs, theirs_se) = at(steps, day), again.at(day)
    limits = log_log(value, se, row.level or 0)
    if limits is None:
        return replace(row, measure="survival", method=METHOD, estimate=value, se=se, level=None, witness=f"{again.se_by}: estimate",
                       agreement=agreement((value, theirs)), note=join_notes(f"{'no event' if value == 1 else 'no one left'} by then: the interval is not defined", row.note))
    line = again.limits(day)
    return replace(row, measure="survival", method=METHOD, estimate=value, se=se, low=limits[0], high=limits[1],
                   witness=f"{again.se_by}: estimate, se; {again.curve_by}: low, high",
                   agreement=agreement((value, theirs), (se, theirs_se), (limits[0], line[0]), (limits[1], line[1]), se=se))


def _people(row: Estimate, people: Followed, steps: _survival_steps.Steps) -> list[Estimate]:
    day = float(row.time or 0)
    until, before = steps.until(day), int(np.searchsorted(steps.time, day, side="left"))
    at_risk = len(people) - int((steps.any_event + steps.censored)[:before].sum())
    at_risk -= 0 if people.entry is None else int(np.count_nonzero((people.entry >= day) & (people.entry > 0)))
    through = people.time <= day
    pairs: dict[str, tuple[str, int, int]] = {
        "at_risk": (AT_RISK if people.entry is None else AT_RISK_LATE, at_risk, people.at_risk_on(day)),
        "events": ("Events through this day", int(steps.events[:until].sum()), int(np.count_nonzero(through & (people.status > 0)))),
        "censored": ("People censored through this day", int(steps.censored[:until].sum()), int(np.count_nonzero(through & (people.status == 0)))),
    }
    return [replace(row, measure=measure, method=method, estimate=float(ours), witness=f"{library('numpy')}: estimate",
                    agreement=agreement((float(ours), float(theirs)))) for measure, (method, ours, theirs) in pairs.items()]


def median(row: Estimate, steps: _survival_steps.Steps, again: Second, level: float, method: str = MEDIAN) -> Estimate:
    """The median of a curve with the interval from its log-log limits; blank with a note where the curve or a limit stays above one half.

    Where nobody is left the curve has no limits: what no step before has reached is not reached (as in R's survfit).
    """
    limits = [log_log(float(s), float(se), level) for s, se in zip(steps.estimate, steps.se, strict=True)]
    ends = [np.array([1.0 if limit is None else limit[side] for limit in limits]) for side in (0, 1)]
    value, low, high = (_survival_steps.crossing(steps, curve) for curve in (steps.estimate, *ends))
    theirs = [_first_and_last(again.days, curve) for curve in (again.survival, *(np.where(np.isnan(end) | (again.survival <= 0), 1.0, end) for end in (again.low, again.high)))]
    missing = join_notes("median not reached" if value is None else "", "upper limit not reached" if high is None else "",
                         "lower limit not reached" if low is None else "", row.note)
    return replace(row, measure="median", method=method, estimate=value, low=low, high=high, note=missing,
                   level=None if low is None and high is None else level, witness=f"{again.curve_by} curve and limits: estimate, low, high",
                   agreement=agreement(*zip((value, low, high), theirs, strict=True)))


def _first_and_last(days: Array, curve: Array) -> float | None:
    """The middle of the days on which a curve lies at one half, else the first day below it."""
    rounded = np.round(curve, 9)
    if not (rounded <= 0.5).any():
        return None
    if (rounded == 0.5).any():
        below = days[rounded < 0.5]
        return float(days[rounded == 0.5][0] + (below[0] if len(below) else days[-1])) / 2
    return float(days[rounded < 0.5][0])
