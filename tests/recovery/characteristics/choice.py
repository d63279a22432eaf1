"""Groups that women choose: weights by the propensity score, against the effect in the population that the weights stand for."""

from __future__ import annotations

import math
from functools import cache, partial

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, logit, ndtr, ndtri

from pacer_analysis.estimators import ESTIMATORS
from tests.recovery.characteristics import clocks
from tests.recovery.characteristics.lines import ALTERNATIVE, NULL, Quantity
from tests.recovery.characteristics.study import CLOSED, IMPUTED, SECOND_ORDER, Seen, Study, nearly, row_of, seen, truths
from tests.recovery.characteristics.trials import COVARIATES, NEW, Array, N, People, bernoulli, with_outcome

LOG_ODDS, DAY = {NULL: 0.0, ALTERNATIVE: 0.7}, 365.0
AGE, LOAD, OWN = 0.5, -0.5, math.sqrt(0.5)   # what moves the latent time: its variance is 1


def score(age: Array, load: Array, new: Array) -> Array:
    """The probability to choose the club."""
    return np.asarray(expit(-0.1 + 0.5 * age - 0.5 * load + 0.4 * new))


def choosing(rng: np.random.Generator) -> People:
    age, load = rng.standard_normal((2, N))
    new = bernoulli(rng, np.full(N, NEW))
    nobody = np.zeros(N, dtype=np.intp)
    return People(nobody, np.zeros(N), new, age, load, nobody, bernoulli(rng, score(age, load, new)))


def chosen(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """A binary outcome that the same covariates move."""
    who = choosing(rng)
    return with_outcome(who, bernoulli(rng, expit(0.2 + LOG_ODDS[truth] * who.arm + 0.6 * who.age - 0.5 * who.viral_load)))


def chosen_times(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """Times with the group's Weibull distribution in the whole population, that go with the covariates (normal copula)."""
    who = choosing(rng)
    level = ndtr(AGE * who.age + LOAD * who.viral_load + OWN * rng.standard_normal(N))
    return clocks.followed(who, np.ceil(clocks.day_of(-np.log(level) / np.exp(clocks.LOG_HAZARD[truth] * who.arm))), clocks.follow_up(rng, N))


@cache
def population(weights: str) -> tuple[Array, Array, Array]:
    """Age, viral load and probability of the population that the weights stand for, by quadrature."""
    nodes, mass = np.polynomial.hermite_e.hermegauss(40)
    age, load, new = (part.ravel() for part in np.meshgrid(nodes, nodes, np.array([0.0, 1.0]), indexing="ij"))
    share = (mass[:, None, None] * mass[None, :, None] * np.array([1 - NEW, NEW])).ravel()
    e = score(age, load, new)
    share = share * (e * (1 - e) if weights == "overlap" else 1.0)
    return age, load, share / share.sum()


def risk(weights: str, truth: str, arm: int) -> float:
    age, load, share = population(weights)
    return float(expit(0.2 + LOG_ODDS[truth] * arm + 0.6 * age - 0.5 * load) @ share)


def survival(weights: str, truth: str, arm: int, day: Array) -> Array:
    """Of the group in that population: the time is longer than the day if the level lies below the marginal survival."""
    age, load, share = population(weights)
    bound = ndtri(np.exp(-clocks.hazard(day) * math.exp(clocks.LOG_HAZARD[truth] * arm)))
    return np.asarray(ndtr((bound[:, None] - AGE * age - LOAD * load) / OWN) @ share)


@cache
def log_hazard_ratio(weights: str, truth: str) -> float:
    """Where the score of the weighted partial likelihood is zero in the limit, events and follow-up summed over the days."""
    day = np.arange(0.0, clocks.END + 1)
    zero, one = (survival(weights, truth, arm, day) for arm in (0, 1))
    followed = np.where(day[1:] >= clocks.END, 170 / 700, np.clip((900 - np.maximum(day[1:] - 1, 200)) / 700, 0, 1))   # end of follow-up on the day or later
    events = [-np.diff(curve) * followed for curve in (zero, one)]

    def slope(beta: float) -> float:
        share = one[:-1] * math.exp(beta) / (one[:-1] * math.exp(beta) + zero[:-1])
        return float((events[1] - share * (events[0] + events[1])).sum())

    return float(brentq(slope, -3, 3))


def _weighted(data: pd.DataFrame, _: int, weights: str) -> dict[str, Seen]:
    rows = ESTIMATORS["propensity"](data, covariates=COVARIATES, weights=weights)
    return {name: seen(row_of(rows, name)) for name in ("rd", "rr", "or")}


def _weighted_times(data: pd.DataFrame, _: int, weights: str) -> dict[str, Seen]:
    rows = ESTIMATORS["propensity"](data, covariates=COVARIATES, weights=weights, horizons=(DAY,))
    return {"survival_difference": seen(row_of(rows, "survival_difference")), "hr": seen(row_of(rows, "hr"))}


def _binary(weights: str) -> dict[str, Quantity]:
    at = partial(risk, weights)
    return {"rd": Quantity(truths(lambda t: at(t, 1) - at(t, 0))), "rr": Quantity(truths(lambda t: math.log(at(t, 1) / at(t, 0)))),
            "or": nearly(Quantity(truths(lambda t: float(logit(at(t, 1)) - logit(at(t, 0))))), "bias", 0.02, SECOND_ORDER)}


def _times(weights: str) -> dict[str, Quantity]:
    day = np.array([DAY])
    return {"survival_difference": Quantity(truths(lambda t: float((survival(weights, t, 1, day) - survival(weights, t, 0, day))[0]))),
            "hr": nearly(Quantity(truths(partial(log_hazard_ratio, weights))), "bias", 0.02, SECOND_ORDER)}


STUDIES = tuple(
    Study("propensity", f"{words}, {kind}", simulate, partial(measure, weights=weights), quantities(weights), replicates=CLOSED if kind == "binary" else IMPUTED, witnessed=kind == "times")
    for weights, words in (("overlap", "overlap weights"), ("inverse_probability", "inverse probability weights"))
    for kind, simulate, measure, quantities in (("binary", chosen, _weighted, _binary), ("times", chosen_times, _weighted_times, _times))
)
