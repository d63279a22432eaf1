"""The effect among those who would receive what their arm offers, and would not without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.estimators._binary.two_stage import Stages

ASSUMED = "assuming monotonicity (no one receives only when not offered) and exclusion (the arm acts on the outcome only through what is received)"


def cace(frame: pd.DataFrame, *, covariates: tuple[str, ...] = (), stratified: bool = False, level: float = 0.95) -> list[Estimate]:
    """Complier average causal effect on the risk, each other arm against the reference: Wald's ratio, by least squares in two stages with covariates.

    The column `received` is 1, 0 or unknown. Measures: `proportion`, term `received`, per arm (Wilson); `rd`, terms `received` (the first
    stage) and `as randomised`, both HC0; `cace` (Anderson-Rubin interval, whose test is that of the effect as randomised, valid however
    weak the first stage) and `cace`, term `two-stage least squares` (HC0, Wald). Only where arms were randomised. One row per person.
    Source: Angrist, Imbens and Rubin, JASA 1996;91:444-55; Anderson and Rubin, Annals of Mathematical Statistics 1949;20:46-63.
    """
    from dataclasses import replace

    from pacer_analysis.errors import PlanError
    from pacer_analysis.estimators._frame import compared_arms, counted, has_outcome, join_notes, of_arms, strata
    from pacer_analysis.estimators.proportion import proportion_of

    reference, *others = compared_arms(frame)
    strata(frame, stratified=stratified)
    if "received" not in frame:
        raise PlanError("a complier effect of participants without `received`", do="name under `columns` the variable that says who received the intervention")
    received = frame["received"].astype(object).where(frame["received"].notna(), float("nan")).astype(float)
    if not received.dropna().isin([0, 1]).all():
        raise PlanError("`received` has values that are neither 1 nor 0", do="name a binary variable")
    unknown = received.isna() & has_outcome(frame)
    outcome = frame["outcome"].astype(object).where(frame["outcome"].notna() & received.notna(), float("nan")).astype(float)
    people = frame.assign(received=received, outcome=outcome, observed=frame["observed"].fillna(value=False).astype(bool) & received.notna())
    note = f"{int(unknown.sum())} with the outcome left out: not known whether received" if unknown.any() else ""
    taken = people.assign(outcome=people["received"].where(people["outcome"].notna()))
    rows = [proportion_of(of_arms(taken, arm), arm=arm, visit="received", day=None, interval="wilson", level=level) for arm in (reference, *others)]
    names = (*covariates, "stratum") if stratified else covariates
    for arm in others:
        two = of_arms(people, reference, arm)
        rows += [counted(replace(row, note=join_notes(row.note, note)), two) for row in _contrast(two, arm, reference, names, level)]
    return rows


def _contrast(frame: pd.DataFrame, arm: str, reference: str, names: tuple[str, ...], level: float) -> list[Estimate]:
    from dataclasses import replace
    from math import sqrt

    from pacer_analysis.errors import NotEstimable
    from pacer_analysis.estimators._binary import two_stage
    from pacer_analysis.estimators._design_matrix import design, refuse_collinear
    from pacer_analysis.estimators._frame import has_outcome, join_notes
    from pacer_analysis.estimators._normal import quantile, two_sided
    from pacer_analysis.estimators._witness import agreement, library

    known = has_outcome(frame)
    frame = frame.assign(arm=frame["arm"].cat.set_categories([reference, arm]))
    columns = design(frame, names, known)
    refuse_collinear(columns.matrix, columns.names)
    y, received = (frame.loc[known, name].to_numpy(dtype=float) for name in ("outcome", "received"))
    data = (columns.matrix[:, 0], columns.matrix[:, 1:], received, y)
    adjusted = f", adjusted for {', '.join(names)}" if names else ""
    minus = f"{arm} - {reference}"
    main = Estimate(measure="cace", scale="difference", contrast=minus, method=f"Complier average causal effect{adjusted}: two-stage least squares, Anderson-Rubin interval (HC0), test that of the effect as randomised, {ASSUMED}")
    try:
        ours, theirs = two_stage.fit(*data), two_stage.fit_again(*data)
    except NotEstimable as reason:
        return [replace(main, witness="none", note=join_notes(reason.what, columns.imputed))]
    by = f"{library('statsmodels')} on both stages"

    def stage(term: str, value: float, place: int, words: str) -> Estimate:
        se, other_se = sqrt(max(ours.covariance[place, place], 0.0)), sqrt(max(theirs.covariance[place, place], 0.0))
        other = theirs.received if place else theirs.outcome
        row = Estimate(measure="rd", scale="difference", contrast=minus, term=term, method=f"{words}{adjusted}: least squares, HC0, Wald interval and test", estimate=value)
        if not se > 1e-12:
            return replace(row, witness=f"{by}: estimate", agreement=agreement((value, other)), note="no variation in either arm: no standard error")
        return replace(row, se=se, low=value - quantile(level) * se, high=value + quantile(level) * se, level=level, statistic=value / se, p=two_sided(value / se), sides=2,
                       witness=f"{by}: estimate, se", agreement=agreement((value, other), (se, other_se), se=se))

    first = stage("received", ours.received, 1, "First stage: difference in what was received (F is the square of the statistic)")
    # ASSUME: a first stage with F below 10 is called weak in the note, after Staiger and Stock 1997.
    weak = "weak first stage: F below 10" if first.statistic is not None and first.statistic**2 < 10 else ""
    plain = stage("as randomised", ours.outcome, 0, "Difference as randomised")
    whole = _complier(main, ours, theirs, data, level, by)
    se, z = ours.se, ours.effect / ours.se if ours.se > 1e-12 else None
    wald = replace(main, term="two-stage least squares", method=f"Complier average causal effect{adjusted}: two-stage least squares, HC0, Wald interval and test, {ASSUMED}", estimate=ours.effect)
    if z is None:
        wald = replace(wald, witness=f"{by}: estimate", agreement=agreement((ours.effect, theirs.effect)), note="no variation: no standard error")
    else:
        wald = replace(wald, se=se, low=ours.effect - quantile(level) * se, high=ours.effect + quantile(level) * se, level=level, statistic=z, p=two_sided(z), sides=2,
                       witness=f"{by}, delta method: estimate, se", agreement=agreement((ours.effect, theirs.effect), (se, theirs.se), se=se))
    return [replace(row, note=join_notes(row.note, weak, columns.imputed)) for row in (first, plain, whole, wald)]


def _complier(main: Estimate, ours: Stages, theirs: Stages, data: tuple, level: float, by: str) -> Estimate:  # type: ignore[type-arg]  # four arrays, named where they are made
    from dataclasses import replace
    from math import sqrt

    from pacer_analysis.estimators._binary import two_stage
    from pacer_analysis.estimators._frame import join_notes
    from pacer_analysis.estimators._normal import quantile, two_sided
    from pacer_analysis.estimators._witness import agreement

    row = replace(main, estimate=ours.effect, se=ours.se if ours.se > 1e-12 else None)
    spread = sqrt(max(ours.covariance[0, 0], 0.0))
    if not spread > 1e-12 or row.se is None:
        return replace(row, witness=f"{by}: estimate", agreement=agreement((ours.effect, theirs.effect)), note="no variation in the outcome: no interval")
    z, other_z = ours.outcome / spread, theirs.outcome / sqrt(theirs.covariance[0, 0])
    row = replace(row, statistic=z, p=two_sided(z), sides=2)
    ends = two_stage.anderson_rubin(ours, level)
    if ends is None:
        return replace(row, witness=f"{by}, delta method: estimate, se, p", note=join_notes("the Anderson-Rubin set has no limits: too weak a first stage"),
                       agreement=agreement((ours.effect, theirs.effect), (ours.se, theirs.se), se=ours.se, p=(two_sided(z), two_sided(other_z))))
    checked = [(two_stage.z_at(end, *data), quantile(level)) for end in ends]
    return replace(row, low=ends[0], high=ends[1], level=level, witness=f"{by}, delta method, test at the limits: estimate, se, low, high, p",
                   agreement=max(agreement((ours.effect, theirs.effect), (ours.se, theirs.se), se=ours.se, p=(two_sided(z), two_sided(other_z))), agreement(*checked)))
