"""What each row of people adds to the arms' coefficients of a model: least squares, logistic or Cox, each by two ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from statsmodels.regression.linear_model import OLS

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators import _logistic_model
from pacer_analysis.estimators._design_matrix import Design, design, refuse_collinear
from pacer_analysis.estimators._frame import has_outcome, strata
from pacer_analysis.estimators._logistic_model import with_intercept
from pacer_analysis.estimators._repeated.rows_of_people import plain
from pacer_analysis.estimators._witness import library

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Way:
    """Coefficients of the arms but the reference, and what each analysed row adds to each: (rows, arms)."""

    coefficients: Array
    influence: Array


@dataclass(frozen=True, slots=True)
class Model:
    """Both ways, who is analysed, and the model in words; no second way where the first is too large for it."""

    ours: Way
    theirs: Way | None
    analysed: Flags
    words: str
    witness: str
    note: str


def least_squares(frame: pd.DataFrame, covariates: tuple[str, ...], *, stratified: bool) -> Model:
    """Differences of risks by least squares on arm and covariates."""
    columns, y, known, words = _columns(frame, covariates, stratified=stratified)
    x, arms = with_intercept(columns.matrix), slice(1, 1 + len(columns.arms))
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ (x.T @ y)
    fitted = OLS(y, x).fit()
    return Model(Way(beta[arms], (x * (y - x @ beta)[:, None] @ bread)[:, arms]),
                 Way(np.asarray(fitted.params)[arms], (x * np.asarray(fitted.resid)[:, None] @ np.asarray(fitted.normalized_cov_params))[:, arms]), known,
                 f"Least squares on {words}", library("statsmodels"), columns.imputed)


def logistic(frame: pd.DataFrame, covariates: tuple[str, ...], *, stratified: bool) -> Model:
    """Log odds ratios: estimating equations with working independence."""
    columns, y, known, words = _columns(frame, covariates, stratified=stratified)
    x, k = with_intercept(columns.matrix), len(columns.arms)
    ours, theirs = _logistic_model.fit(columns.matrix, y, columns.names), _logistic_model.fit_again(columns.matrix, y)
    return Model(_of_logistic(x, y, ours, k), _of_logistic(x, y, theirs, k), known, f"Logistic regression on {words}", f"{library('scipy')} root", columns.imputed)


def _of_logistic(x: Array, y: Array, found: _logistic_model.Fit, arms: int) -> Way:
    residual = y - expit(x @ found.coefficients)
    return Way(found.coefficients[1:1 + arms], (x * residual[:, None] @ found.covariance)[:, 1:1 + arms])


def _columns(frame: pd.DataFrame, covariates: tuple[str, ...], *, stratified: bool) -> tuple[Design, Array, Flags, str]:
    strata(frame, stratified=stratified)
    names = (*covariates, "stratum") if stratified else covariates
    known = has_outcome(frame)
    columns = design(frame, names, known)
    refuse_collinear(columns.matrix, columns.names)
    if len(columns.matrix) <= columns.matrix.shape[1] + 1:
        raise NotEstimable(f"{columns.matrix.shape[1] + 1} columns for {len(columns.matrix)} people")
    words = f"arm{''.join(', ' + name for name in names)}"
    return columns, plain(frame.loc[known, "outcome"]), known.to_numpy(dtype=bool), words


def cox(frame: pd.DataFrame, covariates: tuple[str, ...], *, stratified: bool) -> Model:
    """Log hazard ratios; what a row adds is its dfbeta."""
    from pacer_analysis.estimators._survival import cox_rows, model, residuals, walk

    rows = model.rows_of(frame.drop(columns="cluster"), covariates, stratified=stratified)
    fit = model.fitted(rows)
    arms = slice(0, len(rows.design.arms))
    ours = Way(fit.coefficients[arms], residuals.dfbeta(fit)[:, arms])
    theirs = None
    if int(rows.event.sum()) <= cox_rows.WALKED:
        walked = cox_rows.as_walked(rows)
        beta, covariance, _ = walk.solution(walked)
        theirs = Way(beta[arms], walk.influence(walked, beta, covariance)[:, arms])
    return Model(ours, theirs, rows.analysed.to_numpy(dtype=bool), ", ".join(rows.words), "walk over event times", rows.note)
