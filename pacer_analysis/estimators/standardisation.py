"""The marginal effect of the arm: everyone as if in one arm, then as if in the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

VARIANCES = {"delta": "delta method on the model-based covariance (covariates taken as fixed)"}


def standardisation(
    frame: pd.DataFrame, *, covariates: tuple[str, ...] = (), stratified: bool = False, variance: Literal["delta"] = "delta", level: float = 0.95,
) -> list[Estimate]:
    """Marginal proportions, risk difference, risk ratio and odds ratio by g-computation over a logistic model.

    Each of the analysed is predicted in every arm with the covariates as they are; a marginal proportion is the mean prediction.
    Measures `proportion` per arm (interval on the logit scale), then `rd`, `rr`, `or` against the reference (Wald, ratios on the log
    scale); term and time are the visit's. `stratified` adds the randomisation stratum to the covariates.
    Source: Ge et al., Drug Information Journal 2011;45:481-93.
    """
    from dataclasses import replace

    from pacer_analysis.errors import NotEstimable
    from pacer_analysis.estimators._frame import by_visit, choose, compared_arms

    choose("variance", variance, VARIANCES)
    compared_arms(frame)
    visits = by_visit(frame)
    estimates = []
    for visit, day, rows in visits:
        try:
            found = _one_visit(rows, covariates=covariates, stratified=stratified, variance=variance, level=level)
        except NotEstimable as reason:
            if len(visits) == 1:
                raise
            found = [Estimate(measure="rd", scale="difference", method="Standardisation over a logistic regression", witness="none", note=reason.what)]
        estimates += [replace(row, term=visit, time=day) for row in found]
    return estimates


def _one_visit(frame: pd.DataFrame, *, covariates: tuple[str, ...], stratified: bool, variance: str, level: float) -> list[Estimate]:
    from pacer_analysis.estimators import _marginal
    from pacer_analysis.estimators._frame import counted, of_arms
    from pacer_analysis.estimators._logistic_arms import prepare
    from pacer_analysis.estimators._logistic_model import fit

    design, y, model = prepare(frame, covariates, stratified=stratified)
    method = f"Standardisation (g-computation) over the analysed. {model}; {VARIANCES[variance]}"
    reference = str(frame["arm"].cat.categories[0])
    fitted = fit(design.matrix, y, design.names)
    margins, gradients = _marginal.margins(fitted.coefficients, design.matrix, len(design.arms))
    check = _marginal.Check(design.matrix, y, len(design.arms))
    estimates = []
    for position, arm in enumerate((reference, *design.arms)):
        row = _marginal.row("proportion", position, margins, gradients, fitted.covariance, check, level)
        estimates.append(counted(_named(row, method, arm=arm, note=design.imputed), of_arms(frame, arm)))
    for position, arm in enumerate(design.arms, start=1):
        for measure in ("rd", "rr", "or"):
            row = _marginal.row(measure, position, margins, gradients, fitted.covariance, check, level)
            contrast = f"{arm} - {reference}" if measure == "rd" else f"{arm} / {reference}"
            estimates.append(counted(_named(row, method, contrast=contrast, note=design.imputed), of_arms(frame, reference, arm)))
    return estimates


def _named(row: Estimate, method: str, *, note: str, arm: str = "", contrast: str = "") -> Estimate:
    from dataclasses import replace

    wald = "interval on the logit scale" if arm else "Wald interval and test" + ("" if row.measure == "rd" else " on the log scale")
    return replace(row, method=f"{method}; {wald}", arm=arm, contrast=contrast, note=note)
