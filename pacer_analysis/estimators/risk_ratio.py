"""The ratio of two risks: crude, or adjusted by Poisson regression with a robust variance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd


def risk_ratio(frame: pd.DataFrame, *, covariates: tuple[str, ...] = (), stratified: bool = False, level: float = 0.95) -> list[Estimate]:
    """Risk ratio of each arm against the reference and of each covariate's column, Wald intervals and tests on the log scale.

    Crude: log ratio of proportions with its binomial variance. With covariates, strata (`stratified`) or a `cluster`: modified Poisson
    regression, sandwich HC0, summed within clusters with the factor G / (G - 1) where there are any. Measure `rr` (term blank for an
    arm, else the covariate's column). With visits one model per visit, term and time are the visit's, and covariates have no rows.
    Source: Katz et al., Biometrics 1978;34:469-74; Zou, American Journal of Epidemiology 2004;159:702-6.
    """
    from dataclasses import replace

    from pacer_analysis.errors import NotEstimable
    from pacer_analysis.estimators._frame import by_visit, compared_arms

    compared_arms(frame)
    visits = by_visit(frame)
    estimates = []
    for visit, day, rows in visits:
        try:
            adjusted = bool(covariates) or stratified or "cluster" in rows
            found = _adjusted(rows, covariates, stratified=stratified, level=level) if adjusted else _crude(rows, level)
        except NotEstimable as reason:
            if len(visits) == 1:
                raise
            found = [Estimate(measure="rr", scale="ratio", method="Risk ratio", witness="none", note=reason.what)]
        estimates += [replace(row, term=visit, time=day) for row in found if not row.term] if visit else found
    return estimates


def _crude(frame: pd.DataFrame, level: float) -> list[Estimate]:
    from dataclasses import replace

    from pacer_analysis.errors import NotEstimable
    from pacer_analysis.estimators._binary import two_by_two
    from pacer_analysis.estimators._frame import arm_names, counted, of_arms

    reference, *others = arm_names(frame)
    rows = []
    for arm in others:
        one, zero = counted(Estimate(), of_arms(frame, arm)), counted(Estimate(), of_arms(frame, reference))
        blank = Estimate(measure="rr", scale="ratio", contrast=f"{arm} / {reference}", method="Risk ratio, Wald interval and test on the log scale", level=level)
        try:
            for name, counts in ((arm, one), (reference, zero)):
                if not counts.n:
                    raise NotEstimable(f"no one with the outcome known in arm {name}")
            row = two_by_two.ratio(two_by_two.Table(one.events or 0, one.n or 0, zero.events or 0, zero.n or 0, arm, reference), blank, level)
        except NotEstimable as reason:
            row = replace(blank, level=None, witness="none", note=reason.what)
        rows.append(counted(row, of_arms(frame, reference, arm)))
    return rows


def _adjusted(frame: pd.DataFrame, covariates: tuple[str, ...], *, stratified: bool, level: float) -> list[Estimate]:
    from math import exp, sqrt

    from pacer_analysis.errors import NotEstimable
    from pacer_analysis.estimators._binary import poisson
    from pacer_analysis.estimators._binary.clusters import cluster_codes
    from pacer_analysis.estimators._design_matrix import design
    from pacer_analysis.estimators._frame import arm_names, counted, has_outcome, join_notes, of_arms, strata
    from pacer_analysis.estimators._normal import quantile, two_sided
    from pacer_analysis.estimators._witness import agreement, library

    strata(frame, stratified=stratified)
    names = (*covariates, "stratum") if stratified else covariates
    analysed = has_outcome(frame)
    columns = design(frame, names, analysed)
    people = frame[analysed]
    for arm in arm_names(frame):
        if not (people.loc[people["arm"] == arm, "outcome"] == 1).any():
            raise NotEstimable(f"no events in arm {arm}")
    y = people["outcome"].to_numpy(dtype=float)
    clusters = cluster_codes(people)
    ours, theirs = poisson.fit(columns.matrix, y, columns.names, clusters), poisson.fit_again(columns.matrix, y, clusters)
    variance = "sandwich HC0" if clusters is None else f"sandwich HC0 summed over {int(clusters.max()) + 1} clusters, factor G / (G - 1)"
    method = f"Modified Poisson regression (log link) on arm{''.join(', ' + name for name in names)}; {variance}; Wald interval and test on the log scale"
    note = join_notes(columns.imputed, f"fitted risk above 1 for {ours.above}" if ours.above else "")
    reference = arm_names(frame)[0]
    rows = []
    for place, name in enumerate(columns.names, start=1):
        log, variances = float(ours.coefficients[place]), (float(ours.covariance[place, place]), float(theirs.covariance[place, place]))
        se, other_se, other = sqrt(variances[0]), sqrt(variances[1]), float(theirs.coefficients[place])
        if not se > 1e-8:
            raise NotEstimable("too few people or clusters for a robust standard error")
        is_arm = place <= len(columns.arms)
        row = Estimate(measure="rr", scale="ratio", method=method, contrast=f"{name} / {reference}" if is_arm else "", term="" if is_arm else name, estimate=exp(log), se=se,
                       low=exp(log - quantile(level) * se), high=exp(log + quantile(level) * se), level=level, statistic=log / se, p=two_sided(log / se), sides=2, note=note,
                       witness=f"{library('scipy')} root, sandwich by sums: estimate, se, p",
                       agreement=agreement((log, other), (se, other_se), se=se, p=(two_sided(log / se), two_sided(other / other_se))))
        rows.append(counted(row, of_arms(frame, reference, name) if is_arm else frame))
    return rows
