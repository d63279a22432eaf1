"""Cause-specific hazard ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.results import Estimate


def cause_specific(
    frame: pd.DataFrame, *, covariates: tuple[str, ...] = (), stratified: bool = False, robust: bool = False,
    ties: Literal["efron", "breslow"] = "efron", small_sample: bool = False, level: float = 0.95,
) -> list[Estimate]:
    """Hazard ratio of each arm, and of each covariate, for every cause by itself: Cox's model with the other causes censored.

    Measures `hr` and `chisq` as `cox` gives them; the term of a further cause is its code (or name), behind a covariate's name in brackets.
    A cause that cannot be estimated is a row with a note. To be read beside the cumulative incidences: these are hazards among those still
    free of every cause. Source: Prentice et al., Biometrics 1978;34:541-54; Latouche et al., J Clin Epidemiol 2013;66:648-53.
    """
    from pacer_analysis.errors import NotEstimable
    from pacer_analysis.estimators._frame import cause_names
    from pacer_analysis.estimators._survival import cox_rows, model
    from pacer_analysis.results import Estimate

    found: list[Estimate] = []
    refused: list[NotEstimable] = []
    causes = cause_names(model.with_plain_numbers(frame, ()))
    for code, name in causes.items():
        try:
            rows = model.rows_of(frame, covariates, stratified=stratified, ties=ties, cause=code)
            fit = cox_rows.model(rows, robust=robust, small_sample=small_sample)
            found += [*cox_rows.hazard_ratios(fit, level, cause=name), *cox_rows.arm_tests(fit, cause=name)]
        except NotEstimable as reason:
            refused.append(reason)
            found.append(Estimate(measure="hr", scale="ratio", term=name, method="Cox, other causes censored (cause-specific)", witness="none",
                                  note=f"not estimable: {reason.what}"))
    if len(refused) == len(causes):
        raise refused[0]
    return found
