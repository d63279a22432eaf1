"""Marginal proportions of a logistic model, functions of them, and their standard errors from the covariance of the proportions."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from pacer_analysis.estimators._logistic_model import with_intercept
from pacer_analysis.estimators._normal import quantile, two_sided
from pacer_analysis.results import Estimate

Array = NDArray[np.float64]


def predictions(coefficients: Array, matrix: Array, arms: int) -> Array:
    """Everyone's fitted proportion in each arm (a column each, reference first), the covariates as they are."""
    x = with_intercept(matrix)
    columns = []
    for arm in range(arms + 1):
        x[:, 1:arms + 1] = 0.0
        if arm:
            x[:, arm] = 1.0
        columns.append(expit(x @ coefficients))
    return np.column_stack(columns)


def gradients(predicted: Array, matrix: Array, arms: int) -> Array:
    """The derivatives of the marginal proportions in the coefficients, one row per arm."""
    x = with_intercept(matrix)
    rows = []
    for arm in range(arms + 1):
        x[:, 1:arms + 1] = 0.0
        if arm:
            x[:, arm] = 1.0
        p = predicted[:, arm]
        rows.append((p * (1 - p)) @ x / len(p))
    return np.array(rows)


def sandwich(matrix: Array, y: Array, coefficients: Array, clusters: NDArray[np.intp] | None) -> Array:
    """The covariance of the coefficients by HC0, or summed within clusters with the factor G / (G - 1)."""
    x = with_intercept(matrix)
    p = expit(x @ coefficients)
    bread = np.linalg.inv((x.T * (p * (1 - p))) @ x)
    scores = x * (y - p)[:, None]
    if clusters is not None:
        scores = np.column_stack([np.bincount(clusters, weights=column) for column in scores.T])
    factor = 1.0 if clusters is None else len(scores) / (len(scores) - 1)
    return np.asarray(factor * bread @ (scores.T @ scores) @ bread)


def value_and_slopes(measure: str, arm: int, values: Array) -> tuple[float, Array]:
    """The quantity (ratios as logs) and its derivatives in the proportions."""
    p, p0 = float(values[arm]), float(values[0])
    slopes = np.zeros(len(values))
    if measure == "proportion":
        slopes[arm] = 1.0
        return p, slopes
    if measure == "rd":
        slopes[arm], slopes[0] = 1.0, -1.0
        return p - p0, slopes
    if measure == "rr":
        slopes[arm], slopes[0] = 1 / p, -1 / p0
        return math.log(p / p0), slopes
    slopes[arm], slopes[0] = 1 / (p * (1 - p)), -1 / (p0 * (1 - p0))
    return float(logit(p) - logit(p0)), slopes


def row(measure: str, arm: int, values: Array, covariance: Array, level: float) -> Estimate:
    """One quantity for an arm, against arm 0 unless it is a proportion, with Wald's interval and test."""
    value, slopes = value_and_slopes(measure, arm, values)
    se = math.sqrt(max(float(slopes @ covariance @ slopes), 0.0))
    width = quantile(level) * se
    base = Estimate(measure=measure, se=se, level=level)
    if measure == "proportion":
        half = width / (value * (1 - value))
        low, high = (float(expit(logit(value) + sign * half)) for sign in (-1, 1))
        return replace(base, scale="absolute", estimate=value, low=low, high=high)
    z = value / se if se else 0.0
    tested = replace(base, statistic=z, p=two_sided(z), sides=2)
    if measure == "rd":
        return replace(tested, scale="difference", estimate=value, low=value - width, high=value + width)
    return replace(tested, scale="ratio", estimate=math.exp(value), low=math.exp(value - width), high=math.exp(value + width))
