"""Rows of one arm's Turnbull estimate, checked by a second maximisation of the same likelihood."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.estimators._frame import join_notes
from pacer_analysis.estimators._nonparametric.between_visits import between, counted_between
from pacer_analysis.estimators._nonparametric.interval_censored import Innermost, covered, innermost, maximise
from pacer_analysis.estimators._witness import agreement
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.estimators._nonparametric.interval_censored import Array

METHOD = "Turnbull's nonparametric maximum likelihood for (last day without, first day with]"
WITNESS = "Newton's method with a multiplier on the matrix of intervals: estimate"


def rows(people: pd.DataFrame, arm: str, times: tuple[float, ...]) -> list[Estimate]:
    """Survival and its least value at each time."""
    those = between(people)
    dead = int(those.competing.sum())
    method = f"{METHOD}{', competing events censored at the last day without the event' if dead else ''}"
    base = counted_between(Estimate(arm=arm, scale="absolute", measure="survival", method=method), people)
    if not len(those):
        return [replace(base, measure=measure, time=float(day), witness="none", note="no one followed") for day in times for measure in ("survival", "survival_least")]
    where = innermost(those.lower, those.upper)
    mass = maximise(where)
    again = mass_again(where, mass)
    # Mass at infinity is nobody's event: up to its left end the curve is known.
    known_to = float(where.left[-1]) if np.isinf(where.right[-1]) and mass[-1] > 0 else np.inf
    said = f"{dead} with a competing event before are censored" if dead else ""
    said = join_notes(said, "" if _unique(where, mass) else "the likelihood has several maxima, of which this is one")
    found = []
    for day in (float(day) for day in times):
        if day > known_to:
            note = join_notes("beyond the last follow-up", said)
            found += [replace(base, measure=measure, time=day, witness="none", note=note) for measure in ("survival", "survival_least")]
            continue
        most, least = survival(where, mass, day)
        also = survival(where, again, day)
        open_between = "events of an interval that holds this day may lie before or after it" if most - least > 1e-12 else ""
        filled = replace(base, time=day, witness=WITNESS, note=join_notes(open_between, said))
        found.append(replace(filled, estimate=most, agreement=agreement((most, also[0]))))
        found.append(replace(filled, measure="survival_least", estimate=least, agreement=agreement((least, also[1])),
                             method=f"{method}; the mass of an interval that holds the day is counted as events"))
    return found


def survival(where: Innermost, mass: Array, day: float) -> tuple[float, float]:
    """The survival on a day with the mass of an interval around it after the day, and with it before."""
    begun = np.where(where.exact, where.left <= day, where.left < day)
    values = [float(1 - mass[chosen].sum()) for chosen in (where.right <= day, begun)]
    most, least = (float(round(value)) if abs(value - round(value)) < 1e-10 else value for value in values)  # sums of masses round
    return most, least


def _matrix(where: Innermost) -> Array:
    place = np.arange(len(where.left))
    return ((place >= where.first[:, None]) & (place <= where.last[:, None])).astype(float)


def _unique(where: Innermost, mass: Array) -> bool:
    """True if the masses follow from the probabilities of what was observed."""
    inside = _matrix(where)[:, mass > 0]
    return bool(np.linalg.matrix_rank(inside.T @ inside + 1) == inside.shape[1])


def mass_again(where: Innermost, mass: Array) -> Array:
    """The maximum over the same intervals from the beginning: expectation and maximisation, then Newton with a multiplier for the sum.

    Not a number where the gradient says that an interval without mass should have some.
    """
    inside = _matrix(where)
    people = where.count.sum()
    holding = np.flatnonzero(mass > 0)
    part = inside[:, holding]
    q = np.full(len(holding), 1 / len(holding))
    for _ in range(500):
        q = q * (part.T @ (where.count / (part @ q))) / people
    for _ in range(50):
        p = part @ q
        slope, curve = part.T @ (where.count / p), (part * (where.count / p**2)[:, None]).T @ part
        system = np.block([[curve, np.ones((len(q), 1))], [np.ones((1, len(q))), np.zeros((1, 1))]])
        step = np.linalg.lstsq(system, np.append(slope, 0.0), rcond=None)[0][:-1]
        share = 1.0 if (q + step > 0).all() else 0.5 * float((-q[step < 0] / step[step < 0]).min())
        q = q + share * step
        if share == 1.0 and np.abs(step).max() < 1e-14:
            break
    whole = np.zeros(len(mass))
    whole[holding] = q
    worth = inside.T @ (where.count / np.maximum(covered(where, whole), 1e-300))
    return whole if worth.max() <= people * (1 + 1e-7) else np.full(len(mass), np.nan)
