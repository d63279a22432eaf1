"""Which column is the record id where the dictionary begins with another field: one form's metadata, an instrument zip, a sorted dictionary."""

from __future__ import annotations

import zipfile

import pytest

from pacer_analysis.dictionary import load_any
from pacer_analysis.errors import ExportError
from pacer_analysis.read import read_export
from tests.spec.redcap_drawing import drawn, project, read, rows, said, write

FORM = "sbp | visit | text | Systolic | | integer\ndbp | visit | text | Diastolic | | integer\nwell | visit | radio | Well | 1, Yes / 2, No\n"
SORTED = "age | intake | text | Age | | integer\nrecord_id | intake | text | ID\nsex | intake | radio | Sex | 1, F / 2, M\n"
TAKEN = [("structure", "warning")]


def values(reading, form: str, *names: str) -> list[tuple[str | None, ...]]:
    return [tuple(row.get(name) for name in ("record", *names)) for row in rows(reading, form)]


def test_the_metadata_of_one_form(tmp_path):
    reading = read(tmp_path, project(tmp_path / "d", FORM), "record_id | sbp | dbp | well | visit_complete\n1 | 120 | 80 | 1 | 2\n2 | 120 | | 2 | 2")
    assert (reading.record, reading.source.key, said(reading)) == ("record_id", ("record_id",), TAKEN)
    assert values(reading, "visit", "sbp", "dbp") == [("1", "120", "80"), ("2", "120", None)]
    assert reading.notes[0].field == "record_id"
    assert "begins with sbp, which is not the record id" in reading.notes[0].message


def test_columns_of_other_instruments_are_said_once(tmp_path):
    header = "record_id | redcap_event_name | a1 | a2 | a3 | a4 | a5 | a6 | sbp | dbp | well | visit_complete"
    reading = read(tmp_path, project(tmp_path / "d", FORM), f"{header}\n1 | one_arm_1 | x | x | x | x | x | x | 120 | 80 | 1 | 2\n1 | two_arm_1 | | | | | | | 130 | 90 | 1 | 2")
    assert values(reading, "visit", "event", "sbp") == [("1", "one_arm_1", "120"), ("1", "two_arm_1", "130")]
    unknown = [note for note in reading.notes if note.rule == "unknown_column"]
    assert [(note.severity, note.field, note.message) for note in unknown] == [
        ("info", "", "6 columns are of other instruments: the dictionary has visit alone; they were not read: a1, a2, a3, a4, a5, a6")]


def test_an_instrument_zip(tmp_path):
    project(tmp_path / "d", FORM)
    with zipfile.ZipFile(tmp_path / "visit.zip", "w") as archive:
        archive.write(tmp_path / "d/redcap.csv", "instrument.csv")
    # The dictionary's first field is not even in the export.
    file = write(tmp_path / "x.csv", drawn("study_id | dbp | well | visit_complete\nS1 | 80 | 1 | 2\nS2 | 90 | 2 | 2"))
    reading = read_export(file, load_any(tmp_path / "visit.zip"))
    assert values(reading, "visit", "dbp") == [("S1", "80"), ("S2", "90")]
    assert said(reading) == [*TAKEN, ("missing_column", "warning")]


def test_a_sorted_dictionary(tmp_path):
    reading = read(tmp_path, project(tmp_path / "d", SORTED), "record_id | age | sex | intake_complete\n7 | 30 | 1 | 2\n8 | 30 | 2 | 2\n9 | 41 | 1 | 2")
    assert (reading.record, said(reading)) == ("record_id", TAKEN)
    assert values(reading, "intake", "age", "sex") == [("7", "30", "1"), ("8", "30", "2"), ("9", "41", "1")]


def test_a_column_in_front_that_has_blanks_is_not_the_record_id(tmp_path):
    about = project(tmp_path / "d", "id | intake | text | ID\nage | intake | text | Age | | integer\n")
    assert values(read(tmp_path, about, "age | id | intake_complete\n30 | A | 2\n | B | 2"), "intake", "age") == [("A", "30"), ("B", None)]
    assert values(read(tmp_path, about, "age | id | intake_complete\n30 | A | 2\n30 | B | 2"), "intake", "age") == [("A", "30"), ("B", "30")]


@pytest.mark.parametrize("first", ["", "X", "Unnamed: 0"])
def test_row_numbers_of_another_program_are_no_record_ids(tmp_path, first):
    about = project(tmp_path / "d", "id | intake | text | ID\nage | intake | text | Age | | integer\n")
    assert values(read(tmp_path, about, f"{first} | id | age | intake_complete\n1 | A | 30 | 2\n2 | B | 40 | 2"), "intake", "age") == [("A", "30"), ("B", "40")]


@pytest.mark.parametrize("table", ["who | sbp | dbp | well\n1 | 120 | 80 | 1\n | 130 | 80 | 1", "town | sbp | dbp | well\nX | 120 | 80 | 1\nX | 130 | 80 | 1\nX | 140 | 80 | 2"])
def test_a_first_column_without_sense_is_refused(tmp_path, table):
    with pytest.raises(ExportError, match=r"begins with sbp, which would be the record id, but the export begins with (who|town), which has blanks or does not tell the rows apart"):
        read(tmp_path, project(tmp_path / "d", FORM), table)


def test_an_export_without_the_record_id_is_refused(tmp_path):
    about = project(tmp_path / "d", "id | intake | text | ID\nage | intake | text | Age | | integer\n")
    with pytest.raises(ExportError, match="no column id, the record id"):
        read(tmp_path, about, "age | intake_complete\n30 | 2\n40 | 2")


def test_the_record_column_of_eav(tmp_path):
    """The values of record_id are those of the column record; those of age are not."""
    lines = "record | field_name | value\n7 | record_id | 7\n7 | age | 30\n7 | sex | 1\n8 | record_id | 8\n8 | age | 44"
    reading = read(tmp_path, project(tmp_path / "d", SORTED), lines)
    assert values(reading, "intake", "age", "sex") == [("7", "30", "1"), ("8", "44", None)]
    assert (reading.record, said(reading)) == ("record_id", TAKEN)
    partial = read(tmp_path, project(tmp_path / "p", FORM), "record | field_name | value\n7 | sbp | 120\n7 | dbp | 80\n8 | sbp | 110")
    assert values(partial, "visit", "sbp", "dbp") == [("7", "120", "80"), ("8", "110", None)]


def test_the_subject_key_of_xml(tmp_path):
    """Data alone, without the project: the dictionary of one form lies beside it."""
    cell = '<ItemData ItemOID="{}" Value="{}"/>'.format
    subject = '<SubjectData SubjectKey="{0}"><FormData FormOID="Form.visit" FormRepeatKey="1"><ItemGroupData>{1}</ItemGroupData></FormData></SubjectData>'.format
    body = subject("7", cell("record_id", "7") + cell("sbp", "120") + cell("dbp", "80")) + subject("8", cell("record_id", "8") + cell("sbp", "110"))
    (tmp_path / "x.xml").write_text('<?xml version="1.0" encoding="UTF-8"?><ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:redcap="https://projectredcap.org" ODMVersion="1.3.1">'
                                    f'<ClinicalData StudyOID="P" MetaDataVersionOID="M">{body}</ClinicalData></ODM>')
    reading = read_export(tmp_path / "x.xml", project(tmp_path / "d", FORM))
    assert (reading.record, values(reading, "visit", "sbp", "dbp")) == ("record_id", [("7", "120", "80"), ("8", "110", None)])
    assert TAKEN[0] in said(reading)
