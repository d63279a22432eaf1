"""Proportions and their comparison: closed forms, strata, regression, standardisation, margins, compliers, subgroups."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from pacer_analysis.estimators import ESTIMATORS
from tests.recovery.characteristics.lines import ALTERNATIVE, NULL, Quantity
from tests.recovery.characteristics.study import (
    ALWAYS,
    BALANCED,
    EXACT,
    RESAMPLED,
    SECOND_ORDER,
    SIZE,
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
from tests.recovery.characteristics.trials import ARMS, COVARIATES, PRIOR, SITES, Array, People, bernoulli, frame, mean_over_prognosis, people, with_outcome

INTERCEPT, LOG_ODDS = 0.4, {NULL: 0.0, ALTERNATIVE: 0.75}
RISKS = {NULL: (0.65, 0.65), ALTERNATIVE: (0.65, 0.80)}   # PACER's sample size: reference, other arm
ADJUSTED: dict[str, Any] = {"covariates": COVARIATES, "stratified": True}


def risk(truth: str, arm: int) -> float:
    """The marginal risk of the logistic model: its mean over the covariates by quadrature."""
    return float(mean_over_prognosis(lambda x: expit(INTERCEPT + LOG_ODDS[truth] * arm + x)))


def log_or(one: float, zero: float) -> float:
    return float(logit(one) - logit(zero))


def binomial(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """Two arms of 206 from one list, one risk per arm."""
    who = people(rng, stratified=False)
    return with_outcome(who, bernoulli(rng, np.where(who.arm == 1, RISKS[truth][1], RISKS[truth][0])))


def outcomes(rng: np.random.Generator, who: People, truth: str) -> Array:
    return bernoulli(rng, expit(INTERCEPT + LOG_ODDS[truth] * who.arm + who.prognosis))


def prognostic(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """Stratified blocks, a logistic outcome of arm and covariates."""
    who = people(rng)
    return with_outcome(who, outcomes(rng, who, truth))


def with_own_truth(rng: np.random.Generator, truth: str) -> tuple[pd.DataFrame, dict[str, float]]:
    """The same, with the marginal effects among these very people."""
    who = people(rng)
    one, zero = (float(expit(INTERCEPT + LOG_ODDS[truth] * arm + who.prognosis).mean()) for arm in (1, 0))
    return with_outcome(who, outcomes(rng, who, truth)), {"rd": one - zero, "rr": math.log(one / zero), "or": log_or(one, zero)}


CRUDE = {"rd": Quantity(truths(lambda t: RISKS[t][1] - RISKS[t][0])), "rr": Quantity(truths(lambda t: math.log(RISKS[t][1] / RISKS[t][0]))),
         "or": Quantity(truths(lambda t: log_or(*RISKS[t][::-1])))}
MARGINAL = {"rd": Quantity(truths(lambda t: risk(t, 1) - risk(t, 0))), "rr": Quantity(truths(lambda t: math.log(risk(t, 1) / risk(t, 0)))),
            "or": Quantity(truths(lambda t: log_or(risk(t, 1), risk(t, 0))))}


def _crude(data: pd.DataFrame, _: int) -> dict[str, Any]:
    rows = ESTIMATORS["risk_difference"](data)
    return {**{name: seen(row_of(rows, name)) for name in CRUDE}, "chi-square": test_only(row_of(rows, "chisq")), "Fisher": test_only(row_of(rows, "p"))}


def _difference(**options: Any) -> Any:
    return lambda data, _: {"rd": seen(row_of(ESTIMATORS["risk_difference"](data, **options), "rd"))}


def _proportion(**options: Any) -> Any:
    return lambda data, _: {f"proportion, {arm}": seen(row_of(ESTIMATORS["proportion"](data, **options), "proportion", arm=arm)) for arm in ARMS}


PROPORTIONS = {f"proportion, {arm}": Quantity({t: RISKS[t][k] for t in RISKS}) for k, arm in enumerate(ARMS)}


def _described(data: pd.DataFrame, _: int) -> dict[str, Any]:
    data.attrs["kinds"] = {"age": "continuous", "new": "binary"}
    rows = [row for row in ESTIMATORS["describe"](data, variables=("age", "new")) if row.arm in {"", ARMS[1]}]
    wanted = {"mean of age": ("mean", "age"), "SD of age": ("sd", "age"), "median of age": ("median", "age"), "proportion newly diagnosed": ("proportion", "new"), "smd of age": ("smd", "age")}
    return {name: value_only(next(row.estimate for row in rows if row.measure == measure and row.term.startswith(term))) for name, (measure, term) in wanted.items()}


# Mantel-Haenszel: a design for each measure in which it is the same in all strata.
STEPS = np.array([-0.25, -0.10, -0.15, 0.05, -0.05, 0.15])
SHARES = np.array([site * share for site in SITES for share in (1 - PRIOR, PRIOR)])
COMMON = {"rd": {NULL: 0.0, ALTERNATIVE: 0.12}, "rr": {NULL: 0.0, ALTERNATIVE: 0.25}, "or": {NULL: 0.0, ALTERNATIVE: 0.7}}


def _common(measure: str) -> Any:
    def simulate(rng: np.random.Generator, truth: str) -> pd.DataFrame:
        who, effect = people(rng), COMMON[measure][truth]
        step = STEPS[who.stratum]
        probability = {"rd": 0.6 + step + effect * who.arm, "rr": 0.5 * np.exp(step + effect * who.arm), "or": expit(0.5 + 4 * step + effect * who.arm)}[measure]
        return with_outcome(who, bernoulli(rng, probability))
    return simulate


def _mantel_haenszel(measure: str) -> Study:
    def measured(data: pd.DataFrame, _: int) -> dict[str, Any]:
        rows = ESTIMATORS["stratified_risk_difference"](data)
        found = {measure: seen(row_of(rows, measure))}
        return found if measure != "or" else found | {"Mantel-Haenszel test": test_only(row_of(rows, "chisq")), "Breslow-Day test": test_only(row_of(rows, "chisq", term="homogeneity"))}

    words = {"rd": "common difference", "rr": "common ratio", "or": "common odds ratio"}[measure]
    also = {"Mantel-Haenszel test": SIZE, "Breslow-Day test": ALWAYS} if measure == "or" else {}
    return Study("stratified_risk_difference", words, _common(measure), measured, {measure: Quantity(COMMON[measure])} | also)


# A risk that is the product of its factors, so that the conditional ratio is one number.
def log_linear(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    who = people(rng)
    severity = rng.random(len(who.arm))
    log_risk = -1.2 + {NULL: 0.0, ALTERNATIVE: 0.3}[truth] * who.arm + 0.25 * who.prior + 0.2 * who.new + 0.35 * severity
    return with_outcome(who, bernoulli(rng, np.exp(log_risk)), severity=severity)


def twins(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """206 mothers, randomised in one list; a fifth have twins, who share a risk that varies between mothers."""
    who = people(rng, 206, stratified=False)
    rows = np.repeat(np.arange(206), np.where(rng.random(206) < 0.2, 2, 1))
    mean = np.where(who.arm == 1, RISKS[truth][1], RISKS[truth][0])
    own = rng.beta(mean * 1.5, (1 - mean) * 1.5)   # intraclass correlation 0.4
    data = frame(who).iloc[rows].reset_index(drop=True)
    y = bernoulli(rng, own[rows])
    return data.assign(cluster=data["id"], id=[f"SYN-I{k:05d}" for k in range(len(rows))], outcome=y, observed=True)


def _ratio(**options: Any) -> Any:
    return lambda data, _: {"rr": seen(row_of(ESTIMATORS["risk_ratio"](data, **options), "rr"))}


# Logistic regression: conditional odds ratio; two covariates where a profile is searched along each column.
def two_covariates(intercept: float) -> Any:
    def simulate(rng: np.random.Generator, truth: str) -> pd.DataFrame:
        who = people(rng, stratified=False)
        return with_outcome(who, bernoulli(rng, expit(intercept + LOG_ODDS[truth] * who.arm - 0.5 * who.viral_load - 0.4 * who.new)))
    return simulate


def _odds(**options: Any) -> Any:
    def measured(data: pd.DataFrame, _: int) -> dict[str, Any]:
        rows = ESTIMATORS["logistic"](data, **options)
        return {"or": seen(row_of(rows, "or")), "likelihood ratio test": test_only(row_of(rows, "chisq", term="likelihood ratio"))}
    return measured


CONDITIONAL = {"or": nearly(Quantity(LOG_ODDS), "bias", 0.03, SECOND_ORDER), "likelihood ratio test": SIZE}


# Standardisation.
def _standardised(**options: Any) -> Any:
    def measured(data: Any, seed: int) -> dict[str, Any]:
        known, own = data if isinstance(data, tuple) else (data, {})
        rows = ESTIMATORS["standardisation"](known, **options, **({"seed": seed} if options.get("variance") == "bootstrap" else {}))
        return {name: seen(row_of(rows, name), own.get(name, math.nan)) for name in MARGINAL}
    return measured


OWN = {name: Quantity() for name in MARGINAL}   # judged against the effect among the very people: the variance takes covariates as fixed


# Non-inferiority at the margin.
def at_margin(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    who = people(rng, stratified=False)
    return with_outcome(who, bernoulli(rng, np.where(who.arm == 1, {NULL: 0.70, ALTERNATIVE: 0.80}[truth], 0.80)))


def _noninferior(data: pd.DataFrame, _: int) -> dict[str, Any]:
    row = row_of(ESTIMATORS["noninferiority"](data, of="risk_difference", margin=-0.10, better="higher"), "noninferiority")
    return {"one-sided p": test_only(row), "verdict": flag(row.note.startswith("non-inferior"))}


# Compliers 60%, never-takers 30%, always-takers 10%; only compliers are moved.
COMPLIERS = {NULL: 0.0, ALTERNATIVE: 0.2}


def with_received(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    who = people(rng, stratified=False)
    kind = rng.choice(3, size=len(who.arm), p=(0.6, 0.3, 0.1))
    received = np.where(kind == 0, who.arm, (kind == 2).astype(float))
    y = bernoulli(rng, np.array([0.6, 0.45, 0.8])[kind] + COMPLIERS[truth] * (kind == 0) * who.arm)
    return with_outcome(who, y, received=received)


def _complier(data: pd.DataFrame, _: int) -> dict[str, Any]:
    rows = ESTIMATORS["cace"](data)
    return {"cace, Anderson-Rubin": seen(row_of(rows, "cace")), "cace, two-stage least squares": seen(row_of(rows, "cace", term="two-stage least squares")),
            "rd as randomised": seen(row_of(rows, "rd", term="as randomised"))}


# Scores with a baseline.
SHIFT = {NULL: 0.0, ALTERNATIVE: 2.0}


def scored(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    who = people(rng)
    first = 20 + 2 * who.prognosis + 4 * rng.standard_normal(len(who.arm))
    second = 8 + 0.6 * first + SHIFT[truth] * who.arm + (4 + 2 * who.arm) * rng.standard_normal(len(who.arm))
    second[rng.random(len(who.arm)) < 0.1] = np.nan
    return with_outcome(who, second, baseline=first)


def _adjusted_mean(**options: Any) -> Any:
    return lambda data, _: {"mean_difference": seen(row_of(ESTIMATORS["ancova"](data, baseline="baseline", stratified=True, **options), "mean_difference"))}


def _subgroups(data: pd.DataFrame, _: int) -> dict[str, Any]:
    rows = ESTIMATORS["subgroups"](data, variables=("new",), of="logistic", options={"covariates": ["viral_load"]})
    return {"interaction": test_only(row_of(rows, "chisq", term="interaction", subgroup="new")), "or, new=0": seen(row_of(rows, "or", subgroup="new=0")),
            "or, new=1": seen(row_of(rows, "or", subgroup="new=1"))}


def _heterogeneity(data: pd.DataFrame, _: int) -> dict[str, Any]:
    rows = ESTIMATORS["subgroups"](data, variables=("new",), of="risk_difference", options={"interval": "wald"})
    return {"heterogeneity": test_only(row_of(rows, "chisq", term="heterogeneity", subgroup="new"))}


BOOTSTRAP = {name: Quantity(quantity.truth) for name, quantity in MARGINAL.items()}

STUDIES = (
    Study("describe", "by arm", lambda rng, _: binomial(rng, NULL), _described,
          {"mean of age": Quantity(both(30.0)), "SD of age": Quantity(both(6.0)), "median of age": Quantity(both(30.0)), "proportion newly diagnosed": Quantity(both(0.35)),
           "smd of age": Quantity(both(0.0))}, truths=(NULL,)),
    Study("proportion", "Wilson", binomial, _proportion(), PROPORTIONS),
    Study("proportion", "Clopper-Pearson", binomial, _proportion(interval="clopper-pearson"), {name: conservative(quantity, EXACT) for name, quantity in PROPORTIONS.items()}),
    Study("risk_difference", "Miettinen-Nurminen", binomial, _crude, CRUDE | {"chi-square": SIZE, "Fisher": conservative(SIZE, EXACT)}, witnessed=True),
    Study("risk_difference", "Newcombe", binomial, _difference(interval="newcombe"), {"rd": CRUDE["rd"]}),
    Study("risk_difference", "Wald", binomial, _difference(interval="wald"), {"rd": CRUDE["rd"]}),
    Study("risk_difference", "Miettinen-Nurminen, stratified blocks", prognostic, _difference(), {"rd": conservative(MARGINAL["rd"], BALANCED)}, witnessed=True),
    _mantel_haenszel("rd"), _mantel_haenszel("rr"), _mantel_haenszel("or"),
    Study("risk_ratio", "crude", binomial, _ratio(), {"rr": CRUDE["rr"]}),
    Study("risk_ratio", "modified Poisson, covariates and strata", log_linear, _ratio(covariates=("severity", "new"), stratified=True), {"rr": Quantity({NULL: 0.0, ALTERNATIVE: 0.3})}),
    Study("risk_ratio", "modified Poisson, twins by mother", twins, _ratio(), {"rr": CRUDE["rr"]}),
    Study("logistic", "crude", binomial, _odds(), {"or": CRUDE["or"], "likelihood ratio test": SIZE}),
    Study("logistic", "covariates and strata", prognostic, _odds(**ADJUSTED), CONDITIONAL),
    Study("logistic", "profile likelihood", two_covariates(0.4), _odds(covariates=("viral_load", "new"), interval="profile"), CONDITIONAL, witnessed=True),
    Study("logistic", "Firth, 8% events", two_covariates(-2.7), _odds(covariates=("viral_load", "new"), firth="always"), {"or": Quantity(LOG_ODDS), "likelihood ratio test": SIZE}, witnessed=True),
    Study("standardisation", "Ye", prognostic, _standardised(**ADJUSTED), MARGINAL),
    Study("standardisation", "Ye, viral load left out", prognostic, _standardised(covariates=("age", "new")), MARGINAL),
    Study("standardisation", "delta, covariates fixed", with_own_truth, _standardised(variance="delta", **ADJUSTED), OWN),
    Study("standardisation", "delta HC0, covariates fixed", with_own_truth, _standardised(variance="delta-hc0", **ADJUSTED), OWN),
    Study("standardisation", "BCa bootstrap", prognostic, _standardised(variance="bootstrap", draws=999, **ADJUSTED), BOOTSTRAP, replicates=RESAMPLED),
    Study("noninferiority", "risk difference, margin -0.10", at_margin, _noninferior, {"one-sided p": Quantity(unbiased=False, size=0.025), "verdict": Quantity(unbiased=False, size=0.025)}, witnessed=True),
    Study("cace", "60% compliers", with_received, _complier,
          {"cace, Anderson-Rubin": Quantity(COMPLIERS), "cace, two-stage least squares": Quantity(COMPLIERS), "rd as randomised": Quantity(truths(lambda t: 0.6 * COMPLIERS[t]))}),
    Study("ancova", "model SE", scored, _adjusted_mean(), {"mean_difference": Quantity(SHIFT)}),
    Study("ancova", "HC3", scored, _adjusted_mean(variance="hc3"), {"mean_difference": Quantity(SHIFT)}),
    Study("subgroups", "logistic interaction", two_covariates(0.4), _subgroups,
          {"interaction": ALWAYS, **{f"or, new={k}": nearly(Quantity(LOG_ODDS), "bias", 0.05, SECOND_ORDER) for k in (0, 1)}}),
    Study("subgroups", "heterogeneity of the risk difference", binomial, _heterogeneity, {"heterogeneity": ALWAYS}),
)
