"""An export beside the dictionary of another project, label exports that lack their events or groups, and codes for missing data that nobody declared."""

from __future__ import annotations

import pandas as pd
import pyreadstat
import pytest

from pacer_analysis.dictionary import load_any, load_flat
from pacer_analysis.errors import ExportError
from pacer_analysis.plan import Source
from pacer_analysis.read import Options, read_export
from pacer_analysis.read.labelled import unique_groups
from pacer_analysis.read.statistical import read_statistical_flat
from tests.spec.redcap_drawing import project, read, rows, said

FIELDS = """
id   | intake | text     | ID
sex  | intake | radio    | Sex  | 1, F / 2, M
ill  | intake | checkbox | Ill  | 1, Cough / 2, Pain
ache | intake | checkbox | Ache | 1, Head / 2, Back
born | intake | text     | Born | | date_dmy
size | intake | text     | Size | | number
pill | intake | text     | Pill | | integer
"""
EVENTS = "start_arm_1 | Start | 1"


@pytest.fixture
def about(tmp_path):
    return project(tmp_path / "dictionary", FIELDS)


def test_columns_of_another_project_are_refused_with_their_number(tmp_path, about):
    """id, sex and born of 9 columns are known; the status columns of either project do not count."""
    with pytest.raises(ExportError, match=r"6 of 9 columns .*another project: a1, a2, a3, a4, a5, a6(.|\n)*dictionary of this project"):
        read(tmp_path, about, "id | sex | born | a1 | a2 | a3 | a4 | a5 | a6 | intake_complete | other_complete\n1 | 1 | | 1 | 1 | 1 | 1 | 1 | 1 | 2 | 2")


@pytest.mark.parametrize("header", ["id | size", "id | sex | born | size | ill___1 | a1 | a2 | a3 | a4 | a5", "id | a1 | a2 | a3 | a4"])
def test_a_report_of_few_columns_half_known_or_with_few_unknown_is_read(tmp_path, about, header):
    assert read(tmp_path, about, header + "\n" + " | ".join("1" for _ in header.split("|"))).rows == 1


def test_fields_of_another_project_in_an_eav_export(tmp_path, about):
    with pytest.raises(ExportError, match="5 of 8 columns"):
        read(tmp_path, about, "record | field_name | value\n" + "\n".join(f"1 | {name} | 1" for name in ("sex", "size", "a1", "a2", "a3", "a4", "a5")))


def test_events_of_another_project_are_refused_and_one_known_is_enough(tmp_path):
    about = project(tmp_path / "dictionary", FIELDS, EVENTS, "start_arm_1 | intake")
    with pytest.raises(ExportError, match=r"none of the 2 events .* the 1 of the dictionary.*: week_1_arm_1, week_2_arm_1"):
        read(tmp_path, about, "id | redcap_event_name | sex\n1 | week_1_arm_1 | 1\n1 | week_2_arm_1 | 1")
    assert read(tmp_path, about, "id | redcap_event_name | sex\n1 | week_1_arm_1 | 1\n1 | start_arm_1 | 1").rows == 2


def test_a_label_export_with_events_needs_events_csv(tmp_path, about):
    with pytest.raises(ExportError, match=r"a label export of a project with events needs events\.csv"):
        read(tmp_path, about, "ID | Event Name | Sex | Complete?\n1 | Start | F | Complete", labels=True)
    assert read(tmp_path, about, "ID | Sex | Complete?\n1 | F | Complete", labels=True).rows == 1


def test_groups_of_a_label_export_have_their_unique_names(tmp_path, about):
    """Lower case, spaces as _, other characters left out, 18 at most; two labels of one name stay as they are."""
    reading = read(tmp_path, about, "ID | Data Access Group | Sex | Complete?\n1 | Site North | F | Complete", labels=True)
    assert (rows(reading, "intake")[0]["site"], said(reading)[1:]) == ("site_north", [("missing_column", "warning")] * 5)
    assert unique_groups(["Site North", "St. Mary's Hospital, Ward 2", "A-B", "AB"]) == {"Site North": "site_north", "St. Marys Hospital, Ward 2": "st_marys_hospital"}


def test_codes_for_missing_data_that_nobody_declared_are_one_note(tmp_path, about):
    """NASK stands for a date, two numbers and has its own column of two checkboxes; the odd XX of one field is a slip."""
    table = ("id | sex | ill___1 | ill___2 | ill___nask | ache___1 | ache___2 | ache___nask | born | size | pill | intake_complete\n1 | 1 | 0 | 0 | 1 | 0 | 0 | 1 | NASK | NASK | NASK | 2\n"
             "2 | XX | 1 | 0 | 0 | 1 | 0 | 0 | | NASK | | 2")
    notes = [note for note in read(tmp_path, about, table).notes if note.rule in {"undeclared_code", "unknown_option"}]
    assert [(note.rule, note.severity, note.message) for note in notes] == [
        ("undeclared_code", "info", "looks like a missing-data code that nobody declared: NASK (4 cells of 3 fields)")]
    assert "--missing-codes" in notes[0].action
    assert not [note for note in read(tmp_path, about, table, missing_codes={"NASK": "Not asked"}).notes if note.rule in {"undeclared_code", "unknown_option"}]


def flat(folder, path, fields, record="pid"):
    (folder / "x.csv").write_text(fields, encoding="utf-8")
    dictionary = load_flat(folder / "x.csv")
    reader = {".sav": "spss", ".dta": "stata"}[path.suffix]
    return read_statistical_flat(path, Source("x", path.name, reader, "x.csv", (record,)), dictionary, record, set(dictionary.fields))


def test_names_written_as_in_the_file_and_labelled_missing_values_are_no_finding(tmp_path):
    pyreadstat.write_sav(pd.DataFrame({"PatID": ["a", "b"], "Job": [1.0, 98.0], "SEX": [1.0, 1.0]}), tmp_path / "x.sav", missing_ranges={"Job": [98, 99]},
                         variable_value_labels={"Job": {1: "Employed", 97: "Odd", 98: "Refused", 99: "Not known"}})
    _, notes, _ = flat(tmp_path, tmp_path / "x.sav", 'name,type,codes\nPatID,text,\nJob,coded,"1, Employed"\nsex,integer,\n', "patid")
    assert [(note.rule, note.message) for note in notes if note.rule in {"column_names", "labels"}] == [
        ("column_names", "1 names differ from the dictionary in upper and lower case: SEX"), ("labels", "the file labels the code 97 of job, which the dictionary lacks")]


@pytest.mark.parametrize(("suffix", "display", "unit"), [(".dta", "%tcHH:MM", 1000), (".sav", "TIME5", 1)])
def test_a_flat_time_of_day(tmp_path, suffix, display, unit):
    """8 h 40 min are 31 200 s; 61 s past midnight keep their second."""
    path = tmp_path / f"x{suffix}"
    write = pyreadstat.write_dta if suffix == ".dta" else pyreadstat.write_sav
    write(pd.DataFrame({"pid": ["a", "b", "c"], "at": [31_200.0 * unit, 61.0 * unit, float("nan")]}), path, variable_format={"at": display})
    table, notes, _ = flat(tmp_path, path, "name,type\npid,text\nat,time\n")
    assert (table.fields["at"].kind, table.fields["at"].typed.tolist(), table.fields["at"].status.tolist()) == ("time", ["08:40", "00:01:01", ""], [1, 1, 0])
    assert [note for note in notes if note.rule == "storage"] == []


def test_a_flat_time_in_a_csv_file(tmp_path):
    (tmp_path / "x.csv").write_text("name,type\npid,text\nat,time\n")
    (tmp_path / "data.csv").write_text("pid,at\na,08:40\nb,8h40\nc,08:40:30\n")
    cells = read_export(tmp_path / "data.csv", load_flat(tmp_path / "x.csv"), options=Options()).tables[0].fields["at"]
    assert cells.status.tolist() == [1, 3, 1]


def test_a_dictionary_of_one_form_does_not_make_a_measurement_the_record_id(tmp_path):
    """Of the API's metadata of one form the first field is sbp; the export begins with record_id, which that dictionary does not have."""
    (tmp_path / "dictionary.csv").write_text("field_name,form_name,section_header,field_type,field_label,select_choices_or_calculations\nsbp,visit,,text,Systolic,\ndbp,visit,,text,Diastolic,\n")
    (tmp_path / "export.csv").write_text("record_id,sbp,dbp,visit_complete\n1,120,80,2\n2,120,90,2\n3,,95,2\n")
    reading = read_export(tmp_path / "export.csv", load_any(tmp_path / "dictionary.csv"))
    assert reading.record == "record_id"
    assert [(row["record"], row.get("sbp"), row["dbp"]) for row in rows(reading, "visit")] == [("1", "120", "80"), ("2", "120", "90"), ("3", None, "95")]
    assert [(note.rule, note.severity, note.field) for note in reading.notes] == [("structure", "warning", "record_id")]
