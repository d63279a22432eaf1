"""The proportion still free of the event, by arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.estimators.curves import Curve
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd


def kaplan_meier(frame: pd.DataFrame, *, times: tuple[float, ...] = (), level: float = 0.95) -> list[Estimate]:
    """Survival at the times and its median, per arm; refuses competing events.

    Measures per time (days): `survival` (Greenwood se, log-log interval), `at_risk` (time the day or later), `events` and `censored`
    (through the day); then `median` (interval of Brookmeyer and Crowley from the log-log limits). Blank with a note beyond the last
    follow-up of the arm, and the limits where the interval is not defined. With `entry` people are at risk from the day after it.
    """
    from pacer_analysis.estimators import _kaplan_meier_rows
    from pacer_analysis.estimators._frame import arm_names, of_arms, refuse_competing
    from pacer_analysis.estimators._nonparametric.followed import noted, prepared

    people, note = prepared(frame)
    refuse_competing(people)
    return noted([row for arm in arm_names(people) for row in _kaplan_meier_rows.rows(of_arms(people, arm), arm, times, level)], note)


def curve(frame: pd.DataFrame, *, level: float = 0.95) -> list[Curve]:
    """Survival just after each distinct time, starting from 1 on day 0, per arm; an arm without people has no curve."""
    from pacer_analysis.estimators import _survival_steps
    from pacer_analysis.estimators._frame import arm_names, of_arms, refuse_competing
    from pacer_analysis.estimators._nonparametric.followed import followed, prepared
    from pacer_analysis.estimators._nonparametric.points import points

    people, _ = prepared(frame)
    refuse_competing(people)
    groups = {arm: followed(of_arms(people, arm)) for arm in arm_names(people)}
    return [Curve(arm, "", points(those, _survival_steps.kaplan_meier(those), 1.0, level)) for arm, those in groups.items() if len(those)]
