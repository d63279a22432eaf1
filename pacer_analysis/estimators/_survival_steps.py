"""Kaplan-Meier and Aalen-Johansen as steps at the distinct times, all people at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pacer_analysis.estimators._nonparametric.followed import Followed

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

ROUNDING = 1e-14  # a variance below this is a rounding error: one event among a million people has 1e-12


@dataclass(frozen=True, slots=True)
class Steps:
    """At each distinct time, ascending: at risk just before, events of the cause, events of any kind, censored; estimate and se just after."""

    time: Array
    at_risk: Counts
    events: Counts
    any_event: Counts
    censored: Counts
    estimate: Array
    se: Array
    survival: Array

    def until(self, day: float) -> int:
        """How many of the times are not later than the day."""
        return int(np.searchsorted(self.time, day, side="right"))

    def ends(self) -> float:
        """The last day on which the curve is known: for ever, once nobody is left to have the event."""
        return float("inf") if self.survival[-1] <= 0 else float(self.time[-1])


def _tallies(people: Followed, cause: int | None) -> tuple[Array, Counts, Counts, Counts, Counts]:
    days, inverse = np.unique(people.time, return_inverse=True)
    leaving = np.bincount(inverse, minlength=len(days))
    any_event = np.bincount(inverse, weights=people.status > 0, minlength=len(days)).astype(np.int64)
    events = any_event if cause is None else np.bincount(inverse, weights=people.status == cause, minlength=len(days)).astype(np.int64)
    gone = np.concatenate([[0], np.cumsum(leaving)[:-1]])
    come: int | Counts = len(people)
    if people.entry is not None:  # who enters on a day is at risk from the next on
        come = np.where(days > 0, np.searchsorted(np.sort(np.maximum(people.entry, 0)), days, side="left"), np.count_nonzero(people.entry <= 0))
    return days, (come - gone).astype(np.int64), events, any_event, (leaving - any_event).astype(np.int64)


def kaplan_meier(people: Followed) -> Steps:
    """Survival from the event, every status above 0; Greenwood's se on the survival scale, 0 once nobody survives."""
    days, y, d, any_event, censored = _tallies(people, None)
    survival: Array = np.asarray(np.cumprod(1 - d / y), dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(np.where(d < y, d / (y * (y - d).astype(float)), 0.0))
    return Steps(days, y, d, any_event, censored, survival, survival * np.sqrt(greenwood), survival)


def aalen_johansen(people: Followed, cause: int) -> Steps:
    """Cumulative incidence of the cause, every other status above 0 competing; delta-method se.

    The variance is that of Marubini and Valsecchi 1995, equation 10.12 (and of survfit): the sum over times s <= t of
    (F(t) - F(s))^2 d / (Y (Y - d)) + S(s-)^2 d1 (Y - d1) / Y^3 - 2 (F(t) - F(s)) S(s-) d1 / Y^2, expanded into cumulative sums.
    """
    days, y, d1, d, censored = _tallies(people, cause)
    survival: Array = np.asarray(np.cumprod(1 - d / y), dtype=np.float64)
    before = np.concatenate([[1.0], survival[:-1]])
    incidence = np.cumsum(before * d1 / y)
    left = (y - d).astype(float)
    own = np.divide(d, y * left, out=np.zeros(len(days)), where=left > 0)  # after the last event F no longer moves
    mixed, last = before * d1 / y.astype(float) ** 2, before**2 * d1 * (y - d1) / y.astype(float) ** 3
    a, b = np.cumsum(own), np.cumsum(own * incidence)
    c, e, f = np.cumsum(own * incidence**2), np.cumsum(mixed), np.cumsum(mixed * incidence)
    variance = incidence**2 * a - 2 * incidence * b + c - 2 * (incidence * e - f) + np.cumsum(last)
    incidence = np.where(incidence > 1 - 1e-12, 1.0, incidence)
    return Steps(days, y, d1, d, censored, incidence, np.sqrt(np.where(variance > ROUNDING, variance, 0.0)), survival)


def crossing(steps: Steps, curve: Array, level: float = 0.5) -> float | None:
    """The first time at which the curve is at the level or below - the middle of the flat stretch, if it lies on the level; nothing if never."""
    close = np.abs(curve - level) < 1e-9  # rounding in the product
    at = np.flatnonzero((curve <= level) | close)
    if not len(at):
        return None
    first = int(at[0])
    if close[first]:
        below = np.flatnonzero((curve < level) & ~close)
        end = float(steps.time[int(below[0])] if len(below) else steps.time[-1])
        return (float(steps.time[first]) + end) / 2
    return float(steps.time[first])


def product_integral(people: Followed, causes: list[int], stops: Array) -> list[tuple[Array, Array]]:
    """Cumulative incidence of every cause at each stop and its se, by multiplying the transition matrices one time after the other.

    The slow way, for the check: at each event time the state vector is multiplied by I + dA, and its covariance by the same matrix,
    to which the multinomial covariance of dA is added (Andersen et al. 1993, section IV.4.1).
    """
    order = np.argsort(people.time, kind="stable")
    times, states = people.time[order].tolist(), people.status[order].tolist()
    waiting = [] if people.entry is None else sorted((day for day in people.entry.tolist() if day > 0), reverse=True)
    size = len(causes) + 1
    p = [1.0] + [0.0] * len(causes)
    cov = np.zeros((size, size))
    results: list[tuple[Array, Array]] = []
    at_risk, i = len(times) - len(waiting), 0
    for stop in [float(stop) for stop in stops]:
        while i < len(times) and times[i] <= stop:
            day, leaving = times[i], 0
            counts = [0] * len(causes)
            while waiting and waiting[-1] < day:
                at_risk += 1
                waiting.pop()
            while i < len(times) and times[i] == day:
                if states[i] > 0:
                    counts[causes.index(states[i])] += 1
                leaving, i = leaving + 1, i + 1
            if any(counts):
                jump = np.array([count / at_risk for count in counts])
                move = np.eye(size)
                move[0, 0] -= jump.sum()
                move[1:, 0] = jump
                noise = np.zeros((size, size))
                noise[1:, 1:] = (np.diag(jump) - np.outer(jump, jump)) / at_risk
                noise[0, 1:] = noise[1:, 0] = -noise[1:, 1:].sum(axis=0)
                noise[0, 0] = noise[1:, 1:].sum()
                cov = move @ cov @ move.T + p[0] ** 2 * noise
                p = list(move @ p)
            at_risk -= leaving
        spread = np.diag(cov)[1:]
        results.append((np.array(p[1:]), np.sqrt(np.where(spread > ROUNDING, spread, 0.0))))
    return results
