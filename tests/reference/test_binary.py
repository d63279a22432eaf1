"""Binary outcomes and characteristics against R."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from pacer_analysis.estimators import ESTIMATORS
from tests.reference.binary_frames import binary, counts

COVARIATES = ("age", "meals", "little_food", "ecog")


def dead_by_day_300(lung):
    """The lung frame with a binary outcome; unknown when censored before."""
    known = (lung["time"] > 300) | (lung["status"] == 1)
    outcome = (lung["time"] <= 300).astype(float).where(known)
    return lung.drop(columns=["time", "status"]).assign(outcome=outcome, observed=known)


def test_describe(frame, agrees_with_r):
    lung = frame("lung")
    lung.attrs["kinds"] = {"age": "continuous", "meals": "continuous", "weight_loss": "continuous", "little_food": "binary", "ecog": "categorical"}
    agrees_with_r("describe", "lung", ESTIMATORS["describe"](lung, variables=tuple(lung.attrs["kinds"])))


def test_count(frame, agrees_with_r):
    lung = frame("lung")
    lung["little_food"] = lung["little_food"].astype("boolean")
    agrees_with_r("count", "lung", ESTIMATORS["count"](lung, of=("little_food",)))


@pytest.mark.parametrize(("name", "kinds"), [("aids", {"age": "continuous", "cd4": "continuous", "status": "binary"}), ("actg175", {"age": "continuous", "cd40": "continuous", "gender": "binary"})])
def test_describe_more(frame, agrees_with_r, name, kinds):
    table = frame(name)
    table.attrs["kinds"] = kinds
    agrees_with_r("describe", name, ESTIMATORS["describe"](table, variables=tuple(kinds)))


@pytest.mark.parametrize(("name", "fact"), [("rossi", "status"), ("actg175", "outcome")])
def test_count_more(frame, agrees_with_r, name, fact):
    table = frame(name)
    agrees_with_r("count", name, ESTIMATORS["count"](table.assign(**{fact: table[fact].astype("Int64").astype("boolean")}), of=(fact,)))


@pytest.mark.parametrize("name", ["aids", "lung", "rossi"])
@pytest.mark.parametrize(("case", "interval"), [("wilson", "wilson"), ("exact", "clopper-pearson")])
def test_proportion_more(agrees_with_r, case, interval, name):
    agrees_with_r("proportion", f"{case}-{name}", ESTIMATORS["proportion"](binary(name), interval=interval))


@pytest.mark.parametrize(("case", "interval"), [("wilson", "wilson"), ("exact", "clopper-pearson")])
def test_proportion(frame, agrees_with_r, case, interval):
    agrees_with_r("proportion", case, ESTIMATORS["proportion"](frame("actg175"), interval=interval))


@pytest.mark.parametrize(("events", "people"), [(0, 20), (20, 20), (1, 3)])
@pytest.mark.parametrize(("case", "interval"), [("wilson", "wilson"), ("exact", "clopper-pearson")])
def test_proportion_at_the_corners(agrees_with_r, case, interval, events, people):
    pooled = counts(events, people, 0, 0).drop(columns="arm")
    agrees_with_r("proportion", f"{case}-{events}of{people}", ESTIMATORS["proportion"](pooled, interval=interval))


def risk_difference_cases():
    with (Path(__file__).parent / "risk_difference.csv").open(encoding="utf-8", newline="") as handle:
        return sorted({line["case"] for line in csv.DictReader(handle)})


@pytest.mark.parametrize("case", risk_difference_cases())
def test_risk_difference(agrees_with_r, case):
    data, interval = case.rsplit(" ", 1)
    table = counts(*(int(number) for number in data.split())) if data[0].isdigit() else binary(data)
    name = {"mn": "miettinen-nurminen"}.get(interval, interval)
    agrees_with_r("risk_difference", case, ESTIMATORS["risk_difference"](table, interval=name))


# Corners at which a common implementation raises or is wrong; limits from the definition (risk_difference.R), to four decimals.
@pytest.mark.parametrize(("table", "low", "high"), [
    ((0, 20, 0, 20), -0.1646, 0.1646), ((20, 20, 18, 20), -0.0731, 0.3042), ((9, 10, 3, 10), 0.1700, 0.8406), ((6, 7, 2, 7), 0.0342, 0.8534),
])
def test_miettinen_nurminen_where_it_is_hard(table, low, high):
    row = next(row for row in ESTIMATORS["risk_difference"](counts(*table)) if row.measure == "rd")
    assert (round(row.low, 4), round(row.high, 4)) == (low, high)


def test_miettinen_nurminen_with_unequal_arms():
    row = next(row for row in ESTIMATORS["risk_difference"](counts(56, 70, 48, 80)) if row.measure == "rd")
    assert round(row.high, 4) == 0.3382


# Published: MCH-ART (Myer 2018: risk difference 0.21, 0.12-0.30), MIR4Health (risk ratio 0.67, 0.45-0.99), DO ART (risk ratio 1.18, 1.07-1.29).
@pytest.mark.parametrize(("table", "measure", "expected"), [
    ((155, 202, 117, 209), "rd", (0.2075, 0.1185, 0.2965)),
    ((155, 202, 117, 209), "rr", (1.3707, 1.1890, 1.5801)),
    ((155, 202, 117, 209), "or", (2.593, 1.694, 3.969)),
    ((32, 170, 48, 170), "rr", (0.6667, 0.4498, 0.9882)),
    ((32, 170, 48, 170), "rd", (-0.0941, -0.1837, -0.0045)),
    ((306, 413, 269, 427), "rr", (1.1761, 1.0723, 1.2900)),
])
def test_published_trials(table, measure, expected):
    row = next(row for row in ESTIMATORS["risk_difference"](counts(*table), interval="wald") if row.measure == measure)
    digits = 3 if measure == "or" else 4
    assert (round(row.estimate, digits), round(row.low, digits), round(row.high, digits)) == expected


def test_logistic_crude(frame, agrees_with_r):
    agrees_with_r("logistic", "crude", ESTIMATORS["logistic"](frame("actg175")))


def test_logistic_adjusted_for_covariates_and_strata(frame, agrees_with_r):
    agrees_with_r("logistic", "adjusted", ESTIMATORS["logistic"](frame("actg175"), covariates=("age", "cd40", "gender"), stratified=True))


def test_logistic_with_missing_covariates(frame, agrees_with_r):
    rows = agrees_with_r("logistic", "imputed", ESTIMATORS["logistic"](dead_by_day_300(frame("lung")), covariates=COVARIATES))
    assert rows["or", "", "women / men", "", ""].note == "imputed: meals 47 (mean), little_food 47 (mode and indicator), ecog 1 (mode)"


def test_standardisation_crude_is_the_crude_difference(frame, agrees_with_r):
    rows = agrees_with_r("standardisation", "crude", ESTIMATORS["standardisation"](frame("actg175"), variance="delta"))
    crude = {row.contrast: row for row in ESTIMATORS["risk_difference"](frame("actg175"), interval="wald") if row.measure == "rd"}
    for contrast, row in crude.items():
        assert np.isclose(rows["rd", "", contrast, "", ""].estimate, row.estimate, rtol=1e-12)


def test_standardisation_adjusted(frame, agrees_with_r):
    agrees_with_r("standardisation", "adjusted", ESTIMATORS["standardisation"](frame("actg175"), covariates=("age", "cd40", "gender"), stratified=True, variance="delta"))


def test_standardisation_with_missing_covariates(frame, agrees_with_r):
    agrees_with_r("standardisation", "imputed", ESTIMATORS["standardisation"](dead_by_day_300(frame("lung")), covariates=COVARIATES, variance="delta"))
