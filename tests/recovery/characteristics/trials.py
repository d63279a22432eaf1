"""The simulated trial: women in strata, two arms in permuted blocks, and a prognosis that their covariates make.

Covariates: three sites, prior suppression, newly diagnosed, age and baseline log10 viral load. `prognosis` is their linear predictor, used on
whatever scale the outcome has; `over_prognosis` is its distribution as nodes and weights, exact but for Gauss-Hermite quadrature, for the truths.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]

N = 412
ARMS = ("clinic", "club")
SITES, SITE_EFFECT = (0.5, 0.3, 0.2), np.array([0.0, 0.4, -0.4])
PRIOR, NEW = 0.45, 0.35
PRIOR_EFFECT, NEW_EFFECT, AGE_EFFECT, VIRAL_LOAD_EFFECT = 0.6, -0.4, 0.3, -0.5
COVARIATES = ("age", "viral_load", "new")   # the stratum stands beside them


@dataclass(frozen=True, slots=True)
class People:
    """Covariates, stratum, block and arm (0 or 1) of one trial's people; age and viral load in standard deviations."""

    site: NDArray[np.intp]
    prior: Array
    new: Array
    age: Array
    viral_load: Array
    block: NDArray[np.intp]
    arm: Array

    @property
    def stratum(self) -> NDArray[np.intp]:
        return self.site * 2 + self.prior.astype(np.intp)

    @property
    def prognosis(self) -> Array:
        return SITE_EFFECT[self.site] + PRIOR_EFFECT * self.prior + NEW_EFFECT * self.new + AGE_EFFECT * self.age + VIRAL_LOAD_EFFECT * self.viral_load


def people(rng: np.random.Generator, n: int = N, *, stratified: bool = True) -> People:
    """Women randomised 1:1 in permuted blocks of four within site x prior suppression, or in one list with equal arms."""
    site = rng.choice(3, size=n, p=SITES)
    prior, new = (rng.random(n) < PRIOR).astype(float), (rng.random(n) < NEW).astype(float)
    age, viral_load = rng.standard_normal((2, n))
    if not stratified:
        return People(site, prior, new, age, viral_load, np.zeros(n, dtype=np.intp), rng.permutation(np.arange(n) % 2).astype(float))
    stratum = site * 2 + prior.astype(np.intp)
    order = np.argsort(stratum, kind="stable")
    start = np.searchsorted(stratum[order], stratum[order])
    place = np.empty(n, dtype=np.intp)
    place[order] = np.arange(n) - start
    lists = rng.permuted(np.tile([0.0, 0.0, 1.0, 1.0], (6, n // 4 + 1, 1)), axis=2)
    return People(site, prior, new, age, viral_load, place // 4, lists[stratum, place // 4, place % 4])


def arms(code: Array) -> pd.Categorical:
    """The arm column, reference first."""
    return pd.Categorical.from_codes(code.astype(np.int8), categories=list(ARMS))


def frame(who: People, **columns: Any) -> pd.DataFrame:
    """An analysis frame of these people with further columns; viral load in log10 copies, age in years."""
    n = len(who.arm)
    base = {"id": IDS[:n], "arm": arms(who.arm), "stratum": STRATA[who.stratum], "age": 30 + 6 * who.age, "viral_load": 3 + who.viral_load, "new": who.new}
    return pd.DataFrame(base | columns)


IDS = np.array([f"SYN-{number:06d}" for number in range(20_000)], dtype=object)
STRATA = np.array([f"site {site}, {word}" for site in (1, 2, 3) for word in ("not suppressed", "suppressed")], dtype=object)


def with_outcome(who: People, y: Array, **columns: Any) -> pd.DataFrame:
    """The frame of an outcome, NaN where it is not known."""
    return frame(who, outcome=y, observed=np.isfinite(y), **columns)


def bernoulli(rng: np.random.Generator, probability: Array) -> Array:
    """1 with this probability, else 0."""
    return (rng.random(np.shape(probability)) < probability).astype(float)


@cache
def over_prognosis() -> tuple[Array, Array]:
    """Values of the prognosis and their probabilities."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    nodes, weights = nodes * np.hypot(AGE_EFFECT, VIRAL_LOAD_EFFECT), weights / weights.sum()
    values, probabilities = [], []
    for site, share in enumerate(SITES):
        for prior, p in ((0, 1 - PRIOR), (1, PRIOR)):
            for new, q in ((0, 1 - NEW), (1, NEW)):
                values.append(SITE_EFFECT[site] + PRIOR_EFFECT * prior + NEW_EFFECT * new + nodes)
                probabilities.append(share * p * q * weights)
    return np.concatenate(values), np.concatenate(probabilities)


def mean_over_prognosis(function: Callable[[Array], Array]) -> Array:
    """The mean of a function over the population: the last axis of what it returns is that of the nodes."""
    values, probabilities = over_prognosis()
    return np.asarray(function(values) @ probabilities)
