"""Fields called as the key columns of the tables are: kept under their name with an underscore, and found again by everybody who reads the tables."""

from __future__ import annotations

import csv
import datetime as dt
import json
from types import SimpleNamespace

import pandas as pd
import pytest

from pacer_analysis import derive
from pacer_analysis.compare import compare
from pacer_analysis.dictionary import load_flat
from pacer_analysis.estimate.sets import allocated
from pacer_analysis.monitoring.tables import load
from pacer_analysis.plan import Cut
from pacer_analysis.read import Options, read_export
from pacer_analysis.read.tidy import field_columns, keys_of, to_arrow, write, written_names
from pacer_analysis.validate.alone import run
from tests.spec.drawing import assert_drawn, trial
from tests.spec.redcap_drawing import project, read

KEYS = ("site", "event", "line", "instrument", "instance", "record")
FIELDS = "id | base | text | ID\nsite | base | radio | Site | 1, Harare / 2, Cape Town\n" + "".join(f"{name} | base | text | {name.title()}\n" for name in KEYS[1:]) + "on | base | text | On | | date_ymd\n"
ROWS = """
id | site | event | line | instrument | instance | record | on         | base_complete
A  | 1    | fall  | L1   | X-ray      | 7        | R77    | 2020-01-02 | 2
B  | 2    | cough | L2   | MRI        | 8        | R78    | 2020-01-03 | 2
"""
FLAT = "name,label,type,unit,min,max,codes,required,identifier\nid,Id,text,,,,,,\nrecord,Record,text,,,,,,\nline,Line,number,,,,,,\nline_,Line again,text,,,,,,\nevent,Event,text,,,,,,\ninstrument,Instrument,text,,,,,,\nsite,Site,text,,,,,,\n"
TRIAL = """
id: drawn
title: A trial drawn for the tests
acronym: DRAWN
registration: none
version: "1"
sap: none
assignment: randomised
dictionary: .
arms:
  a: {label: A}
  b: {label: B}
reference: a
sources:
  people: {file: people.csv, reader: READER, dictionary: people.csv, key: [id]}
  arms: {file: arms.csv, reader: csv, dictionary: arms.csv, key: [id], links_to: people, reveals_arm: true}
allocation: {source: arms, id: id, arm: arm}
participants:
  source: people
  id: id
FORM
  site: {field: site, label: Site}
  variables:
    town: {field: site, kind: categorical}
    fell: {field: event, kind: categorical}
    tape: {field: line, kind: KIND}
    film: {field: record, kind: categorical}
"""


def test_the_columns_have_an_underscore_and_lead_back(tmp_path):
    table = read(tmp_path, project(tmp_path / "dictionary", FIELDS), ROWS).tables[0]
    written = to_arrow(table)
    assert written.column_names == ["record", "event", "instrument", "instance", "line", "site", "site_", "event_", "line_", "instrument_", "instance_", "record_", "on", "base_complete"]
    assert (written["record"].to_pylist(), written["record_"].to_pylist(), written["site"].to_pylist(), written["site_"].to_pylist()) == (["A", "B"], ["R77", "R78"], ["", ""], ["1", "2"])
    assert field_columns(written.schema) == {**{name: f"{name}_" for name in KEYS}, "on": "on", "base_complete": "base_complete"}


def test_a_flat_table_keeps_its_names_but_record_and_line(tmp_path):
    (tmp_path / "flat.csv").write_text(FLAT)
    (tmp_path / "x.csv").write_text("id,record,line,line_,event,instrument,site\nA,R1,5,b,fall,MRI,north\n")
    written = to_arrow(read_export(tmp_path / "x.csv", load_flat(tmp_path / "flat.csv")).tables[0])
    assert written.column_names == ["record", "line", "id", "record_", "line__", "line_", "event", "instrument", "site"]
    assert [column[0].as_py() for column in written.columns] == ["A", 2, "A", "R1", 5.0, "b", "fall", "MRI", "north"]
    assert field_columns(written.schema)["line"] == "line__"
    assert keys_of(written.column_names) == ("record", "line")
    assert written_names(["line", "line_", "line__"], of_form=False) == {"line": "line___", "line_": "line_", "line__": "line__"}


@pytest.fixture
def alone(tmp_path):
    """The folder of a validation without a plan."""
    def made(name: str, rows: str):
        about = project(tmp_path / "dictionary", FIELDS)
        read(tmp_path, about, rows, f"{name}_DATA_2020-02-01_1200.csv")
        (tmp_path / name).mkdir()
        run(tmp_path / f"{name}_DATA_2020-02-01_1200.csv", tmp_path / "dictionary/redcap.csv", tmp_path / name, options=Options(), day=None, corrections=None, accepted=None, previous=None)
        return tmp_path / name
    return made


def test_fields_csv_and_the_csv_tables_have_the_columns_and_queries_the_fields(alone):
    out = alone("one", ROWS.replace("| 2    | cough", "| 9    | cough"))
    with (out / "fields.csv").open() as handle:
        assert {row["field"]: row["column"] for row in csv.DictReader(handle)} == {**{name: f"{name}_" for name in KEYS}, "on": "on", "base_complete": "base_complete"}
    assert (out / "tables/base.csv").read_text().splitlines()[:2] == [
        "record,event,instrument,instance,line,site,site_,event_,line_,instrument_,instance_,record_,on,base_complete", "A,,base,0,2,,1,fall,L1,X-ray,7,R77,2020-01-02,2"]
    assert [(row["record"], row["field"], row["rule"], row["value"]) for row in pd.read_csv(out / "queries.csv", dtype=str).to_dict("records")] == [("B", "site", "choice", "9")]


def test_compare_says_the_fields(alone, tmp_path):
    (tmp_path / "compared").mkdir()
    compare(alone("one", ROWS), alone("two", ROWS.replace("cough", "burn").replace("R78", "R79").replace("| 2    |", "| 1    |")), tmp_path / "compared")
    with (tmp_path / "compared/changes.csv").open() as handle:
        assert [(row["record"], row["field"], row["old"], row["new"]) for row in csv.DictReader(handle)] == [("B", "event", "cough", "burn"), ("B", "record", "R78", "R79"), ("B", "site", "2", "1")]


def test_compare_of_flat_files(tmp_path):
    (tmp_path / "flat.csv").write_text(FLAT)
    for name, line in (("one", "A,R1,5,b,fall,MRI,north"), ("two", "A,R2,6,b,cough,MRI,south")):
        (tmp_path / f"{name}.csv").write_text(f"id,record,line,line_,event,instrument,site\n{line}\n")
        (tmp_path / name).mkdir()
        run(tmp_path / f"{name}.csv", tmp_path / "flat.csv", tmp_path / name, options=Options(), day=dt.date(2020, 1, 1), corrections=None, accepted=None, previous=None)
    (tmp_path / "compared").mkdir()
    compare(tmp_path / "one", tmp_path / "two", tmp_path / "compared")
    with (tmp_path / "compared/changes.csv").open() as handle:
        assert [(row["record"], row["field"], row["old"], row["new"]) for row in csv.DictReader(handle)] == [
            ("A", "event", "fall", "cough"), ("A", "line", "5", "6"), ("A", "record", "R1", "R2"), ("A", "site", "north", "south")]


@pytest.mark.parametrize("shape", ["redcap", "csv"])
def test_a_plan_reads_a_field_called_site(tmp_path, shape):
    """A field of its own name beside the key that is called so: the plan's variables have the field."""
    plan = trial(tmp_path / "plan", TRIAL.replace("READER", shape).replace("FORM", "  form: base" if shape == "redcap" else "").replace("KIND", "categorical" if shape == "redcap" else "continuous"))
    if shape == "redcap":
        table = read(tmp_path, project(tmp_path / "dictionary", FIELDS), ROWS).tables[0]
        write(table, tmp_path / "clean/people/base.parquet")
        expected = "record | site | town | fell  | tape | film\nA | 1 | 1 | fall | L1 | R77\nB | 2 | 2 | cough | L2 | R78"
    else:
        (tmp_path / "flat.csv").write_text(FLAT)
        (tmp_path / "x.csv").write_text("id,record,line,line_,event,instrument,site\nA,R1,5,b,fall,MRI,north\n")
        write(read_export(tmp_path / "x.csv", load_flat(tmp_path / "flat.csv")).tables[0], tmp_path / "clean/people.parquet")
        expected = "record | site | town | fell | tape | film\nA | north | north | fall | 5 | R1"
    (tmp_path / "sets").mkdir()
    derive.run(plan, Cut("drawn", dt.date(2021, 1, 1), "final", tmp_path, ""), clean=tmp_path / "clean", sealed=None, out=tmp_path / "sets")
    assert_drawn(pd.read_parquet(tmp_path / "sets/participants.parquet"), expected)


def test_monitoring_has_the_field_and_the_group(tmp_path):
    about = project(tmp_path / "dictionary", FIELDS)
    rows = ROWS.replace("id | site", "id | redcap_data_access_group | site").replace("A  |", "A  | north |").replace("B  |", "B  | south |")
    write(read(tmp_path, about, rows).tables[0], tmp_path / "tables/base.parquet")
    found = load(tmp_path / "tables", {"redcap": about})
    assert (found.sites, found.records) == (("north", "south"), ("A", "B"))
    assert found.tables[0].content.column("site").to_pylist() == ["1", "2"]
    assert load(tmp_path / "tables", {"redcap": about}, site=("redcap", "base", "site")).sites == ("1", "2")


def test_a_stratum_called_site(tmp_path):
    (tmp_path / "flat.csv").write_text("name,type\nid,text\narm,text\nrecord,text\nsite,text\n")
    (tmp_path / "arms.csv").write_text("id,arm,record,site\nA,a,R1,north\nB,b,R2,south\n")
    write(read_export(tmp_path / "arms.csv", load_flat(tmp_path / "flat.csv"), id="arms").tables[0], tmp_path / "sealed/arms.parquet")
    plan = SimpleNamespace(allocation=SimpleNamespace(source="arms", arm="arm", codes={}, stratum="record", block="site", sequence=""), arms={"a": "", "b": ""})
    found = allocated(plan, tmp_path / "sealed")
    assert json.loads(found.to_json(orient="index")) == {"A": {"arm": "a", "stratum": "R1", "block": "north", "sequence": ""}, "B": {"arm": "b", "stratum": "R2", "block": "south", "sequence": ""}}
