"""Rows of a linear model of arms and covariates: statsmodels, and the normal equations by QR."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc, stdtr, stdtrit
from statsmodels.regression.linear_model import OLS

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._design_matrix import design, refuse_collinear
from pacer_analysis.estimators._frame import arm_names, counted, has_outcome, of_arms, strata
from pacer_analysis.estimators._logistic_model import with_intercept
from pacer_analysis.estimators._witness import agreement
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


def rows(frame: pd.DataFrame, covariates: tuple[str, ...], *, stratified: bool, variance: str, words: str, level: float) -> list[Estimate]:
    """Means per arm, mean differences, and the test of all arms where there are more than two."""
    strata(frame, stratified=stratified)
    names = (*covariates, "stratum") if stratified else covariates
    known = has_outcome(frame)
    columns = design(frame, names, known)
    refuse_collinear(columns.matrix, columns.names)
    y = frame.loc[known, "outcome"].to_numpy(dtype=float)
    x = with_intercept(columns.matrix)
    df = len(y) - x.shape[1]
    if df < 1:
        raise NotEstimable(f"{x.shape[1]} columns for {len(y)} people")
    q = np.linalg.qr(x)[0]
    left = y - q @ (q.T @ y)
    if not np.linalg.norm(left) > 1e-9 * np.linalg.norm(y):
        raise NotEstimable("no variation around the model")
    if variance == "hc3" and (q**2).sum(axis=1).max() > 1 - 1e-9:
        raise NotEstimable("someone settles a column of the model alone: no HC3 variance")
    fitted = OLS(y, x).fit() if variance == "model" else OLS(y, x).fit(cov_type="HC3", use_t=True)
    ours, theirs = (np.asarray(fitted.params), np.asarray(fitted.cov_params())), by_hand(x, y, variance)
    reference = arm_names(frame)[0]
    method = f"Least squares on arm{''.join(', ' + name for name in names)}; {words}"
    found = [_plain(_mean(of_arms(frame, arm), arm, level), of_arms(frame, arm)) for arm in arm_names(frame)]
    critical = float(stdtrit(df, 0.5 + level / 2))
    for place, arm in enumerate(columns.arms, start=1):
        value, se = float(ours[0][place]), math.sqrt(ours[1][place, place])
        other, other_se = float(theirs[0][place]), math.sqrt(theirs[1][place, place])
        p, again = (float(2 * stdtr(df, -abs(t))) for t in (value / se, other / other_se))
        row = Estimate(measure="mean_difference", scale="difference", contrast=f"{arm} - {reference}", method=method, estimate=value, se=se, low=value - critical * se,
                       high=value + critical * se, level=level, statistic=value / se, df=float(df), p=p, sides=2, note=columns.imputed,
                       witness="normal equations by QR: estimate, se, p", agreement=agreement((value, other), (se, other_se), se=se, p=(p, again)))
        found.append(_plain(row, of_arms(frame, reference, arm)))
    k = len(columns.arms)
    if k > 1 and np.linalg.matrix_rank(ours[1][1:k + 1, 1:k + 1], hermitian=True) == k:
        tests = [float(b[1:k + 1] @ np.linalg.solve(v[1:k + 1, 1:k + 1], b[1:k + 1])) / k for b, v in (ours, theirs)]
        tails = [float(fdtrc(k, df, f)) for f in tests]
        test = Estimate(measure="f", scale="test", term="all arms", method=f"{method}; F test of all arms with {k} and n - k degrees of freedom (df is the second)", statistic=tests[0], df=float(df),
                        p=tails[0], sides=2, note=columns.imputed, witness="normal equations by QR: statistic, p", agreement=agreement((tests[0], tests[1]), se=1.0, p=(tails[0], tails[1])))
        found.append(_plain(test, frame))
    return found


def by_hand(x: Array, y: Array, variance: str) -> tuple[Array, Array]:
    """Coefficients and covariance from the QR decomposition, HC3 from the leverages."""
    q, r = np.linalg.qr(x)
    inverse = np.linalg.inv(r)
    beta = inverse @ (q.T @ y)
    residual = y - x @ beta
    bread = inverse @ inverse.T
    if variance == "model":
        return beta, bread * float(residual @ residual) / (len(y) - x.shape[1])
    scaled = residual / (1 - (q**2).sum(axis=1))
    return beta, bread @ ((x.T * scaled**2) @ x) @ bread


def _mean(people: pd.DataFrame, arm: str, level: float) -> Estimate:
    values = people["outcome"].dropna().to_numpy(dtype=float)
    n = len(values)
    row = Estimate(measure="mean", scale="absolute", arm=arm, method="Mean of those with the outcome; se SD over root n, t interval", estimate=float(values.mean()),
                   witness="exact sum: estimate", agreement=agreement((float(values.mean()), math.fsum(values) / n), se=1e-12))
    if n < 2:
        return replace(row, note="one value only: no interval")
    se = float(values.std(ddof=1)) / math.sqrt(n)
    width = float(stdtrit(n - 1, 0.5 + level / 2)) * se
    mean = math.fsum(values) / n
    other = math.sqrt(math.fsum((values - mean) ** 2) / (n - 1) / n)
    return replace(row, se=se, low=float(values.mean()) - width, high=float(values.mean()) + width, level=level, df=float(n - 1),
                   witness="exact sums: estimate, se", agreement=agreement((float(values.mean()), mean), (se, other), se=se))


def _plain(row: Estimate, people: pd.DataFrame) -> Estimate:
    """With its denominators; a mean has no events."""
    return replace(counted(row, people), events=None)
