"""The truth behind larger synthetic trials, recovered woman by woman and in the estimates (make deep)."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from pacer_analysis.results import read_estimates
from tests.conftest import PLAN, pacer, succeeded

pytestmark = pytest.mark.deep


@pytest.mark.parametrize("seed", [101, 102, 103, 104])
def test_a_trial_of_five_thousand(tmp_path, seed):
    succeeded(pacer("simulate", PLAN, "--n", 5000, "--seed", seed, "--defects", "none", "--out", tmp_path / "exports/pacer/cut"))
    succeeded(pacer("run", PLAN, "--cut", "cut", "--exports", tmp_path / "exports", "--results", tmp_path / "results", "final"))
    restricted = tmp_path / "results/pacer/cut/restricted"
    truth = pd.read_csv(tmp_path / "exports/pacer/cut/truth/women.csv", dtype={"record_id": str}).set_index("record_id")
    rows = pd.read_parquet(restricted / "sets/endpoints.parquet")
    derived = rows[(rows["endpoint"] == "E1") & rows["record"].isin(truth.index)].set_index("record")["value"]
    assert (derived.reindex(truth.index) != truth["e1_success"].astype(float)).sum() == 0
    by_arm = truth.groupby("arm")["e1_success"].mean()
    effect = next(row for row in read_estimates(restricted / "final/estimates.csv") if row.analysis == "primary" and row.measure == "rd")
    assert effect.estimate is not None
    assert effect.se is not None
    # The adjusted difference estimates what the crude one of this very sample does, within the chance imbalance of covariates.
    assert math.fabs(effect.estimate - (by_arm["club"] - by_arm["clinic"])) < effect.se
    queries = pd.read_csv(tmp_path / "results/pacer/cut/clean/queries.csv", dtype=str)
    assert queries.loc[queries["severity"] != "info"].empty
