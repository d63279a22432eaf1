"""Bounds on the z scale for the looks as they fell: alpha spent on actual information, what is left spent at the last look."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._sequential.recursion import FAR, State, below, beyond, exits, fineness, go_on

if TYPE_CHECKING:
    from collections.abc import Callable

SPENDING = {
    "obrien_fleming": "Lan-DeMets spending, O'Brien-Fleming-like: 2 - 2 Phi(z(alpha / 2) / sqrt(t))",
    "pocock": "Lan-DeMets spending, Pocock-like: alpha log(1 + (e - 1) t)",
    "power": "Spending alpha t^rho (Kim and DeMets)",
    "haybittle_peto": "Haybittle-Peto: one high bound at every interim look, the last look spends what is left",
    "classic_obrien_fleming": "O'Brien and Fleming 1979: C / sqrt(t)",
    "classic_pocock": "Pocock 1977: one bound at all looks",
}
FUTILITY = ("none", "obrien_fleming", "pocock", "power")


@dataclass(frozen=True, slots=True)
class Design:
    """What was planned: fractions of the planned information (the last is 1), one-sided alpha, spending, futility and power."""

    fractions: tuple[float, ...]
    alpha: float = 0.025
    spending: str = "obrien_fleming"
    rho: float = 3.0
    interim_z: float = 3.2905267314919255  # two-sided p of 0.001
    futility: str = "none"
    power: float = 0.9


@dataclass(frozen=True, slots=True)
class Bounds:
    """The looks' information fractions, upper bounds, futility bounds (-FAR: none) and alpha spent so far."""

    times: tuple[float, ...]
    upper: tuple[float, ...]
    futility: tuple[float, ...]
    spent: tuple[float, ...]


def spent(kind: str, t: float, total: float, rho: float) -> float:
    """The error spent by information fraction t."""
    if t >= 1:
        return total
    if kind == "obrien_fleming":
        return float(2 * ndtr(ndtri(total / 2) / math.sqrt(t)))
    return total * (math.log1p((math.e - 1) * t) if kind == "pocock" else t**rho)


def schedule(design: Design, seen: tuple[float, ...], *, final: bool) -> tuple[float, ...]:
    """The looks so far at their actual information, then the planned ones that are still ahead; none after the final look."""
    if final or (seen and seen[-1] >= 1):
        return seen
    return (*seen, *(t for t in design.fractions[len(seen):] if t > (seen[-1] if seen else 0.0) + 0.01))


@lru_cache(maxsize=256)
def bounds(design: Design, times: tuple[float, ...]) -> Bounds:
    """Upper and futility bounds at these looks, the last being the final one; futility is non-binding: the upper bounds ignore it."""
    upper, alpha = _upper(design, times)
    futility = (-FAR,) * len(times)
    if design.futility != "none":
        futility, _ = _futility(design, times, upper, drift(design))
    return Bounds(times, upper, futility, alpha)


def _crossing(probability: Callable[[float], float], target: float) -> float:
    """The bound with this probability beyond it; FAR where there is nothing to spend."""
    if target <= 1e-300:
        return FAR
    return float(brentq(lambda bound: math.log(max(probability(bound), 1e-320)) - math.log(target), -12.0, FAR - 2, xtol=1e-13))


def _upper(design: Design, times: tuple[float, ...]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    constant = _constant(design) if design.spending.startswith("classic") else 0.0
    r = fineness(times)
    state: State | None = None
    upper: list[float] = []
    alpha: list[float] = []
    for k, t in enumerate(times):
        used = alpha[-1] if alpha else 0.0
        left = design.alpha - used
        if k == len(times) - 1:
            if left < -1e-12:
                raise NotEstimable("the interim looks have spent more than the whole of alpha")
            bound = _crossing(_tail(state, t), left)
        elif design.spending == "haybittle_peto":
            bound = design.interim_z
        elif design.spending.startswith("classic"):
            bound = constant * (t ** -0.5 if design.spending == "classic_obrien_fleming" else 1.0)
        else:
            bound = _crossing(_tail(state, t), spent(design.spending, t, design.alpha, design.rho) - used)
        upper.append(bound)
        alpha.append(used + beyond(state, t, 0.0, bound))
        state = go_on(state, t, 0.0, -FAR, bound, r)
    return tuple(upper), tuple(alpha)


def _tail(state: State | None, t: float) -> Callable[[float], float]:
    return lambda bound: beyond(state, t, 0.0, bound)


def _below(state: State | None, t: float, value: float) -> Callable[[float], float]:
    return lambda bound: below(state, t, value, -bound)


def _constant(design: Design) -> float:
    """The constant with which the planned looks together spend alpha."""
    times = design.fractions
    shape = [t ** -0.5 if design.spending == "classic_obrien_fleming" else 1.0 for t in times]

    def total(constant: float) -> float:
        return float(exits(times, (-FAR,) * len(times), tuple(constant * s for s in shape), 0.0)[1].sum()) - design.alpha

    return float(brentq(total, 0.5, 12.0, xtol=1e-13))


@lru_cache(maxsize=256)
def drift(design: Design) -> float:
    """The drift at the planned information (effect times root information) at which the planned design has its power."""
    upper, _ = _upper(design, design.fractions)

    def short(value: float) -> float:
        if design.futility == "none":
            return design.power - float(exits(design.fractions, (-FAR,) * len(upper), upper, value)[1].sum())
        return _futility(design, design.fractions, upper, value)[1] - (1 - design.power)

    fixed = float(ndtri(1 - design.alpha) + ndtri(design.power))
    return float(brentq(short, 0.5 * fixed, fixed + 4, xtol=1e-12))


def _futility(design: Design, times: tuple[float, ...], upper: tuple[float, ...], value: float) -> tuple[tuple[float, ...], float]:
    """Lower bounds that spend beta under this drift, and all of the beta spent; the last lower bound is the upper one."""
    beta = 1 - design.power
    r = fineness(times)
    state: State | None = None
    found: list[float] = []
    total = before = 0.0
    for k, t in enumerate(times):
        by_now = spent(design.futility, t, beta, design.rho)
        bound = upper[k]
        # Where fewer than that are left below the upper bound, all of them stop.
        if k < len(times) - 1 and below(state, t, value, upper[k]) > by_now - before:
            bound = -_crossing(_below(state, t, value), by_now - before)
        found.append(bound)
        total += below(state, t, value, bound)
        before = by_now
        state = go_on(state, t, value, bound, upper[k], r)
    return tuple(found), total


def lower(found: Bounds) -> tuple[float, ...]:
    """Where the test stops on the other side: at futility, else at the mirror image of the upper bound."""
    return tuple(max(low, -high) for low, high in zip(found.futility, found.upper, strict=True))
