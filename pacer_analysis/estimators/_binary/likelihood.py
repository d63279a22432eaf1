"""The logistic likelihood, plain or penalised by Jeffreys' prior, its maximum, and what its profile says of one coefficient.

Penalised: l*(b) = l(b) + log det I(b) / 2, whose score adds h (1/2 - p) to y - p, h the diagonal of the hat matrix. Its maximum is finite
whatever the data; a profile holds one coefficient and maximises over the others, the penalty that of all columns.
Source: Firth, Biometrika 1993;80:27-38; Heinze and Schemper, Statistics in Medicine 2002;21:2409-19, equations 3-5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

from pacer_analysis.errors import NotEstimable

Array = NDArray[np.float64]

STEPS = 200
SCORING = 12  # steps with Fisher's information, which ignores the penalty's own curvature and so only crawls at the end
DOUBLINGS = 40


@dataclass(frozen=True, slots=True)
class Model:
    """Columns with the intercept first, outcomes 0 and 1, and whether the likelihood is penalised."""

    x: Array
    y: Array
    penalised: bool


@dataclass(frozen=True, slots=True)
class Maximum:
    """Coefficients at the maximum, the inverse of the (unpenalised) information there, and the (penalised) log-likelihood."""

    coefficients: Array
    covariance: Array
    value: float


def value(model: Model, beta: Array) -> float:
    """The log-likelihood."""
    eta = model.x @ beta
    found = float(model.y @ eta - np.logaddexp(0, eta).sum())
    return found + float(np.linalg.slogdet(information(model, beta))[1]) / 2 if model.penalised else found


def information(model: Model, beta: Array) -> Array:
    """Fisher's information of the unpenalised likelihood."""
    p = expit(model.x @ beta)
    return np.asarray((model.x.T * (p * (1 - p))) @ model.x)


def score(model: Model, beta: Array) -> Array:
    """The derivative of the log-likelihood."""
    p = expit(model.x @ beta)
    residual = model.y - p
    if model.penalised:
        weights = p * (1 - p)
        inverse = np.linalg.inv((model.x.T * weights) @ model.x)
        residual = residual + weights * np.einsum("ij,jk,ik->i", model.x, inverse, model.x) * (0.5 - p)
    return np.asarray(model.x.T @ residual)


def uphill(model: Model, beta: Array, free: NDArray[np.bool_]) -> Array:
    """Newton's step over the free coefficients, by central differences of the score; where the likelihood curves upwards, the other way round."""
    step = 1e-5
    units = np.eye(len(beta))[free]
    bend = np.column_stack([(score(model, beta - step * unit) - score(model, beta + step * unit))[free] / (2 * step) for unit in units])
    sizes, axes = np.linalg.eigh((bend + bend.T) / 2)
    sizes = np.maximum(np.abs(sizes), 1e-8 * np.abs(sizes).max())
    return np.asarray(axes @ ((axes.T @ score(model, beta)[free]) / sizes))


def maximise(model: Model, start: Array, free: NDArray[np.bool_]) -> tuple[Array, float]:
    """The maximum over the free coefficients: Fisher scoring, then Newton's steps, halved where the likelihood would fall."""
    beta = start.copy()
    if not free.any():
        return beta, value(model, beta)
    now = value(model, beta)
    for turn in range(STEPS):
        try:
            scoring = turn < SCORING or not model.penalised
            step = np.linalg.solve(information(model, beta)[np.ix_(free, free)], score(model, beta)[free]) if scoring else uphill(model, beta, free)
        except np.linalg.LinAlgError:
            raise NotEstimable("the logistic model did not converge") from None
        size = min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-300))
        while True:
            moved = beta.copy()
            moved[free] += size * step
            after = value(model, moved)
            if after >= now - 1e-10 * abs(now) or size < 1e-8:
                break
            size /= 2
        beta, now = moved, after
        if np.abs(size * step).max() < 1e-11:
            return beta, now
    raise NotEstimable("the logistic model did not converge")


def fit(model: Model) -> Maximum:
    """The maximum over all coefficients."""
    start = np.zeros(model.x.shape[1])
    beta, found = maximise(model, start, np.ones(len(start), dtype=bool))
    return Maximum(beta, np.asarray(np.linalg.inv(information(model, beta)), dtype=np.float64), found)


def fall(model: Model, top: Maximum, held: dict[int, float]) -> float:
    """Twice the fall of the log-likelihood where these coefficients are held at these values, the search begun where the tangent at the maximum leads."""
    places = list(held)
    gap = np.array(list(held.values())) - top.coefficients[places]
    beta = top.coefficients + top.covariance[:, places] @ np.linalg.solve(top.covariance[np.ix_(places, places)], gap)
    free = np.ones(len(beta), dtype=bool)
    for place, number in held.items():
        beta[place], free[place] = number, False
    if not np.isfinite(value(model, beta)):
        beta[free] = top.coefficients[free]
    return 2 * (top.value - maximise(model, beta, free)[1])


def limits(model: Model, top: Maximum, place: int, critical: float) -> tuple[float, float]:
    """The two values of a coefficient at which the profile has fallen by the critical value of chi-square."""
    centre, se = float(top.coefficients[place]), float(np.sqrt(top.covariance[place, place]))

    def excess(b: float) -> float:
        return fall(model, top, {place: b}) - critical

    found = []
    for sign in (-1, 1):
        inside, width = centre, se
        for _ in range(DOUBLINGS):
            outside = centre + sign * width
            if excess(outside) > 0:
                break
            inside, width = outside, width * 1.6
        else:
            raise NotEstimable("the profile likelihood has no limit")
        found.append(float(brentq(excess, inside, outside, xtol=1e-12 * max(1.0, abs(centre)), rtol=1e-13)))
    return found[0], found[1]
