"""Rows of the standardised comparison, the variance chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._binary import bootstrap, margins, ye
from pacer_analysis.estimators._binary.clusters import cluster_codes
from pacer_analysis.estimators._binary.logistic_arms import prepare, refuse_plain_arms
from pacer_analysis.estimators._binary.margins_check import Check
from pacer_analysis.estimators._frame import counted, has_outcome, join_notes, of_arms
from pacer_analysis.estimators._logistic_model import fit
from pacer_analysis.estimators._witness import agreement, library
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Options:
    """How the variance is made, in a word and in words, and the level."""

    variance: str
    words: str
    draws: int
    seed: int
    level: float


def one_visit(frame: pd.DataFrame, covariates: tuple[str, ...], options: Options, *, stratified: bool) -> list[Estimate]:
    """Proportions per arm, then the three contrasts of each other arm with the reference."""
    design, y, model = prepare(frame, covariates, stratified=stratified)
    refuse_plain_arms(frame)
    arms = len(design.arms)
    fitted = fit(design.matrix, y, design.names)
    predicted = margins.predictions(fitted.coefficients, design.matrix, arms)
    people = frame[has_outcome(frame)]
    arm = people["arm"].cat.codes.to_numpy().astype(np.intp)
    check = Check(design.matrix, y, arms)
    slopes = margins.gradients(predicted, design.matrix, arms)
    words, notes = options.words, [design.imputed]
    replicates = None
    if options.variance == "ye":
        strata = _strata(people)
        ours, incomplete = ye.covariance(y, predicted, arm, strata)
        theirs = check.randomised(arm, strata)
        words += ", permuted blocks within the strata" if strata is not None else ", simple randomisation"
        notes += [f"{incomplete} strata without one of the arms: no part in the variance's adjustment"] if incomplete else []
    elif options.variance == "delta":
        ours, theirs = slopes @ fitted.covariance @ slopes.T, check.model_based()
    elif options.variance == "delta-hc0":
        clusters = cluster_codes(people)
        if clusters is not None:
            words = words.replace("HC0", f"summed over {clusters.max() + 1} clusters, factor G / (G - 1)")
        ours, theirs = slopes @ margins.sandwich(design.matrix, y, fitted.coefficients, clusters) @ slopes.T, check.robust(clusters)
    else:
        drawn, lost = bootstrap.resampled(design.matrix, y, arm, arms, fitted.coefficients, draws=options.draws, seed=options.seed)
        replicates = (drawn, bootstrap.left_out(design.matrix, y, arms, fitted.coefficients))
        ours = theirs = np.cov(drawn, rowvar=False)
        words += f", {options.draws} draws, seed {options.seed}"
        notes += [f"{lost} draws separated and are left out"] if lost else []
    method = f"Standardisation (g-computation) over the analysed. {model}; {words}"
    values = predicted.mean(axis=0)
    names = (str(frame["arm"].cat.categories[0]), *design.arms)
    rows = []
    for place, measure in [*((place, "proportion") for place in range(arms + 1)), *((place, m) for place in range(1, arms + 1) for m in ("rd", "rr", "or"))]:
        row = margins.row(measure, place, values, np.asarray(ours), options.level)
        row = _witnessed(row, place, values, check, np.asarray(theirs)) if replicates is None else _drawn(row, place, values, check, *replicates, arm, options.level)
        one = measure == "proportion"
        contrast = "" if one else f"{names[place]} {'-' if measure == 'rd' else '/'} {names[0]}"
        kind = "" if replicates else "; interval on the logit scale" if one else "; Wald interval and test" + ("" if measure == "rd" else " on the log scale")
        named = replace(row, method=method + kind, arm=names[place] if one else "", contrast=contrast, note=join_notes(row.note, *notes))
        rows.append(counted(named, of_arms(frame, names[place]) if one else of_arms(frame, names[0], names[place])))
    return rows


def _witnessed(row: Estimate, place: int, values: Array, check: Check, covariance: Array) -> Estimate:
    value, _ = margins.value_and_slopes(row.measure, place, values)
    other, other_se = check.value_and_se(row.measure, place, covariance)
    return replace(row, witness=f"{library('scipy')} root, complex-step derivatives, sums over people: estimate, se",
                   agreement=agreement((value, other), (row.se, other_se), se=row.se))


def _drawn(row: Estimate, place: int, values: Array, check: Check, drawn: Array, without: Array, arm: Index, level: float) -> Estimate:
    """The row with the replicates' SD and the BCa limits; without them, with the reason, where they do not exist."""
    def quantity(p: Array) -> Array:
        if row.measure == "proportion":
            return p[:, place]
        if row.measure == "rd":
            return np.asarray(p[:, place] - p[:, 0])
        one, reference = p[:, place], p[:, 0]
        return np.asarray(np.log(one / reference) if row.measure == "rr" else np.log(one / (1 - one)) - np.log(reference / (1 - reference)))

    value, _ = margins.value_and_slopes(row.measure, place, values)
    other, _ = check.value_and_se(row.measure, place, np.zeros((len(values), len(values))))
    replicates = quantity(drawn)
    found = replace(row, se=float(replicates.std(ddof=1)), low=None, high=None, level=None, statistic=None, p=None, sides=None,
                    witness=f"{library('scipy')} root: estimate", agreement=agreement((value, other), se=row.se))
    try:
        influence = quantity(without)
        if not np.isfinite(influence).all():
            raise NotEstimable("the model separates without one person: no BCa interval")
        low, high = bootstrap.limits(replicates, value, bootstrap.acceleration(influence, value, arm), level)
    except NotEstimable as reason:
        return replace(found, note=reason.what)
    ratio = row.measure in {"rr", "or"}
    return replace(found, low=exp(low) if ratio else low, high=exp(high) if ratio else high, level=level)


def _strata(people: pd.DataFrame) -> Index | None:
    if "stratum" not in people:
        return None
    if people["stratum"].isna().any():
        raise NotEstimable("stratum unknown for some participants")
    return np.asarray(np.unique(people["stratum"].astype(str), return_inverse=True)[1], dtype=np.intp)
