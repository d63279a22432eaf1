"""The validation of one export without a plan: what it writes, of which day, and what it takes from an earlier one."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import pandas as pd
import pytest

from pacer_analysis.errors import ExportError
from pacer_analysis.read import Options
from pacer_analysis.validate.alone import run
from tests.conftest import tree
from tests.spec.drawn_project import export, field, project

FIELDS = [field("id", "intake"), field("sex", "intake", "radio", "1, F | 2, M", required="y"), field("born", "intake", validation="date_dmy", high="today", identifier="y"),
          field("note", "intake", "notes"), field("ill", "intake", "checkbox", "1, Cough | -99, Other"), field("weight", "visit", validation="number"), field("at", "visit", validation="datetime_ymd")]
ROWS = [{"id": "1", "sex": "1", "born": "1990-01-31", "note": 'Said "no",\nthen yes', "ill___1": "1", "weight": "70.50", "at": "2019-05-01 10:30"},
        {"id": "2", "sex": "3", "born": "1990-02-31", "note": "=1+1", "weight": "heavy", "at": "UNK"}]


def drawn(folder: Path, rows: list[dict[str, str]] = ROWS, name: str = "Study_DATA_2019-06-30_1229.csv") -> tuple[Path, Path]:
    made = project(folder / "dictionary", FIELDS, settings={"project_title": "A study", "missing_data_codes": "UNK, Unknown"})
    return export(folder / name, made, rows), folder / "dictionary/redcap.csv"


def validated(folder: Path, rows: list[dict[str, str]] = ROWS, *, name: str = "Study_DATA_2019-06-30_1229.csv", out: str = "out", day: dt.date | None = None,
              corrections: Path | None = None, accepted: Path | None = None, previous: Path | None = None) -> tuple[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    file, dictionary = drawn(folder, rows, name)
    (folder / out).mkdir()
    said = run(file, dictionary, folder / out, options=Options(), day=day, corrections=corrections, accepted=accepted, previous=previous)
    return said, folder / out


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_it_writes_tables_findings_and_what_they_are(tmp_path):
    said, out = validated(tmp_path)
    assert said == "2 rows, 3 errors, 1 warnings, 1 for information; the day of the export is 2019-06-30 (from the name of the file)"
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()) == [
        "completeness.csv", "cut.json", "fields.csv", "inventory.csv", "queries.csv", "queries.xlsx", "rules.csv", "rules_wording.csv", "tables/intake.csv", "tables/intake.parquet", "tables/visit.csv",
        "tables/visit.parquet", "unconverted.csv"]
    assert [(query["rule"], query["record"], query["field"], query["status"], query["first_seen"]) for query in rows_of(out / "queries.csv")] == [
        ("type", "2", "born", "new", "2019-06-30"), ("formula", "2", "note", "new", "2019-06-30"), ("choice", "2", "sex", "new", "2019-06-30"), ("missing_code", "2", "at", "new", "2019-06-30"), ("type", "2", "weight", "new", "2019-06-30")]
    cut = json.loads((out / "cut.json").read_text())
    assert (cut["study"], cut["cutoff"], cut["synthetic"], cut["day"]) == ("A study", "2019-06-30", False, "from the name of the file")
    assert [(row["field"], row["raw"]) for row in rows_of(out / "unconverted.csv")] == [("born", "1990-02-31"), ("weight", "heavy"), ("at", "UNK")]


def test_the_tables_are_typed_and_the_same_in_both_forms(tmp_path):
    _, out = validated(tmp_path)
    visit = pd.read_parquet(out / "tables/visit.parquet")
    assert visit.columns.tolist() == ["record", "event", "instrument", "instance", "line", "site", "weight", "at", "visit_complete"]
    assert (visit["weight"].dtype, visit["at"].dtype) == ("float64", "datetime64[ns]")
    assert (out / "tables/visit.csv").read_text() == ("record,event,instrument,instance,line,site,weight,at,visit_complete\n1,,visit,0,2,,70.5,2019-05-01 10:30,2\n2,,visit,0,3,,,,2\n")
    intake = rows_of(out / "tables/intake.csv")
    assert [(row["record"], row["born"], row["note"], row["ill___1"], row["ill____99"]) for row in intake] == [
        ("1", "1990-01-31", 'Said "no",\nthen yes', "1", "0"), ("2", "", "=1+1", "0", "0")]
    assert pd.read_parquet(out / "tables/intake.parquet")["note"].tolist() == [row["note"] for row in intake]


@pytest.mark.parametrize(("name", "rows", "day", "expected", "how"), [
    ("S_DATA_2019-06-30_1229.csv", ROWS, None, "2019-06-30", "from the name of the file"),
    ("S_DATA_2019-06-30_1229.csv", ROWS, dt.date(2020, 2, 2), "2020-02-02", "as given"),
    ("S_DATA_2019-13-30_1229.csv", ROWS, None, "2019-05-01", "the last plausible date in the data"),
    ("data.csv", ROWS, None, "2019-05-01", "the last plausible date in the data"),
    ("data.csv", [*({"id": str(number), "born": "1990-01-01", "at": f"2019-05-{number % 28 + 1:02d} 10:00"} for number in range(200)), {"id": "x", "at": "2091-05-01 10:00"}], None,
     "2019-05-28", "the last plausible date in the data"),         # a slip of the pen is no day of an export
])
def test_the_day_of_the_export(tmp_path, name, rows, day, expected, how):
    said, out = validated(tmp_path, rows, name=name, day=day)
    assert said.endswith(f"the day of the export is {expected} ({how})")
    assert json.loads((out / "cut.json").read_text())["cutoff"] == expected


def test_today_is_the_day_of_the_export(tmp_path):
    rows = [{"id": "1", "sex": "1", "born": "2019-06-30"}, {"id": "2", "sex": "1", "born": "2019-07-01"}]
    assert [query["record"] for query in rows_of(validated(tmp_path, rows)[1] / "queries.csv")] == ["2"]
    assert rows_of(validated(tmp_path / "later", rows, day=dt.date(2019, 7, 1))[1] / "queries.csv") == []


def test_an_earlier_export_and_acceptances_are_remembered(tmp_path):
    _, first = validated(tmp_path, out="first")
    name = next(query["query_id"] for query in rows_of(first / "queries.csv") if query["rule"] == "choice")
    (tmp_path / "accepted.csv").write_text(f"query_id,reason,who,date\n{name},As in the folder,AB,2019-07-01\n")
    _, second = validated(tmp_path, [ROWS[0], ROWS[1] | {"weight": "80"}], name="Study_DATA_2019-07-30_1229.csv", out="second", previous=first / "queries.csv", accepted=tmp_path / "accepted.csv")
    assert {query["rule"] + " " + query["field"]: (query["status"], query["age_days"]) for query in rows_of(second / "queries.csv")} == {
        "type born": ("open", "30"), "choice sex": ("accepted", "30"), "formula note": ("open", "30"), "missing_code at": ("open", "30"), "type weight": ("resolved", "30")}


def test_corrections_change_values_and_are_listed(tmp_path):
    (tmp_path / "corrections.csv").write_text("record,event,instrument,instance,field,old,new,reason,who,date\n2,,visit,,weight,heavy,90,Scale read again,AB,2019-07-01\n")
    _, out = validated(tmp_path, corrections=tmp_path / "corrections.csv")
    assert pd.read_parquet(out / "tables/visit.parquet")["weight"].tolist() == [70.5, 90]
    assert [(row["record"], row["field"], row["old"], row["new"]) for row in rows_of(out / "corrections.csv")] == [("2", "weight", "heavy", "90")]
    (tmp_path / "corrections.csv").write_text("record,event,instrument,instance,field,old,new,reason,who,date\n2,,visit,,weight,light,90,Scale read again,AB,2019-07-01\n")
    with pytest.raises(ExportError, match="old value of a correction is not the one in the export"):
        validated(tmp_path / "again", corrections=tmp_path / "corrections.csv")
    (tmp_path / "corrections.csv").write_text("record,event,instrument,instance,field,old,new,reason,who,date\n2,,elsewhere,,weight,heavy,90,Scale read again,AB,2019-07-01\n")
    with pytest.raises(ExportError, match="no source that was read has the instrument"):
        validated(tmp_path / "elsewhere", corrections=tmp_path / "corrections.csv")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ExportError, match="the file is not there"):
        validated(tmp_path, corrections=tmp_path / "none.csv")


def test_the_projects_own_rules_and_faults_of_the_dictionary(tmp_path):
    (tmp_path / "dictionary").mkdir()
    (tmp_path / "dictionary/data_quality_rules.csv").write_text("rule_name,rule_logic,real_time_execution\nHeavy,[weight] > 70,y\n")
    _, out = validated(tmp_path)
    assert [(query["rule"], query["record"], query["field"]) for query in rows_of(out / "queries.csv") if query["rule"].startswith("custom")] == [("custom_heavy", "1", "weight")]


def test_a_flat_table_needs_no_more(tmp_path):
    (tmp_path / "flat.csv").write_text("name,label,type,unit,min,max,codes,required,identifier\npid,Id,text,,,,,y,\nage,Age,integer,years,18,99,,y,\nsex,Sex,coded,,,,\"1, F | 2, M\",,\n")
    (tmp_path / "people.csv").write_text("pid,age,sex\nA,17,1\nB,,3\nB,40,2\n")
    (tmp_path / "out").mkdir()
    run(tmp_path / "people.csv", tmp_path / "flat.csv", tmp_path / "out", options=Options(), day=dt.date(2020, 1, 1), corrections=None, accepted=None, previous=None)
    assert [(query["rule"], query["record"], query["field"]) for query in rows_of(tmp_path / "out/queries.csv")] == [
        ("key", "", "pid"), ("range", "A", "age"), ("required", "B", "age"), ("choice", "B", "sex")]
    assert (tmp_path / "out/tables/flat.csv").read_text() == "record,line,pid,age,sex\nA,2,A,17,1\nB,3,B,,3\nB,4,B,40,2\n"


def test_the_same_export_gives_the_same_bytes(tmp_path):
    assert tree(validated(tmp_path, out="one")[1]) == tree(validated(tmp_path, out="two")[1])
