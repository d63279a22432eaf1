"""One proportion: Wilson and Clopper-Pearson."""

from __future__ import annotations

import math

import pandas as pd

from .columns import arm_names, bisect, z_value


def wilson(events: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """The score interval without continuity correction."""
    z, p = z_value(level), events / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return (0.0 if events == 0 else centre - half), (1.0 if events == n else centre + half)


def binomial_probability(k: int, n: int, p: float) -> float:
    if p in (0.0, 1.0):
        return 1.0 if k == n * p else 0.0
    return math.exp(math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(p) + (n - k) * math.log1p(-p))


def clopper_pearson(events: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Each limit makes the tail from the observed count on equal to half of 1 - level; found by bisection on the summed tail."""
    tail = (1 - level) / 2

    def upper_tail(p: float) -> float:
        return math.fsum(binomial_probability(k, n, p) for k in range(events, n + 1)) - tail

    def lower_tail(p: float) -> float:
        return math.fsum(binomial_probability(k, n, p) for k in range(events + 1)) - tail

    low = 0.0 if events == 0 else bisect(upper_tail, 0.0, 1.0)
    return low, (1.0 if events == n else bisect(lower_tail, 0.0, 1.0))


def proportion_of(events: int, n: int, missing: int = 0, level: float = 0.95) -> dict[str, float]:
    """The standard error is the binomial one, root of p(1 - p)/n."""
    p = events / n
    low_w, high_w = wilson(events, n, level)
    low_e, high_e = clopper_pearson(events, n, level)
    return {
        "events": events,
        "n": n,
        "missing": missing,
        "estimate": p,
        "se": math.sqrt(p * (1 - p) / n),
        "wilson_low": low_w,
        "wilson_high": high_w,
        "exact_low": low_e,
        "exact_high": high_e,
    }


def proportion(frame: pd.DataFrame, level: float = 0.95) -> dict[str, dict[str, float]]:
    """Per arm and pooled (`all`), among rows with an outcome."""
    out = {}
    for arm in [*arm_names(frame), "all"]:
        rows = frame if arm == "all" else frame[frame["arm"] == arm]
        known = rows["outcome"].dropna()
        out[str(arm)] = proportion_of(int(known.sum()), len(known), len(rows) - len(known), level)
    return out
