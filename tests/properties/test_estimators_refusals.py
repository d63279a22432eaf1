"""What an estimator cannot estimate, it says; what the plan has wrong, it names."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators import ESTIMATORS


@pytest.fixture
def trial():
    """Sixty people, two arms, a binary outcome that no column settles."""
    i = np.arange(60)
    return pd.DataFrame({"id": i.astype(str), "arm": pd.Categorical(np.where(i % 2 == 0, "clinic", "club"), categories=["clinic", "club"]),
                         "outcome": (i % 3 == 0).astype(float), "observed": True, "age": 20.0 + i % 7, "site": np.where(i % 4 < 2, "north", "south"),
                         "stratum": np.where(i % 4 < 2, "north", "south")})


@pytest.fixture
def followed(trial):
    """The same people followed: days to an event."""
    i = np.arange(60)
    return trial.drop(columns=["outcome", "observed"]).assign(time=10.0 + (i * 7) % 50, status=(i % 3 == 0).astype(int))


def test_no_events_in_an_arm(trial):
    trial.loc[trial["arm"] == "club", "outcome"] = 0.0
    for name, options in (("logistic", {"firth": "never"}), ("standardisation", {})):
        with pytest.raises(NotEstimable, match="no events in arm club"):
            ESTIMATORS[name](trial, **options)
    rows = {row.measure: row for row in ESTIMATORS["risk_difference"](trial) if row.contrast}
    assert rows["rd"].low is not None
    assert (rows["rr"].estimate, rows["rr"].note, rows["rr"].witness) == (None, "no events in arm club", "none")


def test_an_empty_arm(trial, followed):
    for name, frame in (("risk_difference", trial), ("logistic", trial), ("logrank", followed), ("cox", followed)):
        with pytest.raises(NotEstimable, match="no one in arm club"):
            ESTIMATORS[name](frame[frame["arm"] == "clinic"])
    rows = ESTIMATORS["proportion"](trial[trial["arm"] == "clinic"])
    assert [(row.arm, row.n, row.note) for row in rows] == [("clinic", 30, ""), ("club", 0, "no one with the outcome known")]


@pytest.mark.parametrize(("name", "options"), [("logistic", {"firth": "never"}), ("standardisation", {})])
def test_separation_is_named(trial, name, options):
    trial["cough"] = ((trial["outcome"] == 1) & (np.arange(60) < 30)).astype(float)
    with pytest.raises(NotEstimable, match="cough"):
        ESTIMATORS[name](trial, covariates=("age", "cough"), **options)


def test_separation_along_two_columns_together_is_named(trial):
    wave = np.sin(np.arange(60.0))
    trial["left"], trial["right"] = wave + (trial["outcome"] - 0.5), wave * 1.0
    with pytest.raises(NotEstimable, match="separation: left, right"):
        ESTIMATORS["logistic"](trial, covariates=("left", "right"), firth="never")


def test_collinear_covariates_are_named(trial, followed):
    trial["months"] = trial["age"] * 12
    with pytest.raises(NotEstimable, match="collinear: months"):
        ESTIMATORS["logistic"](trial, covariates=("age", "months"))
    with pytest.raises(NotEstimable, match="collinear: site=south"):
        ESTIMATORS["cox"](followed, covariates=("site",), stratified=True)
    with pytest.raises(NotEstimable, match="collinear: stratum=south"):
        ESTIMATORS["logistic"](trial, covariates=("site",), stratified=True)


def test_infinite_hazard_ratio_is_named(followed):
    followed["immune"] = np.where(followed["status"] == 1, 0.0, (np.arange(60) % 2).astype(float))
    with pytest.raises(NotEstimable, match="immune"):
        ESTIMATORS["cox"](followed, covariates=("age", "immune"))


def test_kaplan_meier_refuses_competing_events(followed):
    followed.loc[0, "status"] = 2
    with pytest.raises(NotEstimable, match="competing"):
        ESTIMATORS["kaplan_meier"](followed, times=(20,))


def test_no_events_at_all(followed):
    followed["status"] = 0
    with pytest.raises(NotEstimable, match="no events"):
        ESTIMATORS["logrank"](followed)
    row = next(row for row in ESTIMATORS["kaplan_meier"](followed, times=(20,)) if row.measure == "survival")
    assert (row.estimate, row.low, row.note) == (1.0, None, "no event by then: the interval is not defined")


def test_one_visit_that_cannot_be_estimated_does_not_take_the_others_along(trial):
    visits = pd.concat([trial.assign(visit="v1", time=91.0), trial.assign(visit="v2", time=183.0, outcome=np.nan, observed=False)])
    rows = ESTIMATORS["risk_difference"](visits)
    assert [(row.term, row.time, row.note) for row in rows if row.measure == "rd"] == [
        ("v1", 91.0, ""), ("v2", 183.0, "no one with the outcome known")]
    assert {(row.missing, row.observed) for row in rows if row.term == "v2" and row.measure == "rd"} == {(60, 0)}
    rows = ESTIMATORS["standardisation"](visits, covariates=("age",))
    assert [row.note for row in rows if row.measure == "rd"] == ["", "no one with the outcome known"]


def test_missing_counted_as_failure_is_analysed_and_still_missing(trial):
    trial.loc[:4, "observed"] = False
    trial.loc[:4, "outcome"] = 0.0
    row = next(row for row in ESTIMATORS["risk_difference"](trial) if row.measure == "rd")
    assert (row.n, row.observed, row.missing) == (60, 55, 5)


def test_unknown_options_and_columns_are_the_plans_mistake(trial, followed):
    with pytest.raises(PlanError, match="unknown interval: exact"):
        ESTIMATORS["risk_difference"](trial, interval="exact")
    with pytest.raises(PlanError, match="no such covariate: weight"):
        ESTIMATORS["logistic"](trial, covariates=("weight",))
    with pytest.raises(PlanError, match="without strata"):
        ESTIMATORS["cox"](followed.drop(columns="stratum"), stratified=True)
    with pytest.raises(PlanError, match="at least two arms"):
        ESTIMATORS["cox"](followed.drop(columns="arm"))


def test_a_pooled_frame_has_no_arms_in_its_rows(trial, followed):
    rows = ESTIMATORS["proportion"](trial.drop(columns="arm")) + ESTIMATORS["cumulative_incidence"](followed.drop(columns="arm"), times=(30,))
    assert {(row.arm, row.contrast) for row in rows} == {("", "")}


def test_importing_the_estimators_loads_no_library():
    code = "import sys, pacer_analysis.estimators; print(sorted({'numpy', 'pandas', 'scipy', 'statsmodels', 'lifelines'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_a_time_without_its_status_is_missing(followed):
    followed["status"] = followed["status"].astype(float)
    followed.loc[:2, "status"] = np.nan
    for name, options in (("cox", {}), ("logrank", {}), ("kaplan_meier", {"times": (20,)}), ("cumulative_incidence", {"times": (20,)})):
        rows = ESTIMATORS[name](followed, **options)
        missing = {row.arm: row.missing for row in rows if row.arm}
        assert all(row.missing == 3 for row in rows if row.contrast)
        assert missing in ({}, {"clinic": 2, "club": 1})
