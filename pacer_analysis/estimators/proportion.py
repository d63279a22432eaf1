"""A proportion per arm and visit, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

INTERVALS = {
    "wilson": ("Proportion, Wilson score interval without continuity correction", "wilson", "wilson"),
    "clopper-pearson": ("Proportion, exact interval (Clopper-Pearson)", "beta", "exact"),
}


def proportion(frame: pd.DataFrame, *, interval: Literal["wilson", "clopper-pearson"] = "wilson", level: float = 0.95) -> list[Estimate]:
    """The proportion with the outcome among the analysed, per arm and visit; se is sqrt(p (1 - p) / n).

    Source: Wilson 1927; Clopper and Pearson 1934.
    """
    from pacer_analysis.estimators._frame import arm_names, by_visit, choose, of_arms

    choose("interval", interval, INTERVALS)
    return [proportion_of(of_arms(rows, arm), arm=arm, visit=visit, day=day, interval=interval, level=level)
            for visit, day, rows in by_visit(frame) for arm in arm_names(frame)]


def proportion_of(rows: pd.DataFrame, *, arm: str, visit: str, day: float | None, interval: str, level: float) -> Estimate:
    """The proportion of one group, blank with a note when nobody in it has the outcome known."""
    from dataclasses import replace

    from scipy.stats import binomtest
    from statsmodels.stats.proportion import proportion_confint

    from pacer_analysis.estimators._frame import counted
    from pacer_analysis.estimators._witness import agreement, library

    method, primary, second = INTERVALS[interval]
    row = counted(Estimate(method=method, measure="proportion", scale="absolute", arm=arm, term=visit, time=day, level=level), rows)
    events, n = row.events or 0, row.n or 0
    if not n:
        return replace(row, level=None, witness="none", note="no one with the outcome known")
    low, high = (float(limit) for limit in proportion_confint(events, n, alpha=1 - level, method=primary))
    low, high = (0.0 if events == 0 else low), (1.0 if events == n else high)  # the limits are exact there; rounding is not
    estimate = events / n
    se = (estimate * (1 - estimate) / n) ** 0.5
    test = binomtest(events, n)
    limits = test.proportion_ci(level, method=second)
    return replace(row, estimate=estimate, se=se, low=low, high=high, witness=f"{library('scipy')}: estimate, low, high",
                   agreement=agreement((estimate, test.statistic), (low, limits.low), (high, limits.high), se=se))
