"""Grouped proportional hazards over visits, maximised directly over (last negative visit, first positive visit]."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from .columns import arm_names, chi_square_p, design, wald_ratio


def visit_intervals(long: pd.DataFrame, fixed: list[str] | None = None) -> pd.DataFrame:
    """One row per id from rows (id, visit 1..K, outcome 0/1/NaN): `left` the last negative visit before the first positive (0 if none),
    `right` the first positive visit (NaN if never).

    Visits after the first positive do not count; a woman without any result keeps left 0.
    """
    out = []
    for name, rows in long.groupby("id", sort=False):
        known = rows.dropna(subset=["outcome"]).sort_values("visit")
        positive = known.loc[known["outcome"] == 1, "visit"]
        right = float(positive.iloc[0]) if len(positive) else math.nan
        before = known.loc[known["visit"] < right, "visit"] if len(positive) else known["visit"]
        row = {"id": name, "left": int(before.max()) if len(before) else 0, "right": right}
        out.append(row | {c: rows[c].iloc[0] for c in ["arm", *(fixed or [])]})
    table = pd.DataFrame(out)
    table["arm"] = pd.Categorical(table["arm"], categories=arm_names(long))
    return table


def log_likelihood(theta: np.ndarray, left: np.ndarray, right: np.ndarray, x: np.ndarray, visits: int) -> complex:
    """Event: log(exp(-e^eta H(left)) - exp(-e^eta H(right))); none: -e^eta H(left); H(k) = sum of exp(alpha) up to k. Complex-safe."""
    steps = np.concatenate([[0], np.cumsum(np.exp(theta[:visits]))])
    risk = np.exp(x @ theta[visits:]) if x.shape[1] else np.ones(len(left))
    total = -np.sum(risk * steps[left])
    event = ~np.isnan(right)
    gap = risk[event] * (steps[right[event].astype(int)] - steps[left[event]])
    return total + np.sum(np.log(1 - np.exp(-gap)))


def gradient(theta: np.ndarray, *data: object) -> np.ndarray:
    """The complex step: exact to rounding."""
    out = np.zeros(len(theta))
    for j in range(len(theta)):
        shifted = theta.astype(complex)
        shifted[j] += 1e-30j
        out[j] = log_likelihood(shifted, *data).imag / 1e-30  # type: ignore[arg-type]  # data are the arguments of log_likelihood
    return out


def information(theta: np.ndarray, *data: object) -> np.ndarray:
    """Observed: central differences of the exact gradient, two step sizes extrapolated."""
    k = len(theta)
    rough = []
    for h in (1e-3, 5e-4):
        m = np.zeros((k, k))
        for j in range(k):
            e = np.zeros(k)
            e[j] = h
            m[j] = -(gradient(theta + e, *data) - gradient(theta - e, *data)) / (2 * h)
        rough.append((m + m.T) / 2)
    return (4 * rough[1] - rough[0]) / 3


def maximise(left: np.ndarray, right: np.ndarray, x: np.ndarray, visits: int) -> tuple[np.ndarray, float, np.ndarray]:
    data = (left, right, x, visits)
    theta = np.concatenate([np.full(visits, -2.0), np.zeros(x.shape[1])])
    value = log_likelihood(theta, *data).real
    for _ in range(200):
        g = gradient(theta, *data)
        step = np.linalg.solve(information(theta, *data), g)
        if g @ step < 0:
            step = g / np.linalg.norm(g)
        size = min(1.0, 3 / np.max(np.abs(step)))
        while not (trial := log_likelihood(theta + size * step, *data).real) >= value - 1e-10 * (1 + abs(value)):
            size /= 2
            if size < 1e-10:
                raise ArithmeticError("no better point")
        theta, value = theta + size * step, trial
        if np.max(np.abs(size * step)) < 1e-10:
            return theta, float(value), information(theta, *data)
    raise ArithmeticError("no convergence")


def discrete_hazard(frame: pd.DataFrame, covariates: list[str] | None = None, level: float = 0.95) -> dict[str, dict[str, float]]:
    """Frame with left, right, arm, covariates, one row per woman. Hazard ratios (cloglog), observed information, LR test of the arm.

    Readings: one baseline step per visit, common to all arms; visits at which no interval can end in an event must not exist
    (their step would be minus infinity); rows with left 0 and no event carry no information and stay in n.
    """
    rows = frame.dropna(subset=["arm", *(covariates or [])])
    left, right = rows["left"].to_numpy(int), rows["right"].to_numpy(float)
    visits = int(max(left.max(), np.nanmax(right)))
    x, names = design(rows, ["arm", *(covariates or [])], intercept=False)
    theta, best, info = maximise(left, right, x, visits)
    se = np.sqrt(np.diag(np.linalg.inv(info)))
    arms = len(arm_names(rows)) - 1
    null = maximise(left, right, x[:, arms:], visits)[1]
    out: dict[str, dict[str, float]] = {
        "model": {"log_likelihood": best, "n": len(rows), "events": int(np.sum(~np.isnan(right)))},
        "lr[arm]": {"statistic": 2 * (best - null), "df": arms, "p": chi_square_p(2 * (best - null), arms)},
    }
    for k in range(visits):
        out[f"visit[{k + 1}]"] = {"coefficient": float(theta[k]), "se": float(se[k]), "hazard": float(1 - np.exp(-np.exp(theta[k])))}
    for j, name in enumerate(names):
        out[name] = wald_ratio(float(theta[visits + j]), float(se[visits + j]), level) | {"coefficient": float(theta[visits + j])}
    return out


def discrete_cif(event_hazard: list[float], death_hazard: list[float]) -> dict[str, float]:
    """CIF through each visit. Reading: a death between two visits comes before the later visit, so the event needs survival to it."""
    free, cif, out = 1.0, 0.0, {}
    for k, (h, d) in enumerate(zip(event_hazard, death_hazard, strict=True), 1):
        cif += free * (1 - d) * h
        free *= (1 - d) * (1 - h)
        out[f"visit[{k}]"] = cif
    return out
