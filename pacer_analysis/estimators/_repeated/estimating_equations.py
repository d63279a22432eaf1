"""Generalised estimating equations, solved on whitened rows, and their sandwich with its small-sample corrections.

With V = A^1/2 R A^1/2 and L L' = V^-1 the equations sum D' V^-1 (y - mu) = 0 are those of least squares on L' D and L' (y - mu). For a constant
correlation L' is in closed form: what a row differs from its cluster's mean by 1 / sqrt(1 - alpha), the mean by 1 / sqrt(1 + (n - 1) alpha).
Source: Liang and Zeger, Biometrika 1986;73:13-22; Mancl and DeRouen, Biometrics 2001;57:126-34; Kauermann and Carroll, JASA 2001;96:1387-96.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._logistic_model import FAR, separation

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Link = Literal["logit", "log", "identity"]
Correction = Literal["none", "mancl_derouen", "kauermann_carroll"]
ROUNDS = 200
WHOLE = 1e-9  # what is left of a cluster's residual below this: the cluster alone settles a coefficient


@dataclass(frozen=True, slots=True)
class Solution:
    """Coefficients, the working correlation, and the whitened rows with their bread (the inverse of the sum of D' V^-1 D)."""

    coefficients: Array
    alpha: float
    x: Array
    residual: Array
    bread: Array


def mean_of(link: Link, eta: Array) -> Array:
    """The fitted mean."""
    return np.asarray(expit(eta) if link == "logit" else np.exp(eta) if link == "log" else eta)


def slope_of(link: Link, mean: Array) -> Array:
    """The derivative of the mean by the linear predictor: also the working variance, for all three links are canonical."""
    return mean * (1 - mean) if link == "logit" else mean if link == "log" else np.ones_like(mean)


def solve(x: Array, y: Array, link: Link, clusters: Index, names: tuple[str, ...], *, exchangeable: bool, weight: Array | None = None) -> Solution:
    """Fisher scoring, alpha by its moment estimator at every step; refuses what does not converge, naming the columns that separate."""
    sizes = np.bincount(clusters)
    beta = _start(x, y, link)
    alpha = 0.0
    for _ in range(ROUNDS):
        mean = mean_of(link, x @ beta)
        slope = slope_of(link, mean)
        scale = np.sqrt(slope * (1.0 if weight is None else weight))
        if not np.isfinite(scale).all() or (scale <= 0).any():
            raise NotEstimable(_why(x, y, link, names))
        rows, residual = x * scale[:, None], (y - mean) / np.sqrt(slope) * (1.0 if weight is None else np.sqrt(weight))
        before = alpha
        alpha = moment_alpha(residual, clusters, sizes, x.shape[1]) if exchangeable else 0.0
        rows, residual = whitened(rows, residual, clusters, sizes, alpha)
        information = rows.T @ rows
        try:
            bread = np.asarray(np.linalg.inv(information), dtype=np.float64)
        except np.linalg.LinAlgError:
            raise NotEstimable(_why(x, y, link, names)) from None
        step = bread @ (rows.T @ residual)
        beta = beta + step
        if not np.isfinite(beta).all():
            break
        if np.abs(step).max() < 1e-11 * (1 + np.abs(beta).max()) and abs(alpha - before) < 1e-12:
            if link == "logit" and np.abs(x @ beta).max() > FAR and separation(x, y, names[1:]):
                break
            return Solution(beta, alpha, rows, residual, bread)
    raise NotEstimable(_why(x, y, link, names))


def _start(x: Array, y: Array, link: Link) -> Array:
    """Least squares of the link of (y + its mean) / 2: coefficients of the right sign and size."""
    halfway = (y + y.mean()) / 2
    target = logit(halfway) if link == "logit" else np.log(halfway) if link == "log" else y
    return np.asarray(np.linalg.lstsq(x, target, rcond=None)[0])


def _why(x: Array, y: Array, link: Link, names: tuple[str, ...]) -> str:
    return (separation(x, y, names[1:]) if link == "logit" else "") or "the estimating equations did not converge"


def moment_alpha(residual: Array, clusters: Index, sizes: Index, columns: int) -> float:
    """Liang and Zeger's: the sum of products of Pearson residuals over pairs, over (pairs - p), over their mean square with N - p."""
    pairs = float((sizes * (sizes - 1)).sum()) / 2 - columns
    if pairs <= 0 or len(residual) <= columns:
        raise NotEstimable("too few pairs of visits for an exchangeable correlation", do="`correlation: independence`")
    squares = float(residual @ residual)
    totals = np.bincount(clusters, weights=residual)
    alpha = (float(totals @ totals) - squares) / 2 / pairs / (squares / (len(residual) - columns))
    if not -1 / max(int(sizes.max()) - 1, 1) < alpha < 1:
        raise NotEstimable("the exchangeable correlation came out where none can be", do="`correlation: independence`")
    return alpha


def whitened(rows: Array, residual: Array, clusters: Index, sizes: Index, alpha: float) -> tuple[Array, Array]:
    """Rows and residuals times L'."""
    if alpha == 0:
        return rows, residual
    both = np.column_stack([rows, residual])
    means = np.column_stack([np.bincount(clusters, weights=column) for column in both.T]) / sizes[:, None]
    between = (1 / np.sqrt(1 + (sizes - 1) * alpha) - 1 / np.sqrt(1 - alpha))[:, None] * means
    both = both / np.sqrt(1 - alpha) + between[clusters]
    return both[:, :-1], both[:, -1]


def sandwich(found: Solution, clusters: Index, correction: Correction) -> Array:
    """The robust covariance: residuals as they are, times (I - H)^-1 (Mancl and DeRouen), or times (I - H)^-1/2 (Kauermann and Carroll)."""
    residual = found.residual if correction == "none" else _corrected(found, clusters, correction)
    scores = np.column_stack([np.bincount(clusters, weights=column * residual) for column in found.x.T])
    return np.asarray(found.bread @ (scores.T @ scores) @ found.bread)


def _corrected(found: Solution, clusters: Index, correction: Correction) -> Array:
    """Whitened residuals over what the fit left of them, the clusters of one size together."""
    sizes = np.bincount(clusters)
    order = np.argsort(clusters, kind="stable")
    size_of_row = sizes[clusters[order]]
    corrected = np.empty_like(found.residual)
    for size in np.unique(sizes):
        rows = order[size_of_row == size].reshape(-1, size)
        x = found.x[rows]
        left = np.eye(size) - x @ found.bread @ x.transpose(0, 2, 1)
        values, vectors = np.linalg.eigh(left)
        if values.min() < WHOLE:
            raise NotEstimable("one cluster alone settles a coefficient: the small-sample correction does not exist", do="`correction: none`")
        powers = values ** (-1.0 if correction == "mancl_derouen" else -0.5)
        corrected[rows] = np.einsum("gij,gj,gkj,gk->gi", vectors, powers, vectors, found.residual[rows], optimize=True)
    return corrected
