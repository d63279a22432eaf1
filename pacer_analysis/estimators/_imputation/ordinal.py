"""Proper imputation of ordered categories (proportional odds) and of categories without an order (nested logistic models).

Proportional odds: McCullagh, Journal of the Royal Statistical Society B 1980;42:109-42. Cut points and coefficients are drawn from the
normal about the maximum on the scale of the first cut point and the logarithms of the steps between them, so that they stay in order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._imputation import logistic
from pacer_analysis.estimators._imputation.streams import Streams, normals, uniforms

Array = NDArray[np.float64]

FLOOR = 1e-12  # of a category's probability


def augmented(x: Array, y: Array, known: NDArray[np.bool_], levels: int) -> tuple[Array, NDArray[np.intp], Array]:
    """Predictors, category and weight of the people known and of pseudo-people in every category."""
    chains, width = x.shape[0], x.shape[2]
    extra = logistic.pseudo_people(x) if width else np.zeros((chains, 1, 0))
    many = extra.shape[1]
    predictors = np.concatenate([x[:, known], np.tile(extra, (1, levels, 1))], axis=1)
    categories = np.concatenate([y[known], np.repeat(np.arange(levels), many)]).astype(np.intp)
    weight = np.concatenate([np.ones(int(known.sum())), np.full(many * levels, (width + 1) / (many * levels))])
    return predictors, categories, weight


def terms(theta: Array, x: Array, category: NDArray[np.intp], weight: Array, levels: int) -> tuple[Array, Array, Array]:
    """Log-likelihood, score and information in every chain; theta is the cut points, then the coefficients."""
    cuts = levels - 1
    eta = (x @ theta[:, cuts:, None])[:, :, 0]
    ends = np.concatenate([np.full((len(theta), 1), -np.inf), theta[:, :cuts], np.full((len(theta), 1), np.inf)], axis=1)
    upper, lower = expit(ends[:, category + 1] - eta), expit(ends[:, category] - eta)
    probability = np.maximum(upper - lower, FLOOR)
    above, below = (np.arange(cuts) == category[:, None]).astype(float), (np.arange(cuts) == category[:, None] - 1).astype(float)
    shape = (len(theta), len(category), cuts)
    a = np.concatenate([np.broadcast_to(above, shape), np.broadcast_to(-x, (*shape[:2], x.shape[2]))], axis=2)
    b = np.concatenate([np.broadcast_to(below, shape), np.broadcast_to(-x, (*shape[:2], x.shape[2]))], axis=2)
    du, dl = upper * (1 - upper), lower * (1 - lower)
    gradient = (du[:, :, None] * a - dl[:, :, None] * b) / probability[:, :, None]
    weighted = weight[None, :, None]
    information = (gradient * weighted).swapaxes(1, 2) @ gradient
    information -= (a * (weight * du * (1 - 2 * upper) / probability)[:, :, None]).swapaxes(1, 2) @ a
    information += (b * (weight * dl * (1 - 2 * lower) / probability)[:, :, None]).swapaxes(1, 2) @ b
    return (weight * np.log(probability)).sum(axis=1), (gradient * weighted).sum(axis=1), information


def fit(x: Array, category: NDArray[np.intp], weight: Array, levels: int, start: Array | None = None) -> tuple[Array, Array]:
    """The weighted maximum in every chain and the information there: Newton's steps, halved in the chains whose likelihood would fall."""
    if start is None:
        share = np.cumsum(np.bincount(category, weights=weight, minlength=levels)) / weight.sum()
        theta = np.zeros((x.shape[0], levels - 1 + x.shape[2]))
        theta[:, :levels - 1] = np.log(share[:-1] / (1 - share[:-1]))
    else:
        theta = start.copy()
    value, score, information = terms(theta, x, category, weight, levels)
    for _ in range(logistic.STEPS):
        step = logistic.solved(information, score)
        size = np.ones((len(theta), 1))
        for _ in range(30):
            moved = terms(theta + size * step, x, category, weight, levels)
            crossed = (np.diff((theta + size * step)[:, :levels - 1], axis=1) <= 0).any(axis=1)
            worse = crossed | ~(moved[0] >= value - 1e-9 * np.abs(value))
            if not worse.any():
                break
            size[worse] /= 2
        theta, (value, score, information) = theta + size * step, moved
        if np.abs(step).max() < 1e-6:
            return theta, information
    raise NotEstimable("an ordinal imputation model did not converge")


def draw(x: Array, y: Array, known: NDArray[np.bool_], rngs: Streams, levels: int, start: Array | None = None) -> tuple[Array, Array]:
    """Imputed categories (imputation, blank) by proportional odds, and the maximum to start from next time."""
    theta, information = fit(*augmented(x, y, known, levels), levels, start)
    cuts = levels - 1
    steps = np.diff(theta[:, :cuts], axis=1)
    # phi = first cut point, log steps, coefficients; slope = d theta / d phi, at the maximum exact for the information too.
    slope = np.zeros((*theta.shape, theta.shape[1]))
    slope[:, :cuts, 0] = 1.0
    for k in range(1, cuts):
        slope[:, k:cuts, k] = steps[:, k - 1, None]
    own = np.arange(cuts, theta.shape[1])
    slope[:, own, own] = 1.0
    root = np.linalg.cholesky(np.linalg.inv(slope.swapaxes(1, 2) @ information @ slope))
    moved = (root @ normals(rngs, theta.shape[1])[:, :, None])[:, :, 0]
    first = theta[:, :1] + moved[:, :1]
    drawn = np.concatenate([first, first + np.cumsum(steps * np.exp(moved[:, 1:cuts]), axis=1)], axis=1)
    eta = (x[:, ~known] @ (theta[:, cuts:] + moved[:, cuts:])[:, :, None])[:, :, 0]
    u = uniforms(rngs, eta.shape[1])
    return (u[:, :, None] > expit(drawn[:, None, :] - eta[:, :, None])).sum(axis=2).astype(np.float64), theta


def nested(x: Array, y: Array, known: NDArray[np.bool_], rngs: Streams, levels: int) -> Array:
    """Imputed categories without an order: the first or a later one, then among the later ones the second or a later one, and so on."""
    shape = (len(rngs), int((~known).sum()))
    found, open_ = np.full(shape, levels - 1.0), np.ones(shape, dtype=bool)
    for level in range(levels - 1):
        asked = known & (y >= level)
        one = np.where(known, (y == level).astype(float), np.nan)
        if not asked.any():
            continue
        beta, information = logistic.fit(*logistic.augmented(x, one, asked))
        drawn = logistic.posterior_draws(beta, information, rngs)
        probability = expit((logistic.with_ones(x[:, ~known]) @ drawn[:, :, None])[:, :, 0])
        taken = open_ & (uniforms(rngs, shape[1]) < probability)
        found[taken] = level
        open_ &= ~taken
    return found
