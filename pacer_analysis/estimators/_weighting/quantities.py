"""Weighted means, survival and hazard ratio of two groups, each with its derivative in every person's weight."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.errors import NotEstimable

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


def means(y: Array, weight: Array, group: Array) -> tuple[Array, Array]:
    """The weighted means of the reference and the group over those with y known, and their derivatives: (people, 2)."""
    values, gradient = np.empty(2), np.zeros((len(y), 2))
    for k in (0, 1):
        members = np.flatnonzero((group == k) & np.isfinite(y))
        total = weight[members].sum()
        values[k] = weight[members] @ y[members] / total
        gradient[members, k] = (y[members] - values[k]) / total
    return values, gradient


def survival(time: Array, event: Flags, weight: Array, group: Array, horizon: float) -> tuple[Array, Array]:
    """The weighted product-limit survival at a horizon in the reference and the group, and its derivatives: (people, 2).

    log S changes with a person's weight by - (dN - Y dL) / (W (1 - dL)), summed over event times; W the weight at risk, dL the hazard.
    """
    values, gradient = np.ones(2), np.zeros((len(time), 2))
    for k in (0, 1):
        members = np.flatnonzero(group == k)
        days, died = time[members], event[members]
        if days.max() < horizon and not (died & (days == days.max())).all():
            raise NotEstimable(f"no one is followed to day {horizon:g} in one of the groups")
        order = np.argsort(-days, kind="stable")
        running = np.cumsum(weight[members][order])
        times, of = np.unique(days[died & (days <= horizon)], return_inverse=True)
        if not len(times):
            continue
        deaths = np.bincount(of, weights=weight[members][died & (days <= horizon)])
        at_risk = running[np.searchsorted(-days[order], -times, side="right") - 1]
        hazard = deaths / at_risk
        if (hazard >= 1 - 1e-15).any():
            values[k] = 0.0
            continue
        values[k] = np.prod(1 - hazard)
        per_day = 1 / (at_risk * (1 - hazard))
        compensator = np.concatenate([[0.0], np.cumsum(hazard * per_day)])
        inside = died & (days <= horizon)
        own = np.zeros(len(members))
        own[inside] = per_day[of]
        gradient[members, k] = -values[k] * (own - compensator[np.searchsorted(times, days, side="right")])
    return values, gradient


def hazard_ratio(time: Array, event: Flags, weight: Array, group: Array) -> tuple[float, Array]:
    """The log hazard ratio of the weighted Cox model on the group alone, Breslow's ties, and its derivatives: (people, 1).

    With Breslow's ties a person's weight enters the score as a factor of their score residual, so that the derivative is exact.
    """
    from pacer_analysis.estimators._survival.partial_likelihood import maximise
    from pacer_analysis.estimators._survival.residuals import score_residuals

    fitted = maximise(time, event, group[:, None], ("group",), weight=weight, ties="breslow")
    return float(fitted.coefficients[0]), np.asarray(score_residuals(fitted.risk, fitted.coefficients) @ fitted.covariance)
