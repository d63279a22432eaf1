"""The second way to weighted estimates: every equation at once, differentiated by complex steps.

Each person's part in the equations of the model of censoring and of the estimate is written down from its definition, with every
jump of every hazard a parameter of its own. One Newton step from the solution found the first way moves nowhere if that is right;
A^-1 B A^-T is the covariance (Stefanski and Boos 2002). It shares no line with the influence functions it checks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.estimators._imputation.censoring import People

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

STEP = 1e-30
MOST = 2e7  # cells of the table of derivatives; beyond that the second way would take longer than the report


@dataclass(frozen=True, slots=True)
class Part:
    """A model of censoring: its parameters, each person's part in its equations, the log probability of being uncensored."""

    start: Array
    equations: Callable[[Complex], Complex]
    log_g: Callable[[Complex, Array], Complex]


def cox(people: People, horizon: float, start: Array) -> Part:
    """Censoring by proportional hazards."""
    gone = (people.status == 0) & (people.time < horizon)
    times = np.array(sorted(set(people.time[gone].tolist())))
    x = people.x - people.x.mean(axis=0)
    width = x.shape[1]
    jumped = np.array([[bool(g and t == c) for c in times] for g, t in zip(gone, people.time, strict=True)]).reshape(len(x), len(times))
    watched = np.array([[t > c or (t == c and s == 0) for c in times] for s, t in zip(people.status, people.time, strict=True)]).reshape(len(x), len(times))

    def equations(theta: Complex) -> Complex:
        surprise = jumped - watched * np.exp(x @ theta[:width])[:, None] * theta[width:]
        return np.hstack([x * surprise.sum(axis=1)[:, None], surprise])

    def log_g(theta: Complex, at: Array) -> Complex:
        return np.asarray(-np.exp(x @ theta[:width])[:, None] * (theta[width:] @ (times[:, None] < at)))

    return Part(start, equations, log_g)


def logistic(people: People, horizon: float, every: float, start: Array) -> Part:
    """Censoring by a logistic model pooled over intervals."""
    x = people.x - people.x.mean(axis=0)
    pieces = []
    left = 0.0
    while left < horizon:
        right = min(left + every, horizon)
        inside = (people.time <= right) & ((people.time > left) | (left == 0))
        out = inside & (people.status == 0) & (people.time < horizon)
        if out.any():
            pieces.append((left, right, (people.time > left) | (inside & (left == 0)), out))
        left = right
    width = len(pieces)

    def chance(theta: Complex, k: int) -> Complex:
        return np.asarray(1 / (1 + np.exp(-theta[k] - x @ theta[width:])))

    def equations(theta: Complex) -> Complex:
        surprise = np.column_stack([watched * (out - chance(theta, k)) for k, (_, _, watched, out) in enumerate(pieces)]) if pieces else np.zeros((len(x), 0), dtype=complex)
        return np.hstack([surprise, x * surprise.sum(axis=1)[:, None]])

    def log_g(theta: Complex, at: Array) -> Complex:
        total = np.zeros((len(x), len(at)), dtype=complex)
        for k, (from_day, to_day, _, _) in enumerate(pieces):
            part = np.minimum(np.maximum(at - from_day, 0) / (to_day - from_day), 1)
            total += np.log(1 - chance(theta, k))[:, None] * part
        return total

    return Part(start, equations, log_g)


def solve(parts: Callable[[Complex], Complex], theta: Array, quantity: Callable[[Complex], Complex]) -> tuple[Array, Array] | None:
    """The quantities after one Newton step of all equations, and each person's influence on them; nothing when there are too many parameters."""
    first = parts(theta.astype(complex)).real
    if first.size * len(theta) > MOST:
        return None
    slopes = np.empty((len(theta), len(theta)))
    for k in range(len(theta)):
        moved = theta.astype(complex)
        moved[k] += 1j * STEP
        slopes[:, k] = parts(moved).imag.sum(axis=0) / STEP
    bread = np.linalg.inv(slopes)
    after = theta - bread @ first.sum(axis=0)
    gradients = []
    for k in range(len(theta)):
        moved = after.astype(complex)
        moved[k] += 1j * STEP
        gradients.append(np.atleast_1d(quantity(moved)).imag / STEP)
    return np.atleast_1d(quantity(after.astype(complex))).real, np.asarray(-first @ bread.T @ np.array(gradients))


def risk(people: People, part: Part, horizon: float, value: float) -> tuple[Array, Array] | None:
    """The weighted risk by the horizon."""
    known = (people.time >= horizon) | (people.status > 0)
    happened = (people.status == 1) & (people.time <= horizon)
    ends, place = np.unique(np.minimum(people.time, horizon), return_inverse=True)
    rows = np.arange(len(place))

    def parts(theta: Complex) -> Complex:
        weight = np.exp(-part.log_g(theta[:-1], ends)[rows, place])
        return np.column_stack([part.equations(theta[:-1]), np.where(known, weight * (happened - theta[-1]), 0)])

    return solve(parts, np.append(part.start, value), lambda theta: theta[-1:])


def survival(people: People, part: Part, numerator: Part | None, horizon: float) -> tuple[Array, Array] | None:
    """The weighted product of one minus the hazards up to the horizon, every hazard a parameter."""
    at = np.array(sorted(set(people.time[(people.status == 1) & (people.time <= horizon)].tolist())))
    died, watched = (people.status == 1)[:, None] & (people.time[:, None] == at), people.time[:, None] >= at
    many = len(part.start)
    own = len(numerator.start) if numerator else 0

    def weight(theta: Complex) -> Complex:
        below = np.exp(-part.log_g(theta[:many], at))
        return below * np.exp(numerator.log_g(theta[many:many + own], at)) if numerator else below

    def parts(theta: Complex) -> Complex:
        return np.hstack([part.equations(theta[:many]), *([numerator.equations(theta[many:many + own])] if numerator else []),
                          weight(theta) * watched * (died - theta[many + own:])])

    first = np.concatenate([part.start, *([numerator.start] if numerator else [])])
    w = weight(np.append(first, np.zeros(len(at))).astype(complex)).real * watched
    return solve(parts, np.concatenate([first, (w * died).sum(axis=0) / w.sum(axis=0)]), lambda theta: np.prod(1 - theta[many + own:], keepdims=True))


def hazard_ratio(arms: list[tuple[People, Part, Part | None]], horizon: float, beta: Array) -> tuple[Array, Array] | None:
    """The weighted log hazard ratios, the baseline's jumps and both models of every arm solved together."""
    time = np.concatenate([people.time for people, *_ in arms])
    status = np.concatenate([people.status for people, *_ in arms])
    group = np.concatenate([np.full(len(people.time), k) for k, (people, *_) in enumerate(arms)])
    at = np.array(sorted(set(time[(status == 1) & (time <= horizon)].tolist())))
    z = np.column_stack([(group == k).astype(float) for k in range(1, len(arms))])
    died, watched = (status == 1)[:, None] & (time[:, None] == at), time[:, None] >= at
    models = [(k, which) for k in range(len(arms)) for which in (1, 2) if arms[k][which] is not None]
    starts = np.cumsum([0, *(len(arms[k][which].start) for k, which in models)])  # type: ignore[union-attr]  # the models that there are

    def weight(theta: Complex) -> Complex:
        log: list[Complex] = [np.zeros((int((group == k).sum()), len(at)), dtype=complex) for k in range(len(arms))]
        for (k, which), left, right in zip(models, starts[:-1], starts[1:], strict=True):
            log[k] = log[k] + (-1 if which == 1 else 1) * arms[k][which].log_g(theta[left:right], at)  # type: ignore[union-attr]  # as above
        return np.exp(np.vstack(log))

    def parts(theta: Complex) -> Complex:
        columns = []
        for (k, which), left, right in zip(models, starts[:-1], starts[1:], strict=True):
            block = np.zeros((len(time), right - left), dtype=complex)
            block[group == k] = arms[k][which].equations(theta[left:right])  # type: ignore[union-attr]  # as above
            columns.append(block)
        coefficients, jumps = theta[starts[-1]:starts[-1] + z.shape[1]], theta[starts[-1] + z.shape[1]:]
        surprise = weight(theta) * (died - watched * np.exp(z @ coefficients)[:, None] * jumps)
        return np.hstack([*columns, z * surprise.sum(axis=1)[:, None], surprise])

    first = np.concatenate([arms[k][which].start for k, which in models])  # type: ignore[union-attr]  # as above
    w = weight(first.astype(complex)).real
    jumps = (w * died).sum(axis=0) / ((w * watched) * np.exp(z @ beta)[:, None]).sum(axis=0)
    return solve(parts, np.concatenate([first, beta, jumps]), lambda theta: theta[starts[-1]:starts[-1] + z.shape[1]])
