"""Risk difference when one arm meets in clubs and the other does not; the club arm's intraclass correlation."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import stats

from .columns import pair


def clusters_of(rows: pd.DataFrame) -> list[np.ndarray]:
    """Outcomes by club; a woman without a club is a cluster of her own."""
    named = rows.dropna(subset=["cluster"])
    out = [g["outcome"].to_numpy(float) for _, g in named.groupby("cluster", sort=True, observed=True)]
    return out + [np.array([y]) for y in rows.loc[rows["cluster"].isna(), "outcome"].to_numpy(float)]


def partially_nested(frame: pd.DataFrame, arm: str | None = None, level: float = 0.95) -> dict[str, float]:
    """Clubs in the compared arm (column `cluster`, missing = none): difference of proportions, t interval with Satterthwaite's df.

    Variance of the club arm: K/(K - 1) sum_k (y_k - n_k p)^2 / n1^2; of the other arm p(1 - p)/n0. Readings: K counts the
    singletons too; df = (v1 + v0)^2/(v1^2/(K - 1) + v0^2/(n0 - 1)); below 5 real clubs `few_clubs` is 1.
    """
    treated, control, _ = pair(frame.dropna(subset=["outcome"]), arm)
    groups = clusters_of(treated)
    n1, n0, k = len(treated), len(control), len(groups)
    p1, p0 = float(treated["outcome"].mean()), float(control["outcome"].mean())
    v1 = k / (k - 1) * sum(float((g - p1).sum()) ** 2 for g in groups) / n1**2
    v0 = p0 * (1 - p0) / n0
    se, df = math.sqrt(v1 + v0), (v1 + v0) ** 2 / (v1**2 / (k - 1) + v0**2 / (n0 - 1))
    t = float(stats.t.ppf(0.5 + level / 2, df))
    gap = p1 - p0
    clubs = int(treated["cluster"].nunique())
    return {
        "estimate": gap,
        "se": se,
        "df": df,
        "low": gap - t * se,
        "high": gap + t * se,
        "statistic": gap / se,
        "p": float(2 * stats.t.sf(abs(gap / se), df)),
        "clusters": k,
        "clubs": clubs,
        "few_clubs": int(clubs < 5),
        "variance_club_arm": v1,
        "variance_other_arm": v0,
    }


def icc(frame: pd.DataFrame, arm: str | None = None, level: float = 0.95) -> dict[str, float]:
    """Analysis-of-variance estimator among women with a club, and two intervals.

    n0 = (N - sum n^2/N)/(K - 1); rho = (MSB - MSW)/(MSB + (n0 - 1) MSW). Readings: `low`, `high` are Searle's F limits with n0 for the
    size (exact when clubs are equal); `wald_*` use Swiger's variance; singletons without a club are left out; nothing is cut at zero.
    """
    treated, _, _ = pair(frame.dropna(subset=["outcome"]), arm)
    groups = [g["outcome"].to_numpy(float) for _, g in treated.dropna(subset=["cluster"]).groupby("cluster", observed=True)]
    k, n = len(groups), sum(len(g) for g in groups)
    grand = sum(g.sum() for g in groups) / n
    msb = sum(len(g) * (g.mean() - grand) ** 2 for g in groups) / (k - 1)
    msw = sum(float(((g - g.mean()) ** 2).sum()) for g in groups) / (n - k)
    size = (n - sum(len(g) ** 2 for g in groups) / n) / (k - 1)
    rho = (msb - msw) / (msb + (size - 1) * msw)
    f, tail = msb / msw, (1 - level) / 2
    f_low, f_high = f / stats.f.isf(tail, k - 1, n - k), f / stats.f.ppf(tail, k - 1, n - k)
    swiger = math.sqrt(2 * (n - 1) * (1 - rho) ** 2 * (1 + (size - 1) * rho) ** 2 / (size**2 * (n - k) * (k - 1)))
    z = float(stats.norm.isf(tail))
    return {
        "estimate": float(rho),
        "low": float((f_low - 1) / (f_low + size - 1)),
        "high": float((f_high - 1) / (f_high + size - 1)),
        "se": swiger,
        "wald_low": float(rho - z * swiger),
        "wald_high": float(rho + z * swiger),
        "clubs": k,
        "mean_size": size,
    }
