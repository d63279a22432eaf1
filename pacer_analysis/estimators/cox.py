"""Hazard ratios from Cox's model."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.results import Estimate


def cox(
    frame: pd.DataFrame, *, covariates: tuple[str, ...] = (), stratified: bool = False, robust: bool = False, level: float = 0.95,
) -> list[Estimate]:
    """Hazard ratio of each arm against the reference and of each covariate; Efron ties, Wald intervals and tests on the log scale.

    Statuses other than 1 are censored (cause-specific). `stratified`: a baseline hazard per randomisation stratum. `robust`: sandwich
    of dfbeta; a frame with `cluster` always has it, by cluster. Measures `hr` (term blank for an arm, else the covariate's column) and,
    without sandwich, `chisq` of all arms given the covariates, terms `likelihood ratio` and `score`.
    """
    from pacer_analysis.estimators import _cox_rows

    data = _cox_rows.prepare(frame, covariates, stratified=stratified, robust=robust)
    return [*_cox_rows.hazard_ratios(data, level), *(() if data.sandwich else _cox_rows.tests(data))]
