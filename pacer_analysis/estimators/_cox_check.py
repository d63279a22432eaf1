"""The second way to each number of a Cox model; shares no line with the first."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from numpy.typing import NDArray
from statsmodels.duration.hazard_regression import PHReg

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Solution:
    """Coefficients, model-based covariance, log-likelihood at the maximum and at zero."""

    coefficients: Array
    covariance: Array
    loglik: float
    loglik_null: float


def fit(time: Array, event: NDArray[np.bool_], x: Array, strata: Index) -> Solution:
    """lifelines, its Newton steps taken to the end."""
    names = [f"x{j}" for j in range(x.shape[1])]
    table = pd.DataFrame(x, columns=names).assign(time=time, event=event.astype(float), stratum=strata)
    several = strata.max() > 0
    fitter = CoxPHFitter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # near-separation is the first way's to judge
        fitter.fit(table if several else table.drop(columns="stratum"), "time", "event", strata="stratum" if several else None,
                   fit_options={"precision": 1e-18, "r_precision": 1e-18})  # its Newton decrement, quadratic in the step, is held against `precision` too
        null = fitter.log_likelihood_ratio_test().test_statistic
    return Solution(fitter.params_.to_numpy(), fitter.variance_matrix_.to_numpy(), fitter.log_likelihood_, fitter.log_likelihood_ - null / 2)


def likelihood_ratio(time: Array, event: NDArray[np.bool_], x: Array, strata: Index, full: Solution, arms: int) -> float:
    """Twice the gain of the arms' columns, the first `arms` of x, over the covariates alone."""
    without = fit(time, event, x[:, arms:], strata).loglik if x.shape[1] > arms else full.loglik_null
    return float(2 * (full.loglik - without))


def score(time: Array, event: NDArray[np.bool_], x: Array, strata: Index, at: Array) -> float:
    """The score statistic from statsmodels' gradient and Hessian."""
    model = PHReg(time, x, status=event.astype(int), strata=strata if strata.max() > 0 else None, ties="efron")
    gradient, hessian = model.score(at), model.hessian(at)
    return float(gradient @ np.linalg.solve(-hessian, gradient))


def robust_covariance(time: Array, event: NDArray[np.bool_], x: Array, strata: Index, solution: Solution, clusters: Index) -> Array:
    """The sandwich of dfbeta, person by person from the definition.

    Going back in time the risk sets are built; going forward each tied death takes its Efron step, and everyone pays for the steps taken
    while at risk: those who die at that very time only their remaining share.
    """
    beta = solution.coefficients
    width = len(beta)
    total = np.zeros((int(clusters.max()) + 1, width))
    x = x - x.mean(axis=0)
    for stratum in range(int(strata.max()) + 1):
        members = [int(i) for i in np.flatnonzero(strata == stratum)]
        members.sort(key=lambda i: float(time[i]))
        hazards = {i: float(np.exp(x[i] @ beta)) for i in members}
        by_time: dict[float, list[int]] = {}
        for i in members:
            by_time.setdefault(float(time[i]), []).append(i)
        size, first = 0.0, np.zeros(width)
        risk_sets = {}
        for day in sorted(by_time, reverse=True):
            for i in by_time[day]:
                size, first = size + hazards[i], first + hazards[i] * x[i]
            risk_sets[day] = (size, first)
        paid, paid_mean = 0.0, np.zeros(width)
        for day in sorted(by_time):
            dying = [i for i in by_time[day] if event[i]]
            own, own_mean, gained = 0.0, np.zeros(width), np.zeros(width)
            if dying:
                size, first = risk_sets[day]
                d0 = sum(hazards[i] for i in dying)
                d1 = np.sum([hazards[i] * x[i] for i in dying], axis=0)
                for step in range(len(dying)):
                    out = step / len(dying)
                    left = size - out * d0
                    mean = (first - out * d1) / left
                    gained = gained + mean / len(dying)
                    paid, paid_mean = paid + 1 / left, paid_mean + mean / left
                    own, own_mean = own + out / left, own_mean + out * mean / left
            for i in by_time[day]:
                still = paid - own if event[i] else paid
                still_mean = paid_mean - own_mean if event[i] else paid_mean
                residual = event[i] * (x[i] - gained) - hazards[i] * (x[i] * still - still_mean)
                total[clusters[i]] += residual @ solution.covariance
    return np.asarray(total.T @ total)
