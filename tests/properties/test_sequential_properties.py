"""Sequential tests, re-randomisation, weights and multiplicity: what holds for every data set."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators import ESTIMATORS
from pacer_analysis.estimators._sequential.boundaries import Design, bounds, drift
from pacer_analysis.estimators._sequential.inference import final
from pacer_analysis.estimators._sequential.recursion import FAR, exits_again
from pacer_analysis.estimators._sequential.sample_sizes import Proportions, people, power_of_people
from pacer_analysis.estimators.e_value import e
from pacer_analysis.estimators.multiplicity import Hierarchy, Hypothesis, claims, fixed_sequence, hochberg, holm
from pacer_analysis.results import Estimate

quick = settings(max_examples=25, deadline=None, derandomize=True)
few = settings(max_examples=6, deadline=None, derandomize=True)
shares = st.lists(st.floats(0.05, 0.95), min_size=1, max_size=3, unique=True).map(sorted).filter(lambda t: all(b - a > 0.03 for a, b in zip([0, *t], [*t, 1.0], strict=True)))
spendings = st.sampled_from(["obrien_fleming", "pocock", "power", "haybittle_peto", "classic_obrien_fleming", "classic_pocock"])


@few
@given(shares, shares, spendings, st.floats(0.8, 1.3))
def test_alpha_is_spent_whole_whatever_information_the_looks_had(planned, actual, spending, last):
    """Under- or over-running: the bounds together are crossed with probability alpha, by the other recursion."""
    design = Design((*planned, 1.0), spending=spending)
    times = (*(t * min(last, 1.0) for t in actual), last)
    try:
        found = bounds(design, times)
    except NotEstimable:
        assert spending.startswith(("classic", "haybittle"))
        return
    assert exits_again(times, (-FAR,) * len(times), found.upper, 0.0)[1].sum() == pytest.approx(0.025, abs=1e-7)


@few
@given(shares, st.sampled_from(["obrien_fleming", "pocock", "power"]), st.sampled_from(["none", "obrien_fleming", "pocock", "power"]), st.floats(0.7, 0.95))
def test_the_drift_of_a_design_gives_its_power(planned, spending, futility, power):
    design = Design((*planned, 1.0), spending=spending, futility=futility, power=power)
    found = bounds(design, design.fractions)
    assert exits_again(found.times, found.futility, found.upper, drift(design))[1].sum() == pytest.approx(power, abs=1e-6)


@settings(few, max_examples=4)
@given(shares, spendings, st.floats(0.3, 4.0))
def test_the_adjusted_p_and_interval_say_the_same(planned, spending, z):
    times = (*planned, 1.0)
    upper = bounds(Design(times, spending=spending), times).upper
    found, mirrored = final(times, upper, z, 0.95), final(times, upper, -z, 0.95)
    assert (found.p < 0.05) == (found.low > 0) == (z > upper[-1])
    assert found.low < found.median < found.high
    assert (mirrored.p, mirrored.median, mirrored.low, mirrored.high) == (found.p, -found.median, -found.high, -found.low)
    assert final((1.0,), (), z, 0.95).low == pytest.approx(z - 1.959963984540054, abs=1e-9)      # one look is no look


def trial(seed: int, n: int = 80) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    age = rng.normal(30, 5, n)
    arm = np.where(rng.random(n) < 1 / (1 + np.exp(-(age - 30) / 10)), "b", "a")
    high = (rng.random(n) < 0.4).astype(float)
    return pd.DataFrame({"id": [f"R-{i:03d}" for i in range(n)], "arm": pd.Categorical(arm, categories=["a", "b"]), "age": age, "high": high, "block": rng.integers(0, 12, n),
                         "time": np.ceil(rng.exponential(60 + 2 * (age - 30).clip(-20, 20))), "status": (rng.random(n) < 0.8).astype(int),
                         "outcome": (rng.random(n) < 0.3 + 0.3 * high).astype(float)}).assign(observed=True)


def swapped(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(arm=frame["arm"].cat.reorder_categories(["b", "a"]))


def binary(seed: int) -> pd.DataFrame:
    return trial(seed).drop(columns=["time", "status"])


def times(seed: int) -> pd.DataFrame:
    return trial(seed).drop(columns=["outcome", "observed"])


def same(one, other, *, mirrored=False):
    """Equal rows, or rows of the mirrored contrast: ratios inverted, differences negated, p kept."""
    assert len(one) == len(other)
    for left, right in zip(one, other, strict=True):
        assert left.measure == right.measure
        if left.estimate is None:
            assert right.estimate is None
            continue
        expected = left.estimate if not mirrored or left.scale in {"absolute", "test"} else 1 / left.estimate if left.scale == "ratio" else -left.estimate
        assert right.estimate == pytest.approx(expected, rel=1e-7, abs=1e-9)
        assert right.se == (None if left.se is None else pytest.approx(left.se, rel=1e-6))
        assert right.p == (None if left.p is None else pytest.approx(left.p, rel=1e-6, abs=1e-12))


@few
@given(st.integers(0, 1000))
def test_swapping_the_groups_mirrors_weighted_contrasts(seed):
    for frame, options in ((binary(seed), {}), (times(seed), {"horizons": (40.0,)})):
        for weights in ("overlap", "inverse_probability"):
            one, other = (sorted(ESTIMATORS["propensity"](data, covariates=("age", "high"), weights=weights, **options), key=lambda row: (row.measure, row.arm)) for data in (frame, swapped(frame)))
            same(one, other, mirrored=True)


@few
@given(st.integers(0, 1000))
def test_order_names_and_units_change_no_weighted_row(seed):
    frame = times(seed)
    one = ESTIMATORS["propensity"](frame, covariates=("age", "high"), horizons=(40.0,))
    shuffled = frame.sample(frac=1, random_state=seed).assign(id=lambda table: table["id"].str.replace("R", "Q"), age=lambda table: 365.25 * table["age"] - 7, time=lambda table: table["time"] / 7)
    same(one, ESTIMATORS["propensity"](shuffled, covariates=("age", "high"), horizons=(40.0 / 7,)))


@quick
@given(st.integers(0, 1000))
def test_overlap_weights_on_one_binary_covariate_are_mantel_and_haenszel(seed):
    """By hand: sum of n1 n0 / n times each stratum's difference, over the sum of n1 n0 / n."""
    frame = binary(seed)
    row = next(row for row in ESTIMATORS["propensity"](frame, covariates=("high",)) if row.measure == "rd")
    above = below = 0.0
    for _, stratum in frame.groupby("high"):
        one, zero = stratum[stratum["arm"] == "b"]["outcome"], stratum[stratum["arm"] == "a"]["outcome"]
        weight = len(one) * len(zero) / len(stratum)
        above, below = above + weight * (one.mean() - zero.mean()), below + weight
    assert row.estimate == pytest.approx(above / below, abs=1e-9)


@quick
@given(st.integers(0, 1000))
def test_inverse_probability_on_one_binary_covariate_is_direct_standardisation(seed):
    frame = binary(seed)
    row = next(row for row in ESTIMATORS["propensity"](frame, covariates=("high",), weights="inverse_probability") if row.measure == "rd")
    cells = frame.groupby(["high", "arm"], observed=True)["outcome"].mean()
    expected = sum((frame["high"] == high).mean() * (cells[high, "b"] - cells[high, "a"]) for high in (0.0, 1.0))
    assert row.estimate == pytest.approx(expected, abs=1e-9)


@few
@given(st.integers(0, 1000))
def test_everyone_twice_halves_the_variance(seed):
    frame = binary(seed)
    twice = pd.concat([frame, frame.assign(id=frame["id"] + "b")], ignore_index=True)
    one, two = ({(row.measure, row.arm): row for row in ESTIMATORS["propensity"](data, covariates=("age",))} for data in (frame, twice))
    for key, row in one.items():
        assert two[key].estimate == pytest.approx(row.estimate, rel=1e-8)
        assert two[key].se == pytest.approx(row.se / math.sqrt(2), rel=1e-7)
    clustered = ESTIMATORS["propensity"](twice.assign(cluster=twice["id"].str[:5]), covariates=("age",))
    for row in clustered:
        assert row.se == pytest.approx(one[row.measure, row.arm].se, rel=1e-7)


@few
@given(st.integers(0, 1000))
def test_a_randomisation_test_knows_no_order_and_no_reference(seed):
    for frame, of in ((binary(seed), "risk_difference"), (times(seed), "logrank")):
        one, = ESTIMATORS["randomisation_test"](frame, of=of, seed=seed, draws=199)
        for other in (frame.sample(frac=1, random_state=1), swapped(frame)):
            again, = ESTIMATORS["randomisation_test"](other, of=of, seed=seed, draws=199)
            assert again.p == one.p
        assert 1 / 200 <= one.p <= 1


@few
@given(st.integers(0, 1000), st.floats(-3, 3))
def test_swapping_the_arms_mirrors_an_adjusted_row(seed, z):
    frame = times(seed)
    found = []
    for data, sign in ((frame, 1), (swapped(frame), -1)):
        rows = ESTIMATORS["group_sequential"](data, of="cox", measure="hr", planned_information=90, fractions=(0.3, 1), information=(20,), z=(sign * z,), final=True)
        found.append(next(row for row in rows if row.term == "adjusted for the looks"))
    assert found[1].estimate == pytest.approx(1 / found[0].estimate, rel=1e-7)
    assert (found[1].low, found[1].high) == (pytest.approx(1 / found[0].high, rel=1e-7), pytest.approx(1 / found[0].low, rel=1e-7))
    assert found[1].p == pytest.approx(found[0].p, rel=1e-7)


probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=7)


@quick
@given(probabilities, st.randoms(use_true_random=False))
def test_families_of_p(p, random):
    one, other = holm(p), hochberg(p)
    assert all(a <= b <= c <= 1 for a, b, c in zip(p, other, one, strict=True))
    order = list(range(len(p)))
    random.shuffle(order)
    for method, found in ((holm, one), (hochberg, other)):
        assert method([p[i] for i in order]) == tuple(found[i] for i in order)
    assert fixed_sequence(p)[-1] == max(p)


@quick
@given(st.lists(probabilities, min_size=1, max_size=4), st.floats(0.001, 0.3), st.sampled_from(["holm", "hochberg"]))
def test_nothing_is_claimed_after_what_was_not(steps, alpha, family):
    rows, hierarchy = [], []
    for i, step in enumerate(steps):
        rows += [Estimate(id=f"{i}-{j}", analysis=f"{i}-{j}", p=p) for j, p in enumerate(step)]
        hierarchy.append(tuple(Hypothesis(f"{i}-{j}") for j in range(len(step))))
    found = claims(rows, Hierarchy(tuple(hierarchy), alpha, family))
    for claim in found:
        assert claim.claimed == (claim.adjusted <= alpha)
        assert not claim.claimed or all(earlier.claimed for earlier in found if earlier.step < claim.step)
        assert claim.claimed or claim.reason


@quick
@given(st.floats(0.01, 20))
def test_an_e_value_knows_no_direction(ratio):
    assert e(ratio) == pytest.approx(e(1 / ratio))
    assert e(ratio) >= max(ratio, 1 / ratio) * (1 - 1e-12)


@quick
@given(st.floats(0.1, 0.9), st.floats(0.1, 0.9), st.floats(0.5, 2), st.booleans())
def test_the_sample_size_has_its_power(p1, p0, ratio, continuity):
    assume(abs(p1 - p0) > 0.05)
    about = Proportions(p1, p0, ratio)
    n = people(about, 0.025, 0.85, continuity=continuity)
    assert power_of_people(about, 0.025, n, continuity=continuity) == pytest.approx(0.85, abs=1e-9)
    assert people(Proportions(p0, p1, 1 / ratio), 0.025, 0.85, continuity=continuity) == pytest.approx(n * ratio, rel=1e-9)
