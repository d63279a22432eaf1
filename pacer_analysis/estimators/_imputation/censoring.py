"""Models of being censored, per arm: the probability of still being followed, and what its estimation adds to each person's influence.

Two models. Cox: hazard of censoring with time-fixed covariates, Breslow's baseline. Logistic: pooled over intervals of follow-up, a term
for each interval in which someone is censored, the hazard constant within an interval. Events at a censoring time come first.
Source: Robins and Finkelstein, Biometrics 2000;56:779-88; influence functions as in Tsiatis, Semiparametric Theory and Missing Data, 2006, chapter 9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from pacer_analysis.errors import NotEstimable

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

STEPS = 60


@dataclass(frozen=True, slots=True)
class People:
    """One arm: time, status (0 censored, 1 event, 2.. competing), covariates of the model."""

    time: Array
    status: Array
    x: Array
    names: tuple[str, ...]
    arm: str


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted model: `log_g`, the log probability of being uncensored just before each time (people, times), and `influence`.

    `influence` takes the derivative of an estimate in minus that logarithm to what each person adds to the estimate by having been used to fit the model.
    """

    log_g: Callable[[Array], Array]
    influence: Callable[[Array, Array], Array]
    censored: int
    parameters: Array


def censored_before(people: People, horizon: float) -> Flags:
    """Who was censored before the horizon."""
    return np.asarray((people.status == 0) & (people.time < horizon))


def cox(people: People, horizon: float) -> Model:
    """Cox's model of censoring before the horizon; without covariates the Nelson-Aalen estimate."""
    lost = censored_before(people, horizon)
    times = np.unique(people.time[lost])
    x = people.x - people.x.mean(axis=0)
    at_risk = (people.time[:, None] > times) | ((people.time[:, None] == times) & (people.status == 0)[:, None])
    jumps = lost[:, None] & (people.time[:, None] == times)
    counts = jumps.sum(axis=0)
    beta, information = np.zeros(x.shape[1]), np.eye(x.shape[1])
    for _ in range(STEPS):
        relative = np.exp(x @ beta)
        s0 = relative @ at_risk
        mean = (x * relative[:, None]).T @ at_risk / s0              # covariates by times
        if not len(beta) or not len(times):
            break
        score = x[lost].sum(axis=0) - mean @ counts
        weighted = (at_risk * (counts / s0)).sum(axis=1) * relative
        information = (x.T * weighted) @ x - (mean * counts) @ mean.T
        move = _solved(information, score, people)
        beta = beta + move * min(1.0, 4.0 / max(float(np.abs(move * x.std(axis=0)).max()), 1e-300))
        if np.abs(beta * np.ptp(x, axis=0)).max() > 30:
            raise NotEstimable(f"the model of censoring in arm {people.arm} has infinite coefficients", do="use fewer covariates")
        if np.abs(move).max() < 1e-12 * (1 + np.abs(beta).max()):
            break
    hazard = counts / s0
    residuals = jumps - at_risk * relative[:, None] * hazard      # people by censoring times
    own = np.zeros_like(x)
    if len(beta) and len(times):
        own = (x * residuals.sum(axis=1)[:, None] - residuals @ mean.T) @ np.linalg.inv(information)

    def log_g(at: Array) -> Array:
        return -np.outer(relative, np.concatenate([[0.0], np.cumsum(hazard)])[np.searchsorted(times, at, side="left")])

    def influence(derivative: Array, at: Array) -> Array:
        passed = at[None, :] > times[:, None]                      # censoring times by times
        scaled = derivative * relative[:, None]
        to_hazard = passed @ scaled.sum(axis=0)
        to_beta = (scaled @ (hazard @ passed)) @ x
        through_beta = to_beta - mean @ (to_hazard * hazard)
        return np.asarray(residuals @ (to_hazard / s0) + own @ through_beta)

    return Model(log_g, influence, int(lost.sum()), np.concatenate([beta, hazard]))


def logistic(people: People, horizon: float, every: float) -> Model:
    """Logistic model of censoring, pooled over intervals of so many days up to the horizon."""
    lost = censored_before(people, horizon)
    ends = np.append(np.arange(every, horizon, every), horizon)
    starts = np.concatenate([[0.0], ends[:-1]])
    # A censoring on the last day of an interval belongs to it; one on day 0 to the first.
    interval = np.searchsorted(ends, people.time, side="left").clip(max=len(ends) - 1)
    at_risk = (people.time[:, None] > starts) | ((np.arange(len(ends)) == 0) & (people.time[:, None] == 0))
    y = lost[:, None] & (interval[:, None] == np.arange(len(ends)))
    used = y.any(axis=0)
    for k in np.flatnonzero(used):
        if y[:, k].sum() == at_risk[:, k].sum():
            raise NotEstimable(f"everyone followed in arm {people.arm} is censored between days {starts[k]:.10g} and {ends[k]:.10g}", do="choose a nearer horizon")
    at_risk, y, width = at_risk[:, used].astype(float), y[:, used].astype(float), int(used.sum())
    x = people.x - people.x.mean(axis=0)
    gamma = np.zeros(width + x.shape[1])
    gamma[:width] = np.log(y.sum(axis=0) / (at_risk.sum(axis=0) - y.sum(axis=0)))
    information = np.eye(len(gamma))
    for _ in range(STEPS):
        p = expit(gamma[:width] + (x @ gamma[width:])[:, None]) * at_risk
        residual = y - p
        score = np.concatenate([residual.sum(axis=0), residual.sum(axis=1) @ x])
        spread = p * (1 - p)
        cross = spread.T @ x
        information = np.block([[np.diag(spread.sum(axis=0)), cross], [cross.T, (x.T * spread.sum(axis=1)) @ x]])
        move = _solved(information, score, people) if len(gamma) else gamma
        gamma = gamma + move * min(1.0, 4.0 / max(float(np.abs(move).max(initial=0.0)), 1e-300))
        if np.abs(x @ gamma[width:]).max(initial=0.0) > 30:
            raise NotEstimable(f"the model of censoring in arm {people.arm} separates", do="use fewer covariates")
        if np.abs(move).max(initial=0.0) < 1e-12 * (1 + np.abs(gamma).max(initial=0.0)):
            break
    chance = expit(gamma[:width] + (x @ gamma[width:])[:, None])      # had they been followed
    residual = y - chance * at_risk
    own = np.hstack([residual, x * residual.sum(axis=1)[:, None]]) @ np.linalg.inv(information)

    def share(at: Array) -> Array:
        return np.asarray(np.clip((at[:, None] - starts[used]) / (ends[used] - starts[used]), 0.0, 1.0))

    def log_g(at: Array) -> Array:
        return np.asarray(np.log1p(-chance) @ share(at).T)

    def influence(derivative: Array, at: Array) -> Array:
        by_interval = derivative @ share(at) * chance
        return np.asarray(own @ np.concatenate([by_interval.sum(axis=0), by_interval.sum(axis=1) @ x]))

    return Model(log_g, influence, int(lost.sum()), gamma)


def _solved(information: Array, score: Array, people: People) -> Array:
    try:
        return np.asarray(np.linalg.solve(information, score))
    except np.linalg.LinAlgError:
        raise NotEstimable(f"the covariates of the model of censoring determine each other in arm {people.arm}: {', '.join(people.names)}") from None
