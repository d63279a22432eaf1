"""The proportion still free of the event, by arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.estimators.curves import Curve
from pacer_analysis.results import CurvePoint, Estimate

if TYPE_CHECKING:
    import pandas as pd


def kaplan_meier(frame: pd.DataFrame, *, times: tuple[float, ...] = (), level: float = 0.95) -> list[Estimate]:
    """Survival at the times and its median, per arm; refuses competing events.

    Measures per time (days): `survival` (Greenwood se, log-log interval), `at_risk` (time the day or later), `events` and `censored`
    (through the day); then `median` (interval of Brookmeyer and Crowley from the log-log limits). Blank with a note beyond the last
    follow-up of the arm, and the limits where the interval is not defined.
    """
    from pacer_analysis.estimators import _kaplan_meier_rows
    from pacer_analysis.estimators._frame import arm_names, of_arms, refuse_competing

    refuse_competing(frame)
    return [row for arm in arm_names(frame) for row in _kaplan_meier_rows.rows(of_arms(frame, arm), arm, times, level)]


def curve(frame: pd.DataFrame, *, level: float = 0.95) -> list[Curve]:
    """Survival just after each distinct time, starting from 1 on day 0, per arm; an arm without people has no curve."""
    from pacer_analysis.estimators import _survival_steps
    from pacer_analysis.estimators._frame import arm_names, of_arms, refuse_competing
    from pacer_analysis.estimators._kaplan_meier_rows import known
    from pacer_analysis.estimators._normal import log_log

    refuse_competing(frame)
    curves = []
    for arm in arm_names(frame):
        time, status = known(of_arms(frame, arm))
        if not len(time):
            continue
        steps = _survival_steps.kaplan_meier(time, status)
        points = [] if steps.time[0] == 0 else [CurvePoint("", 0.0, 1.0, None, None, len(time), 0, 0)]
        for i, day in enumerate(steps.time):
            low, high = log_log(float(steps.estimate[i]), float(steps.se[i]), level) or (None, None)
            points.append(CurvePoint("", float(day), float(steps.estimate[i]), low, high, int(steps.at_risk[i]), int(steps.events[i]), int(steps.censored[i])))
        curves.append(Curve(arm, "", tuple(points)))
    return curves
