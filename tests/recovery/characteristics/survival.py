"""Times to events: curves, tests, Cox's model in its forms, competing events, visits, rates."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from pacer_analysis.estimators import ESTIMATORS
from tests.recovery.characteristics import clocks
from tests.recovery.characteristics.clocks import FG_LOG_HAZARD, LOG_HAZARD, incidence, restricted_mean
from tests.recovery.characteristics.lines import ALTERNATIVE, NULL, Quantity
from tests.recovery.characteristics.study import (
    ALWAYS,
    BALANCED,
    EXACT,
    SECOND_ORDER,
    SIZE,
    Seen,
    Study,
    both,
    conservative,
    flag,
    nearly,
    row_of,
    seen,
    test_only,
    truths,
    value_only,
)
from tests.recovery.characteristics.trials import ARMS, COVARIATES, people

DAY, HORIZON = 365.0, 600.0
ADJUSTED: dict[str, Any] = {"covariates": COVARIATES, "stratified": True}


def survival(truth: str, arm: int) -> float:
    return clocks.survival(truth, arm, DAY)


def per_arm(words: str, function: Any) -> dict[str, Quantity]:
    """A quantity per arm, its truth a function of truth and arm."""
    return {f"{words}, {arm}": Quantity(truths(partial(_swapped, function, k))) for k, arm in enumerate(ARMS)}


def _swapped(function: Any, arm: int, truth: str) -> float:
    return float(function(truth, arm))


def gap(function: Any) -> Quantity:
    """The difference of the arms' truths."""
    return Quantity(truths(lambda t: function(t, 1) - function(t, 0)))


def _kaplan_meier(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    rows = ESTIMATORS["kaplan_meier"](data, times=(DAY,))
    estimate, se, low, high, p, own = seen(row_of(rows, "median", arm="clinic"))
    median = (estimate, se, low, math.inf if math.isnan(high) else high, p, own)   # a limit that the curve does not reach
    return {**{f"survival, {arm}": seen(row_of(rows, "survival", arm=arm)) for arm in ARMS}, "median, clinic": median}


def _difference(of: str) -> Any:
    measure = {"survival": "survival_difference", "incidence": "cif_difference"}[of]
    return lambda data, _: {"difference": seen(row_of(ESTIMATORS["survival_difference"](data, times=(DAY,), of=of), measure))}


def _restricted_mean(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    rows = ESTIMATORS["rmst"](data, times=(HORIZON,))
    return {**{f"rmst, {arm}": seen(row_of(rows, "rmst", arm=arm)) for arm in ARMS}, "difference": seen(row_of(rows, "rmst_difference")), "ratio": seen(row_of(rows, "rmst_ratio"))}


def _incidence(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    rows = ESTIMATORS["cumulative_incidence"](data, times=(DAY,))
    return {**{f"cif, {arm}": seen(row_of(rows, "cif", arm=arm)) for arm in ARMS}, "difference": seen(row_of(rows, "rd"))}


def _test(estimator: str, **options: Any) -> Any:
    return lambda data, _: {"test": test_only(row_of(ESTIMATORS[estimator](data, **options), "chisq"))}


def _hazard(estimator: str = "cox", measure: str = "hr", **options: Any) -> Any:
    return lambda data, _: {measure: seen(row_of(ESTIMATORS[estimator](data, **options), measure))}


def _cox(data: pd.DataFrame, _: int, **options: Any) -> dict[str, Seen]:
    rows = ESTIMATORS["cox"](data, **options)
    return {"hr": seen(row_of(rows, "hr")), **{f"{term} test": test_only(row_of(rows, "chisq", term=term)) for term in ("likelihood ratio", "score")}}


HR = Quantity(LOG_HAZARD)
COX = {"hr": nearly(HR, "bias", 0.02, SECOND_ORDER), "likelihood ratio test": SIZE, "score test": SIZE}


def _switched(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    rows = ESTIMATORS["cox"](data, covariates=("exposed",))
    return {"hr": seen(row_of(rows, "hr")), "hr of the covariate": seen(row_of(rows, "hr", term="exposed"))}


def _proportional(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    rows = ESTIMATORS["proportional_hazards"](data, **ADJUSTED)
    return {"arm": test_only(row_of(rows, "chisq")), "global": test_only(row_of(rows, "chisq", term="global"))}


def _by_cause(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    rows = ESTIMATORS["cause_specific"](data)
    return {"hr of the event": seen(row_of(rows, "hr")), "hr of death": seen(row_of(rows, "hr", term="2"))}


def _landmark(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    return {"hr of the exposure": seen(row_of(ESTIMATORS["landmark"](data, day=clocks.LANDMARK, exposure="exposure"), "hr", term="exposure"))}


def _at_visits(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    rows = ESTIMATORS["discrete_hazard"](data, times=(360.0,))
    return {"hr": seen(row_of(rows, "hr")), **{f"cif, {arm}": seen(row_of(rows, "cif", arm=arm)) for arm in ARMS}, "difference": seen(row_of(rows, "cif_difference"))}


def _turnbull(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    rows = ESTIMATORS["turnbull"](data, times=(360.0,))
    return {f"survival, {arm}": value_only(row_of(rows, "survival", arm=arm).estimate) for arm in ARMS}


RATE = {NULL: (36525 / 900, 36525 / 900), ALTERNATIVE: (36525 / 900, 36525 / 900 * math.exp(-0.5))}


def constant(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """Exponential times, not rounded."""
    who = people(rng, stratified=False)
    day = rng.exponential(size=len(who.arm)) * 36525 / np.where(who.arm == 1, RATE[truth][1], RATE[truth][0])
    return clocks.followed(who, day, clocks.follow_up(rng, len(who.arm)))


def _rates(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    rows = ESTIMATORS["incidence_rate"](data)
    return {"rate, clinic": seen(row_of(rows, "rate", arm="clinic")), "difference": seen(row_of(rows, "rate_difference")), "ratio": seen(row_of(rows, "rate_ratio")),
            "exact test": test_only(row_of(rows, "p"))}


def _followup(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    return {"median": seen(row_of(ESTIMATORS["followup"](data), "median", arm="clinic"))}


def _noninferior(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    row = row_of(ESTIMATORS["noninferiority"](data, of="cox", margin=1.5, better="lower"), "noninferiority")
    return {"one-sided p": test_only(row), "verdict": flag(row.note.startswith("non-inferior"))}


def at_margin(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """A hazard ratio of 1.5 under the null, of 1 under the alternative."""
    who = people(rng, stratified=False)
    day = np.ceil(clocks.day_of(rng.exponential(size=len(who.arm)) / np.where(who.arm == 1, {NULL: 1.5, ALTERNATIVE: 1.0}[truth], 1.0)))
    return clocks.followed(who, day, clocks.follow_up(rng, len(who.arm)))


def _cox_subgroups(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    rows = ESTIMATORS["subgroups"](data, variables=("new",), of="cox", options={"stratified": True, "covariates": ["viral_load", "age"]})
    return {"interaction": test_only(row_of(rows, "chisq", term="interaction", subgroup="new"))}


STRATA_ONLY = partial(clocks.in_strata, covariates=False)
ONE_SIDED = Quantity(unbiased=False, size=0.025)

STUDIES = (
    Study("kaplan_meier", "log-log, day 365; Brookmeyer-Crowley", clocks.simple, _kaplan_meier, {
        **per_arm("survival", survival), "median, clinic": Quantity(truths(lambda t: clocks.median(t, 0)))}),
    Study("kaplan_meier", "delayed entry", clocks.late_entries, lambda data, seed: {k: v for k, v in _kaplan_meier(data, seed).items() if k.startswith("survival")},
          per_arm("survival", survival)),
    Study("followup", "reverse Kaplan-Meier", clocks.simple, _followup, {"median": Quantity(both(550.5))}, truths=(NULL,)),
    Study("survival_difference", "survival, day 365", clocks.simple, _difference("survival"), {"difference": gap(survival)}),
    Study("survival_difference", "incidence, day 365", clocks.competing, _difference("incidence"), {"difference": gap(lambda t, k: incidence(t, k, DAY))}),
    Study("rmst", "to day 600", clocks.simple, _restricted_mean, {
        **per_arm("rmst", lambda t, k: restricted_mean(t, k, int(HORIZON))), "difference": gap(lambda t, k: restricted_mean(t, k, int(HORIZON))),
        "ratio": gap(lambda t, k: math.log(restricted_mean(t, k, int(HORIZON))))}),
    Study("cumulative_incidence", "day 365", clocks.competing, _incidence, {**per_arm("cif", lambda t, k: incidence(t, k, DAY)), "difference": gap(lambda t, k: incidence(t, k, DAY))}),
    Study("gray", "deaths differ between arms", clocks.subdistribution, _test("gray"), {"test": SIZE}),
    Study("gray", "strata", STRATA_ONLY, _test("gray", stratified=True), {"test": SIZE}),
    Study("logrank", "two arms", clocks.simple, _test("logrank"), {"test": SIZE}),
    Study("logrank", "strata", STRATA_ONLY, _test("logrank", stratified=True), {"test": SIZE}),
    Study("logrank", "strata left out", STRATA_ONLY, _test("logrank"), {"test": conservative(SIZE, BALANCED)}),
    Study("logrank", "rho 1", clocks.simple, _test("logrank", rho=1.0), {"test": SIZE}),
    Study("logrank", "gamma 1", clocks.simple, _test("logrank", gamma=1.0), {"test": SIZE}),
    Study("cox", "arms alone", clocks.simple, _cox, COX, witnessed=True),
    Study("cox", "covariates and strata", clocks.in_strata, partial(_cox, **ADJUSTED), COX, witnessed=True),
    Study("cox", "covariates and strata, robust", clocks.in_strata, _hazard(robust=True, **ADJUSTED), {"hr": COX["hr"]}, witnessed=True),
    Study("cox", "delayed entry", clocks.late_entries, _hazard(), {"hr": COX["hr"]}, witnessed=True),
    Study("cox", "delayed entry, robust", clocks.late_entries, _hazard(robust=True), {"hr": COX["hr"]}, witnessed=True),
    Study("cox", "covariate that changes", clocks.switching, _switched, {"hr": COX["hr"], "hr of the covariate": Quantity(both(clocks.SWITCH), null=())}, witnessed=True),
    Study("cox", "recurrent events (Andersen-Gill)", clocks.recurrent, _hazard(recurrent=True), {"hr": COX["hr"]}, witnessed=True),
    Study("cox", "couples, by cluster", clocks.pairs, _hazard(), {"hr": COX["hr"]}, witnessed=True),
    Study("proportional_hazards", "arms alone", clocks.simple, _test("proportional_hazards"), {"test": ALWAYS}),
    Study("proportional_hazards", "covariates and strata", clocks.in_strata, _proportional, {"arm": ALWAYS, "global": ALWAYS}),
    Study("noninferiority", "hazard ratio, margin 1.5", at_margin, _noninferior, {"one-sided p": ONE_SIDED, "verdict": ONE_SIDED}, witnessed=True),
    Study("subgroups", "Cox interaction", clocks.in_strata, _cox_subgroups, {"interaction": ALWAYS}, witnessed=True),
    Study("cause_specific", "event and death", clocks.competing, _by_cause, {"hr of the event": COX["hr"], "hr of death": nearly(Quantity(clocks.DEATH_LOG_HAZARD), "bias", 0.03, SECOND_ORDER)}, witnessed=True),
    Study("fine_gray", "censoring of all", clocks.subdistribution, _hazard("fine_gray", "shr"), {"shr": nearly(Quantity(FG_LOG_HAZARD), "bias", 0.02, SECOND_ORDER)}, witnessed=True),
    Study("fine_gray", "censoring by arm", partial(clocks.subdistribution, by_arm=True), _hazard("fine_gray", "shr", censoring="arm"),
          {"shr": nearly(Quantity(FG_LOG_HAZARD), "bias", 0.02, SECOND_ORDER)}, witnessed=True),
    Study("landmark", "day 150", clocks.exposed_later, _landmark, {"hr of the exposure": nearly(Quantity(clocks.AFTER), "bias", 0.02, SECOND_ORDER)}, witnessed=True),
    Study("discrete_hazard", "missed visits, death competing", partial(clocks.at_visits, death=True), _at_visits, {
        "hr": COX["hr"], **per_arm("cif", lambda t, k: clocks.incidence_at_visit(t, k, 360.0)), "difference": gap(lambda t, k: clocks.incidence_at_visit(t, k, 360.0))}),
    Study("turnbull", "missed visits", clocks.at_visits, _turnbull, per_arm("survival", lambda t, k: clocks.survival(t, k, 360.0))),
    Study("incidence_rate", "per 100 person-years", constant, _rates, {
        "rate, clinic": conservative(Quantity(truths(lambda t: RATE[t][0])), EXACT), "difference": Quantity(truths(lambda t: RATE[t][1] - RATE[t][0])),
        "ratio": conservative(Quantity(truths(lambda t: math.log(RATE[t][1] / RATE[t][0]))), EXACT), "exact test": conservative(SIZE, EXACT)}),
)
