"""Binary outcomes: what cannot be estimated is said, what the plan has wrong is named, and columns of every kind are read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators import ESTIMATORS

NEW = {"stratified_risk_difference": {}, "risk_ratio": {}, "cace": {}, "ancova": {"baseline": "age"}, "noninferiority": {"of": "risk_difference", "margin": -0.1, "better": "higher"},
       "subgroups": {"variables": ("site",), "of": "logistic"}}


@pytest.fixture
def trial():
    """Eighty people, two arms, two strata; most of one arm received."""
    i = np.arange(80)
    return pd.DataFrame({"id": i.astype(str), "arm": pd.Categorical(np.where(i % 2 == 0, "clinic", "club"), categories=["clinic", "club"]), "outcome": (i % 3 == 0).astype(float),
                         "observed": True, "age": 20.0 + i % 7, "site": np.where(i % 8 < 4, "north", "south"), "stratum": np.where(i % 8 < 4, "n", "s"),
                         "received": np.where(i % 2 == 1, i % 5 != 0, i % 11 == 0).astype(float)})


@pytest.mark.parametrize("name", NEW)
def test_an_empty_arm(trial, name):
    with pytest.raises(NotEstimable, match="no one in arm club"):
        ESTIMATORS[name](trial[trial["arm"] == "clinic"], **NEW[name])


@pytest.mark.parametrize(("name", "options"), [("risk_ratio", {}), ("logistic", {}), ("standardisation", {}), ("cace", {}), ("ancova", {"baseline": "age"})])
def test_collinear_covariates_are_named(trial, name, options):
    trial["months"] = trial["age"] * 12
    covariates = ("months",) if name == "ancova" else ("age", "months")
    with pytest.raises(NotEstimable, match="collinear: months"):
        ESTIMATORS[name](trial, covariates=covariates, **options)


def test_no_outcome_known_in_an_arm(trial):
    trial.loc[trial["arm"] == "club", ["outcome", "observed"]] = [np.nan, False]
    for row in ESTIMATORS["stratified_risk_difference"](trial):
        if row.contrast:
            assert (row.estimate, row.p, row.note) == (None, None, "no stratum with both arms; 2 strata without one of the arms: no part in the comparison")
    assert ESTIMATORS["risk_ratio"](trial)[0].note == "no one with the outcome known in arm club"
    for name in ("standardisation", "logistic"):
        with pytest.raises(NotEstimable, match="no one with the outcome known in arm club"):
            ESTIMATORS[name](trial)


def test_no_events_in_an_arm(trial):
    trial.loc[trial["arm"] == "club", "outcome"] = 0.0
    rows = {(row.measure, row.term): row for row in ESTIMATORS["stratified_risk_difference"](trial) if row.contrast}
    assert rows["rd", ""].low is not None
    assert rows["rr", ""].note == "no events in arm club"
    assert rows["or", ""].note == "the common odds ratio is not finite: a zero in every stratum"
    assert ESTIMATORS["risk_ratio"](trial)[0].note == "no events in arm club"
    with pytest.raises(NotEstimable, match="no events in arm club"):
        ESTIMATORS["risk_ratio"](trial, covariates=("age",))
    row = next(row for row in ESTIMATORS["logistic"](trial) if row.measure == "or")
    # Firth's estimate of a table with an empty cell: half a person more in each.
    x, n0 = (trial["outcome"] == 1).sum(), 40
    assert row.estimate == pytest.approx(0.5 / 40.5 / ((x + 0.5) / (n0 - x + 0.5)))
    with pytest.raises(NotEstimable, match="no events in arm club"):
        ESTIMATORS["logistic"](trial, firth="never")


def test_no_events_at_all(trial):
    trial["outcome"] = 0.0
    for name, options in (("logistic", {}), ("standardisation", {}), ("risk_ratio", {"covariates": ("age",)})):
        with pytest.raises(NotEstimable, match="no events"):
            ESTIMATORS[name](trial, **options)
    assert {row.note for row in ESTIMATORS["stratified_risk_difference"](trial) if row.measure == "rd"} == {"no variation within the strata"}


def test_separation_of_a_risk_ratio_is_named(trial):
    trial["immune"] = ((trial["outcome"] == 0) & (np.arange(80) < 40)).astype(float)
    with pytest.raises(NotEstimable, match="separation: no events at one value of immune"):
        ESTIMATORS["risk_ratio"](trial, covariates=("immune",))


def test_a_stratum_with_one_arm_takes_no_part_and_is_counted(trial):
    alone = trial.assign(stratum=trial["stratum"].where(trial.index >= 3, "x"))
    alone = alone[~((alone["stratum"] == "x") & (alone["arm"] == "club"))]
    rows = [row for row in ESTIMATORS["stratified_risk_difference"](alone) if row.contrast]
    without = [row for row in ESTIMATORS["stratified_risk_difference"](alone[alone["stratum"] != "x"]) if row.contrast]
    assert [row.estimate for row in rows] == [row.estimate for row in without]
    assert {row.note for row in rows} == {"1 strata without one of the arms: no part in the comparison"}
    row = next(row for row in ESTIMATORS["standardisation"](alone, covariates=("age",)) if row.measure == "rd")
    assert row.note == "1 strata without one of the arms: no part in the variance's adjustment"


def test_what_the_plan_has_wrong(trial):
    with pytest.raises(PlanError, match="without strata"):
        ESTIMATORS["stratified_risk_difference"](trial.drop(columns="stratum"))
    with pytest.raises(PlanError, match="without `received`"):
        ESTIMATORS["cace"](trial.drop(columns="received"))
    with pytest.raises(PlanError, match="neither 1 nor 0"):
        ESTIMATORS["cace"](trial.assign(received=2.0))
    for margin, better in ((0.1, "higher"), (-0.1, "lower"), (0.0, "higher")):
        with pytest.raises(PlanError, match="the margin of a difference should lie"):
            ESTIMATORS["noninferiority"](trial, of="risk_difference", margin=margin, better=better)
    with pytest.raises(PlanError, match="the margin of a ratio should lie above 1 where lower is better"):
        ESTIMATORS["noninferiority"](trial, of="risk_ratio", margin=0.8, better="lower")
    with pytest.raises(PlanError, match="compares no arms"):
        ESTIMATORS["noninferiority"](trial, of="proportion", margin=-0.1, better="higher")
    with pytest.raises(PlanError, match="gives no hr"):
        ESTIMATORS["noninferiority"](trial, of="risk_difference", measure="hr", margin=-0.1, better="higher")
    with pytest.raises(PlanError, match="unknown of: anova"):
        ESTIMATORS["subgroups"](trial, variables=("site",), of="anova")
    with pytest.raises(PlanError, match="no such variable: weight"):
        ESTIMATORS["subgroups"](trial, variables=("weight",), of="logistic")
    with pytest.raises(PlanError, match="80 values: not a grouping"):
        ESTIMATORS["subgroups"](trial.assign(weight=np.arange(80.0)), variables=("weight",), of="logistic")
    with pytest.raises(PlanError, match="takes people as independent"):
        ESTIMATORS["standardisation"](trial.assign(cluster="c"))
    for name, options in (("standardisation", {"variance": "robust"}), ("standardisation", {"fallback": "crude"}), ("logistic", {"interval": "score"}), ("logistic", {"firth": "yes"}),
                          ("ancova", {"baseline": "age", "variance": "hc4"})):
        with pytest.raises(PlanError, match="unknown"):
            ESTIMATORS[name](trial, **options)


def test_arms_that_do_not_differ_in_what_was_received(trial):
    rows = ESTIMATORS["cace"](trial.assign(received=1.0))
    assert [row.note for row in rows if row.measure == "cace"] == ["the arms do not differ in what was received: no complier effect"]


def test_a_weak_first_stage_has_no_anderson_rubin_limits_and_says_so(trial):
    i = np.arange(80)
    row = next(row for row in ESTIMATORS["cace"](trial.assign(received=((i % 5 == 0) | (i == 1) | (i == 3)).astype(float))) if row.measure == "cace" and not row.term)
    assert (row.low, row.high, row.level) == (None, None, None)
    assert row.estimate is not None
    assert row.note == "the Anderson-Rubin set has no limits: too weak a first stage; weak first stage: F below 10"


def test_unknown_receipt_is_left_out_counted_and_named(trial):
    trial.loc[:2, "received"] = np.nan
    rows = ESTIMATORS["cace"](trial)
    assert {(row.n, row.missing) for row in rows if row.contrast} == {(77, 3)}
    assert all("3 with the outcome left out: not known whether received" in row.note for row in rows if row.contrast)


def test_small_levels_are_not_estimated_and_never_tested(trial):
    trial["site"] = np.where(trial.index < 8, "islands", trial["site"])
    rows = ESTIMATORS["subgroups"](trial, variables=("site",), of="risk_difference")
    small = next(row for row in rows if row.subgroup == "site=islands")
    assert (small.estimate, small.n, small.note, small.witness) == (None, 8, "fewer than 10 analysed in an arm: not estimated", "none")
    assert all(row.p is None and row.statistic is None for row in rows if "=" in row.subgroup)
    test = next(row for row in rows if row.subgroup == "site")
    assert (test.term, test.df, test.note) == ("heterogeneity", 1.0, "levels too small left out: 1")
    rows = ESTIMATORS["subgroups"](trial, variables=("site",), of="risk_difference", smallest=30)
    assert rows[-1].note == "fewer than two levels estimated: no test; levels too small left out: 3"


def test_a_subgroup_of_unknown_level_is_left_out_and_named(trial):
    trial.loc[:4, "site"] = None
    test = ESTIMATORS["subgroups"](trial, variables=("site",), of="logistic")[-1]
    assert (test.n, test.note) == (75, "5 analysed with site unknown left out")


def test_a_variable_is_left_out_of_the_covariates_within_its_own_levels(trial):
    rows = ESTIMATORS["subgroups"](trial, variables=("site",), of="logistic", options={"covariates": ["age", "site"], "stratified": True})
    assert all(row.estimate is not None for row in rows if "=" in row.subgroup)
    assert rows[-1].p is not None
    assert "Logistic regression on arm, age" in rows[0].method


def test_one_visit_that_cannot_be_estimated_does_not_take_the_others_along(trial):
    visits = pd.concat([trial.assign(visit="v1", time=91.0), trial.assign(visit="v2", time=183.0, outcome=np.nan, observed=False)])
    for name, measure, options in (("stratified_risk_difference", "rd", {}), ("risk_ratio", "rr", {"covariates": ("age",)}), ("standardisation", "rd", {"covariates": ("age",)}),
                                   ("ancova", "mean_difference", {"baseline": "age"})):
        rows = [row for row in ESTIMATORS[name](visits, **options) if row.measure == measure]
        assert [(row.term, row.time, row.estimate is None, bool(row.note)) for row in rows] == [("v1", 91.0, False, False), ("v2", 183.0, True, True)]
    with pytest.raises(PlanError, match="several visits at once"):
        ESTIMATORS["subgroups"](visits, variables=("site",), of="logistic")


def test_the_fallback_keeps_the_visits(trial):
    visits = pd.concat([trial.assign(visit="v1", time=91.0), trial.assign(visit="v2", time=183.0, outcome=np.where(trial["arm"] == "club", 0.0, trial["outcome"]))])
    rows = ESTIMATORS["standardisation"](visits, covariates=("age",), fallback="stratified_risk_difference")
    found = {row.term: row for row in rows if row.measure == "rd"}
    assert (found["v1"].note, found["v2"].note[:33]) == ("", "standardisation is not estimable ")
    assert found["v2"].time == 183.0


def numbers(rows):
    return [(row.measure, row.arm, row.contrast, row.estimate, row.se, row.low, row.high, row.p, row.n, row.events, row.missing) for row in rows]


# statsmodels raises TypeError on nullable booleans; here every kind of column is the same column.
@pytest.mark.parametrize("dtype", ["boolean", "Int64", "Float64", "bool[pyarrow]", "object"])
@pytest.mark.parametrize("name", [*NEW, "proportion", "risk_difference", "logistic", "standardisation"])
def test_nullable_columns_are_the_same_columns(trial, name, dtype):
    options = NEW.get(name, {}) | ({"covariates": ("parity",)} if name in {"risk_ratio", "logistic", "standardisation", "cace", "ancova"} else {})
    trial["parity"] = (trial.index % 5 < 2).astype(float)
    trial.loc[[3, 9, 14], "outcome"], trial.loc[[3, 9, 14], "observed"] = np.nan, False
    trial.loc[[1, 22], "parity"] = np.nan
    trial.loc[[7], "received"] = np.nan
    other = trial.copy()
    for column in ("outcome", "parity", "received"):
        values = trial[column].astype("Int64").astype("boolean")
        other[column] = values.astype(object).where(values.notna(), None) if dtype == "object" else values.astype(dtype)
    other["observed"] = trial["observed"].astype("boolean")
    one, same = numbers(ESTIMATORS[name](trial, **options)), numbers(ESTIMATORS[name](other, **options))
    for row, again in zip(one, same, strict=True):
        assert row[:3] == again[:3]
        assert row[8:] == again[8:]
        for value, other_value in zip(row[3:8], again[3:8], strict=True):
            assert (value is None) == (other_value is None)
            assert value is None or value == pytest.approx(other_value, rel=1e-9)
