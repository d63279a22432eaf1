"""Odds ratios of a logistic model with their intervals and tests, three ways: Wald, profile likelihood, Firth's penalised likelihood."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, sqrt

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._binary import likelihood
from pacer_analysis.estimators._binary.likelihood_check import Check
from pacer_analysis.estimators._design_matrix import refuse_collinear
from pacer_analysis.estimators._frame import join_notes
from pacer_analysis.estimators._logistic_model import fit, fit_again, standardised
from pacer_analysis.estimators._normal import chi_square, quantile, two_sided
from pacer_analysis.estimators._witness import agreement, library
from pacer_analysis.results import Estimate

Array = NDArray[np.float64]
SAME = 1e-6  # two searches further apart than this have met different peaks


@dataclass(frozen=True, slots=True)
class Odds:
    """One row per column, bare of names and denominators, and the likelihood ratio test of the arms' columns."""

    ratios: list[Estimate]
    test: Estimate


def wald(matrix: Array, y: Array, names: tuple[str, ...], arms: int, level: float) -> Odds:
    """Maximum likelihood by statsmodels against scipy; intervals and tests from the information."""
    ours, theirs = fit(matrix, y, names), fit_again(matrix, y)
    rows = []
    for place in range(1, len(names) + 1):
        log, se = float(ours.coefficients[place]), sqrt(ours.covariance[place, place])
        other, other_se = float(theirs.coefficients[place]), sqrt(theirs.covariance[place, place])
        width = quantile(level) * se
        rows.append(Estimate(measure="or", scale="ratio", estimate=exp(log), se=se, low=exp(log - width), high=exp(log + width), level=level,
                             statistic=log / se, p=two_sided(log / se), sides=2, witness=f"{library('scipy')} on the same likelihood: estimate, se, p",
                             agreement=agreement((log, other), (se, other_se), se=se, p=(two_sided(log / se), two_sided(other / other_se)))))
    without = matrix[:, arms:]
    return Odds(rows, _test(2 * (ours.loglik - fit(without, y, names[arms:]).loglik), 2 * (theirs.loglik - fit_again(without, y).loglik), arms,
                            f"{library('scipy')} on the same likelihood: statistic, p"))


def profile(matrix: Array, y: Array, names: tuple[str, ...], arms: int, level: float, *, penalised: bool) -> Odds:
    """The limits at which the profile has fallen by chi-square's quantile, p from its fall at 1; unpenalised, separation is refused as ever."""
    refuse_collinear(matrix, names)
    if not penalised:
        fit(matrix, y, names)
    x, _ = standardised(matrix)
    spread = matrix.std(axis=0)
    critical = quantile(level) ** 2
    model = likelihood.Model(x, y, penalised=penalised)
    top = likelihood.fit(model)
    check = Check(x, y, penalised=penalised)
    rows = []
    for place, unit in enumerate(spread.tolist(), start=1):
        log, se = float(top.coefficients[place]) / unit, sqrt(top.covariance[place, place]) / unit
        other, other_se = float(check.beta[place]) / unit, sqrt(check.covariance[place, place]) / unit
        row = Estimate(measure="or", scale="ratio", estimate=exp(log), se=se, sides=2, df=1.0,
                       witness=f"{library('scipy')} on complex-step derivatives: estimate, se, low, high, p")
        rows.append(_profiled(row, model, top, check, place, unit, critical, level, agreement((log, other), (se, other_se), se=se)))
    statistic = likelihood.fall(model, top, dict.fromkeys(range(1, arms + 1), 0.0))
    return Odds(rows, _test(statistic, check.fall(tuple(range(1, arms + 1))), arms, f"{library('scipy')} on complex-step derivatives: statistic, p"))


def _profiled(row: Estimate, model: likelihood.Model, top: likelihood.Maximum, check: Check, place: int, unit: float, critical: float, level: float, so_far: float) -> Estimate:
    """The row with its profile limits and test; without the one on which two searches differ, which is so where the profile has several peaks."""
    se = row.se or 1.0
    notes = []
    try:
        ends = likelihood.limits(model, top, place, critical)
        apart = agreement(*((end / unit, check.limit(place, critical, end) / unit) for end in ends), se=se)
        if apart > SAME:
            raise NotEstimable("the profile likelihood has several peaks: no interval")
        row, so_far = replace(row, low=exp(ends[0] / unit), high=exp(ends[1] / unit), level=level), max(so_far, apart)
    except NotEstimable as reason:
        notes.append(reason.what)
    statistic, again = max(likelihood.fall(model, top, {place: 0.0}), 0.0), max(check.fall((place,)), 0.0)
    apart = agreement((statistic, again), se=1.0, p=(chi_square(statistic, 1), chi_square(again, 1)))
    if apart > SAME:
        return replace(row, df=None, sides=None, agreement=so_far, note=join_notes(*notes, "the likelihood without this column has several peaks: no test"))
    return replace(row, statistic=statistic, p=chi_square(statistic, 1), agreement=max(so_far, apart), note=join_notes(*notes))


def _test(statistic: float, again: float, df: int, witness: str) -> Estimate:
    return Estimate(measure="chisq", scale="test", term="likelihood ratio", statistic=statistic, df=float(df), p=chi_square(statistic, df), sides=2,
                    witness=witness, agreement=agreement((statistic, again), se=1.0, p=(chi_square(statistic, df), chi_square(again, df))))
