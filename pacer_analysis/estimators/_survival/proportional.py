"""Grambsch and Therneau's test that coefficients do not change with time: the score test of b + theta g(t) at theta = 0.

Source: Grambsch and Therneau, Biometrika 1994;81:515-26; the exact score test is that of survival::cox.zph from version 3 on.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from pacer_analysis.estimators._survival import walk
from pacer_analysis.estimators._survival.newton import solve
from pacer_analysis.estimators._survival.partial_likelihood import Fit, second_moment, sums
from pacer_analysis.estimators._survival.risk_sets import Array, Flags

Transform = Literal["km", "rank", "identity", "log"]


def time_scale(time: Array, event: Flags, entry: Array | None, transform: Transform) -> Array:
    """The scale g of each row's time, with mean 0 over the events: 1 - S just before it (all rows together), its rank, itself, or its logarithm."""
    if transform == "km":
        days, deaths = np.unique(time[event], return_counts=True)
        at_risk = len(time) - np.searchsorted(np.sort(time), days, side="left")
        if entry is not None:
            at_risk = at_risk - (len(entry) - np.searchsorted(np.sort(entry), days, side="left"))
        survival = np.concatenate([[1.0], np.cumprod(1 - deaths / at_risk)])
        g = 1 - survival[np.searchsorted(days, time, side="left")]
    elif transform == "rank":
        _, place, counts = np.unique(time, return_inverse=True, return_counts=True)
        g = (np.cumsum(counts) - (counts - 1) / 2)[place]
    else:
        g = np.log(time) if transform == "log" else time.astype(float)
    return np.asarray(g - g[event].mean())


def score_and_information(fit: Fit, g: Array) -> tuple[Array, Array]:
    """Score of theta, and the information of (b, theta)."""
    risk, found = fit.risk, sums(fit.risk, fit.coefficients)
    factor = g[risk.rows[risk.deaths]][risk.opening]
    events = risk.x[:, risk.deaths] * factor[risk.block]
    score = (events if risk.weight is None else events * risk.weight[risk.deaths]).sum(axis=1) - found.mean @ factor
    mixed = second_moment(risk, found, factor)
    return score, np.block([[second_moment(risk, found), mixed], [mixed, second_moment(risk, found, factor**2)]])


def chi_squares(score: Array, information: Array, terms: dict[str, list[int]], names: tuple[str, ...]) -> dict[str, float]:
    """The score statistic of each term's columns, the other coefficients constant; refuses a term that the data do not follow over time."""
    width = len(score)
    found = {}
    for term, columns in terms.items():
        kept = [*range(width), *(width + column for column in columns)]
        u = np.concatenate([np.zeros(width), score[columns]])
        found[term] = float(u @ solve(information[np.ix_(kept, kept)], u, tuple(f"{names[c]} over time" for c in columns)))
    return found


def regressed(rows: walk.Rows, beta: Array, g: Array, terms: dict[str, list[int]]) -> dict[str, float]:
    """The same by regression: at each event time the residuals of the dying, weighed by that time's information, on 1 and g.

    The statistic is the slopes' generalised-least-squares Wald chi-square.
    """
    width = rows.x.shape[1]
    x = rows.x - rows.x.mean(axis=0)
    normal, right = np.zeros((2 * width, 2 * width)), np.zeros(2 * width)
    for _, at in walk.moments(rows, beta):
        line = np.array([1.0, g[at.dying[0]]])
        normal += np.kron(np.outer(line, line), at.covariance)
        right += np.kron(line, rows.weight[at.dying] @ (x[at.dying] - at.mean))
    found = {}
    for term, columns in terms.items():
        kept = [*range(width), *(width + column for column in columns)]
        covariance = np.linalg.inv(normal[np.ix_(kept, kept)])
        slope = (covariance @ right[kept])[width:]
        found[term] = float(slope @ np.linalg.solve(covariance[width:, width:], slope))
    return found
