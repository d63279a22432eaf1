"""The proportion that has had each kind of event, the others competing, by arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.estimators.curves import Curve
from pacer_analysis.results import CurvePoint, Estimate

if TYPE_CHECKING:
    import pandas as pd


def cumulative_incidence(frame: pd.DataFrame, *, times: tuple[float, ...], level: float = 0.95) -> list[Estimate]:
    """Aalen-Johansen cumulative incidence of each cause at the times, per arm, and its difference from the reference.

    Measures: `cif` per arm (delta-method se, log-log interval), `rd` per contrast (Wald), `at_risk` per arm, `events` per arm and cause
    (through the day). Term is blank for the event and `frame.attrs["causes"][code]`, else the code, for a competing cause. Blank with
    a note beyond the last follow-up of the arm, and the limits where the interval is not defined.
    """
    from pacer_analysis.estimators import _cumulative_incidence_rows
    from pacer_analysis.estimators._frame import arm_names, of_arms

    arms = arm_names(frame)
    causes = _cumulative_incidence_rows.causes(frame)
    found = {arm: _cumulative_incidence_rows.rows(of_arms(frame, arm), arm, causes, times, level) for arm in arms}
    rows = [row for arm in arms for row in found[arm].rows]
    for arm in arms[1:]:
        rows += _cumulative_incidence_rows.differences(found[arm], found[arms[0]], level)
    return rows


def curve(frame: pd.DataFrame, *, level: float = 0.95) -> list[Curve]:
    """Cumulative incidence just after each distinct time, starting from 0 on day 0, per arm and cause; `censored` counts all leaving without any event."""
    from pacer_analysis.estimators import _survival_steps
    from pacer_analysis.estimators._cumulative_incidence_rows import causes
    from pacer_analysis.estimators._frame import arm_names, of_arms
    from pacer_analysis.estimators._kaplan_meier_rows import known
    from pacer_analysis.estimators._normal import log_log

    curves = []
    for arm in arm_names(frame):
        time, status = known(of_arms(frame, arm))
        for code, term in causes(frame).items() if len(time) else ():
            steps = _survival_steps.aalen_johansen(time, status, code)
            points = [] if steps.time[0] == 0 else [CurvePoint("", 0.0, 0.0, None, None, len(time), 0, 0)]
            for i, day in enumerate(steps.time):
                low, high = log_log(float(steps.estimate[i]), float(steps.se[i]), level) or (None, None)
                points.append(CurvePoint("", float(day), float(steps.estimate[i]), low, high, int(steps.at_risk[i]), int(steps.events[i]), int(steps.censored[i])))
            curves.append(Curve(arm, term, tuple(points)))
    return curves
