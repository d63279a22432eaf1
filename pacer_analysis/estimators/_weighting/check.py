"""The second way to weighted quantities and their covariance: the equations stacked and differentiated by complex steps, or explicit sums.

It starts from scipy's solution of the propensity model and uses no derivative of `scores` or `quantities`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.estimators._logistic_model import fit_again

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
STEP = 1e-30


class Check:
    """Two groups, their propensity model fitted again, and the weights as a function of everything estimated before."""

    def __init__(self, x: Array, group: Array, weights: str) -> None:
        self.x, self.group, self.overlap = x, group, weights == "overlap"
        beta = fit_again(x[:, 1:], group).coefficients
        self.first = beta if self.overlap else np.append(beta, group.mean())
        self.now = self.weight(self.first.astype(complex)).real
        self.bread = np.linalg.inv(-jacobian(lambda at: self.equations(at).sum(axis=0), self.first))

    def probability(self, at: Complex) -> Complex:
        """The scores at these parameters."""
        return np.asarray(1 / (1 + np.exp(-self.x @ at[: self.x.shape[1]])))

    def weight(self, at: Complex) -> Complex:
        """The weights at these parameters."""
        p = self.probability(at)
        if self.overlap:
            return np.asarray(self.group * (1 - p) + (1 - self.group) * p)
        return np.asarray(self.group * at[-1] / p + (1 - self.group) * (1 - at[-1]) / (1 - p))

    def equations(self, at: Complex) -> Complex:
        """Per person the estimating equations of the parameters."""
        parts = self.x * (self.group - self.probability(at))[:, None]
        return parts if self.overlap else np.column_stack([parts, self.group - at[-1]])

    def means(self, y: Array) -> tuple[Array, Array]:
        """The two weighted means and their influence, from all equations stacked: A^-1 times each person's part."""
        known = np.isfinite(y)
        filled, size = np.where(known, y, 0.0), len(self.first)
        start = np.array([np.average(y[known & (self.group == k)], weights=self.now[known & (self.group == k)]) for k in (0, 1)])

        def stacked(at: Complex) -> Complex:
            parts = [(known & (self.group == k)) * self.weight(at[:size]) * (filled - at[size + k]) for k in (0, 1)]
            return np.column_stack([self.equations(at[:size]), *parts])

        at = np.concatenate([self.first, start])
        bread = np.linalg.inv(-jacobian(lambda theta: stacked(theta).sum(axis=0), at))
        return start, np.asarray((stacked(at.astype(complex)).real @ bread.T)[:, size:])

    def survival(self, time: Array, event: NDArray[np.bool_], horizon: float, *, influence: bool) -> tuple[Array, Array | None]:
        """The two weighted survivals and, if asked for, their influence: a walk over event times, person by person at each."""
        def walk(weight: Complex, *, own: bool) -> tuple[Complex, Complex]:
            value, gradient = np.ones(2, dtype=complex), np.zeros((len(time), 2), dtype=complex)
            for k in (0, 1):
                for day in np.unique(time[(self.group == k) & event & (time <= horizon)]):
                    risk = (self.group == k) & (time >= day)
                    dying = risk & event & (time == day)
                    total, dead = weight[risk].sum(), weight[dying].sum()
                    value[k] *= 1 - dead / total
                    if own:
                        gradient[:, k] -= (dying - risk * dead / total) / (total - dead)
            return value, gradient * value

        value, gradient = walk(self.now.astype(complex), own=influence)
        if not influence:
            return value.real, None
        slope = jacobian(lambda at: walk(self.weight(at), own=False)[0], self.first)
        own = self.now[:, None] * gradient.real
        return value.real, np.asarray(own + self.equations(self.first.astype(complex)).real @ self.bread.T @ slope.T)

    def hazard_ratio(self, time: Array, event: NDArray[np.bool_]) -> tuple[float, Array]:
        """The log hazard ratio and its influence, from the walk over risk sets."""
        from pacer_analysis.estimators._survival import walk

        n = len(time)
        rows = walk.Rows(time, event, self.group[:, None], np.zeros(n, dtype=np.intp), np.full(n, -np.inf), self.now, np.zeros(n), efron=False)
        beta, covariance, _ = walk.solution(rows)
        own = walk.influence(rows, beta, covariance)
        slope = jacobian(self.weight, self.first)
        return float(beta[0]), np.asarray(own + self.equations(self.first.astype(complex)).real @ self.bread.T @ (slope.T @ (own / self.now[:, None])))


def jacobian(function: Callable[[Complex], Complex], at: Array) -> Array:
    """Derivatives by complex steps: (values, parameters)."""
    columns = []
    for j in range(len(at)):
        moved = at.astype(complex)
        moved[j] += 1j * STEP
        columns.append(function(moved).imag / STEP)
    return np.column_stack(columns)
