"""Poisson regression of a binary outcome with the sandwich: log risk ratios, twice.

statsmodels fits by reweighted least squares; the second way climbs the likelihood with scipy's root finder and sums the sandwich itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog, root
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._design_matrix import refuse_collinear
from pacer_analysis.estimators._logistic_model import standardised

Array = NDArray[np.float64]
Index = NDArray[np.intp]
FAR = -15.0  # a fitted log risk below this: worth a look at whether it falls for ever


@dataclass(frozen=True, slots=True)
class Fit:
    """Log risk ratios (intercept first), their sandwich covariance, and how many fitted risks exceed 1."""

    coefficients: Array
    covariance: Array
    above: int


def fit(matrix: Array, y: Array, names: tuple[str, ...], clusters: Index | None) -> Fit:
    """By statsmodels, HC0 or summed within clusters with the factor G / (G - 1); refuses collinear columns and infinite ratios."""
    refuse_collinear(matrix, names)
    _refuse_infinite(matrix, y, names)
    x, back = standardised(matrix)
    model = GLM(y, x, family=Poisson())
    options = {"maxiter": 100, "tol": 1e-12, "tol_criterion": "params"}
    fitted = model.fit(cov_type="HC0", **options) if clusters is None else model.fit(cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": False}, **options)
    if not fitted.converged:
        raise NotEstimable("the Poisson model did not converge")
    factor = 1.0 if clusters is None else (clusters.max() + 1) / clusters.max()
    return Fit(back @ fitted.params, factor * back @ fitted.cov_params() @ back.T, int((fitted.fittedvalues > 1).sum()))


def fit_again(matrix: Array, y: Array, clusters: Index | None) -> Fit:
    """The same by Powell's hybrid method and explicit sums."""
    x, back = standardised(matrix)

    def score(beta: Array) -> Array:
        return np.asarray(x.T @ (y - np.exp(x @ beta)) / len(y))

    def slope(beta: Array) -> Array:
        return np.asarray(-(x.T * np.exp(x @ beta)) @ x / len(y))

    start = np.zeros(x.shape[1])
    start[0] = np.log(y.mean())
    beta = root(score, start, jac=slope, method="hybr", options={"xtol": 1e-14}).x
    beta = beta - np.linalg.solve(slope(beta), score(beta))
    risk = np.exp(x @ beta)
    bread = np.linalg.inv(np.einsum("i,ij,ik->jk", risk, x, x))
    meat = np.zeros_like(bread)
    scores = (y - risk)[:, None] * x
    for group in range(len(y)) if clusters is None else np.unique(clusters):
        total = scores[group] if clusters is None else scores[clusters == group].sum(axis=0)
        meat += np.outer(total, total)
    groups = 0 if clusters is None else len(np.unique(clusters))
    factor = groups / (groups - 1) if groups else 1.0
    return Fit(back @ beta, factor * back @ bread @ meat @ bread @ back.T, int((risk > 1).sum()))


def _refuse_infinite(matrix: Array, y: Array, names: tuple[str, ...]) -> None:
    """Refuses a direction along which the risk of some falls for ever and that of those with the event stays, by name."""
    if not y.any():
        raise NotEstimable("no events")
    for column, name in zip(matrix.T, names, strict=True):
        ends = (column.min(), column.max())
        if any(not y[column == end].any() for end in ends) and np.isin(column, ends).all():
            raise NotEstimable(f"separation: no events at one value of {name}")
    x, _ = standardised(matrix)
    events, others = np.unique(x[y == 1].round(12), axis=0), np.unique(x[y == 0].round(12), axis=0)
    if not len(others):
        return
    best = linprog(others.sum(axis=0), A_ub=others, b_ub=np.zeros(len(others)), A_eq=events, b_eq=np.zeros(len(events)), bounds=(-1, 1), method="highs")
    if best.status == 0 and best.fun < -1e-6:
        raise NotEstimable(f"separation: {', '.join(name for name, size in zip(names, best.x[1:], strict=True) if abs(size) > 1e-6)}")
