"""Rows of a Cox model: the project's own partial likelihood, checked against lifelines, statsmodels and the walk over event times."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtr, stdtrit

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._normal import chi_square, quantile, two_sided
from pacer_analysis.estimators._survival import libraries, partial_likelihood, residuals, walk
from pacer_analysis.estimators._survival.model import Rows, counted_people, fitted
from pacer_analysis.estimators._survival.newton import solve
from pacer_analysis.estimators._survival.risk_sets import Array
from pacer_analysis.estimators._witness import agreement, library
from pacer_analysis.results import Estimate

WALKED = 20_000  # events up to which the walk over event times, which is plain Python, goes along


@dataclass(frozen=True, slots=True)
class Model:
    """A fit with the covariance that its intervals use, the same by a second way, and the model in words."""

    rows: Rows
    fit: partial_likelihood.Fit
    covariance: Array
    sandwich: bool
    df: float | None    # of Student's t; None: the normal distribution
    method: str
    other: Array | None
    other_covariance: Array | None
    other_loglik: float | None
    witness: str


def model(rows: Rows, *, robust: bool = False, small_sample: bool = False) -> Model:
    """The fit; a sandwich where asked for, by cluster where the frame has clusters, and where weights or recurrent events make the information wrong."""
    fit = fitted(rows)
    sandwich = robust or rows.clustered or rows.recurrent or not rows.whole_weights
    unit = "cluster" if rows.clustered else "person"
    groups = int(rows.clusters.max()) + 1
    covariance = fit.covariance
    words = [*rows.words]
    if sandwich:
        covariance = residuals.sandwich(residuals.dfbeta(fit), rows.clusters, small_sample=small_sample)
        if (np.diag(covariance) < 1e-8 * np.diag(fit.covariance)).any():
            raise NotEstimable("too few people or clusters for a robust standard error")
        words.append(f"robust SE (dfbeta by {unit}{f', variance times G / (G - 1), t with G - 1 df, G = {groups} {unit}s' if small_sample else ''})")
    else:
        words.append("model-based SE")
    words += ["other causes censored (cause-specific)"] if (rows.frame["status"][rows.analysed] > 0).sum() > rows.event.sum() else []
    df = groups - 1.0 if sandwich and small_sample else None
    return Model(rows, fit, covariance, sandwich, df, ", ".join(words), *_second_way(rows, small_sample=small_sample, sandwich=sandwich))


def _second_way(rows: Rows, *, sandwich: bool, small_sample: bool) -> tuple[Array | None, Array | None, float | None, str]:
    """Coefficients, covariance and largest log-likelihood by other code, as far as there is any, and what it is."""
    walks = int(rows.event.sum()) <= WALKED
    theirs = libraries.fit(rows.time, rows.event, rows.design.matrix, rows.strata) if rows.plain else None
    if theirs is not None:
        beta, naive, loglik, witness = theirs.coefficients, theirs.covariance, theirs.loglik, f"{library('lifelines')}: estimate"
    elif walks:
        beta, naive, loglik = walk.solution(as_walked(rows))
        witness = "walk over event times: estimate"
    else:
        return None, None, None, "none"
    if not sandwich:
        return beta, naive, loglik, f"{witness}, se, p"
    if not walks:
        return beta, None, loglik, witness
    covariance = walk.sandwich(walk.influence(as_walked(rows), beta, naive), rows.clusters)
    groups = len(np.unique(rows.clusters))
    return beta, covariance * (groups / (groups - 1) if small_sample else 1.0), loglik, f"{witness}{',' if theirs is None else '; walk over event times on its solution:'} se, p"


def as_walked(rows: Rows) -> walk.Rows:
    """The same rows for the walk, what is absent filled in."""
    n = len(rows.time)
    return walk.Rows(rows.time, rows.event, rows.design.matrix, np.zeros(n, dtype=np.intp) if rows.strata is None else rows.strata,
                     np.full(n, -np.inf) if rows.entry is None else rows.entry, np.ones(n) if rows.weight is None else rows.weight,
                     np.zeros(n) if rows.offset is None else rows.offset, rows.ties == "efron")


def hazard_ratios(found: Model, level: float, *, measure: str = "hr", cause: str = "") -> list[Estimate]:
    """One row per column of the design, the arms first; `cause` is the term of the arms' rows and stands behind the covariates' names."""
    rows, names = found.rows, found.rows.design.names
    reference = str(rows.frame["arm"].cat.categories[0]) if rows.design.arms else ""
    reach = quantile(level) if found.df is None else float(stdtrit(found.df, 0.5 + level / 2))

    def p_of(z: float) -> float:
        return two_sided(z) if found.df is None else float(2 * stdtr(found.df, -abs(z)))

    made = []
    for place, name in enumerate(names):
        log, se = float(found.fit.coefficients[place]), math.sqrt(found.covariance[place, place])
        is_arm = place < len(rows.design.arms)
        row = Estimate(measure=measure, scale="ratio", method=f"{found.method}; Wald interval and test", contrast=f"{name} / {reference}" if is_arm else "",
                       term=cause if is_arm else f"{name} ({cause})" if cause else name, estimate=math.exp(log), se=se, low=math.exp(log - reach * se),
                       high=math.exp(log + reach * se), level=level, statistic=log / se, df=found.df, p=p_of(log / se), sides=2, witness=found.witness, note=rows.note)
        if found.other is not None:
            log_pair = (log, float(found.other[place]))
            if found.other_covariance is None:
                row = replace(row, agreement=agreement(log_pair, se=se))
            else:
                other_se = math.sqrt(found.other_covariance[place, place])
                row = replace(row, agreement=agreement(log_pair, (se, other_se), se=se, p=(p_of(log / se), p_of(log_pair[1] / other_se))))
        made.append(counted_people(row, rows.frame, rows.analysed, *((reference, name) if is_arm else ()), cause=rows.cause))
    return made


def arm_tests(found: Model, *, cause: str = "") -> list[Estimate]:
    """Likelihood ratio and score test of all arms given the covariates; with a sandwich, and more than two arms, its Wald test."""
    rows, df = found.rows, len(found.rows.design.arms)
    if not df:
        return []
    behind = f" ({cause})" if cause else ""
    arms = rows.frame["arm"].cat.categories
    made = []
    for term, ours, theirs, witness in (_wald(found) if found.sandwich else _from_the_likelihood(found)):
        p = chi_square(ours, df)
        made.append(counted_people(Estimate(
            measure="chisq", scale="test", term=f"{term}{behind}", method=f"{found.method}; {term} test of all arms", statistic=ours, df=float(df), p=p, sides=2,
            contrast=f"{arms[1]} - {arms[0]}" if df == 1 else "", witness=witness, note=rows.note,
            agreement=None if theirs is None else agreement((ours, theirs), se=1.0, p=(p, chi_square(theirs, df)))), rows.frame, rows.analysed, cause=rows.cause))
    return made


def _wald(found: Model) -> list[tuple[str, float, float | None, str]]:
    df = len(found.rows.design.arms)
    if df == 1:
        return []  # the square of the ratio's own statistic
    inside = found.covariance[:df, :df]
    if np.linalg.matrix_rank(inside, hermitian=True) < df:
        return []  # fewer clusters than arms
    def statistic(beta: Array, covariance: Array) -> float:
        return float(beta[:df] @ np.linalg.solve(covariance[:df, :df], beta[:df]))
    ours = statistic(found.fit.coefficients, found.covariance)
    if found.other is None or found.other_covariance is None:
        return [("wald", ours, None, "none")]
    return [("wald", ours, statistic(found.other, found.other_covariance), f"{found.witness.split(':')[0]}: statistic, p")]


def _from_the_likelihood(found: Model) -> list[tuple[str, float, float | None, str]]:
    rows, df = found.rows, len(found.rows.design.arms)
    null = fitted(rows, slice(df, None))
    at_null = np.concatenate([np.zeros(df), null.coefficients])
    terms = partial_likelihood.terms(found.fit.risk, at_null)
    gain = 2 * (found.fit.terms.loglik - null.terms.loglik)
    score = float(terms.score @ solve(terms.information, terms.score, rows.design.names))
    if found.other_loglik is None:
        return [("likelihood ratio", gain, None, "none"), ("score", score, None, "none")]
    given = (rows.time, rows.event, rows.design.matrix, rows.strata)
    without = libraries.loglik_without(*given, df) if found.witness.startswith("lifelines") else None
    if without is not None:
        return [("likelihood ratio", gain, 2 * (found.other_loglik - without), f"{library('lifelines')}: statistic, p"),
                ("score", score, libraries.score(*given, at_null), f"{library('statsmodels')}: statistic, p")]
    walked = as_walked(rows)
    below = walk.solution(replace(walked, x=walked.x[:, df:]))[2]
    _, gradient, information = walk.derivatives(walked, at_null)
    return [("likelihood ratio", gain, 2 * (found.other_loglik - below), "walk over event times: statistic, p"),
            ("score", score, float(gradient @ np.linalg.solve(information, gradient)), "walk over event times: statistic, p")]
