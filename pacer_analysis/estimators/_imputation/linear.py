"""Proper imputation of a number: by the linear model itself, or by the observed value of someone predicted alike.

Coefficients and residual variance are drawn from their posterior under the usual vague prior (Rubin, Multiple Imputation for Nonresponse
in Surveys, 1987, p. 167). Predictive mean matching compares the prediction of the drawn coefficients for who is blank with that of the
estimated ones for who is known (type 1; Little 1988; van Buuren, Flexible Imputation of Missing Data, 2018, section 3.4).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.estimators._imputation.logistic import solved, with_ones
from pacer_analysis.estimators._imputation.streams import Streams, normals, uniforms

Array = NDArray[np.float64]

RIDGE = 1e-5  # of the diagonal: keeps a predictor that varies in the imputed values only from an unbounded coefficient


def posterior_draw(x: Array, y: Array, known: NDArray[np.bool_], rngs: Streams) -> tuple[Array, Array, Array]:
    """The estimated coefficients, and coefficients and residual standard deviation drawn from their posterior."""
    design = with_ones(x[:, known])
    gram = design.swapaxes(1, 2) @ design
    own = np.arange(1, gram.shape[1])
    gram[:, own, own] *= 1 + RIDGE
    beta = solved(gram, (y[known][None, None, :] @ design)[:, 0])
    residual = y[known] - (design @ beta[:, :, None])[:, :, 0]
    df = max(int(known.sum()) - design.shape[2], 1)
    sigma = np.sqrt((residual**2).sum(axis=1) / np.array([rng.chisquare(df) for rng in rngs]))
    root = np.linalg.cholesky(np.linalg.inv(gram))
    drawn = beta + sigma[:, None] * (root @ normals(rngs, beta.shape[1])[:, :, None])[:, :, 0]
    return beta, drawn, sigma


def draw(x: Array, y: Array, known: NDArray[np.bool_], rngs: Streams) -> Array:
    """Imputed numbers (imputation, blank): drawn prediction plus drawn noise."""
    _, drawn, sigma = posterior_draw(x, y, known, rngs)
    predicted = (with_ones(x[:, ~known]) @ drawn[:, :, None])[:, :, 0]
    return np.asarray(predicted + sigma[:, None] * normals(rngs, predicted.shape[1]))


def matched(x: Array, y: Array, known: NDArray[np.bool_], rngs: Streams, donors: int) -> Array:
    """Imputed numbers (imputation, blank): each the value of one of the donors with the nearest predictions."""
    beta, drawn, _ = posterior_draw(x, y, known, rngs)
    of_known = (with_ones(x[:, known]) @ beta[:, :, None])[:, :, 0]
    of_blank = (with_ones(x[:, ~known]) @ drawn[:, :, None])[:, :, 0]
    values = y[known]
    picks = uniforms(rngs, 2 * of_blank.shape[1])
    found = np.empty_like(of_blank)
    for i, rng in enumerate(rngs):
        found[i] = values[_one_of_the_nearest(of_known[i % len(of_known)], of_blank[i], picks[i], donors, rng.permutation(len(values)))]
    return found


def _one_of_the_nearest(known: Array, blank: Array, picks: Array, donors: int, shuffled: NDArray[np.intp]) -> NDArray[np.intp]:
    """Whom each blank takes from. Equal predictions are in random order, and each blank looks at another stretch of them."""
    order = shuffled[np.argsort(known[shuffled], kind="stable")]
    ranked = known[order]
    many = min(donors, len(known))
    left, right = np.searchsorted(ranked, blank, side="left"), np.searchsorted(ranked, blank, side="right")
    place = left + np.floor(picks[:len(blank)] * (right - left + 1)).astype(np.intp)
    window = place[:, None] + np.arange(-many, many)
    outside = (window < 0) | (window >= len(known))
    distance = np.where(outside, np.inf, np.abs(ranked[np.clip(window, 0, len(known) - 1)] - blank[:, None]))
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :many]
    chosen = nearest[np.arange(len(blank)), np.floor(picks[len(blank):] * many).astype(np.intp)]
    return np.asarray(order[window[np.arange(len(blank)), chosen]])
