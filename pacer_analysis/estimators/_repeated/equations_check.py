"""The second way to the estimating equations: statsmodels' solution, and the clusters one by one with their full matrices."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import sqrtm
from statsmodels.genmod.cov_struct import Exchangeable, Independence
from statsmodels.genmod.families import Binomial, Gaussian, Poisson
from statsmodels.genmod.generalized_estimating_equations import GEE

from pacer_analysis.estimators._repeated.estimating_equations import Array, Correction, Index, Link

FAMILIES = {"logit": Binomial, "log": Poisson, "identity": Gaussian}
MOST = 5_000  # clusters up to which the second way, which is a Python loop, goes along


def solve(x: Array, y: Array, link: Link, clusters: Index, *, exchangeable: bool, weight: Array | None, correction: Correction) -> tuple[Array, Array]:
    """Coefficients and robust covariance with the same working correlation, its alpha by the same moment estimator."""
    model = GEE(y, x, groups=clusters, family=FAMILIES[link](), cov_struct=Exchangeable() if exchangeable else Independence(), weights=weight)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what does not converge shows as a difference
        fitted = model.fit(maxiter=300, ctol=1e-10)
    beta = np.asarray(fitted.params)
    if correction == "none":
        return beta, np.asarray(fitted.cov_robust)
    alpha = float(model.cov_struct.dep_params) if exchangeable else 0.0
    return beta, _one_by_one(x, y, link, clusters, beta, alpha, weight, correction)


def _one_by_one(x: Array, y: Array, link: Link, clusters: Index, beta: Array, alpha: float, weight: Array | None, correction: Correction) -> Array:
    family = FAMILIES[link]()
    parts: list[tuple[Array, Array, Array]] = []
    for cluster in range(int(clusters.max()) + 1):
        inside = clusters == cluster
        eta = x[inside] @ beta
        mean = family.fitted(eta)
        derivative = (1 / family.link.deriv(mean))[:, None] * x[inside]
        root = np.diag(np.sqrt(family.variance(mean) / (1.0 if weight is None else weight[inside])))
        working = root @ (alpha * np.ones((len(eta), len(eta))) + (1 - alpha) * np.eye(len(eta))) @ root
        inverse = np.asarray(np.linalg.inv(working), dtype=np.float64)
        parts.append((derivative, inverse, y[inside] - mean))
    bread = np.linalg.inv(np.sum([d.T @ inverse @ d for d, inverse, _ in parts], axis=0))
    meat = np.zeros_like(bread)
    for d, inverse, residual in parts:
        left: NDArray[np.float64] = np.eye(len(residual)) - d @ bread @ d.T @ inverse
        score = d.T @ inverse @ np.linalg.solve(left if correction == "mancl_derouen" else np.real(sqrtm(left)), residual)
        meat += np.outer(score, score)
    return np.asarray(bread @ meat @ bread)
