"""What a logistic model of arms and covariates is fitted to, and its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._design_matrix import Design, design
from pacer_analysis.estimators._frame import compared_arms, has_outcome, strata
from pacer_analysis.estimators._logistic_model import Separated

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.estimators._design_matrix import Array


def prepare(frame: pd.DataFrame, covariates: tuple[str, ...], *, stratified: bool) -> tuple[Design, Array, str]:
    """The design, the outcomes of the analysed and the model in words; refuses an outcome that everyone has, or no one."""
    strata(frame, stratified=stratified)
    names = (*covariates, "stratum") if stratified else covariates
    analysed = has_outcome(frame)
    columns = design(frame, names, analysed)
    y = frame.loc[analysed, "outcome"].to_numpy(dtype=float)
    if len(y) and y.min() == y.max():
        raise NotEstimable("only events" if y.max() else "no events")
    compared_arms(frame)
    return columns, y, f"Logistic regression on arm{''.join(', ' + name for name in names)}"


def refuse_plain_arms(frame: pd.DataFrame) -> None:
    """Refuses an arm in which everyone analysed has the same outcome: its odds ratio is zero or infinite."""
    analysed = has_outcome(frame)
    for arm in compared_arms(frame):
        outcomes = frame.loc[analysed & (frame["arm"] == arm), "outcome"]
        if outcomes.nunique() < 2:
            raise Separated(f"{'only' if (outcomes == 1).all() else 'no'} events in arm {arm}")
