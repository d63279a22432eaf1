"""Rubin's rules, and the same again by another road.

Pooling: Rubin, Multiple Imputation for Nonresponse in Surveys, 1987, section 3.1. Degrees of freedom: Barnard and Rubin, Biometrika
1999;86:948-55. Chi-square statistics: Li, Meng, Raghunathan and Rubin, Statistica Sinica 1991;1:65-92 (their D2).
Monte Carlo errors: White, Royston and Wood, Statistics in Medicine 2011;30:377-99, section 7 (the jackknife for p).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, stdtr, stdtrit
from scipy.stats import f as f_distribution

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pooled:
    """The pooled estimate, its standard error and degrees of freedom, and what the imputation cost."""

    estimate: float
    se: float
    df: float
    within: float
    between: float
    riv: float       # relative increase in variance
    fmi: float       # fraction of missing information
    mc_error: float  # of the estimate, had there been other imputations


def pool(estimates: Array, variances: Array, complete_df: float = math.inf) -> Pooled:
    """Mean, total variance, Barnard-Rubin degrees of freedom and fraction of missing information; arrays along the last axis are not taken."""
    m = len(estimates)
    within, between = float(variances.mean()), float(estimates.var(ddof=1))
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total if total > 0 else 0.0
    old = (m - 1) / share**2 if share > 0 else math.inf
    seen = complete_df * (complete_df + 1) / (complete_df + 3) * (1 - share) if math.isfinite(complete_df) else math.inf
    df = old if math.isinf(seen) else seen if math.isinf(old) else old * seen / (old + seen) if old + seen > 0 else 0.0
    riv = (1 + 1 / m) * between / within if within > 0 else math.inf if between > 0 else 0.0
    fmi = (riv + 2 / (df + 3)) / (riv + 1) if math.isfinite(riv) else 1.0
    return Pooled(float(estimates.mean()), math.sqrt(total), df, within, between, riv, fmi if share > 0 else 0.0, math.sqrt(between / m))


def t_quantile(level: float, df: float) -> float:
    """The two-sided quantile of Student's t."""
    return float(stdtrit(df, 0.5 + level / 2)) if math.isfinite(df) else float(-stdtrit(1e300, 0.5 - level / 2))


def two_sided(statistic: float, df: float) -> float:
    """The two-sided p of a t statistic."""
    return float(2 * stdtr(min(df, 1e300), -abs(statistic)))


def again(estimates: Sequence[float], variances: Sequence[float], complete_df: float) -> tuple[float, float, float, float]:
    """Estimate, standard error, degrees of freedom and p against zero: exact fractions, harmonic df and the incomplete beta function."""
    m = len(estimates)
    q, u = [Fraction(value) for value in estimates], [Fraction(value) for value in variances]
    mean = sum(q, Fraction(0)) / m
    between = sum(((value - mean) ** 2 for value in q), Fraction(0)) / (m - 1)
    inflated = between + between / m
    total = sum(u, Fraction(0)) / m + inflated
    if not total:
        return float(mean), 0.0, math.inf, math.nan
    gamma = float(inflated / total)
    rates = [gamma**2 / (m - 1)]
    if math.isfinite(complete_df):
        observed = (1 - gamma) * complete_df / (1 + 2 / (complete_df + 1))
        rates.append(1 / observed if observed > 0 else math.inf)
    df = 1 / sum(rates) if sum(rates) > 0 else math.inf
    t2 = float(mean * mean / total)
    p = math.erfc(math.sqrt(t2 / 2)) if math.isinf(df) else float(betainc(df / 2, 0.5, df / (df + t2)))
    return float(mean), math.sqrt(float(total)), df, p


def p_error(estimates: Array, variances: Array, complete_df: float) -> float:
    """The Monte Carlo error of the p value against zero, by leaving out one imputation at a time."""
    m = len(estimates)
    if m < 3:
        return math.nan
    ps = []
    for i in range(m):
        keep = np.arange(m) != i
        left = pool(estimates[keep], variances[keep], complete_df)
        ps.append(two_sided(left.estimate / left.se, left.df) if left.se > 0 else math.nan)
    return float(np.sqrt((m - 1) / m * ((np.array(ps) - np.mean(ps)) ** 2).sum()))


def pool_chi_square(statistics: Array, k: float) -> tuple[float, float, float]:
    """D2 of m chi-square statistics on k degrees of freedom: F, its second degrees of freedom, p."""
    m = len(statistics)
    r = (1 + 1 / m) * float(np.sqrt(statistics).var(ddof=1))
    f = (float(statistics.mean()) / k - (m + 1) / (m - 1) * r) / (1 + r)
    df = k ** (-3 / m) * (m - 1) * (1 + 1 / r) ** 2 if r > 0 else math.inf
    p = float(f_distribution.sf(max(f, 0.0), k, min(df, 1e12)))
    return f, df, p


def pool_chi_square_again(statistics: Sequence[float], k: float) -> tuple[float, float, float]:
    """The same with sums written out and the incomplete beta function."""
    m = len(statistics)
    roots = [math.sqrt(value) for value in statistics]
    mean = math.fsum(roots) / m
    r = (m + 1) / m * math.fsum((root - mean) ** 2 for root in roots) / (m - 1)
    f = (math.fsum(statistics) / (m * k) - (m + 1) / (m - 1) * r) / (1 + r)
    df = math.exp(-3 * math.log(k) / m) * (m - 1) * ((1 + r) / r) ** 2 if r > 0 else math.inf
    bounded = min(df, 1e12)
    p = float(betainc(bounded / 2, k / 2, bounded / (bounded + k * f))) if f > 0 else 1.0
    return f, df, p
