"""Mantel-Haenszel over strata: risk difference with Sato's variance, risk ratio, odds ratio, and the Mantel-Haenszel test."""

from __future__ import annotations

import math

import pandas as pd

from .columns import arm_names, chi_square_p, levels, wald, wald_ratio


def tables(frame: pd.DataFrame, arm: str | None = None) -> list[tuple[int, int, int, int]]:
    """Per stratum (events, size, events of the reference, size of the reference); a stratum without one of the two arms is left out."""
    chosen = arm_names(frame)[1] if arm is None else arm
    out = []
    for value in levels(frame["stratum"]):
        rows = frame[frame["stratum"] == value]
        reference = rows[rows["arm"] == arm_names(frame)[0]]["outcome"].dropna()
        other = rows[rows["arm"] == chosen]["outcome"].dropna()
        if len(other) and len(reference):
            out.append((int(other.sum()), len(other), int(reference.sum()), len(reference)))
    return out


def mh_risk_difference(strata: list[tuple[int, int, int, int]], level: float = 0.95) -> dict[str, float]:
    """Weights n1 n0 / N; the variance of Sato (1989), consistent for many strata and for large ones."""
    top = weight = sum_p = sum_q = 0.0
    for a, n1, b, n0 in strata:
        n = n1 + n0
        top += (a * n0 - b * n1) / n
        weight += n1 * n0 / n
        sum_p += (n1 * n1 * b - n0 * n0 * a + n1 * n0 * (n0 - n1) / 2) / n**2
        sum_q += (a * (n0 - b) + b * (n1 - a)) / (2 * n)
    difference = top / weight
    return wald(difference, math.sqrt((difference * sum_p + sum_q) / weight**2), level)


def mh_risk_ratio(strata: list[tuple[int, int, int, int]], level: float = 0.95) -> dict[str, float]:
    """Variance of Greenland and Robins (1985) on the log scale."""
    r = s = top = 0.0
    for a, n1, b, n0 in strata:
        n, m = n1 + n0, a + b
        r += a * n0 / n
        s += b * n1 / n
        top += (n1 * n0 * m - a * b * n) / n**2
    return wald_ratio(math.log(r / s), math.sqrt(top / (r * s)), level)


def mh_odds_ratio(strata: list[tuple[int, int, int, int]], level: float = 0.95) -> dict[str, float]:
    """Variance of Robins, Breslow and Greenland (1986) on the log scale."""
    r = s = pr = pr_qs = qs = 0.0
    for a, n1, b, n0 in strata:
        n = n1 + n0
        c, d = n1 - a, n0 - b
        rk, sk, pk, qk = a * d / n, b * c / n, (a + d) / n, (b + c) / n
        r += rk
        s += sk
        pr += pk * rk
        pr_qs += pk * sk + qk * rk
        qs += qk * sk
    variance = pr / (2 * r * r) + pr_qs / (2 * r * s) + qs / (2 * s * s)
    return wald_ratio(math.log(r / s), math.sqrt(variance), level)


def mh_test(strata: list[tuple[int, int, int, int]]) -> dict[str, float]:
    """Cochran-Mantel-Haenszel, hypergeometric variance, without continuity correction."""
    gap = variance = 0.0
    for a, n1, b, n0 in strata:
        n, m = n1 + n0, a + b
        gap += a - n1 * m / n
        if n > 1:
            variance += n1 * n0 * m * (n - m) / (n * n * (n - 1))
    statistic = gap**2 / variance
    return {"statistic": statistic, "df": 1, "p": chi_square_p(statistic, 1)}


def stratified_risk_difference(frame: pd.DataFrame, arm: str | None = None, level: float = 0.95) -> dict[str, dict[str, float]]:
    """The three Mantel-Haenszel summaries and the test, over the randomisation strata, among rows with an outcome."""
    strata = tables(frame, arm)
    return {
        "rd": mh_risk_difference(strata, level),
        "rr": mh_risk_ratio(strata, level),
        "or": mh_odds_ratio(strata, level),
        "test": mh_test(strata),
    }
