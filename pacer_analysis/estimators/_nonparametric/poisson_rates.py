"""Rates of Poisson counts: exact limits from the gamma and, for a ratio, from the binomial distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import bdtr, bdtrc, betaincinv, gammaincinv
from scipy.stats import binomtest, poisson
from statsmodels.stats.rates import confint_poisson

from pacer_analysis.estimators._frame import counted, has_outcome
from pacer_analysis.estimators._nonparametric.compared import paired
from pacer_analysis.estimators._nonparametric.followed import followed
from pacer_analysis.estimators._nonparametric.person_time import PER, YEAR
from pacer_analysis.estimators._normal import quantile, two_sided
from pacer_analysis.estimators._witness import agreement, library
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

RATE = "Events per 100 person-years, exact Poisson interval (Garwood), SE of a Poisson count"
DIFFERENCE = "Difference of rates per 100 person-years, SE of Poisson counts, Wald interval and test"
RATIO = "Rate ratio, exact interval and central p (twice the smaller tail) given the total of events, SE of the logarithm"
EXACT = "Exact test of equal rates given the total of events, two-sided by the less likely results"


@dataclass(frozen=True, slots=True)
class Tally:
    """Events and hundreds of person-years of an arm, and a row with its denominators."""

    row: Estimate
    events: int
    exposure: float
    exposure_again: float


def tally(people: pd.DataFrame, arm: str) -> Tally:
    """What an arm has contributed."""
    those = followed(people)
    spent = those.time if those.entry is None else those.time - np.maximum(those.entry, 0.0)
    row = counted(Estimate(arm=arm, scale="absolute"), people)
    if "id" in people and people["id"].duplicated().any():  # several rows a person: people are counted once
        analysed = people.loc[has_outcome(people), "id"].nunique()
        row = replace(row, n=analysed, observed=analysed, missing=people["id"].nunique() - analysed)
    return Tally(row, int((those.status == 1).sum()), float(spent.sum()) / YEAR / PER, math.fsum(spent.tolist()) / YEAR / PER)


def per_arm(found: Tally, level: float) -> list[Estimate]:
    """Person-years and rate."""
    years = replace(found.row, measure="person_years", method="Person-time at risk in years of 365.25 days", estimate=found.exposure * PER,
                    witness="math.fsum: estimate", agreement=agreement((found.exposure, found.exposure_again)))
    rate = replace(found.row, measure="rate", method=RATE)
    if not found.exposure:
        return [years, replace(rate, witness="none", note="no person-time")]
    x, t, tail = found.events, found.exposure, (1 - level) / 2
    value, se = x / t, math.sqrt(x) / t
    low, high = float(gammaincinv(x, tail)) / t if x else 0.0, float(gammaincinv(x + 1, 1 - tail)) / t
    theirs = confint_poisson(x, found.exposure_again, method="exact-c", alpha=1 - level)
    return [years, replace(rate, estimate=value, se=se if x else None, low=low, high=high, level=level, witness=f"{library('statsmodels')}: low, high",
                           agreement=agreement((low, 0.0 if math.isnan(theirs[0]) else float(theirs[0])), (high, float(theirs[1])), se=se),
                           note="" if x else "no events: the lower limit is 0")]


def compared(one: Tally, reference: Tally, level: float) -> list[Estimate]:
    """Difference, ratio and exact test of two arms' rates; what the counts cannot give is blank with a note."""
    base = paired(replace(one.row, estimate=0.0), replace(reference.row, estimate=0.0))
    difference = replace(base, measure="rate_difference", scale="difference", method=DIFFERENCE)
    ratio = replace(base, measure="rate_ratio", scale="ratio", method=RATIO, contrast=base.contrast.replace(" - ", " / ", 1))
    test = replace(base, measure="p", scale="test", method=EXACT)
    without = [side.row.arm for side in (one, reference) if not side.exposure]
    if without:
        return [replace(row, witness="none", note=f"no person-time in arm {without[0]}") for row in (difference, ratio, test)]
    if not one.events + reference.events:
        gap = replace(difference, estimate=0.0, witness="none", note="no events in either arm: no interval")
        return [gap, *(replace(row, witness="none", note="no events in either arm") for row in (ratio, test))]
    return [_difference(difference, one, reference, level), *_given_total(ratio, test, one, reference, level)]


def _difference(row: Estimate, one: Tally, reference: Tally, level: float) -> Estimate:
    value = one.events / one.exposure - reference.events / reference.exposure
    se = math.sqrt(one.events / one.exposure**2 + reference.events / reference.exposure**2)
    again = [poisson(side.events) for side in (one, reference)]
    exposures = one.exposure_again, reference.exposure_again
    again_value = float(again[0].mean()) / exposures[0] - float(again[1].mean()) / exposures[1]
    again_se = math.hypot(float(again[0].std()) / exposures[0], float(again[1].std()) / exposures[1])
    width = quantile(level) * se
    empty = next((side.row.arm for side in (one, reference) if not side.events), "")
    return replace(row, estimate=value, se=se, low=value - width, high=value + width, level=level, statistic=value / se, p=two_sided(value / se), sides=2,
                   witness=f"{library('scipy')}: estimate, se", agreement=agreement((value, again_value), (se, again_se), se=se),
                   note=f"no events in arm {empty}: its rate counts as without variation" if empty else "")


def _given_total(row: Estimate, test: Estimate, one: Tally, reference: Tally, level: float) -> list[Estimate]:
    """The ratio and the exact test: given the total, the events of one arm are binomial."""
    x, n, tail = one.events, one.events + reference.events, (1 - level) / 2
    odds = reference.exposure / one.exposure  # ratio of rates = odds of a share times this
    low, high = (float(betaincinv(x, n - x + 1, tail)) if x else 0.0), (float(betaincinv(x + 1, n - x, 1 - tail)) if x < n else 1.0)
    share = one.exposure / (one.exposure + reference.exposure)
    p = min(1.0, 2 * min(float(bdtr(x, n, share)), float(bdtrc(x - 1, n, share)) if x else 1.0))
    theirs = binomtest(x, n, one.exposure_again / (one.exposure_again + reference.exposure_again))
    limits = theirs.proportion_ci(level, method="exact")
    tails = [binomtest(x, n, share, alternative=side).pvalue for side in ("less", "greater")]
    row = replace(row, low=low / (1 - low) * odds, high=high / (1 - high) * odds if high < 1 else None, level=level, p=p, sides=2, witness=f"{library('scipy')} (binomtest): low, high, p",
                  agreement=agreement((low, float(limits.low)), (high, float(limits.high)), p=(p, min(1.0, 2 * min(tails)))))
    test = replace(test, p=_less_likely(x, n, share), sides=2, witness=f"{library('scipy')} (binomtest): p")
    test = replace(test, agreement=agreement(p=(test.p or 0.0, float(theirs.pvalue))))
    if not reference.events:
        return [replace(row, note=f"no events in arm {reference.row.arm}: the ratio is not defined, and has no upper limit"), test]
    value = one.events / one.exposure / (reference.events / reference.exposure)
    if not one.events:
        return [replace(row, estimate=0.0, note=f"no events in arm {one.row.arm}: no SE of the logarithm"), test]
    return [replace(row, estimate=value, se=math.sqrt(1 / one.events + 1 / reference.events)), test]


def _less_likely(x: int, n: int, share: float) -> float:
    """The probability of all results no more likely than this one."""
    counts = np.arange(n + 1)
    log = counts * math.log(share) + (n - counts) * math.log1p(-share) + _log_choose(n)
    return float(min(1.0, np.exp(log[log <= log[x] + 1e-7]).sum()))


def _log_choose(n: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    from scipy.special import gammaln

    counts = np.arange(n + 1)
    return np.asarray(gammaln(n + 1) - gammaln(counts + 1) - gammaln(n - counts + 1), dtype=np.float64)
