"""Times to events of the simulated trial, in whole days, and their truths in closed form.

Baseline: Weibull, cumulative hazard (t / 600) ** 1.2; the arm multiplies it. A time is the day in which the event falls (rounded up), so that survival at
a whole day is that of the continuous time. Follow-up ends between day 200 and 730 for reasons that have nothing to do with the event.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.special import ndtr

from tests.recovery.characteristics.lines import ALTERNATIVE, NULL
from tests.recovery.characteristics.trials import AGE_EFFECT, NEW_EFFECT, VIRAL_LOAD_EFFECT, Array, People, arms, frame, people

SCALE, SHAPE, END = 600.0, 1.2, 730.0
LOG_HAZARD = {NULL: 0.0, ALTERNATIVE: -0.5}
DEATH_SCALE, DEATH_LOG_HAZARD = 1500.0, {NULL: 0.0, ALTERNATIVE: 0.3}


def hazard(day: Array | float, scale: float = SCALE) -> Array:
    """The cumulative baseline hazard."""
    return np.asarray(np.asarray(day) / scale) ** SHAPE


def day_of(cumulative: Array, scale: float = SCALE) -> Array:
    """The day on which it reaches this value."""
    return np.asarray(scale * cumulative ** (1 / SHAPE))


def survival(truth: str, arm: int, day: float) -> float:
    return float(np.exp(-hazard(day) * math.exp(LOG_HAZARD[truth] * arm)))


def incidence(truth: str, arm: int, day: float) -> float:
    """Of the event with death competing: both hazards have the same shape, so their ratio is constant."""
    own, death = math.exp(LOG_HAZARD[truth] * arm) * SCALE**-SHAPE, math.exp(DEATH_LOG_HAZARD[truth] * arm) * DEATH_SCALE**-SHAPE
    return float(own / (own + death) * -np.expm1(-(own + death) * day**SHAPE))


def restricted_mean(truth: str, arm: int, horizon: int) -> float:
    """Of the whole days: the sum of survival over the days before the horizon."""
    return float(np.exp(-hazard(np.arange(horizon)) * math.exp(LOG_HAZARD[truth] * arm)).sum())


def median(truth: str, arm: int) -> float:
    """Of the continuous time; half a day more is the middle of what rounding up does."""
    return float(day_of(np.array(math.log(2) / math.exp(LOG_HAZARD[truth] * arm)))) + 0.5


def follow_up(rng: np.random.Generator, n: int) -> Array:
    return np.ceil(np.minimum(END, rng.uniform(200, 900, n)))


def followed(who: People, day: Array, end: Array, death: Array | None = None, **columns: object) -> pd.DataFrame:
    """The frame of these days, whichever comes first; at a tie the event, then death."""
    first = np.minimum(day, end) if death is None else np.minimum(np.minimum(day, end), death)
    status = np.where(day <= first, 1, 0 if death is None else np.where(death <= first, 2, 0))
    return frame(who, time=first, status=status, **columns)


def simple(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """One list, proportional hazards of the arms, no covariates."""
    who = people(rng, stratified=False)
    n = len(who.arm)
    day = np.ceil(day_of(rng.exponential(size=n) / np.exp(LOG_HAZARD[truth] * who.arm)))
    return followed(who, day, follow_up(rng, n))


def competing(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """One list, event and death with hazards of their own."""
    who = people(rng, stratified=False)
    n = len(who.arm)
    day = np.ceil(day_of(rng.exponential(size=n) / np.exp(LOG_HAZARD[truth] * who.arm)))
    death = np.ceil(day_of(rng.exponential(size=n) / np.exp(DEATH_LOG_HAZARD[truth] * who.arm), DEATH_SCALE))
    return followed(who, day, follow_up(rng, n), death)


SPEED, BEND = np.array([0.6, 1.0, 0.8, 1.3, 1.1, 1.6]), np.array([1.5, 1.2, 1.0, 1.4, 0.9, 1.1])


def in_strata(rng: np.random.Generator, truth: str, *, covariates: bool = True) -> pd.DataFrame:
    """Stratified blocks, a baseline hazard of its own shape in each stratum, and covariates within."""
    who = people(rng)
    n = len(who.arm)
    linear = LOG_HAZARD[truth] * who.arm + covariates * (AGE_EFFECT * who.age + VIRAL_LOAD_EFFECT * who.viral_load + NEW_EFFECT * who.new)
    day = np.ceil(SCALE * SPEED[who.stratum] * (rng.exponential(size=n) / np.exp(linear)) ** (1 / BEND[who.stratum]))
    return followed(who, day, follow_up(rng, n))


def late_entries(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """412 of those still free of the event when they come, up to day 199."""
    who = people(rng, 700, stratified=False)
    entry = np.floor(rng.uniform(0, 200, 700))
    data = followed(who, np.ceil(day_of(rng.exponential(size=700) / np.exp(LOG_HAZARD[truth] * who.arm))), follow_up(rng, 700), entry=entry)
    return data[data["time"] > data["entry"]].iloc[:412].reset_index(drop=True)


def recurrent(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """Several events a woman at a rate that varies between women (gamma, variance 0.5): one row per interval."""
    who = people(rng, stratified=False)
    n = len(who.arm)
    end = follow_up(rng, n)
    count = rng.poisson(rng.gamma(2, 0.5, n) * 1.2 / END * end * np.exp(LOG_HAZARD[truth] * who.arm))
    person = np.concatenate([np.repeat(np.arange(n), count), np.arange(n)])
    time = np.concatenate([np.repeat(end, count) * rng.random(int(count.sum())), end])
    status = np.concatenate([np.ones(int(count.sum()), dtype=int), np.zeros(n, dtype=int)])
    order = np.lexsort((time, person))
    person, time, status = person[order], time[order], status[order]
    entry = np.where(np.diff(person, prepend=-1) != 0, 0.0, np.concatenate([[0.0], time[:-1]]))
    return frame(who)[["id"]].iloc[person].reset_index(drop=True).assign(arm=arms(who.arm[person]), entry=entry, time=time, status=status)


SWITCH = 0.6


def switching(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """A covariate that becomes 1 on some day and then multiplies the hazard: two rows for who lives to see it."""
    who = people(rng, stratified=False)
    n = len(who.arm)
    switch = np.ceil(rng.uniform(0, 800, n))
    needed = rng.exponential(size=n) / np.exp(LOG_HAZARD[truth] * who.arm)
    until = hazard(switch)
    day = np.ceil(day_of(np.where(needed <= until, needed, until + (needed - until) * math.exp(-SWITCH))))
    data = followed(who, day, follow_up(rng, n), entry=0.0, exposed=0.0)
    later = data["time"] > switch
    first = data.assign(status=data["status"].where(~later, 0), time=data["time"].where(~later, switch))
    return pd.concat([first, data.assign(entry=switch, exposed=1.0)[later]], ignore_index=True)


def pairs(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """206 couples randomised together, their times correlated 0.5 on the normal scale, each with the arm's Weibull distribution."""
    half = people(rng, 206, stratified=False)
    rows = np.repeat(np.arange(206), 2)
    normal = math.sqrt(0.5) * (rng.standard_normal(206)[rows] + rng.standard_normal(412))
    arm = half.arm[rows]
    day = np.ceil(day_of(-np.log(ndtr(normal)) / np.exp(LOG_HAZARD[truth] * arm)))
    end = follow_up(rng, 412)
    return pd.DataFrame({"id": [f"SYN-C{k:04d}" for k in range(412)], "arm": arms(arm), "cluster": rows.astype(str), "time": np.minimum(day, end), "status": (day <= end).astype(int)})


FG_SHARE, FG_LOG_HAZARD, FG_SCALE = 0.5, {NULL: 0.0, ALTERNATIVE: 0.5}, 350.0


def subdistribution(rng: np.random.Generator, truth: str, *, by_arm: bool = False) -> pd.DataFrame:
    """Incidence of the event 1 - (1 - p (1 - exp(-t))) ** exp(b arm): proportional subdistribution hazards (Fine and Gray 1999, section 5).

    The others die, faster in the second arm. `by_arm`: follow-up too is shorter there.
    """
    who = people(rng, stratified=False)
    n = len(who.arm)
    ratio = np.exp(FG_LOG_HAZARD[truth] * who.arm)
    ever = 1 - (1 - FG_SHARE) ** ratio
    event = rng.random(n) < ever
    u = rng.random(n)
    day = -np.log(1 - (1 - (1 - u * ever) ** (1 / ratio)) / FG_SHARE) * FG_SCALE
    death = rng.exponential(size=n) * FG_SCALE / np.exp(0.5 * who.arm)
    end = follow_up(rng, n) if not by_arm else np.ceil(rng.uniform(np.where(who.arm == 1, 100, 300), np.where(who.arm == 1, 600, 900)))
    return followed(who, np.where(event, np.ceil(day), np.inf), end, np.where(event, np.inf, np.ceil(death)))


LANDMARK, AFTER = 150.0, {NULL: 0.0, ALTERNATIVE: 0.6}


def exposed_later(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """Something happens to half of the women by day 150, and matters from then on."""
    who = people(rng, stratified=False)
    n = len(who.arm)
    exposure = np.ceil(rng.uniform(0, 300, n))
    needed = rng.exponential(size=n) / np.exp(-0.3 * who.arm)
    until = hazard(LANDMARK)
    later = until + (needed - until) * np.exp(-AFTER[truth] * (exposure <= LANDMARK))
    return followed(who, np.ceil(day_of(np.where(needed <= until, needed, later))), follow_up(rng, n), exposure=exposure)


VISITS = np.arange(90.0, 721.0, 90.0)


def at_visits(rng: np.random.Generator, truth: str, *, death: bool = False) -> pd.DataFrame:
    """Seroconversion seen at visits every 90 days, each missed with probability 0.15; who dies first is never seen to have it."""
    who = people(rng, stratified=False)
    n = len(who.arm)
    day = day_of(rng.exponential(size=n) / np.exp(LOG_HAZARD[truth] * who.arm))
    dead = rng.exponential(DEATH_SCALE, n) if death else np.full(n, np.inf)
    seen = (rng.random((n, len(VISITS))) >= 0.15) & (dead[:, None] > VISITS)
    positive = seen & (day[:, None] <= VISITS)
    upper = np.where(positive.any(axis=1), VISITS[positive.argmax(axis=1)], np.nan)
    negative = seen & (day[:, None] > VISITS)
    lower = np.where(negative, VISITS, 0.0).max(axis=1)
    died = np.isnan(upper) & (dead <= VISITS[-1])
    return frame(who, lower=lower, upper=upper, time=np.where(died, np.ceil(dead), np.where(np.isnan(upper), VISITS[-1], upper)), status=np.where(died, 2, 0))


def incidence_at_visit(truth: str, arm: int, day: float) -> float:
    """The event before a visit that she lives to see, summed over the visits; death is exponential and independent."""
    through = np.exp(-hazard(np.concatenate([[0.0], VISITS[day >= VISITS]])) * math.exp(LOG_HAZARD[truth] * arm))
    return float((-np.diff(through) * np.exp(-VISITS[day >= VISITS] / DEATH_SCALE)).sum())
