"""A flat file with several rows per id and no plan: its key is asked for once, or named with --key; and an export of no day."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os

import pytest

from pacer_analysis.dictionary import load_any, load_flat
from pacer_analysis.errors import ExportError
from pacer_analysis.read import Options, read_export
from pacer_analysis.validate.alone import run
from tests.conftest import pacer, tree
from tests.spec.redcap_drawing import project

FLAT = "name,label,type,unit,min,max,codes,required,identifier\nid,Id,text,,,,,y,\nvisit,Visit,integer,,,,,y,\nvl,Copies,number,,0,100000,,,\n"
LONG = "id,visit,vl\n" + "".join(f"P{who},{visit},{100 * who + visit}\n" for who in range(3) for visit in (1, 2, 3))


@pytest.fixture
def files(tmp_path):
    (tmp_path / "flat.csv").write_text(FLAT)
    (tmp_path / "long.csv").write_text(LONG)
    return tmp_path


def validated(folder, out: str, *, key: tuple[str, ...] = (), export: str = "long.csv", dictionary: str = "flat.csv", day: dt.date | None = dt.date(2020, 1, 1), previous: str = ""):
    (folder / out).mkdir()
    said = run(folder / export, folder / dictionary, folder / out, options=Options(key=key), day=day, corrections=None, accepted=None, previous=folder / previous / "queries.csv" if previous else None)
    return said, *(list(csv.DictReader((folder / out / name).read_text(encoding="utf-8").splitlines())) for name in ("queries.csv", "rules.csv"))


def test_the_key_is_asked_for_once(files):
    _, queries, rules = validated(files, "out")
    assert [(query["rule"], query["severity"], query["record"], query["field"], query["message"], query["action"]) for query in queries] == [
        ("key", "warning", "", "id", "The file has several rows per id; whether a row is there twice was not checked.", "name the columns that make a row unique with --key, as in --key id,visit")]
    assert next(rule for rule in rules if rule["rule"] == "key")["not_evaluable"] == "9"


def test_a_slip_among_many_ids_is_a_finding_on_its_row(files):
    (files / "wide.csv").write_text("id,visit,vl\n" + "".join(f"P{who},1,{who}\n" for who in range(20)) + "P7,1,99\n")
    assert [(query["rule"], query["record"]) for query in validated(files, "out", export="wide.csv")[1]] == [("key", "P7")]


def test_a_key_that_is_named(files):
    (files / "long.csv").write_text(LONG + "P2,3,999\nP1,1,101\n")
    queries = validated(files, "out", key=("id", "visit"))[1]
    assert sorted((query["rule"], query["record"]) for query in queries) == [("duplicate_row", "P1"), ("key", "P2")]
    assert len((files / "out/tables/flat.csv").read_text().splitlines()) == 11      # a header, nine rows, and P2's second


def test_the_record_id_is_the_first_of_the_key(files):
    reading = read_export(files / "long.csv", load_flat(files / "flat.csv"), options=Options(key=("visit", "id")))
    assert (reading.record, reading.source.key, reading.tables[0].record.texts.tolist()[:4]) == ("visit", ("visit", "id"), ["1", "2", "3", "1"])


def test_keys_that_cannot_be(files):
    with pytest.raises(ExportError, match="the key names when, which the dictionary does not have"):
        read_export(files / "long.csv", load_flat(files / "flat.csv"), options=Options(key=("id", "when")))
    project(files / "d", "id | v | text | ID\n")
    with pytest.raises(ExportError, match="a key was named for a REDCap export"):
        read_export(files / "long.csv", load_any(files / "d/redcap.csv"), options=Options(key=("id",)))


def test_the_command_line_takes_a_key(files):
    assert "1 warnings" in pacer("validate", "--export", files / "long.csv", "--dictionary", files / "flat.csv", "--out", files / "one").stdout
    assert "0 warnings" in pacer("validate", "--export", files / "long.csv", "--dictionary", files / "flat.csv", "--out", files / "two", "--key", "ID, visit").stdout
    assert "9 rows" in pacer("inspect", files / "long.csv", "--dictionary", files / "flat.csv", "--key", "id,visit").stdout


def test_an_export_of_no_day(tmp_path):
    """Nothing but a date of birth, which is no day of an export: a bound of today is not evaluable, and when the file was copied changes no byte."""
    project(tmp_path, "id | v | text | ID\nborn | v | text | Born | | date_ymd | y\nage | v | calc | Age | rounddown(datediff([born], 'today', 'y'))\n")
    text = (tmp_path / "redcap.csv").read_text().replace("date_ymd,,", "date_ymd,,today")
    (tmp_path / "redcap.csv").write_text(text)
    (tmp_path / "data_quality_rules.csv").write_text("rule_name,rule_logic,real_time_execution\nYoung,\"datediff([born],'today','y') < 18\",n\n")
    (tmp_path / "x.csv").write_text("id,born,age,v_complete\n1,1990-01-01,30,2\n2,2150-01-01,30,2\n")
    said, queries, rules = validated(tmp_path, "one", export="x.csv", dictionary="redcap.csv", day=None)
    assert said.endswith("the day of the export is unknown; give --day")
    assert queries == []
    found = {rule["rule"]: (rule["failed"], rule["not_evaluable"]) for rule in rules}
    assert (found["range"], found["custom_young"]) == (("0", "2"), ("0", "2"))
    assert "the day of the export is unknown; give --day" in next(rule for rule in rules if rule["rule"] == "range")["reason"]
    assert {name: json.loads((tmp_path / "one/cut.json").read_text())[name] for name in ("cutoff", "day")} == {"cutoff": "", "day": "unknown; give --day"}
    os.utime(tmp_path / "x.csv", (1_000_000_000, 1_000_000_000))
    validated(tmp_path, "two", export="x.csv", dictionary="redcap.csv", day=None)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert [(query["rule"], query["record"]) for query in validated(tmp_path, "three", export="x.csv", dictionary="redcap.csv", day=dt.date(2020, 1, 1), previous="one")[1]] == [("range", "2")]


def test_the_page_of_an_export_of_no_day(files):
    pacer("validate", "--export", files / "long.csv", "--dictionary", files / "flat.csv", "--out", files / "out", "--key", "id,visit")
    assert "day of the export unknown; give --day" in (files / "out/data_quality.html").read_text(encoding="utf-8")
