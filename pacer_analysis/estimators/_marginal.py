"""Marginal proportions of a logistic model, functions of them, and their standard errors - twice.

The first way writes the derivatives out. The second (`Check`) starts from scipy's solution, obtains the information and the gradient
of each quantity by complex-step differentiation of the functions themselves, and knows nothing of the first.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from pacer_analysis.estimators._logistic_model import fit_again, with_intercept
from pacer_analysis.estimators._normal import quantile, two_sided
from pacer_analysis.estimators._witness import agreement, library
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


def margins(coefficients: Array, matrix: Array, arms: int) -> tuple[Array, Array]:
    """The mean prediction with everyone in each arm (reference first), and its derivatives in the coefficients, one row per arm."""
    x = with_intercept(matrix)
    values, gradients = [], []
    for arm in range(arms + 1):
        x[:, 1:arms + 1] = 0.0
        if arm:
            x[:, arm] = 1.0
        p = expit(x @ coefficients)
        values.append(p.mean())
        gradients.append((p * (1 - p)) @ x / len(p))
    return np.array(values), np.array(gradients)


def row(measure: str, arm: int, values: Array, gradients: Array, covariance: Array, check: Check, level: float) -> Estimate:
    """One quantity for an arm, against arm 0 unless it is a proportion."""
    p, p0 = float(values[arm]), float(values[0])
    g, g0 = gradients[arm], gradients[0]
    if measure == "proportion":
        value, gradient = p, g
    elif measure == "rd":
        value, gradient = p - p0, g - g0
    elif measure == "rr":
        value, gradient = math.log(p / p0), g / p - g0 / p0
    else:
        value, gradient = float(logit(p) - logit(p0)), g / (p * (1 - p)) - g0 / (p0 * (1 - p0))
    se = math.sqrt(gradient @ covariance @ gradient)
    other, other_se = check.value_and_se(measure, arm)
    width = quantile(level) * se
    base = Estimate(measure=measure, se=se, level=level, witness=f"{library('scipy')} root, complex-step derivatives: estimate, se",
                    agreement=agreement((value, other), (se, other_se), se=se))
    return _finished(base, value, width)


def _finished(base: Estimate, value: float, width: float) -> Estimate:
    """The row with its interval, on the scale on which it is printed."""
    from dataclasses import replace

    if base.measure == "proportion":
        half = width / (value * (1 - value))
        low, high = (float(expit(logit(value) + sign * half)) for sign in (-1, 1))
        return replace(base, scale="absolute", estimate=value, low=low, high=high)
    z = value / base.se if base.se else math.inf
    tested = replace(base, statistic=z, p=two_sided(z), sides=2)
    if base.measure == "rd":
        return replace(tested, scale="difference", estimate=value, low=value - width, high=value + width)
    return replace(tested, scale="ratio", estimate=math.exp(value), low=math.exp(value - width), high=math.exp(value + width))


class Check:
    """The second way to each quantity; fits and differentiates once, then answers per row."""

    STEP = 1e-30

    def __init__(self, matrix: Array, y: Array, arms: int) -> None:
        self.x = with_intercept(matrix)
        self.arms = arms
        self.beta = fit_again(matrix, y).coefficients
        information = -self._jacobian(lambda beta: np.asarray((y - 1 / (1 + np.exp(-self.x @ beta))) @ self.x, dtype=np.complex128))
        self.covariance = np.linalg.inv((information + information.T) / 2)
        self.found = self._mean_predictions(self.beta.astype(complex)).real
        self.slopes = self._jacobian(self._mean_predictions)

    def _jacobian(self, function: Callable[[Complex], Complex]) -> Array:
        columns = []
        for j in range(len(self.beta)):
            moved = self.beta.astype(complex)
            moved[j] += 1j * self.STEP
            columns.append(function(moved).imag / self.STEP)
        return np.column_stack(columns)

    def _mean_predictions(self, beta: Complex) -> Complex:
        rest = self.x[:, 0] * beta[0] + self.x[:, self.arms + 1:] @ beta[self.arms + 1:]
        shifts = np.concatenate([[0], beta[1:self.arms + 1]])
        return np.array([(1 / (1 + np.exp(-(rest + shift)))).mean() for shift in shifts])

    def value_and_se(self, measure: str, arm: int) -> tuple[float, float]:
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
            moved[k] += 1j * self.STEP
            slope[k] = quantity(moved).imag / self.STEP
        gradient = slope @ self.slopes
        return float(np.real(quantity(self.found.astype(complex)))), float(math.sqrt(gradient @ self.covariance @ gradient))
