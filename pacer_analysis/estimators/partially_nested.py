"""Arms compared where one of them is organised in clubs and the other is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd


def partially_nested(
    frame: pd.DataFrame, *, of: Literal["risk_difference", "logistic", "cox"] = "risk_difference", covariates: tuple[str, ...] = (), stratified: bool = False,
    df: Literal["corrected", "satterthwaite"] = "corrected", icc_interval: Literal["searle", "smith"] = "searle", level: float = 0.95,
) -> list[Estimate]:
    """Risk difference (`of`: odds or hazard ratio) of each other arm from the reference with the variance between its clubs, and their intraclass correlation.

    The frame's `cluster` is the club assigned at allocation, blank for who has none. Risk difference: the club arm's proportion is the ratio of its
    clubs' totals, variance K / (K - 1) sum (Y_k - p m_k)^2 / M^2 over K clubs; people in no club (the other arm) add (y - p)^2 / M^2 each, which is
    the binomial variance; t with Satterthwaite's degrees of freedom, K - 1 for the clubs and people less one for the others, by default corrected:
    the share of the clubs in the variance is itself estimated from K of them (`_repeated/clubs.py` has the formula). With covariates
    (`stratified`: the stratum too) least squares; logistic and Cox likewise from what each club adds to the coefficient. Measures `rd`, `or` or `hr`;
    `proportion` per arm (risk difference without covariates) and `icc` per arm with clubs (not for cox). Binary outcomes may have visits.
    Source: Cochran, Sampling Techniques, 1977, chapter 6; Roberts and Roberts, Clinical Trials 2005;2:152-62; Baldwin et al., Psychological Methods
    2011;16:149-65; Ukoumunne, Stat Med 2002;21:3757-74.
    """
    from dataclasses import replace

    from pacer_analysis.errors import NotEstimable, PlanError
    from pacer_analysis.estimators._frame import by_visit, choose, compared_arms
    from pacer_analysis.estimators._repeated import club_rows

    choose("of", of, club_rows.MEASURES)
    choose("df", df, ("corrected", "satterthwaite"))
    choose("icc_interval", icc_interval, ("searle", "smith"))
    compared_arms(frame)
    if "cluster" not in frame:
        raise PlanError("a partially nested analysis without the clubs", do="write `columns: {cluster: ...}`: the club assigned at allocation")
    if ("status" if of == "cox" else "outcome") not in frame:
        raise PlanError(f"`of: {of}` takes a {'time' if of == 'cox' else 'binary'} outcome", allowed="cox" if of != "cox" else "risk_difference, logistic")
    visits = by_visit(frame)
    measure, scale = club_rows.MEASURES[of]
    estimates = []
    for visit, day, rows in visits:
        try:
            found = club_rows.contrasts(rows, of, covariates, stratified=stratified, corrected=df == "corrected", level=level)
            if of == "risk_difference" and not covariates and not stratified:
                found = [*club_rows.proportions(rows, level), *found]
            if of != "cox":
                found += club_rows.correlations(rows, level, interval=icc_interval)
        except NotEstimable as reason:
            if len(visits) == 1:
                raise
            found = [Estimate(measure=measure, scale=scale, method="Clubs in one arm", witness="none", note=reason.what)]
        estimates += [replace(row, term=visit, time=day) for row in found] if visit else found
    return estimates
