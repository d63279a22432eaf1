"""Two-stage least squares with the arm as the instrument of what was received, and the interval of Anderson and Rubin.

One instrument, so b = (Z'X)^-1 Z'y with the sandwich HC0, and the Anderson-Rubin set is every b for which y - b d does not depend on the
arm: a quadratic inequality in the two coefficients of the arm (on y and on d) and their joint HC0 covariance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from statsmodels.regression.linear_model import OLS

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._normal import quantile

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stages:
    """The arm's coefficients on the outcome and on what was received, their covariance, and their ratio with its SE."""

    outcome: float
    received: float
    covariance: Array
    effect: float
    se: float


def fit(arm: Array, covariates: Array, received: Array, y: Array) -> Stages:
    """By the normal equations; refuses arms that do not differ in what was received."""
    z = np.column_stack([np.ones(len(y)), arm, covariates])
    inverse = np.linalg.inv(z.T @ z)
    both = np.column_stack([y, received])
    slopes = inverse @ (z.T @ both)
    if abs(slopes[1, 1]) < 1e-10:
        raise NotEstimable("the arms do not differ in what was received: no complier effect")
    # Each person's part of the arm's two coefficients.
    parts = (z @ inverse[:, 1])[:, None] * (both - z @ slopes)
    x = z.copy()
    x[:, 1] = received
    crossed = np.linalg.inv(z.T @ x)
    beta = crossed @ (z.T @ y)
    scores = z * (y - x @ beta)[:, None]
    variance = float((crossed @ (scores.T @ scores) @ crossed.T)[1, 1])
    return Stages(float(slopes[1, 0]), float(slopes[1, 1]), parts.T @ parts, float(beta[1]), math.sqrt(max(variance, 0.0)))


def fit_again(arm: Array, covariates: Array, received: Array, y: Array) -> Stages:
    """The ratio of statsmodels' two regressions, their covariance by polarisation, the ratio's SE by the delta method."""
    z = np.column_stack([np.ones(len(y)), arm, covariates])

    def slope(values: Array) -> tuple[float, float]:
        fitted = OLS(values, z).fit(cov_type="HC0")
        return float(fitted.params[1]), float(fitted.cov_params()[1, 1])

    (top, v_top), (bottom, v_bottom), (_, v_sum) = slope(y), slope(received), slope(y + received)
    crossed = (v_sum - v_top - v_bottom) / 2
    ratio = top / bottom
    se = math.sqrt(max(v_top - 2 * ratio * crossed + ratio**2 * v_bottom, 0.0)) / abs(bottom)
    return Stages(top, bottom, np.array([[v_top, crossed], [crossed, v_bottom]]), ratio, se)


def anderson_rubin(s: Stages, level: float) -> tuple[float, float] | None:
    """The limits of the Anderson-Rubin set; nothing where it is unbounded."""
    critical = quantile(level) ** 2
    a = s.received**2 - critical * s.covariance[1, 1]
    b = -2 * (s.outcome * s.received - critical * s.covariance[0, 1])
    c = s.outcome**2 - critical * s.covariance[0, 0]
    if a <= 0:
        return None
    root = math.sqrt(max(b * b - 4 * a * c, 0.0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def z_at(effect: float, arm: Array, covariates: Array, received: Array, y: Array) -> float:
    """The HC0 statistic by statsmodels of the arm on y - effect x received, its size: the normal quantile at an Anderson-Rubin limit."""
    fitted = OLS(y - effect * received, np.column_stack([np.ones(len(y)), arm, covariates])).fit(cov_type="HC0")
    return abs(float(fitted.params[1])) / math.sqrt(float(fitted.cov_params()[1, 1]))
