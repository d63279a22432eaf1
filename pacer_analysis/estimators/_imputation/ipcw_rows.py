"""Rows of the estimates weighted by the inverse probability of being uncensored."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._design_matrix import design, refuse_collinear
from pacer_analysis.estimators._frame import compared_arms, counted, has_outcome, join_notes, of_arms, strata
from pacer_analysis.estimators._imputation import censoring, stacked, weighted
from pacer_analysis.estimators._imputation.censoring import Model, People
from pacer_analysis.estimators._imputation.variables import as_numbers
from pacer_analysis.estimators._normal import log_log, quantile, two_sided
from pacer_analysis.estimators._witness import agreement
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Data:
    """The arms in printing order with the rows of the frame each has, clusters, and how weights are made."""

    frame: pd.DataFrame
    arms: tuple[str, ...]
    people: dict[str, People]
    rows: dict[str, NDArray[np.intp]]
    clusters: NDArray[np.intp]
    model: str
    every: float
    stabilised: bool
    truncate: float
    level: float
    words: str
    note: str

    def fit(self, arm: str, horizon: float, *, covariates: bool = True) -> Model:
        """The model of censoring of an arm, or the same without covariates."""
        people = self.modelled(arm, horizon, covariates=covariates)
        return censoring.cox(people, horizon) if self.model == "cox" else censoring.logistic(people, horizon, self.every)

    def part(self, arm: str, horizon: float, model: Model, *, covariates: bool = True) -> stacked.Part:
        """The same model for the second way."""
        people = self.modelled(arm, horizon, covariates=covariates)
        return stacked.cox(people, horizon, model.parameters) if self.model == "cox" else stacked.logistic(people, horizon, self.every, model.parameters)

    def modelled(self, arm: str, horizon: float, *, covariates: bool) -> People:
        """The people of an arm with the covariates of its model: none where nobody is censored."""
        people = self.people[arm]
        if covariates and censoring.censored_before(people, horizon).any():
            return people
        return replace(people, x=np.empty((len(people.time), 0)), names=())


def prepare(frame: pd.DataFrame, *, covariates: tuple[str, ...], stratified: bool, model: str, every: float, stabilised: bool, truncate: float, level: float) -> Data:
    """The arms and the covariates of the models of censoring; refuses an empty arm and collinear covariates."""
    arms = compared_arms(frame)
    known = has_outcome(frame)
    strata(frame, stratified=stratified)
    names = (*covariates, "stratum") if stratified else covariates
    columns = design(frame.drop(columns="arm"), names, known)
    people = frame[known].reset_index(drop=True)
    labels = people["arm"].astype(str).to_numpy()
    found, places = {}, {}
    for arm in arms:
        rows = np.flatnonzero(labels == arm)
        if not len(rows):
            raise NotEstimable(f"no one with the outcome known in arm {arm}")
        x = columns.matrix[rows]
        varies = np.ptp(x, axis=0) > 0 if x.size else np.zeros(x.shape[1], dtype=bool)
        kept = tuple(name for name, use in zip(columns.names, varies, strict=True) if use)
        refuse_collinear(x[:, varies], kept)
        found[arm] = People(as_numbers(people["time"])[rows], as_numbers(people["status"])[rows], x[:, varies], kept, arm)
        places[arm] = rows
    clusters = np.arange(len(people))
    if "cluster" in people:
        own = people["cluster"].astype(object).where(people["cluster"].notna() & (people["cluster"].astype(str) != ""), [f"alone {i}" for i in range(len(people))])
        clusters = np.unique(own.astype(str).to_numpy(), return_inverse=True)[1]
    how = "a Cox model" if model == "cox" else f"a logistic model pooled over intervals of {every:.10g} days"
    words = f"weighted by the inverse probability of being uncensored, from {how} of censoring per arm on {', '.join(names) or 'nothing but time'}"
    words += f"; weights cut off at their quantile {truncate:.10g}" if truncate < 1 else ""
    words += f"; SE by stacked M-estimation{' summed by cluster' if 'cluster' in people else ''}"
    dropped = int((~known).sum())
    return Data(frame, arms, found, places, clusters, model, every, stabilised, truncate, level, words,
                join_notes(columns.imputed, f"{dropped} without time or status left out" if dropped else ""))


def se_of(data: Data, influence: Array) -> float:
    """The standard error of an estimate from the influence of everyone analysed."""
    return float(math.sqrt((np.bincount(data.clusters, weights=influence) ** 2).sum()))


def spread(data: Data, arm: str, influence: Array) -> Array:
    """An arm's influences among everyone's."""
    whole = np.zeros(len(data.clusters))
    whole[data.rows[arm]] = influence
    return whole


def ratio_or_difference(row: Estimate, value: float, se: float, level: float) -> Estimate:
    """The row with its interval and test: a difference as it is, a ratio by its logarithm."""
    if not se > 0:
        return replace(row, estimate=math.exp(value) if row.scale == "ratio" else value, se=0.0, level=None, witness="none", agreement=None, note=join_notes("no variation: no interval", row.note))
    z, width = value / se, quantile(level) * se
    limits = (value - width, value + width)
    low, high = (math.exp(limits[0]), math.exp(limits[1])) if row.scale == "ratio" else limits
    return replace(row, estimate=math.exp(value) if row.scale == "ratio" else value, se=se, low=low, high=high, level=level, statistic=z, p=two_sided(z), sides=2)


def said_of_weights(quantities: dict[str, weighted.Quantity]) -> str:
    """Effective size of those who stand for all (known at the day, or still at risk at the last event), and largest weight per arm."""
    parts = [f"{arm}: effective sample size {q.effective:.4g} of {q.people}, largest weight {q.largest:.3g}" for arm, q in quantities.items()]
    return "; ".join(parts)


def at_horizon(data: Data, horizon: float, of: str) -> list[Estimate]:
    """Per arm the risk by the horizon or the survival there, then the contrasts."""
    risks = of == "risk_difference"
    measure = "proportion" if risks else "survival"
    title = "Proportion with the event by the day" if risks else "Kaplan-Meier"
    blank = Estimate(measure=measure, scale="absolute", method=f"{title}, {data.words}", time=horizon)
    found: dict[str, weighted.Quantity] = {}
    second: dict[str, tuple[Array, Array] | None] = {}
    rows = []
    for arm in data.arms:
        base = counted(replace(blank, arm=arm), of_arms(data.frame, arm))
        try:
            found[arm], second[arm] = _quantity(data, arm, horizon, risks=risks)
        except NotEstimable as reason:
            rows.append(replace(base, witness="none", note=join_notes(reason.what, data.note)))
            continue
        rows.append(_absolute(data, base, found[arm], second[arm], arm))
    reference = data.arms[0]
    for arm in data.arms[1:]:
        pair = counted(replace(blank, scale="difference", measure="rd" if risks else "survival_difference", contrast=f"{arm} - {reference}"), of_arms(data.frame, reference, arm))
        if reference not in found or arm not in found:
            rows.append(replace(pair, witness="none", note=join_notes("not estimable in both arms", data.note)))
            continue
        rows += [_contrast(data, row, arm, found, second) for row in (pair, *_ratios(pair, arm, reference, risks=risks))]
    return rows


def _ratios(pair: Estimate, arm: str, reference: str, *, risks: bool) -> list[Estimate]:
    return [replace(pair, measure=measure, scale="ratio", contrast=f"{arm} / {reference}") for measure in ("rr", "or")] if risks else []


def _quantity(data: Data, arm: str, horizon: float, *, risks: bool) -> tuple[weighted.Quantity, tuple[Array, Array] | None]:
    people, model = data.people[arm], data.fit(arm, horizon)
    if risks:
        found = weighted.risk(people, model, horizon, data.truncate)
        return found, stacked.risk(people, data.part(arm, horizon, model), horizon, found.value) if data.truncate >= 1 else None
    numerator = data.fit(arm, horizon, covariates=False) if data.stabilised else None
    found = weighted.survival(people, model, numerator, horizon, data.truncate)
    if data.truncate < 1 or found.value == 1:
        return found, None
    part = data.part(arm, horizon, model)
    return found, stacked.survival(people, part, data.part(arm, horizon, numerator, covariates=False) if numerator else None, horizon)


def witnessed(row: Estimate, data: Data, pairs: tuple[float, Array] | None, value: float) -> Estimate:
    """The row beside the second way to its value and standard error."""
    if pairs is None or row.se is None:
        return replace(row, witness="none", agreement=None)
    return replace(row, witness="stacked estimating equations, complex-step derivatives: estimate, se", agreement=agreement((value, pairs[0]), (row.se, se_of(data, pairs[1])), se=row.se))


def _absolute(data: Data, base: Estimate, quantity: weighted.Quantity, second: tuple[Array, Array] | None, arm: str) -> Estimate:
    value, se = quantity.value, se_of(data, spread(data, arm, quantity.influence))
    note = join_notes(said_of_weights({arm: quantity}), data.note)
    row = replace(base, estimate=value, se=se, note=note)
    if 0 < value < 1 and se > 0:
        half = quantile(data.level) * se / (value * (1 - value))
        limits = log_log(value, se, data.level) if base.measure == "survival" else (float(expit(logit(value) - half)), float(expit(logit(value) + half)))
        assert limits is not None
        row = replace(row, low=limits[0], high=limits[1], level=data.level, method=f"{row.method}; interval on the {'log(-log)' if base.measure == 'survival' else 'logit'} scale")
    return witnessed(row, data, None if second is None else (float(second[0][0]), spread(data, arm, second[1][:, 0])), value)


def _contrast(data: Data, row: Estimate, arm: str, found: dict[str, weighted.Quantity], second: dict[str, tuple[Array, Array] | None]) -> Estimate:
    reference = data.arms[0]
    row = replace(row, method=f"{row.method}; Wald interval and test{' on the log scale' if row.scale == 'ratio' else ''}", note=join_notes(said_of_weights({k: found[k] for k in (reference, arm)}), data.note))
    p1, p0 = found[arm].value, found[reference].value
    if row.scale == "ratio" and not (0 < p1 < 1 and 0 < p0 < 1):
        return replace(row, witness="none", note=join_notes("no or only events in an arm", row.note))
    value, slope1, slope0 = _function(row.measure, p1, p0)
    influence = slope1 * spread(data, arm, found[arm].influence) - slope0 * spread(data, reference, found[reference].influence)
    done = ratio_or_difference(row, value, se_of(data, influence), data.level)
    one, two = second[arm], second[reference]
    if one is None or two is None or not done.se:
        return replace(done, witness="none", agreement=None)
    again, s1, s0 = _function(row.measure, float(one[0][0]), float(two[0][0]))
    return witnessed(done, data, (again, s1 * spread(data, arm, one[1][:, 0]) - s0 * spread(data, reference, two[1][:, 0])), value)


def _function(measure: str, p1: float, p0: float) -> tuple[float, float, float]:
    """A contrast and its slopes in the two proportions."""
    if measure in {"rd", "survival_difference"}:
        return p1 - p0, 1.0, 1.0
    if measure == "rr":
        return math.log(p1 / p0), 1 / p1, 1 / p0
    return float(logit(p1) - logit(p0)), 1 / (p1 * (1 - p1)), 1 / (p0 * (1 - p0))


def hazard_ratios(data: Data, horizon: float) -> list[Estimate]:
    """The weighted hazard ratio of each arm against the reference."""
    for arm in data.arms:
        if not ((data.people[arm].status == 1) & (data.people[arm].time <= horizon)).any():
            raise NotEstimable(f"no events in arm {arm}")
    models = [(data.people[arm], data.fit(arm, horizon), data.fit(arm, horizon, covariates=False) if data.stabilised else None) for arm in data.arms]
    found = weighted.hazard_ratio(models, horizon, data.truncate)
    order = np.concatenate([data.rows[arm] for arm in data.arms])
    second = None
    if data.truncate >= 1:
        parts = [(people, data.part(arm, horizon, model), data.part(arm, horizon, numerator, covariates=False) if numerator else None)
                 for arm, (people, model, numerator) in zip(data.arms, models, strict=True)]
        second = stacked.hazard_ratio(parts, horizon, np.array([q.value for q in found]))
    reference = data.arms[0]
    rows = []
    for k, (arm, quantity) in enumerate(zip(data.arms[1:], found, strict=True)):
        base = counted(Estimate(measure="hr", scale="ratio", contrast=f"{arm} / {reference}", note=join_notes(f"effective sample size {quantity.effective:.4g} of {quantity.people} at risk at the last event, largest weight {quantity.largest:.3g}", data.note),
                                method=f"Cox on arm, Breslow ties, to day {horizon:.10g}, {'stabilised and ' if data.stabilised else ''}{data.words}; Wald interval and test"), of_arms(data.frame, reference, arm))
        influence = np.zeros(len(order))
        influence[order] = quantity.influence
        row = ratio_or_difference(base, quantity.value, se_of(data, influence), data.level)
        again = None
        if second is not None:
            other = np.zeros(len(order))
            other[order] = second[1][:, k]
            again = (float(second[0][k]), other)
        rows.append(witnessed(row, data, again, quantity.value))
    return rows
