"""Monitoring of a simulated cut: quiet where nothing was made up, and loud where something was."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pacer_analysis import monitoring, validate
from pacer_analysis.plan import load, load_cut
from pacer_analysis.simulate import write_cut

PLAN = load(Path(__file__).parents[2] / "analysis_plan" / "pacer")
VITALS = ["vis_weight", "vis_systolic", "vis_diastolic", "vis_health"]


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """clean/ of a cut without planted defects, 412 women in three referral areas."""
    exports, out = tmp_path_factory.mktemp("exports"), tmp_path_factory.mktemp("results")
    write_cut(PLAN, n=412, seed=11, out=exports, defects="none")
    validate.run(PLAN, load_cut(exports), exports=exports, out=out, sealed=False, previous=None)
    return out / "clean"


def flagged(clean):
    monitoring.run_of_plan(PLAN, clean)
    with (clean / "monitoring.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len([row for row in rows if row["p"]]) > 300
    return {(row["measure"], row["field"], row["site"]) for row in rows if row["flag"]}


@pytest.mark.slow
def test_a_clean_cut_is_quiet(clean):
    assert flagged(clean) == set()


@pytest.mark.slow
def test_what_was_made_up_at_one_place_stands_out_there_and_nowhere_else(clean):
    """At Philippi blood pressures rounded to tens, twelve visits copied to other women, CD4 left blank; at Nyanga weights drawn in, thirty visits on one day; at Gugulethu firsts of the month."""
    dice = np.random.default_rng(3)
    path = clean / "redcap/study_visit.parquet"
    visits, entry = pd.read_parquet(path), pd.read_parquet(clean / "redcap/baseline.parquet")
    rounded = (visits.site == "philippi") & (dice.random(len(visits)) < 0.6)
    visits.loc[rounded, VITALS[1:3]] = (visits.loc[rounded, VITALS[1:3]] / 10).round() * 10
    own = visits.index[visits.site == "philippi"]
    visits.loc[own[:12], VITALS] = visits.loc[own[200:212], VITALS].to_numpy()
    visits.loc[visits.index[visits.site == "nyanga"][100:130], "vis_date"] = pd.Timestamp("2016-03-09")
    firsts = visits.index[(visits.site == "gugulethu") & (dice.random(len(visits)) < 0.12)]
    visits.loc[firsts, "vis_date"] = visits.loc[firsts, "vis_date"].dt.to_period("M").dt.to_timestamp()
    entry.loc[(entry.site == "philippi") & (dice.random(len(entry)) < 0.3), "bas_cd4"] = np.nan
    narrow = entry.site == "nyanga"
    entry.loc[narrow, "bas_weight"] = (entry.loc[narrow, "bas_weight"].mean() + 0.68 * (entry.loc[narrow, "bas_weight"] - entry.loc[narrow, "bas_weight"].mean())).round(1)
    before = {name: (clean / "redcap" / name).read_bytes() for name in ("study_visit.parquet", "baseline.parquet")}
    try:
        visits.to_parquet(path, index=False)
        entry.to_parquet(clean / "redcap/baseline.parquet", index=False)
        found = flagged(clean)
    finally:
        for name, content in before.items():
            (clean / "redcap" / name).write_bytes(content)
    at_site = {entry for entry in found if entry[2]}
    assert at_site == {("digit_preference", "vis_systolic", "philippi"), ("digit_preference", "vis_diastolic", "philippi"), ("duplicate_rows", "", "philippi"),
                       ("site_missing", "bas_cd4", "philippi"), ("site_variance", "bas_weight", "nyanga"), ("busiest_day", "vis_date", "nyanga"),
                       ("date_heaping", "vis_date", "gugulethu")}
    assert {(measure, field) for measure, field, site in found if not site} <= {(measure, field) for measure, field, _ in at_site}
