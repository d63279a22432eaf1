"""The whole room on synthetic exports: nothing found where nothing is wrong, every planted defect where it was planted."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from pacer_analysis.plan import load, load_cut
from pacer_analysis.simulate import write_cut
from pacer_analysis.validate import run
from tests.conftest import PLAN, tree


@pytest.fixture(scope="module")
def plan():
    return load(PLAN)


def simulated(plan, folder: Path, defects: str, n: int = 90, interim: dt.date | None = None) -> Path:
    folder.mkdir()
    write_cut(plan, n=n, seed=11, out=folder, interim=interim, defects=defects)
    return folder


def validated(plan, exports: Path, out: Path, *, sealed: bool = False, previous: Path | None = None) -> Path:
    out.mkdir()
    run(plan, load_cut(exports), exports=exports, out=out, sealed=sealed, previous=previous)
    return out


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def clean(plan, tmp_path_factory) -> Path:
    return simulated(plan, tmp_path_factory.mktemp("clean") / "cut", "none")


@pytest.fixture(scope="module")
def planted(plan, tmp_path_factory) -> Path:
    return simulated(plan, tmp_path_factory.mktemp("planted") / "cut", "planted", n=150)


@pytest.mark.parametrize("interim", [None, dt.date(2016, 6, 30)])
def test_clean_exports_have_no_finding(plan, tmp_path, interim):
    exports = simulated(plan, tmp_path / "cut", "none", interim=interim)
    for sealed, name in ((False, "clean/queries.csv"), (True, "queries_closed.csv")):
        out = validated(plan, exports, tmp_path / f"out{sealed}", sealed=sealed)
        assert [(query["rule"], query["source"], query["field"]) for query in rows(out / name) if query["severity"] != "info"] == []
    counts = {row["rule"]: row for row in rows(tmp_path / "outFalse/clean/rules.csv")}
    for rule in ("type", "choice", "range", "required", "hidden", "calculation", "key", "linkage", "viral_load", "duplicate_row"):
        assert int(counts[rule]["evaluated"]) > 0, rule     # passed, not skipped
    assert counts["sealed_allocation_twice"]["reason"] == "reserved for the closed report"
    assert json.loads((tmp_path / "outFalse/clean/cut.json").read_text())["synthetic"] is True


def test_every_planted_defect_is_found(plan, planted, tmp_path):
    found = [*rows(validated(plan, planted, tmp_path / "open") / "clean/queries.csv"), *rows(validated(plan, planted, tmp_path / "closed", sealed=True) / "queries_closed.csv")]
    grave = {(query["source"], query["record"]) for query in found if query["severity"] != "info"}
    defects = rows(planted / "truth/defects.csv")
    assert len(defects) > 20
    missed = [(defect["kind"], defect["source"], defect["field"]) for defect in defects if (defect["source"], defect["record"]) not in grave]
    assert missed == []
    # and nothing else: every finding is on a record in which something was planted
    records = {defect["record"] for defect in defects}
    stray = [(query["rule"], query["source"], query["field"]) for query in found if query["severity"] != "info" and query["record"] not in records]
    assert [each for each in stray if each[0] != "sealed_allocation_order"] == []        # an allocation moved to another day leaves its neighbour out of order
    assert len({query["query_id"] for query in found}) == len(found)


def test_the_open_side_needs_and_shows_nothing_sealed(plan, clean, tmp_path):
    """With the sealed files deleted and the sealed columns gone, the open side is the same, byte for byte."""
    whole = validated(plan, clean, tmp_path / "whole")
    assert not {"allocation.parquet", "clubs.parquet", "blinding.parquet"} & {path.name for path in whole.rglob("*")}
    assert not {"service", "days_supplied"} & set(pd.read_parquet(whole / "clean/art_visits.parquet").columns)
    assert {row["source"] for row in rows(whole / "clean/inventory.csv")} == {"redcap", "laboratory", "art_visits", "mentor_mothers", "mch_art"}
    bare = tmp_path / "bare"
    shutil.copytree(clean, bare)
    for source in plan.sealed_sources():
        if source.reveals_arm:
            (bare / source.file).unlink()
    assert tree(validated(plan, bare, tmp_path / "without")) == tree(whole)


def test_the_sealed_side_holds_the_sealed_fields_by_line(plan, clean, tmp_path):
    opened, closed = validated(plan, clean, tmp_path / "open"), validated(plan, clean, tmp_path / "closed", sealed=True)
    assert sorted(path.name for path in (closed / "sealed").iterdir()) == [
        "allocation.parquet", "art_visits.parquet", "blinding.parquet", "clubs.parquet", "completeness.csv", "corrections.csv", "inventory.csv", "unconverted.parquet"]
    visits = pd.read_parquet(closed / "sealed/art_visits.parquet")
    assert visits.columns.tolist()[:2] == ["record", "line"]
    assert set(visits.columns) == {"record", "line", "days_supplied", "facility", "service", "visit_date"}
    both = pd.read_parquet(opened / "clean/art_visits.parquet").merge(visits, on="line", suffixes=("", "_sealed"), validate="1:1")
    assert len(both) == len(visits)
    assert (both["record"] == both["record_sealed"]).all()
    assert (both["visit_date"] == both["visit_date_sealed"]).all()


def test_the_same_exports_give_the_same_bytes(plan, planted, tmp_path):
    assert tree(validated(plan, planted, tmp_path / "one")) == tree(validated(plan, planted, tmp_path / "two"))


def test_queries_live_from_cut_to_cut(plan, planted, tmp_path):
    first = validated(plan, planted, tmp_path / "first")
    cut = load_cut(planted)
    later = dataclasses.replace(cut, cutoff=cut.cutoff + dt.timedelta(days=30), locked_at="")
    second, third = tmp_path / "second", tmp_path / "third"
    second.mkdir()
    run(plan, later, exports=planted, out=second, sealed=False, previous=first / "clean/queries.csv")
    before = {query["query_id"]: query for query in rows(first / "clean/queries.csv")}
    assert {query["status"] for query in before.values()} == {"new"}
    after = rows(second / "clean/queries.csv")
    assert {(query["status"], query["age_days"]) for query in after} == {("open", "30")}
    assert {query["query_id"] for query in after} == set(before)
    # the laboratory mends its results: those queries are resolved, the others stay
    mended = tmp_path / "mended"
    shutil.copytree(planted, mended)
    import pyreadstat

    frame, meta = pyreadstat.read_dta(str(mended / "laboratory.dta"), disable_datetime_conversion=True)
    frame.loc[frame["result"].str.contains("haemo"), "result"] = "<20"
    pyreadstat.write_dta(frame, str(mended / "laboratory.dta"), variable_format=meta.original_variable_types, variable_value_labels=meta.variable_value_labels)
    third.mkdir()
    run(plan, later, exports=mended, out=third, sealed=False, previous=first / "clean/queries.csv")
    status = {query["query_id"]: (query["rule"], query["status"], query["resolved_on"]) for query in rows(third / "clean/queries.csv")}
    resolved = {rule for rule, state, _ in status.values() if state == "resolved"}
    assert resolved == {"viral_load"}
    assert {day for _, state, day in status.values() if state == "resolved"} == {later.cutoff.isoformat()}


def test_what_is_dated_after_the_cutoff_is_as_if_it_had_not_happened(plan, clean, tmp_path):
    cut = load_cut(clean)
    early = dataclasses.replace(cut, cutoff=dt.date(2016, 6, 30), locked_at="2016-07-08")
    (tmp_path / "out").mkdir()
    run(plan, early, exports=clean, out=tmp_path / "out", sealed=False, previous=None)
    folder = tmp_path / "out/clean"
    for source, date in (("laboratory", "sample_date"), ("art_visits", "visit_date"), ("mentor_mothers", "contact_date"), ("redcap/study_visit", "vis_date")):
        assert pd.read_parquet(folder / f"{source}.parquet")[date].max() <= pd.Timestamp("2016-06-30"), source
    queries = rows(folder / "queries.csv")
    assert sum(query["rule"] == "after_cutoff" for query in queries) > 100
    assert {query["source"] for query in queries if query["rule"] == "truncated"} >= {"laboratory", "art_visits"}      # between cut-off and lock: counted in one
