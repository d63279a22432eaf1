"""The marginal effect of the arm: everyone as if in one arm, then as if in the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

VARIANCES = {
    "ye": "robust variance of Ye et al. 2023 (arms randomised, the model need not be right)",
    "delta": "delta method on the model-based covariance (covariates taken as fixed)",
    "delta-hc0": "delta method on the sandwich HC0 (covariates taken as fixed)",
    "bootstrap": "BCa bootstrap within arms, se the replicates' SD",
}


def standardisation(
    frame: pd.DataFrame, *, covariates: tuple[str, ...] = (), stratified: bool = False, variance: Literal["ye", "delta", "delta-hc0", "bootstrap"] = "ye",
    fallback: Literal["none", "stratified_risk_difference"] = "none", draws: int = 1999, seed: int = 20230601, level: float = 0.95,
) -> list[Estimate]:
    """Marginal proportions, risk difference, risk ratio and odds ratio by g-computation over a logistic model.

    Each of the analysed is predicted in every arm with the covariates as they are; a marginal proportion is the mean prediction.
    Measures `proportion` per arm (interval on the logit scale), then `rd`, `rr`, `or` against the reference (Wald, ratios on the log
    scale); term and time are the visit's. `stratified` adds the randomisation stratum to the covariates. `variance`: `ye` subtracts
    what permuted blocks within the frame's `stratum` have balanced; `delta-hc0` sums over a `cluster`; `bootstrap` has `draws` and a
    `seed` and gives no p. Where the likelihood separates, `fallback: stratified_risk_difference` gives the Mantel-Haenszel rows, noted.
    Source: Ge et al., Drug Information Journal 2011;45:481-93; Ye et al., Statistical Theory and Related Fields 2023;7:159-63.
    """
    from dataclasses import replace

    from pacer_analysis.errors import NotEstimable, PlanError
    from pacer_analysis.estimators._binary import standardised_rows
    from pacer_analysis.estimators._frame import by_visit, choose, compared_arms, join_notes
    from pacer_analysis.estimators._logistic_model import Separated
    from pacer_analysis.estimators.stratified_risk_difference import stratified_risk_difference

    choose("variance", variance, VARIANCES)
    choose("fallback", fallback, ("none", "stratified_risk_difference"))
    if "cluster" in frame and variance != "delta-hc0":
        raise PlanError(f"the variance `{variance}` takes people as independent, and these are in clusters", allowed="variance: delta-hc0", do="choose it, or leave the cluster out")
    compared_arms(frame)
    visits = by_visit(frame)
    options = standardised_rows.Options(variance, VARIANCES[variance], draws, seed, level)
    estimates = []
    for visit, day, rows in visits:
        try:
            found = standardised_rows.one_visit(rows, covariates, options, stratified=stratified)
        except NotEstimable as reason:
            if isinstance(reason, Separated) and fallback != "none":
                said = f"standardisation is not estimable ({reason.what}): the stratified Mantel-Haenszel comparison in its place"
                found = [replace(row, note=join_notes(said, row.note)) for row in stratified_risk_difference(rows.drop(columns="visit", errors="ignore"), level=level)]
            elif len(visits) == 1:
                raise
            else:
                found = [Estimate(measure="rd", scale="difference", method="Standardisation over a logistic regression", witness="none", note=reason.what)]
        estimates += [replace(row, term=row.term or visit, time=day) for row in found]
    return estimates
