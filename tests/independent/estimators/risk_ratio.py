"""The risk ratio: crude with its log-Wald interval, adjusted by the modified Poisson model."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from .columns import design, newton, two_by_two, wald_ratio


def risk_ratio_crude(frame: pd.DataFrame, arm: str | None = None, level: float = 0.95) -> dict[str, float]:
    """Variance of the log: 1/a - 1/n1 + 1/b - 1/n0."""
    a, n1, b, n0 = two_by_two(frame, arm)
    return wald_ratio(math.log(a / n1 / (b / n0)), math.sqrt(1 / a - 1 / n1 + 1 / b - 1 / n0), level)


def poisson_fit(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    def objective(beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        eta = x @ beta
        mu = np.exp(eta)
        return float(y @ eta - mu.sum()), x.T @ (y - mu), x.T @ (mu[:, None] * x)

    start = np.zeros(x.shape[1])
    start[0] = math.log(y.mean())
    return newton(objective, start)


def sandwich(x: np.ndarray, residual: np.ndarray, information: np.ndarray, cluster: np.ndarray | None = None) -> np.ndarray:
    """HC0: bread, outer products of each subject's (or cluster's summed) score, bread; no factor for small samples."""
    scores = x * residual[:, None]
    if cluster is not None:
        scores = np.array([scores[cluster == value].sum(axis=0) for value in pd.unique(cluster)])
    bread = np.linalg.inv(information)
    return bread @ (scores.T @ scores) @ bread


def modified_poisson(
    frame: pd.DataFrame, covariates: list[str] | None = None, clustered: bool = False, adjust_clusters: bool = True, level: float = 0.95
) -> dict[str, dict[str, float]]:
    """Zou's Poisson model of a binary outcome, log link; HC0, or by cluster times G/(G - 1) (`adjust_clusters`). Complete cases."""
    terms = ["arm", *(covariates or [])]
    rows = frame.dropna(subset=["outcome", *terms])
    x, names = design(rows, terms)
    y = rows["outcome"].to_numpy(float)
    beta = poisson_fit(x, y)
    mu = np.exp(x @ beta)
    cluster = rows["cluster"].to_numpy() if clustered else None
    variance = sandwich(x, y - mu, x.T @ (mu[:, None] * x), cluster)
    if clustered and adjust_clusters:
        groups = rows["cluster"].nunique()
        variance = variance * groups / (groups - 1)
    return {
        name: wald_ratio(float(beta[j]), math.sqrt(variance[j, j]), level) | {"coefficient": float(beta[j]), "n": len(rows)}
        for j, name in enumerate(names)
    }
