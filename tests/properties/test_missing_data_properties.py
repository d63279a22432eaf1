"""Imputations belong to people: arms, names and order of rows change nothing; what is known stays; what cannot be imputed is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators._imputation import imputed as imputing
from pacer_analysis.estimators._imputation import tipping
from pacer_analysis.estimators._imputation.after_censoring import completed, prepare
from pacer_analysis.estimators.best_worst import best_worst
from pacer_analysis.estimators.cox import cox
from pacer_analysis.estimators.ipcw import ipcw
from pacer_analysis.estimators.multiple_imputation import multiple_imputation, trace
from pacer_analysis.estimators.risk_difference import risk_difference
from pacer_analysis.estimators.tipping_point import tipping_point

WALD = {"interval": "wald"}
NOTHING = {"auxiliary": (), "covariates": (), "models": {}, "m": 4, "burn_in": 3, "seed": 9, "donors": 5, "below": None, "log10": False}


@pytest.fixture(scope="module")
def trial():
    """One hundred and twenty people, a fifth without the outcome, an auxiliary score with blanks."""
    rng = np.random.default_rng(5)
    n = 120
    score = rng.standard_normal(n)
    outcome = (rng.random(n) < 1 / (1 + np.exp(-score))).astype(float)
    outcome[rng.random(n) < 0.2] = np.nan
    return pd.DataFrame({"id": [f"P{i:03d}" for i in range(n)], "arm": pd.Categorical(np.where(np.arange(n) % 2, "club", "clinic"), categories=["clinic", "club"]),
                         "stratum": np.where(np.arange(n) % 3 == 0, "north", "south"), "outcome": outcome, "observed": ~np.isnan(outcome),
                         "score": np.where(rng.random(n) < 0.1, np.nan, score)})


@pytest.fixture(scope="module")
def visits(trial):
    """Three visits, with later ones missed more often; the value behind the outcome."""
    rng = np.random.default_rng(6)
    parts = []
    for number in range(3):
        value = 10 ** (2 + 0.8 * rng.standard_normal(len(trial)) - trial["score"].fillna(0))
        gone = rng.random(len(trial)) < 0.1 * (number + 1)
        parts.append(trial.assign(visit=f"v{number + 1}", time=91.0 * (number + 1), value=value.mask(gone), outcome=(value < 50).astype(float).mask(gone), observed=~gone))
    return pd.concat(parts, ignore_index=True)


def drawn(frame, **options):
    return imputing.impute(frame, imputing.Settings(**{**NOTHING, **options}))


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=8, deadline=None)
def test_order_of_rows_and_names_of_arms_change_no_imputation(trial, seed):
    here = drawn(trial, auxiliary=("score",))
    order = np.random.default_rng(seed).permutation(len(trial))
    shuffled = trial.iloc[order].reset_index(drop=True)
    shuffled["arm"] = shuffled["arm"].cat.rename_categories({"clinic": "B", "club": "A"}).cat.reorder_categories(["A", "B"])
    there = drawn(shuffled, auxiliary=("score",))
    for i in range(4):
        assert (imputing.completed(here, i)["outcome"].to_numpy()[order] == imputing.completed(there, i)["outcome"].to_numpy()).all()


def test_swapping_arms_inverts_ratios_and_keeps_p(trial):
    swapped = trial.assign(arm=trial["arm"].cat.reorder_categories(["club", "clinic"]))
    one, other = ({row.measure: row for row in multiple_imputation(frame, of="risk_difference", options=WALD, auxiliary=("score",), seed=2, m=5) if row.contrast} for frame in (trial, swapped))
    for measure in ("rr", "or"):
        assert (one[measure].estimate * other[measure].estimate, one[measure].p, one[measure].df) == pytest.approx((1.0, other[measure].p, other[measure].df), rel=1e-9)
    assert one["rd"].estimate == pytest.approx(-other["rd"].estimate, rel=1e-12)


def test_an_imputation_is_the_same_among_fewer_and_differs_with_the_seed(trial):
    few, many, other = drawn(trial, m=2), drawn(trial, m=6), drawn(trial, m=2, seed=10)
    for i in range(2):
        assert imputing.completed(few, i).equals(imputing.completed(many, i))
    assert not imputing.completed(few, 0).equals(imputing.completed(other, 0))


def test_what_is_known_stays_and_every_blank_is_filled(visits):
    for options in ({"below": 50.0, "log10": True}, {}):
        found = drawn(visits, auxiliary=("score",), **options)
        for i in range(4):
            frame = imputing.completed(found, i)
            known = visits["outcome"].notna()
            assert (frame.loc[known, "outcome"] == visits.loc[known, "outcome"]).all()
            assert set(frame["outcome"]) == {0.0, 1.0}
            assert frame["observed"].equals(visits["observed"])


def test_imputed_values_are_compared_with_the_threshold(visits):
    """Every person far below it in the data: matching can give nothing else."""
    low = visits.assign(value=visits["value"].clip(upper=20), outcome=visits["outcome"].where(visits["outcome"].isna(), 1.0))
    assert (imputing.completed(drawn(low, below=50.0, log10=True), 0)["outcome"] == 1).all()


def test_who_cannot_have_the_outcome_stays_blank(trial):
    dead = trial["outcome"].isna() & (np.arange(len(trial)) % 2 == 0)
    frame = trial.assign(imputable=~dead)
    rows = {row.measure: row for row in multiple_imputation(frame, of="risk_difference", options=WALD, seed=1, m=3) if row.contrast}
    assert rows["rd"].n == len(trial) - int(dead.sum())
    assert {row.n for row in best_worst(frame) if row.measure == "rd"} == {len(trial) - int(dead.sum())}


def test_nothing_missing_is_the_estimator_itself(trial):
    whole = trial.dropna(subset=["outcome", "score"]).reset_index(drop=True)
    plain = {row.measure: row for row in risk_difference(whole, interval="wald") if row.contrast}
    for row in multiple_imputation(whole, of="risk_difference", options=WALD, auxiliary=("score",), seed=1, m=3):
        if row.measure in {"rd", "rr", "or"}:
            assert (row.estimate, row.se) == pytest.approx((plain[row.measure].estimate, plain[row.measure].se), rel=1e-12)
            assert "nothing was missing" in row.note
            assert row.df == pytest.approx((len(whole) - 2) * (len(whole) - 1) / (len(whole) + 1), rel=1e-12)  # Barnard and Rubin's df without missing information


def test_any_estimator_may_be_wrapped_and_tests_are_pooled_by_d2(trial):
    rows = multiple_imputation(trial, of="logistic", options={"covariates": ["score"], "stratified": True}, auxiliary=("score",), seed=3, m=4, burn_in=5)
    by = {(row.measure, row.contrast, row.term): row for row in rows}
    assert by["or", "club / clinic", ""].df < len(trial)
    assert "fmi" in by["or", "", "score"].note
    assert all(row.method.startswith("Multiple imputation by chained equations within arm, m = 4, 5 rounds, seed 3") for row in rows)
    assert all(row.agreement < 1e-6 for row in rows)
    assert any(row.measure == "f" and 0 < row.p <= 1 for row in rows)
    assert by["or", "club / clinic", ""].missing == int(trial["outcome"].isna().sum())


def test_covariates_of_a_model_for_time_are_imputed(trial):
    rng = np.random.default_rng(7)
    followed = trial.drop(columns=["outcome", "observed"]).assign(time=rng.exponential(300, len(trial)).round() + 1, status=(rng.random(len(trial)) < 0.6).astype(int))
    row = next(row for row in multiple_imputation(followed, of="cox", options={"covariates": ["score"]}, seed=4, m=4) if row.term == "score")
    assert "cumulative hazard" in row.method
    assert row.note.startswith("m 4; fmi")
    complete = next(row for row in cox(followed.dropna(subset=["score"]), covariates=("score",)) if row.term == "score")
    assert abs(np.log(row.estimate / complete.estimate)) < complete.se


def test_a_baseline_that_the_wrapped_estimator_names_is_imputed_and_predicts(trial):
    frame = trial.assign(outcome=np.where(trial["observed"], trial["score"].fillna(0.3) * 2 + np.cos(np.arange(120)), np.nan))
    row = next(row for row in multiple_imputation(frame, of="ancova", options={"baseline": "score"}, seed=1, m=4, burn_in=5) if row.measure == "mean_difference")
    assert "predictors: stratum, score" in row.method
    assert row.n == 120
    assert row.df < 117                                   # the t reference of the complete data, and something is missing


@pytest.mark.parametrize("dtype", ["Int64", "boolean", "Float64", "int64[pyarrow]"])
def test_nullable_columns_are_numbers(trial, dtype):
    plain = multiple_imputation(trial, of="risk_difference", options=WALD, auxiliary=("score",), seed=1, m=3)
    nullable = trial.assign(outcome=trial["outcome"].astype("Int64").astype(dtype), score=trial["score"].astype("Float64"))
    assert multiple_imputation(nullable, of="risk_difference", options=WALD, auxiliary=("score",), seed=1, m=3) == plain


def test_every_kind_of_auxiliary_variable(trial):
    rng = np.random.default_rng(8)
    blank = rng.random(len(trial)) < 0.15
    frame = trial.assign(school=pd.Categorical(np.where(blank, None, rng.choice(["none", "primary", "secondary"], len(trial))), categories=["none", "primary", "secondary"], ordered=True),
                         clinic=np.where(rng.random(len(trial)) < 0.15, None, rng.choice(["a", "b", "c"], len(trial))), married=pd.Series(rng.integers(0, 2, len(trial))).astype("boolean").mask(blank))
    row = next(row for row in multiple_imputation(frame, of="risk_difference", options=WALD, auxiliary=("school", "clinic", "married", "score"), seed=1, m=3) if row.measure == "rd")
    for words in ("proportional odds", "nested logistic", "logistic regression with augmented data", "predictive mean matching with 5 donors"):
        assert words in row.method
    assert row.estimate is not None


def test_the_chains_can_be_looked_at(visits):
    curves = trace(visits, of="risk_difference", seed=1, auxiliary=("score",), m=12, burn_in=4)
    assert len(curves) == 2 * 4 * 10                      # arms, variables with blanks, chains shown
    assert {len(curve.points) for curve in curves} == {4}
    assert {curve.arm for curve in curves} == {"clinic", "club"}
    assert all(0 <= point.estimate <= 1 for curve in curves if curve.term.startswith("outcome") for point in curve.points)


def test_refusals(trial, visits):
    with pytest.raises(NotEstimable, match="outcome is known for no one in arm club"):
        multiple_imputation(trial.assign(outcome=trial["outcome"].mask(trial["arm"] == "club")), of="risk_difference", seed=1)
    with pytest.raises(PlanError, match="unknown estimator: miracle"):
        multiple_imputation(trial, of="miracle", seed=1)
    with pytest.raises(PlanError, match="unknown estimator: best_worst"):
        multiple_imputation(trial, of="best_worst", seed=1)
    with pytest.raises(PlanError, match="unknown option of risk_difference: colour"):
        multiple_imputation(trial, of="risk_difference", options={"colour": "red"}, seed=1)
    with pytest.raises(PlanError, match="option `baseline` of ancova is missing"):
        multiple_imputation(trial, of="ancova", seed=1)
    with pytest.raises(PlanError, match="at least two imputations"):
        multiple_imputation(trial, of="risk_difference", seed=1, m=1)
    with pytest.raises(PlanError, match="no such variable: mood"):
        multiple_imputation(trial, of="risk_difference", auxiliary=("mood",), seed=1)
    with pytest.raises(PlanError, match="unknown model for score: magic"):
        multiple_imputation(trial, of="risk_difference", auxiliary=("score",), models={"score": "magic"}, seed=1)
    with pytest.raises(PlanError, match="0 or 1: it is imputed by logistic"):
        multiple_imputation(trial, of="risk_difference", models={"outcome": "pmm"}, seed=1)
    with pytest.raises(PlanError, match="column `value`"):
        multiple_imputation(trial, of="risk_difference", below=50, seed=1)
    with pytest.raises(NotEstimable, match="no logarithm"):
        multiple_imputation(visits.assign(value=0.0), of="risk_difference", below=50, log10=True, seed=1)
    with pytest.raises(PlanError, match="one row per person"):
        multiple_imputation(pd.concat([trial, trial]), of="risk_difference", seed=1)
    many = {f"z{i}": np.sin(np.arange(120.0) * (i + 1)) for i in range(60)}
    with pytest.raises(NotEstimable, match="coefficients for"):
        multiple_imputation(trial.assign(**many), of="risk_difference", auxiliary=(*many, "score"), seed=1)


def test_a_visit_that_nobody_of_an_arm_came_to_does_not_take_the_others_along(visits):
    none = (visits["visit"] == "v3") & (visits["arm"] == "club")
    rows = multiple_imputation(visits.assign(outcome=visits["outcome"].mask(none), observed=visits["observed"] & ~none), of="risk_difference", options=WALD, seed=1, m=3)
    by = {row.term: row for row in rows if row.measure == "rd"}
    assert by["v1"].estimate is not None
    assert by["v2"].n == 120
    assert (by["v3"].estimate, by["v3"].witness) == (None, "none")
    assert "no one with the outcome known in arm club" in by["v3"].note
    assert "not imputed: outcome v3" in by["v1"].note


def test_convergence_is_said_in_a_number(visits):
    row = multiple_imputation(visits, of="risk_difference", options=WALD, auxiliary=("score",), seed=1, m=10, burn_in=12)[0]
    value = float(row.note.partition("R-hat of the chains' means ")[2].partition(" ")[0])
    assert 0.9 < value < 1.3


def test_predictors_that_say_nothing_are_left_out_and_named(trial):
    rows = multiple_imputation(trial.assign(months=trial["score"].fillna(0), years=trial["score"].fillna(0) / 12, same=1.0), of="risk_difference", options=WALD, auxiliary=("months", "years", "same"), seed=1, m=3)
    assert all("constant or collinear: years, same" in row.note for row in rows if row.estimate is not None)


@given(phi=st.floats(0.2, 5), more=st.floats(1.01, 4))
@settings(max_examples=10, deadline=None)
def test_a_larger_factor_brings_every_imputed_event_forward(phi, more):
    rng = np.random.default_rng(11)
    n = 80
    frame = pd.DataFrame({"id": [f"{i:03d}" for i in range(n)], "arm": pd.Categorical(["a"] * 40 + ["b"] * 40, categories=["a", "b"]), "time": rng.exponential(100, n), "status": rng.integers(0, 2, n)})
    follow = prepare(frame, horizon=None, pieces=4, m=2, seed=1)
    early, late = completed(follow, 0, {"a": phi * more, "b": phi * more}), completed(follow, 0, {"a": phi, "b": phi})
    assert (early["time"] <= late["time"]).all()
    assert (early["status"] >= late["status"]).all()
    seen = frame["status"] == 1
    assert early.loc[seen, "time"].to_numpy() == pytest.approx(frame.loc[seen, "time"].to_numpy())


def test_only_dropouts_are_imputed_when_they_are_marked():
    frame = pd.DataFrame({"id": list("abcdef"), "time": [5.0, 9, 4, 8, 3, 10], "status": [1, 0, 0, 1, 0, 0], "dropout": [False, True, False, False, True, False]})
    follow = prepare(frame, horizon=None, pieces=2, m=2, seed=1)
    assert [list("abcdef")[row] for row in follow.arms[""].rows] == ["b", "e"]


def test_the_grid_of_a_tipping_point():
    assert tipping.points((2, 0, -1), "other", 0.0) == [tipping.Point(0, -1), tipping.Point(0, 0), tipping.Point(0, 2)]
    assert len(tipping.points((0.5, 1, 2), "both", 1.0)) == 9
    assert tipping.points((1, 2), "reference", 1.0)[1] == tipping.Point(2, 1)


def test_tipping_points_of_both_audiences_are_mirror_images(trial):
    one = {row.term: row for row in tipping_point(trial, of="risk_difference", grid=(-1, 0, 2), seed=1, m=4, measure="rd") if row.measure == "rd"}
    swapped = trial.assign(arm=trial["arm"].cat.reorder_categories(["club", "clinic"]))
    other = {row.term: row for row in tipping_point(swapped, of="risk_difference", grid=(-1, 0, 2), seed=1, m=4, measure="rd") if row.measure == "rd"}
    for a in (-1, 0, 2):
        for b in (-1, 0, 2):
            assert one[f"delta_clinic={a},delta_club={b}"].estimate == pytest.approx(-other[f"delta_club={b},delta_clinic={a}"].estimate, rel=1e-12)


@given(scale=st.sampled_from([1 / 7, 1 / 30.4375, 24.0]), seed=st.integers(0, 1000))
@settings(max_examples=6, deadline=None)
def test_weights_do_not_depend_on_the_unit_of_time_or_the_order_of_rows(scale, seed):
    rng = np.random.default_rng(12)
    n = 90
    x = rng.standard_normal(n)
    frame = pd.DataFrame({"id": [f"{i:03d}" for i in range(n)], "arm": pd.Categorical(np.where(np.arange(n) % 2, "b", "a"), categories=["a", "b"]),
                          "time": rng.integers(1, 60, n).astype(float), "status": rng.integers(0, 2, n), "x": x})
    order = np.random.default_rng(seed).permutation(n)
    moved = frame.iloc[order].reset_index(drop=True).assign(time=lambda t: t["time"] * scale)
    for of in ("risk_difference", "kaplan_meier", "cox"):
        one = ipcw(frame, of=of, times=(40.0,), covariates=("x",), every=10)
        other = ipcw(moved, of=of, times=(40.0 * scale,), covariates=("x",), every=10 * scale)
        assert np.array([(row.estimate, row.se) for row in one]) == pytest.approx(np.array([(row.estimate, row.se) for row in other]), rel=1e-7)
