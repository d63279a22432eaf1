"""Rows of estimating equations: arms per visit, on the scale of the link and as risks, and the joint tests."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chdtrc, expit, fdtrc, logit, stdtr, stdtrit
from statsmodels.tools.numdiff import approx_fprime_cs

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._frame import join_notes
from pacer_analysis.estimators._normal import quantile, two_sided
from pacer_analysis.estimators._repeated import equations_check, estimating_equations
from pacer_analysis.estimators._repeated.estimating_equations import Array, Correction, Link, mean_of, slope_of
from pacer_analysis.estimators._repeated.rows_of_people import Repeated, counted
from pacer_analysis.estimators._witness import agreement, library
from pacer_analysis.results import Estimate

MEASURES = {"logit": "or", "log": "rr", "identity": "rd"}
SMALLEST = 1e-8  # a standard error below this: rounding


@dataclass(frozen=True, slots=True)
class Model:
    """Coefficients and covariance, and the same by the second way where it goes along; `df` of Student's t, None for the normal distribution."""

    rows: Repeated
    link: Link
    beta: Array
    covariance: Array
    other: tuple[Array, Array] | None
    df: float | None
    method: str
    witness: str
    level: float


def fitted(rows: Repeated, *, link: Link, exchangeable: bool, correction: Correction, normal: bool, level: float) -> Model:
    """The model of all visits together and how it was made, in words."""
    clusters = rows.cluster
    groups, columns = int(clusters.max()) + 1, rows.x.shape[1]
    if groups <= columns:
        raise NotEstimable(f"{groups} clusters for {columns} coefficients")
    found = estimating_equations.solve(rows.x, rows.y, link, clusters, rows.names, exchangeable=exchangeable, weight=rows.weight)
    covariance = estimating_equations.sandwich(found, clusters, correction)
    other = None
    if groups <= equations_check.MOST:
        other = equations_check.solve(rows.x, rows.y, link, clusters, exchangeable=exchangeable, weight=rows.weight, correction=correction)
    by_loop = correction != "none"
    name = library("statsmodels")
    witness = "none" if other is None else f"{name}: estimate; clusters one by one on its solution: se, p" if by_loop else f"{name}: estimate, se, p"
    return Model(rows, link, found.coefficients, covariance, other, None if normal else float(groups - columns),
                 _method(rows, link, found.alpha if exchangeable else None, correction, None if normal else groups - columns), witness, level)


def _method(rows: Repeated, link: Link, alpha: float | None, correction: Correction, df: int | None) -> str:
    per_arm = ", ".join(f"{len(np.unique(rows.cluster[rows.arm == place]))} in {name}" for place, name in enumerate(rows.arms))
    clustered = "cluster" in rows.frame
    working = "independence" if alpha is None else f"exchangeable (alpha {alpha:.4f}, Liang and Zeger's moment estimator)"
    robust = {"none": "uncorrected", "mancl_derouen": "Mancl and DeRouen's correction", "kauermann_carroll": "Kauermann and Carroll's correction"}[correction]
    family = {"logit": "logit link, binomial variance", "log": "log link, Poisson variance", "identity": "identity link, constant variance"}[link]
    covariates = rows.names[len(rows.visits) * len(rows.arms):]
    valid = ("weighted by `weight`, taken as known: valid if outcomes are missing at random given what the weights are made of" if rows.weight is not None
             else "unweighted: valid if outcomes are missing completely at random (MCAR) given the model's columns")
    return (f"Estimating equations, {family}, on arm by visit{', ' + ', '.join(covariates) if covariates else ''}; working correlation {working}; robust SE, {robust}, "
            f"by {'cluster' if clustered else 'participant'} ({per_arm}); {'normal' if df is None else f't with {df} df (clusters less coefficients)'}; {valid}")


def visit_rows(model: Model) -> list[Estimate]:
    """Per visit the risk in each arm, and each other arm against the reference on the link's scale and as a risk difference."""
    rows, found = model.rows, []
    for v, (visit, day) in enumerate(rows.visits):
        blank = Estimate(term=visit, time=day, method=model.method, level=model.level, df=model.df, witness=model.witness, note=rows.note)
        for a, arm in enumerate(rows.arms):
            found.append(counted(_risk(model, blank, v, a, arm), rows, arm, visit=visit))
        for a, arm in enumerate(rows.arms[1:], start=1):
            place = rows.effect(v, a)
            select = np.eye(len(model.beta))[place]
            on_link = replace(blank, measure=MEASURES[model.link], scale="difference" if model.link == "identity" else "ratio",
                              contrast=f"{arm} {'-' if model.link == 'identity' else '/'} {rows.arms[0]}")
            pairs = [(float(b[place]), float(np.sqrt(select @ c @ select))) for b, c in _both(model)]
            found.append(counted(_contrast(model, on_link, pairs), rows, rows.arms[0], arm, visit=visit))
            if model.link != "identity":
                one, zero = _standardised(model, v, a), _standardised(model, v, 0)
                difference = [(p1 - p0, float(np.sqrt((g1 - g0) @ c @ (g1 - g0)))) for (p1, g1), (p0, g0), (_, c) in zip(one, zero, _both(model), strict=True)]
                blank_rd = replace(blank, measure="rd", scale="difference", contrast=f"{arm} - {rows.arms[0]}", method=_delta(model))
                found.append(counted(_contrast(model, blank_rd, difference), rows, rows.arms[0], arm, visit=visit))
    return found


def _both(model: Model) -> list[tuple[Array, Array]]:
    return [(model.beta, model.covariance), *([model.other] if model.other is not None else [])]


def _delta(model: Model) -> str:
    covariates = len(model.rows.names) > len(model.rows.visits) * len(model.rows.arms)
    over = ", averaged over those with the outcome at the visit (their covariates taken as given)" if covariates else ""
    return f"{model.method}; risks{over}, SE by the delta method"


def _standardised(model: Model, visit: int, arm: int) -> list[tuple[float, Array]]:
    """Everyone analysed at the visit put into this arm: mean risk and its gradient; the second way differentiates by a complex step."""
    rows = model.rows
    x = rows.x[rows.visit == visit].copy()
    for other in range(1, len(rows.arms)):
        x[:, rows.effect(visit, other)] = float(other == arm)
    weight = np.ones(len(x)) if rows.weight is None else rows.weight[rows.visit == visit]
    weight = weight / weight.sum()
    mean = mean_of(model.link, x @ model.beta)
    found = [(float(weight @ mean), np.asarray(x.T @ (weight * slope_of(model.link, mean))))]
    if model.other is not None:
        def risk(beta: Array) -> Array:
            eta = x @ beta
            return np.asarray(weight @ (1 / (1 + np.exp(-eta)) if model.link == "logit" else np.exp(eta) if model.link == "log" else eta))

        found.append((float(risk(model.other[0])), np.ravel(approx_fprime_cs(model.other[0], risk))))
    return found


def _risk(model: Model, blank: Estimate, visit: int, arm: int, name: str) -> Estimate:
    pairs = [(p, float(np.sqrt(gradient @ c @ gradient))) for (p, gradient), (_, c) in zip(_standardised(model, visit, arm), _both(model), strict=True)]
    p, se = pairs[0]
    row = replace(blank, measure="proportion", scale="absolute", arm=name, method=f"{_delta(model)}; interval on the logit scale", estimate=p, se=se,
                  witness=model.witness.replace(", p", ""), agreement=agreement(*zip(*pairs, strict=True), se=se) if len(pairs) > 1 else None)
    if not 0 < p < 1 or se < SMALLEST:
        return replace(row, se=None, level=None, note=join_notes(blank.note, "fitted risk outside 0 and 1: no interval" if not 0 < p < 1 else "too few clusters for a robust SE"))
    width = _critical(model) * se / (p * (1 - p))
    return replace(row, low=float(expit(logit(p) - width)), high=float(expit(logit(p) + width)))


def _critical(model: Model) -> float:
    return quantile(model.level) if model.df is None else float(stdtrit(model.df, 0.5 + model.level / 2))


def _p(model: Model, statistic: float) -> float:
    return two_sided(statistic) if model.df is None else float(2 * stdtr(model.df, -abs(statistic)))


def _contrast(model: Model, blank: Estimate, pairs: list[tuple[float, float]]) -> Estimate:
    """A Wald row from (estimate, se), on the log scale for a ratio."""
    value, se = pairs[0]
    if se < SMALLEST:
        return replace(blank, level=None, df=None, witness="none", note=join_notes(blank.note, "too few people or clusters for a robust standard error"))
    low, high = value - _critical(model) * se, value + _critical(model) * se
    shown = [float(np.exp(number)) if blank.scale == "ratio" else number for number in (value, low, high)]
    p = [_p(model, b / s) for b, s in pairs]
    return replace(blank, estimate=shown[0], se=se, low=shown[1], high=shown[2], statistic=value / se, p=p[0], sides=2,
                   agreement=agreement(*zip(*pairs, strict=True), se=se, p=(p[0], p[1])) if len(pairs) > 1 else None)


def joint_tests(model: Model) -> list[Estimate]:
    """Wald tests: that the arms differ by the same at every visit (arm x visit), and that they differ at none (all visits)."""
    rows = model.rows
    visits, arms = len(rows.visits), len(rows.arms) - 1
    effects = np.eye(len(model.beta))[len(rows.visits):len(rows.visits) + visits * arms]
    tests = []
    if visits > 1:
        tests = [("arm x visit", effects[arms:] - np.tile(effects[:arms], (visits - 1, 1)), "same difference between arms at every visit"),
                 ("all visits", effects, "no difference between arms at any visit")]
    elif arms > 1:
        tests = [("all arms", effects, "no difference between arms")]
    return [_joint(model, term, select, words) for term, select, words in tests]


def _joint(model: Model, term: str, select: Array, words: str) -> Estimate:
    q = len(select)
    method = f"{model.method}; Wald test of: {words}"
    blank = Estimate(measure="chisq" if model.df is None else "f", scale="test", term=term, method=method, witness="none", note=model.rows.note)
    if np.linalg.matrix_rank(select @ model.covariance @ select.T, hermitian=True) < q:
        return counted(replace(blank, note=join_notes(blank.note, f"too few clusters for a test of {q} differences at once")), model.rows)
    values = []
    for beta, covariance in _both(model):
        wald = float(select @ beta @ np.linalg.solve(select @ covariance @ select.T, select @ beta))
        values.append((wald, float(chdtrc(q, wald))) if model.df is None else (wald / q, float(fdtrc(q, model.df, wald / q))))
    statistic, p = values[0]
    words = "" if model.df is None else f"; F with {q} and {model.df:g} degrees of freedom (df is the second)"
    row = replace(blank, method=method + words, statistic=statistic, df=float(q) if model.df is None else model.df, p=p, sides=2)
    if len(values) > 1:
        row = replace(row, witness=f"{model.witness.split(':')[0]}{' and its clusters one by one' if 'one by one' in model.witness else ''}: statistic, p",
                      agreement=agreement((statistic, values[1][0]), se=1.0, p=(p, values[1][1])))
    return counted(row, model.rows)
