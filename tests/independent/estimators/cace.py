"""The complier average causal effect of a binary receipt: Wald's ratio (two-stage least squares), Anderson-Rubin interval."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import stats

from .columns import p_two_sided, pair, wald


def quadratic_set(a: float, b: float, c: float) -> tuple[float, float, str]:
    """Where a x^2 + b x + c <= 0: an interval, the outside of one, everything, or nothing."""
    root = b * b - 4 * a * c
    if root < 0:
        return (-math.inf, math.inf, "everything") if a < 0 else (math.nan, math.nan, "nothing")
    low, high = sorted(((-b - math.sqrt(root)) / (2 * a), (-b + math.sqrt(root)) / (2 * a)))
    return low, high, "interval" if a > 0 else "outside"


def cace(frame: pd.DataFrame, arm: str | None = None, received: str = "received", level: float = 0.95) -> dict[str, dict[str, float | str]]:
    """Assignment as the instrument for receipt, no covariates; rows with outcome and receipt known.

    Readings: `wald` has the robust variance (HC0, the delta method): sum over arms of the variance of Y - b D (divisor n) / n, over the
    squared first stage; `classical` the homoskedastic one of two-stage least squares (residual variance with n - 2). The Anderson-Rubin
    set inverts the robust z test that the mean of Y - b D is equal in both arms (divisor n), `anderson_rubin_f` the classical F(1, n - 2).
    """
    treated, control, _ = pair(frame.dropna(subset=["outcome", received]), arm)
    y1, d1 = treated["outcome"].to_numpy(float), treated[received].to_numpy(float)
    y0, d0 = control["outcome"].to_numpy(float), control[received].to_numpy(float)
    n1, n0 = len(y1), len(y0)
    n = n1 + n0
    gap_y, gap_d = y1.mean() - y0.mean(), d1.mean() - d0.mean()
    effect = gap_y / gap_d
    robust = math.sqrt((y1 - effect * d1).var() / n1 + (y0 - effect * d0).var() / n0) / abs(gap_d)
    residual = np.concatenate([y1 - effect * d1, y0 - effect * d0])
    residual = residual - residual.mean()
    classical = math.sqrt(float(residual @ residual) / (n - 2) * (1 / n1 + 1 / n0)) / abs(gap_d)

    def second_moment(a1: np.ndarray, b1: np.ndarray, a0: np.ndarray, b0: np.ndarray) -> tuple[float, float]:
        c1, c0 = np.sum((a1 - a1.mean()) * (b1 - b1.mean())), np.sum((a0 - a0.mean()) * (b0 - b0.mean()))
        return float(c1 / n1**2 + c0 / n0**2), float((c1 + c0) / (n - 2) * (1 / n1 + 1 / n0))

    yy, yd, dd = second_moment(y1, y1, y0, y0), second_moment(y1, d1, y0, d0), second_moment(d1, d1, d0, d0)
    sets = {}
    for k, (name, cut) in enumerate(
        (("anderson_rubin", float(stats.norm.ppf(0.5 + level / 2)) ** 2), ("anderson_rubin_f", float(stats.f.ppf(level, 1, n - 2))))
    ):
        low, high, shape = quadratic_set(gap_d**2 - cut * dd[k], -2 * gap_y * gap_d + 2 * cut * yd[k], gap_y**2 - cut * yy[k])
        sets[name] = {"low": low, "high": high, "shape": shape}
    sets["anderson_rubin"] |= {"p": p_two_sided(gap_y / math.sqrt(yy[0]))}
    sets["anderson_rubin_f"] |= {"p": float(stats.f.sf(gap_y**2 / yy[1], 1, n - 2))}
    return {
        "wald": wald(float(effect), robust, level),
        "classical": wald(float(effect), classical, level),
        **sets,
        "first_stage": wald(float(gap_d), math.sqrt(dd[0]), level)
        | {"f": float(gap_d**2 / dd[1]), "received": float(d1.mean()), "received_reference": float(d0.mean())},
        "intention_to_treat": wald(float(gap_y), math.sqrt(yy[0]), level),
    }
