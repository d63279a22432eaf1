"""Odds ratios from a logistic model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

WORDS = {
    "wald": "maximum likelihood, Wald interval and test",
    "profile": "maximum likelihood, profile-likelihood interval, likelihood ratio test of the coefficient, se from the information",
    "firth": "Firth's penalised likelihood, profile interval, penalised likelihood ratio test of the coefficient, se from the information",
}


def logistic(
    frame: pd.DataFrame, *, covariates: tuple[str, ...] = (), stratified: bool = False, interval: Literal["wald", "profile"] = "wald",
    firth: Literal["separation", "always", "never"] = "separation", level: float = 0.95,
) -> list[Estimate]:
    """Odds ratio of each arm against the reference and of each covariate, with Wald or profile-likelihood intervals.

    Measures `or` (term blank for an arm, else the covariate's column) and `chisq`, term `likelihood ratio`, for all arms at once.
    `stratified` adds the randomisation stratum to the covariates. With visits one model per visit, term and time are the visit's,
    and covariates have no rows. Where the likelihood separates, Firth's penalised likelihood with profile intervals takes its place
    and the note says along which column, unless `firth` is `never`: then separation is refused.
    Source: Firth 1993; Heinze and Schemper 2002.
    """
    from dataclasses import replace

    from pacer_analysis.errors import NotEstimable
    from pacer_analysis.estimators._frame import by_visit, choose, compared_arms

    choose("interval", interval, ("wald", "profile"))
    choose("firth", firth, ("separation", "always", "never"))
    compared_arms(frame)
    visits = by_visit(frame)
    estimates = []
    for visit, day, rows in visits:
        try:
            found = _one_visit(rows, covariates=covariates, stratified=stratified, interval=interval, firth=firth, level=level)
        except NotEstimable as reason:
            if len(visits) == 1:
                raise
            found = [Estimate(measure="or", scale="ratio", method="Logistic regression", witness="none", note=reason.what)]
        estimates += [replace(row, term=visit, time=day) for row in found if not row.term] if visit else found
    return estimates


def _one_visit(frame: pd.DataFrame, *, covariates: tuple[str, ...], stratified: bool, interval: str, firth: str, level: float) -> list[Estimate]:
    from dataclasses import replace

    from pacer_analysis.estimators._binary import odds
    from pacer_analysis.estimators._binary.logistic_arms import prepare, refuse_plain_arms
    from pacer_analysis.estimators._frame import counted, join_notes, of_arms
    from pacer_analysis.estimators._logistic_model import Separated

    design, y, model = prepare(frame, covariates, stratified=stratified)
    data = (design.matrix, y, design.names, len(design.arms))
    how, note = ("firth" if firth == "always" else interval), design.imputed
    try:
        if how == "firth":
            found = odds.profile(*data, level, penalised=True)
        else:
            refuse_plain_arms(frame)
            found = odds.wald(*data, level) if how == "wald" else odds.profile(*data, level, penalised=False)
    except Separated as reason:
        if firth == "never":
            raise
        how, note = "firth", join_notes(f"{reason.what}: Firth's penalised likelihood instead of maximum likelihood", design.imputed)
        found = odds.profile(*data, level, penalised=True)
    reference = str(frame["arm"].cat.categories[0])
    rows = []
    for position, (name, row) in enumerate(zip(design.names, found.ratios, strict=True)):
        is_arm = position < len(design.arms)
        named = replace(row, method=f"{model}, {WORDS[how]}", contrast=f"{name} / {reference}" if is_arm else "", term="" if is_arm else name, note=join_notes(row.note, note))
        rows.append(counted(named, of_arms(frame, reference, name) if is_arm else frame))
    penalised = "penalised " if how == "firth" else ""
    test = replace(found.test, method=f"{model}, {penalised}likelihood ratio test of all arms", note=note,
                   contrast=f"{design.arms[0]} - {reference}" if len(design.arms) == 1 else "")
    return [*rows, counted(test, frame)]
