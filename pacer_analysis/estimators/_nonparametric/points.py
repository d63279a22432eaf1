"""The steps of one arm as points of a curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.estimators._normal import log_log
from pacer_analysis.results import CurvePoint

if TYPE_CHECKING:
    from pacer_analysis.estimators._nonparametric.followed import Followed
    from pacer_analysis.estimators._survival_steps import Steps


def points(people: Followed, steps: Steps, start: float, level: float) -> tuple[CurvePoint, ...]:
    """The estimate just after each distinct time with its log-log limits, from `start` on day 0; at risk is who was just before."""
    first = len(people) if people.entry is None else int((people.entry <= 0).sum())
    found = [] if steps.time[0] == 0 else [CurvePoint("", 0.0, start, None, None, first, 0, 0)]
    for i, day in enumerate(steps.time):
        low, high = log_log(float(steps.estimate[i]), float(steps.se[i]), level) or (None, None)
        found.append(CurvePoint("", float(day), float(steps.estimate[i]), low, high, int(steps.at_risk[i]), int(steps.events[i]), int(steps.censored[i])))
    return tuple(found)
