"""Logistic regression: Newton's method, Wald and profile-likelihood intervals, likelihood-ratio tests, subgroup interaction."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from .columns import chi_square_p, design, levels, newton, outward, term_columns, wald_ratio, z_value


def log_likelihood(x: np.ndarray, y: np.ndarray, beta: np.ndarray, offset: np.ndarray | float = 0.0) -> float:
    eta = x @ beta + offset
    return float(np.sum(y * eta - np.logaddexp(0, eta)))


def fit(x: np.ndarray, y: np.ndarray, offset: np.ndarray | float = 0.0) -> tuple[np.ndarray, float, np.ndarray]:
    """Coefficients, log-likelihood, information at the maximum."""

    def objective(beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        p = 1 / (1 + np.exp(-(x @ beta + offset)))
        return log_likelihood(x, y, beta, offset), x.T @ (y - p), x.T @ ((p * (1 - p))[:, None] * x)

    beta = newton(objective, np.zeros(x.shape[1]))
    value, _, information = objective(beta)
    return beta, value, information


def profile(
    x: np.ndarray,
    y: np.ndarray,
    j: int,
    refit: Callable[[np.ndarray, np.ndarray, np.ndarray], float],
    beta: float,
    se: float,
    best: float,
    level: float,
) -> tuple[float, float]:
    """Where twice the fall of the (penalised) log-likelihood, maximised over all else, reaches the squared normal quantile."""
    others = np.delete(x, j, axis=1)
    drop = z_value(level) ** 2

    def excess(value: float) -> float:
        return 2 * (best - refit(others, y, x[:, j] * value)) - drop

    return outward(excess, beta, -se), outward(excess, beta, se)


def rows_and_matrix(frame: pd.DataFrame, covariates: list[str] | None) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, list[str], list[str]]:
    terms = ["arm", *(covariates or [])]
    used = [part for term in terms for part in term.split(":")]
    rows = frame.dropna(subset=["outcome", *dict.fromkeys(used)])
    x, names = design(rows, terms)
    return rows, x, rows["outcome"].to_numpy(float), names, terms


def logistic(
    frame: pd.DataFrame, covariates: list[str] | None = None, level: float = 0.95, profiles: bool = True
) -> dict[str, dict[str, float]]:
    """Per coefficient the odds ratio with Wald and profile intervals; per term a likelihood-ratio test (`lr[term]`). Complete cases."""
    rows, x, y, names, terms = rows_and_matrix(frame, covariates)
    beta, best, information = fit(x, y)
    se = np.sqrt(np.diag(np.linalg.inv(information)))
    out: dict[str, dict[str, float]] = {"model": {"log_likelihood": best, "n": len(y), "events": float(y.sum())}}
    for j, name in enumerate(names):
        out[name] = wald_ratio(float(beta[j]), float(se[j]), level) | {"coefficient": float(beta[j])}
        if profiles:
            low, high = profile(x, y, j, lambda a, b, c: fit(a, b, c)[1], float(beta[j]), float(se[j]), best, level)
            out[name] |= {"profile_low": math.exp(low), "profile_high": math.exp(high)}
    for term in terms:
        gone = term_columns(rows, term, names)
        statistic = 2 * (best - fit(np.delete(x, gone, axis=1), y)[1])
        out[f"lr[{term}]"] = {"statistic": statistic, "df": len(gone), "p": chi_square_p(statistic, len(gone))}
    return out


def subgroup_interaction(
    frame: pd.DataFrame, subgroup: str, covariates: list[str] | None = None, level: float = 0.95
) -> dict[str, dict[str, float]]:
    """Likelihood-ratio test of arm by subgroup, and per level of the subgroup the odds ratio of each arm from the model with the product.

    Readings: one joint model (arm, subgroup, covariates, product), not one model per level; without covariates the two coincide.
    Counts per arm and level stand beside each effect. No p value is given for a single level.
    """
    rows = frame.dropna(subset=["outcome", "arm", subgroup, *(covariates or [])]).copy()
    rows[subgroup] = pd.Categorical(rows[subgroup], categories=levels(rows[subgroup]))
    main = ["arm", subgroup, *(covariates or [])]
    y = rows["outcome"].to_numpy(float)
    without = fit(design(rows, main)[0], y)[1]
    x, names = design(rows, [*main, f"arm:{subgroup}"])
    beta, best, information = fit(x, y)
    variance = np.linalg.inv(information)
    df = sum(name.startswith("arm[") and ":" in name for name in names)
    statistic = 2 * (best - without)
    out = {"interaction": {"statistic": statistic, "df": df, "p": chi_square_p(statistic, df)}}
    for value in levels(rows[subgroup]):
        for arm in levels(rows["arm"])[1:]:
            contrast = np.zeros(len(names))
            contrast[names.index(f"arm[{arm}]")] = 1
            product = f"arm[{arm}]:{subgroup}[{value}]"
            if product in names:
                contrast[names.index(product)] = 1
            row = wald_ratio(float(contrast @ beta), math.sqrt(contrast @ variance @ contrast), level)
            cell = rows[rows[subgroup] == value]
            treated, control = cell[cell["arm"] == arm]["outcome"], cell[cell["arm"] == levels(rows["arm"])[0]]["outcome"]
            out[f"{subgroup}[{value}] arm[{arm}]"] = {k: row[k] for k in ("estimate", "se", "low", "high")} | {
                "n": len(treated),
                "events": float(treated.sum()),
                "n_reference": len(control),
                "events_reference": float(control.sum()),
            }
    return out
