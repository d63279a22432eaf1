"""BCa intervals of marginal effects: people drawn again within their arms, all resamples fitted together.

A resample is a row of counts, so one Newton step for every resample at once is two matrix products. Acceleration for several samples:
a = sum_k n_k^-3 sum L^3 / (6 (sum_k n_k^-2 sum L^2)^(3/2)), L the jackknife's influence values (n_k - 1)(t - t_-i).
Source: Efron, JASA 1987;82:171-85; Davison and Hinkley, Bootstrap Methods and their Application, 1997, sections 5.3 and 3.2.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr, ndtri

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._logistic_model import FAR, with_intercept

Array = NDArray[np.float64]
Index = NDArray[np.intp]

CELLS = 4_000_000  # resamples times people fitted at a time
STEPS = 30
# ASSUME: with more than one resample in twenty separated there is no bootstrap interval; with fewer those are left out and counted.
SEPARATED = 0.05


def resampled(matrix: Array, y: Array, arm: Index, arms: int, start: Array, *, draws: int, seed: int) -> tuple[Array, int]:
    """The marginal proportions of each resample that can be fitted, and how many could not."""
    rng = np.random.default_rng(seed)
    n = len(y)
    found, block = [], max(1, CELLS // n)
    for first in range(0, draws, block):
        size = min(block, draws - first)
        counts = np.zeros((size, n))
        for a in range(arms + 1):
            members = np.flatnonzero(arm == a)
            counts[:, members] = rng.multinomial(len(members), np.full(len(members), 1 / len(members)), size=size)
        found.append(proportions(matrix, y, arms, counts, start))
    values = np.concatenate(found)
    usable = np.isfinite(values).all(axis=1)
    lost = int((~usable).sum())
    if lost > SEPARATED * draws:
        raise NotEstimable("too many resamples separate for a bootstrap interval")
    return values[usable], lost


def left_out(matrix: Array, y: Array, arms: int, start: Array) -> Array:
    """The marginal proportions without each person in turn."""
    n = len(y)
    block = max(1, CELLS // n)
    parts = []
    for first in range(0, n, block):
        rows = np.arange(first, min(first + block, n))
        counts = np.ones((len(rows), n))
        counts[np.arange(len(rows)), rows] = 0.0
        parts.append(proportions(matrix, y, arms, counts, start))
    return np.concatenate(parts)


def proportions(matrix: Array, y: Array, arms: int, counts: Array, start: Array) -> Array:
    """Marginal proportions under each row of counts, by Newton's steps for all rows together; NaN where a row has no maximum."""
    x = with_intercept(matrix)
    width = x.shape[1]
    products = (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)
    beta = np.tile(start, (len(counts), 1))
    # A column that a resample lacks keeps its coefficient: it is nobody's there.
    ridge = np.diag(1e-12 * (x**2).sum(axis=0))
    for _ in range(STEPS):
        p = expit(beta @ x.T)
        gradient = (counts * (y - p)) @ x
        curvature = ((counts * (p * (1 - p))) @ products).reshape(-1, width, width)
        step = np.linalg.solve(curvature + ridge, gradient[:, :, None])[:, :, 0]
        step = np.clip(step, -5.0, 5.0)
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            break
    lost = (np.abs(step).max(axis=1) > 1e-6) | (np.where(counts > 0, np.abs(beta @ x.T), 0.0).max(axis=1) > FAR)
    rest = beta[:, :1] * x[:, 0] + beta[:, arms + 1:] @ x[:, arms + 1:].T
    total = counts.sum(axis=1)
    shifts = np.column_stack([np.zeros(len(beta)), beta[:, 1:arms + 1]])
    found = np.column_stack([(counts * expit(rest + shifts[:, [a]])).sum(axis=1) / total for a in range(arms + 1)])
    found[lost] = np.nan
    return found


def acceleration(without: Array, whole: float, arm: Index) -> float:
    """The acceleration from the quantity without each person."""
    cubes = squares = 0.0
    for a in np.unique(arm):
        size = int((arm == a).sum())
        influence = (size - 1) * (whole - without[arm == a])
        cubes += float((influence**3).sum()) / size**3
        squares += float((influence**2).sum()) / size**2
    return cubes / (6 * squares**1.5) if squares else 0.0


def limits(replicates: Array, whole: float, accelerated: float, level: float) -> tuple[float, float]:
    """The BCa limits: quantiles (type 6) of the replicates at shares moved by bias and acceleration."""
    below = (replicates < whole).mean() + (replicates == whole).mean() / 2
    if not 0 < below < 1:
        raise NotEstimable("the bootstrap lies to one side of the estimate")
    bias = float(ndtri(below))
    found = []
    for share in ((1 - level) / 2, (1 + level) / 2):
        z = bias + float(ndtri(share))
        moved = float(ndtr(bias + z / (1 - accelerated * z)))
        if not math.isfinite(moved):
            raise NotEstimable("the bootstrap's acceleration is too large for these data")
        found.append(float(np.quantile(replicates, moved, method="weibull")))
    return found[0], found[1]
