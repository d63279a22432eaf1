"""Rows of a weighted comparison of two groups: adjusted associations, never effects."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._frame import counted, join_notes, of_arms
from pacer_analysis.estimators._normal import log_log, quantile, two_sided
from pacer_analysis.estimators._weighting import quantities
from pacer_analysis.estimators._weighting.check import Check
from pacer_analysis.estimators._weighting.scores import WEIGHTS, Scores, covariance, effective, influence_of
from pacer_analysis.estimators._witness import agreement
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

STACKED = "sandwich of the stacked equations of the propensity model and the weighted quantity"
MEANS = "scipy root, stacked equations differentiated by complex steps: estimate, se"
WALKED = 5000  # people; beyond, the walk takes people times event times too long to be made for each parameter
WALK = "scipy root, walk over event times, complex steps: estimate, se"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two groups, their scores, the whole frame of both, and how the rows are named."""

    scores: Scores
    check: Check
    pair: pd.DataFrame
    reference: str
    arm: str
    method: str
    term: str
    time: float | None
    level: float


def comparison(scores: Scores, pair: pd.DataFrame, reference: str, arm: str, weights: str, *, term: str, time: float | None, level: float) -> Comparison:
    """The comparison with its second way made ready."""
    method = f"Adjusted association (groups not randomised), {WEIGHTS[weights]}; logistic propensity model on {', '.join(scores.names)}; {STACKED}"
    method += ", by cluster" if "cluster" in scores.people else ""
    return Comparison(scores, Check(scores.x, scores.group, weights), pair, reference, arm, method, term, time, level)


def finished(about: Comparison, row: Estimate, *, who: str = "") -> Estimate:
    """The row with its denominators, those without a covariate counted as missing and named."""
    known = counted(row, of_arms(about.scores.people, who) if who else about.scores.people)
    whole = len(of_arms(about.pair, who) if who else about.pair)
    weight = about.scores.weight[about.scores.group == (1.0 if who == about.arm else 0.0)]
    said = f"effective number {effective(weight):.1f}" if who else ""
    return replace(known, missing=whole - (known.observed or 0), note=join_notes(row.note, said, about.scores.note))


def of_means(about: Comparison, *, binary: bool) -> list[Estimate]:
    """Weighted proportions or means per group, their difference and, for proportions, the ratios."""
    s = about.scores
    y = s.people["outcome"].to_numpy(dtype=np.float64, na_value=np.nan)
    for k, name in enumerate((about.reference, about.arm)):
        if not (np.isfinite(y) & (s.group == k)).any():
            raise NotEstimable(f"no one with the outcome known in group {name}")
    values, gradient = quantities.means(y, s.weight, s.group)
    again, again_influence = about.check.means(y)
    ours, theirs = covariance(influence_of(s, gradient), s.people), covariance(again_influence, s.people)
    measures = ("rd", "rr", "or") if binary else ("mean_difference",)
    rows = [_absolute(about, k, name, "proportion" if binary else "mean", (values, ours), (again, theirs), MEANS) for k, name in enumerate((about.reference, about.arm))]
    return rows + [_contrast(about, measure, (values, ours), (again, theirs), MEANS) for measure in measures]


def of_times(about: Comparison, horizons: tuple[float, ...]) -> list[Estimate]:
    """Weighted survival per group and its difference at each horizon, then the weighted hazard ratio."""
    s = about.scores
    time, event = s.people["time"].to_numpy(dtype=float), (s.people["status"] == 1).to_numpy()
    for k, name in enumerate((about.reference, about.arm)):
        if not event[s.group == k].any():
            raise NotEstimable(f"no events in group {name}")
    rows: list[Estimate] = []
    for horizon in horizons:
        here = replace(about, time=horizon)
        blank = Estimate(measure="survival_difference", scale="difference", contrast=f"{about.arm} - {about.reference}", term=about.term, time=horizon, method=about.method, witness="none")
        try:
            values, gradient = quantities.survival(time, event, s.weight, s.group, horizon)
            if not values.all():
                raise NotEstimable(f"no one is left at day {horizon:g} in one of the groups")
        except NotEstimable as reason:
            rows.append(finished(about, replace(blank, note=reason.what)))
            continue
        again, again_influence = about.check.survival(time, event, horizon, influence=len(time) <= WALKED)
        ours = covariance(influence_of(s, gradient), s.people)
        theirs = ours if again_influence is None else covariance(again_influence, s.people)
        witness = WALK if again_influence is not None else "scipy root, walk over event times: estimate"
        rows += [_absolute(here, k, name, "survival", (values, ours), (again, theirs), witness) for k, name in enumerate((about.reference, about.arm))]
        rows.append(_contrast(here, "survival_difference", (values, ours), (again, theirs), witness))
    return [*rows, _hazard_ratio(about, time, event)]


def _hazard_ratio(about: Comparison, time: Array, event: NDArray[np.bool_]) -> Estimate:
    s = about.scores
    log, gradient = quantities.hazard_ratio(time, event, s.weight, s.group)
    se = math.sqrt(covariance(influence_of(s, gradient), s.people)[0, 0])
    other, influence = about.check.hazard_ratio(time, event)
    other_se = math.sqrt(covariance(influence, s.people)[0, 0])
    width = quantile(about.level) * se
    causes = "; other causes censored" if (s.people["status"] > 1).any() else ""
    row = Estimate(measure="hr", scale="ratio", contrast=f"{about.arm} / {about.reference}", term=about.term, method=f"{about.method}; weighted Cox model, Breslow ties{causes}; Wald interval",
                   estimate=math.exp(log), se=se, low=math.exp(log - width), high=math.exp(log + width), level=about.level, statistic=log / se, p=two_sided(log / se), sides=2,
                   witness=WALK + ", p", agreement=agreement((log, other), (se, other_se), se=se, p=(two_sided(log / se), two_sided(other / other_se))))
    return finished(about, row)


def _absolute(about: Comparison, k: int, name: str, measure: str, first: tuple[Array, Array], second: tuple[Array, Array], witness: str) -> Estimate:
    value, se, other, other_se = float(first[0][k]), math.sqrt(first[1][k, k]), float(second[0][k]), math.sqrt(second[1][k, k])
    row = Estimate(measure=measure, scale="absolute", arm=name, term=about.term, time=about.time, estimate=value, se=se, level=about.level, witness=witness,
                   agreement=agreement((value, other), (se, other_se), se=se))
    z = quantile(about.level)
    if measure == "mean":
        return finished(about, replace(row, low=value - z * se, high=value + z * se, method=f"{about.method}; Wald interval"), who=name)
    if not 0 < value < 1 or se < 1e-12:
        return finished(about, replace(row, se=None, level=None, witness=witness.replace(", se", ""), agreement=agreement((value, other), se=1.0), method=about.method,
                                       note="the same for everyone: no interval"), who=name)
    if measure == "survival":
        limits = log_log(value, se, about.level)
        assert limits is not None  # 0 < value < 1 and se > 0
        return finished(about, replace(row, low=limits[0], high=limits[1], method=f"Weighted product-limit survival. {about.method}; log-log interval"), who=name)
    half = z * se / (value * (1 - value))
    return finished(about, replace(row, low=float(expit(logit(value) - half)), high=float(expit(logit(value) + half)), method=f"{about.method}; interval on the logit scale"), who=name)


def _transformed(measure: str, values: Array) -> tuple[float, Array]:
    """The contrast of the two values (ratios as logs) and its derivatives."""
    p0, p1 = values
    if measure == "rr":
        return math.log(p1 / p0), np.array([-1 / p0, 1 / p1])
    if measure == "or":
        return float(logit(p1) - logit(p0)), np.array([-1 / (p0 * (1 - p0)), 1 / (p1 * (1 - p1))])
    return float(p1 - p0), np.array([-1.0, 1.0])


def _contrast(about: Comparison, measure: str, first: tuple[Array, Array], second: tuple[Array, Array], witness: str) -> Estimate:
    ratio = measure in {"rr", "or"}
    sign = "/" if ratio else "-"
    row = Estimate(measure=measure, scale="ratio" if ratio else "difference", contrast=f"{about.arm} {sign} {about.reference}", term=about.term, time=about.time,
                   method=f"{about.method}; Wald interval and test{' on the log scale' if ratio else ''}")
    values = first[0]
    if ratio and (not values.all() or (measure == "or" and (values == 1).any())):
        return finished(about, replace(row, witness="none", note=f"{'no' if not values.all() else 'only'} events in one of the groups"))
    (value, gradient), (other, other_gradient) = _transformed(measure, values), _transformed(measure, second[0])
    se, other_se = math.sqrt(gradient @ first[1] @ gradient), math.sqrt(other_gradient @ second[1] @ other_gradient)
    if se < 1e-12:
        return finished(about, replace(row, witness="none", note="no variation in either group"))
    width = quantile(about.level) * se
    back = math.exp if ratio else float
    return finished(about, replace(row, estimate=back(value), se=se, low=back(value - width), high=back(value + width), level=about.level, statistic=value / se, p=two_sided(value / se), sides=2,
                                   witness=witness + (", p" if "se" in witness else ""), agreement=agreement((value, other), (se, other_se), se=se, p=(two_sided(value / se), two_sided(other / other_se)))))
