"""Odds ratios from a logistic model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd


def logistic(frame: pd.DataFrame, *, covariates: tuple[str, ...] = (), stratified: bool = False, level: float = 0.95) -> list[Estimate]:
    """Odds ratio of each arm against the reference and of each covariate, by maximum likelihood; Wald intervals and tests.

    Measures `or` (term blank for an arm, else the covariate's column) and `chisq`, term `likelihood ratio`, for all arms at once.
    `stratified` adds the randomisation stratum to the covariates. With visits one model per visit, term and time are the visit's,
    and covariates have no rows. Refuses separation, naming the column.
    """
    from dataclasses import replace

    from pacer_analysis.errors import NotEstimable
    from pacer_analysis.estimators._frame import by_visit, compared_arms

    compared_arms(frame)
    visits = by_visit(frame)
    estimates = []
    for visit, day, rows in visits:
        try:
            found = _one_visit(rows, covariates=covariates, stratified=stratified, level=level)
        except NotEstimable as reason:
            if len(visits) == 1:
                raise
            found = [Estimate(measure="or", scale="ratio", method="Logistic regression", witness="none", note=reason.what)]
        estimates += [replace(row, term=visit, time=day) for row in found if not row.term] if visit else found
    return estimates


def _one_visit(frame: pd.DataFrame, *, covariates: tuple[str, ...], stratified: bool, level: float) -> list[Estimate]:
    from math import exp, sqrt

    from pacer_analysis.estimators._frame import counted, of_arms
    from pacer_analysis.estimators._logistic_arms import prepare
    from pacer_analysis.estimators._logistic_model import fit, fit_again
    from pacer_analysis.estimators._normal import chi_square, quantile, two_sided
    from pacer_analysis.estimators._witness import agreement, library

    design, y, model = prepare(frame, covariates, stratified=stratified)
    reference = str(frame["arm"].cat.categories[0])
    ours, theirs = fit(design.matrix, y, design.names), fit_again(design.matrix, y)
    rows = []
    for position, name in enumerate(design.names, start=1):
        log, se = float(ours.coefficients[position]), sqrt(ours.covariance[position, position])
        z, other_se = log / se, sqrt(theirs.covariance[position, position])
        is_arm = name in design.arms and position <= len(design.arms)
        row = Estimate(measure="or", scale="ratio", method=f"{model}, maximum likelihood, Wald interval and test",
                       contrast=f"{name} / {reference}" if is_arm else "", term="" if is_arm else name,
                       estimate=exp(log), se=se, low=exp(log - quantile(level) * se), high=exp(log + quantile(level) * se), level=level,
                       statistic=z, p=two_sided(z), sides=2, witness=f"{library('scipy')} on the same likelihood: estimate, se, p",
                       agreement=agreement((log, float(theirs.coefficients[position])), (se, other_se), se=se,
                                           p=(two_sided(z), two_sided(float(theirs.coefficients[position]) / other_se))), note=design.imputed)
        rows.append(counted(row, of_arms(frame, reference, name) if is_arm else frame))
    df = len(design.arms)
    without = design.matrix[:, df:]
    statistic = 2 * (ours.loglik - fit(without, y, design.names[df:]).loglik)
    again = 2 * (theirs.loglik - fit_again(without, y).loglik)
    test = Estimate(measure="chisq", scale="test", term="likelihood ratio", method=f"{model}, likelihood ratio test of all arms", statistic=statistic,
                    contrast=f"{design.arms[0]} - {reference}" if df == 1 else "", df=float(df), p=chi_square(statistic, df), sides=2,
                    witness=f"{library('scipy')} on the same likelihood: statistic, p", note=design.imputed,
                    agreement=agreement((statistic, again), se=1.0, p=(chi_square(statistic, df), chi_square(again, df))))
    return [*rows, counted(test, frame)]
