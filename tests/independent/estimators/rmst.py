"""Restricted mean survival time."""

from __future__ import annotations

import math

import pandas as pd

from .columns import arm_names, pair, wald, wald_ratio
from .kaplan_meier import survival_table


def rmst_one(frame: pd.DataFrame, tau: float, level: float = 0.95) -> dict[str, float]:
    """Area under Kaplan-Meier up to tau; variance sum over events before tau of (area from there to tau)^2 d/(n(n - d)).

    Readings: Royston and Parmar's formula without the factor events/(events - 1); where everyone at risk fails the term is
    zero (the area after it is); tau beyond the last time is refused unless the curve has reached zero.
    """
    table = survival_table(frame)
    if tau > table[-1]["time"] and table[-1]["estimate"] > 0:
        raise ValueError("tau is beyond the last time of follow-up")
    steps = [row for row in table if row["events"] and row["time"] < tau]
    knots = [0.0, *[row["time"] for row in steps], tau]
    heights = [1.0, *[row["estimate"] for row in steps]]
    areas = [(knots[k + 1] - knots[k]) * heights[k] for k in range(len(heights))]
    variance = 0.0
    for k, row in enumerate(steps):
        n, d = row["at_risk"], row["events"]
        if n > d:
            variance += math.fsum(areas[k + 1 :]) ** 2 * d / (n * (n - d))
    return wald(math.fsum(areas), math.sqrt(variance), level)


def rmst(frame: pd.DataFrame, tau: float, arm: str | None = None, level: float = 0.95) -> dict[str, dict[str, float]]:
    """Per arm, and for the compared arm the difference and the ratio (interval on the log scale, delta method)."""
    out = {f"rmst[{name}]": rmst_one(frame[frame["arm"] == name], tau, level) for name in arm_names(frame)}
    treated, control, _ = pair(frame, arm)
    one, zero = rmst_one(treated, tau, level), rmst_one(control, tau, level)
    out["difference"] = wald(one["estimate"] - zero["estimate"], math.hypot(one["se"], zero["se"]), level)
    out["ratio"] = wald_ratio(
        math.log(one["estimate"] / zero["estimate"]), math.hypot(one["se"] / one["estimate"], zero["se"] / zero["estimate"]), level
    )
    return out
