"""Outcomes that are missing for reasons that are known: imputation, tipping points, weights for censoring."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, ndtr

from pacer_analysis.estimators import ESTIMATORS
from tests.recovery.characteristics import binary, clocks
from tests.recovery.characteristics.lines import ALTERNATIVE, NULL, Quantity
from tests.recovery.characteristics.study import IMPUTED, RESAMPLED, SECOND_ORDER, Seen, Study, both, nearly, row_of, seen, truths, value_only
from tests.recovery.characteristics.trials import COVARIATES, bernoulli, mean_over_prognosis, people, with_outcome

ADJUSTED: dict[str, Any] = {"covariates": list(COVARIATES), "stratified": True}


def outcome_missing(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """A binary outcome, missing for a quarter according to the arm and to an auxiliary score that the outcome moves."""
    who = people(rng, stratified=False)
    clinic, club = binary.RISKS[truth]
    y = bernoulli(rng, np.where(who.arm == 1, club, clinic))
    score = 1.2 * y + rng.standard_normal(len(y))
    gone = rng.random(len(y)) < expit(-0.6 - 1.0 * score + 0.4 * who.arm)
    return with_outcome(who, np.where(gone, np.nan, y), score=score)


def _imputed(data: pd.DataFrame, seed: int) -> dict[str, Seen]:
    rows = ESTIMATORS["multiple_imputation"](data, of="risk_difference", options={"interval": "wald"}, seed=seed, auxiliary=("score",), m=10, burn_in=2)
    return {name: seen(row_of(rows, name)) for name in ("rd", "rr", "or")}



LOADS = {NULL: 0.0, ALTERNATIVE: -0.5}


def load_missing(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """Suppression is a viral load below 1,000; it is missing according to a routine load that is always known."""
    who = people(rng)
    n = len(who.arm)
    load = 2.8 + LOADS[truth] * who.arm - who.prognosis + 0.9 * rng.standard_normal(n)
    routine = load + 0.6 * rng.standard_normal(n)
    gone = rng.random(n) < expit(-1.6 + 0.7 * (routine - 2.5))
    return with_outcome(who, np.where(gone, np.nan, (load < 3).astype(float)), value=np.where(gone, np.nan, 10**load), routine=routine)


def suppressed(truth: str, arm: int) -> float:
    """By quadrature over the covariates."""
    return float(mean_over_prognosis(lambda x: ndtr((3 - 2.8 - LOADS[truth] * arm + x) / 0.9)))


def _from_loads(data: pd.DataFrame, seed: int) -> dict[str, Seen]:
    rows = ESTIMATORS["multiple_imputation"](data, of="standardisation", options=ADJUSTED, seed=seed, auxiliary=("routine",), m=10, burn_in=2, below=1000.0, log10=True)
    return {name: seen(row_of(rows, name)) for name in ("rd", "rr")}


def covariate_missing(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """The baseline viral load is missing for a third, oftener where the outcome is bad."""
    data = binary.two_covariates(0.4)(rng, truth)
    gone = rng.random(len(data)) < np.where(data["outcome"] == 1, 0.25, 0.45)
    return data.assign(viral_load=data["viral_load"].mask(gone))


def _with_covariates(data: pd.DataFrame, seed: int) -> dict[str, Seen]:
    rows = ESTIMATORS["multiple_imputation"](data, of="logistic", options={"covariates": ["viral_load", "new"]}, models={"viral_load": "linear"}, seed=seed, m=15, burn_in=3)
    return {"or": seen(row_of(rows, "or")), "or of viral load": seen(row_of(rows, "or", term="viral_load"))}


def _tipped(data: pd.DataFrame, seed: int) -> dict[str, Seen]:
    """At delta 0, and how far that lies from the imputation itself with the same seed."""
    options: dict[str, Any] = {"of": "risk_difference", "options": {"interval": "wald"}, "seed": seed, "auxiliary": ("score",), "m": 10, "burn_in": 2}
    row = row_of(ESTIMATORS["tipping_point"](data, grid=(0.0, 1.0), shift="other", measure="rd", **options), "rd", term="delta_clinic=0,delta_club=0")
    plain = row_of(ESTIMATORS["multiple_imputation"](data, **options), "rd")
    return {"rd at delta 0": seen(row), "distance from multiple imputation": value_only(max(abs(a - b) for a, b in zip(seen(row)[:5], seen(plain)[:5], strict=True)))}


def _tipped_hazard(data: pd.DataFrame, seed: int) -> dict[str, Seen]:
    rows = ESTIMATORS["tipping_point"](data, of="cox", kind="hazard", grid=(1.0, 2.0), shift="other", seed=seed, m=10)
    return {"hr at phi 1": seen(row_of(rows, "hr", term="phi_clinic=1,phi_club=1"))}


def censored_by_covariates(rng: np.random.Generator, truth: str, *, death: bool = False) -> pd.DataFrame:
    """The arms' Weibull times, which go with the viral load (normal copula, correlation 0.6); follow-up ends sooner with a high load."""
    who = people(rng, stratified=False)
    n = len(who.arm)
    level = ndtr(0.6 * who.viral_load + 0.8 * rng.standard_normal(n))
    day = np.ceil(clocks.day_of(-np.log(level) / np.exp(clocks.LOG_HAZARD[truth] * who.arm)))
    end = np.ceil(np.minimum(clocks.END, rng.exponential(size=n) * 900 / np.exp(0.6 * who.viral_load + 0.2 * who.arm)))
    dead = np.ceil(rng.exponential(4000, n)) if death else None
    return clocks.followed(who, day, end, dead)


def weighted_incidence(truth: str, arm: int) -> float:
    """The event by day 365, death (exponential, independent) competing: the sum over the days."""
    day = np.arange(366)
    through = np.exp(-clocks.hazard(day) * math.exp(clocks.LOG_HAZARD[truth] * arm))
    return float((-np.diff(through) * np.exp(-(day[1:] - 1) / 4000)).sum())


def _weighted_risk(data: pd.DataFrame, _: int, **options: Any) -> dict[str, Seen]:
    return {"rd": seen(row_of(ESTIMATORS["ipcw"](data, of="risk_difference", times=(365.0,), covariates=("viral_load",), **options), "rd"))}


def _weighted_survival(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    return {"difference": seen(row_of(ESTIMATORS["ipcw"](data, of="kaplan_meier", times=(365.0,), covariates=("viral_load",)), "survival_difference"))}


def _weighted_hazard(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    return {"hr": seen(row_of(ESTIMATORS["ipcw"](data, of="cox", times=(550.0,), covariates=("viral_load",)), "hr"))}



INCIDENCE = Quantity(truths(lambda t: weighted_incidence(t, 1) - weighted_incidence(t, 0)))
SUPPRESSED = {"rd": Quantity(truths(lambda t: suppressed(t, 1) - suppressed(t, 0))), "rr": Quantity(truths(lambda t: math.log(suppressed(t, 1) / suppressed(t, 0))))}
PMM = "predictive mean matching from the observed values: limits a little too narrow (Morris, White and Royston 2014)"

STUDIES = (
    Study("multiple_imputation", "of risk_difference, auxiliary score", outcome_missing, _imputed, binary.CRUDE, replicates=IMPUTED),
    Study("multiple_imputation", "of standardisation, viral load", load_missing, _from_loads, {k: nearly(q, "coverage", 0.02, PMM) for k, q in SUPPRESSED.items()}, replicates=IMPUTED),
    Study("multiple_imputation", "of logistic, covariate missing", covariate_missing, _with_covariates, {
        "or": nearly(Quantity(binary.LOG_ODDS), "bias", 0.03, SECOND_ORDER), "or of viral load": nearly(Quantity(both(-0.5), null=()), "bias", 0.03, SECOND_ORDER)}, replicates=IMPUTED),
    Study("tipping_point", "outcome, delta 0", outcome_missing, _tipped, {"rd at delta 0": binary.CRUDE["rd"], "distance from multiple imputation": Quantity(both(0.0))}, replicates=RESAMPLED),
    Study("tipping_point", "hazard, phi 1", clocks.simple, _tipped_hazard, {"hr at phi 1": Quantity(clocks.LOG_HAZARD)}, replicates=RESAMPLED, witnessed=True),
    Study("ipcw", "of risk_difference, Cox weights, death competing", partial(censored_by_covariates, death=True), _weighted_risk, {"rd": INCIDENCE}, replicates=IMPUTED),
    Study("ipcw", "of risk_difference, logistic weights", partial(censored_by_covariates, death=True), partial(_weighted_risk, model="logistic"), {"rd": INCIDENCE}, replicates=IMPUTED),
    Study("ipcw", "of kaplan_meier", censored_by_covariates, _weighted_survival, {"difference": Quantity(truths(lambda t: clocks.survival(t, 1, 365.0) - clocks.survival(t, 0, 365.0)))}, replicates=IMPUTED, witnessed=True),
    Study("ipcw", "of cox", censored_by_covariates, _weighted_hazard, {"hr": nearly(Quantity(clocks.LOG_HAZARD), "bias", 0.02, SECOND_ORDER)}, replicates=IMPUTED),
)
