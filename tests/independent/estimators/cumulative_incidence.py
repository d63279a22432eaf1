"""Aalen-Johansen cumulative incidence with the variance of the sum of squared influences (the multi-state delta method)."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from .columns import arm_names, pair, wald, z_value


def curve(frame: pd.DataFrame, cause: int) -> list[dict[str, float]]:
    """CIF and its variance at every event time of any cause.

    Each subject's influence on S and on the CIF is carried along: with h = d_cause/n, H = d/n and its own
    e_k = (dN_k - at risk * d_k/n)/n,  u_F += u_S h + S e_cause,  u_S = u_S (1 - H) - S sum_k e_k;  variance = sum u_F^2.
    A further column holds the counting-process formula (Aalen; as in cmprsk) for comparison.
    """
    time, status = frame["time"].to_numpy(float), frame["status"].to_numpy(int)
    entry = frame["entry"].to_numpy(float) if "entry" in frame else np.full(len(frame), -math.inf)
    n_all = len(frame)
    u_s, u_f = np.zeros(n_all), np.zeros(n_all)
    survival, cif, out = 1.0, 0.0, []
    for t in np.unique(time[status > 0]):
        risk = (entry < t) & (time >= t)
        n = risk.sum()
        any_event = (time == t) & (status > 0)
        own_event = (time == t) & (status == cause)
        h, h_all = own_event.sum() / n, any_event.sum() / n
        e_own = (own_event - risk * h) / n
        e_all = (any_event - risk * h_all) / n
        u_f = u_f + u_s * h + survival * e_own
        u_s = u_s * (1 - h_all) - survival * e_all
        cif += survival * h
        survival *= 1 - h_all
        out.append({"time": float(t), "estimate": float(cif), "variance": float(np.sum(u_f**2)), "survival": float(survival)})
    return out


def cif_at(frame: pd.DataFrame, cause: int, t: float, level: float = 0.95) -> dict[str, float]:
    """Estimate, se, and exp(-exp(log(-log F) +- z se/(F log F))): the log-log transformation of F itself."""
    seen = [row for row in curve(frame, cause) if row["time"] <= t]
    f = seen[-1]["estimate"] if seen else 0.0
    se = math.sqrt(seen[-1]["variance"]) if seen else 0.0
    if not 0 < f < 1:
        return {"estimate": f, "se": se, "low": math.nan, "high": math.nan}
    half = z_value(level) * se / abs(f * math.log(f))
    centre = math.log(-math.log(f))
    return {"estimate": f, "se": se, "low": math.exp(-math.exp(centre + half)), "high": math.exp(-math.exp(centre - half))}


def cumulative_incidence(frame: pd.DataFrame, times: list[float], level: float = 0.95) -> dict[str, dict[str, float]]:
    """Per arm, cause and horizon."""
    out = {}
    causes = sorted(int(s) for s in frame["status"].unique() if s > 0)
    for arm in arm_names(frame):
        rows = frame[frame["arm"] == arm]
        for cause in causes:
            for t in times:
                out[f"arm[{arm}] cause[{cause}] t[{t:g}]"] = cif_at(rows, cause, t, level)
    return out


def cif_difference(frame: pd.DataFrame, cause: int, time: float, arm: str | None = None, level: float = 0.95) -> dict[str, float]:
    """Compared arm minus reference, variances added, z interval."""
    treated, control, _ = pair(frame, arm)
    one, zero = cif_at(treated, cause, time, level), cif_at(control, cause, time, level)
    return wald(one["estimate"] - zero["estimate"], math.hypot(one["se"], zero["se"]), level)
