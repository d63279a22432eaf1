"""What a logistic model of arms and covariates is fitted to, and its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._design_matrix import Design, design
from pacer_analysis.estimators._frame import compared_arms, has_outcome, strata

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.estimators._design_matrix import Array


def prepare(frame: pd.DataFrame, covariates: tuple[str, ...], *, stratified: bool) -> tuple[Design, Array, str]:
    """The design, the outcomes of the analysed and the model in words; refuses an arm in which everyone has the same outcome."""
    strata(frame, stratified=stratified)
    names = (*covariates, "stratum") if stratified else covariates
    analysed = has_outcome(frame)
    columns = design(frame, names, analysed)
    y = frame.loc[analysed, "outcome"].to_numpy(dtype=float)
    for arm in compared_arms(frame):
        outcomes = frame.loc[analysed & (frame["arm"] == arm), "outcome"]
        if outcomes.nunique() < 2:
            raise NotEstimable(f"{'only' if (outcomes == 1).all() else 'no'} events in arm {arm}")
    return columns, y, f"Logistic regression on arm{''.join(', ' + name for name in names)}"
