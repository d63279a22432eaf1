"""The same maxima and profile limits a second way: the likelihood itself, differentiated by complex steps, and scipy's solver.

Nothing of `likelihood.py` is used: no hat matrix, no Fisher scoring. A limit is checked where it is said to be: the likelihood there,
maximised over the other coefficients, should have fallen by its critical value, and a Newton step says how far off it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, root

if TYPE_CHECKING:
    from collections.abc import Callable

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
STEP = 1e-30


class Check:
    """One likelihood, its maximum and its derivatives."""

    def __init__(self, x: Array, y: Array, *, penalised: bool, start: Array | None = None) -> None:
        self.x, self.y, self.penalised = x, y, penalised
        first = np.zeros(x.shape[1]) if start is None else start
        self.beta = np.asarray(root(self.gradient, first, method="hybr", options={"xtol": 1e-13}).x)
        slope = self._slope(self.beta)
        self.beta = self.beta - np.linalg.solve(slope, self.gradient(self.beta))
        self.covariance = np.linalg.inv(-self._differences(self._plain_gradient, self.beta)) if penalised else np.linalg.inv(-self._slope(self.beta))
        self.top = float(self.value(self.beta.astype(complex)).real)

    def value(self, beta: Complex) -> np.complex128:
        """The log-likelihood at coefficients that may be complex."""
        with np.errstate(all="ignore"):  # far out the likelihood is not a number, and the search turns back
            return self._value(beta)

    def _value(self, beta: Complex) -> np.complex128:
        eta = self.x @ beta
        found = (self.y * eta - np.log(1 + np.exp(eta))).sum()
        if self.penalised:
            p = 1 / (1 + np.exp(-eta))
            sign, size = np.linalg.slogdet((self.x.T * (p * (1 - p))) @ self.x)
            found = found + (size + np.log(sign)) / 2
        return np.complex128(found)

    def gradient(self, beta: Array) -> Array:
        """Its derivative, one complex step per coefficient."""
        return self._steps(self.value, beta)

    def _plain_gradient(self, beta: Array) -> Array:
        return np.asarray((self.y - 1 / (1 + np.exp(-self.x @ beta))) @ self.x)

    @staticmethod
    def _steps(function: Callable[[Complex], np.complex128], beta: Array) -> Array:
        found = []
        for j in range(len(beta)):
            moved = beta.astype(complex)
            moved[j] += 1j * STEP
            found.append(function(moved).imag / STEP)
        return np.array(found)

    def _slope(self, beta: Array) -> Array:
        return self._differences(self.gradient, beta)

    @staticmethod
    def _differences(function: Callable[[Array], Array], beta: Array) -> Array:
        """Central differences of a gradient, extrapolated once (Richardson)."""
        columns = []
        for j in range(len(beta)):
            parts = []
            for step in (1e-3, 5e-4):
                up, down = beta.copy(), beta.copy()
                up[j] += step
                down[j] -= step
                parts.append((function(up) - function(down)) / (2 * step))
            columns.append((4 * parts[1] - parts[0]) / 3)
        slope = np.column_stack(columns)
        return np.asarray((slope + slope.T) / 2)

    def limit(self, place: int, critical: float, near: float) -> float:
        """The limit that Newton's step leads to from `near`: where the likelihood, maximised over the others, has fallen by half of `critical`."""
        beta, top = self._over_others({place: near})
        return near + ((self.top - top) - critical / 2) / float(self.gradient(beta)[place])

    def fall(self, held: tuple[int, ...]) -> float:
        """Twice the fall of the log-likelihood where these coefficients are zero."""
        return 2 * (self.top - self._over_others(dict.fromkeys(held, 0.0))[1])

    def _over_others(self, held: dict[int, float]) -> tuple[Array, float]:
        """The maximum where these coefficients have these values, by scipy's BFGS and a Newton step."""
        whole = self.beta.copy()
        free = np.ones(len(whole), dtype=bool)
        for place, number in held.items():
            whole[place], free[place] = number, False

        def placed(part: Array) -> Array:
            beta = whole.copy()
            beta[free] = part
            return beta

        def lost(part: Array) -> float:
            found = float(self.value(placed(part).astype(complex)).real)
            return -found if np.isfinite(found) else 1e10

        if not free.any():
            return whole, -lost(whole[free])
        part = minimize(lost, whole[free], jac=lambda part: -np.nan_to_num(self.gradient(placed(part))[free]), method="BFGS", options={"gtol": 1e-9, "maxiter": 1000}).x
        slope = self._slope(placed(part))[np.ix_(free, free)]
        part = part - np.linalg.solve(slope, self.gradient(placed(part))[free])
        return placed(part), -lost(part)
