"""The table of operating characteristics: its judge, its truths, its file, and (make deep) a twentieth of its replicates."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from pacer_analysis.estimators import ESTIMATORS
from tests.recovery.characteristics import binary, clocks, written
from tests.recovery.characteristics.lines import ALTERNATIVE, NULL, Known, Quantity, judge
from tests.recovery.characteristics.studies import STUDIES
from tests.recovery.characteristics.trials import people

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PLAIN = Quantity({NULL: 0.0, ALTERNATIVE: 1.0})


def wald(estimate: np.ndarray, se: float, p: np.ndarray | None = None) -> np.ndarray:
    """Replicates of an estimate with a Wald interval and, if given, p."""
    nothing = np.full(len(estimate), np.nan)
    return np.column_stack([estimate, np.full(len(estimate), se), estimate - 1.96 * se, estimate + 1.96 * se, nothing if p is None else p, nothing])


@pytest.mark.parametrize(("shift", "se", "truth", "verdict", "word"), [
    (0.0, 1.0, NULL, "within", ""), (0.0, 1.0, ALTERNATIVE, "FAILS", "bias"), (1.0, 1.0, ALTERNATIVE, "within", ""), (0.15, 1.0, NULL, "FAILS", "bias"),
    (0.0, 0.9, NULL, "FAILS", "coverage"), (0.0, 1.15, NULL, "FAILS", "coverage"),
])
def test_bias_and_coverage_are_judged_by_three_monte_carlo_errors(shift, se, truth, verdict, word):
    line = judge("an estimator", "", "a quantity", truth, PLAIN, wald(np.random.default_rng(1).standard_normal(2000) + shift, se))
    assert (line.verdict, word in line.reason) == (verdict, True)


@pytest.mark.parametrize(("rate", "null", "verdict"), [(0.05, True, "within"), (0.068, True, "FAILS"), (0.03, True, "FAILS"), (0.9, False, "within")])
def test_rejections_are_judged_under_the_null_only(rate, null, verdict):
    p = np.where(np.arange(2000) < 2000 * rate, 0.01, 0.5)
    line = judge("an estimator", "", "a test", NULL if null else ALTERNATIVE, Quantity(unbiased=False), wald(np.full(2000, np.nan), 1.0, p))
    assert (line.verdict, line.kind) == (verdict, "type I" if null else "power")


@pytest.mark.parametrize(("rate", "verdict"), [(0.8, "within"), (0.83, "FAILS"), (0.77, "FAILS")])
def test_a_power_that_was_promised_is_judged(rate, verdict):
    p = np.where(np.arange(2000) < 2000 * rate, 0.01, 0.5)
    line = judge("an estimator", "", "a test", ALTERNATIVE, Quantity(unbiased=False, expected={ALTERNATIVE: 0.8}), wald(np.full(2000, np.nan), 1.0, p))
    assert (line.verdict, line.kind) == (verdict, "expected 0.800:")


@pytest.mark.parametrize(("se", "verdict"), [(1.3, "exception"), (0.9, "FAILS")])
def test_a_conservative_method_may_cover_too_often_only(se, verdict):
    known = Quantity({NULL: 0.0}, known={"coverage": Known("exact", conservative=True)})
    assert judge("an estimator", "", "a quantity", NULL, known, wald(np.random.default_rng(1).standard_normal(2000), se)).verdict == verdict


def test_what_is_refused_too_often_fails():
    seen = wald(np.random.default_rng(1).standard_normal(2000), 1.0)
    seen[:100] = np.nan
    assert judge("an estimator", "", "a quantity", NULL, PLAIN, seen).reason == "100 refused"


def test_a_truth_by_quadrature_is_that_of_a_large_sample():
    who = people(np.random.default_rng(2), 1_000_000)
    found = expit(binary.INTERCEPT + binary.LOG_ODDS[ALTERNATIVE] + who.prognosis)
    assert abs(found.mean() - binary.risk(ALTERNATIVE, 1)) < 4 * found.std() / 1000


def test_a_truth_summed_over_the_days_is_that_of_a_large_sample():
    day = np.ceil(clocks.day_of(np.random.default_rng(3).exponential(size=1_000_000) / np.exp(clocks.LOG_HAZARD[ALTERNATIVE])))
    short = np.minimum(day, 600)
    assert abs(short.mean() - clocks.restricted_mean(ALTERNATIVE, 1, 600)) < 4 * short.std() / 1000
    assert abs((day > 365).mean() - clocks.survival(ALTERNATIVE, 1, 365)) < 4 * 0.5 / 1000


def test_arms_are_balanced_within_every_block_of_a_stratum():
    who = people(np.random.default_rng(4))
    for stratum in range(6):
        for block in range(int(who.block[who.stratum == stratum].max())):   # the last block may be open
            inside = who.arm[(who.stratum == stratum) & (who.block == block)]
            assert (len(inside), inside.sum()) == (4, 2)


def test_lines_of_an_estimator_run_again_take_the_place_of_the_old_ones(tmp_path):
    lines = [judge(name, "", "a quantity", NULL, PLAIN, wald(np.random.default_rng(seed).standard_normal(50), 1.0)) for name, seed in (("cox", 1), ("gee", 2), ("cox", 3))]
    again = judge("cox", "other", "a quantity", NULL, PLAIN, wald(np.random.default_rng(5).standard_normal(50), 1.0))
    written.write(tmp_path / "table.csv", written.ordered(written.merged(lines, [again]), ["cox", "gee"]))
    assert [(line.estimator, line.option) for line in written.read(tmp_path / "table.csv")] == [("cox", "other"), ("gee", "")]


def test_every_estimator_has_a_line_but_those_without_a_claim_about_samples():
    counts_or_bounds = {"count", "balance", "best_worst", "e_value"}   # a description of these very data, or arithmetic on another estimator's row
    assert set(ESTIMATORS) - {study.estimator for study in STUDIES} == counts_or_bounds


@pytest.mark.deep
def test_a_twentieth_of_the_replicates(tmp_path):
    done = subprocess.run([sys.executable, "-m", "tests.recovery.characteristics", "--quick", "--out", str(tmp_path / "table.csv")], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert len({line.estimator for line in written.read(tmp_path / "table.csv")}) >= 36
