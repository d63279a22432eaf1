"""Hazard ratios of grouped proportional hazards, checked by the binomial model where no visit was missed, else by another maximisation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._design_matrix import Design, design, refuse_collinear
from pacer_analysis.estimators._frame import arm_names, of_arms, strata
from pacer_analysis.estimators._nonparametric import grouped_check, grouped_hazard
from pacer_analysis.estimators._nonparametric.between_visits import between, counted_between
from pacer_analysis.estimators._normal import chi_square, quantile, two_sided
from pacer_analysis.estimators._witness import agreement
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    from pacer_analysis.estimators._nonparametric.between_visits import Between
    from pacer_analysis.estimators._nonparametric.grouped_hazard import Index


@dataclass(frozen=True, slots=True)
class Data:
    """What the model is fitted to, and the model in words."""

    frame: pd.DataFrame
    those: Between
    design: Design
    strata: Index
    method: str


def rows(frame: pd.DataFrame, covariates: tuple[str, ...], level: float, *, stratified: bool) -> list[Estimate]:
    """One row per column of the design, the arms first, then the likelihood ratio test of the arms; one row that says why there is none."""
    arms = arm_names(frame)
    method = _method(frame, covariates, stratified=stratified)
    try:
        return _estimated(_data(frame, covariates, method, stratified=stratified), level)
    except NotEstimable as reason:
        contrasts = [f"{arm} / {arms[0]}" for arm in arms[1:]]
        return [counted_between(Estimate(measure="hr", scale="ratio", method=method, contrast=contrast, term="" if contrast else covariates[0], witness="none",
                                         note=f"not estimable: {reason.what}"), frame) for contrast in contrasts or [""]]


def _method(frame: pd.DataFrame, covariates: tuple[str, ...], *, stratified: bool) -> str:
    words = ["Grouped proportional hazards over the visits on " + ", ".join([*(["arm"] if len(arm_names(frame)) > 1 else []), *covariates]),
             "likelihood of (last visit without, first visit with] maximised directly"]
    words += ["baseline hazards by the strata of the design"] if stratified else []
    words += ["deaths censored (cause-specific)"] if "status" in frame and (frame["status"] > 1).any() else []
    return ", ".join([*words, "SE from the observed information"])


def _data(frame: pd.DataFrame, covariates: tuple[str, ...], method: str, *, stratified: bool) -> Data:
    those = between(frame)
    known = pd.Series(those.known, index=frame.index)
    columns = design(frame, covariates, known)
    for arm in arm_names(frame) if columns.arms else ():
        if not (frame["upper"].notna() & (frame["arm"] == arm)).any():
            raise NotEstimable(f"no events in arm {arm}")
    if not np.isfinite(those.upper).any():
        raise NotEstimable("no events")
    stratum = strata(frame, stratified=stratified)
    groups = np.zeros(len(those), dtype=np.intp) if stratum is None else np.unique(stratum[known], return_inverse=True)[1].astype(np.intp)
    refuse_collinear(columns.matrix, columns.names, groups)
    return Data(frame, those, columns, groups, method)


def _estimated(data: Data, level: float) -> list[Estimate]:
    lower, upper, x, names = data.those.lower, data.those.upper, data.design.matrix, data.design.names
    fit = grouped_hazard.maximise(grouped_hazard.grouped(lower, upper, x, data.strata), names)
    again = grouped_check.check(lower, upper, x, data.strata, fit)
    spread = fit.covariance[len(fit.free):, len(fit.free):]
    reference = arm_names(data.frame)[0]
    found = []
    for position, name in enumerate(names):
        log, se = float(fit.coefficients[position]), math.sqrt(spread[position, position])
        other, other_se = float(again.coefficients[position]), float(again.se[position])
        is_arm = position < len(data.design.arms)
        row = Estimate(measure="hr", scale="ratio", method=f"{data.method}; Wald interval and test", contrast=f"{name} / {reference}" if is_arm else "",
                       term="" if is_arm else name, estimate=math.exp(log), se=se, low=math.exp(log - quantile(level) * se), high=math.exp(log + quantile(level) * se),
                       level=level, statistic=log / se, p=two_sided(log / se), sides=2, witness=f"{again.witness}: estimate, se, p",
                       agreement=agreement((log, other), (se, other_se), se=se, p=(two_sided(log / se), two_sided(other / other_se))), note=data.design.imputed)
        found.append(counted_between(row, of_arms(data.frame, reference, name) if is_arm else data.frame))
    return [*found, *_likelihood_ratio(data, fit, again)]


def _likelihood_ratio(data: Data, fit: grouped_hazard.Fit, again: grouped_check.Again) -> list[Estimate]:
    """The test of all arms, given the covariates; none in a frame without arms."""
    df = len(data.design.arms)
    if not df:
        return []
    lower, upper, x = data.those.lower, data.those.upper, data.design.matrix[:, df:]
    null = grouped_hazard.maximise(grouped_hazard.grouped(lower, upper, x, data.strata), data.design.names[df:])
    statistic = 2 * (fit.loglik - null.loglik)
    other = 2 * (again.loglik - grouped_check.check(lower, upper, x, data.strata, null).loglik)
    arms = arm_names(data.frame)
    row = Estimate(measure="chisq", scale="test", term="likelihood ratio", method=f"{data.method}; likelihood ratio test of all arms", statistic=statistic, df=float(df),
                   contrast=f"{arms[1]} - {arms[0]}" if df == 1 else "", p=chi_square(statistic, df), sides=2, witness=f"{again.witness}: statistic, p",
                   agreement=agreement((statistic, other), se=1.0, p=(chi_square(statistic, df), chi_square(other, df))), note=data.design.imputed)
    return [counted_between(row, data.frame)]
