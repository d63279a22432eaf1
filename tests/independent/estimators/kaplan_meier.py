"""Kaplan-Meier with log-log limits, its median, reversed, and the difference of two curves at a horizon."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from .columns import arm_names, pair, wald, z_value


def survival_table(frame: pd.DataFrame) -> list[dict[str, float]]:
    """One row per distinct time: at risk (entry < t <= time), events (status >= 1), censored, S and Greenwood's sum of d/(n(n - d))."""
    time = frame["time"].to_numpy(float)
    event = frame["status"].to_numpy() >= 1
    entry = frame["entry"].to_numpy(float) if "entry" in frame else np.full(len(frame), -math.inf)
    survival, greenwood, out = 1.0, 0.0, []
    for t in np.unique(time):
        at_risk = int(np.sum((entry < t) & (time >= t)))
        d = int(np.sum((time == t) & event))
        survival *= 1 - d / at_risk
        if d:
            greenwood += d / (at_risk * (at_risk - d)) if at_risk > d else math.inf
        out.append(
            {
                "time": float(t),
                "at_risk": at_risk,
                "events": d,
                "censored": int(np.sum((time == t) & ~event)),
                "estimate": survival,
                "greenwood": greenwood,
            }
        )
    return out


def limits(survival: float, greenwood: float, level: float) -> tuple[float, float]:
    """exp(-exp(log(-log S) +- z se)); at S = 1 both limits are 1, at S = 0 there are none."""
    if survival >= 1:
        return 1.0, 1.0
    if survival <= 0:
        return math.nan, math.nan
    half = z_value(level) * math.sqrt(greenwood) / abs(math.log(survival))
    centre = math.log(-math.log(survival))
    return math.exp(-math.exp(centre + half)), math.exp(-math.exp(centre - half))


def at_time(table: list[dict[str, float]], t: float) -> dict[str, float]:
    """The last row at or before t."""
    seen = [row for row in table if row["time"] <= t]
    return seen[-1] if seen else {"estimate": 1.0, "greenwood": 0.0}


def crossing(points: list[tuple[float, float]], last: float, height: float = 0.5) -> float:
    """First time the falling curve is below the height; if flat on the height, the middle of that step (its end: the last time seen)."""
    for k, (t, s) in enumerate(points):
        if abs(s - height) < 1e-9:
            return (t + next((u for u, v in points[k:] if v < height - 1e-9), last)) / 2
        if s < height:
            return t
    return math.nan


def curve_rows(table: list[dict[str, float]], level: float) -> list[tuple[float, float, float, float]]:
    return [(row["time"], row["estimate"], *limits(row["estimate"], row["greenwood"], level)) for row in table if row["events"]]


def median(frame: pd.DataFrame, level: float = 0.95) -> dict[str, float]:
    """Brookmeyer-Crowley: where the log-log limits cross one half; missing where a limit does not."""
    table = survival_table(frame)
    rows, last = curve_rows(table, level), table[-1]["time"]
    return {
        "estimate": crossing([(t, s) for t, s, _, _ in rows], last),
        "low": crossing([(t, low) for t, _, low, _ in rows if not math.isnan(low)], last),
        "high": crossing([(t, high) for t, _, _, high in rows if not math.isnan(high)], last),
    }


def kaplan_meier_one(frame: pd.DataFrame, times: list[float], level: float = 0.95) -> dict[str, dict[str, float]]:
    """At each horizon S, Greenwood se, log-log limits, number at risk just before it, events and censorings up to and including it."""
    table = survival_table(frame)
    time = frame["time"].to_numpy(float)
    entry = frame["entry"].to_numpy(float) if "entry" in frame else np.full(len(frame), -math.inf)
    out: dict[str, dict[str, float]] = {"median": median(frame, level)}
    for t in times:
        row = at_time(table, t)
        s, g = row["estimate"], row["greenwood"]
        low, high = limits(s, g, level)
        out[f"S({t:g})"] = {
            "estimate": s,
            "se": s * math.sqrt(g) if s > 0 else 0.0,
            "low": low,
            "high": high,
            "at_risk": int(np.sum((time >= t) & (entry < t))),
            "events": sum(r["events"] for r in table if r["time"] <= t),
            "censored": sum(r["censored"] for r in table if r["time"] <= t),
        }
    return out


def kaplan_meier(frame: pd.DataFrame, times: list[float], level: float = 0.95) -> dict[str, dict[str, dict[str, float]]]:
    return {str(arm): kaplan_meier_one(frame[frame["arm"] == arm], times, level) for arm in arm_names(frame)}


def followup(frame: pd.DataFrame, times: list[float], level: float = 0.95) -> dict[str, dict[str, dict[str, float]]]:
    """Reverse Kaplan-Meier per arm: being censored (status 0) is the event; with the person-time observed."""
    out = {}
    for arm in arm_names(frame):
        rows = frame[frame["arm"] == arm].copy()
        rows["status"] = (rows["status"] == 0).astype(int)
        start = rows.get("entry", 0.0)
        out[str(arm)] = kaplan_meier_one(rows, times, level) | {"person_time": {"observed": float((rows["time"] - start).sum())}}
    return out


def survival_difference(frame: pd.DataFrame, time: float, arm: str | None = None, level: float = 0.95) -> dict[str, float]:
    """S(t) of the compared arm minus the reference's, Greenwood variances added, z interval and test."""
    treated, control, _ = pair(frame, arm)
    one, zero = at_time(survival_table(treated), time), at_time(survival_table(control), time)
    variance = sum(row["estimate"] ** 2 * row["greenwood"] for row in (one, zero) if row["estimate"] > 0)
    return wald(one["estimate"] - zero["estimate"], math.sqrt(variance), level)


def difference_curve(frame: pd.DataFrame, arm: str | None = None, level: float = 0.95) -> list[dict[str, float]]:
    """The difference at every time with an event in either arm, with the pointwise interval (reading: the band is pointwise)."""
    treated, control, _ = pair(frame, arm)
    both, last = pd.concat([treated, control]), min(treated["time"].max(), control["time"].max())
    times = [float(t) for t in np.unique(both.loc[both["status"] >= 1, "time"]) if t <= last]
    return [{"time": t} | survival_difference(frame, t, arm, level) for t in times]
