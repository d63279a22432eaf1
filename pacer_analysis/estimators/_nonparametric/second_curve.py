"""The same Kaplan-Meier curve by other code: lifelines and statsmodels, or day by day where people enter late.

With delayed entry lifelines refuses a curve that falls to 0 early, and statsmodels one that nobody begins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time
from statsmodels.duration.survfunc import SurvfuncRight

from pacer_analysis.estimators._normal import quantile
from pacer_analysis.estimators._witness import library

if TYPE_CHECKING:
    from pacer_analysis.estimators._nonparametric.followed import Array, Followed


@dataclass(frozen=True, slots=True)
class Second:
    """Days, survival and its limits (not a number where undefined), and for the se days, survival and se, each with who says so."""

    days: Array
    survival: Array
    low: Array
    high: Array
    curve_by: str
    se_days: Array
    se_survival: Array
    se: Array
    se_by: str
    fitter: KaplanMeierFitter | None

    def at(self, day: float) -> tuple[float, float]:
        """Survival and se on a day; no se once nobody survives."""
        place = int(np.searchsorted(self.se_days, day, side="right")) - 1
        value, se = (float(self.se_survival[place]), float(self.se[place])) if place >= 0 else (1.0, 0.0)
        return value, se if value > 0 else 0.0

    def limits(self, day: float) -> tuple[float, float]:
        """The limits on a day."""
        place = int(np.searchsorted(self.days, day, side="right")) - 1
        return float(self.low[place]), float(self.high[place])

    def area(self, horizon: float) -> float:
        """The area under the curve from day 0 to the horizon."""
        if self.fitter is not None:
            return float(restricted_mean_survival_time(self.fitter, t=horizon))
        inside = [(float(day), float(height)) for day, height in zip(self.days, self.survival, strict=True) if day < horizon]
        ends = [day for day, _ in inside[1:]] + [float(horizon)]
        return math.fsum(height * (end - day) for (day, height), end in zip(inside, ends, strict=True))


def second(people: Followed, level: float) -> Second:
    """The curve of these people again, at least one."""
    if people.entry is not None:
        return _day_by_day(people, level)
    one = KaplanMeierFitter(alpha=1 - level).fit(people.time, people.status > 0)
    other = SurvfuncRight(people.time, (people.status > 0).astype(int))
    limits = one.confidence_interval_.to_numpy()
    return Second(one.survival_function_.index.to_numpy(dtype=float), one.survival_function_.to_numpy()[:, 0], limits[:, 0], limits[:, 1], library("lifelines"),
                  np.asarray(other.surv_times, dtype=float), np.asarray(other.surv_prob), np.asarray(other.surv_prob_se), library("statsmodels"), one)


def _day_by_day(people: Followed, level: float) -> Second:
    found = [(0.0, 1.0, 0.0, math.nan, math.nan)]
    height, variance, z = 1.0, 0.0, quantile(level)
    for day in sorted(set(people.time[people.status > 0].tolist())):
        there = people.at_risk_on(day)
        dying = int(np.count_nonzero((people.time == day) & (people.status > 0)))
        height *= (there - dying) / there
        variance += dying / (there * (there - dying)) if there > dying else 0.0
        low = high = math.nan
        if 0 < height < 1:
            width = z * math.sqrt(variance) / -math.log(height)
            low, high = (math.exp(math.log(height) * math.exp(side)) for side in (width, -width))
        found.append((day, height, height * math.sqrt(variance), low, high))
    if len(found) > 1 and found[1][0] == 0:
        found = found[1:]
    days, survival, errors, lows, highs = (np.array(column) for column in zip(*found, strict=True))
    by = "product over event days"
    return Second(days, survival, lows, highs, by, days, survival, errors, by, None)
