"""Hazard ratios from Cox's model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.results import Estimate


def cox(
    frame: pd.DataFrame, *, covariates: tuple[str, ...] = (), stratified: bool = False, robust: bool = False, recurrent: bool = False,
    ties: Literal["efron", "breslow"] = "efron", small_sample: bool = False, level: float = 0.95,
) -> list[Estimate]:
    """Hazard ratio of each arm against the reference and of each covariate; Wald intervals and tests on the log scale.

    Statuses other than 1 are censored (cause-specific). `stratified`: a baseline hazard per randomisation stratum. The frame may have `entry`
    (at risk from then on; with it a person may have several rows, for covariates that change), `weight` and `offset`. `recurrent`: several
    events a person (Andersen-Gill). `robust`: sandwich of dfbeta by person; a frame with `cluster`, recurrent events and weights that are no
    whole numbers always have it. `small_sample`: variance times G / (G - 1) and t with G - 1 df for G clusters. Measures `hr` (term blank for
    an arm, else the covariate's column) and `chisq` of all arms given the covariates, terms `likelihood ratio` and `score`, or `wald` with a
    sandwich and more than two arms. A frame without arms gives its covariates' ratios.
    Source: Cox, JRSS B 1972;34:187-220; Efron 1977; Andersen and Gill, Ann Stat 1982;10:1100-20; Lin and Wei, JASA 1989;84:1074-8.
    """
    from pacer_analysis.estimators._survival import cox_rows, model

    rows = model.rows_of(frame, covariates, stratified=stratified, ties=ties, recurrent=recurrent)
    found = cox_rows.model(rows, robust=robust, small_sample=small_sample)
    return [*cox_rows.hazard_ratios(found, level), *cox_rows.arm_tests(found)]
