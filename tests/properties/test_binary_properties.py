"""Binary outcomes: what holds for every data set."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators import ESTIMATORS

quick = settings(max_examples=8, deadline=None, derandomize=True)


def trial(seed: int, n: int, arms: int = 2, *, rare: bool = False) -> pd.DataFrame:
    """A small trial with blanks in the outcome, in what was received and in the covariates."""
    rng = np.random.default_rng(seed)
    names = list("abc")[:arms]
    arm = rng.choice(names, n)
    outcome = (rng.random(n) < (0.08 if rare else 0.5)).astype(float)
    frame = pd.DataFrame({"id": [str(i) for i in range(n)], "arm": pd.Categorical(arm, categories=names), "outcome": outcome, "observed": True,
                          "age": rng.normal(30, 5, n), "parity": rng.integers(0, 2, n).astype(float), "stratum": rng.choice(["s1", "s2", "s3"], n),
                          "received": np.where(arm == "a", rng.random(n) < 0.1, rng.random(n) < 0.7).astype(float)})
    blank = rng.random(n) < 0.1
    frame.loc[blank, "outcome"], frame.loc[blank, "observed"] = np.nan, False
    frame.loc[rng.random(n) < 0.1, ["age", "received"]] = np.nan
    return frame


def swapped(frame: pd.DataFrame) -> pd.DataFrame:
    """The other arm as the reference."""
    return frame.assign(arm=frame["arm"].cat.reorder_categories(list(frame["arm"].cat.categories)[::-1]))


CALLS = {
    "risk_ratio": ("risk_ratio", {}), "risk_ratio adjusted": ("risk_ratio", {"covariates": ("age", "parity")}), "stratified": ("stratified_risk_difference", {}),
    "logistic": ("logistic", {"covariates": ("age",), "stratified": True}), "profile": ("logistic", {"covariates": ("parity",), "interval": "profile"}),
    "firth": ("logistic", {"covariates": ("parity",), "firth": "always"}), "ye": ("standardisation", {"covariates": ("age", "parity")}),
    "hc0": ("standardisation", {"covariates": ("age",), "variance": "delta-hc0"}), "fallback": ("standardisation", {"covariates": ("age",), "fallback": "stratified_risk_difference"}),
    "cace": ("cace", {}), "cace adjusted": ("cace", {"covariates": ("parity",), "stratified": True}), "ancova": ("ancova", {"baseline": "age", "variance": "hc3"}),
    "noninferiority": ("noninferiority", {"of": "risk_difference", "margin": -0.1, "better": "higher"}),
    "subgroups": ("subgroups", {"variables": ("stratum", "parity"), "of": "logistic", "smallest": 4}), "subgroups q": ("subgroups", {"variables": ("parity",), "of": "risk_difference", "smallest": 3}),
}


@pytest.mark.parametrize("call", CALLS)
@settings(max_examples=5, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.integers(6, 90), st.integers(2, 3), st.booleans())
def test_rows_are_sound_or_say_why_not(call, seed, n, arms, rare):
    name, options = CALLS[call]
    try:
        rows = ESTIMATORS[name](trial(seed, n, arms, rare=rare), **options)
    except NotEstimable:
        event("refused")
        return
    keys = [(row.measure, row.arm, row.contrast, row.subgroup, row.term, row.time) for row in rows]
    assert len(set(keys)) == len(keys)
    for row in rows:
        numbers = [row.estimate, row.se, row.low, row.high, row.statistic, row.p, row.df]
        assert row.measure
        assert row.method
        assert row.witness
        assert not (row.arm and row.contrast)
        assert all(number is None or math.isfinite(number) for number in numbers), row
        if all(number is None for number in numbers):
            assert row.note, row
            assert row.witness == "none", row
        assert row.agreement is None or row.agreement < 1e-6, row
        assert (row.low is None) == (row.high is None)
        if row.low is not None and row.high is not None and row.estimate is not None:
            assert row.low <= row.estimate + 1e-12, row
            assert row.estimate <= row.high + 1e-12, row
            assert row.level is not None
        assert row.p is None or row.sides in {1, 2}
        assert "=" not in row.subgroup or row.p is None


@pytest.mark.parametrize("call", ["risk_ratio", "risk_ratio adjusted", "stratified", "logistic", "profile", "firth", "ye", "hc0", "cace"])
@quick
@given(st.integers(0, 10_000), st.integers(30, 90))
def test_swapping_the_arms_inverts_ratios_mirrors_differences_and_keeps_p(call, seed, n):
    name, options = CALLS[call]
    frame = trial(seed, n)
    try:
        one, other = (ESTIMATORS[name](data, **options) for data in (frame, swapped(frame)))
    except NotEstimable:
        return
    for row in (row for row in one if row.contrast and row.term != "homogeneity"):
        same = next(again for again in other if again.contrast and (again.measure, again.term) == (row.measure, row.term))
        if row.p is not None and same.p is not None:
            assert math.isclose(row.p, same.p, rel_tol=1e-6, abs_tol=1e-12)
        if row.estimate is None or same.estimate is None:
            assert (row.estimate, row.note) == (same.estimate, same.note)
        elif row.scale == "ratio":
            assert math.isclose(row.estimate * same.estimate, 1, rel_tol=1e-6)
            assert math.isclose(row.low * same.high, 1, rel_tol=1e-6)
        elif row.measure == "rd":
            assert math.isclose(row.estimate, -same.estimate, rel_tol=1e-7, abs_tol=1e-9)
        if row.se and same.se:
            assert math.isclose(row.se, same.se, rel_tol=1e-6)


@pytest.mark.parametrize("call", [call for call in CALLS if call != "subgroups"])
@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_the_order_of_the_rows_does_not_matter(call, seed):
    name, options = CALLS[call]
    frame = trial(seed, 60)
    try:
        one, other = (ESTIMATORS[name](data, **options) for data in (frame, frame.sample(frac=1, random_state=seed)))
    except NotEstimable:
        return
    for row, again in zip(one, other, strict=True):
        assert (row.measure, row.contrast, row.term, row.n, row.events, row.missing, row.note) == (again.measure, again.contrast, again.term, again.n, again.events, again.missing, again.note)
        for quantity in ("estimate", "se", "low", "high", "p"):
            value, same = getattr(row, quantity), getattr(again, quantity)
            assert (value is None) == (same is None)
            assert value is None or math.isclose(value, same, rel_tol=1e-7, abs_tol=1e-9)


cells = st.tuples(*[st.integers(0, 25)] * 4).filter(lambda t: t[0] + t[1] > 0 and t[2] + t[3] > 0 and t[0] + t[2] > 0 and t[1] + t[3] > 0)


def table(a: int, b: int, c: int, d: int) -> pd.DataFrame:
    """Events and non-events of arm b, then of arm a, the reference."""
    return pd.DataFrame({"id": [str(i) for i in range(a + b + c + d)], "arm": pd.Categorical(["b"] * (a + b) + ["a"] * (c + d), categories=["a", "b"]),
                         "outcome": [1.0] * a + [0.0] * b + [1.0] * c + [0.0] * d, "observed": True, "stratum": "one"})


def contrast(rows, measure, term=""):
    return next(row for row in rows if row.measure == measure and row.contrast and row.term == term)


@quick
@given(cells)
def test_the_odds_ratio_of_one_binary_column_is_ad_over_bc(t):
    a, b, c, d = t
    row = contrast(ESTIMATORS["logistic"](table(*t)), "or")
    if min(t):
        assert math.isclose(row.estimate, a * d / (b * c), rel_tol=1e-9)
        assert math.isclose(row.se, math.sqrt(1 / a + 1 / b + 1 / c + 1 / d), rel_tol=1e-9)
    else:  # saturated: Jeffreys' prior adds half a person to each cell
        assert "Firth" in row.note
    firth = contrast(ESTIMATORS["logistic"](table(*t), firth="always"), "or")
    assert math.isclose(firth.estimate, (a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5)), rel_tol=1e-8)


@quick
@given(cells)
def test_without_covariates_standardisation_is_the_crude_comparison(t):
    a, b, c, d = t
    if not min(t):
        return
    rows = ESTIMATORS["standardisation"](table(*t))
    n1, n0, p1, p0 = a + b, c + d, a / (a + b), c / (c + d)
    row = contrast(rows, "rd")
    assert math.isclose(row.estimate, p1 - p0, rel_tol=1e-8, abs_tol=1e-12)
    assert math.isclose(row.se, math.sqrt(p1 * (1 - p1) / (n1 - 1) + p0 * (1 - p0) / (n0 - 1)), rel_tol=1e-7)  # Neyman's variance
    assert math.isclose(contrast(rows, "rr").estimate, p1 / p0, rel_tol=1e-8)


@quick
@given(cells)
def test_one_stratum_is_the_crude_table(t):
    a, b, c, d = t
    rows = ESTIMATORS["stratified_risk_difference"](table(*t))
    if min(t):
        assert math.isclose(contrast(rows, "rd").estimate, a / (a + b) - c / (c + d), abs_tol=1e-12)
        assert math.isclose(contrast(rows, "or").estimate, a * d / (b * c), rel_tol=1e-9)
        assert math.isclose(contrast(rows, "rr").estimate, a / (a + b) / (c / (c + d)), rel_tol=1e-9)
        assert math.isclose(contrast(rows, "rr").se, math.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)), rel_tol=1e-9)


@quick
@given(cells)
def test_modified_poisson_with_singleton_clusters_is_the_crude_ratio_times_its_factor(t):
    a, b, c, d = t
    if not a or not c or not (b or d):
        return
    frame = table(*t)
    row = contrast(ESTIMATORS["risk_ratio"](frame.assign(cluster="")), "rr")
    crude = contrast(ESTIMATORS["risk_ratio"](frame), "rr")
    groups = len(frame)
    assert math.isclose(row.estimate, crude.estimate, rel_tol=1e-9)
    assert math.isclose(row.se, crude.se * math.sqrt(groups / (groups - 1)), rel_tol=1e-7)


@pytest.mark.parametrize("options", [{"interval": "profile"}, {"firth": "always"}])
@quick
@given(cells)
def test_the_profile_interval_excludes_one_exactly_when_its_p_is_below_five_per_cent(options, t):
    row = contrast(ESTIMATORS["logistic"](table(*t), **options), "or")
    assert row.low < row.estimate < row.high
    if abs(row.p - 0.05) > 1e-6:
        assert (row.low > 1 or row.high < 1) == (row.p < 0.05)


@quick
@given(st.integers(0, 10_000))
def test_the_anderson_rubin_interval_excludes_zero_exactly_when_the_effect_as_randomised_does(seed):
    rows = ESTIMATORS["cace"](trial(seed, 80))
    row, whole = contrast(rows, "cace"), contrast(rows, "rd", "as randomised")
    if row.low is not None:
        assert math.isclose(row.p, whole.p, rel_tol=1e-9)
        assert (row.low > 0 or row.high < 0) == (row.p < 0.05)
        assert math.isclose(row.estimate * contrast(rows, "rd", "received").estimate, whole.estimate, rel_tol=1e-9, abs_tol=1e-12)


@quick
@given(cells, st.floats(-0.4, -0.01), st.sampled_from(["miettinen-nurminen", "wald"]))
def test_noninferior_exactly_when_its_one_sided_p_is_below_a_half_of_alpha(t, margin, interval):
    rows = ESTIMATORS["noninferiority"](table(*t), of="risk_difference", margin=margin, better="higher", options={"interval": interval})
    verdict = rows[-1]
    if verdict.p is not None and abs(verdict.p - 0.025) > 1e-6:
        assert (verdict.note.split("; ")[0] == "non-inferior") == (verdict.p < 0.025)
        assert verdict.sides == 1


@quick
@given(st.integers(0, 10_000))
def test_everyone_twice_has_the_same_estimates_and_smaller_errors(seed):
    frame = trial(seed, 60)
    twice = pd.concat([frame, frame.assign(id=frame["id"] + "b")], ignore_index=True)
    for call in ("risk_ratio", "stratified", "logistic", "cace"):
        name, options = CALLS[call]
        try:
            one, other = (ESTIMATORS[name](data, **options) for data in (frame, twice))
        except NotEstimable:
            continue
        for row, again in zip(one, other, strict=True):
            if row.contrast and row.se and again.se and not row.note and row.measure != "chisq":
                assert math.isclose(row.estimate, again.estimate, rel_tol=1e-6, abs_tol=1e-9)
                assert math.isclose(row.se, again.se * math.sqrt(2), rel_tol=1e-6)
