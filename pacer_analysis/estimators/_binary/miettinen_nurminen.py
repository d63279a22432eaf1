"""Score interval for a risk difference: Miettinen and Nurminen, Statistics in Medicine 1985;4:213-26, equations 5-10.

The chi-square of a difference d compares the observed difference with d, its variance taken at the proportions that are
most likely among those that differ by exactly d, times N / (N - 1). The interval is every d that the test does not reject.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from pacer_analysis.estimators._normal import quantile

Array = NDArray[np.float64]


def restricted_proportion(x1: int, n1: int, x0: int, n0: int, d: float) -> float:
    """The most likely proportion of the second group when the first is larger by d: the root of their cubic."""
    total = n1 + n0
    a = total
    b = (n1 + 2 * n0) * d - total - (x1 + x0)
    c = (n0 * d - total - 2 * x0) * d + (x1 + x0)
    e = x0 * d * (1 - d)
    q = (b / (3 * a)) ** 3 - b * c / (6 * a * a) + e / (2 * a)
    p = math.copysign(math.sqrt(max((b / (3 * a)) ** 2 - c / (3 * a), 0.0)), q)
    cosine = q / p**3 if p else 0.0
    angle = (math.pi + math.acos(min(1.0, max(-1.0, cosine)))) / 3
    return min(1.0, max(0.0, 2 * p * math.cos(angle) - b / (3 * a)))


def score(x1: int, n1: int, x0: int, n0: int, d: float) -> float:
    """The signed root of the chi-square at difference d; infinite where the data exclude d, 0 at the observed difference."""
    gap = x1 / n1 - x0 / n0 - d
    if gap == 0:
        return 0.0
    p0 = restricted_proportion(x1, n1, x0, n0, d)
    p1 = min(1.0, max(0.0, p0 + d))
    total = n1 + n0
    variance = (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * total / (total - 1)
    return gap / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, gap)


def interval(x1: int, n1: int, x0: int, n0: int, level: float) -> tuple[float, float]:
    """The limits for the first group's proportion minus the second's."""
    z = quantile(level)
    observed = x1 / n1 - x0 / n0

    def excess(d: float, sign: int) -> float:
        return min(max(sign * score(x1, n1, x0, n0, d), -1e3), 1e3) - z

    low = -1.0 if excess(-1.0, 1) <= 0 or observed == -1 else float(brentq(excess, -1.0, observed, args=(1,), xtol=1e-14, rtol=1e-14))
    high = 1.0 if excess(1.0, -1) <= 0 or observed == 1 else float(brentq(excess, observed, 1.0, args=(-1,), xtol=1e-14, rtol=1e-14))
    return low, high


def interval_by_grid(x1: int, n1: int, x0: int, n0: int, level: float) -> tuple[float, float]:
    """The same limits by brute force: the likelihood maximised by bisection on a grid of differences, the grid refined around the crossing."""
    z = quantile(level)
    observed = x1 / n1 - x0 / n0

    def slope(p0: Array, d: Array) -> Array:
        """The log-likelihood's derivative in p0, times p0 (1 - p0) p1 (1 - p1): same sign, no division by zero."""
        p1 = p0 + d
        return (x1 - n1 * p1) * p0 * (1 - p0) + (x0 - n0 * p0) * p1 * (1 - p1)

    def statistic(d: Array) -> Array:
        left, right = np.maximum(0.0, -d), np.minimum(1.0, 1 - d)
        for _ in range(70):
            middle = (left + right) / 2
            rising = slope(middle, d) > 0
            left, right = np.where(rising, middle, left), np.where(rising, right, middle)
        p0 = (left + right) / 2
        p1 = np.clip(p0 + d, 0, 1)
        total = n1 + n0
        variance = (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * total / (total - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.abs(observed - d) / np.sqrt(variance))

    def limit(inside: float, outside: float) -> float:
        """The accepted difference farthest from the observed one, between the two."""
        for _ in range(9):
            grid = np.linspace(inside, outside, 41)
            rejected = np.flatnonzero(~(statistic(grid[1:]) <= z))
            if not len(rejected):
                return float(outside)
            inside, outside = float(grid[rejected[0]]), float(grid[rejected[0] + 1])
        return (inside + outside) / 2

    return limit(observed, -1.0), limit(observed, 1.0)
