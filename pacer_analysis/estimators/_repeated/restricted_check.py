"""The second way to the mixed model: each person's own covariance matrix written out, and scipy climbing the restricted likelihood.

Persons with as many values share the matrix. Degrees of freedom come from numerical derivatives by both variances.
(statsmodels' MixedLM finds the same variances, which a test holds, but its standard errors let the variances vary along with the coefficients.)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import fdtrc, stdtr

Array = NDArray[np.float64]
Index = NDArray[np.intp]
STEP = 1e-3    # of each variance, in the central differences
NONE = 1e-7    # share of the variance between persons below which the search has ended at 0


class SecondWay:
    """Coefficients, covariance and degrees of freedom without a line of the first way."""

    def __init__(self, x: Array, y: Array, person: Index) -> None:
        order = np.argsort(person, kind="stable")
        sizes = np.bincount(person)[person[order]]
        self.groups = [(x[rows].reshape(-1, n, x.shape[1]), y[rows].reshape(-1, n)) for n in np.unique(sizes) for rows in [order[sizes == n]]]
        self.df = len(y) - x.shape[1]
        grid = np.linspace(0, 1, 41)[:-1]
        best = int(np.argmin([self._deviance(share) for share in grid]))
        found = minimize_scalar(self._deviance, bounds=(grid[max(best - 1, 0)], grid[best + 1] if best < 39 else 1 - 1e-9), method="bounded", options={"xatol": 1e-13, "maxiter": 500})
        share = 0.0 if found.x < NONE else self._polished(float(found.x))
        total = self._total(share)
        self.variances = np.array([(1 - share) * total, share * total])
        self.beta, self.covariance, _, _ = self.solution(self.variances)
        self._hessian, self._slopes = np.empty((0, 0)), np.empty(0)

    def solution(self, variances: Array) -> tuple[Array, Array, float, float]:
        """At given variances (within, between): coefficients, covariance, the log determinants and the weighted residual sum of squares."""
        k = self.groups[0][0].shape[2]
        xx, xy, yy, logs = np.zeros((k, k)), np.zeros(k), 0.0, 0.0
        for x, y in self.groups:
            v = variances[0] * np.eye(y.shape[1]) + variances[1]
            inverse = np.linalg.inv(v)
            xx += np.einsum("gni,nm,gmj->ij", x, inverse, x, optimize=True)
            xy += np.einsum("gni,nm,gm->i", x, inverse, y, optimize=True)
            yy += float(np.einsum("gn,nm,gm->", y, inverse, y, optimize=True))
            logs += len(y) * float(np.linalg.slogdet(v)[1])
        beta = np.linalg.solve(xx, xy)
        return beta, np.linalg.inv(xx), logs + float(np.linalg.slogdet(xx)[1]), yy - float(xy @ beta)

    def _polished(self, share: float) -> float:
        """Newton's steps on the logit of the share: a minimum alone is known to the root of the rounding error only."""
        def height(place: float) -> float:
            return self._deviance(1 / (1 + float(np.exp(-place))))

        place, h = float(np.log(share / (1 - share))), 4e-3
        for _ in range(4):
            here, near, far = height(place), (height(place - h), height(place + h)), (height(place - 2 * h), height(place + 2 * h))
            slope = (8 * (near[1] - near[0]) - (far[1] - far[0])) / (12 * h)
            bend = (16 * (near[0] + near[1]) - (far[0] + far[1]) - 30 * here) / (12 * h * h)
            if not bend > 0 or abs(slope / bend) > 0.1:
                break
            place -= slope / bend
        return 1 / (1 + float(np.exp(-place)))

    def _total(self, share: float) -> float:
        return float(self.solution(np.array([1 - share, share]))[3] / self.df)

    def _deviance(self, share: float) -> float:
        _, _, logs, rest = self.solution(np.array([1 - share, share]))
        return float(logs + self.df * np.log(rest))

    def degrees(self, contrasts: Array) -> Array:
        """Satterthwaite's, one per contrast."""
        if not self.variances[1]:
            return np.full(len(contrasts), float(self.df))
        if not self._hessian.size:
            steps = np.diag(self.variances * STEP)
            self._hessian = second_differences(lambda at: sum(self.solution(at)[2:]) / 2, self.variances, steps)
            self._slopes = np.array([_slope(lambda at: self.solution(at)[1], self.variances, step) for step in steps])
        spread = np.einsum("qi,ij,qj->q", contrasts, self.covariance, contrasts)
        gradient = np.einsum("qi,vij,qj->qv", contrasts, self._slopes, contrasts)
        return np.asarray(2 * spread**2 / np.einsum("qi,ij,qj->q", gradient, np.linalg.inv(self._hessian), gradient))

    def p_of(self, contrast: Array) -> tuple[float, float, float]:
        """Estimate, standard error and p of one contrast."""
        value, se = float(contrast @ self.beta), float(np.sqrt(contrast @ self.covariance @ contrast))
        return value, se, float(2 * stdtr(self.degrees(contrast[None])[0], -abs(value / se)))

    def f_of(self, contrasts: Array) -> tuple[float, float]:
        """F and p of several contrasts, by the sum over their principal directions."""
        values, vectors = np.linalg.eigh(contrasts @ self.covariance @ contrasts.T)
        directions = vectors.T @ contrasts
        f = float((((directions @ self.beta) ** 2) / values).mean())
        each, q = self.degrees(directions), len(contrasts)
        total = float((each / (each - 2)).sum()) if each.min() > 2 else np.inf
        df = float(self.df) if not self.variances[1] else 2 * total / (total - q) if np.isfinite(total) else 2.0
        return f, float(fdtrc(q, df, f))


def _slope(function: Callable[[Array], Array], at: Array, step: Array) -> Array:
    """Central differences of the fourth order."""
    return (8 * (function(at + step) - function(at - step)) - (function(at + 2 * step) - function(at - 2 * step))) / (12 * float(step.sum()))


def second_differences(function: Callable[[Array], float], at: Array, steps: Array) -> Array:
    """The matrix of second derivatives by central differences."""
    size = steps.sum(axis=1)
    return np.array([[(function(at + a + b) - function(at + a - b) - function(at - a + b) + function(at - a - b)) / (4 * size[i] * size[j])
                      for j, b in enumerate(steps)] for i, a in enumerate(steps)])
