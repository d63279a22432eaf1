"""Repeated outcomes and clubs: what holds for every data set, what is refused, and what is said."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators import ESTIMATORS
from pacer_analysis.estimators._repeated import clubs

CALLS = {
    "gee": ("gee", {}), "gee exchangeable": ("gee", {"correlation": "exchangeable", "correction": "kauermann_carroll"}), "gee log": ("gee", {"link": "log", "covariates": ("age",)}),
    "gee identity": ("gee", {"link": "identity", "correction": "none", "reference": "normal"}), "mixed": ("mixed_model", {"covariates": ("age",), "stratified": True}),
    "clubs": ("partially_nested", {}), "clubs adjusted": ("partially_nested", {"of": "logistic", "covariates": ("age",), "df": "satterthwaite"}),
}


def trial(seed: int, n: int, arms: int = 2) -> pd.DataFrame:
    """People at three visits with blanks, in up to eight clubs where they are not in the reference arm."""
    rng = np.random.default_rng(seed)
    names = list("abc")[:arms]
    arm, own, age = rng.choice(names, n), rng.normal(size=n), rng.normal(30, 5, n)
    age[rng.random(n) < 0.1] = np.nan
    people = pd.DataFrame({"id": [f"p{i}" for i in range(n)], "arm": pd.Categorical(arm, categories=names), "age": age, "stratum": rng.choice(["s1", "s2"], n),
                           "cluster": np.where(arm == "a", "", np.char.add(np.char.add(arm.astype(str), "-"), rng.integers(1, 9, n).astype(str))), "score": own})
    frame = pd.concat([people.assign(visit=visit, time=90.0 * (place + 1)) for place, visit in enumerate(("v1", "v2", "v3"))], ignore_index=True)
    frame["visit"] = pd.Categorical(frame["visit"], categories=["v1", "v2", "v3"])
    frame["outcome"] = (rng.random(len(frame)) < 1 / (1 + np.exp(-frame["score"]))).astype(float)
    frame["outcome"] = frame["outcome"].mask(rng.random(len(frame)) < 0.15)
    return frame.assign(observed=frame["outcome"].notna())


def ready(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """As the estimator takes it: scores for the mixed model, clubs for the partially nested comparison only."""
    if name == "mixed_model":
        frame = frame.assign(outcome=(frame["score"] + frame["outcome"] * 2 + np.arange(len(frame)) % 5).where(frame["observed"]))
    return frame if name == "partially_nested" else frame.drop(columns="cluster")


def called(call: str, frame: pd.DataFrame):
    name, options = CALLS[call]
    return ESTIMATORS[name](ready(frame, name), **options)


@pytest.mark.parametrize("call", CALLS)
@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.integers(8, 90), st.integers(2, 3))
def test_rows_are_sound_or_say_why_not(call, seed, n, arms):
    try:
        rows = called(call, trial(seed, n, arms))
    except NotEstimable:
        event("refused")
        return
    keys = [(row.measure, row.arm, row.contrast, row.term, row.time) for row in rows]
    assert len(set(keys)) == len(keys)
    for row in rows:
        numbers = [row.estimate, row.se, row.low, row.high, row.statistic, row.p, row.df]
        assert row.measure
        assert row.method
        assert row.witness
        assert all(number is None or math.isfinite(number) for number in numbers), row
        if row.estimate is None and row.statistic is None:
            assert row.note, row
        assert row.agreement is None or row.agreement < 1e-6, row
        assert (row.low is None) == (row.high is None) == (row.level is None) or row.measure == "variance", row
        if row.low is not None:
            assert row.low <= row.estimate <= row.high, row


@pytest.mark.parametrize("call", CALLS)
@settings(max_examples=5, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_order_and_names_of_the_rows_do_not_matter(call, seed):
    frame = ready(trial(seed, 60), CALLS[call][0])
    other = frame.sample(frac=1, random_state=seed).assign(id=lambda rows: "x" + rows["id"].str[::-1])
    if "cluster" in other:
        other["cluster"] = other["cluster"].mask(other["cluster"] != "", other["cluster"].str[::-1])
    name, options = CALLS[call]
    try:
        one, same = (ESTIMATORS[name](data, **options) for data in (frame, other))
    except NotEstimable:
        return
    for row, again in zip(one, same, strict=True):
        assert (row.measure, row.arm, row.contrast, row.term, row.n, row.events, row.missing, row.note) == (again.measure, again.arm, again.contrast, again.term, again.n, again.events, again.missing, again.note)
        for quantity in ("estimate", "se", "low", "high", "p", "df"):
            same_number(getattr(row, quantity), getattr(again, quantity), 1e-6)


def same_number(one, other, tolerance):
    assert (one is None) == (other is None)
    if one is not None:
        assert one == pytest.approx(other, rel=tolerance, abs=tolerance / 1000)


@pytest.mark.parametrize("call", [call for call in CALLS if "clubs" not in call])
@settings(max_examples=5, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_swapping_the_arms_inverts_ratios_mirrors_differences_and_keeps_p(call, seed):
    frame = trial(seed, 60)
    try:
        one, other = (called(call, data) for data in (frame, frame.assign(arm=frame["arm"].cat.reorder_categories(["b", "a"]))))
    except NotEstimable:
        return
    for row in (row for row in one if not row.arm and row.p is not None):
        same = next(again for again in other if not again.arm and (again.measure, again.term) == (row.measure, row.term))
        assert math.isclose(row.p, same.p, rel_tol=1e-6, abs_tol=1e-12)
        if row.scale == "ratio":
            assert math.isclose(row.estimate * same.estimate, 1, rel_tol=1e-6)
            assert math.isclose(row.low * same.high, 1, rel_tol=1e-6)
        elif row.scale == "difference":
            assert math.isclose(row.estimate, -same.estimate, rel_tol=1e-6, abs_tol=1e-9)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_without_covariates_working_independence_is_each_visits_own_table(seed):
    frame = trial(seed, 60).drop(columns="cluster")
    try:
        rows = ESTIMATORS["gee"](frame, correction="none", reference="normal")
    except NotEstimable:
        return
    for row in (row for row in rows if row.measure == "or" and row.estimate is not None):
        at = frame[(frame["visit"] == row.term) & frame["observed"]]
        a, b, c, d = (int(((at["arm"] == arm) & (at["outcome"] == outcome)).sum()) for arm in ("b", "a") for outcome in (1, 0))
        assert math.isclose(row.estimate, a * d / (b * c), rel_tol=1e-8)
        assert math.isclose(row.se, math.sqrt(1 / a + 1 / b + 1 / c + 1 / d), rel_tol=1e-8)
        difference = next(again for again in rows if (again.measure, again.term) == ("rd", row.term))
        assert math.isclose(difference.estimate, a / (a + b) - c / (c + d), rel_tol=1e-8, abs_tol=1e-10)
        assert math.isclose(difference.se, math.sqrt(a * b / (a + b) ** 3 + c * d / (c + d) ** 3), rel_tol=1e-8)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_a_weight_of_two_is_two_visits_alike(seed):
    frame = trial(seed, 50).drop(columns="cluster")
    # Twice in the same cluster: the second of them under another name for the visit's row, so as a person of her own in one `cluster`.
    twice = pd.concat([frame, frame.assign(id=frame["id"] + " again")], ignore_index=True)
    twice["cluster"] = "c " + twice["id"].str.split(" ").str[0]
    try:
        one, two = ESTIMATORS["gee"](frame.assign(weight=2), correction="none", reference="normal"), ESTIMATORS["gee"](twice, correction="none", reference="normal")
    except NotEstimable:
        return
    for row, again in zip(one, two, strict=True):
        for quantity in ("estimate", "se", "statistic", "p"):
            same_number(getattr(row, quantity), getattr(again, quantity), 1e-7)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-50, 50))
def test_the_unit_of_a_score_changes_nothing_but_its_unit(seed, factor, shift):
    frame = ready(trial(seed, 40), "mixed_model")
    try:
        one, other = ESTIMATORS["mixed_model"](frame), ESTIMATORS["mixed_model"](frame.assign(outcome=frame["outcome"] * factor + shift))
    except NotEstimable:
        return
    for row, again in zip(one, other, strict=True):
        same_number(row.p, again.p, 1e-5)
        if row.measure == "mean_difference":
            assert (row.estimate * factor, row.se * factor, row.df) == pytest.approx((again.estimate, again.se, again.df), rel=1e-5, abs=1e-7 * factor)


def test_balanced_scores_without_covariates_are_the_split_plot_analysis_of_variance():
    # Six people, three visits, complete: within = MS of the residual, between = (MS of people within arms - within) / 3; by hand from the sums.
    scores = np.array([[3, 5, 8], [4, 4, 7], [6, 8, 9], [2, 6, 6], [7, 9, 13], [5, 8, 9]], dtype=float)
    arm = np.repeat(["a", "b"], 3)
    frame = pd.DataFrame({"id": np.repeat([str(i) for i in range(6)], 3), "arm": pd.Categorical(np.repeat(arm, 3), categories=["a", "b"]), "visit": np.tile(["v1", "v2", "v3"], 6),
                          "outcome": scores.ravel(), "observed": True})
    rows = {(row.measure, row.term): row for row in ESTIMATORS["mixed_model"](frame) if not row.arm}
    people = scores.mean(axis=1)
    arms = np.array([people[arm == name].mean() for name in "ab"])[np.repeat([0, 1], 3)]
    cells = np.array([scores[arm == name].mean(axis=0) for name in "ab"])[np.repeat([0, 1], 3)]
    between = 3 * ((people - arms) ** 2).sum() / 4
    within = ((scores - cells - people[:, None] + arms[:, None]) ** 2).sum() / 8
    assert rows["variance", "within participants"].estimate == pytest.approx(within, rel=1e-9)
    assert rows["variance", "between participants"].estimate == pytest.approx((between - within) / 3, rel=1e-9)
    row = rows["mean_difference", "v2"]
    assert row.se == pytest.approx(math.sqrt(2 / 3 * (between + 2 * within) / 3), rel=1e-9)
    assert row.df == pytest.approx((between + 2 * within) ** 2 / (between**2 / 4 + (2 * within) ** 2 / 8), rel=1e-7)  # Satterthwaite, 1946
    assert rows["f", "arm x visit"].df == pytest.approx(8, rel=1e-6)


# Two clubs of 10 (8 and 4 events), 20 in no club (9): p 0.6, e = 2 and -2, v = 2 * 8 / 400 = 0.04; 0.45, v0 = 0.2475 / 20. df from (v + w)^2 / (v^2 / 1 + w^2 / 19).
def test_two_clubs_by_hand():
    frame = pd.DataFrame({"id": [str(i) for i in range(40)], "arm": pd.Categorical(["b"] * 20 + ["a"] * 20, categories=["a", "b"]), "cluster": ["x"] * 10 + ["y"] * 10 + [""] * 20,
                          "outcome": [1.0] * 8 + [0.0] * 2 + [1.0] * 4 + [0.0] * 6 + [1.0] * 9 + [0.0] * 11, "observed": True})
    row = next(row for row in ESTIMATORS["partially_nested"](frame, df="satterthwaite") if row.measure == "rd")
    assert (row.estimate, row.se, row.df) == pytest.approx((0.15, math.sqrt(0.04 + 0.012375), 0.052375**2 / (0.04**2 + 0.012375**2 / 19)), rel=1e-12)
    assert row.note == "2 clubs only in arm b: the variance between clubs is hardly known"
    corrected = next(row for row in ESTIMATORS["partially_nested"](frame) if row.measure == "rd")
    assert corrected.df == pytest.approx(1.0, rel=1e-12)  # with one degree of freedom for the clubs nothing is known of the rest's share


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.integers(3, 12))
def test_a_batch_is_its_trials_one_by_one(seed, k):
    rng = np.random.default_rng(seed)
    people = rng.integers(1, 12, (4, k)).astype(float)
    events, others = rng.binomial(people.astype(int), 0.6).astype(float), np.full(4, 30.0)
    zero, none = rng.binomial(30, 0.5, 4).astype(float), np.zeros((4, 0))
    batch = clubs.difference(clubs.arm(events, people), clubs.arm(none, none, zero, others), corrected=True)
    for i in range(4):
        unit = np.concatenate([np.repeat(np.arange(k), people[i].astype(int)), k + np.arange(30)])
        outcome = np.concatenate([np.concatenate([[1.0] * int(e) + [0.0] * int(m - e) for e, m in zip(events[i], people[i], strict=True)]), [1.0] * int(zero[i]) + [0.0] * int(30 - zero[i])])
        club = np.arange(k + 30) < k
        inside = club[unit]
        influence = np.where(inside, (outcome - outcome[inside].mean()) / inside.sum(), -(outcome - outcome[~inside].mean()) / 30)
        if np.ptp(outcome[inside]) and np.ptp(outcome[~inside]):
            alone = clubs.one_by_one(influence, unit, club, np.where(club, 1, 0), corrected=True)
            assert (float(batch[1][i]), float(batch[2][i])) == pytest.approx(alone, rel=1e-9)


def test_what_cannot_be_estimated_is_said():
    frame = trial(1, 60)
    v1 = frame[frame["visit"] == "v1"].drop(columns="visit")
    for call, (name, options) in CALLS.items():
        with pytest.raises(NotEstimable, match="no one in arm b"):
            called(call, frame[frame["arm"] == "a"])
        silent = frame.assign(outcome=frame["outcome"].mask(frame["visit"] == "v2"), observed=frame["observed"] & (frame["visit"] != "v2"))
        notes = [row for row in called(call, silent) if row.term == "v2"]
        assert [(row.estimate, row.time) for row in notes] == [(None, 180.0)], call
        assert "no one with the outcome known" in notes[0].note
        if "covariates" in inspect_options(name):
            one_visit = v1 if name == "partially_nested" else frame
            with pytest.raises(NotEstimable, match="collinear: months"):
                ESTIMATORS[name](ready(one_visit, name).assign(months=frame["age"] * 12), **{**options, "covariates": ("age", "months")})
    never = frame.assign(outcome=frame["outcome"].mask(frame["observed"] & (frame["arm"] == "b") & (frame["visit"] == "v1"), 0.0))
    rows = ESTIMATORS["gee"](never.drop(columns="cluster"))
    assert [row.note for row in rows if row.term == "v1"] == ["no events in arm b: the visit is not in the model"]
    rows = ESTIMATORS["partially_nested"](never[never["visit"] == "v1"].drop(columns="visit"))
    assert [row.note for row in rows if row.measure == "rd"] == ["no events in arm b"]
    with pytest.raises(NotEstimable, match="too few pairs of visits"):
        ESTIMATORS["gee"](frame[frame["visit"] == "v1"].drop(columns="cluster"), correlation="exchangeable")
    with pytest.raises(NotEstimable, match="covariate score2 changes between the rows"):
        ESTIMATORS["gee"](frame.drop(columns="cluster").assign(score2=np.arange(len(frame))), covariates=("score2",))
    with pytest.raises(NotEstimable, match="several rows of one participant at visit v1"):
        ESTIMATORS["gee"](pd.concat([frame, frame[frame["visit"] == "v1"]]).drop(columns="cluster"))
    with pytest.raises(NotEstimable, match="no participant has two values"):
        ESTIMATORS["mixed_model"](ready(frame[frame["visit"] == "v1"], "mixed_model"))
    with pytest.raises(NotEstimable, match="not nested"):
        ESTIMATORS["partially_nested"](v1.assign(cluster="one club for all"))
    with pytest.raises(NotEstimable, match="no one with the outcome known is in a cluster"):
        ESTIMATORS["partially_nested"](v1.assign(cluster=None))
    single = v1.assign(cluster=lambda rows: np.where(rows["arm"] == "b", "the club", ""))
    assert "one club only in arm b" in next(row for row in ESTIMATORS["partially_nested"](single) if row.measure == "rd").note


def inspect_options(name):
    return ESTIMATORS[name].__kwdefaults__


def test_a_plan_that_asks_for_the_impossible_is_refused():
    frame = trial(1, 60)
    for name, options, match in (("gee", {"correction": "other"}, "unknown correction"), ("gee", {"link": "probit"}, "unknown link"), ("partially_nested", {"of": "mean"}, "unknown of"),
                                 ("partially_nested", {"of": "cox"}, "takes a time outcome"), ("gee", {"covariates": ("height",)}, "no such covariate: height")):
        with pytest.raises(PlanError, match=match):
            ESTIMATORS[name](frame, **options)
    with pytest.raises(PlanError, match="exchangeable working correlation"):
        ESTIMATORS["gee"](frame.assign(weight=1.0), correlation="exchangeable")
    with pytest.raises(PlanError, match="without the clubs"):
        ESTIMATORS["partially_nested"](frame.drop(columns="cluster"))
    with pytest.raises(PlanError, match="one value per participant"):
        ESTIMATORS["mixed_model"](frame.drop(columns="visit"))


def test_separation_is_named():
    frame = trial(3, 80).drop(columns="cluster")
    settled = frame.groupby("id")["outcome"].transform("max").fillna(0)
    frame = frame.assign(settles=settled, outcome=frame["outcome"].where(~frame["observed"], settled))
    with pytest.raises(NotEstimable, match="settles"):
        ESTIMATORS["gee"](frame, covariates=("settles",))


# statsmodels' GEE raises TypeError on nullable booleans; here every kind of column is the same column.
@pytest.mark.parametrize("dtype", ["boolean", "Int64", "Float64", "bool[pyarrow]", "object"])
def test_nullable_columns_are_the_same_columns(dtype):
    frame = trial(5, 60).assign(parity=lambda rows: (rows["id"].str[-1].astype(int) % 2).astype(float))
    other = frame.copy()
    for column in ("outcome", "parity"):
        values = frame[column].astype("Int64").astype("boolean")
        other[column] = values.astype(object).where(values.notna(), None) if dtype == "object" else values.astype(dtype)
    for name, options in (("gee", {"correlation": "exchangeable"}), ("partially_nested", {})):
        one, same = (ESTIMATORS[name](data if name == "partially_nested" else data.drop(columns="cluster"), covariates=("parity",), **options) for data in (frame, other))
        assert [(row.estimate, row.se, row.n, row.events) for row in one] == [(row.estimate, row.se, row.n, row.events) for row in same]


def test_few_clubs_widen_the_interval_beyond_estimating_equations_that_count_everyone():
    # 8 clubs and 30 people alone: a t with clusters less coefficients hardly sees that there are 8 clubs; the partially nested analysis does.
    frame = trial(11, 120)
    frame = frame[frame["visit"] == "v1"]
    wide = next(row for row in ESTIMATORS["partially_nested"](frame) if row.measure == "rd")
    narrow = next(row for row in ESTIMATORS["gee"](frame, correction="none") if row.measure == "rd")
    assert wide.df < narrow.df
    assert wide.se > narrow.se  # K / (K - 1)
    assert "8 in b" in narrow.method
