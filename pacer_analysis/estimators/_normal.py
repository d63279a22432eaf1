"""The normal distribution as every interval and test uses it."""

from __future__ import annotations

import math

from scipy.special import chdtrc, ndtr, ndtri


def quantile(level: float) -> float:
    """The two-sided standard normal quantile: 1.959964 for 0.95."""
    return float(ndtri(0.5 + level / 2))


def two_sided(z: float) -> float:
    """The two-sided p of a standard normal statistic."""
    return float(2 * ndtr(-abs(z)))


def chi_square(statistic: float, df: int) -> float:
    """The upper tail of chi-square."""
    return float(chdtrc(df, max(statistic, 0.0)))  # a likelihood ratio of zero may round below it


def log_log(survival: float, se: float, level: float) -> tuple[float, float] | None:
    """The log(-log) interval of a probability: S ** exp(-+ z se / (S log S)); nothing at 0, at 1 and without a standard error."""
    if not 0 < survival < 1 or not se > 0:
        return None
    spread = quantile(level) * se / (survival * math.log(survival))
    one, other = survival ** math.exp(spread), survival ** math.exp(-spread)
    return min(one, other), max(one, other)
