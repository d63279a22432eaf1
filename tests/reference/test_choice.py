"""Groups that were not randomised: weights, balance and E-values against R, and the bootstrap as a witness of the standard errors."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators import ESTIMATORS
from pacer_analysis.estimators._weighting.quantities import means
from pacer_analysis.estimators._weighting.scores import score

WEIGHTS = ("overlap", "inverse_probability")
LEFT_OUT = "left out because a covariate is unknown: 48 (ecog 1, meals 47)"


def two_arms(frame):
    data = frame("actg175")
    return data[data["arm"].isin(["zdv", "ddi"])].assign(arm=lambda table: table["arm"].cat.remove_unused_categories())


def by_day_300(lung):
    known = (lung["time"] > 300) | (lung["status"] == 1)
    return lung.drop(columns=["time", "status"]).assign(outcome=(lung["time"] <= 300).astype(float).where(known), observed=known)


@pytest.mark.parametrize("weights", WEIGHTS)
def test_proportions(frame, agrees_with_r, weights):
    agrees_with_r("propensity", f"actg175 {weights}", ESTIMATORS["propensity"](two_arms(frame), covariates=("age", "cd40", "gender"), weights=weights))
    rossi = frame("rossi")
    binary = rossi.drop(columns=["time", "status"]).assign(outcome=rossi["status"].astype(float), observed=True)
    agrees_with_r("propensity", f"rossi {weights}", ESTIMATORS["propensity"](binary, covariates=("age", "prio"), weights=weights))


@pytest.mark.parametrize("weights", WEIGHTS)
def test_missing_covariates_are_counted_and_named(frame, agrees_with_r, weights):
    lung = by_day_300(frame("lung"))
    rows = agrees_with_r("propensity", f"lung {weights}", ESTIMATORS["propensity"](lung, covariates=("age", "ecog", "meals"), weights=weights))
    assert all(row.note.endswith(LEFT_OUT) for row in rows.values())
    row = rows["rd", "", "women - men", "", ""]
    complete = lung.dropna(subset=["ecog", "meals"])
    assert (row.n, row.missing) == (int(complete["outcome"].notna().sum()), 228 - int(complete["outcome"].notna().sum()))


@pytest.mark.parametrize("weights", WEIGHTS)
def test_clusters(frame, agrees_with_r, weights):
    lung = by_day_300(frame("lung")).rename(columns={"centre": "cluster"})
    agrees_with_r("propensity", f"lung clusters {weights}", ESTIMATORS["propensity"](lung, covariates=("age", "ecog", "meals"), weights=weights))


@pytest.mark.parametrize("weights", WEIGHTS)
def test_numbers(frame, agrees_with_r, weights):
    lung = frame("lung").drop(columns=["time", "status"]).dropna(subset=["ecog", "meals"])
    lung = lung.assign(outcome=lung["weight_loss"].astype("Float64"), observed=lung["weight_loss"].notna())
    agrees_with_r("propensity", f"lung numbers {weights}", ESTIMATORS["propensity"](lung, covariates=("age", "ecog"), weights=weights))


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize(("trial", "covariates", "horizons"), [("lung", ("age", "ecog", "meals"), (180, 365)), ("rossi", ("age", "prio"), (26, 52)), ("aids", ("age", "cd4"), (200,))])
def test_times(frame, agrees_with_r, trial, covariates, horizons, weights):
    """Many ties (rossi), missing covariates (lung), few events (aids)."""
    agrees_with_r("propensity", f"{trial} times {weights}", ESTIMATORS["propensity"](frame(trial), covariates=covariates, weights=weights, horizons=horizons))


@pytest.mark.parametrize("weights", WEIGHTS)
def test_balance(frame, agrees_with_r, weights):
    agrees_with_r("balance", f"lung {weights}", ESTIMATORS["balance"](frame("lung"), covariates=("age", "ecog", "meals"), weights=weights))
    agrees_with_r("balance", f"actg175 {weights}", ESTIMATORS["balance"](two_arms(frame), covariates=("age", "cd40", "gender"), weights=weights))
    agrees_with_r("balance", f"rossi {weights}", ESTIMATORS["balance"](frame("rossi"), covariates=("age", "prio"), weights=weights))


def test_overlap_weights_balance_the_means_exactly(frame):
    rows = ESTIMATORS["balance"](frame("actg175"), covariates=("age", "cd40", "gender"))
    assert {row.estimate for row in rows if row.measure == "smd" and row.term.endswith("(weighted)")} == {0.0}


def e_value_cases():
    with (Path(__file__).parent / "e_value.csv").open(encoding="utf-8", newline="") as handle:
        return sorted({line["case"] for line in csv.DictReader(handle)})


@pytest.mark.parametrize("case", e_value_cases())
def test_e_value(frame, agrees_with_r, case):
    trial, measure, *said = case.split()
    data = two_arms(frame) if trial == "actg175" else frame(trial)
    of, options = ("cox", {}) if measure == "hr" else ("risk_difference", {"interval": "wald"})
    if measure != "hr" and trial != "actg175":
        data = data.drop(columns=["time"]).assign(outcome=data["status"].astype(float), observed=True).drop(columns=["status"])
    agrees_with_r("e_value", case, ESTIMATORS["e_value"](data, of=of, options=options, measure=measure, rare=said == ["rare"]))


# VanderWeele and Ding 2017: breast feeding and respiratory death, RR 3.9 (1.8 to 8.7): 7.26 and 3.0; leukaemia RR 0.80 (0.71 to 0.91): 1.81 and 1.43.
@pytest.mark.parametrize(("ratio", "limit", "expected"), [(3.9, 1.8, (7.26, 3.0)), (0.80, 0.91, (1.81, 1.43))])
def test_published_e_values(ratio, limit, expected):
    from pacer_analysis.estimators.e_value import e

    assert (round(e(ratio), 2), round(e(limit), 2)) == expected


@pytest.mark.parametrize("weights", WEIGHTS)
def test_the_bootstrap_has_the_same_standard_error(frame, weights):
    """400 resamples give the SE of a weighted difference to within 3 of its Monte Carlo errors, 1 / sqrt(800) = 3.5%."""
    lung = by_day_300(frame("lung")).dropna(subset=["meals", "outcome"]).reset_index(drop=True)
    sandwich = next(row.se for row in ESTIMATORS["propensity"](lung, covariates=("age", "meals"), weights=weights) if row.measure == "rd")
    generator = np.random.default_rng(8)
    found = []
    for _ in range(400):
        scores = score(lung.iloc[generator.integers(0, len(lung), len(lung))].reset_index(drop=True), "men", "women", ("age", "meals"), weights)
        low, high = means(scores.people["outcome"].to_numpy(float), scores.weight, scores.group)[0]
        found.append(high - low)
    assert np.std(found, ddof=1) == pytest.approx(sandwich, rel=3 / np.sqrt(800))


def test_estimated_weights_are_not_taken_as_known(frame):
    """The trap: with the weights held fixed, the standard error of an inverse-probability contrast is another one."""
    data = by_day_300(frame("lung")).dropna(subset=["meals", "outcome"]).reset_index(drop=True)
    data = data.assign(meals=data["meals"] + 600 * data["outcome"])      # a covariate that predicts the outcome
    scores = score(data, "men", "women", ("age", "meals"), "inverse_probability")
    y = scores.people["outcome"].to_numpy(float)
    _, gradient = means(y, scores.weight, scores.group)
    fixed = np.sqrt(((scores.weight[:, None] * gradient) @ [-1, 1]) @ ((scores.weight[:, None] * gradient) @ [-1, 1]))
    stacked = next(row.se for row in ESTIMATORS["propensity"](data, covariates=("age", "meals"), weights="inverse_probability") if row.measure == "rd")
    assert stacked < 0.95 * fixed


def test_words_say_association(frame):
    for row in ESTIMATORS["propensity"](frame("lung"), covariates=("age",), horizons=(180,)):
        assert "association" in row.method
        assert "effect " not in row.method.replace("effective", "")


def test_several_groups_are_compared_in_pairs(frame):
    rows = ESTIMATORS["propensity"](frame("actg175"), covariates=("age",))
    assert {row.term for row in rows} == {"zdv_ddi v zdv", "zdv_zal v zdv", "ddi v zdv"}
    assert len({(row.measure, row.arm, row.contrast, row.term) for row in rows}) == len(rows)


def test_refusals(frame):
    lung = frame("lung")
    with pytest.raises(PlanError, match="covariates"):
        ESTIMATORS["propensity"](lung)
    with pytest.raises(PlanError, match="no such covariate"):
        ESTIMATORS["propensity"](lung, covariates=("height",))
    with pytest.raises(NotEstimable, match="collinear: twice"):
        ESTIMATORS["propensity"](lung.assign(twice=2 * lung["age"]), covariates=("age", "twice"))
    with pytest.raises(NotEstimable, match="separation: sex"):
        ESTIMATORS["propensity"](lung.assign(sex=(lung["arm"] == "men").astype(int)), covariates=("sex",))
    with pytest.raises(NotEstimable, match="no events in group women"):
        ESTIMATORS["propensity"](lung.assign(status=lung["status"].where(lung["arm"] == "men", 0)), covariates=("age",))
    with pytest.raises(NotEstimable, match="no one in arm women"):
        ESTIMATORS["propensity"](lung[lung["arm"] == "men"], covariates=("age",))
    with pytest.raises(NotEstimable, match="competing"):
        ESTIMATORS["propensity"](lung.assign(status=lung["status"].where(lung["age"] < 70, 2)), covariates=("age",), horizons=(180,))
    with pytest.raises(NotEstimable, match="gives no hr"):
        ESTIMATORS["e_value"](two_arms(frame), of="risk_difference", measure="hr")
    late = [row for row in ESTIMATORS["propensity"](lung, covariates=("age",), horizons=(3000,)) if row.time == 3000]
    assert [row.note for row in late] == ["no one is followed to day 3000 in one of the groups"]


def test_nullable_outcomes(frame):
    data = two_arms(frame)
    plain = ESTIMATORS["propensity"](data, covariates=("age", "gender"))
    nullable = data.assign(outcome=data["outcome"].astype("boolean"), gender=data["gender"].astype("boolean"), age=data["age"].astype("Int64"))
    again = ESTIMATORS["propensity"](nullable, covariates=("age", "gender"))
    assert [(row.estimate, row.se) for row in again] == [(row.estimate, row.se) for row in plain]


def test_nobody_has_events():
    frame = pd.DataFrame({"id": range(40), "arm": pd.Categorical(["a", "b"] * 20), "outcome": 0.0, "observed": True, "age": [float(i % 7 + i // 3) for i in range(40)]})
    rows = {row.measure: row for row in ESTIMATORS["propensity"](frame, covariates=("age",))}
    assert rows["rr"].note.startswith("no events in one of the groups")
    assert rows["rd"].note.startswith("no variation")
    assert rows["proportion"].estimate == 0.0
