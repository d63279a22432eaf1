"""The proportion that has had each kind of event, the others competing, by arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.estimators.curves import Curve
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd


def cumulative_incidence(frame: pd.DataFrame, *, times: tuple[float, ...], level: float = 0.95) -> list[Estimate]:
    """Aalen-Johansen cumulative incidence of each cause at the times, per arm, and its difference from the reference.

    Measures: `cif` per arm (delta-method se, log-log interval), `rd` per contrast (Wald), `at_risk` per arm, `events` per arm and cause
    (through the day). Term is blank for the event and `frame.attrs["causes"][code]`, else the code, for a competing cause. Blank with
    a note beyond the last follow-up of the arm, and the limits where the interval is not defined. With `entry` people are at risk from
    the day after it.
    """
    from pacer_analysis.estimators import _cumulative_incidence_rows
    from pacer_analysis.estimators._frame import arm_names, cause_names, of_arms
    from pacer_analysis.estimators._nonparametric.followed import noted, prepared

    people, note = prepared(frame)
    arms, causes = arm_names(people), cause_names(people)
    found = {arm: _cumulative_incidence_rows.rows(of_arms(people, arm), arm, causes, times, level) for arm in arms}
    rows = [row for arm in arms for row in found[arm].rows]
    for arm in arms[1:]:
        rows += _cumulative_incidence_rows.differences(found[arm], found[arms[0]], level)
    return noted(rows, note)


def curve(frame: pd.DataFrame, *, level: float = 0.95) -> list[Curve]:
    """Cumulative incidence just after each distinct time, starting from 0 on day 0, per arm and cause; `censored` counts all leaving without any event."""
    from pacer_analysis.estimators import _survival_steps
    from pacer_analysis.estimators._frame import arm_names, cause_names, of_arms
    from pacer_analysis.estimators._nonparametric.followed import followed, prepared
    from pacer_analysis.estimators._nonparametric.points import points

    people, _ = prepared(frame)
    groups = {arm: followed(of_arms(people, arm)) for arm in arm_names(people)}
    return [Curve(arm, term, points(those, _survival_steps.aalen_johansen(those, code), 0.0, level))
            for arm, those in groups.items() if len(those) for code, term in cause_names(people).items()]
