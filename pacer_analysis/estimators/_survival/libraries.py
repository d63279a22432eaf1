"""Cox models by lifelines and statsmodels, for rows that they treat as R does: one per person, no delayed entry, no weights, Efron's ties."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from lifelines.exceptions import ConvergenceError
from statsmodels.duration.hazard_regression import PHReg

from pacer_analysis.estimators._survival.risk_sets import Array, Flags, Index


@dataclass(frozen=True, slots=True)
class Solution:
    """Coefficients, model-based covariance, log-likelihood at the maximum and at zero."""

    coefficients: Array
    covariance: Array
    loglik: float
    loglik_null: float


def fit(time: Array, event: Flags, x: Array, strata: Index | None) -> Solution | None:
    """The fit of lifelines, its Newton steps taken to the end; nothing where it gives up."""
    names = [f"x{j}" for j in range(x.shape[1])]
    table = pd.DataFrame(x, columns=names).assign(time=time, event=event.astype(float))
    if strata is not None:
        table["stratum"] = strata
    fitter = CoxPHFitter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # near-separation is the first way's to judge
        try:
            fitter.fit(table, "time", "event", strata=None if strata is None else "stratum",
                       fit_options={"precision": 1e-18, "r_precision": 1e-18})  # its Newton decrement, quadratic in the step, is held against `precision` too
        except ConvergenceError:
            return None
        null = fitter.log_likelihood_ratio_test().test_statistic
    return Solution(fitter.params_.to_numpy(), fitter.variance_matrix_.to_numpy(), fitter.log_likelihood_, fitter.log_likelihood_ - null / 2)


def loglik_without(time: Array, event: Flags, x: Array, strata: Index | None, tested: int) -> float | None:
    """The largest log-likelihood of all columns but the first `tested`."""
    if x.shape[1] > tested:
        without = fit(time, event, x[:, tested:], strata)
        return None if without is None else without.loglik
    whole = fit(time, event, x, strata)
    return None if whole is None else whole.loglik_null


def score(time: Array, event: Flags, x: Array, strata: Index | None, at: Array) -> float:
    """The score statistic from statsmodels' gradient and Hessian."""
    model = PHReg(time, x, status=event.astype(int), strata=strata, ties="efron")
    gradient, hessian = model.score(at), model.hessian(at)
    return float(gradient @ np.linalg.solve(-hessian, gradient))
