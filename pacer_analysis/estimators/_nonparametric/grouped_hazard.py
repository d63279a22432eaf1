"""The likelihood of grouped proportional hazards over visits, maximised by Newton's method.

With baseline log hazards a over the intervals between visits, a person of linear predictor xb adds exp(a_k + xb) to the cumulative hazard in
interval k. Free of the event through visit l and with it at visit u: exp(-H(l)) (1 - exp(-(H(u) - H(l)))); censored after l: exp(-H(l)).
An interval in which nobody can have had the event has hazard 0; one that nobody is known to have passed free of it has an infinite one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.errors import NotEstimable

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Mask = NDArray[np.bool_]

STEPS = 200
NEVER = -18.0  # a log hazard below this is on its way to minus infinity
MANY = 100  # days of visits, each with a hazard of its own
INFINITE = 15.0  # likewise a log hazard ratio over the range of its column


@dataclass(frozen=True, slots=True)
class Grouped:
    """Per person: intervals passed free, intervals in one of which the event lies, and columns of the linear predictor."""

    passed: Array
    within: Array
    x: Array
    certain: Mask

    @property
    def event(self) -> Mask:
        """Whose event has a probability to be estimated: not those whose interval ends with an infinite hazard."""
        return np.asarray((self.within.sum(axis=1) > 0) & ~self.certain)


@dataclass(frozen=True, slots=True)
class Fit:
    """Log hazards of the intervals (minus infinity: never, plus: all of them), coefficients, their joint covariance and the log-likelihood.

    The covariance has the finite log hazards, whose places are `free`, and then the coefficients.
    """

    log_hazard: Array
    coefficients: Array
    covariance: Array
    free: Index
    loglik: float


def visits(lower: Array, upper: Array) -> Array:
    """The days of visits that tell these people's intervals apart."""
    return np.unique(np.concatenate([lower[lower > 0], upper[np.isfinite(upper)]]))


def grouped(lower: Array, upper: Array, x: Array, strata: Index) -> Grouped:
    """The likelihood's indicators from days of visits (upper infinite: no event), the intervals of each stratum side by side."""
    passed, within = [], []
    for stratum in range(int(strata.max(initial=0)) + 1):
        own = strata == stratum
        days = visits(lower[own], upper[own])
        if len(days) > MANY:
            raise NotEstimable(f"{len(days)} different days of visits: hazards by visit need time counted by visit")
        passed.append(own[:, None] & (days <= lower[:, None]))
        within.append(own[:, None] & np.isfinite(upper)[:, None] & (days > lower[:, None]) & (days <= upper[:, None]))
    wide = [np.concatenate(blocks, axis=1).astype(np.float64) for blocks in (passed, within)]
    infinite = (wide[0].sum(axis=0) == 0) & (wide[1].sum(axis=0) > 0)
    return Grouped(wide[0], wide[1], x, np.asarray(wide[1][:, infinite].sum(axis=1) > 0))


def maximise(data: Grouped, names: tuple[str, ...]) -> Fit:
    """The maximum; refuses coefficients that run away, by name, and what does not converge."""
    log_hazard = _start(data)
    beta = np.zeros(data.x.shape[1])
    reach = np.ptp(data.x, axis=0) if data.x.shape[1] else np.zeros(0)
    for _ in range(STEPS):
        free = np.flatnonzero(np.isfinite(log_hazard))
        value, score, information = _terms(data, log_hazard, beta, free)
        step = _newton(score, information)
        if float(np.abs(step).max(initial=0.0)) < 1e-11 or float(score @ step) < 1e-22:
            back = _worth_having(data, log_hazard, beta)
            if not len(back):
                return Fit(log_hazard, beta, _inverse(information), free, value)
            log_hazard[back] = -6.0
            continue
        share, size = min(1.0, 5 / max(float(np.abs(step).max()), 1e-300)), len(free)
        while share > 1e-9:
            new, new_beta = log_hazard.copy(), beta + share * step[size:]
            new[free] += share * step[:size]
            if _loglik(data, new, new_beta) >= value - 1e-12 * abs(value):
                break
            share /= 2
        log_hazard, beta = new, new_beta
        gone = [name for name, size in zip(names, np.abs(beta) * reach, strict=True) if size > INFINITE]
        if gone:
            raise NotEstimable(f"separation: {', '.join(gone)} settles who has the event")
        log_hazard = np.where(log_hazard < NEVER, -np.inf, log_hazard)
    raise NotEstimable("the grouped proportional hazards did not converge")


def _start(data: Grouped) -> Array:
    """Log hazards as if each event were spread evenly over its intervals; infinite where the data say so."""
    width = np.maximum(data.within.sum(axis=1), 1)
    events = (data.within / width[:, None])[~data.certain].sum(axis=0)
    risk = data.passed.sum(axis=0) + events
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard = np.log(-np.log1p(-np.minimum(events / risk, 0.999)))
    hazard = np.where(events > 0, hazard, -np.inf)
    return np.asarray(np.where((data.passed.sum(axis=0) == 0) & (data.within.sum(axis=0) > 0), np.inf, hazard), dtype=np.float64)


def _exposure(data: Grouped, log_hazard: Array, beta: Array) -> tuple[Array, Array]:
    """Each person's hazard in each interval, those without end left out, and the cumulative hazard over the intervals of the event."""
    hazard = np.exp(np.where(np.isposinf(log_hazard), -np.inf, log_hazard)) * np.exp(data.x @ beta)[:, None]
    return hazard, (data.within * hazard).sum(axis=1)


def _loglik(data: Grouped, log_hazard: Array, beta: Array) -> float:
    hazard, total = _exposure(data, log_hazard, beta)
    if (total[data.event] <= 0).any():
        return -np.inf
    return float(-(data.passed * hazard).sum() + np.log(-np.expm1(-total[data.event])).sum())


def _terms(data: Grouped, log_hazard: Array, beta: Array, free: Index) -> tuple[float, Array, Array]:
    """Log-likelihood, score and observed information in the finite log hazards and the coefficients."""
    hazard, total = _exposure(data, log_hazard, beta)
    event = data.event
    pull = np.zeros(len(total))
    pull[event] = 1 / np.expm1(total[event])
    bend = pull * (1 + pull)  # minus the second derivative of log(1 - exp(-total))
    inside = (data.within * hazard)[:, free]
    parts = pull[:, None] * inside - (data.passed * hazard)[:, free]
    score = np.concatenate([parts.sum(axis=0), data.x.T @ parts.sum(axis=1)])
    pairs = inside.T @ (bend[:, None] * inside) - np.diag(parts.sum(axis=0))
    mixed = inside.T @ ((bend * total)[:, None] * data.x) - parts.T @ data.x
    own = data.x.T @ ((bend * total**2 - parts.sum(axis=1))[:, None] * data.x)
    return _loglik(data, log_hazard, beta), score, np.block([[pairs, mixed], [mixed.T, own]])


def _newton(score: Array, information: Array) -> Array:
    """The Newton step, with as much added to the diagonal as makes the information positive definite."""
    size = len(score)
    if not size:
        return score
    extra = 0.0
    for _ in range(40):
        try:
            np.linalg.cholesky(information + extra * np.eye(size))
        except np.linalg.LinAlgError:
            extra = max(10 * extra, 1e-8 * float(np.abs(np.diag(information)).max(initial=1.0)))
            continue
        return np.asarray(np.linalg.solve(information + extra * np.eye(size), score), dtype=np.float64)
    raise NotEstimable("the grouped proportional hazards did not converge")


def _inverse(information: Array) -> Array:
    size = len(information)
    scale = np.sqrt(np.maximum(np.diag(information), 1e-300))
    if size and np.linalg.cond(information / np.outer(scale, scale)) > 1e11:
        raise NotEstimable("the visits do not determine the hazards of all intervals between them")
    return np.asarray(np.linalg.inv(information), dtype=np.float64) if size else np.zeros((0, 0))


def _worth_having(data: Grouped, log_hazard: Array, beta: Array) -> Index:
    """The intervals of hazard 0 in which the likelihood would rise with it."""
    risk = np.exp(data.x @ beta)
    _, total = _exposure(data, log_hazard, beta)
    pull = np.zeros(len(total))
    pull[data.event] = 1 / np.expm1(total[data.event])
    slope = (data.within * (pull * risk)[:, None]).sum(axis=0) - (data.passed * risk[:, None]).sum(axis=0)
    scale = (data.passed * risk[:, None]).sum(axis=0)
    return np.flatnonzero(np.isneginf(log_hazard) & (slope > 1e-7 * scale) & (data.within[data.event].sum(axis=0) > 0))
