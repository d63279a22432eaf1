"""Rows of the mixed model of a score: means, mean differences per visit, joint tests and the variances."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import fdtrc, stdtr, stdtrit

from pacer_analysis.estimators._frame import join_notes
from pacer_analysis.estimators._repeated import restricted_likelihood
from pacer_analysis.estimators._repeated.restricted_check import SecondWay
from pacer_analysis.estimators._repeated.restricted_likelihood import Array, Fit
from pacer_analysis.estimators._repeated.rows_of_people import Repeated, counted
from pacer_analysis.estimators._witness import agreement, library
from pacer_analysis.results import Estimate


@dataclass(frozen=True, slots=True)
class Model:
    """The fit, the second way, and both in words."""

    rows: Repeated
    fit: Fit
    other: SecondWay
    method: str
    witness: str
    level: float
    note: str


def fitted(rows: Repeated, level: float) -> Model:
    """The model of all visits together."""
    fit = restricted_likelihood.fit(rows.x, rows.y, rows.person)
    other = SecondWay(rows.x, rows.y, rows.person)
    covariates = rows.names[len(rows.visits) * len(rows.arms):]
    method = (f"Linear mixed model by restricted maximum likelihood on arm by visit{''.join(', ' + name for name in covariates)}; random intercept per participant; "
              "model-based SE, t with Satterthwaite's df; valid if outcomes are missing at random given the model's columns and the outcomes seen")
    note = join_notes(rows.note, "" if fit.between > 0 else "variance between participants estimated as 0: least squares, df n - k")
    witness = f"{library('scipy')} on the likelihood with each participant's covariance matrix: estimate, se, p"
    return Model(rows, fit, other, method, witness, level, note)


def visit_rows(model: Model) -> list[Estimate]:
    """Per visit the mean of each arm at average covariates, and the mean difference of each other arm from the reference."""
    rows, found = model.rows, []
    for v, (visit, day) in enumerate(rows.visits):
        blank = Estimate(term=visit, time=day, method=model.method, level=model.level, witness=model.witness, note=model.note)
        columns = np.eye(len(rows.names))
        for a, arm in enumerate(rows.arms):
            row = replace(blank, measure="mean", scale="absolute", arm=arm, method=f"{model.method}; at the average of the covariates")
            found.append(_plain(_wald(model, row, columns[v] + (columns[rows.effect(v, a)] if a else 0), tested=False), rows, arm, visit=visit))
        for a, arm in enumerate(rows.arms[1:], start=1):
            row = replace(blank, measure="mean_difference", scale="difference", contrast=f"{arm} - {rows.arms[0]}")
            found.append(_plain(_wald(model, row, columns[rows.effect(v, a)]), rows, rows.arms[0], arm, visit=visit))
    return found


def _wald(model: Model, blank: Estimate, contrast: Array, *, tested: bool = True) -> Estimate:
    value, se = float(contrast @ model.fit.coefficients), float(np.sqrt(contrast @ model.fit.covariance @ contrast))
    df = restricted_likelihood.degrees(model.fit, contrast)
    width, p = float(stdtrit(df, 0.5 + model.level / 2)) * se, float(2 * stdtr(df, -abs(value / se)))
    row = replace(blank, estimate=value, se=se, low=value - width, high=value + width, df=df, witness=blank.witness if tested else blank.witness.replace(", p", ""))
    if tested:
        row = replace(row, statistic=value / se, p=p, sides=2)
    again = model.other.p_of(contrast)
    return replace(row, agreement=agreement((value, again[0]), (se, again[1]), se=se, p=(p, again[2]) if tested else None))


def joint_tests(model: Model) -> list[Estimate]:
    """F tests: that the arms differ by the same at every visit (arm x visit), and that they differ at none (all visits)."""
    rows = model.rows
    visits, arms = len(rows.visits), len(rows.arms) - 1
    effects = np.eye(len(rows.names))[visits:visits + visits * arms]
    tests = [("arm x visit", effects[arms:] - np.tile(effects[:arms], (visits - 1, 1)), "same difference between arms at every visit"),
             ("all visits", effects, "no difference between arms at any visit")] if visits > 1 else []
    found = []
    for term, contrasts, words in tests:
        q, fit = len(contrasts), model.fit
        values = contrasts @ fit.coefficients
        statistic = float(values @ np.linalg.solve(contrasts @ fit.covariance @ contrasts.T, values)) / q
        df = restricted_likelihood.degrees_of_several(fit, contrasts)
        p = float(fdtrc(q, df, statistic))
        row = Estimate(measure="f", scale="test", term=term, method=f"{model.method}; F test of: {words}, {q} and Fai and Cornelius' degrees of freedom (df is the second)",
                       statistic=statistic, df=df, p=p, sides=2, note=model.note, witness=model.witness.replace("estimate, se", "statistic"))
        other_f, other_p = model.other.f_of(contrasts)
        found.append(_plain(replace(row, agreement=agreement((statistic, other_f), se=1.0, p=(p, other_p))), rows))
    return found


def variances(model: Model) -> list[Estimate]:
    """The variance between participants and that within."""
    pairs = ((model.fit.between, "between participants", 1), (model.fit.within, "within participants", 0))
    found = []
    for value, term, place in pairs:
        row = Estimate(measure="variance", scale="absolute", term=term, method=model.method, estimate=value, note=model.note,
                       witness=model.witness.replace(", se, p", ""), agreement=agreement((value, float(model.other.variances[place])), se=model.fit.within))
        found.append(_plain(row, model.rows))
    return found


def _plain(row: Estimate, rows: Repeated, *arms: str, visit: str | None = None) -> Estimate:
    """With its denominators; a mean has no events."""
    return replace(counted(row, rows, *arms, visit=visit), events=None)
