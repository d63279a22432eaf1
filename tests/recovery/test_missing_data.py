"""A known truth is recovered from incomplete trials: bias, coverage and type I error within three Monte Carlo errors.

Quick versions here; the long ones (`deep`) go through the estimators of the plan themselves.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from pacer_analysis.estimators._imputation import after_censoring, batch, crude_hazards, pooled_rows, rubin, shifted
from pacer_analysis.estimators._imputation.imputed import Settings, impute
from pacer_analysis.estimators.ipcw import ipcw

N = 412


def incomplete_trials(trials, seed, effect):
    """Outcome by x and arm; more often missing where x is low, and in the treated (missing at random given x and arm)."""
    rng = np.random.default_rng(seed)
    treated = np.argsort(rng.random((trials, N)), axis=1) < N // 2
    x = rng.standard_normal((trials, N, 2))
    chance = expit(0.4 + 0.9 * x[:, :, 0] + effect * treated)
    y = (rng.random((trials, N)) < chance).astype(float)
    missing = rng.random((trials, N)) < expit(-1.2 - 1.1 * x[:, :, 0] + 0.5 * treated - 0.6 * treated * x[:, :, 0])
    return np.where(missing, np.nan, y), treated, x


def truth(effect):
    """The marginal difference: the mean of the logistic function over a standard normal x, by quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    return float(((expit(0.4 + 0.9 * nodes + effect) - expit(0.4 + 0.9 * nodes)) * weights).sum() / math.sqrt(2 * math.pi))


def pooled(frame, auxiliary, *, seed, m, burn_in):
    """The pooled risk difference of each visit: `multiple_imputation` of the crude difference, without the tests and witnesses of every completed frame."""
    found = impute(frame, Settings(auxiliary, (), {}, m, burn_in, seed, 5, None, log10=False))
    each = [rows for rows in shifted.crude_rows(found, "clinic", ("club",), {}) if rows[0].measure == "rd"]
    return {row.term: row for row in pooled_rows.rows(each, m=m, parameters=0, level=0.95, words="", note="")}


def within_three(estimate, low, high, true, replicates):
    """Mean and coverage within three Monte Carlo errors of the truth and of 0.95."""
    error = estimate.std(ddof=1) / math.sqrt(replicates)
    assert abs(estimate.mean() - true) < 3 * error, (estimate.mean(), true, error)
    coverage = ((low <= true) & (true <= high)).mean()
    assert abs(coverage - 0.95) < 3 * math.sqrt(0.95 * 0.05 / replicates), coverage


@pytest.mark.parametrize("effect", [0.0, 0.6])
def test_multiple_imputation_recovers_the_difference_that_complete_cases_miss(effect):
    replicates = 500
    y, treated, x = incomplete_trials(replicates, 41, effect)
    found = batch.risk_differences(y, treated, x, m=20, seed=42)
    within_three(found.estimate, found.low, found.high, truth(effect), replicates)
    complete = np.nanmean(np.where(treated, y, np.nan), axis=1) - np.nanmean(np.where(treated, np.nan, y), axis=1)
    assert abs(complete.mean() - truth(effect)) > 3 * complete.std() / math.sqrt(replicates), "a test that complete cases pass proves nothing"


def test_the_fast_way_is_that_of_the_report():
    """One trial, both ways with 400 imputations: estimate and SE within four Monte Carlo errors; pooling equal to the last digit."""
    y, treated, x = incomplete_trials(1, 43, 0.6)
    fast = batch.risk_differences(y, treated, x, m=400, seed=44)
    frame = pd.DataFrame({"id": [f"{i:04d}" for i in range(N)], "arm": pd.Categorical(np.where(treated[0], "club", "clinic"), categories=["clinic", "club"]),
                          "outcome": y[0], "observed": ~np.isnan(y[0]), "x": x[0, :, 0], "z": x[0, :, 1]})
    row = pooled(frame, ("x", "z"), seed=45, m=400, burn_in=1)[""]
    between = math.sqrt(fast.fmi[0]) * fast.se[0]
    assert abs(row.estimate - fast.estimate[0]) < 4 * between * math.sqrt(2 / 400)
    assert row.se == pytest.approx(fast.se[0], rel=0.05)
    q, u = np.array([0.11, 0.15, 0.09, 0.21]), np.array([0.004, 0.0035, 0.0041, 0.0037])
    one, many = rubin.pool(q, u, 410), batch.pool(q[None], u[None], 410.0)
    assert (one.estimate, one.se, one.df, one.fmi) == pytest.approx((many.estimate[0], many.se[0], many.df[0], many.fmi[0]), rel=1e-12)


def test_times_imputed_with_the_hazard_as_it_is_leave_the_hazard_ratio_unbiased():
    """Exponential times, hazard ratio 0.6, a third censored by dropping out; phi = 1 is censoring at random."""
    replicates, m, found = 100, 5, []
    rng = np.random.default_rng(46)
    treated = np.arange(N) % 2 == 1
    for number in range(replicates):
        event = rng.exponential(1 / np.where(treated, 0.0006, 0.001))
        stop = np.minimum(rng.exponential(1400, N), 1000)
        frame = pd.DataFrame({"id": [f"{i:04d}" for i in range(N)], "arm": pd.Categorical(np.where(treated, "club", "clinic"), categories=["clinic", "club"]),
                              "time": np.minimum(event, stop), "status": (event <= stop).astype(int)})
        follow = after_censoring.prepare(frame, horizon=float(frame["time"].max()), pieces=6, m=m, seed=number)
        (rows,) = crude_hazards.rows(follow, {}, stratified=False)
        pooled = rubin.pool(np.log([row.estimate for row in rows]), np.array([row.se**2 for row in rows]), 200)
        reach = rubin.t_quantile(0.95, pooled.df) * pooled.se
        found.append((pooled.estimate, pooled.estimate - reach, pooled.estimate + reach))
    estimate, low, high = np.array(found).T
    within_three(estimate, low, high, math.log(0.6), replicates)


@pytest.mark.deep
@pytest.mark.parametrize("effect", [0.0, 0.6])
def test_chained_equations_over_visits_in_500_trials(effect):
    """Four visits that share a person's frailty, dropout that depends on what was seen before; the last visit's difference."""
    replicates, found, rng = 500, [], np.random.default_rng(47)
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    true = float(((expit(0.5 + nodes + effect) - expit(0.5 + nodes)) * weights).sum() / math.sqrt(2 * math.pi))
    for number in range(replicates):
        treated = rng.permutation(np.arange(N) % 2 == 1)
        frailty = rng.standard_normal(N)
        y = (rng.random((4, N)) < expit(0.5 + frailty + effect * treated)).astype(float)
        gone, seen = np.zeros(N, dtype=bool), y.copy()
        for visit in range(1, 4):
            gone |= rng.random(N) < expit(-2.6 + 1.0 * (y[visit - 1] == 0) + 0.4 * treated)
            seen[visit, gone] = np.nan
        score = frailty + rng.standard_normal(N)
        frame = pd.concat([pd.DataFrame({"id": [f"{i:04d}" for i in range(N)], "arm": pd.Categorical(np.where(treated, "club", "clinic"), categories=["clinic", "club"]),
                                         "visit": f"v{visit + 1}", "outcome": seen[visit], "observed": ~np.isnan(seen[visit]), "score": score}) for visit in range(4)], ignore_index=True)
        row = pooled(frame, ("score",), seed=number, m=10, burn_in=8)["v4"]
        found.append((row.estimate, row.low, row.high))
    estimate, low, high = np.array(found).T
    within_three(estimate, low, high, true, replicates)


@pytest.mark.deep
@pytest.mark.parametrize("model", ["cox", "logistic"])
@pytest.mark.parametrize("of", ["risk_difference", "kaplan_meier"])
def test_weights_recover_the_risk_that_dependent_censoring_hides(of, model):
    """Hazard and censoring both depend on x, censoring more so in one arm; the difference by day 365, uncensored."""
    replicates, found, plain, rng = 200, [], [], np.random.default_rng(48)
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    risks = [float(((1 - np.exp(-365 * 0.0012 * h * np.exp(0.8 * nodes))) * weights).sum() / math.sqrt(2 * math.pi)) for h in (1.0, 0.7)]
    true = (risks[1] - risks[0]) * (1 if of == "risk_difference" else -1)
    for _ in range(replicates):
        treated = rng.permutation(np.arange(N) % 2 == 1)
        x = rng.standard_normal(N)
        event = rng.exponential(1 / (0.0012 * np.where(treated, 0.7, 1.0) * np.exp(0.8 * x)))
        stop = np.minimum(rng.exponential(1 / (0.0012 * np.exp(np.where(treated, 0.9, 0.1) * x))), 400)
        frame = pd.DataFrame({"id": [f"{i:04d}" for i in range(N)], "arm": pd.Categorical(np.where(treated, "club", "clinic"), categories=["clinic", "club"]),
                              "time": np.minimum(event, stop), "status": (event <= stop).astype(int), "x": x})
        row = next(row for row in ipcw(frame, of=of, times=(365,), covariates=("x",), model=model, every=20) if row.contrast)
        found.append((row.estimate, row.low, row.high))
        plain.append(next(row.estimate for row in ipcw(frame, of="kaplan_meier", times=(365,), model="cox") if row.contrast))
    estimate, low, high = np.array(found).T
    within_three(estimate, low, high, true, replicates)
    hidden = -(risks[1] - risks[0])
    assert abs(np.mean(plain) - hidden) > 3 * np.std(plain) / math.sqrt(replicates)
