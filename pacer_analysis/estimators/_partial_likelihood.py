"""Cox's partial likelihood with Efron's treatment of ties, within strata.

Risk-set sums are cumulative sums over people in order of time; the information needs no sum of outer products per time, since
the sum over deaths of S2 / S0 is the sum over people of x x' exp(x b) times the hazard each has accumulated.
Source: Efron, JASA 1977;72:557-65; score residuals as in Therneau and Grambsch, Modeling Survival Data, 2000, sections 3.1 and 7.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.errors import NotEstimable

Array = NDArray[np.float64]
Index = NDArray[np.intp]

STEPS = 60
INFINITE = 30.0  # a coefficient times its column's range: a hazard ratio of 1e13


@dataclass(frozen=True, slots=True)
class Stratum:
    """People of one stratum by ascending time, and its death times."""

    rows: Index  # where these people are in the columns given
    x: Array
    deaths: Index  # positions of those with the event, in order of time
    group: Index  # which death time each of them belongs to
    opening: Index  # first of `deaths` at each death time
    first: Index  # first person at risk at each death time
    tied: Array  # share of the tied deaths already taken out, 0, 1/d, 2/d ... per death
    passed: Index  # death times up to and including each person's own time


@dataclass(frozen=True, slots=True)
class Terms:
    """The log-likelihood and its first two derivatives."""

    loglik: float
    score: Array
    information: Array


@dataclass(frozen=True, slots=True)
class Fit:
    """The maximum, the covariance from the information, and the terms there."""

    coefficients: Array
    covariance: Array
    terms: Terms


def arrange(time: Array, event: NDArray[np.bool_], x: Array, strata: Index) -> list[Stratum]:
    """The strata with their risk sets; a stratum without an event says nothing and is left out."""
    arranged = []
    for stratum in range(int(strata.max()) + 1):
        rows = np.flatnonzero(strata == stratum)
        rows = rows[np.argsort(time[rows], kind="stable")]
        days = time[rows]
        deaths = np.flatnonzero(event[rows])
        if not len(deaths):
            continue
        times, opening, group, counts = np.unique(days[deaths], return_index=True, return_inverse=True, return_counts=True)
        tied = (np.arange(len(deaths)) - opening[group]) / counts[group]
        arranged.append(Stratum(rows, x[rows], deaths, group, opening, np.searchsorted(days, times, side="left"), tied,
                                np.searchsorted(times, days, side="right")))
    return arranged


def _from_the_end(values: Array) -> Array:
    return np.asarray(np.cumsum(values[::-1], axis=0)[::-1])


@dataclass(frozen=True, slots=True)
class _Sums:
    """Per person the relative hazard; per death the denominator and mean of x over its risk set, Efron's share taken out."""

    hazard: Array
    denominator: Array
    mean: Array
    loglik: float


def _sums(s: Stratum, beta: Array) -> _Sums:
    eta = s.x @ beta
    top = eta.max()
    hazard = np.exp(eta - top)
    weighted = s.x * hazard[:, None]
    s0, s1 = _from_the_end(hazard)[s.first], _from_the_end(weighted)[s.first]
    d0, d1 = np.add.reduceat(hazard[s.deaths], s.opening), np.add.reduceat(weighted[s.deaths], s.opening, axis=0)
    denominator = s0[s.group] - s.tied * d0[s.group]
    mean = (s1[s.group] - s.tied[:, None] * d1[s.group]) / denominator[:, None]
    return _Sums(hazard, denominator, mean, float(eta[s.deaths].sum() - np.log(denominator).sum() - len(s.deaths) * top))


def _accumulated(s: Stratum, per_death: Array) -> Array:
    """The sum over all deaths up to each person's own time."""
    per_time = np.add.reduceat(per_death, s.opening, axis=0)
    return np.asarray(np.concatenate([np.zeros((1, *per_time.shape[1:])), np.cumsum(per_time, axis=0)])[s.passed])


def terms(strata: list[Stratum], beta: Array) -> Terms:
    """Log-likelihood, score and information at these coefficients."""
    width = len(beta)
    loglik, score, information = 0.0, np.zeros(width), np.zeros((width, width))
    for s in strata:
        sums = _sums(s, beta)
        loglik += sums.loglik
        score += s.x[s.deaths].sum(axis=0) - sums.mean.sum(axis=0)
        exposure = _accumulated(s, 1 / sums.denominator)
        exposure[s.deaths] -= np.add.reduceat(s.tied / sums.denominator, s.opening)[s.group]
        information += (s.x.T * (sums.hazard * exposure)) @ s.x - sums.mean.T @ sums.mean
    return Terms(loglik, score, information)


def maximise(time: Array, event: NDArray[np.bool_], x: Array, strata: Index, names: tuple[str, ...]) -> tuple[Fit, list[Stratum]]:
    """Newton's steps, halved where the likelihood would fall, on columns with mean 0 and SD 1; refuses infinite coefficients by name.

    The strata returned hold the centred and scaled columns divided back, so that residuals are on the scale given.
    """
    centred = x - x.mean(axis=0)
    spread = x.std(axis=0)
    arranged = arrange(time, event, centred / spread, strata)
    beta = np.zeros(len(names))
    now = terms(arranged, beta)
    reach = np.ptp(x, axis=0) / spread if len(names) else np.zeros(0)
    for _ in range(STEPS):
        if not len(names):
            break
        try:
            step = np.linalg.solve(now.information, now.score)
        except np.linalg.LinAlgError:
            raise NotEstimable(f"the partial likelihood is flat along {', '.join(names)}") from None
        size = 1.0
        moved = terms(arranged, beta + step)
        while not moved.loglik >= now.loglik - 1e-9 * abs(now.loglik) and size > 1e-6:
            size /= 2
            moved = terms(arranged, beta + size * step)
        beta, now = beta + size * step, moved
        far = np.abs(beta) * reach
        if not np.isfinite(far).all() or far.max() > INFINITE:
            raise NotEstimable(f"separation: the coefficient of {names[int(np.nan_to_num(far, nan=np.inf).argmax())]} is infinite")
        if np.abs(size * step).max() < 1e-10:
            break
    else:
        raise NotEstimable("the partial likelihood did not converge")
    covariance = np.linalg.inv(now.information) / np.outer(spread, spread) if len(names) else now.information
    original = Terms(now.loglik, now.score * spread, now.information * np.outer(spread, spread))
    return Fit(beta / spread, covariance, original), arrange(time, event, centred, strata)


def score_residuals(strata: list[Stratum], beta: Array, people: int) -> Array:
    """Each person's part of the score, one row per person in the order given; they add up to the score."""
    residuals = np.zeros((people, len(beta)))
    for s in strata:
        sums = _sums(s, beta)
        share = s.tied / sums.denominator
        parts = -sums.hazard[:, None] * (s.x * _accumulated(s, 1 / sums.denominator)[:, None] - _accumulated(s, sums.mean / sums.denominator[:, None]))
        counts = np.bincount(s.group)
        own_mean = np.add.reduceat(sums.mean, s.opening, axis=0) / counts[:, None]
        given_back = np.add.reduceat(share, s.opening)
        given_back_mean = np.add.reduceat(share[:, None] * sums.mean, s.opening, axis=0)
        parts[s.deaths] += s.x[s.deaths] - own_mean[s.group]
        parts[s.deaths] += sums.hazard[s.deaths, None] * (s.x[s.deaths] * given_back[s.group][:, None] - given_back_mean[s.group])
        residuals[s.rows] = parts
    return residuals


def robust_covariance(residuals: Array, covariance: Array, clusters: Index) -> Array:
    """The sandwich of dfbeta summed within clusters, without a small-sample factor (Lin and Wei 1989)."""
    dfbeta = residuals @ covariance
    summed = np.column_stack([np.bincount(clusters, weights=column) for column in dfbeta.T])
    return np.asarray(summed.T @ summed)
