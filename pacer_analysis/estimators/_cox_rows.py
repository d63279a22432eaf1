"""Rows of a Cox model: the project's own partial likelihood, checked against lifelines, statsmodels and an explicit loop."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators import _cox_check, _partial_likelihood
from pacer_analysis.estimators._design_matrix import Design, design, refuse_collinear
from pacer_analysis.estimators._frame import compared_arms, counted, has_outcome, of_arms, strata
from pacer_analysis.estimators._normal import chi_square, quantile, two_sided
from pacer_analysis.estimators._witness import agreement, library
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Data:
    """What a Cox model is fitted to, its fit, and the model in words."""

    frame: pd.DataFrame
    design: Design
    time: Array
    event: NDArray[np.bool_]
    strata: Index
    clusters: Index
    sandwich: bool
    fit: _partial_likelihood.Fit
    arranged: list[_partial_likelihood.Stratum]
    method: str
    check: _cox_check.Solution


def prepare(frame: pd.DataFrame, covariates: tuple[str, ...], *, stratified: bool, robust: bool) -> Data:
    """The analysed and their fit; refuses an arm without events, collinear columns and infinite coefficients."""
    arms = compared_arms(frame)
    known = has_outcome(frame)
    columns = design(frame, covariates, known)
    people = frame[known]
    for arm in arms:
        if not (people["status"][people["arm"] == arm] == 1).any():
            raise NotEstimable(f"no events in arm {arm}")
    stratum = strata(frame, stratified=stratified)
    groups = np.zeros(len(people), dtype=np.intp) if stratum is None else np.unique(stratum[known], return_inverse=True)[1].astype(np.intp)
    clustered = "cluster" in frame
    clusters = np.unique(people["cluster"].astype(str), return_inverse=True)[1].astype(np.intp) if clustered else np.arange(len(people))
    refuse_collinear(columns.matrix, columns.names, groups)
    time, event = people["time"].to_numpy(dtype=float), (people["status"] == 1).to_numpy()
    fit, arranged = _partial_likelihood.maximise(time, event, columns.matrix, groups, columns.names)
    words = ["Cox on arm" + "".join(f", {name}" for name in covariates), "Efron ties"]
    words += ["stratified by the strata of the design"] if stratified else []
    words += ["robust SE (dfbeta by cluster)" if clustered else "robust SE (dfbeta by person)" if robust else "model-based SE"]
    words += ["other causes censored (cause-specific)"] if (people["status"] > 1).any() else []
    return Data(frame, columns, time, event, groups, clusters, robust or clustered, fit, arranged, ", ".join(words),
                _cox_check.fit(time, event, columns.matrix, groups))


def hazard_ratios(data: Data, level: float) -> list[Estimate]:
    """One row per column of the design, the arms first."""
    covariance = data.fit.covariance
    theirs = data.check
    other_covariance, witness = theirs.covariance, f"{library('lifelines')}: estimate, se, p"
    if data.sandwich:
        residuals = _partial_likelihood.score_residuals(data.arranged, data.fit.coefficients, len(data.time))
        covariance = _partial_likelihood.robust_covariance(residuals, data.fit.covariance, data.clusters)
        if (np.diag(covariance) < 1e-8 * np.diag(data.fit.covariance)).any():
            raise NotEstimable("too few people or clusters for a robust standard error")
        other_covariance = _cox_check.robust_covariance(data.time, data.event, data.design.matrix, data.strata, theirs, data.clusters)
        witness = f"{library('lifelines')}: estimate; loop over people on its solution: se, p"
    reference = str(data.frame["arm"].cat.categories[0])
    rows = []
    for position, name in enumerate(data.design.names):
        log, se = float(data.fit.coefficients[position]), math.sqrt(covariance[position, position])
        other, other_se = float(theirs.coefficients[position]), math.sqrt(other_covariance[position, position])
        is_arm = position < len(data.design.arms)
        row = Estimate(measure="hr", scale="ratio", method=f"{data.method}; Wald interval and test", contrast=f"{name} / {reference}" if is_arm else "",
                       term="" if is_arm else name, estimate=math.exp(log), se=se, low=math.exp(log - quantile(level) * se),
                       high=math.exp(log + quantile(level) * se), level=level, statistic=log / se, p=two_sided(log / se), sides=2, witness=witness,
                       agreement=agreement((log, other), (se, other_se), se=se, p=(two_sided(log / se), two_sided(other / other_se))), note=data.design.imputed)
        rows.append(counted(row, of_arms(data.frame, reference, name) if is_arm else data.frame))
    return rows


def tests(data: Data) -> list[Estimate]:
    """Likelihood ratio and score test of all arms, given the covariates."""
    df, names = len(data.design.arms), data.design.names
    covariates = data.design.matrix[:, df:]
    null, _ = _partial_likelihood.maximise(data.time, data.event, covariates, data.strata, names[df:])
    at_null = np.concatenate([np.zeros(df), null.coefficients])
    terms = _partial_likelihood.terms(data.arranged, at_null)
    found = {
        "likelihood ratio": (2 * (data.fit.terms.loglik - null.terms.loglik),
                             _cox_check.likelihood_ratio(data.time, data.event, data.design.matrix, data.strata, data.check, df), f"{library('lifelines')}: statistic, p"),
        "score": (float(terms.score @ np.linalg.solve(terms.information, terms.score)),
                  _cox_check.score(data.time, data.event, data.design.matrix, data.strata, at_null), f"{library('statsmodels')}: statistic, p"),
    }
    arms = data.frame["arm"].cat.categories
    return [counted(Estimate(measure="chisq", scale="test", term=term, method=f"{data.method}; {term} test of all arms", statistic=ours, df=float(df),
                             contrast=f"{arms[1]} - {arms[0]}" if df == 1 else "", p=chi_square(ours, df), sides=2, witness=witness, note=data.design.imputed,
                             agreement=agreement((ours, theirs), se=1.0, p=(chi_square(ours, df), chi_square(theirs, df)))), data.frame)
            for term, (ours, theirs, witness) in found.items()]
