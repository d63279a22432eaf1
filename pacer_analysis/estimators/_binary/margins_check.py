"""Marginal proportions a second way: scipy's solution of the score equations, and complex-step derivatives of the functions themselves.

Nothing of `margins.py` or `ye.py` is used. The robust variance is summed here person by person from residuals: with r = y - mu(own arm),
cov(y, mu_s) within an arm is cov(r, mu_s) + cov(mu_own, mu_s), and the variance of the first term is that of r and of mu separately.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.estimators._logistic_model import fit_again, with_intercept

if TYPE_CHECKING:
    from collections.abc import Callable

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Complex = NDArray[np.complex128]
STEP = 1e-30


class Check:
    """Fits and differentiates once, then answers per quantity."""

    def __init__(self, matrix: Array, y: Array, arms: int) -> None:
        self.x, self.y, self.arms = with_intercept(matrix), y, arms
        self.beta = fit_again(matrix, y).coefficients
        information = -self._jacobian(self._score)
        self.bread = np.linalg.inv((information + information.T) / 2)
        self.found = self._means(self.beta.astype(complex)).real
        self.slopes = self._jacobian(self._means)

    def _score(self, beta: Complex) -> Complex:
        return np.asarray((self.y - 1 / (1 + np.exp(-self.x @ beta))) @ self.x, dtype=np.complex128)

    def _jacobian(self, function: Callable[[Complex], Complex]) -> Array:
        columns = []
        for j in range(len(self.beta)):
            moved = self.beta.astype(complex)
            moved[j] += 1j * STEP
            columns.append(function(moved).imag / STEP)
        return np.column_stack(columns)

    def _each(self, beta: Complex) -> Complex:
        rest = self.x[:, 0] * beta[0] + self.x[:, self.arms + 1:] @ beta[self.arms + 1:]
        shifts = np.concatenate([[0], beta[1:self.arms + 1]])
        return np.column_stack([1 / (1 + np.exp(-(rest + shift))) for shift in shifts])

    def _means(self, beta: Complex) -> Complex:
        return np.asarray(self._each(beta).mean(axis=0))

    def model_based(self) -> Array:
        """Covariance of the proportions, the covariates fixed, from the inverse information."""
        return np.asarray(self.slopes @ self.bread @ self.slopes.T)

    def robust(self, clusters: Index | None) -> Array:
        """The same from the sandwich, one person or cluster after the other."""
        parts = (self.y - 1 / (1 + np.exp(-self.x @ self.beta)))[:, None] * self.x
        groups = range(len(parts)) if clusters is None else np.unique(clusters)
        meat = np.zeros((parts.shape[1], parts.shape[1]))
        for group in groups:
            total = parts[group] if clusters is None else parts[clusters == group].sum(axis=0)
            meat += np.outer(total, total)
        factor = 1.0 if clusters is None else len(groups) / (len(groups) - 1)
        return np.asarray(self.slopes @ (factor * self.bread @ meat @ self.bread) @ self.slopes.T)

    def randomised(self, arm: Index, strata: Index | None) -> Array:
        """Ye's covariance of the proportions, from the residuals and each person's influence."""
        mu = self._each(self.beta.astype(complex)).real
        n, k = mu.shape
        residual = self.y - mu[np.arange(n), arm]
        share = [float(np.mean(arm == a)) for a in range(k)]

        def together(one: Array, other: Array) -> float:
            return math.fsum((one - one.mean()) * (other - other.mean())) / (len(one) - 1)

        found = np.zeros((k, k))
        for a in range(k):
            inside = arm == a
            own, r = mu[inside, a], residual[inside]
            found[a, a] = (together(r, r) - together(own, own) + together(mu[:, a], mu[:, a])) / share[a]
            for b in range(k):
                crossed = together(r, mu[inside, b]) + together(own, mu[inside, b])
                found[a, b] += crossed
                found[b, a] += crossed
        for a in range(k):
            for b in range(k):
                found[a, b] -= together(mu[:, a], mu[:, b])
        for group in np.unique(strata) if strata is not None else ():
            members = strata == group
            if all((members & (arm == a)).any() for a in range(k)):
                means = [float(residual[members & (arm == a)].mean()) / share[a] for a in range(k)]
                for a in range(k):
                    for b in range(k):
                        found[a, b] -= float(members.mean()) * means[a] * means[b] * ((share[a] if a == b else 0.0) - share[a] * share[b])
        return np.asarray(found / n)

    def value_and_se(self, measure: str, arm: int, covariance: Array) -> tuple[float, float]:
        """The quantity (ratios as logs) and its standard error."""
        def quantity(p: Complex) -> Complex:
            if measure == "proportion":
                return np.asarray(p[arm])
            if measure == "rd":
                return np.asarray(p[arm] - p[0])
            return np.asarray(np.log(p[arm] / p[0]) if measure == "rr" else np.log(p[arm] / (1 - p[arm]) * (1 - p[0]) / p[0]))

        slope = np.zeros(len(self.found))
        for k in {0, arm}:
            moved = self.found.astype(complex)
            moved[k] += 1j * STEP
            slope[k] = quantity(moved).imag / STEP
        return float(np.real(quantity(self.found.astype(complex)))), math.sqrt(max(float(slope @ covariance @ slope), 0.0))
