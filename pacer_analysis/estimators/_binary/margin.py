"""What one interval says about a margin, with the one-sided test that the interval inverts."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from scipy.optimize import brentq
from scipy.special import betainc, ndtr, stdtr

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._binary import miettinen_nurminen
from pacer_analysis.estimators._frame import join_notes
from pacer_analysis.estimators._witness import agreement
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence


def judged(row: Estimate, rows: Sequence[Estimate], *, margin: float, higher: bool) -> Estimate:
    """The verdict of a row's interval on the margin; `rows` hold the counts that a score test needs."""
    if row.estimate is None or row.low is None or row.high is None:
        raise NotEstimable(row.note or "the comparison has no interval")
    null = 0.0 if row.scale == "difference" else 1.0
    inside, beyond = (row.low > margin, row.high < margin) if higher else (row.high < margin, row.low > margin)
    superior = inside and (row.low > null if higher else row.high < null)
    verdict = "non-inferior" if inside else "inferior" if beyond else "inconclusive"
    found = Estimate(measure="noninferiority", scale="test", contrast=row.contrast, term=row.term, time=row.time, level=row.level, witness="none",
                     n=row.n, observed=row.observed, events=row.events, missing=row.missing, note=join_notes(verdict, "superior" if superior else "", row.note))
    words = f"Non-inferiority of {row.measure} against the margin: the two-sided interval lies inside it"
    if row.p is None or row.se is None or not row.se > 0 or "profile" in row.method:
        return replace(found, level=None, method=f"{words}; the interval inverts no test at the margin ({row.method})")
    kind, statistic, other = _statistics(row, rows, margin)
    sign = -1 if higher else 1
    if kind == "t":
        df = row.df or 0.0
        p, again = float(stdtr(df, sign * statistic)), _t_tail(sign * other, df)
        witness = "incomplete beta function: p"
    else:
        p, again = float(ndtr(sign * statistic)), math.erfc(-sign * other / math.sqrt(2)) / 2
        witness = "likelihood under the margin by bisection of its slope: p" if kind == "score" else "complementary error function: p"
    return replace(found, statistic=statistic, df=row.df if kind == "t" else None, p=p, sides=1, witness=witness, agreement=agreement(p=(p, again)),
                   method=f"{words}; one-sided {kind} test at the margin ({row.method})")


def _statistics(row: Estimate, rows: Sequence[Estimate], margin: float) -> tuple[str, float, float]:
    """The kind of test, its statistic at the margin, and the statistic again."""
    if "(Miettinen-Nurminen)" in row.method:
        counts = {one.arm: (one.events or 0, one.n or 0) for one in rows if one.arm and one.measure == "proportion" and (one.term, one.time) == (row.term, row.time)}
        arm, reference = row.contrast.split(" - ")
        table = (*counts[arm], *counts[reference])
        return "score", miettinen_nurminen.score(*table, margin), score_by_bisection(*table, margin)
    value, at = (math.log(row.estimate or 0.0), math.log(margin)) if row.scale == "ratio" else (row.estimate or 0.0, margin)
    z = (value - at) / (row.se or 1.0)
    return "t" if row.df is not None and row.scale == "difference" else "z", z, z


def score_by_bisection(x1: int, n1: int, x0: int, n0: int, d: float) -> float:
    """The score statistic at difference d, the likelihood under it maximised where its slope changes sign."""
    def slope(p0: float) -> float:
        p1 = p0 + d
        return (x1 - n1 * p1) * p0 * (1 - p0) + (x0 - n0 * p0) * p1 * (1 - p1)

    left, right = max(0.0, -d), min(1.0, 1 - d)
    inner = 1e-12 * (right - left)
    if slope(left + inner) <= 0:
        p0 = left
    elif slope(right - inner) >= 0:
        p0 = right
    else:
        p0 = float(brentq(slope, left + inner, right - inner, xtol=1e-15, rtol=1e-14))
    p1, total = p0 + d, n1 + n0
    variance = max((p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * total / (total - 1), 0.0)
    gap = x1 / n1 - x0 / n0 - d
    return gap / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, gap) if gap else 0.0


def _t_tail(t: float, df: float) -> float:
    """The lower tail of Student's t from the incomplete beta function."""
    half = float(betainc(df / 2, 0.5, df / (df + t * t))) / 2
    return half if t < 0 else 1 - half
