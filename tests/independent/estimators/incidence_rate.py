"""Incidence rates per 100 person-years with exact Poisson limits, their difference and ratio."""

from __future__ import annotations

import math

import pandas as pd

from .columns import arm_names, bisect, pair, wald, wald_ratio
from .proportion import clopper_pearson

DAYS_PER_YEAR = 365.25


def poisson_at_most(events: int, mean: float) -> float:
    return math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(events + 1)) if mean > 0 else 1.0


def exact_mean(events: int, level: float = 0.95) -> tuple[float, float]:
    """Garwood: the means at which the tail beyond the count is half of 1 - level."""
    tail, top = (1 - level) / 2, events + 20 * math.sqrt(events + 1) + 20
    low = 0.0 if events == 0 else bisect(lambda m: 1 - poisson_at_most(events - 1, m) - tail, 0.0, top)
    return low, bisect(lambda m: poisson_at_most(events, m) - tail, 0.0, top)


def person_years(frame: pd.DataFrame, unit: float = DAYS_PER_YEAR) -> tuple[int, float]:
    start = frame.get("entry", 0.0)
    return int((frame["status"] >= 1).sum()), float((frame["time"] - start).sum()) / unit


def incidence_rate(
    frame: pd.DataFrame, arm: str | None = None, unit: float = DAYS_PER_YEAR, level: float = 0.95
) -> dict[str, dict[str, float]]:
    """Per arm and pooled the rate; for the compared arm the difference (Wald) and the ratio (exact, and Wald on the log scale).

    Readings: status >= 1 is an event; time in days, a year 365.25 days (`unit`); the exact ratio conditions on the total of events
    (Clopper-Pearson for the compared arm's share), its p is the two-sided binomial one that adds all outcomes not more probable.
    """
    out = {}
    for name in [*arm_names(frame), "all"]:
        events, years = person_years(frame if name == "all" else frame[frame["arm"] == name], unit)
        low, high = exact_mean(events, level)
        out[f"rate[{name}]"] = {
            "events": events,
            "person_years": years,
            "estimate": 100 * events / years,
            "se": 100 * math.sqrt(events) / years,
            "low": 100 * low / years,
            "high": 100 * high / years,
        }
    treated, control, _ = pair(frame, arm)
    (e1, t1), (e0, t0) = person_years(treated, unit), person_years(control, unit)
    out["difference"] = wald(100 * (e1 / t1 - e0 / t0), 100 * math.sqrt(e1 / t1**2 + e0 / t0**2), level)
    if e1 and e0:
        out["ratio"] = wald_ratio(math.log(e1 / t1 / (e0 / t0)), math.sqrt(1 / e1 + 1 / e0), level)
        low, high = clopper_pearson(e1, e1 + e0, level)
        share = t1 / (t1 + t0)
        out["ratio"] |= {
            "exact_low": low / (1 - low) * t0 / t1,
            "exact_high": high / (1 - high) * t0 / t1,
            "exact_p": binomial_p(e1, e1 + e0, share),
        }
    return out


def binomial_p(k: int, n: int, p: float) -> float:
    def probability(x: int) -> float:
        return math.exp(math.lgamma(n + 1) - math.lgamma(x + 1) - math.lgamma(n - x + 1) + x * math.log(p) + (n - x) * math.log1p(-p))

    observed = probability(k)
    return min(1.0, math.fsum(q for q in map(probability, range(n + 1)) if q <= observed * (1 + 1e-7)))
