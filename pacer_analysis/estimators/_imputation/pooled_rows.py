"""Rubin's rules around any estimator: its rows on each completed frame become one row."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logit

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators._frame import join_notes
from pacer_analysis.estimators._imputation import rubin
from pacer_analysis.estimators._witness import agreement
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

PROBABILITIES = frozenset({"proportion", "survival", "cif"})
META = frozenset({"multiple_imputation", "tipping_point", "best_worst", "subgroups", "noninferiority", "randomisation_test"})


def wrapped(of: str, options: Mapping[str, object] | None, *, level: float) -> Callable[[pd.DataFrame], list[Estimate]]:
    """The estimator named, with its options as the plan gives them; refuses one that is unknown, wraps another, or lacks such an option."""
    import inspect

    from pacer_analysis.estimators import ESTIMATORS

    if of not in ESTIMATORS or of in META:
        raise PlanError(f"unknown estimator: {of}", where="option `of`", allowed=", ".join(sorted(set(ESTIMATORS) - META)), do="name one of these")
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in (options or {}).items()}
    known = inspect.signature(ESTIMATORS[of]).parameters
    for name in given:
        if name not in known:
            raise PlanError(f"unknown option of {of}: {name}", where="option `options`", allowed=", ".join(list(known)[1:]), do="correct the name")
    for name, parameter in known.items():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and parameter.default is inspect.Parameter.empty and name not in given:
            raise PlanError(f"the option `{name}` of {of} is missing", where="option `options`", do=f"add `{name}`")
    if "level" in known:
        given.setdefault("level", level)
    return lambda frame: ESTIMATORS[of](frame, **given)


def key(row: Estimate) -> tuple[object, ...]:
    """What makes two rows of one estimator the same quantity."""
    return row.measure, row.scale, row.arm, row.contrast, row.subgroup, row.term, row.time


def collect(frames: Iterable[pd.DataFrame], estimate: Callable[[pd.DataFrame], list[Estimate]]) -> list[list[Estimate]]:
    """The rows of every completed frame, those of one quantity together."""
    found: dict[tuple[object, ...], list[Estimate]] = {}
    for number, frame in enumerate(frames, start=1):
        try:
            rows = estimate(frame)
        except NotEstimable as reason:
            raise NotEstimable(f"imputation {number}: {reason.what}", do=reason.do) from None
        for row in rows:
            found.setdefault(key(row), []).append(row)
    return list(found.values())


def rows(grouped: list[list[Estimate]], *, m: int, parameters: int, level: float, words: str, note: str) -> list[Estimate]:
    """One row per quantity that has an estimate with its standard error, or a chi-square; others (exact p, counts, medians) cannot be pooled and are left out."""
    found = []
    for same in grouped:
        usable = [row for row in same if row.estimate is not None and row.se is not None]
        if usable:
            found.append(pooled(same, usable, m=m, parameters=parameters, level=level, words=words, note=note))
        elif same[0].measure == "chisq" and any(row.statistic is not None for row in same):
            found.append(_chi_square(same, m=m, words=words, note=note))
        elif all(row.note and row.estimate is None and row.statistic is None and row.p is None for row in same):
            found.append(replace(same[0], witness="none", agreement=None, note=join_notes(same[0].note, note)))
    return found


def pooled(same: list[Estimate], usable: list[Estimate], *, m: int, parameters: int, level: float, words: str, note: str) -> Estimate:
    """The pooled row of one quantity; blank where an imputation could not give it."""
    first = usable[0]
    base = replace(first, method=f"{words}; Rubin's rules with Barnard-Rubin df, of estimate and SE of: {first.method}", low=None, high=None, level=None,
                   statistic=None, df=None, p=None, sides=None, estimate=None, se=None, events=_mean_events(usable), witness="none", agreement=None)
    if len(usable) < m:
        reason = next((row.note for row in same if row.estimate is None or row.se is None), "no such row")
        return replace(base, note=join_notes(f"not estimable in {m - len(usable)} of {m} imputations: {reason}", note))
    ratio = first.scale == "ratio"
    values = np.array([math.log(row.estimate) if ratio else row.estimate for row in usable if row.estimate is not None])
    variances = np.array([row.se**2 for row in usable if row.se is not None])
    complete = complete_df(first, parameters)
    result = rubin.pool(values, variances, complete)
    other, other_se, other_df, other_p = rubin.again([float(v) for v in values], [float(v) for v in variances], complete)
    inner = max((row.agreement for row in usable if row.agreement is not None), default=None)
    numbers = [f"m {m}", f"fmi {result.fmi:.3g}", f"Monte Carlo error {result.mc_error:.2g}{' (log)' if ratio else ''}"]
    if not result.se > 0:
        return replace(base, estimate=math.exp(result.estimate) if ratio else result.estimate, se=0.0, note=join_notes("no variation in any imputation: no interval", note))
    spread = rubin.t_quantile(level, result.df) * result.se
    low, high = _limits(first, result.estimate, spread)
    base = replace(base, estimate=math.exp(result.estimate) if ratio else result.estimate, se=result.se, df=_finite(result.df), low=low, high=high, level=level)
    pairs = [(result.estimate, other), (result.se, other_se), (_finite(result.df), _finite(other_df))]
    p = None
    if first.scale in {"ratio", "difference"}:
        statistic = result.estimate / result.se
        p = rubin.two_sided(statistic, result.df)
        base = replace(base, statistic=statistic, p=p, sides=2)
        numbers.append(f"of p {rubin.p_error(values, variances, complete):.2g}")
    witness = "Rubin's rules in exact fractions: estimate, se, df" + (", p" if p is not None else "") + f"; imputations: none; in each imputation {first.witness}"
    agreed = max(agreement(*pairs, se=result.se, p=None if p is None else (p, other_p)), inner or 0.0)
    events = "events: mean over imputations" if base.events is not None else ""
    return replace(base, witness=witness, agreement=agreed, note=join_notes("; ".join(numbers), events, note, first.note))


def complete_df(row: Estimate, parameters: int) -> float:
    """The degrees of freedom had nothing been missing: the row's own, else people (events, for a hazard) less arms and covariates."""
    # ASSUME: the complete-data degrees of freedom in Barnard and Rubin's formula are the estimator's own where it has a t reference, else the people (for hazard ratios the events) of the row less its arms and covariates.
    if row.df is not None:
        return row.df
    size = row.events if row.measure in {"hr", "shr"} else row.n
    return max(float(size or 0) - (2 if row.contrast else 1) - parameters, 1.0)


def _limits(row: Estimate, value: float, spread: float) -> tuple[float | None, float | None]:
    """The interval on the scale of the row: ratios by their logarithm, probabilities by their log odds, others as they are."""
    if row.scale == "ratio":
        return math.exp(value - spread), math.exp(value + spread)
    if row.measure in PROBABILITIES:
        if not 0 < value < 1:
            return None, None
        half = spread / (value * (1 - value))
        return float(expit(logit(value) - half)), float(expit(logit(value) + half))
    return value - spread, value + spread


def _chi_square(same: list[Estimate], *, m: int, words: str, note: str) -> Estimate:
    first = same[0]
    base = replace(first, method=f"{words}; D2 of Li, Meng, Raghunathan and Rubin of: {first.method}", statistic=None, df=None, p=None, sides=None,
                   events=_mean_events(same), witness="none", agreement=None, scale="test", measure="f")
    values = [row.statistic for row in same if row.statistic is not None]
    if len(values) < m or not first.df:
        return replace(base, note=join_notes(f"not estimable in {m - len(values)} of {m} imputations", note))
    f, df, p = rubin.pool_chi_square(np.array(values), first.df)
    other = rubin.pool_chi_square_again(values, first.df)
    inner = max((row.agreement for row in same if row.agreement is not None), default=0.0)
    return replace(base, method=f"{base.method}; F on {first.df:.10g} and df", statistic=f, df=_finite(df), p=p, sides=2,
                   witness=f"sums written out: statistic, df, p; imputations: none; in each imputation {first.witness}",
                   agreement=max(inner, agreement((f, other[0]), (_finite(df), _finite(other[1])), p=(p, other[2]))), note=join_notes(f"m {m}", note, first.note))


def _mean_events(same: list[Estimate]) -> int | None:
    counts = [row.events for row in same if row.events is not None]
    return math.floor(sum(counts) / len(counts) + 0.5) if counts else None


def _finite(df: float) -> float | None:
    return df if math.isfinite(df) else None
