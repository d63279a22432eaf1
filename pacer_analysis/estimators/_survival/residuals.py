"""Residuals of a partial likelihood, and the sandwich that they make.

Source: Therneau and Grambsch, Modeling Survival Data, 2000, chapters 4 and 7; Lin and Wei, JASA 1989;84:1074-8 (sandwich); Efron's ties as in survival::coxph.
"""

from __future__ import annotations

import numpy as np

from pacer_analysis.estimators._survival.partial_likelihood import Fit, Sums, accumulated, exposure, sums
from pacer_analysis.estimators._survival.risk_sets import Array, Index, RiskSets


def score_residuals(risk: RiskSets, beta: Array) -> Array:
    """Each row's part of the score, its weight not yet applied, (rows given, columns); weighted they add up to the score."""
    found = sums(risk, beta)
    hazard = found.hazard if risk.weight is None else found.hazard / risk.weight
    compensator = accumulated(risk, found.mean_increment)
    if found.tied is not None:
        t1, _, uv, vv = found.tied
        compensator[:, risk.deaths] -= (found.s1 * uv - t1 * vv)[:, risk.block]
    parts = hazard * (compensator - risk.x * exposure(risk, found))
    parts[:, risk.deaths] += risk.x[:, risk.deaths] - mean_at_event(risk, found)
    residuals = np.zeros((risk.size, len(beta)))
    residuals[risk.rows] = parts.T
    return residuals


def mean_at_event(risk: RiskSets, found: Sums) -> Array:
    """Per event the mean of x over its risk set, averaged over Efron's factors: (columns, events)."""
    return np.asarray((found.mean / risk.total)[:, risk.block])


def dfbeta(fit: Fit) -> Array:
    """What each row adds to the coefficients, to first order, its weight applied: (rows given, columns)."""
    parts = score_residuals(fit.risk, fit.coefficients) @ fit.covariance
    if fit.risk.weight is not None:
        parts[fit.risk.rows] *= fit.risk.weight[:, None]
    return np.asarray(parts)


def sandwich(influence: Array, clusters: Index, *, small_sample: bool = False) -> Array:
    """The sum of squares of the influence added up within clusters; `small_sample`: times G / (G - 1) for G clusters."""
    summed = np.column_stack([np.bincount(clusters, weights=column) for column in influence.T])
    groups = len(summed)
    return np.asarray(summed.T @ summed) * (groups / (groups - 1) if small_sample else 1.0)


def schoenfeld(fit: Fit, *, scaled: bool = False) -> tuple[Array, Index, Array]:
    """Times of the events by stratum and time, the row each is from, and x less its mean over the risk set: (events, columns).

    `scaled`: times the number of events times the covariance, plus the coefficient (Grambsch and Therneau, Biometrika 1994;81:515-26).
    """
    risk = fit.risk
    residuals = (risk.x[:, risk.deaths] - mean_at_event(risk, sums(risk, fit.coefficients))).T
    if scaled:
        residuals = residuals @ fit.covariance * len(risk.deaths) + fit.coefficients
    backwards = np.concatenate([np.flatnonzero((risk.block >= lo) & (risk.block < hi))[::-1] for lo, hi in risk.blocks])
    return risk.times[risk.block][backwards], risk.rows[risk.deaths][backwards], residuals[backwards]


def baseline_hazard(fit: Fit) -> list[tuple[Array, Array]]:
    """Per stratum with events: the event times, ascending, and the cumulative hazard of a row whose columns are all zero."""
    found = sums(fit.risk, fit.coefficients)
    scale = np.exp(-found.log_scale - fit.coefficients @ fit.risk.centres)
    return [(fit.risk.times[lo:hi][::-1], np.cumsum(found.u[lo:hi][::-1]) * scale[s]) for s, (lo, hi) in enumerate(fit.risk.blocks)]
