"""A random intercept per person by restricted maximum likelihood, from sums over persons alone, with Satterthwaite's degrees of freedom.

V = s2 (I + r Z Z') with r the ratio of the variance between persons to that within. Per person Z'W^-1 is the sum over 1 + n r, so likelihood,
gradient and Hessian in (s2, r) are sums over persons of products of p numbers, and no matrix of the size of the data is made.
Source: Laird and Ware, Biometrics 1982;38:963-74; Satterthwaite, Biometrics 1946;2:110-4, for several contrasts Fai and Cornelius, J Stat Comput
Simul 1996;54:363-78.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from pacer_analysis.errors import NotEstimable

Array = NDArray[np.float64]
Index = NDArray[np.intp]
LARGEST = 1e8  # ratio of the variances above which nothing is left within persons


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients, their covariance, both variances, and what the degrees of freedom are made of."""

    coefficients: Array
    covariance: Array
    within: float
    between: float
    hessian: Array      # of minus the log-likelihood in (within, ratio); empty where the ratio is 0
    shrunk: Array       # derivative of the covariance by the ratio
    residual_df: int


@dataclass(frozen=True, slots=True)
class _Sums:
    xx: Array
    xy: Array
    yy: float
    x: Array            # per person
    y: Array
    n: Array


@dataclass(frozen=True, slots=True)
class _At:
    """Everything at one ratio."""

    beta: Array
    inverse: Array
    rest: float         # y'Py
    part: Array         # T: per person the sums of x over 1 + n r
    u: Array            # per person the sum of residuals over 1 + n r
    slope: float        # derivative of the profile log-likelihood by the ratio


def fit(x: Array, y: Array, person: Index) -> Fit:
    """The restricted maximum; refuses data without variation within persons, or with as many columns as persons can carry."""
    n = np.asarray(np.bincount(person), dtype=np.float64)
    per_person = np.column_stack([np.asarray(np.bincount(person, weights=column), dtype=np.float64) for column in x.T])
    sums = _Sums(x.T @ x, x.T @ y, float(y @ y), per_person, np.asarray(np.bincount(person, weights=y), dtype=np.float64), n)
    df = len(y) - x.shape[1]
    if df < 1:
        raise NotEstimable(f"{x.shape[1]} columns for {len(y)} values")
    if n.max() < 2:
        raise NotEstimable("no participant has two values: nothing tells the variance within from that between", do="use ancova")
    start = _at(sums, 0.0, df)
    if start.rest <= 1e-12 * max(sums.yy, 1e-300):
        raise NotEstimable("no variation around the model")
    best = int(np.argmax([_profile(sums, ratio, df) for ratio in GRID]))
    if start.slope <= 0 and not best:  # there may be a second maximum when persons differ in their number of values
        s2 = start.rest / df
        return Fit(start.beta, s2 * start.inverse, s2, 0.0, np.empty((0, 0)), np.empty((0, 0)), df)
    ratio = _root(sums, df, best)
    found = _at(sums, ratio, df)
    s2 = found.rest / df
    return Fit(found.beta, s2 * found.inverse, s2, ratio * s2, _hessian(sums, found, ratio, df), s2 * found.inverse @ found.part.T @ found.part @ found.inverse, df)


def _at(sums: _Sums, ratio: float, df: int) -> _At:
    shrink = 1 + sums.n * ratio
    part = sums.x / shrink[:, None]
    inverse = np.asarray(np.linalg.inv(sums.xx - ratio * sums.x.T @ part), dtype=np.float64)
    xy = sums.xy - ratio * part.T @ sums.y
    beta = inverse @ xy
    rest = sums.yy - ratio * float((sums.y**2 / shrink).sum()) - float(xy @ beta)
    u = (sums.y - sums.x @ beta) / shrink
    # -2 l = df log(y'Py) + sum log(1 + n r) + log |X'W^-1 X|
    slope = -0.5 * (-df * float(u @ u) / rest + float((sums.n / shrink).sum()) - float(np.sum((part @ inverse) * part)))
    return _At(beta, inverse, rest, part, u, slope)


GRID = np.concatenate([[0.0], np.geomspace(1e-4, LARGEST, 49)])


def _profile(sums: _Sums, ratio: float, df: int) -> float:
    found = _at(sums, ratio, df)
    return float(-0.5 * (df * np.log(found.rest) + np.log1p(sums.n * ratio).sum() - np.linalg.slogdet(found.inverse)[1]))


def _root(sums: _Sums, df: int, best: int) -> float:
    """Where the slope is zero around the highest point of the grid."""
    if best == len(GRID) - 1:
        raise NotEstimable("no variation within participants around the model")
    low, high = GRID[max(best - 1, 0)], GRID[best + 1]
    if _at(sums, low, df).slope <= 0 or _at(sums, high, df).slope >= 0:
        raise NotEstimable("the restricted likelihood has no maximum that can be found")
    return float(brentq(lambda ratio: _at(sums, ratio, df).slope, low, high, xtol=1e-15, rtol=8.9e-16, maxiter=500))


def _hessian(sums: _Sums, at: _At, ratio: float, df: int) -> Array:
    """Of minus the restricted log-likelihood in (within, ratio) at its maximum."""
    s2 = at.rest / df
    shrink = 1 + sums.n * ratio
    size = sums.n / shrink
    tu = at.part.T @ at.u
    inside = at.inverse @ at.part.T @ at.part
    by_ratio = 0.5 * (-float(size @ size) + 2 * float(np.trace(at.inverse @ (at.part.T * size) @ at.part)) - float(np.trace(inside @ inside))
                      + 2 * (float((at.u**2) @ size) - float(tu @ at.inverse @ tu)) / s2)
    mixed = float(at.u @ at.u) / (2 * s2**2)
    return np.array([[df / (2 * s2**2), mixed], [mixed, by_ratio]])


def degrees(found: Fit, contrast: Array) -> float:
    """Satterthwaite's degrees of freedom of one contrast; those of least squares where the variance between persons is 0."""
    if not found.hessian.size:
        return float(found.residual_df)
    variance = float(contrast @ found.covariance @ contrast)
    gradient = np.array([variance / found.within, float(contrast @ found.shrunk @ contrast)])
    return float(2 * variance**2 / (gradient @ np.linalg.solve(found.hessian, gradient)))


def degrees_of_several(found: Fit, contrasts: Array) -> float:
    """Fai and Cornelius' denominator degrees of freedom of the F test of several contrasts."""
    if not found.hessian.size:
        return float(found.residual_df)
    _, vectors = np.linalg.eigh(contrasts @ found.covariance @ contrasts.T)
    each = np.array([degrees(found, direction @ contrasts) for direction in vectors.T])
    q = len(contrasts)
    if each.min() <= 2:
        return 2.0
    total = float((each / (each - 2)).sum())
    return 2 * total / (total - q)
