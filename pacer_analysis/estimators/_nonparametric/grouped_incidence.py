"""Incidence of an event seen at visits from its discrete hazards, deaths competing, by arm, and its differences."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._frame import arm_names, of_arms
from pacer_analysis.estimators._nonparametric import grouped_hazard, turnbull_rows
from pacer_analysis.estimators._nonparametric.between_visits import Between, between, counted_between
from pacer_analysis.estimators._nonparametric.compared import difference_row, paired
from pacer_analysis.estimators._nonparametric.interval_censored import innermost
from pacer_analysis.estimators._nonparametric.interval_censored import maximise as masses
from pacer_analysis.estimators._normal import log_log
from pacer_analysis.estimators._witness import agreement
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.estimators._nonparametric.grouped_hazard import Array

METHOD = "Incidence through the visit from the discrete hazards of the event (likelihood over missed visits), delta-method SE, log-log interval"
DEATHS = "; deaths compete, those between two visits before the second"
WITNESS = "hazards from Turnbull's masses: estimate"


@dataclass(frozen=True, slots=True)
class Arm:
    """Days of an arm's visits, incidence through each and its se, the same again, and what is still unknown after the last."""

    days: Array
    incidence: Array
    se: Array
    again: Array
    free_at_end: float


def rows(frame: pd.DataFrame, times: tuple[float, ...], level: float) -> list[Estimate]:
    """The incidence of each arm at each time and its difference from the reference."""
    arms = arm_names(frame)
    deaths = "status" in frame and bool((frame["status"] > 1).any())
    found: dict[str, list[tuple[Estimate, float]]] = {}
    for arm in arms if times else ():
        people = of_arms(frame, arm)
        base = counted_between(Estimate(arm=arm, scale="absolute", measure="cif", method=METHOD + DEATHS * deaths), people)
        try:
            curve = incidence(between(people))
        except NotEstimable as reason:
            found[arm] = [(replace(base, time=float(day), witness="none", note=reason.what), 0.0) for day in times]
            continue
        found[arm] = [_at(replace(base, time=float(day)), curve, level) for day in times]
    gathered = [row for arm in arms for row, _ in found.get(arm, [])]
    for arm in arms[1:] if times else ():
        for (one, one_again), (reference, reference_again) in zip(found[arm], found[arms[0]], strict=True):
            row = replace(paired(one, reference), measure="cif_difference", scale="difference", method="Difference of incidences from discrete hazards, delta-method SE, Wald interval and test")
            # The second computation has the incidences only: its se is taken as ours.
            gathered.append(difference_row(row, (one.estimate, one.se or 0.0), (reference.estimate, reference.se or 0.0),
                                           (one_again, one.se or 0.0), (reference_again, reference.se or 0.0), level, WITNESS))
    return gathered


def _at(row: Estimate, curve: Arm, level: float) -> tuple[Estimate, float]:
    place = int(np.searchsorted(curve.days, row.time or 0.0, side="right")) - 1
    if curve.free_at_end > 0 and (not len(curve.days) or (row.time or 0.0) > curve.days[-1]):
        return replace(row, witness="none", note="beyond the last visit"), 0.0
    value, se, again = (float(part[place]) if place >= 0 else 0.0 for part in (curve.incidence, curve.se, curve.again))
    filled = replace(row, estimate=value, se=se, witness=WITNESS, agreement=agreement((value, again), se=se))
    limits = log_log(value, se, level)
    if limits is None:
        return replace(filled, note=f"{'no event' if value == 0 else 'no one left without an event'} by then: the interval is not defined"), again
    return replace(filled, low=limits[0], high=limits[1], level=level), again


def incidence(those: Between) -> Arm:
    """Incidence of the event through each visit."""
    if not len(those):
        raise NotEstimable("no one followed")
    days = grouped_hazard.visits(those.lower, those.upper)
    if not len(days):
        raise NotEstimable("no one seen at a visit")
    fit = grouped_hazard.maximise(grouped_hazard.grouped(those.lower, those.upper, np.zeros((len(those), 0)), np.zeros(len(those), dtype=np.intp)), ())
    own = -np.expm1(-np.exp(fit.log_hazard))
    other, spread = _deaths(those, days)
    value, moves, moved = _combined(own, other)
    finite = np.exp(fit.log_hazard[fit.free])
    slopes = moves[:, fit.free] * ((1 - own[fit.free]) * finite)
    variance = np.einsum("tj,jk,tk->t", slopes, fit.covariance, slopes) + (moved**2) @ spread
    where = innermost(those.lower, those.upper)
    mass = masses(where)
    free = np.array([turnbull_rows.survival(where, mass, float(day))[0] for day in days])
    before = np.concatenate([[1.0], free[:-1]])
    again = _combined(np.where(before > 0, 1 - free / np.where(before > 0, before, 1.0), 0.0), other)[0]
    return Arm(days, value, np.sqrt(np.maximum(variance, 0.0)), again, float(np.prod((1 - own) * (1 - other))))


def _deaths(those: Between, days: Array) -> tuple[Array, Array]:
    """The hazard of a competing event in each interval among those free of the event at its beginning, and its binomial variance.

    At risk are those with the event through its visit, the dead through their interval, the others while known alive or free of it.
    """
    # ASSUME: who dies after missed visits, without a positive one, dies free of the event.
    last = np.searchsorted(days, those.until, side="right")
    last = np.where(np.isfinite(those.upper), np.searchsorted(days, those.upper, side="right"), last)
    dies = np.where(those.competing, np.maximum(np.searchsorted(days, those.until, side="left"), np.searchsorted(days, those.lower, side="right")), len(days))
    last = np.where(those.competing, np.minimum(dies + 1, len(days)), last)
    place = np.arange(len(days))
    at_risk = (last[:, None] > place).sum(axis=0)
    deaths = (dies[:, None] == place).sum(axis=0)
    hazard = np.divide(deaths, at_risk, out=np.zeros(len(days)), where=at_risk > 0)
    return hazard, np.divide(hazard * (1 - hazard), at_risk, out=np.zeros(len(days)), where=at_risk > 0)


def _combined(own: Array, other: Array) -> tuple[Array, Array, Array]:
    """Incidence through each interval, and how it moves with the hazard of the event and of death in each."""
    size = len(own)
    free = np.concatenate([[1.0], np.cumprod((1 - own) * (1 - other))[:-1]])
    part = free * (1 - other) * own
    value = np.cumsum(part)
    moves, moved = np.zeros((size, size)), np.zeros((size, size))
    for t in range(size):
        after = np.concatenate([np.cumsum(part[: t + 1][::-1])[::-1], [0.0]])
        for k in range(t + 1):
            moves[t, k] = free[k] * (1 - other[k]) - (after[k + 1] / (1 - own[k]) if own[k] < 1 else 0.0)
            moved[t, k] = -after[k] / (1 - other[k]) if other[k] < 1 else -free[k] * own[k]
    return value, moves, moved
