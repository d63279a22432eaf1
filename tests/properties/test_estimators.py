"""What holds for every data set: rows are well formed, two computations agree, and known identities hold."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators import CURVES, ESTIMATORS
from pacer_analysis.results import Estimate

quick = settings(max_examples=60, deadline=None, derandomize=True)
RATIOS = {"rr", "or", "hr"}


def check(rows: list[Estimate]) -> None:
    """The contract of a row: keys are unique, numbers are finite, a blank says why, both computations agree."""
    keys = [(row.measure, row.arm, row.contrast, row.term, row.time) for row in rows]
    assert len(set(keys)) == len(keys)
    for row in rows:
        assert row.measure
        assert row.scale in {"absolute", "difference", "ratio", "test"}
        assert row.method
        assert row.witness
        assert not (row.arm and row.contrast)
        numbers = [row.estimate, row.se, row.low, row.high, row.statistic, row.p, row.df]
        assert all(number is None or math.isfinite(number) for number in numbers), row
        if all(number is None for number in numbers):
            assert row.note, row
            assert row.witness == "none" or row.measure == "median"  # not reached: both say so
        assert row.agreement is None or row.agreement < 1e-6, row
        assert (row.low is None and row.high is None) or row.level is not None
        if row.low is not None and row.high is not None and row.estimate is not None:
            assert row.low <= row.estimate + 1e-12, row
            assert row.estimate <= row.high + 1e-12, row
        if row.measure in RATIOS and "profile" not in row.method and row.estimate is not None and row.low is not None and row.high is not None:
            assert math.isclose(math.log(row.high / row.low), 2 * 1.959963984540054 * (row.se or 0), rel_tol=1e-9)
        if row.n is not None and row.observed is not None and row.missing is not None:
            assert row.n >= 0
            assert row.missing >= 0
        assert row.p is None or row.sides == 2


tables = st.tuples(st.integers(1, 40), st.integers(1, 40)).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1])))


def counts(table: tuple[int, int, int, int]) -> pd.DataFrame:
    x1, n1, x0, n0 = table
    return pd.DataFrame({"id": [str(i) for i in range(n1 + n0)], "arm": pd.Categorical(["b"] * n1 + ["a"] * n0, categories=["a", "b"]),
                         "outcome": [1.0] * x1 + [0.0] * (n1 - x1) + [1.0] * x0 + [0.0] * (n0 - x0), "observed": True})


@quick
@given(tables, st.sampled_from(["miettinen-nurminen", "newcombe", "wald"]))
def test_risk_difference_is_sound_for_every_table(table, interval):
    check(ESTIMATORS["risk_difference"](counts(table), interval=interval))


@quick
@given(tables)
def test_swapping_the_arms_mirrors_the_difference(table):
    x1, n1, x0, n0 = table
    one, other = ({row.measure: row for row in ESTIMATORS["risk_difference"](counts(t)) if row.contrast} for t in (table, (x0, n0, x1, n1)))
    assert math.isclose(one["rd"].estimate, -other["rd"].estimate, abs_tol=1e-12)
    assert math.isclose(one["rd"].low, -other["rd"].high, abs_tol=1e-9)
    assert math.isclose(one["rd"].high, -other["rd"].low, abs_tol=1e-9)
    if one["or"].estimate:
        assert math.isclose(one["or"].estimate * other["or"].estimate, 1, rel_tol=1e-12)


@quick
@given(tables)
def test_the_interval_excludes_zero_exactly_when_its_p_is_below_five_per_cent(table):
    row = next(row for row in ESTIMATORS["risk_difference"](counts(table)) if row.measure == "rd")
    if abs(row.p - 0.05) > 1e-6:
        assert (row.low > 0 or row.high < 0) == (row.p < 0.05)


def simulated(seed: int, n: int, *, ties: bool, competing: bool) -> pd.DataFrame:
    """A small two-arm trial with censoring, blanks and covariates."""
    rng = np.random.default_rng(seed)
    time = rng.exponential(100, n)
    status = rng.choice([0, 1, 2] if competing else [0, 1], n, p=[0.3, 0.5, 0.2] if competing else [0.4, 0.6])
    frame = pd.DataFrame({
        "id": [str(i) for i in range(n)], "arm": pd.Categorical(rng.choice(["a", "b"], n), categories=["a", "b"]),
        "time": np.floor(time / 25) if ties else time, "status": status, "stratum": rng.choice(["s1", "s2"], n),
        "age": rng.normal(30, 5, n), "cluster": rng.choice(list("klmnopq"), n),
    })
    frame.loc[rng.random(n) < 0.05, "time"] = np.nan
    frame.loc[rng.random(n) < 0.1, "age"] = np.nan
    return frame


trials = st.builds(simulated, st.integers(0, 10_000), st.integers(4, 60), ties=st.booleans(), competing=st.booleans())


@quick
@given(trials, st.booleans(), st.sampled_from(["", "robust", "cluster"]), st.booleans())
def test_cox_is_sound_or_says_why_not(frame, stratified, sandwich, adjusted):
    data = frame if sandwich == "cluster" else frame.drop(columns="cluster")
    try:
        check(ESTIMATORS["cox"](data, covariates=("age",) if adjusted else (), stratified=stratified, robust=sandwich == "robust"))
    except NotEstimable:
        event("refused")


@quick
@given(trials, st.booleans())
def test_logrank_is_sound_or_says_why_not(frame, stratified):
    try:
        rows = ESTIMATORS["logrank"](frame, stratified=stratified)
    except NotEstimable:
        return
    check(rows)
    expected = [row for row in rows if row.measure == "expected"]
    assert math.isclose(sum(row.estimate for row in expected), sum(row.events for row in expected), rel_tol=1e-9)


@quick
@given(trials)
def test_incidences_and_survival_add_up_to_one(frame):
    times = (10.0, 50.0, 100.0, 5000.0)
    rows = ESTIMATORS["cumulative_incidence"](frame, times=times)
    check(rows)
    composite = frame.assign(status=(frame["status"] > 0).astype(int))
    survival = ESTIMATORS["kaplan_meier"](composite, times=times)
    check(survival)
    for row in survival:
        if row.measure == "survival" and row.estimate is not None:
            parts = [other.estimate for other in rows if other.measure == "cif" and (other.arm, other.time) == (row.arm, row.time)]
            assert math.isclose(row.estimate + sum(parts), 1, rel_tol=1e-9)


@quick
@given(trials)
def test_curves_only_go_one_way_and_count_everyone(frame):
    for curve in CURVES["cumulative_incidence"](frame):
        values = [point.estimate for point in curve.points]
        assert values == sorted(values)
    for curve in CURVES["kaplan_meier"](frame.assign(status=(frame["status"] > 0).astype(int))):
        values = [point.estimate for point in curve.points]
        assert values == sorted(values, reverse=True)
        assert sum(point.events + point.censored for point in curve.points) == curve.points[0].at_risk


@quick
@given(trials, st.integers(0, 100))
def test_the_order_of_the_rows_does_not_matter(frame, seed):
    shuffled = frame.sample(frac=1, random_state=seed)
    one, other = (ESTIMATORS["cumulative_incidence"](data, times=(50.0,)) for data in (frame, shuffled))
    assert [(row.estimate, row.n, row.events) for row in one] == [(row.estimate, row.n, row.events) for row in other]


def binary(seed: int, n: int) -> pd.DataFrame:
    """A small three-arm trial with a binary outcome, blanks in it and in the covariates."""
    rng = np.random.default_rng(seed)
    outcome = rng.integers(0, 2, n).astype(float)
    frame = pd.DataFrame({
        "id": [str(i) for i in range(n)], "arm": pd.Categorical(rng.choice(["a", "b", "c"], n), categories=["a", "b", "c"]),
        "outcome": outcome, "observed": True, "age": rng.normal(30, 5, n), "parity": rng.integers(0, 2, n).astype(float),
        "school": rng.choice(["none", "some", ""], n), "stratum": rng.choice(["s1", "s2"], n),
    })
    blank = rng.random(n) < 0.1
    frame.loc[blank, "outcome"], frame.loc[blank, "observed"] = np.nan, False
    frame.loc[rng.random(n) < 0.1, ["age", "parity"]] = np.nan
    frame.attrs["kinds"] = {"age": "continuous", "parity": "binary", "school": "categorical"}
    return frame


@quick
@given(st.builds(binary, st.integers(0, 10_000), st.integers(6, 120)), st.sampled_from(["logistic", "standardisation"]), st.booleans())
def test_logistic_models_are_sound_or_say_why_not(frame, name, stratified):
    try:
        check(ESTIMATORS[name](frame, covariates=("age", "parity", "school"), stratified=stratified))
    except NotEstimable:
        event("refused")


@quick
@given(st.builds(binary, st.integers(0, 10_000), st.integers(0, 60)))
def test_descriptions_are_sound(frame):
    check(ESTIMATORS["describe"](frame, variables=("age", "parity", "school")))
    check(ESTIMATORS["proportion"](frame))
    rows = ESTIMATORS["count"](frame.assign(yes=frame["outcome"] == 1), of=("yes",))
    check(rows)
    assert sum(row.estimate for row in rows if row.measure == "count") == (frame["outcome"] == 1).sum()


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_signature_is_a_schema(name):
    first, *options = inspect.signature(ESTIMATORS[name]).parameters.values()
    assert first.name == "frame"
    assert all(option.kind is inspect.Parameter.KEYWORD_ONLY and option.annotation is not inspect.Parameter.empty for option in options)
    assert ESTIMATORS[name].__module__ == f"pacer_analysis.estimators.{name}"
