"""Proper imputation of a yes-or-no variable: coefficients drawn from their posterior, then the values.

The posterior is taken as normal about the maximum. Perfect prediction, which would make it infinitely wide, is prevented by augmenting
the data: for each predictor two people half a standard deviation either side of its mean, half of each with the outcome, all together
weighing as much as one person per coefficient (White, Daniel and Royston, Computational Statistics and Data Analysis 2010;54:2267-75).
All imputations are fitted together: arrays have the imputation as their first axis, of length 1 where the predictors are the same in all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._imputation.streams import Streams, normals, uniforms

Array = NDArray[np.float64]

STEPS = 50


def with_ones(x: Array) -> Array:
    """The columns after a column of ones."""
    return np.concatenate([np.ones((*x.shape[:-1], 1)), x], axis=-1)


def pseudo_people(x: Array) -> Array:
    """The predictors of the augmented data, two rows a predictor, within the range of the real people; no rows without predictors."""
    chains, _, width = x.shape
    mean, spread = x.mean(axis=1), x.std(axis=1, ddof=1) if x.shape[1] > 1 else np.zeros((chains, width))
    low, high = x.min(axis=1), x.max(axis=1)
    rows = np.repeat(mean[:, None, :], 2 * width, axis=1)
    own = np.arange(width)
    rows[:, 2 * own, own] = np.minimum(mean + 0.5 * spread, high)
    rows[:, 2 * own + 1, own] = np.maximum(mean - 0.5 * spread, low)
    return rows


def augmented(x: Array, y: Array, known: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
    """Design with intercept, outcome and weight of the people with the outcome known and of the pseudo-people."""
    chains, width = x.shape[0], x.shape[2]
    extra = pseudo_people(x) if width else np.zeros((chains, 1, 0))
    design = with_ones(np.concatenate([x[:, known], extra], axis=1))
    many = extra.shape[1]
    outcome = np.concatenate([y[known], np.full(many, 0.5)])
    weight = np.concatenate([np.ones(int(known.sum())), np.full(many, (width + 1) / many)])
    return design, outcome, weight


def fit(design: Array, outcome: Array, weight: Array, start: Array | None = None) -> tuple[Array, Array]:
    """The weighted maximum in every chain and the information there: Newton's steps, halved in the chains whose likelihood would fall."""
    beta = np.zeros((design.shape[0], design.shape[2])) if start is None else start.copy()
    eta = (design @ beta[:, :, None])[:, :, 0]
    value = _loglik(eta, outcome, weight)
    for _ in range(STEPS):
        p = expit(eta)
        score = ((weight * (outcome - p))[:, None, :] @ design)[:, 0]
        information = (design * (weight * p * (1 - p))[:, :, None]).swapaxes(1, 2) @ design
        step = solved(information, score)
        longest = np.abs(step).max()
        along = (design @ step[:, :, None])[:, :, 0]
        size = np.ones((len(beta), 1))
        for _ in range(30):
            moved = _loglik(eta + size * along, outcome, weight)
            worse = ~(moved >= value - 1e-9 * np.abs(value))
            if not worse.any():
                break
            size[worse] /= 2
        beta, eta, value = beta + size * step, eta + size * along, moved
        if longest < 1e-6:  # quadratic: what is left is below 1e-11
            return beta, information
    raise NotEstimable("a logistic imputation model did not converge")


def _loglik(eta: Array, outcome: Array, weight: Array) -> Array:
    return np.asarray((weight * (outcome * eta - np.logaddexp(0.0, eta))).sum(axis=1))


def solved(matrix: Array, vector: Array) -> Array:
    """The solutions of one linear system per chain."""
    try:
        return np.asarray(np.linalg.solve(matrix, vector[:, :, None])[:, :, 0])
    except np.linalg.LinAlgError:
        raise NotEstimable("the predictors of an imputation model determine each other") from None


def posterior_draws(beta: Array, information: Array, rngs: Streams) -> Array:
    """Coefficients drawn from the normal with the inverse information as its variance, a row per imputation."""
    root = np.linalg.cholesky(np.linalg.inv(information))
    z = normals(rngs, beta.shape[1])
    return np.asarray(beta + (root @ z[:, :, None])[:, :, 0])


def draw(x: Array, y: Array, known: NDArray[np.bool_], rngs: Streams, start: Array | None = None) -> tuple[Array, Array, Array, Array]:
    """Imputed values (imputation, blank), their linear predictors, the uniform numbers that decided, and the maximum to start from next time."""
    beta, information = fit(*augmented(x, y, known), start)
    drawn = posterior_draws(beta, information, rngs)
    eta = (with_ones(x[:, ~known]) @ drawn[:, :, None])[:, :, 0]
    u = uniforms(rngs, eta.shape[1])
    return (u < expit(eta)).astype(np.float64), eta, u, beta
