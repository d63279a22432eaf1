"""The crude risk difference, compared arm minus reference, and the tests of a two by two table."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from .columns import bisect, chi_square_p, p_two_sided, two_by_two, wald, z_value
from .proportion import wilson


def restricted(a: int, n1: int, b: int, n0: int, delta: float) -> float:
    """The reference risk that maximises the likelihood when the other risk is larger by delta: bisection on its derivative."""
    low, high = max(0.0, -delta), min(1.0, 1.0 - delta)

    def slope(p0: float) -> float:
        p1 = p0 + delta
        terms = [(a, p1), (-(n1 - a), 1 - p1), (b, p0), (-(n0 - b), 1 - p0)]
        total = 0.0
        for count, risk in terms:
            if count:
                total += math.copysign(math.inf, count) if risk <= 0 else count / risk
        return total

    if high - low < 1e-15:
        return low
    inner = (high - low) * 1e-13
    if slope(low + inner) <= 0:
        return low
    if slope(high - inner) >= 0:
        return high
    return bisect(slope, low + inner, high - inner)


def score_statistic(a: int, n1: int, b: int, n0: int, delta: float) -> float:
    """Miettinen and Nurminen's z at a difference delta, with their factor N/(N - 1)."""
    p0 = restricted(a, n1, b, n0, delta)
    p1 = min(max(p0 + delta, 0.0), 1.0)
    variance = (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * (n1 + n0) / (n1 + n0 - 1)
    gap = a / n1 - b / n0 - delta
    if variance <= 1e-18:
        return 0.0 if abs(gap) < 1e-9 else math.copysign(math.inf, gap)
    return gap / math.sqrt(variance)


def miettinen_nurminen(a: int, n1: int, b: int, n0: int, level: float = 0.95) -> dict[str, float]:
    """All differences whose score statistic is within the normal quantile: a grid of 2,001 points brackets, bisection ends it.

    The p value is the score test at zero with the same factor N/(N - 1), two-sided, from the normal distribution. The standard
    error shown is Wald's, unpooled: the interval is not built from it.
    """
    z = z_value(level)
    difference = a / n1 - b / n0

    def beyond_low(delta: float) -> float:
        return score_statistic(a, n1, b, n0, delta) - z

    def beyond_high(delta: float) -> float:
        return score_statistic(a, n1, b, n0, delta) + z

    grid = [float(d) for d in np.linspace(-1, 1, 2001)]
    inside = [d for d in grid if -z <= score_statistic(a, n1, b, n0, d) <= z]
    first, last = min([*inside, difference]), max([*inside, difference])
    low = -1.0 if beyond_low(-1.0) <= 0 else bisect(beyond_low, max(-1.0, first - 0.001), first)
    high = 1.0 if beyond_high(1.0) >= 0 else bisect(beyond_high, last, min(1.0, last + 0.001))
    statistic = score_statistic(a, n1, b, n0, 0.0)
    return {
        "estimate": difference,
        "se": wald_se(a, n1, b, n0),
        "low": low,
        "high": high,
        "statistic": statistic,
        "p": p_two_sided(statistic),
    }


def wald_se(a: int, n1: int, b: int, n0: int) -> float:
    p1, p0 = a / n1, b / n0
    return math.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)


def newcombe(a: int, n1: int, b: int, n0: int, level: float = 0.95) -> dict[str, float]:
    """Newcombe's method 10: the two Wilson intervals squared and added, without continuity correction."""
    p1, p0 = a / n1, b / n0
    (l1, u1), (l0, u0) = wilson(a, n1, level), wilson(b, n0, level)
    return {
        "estimate": p1 - p0,
        "low": p1 - p0 - math.sqrt((p1 - l1) ** 2 + (u0 - p0) ** 2),
        "high": p1 - p0 + math.sqrt((u1 - p1) ** 2 + (p0 - l0) ** 2),
    }


def wald_difference(a: int, n1: int, b: int, n0: int, level: float = 0.95) -> dict[str, float]:
    """Unpooled variance for interval and test alike."""
    return wald(a / n1 - b / n0, wald_se(a, n1, b, n0), level)


def fisher_p(a: int, n1: int, b: int, n0: int) -> float:
    """Two-sided: the sum of the hypergeometric probabilities not above the observed one (relative slack 1e-7)."""
    events, n = a + b, n1 + n0

    def probability(x: int) -> float:
        return math.comb(n1, x) * math.comb(n0, events - x) / math.comb(n, events)

    observed = probability(a)
    possible = range(max(0, events - n0), min(events, n1) + 1)
    return min(1.0, math.fsum(q for q in map(probability, possible) if q <= observed * (1 + 1e-7)))


def chi_square(a: int, n1: int, b: int, n0: int) -> dict[str, float]:
    """Pearson's, without continuity correction, one degree of freedom."""
    n, events = n1 + n0, a + b
    total = 0.0
    for observed, expected in (
        (a, n1 * events / n),
        (n1 - a, n1 * (n - events) / n),
        (b, n0 * events / n),
        (n0 - b, n0 * (n - events) / n),
    ):
        if expected > 0:
            total += (observed - expected) ** 2 / expected
    return {"statistic": total, "df": 1, "p": chi_square_p(total, 1)}


def risk_difference(frame: pd.DataFrame, arm: str | None = None, level: float = 0.95) -> dict[str, float]:
    """Every interval and test of the crude difference in one dictionary, keys prefixed by the method."""
    table = two_by_two(frame, arm)
    out: dict[str, float] = {"events": table[0], "n": table[1], "events_reference": table[2], "n_reference": table[3]}
    for name, row in (
        ("mn", miettinen_nurminen(*table, level)),
        ("newcombe", newcombe(*table, level)),
        ("wald", wald_difference(*table, level)),
        ("chi_square", chi_square(*table)),
    ):
        out |= {f"{name}_{key}": value for key, value in row.items()}
    return out | {"estimate": out["mn_estimate"], "fisher_p": fisher_p(*table)}
