"""Inverse-probability-of-censoring weights against R, and against themselves where there is nothing to weight."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators.ipcw import ipcw
from pacer_analysis.estimators.kaplan_meier import kaplan_meier
from pacer_analysis.estimators.risk_difference import risk_difference
from tests.reference.conftest import HERE

HORIZON = {"lung": 300.0, "aids": 200.0, "aids competing": 250.0, "actg175": 900.0}
EVERY = {"lung": 30, "aids": 30, "aids competing": 50, "actg175": 60}
COVARIATES = {"lung": ("age", "meals"), "aids": ("age", "cd4"), "aids competing": ("cd4",), "actg175": ("cd40",)}
OF = {"risk": "risk_difference", "km": "kaplan_meier", "cox": "cox"}


def table(frame, case):
    """The people that R had: every sixth, for its refits take their time."""
    if case == "lung":
        return frame("lung")
    if case == "actg175":
        found = pd.read_csv(HERE / "data/actg175.csv").drop(columns=["outcome"])
        found = found[found["arm"].isin(["zdv", "zdv_ddi"])].assign(id=lambda t: t.index.astype(str), arm=lambda t: pd.Categorical(t["arm"], categories=["zdv", "zdv_ddi"]))
    else:
        found = frame("aids")
        found["status"] = found["cause" if case.endswith("competing") else "status"]
    return found[np.arange(1, len(found) + 1) % 6 == 0].reset_index(drop=True)


@pytest.mark.parametrize("of", OF)
@pytest.mark.parametrize("model", ["cox", "logistic"])
@pytest.mark.parametrize("case", HORIZON)
def test_weighted_estimates(frame, agrees_with_r, case, model, of):
    if case.endswith("competing") and of != "risk":
        with pytest.raises(NotEstimable, match="competing"):
            ipcw(table(frame, case), of="kaplan_meier", times=(250,))
        return
    # The standard errors of R are derivatives by differences: 1e-6 of their size is what they are good for.
    rows = ipcw(table(frame, case), of=OF[of], times=(HORIZON[case],), covariates=COVARIATES[case], model=model, every=EVERY[case])
    agrees_with_r("ipcw", f"{case} {model} {of}", rows, tolerance=2e-6)


def test_nobody_censored_is_the_crude_risk_difference(frame):
    """Rossi: everyone is followed for 52 weeks. The robust variance is p (1 - p) / n, as the crude one."""
    rossi = frame("rossi")
    outcome = rossi.drop(columns=["time", "status"]).assign(outcome=rossi["status"].astype(float), observed=True)
    crude = {row.measure: row for row in risk_difference(outcome, interval="wald") if row.contrast}
    for model in ("cox", "logistic"):
        weighted = {row.measure: row for row in ipcw(rossi, of="risk_difference", times=(52,), covariates=("age",), model=model) if row.contrast}
        for measure in ("rd", "rr", "or"):
            assert (weighted[measure].estimate, weighted[measure].se) == pytest.approx((crude[measure].estimate, crude[measure].se), rel=1e-9)


def test_censoring_at_random_without_covariates_leaves_kaplan_meier_as_it_is(frame):
    lung = frame("lung")
    plain = {row.arm: row.estimate for row in kaplan_meier(lung, times=(300,)) if row.measure == "survival"}
    weighted = {row.arm: row.estimate for row in ipcw(lung, of="kaplan_meier", times=(300,)) if row.arm}
    assert weighted == pytest.approx(plain, rel=1e-12)


def test_clusters_of_one_change_nothing_and_pairs_do(frame):
    lung = frame("lung")
    alone = ipcw(lung.assign(cluster=lung["id"]), of="cox", times=(300,))
    pairs = ipcw(lung.assign(cluster=np.arange(len(lung)) // 2), of="cox", times=(300,))
    assert alone[0].se == pytest.approx(ipcw(lung, of="cox", times=(300,))[0].se, rel=1e-12)
    assert pairs[0].se != pytest.approx(alone[0].se, rel=1e-3)


def test_truncation_cuts_the_largest_weights(frame):
    whole = ipcw(frame("lung"), of="risk_difference", times=(300,), covariates=("age", "meals"))
    cut = ipcw(frame("lung"), of="risk_difference", times=(300,), covariates=("age", "meals"), truncate=0.95)
    largest = [float(rows[0].note.partition("largest weight ")[2].partition(";")[0]) for rows in (whole, cut)]
    assert largest[1] < largest[0]
    assert (cut[0].witness, cut[0].agreement) == ("none", None)


def test_what_cannot_be_weighted_is_refused(frame):
    lung = frame("lung")
    with pytest.raises(NotEstimable, match="no one in arm women"):
        ipcw(lung[lung["arm"] == "men"], of="cox")
    rows = ipcw(lung, of="risk_difference", times=(1020,))
    assert [row.note for row in rows if row.arm == "women"] == ["no one in arm women was followed to day 1020"]
    assert {row.estimate for row in rows if row.contrast} == {None}
    with pytest.raises(NotEstimable, match="collinear: months"):
        ipcw(lung.assign(months=lung["age"] * 12), of="cox", covariates=("age", "months"))
    with pytest.raises(PlanError, match="day by which"):
        ipcw(lung, of="risk_difference")
    with pytest.raises(PlanError, match="cut off at quantile"):
        ipcw(lung, of="cox", truncate=0.1)
    with pytest.raises(NotEstimable, match="no events in arm women"):
        ipcw(lung.assign(status=lung["status"].where(lung["arm"] == "men", 0)), of="cox")


@pytest.mark.deep
def test_the_standard_error_is_that_of_the_bootstrap(frame):
    """300 resamples within arm: the SE is known to 4%."""
    lung, rng, found = frame("lung"), np.random.default_rng(8), []
    for _ in range(300):
        drawn = pd.concat([rows.iloc[rng.integers(len(rows), size=len(rows))] for _, rows in lung.groupby("arm", observed=True)], ignore_index=True).assign(id=lambda t: t.index.astype(str))
        found.append(next(row.estimate for row in ipcw(drawn, of="kaplan_meier", times=(300,), covariates=("age", "meals"), truncate=1.0) if row.contrast))
    row = next(row for row in ipcw(lung, of="kaplan_meier", times=(300,), covariates=("age", "meals")) if row.contrast)
    assert row.se == pytest.approx(np.std(found, ddof=1), rel=0.13)
