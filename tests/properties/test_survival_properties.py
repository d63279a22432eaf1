"""What holds of every hazard model: the likelihood is the one in the books, both ways agree, and what should not matter does not."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators import ESTIMATORS
from pacer_analysis.estimators._survival import log_rank, partial_likelihood, residuals
from pacer_analysis.estimators._survival.batch import cox_batch, logrank_batch
from tests.properties.test_estimators import check, trials

quick = settings(max_examples=25, deadline=None, derandomize=True)
few = settings(max_examples=8, deadline=None, derandomize=True)
seeds = st.integers(0, 10_000)
OPTIONS = {"cox": {"covariates": ("age",)}, "cause_specific": {"covariates": ("age",)}, "fine_gray": {"covariates": ("age",)},
           "proportional_hazards": {"covariates": ("age",)}, "logrank": {}}


def slow_loglik(data, beta, ties):
    """The partial likelihood, one factor after the other, straight from the formula."""
    total = 0.0
    for stratum in set(data["strata"]):
        inside = [i for i in range(len(data["time"])) if data["strata"][i] == stratum]
        size = {i: data["weight"][i] * math.exp(data["x"][i] @ beta + data["offset"][i]) for i in inside}
        for day in sorted({data["time"][i] for i in inside if data["event"][i]}):
            dying = [i for i in inside if data["time"][i] == day and data["event"][i]]
            at_risk = sum(size[i] for i in inside if data["entry"][i] < day <= data["time"][i])
            tied = sum(size[i] for i in dying) if ties == "efron" else 0.0
            total += sum(data["weight"][i] * (data["x"][i] @ beta + data["offset"][i]) for i in dying)
            mean_weight = sum(data["weight"][i] for i in dying) / len(dying)
            total -= sum(mean_weight * math.log(at_risk - step / len(dying) * tied) for step in range(len(dying)))
    return total


def intervals(seed, n):
    """Intervals with ties, entries, weights, offsets and strata."""
    rng = np.random.default_rng(seed)
    entry = rng.integers(-1, 3, n).astype(float)
    return {"entry": entry, "time": entry + rng.integers(1, 5, n), "event": rng.random(n) < 0.7, "strata": np.unique(rng.integers(0, 3, n), return_inverse=True)[1],
            "weight": rng.uniform(0.5, 3, n), "offset": rng.normal(size=n), "x": rng.normal(size=(n, 2))}


@quick
@given(seeds, st.integers(3, 25), st.sampled_from(["efron", "breslow"]))
def test_the_partial_likelihood_is_that_of_the_books(seed, n, ties):
    data = intervals(seed, n)
    beta = np.random.default_rng(seed + 1).normal(size=2)
    risk = partial_likelihood.arrange(data["time"], data["event"], data["x"], data["strata"], entry=data["entry"], weight=data["weight"], offset=data["offset"], ties=ties)
    found = partial_likelihood.terms(risk, beta)
    assert math.isclose(found.loglik, slow_loglik(data, beta, ties), rel_tol=1e-9, abs_tol=1e-9)
    step = 1e-5
    for j, direction in enumerate(np.eye(2)):
        up, down = (slow_loglik(data, beta + sign * step * direction, ties) for sign in (1, -1))
        assert math.isclose(found.score[j], (up - down) / (2 * step), rel_tol=1e-5, abs_tol=1e-5)
        up, down = (partial_likelihood.terms(risk, beta + sign * step * direction).score for sign in (1, -1))
        assert np.allclose(found.information[j], -(up - down) / (2 * step), rtol=1e-5, atol=1e-5)
    if len(risk.rows):
        parts = residuals.score_residuals(risk, beta)
        assert np.allclose(data["weight"] @ parts, found.score, atol=1e-8)


@few
@given(seeds, st.booleans(), st.booleans(), st.sampled_from(["efron", "breslow"]), st.sampled_from([1, 2]))
def test_trials_fitted_together_are_those_fitted_alone(seed, ties, strata, way, columns):
    rng = np.random.default_rng(seed)
    shape = (4, 60)
    x = np.stack([rng.integers(0, 2, shape).astype(float), rng.normal(size=shape)][:columns], axis=2)
    time, died, group, place = rng.exponential(1, shape), rng.random(shape) < 0.6, rng.integers(0, 3, shape) if strata else None, rng.integers(0, 20, shape)
    time = np.ceil(5 * time) if ties else time
    together = cox_batch(time, died, x, strata=group, ties=way)
    by_cluster = cox_batch(time, died, x, strata=group, ties=way, clusters=place)
    ranks = logrank_batch(time, died, x[..., 0], strata=group), logrank_batch(time, died, x[..., 0], strata=group, rho=1, gamma=0.5)
    for k in range(len(time)):
        own = None if group is None else group[k]
        alone = partial_likelihood.maximise(time[k], died[k], x[k], ("a", "b")[:columns], own, ties=way)
        assert np.allclose(together.coefficients[k], alone.coefficients, rtol=1e-8, atol=1e-10)
        assert np.allclose(together.covariance[k], alone.covariance, rtol=1e-8)
        assert math.isclose(together.likelihood_ratio[k], 2 * (alone.terms.loglik - alone.null.loglik), rel_tol=1e-7, abs_tol=1e-9)
        assert math.isclose(together.score[k], alone.null.score @ np.linalg.solve(alone.null.information, alone.null.score), rel_tol=1e-8, abs_tol=1e-10)
        assert np.allclose(by_cluster.covariance[k], residuals.sandwich(residuals.dfbeta(alone), place[k]), rtol=1e-7)
        for found, weights in zip(ranks, ({}, {"rho": 1, "gamma": 0.5}), strict=True):
            assert math.isclose(found.statistic[k], log_rank.statistic(log_rank.sums(time[k], died[k], x[k, :, 0].astype(int), 2, own, **weights)), rel_tol=1e-8)


@few
@given(seeds, st.booleans(), st.sampled_from(["efron", "breslow"]))
def test_a_resample_is_its_rows_written_out(seed, ties, way):
    rng = np.random.default_rng(seed)
    n = 50
    x, died = rng.integers(0, 2, n), rng.random(n) < 0.7
    time = np.ceil(4 * rng.exponential(1, n)) if ties else rng.exponential(1, n)
    frequency = rng.multinomial(n, np.full(n, 1 / n), size=3)
    together, ranks = cox_batch(time, died, x[None], frequency=frequency, ties=way), logrank_batch(time, died, x[None], frequency=frequency)
    for k, times in enumerate(frequency):
        out = np.repeat(np.arange(n), times)
        written = cox_batch(time[out], died[out], x[None, out], ties=way)
        assert np.allclose(together.coefficients[k], written.coefficients[0], rtol=1e-9)
        assert np.allclose(together.se[k], written.se[0], rtol=1e-9)
        assert math.isclose(ranks.statistic[k], logrank_batch(time[out], died[out], x[None, out]).statistic[0], rel_tol=1e-9)


def test_a_trial_that_cannot_be_estimated_does_not_disturb_the_others():
    rng = np.random.default_rng(4)
    time, died, arm = rng.exponential(1, (4, 60)), rng.random((4, 60)) < 0.6, rng.integers(0, 2, (4, 60))
    alone = cox_batch(time[3], died[3], arm[3:])
    died[0], arm[1] = False, 1
    died[2] &= arm[2] == 0
    together = cox_batch(time, died, arm)
    assert together.converged.tolist() == [False, False, False, True]
    assert np.isnan(together.coefficients[:3]).all()
    assert together.coefficients[3] == alone.coefficients[0]
    assert np.isnan(logrank_batch(time, died, arm).statistic).tolist() == [True, True, False, False]


def trial(seed, n=80, *, competing=True):
    """A trial without blanks, some ties, and both causes in both arms."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"id": [f"P{i}" for i in range(n)], "arm": pd.Categorical(np.where(np.arange(n) % 2, "b", "a"), categories=["a", "b"]),
                         "time": np.ceil(rng.exponential(60, n)), "status": rng.choice([0, 1, 2] if competing else [0, 1], n, p=[0.3, 0.5, 0.2] if competing else [0.4, 0.6]),
                         "age": rng.normal(30, 5, n), "stratum": rng.choice(["s", "t"], n)})


def numbers(rows):
    """What a reader sees of the rows."""
    return [(row.measure, row.contrast, row.term, row.estimate, row.se, row.low, row.high, row.statistic, row.p, row.n, row.events) for row in rows]


def close(one, other):
    """The same keys and, but for rounding, the same numbers."""
    assert len(one) == len(other)
    for mine, theirs in zip(one, other, strict=True):
        assert mine[:3] == theirs[:3]
        assert [value is None for value in mine[3:]] == [value is None for value in theirs[3:]]
        assert np.allclose([value for value in mine[3:] if value is not None], [value for value in theirs[3:] if value is not None], rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", OPTIONS)
@settings(max_examples=4, deadline=None, derandomize=True)
@given(seed=seeds)
def test_order_names_and_units_do_not_matter(name, seed):
    data = trial(seed)
    rows = numbers(ESTIMATORS[name](data, **OPTIONS[name]))
    changed = data.assign(id=[f"Q{len(data) - i}" for i in range(len(data))], time=data["time"] / 30.4375).sample(frac=1, random_state=seed)
    close(rows, numbers(ESTIMATORS[name](changed, **OPTIONS[name])))


@pytest.mark.parametrize("name", OPTIONS)
@settings(max_examples=4, deadline=None, derandomize=True)
@given(seed=seeds)
def test_swapping_the_arms_inverts_ratios_and_keeps_every_p(name, seed):
    data = trial(seed)
    one = [row for row in ESTIMATORS[name](data, **OPTIONS[name]) if row.contrast]
    swapped = data.assign(arm=data["arm"].cat.reorder_categories(["b", "a"]))
    other = [row for row in ESTIMATORS[name](swapped, **OPTIONS[name]) if row.contrast]
    for mine, theirs in zip(one, other, strict=True):
        assert math.isclose(mine.p, theirs.p, rel_tol=1e-7, abs_tol=1e-9)
        if mine.estimate is not None:
            assert math.isclose(mine.estimate * theirs.estimate, 1, rel_tol=1e-8)
            assert math.isclose(mine.low * theirs.high, 1, rel_tol=1e-7)


@few
@given(seeds)
def test_weights_of_two_are_duplicated_rows(seed):
    data = trial(seed, 50)
    twice = pd.concat([data, data.assign(id="again " + data["id"])], ignore_index=True)
    weighted, written = (ESTIMATORS["cox"](frame, covariates=("age",), ties="breslow") for frame in (data.assign(weight=2), twice))
    close([key[:9] for key in numbers(weighted)], [key[:9] for key in numbers(written)])
    weighted, written = (ESTIMATORS["logrank"](frame)[-1] for frame in (data.assign(weight=2), twice))
    assert math.isclose(weighted.statistic, written.statistic, rel_tol=1e-9)


@few
@given(seeds)
def test_a_person_cut_into_intervals_is_the_same_person(seed):
    data = trial(seed, 50)
    middle = np.ceil(data["time"] / 2) - 0.5
    first, second = data.assign(entry=-1.0, time=middle, status=0), data.assign(entry=middle)
    cut = pd.concat([first, second], ignore_index=True)
    for robust in (False, True):
        close(numbers(ESTIMATORS["cox"](data, covariates=("age",), robust=robust)), numbers(ESTIMATORS["cox"](cut, covariates=("age",), robust=robust)))
    close(numbers(ESTIMATORS["logrank"](data, stratified=True)), numbers(ESTIMATORS["logrank"](cut, stratified=True)))


@few
@given(seeds)
def test_without_competing_events_all_three_models_are_one(seed):
    data = trial(seed, competing=False)
    cox = ESTIMATORS["cox"](data, covariates=("age",), ties="breslow")
    close(numbers(cox), numbers(ESTIMATORS["cause_specific"](data, covariates=("age",), ties="breslow")))
    for one, other in zip(cox[:2], ESTIMATORS["fine_gray"](data, covariates=("age",)), strict=True):
        assert math.isclose(one.estimate, other.estimate, rel_tol=1e-8)
    robust = ESTIMATORS["cox"](data, covariates=("age",), ties="breslow", robust=True)
    for one, other in zip(robust, ESTIMATORS["fine_gray"](data, covariates=("age",)), strict=True):
        assert math.isclose(one.se, other.se, rel_tol=1e-8)   # without late weights there is nothing to add


@few
@given(seeds)
def test_pairs_of_the_same_person_are_one_cluster(seed):
    data = trial(seed, 50)
    pairs = pd.concat([data.assign(cluster=data["id"]), data.assign(cluster=data["id"], id="again " + data["id"])], ignore_index=True)
    for one, other in zip(ESTIMATORS["fine_gray"](data, covariates=("age",)), ESTIMATORS["fine_gray"](pairs, covariates=("age",)), strict=True):
        assert math.isclose(one.estimate, other.estimate, rel_tol=1e-8)
        assert math.isclose(one.se, other.se, rel_tol=1e-7)
    alone = data.assign(cluster=["", None] * 25)
    close(numbers(ESTIMATORS["cox"](data, robust=True)), numbers(ESTIMATORS["cox"](alone)))


@few
@given(seeds)
def test_what_happens_after_the_landmark_is_not_seen(seed):
    data = trial(seed, 120, competing=False)
    rng = np.random.default_rng(seed)
    visited = pd.Series(rng.uniform(0, 60, len(data))).where(rng.random(len(data)) < 0.7)
    one = ESTIMATORS["landmark"](data.assign(visited=visited), day=15, exposure="visited")
    later = visited.where(~(visited > 15), visited + 300)
    before = data.assign(visited=later, time=data["time"].where(data["time"] > 15, 1))
    assert numbers(one) == numbers(ESTIMATORS["landmark"](before, day=15, exposure="visited"))


@quick
@given(trials, st.sampled_from(["cause_specific", "fine_gray", "proportional_hazards"]), st.booleans())
def test_every_row_is_sound_or_says_why_not(frame, name, adjusted):
    data = frame if name == "fine_gray" else frame.drop(columns="cluster")
    try:
        check(ESTIMATORS[name](data, covariates=("age",) if adjusted else ()))
    except NotEstimable:
        event("refused")


def test_a_steep_effect_over_a_wide_range_is_not_separation():
    rng = np.random.default_rng(8)
    dose = np.concatenate([rng.normal(size=300), [45.0, -3.0]])
    time = np.concatenate([rng.exponential(np.exp(-dose[:300])), [1e-4, 50.0]])
    died = np.concatenate([rng.random(300) < 0.9, [True, False]])
    data = pd.DataFrame({"id": np.arange(302).astype(str), "time": time, "status": died.astype(int), "dose": dose})
    row = ESTIMATORS["cox"](data, covariates=("dose",))[0]
    assert math.log(row.estimate) * np.ptp(dose) > 30
    assert row.agreement < 1e-6
    together = cox_batch(time, died, dose[None])
    assert math.isclose(together.coefficients[0, 0], math.log(row.estimate), rel_tol=1e-8)
