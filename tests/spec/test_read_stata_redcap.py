"""A REDCap project's data in the .dta, .sav and .xpt files that its scripts lead to: the same tables as from the raw CSV export."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from pacer_analysis.dictionary import load_project
from pacer_analysis.errors import ExportError
from pacer_analysis.read.export import read_export
from pacer_analysis.read.statistical import read_statistical
from pacer_analysis.read.tidy import to_arrow
from tests.spec.dta_bytes import Column, Dta

DICTIONARY = """field_name,form_name,section_header,field_type,field_label,select_choices_or_calculations,field_note,text_validation_type_or_show_slider_number,text_validation_min,text_validation_max,identifier,branching_logic,required_field
record_id,enrolment,,text,Record ID,,,,,,,,
dob,enrolment,,text,Date of birth,,,date_dmy,,,,,
sex,enrolment,,radio,Sex,"01, Female | 02, Male",,,,,,,
weight,enrolment,,text,Weight,,,number_1dp_comma_decimal,,,,,
symptoms,enrolment,,checkbox,Symptoms,"1, Fever | -99, None of these",,,,,,,
publication_information_year,enrolment,,text,Year of publication,,,integer,,,,,
publication_information_name,enrolment,,text,Name of publication,,,,,,,,
taken,visit,,text,Sample taken,,,datetime_mdy,,,,,
logged,visit,,text,Logged,,,datetime_seconds_ymd,,,,,
result,visit,,text,Result,,,number,,,,,
at,visit,,text,Time of day,,,time,,,,,
"""
EVENTS = "event_name,arm_num,day_offset,offset_min,offset_max,unique_event_name\nBaseline,1,0,0,0,baseline_arm_1\nFollow-up,1,30,0,0,followup_arm_1\n"
MAPPING = "arm_num,unique_event_name,form\n1,baseline_arm_1,enrolment\n1,baseline_arm_1,visit\n1,followup_arm_1,visit\n"
REPEATING = "event_name,form_name,custom_form_label\nfollowup_arm_1,visit,\n"
CSV = """record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,dob,sex,weight,symptoms___1,symptoms____99,publication_information_year,publication_information_name,enrolment_complete,taken,logged,result,at,visit_complete
331-1,baseline_arm_1,,,1990-03-01,02,"70,5",1,0,2016,A note,2,2020-03-26 10:30,2020-03-26 10:30:05,40,10:30,1
331-1,followup_arm_1,visit,1,,,,,,,,,2020-04-25 00:00,2020-04-25 23:59:59,0.1,,2
331-2,baseline_arm_1,,,,01,,0,0,,,0,,,,,0
"""
# Days and milliseconds from 1960-01-01: 2020-03-26 is day 22000, 1990-03-01 day 11017 (30 years of 365 days, 8 leap days, 59 days), 2020-04-25 day 22030.
DAY, SECOND = 86_400_000, 1000
BIRTH, FIRST, SECOND_VISIT = 11_017.0, 22_000.0, 22_030.0
TEN_THIRTY = 37_800 * SECOND
LEAP = 27 * SECOND       # what a %tC clock has counted since 2017


def project_in(folder: Path):
    for name, text in (("redcap.csv", DICTIONARY), ("events.csv", EVENTS), ("instrument_event_mapping.csv", MAPPING), ("repeating.csv", REPEATING)):
        (folder / name).write_text(text, encoding="utf-8")
    return load_project(folder, "redcap.csv")


def as_stata(folder: Path, **changed: Column) -> Path:
    """What REDCap's script for Stata makes of the CSV: long names cut, checkboxes labelled, dates by their formats, %tC for datetimes."""
    blank = b""
    columns = [
        Column("record_id", "str5", [b"331-1", b"331-1", b"331-2"], label=b"Record ID"),
        Column("redcap_event_name", "str14", [b"baseline_arm_1", b"followup_arm_1", b"baseline_arm_1"], label=b"Event Name"),
        Column("redcap_repeat_instrument", "str5", [blank, b"visit", blank], label=b"Repeat Instrument"),
        Column("redcap_repeat_instance", "byte", [".", 1, "."], label=b"Repeat Instance"),
        Column("dob", "float", [BIRTH, ".", "."], "%dM_d,_CY", b"Date of birth"),
        Column("sex", "byte", [2, ".", 1], "%8.0g", b"Sex", "sex_"),
        Column("weight", "double", [70.5, ".", "."], label=b"Weight"),
        Column("symptoms___1", "byte", [1, ".", 0], "%8.0g", b"Symptoms (choice=Fever)", "symptoms___1_"),
        Column("symptoms____99", "byte", [0, ".", 0], "%8.0g", b"Symptoms (choice=None of these)", "symptoms____99_"),
        Column("publication_informat_v_0", "int", [2016, ".", "."], label=b"Year of publication"),
        Column("publication_informat_v_1", "str6", [b"A note", blank, blank], label=b"Name of publication"),
        Column("enrolment_complete", "byte", [2, ".", 0], "%8.0g", b"Complete?", "enrolment_complete_"),
        Column("taken", "double", [FIRST * DAY + TEN_THIRTY + LEAP, SECOND_VISIT * DAY + LEAP, "."], "%tCMonth_dd,_CCYY_HH:MM", b"Sample taken"),
        Column("logged", "double", [FIRST * DAY + TEN_THIRTY + 5 * SECOND + LEAP, SECOND_VISIT * DAY + DAY - SECOND + LEAP, "."], "%tCMonth_dd,_CCYY_HH:MM:SS", b"Logged"),
        Column("result", "float", [40, 0.1, "."], label=b"Result"),
        Column("at", "str5", [b"10:30", blank, blank], label=b"Time of day"),
        Column("visit_complete", "byte", [1, 2, 0], "%8.0g", b"Complete?", "visit_complete_"),
    ]
    status = {0: b"Incomplete", 1: b"Unverified", 2: b"Complete"}
    sets = {"sex_": {1: b"Female", 2: b"Male"}, "symptoms___1_": {0: b"Unchecked", 1: b"Checked"}, "symptoms____99_": {0: b"Unchecked", 1: b"Checked"},
            "enrolment_complete_": status, "visit_complete_": status}
    return Dta(117, [changed.get(column.name, column) for column in columns], sets=sets).save(folder / "P_DATA.dta")


def tables(path: Path, project) -> dict[str, pd.DataFrame]:
    return {table.form: to_arrow(table).to_pandas() for table in read_export(path, project).tables}


def raw(path: Path, project) -> dict[str, list[str]]:
    wide = read_statistical(path, project)
    return {name: column.texts.tolist() for name, column in wide.columns.items()}


def test_the_columns_are_those_of_the_raw_export(tmp_path):
    project, path = project_in(tmp_path), as_stata(tmp_path)
    wide = read_statistical(path, project)
    (tmp_path / "P_DATA.csv").write_text(CSV, encoding="utf-8")
    expected = pd.read_csv(tmp_path / "P_DATA.csv", dtype=str, keep_default_na=False)
    # In a raw CSV export a whole number has no decimals, and nothing else is known of how it was typed.
    assert wide.header == tuple(expected.columns)
    assert {name: column.texts.tolist() for name, column in wide.columns.items()} == {name: expected[name].tolist() for name in expected}
    assert (wide.shape, wide.lines.tolist(), wide.notes, wide.missing) == ("stata", [2, 3, 4], [], {})


@pytest.mark.parametrize("kind", ["stata", "spss", "sas"])
def test_the_tables_are_those_of_the_raw_export(tmp_path, kind):
    project = project_in(tmp_path)
    (tmp_path / "P_DATA.csv").write_text(CSV, encoding="utf-8")
    path = as_stata(tmp_path) if kind == "stata" else as_spss(tmp_path) if kind == "spss" else as_sas(tmp_path)
    expected, found = tables(tmp_path / "P_DATA.csv", project), tables(path, project)
    assert list(found) == list(expected) == ["enrolment", "visit"]
    for form in expected:
        pd.testing.assert_frame_equal(found[form], expected[form])


def frame() -> pd.DataFrame:
    """The same rows as a person would load them into SPSS or SAS: seconds from the program's own first day, labels of REDCap."""
    return pd.DataFrame({
        "record_id": ["331-1", "331-1", "331-2"], "redcap_event_name": ["baseline_arm_1", "followup_arm_1", "baseline_arm_1"], "redcap_repeat_instrument": ["", "visit", ""],
        "redcap_repeat_instance": [np.nan, 1, np.nan], "dob": [BIRTH, np.nan, np.nan], "sex": ["02", "", "01"], "weight": [70.5, np.nan, np.nan],
        "symptoms___1": [1, np.nan, 0], "symptoms____99": [0, np.nan, 0], "publication_information_year": [2016, np.nan, np.nan],
        "publication_information_name": ["A note", "", ""], "enrolment_complete": [2, np.nan, 0], "taken": [FIRST * 86400 + 37_800, SECOND_VISIT * 86400, np.nan],
        "logged": [FIRST * 86400 + 37_805, SECOND_VISIT * 86400 + 86_399, np.nan], "result": [40, 0.1, np.nan], "at": [37_800.0, np.nan, np.nan], "visit_complete": [1.0, 2, 0]})


def as_spss(folder: Path) -> Path:
    """Seconds from 1582-10-14, which is 137,775 days before 1960-01-01."""
    data, shift = frame(), 137_775 * 86_400
    data["dob"] *= 86_400
    for name in ("dob", "taken", "logged"):
        data[name] += shift
    formats = {"dob": "EDATE10", "taken": "DATETIME17", "logged": "DATETIME20", "at": "TIME5"}
    pyreadstat.write_sav(data, folder / "P_DATA.sav", variable_format=formats)
    return folder / "P_DATA.sav"


def as_sas(folder: Path) -> Path:
    """SAS names are case-blind; capitals come back as the dictionary's."""
    data = frame().rename(columns=str.upper)
    formats = {"DOB": "DATE9", "TAKEN": "DATETIME16", "LOGGED": "DATETIME20", "AT": "TIME5"}
    pyreadstat.write_xport(data, folder / "P_DATA.xpt", variable_format=formats, file_format_version=8)
    return folder / "P_DATA.xpt"


def test_extended_missing_values_are_declared_to_the_tables(tmp_path):
    project = project_in(tmp_path)
    path = as_stata(tmp_path, result=Column("result", "float", [".a", 0.1, "."], labels="why"), sex=Column("sex", "byte", [".b", ".", 1], labels="sex_"))
    wide = read_statistical(path, project)
    assert wide.missing == {"result": {".a"}, "sex": {".b"}}
    found = {table.form: table for table in read_export(path, project).tables}
    assert found["visit"].fields["result"].status.tolist() == [2, 1]
    assert found["enrolment"].fields["sex"].status.tolist() == [2, 1]


@pytest.mark.parametrize(("label", "rules"), [("Male", []), ("male ", []), ("Male or \"other\"", []), ("Man", ["labels"]), ("", ["labels"])])
def test_value_labels_are_compared_as_far_as_stata_keeps_them(tmp_path, label, rules):
    """REDCap's choice is `<b>Male</b> or 'other'` in one dictionary, `Male` in the other: mark-up, quotation marks, case and spaces are no difference."""
    choice = "<b>Male</b> or 'other'" if "other" in label else "Male"
    (tmp_path / "redcap.csv").write_text(DICTIONARY.splitlines()[0] + f"\nrecord_id,f,,text,Record ID,,,,,,,,\nsex,f,,radio,Sex,\"01, Female | 02, {choice}\",,,,,,,\n", encoding="utf-8")
    path = Dta(118, [Column("record_id", "str1", [b"a"]), Column("sex", "byte", [2], labels="sex_"), STATUS], sets={"sex_": {1: b"Female", 2: label.encode()}}).save(tmp_path / "x.dta")
    wide = read_statistical(path, load_project(tmp_path, "redcap.csv"))
    assert wide.columns["sex"].texts.tolist() == ["02"]
    assert [note.rule for note in wide.notes] == rules


def test_a_business_calendar_is_not_guessed(tmp_path):
    project = project_in(tmp_path)
    path = as_stata(tmp_path, dob=Column("dob", "int", [9000, ".", "."], "%tbtrading"))
    wide = read_statistical(path, project)
    assert wide.columns["dob"].texts.tolist() == ["9000", "", ""]
    assert [(note.rule, note.severity, note.field, note.form) for note in wide.notes] == [("storage", "error", "dob", "enrolment")]
    assert "business calendar" in wide.notes[0].message
    (found,) = [table for table in read_export(path, project).tables if table.form == "enrolment"]
    assert found.fields["dob"].status.tolist() == [3, 0]


def test_only_kept_fields_become_values(tmp_path):
    project = project_in(tmp_path)
    wide = read_statistical(as_stata(tmp_path), project, {"dob", "enrolment_complete"})
    assert set(wide.columns) == {"record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "dob", "enrolment_complete"}
    assert len(wide.header) == 17


def shortened(folder: Path, columns: list[Column], fields: str) -> dict[str, list[str]]:
    head = DICTIONARY.splitlines()[0]
    (folder / "redcap.csv").write_text(f"{head}\nrecord_id,f,,text,Record ID,,,,,,,,\n{fields}", encoding="utf-8")
    path = Dta(118, [Column("record_id", "str1", [b"a"]), *columns]).save(folder / "x.dta")
    return raw(path, load_project(folder, "redcap.csv"))


YEARS = "publication_information_year,f,,text,Year,,,,,,,,\npublication_information_name,f,,text,Name,,,,,,,,\n"
STATUS = Column("f_complete", "byte", [2])


def test_shortened_names_go_by_label_before_order(tmp_path):
    """Somebody sorted the columns: the labels still say which is which."""
    columns = [Column("publication_informat_v_1", "str1", [b"n"], label=b"Name"), Column("publication_informat_v_0", "str1", [b"y"], label=b"Year"), STATUS]
    assert shortened(tmp_path, columns, YEARS) == {"record_id": ["a"], "publication_information_year": ["y"], "publication_information_name": ["n"], "f_complete": ["2"]}


def test_shortened_names_without_labels_go_by_order(tmp_path):
    columns = [Column("publication_informat_v_0", "str1", [b"y"]), Column("publication_informat_v_1", "str1", [b"n"]), STATUS]
    assert shortened(tmp_path, columns, YEARS) == {"record_id": ["a"], "publication_information_year": ["y"], "publication_information_name": ["n"], "f_complete": ["2"]}


@pytest.mark.parametrize("label", [b"", b"Other"])
def test_a_shortened_name_that_fits_two_fields_is_refused_with_the_list(tmp_path, label):
    with pytest.raises(ExportError, match="1 shortened names fit more than one field: publication_informat_v_0"):
        shortened(tmp_path, [Column("publication_informat_v_0", "str1", [b"y"], label=label), STATUS], YEARS)


def test_one_shortened_name_of_two_is_known_by_its_label(tmp_path):
    found = shortened(tmp_path, [Column("publication_informat_v_0", "str1", [b"n"], label=b"Name"), STATUS], YEARS)
    assert found == {"record_id": ["a"], "publication_information_name": ["n"], "f_complete": ["2"]}


def test_the_status_of_a_form_with_a_long_name(tmp_path):
    """`demographics_questionnaire_complete` has 35 characters; a survey's timestamp would begin alike, but this project has no surveys."""
    head = DICTIONARY.splitlines()[0]
    (tmp_path / "redcap.csv").write_text(f"{head}\nrecord_id,demographics_questionnaire,,text,Record ID,,,,,,,,\n", encoding="utf-8")
    path = Dta(118, [Column("record_id", "str1", [b"a"]), Column("demographics_questio_v_0", "byte", [2])]).save(tmp_path / "x.dta")
    assert raw(path, load_project(tmp_path, "redcap.csv")) == {"record_id": ["a"], "demographics_questionnaire_complete": ["2"]}


def test_names_that_differ_in_case_alone(tmp_path):
    with pytest.raises(ExportError, match="Ttb, TTB differ in case alone"):
        shortened(tmp_path, [Column("Ttb", "byte", [1]), Column("TTB", "byte", [2]), STATUS], "ttb,f,,text,TB,,,,,,,,\n")
    # with the exact name beside it, the other is a column of its own
    assert shortened(tmp_path, [Column("ttb", "byte", [1]), Column("TTB", "byte", [2]), STATUS], "ttb,f,,text,TB,,,,,,,,\n")["ttb"] == ["1"]


def test_checkbox_columns_of_a_missing_data_code(tmp_path):
    """`symptoms___unk` is no choice of the dictionary; REDCap makes it when somebody used the missing-data code."""
    found = shortened(tmp_path, [Column("symptoms___1", "byte", [0]), Column("symptoms___unk", "byte", [1]), STATUS], 'symptoms,f,,checkbox,Symptoms,"1, Fever",,,,,,,\n')
    assert (found["symptoms___1"], found["symptoms___unk"]) == (["0"], ["1"])


def test_event_names_that_stata_has_encoded(tmp_path):
    """`encode redcap_event_name` and `encode record_id` number the texts in the order of the alphabet and keep them as labels."""
    project = project_in(tmp_path)
    columns = [Column("record_id", "long", [1, 1, 2], label=b"Record ID", labels="who"), Column("redcap_event_name", "long", [1, 2, 1], label=b"Event Name", labels="when"),
               Column("redcap_repeat_instrument", "str5", [b"", b"visit", b""]), Column("redcap_repeat_instance", "byte", [".", 1, "."]), Column("weight", "double", [70.5, ".", "."], label=b"Weight")]
    path = Dta(118, columns, sets={"who": {1: b"331-1", 2: b"331-2"}, "when": {1: b"baseline_arm_1", 2: b"followup_arm_1"}}).save(tmp_path / "e.dta")
    found = raw(path, project)
    assert (found["record_id"], found["redcap_event_name"]) == (["331-1", "331-1", "331-2"], ["baseline_arm_1", "followup_arm_1", "baseline_arm_1"])
    assert [note.message for note in read_export(path, project).notes if note.rule == "structure"] == [
        "record_id is numbered and labelled, as Stata's encode does; its labels were read", "redcap_event_name is numbered and labelled, as Stata's encode does; its labels were read"]
