"""The maximum of a log-likelihood by Newton's steps, halved where the likelihood would fall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.errors import NotEstimable

Array = NDArray[np.float64]

STEPS = 60
INFINITE = 30.0  # a coefficient times its column's range: a hazard ratio of 1e13; infinite if its standard error is larger still
NEGLIGIBLE = 1e-8  # a step, in standard deviations of its column; Newton's next one would be its square


@dataclass(frozen=True, slots=True)
class Terms:
    """The log-likelihood and its first two derivatives."""

    loglik: float
    score: Array
    information: Array


def climb(terms: Callable[[Array], Terms], names: tuple[str, ...], spread: Array, reach: Array) -> tuple[Array, Terms, Terms]:
    """The maximum, the terms there and the terms at zero; refuses infinite coefficients by name.

    `spread` and `reach` are the standard deviation and the range of each column.
    """
    beta = np.zeros(len(names))
    start = now = terms(beta)
    if not len(names):
        return beta, now, start
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # a step too far is halved
        for _ in range(STEPS):
            refuse_infinite(beta, now.information, reach, names)
            step = solve(now.information, now.score, names)
            size = 1.0
            moved = terms(beta + step)
            while not moved.loglik >= now.loglik - 1e-9 * abs(now.loglik) and size > 1e-6:
                size /= 2
                moved = terms(beta + size * step)
            beta, now = beta + size * step, moved
            if (np.abs(size * step) * spread).max() < NEGLIGIBLE:
                refuse_infinite(beta, now.information, reach, names)
                return beta, now, start
    raise NotEstimable("the partial likelihood did not converge")


def refuse_infinite(beta: Array, information: Array, reach: Array, names: tuple[str, ...]) -> None:
    """Refuses a coefficient that grows without end while the likelihood grows flat, by name."""
    far = np.nan_to_num(np.abs(beta) * reach, nan=np.inf)
    if far.max() <= INFINITE:
        return
    worst = int(far.argmax())
    scale = np.sqrt(np.diag(information))
    if np.isfinite(far[worst]) and np.isfinite(information).all() and (scale > 0).all():
        scaled = information / np.outer(scale, scale)
        if np.linalg.eigvalsh(scaled)[0] > 1e-12 and np.linalg.inv(scaled)[worst, worst] < (beta[worst] * scale[worst]) ** 2:
            return  # a steep effect over a wide range, and known to be so
    raise NotEstimable(f"separation: the coefficient of {names[worst]} is infinite")


def solve(information: Array, right: Array, names: tuple[str, ...]) -> Array:
    """The information's inverse times `right`, in units in which its diagonal is one; refuses a flat likelihood."""
    scale = np.sqrt(np.diag(information))
    if not (np.isfinite(information).all() and (scale > 0).all()):
        raise NotEstimable(f"the partial likelihood is flat along {', '.join(names)}")
    scaled = information / np.outer(scale, scale)
    if np.linalg.eigvalsh(scaled)[0] < 1e-12:
        raise NotEstimable(f"the partial likelihood is flat along {', '.join(names)}")
    per_column = scale if right.ndim == 1 else scale[:, None]
    return np.asarray(np.linalg.solve(scaled, right / per_column) / per_column)


def inverse(information: Array, names: tuple[str, ...]) -> Array:
    """The covariance that belongs to an information matrix."""
    found = solve(information, np.eye(len(names)), names) if len(names) else information
    return np.asarray((found + found.T) / 2)
