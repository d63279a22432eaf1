"""Baseline description: moments, quantiles of type 7, counts, standardised differences."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from .columns import arm_names, is_numeric, levels, pair


def quantile_type_7(values: list[float], probability: float) -> float:
    """Linear interpolation at position 1 + (n - 1) p of the sorted values."""
    ordered = sorted(values)
    position = (len(ordered) - 1) * probability
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def describe_numeric(column: pd.Series) -> dict[str, float]:
    """n, missing, mean, SD (n - 1), minimum, quartiles of type 7, maximum."""
    values = [float(v) for v in column if not pd.isna(v)]
    n = len(values)
    mean = sum(values) / n if n else math.nan
    sd = math.sqrt(sum((v - mean) ** 2 for v in values) / (n - 1)) if n > 1 else math.nan
    out = {"n": n, "missing": len(column) - n, "mean": mean, "sd": sd}
    for name, probability in (("minimum", 0.0), ("q25", 0.25), ("median", 0.5), ("q75", 0.75), ("maximum", 1.0)):
        out[name] = quantile_type_7(values, probability) if n else math.nan
    return out


def describe_categories(column: pd.Series) -> dict[str, float]:
    """n, missing, and per category the count and its proportion among those with a value."""
    known = column.dropna()
    out: dict[str, float] = {"n": len(known), "missing": int(column.isna().sum())}
    for value in levels(column):
        count = int((known == value).sum())
        out[f"count[{value}]"] = count
        out[f"proportion[{value}]"] = count / len(known)
    return out


def describe(frame: pd.DataFrame, variable: str) -> dict[str, dict[str, float]]:
    """Per arm and pooled (`all`): moments of a number, counts of a category."""
    one = describe_numeric if is_numeric(frame[variable]) else describe_categories
    out = {str(arm): one(frame.loc[frame["arm"] == arm, variable]) for arm in arm_names(frame)}
    return out | {"all": one(frame[variable])}


def standardised_difference(frame: pd.DataFrame, variable: str, arm: str | None = None) -> dict[str, float]:
    """Compared arm minus reference over the root of the unweighted mean of the two arms' variances.

    Readings: a number uses the variances with n - 1; a number with only 0 and 1 uses p(1 - p); a category with more than two
    levels uses Yang and Dalton's Mahalanobis distance over all levels but the first (no sign).
    """
    treated, control, _ = pair(frame, arm)
    x1, x0 = treated[variable].dropna(), control[variable].dropna()
    if is_numeric(frame[variable]) and not set(frame[variable].dropna().unique()) <= {0, 1}:
        spread = math.sqrt((x1.var(ddof=1) + x0.var(ddof=1)) / 2)
        return {"estimate": float((x1.mean() - x0.mean()) / spread)}
    kept = levels(frame[variable])[1:]
    p1 = np.array([(x1 == value).mean() for value in kept])
    p0 = np.array([(x0 == value).mean() for value in kept])
    if len(kept) == 1:
        return {"estimate": float((p1[0] - p0[0]) / math.sqrt((p1[0] * (1 - p1[0]) + p0[0] * (1 - p0[0])) / 2))}
    covariance = ((np.diag(p1) - np.outer(p1, p1)) + (np.diag(p0) - np.outer(p0, p0))) / 2
    gap = p1 - p0
    return {"estimate": float(math.sqrt(gap @ np.linalg.solve(covariance, gap)))}
