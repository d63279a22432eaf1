"""The logistic model twice: statsmodels' Newton steps, and scipy's root of the same score equations."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog, root
from scipy.special import expit
from statsmodels.discrete.discrete_model import Logit
from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationError, PerfectSeparationWarning

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._design_matrix import refuse_collinear

Array = NDArray[np.float64]
FAR = 15.0  # a linear predictor beyond this puts a fitted proportion within 3e-7 of 0 or 1: worth a closer look


class Separated(NotEstimable):
    """The likelihood rises for ever along some column: there is no maximum."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients (intercept first), their model-based covariance and the log-likelihood."""

    coefficients: Array
    covariance: Array
    loglik: float


def with_intercept(matrix: Array) -> Array:
    """The columns after a column of ones."""
    return np.column_stack([np.ones(len(matrix)), matrix])


def fit(matrix: Array, y: Array, names: tuple[str, ...]) -> Fit:
    """Maximum likelihood by statsmodels; refuses collinear columns, separation and non-convergence, naming the column."""
    refuse_collinear(matrix, names)
    refuse_plain_separation(matrix, y, names)
    x, back = standardised(matrix)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            fitted = Logit(y, x).fit(method="newton", maxiter=100, tol=1e-10, disp=0, warn_convergence=False)
        except (PerfectSeparationError, np.linalg.LinAlgError):
            raise Separated(separation(x, y, names) or "the logistic model cannot be fitted") from None
    if not fitted.mle_retvals["converged"] or np.abs(x @ fitted.params).max() > FAR:
        found = separation(x, y, names)
        if found or not fitted.mle_retvals["converged"]:
            raise Separated(found or "the logistic model did not converge")
    return Fit(back @ fitted.params, back @ fitted.cov_params() @ back.T, float(fitted.llf))


def fit_again(matrix: Array, y: Array) -> Fit:
    """The same by Powell's hybrid method on the score; the covariance from the information written out."""
    x, back = standardised(matrix)
    n = len(y)

    def score(beta: Array) -> Array:
        return np.asarray(x.T @ (y - expit(x @ beta)) / n)

    def slope(beta: Array) -> Array:
        p = expit(x @ beta)
        return np.asarray(-(x.T * (p * (1 - p))) @ x / n)

    start = np.zeros(x.shape[1])
    start[0] = np.log(y.mean() / (1 - y.mean()))
    beta = root(score, start, jac=slope, method="hybr", options={"xtol": 1e-14}).x
    beta = beta - np.linalg.solve(slope(beta), score(beta))  # one Newton step takes the gradient below 1e-10
    eta = x @ beta
    covariance = back @ np.linalg.inv(-n * slope(beta)) @ back.T
    return Fit(back @ beta, covariance, float(y @ eta - np.logaddexp(0, eta).sum()))


def standardised(matrix: Array) -> tuple[Array, Array]:
    """Intercept and columns with mean 0 and SD 1, and the matrix that takes their coefficients back to the original scale."""
    centre, spread = matrix.mean(axis=0), matrix.std(axis=0)
    back = np.diag(np.concatenate([[1.0], 1 / spread]))
    back[0, 1:] = -centre / spread
    return with_intercept((matrix - centre) / spread), back


def refuse_plain_separation(matrix: Array, y: Array, names: tuple[str, ...]) -> None:
    """Refuses an outcome that is the same for everyone, or settled by one column alone."""
    if y.min() == y.max():
        raise NotEstimable("no events" if not y.max() else "only events")
    for column, name in zip(matrix.T, names, strict=True):
        with_event, without = column[y == 1], column[y == 0]
        if with_event.max() <= without.min() or without.max() <= with_event.min():
            raise Separated(f"separation: {name} settles the outcome")
        ends = (column.min(), column.max())
        if np.isin(column, ends).all() and any(len(np.unique(y[column == end])) == 1 for end in ends):
            raise Separated(f"separation: one outcome only at one value of {name}")


def separation(x: Array, y: Array, names: tuple[str, ...]) -> str:
    """The columns along which the likelihood rises for ever, found by linear programming (Konis 2007); blank if there are none."""
    signed = np.unique(np.column_stack([x * np.where(y == 1, 1, -1)[:, None]]).round(12), axis=0)
    best = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1), method="highs")
    if best.status != 0 or -best.fun < 1e-6:
        return ""
    return f"separation: {', '.join(name for name, size in zip(names, best.x[1:], strict=True) if abs(size) > 1e-6)}"
