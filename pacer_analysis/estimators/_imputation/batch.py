"""Multiple imputation of a binary outcome in thousands of small trials at once, for simulations.

The same model as in a report: logistic within arm with augmented data, coefficients drawn from their posterior, Rubin's rules with
Barnard-Rubin degrees of freedom. The estimators of the plan do not use this module; a test holds both ways against each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, stdtr, stdtrit

from pacer_analysis.estimators._imputation import logistic

Array = NDArray[np.float64]

CELLS = 20_000_000  # trials by imputations by people at a time


@dataclass(frozen=True, slots=True)
class Trials:
    """Per trial the pooled risk difference, its standard error, degrees of freedom, interval, p and fraction of missing information."""

    estimate: Array
    se: Array
    df: Array
    low: Array
    high: Array
    p: Array
    fmi: Array


def pool(estimates: Array, variances: Array, complete_df: Array | float, level: float = 0.95) -> Trials:
    """Rubin's rules along the last axis, in every trial."""
    m = estimates.shape[-1]
    mean, within, between = estimates.mean(axis=-1), variances.mean(axis=-1), estimates.var(axis=-1, ddof=1)
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total
    with np.errstate(divide="ignore"):
        old = (m - 1) / share**2
    seen = complete_df * (complete_df + 1) / (complete_df + 3) * (1 - share)
    df = 1 / (1 / old + 1 / seen)
    riv = (1 + 1 / m) * between / within
    se = np.sqrt(total)
    reach = stdtrit(df, 0.5 + level / 2) * se
    return Trials(mean, se, df, mean - reach, mean + reach, 2 * stdtr(df, -np.abs(mean / se)), (riv + 2 / (df + 3)) / (riv + 1))


def risk_differences(outcome: Array, treated: NDArray[np.bool_], x: Array, *, m: int, seed: int, level: float = 0.95) -> Trials:
    """The pooled difference of treated less control in every trial.

    `outcome` (trials, people), NaN where missing; `treated` (trials, people); `x` (trials, people, columns), the predictors.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    trials, people = outcome.shape
    size = max(1, CELLS // (m * people))
    values, variances = np.empty((trials, m)), np.empty((trials, m))
    for start in range(0, trials, size):
        some = slice(start, start + size)
        p1, n1 = _proportions(outcome[some], treated[some], x[some], m, rng)
        p0, n0 = _proportions(outcome[some], ~treated[some], x[some], m, rng)
        values[some], variances[some] = p1 - p0, p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0
    return pool(values, variances, float(people - 2), level)


def _proportions(outcome: Array, arm: NDArray[np.bool_], x: Array, m: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """The proportion of one arm in every trial and imputation, and its people."""
    known = arm & ~np.isnan(outcome)
    extra = _pseudo_people(x, arm)
    many, width = extra.shape[1], x.shape[2]
    design = logistic.with_ones(np.concatenate([x, extra], axis=1))
    y = np.concatenate([np.where(known, outcome, 0.0), np.full((len(x), many), 0.5)], axis=1)
    weight = np.concatenate([known.astype(float), np.full((len(x), many), (width + 1) / many)], axis=1)
    beta, information = logistic.fit(design, y, weight)
    root = np.linalg.cholesky(np.linalg.inv(information))
    drawn = beta[:, None] + rng.standard_normal((len(x), m, width + 1)) @ root.swapaxes(1, 2)
    chance = expit(drawn @ logistic.with_ones(x).swapaxes(1, 2))
    blank = (arm & np.isnan(outcome))[:, None]
    events = np.where(known, outcome, 0.0).sum(axis=1)[:, None] + ((rng.random(chance.shape) < chance) & blank).sum(axis=2)
    n = arm.sum(axis=1)[:, None]
    return events / n, n


def _pseudo_people(x: Array, arm: NDArray[np.bool_]) -> Array:
    """The rows of the augmented data of one arm in every trial."""
    here = arm[:, :, None]
    n = arm.sum(axis=1)[:, None]
    mean = (x * here).sum(axis=1) / n
    spread = np.sqrt((((x - mean[:, None]) * here) ** 2).sum(axis=1) / (n - 1))
    low, high = np.where(here, x, np.inf).min(axis=1), np.where(here, x, -np.inf).max(axis=1)
    width = x.shape[2]
    rows = np.repeat(mean[:, None], 2 * width, axis=1)
    own = np.arange(width)
    rows[:, 2 * own, own] = np.minimum(mean + 0.5 * spread, high)
    rows[:, 2 * own + 1, own] = np.maximum(mean - 0.5 * spread, low)
    return rows
