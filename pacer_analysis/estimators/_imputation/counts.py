"""Risk differences of many two-by-two tables at once: for every number of events that the missing could have had.

The score interval is that of Miettinen and Nurminen, Statistics in Medicine 1985;4:213-26, by bisection in all tables together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.estimators._normal import quantile

Array = NDArray[np.float64]

HALVINGS = 60


def score(x1: Array, n1: float, x0: Array, n0: float, d: Array) -> Array:
    """The signed root of the score chi-square at difference d."""
    total = n1 + n0
    gap = x1 / n1 - x0 / n0 - d
    p0 = _most_likely(x1, n1, x0, n0, d)
    p1 = np.clip(p0 + d, 0.0, 1.0)
    variance = (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * total / (total - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = gap / np.sqrt(np.maximum(variance, 0.0))
    return np.where(np.abs(gap) < 1e-15, 0.0, np.where(variance > 1e-300, z, np.copysign(np.inf, gap)))


def _most_likely(x1: Array, n1: float, x0: Array, n0: float, d: Array) -> Array:
    """The second proportion at the maximum of the likelihood among pairs that differ by d, by bisection on its slope (concave)."""
    low, high = np.maximum(0.0, -d), np.minimum(1.0, 1.0 - d)
    for _ in range(HALVINGS):
        p0 = (low + high) / 2
        p1 = p0 + d
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = (np.where(x1 > 0, x1 / p1, 0.0) - np.where(x1 < n1, (n1 - x1) / (1 - p1), 0.0)
                     + np.where(x0 > 0, x0 / p0, 0.0) - np.where(x0 < n0, (n0 - x0) / (1 - p0), 0.0))
        rising = slope > 0
        low, high = np.where(rising, p0, low), np.where(rising, high, p0)
    return np.asarray((low + high) / 2)


def interval(x1: Array, n1: float, x0: Array, n0: float, level: float) -> tuple[Array, Array]:
    """The limits for the first proportion minus the second in every table."""
    z = quantile(level)
    seen = x1 / n1 - x0 / n0
    inner, outer = [seen.copy(), seen.copy()], [np.full_like(seen, -1.0), np.full_like(seen, 1.0)]
    for side, sign in ((0, 1.0), (1, -1.0)):
        for _ in range(HALVINGS):
            middle = (inner[side] + outer[side]) / 2
            kept = sign * score(x1, n1, x0, n0, middle) <= z
            inner[side], outer[side] = np.where(kept, middle, inner[side]), np.where(kept, outer[side], middle)
    return inner[0], inner[1]


def wald(x1: Array, n1: float, x0: Array, n0: float, measure: str) -> tuple[Array, Array]:
    """The estimate (ratios as logarithms) and its unpooled standard error in every table; NaN where a cell is empty that may not be."""
    p1, p0 = x1 / n1, x0 / n0
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure == "rd":
            return p1 - p0, np.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
        if measure == "rr":
            found = np.log(p1 / p0), np.sqrt(1 / x1 - 1 / n1 + 1 / x0 - 1 / n0)
        else:
            found = np.log(p1 / (1 - p1) * (1 - p0) / p0), np.sqrt(1 / x1 + 1 / (n1 - x1) + 1 / x0 + 1 / (n0 - x0))
    usable = np.isfinite(found[0]) & np.isfinite(found[1])
    return np.where(usable, found[0], np.nan), np.where(usable, found[1], np.nan)
