"""The second computation of grouped proportional hazards.

Where no visit was missed: the binomial model with complementary log-log link on a row per person and interval, by statsmodels. Else: scipy's
maximisation of the probability of each person's interval, written with survival functions, started away from the first solution.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize, root
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.families.links import CLogLog
from statsmodels.genmod.generalized_linear_model import GLM

from pacer_analysis.estimators._nonparametric.grouped_hazard import visits
from pacer_analysis.estimators._witness import library

if TYPE_CHECKING:
    from pacer_analysis.estimators._nonparametric.grouped_hazard import Array, Fit, Index


@dataclass(frozen=True, slots=True)
class Again:
    """Coefficients, their standard errors, the log-likelihood, and by what."""

    coefficients: Array
    se: Array
    loglik: float
    witness: str


@dataclass(frozen=True, slots=True)
class Places:
    """For each person the places of the last interval passed and of the last that may hold the event, in a list of all strata's intervals."""

    stratum: Index
    lower: Index
    upper: Index
    event: np.ndarray[tuple[int], np.dtype[np.bool_]]
    sizes: tuple[int, ...]


def check(lower: Array, upper: Array, x: Array, strata: Index, fit: Fit) -> Again:
    """The maximum again."""
    places = _places(lower, upper, strata)
    open_hazard = np.isfinite(fit.log_hazard)
    if ((places.upper - places.lower)[places.event] <= 1).all():
        return _binomial(places, x, fit, open_hazard)
    return _direct(places, x, fit)


def _places(lower: Array, upper: Array, strata: Index) -> Places:
    low, high, sizes = np.zeros(len(lower), dtype=np.intp), np.zeros(len(lower), dtype=np.intp), []
    event = np.isfinite(upper)
    for stratum in range(int(strata.max(initial=0)) + 1):
        own = strata == stratum
        days = visits(lower[own], upper[own])
        low[own] = np.searchsorted(days, lower[own], side="right")
        high[own & event] = np.searchsorted(days, upper[own & event], side="right")
        sizes.append(len(days))
    return Places(strata, low, high, event, tuple(sizes))


def _binomial(places: Places, x: Array, fit: Fit, open_hazard: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Again:
    begin = np.concatenate([[0], np.cumsum(places.sizes)])[:-1]
    lived = places.lower + places.event
    person = np.repeat(np.arange(len(lived)), lived)
    step = np.arange(len(person)) - np.repeat(np.cumsum(lived) - lived, lived)
    column = begin[places.stratum[person]] + step
    happened = places.event[person] & (step == lived[person] - 1)
    kept = open_hazard[column]  # an interval without events has none to explain, one that all end in leaves nothing to
    names = np.flatnonzero(open_hazard)
    start = np.concatenate([fit.log_hazard[names] + 0.1 * np.cos(names), 0.9 * fit.coefficients])
    dummies = (column[kept][:, None] == names).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an interval that nearly all end in
        model = GLM(happened[kept].astype(float), np.column_stack([dummies, x[person[kept]]]), family=Binomial(CLogLog()))
        found = np.asarray(model.fit(start_params=start, tol=1e-10, maxiter=200).params)
        for _ in range(2):  # it stops on its deviance: two Newton steps more
            found = found - np.linalg.solve(model.hessian(found, observed=True), model.score(found))
        covariance = np.linalg.inv(-model.hessian(found, observed=True))
    size = len(names)
    return Again(found[size:], np.sqrt(np.diag(covariance)[size:]), float(model.loglike(found)), f"{library('statsmodels')} GLM, complementary log-log")


def _direct(places: Places, x: Array, fit: Fit) -> Again:
    free = fit.free
    begin = np.concatenate([[0], np.cumsum(places.sizes)])[:-1]
    tables = [np.tri(size + 1, size, -1) for size in places.sizes]  # row l: the intervals through l
    total = sum(places.sizes)
    through_low, through_high = np.zeros((len(x), total)), np.zeros((len(x), total))
    for stratum, (table, first) in enumerate(zip(tables, begin, strict=True)):
        own = places.stratum == stratum
        through_low[own, first:first + table.shape[1]] = table[places.lower[own]]
        through_high[own, first:first + table.shape[1]] = table[places.upper[own]]
    gone = (through_high[:, np.isposinf(fit.log_hazard)].sum(axis=1) > 0) & places.event
    through_low, through_high = through_low[:, free], through_high[:, free]
    closed = places.event & ~gone
    unit = x.std(axis=0) if x.shape[1] else np.ones(0)  # the numerical derivative takes equal steps
    x = x / unit

    def negative(theta: Array) -> tuple[float, Array]:
        hazard, risk = np.exp(theta[:len(free)]), np.exp(x @ theta[len(free):])
        low, high = (through_low @ hazard) * risk, (through_high @ hazard) * risk
        s_low, s_high = np.exp(-low), np.where(closed, np.exp(-high), 0.0)
        chance = s_low - s_high
        if not (chance > 0).all():
            return np.inf, np.zeros(len(theta))
        moved = (s_low * risk / chance)[:, None] * through_low - (s_high * risk / chance)[:, None] * through_high
        slope = np.concatenate([-(moved * hazard).sum(axis=0), -((s_low * low - s_high * high) / chance) @ x])
        return -float(np.log(chance).sum()), -slope

    start = np.concatenate([fit.log_hazard[free] + 0.1 * np.cos(np.arange(len(free))), 0.9 * fit.coefficients * unit])
    with np.errstate(all="ignore"):
        near = minimize(negative, start, jac=True, method="BFGS", options={"gtol": 1e-8, "maxiter": 2000}).x
        theta = np.asarray(root(lambda point: negative(point)[1], near, method="hybr", tol=1e-14).x) if len(near) else near
        width = 1e-5
        columns = [(negative(theta + width * unit)[1] - negative(theta - width * unit)[1]) / (2 * width) for unit in np.eye(len(theta))]
    covariance = np.linalg.inv(np.array(columns)) if len(theta) else np.zeros((0, 0))
    size = len(free)
    return Again(theta[size:] / unit, np.sqrt(np.diag(covariance)[size:]) / unit, -negative(theta)[0], f"{library('scipy')} on the probabilities of the intervals")
