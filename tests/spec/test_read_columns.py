"""Columns and cells of a REDCap export: what belongs to no field, what is absent, missing-data codes, decimals, and what other programs did."""

from __future__ import annotations

import numpy as np
import pytest

from pacer_analysis.dictionary import load_flat
from pacer_analysis.errors import ExportError
from pacer_analysis.read import Options, read_export
from pacer_analysis.read.convert import BLANK, MISSING, UNREADABLE, VALUE, convert
from tests.spec.redcap_drawing import drawn, project, read, rows, said, write

FIELDS = """
id     | intake | text     | ID
name   | intake | text     | Name    | | | y
sex    | intake | radio    | Sex     | 1, Female / 2, Male / -99, Other
why    | intake | checkbox | Why     | 1, Work / -99, Other
born   | intake | text     | Born    | | date_dmy
weight | visit  | text     | Weight  | | number
height | visit  | text     | Height  | | number_comma_decimal
pills  | visit  | text     | Pills   | | integer
bmi    | visit  | calc     | BMI     | [weight]
remark | visit  | notes    | Remark
"""
HEADER = "id | name | sex | why___1 | why____99 | born | intake_complete | weight | height | pills | bmi | remark | visit_complete\n"
ROW = "1 | Ann | 1 | 0 | 1 | 1990-05-31 | 2 | 61.5 | 1,54 | 30 | 61.5 | well | 2\n"


@pytest.fixture
def about(tmp_path):
    return project(tmp_path / "dictionary", FIELDS)


def cells(reading, field: str):
    return next(table.fields[field] for table in reading.tables if field in table.fields)


def test_columns_of_surveys_and_groups_are_known(tmp_path, about):
    """A survey's timestamp belongs to its form; a survey's list of participants belongs to none, and is said if it holds something."""
    reading = read(tmp_path, about, "id | redcap_data_access_group | redcap_survey_identifier | intake_timestamp | name | sex | why___1 | why____99 | born | intake_complete"
                   " | visit_timestamp | weight | height | pills | bmi | remark | visit_complete\n1 | north | a@b.org | 2018-03-06 15:52:43 | Ann | 1 | 0 | 1 | | 2 | [not completed] | | | | | | 0\n"
                   "2 | | | | | | 0 | 0 | | 0 | | 61 | | | | | 2")
    assert [(note.rule, note.severity, note.field, note.message.split()[0]) for note in reading.notes] == [("not_read", "info", "redcap_survey_identifier", "1")]
    assert rows(reading, "visit")[0]["visit_timestamp"] == "[not completed]"
    assert rows(reading, "intake") == [{"record": "1", "site": "north", "intake_timestamp": "2018-03-06 15:52:43", "name": "Ann", "sex": "1", "why___1": "0", "why____99": "1",
                                        "intake_complete": "2"}]


def test_a_field_may_look_like_a_status_or_an_option(tmp_path):
    about = project(tmp_path / "dictionary", "id | moca | text | ID\nmoca4_complete | moca | radio | Done | 0, No / 1, Yes\na___b | moca | text | A\nmoca_timestamp | moca | text | T\n")
    reading = read(tmp_path, about, "id | moca4_complete | a___b | moca_timestamp | moca_complete\n1 | 0 | x | 5 | 0")
    assert rows(reading, "moca") == [{"record": "1", "moca4_complete": "0", "a___b": "x", "moca_timestamp": "5", "moca_complete": "0"}]
    assert said(reading) == []


@pytest.mark.parametrize(("codes", "note"), [({"UNK": "Unknown"}, []), ({}, [("unknown_option", "info")])])
def test_checkbox_columns_of_missing_codes(tmp_path, about, codes, note):
    """They are not among the choices, and exported only where somebody used one."""
    reading = read(tmp_path, about, HEADER.replace("why____99 |", "why____99 | why___unk |") + ROW.replace("| 0 | 1 |", "| 0 | 0 | 1 |"), missing_codes=codes)
    assert list(reading.tables[0].fields) == ["name", "sex", "why___1", "why____99", "why___unk", "born", "intake_complete"]
    assert rows(reading, "intake")[0]["why___unk"] == "1"
    assert said(reading) == note


def test_options_that_redcap_calls_alike(tmp_path):
    """A and a have one column name: two columns are read in the dictionary's order, never as one."""
    about = project(tmp_path / "dictionary", "id | form | text | ID\nbox | form | checkbox | Box | A, Large / a, Small / b, Other\n")
    reading = read(tmp_path, about, "id | box___a | box___a | box___b | form_complete\n1 | 0 | 1 | 0 | 2")
    assert rows(reading, "form") == [{"record": "1", "box___a": "0", "box___a__2": "1", "box___b": "0", "form_complete": "2"}]
    assert said(reading) == [("collision", "warning")]


def test_missing_codes_in_any_kind_of_field(tmp_path, about):
    """From the project and from the source; -99 is a choice of `sex` itself, and a status has none."""
    (tmp_path / "dictionary/project.csv").write_text('project_title,missing_data_codes\nP,"NASK, Not asked | -99, Refused | 2, Odd"\n')
    about = project(tmp_path / "dictionary", FIELDS)
    reading = read(tmp_path, about, HEADER + "1 | NASK | -99 | 0 | 0 | NASK | 2 | NASK | UNK | -99 | NASK | UNK | 2", missing_codes={"UNK": "Unknown"})
    assert reading.source.missing_codes == {"NASK": "Not asked", "-99": "Refused", "2": "Odd", "UNK": "Unknown"}
    status = {name: int(each.status[0]) for table in reading.tables for name, each in table.fields.items()}
    assert {name for name, each in status.items() if each == MISSING} == {"name", "born", "weight", "height", "pills", "bmi", "remark"}
    assert status["sex"] == status["intake_complete"] == VALUE
    assert cells(reading, "pills").levels.raw.tolist() == ["-99"]


def test_na_is_a_code_like_any_other(tmp_path):
    about = project(tmp_path / "dictionary", "id | form | text | ID\nregion | form | radio | Region | AP, Asia / NA, North America\n")
    reading = read(tmp_path, about, "id | region | form_complete\n1 | NA | 2\n2 | NA | 2\n3 | NA | 2\nNA | AP | 2")
    assert [row["region"] for row in rows(reading, "form")] == ["NA", "NA", "NA", "AP"]
    assert [row["record"] for row in rows(reading, "form")] == ["1", "2", "3", "NA"]
    assert said(reading) == []


@pytest.mark.parametrize(("decimal", "texts", "expected"), [
    ("", ("61.5", "1,54", "30", "61.5"), [61.5, 1.54, 30, 61.5]), (",", ("61,5", "1,54", "30,0", "61,5"), [61.5, 1.54, 30, 61.5]), (".", ("61.5", "1.54", "30", "61.5"), [61.5, 1.54, 30, 61.5]),
    ("", ("61,5", "1,54", "30", "61,5"), [np.nan, 1.54, 30, np.nan]),
])
def test_decimal_characters(tmp_path, about, decimal, texts, expected):
    """Each field its own, as REDCap exports; or one for all numbers; a comma where a point belongs is said once."""
    weight, height, pills, bmi = texts
    reading = read(tmp_path, about, HEADER + f"1 | Ann | 1 | 0 | 1 | | 2 | {weight} | {height} | {pills} | {bmi} | | 2", decimal=decimal)
    found = [float(cells(reading, name).typed[0]) for name in ("weight", "height", "pills", "bmi")]
    np.testing.assert_array_equal(found, expected)
    unread = [name for name in ("weight", "bmi") if cells(reading, name).status[0] == UNREADABLE]
    assert said(reading) == ([("decimal", "warning")] if unread else [])
    assert [bool(cells(reading, name).levels.exact[0]) for name in ("weight", "height", "bmi")] == [not unread, True, not unread]


def test_thousands_are_never_taken_for_decimals():
    assert convert("integer", ["5,000"], ()).status.tolist() == [UNREADABLE]
    assert convert("number", ["5,000"], ()).status.tolist() == [UNREADABLE]


def test_digits_of_other_scripts_and_numbers_beyond_a_float():
    found = convert("number", ["\u0663", "\u00b2", "1e999", "9" * 400, "0.1", "1e-400", "12345678901234567890"], ())
    assert found.status.tolist() == [UNREADABLE] * 4 + [VALUE] * 3
    assert found.exact.tolist() == [False] * 4 + [True, False, False]
    dates = convert("date", ["2016-02-30", "2016-02-29", "\u0662\u0660\u0661\u0666-01-01", "0001-01-01", "2016-02-29 "], ())
    assert dates.status.tolist() == [UNREADABLE, VALUE, UNREADABLE, VALUE, VALUE]
    assert dates.exact.tolist() == [False, True, False, True, False]


def test_every_year_of_four_digits(tmp_path):
    """A column with a year that nanoseconds cannot hold is held in microseconds, any other as before."""
    far = convert("date", ["1066-10-14", "2999-12-31", "2020-02-30", "", "0000-01-01", "NASK"], {"NASK"})
    assert far.typed.astype("datetime64[D]").astype(str).tolist() == ["1066-10-14", "2999-12-31", "NaT", "NaT", "NaT", "NaT"]
    assert far.status.tolist() == [VALUE, VALUE, UNREADABLE, BLANK, UNREADABLE, MISSING]
    assert (far.typed.dtype, convert("date", ["1678-01-01", "2261-12-31"], ()).typed.dtype) == ("datetime64[us]", "datetime64[ns]")
    assert convert("datetime", ["9999-12-31 23:59:59"], ()).typed.astype(str).tolist() == ["9999-12-31T23:59:59.000000"]


def test_zeros_and_signs_that_a_number_does_not_keep():
    assert convert("integer", ["007", "+7", "-0", "0", "-7", "10", "7.0"], ()).exact.tolist() == [False, False, False, True, True, True, False]
    assert convert("number", ["007.5", "+7", "-0.0", "0.5", "-0.5", "70.0", "0"], ()).exact.tolist() == [False, False, False, True, True, True, True]


def test_absent_columns(tmp_path, about):
    """A whole form in one note, a checkbox in one, an identifier as such."""
    reading = read(tmp_path, about, "id | sex | born | intake_complete\n1 | 1 | | 2")
    assert [(note.rule, note.severity, note.field, note.form) for note in reading.notes] == [
        ("missing_column", "warning", "name", "intake"), ("missing_column", "warning", "why", "intake"), ("missing_column", "warning", "", "visit")]
    assert [(table.form, table.rows) for table in reading.tables] == [("intake", 1), ("visit", 0)]


def test_a_deidentified_export(tmp_path, about):
    """Identifiers, free text and dates are gone, the record id is a hash: one note; anything else that is gone is a warning."""
    reading = read(tmp_path, about, "id | sex | why___1 | why____99 | intake_complete | weight | height | bmi | visit_complete\n5f3a | 1 | 0 | 1 | 2 | 60 | 1,5 | 60 | 2", deidentified=True)
    assert [(note.rule, note.severity, note.field) for note in reading.notes] == [("missing_column", "warning", "pills"), ("missing_column", "info", "")]
    assert reading.source.deidentified
    assert "name, born, remark" in reading.notes[1].message


def test_only_the_record_id(tmp_path, about):
    reading = read(tmp_path, about, "id\n1\n2")
    assert (reading.rows, reading.columns) == (2, 1)
    assert said(reading) == [("missing_column", "warning"), ("missing_column", "warning"), ("empty_record", "info"), ("empty_record", "info")]


def test_hundreds_of_unknown_columns_are_one_note(tmp_path):
    extra = [f"extra_{number}" for number in range(10_000)]
    known = ["id", *(f"known_{number}" for number in range(10_000))]        # of more than half unknown the dictionary is another's
    about = project(tmp_path / "wide", "\n".join(f"{name} | intake | text | {name}" for name in known))
    table = [[*known, "intake_complete", *extra], ["1"] * (len(known) + 1 + len(extra))]
    reading = read_export(write(tmp_path / "x.csv", table), about)
    assert [(note.rule, note.severity, note.message.split()[0]) for note in reading.notes] == [("unknown_column", "info", "10000")]
    assert "10000 filled cells" in reading.notes[0].message


@pytest.mark.parametrize(("change", "field", "severity", "count"), [
    ({"id": ["Jan-31", "31-Feb"]}, "id", "error", 2), ({"id": ["1E5", "1.2E+11"]}, "id", "error", 2), ({"sex": ["2-Jan"]}, "sex", "warning", 1),
    ({"born": ["5/31/00", "31/05/1990"]}, "born", "warning", 2), ({"remark": ["<U+043E><U+0431>", "ok <U+0431>"]}, "remark", "warning", 2),
    ({"weight": ["NA", "NA", "NA"]}, "weight", "warning", 3), ({"remark": ["NA", "NA", "NA"], "rows": ["3"]}, "remark", "warning", 3),
    ({"remark": ["NA", "NA", "NA"]}, "", "", 0), ({"weight": ["NA", "NA"]}, "", "", 0), ({"remark": ["Jan-31", "5/31/00", "1E5"]}, "", "", 0), ({"weight": ["1E5"]}, "", "", 0),
])
def test_traces_of_other_programs(tmp_path, about, change, field, severity, count):
    """A note on each cell, or one with the count on a column that is damaged for the most part; in free text a day and month, or the word NA beside blanks, are what somebody wrote."""
    table = [dict(zip(drawn(HEADER)[0], drawn(ROW)[0], strict=True)) | {"id": str(number), "remark": ""} for number in range(int(change.pop("rows", ["4"])[0]))]
    for name, texts in change.items():
        for row, text in zip(table, texts, strict=False):
            row[name] = text
    reading = read_export(write(tmp_path / "x.csv", [list(table[0]), *(list(row.values()) for row in table)]), about)
    each = field not in {"remark", "weight"} and count     # of these columns no more than half of the cells is damaged
    expected = [("damage", severity, field, 0, record) for record in "0123"[:count]] if each else [("damage", severity, field, count, "")] if count else []
    assert [(note.rule, note.severity, note.field, 0 if note.record else int(note.message.split()[0]), note.record and str(note.line - 2)) for note in reading.notes] == expected


@pytest.mark.parametrize(("texts", "damaged"), [
    (["#NAME?", "a", "b"], ["2"]), (["#REF!", "x", "y", "#N/A"], ["2", "5"]), (["see #REF!", "# 4", "#NAME"], []),
    (["4.17E+10", "0417 222 333", "+263 77"], ["2"]), (["1e5", "E+05", "1E5"], []),
    (["331-1", "331-2", "31-Jan"], ["4"]), (["A-77", "B-12", "Jan-4512"], ["4"]), (["2015", "Jan-16", "2017"], []), (["Jan-16", "tea", "2-Mar"], []), (["Jan-16", "331-1"], []),
    (["caf\u00c3\u00a9", "caf\u00e9", "x"], ["2"]), (["it\u00e2\u20ac\u2122s", "a", "b"], ["2"]), (["a\ufffdb", "a", "b"], ["2"]), (["\u00d0\u00bf\u00d1\u20ac", "a", "b"], ["2"]),
    (["S\u00c3O", "CAF\u00c9\u2026", "Spa\u00df\u201c"], []), (["\u043f\u0440\u0438", "\u00c2ge", "\u201cAMANH\u00c3\u201d"], []),
])
def test_what_spreadsheets_and_encodings_do_to_free_text(tmp_path, texts, damaged):
    """A warning on each cell, where the whole text is what a spreadsheet program writes; a month among numbers was one, among months or years it is what somebody wrote."""
    about = project(tmp_path / "dictionary", "id | form | text | ID\nremark | form | notes | Remark\n")
    reading = read_export(write(tmp_path / "x.csv", [["id", "remark", "form_complete"], *([str(number), text, "2"] for number, text in enumerate(texts))]), about)
    assert [(note.rule, note.severity, note.field, str(note.line)) for note in reading.notes] == [("damage", "warning", "remark", line) for line in damaged]


def test_codes_without_their_leading_zero(tmp_path):
    about = project(tmp_path / "dictionary", "id | form | text | ID\nsite | form | radio | Site | 01, North / 02, South / 3, East\n")
    reading = read(tmp_path, about, "id | site | form_complete\n1 | 2 | 2\n2 | 02 | 2\n3 | 3 | 2")
    assert [(note.rule, note.field, note.message.split()[0]) for note in reading.notes] == [("damage", "site", "the")]
    assert [row["site"] for row in rows(reading, "form")] == ["2", "02", "3"]


def test_a_flat_file_alone(tmp_path):
    (tmp_path / "d.csv").write_text("name,type\npid,text\nday,date\nresult,number\nnote,text\n")
    reading = read_export(write(tmp_path / "Lab results 1.csv", drawn("pid | day | result\n01 | 2020-02-29 | 5,5"), ";"), load_flat(tmp_path / "d.csv"), options=Options(decimal=","))
    assert (reading.source.id, reading.source.reader, reading.source.key, reading.record, reading.shape) == ("lab_results_1", "csv", ("pid",), "pid", "csv")
    assert reading.tables[0].fields["result"].typed.tolist() == [5.5]
    assert said(reading) == [("missing_column", "warning")]


def test_codes_that_went_through_pandas(tmp_path, about):
    reading = read(tmp_path, about, HEADER + ROW.replace("| 1 | 0 | 1 |", "| 1.0 | 0.0 | 1.0 |"))
    assert [(note.rule, note.severity, note.field) for note in reading.notes] == [("structure", "info", "")]
    assert [cells(reading, name).levels.typed.tolist() for name in ("sex", "why___1", "why____99")] == [["1"], ["0"], ["1"]]
    assert cells(reading, "sex").levels.raw.tolist() == ["1.0"]
    assert cells(reading, "sex").levels.exact.tolist() == [False]


def test_options_as_an_old_redcap_named_them(tmp_path):
    """Before 5.5.21 the underscores of a code were left out; a column under the option's own name goes before."""
    about = project(tmp_path / "dictionary", "id | form | text | ID\nbox | form | checkbox | Box | a_b, One / c, Two / -9, Three / 9, Four\n")
    reading = read(tmp_path, about, "id | box___ab | box___c | box____9 | box___9 | form_complete\n1 | 1 | 0 | 0 | 1 | 2")
    assert rows(reading, "form") == [{"record": "1", "box___a_b": "1", "box___c": "0", "box____9": "0", "box___9": "1", "form_complete": "2"}]
    assert said(reading) == []


def test_a_file_that_is_almost_utf_8_is_not_read_as_something_else(tmp_path, about):
    path = write(tmp_path / "x.csv", drawn(HEADER + ROW.replace("Ann", "Zo\u00eb").replace("well", "\u00e9t\u00e9 ?")))
    path.write_bytes(path.read_bytes().replace(b"?", b"\xff"))
    with pytest.raises(ExportError, match="1 places"):
        read_export(path, about)
