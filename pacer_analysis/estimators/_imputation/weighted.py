"""What the weighted people say: the risk by a day, the survival at a day, the hazard ratio; and each person's influence on it.

Influences are on the estimate's own sum: the variance is the sum of their squares (by cluster: of their sums). They have two parts: the
person's own part with the weights taken as known, and what the person adds through the model of the weights (stacked M-estimation;
Stefanski and Boos, American Statistician 2002;56:29-38).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._imputation.censoring import Model, People

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights (people, times), and which of them are not cut off."""

    values: Array
    free: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Quantity:
    """An estimate with each person's influence on it, the effective number of the people whose weights count in the end, and the largest weight."""

    value: float
    influence: Array
    effective: float
    people: int
    largest: float


def weights(model: Model, numerator: Model | None, at: Array, used: NDArray[np.bool_], truncate: float) -> Weights:
    """Inverse probabilities (people, times) of being uncensored, times the numerator's; those of `used` cells above the quantile cut off there."""
    log = -model.log_g(at) + (numerator.log_g(at) if numerator else 0.0)
    values = np.exp(np.where(used, log, 0.0))
    if truncate >= 1 or not used.any():
        return Weights(values, used)
    limit = float(np.quantile(values[used], truncate))
    return Weights(np.minimum(values, limit), used & (values <= limit))


def risk(people: People, model: Model, horizon: float, truncate: float) -> Quantity:
    """The weighted proportion with the event by the horizon, among those whose state then is known."""
    if not (people.time >= horizon).any() and not (people.status > 0).all():
        raise NotEstimable(f"no one in arm {people.arm} was followed to day {horizon:.10g}", do="choose a nearer horizon")
    known = (people.time >= horizon) | (people.status > 0)
    happened = ((people.status == 1) & (people.time <= horizon)).astype(float)
    ends = np.minimum(people.time, horizon)
    at, place = np.unique(ends, return_inverse=True)
    cell = known[:, None] & (place[:, None] == np.arange(len(at)))
    found = weights(model, None, at, cell, truncate)
    w = (found.values * cell).sum(axis=1)
    value = float((w * happened).sum() / w.sum())
    own = w * (happened - value) / w.sum()
    derivative = own[:, None] * found.free
    return Quantity(value, own + model.influence(derivative, at), *_effective(w), float(w.max()))


def survival(people: People, model: Model, numerator: Model | None, horizon: float, truncate: float) -> Quantity:
    """The weighted Kaplan-Meier estimate at the horizon."""
    if people.time.max() < horizon:
        raise NotEstimable(f"no one in arm {people.arm} was followed to day {horizon:.10g}", do="choose a nearer horizon")
    at = np.unique(people.time[(people.status == 1) & (people.time <= horizon)])
    if not len(at):
        return Quantity(1.0, np.zeros(len(people.time)), float(len(people.time)), len(people.time), 1.0)
    at_risk = people.time[:, None] >= at
    died = (people.status == 1)[:, None] & (people.time[:, None] == at)
    found = weights(model, numerator, at, at_risk, truncate)
    w = found.values * at_risk
    total = w.sum(axis=0)
    hazard = (w * died).sum(axis=0) / total
    value = float(np.prod(1 - hazard))
    if value <= 0:
        raise NotEstimable(f"no one in arm {people.arm} is left on day {horizon:.10g}")
    parts = -value * w * (died - hazard) / (total * (1 - hazard))
    last = w[:, -1]
    return Quantity(value, parts.sum(axis=1) + _through(parts * found.free, at, model, numerator), *_effective(last), float(w.max()))


def hazard_ratio(arms: list[tuple[People, Model, Model | None]], horizon: float, truncate: float) -> list[Quantity]:
    """The weighted log hazard ratio of every arm but the first (Breslow's ties); influences in the order of the arms' people."""
    events = [people.time[(people.status == 1) & (people.time <= horizon)] for people, *_ in arms]
    at = np.unique(np.concatenate(events))
    groups = np.repeat(np.arange(len(arms)), [len(people.time) for people, *_ in arms])
    z = (groups[:, None] == np.arange(1, len(arms))).astype(float)
    at_risk = np.vstack([people.time[:, None] >= at for people, *_ in arms])
    died = np.vstack([(people.status == 1)[:, None] & (people.time[:, None] == at) for people, *_ in arms])
    found = [weights(model, numerator, at, people.time[:, None] >= at, truncate) for people, model, numerator in arms]
    w = np.vstack([one.values for one in found]) * at_risk
    dead = (w * died).sum(axis=0)
    beta = np.zeros(z.shape[1])
    for _ in range(60):
        relative = np.exp(z @ beta)
        s0 = relative @ w
        mean = (z * relative[:, None]).T @ w / s0
        score = ((w * died).sum(axis=1) @ z) - mean @ dead
        information = (z.T * ((w * (dead / s0)).sum(axis=1) * relative)) @ z - (mean * dead) @ mean.T
        move = np.linalg.solve(information, score)
        beta = beta + np.clip(move, -2.0, 2.0)
        if np.abs(beta).max() > 30:
            raise NotEstimable("the weighted hazard ratio is infinite")
        if np.abs(move).max() < 1e-12:
            break
    residual = w * (died - relative[:, None] * (dead / s0))
    inverse = np.linalg.inv(information)
    free = np.vstack([one.free for one in found])
    quantities = []
    for k in range(z.shape[1]):
        # The score of person i at time j is (z_i - mean_j) times the residual; coefficient k takes row k of the inverse information.
        parts = (z @ inverse[k])[:, None] * residual - residual * (inverse[k] @ mean)
        influence = parts.sum(axis=1)
        start = 0
        for people, model, numerator in arms:
            mine = slice(start, start + len(people.time))
            influence[mine] += _through(parts[mine] * free[mine], at, model, numerator)
            start = mine.stop
        last = w[:, -1]
        quantities.append(Quantity(float(beta[k]), influence, *_effective(last), float(w.max())))
    return quantities


def _effective(w: Array) -> tuple[float, int]:
    return float(w.sum() ** 2 / (w**2).sum()), int((w > 0).sum())


def _through(derivative: Array, at: Array, model: Model, numerator: Model | None) -> Array:
    """What each person adds through the models of the weights."""
    added = model.influence(derivative, at)
    return added - numerator.influence(derivative, at) if numerator else added
