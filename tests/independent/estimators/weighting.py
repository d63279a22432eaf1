"""Weighted risk difference for arms that were chosen: inverse-probability and overlap weights, stacked sandwich."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from .columns import arm_names, design, wald, wald_ratio
from .logistic import fit


def jacobian(function: Callable[[np.ndarray], np.ndarray], at: np.ndarray) -> np.ndarray:
    """Central differences at two step sizes, extrapolated."""
    out = []
    for h in (1e-3, 5e-4):
        columns = []
        for j in range(len(at)):
            e = np.zeros(len(at))
            e[j] = h * max(1e-3, abs(at[j]))
            columns.append((function(at + e) - function(at - e)) / (2 * e[j]))
        out.append(np.array(columns).T)
    return (4 * out[1] - out[0]) / 3


def weights_of(e: np.ndarray, treated: np.ndarray, kind: str) -> np.ndarray:
    if kind == "inverse":
        return treated / e + (1 - treated) / (1 - e)
    if kind == "overlap":
        return treated * (1 - e) + (1 - treated) * e
    raise ValueError("inverse or overlap")


def weighted_risk_difference(
    frame: pd.DataFrame, covariates: list[str], kind: str = "overlap", level: float = 0.95
) -> dict[str, dict[str, float]]:
    """Logistic score for the arm on the covariates; weighted (Hajek) risks per arm; difference and ratio.

    The equations of the score model and of the two means are stacked; variance A^-1 B A^-T / n with the numerical Jacobian A of their
    mean and B the mean outer product (no factor for small samples). Readings: two arms; unstabilised, untruncated weights; complete
    cases for outcome and covariates, the score fitted on them. `balance` has weighted standardised differences over unweighted spreads.
    """
    rows = frame.dropna(subset=["outcome", "arm", *covariates])
    x, names = design(rows, covariates)
    y = rows["outcome"].to_numpy(float)
    treated = (rows["arm"] == arm_names(rows)[1]).to_numpy(float)
    gamma = fit(x, treated)[0]
    w = weights_of(1 / (1 + np.exp(-(x @ gamma))), treated, kind)
    mean1, mean0 = float(np.sum(w * treated * y) / np.sum(w * treated)), float(np.sum(w * (1 - treated) * y) / np.sum(w * (1 - treated)))
    theta, k = np.concatenate([gamma, [mean1, mean0]]), len(gamma)

    def equations(value: np.ndarray) -> np.ndarray:
        e = 1 / (1 + np.exp(-(x @ value[:k])))
        v = weights_of(e, treated, kind)
        return np.column_stack([x * (treated - e)[:, None], v * treated * (y - value[k]), v * (1 - treated) * (y - value[k + 1])])

    bread = np.linalg.inv(jacobian(lambda value: equations(value).mean(axis=0), theta))
    u = equations(theta)
    variance = bread @ (u.T @ u / len(y)) @ bread.T / len(y)
    block = variance[k:, k:]
    ratio = np.array([1 / mean1, -1 / mean0])
    out = {
        "rd": wald(mean1 - mean0, math.sqrt(block[0, 0] + block[1, 1] - 2 * block[0, 1]), level),
        "rr": wald_ratio(math.log(mean1 / mean0), math.sqrt(ratio @ block @ ratio), level),
        "risk_treated": wald(mean1, math.sqrt(block[0, 0]), level),
        "risk_reference": wald(mean0, math.sqrt(block[1, 1]), level),
        "weights": {
            "effective_treated": float(np.sum(w * treated) ** 2 / np.sum(w**2 * treated)),
            "effective_reference": float(np.sum(w * (1 - treated)) ** 2 / np.sum(w**2 * (1 - treated))),
        },
        "balance": {},
    }
    for j, name in enumerate(names[1:], 1):
        a, b = x[treated == 1, j], x[treated == 0, j]
        gap = np.average(a, weights=w[treated == 1]) - np.average(b, weights=w[treated == 0])
        out["balance"][name] = float(gap / math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2))
    return out
