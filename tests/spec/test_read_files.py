"""The file of a source: exactly one, and what it should be."""

from __future__ import annotations

import csv

import pandas as pd
import pyreadstat
import pytest

from pacer_analysis.dictionary import load_flat
from pacer_analysis.errors import ExportError
from pacer_analysis.plan import Source
from pacer_analysis.read.export import Options, read_export, read_with
from pacer_analysis.read.files import find_file, read_header
from pacer_analysis.read.flat import read_flat
from pacer_analysis.read.source import read_source
from pacer_analysis.read.tidy import to_arrow, unconverted
from tests.spec.drawing import trial
from tests.spec.redcap_drawing import project, write
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


PROJECT = "id | form | text | ID\nname | form | text | Name\n"


@pytest.mark.parametrize(("name", "content", "words"), [
    ("x.csv", b"", ("empty",)), ("x.csv", b"\n", ("empty", "empty project")), ("x.csv", b"\xef\xbb\xbf", ("empty",)),
    ("x.csv", b"<!DOCTYPE html><p>Secret</p>", ("HTML page",)), ("x.csv", b'{"error":"Secret"}', ("error",)), ("x.csv", b'[{"id":"1","name":"Secret"}]', ("JSON", "as CSV")),
    ("x.csv", b'id,name,form_complete\n1,Secret,2\n{"error":"REDCap ran out of server memory. Secret"}', ("ends with", "server", "last line")),
    ("x.csv", b"id,name,form_complete\n1,Secret,2\n<br />\n<b>Fatal error</b>: Secret\n</body></html>\n", ("ends with", "server")),
    ("x.csv", b"PK\x03\x04Secret", ("workbook", "CSV")), ("x.xlsx", b"PK\x03\x04Secret", ("workbook", "CSV")), ("x.csv", b"%PDF-1.7 Secret", ("PDF",)),
    ("x.csv", b"\xd0\xcf\x11\xe0Secret", ("workbook",)), ("x.csv", "id,name\n1,Secret\n".encode("utf-16"), ("UTF-16", "UTF-8")), ("x.csv", b"\x1f\x8bSecret", ("gzip",)),
    ("x.csv", b"\x00" * 1000, ("not text",)), ("x.csv", b"Secret,Secret,1\n", ("no column", "dictionary")), ("x.csv", b"You do not have permission, Secret\n", ("no column",)),
    ("x.csv", b"name,form_complete\nSecret,2\n", ("record id", "no column id")), ("x.csv", b"id,name,id\n1,Secret,2\n", ("more than once", "id")),
    ("x.csv", b'id,name,form_complete\n1,"Secret,2\n2,Secret,2\n', ("x.csv",)), ("x.dta", b"id,name\n1,Secret\n", ("absent",)), ("nowhere.csv", None, ("missing", "nowhere.csv")),
])
def test_what_is_no_export_of_a_project(tmp_path, name, content, words):
    """Each refusal names the file, says what it is and what to do, and repeats nothing from it."""
    about = project(tmp_path / "dictionary", PROJECT)
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    if words == ("absent",):        # a text is read as one, whatever it is called
        assert [note.field for note in read_export(path, about).notes if note.rule == "missing_column"] == ["form_complete"]
        return
    with pytest.raises(ExportError) as refused:
        read_export(path, about)
    message = str(refused.value)
    assert all(word in message for word in (*words, name, "do: ")), message
    assert "Secret" not in message


def test_a_stata_file_called_csv(tmp_path):
    """A source of a plan that says csv is one."""
    (tmp_path / "d.csv").write_text("name,type\npid,text\n")
    pyreadstat.write_dta(pd.DataFrame({"pid": ["a", "b"]}), str(tmp_path / "x.dta"))
    path = (tmp_path / "x.dta").rename(tmp_path / "x.csv")
    dictionary = load_flat(tmp_path / "d.csv")
    with pytest.raises(ExportError, match=r"Stata(.|\n)*x\.csv(.|\n)*reader: stata"):
        read_with(path, Source("x", "x.csv", "csv", "d.csv", ("pid",)), dictionary, "pid", {"pid"}, Options())


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_header_without_rows(tmp_path, end):
    about = project(tmp_path / "dictionary", PROJECT)
    path = tmp_path / "x.csv"
    path.write_text("id,name,form_complete" + end)
    reading = read_export(path, about)
    assert (reading.rows, reading.columns, [table.rows for table in reading.tables], reading.notes) == (0, 3, [0], ())


@pytest.mark.parametrize(("encoding", "found"), [("", "cp1252"), ("latin-1", ""), ("utf8", None)])
def test_an_encoding_that_is_named(tmp_path, encoding, found):
    about = project(tmp_path / "dictionary", PROJECT)
    (tmp_path / "x.csv").write_bytes("id,name,form_complete\n1,Zo\u00eb,2\n".encode("latin-1"))
    if found is None:
        with pytest.raises(ExportError, match="not in the encoding utf8"):
            read_export(tmp_path / "x.csv", about, options=Options(encoding=encoding))
        return
    reading = read_export(tmp_path / "x.csv", about, options=Options(encoding=encoding))
    assert reading.tables[0].fields["name"].levels.raw.tolist() == ["Zo\u00eb"]
    assert [note.rule for note in reading.notes] == (["encoding"] if found else [])


def test_cells_with_line_ends_quotation_marks_and_much_text(tmp_path):
    about = project(tmp_path / "dictionary", PROJECT)
    long = "x" * 3_000_000
    with (tmp_path / "x.csv").open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([["id", "name", "form_complete"], ["1", 'two\r\n"lines"\n', "2"], ["2", long, "2"], ["3", " a,b ", "2"]])
    reading = read_export(tmp_path / "x.csv", about)
    assert reading.tables[0].fields["name"].levels.raw.tolist() == ['two\r\n"lines"\n', long, " a,b "]
    assert reading.tables[0].line.tolist() == [2, 3, 4]


@pytest.mark.parametrize("columns", [7_000, pytest.param(35_000, marks=pytest.mark.slow)])
def test_a_very_wide_project(tmp_path, columns):
    fields = "\n".join(["id | form_0 | text | ID", *(f"f{number} | form_{number // 100} | text | F | | integer" for number in range(columns))])
    about = project(tmp_path / "dictionary", fields)
    names = [name for form in about.dictionary.forms for name in about.dictionary.form_columns(form)]
    rows = [["id", *names], *([str(row), *(["2"] * len(names))] for row in range(3))]
    reading = read_export(write(tmp_path / "x.csv", rows), about)
    assert (reading.rows, len(reading.tables), sum(len(table.fields) for table in reading.tables), reading.notes) == (3, columns // 100, columns + columns // 100, ())


NEEDS = """
id: needs
title: Needs
registration: none
version: "1"
sap: none
assignment: randomised
dictionary: .
arms: {a: {label: A}, b: {label: B}}
reference: a
sources:
  people: {file: people.csv, reader: redcap, dictionary: redcap.csv, key: [id], deidentified: true, decimal: ",", labels: false}
  arms: {file: arms.csv, reader: csv, dictionary: allocation.csv, key: [id], reveals_arm: true}
allocation: {source: arms, id: id, arm: arm}
participants:
  source: people
  id: id
  form: intake
  variables:
    sex: {field: sex, kind: categorical}
    working: {field: why___1, kind: binary, yes: "1"}
  events:
    harm: {form: harms, date: harm_date, when: "[harm_kind] = '1' or [harm_why(2)] = '1'"}
  death: none
"""
PEOPLE = """
id        | intake | text     | ID
sex       | intake | radio    | Sex  | 1, F / 2, M
why       | intake | checkbox | Why  | 1, Work / 2, Other
remark    | intake | notes    | Remark
harm_date | harms  | text     | Date | | date_dmy
harm_kind | harms  | radio    | Kind | 1, A / 2, B
harm_why  | harms  | checkbox | Why  | 1, A / 2, B
"""


@pytest.mark.parametrize(("without", "refused"), [
    ("", ""), ("remark", ""), ("intake_complete", ""), ("why___2", ""), ("harm_why___1", ""), ("sex", "sex"), ("why___1", "why___1"), ("harm_date", "harm_date"), ("harm_kind", "harm_kind"),
    ("harm_why___2", "harm_why___2"),
])
def test_an_export_may_lack_what_the_plan_does_not_use(tmp_path, without, refused):
    """A field that the plan names, in its logic too, must be there; another is noted."""
    project(tmp_path / "plan", PEOPLE)
    plan = trial(tmp_path / "plan", NEEDS)
    (tmp_path / "plan/allocation.csv").write_text("name,type\nid,text\narm,text\n")
    header = ["id", "sex", "why___1", "why___2", "remark", "intake_complete", "harm_date", "harm_kind", "harm_why___1", "harm_why___2", "harms_complete"]
    kept = [name for name in header if name != without]
    write(tmp_path / "people.csv", [kept, ["1", *["1"] * (len(kept) - 1)]])
    source = plan.sources["people"]
    assert (source.deidentified, source.decimal, source.labels) == (True, ",", False)
    if refused:
        with pytest.raises(ExportError, match=rf"1 columns that the plan needs(.|\n)*{refused}(.|\n)*people\.csv"):
            read_source(plan, source, tmp_path, sealed=False)
    else:
        notes = read_source(plan, source, tmp_path, sealed=False).notes
        assert [note.severity for note in notes if note.rule == "missing_column"] == ([] if not without else ["info" if without == "remark" else "warning"])
