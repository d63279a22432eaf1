"""Fine and Gray's model of the subdistribution hazard: who had a competing event stays at risk, weighted by the chance of not yet being censored.

The weight of such a row at time t is G(t-) / G(X-), G the Kaplan-Meier curve of censoring: one factor of the row and one of the time, so that its
sums are running sums too. Ties as Breslow's. Source: Fine and Gray, JASA 1999;94:496-509; as in cmprsk::crr.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pacer_analysis.estimators._survival.newton import Terms, climb, inverse
from pacer_analysis.estimators._survival.risk_sets import Array, Flags, Index


@dataclass(frozen=True, slots=True)
class Data:
    """Rows, the failure times, and the censoring curve of each censoring group just before them."""

    time: Array
    event: Flags
    competing: Flags
    x: Array            # (columns, rows), centred
    group: Index        # censoring group of each row
    groups: int
    days: Array         # failure times, ascending
    counts: Array       # failures at each
    place: Index        # how many failure times each row reaches
    own: Array          # G(X-) of each row
    at_days: Array      # (groups, failure times): G(t-)


def arrange(time: Array, event: Flags, competing: Flags, x: Array, group: Index) -> Data:
    """The rows with their censoring weights; x is (rows, columns)."""
    days, counts = np.unique(time[event], return_counts=True)
    groups = int(group.max()) + 1
    own, at_days = np.empty(len(time)), np.empty((groups, len(days)))
    for g in range(groups):
        inside = group == g
        own[inside] = _still_uncensored(time[inside], (~event & ~competing)[inside], time[inside])
        at_days[g] = _still_uncensored(time[inside], (~event & ~competing)[inside], days)
    return Data(time, event, competing, np.ascontiguousarray((x - x.mean(axis=0)).T), group, groups, days, counts.astype(float),
                np.searchsorted(days, time, side="right"), own, at_days)


def _still_uncensored(time: Array, censored: Flags, at: Array) -> Array:
    """G just before each of these times; nothing is left behind the last follow-up of the group."""
    days, counts = np.unique(time[censored], return_counts=True)
    left = len(time) - np.searchsorted(np.sort(time), days, side="left")
    curve = np.concatenate([[1.0], np.cumprod(1 - counts / left)])[np.searchsorted(days, at, side="left")]
    return np.asarray(np.where(at > time.max(), 0.0, curve))


@dataclass(frozen=True, slots=True)
class _Sums:
    hazard: Array       # rows
    denominator: Array  # failure times
    mean: Array         # (columns, failure times)
    increment: Array    # failure times: what the subdistribution's baseline hazard grows by


def _sums(data: Data, beta: Array) -> tuple[_Sums, float]:
    eta = beta @ data.x
    top = eta.max()
    hazard = np.exp(eta - top)
    late = np.where(data.competing, hazard / data.own, 0.0)
    width = len(data.days) + 1

    def at_risk(values: Array) -> Array:
        here = np.bincount(data.place, weights=values * hazard, minlength=width)
        total = np.cumsum(here[::-1])[::-1][1:]                                    # X >= t
        for g in range(data.groups):
            gone = np.bincount(data.place, weights=values * np.where(data.group == g, late, 0.0), minlength=width)
            total = total + data.at_days[g] * np.cumsum(gone)[:-1]                 # a competing event before t
        return np.asarray(total)

    denominator = at_risk(np.ones(len(hazard)))
    mean = np.stack([at_risk(column) for column in data.x]) / denominator
    loglik = float((eta - top)[data.event].sum() - data.counts @ np.log(denominator))
    return _Sums(hazard, denominator, mean, data.counts / denominator), loglik


def _before(values: Array) -> Array:
    """Sums over the failure times before each place."""
    return np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, axis=-1)], axis=-1)


def terms(data: Data, beta: Array) -> Terms:
    """Pseudo log-likelihood, score and information."""
    found, loglik = _sums(data, beta)
    score = data.x[:, data.event].sum(axis=1) - found.mean @ data.counts
    weight = found.hazard * _exposure(data, found)
    return Terms(loglik, score, (data.x * weight) @ data.x.T - (found.mean * data.counts) @ found.mean.T)


def _exposure(data: Data, found: _Sums) -> Array:
    """Per row the hazard accumulated while at risk, with its weight after a competing event."""
    exposed = _before(found.increment)[data.place]
    later = _before(found.increment * data.at_days)
    tail = (later[:, -1:] - later)[data.group, data.place]
    return np.asarray(exposed + np.where(data.competing, tail / data.own, 0.0))


def fit(data: Data, names: tuple[str, ...]) -> tuple[Array, Terms]:
    """Coefficients, and the terms there."""
    spread, reach = data.x.std(axis=1), np.ptp(data.x, axis=1)
    beta, now, _ = climb(lambda at: terms(data, at), names, spread, reach)
    return beta, now


def influence(data: Data, beta: Array, information: Array, names: tuple[str, ...]) -> Array:
    """Fine and Gray's eta + psi of each row times the inverse information: (rows, columns). psi is what estimating the weights adds."""
    found, _ = _sums(data, beta)
    later, later_mean = _before(found.increment * data.at_days), _before((found.mean * found.increment)[:, None, :] * data.at_days)
    tail = (later[:, -1:] - later)[data.group, data.place]
    tail_mean = (later_mean[:, :, -1:] - later_mean)[:, data.group, data.place]
    after = np.where(data.competing, 1 / data.own, 0.0)
    owed = data.x * (_before(found.increment)[data.place] + after * tail) - _before(found.mean * found.increment)[:, data.place] - after * tail_mean
    parts = -found.hazard * owed
    at_event = data.place[data.event] - 1
    parts[:, data.event] += data.x[:, data.event] - found.mean[:, at_event]
    for g in range(data.groups):
        parts += _of_the_weights(data, found, g, later[g], later_mean[:, g])
    return np.asarray(parts.T @ inverse(information, names))


def _of_the_weights(data: Data, found: _Sums, g: int, later: Array, later_mean: Array) -> Array:
    """psi: what each row's being censored, or not, does to the weights of one censoring group."""
    inside = data.group == g
    censored = inside & ~data.event & ~data.competing
    psi = np.zeros_like(data.x)
    if not censored.any():
        return psi
    days, counts = np.unique(data.time[censored], return_counts=True)
    at_risk = inside.sum() - np.searchsorted(np.sort(data.time[inside]), days, side="left")
    rows = np.flatnonzero(inside & data.competing)
    rows = rows[np.argsort(data.time[rows], kind="stable")]
    gone = np.searchsorted(data.time[rows], days, side="left")          # competing events before each censoring time
    scaled = found.hazard[rows] / data.own[rows]
    size, moment = _before(scaled)[gone], _before(data.x[:, rows] * scaled)[:, gone]
    from_here = np.searchsorted(data.days, days, side="left")           # failure times from each censoring time on
    q = moment * (later[-1] - later)[from_here] - size * (later_mean[:, -1:] - later_mean)[:, from_here]
    psi[:, censored] += (q / at_risk)[:, np.searchsorted(days, data.time[censored])]
    paid = _before(q / at_risk**2 * counts)
    psi[:, inside] -= paid[:, np.searchsorted(days, data.time[inside], side="right")]
    return psi
