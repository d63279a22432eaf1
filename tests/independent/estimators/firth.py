"""Firth's penalised logistic regression with penalised profile-likelihood intervals and tests."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from .columns import chi_square_p, outward, z_value
from .logistic import rows_and_matrix


def penalised(x: np.ndarray, y: np.ndarray, beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Log-likelihood + half the log determinant of the information, its gradient (the modified score), the information."""
    eta = x @ beta
    p = 1 / (1 + np.exp(-eta))
    w = p * (1 - p)
    information = x.T @ (w[:, None] * x)
    sign, log_det = np.linalg.slogdet(information)
    value = float(np.sum(y * eta - np.logaddexp(0, eta))) + (0.5 * float(log_det) if sign > 0 else -math.inf)
    hat = w * np.einsum("ij,jk,ik->i", x, np.linalg.inv(information), x)
    return value, x.T @ (y - p + hat * (0.5 - p)), information


def firth_fit(
    x: np.ndarray, y: np.ndarray, fixed: int | None = None, value: float = 0.0, start: np.ndarray | None = None
) -> tuple[np.ndarray, float]:
    """The maximum, optionally with one coefficient held; the penalty always uses the whole information matrix."""
    beta = np.zeros(x.shape[1]) if start is None else start.copy()
    free = [j for j in range(x.shape[1]) if j != fixed]
    if fixed is not None:
        beta[fixed] = value
    best, score, information = penalised(x, y, beta)
    for _ in range(2000):
        if not free:
            break
        step = np.zeros(len(beta))
        step[free] = np.linalg.solve(information[np.ix_(free, free)], score[free])
        longest = np.max(np.abs(step))
        size = min(1.0, 2.0 / longest) if longest > 0 else 1.0
        trial = penalised(x, y, beta + size * step)
        while not trial[0] >= best - 1e-10 * (1 + abs(best)):
            size /= 2
            if size < 1e-10:
                raise ArithmeticError("Firth: no better point")
            trial = penalised(x, y, beta + size * step)
        beta = beta + size * step
        best, score, information = trial
        if np.max(np.abs(score[free])) < 1e-10 and np.max(np.abs(size * step)) < 1e-9:
            break
    else:
        raise ArithmeticError("Firth: no convergence")
    return beta, best


def firth_matrix(x: np.ndarray, y: np.ndarray, names: list[str], level: float = 0.95) -> dict[str, dict[str, float]]:
    """Coefficients on the log scale: standard error from the unpenalised information at the estimate, profile limits, penalised test.

    Reading: the profile and the test hold one coefficient and keep the penalty of the full information matrix (Heinze and Schemper).
    """
    beta, best = firth_fit(x, y)
    se = np.sqrt(np.diag(np.linalg.inv(penalised(x, y, beta)[2])))
    out: dict[str, dict[str, float]] = {"model": {"penalised_log_likelihood": best, "n": len(y), "events": float(y.sum())}}
    for j, name in enumerate(names):

        def excess(value: float, j: int = j) -> float:
            return 2 * (best - firth_fit(x, y, j, value, beta)[1]) - z_value(level) ** 2

        statistic = 2 * (best - firth_fit(x, y, j, 0.0, beta)[1])
        out[name] = {
            "coefficient": float(beta[j]),
            "se": float(se[j]),
            "profile_low": outward(excess, float(beta[j]), -float(se[j])),
            "profile_high": outward(excess, float(beta[j]), float(se[j])),
            "statistic": statistic,
            "p": chi_square_p(statistic, 1),
        }
    return out


def firth(frame: pd.DataFrame, covariates: list[str] | None = None, level: float = 0.95) -> dict[str, dict[str, float]]:
    """The same model as `logistic`, penalised; coefficients on the log scale, odds ratio and limits beside them."""
    _, x, y, names, _ = rows_and_matrix(frame, covariates)
    out = firth_matrix(x, y, names, level)
    for name in names:
        row = out[name]
        row |= {"estimate": math.exp(row["coefficient"]), "low": math.exp(row["profile_low"]), "high": math.exp(row["profile_high"])}
    return out
