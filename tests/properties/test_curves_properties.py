"""What holds for every data set of times: known identities, symmetries, and rows that are sound or say why not."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators import CURVES, ESTIMATORS
from pacer_analysis.estimators._nonparametric import gray_test, interval_censored
from tests.properties.test_estimators import check, simulated

few = settings(max_examples=15, deadline=None, derandomize=True)
TIMES = (10.0, 50.0, 100.0, 5000.0)
plain = st.builds(simulated, st.integers(0, 10_000), st.integers(4, 60), ties=st.booleans(), competing=st.just(value=False))
competing = st.builds(simulated, st.integers(0, 10_000), st.integers(4, 60), ties=st.booleans(), competing=st.just(value=True))
CALLS = [("followup", {"horizon": 200.0}), ("rmst", {"times": TIMES}), ("survival_difference", {"times": TIMES}), ("survival_difference", {"times": TIMES, "of": "incidence"}),
         ("gray", {}), ("gray", {"stratified": True}), ("incidence_rate", {}), ("kaplan_meier", {"times": TIMES}), ("cumulative_incidence", {"times": TIMES})]


def late(frame, seed):
    """Some enter on later days, a few not before they leave."""
    rng = np.random.default_rng(seed)
    return frame.assign(entry=np.where(rng.random(len(frame)) < 0.3, np.nan, np.round(rng.uniform(0, 1.05, len(frame)) * frame["time"].fillna(10), 1)))


def visits(seed, n, *, missed, deaths=False):
    """A small trial seen at five visits."""
    rng = np.random.default_rng(seed)
    ill, death = rng.exponential(4, n), rng.exponential(9, n) if deaths else np.full(n, 99.0)
    there = (rng.random((n, 5)) > missed) & (np.arange(1, 6) <= death[:, None]) & (np.arange(1, 6) <= (rng.integers(1, 7, n) if not missed else np.full(n, 6))[:, None])
    upper = np.where(there & (ill[:, None] <= np.arange(1, 6)), np.arange(1, 6), np.inf).min(axis=1)
    lower = np.where(there & (ill[:, None] > np.arange(1, 6)), np.arange(1, 6), 0).max(axis=1)
    frame = pd.DataFrame({"id": [str(i) for i in range(n)], "arm": pd.Categorical(rng.choice(["a", "b"], n), categories=["a", "b"]), "age": rng.normal(30, 5, n),
                          "lower": lower.astype(float), "upper": np.where(np.isinf(upper), np.nan, upper), "stratum": rng.choice(["s", "t"], n)})
    return frame.assign(time=np.minimum(death, 5.0), status=np.where(np.isfinite(upper), 1, 2 * (death < 5))) if deaths else frame


def swapped(frame):
    """The other arm as the reference."""
    return frame.assign(arm=frame["arm"].cat.reorder_categories(["b", "a"]))


def near(one, other, rel=1e-9, floor=1e-12):
    """Both nothing, or both the same number but for rounding."""
    return (one is None and other is None) or (one is not None and other is not None and math.isclose(one, other, rel_tol=rel, abs_tol=floor))


def by_key(rows):
    return {(row.measure, row.arm, row.term, row.time): row for row in rows}


@few
@given(plain, competing, st.integers(0, 100), st.sampled_from(CALLS), st.booleans())
def test_rows_are_sound_or_say_why_not(one, other, seed, call, delayed):
    name, options = call
    frame = other if name in {"gray", "incidence_rate", "followup", "cumulative_incidence"} or "of" in options else one
    try:
        rows = ESTIMATORS[name](late(frame, seed) if delayed and name != "gray" else frame, **options)
    except NotEstimable:
        event("refused")
        return
    check(rows)


@few
@given(st.builds(visits, st.integers(0, 10_000), st.integers(6, 60), missed=st.sampled_from([0.0, 0.4]), deaths=st.booleans()), st.booleans())
def test_what_is_seen_at_visits_is_sound_or_says_why_not(frame, adjusted):
    check(ESTIMATORS["turnbull"](frame, times=(1, 2.5, 5, 9)))
    check(ESTIMATORS["discrete_hazard"](frame, times=(1, 3, 5, 9), covariates=("age",) if adjusted else (), stratified=adjusted))


@few
@given(plain, competing)
def test_swapping_the_arms_mirrors_every_comparison(one, other):
    calls = [("rmst", one, {"times": (40.0,)}), ("survival_difference", one, {"times": (40.0,)}), ("survival_difference", other, {"times": (40.0,), "of": "incidence"}),
             ("incidence_rate", other, {}), ("gray", other, {})]
    for name, frame, options in calls:
        try:
            pairs = zip(ESTIMATORS[name](frame, **options), ESTIMATORS[name](swapped(frame), **options), strict=True)
        except NotEstimable:
            continue
        for row, back in ((row, back) for row, back in pairs if row.contrast):
            assert row.measure == back.measure
            assert (row.p is None) == (back.p is None)
            assert row.p is None or math.isclose(row.p, back.p, rel_tol=1e-7, abs_tol=1e-12)
            if row.scale == "difference" and row.estimate is not None:
                assert math.isclose(row.estimate, -back.estimate, abs_tol=1e-9)
            if row.scale == "ratio" and row.estimate and back.estimate:
                assert math.isclose(row.estimate * back.estimate, 1, rel_tol=1e-9)
                assert row.low is None or back.high is None or math.isclose(row.low * back.high, 1, rel_tol=1e-9)


@few
@given(st.builds(visits, st.integers(0, 10_000), st.integers(40, 80), missed=st.sampled_from([0.0, 0.3])))
def test_swapping_the_arms_inverts_the_hazard_ratio_of_visits(frame):
    row, back = (ESTIMATORS["discrete_hazard"](data)[0] for data in (frame, swapped(frame)))
    if row.estimate is not None:
        assert math.isclose(row.estimate * back.estimate, 1, rel_tol=1e-8)
        assert math.isclose(row.se, back.se, rel_tol=1e-7)
        assert math.isclose(row.p, back.p, abs_tol=1e-8)


@few
@given(plain, competing, st.integers(0, 100), st.sampled_from(CALLS))
def test_the_order_of_the_rows_does_not_matter(one, other, seed, call):
    name, options = call
    frame = other if name in {"gray", "incidence_rate", "followup", "cumulative_incidence"} or "of" in options else one
    try:
        rows = [ESTIMATORS[name](data, **options) for data in (frame, frame.sample(frac=1, random_state=seed))]
    except NotEstimable:
        return
    for row, again in zip(*rows, strict=True):
        for quantity in ("estimate", "se", "low", "high", "p", "statistic"):
            assert near(getattr(row, quantity), getattr(again, quantity)), (row, again)
        assert (row.n, row.events, row.missing, row.note) == (again.n, again.events, again.missing, again.note)


@few
@given(plain, competing)
def test_the_unit_of_time_changes_only_what_is_in_that_unit(one, other):
    weeks = [frame.assign(time=frame["time"] / 7) for frame in (one, other)]
    try:
        for name, frame, again in (("rmst", one, weeks[0]), ("survival_difference", one, weeks[0]), ("gray", other, weeks[1]), ("incidence_rate", other, weeks[1])):
            rows = [ESTIMATORS[name](data, **({"times": (times,)} if name in {"rmst", "survival_difference"} else {})) for data, times in ((frame, 63.0), (again, 9.0))]
            for row, scaled in zip(*rows, strict=True):
                factor = {"rmst": 1 / 7, "rmst_difference": 1 / 7, "person_years": 1 / 7, "rate": 7, "rate_difference": 7}.get(row.measure, 1)
                assert near(row.estimate and row.estimate * factor, scaled.estimate, floor=1e-9)
                assert near(row.p, scaled.p, floor=1e-9)
                assert near(row.statistic, scaled.statistic, floor=1e-7)
    except NotEstimable:
        return


@few
@given(st.integers(0, 10_000), st.integers(2, 40), st.booleans())
def test_without_censoring_curves_are_the_empirical_distribution(seed, n, ties):
    frame = simulated(seed, n, ties=ties, competing=True).drop(columns="arm")
    rng = np.random.default_rng(seed)
    frame["time"], frame["status"] = frame["time"].fillna(3.0) + 1, rng.integers(1, 3, n)
    time, day = frame["time"].to_numpy(), float(frame["time"].median())
    share = float((time > day).mean())
    everyone = frame.assign(status=1)
    row = by_key(ESTIMATORS["kaplan_meier"](everyone, times=(day,)))["survival", "", "", day]
    assert (row.estimate, row.se) == pytest.approx((share, math.sqrt(share * (1 - share) / n)), abs=1e-9)
    row = by_key(ESTIMATORS["rmst"](everyone, times=(day,)))["rmst", "", "", day]
    until = np.minimum(time, day)
    assert (row.estimate, row.se) == pytest.approx((until.mean(), until.std() / math.sqrt(n)), abs=1e-9)
    ill = float(((time <= day) & (frame["status"] == 1)).mean())
    row = by_key(ESTIMATORS["cumulative_incidence"](frame, times=(day,)))["cif", "", "", day]
    assert (row.estimate, row.se) == pytest.approx((ill, math.sqrt(ill * (1 - ill) / n)), abs=1e-9)
    row = by_key(ESTIMATORS["turnbull"](everyone.assign(lower=time, upper=time), times=(day,)))["survival", "", "", day]
    assert row.estimate == pytest.approx(share, abs=1e-9)


@few
@given(plain)
def test_turnbull_of_exact_and_censored_times_is_kaplan_meier(frame):
    one = frame.drop(columns="arm")
    seen = one.assign(lower=one["time"], upper=one["time"].where(one["status"] == 1))
    turnbull = by_key(ESTIMATORS["turnbull"](seen, times=(10.0, 60.0)))
    for row in ESTIMATORS["kaplan_meier"](one, times=(10.0, 60.0)):
        if row.measure == "survival" and row.estimate is not None and turnbull["survival", "", "", row.time].estimate is not None:
            assert turnbull["survival", "", "", row.time].estimate == pytest.approx(row.estimate, abs=1e-9)


@few
@given(st.integers(0, 10_000), st.integers(2, 30))
def test_no_other_masses_have_a_greater_likelihood(seed, n):
    rng = np.random.default_rng(seed)
    lower = rng.integers(0, 8, n).astype(float)
    upper = np.where(rng.random(n) < 0.3, np.inf, lower + rng.integers(0, 5, n))
    where = interval_censored.innermost(lower, upper)
    mass = interval_censored.maximise(where)

    def loglik(masses):  # slowly, from the definition
        cover = [[(low < right or (low == upp == right)) and right <= upp and left >= low for left, right in zip(where.left, where.right, strict=True)]
                 for low, upp in zip(lower, upper, strict=True)]
        return float(np.log(np.array(cover) @ masses).sum())

    best = loglik(mass)
    for other in rng.dirichlet(np.full(len(mass), 0.3), 20):
        for share in (1e-4, 0.1, 1.0):
            with np.errstate(divide="ignore"):
                assert loglik((1 - share) * mass + share * other) <= best + 1e-9


@few
@given(st.builds(visits, st.integers(0, 10_000), st.integers(4, 60), missed=st.just(0.0)))
def test_at_visits_none_of_which_is_missed_the_incidence_is_one_minus_kaplan_meier(frame):
    direct = {(row.arm, row.time): row for row in ESTIMATORS["discrete_hazard"](frame, times=(1, 3, 5)) if row.measure == "cif"}
    came = frame[(frame["upper"].fillna(frame["lower"]) > 0)]
    times = came.assign(time=came["upper"].fillna(came["lower"] + 0.5), status=came["upper"].notna().astype(int))
    for row in ESTIMATORS["kaplan_meier"](times, times=(1, 3, 5)):
        other = direct.get((row.arm, row.time))
        if row.measure == "survival" and row.estimate is not None and other is not None and other.estimate is not None:
            assert (other.estimate, other.se) == pytest.approx((1 - row.estimate, row.se), abs=1e-9)


@few
@given(plain, st.integers(0, 100))
def test_a_persons_time_may_be_cut_in_two(frame, seed):
    known = frame[frame["time"].notna() & (frame["time"] > 0)]
    cut = known["time"] * np.random.default_rng(seed).uniform(0.1, 0.9, len(known))
    halves = pd.concat([known.assign(entry=0.0, time=cut, status=0), known.assign(entry=cut)])
    for name, options in (("kaplan_meier", {"times": (40.0,)}), ("incidence_rate", {}), ("rmst", {"times": (40.0,)})):
        whole, parts = by_key(ESTIMATORS[name](known, **options)), by_key(ESTIMATORS[name](halves, **options))
        for key, row in whole.items():
            if key[0] in {"survival", "median", "rate", "rate_ratio", "rmst", "rmst_difference", "at_risk", "events"} and row.estimate is not None:
                assert (row.estimate, row.se or 0, row.low or 0) == pytest.approx((parts[key].estimate, parts[key].se or 0, parts[key].low or 0), rel=1e-9, abs=1e-12)


@few
@given(plain)
def test_twice_the_people_halve_the_variance(frame):
    twice = pd.concat([frame, frame])
    for row, double in zip(ESTIMATORS["rmst"](frame, times=(40.0,)), ESTIMATORS["rmst"](twice, times=(40.0,)), strict=True):
        assert near(row.estimate, double.estimate)
        assert near(row.se and row.se / math.sqrt(2), double.se)


@few
@given(plain)
def test_without_competing_events_grays_score_is_the_log_ranks(frame):
    known = frame[frame["time"].notna()]
    try:
        rows = ESTIMATORS["logrank"](known)
    except NotEstimable:
        return
    gap = gray_test.score(known["time"].to_numpy(), known["status"].to_numpy(), known["arm"].cat.codes.to_numpy().astype(np.intp), 2, 1).gap
    expected = [row for row in rows if row.measure == "expected"]
    assert gap == pytest.approx([row.events - row.estimate for row in expected], abs=1e-9)


@few
@given(plain, st.integers(0, 100))
def test_the_curve_of_the_difference_counts_everyone(frame, seed):
    try:
        curves = CURVES["survival_difference"](late(frame, seed))
    except NotEstimable:
        return
    for curve in curves:
        assert curve.arm == "b - a"
        assert all(-1 <= point.estimate <= 1 and point.at_risk >= point.events + point.censored for point in curve.points)
        assert all(point.low is None or point.low <= point.estimate <= point.high for point in curve.points)


@pytest.mark.parametrize("kinds", [{"status": "Int64", "time": "Int64"}, {"status": "boolean"}, {"status": "int64[pyarrow]", "time": "double[pyarrow]"}])
def test_nullable_columns_are_taken_as_they_come(kinds):
    frame = simulated(3, 40, ties=True, competing=False)
    frame.loc[:1, "status"] = 0
    for name, options in CALLS:
        if name == "survival_difference" and "of" in options:
            continue
        ordinary, nullable = (ESTIMATORS[name](data, **options) for data in (frame, frame.astype(kinds)))
        assert [(row.estimate, row.se, row.p, row.n, row.note) for row in ordinary] == [(row.estimate, row.se, row.p, row.n, row.note) for row in nullable]
    seen = visits(5, 40, missed=0.3)
    ordinary, nullable = (ESTIMATORS["discrete_hazard"](data, times=(3,)) for data in (seen, seen.astype({"lower": "Int64", "upper": "Int64"})))
    assert [(row.estimate, row.note) for row in ordinary] == [(row.estimate, row.note) for row in nullable]
