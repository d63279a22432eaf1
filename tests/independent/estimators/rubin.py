"""Rubin's rules with the degrees of freedom of Barnard and Rubin (1999)."""

from __future__ import annotations

import math

from scipy import stats


def rubin(estimates: list[float], standard_errors: list[float], complete_df: float = math.inf, level: float = 0.95) -> dict[str, float]:
    """Pooled estimate, within U, between B, total T = U + (1 + 1/m) B; relative increase r, lambda, fraction of missing information.

    Readings: fmi = (r + 2/(df + 3))/(r + 1); infinite complete-data degrees of freedom give Rubin's (m - 1)/lambda^2; with B = 0 the
    degrees of freedom are the observed-data ones, (dfcom + 1)/(dfcom + 3) dfcom.
    """
    m = len(estimates)
    mean = sum(estimates) / m
    within = sum(s * s for s in standard_errors) / m
    between = sum((q - mean) ** 2 for q in estimates) / (m - 1)
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total
    increase = (1 + 1 / m) * between / within
    old = (m - 1) / share**2 if share > 0 else math.inf
    observed = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share) if math.isfinite(complete_df) else math.inf
    if math.isinf(observed):
        df = old
    elif math.isinf(old):
        df = observed
    else:
        df = old * observed / (old + observed)
    se = math.sqrt(total)
    t = float(stats.t.ppf(0.5 + level / 2, df))
    return {
        "estimate": mean,
        "se": se,
        "within": within,
        "between": between,
        "total": total,
        "df": df,
        "relative_increase": increase,
        "lambda": share,
        "fmi": (increase + 2 / (df + 3)) / (increase + 1),
        "low": mean - t * se,
        "high": mean + t * se,
        "statistic": mean / se,
        "p": float(2 * stats.t.sf(abs(mean / se), df)),
    }
