"""The second way to the partial likelihood: a walk from one event time to the next, each risk set held as plain sums of its members.

Used only to witness. It shares no line with `partial_likelihood` and goes about it differently: by Python, time after time, with the sums of
outer products kept, members added as the walk goes back and taken out before they entered, and the payments of each row made going forward.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Rows:
    """Intervals at risk as the model was given them, x as (rows, columns)."""

    time: Array
    event: NDArray[np.bool_]
    x: Array
    strata: Index
    entry: Array
    weight: Array
    offset: Array
    efron: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """One event time: who dies, and of each factor of the denominator its share out, size, mean and covariance of x."""

    time: float
    dying: Index
    weight: float
    factors: list[tuple[float, float, Array, Array]]

    @property
    def mean(self) -> Array:
        """The mean of x that each of the dying is held against."""
        return np.asarray(np.mean([mean for _, _, mean, _ in self.factors], axis=0))

    @property
    def covariance(self) -> Array:
        """The information of this event time."""
        return np.asarray(self.weight * np.sum([covariance for _, _, _, covariance in self.factors], axis=0))


def moments(rows: Rows, beta: Array) -> Iterator[tuple[int, Moment]]:
    """Stratum and event time, going back in time within each stratum."""
    x = rows.x - rows.x.mean(axis=0)
    eta = rows.offset + x @ beta
    size = rows.weight * np.exp(eta - eta.max())
    for stratum in np.unique(rows.strata):
        members = np.flatnonzero(rows.strata == stratum)
        leaving = members[np.argsort(rows.time[members])][::-1]
        entering = members[np.argsort(rows.entry[members])][::-1]
        s0, s1, s2 = 0.0, np.zeros(x.shape[1]), np.zeros((x.shape[1], x.shape[1]))
        out, into = 0, 0
        days = np.unique(rows.time[members][rows.event[members]])[::-1]
        until = np.searchsorted(-rows.time[leaving], -days, side="right")
        since = np.searchsorted(-rows.entry[entering], -days, side="right")
        for day, stop, start in zip(days, until, since, strict=True):
            for group, sign in ((leaving[out:stop], 1), (entering[into:start], -1)):
                weighted = x[group] * size[group, None]
                s0, s1, s2 = s0 + sign * size[group].sum(), s1 + sign * weighted.sum(axis=0), s2 + sign * weighted.T @ x[group]
            out, into = stop, start
            same = leaving[np.searchsorted(-rows.time[leaving], -day, side="left"):stop]
            dying = same[rows.event[same]]
            weighted = x[dying] * size[dying, None]
            d0, d1, d2 = size[dying].sum(), weighted.sum(axis=0), weighted.T @ x[dying]
            factors = []
            for k in range(len(dying)):
                share = k / len(dying) if rows.efron else 0.0
                left = s0 - share * d0
                mean = (s1 - share * d1) / left
                factors.append((share, left, mean, (s2 - share * d2) / left - np.outer(mean, mean)))
            yield int(stratum), Moment(float(day), dying, float(rows.weight[dying].mean()), factors)


def derivatives(rows: Rows, beta: Array) -> tuple[float, Array, Array]:
    """Log-likelihood, score and information."""
    x = rows.x - rows.x.mean(axis=0)
    eta = rows.offset + x @ beta
    eta = eta - eta.max()
    loglik, score, information = 0.0, np.zeros(len(beta)), np.zeros((len(beta), len(beta)))
    for _, at in moments(rows, beta):
        loglik += rows.weight[at.dying] @ eta[at.dying] - at.weight * sum(np.log(left) for _, left, _, _ in at.factors)
        score += rows.weight[at.dying] @ (x[at.dying] - at.mean)
        information += at.covariance
    return float(loglik), score, information


def solution(rows: Rows) -> tuple[Array, Array, float]:
    """Coefficients, covariance and the largest log-likelihood, by damped Newton steps from zero."""
    beta = np.zeros(rows.x.shape[1])
    loglik, score, information = derivatives(rows, beta)
    for _ in range(50 if len(beta) else 0):
        step = np.linalg.solve(information, score)
        damping = 1.0
        while True:
            trial = derivatives(rows, beta + damping * step)
            if trial[0] > loglik - 1e-8 * (1 + abs(loglik)) or damping < 1e-5:
                break
            damping *= 0.5
        beta = beta + damping * step
        loglik, score, information = trial
        if score @ np.linalg.solve(information, score) < 1e-18:
            break
    return beta, np.asarray(np.linalg.inv(information)), loglik


def influence(rows: Rows, beta: Array, covariance: Array) -> Array:
    """The dfbeta row by row from its definition: everyone at risk pays for each factor, those who die at that very time only their remaining share."""
    x = rows.x - rows.x.mean(axis=0)
    eta = rows.offset + x @ beta
    hazard = np.exp(eta - eta.max())
    residual = np.zeros_like(x)
    by_stratum: dict[int, list[Moment]] = {}
    for stratum, at in moments(rows, beta):
        by_stratum.setdefault(stratum, []).append(at)
        residual[at.dying] += x[at.dying] - at.mean
        for share, left, mean, _ in at.factors:        # what the dying would pay too much below
            residual[at.dying] += share * at.weight / left * hazard[at.dying, None] * (x[at.dying] - mean)
    for stratum, times in by_stratum.items():
        days = np.array([at.time for at in times][::-1])
        paid = np.cumsum([0.0, *[at.weight * sum(1 / left for _, left, _, _ in at.factors) for at in times[::-1]]])
        paid_mean = np.cumsum([np.zeros(x.shape[1]), *[at.weight * np.sum([mean / left for _, left, mean, _ in at.factors], axis=0) for at in times[::-1]]], axis=0)
        members = np.flatnonzero(rows.strata == stratum)
        first, last = np.searchsorted(days, rows.entry[members], side="right"), np.searchsorted(days, rows.time[members], side="right")
        owed = x[members] * (paid[last] - paid[first])[:, None] - (paid_mean[last] - paid_mean[first])
        residual[members] -= hazard[members, None] * owed
    return np.asarray(rows.weight[:, None] * residual @ covariance)


def sandwich(influence_: Array, clusters: Index) -> Array:
    """The outer products of the clusters' sums, cluster by cluster."""
    total = np.zeros((influence_.shape[1], influence_.shape[1]))
    order = np.argsort(clusters, kind="stable")
    for group in np.split(influence_[order], np.flatnonzero(np.diff(clusters[order])) + 1):
        summed = group.sum(axis=0)
        total += np.outer(summed, summed)
    return total
