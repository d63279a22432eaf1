"""One comparison over strata: differences and ratios with the weights of Mantel and Haenszel, each quantity computed twice.

Per stratum x1 of n1 and x0 of n0, N = n1 + n0. Weights of the difference n1 n0 / N, its variance Sato's, which serves many small strata
as well as few large ones: (d sum P + sum Q) / (sum n1 n0 / N)^2, P = (n1^2 x0 - n0^2 x1 + n1 n0 (n0 - n1) / 2) / N^2,
Q = (x1 (n0 - x0) + x0 (n1 - x1)) / (2 N).
Source: Sato, Biometrics 1989;45:1323-4; Greenland and Robins, Biometrics 1985;41:55-68 (ratio); Robins, Breslow and Greenland, Biometrics
1986;42:311-23 (odds ratio); Breslow and Day 1980, section 4.4 (homogeneity).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._normal import chi_square, quantile, two_sided
from pacer_analysis.estimators._witness import agreement, library

if TYPE_CHECKING:
    from pacer_analysis.results import Estimate

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tables:
    """Events and people of an arm and of the reference, an element per stratum that has both."""

    x1: Array
    n1: Array
    x0: Array
    n0: Array
    arm: str
    reference: str

    @property
    def total(self) -> Array:
        """People per stratum."""
        return self.n1 + self.n0


def difference(t: Tables, blank: Estimate, level: float) -> Estimate:
    """The Mantel-Haenszel risk difference with Sato's SE."""
    total = t.total
    weight = float((t.n1 * t.n0 / total).sum())
    rd = float(((t.x1 * t.n0 - t.x0 * t.n1) / total).sum()) / weight
    p = (t.n1**2 * t.x0 - t.n0**2 * t.x1 + t.n1 * t.n0 * (t.n0 - t.n1) / 2) / total**2
    q = (t.x1 * (t.n0 - t.x0) + t.x0 * (t.n1 - t.x1)) / (2 * total)
    se = math.sqrt(max(rd * float(p.sum()) + float(q.sum()), 0.0)) / weight
    if not se > 1e-12:
        raise NotEstimable("no variation within the strata")
    # The witness: exact fractions, each binomial variance the mean of its two estimates under a common difference.
    exact_weight, top, spread = Fraction(0), Fraction(0), Fraction(0)
    whole = _whole(t)
    for x1, n1, x0, n0 in whole:
        exact_weight += Fraction(n1 * n0, n1 + n0)
        top += Fraction(x1 * n0 - x0 * n1, n1 + n0)
    exact = top / exact_weight
    for x1, n1, x0, n0 in whole:
        p1, p0 = Fraction(x1, n1), Fraction(x0, n0)
        crossed = p1 * (1 - p0) + p0 * (1 - p1)
        spread += (n0**2 * n1 * (crossed + exact * (1 - 2 * p1)) + n1**2 * n0 * (crossed + exact * (2 * p0 - 1))) / 2 / (n1 + n0) ** 2
    other_se = math.sqrt(spread) / float(exact_weight)
    width = quantile(level) * se
    return replace(blank, estimate=rd, se=se, low=rd - width, high=rd + width, statistic=rd / se, p=two_sided(rd / se), sides=2,
                   witness="exact fractions: estimate, se, p", agreement=agreement((rd, float(exact)), (se, other_se), se=se, p=(two_sided(rd / se), two_sided(float(exact) / other_se))))


def risk_ratio(t: Tables, blank: Estimate, level: float) -> Estimate:
    """The Mantel-Haenszel risk ratio with the SE of Greenland and Robins on the log scale."""
    total, events = t.total, t.x1 + t.x0
    one, reference = float((t.x1 * t.n0 / total).sum()), float((t.x0 * t.n1 / total).sum())
    _refuse_zero(t, one, reference, "no events")
    log = math.log(one / reference)
    se = math.sqrt(max(float(((t.n1 * t.n0 * events - t.x1 * t.x0 * total) / total**2).sum()), 0.0) / (one * reference))
    if not se > 1e-12:
        raise NotEstimable("only events in both arms")
    spread = sum((Fraction(n1 * n0 * (x1 + x0) - x1 * x0 * (n1 + n0), (n1 + n0) ** 2) for x1, n1, x0, n0 in _whole(t)), Fraction(0))
    tops = [sum((Fraction(a * b, n) for a, b, n in parts), Fraction(0))
            for parts in ([(x1, n0, n1 + n0) for x1, n1, x0, n0 in _whole(t)], [(x0, n1, n1 + n0) for x1, n1, x0, n0 in _whole(t)])]
    return _ratio(blank, log, se, level, f"{library('statsmodels')}: estimate; exact fractions: se", math.log(_again(t).riskratio_pooled), math.sqrt(spread / (tops[0] * tops[1])))


def odds_ratio(t: Tables, blank: Estimate, level: float) -> Estimate:
    """The Mantel-Haenszel odds ratio with the SE of Robins, Breslow and Greenland on the log scale."""
    total = t.total
    r, s = t.x1 * (t.n0 - t.x0) / total, t.x0 * (t.n1 - t.x1) / total
    one, reference = float(r.sum()), float(s.sum())
    _refuse_zero(t, one, reference, "no odds ratio")
    p, q = (t.x1 + t.n0 - t.x0) / total, (t.x0 + t.n1 - t.x1) / total
    variance = (p * r).sum() / (2 * one**2) + (p * s + q * r).sum() / (2 * one * reference) + (q * s).sum() / (2 * reference**2)
    theirs = _again(t)
    return _ratio(blank, math.log(one / reference), math.sqrt(float(variance)), level, f"{library('statsmodels')}: estimate, se", float(theirs.logodds_pooled), float(theirs.logodds_pooled_se))


def cochran(t: Tables, blank: Estimate) -> Estimate:
    """The Cochran-Mantel-Haenszel chi-square on one degree of freedom, uncorrected."""
    total, events = t.total, t.x1 + t.x0
    variance = float((t.n1 * t.n0 * events * (total - events) / (total**2 * (total - 1))).sum())
    if not variance > 0:
        raise NotEstimable("everyone in each stratum has the same outcome")
    statistic = float((t.x1 - t.n1 * events / total).sum()) ** 2 / variance
    theirs = _again(t).test_null_odds(correction=False)
    return replace(blank, statistic=statistic, df=1.0, p=chi_square(statistic, 1), sides=2, witness=f"{library('statsmodels')}: statistic, p",
                   agreement=agreement((statistic, float(theirs.statistic)), se=1.0, p=(chi_square(statistic, 1), float(theirs.pvalue))))


def homogeneity(t: Tables, blank: Estimate) -> Estimate:
    """Breslow and Day's chi-square for equal odds ratios, without Tarone's correction, over the strata whose outcomes differ."""
    events = t.x1 + t.x0
    told = (events > 0) & (events < t.total)
    if told.sum() < 2:
        raise NotEstimable("fewer than two strata in which outcomes differ")
    t = Tables(t.x1[told], t.n1[told], t.x0[told], t.n0[told], t.arm, t.reference)
    events = t.x1 + t.x0
    one, reference = float((t.x1 * (t.n0 - t.x0) / t.total).sum()), float((t.x0 * (t.n1 - t.x1) / t.total).sum())
    _refuse_zero(t, one, reference, "no odds ratio")
    ratio = one / reference
    # The events of the arm that its margins and the common odds ratio lead to: the root of a quadratic inside the margins.
    a, b, c = 1 - ratio, t.n0 - events + ratio * (t.n1 + events), -ratio * t.n1 * events
    root = np.sqrt(b * b - 4 * a * c)
    expected = -2 * c / (b + root)
    variance = 1 / (1 / expected + 1 / (events - expected) + 1 / (t.n1 - expected) + 1 / (t.n0 - events + expected))
    statistic, df = float(((t.x1 - expected) ** 2 / variance).sum()), int(told.sum()) - 1
    again = sum((x1 - found) ** 2 * (1 / found + 1 / (m - found) + 1 / (n1 - found) + 1 / (n0 - m + found))
                for x1, n1, m, n0, found in ((x1, n1, x1 + x0, n0, _expected(n1, n0, x1 + x0, ratio)) for x1, n1, x0, n0 in _whole(t)))
    return replace(blank, statistic=statistic, df=float(df), p=chi_square(statistic, df), sides=2, witness="bisection for the expected events: statistic, p",
                   agreement=agreement((statistic, again), se=1.0, p=(chi_square(statistic, df), chi_square(again, df))))


def _expected(n1: int, n0: int, events: int, ratio: float) -> float:
    """The events of the arm at which these margins have this odds ratio, between what the margins allow."""
    from scipy.optimize import brentq

    def excess(a: float) -> float:
        return a * (n0 - events + a) - ratio * (n1 - a) * (events - a)

    return float(brentq(excess, max(0, events - n0), min(n1, events), xtol=1e-14, rtol=1e-14))


def _whole(t: Tables) -> list[tuple[int, int, int, int]]:
    return [(int(x1), int(n1), int(x0), int(n0)) for x1, n1, x0, n0 in zip(t.x1, t.n1, t.x0, t.n0, strict=True)]


def _again(t: Tables):  # type: ignore[no-untyped-def]  # noqa: ANN202  # statsmodels has no types
    from statsmodels.stats.contingency_tables import StratifiedTable

    return StratifiedTable([np.array([[x1, n1 - x1], [x0, n0 - x0]]) for x1, n1, x0, n0 in _whole(t)])


def _refuse_zero(t: Tables, one: float, reference: float, words: str) -> None:
    if not one or not reference:
        if words == "no events":
            raise NotEstimable(f"no events in arm {t.reference if one else t.arm}")
        raise NotEstimable("the common odds ratio is not finite: a zero in every stratum")


def _ratio(blank: Estimate, log: float, se: float, level: float, witness: str, other: float, other_se: float) -> Estimate:
    width = quantile(level) * se
    return replace(blank, estimate=math.exp(log), se=se, low=math.exp(log - width), high=math.exp(log + width), statistic=log / se, p=two_sided(log / se), sides=2,
                   witness=witness, agreement=agreement((log, other), (se, other_se), se=se))
