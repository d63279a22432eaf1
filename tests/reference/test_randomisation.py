"""The re-randomisation test against complete enumeration."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import numpy as np
import pytest

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators import ESTIMATORS
from pacer_analysis.estimators._sequential import rerandomise

STEP = {"rossi": 31, "lung": 17, "transplants": 8}


def expected(case):
    with (Path(__file__).parent / "randomisation_test.csv").open(encoding="utf-8", newline="") as handle:
        return {line["quantity"]: float(line["value"]) for line in csv.DictReader(handle) if line["case"] == case}


def tiny(frame, trial, *, blank=True):
    """Every k-th person, in blocks of five; `outcome`: the event by the median time, one of them unknown."""
    data = frame(trial).iloc[:: STEP[trial]].reset_index(drop=True).drop(columns="stratum", errors="ignore")
    early = (data["status"] == 1) & (data["time"] <= data["time"].median())
    known = np.arange(len(data)) != 4 if blank else np.full(len(data), fill_value=True)
    return data.assign(status=(data["status"] == 1).astype(int), block=np.arange(len(data)) // 5, outcome=early.astype(float).where(known), observed=known)


def arrangements(arm, blocks):
    """All ways to permute the arms within blocks, one row each."""
    per_block = []
    for block in np.unique(blocks):
        members = np.flatnonzero(blocks == block)
        per_block.append([members[list(chosen)] for chosen in itertools.combinations(range(len(members)), int(arm[members].sum()))])
    rows = np.zeros((int(np.prod([len(ways) for ways in per_block])), len(arm)))
    for row, chosen in zip(rows, itertools.product(*per_block), strict=True):
        row[np.concatenate(chosen)] = 1.0
    return rows


@pytest.mark.parametrize("trial", STEP)
@pytest.mark.parametrize("case", ["free logrank", "blocks logrank", "blocks stratified", "free rd", "blocks rd", "coin rd"])
def test_the_statistics_over_all_arrangements_give_the_exact_p(frame, trial, case):
    data = tiny(frame, trial, blank=not case.startswith("coin"))
    arm = (data["arm"].cat.codes == 1).to_numpy()
    blocks = data["block"].to_numpy() if case.startswith("blocks") else np.zeros(len(data), dtype=int)
    if case.endswith("rd"):
        statistic = rerandomise.difference(data["outcome"].to_numpy(float))
    else:
        strata = data["block"].to_numpy() if case.endswith("stratified") else np.zeros(len(data), dtype=int)
        statistic = rerandomise.log_rank(data["time"].to_numpy(float), (data["status"] == 1).to_numpy(), strata)
    everything = arrangements(arm, blocks)
    seen = float(statistic(arm[None, :].astype(float))[0])
    extreme, _ = rerandomise.as_extreme(statistic, seen, iter([everything]))
    r = expected(f"{trial} {case}")
    assert extreme / len(everything) == pytest.approx(r["p"], rel=1e-9)
    if "statistic" in r:
        assert (seen, len(everything)) == (pytest.approx(r["statistic"], rel=1e-9), r["n"])


@pytest.mark.parametrize("trial", STEP)
@pytest.mark.parametrize(("case", "of", "options"), [("free rd", "risk_difference", {}), ("blocks rd", "risk_difference", {}), ("free logrank", "logrank", {}), ("blocks logrank", "logrank", {})])
def test_drawn_p_is_within_its_error_of_the_exact_p(frame, trial, case, of, options):
    data = tiny(frame, trial)
    data = data.drop(columns=["time", "status"] if of == "risk_difference" else ["outcome", "observed"])
    if case.startswith("free"):
        data = data.drop(columns="block")
    row, = ESTIMATORS["randomisation_test"](data, of=of, options=options, seed=4, draws=4999)
    r = expected(f"{trial} {case}")
    assert row.statistic == pytest.approx(r["statistic"], rel=1e-9)
    assert abs(row.p - r["p"]) < 4 * np.sqrt(r["p"] * (1 - r["p"]) / 5000) + 1 / 5000
    assert row.se == pytest.approx(np.sqrt(row.p * (1 - row.p) / 5000))
    assert row.agreement < 1e-6


def test_any_estimator_can_be_drawn_again(frame):
    """With all outcomes known Pearson's chi-square grows with the size of the difference, so that both give the same p with the same seed."""
    data = tiny(frame, "lung", blank=False).drop(columns=["time", "status"])
    fast, = ESTIMATORS["randomisation_test"](data, of="risk_difference", seed=1, draws=60)
    slow, = ESTIMATORS["randomisation_test"](data, of="risk_difference", measure="chisq", seed=1, draws=60)
    assert slow.p == fast.p
    assert slow.witness == "none"


def test_the_allocation_keeps_its_blocks():
    blocks, arm = np.repeat(np.arange(50), 4), np.tile([True, False, False, True], 50)
    drawn = np.concatenate(list(rerandomise.draws(blocks, arm, 300, (1,))))
    assert (drawn.reshape(300, 50, 4).sum(axis=2) == 2).all()
    share = drawn.mean(axis=0)
    assert abs(share - 0.5).max() < 5 * 0.5 / np.sqrt(300)
    assert (np.concatenate(list(rerandomise.draws(blocks, arm, 300, (1,)))) == drawn).all()
    assert (np.concatenate(list(rerandomise.draws(blocks, arm, 300, (2,)))) != drawn).any()


def test_refusals(frame):
    data = tiny(frame, "lung").drop(columns=["time", "status"])
    with pytest.raises(NotEstimable, match="block unknown"):
        ESTIMATORS["randomisation_test"](data.assign(block=data["block"].astype(str).where(data["block"] > 0, "")), of="risk_difference", seed=1)
    with pytest.raises(NotEstimable, match="several rows per person"):
        ESTIMATORS["randomisation_test"](data.assign(id="same"), of="risk_difference", seed=1)
    with pytest.raises(NotEstimable, match="no one in arm"):
        ESTIMATORS["randomisation_test"](data[data["arm"] == "men"], of="risk_difference", seed=1)
    with pytest.raises(PlanError):
        ESTIMATORS["randomisation_test"](data, of="nothing", seed=1)
    with pytest.raises(PlanError):
        ESTIMATORS["randomisation_test"](data, of="risk_difference", seed=1, draws=0)
