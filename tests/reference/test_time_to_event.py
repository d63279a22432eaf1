"""Times to events against R's survival package."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators import CURVES, ESTIMATORS


def tiny():
    """A curve that lies on one half between days 4 and 6; everyone has the event."""
    times = [1.0, 2, 3, 4, 6, 7, 8, 9]
    return pd.DataFrame({"id": [f"R-{i}" for i in range(8)], "arm": pd.Categorical(["a"] * 8), "time": times, "status": 1})


def by_cause(aids):
    """The AIDS trial with death before AIDS as competing cause."""
    aids = aids.assign(status=aids["cause"])
    aids.attrs["causes"] = {2: "cause2"}
    return aids


def without_aid_only(rossi):
    """Arrests of the first four weeks in one arm only."""
    return rossi.assign(status=rossi["status"].where((rossi["time"] <= 4) & (rossi["arm"] == "no_aid"), 0))


@pytest.mark.parametrize(("case", "times"), [("lung", (0, 100, 310, 365, 700, 900)), ("rossi", (10, 26, 52))])
def test_kaplan_meier(frame, agrees_with_r, case, times):
    agrees_with_r("kaplan_meier", case, ESTIMATORS["kaplan_meier"](frame(case), times=times))


def test_kaplan_meier_median_on_a_flat_stretch(agrees_with_r):
    rows = agrees_with_r("kaplan_meier", "tiny", ESTIMATORS["kaplan_meier"](tiny(), times=(4, 5, 8, 9)))
    assert rows["median", "a", "", "", ""].estimate == 5


def test_kaplan_meier_curve_passes_through_the_estimates(frame):
    rows = {(row.arm, row.time): row for row in ESTIMATORS["kaplan_meier"](frame("lung"), times=(310, 365)) if row.measure == "survival"}
    for curve in CURVES["kaplan_meier"](frame("lung")):
        assert curve.points[0].time == 0
        assert curve.points[0].estimate == 1
        for (arm, day), row in rows.items():
            last = [point for point in curve.points if point.time <= day][-1]
            if arm == curve.arm:
                assert (last.estimate, last.low, last.high) == (row.estimate, row.low, row.high)


def test_beyond_the_last_follow_up(frame):
    rows = ESTIMATORS["kaplan_meier"](frame("aids"), times=(300, 400))
    late = [row for row in rows if row.measure == "survival" and row.time == 400]
    assert [(row.estimate, row.note) for row in late] == [(None, "beyond the last follow-up")] * 2


def test_cumulative_incidence_in_a_trial(frame, agrees_with_r):
    agrees_with_r("cumulative_incidence", "aids", ESTIMATORS["cumulative_incidence"](by_cause(frame("aids")), times=(30, 100, 250, 340)))


def test_cumulative_incidence_of_three_causes(frame, agrees_with_r):
    data = frame("transplants")
    data.attrs["causes"] = {2: "cause2", 3: "cause3"}
    agrees_with_r("cumulative_incidence", "transplants", ESTIMATORS["cumulative_incidence"](data, times=(0.2, 0.5, 1, 3)))


def test_cumulative_incidence_without_competing_events_is_one_minus_kaplan_meier(frame):
    cif = {(row.arm, row.time): row for row in ESTIMATORS["cumulative_incidence"](frame("lung"), times=(100, 365)) if row.measure == "cif"}
    for row in ESTIMATORS["kaplan_meier"](frame("lung"), times=(100, 365)):
        if row.measure == "survival":
            assert np.isclose(cif[row.arm, row.time].estimate, 1 - row.estimate, rtol=1e-12)
            assert np.isclose(cif[row.arm, row.time].se, row.se, rtol=1e-9)


def test_cumulative_incidence_curve_passes_through_the_estimates(frame):
    data = by_cause(frame("aids"))
    rows = {(row.arm, row.term): row for row in ESTIMATORS["cumulative_incidence"](data, times=(250,)) if row.measure == "cif"}
    curves = CURVES["cumulative_incidence"](data)
    assert len(curves) == 4
    for curve in curves:
        last = [point for point in curve.points if point.time <= 250][-1]
        assert (last.estimate, last.low, last.high) == (rows[curve.arm, curve.term].estimate, rows[curve.arm, curve.term].low, rows[curve.arm, curve.term].high)


@pytest.mark.parametrize(("case", "stratified"), [("aids", True), ("rossi", False)])
def test_logrank(frame, agrees_with_r, case, stratified):
    agrees_with_r("logrank", case, ESTIMATORS["logrank"](frame(case), stratified=stratified))


def test_logrank_of_a_cause(frame, agrees_with_r):
    agrees_with_r("logrank", "aids cause", ESTIMATORS["logrank"](by_cause(frame("aids"))))


def four_arms():
    data = pd.read_csv(__file__.replace("test_time_to_event.py", "data/actg175.csv"))
    arms = ["zdv", "zdv_ddi", "zdv_zal", "ddi"]
    return data.drop(columns="outcome").assign(arm=pd.Categorical(data["arm"], categories=arms))


@pytest.mark.parametrize(("case", "stratified"), [("actg175", False), ("actg175 strata", True)])
def test_logrank_of_four_arms(agrees_with_r, case, stratified):
    agrees_with_r("logrank", case, ESTIMATORS["logrank"](four_arms(), stratified=stratified))


def test_logrank_with_an_arm_without_events(frame, agrees_with_r):
    agrees_with_r("logrank", "early", ESTIMATORS["logrank"](without_aid_only(frame("rossi"))))


def test_cox_with_an_arm_without_events(frame):
    with pytest.raises(NotEstimable, match="no events in arm aid"):
        ESTIMATORS["cox"](without_aid_only(frame("rossi")))


def test_cox_of_the_published_trial(frame, agrees_with_r):
    rows = agrees_with_r("cox", "aids", ESTIMATORS["cox"](frame("aids"), stratified=True))
    row = rows["hr", "", "three / two", "", ""]
    assert (round(row.estimate, 3), round(row.low, 3), round(row.high, 3)) == (0.499, 0.328, 0.761)


def test_cox_of_a_cause(frame, agrees_with_r):
    rows = agrees_with_r("cox", "aids cause", ESTIMATORS["cox"](by_cause(frame("aids")), covariates=("age",), stratified=True))
    assert "other causes censored (cause-specific)" in rows["hr", "", "three / two", "", ""].method


def test_cox_with_many_ties(frame, agrees_with_r):
    agrees_with_r("cox", "rossi", ESTIMATORS["cox"](frame("rossi")))


@pytest.mark.parametrize(("case", "stratified"), [("rossi robust", False), ("rossi robust strata", True)])
def test_cox_with_robust_errors(frame, agrees_with_r, case, stratified):
    agrees_with_r("cox", case, ESTIMATORS["cox"](frame("rossi"), covariates=("age", "prio"), stratified=stratified, robust=True))


def test_cox_of_four_arms(agrees_with_r):
    agrees_with_r("cox", "actg175", ESTIMATORS["cox"](four_arms(), covariates=("age", "cd40"), stratified=True))


def test_cox_by_cluster_with_missing_covariates(frame, agrees_with_r):
    data = frame("lung").rename(columns={"centre": "cluster"})
    rows = agrees_with_r("cox", "lung cluster", ESTIMATORS["cox"](data, covariates=("age", "meals", "little_food")))
    assert rows["hr", "", "women / men", "", ""].note == "imputed: meals 47 (mean), little_food 47 (mode and indicator)"
