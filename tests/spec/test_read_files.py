"""The file of a source: exactly one, and what it should be."""

from __future__ import annotations

import pandas as pd
import pyreadstat
import pytest

from pacer_analysis.dictionary import load_flat
from pacer_analysis.errors import ExportError
from pacer_analysis.plan import Source
from pacer_analysis.read.files import find_file, read_header
from pacer_analysis.read.flat import read_flat
from pacer_analysis.read.source import read_source
from pacer_analysis.read.tidy import to_arrow, unconverted
from tests.spec.drawing import trial
from tests.spec.test_dictionary import API

SOURCE = Source("visits", "VISITS_????.csv", "csv", "visits.csv", ("pid", "day"))


def test_the_pattern_matches_exactly_one(tmp_path):
    (tmp_path / "VISITS_2016.csv").write_text("pid\n")
    (tmp_path / "notes.txt").write_text("")
    assert find_file(SOURCE, tmp_path).name == "VISITS_2016.csv"
    (tmp_path / "VISITS_2017.csv").write_text("pid\n")
    with pytest.raises(ExportError, match=r"2 files(.|\n)*VISITS_2016\.csv, VISITS_2017\.csv"):
        find_file(SOURCE, tmp_path)
    (tmp_path / "VISITS_2016.csv").unlink()
    (tmp_path / "VISITS_2017.csv").unlink()
    with pytest.raises(ExportError, match=r"no file(.|\n)*found: notes\.txt"):
        find_file(SOURCE, tmp_path)
    with pytest.raises(ExportError, match="folder"):
        find_file(SOURCE, tmp_path / "nowhere")


@pytest.mark.parametrize(("content", "words"), [
    (b"", "empty"), (b"\n", "empty"), (b"\xef\xbb\xbf \r\n", "empty"), (b"<!DOCTYPE html><p>Secret Name</p>", "HTML page"), (b'{"error":"Secret Name"}', "error"),
    (b"PK\x03\x04\x00\x00Secret Name", "not text"), (b"surname,town\nSecret Name,1\n", "no column"), (b"pid,day,pid\n1,2,3\n", "more than once"),
])
def test_what_is_no_export(tmp_path, content, words):
    path = tmp_path / "VISITS_2016.csv"
    path.write_bytes(content)
    with pytest.raises(ExportError) as refused:
        read_header(path, {"pid", "day"})
    assert words in str(refused.value)
    assert "VISITS_2016.csv" in str(refused.value)
    assert "Secret" not in str(refused.value)


@pytest.mark.parametrize("delimiter", list(",;|^\t"))
def test_the_delimiter_is_the_one_under_which_names_are_known(tmp_path, delimiter):
    path = tmp_path / "VISITS_2016.csv"
    path.write_text(delimiter.join(["pid", '"day"', "a,b" if delimiter != "," else "a;b"]) + "\n")
    assert read_header(path, {"pid", "day"})[1] == delimiter


def test_a_flat_file(tmp_path):
    (tmp_path / "visits.csv").write_text("name,label,type,unit,min,max,codes,required,identifier\npid,P,text,,,,,y,\nday,D,date,,,,,y,\nat,T,datetime,,,,,,\npills,N,integer,,,,,,\nphone,Ph,text,,,,,,y\n")
    path = tmp_path / "VISITS_2016.csv"
    path.write_text("PID,day,at,pills,shop\n01,2016-02-29,2016-02-29 10:05,30,x\n1,29/02/2016,,30.0,\n 1,2016-02-30,2016-02-29 10:05:09,many,\n")
    dictionary = load_flat(tmp_path / "visits.csv")
    table, notes, columns = read_flat(path, SOURCE, dictionary, "pid", set(dictionary.fields))
    frame = to_arrow(table).to_pandas()
    assert columns == 5
    assert frame.columns.tolist() == ["record", "line", "pid", "day", "at", "pills"]
    assert frame["record"].tolist() == ["01", "1", "1"]      # spaces around an id are no part of it
    assert frame["pid"].tolist() == ["01", "1", " 1"]
    assert frame["day"].notna().tolist() == [True, False, False]
    assert frame["at"].astype(str).tolist() == ["2016-02-29 10:05:00", "NaT", "2016-02-29 10:05:09"]
    assert frame["pills"].tolist()[:2] == [30.0, 30.0]
    assert sorted(unconverted(table).to_pandas()[["line", "field", "raw"]].to_numpy().tolist()) == [
        [3, "day", "29/02/2016"], [3, "pills", "30.0"], [4, "day", "2016-02-30"], [4, "pills", "many"]]
    assert [(note.rule, note.field) for note in notes] == [("missing_column", "phone"), ("unknown_column", "shop")]


@pytest.mark.parametrize("reader", ["csv", "stata", "redcap"])
def test_participants_without_a_row_are_refused(tmp_path, reader):
    plan = trial(tmp_path / "plan", f"""
id: nobody
title: Nobody
registration: none
version: "1"
sap: none
assignment: randomised
dictionary: .
arms: {{a: {{label: A}}, b: {{label: B}}}}
reference: a
sources:
  people: {{file: people.*, reader: {reader}, dictionary: fields.csv, key: [pid]}}
  other: {{file: other.csv, reader: csv, dictionary: other.csv, key: [pid], reveals_arm: true}}
allocation: {{source: other, id: pid, arm: arm}}
participants: {{source: people, id: pid{", form: intake" if reader == "redcap" else ""}}}
""")
    flat = "name,label,type,unit,min,max,codes,required,identifier\npid,P,text,,,,,y,\narm,A,text,,,,,,\n"
    project = f"{API}\npid,intake,,text,P,,,,,,,,,,,,,\narm,intake,,text,A,,,,,,,,,,,,,\n"
    (tmp_path / "plan/fields.csv").write_text(project if reader == "redcap" else flat)
    (tmp_path / "plan/other.csv").write_text(flat)
    (tmp_path / "other.csv").write_text("pid,arm\n")
    if reader == "stata":
        pyreadstat.write_dta(pd.DataFrame({"pid": pd.Series(dtype=str), "arm": pd.Series(dtype=str)}), str(tmp_path / "people.dta"))
    else:
        (tmp_path / "people.csv").write_text("pid,arm,intake_complete\n" if reader == "redcap" else "pid,arm\n")
    with pytest.raises(ExportError, match=r"people has a header and no rows(.|\n)*people\.(csv|dta)"):
        read_source(plan, plan.sources["people"], tmp_path, sealed=False)
    assert read_source(plan, plan.sources["other"], tmp_path, sealed=True).rows == 0     # another source may be empty
