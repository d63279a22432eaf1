"""The tables another tool made of redcap-etl/RepeatingEvents.REDCap.xml, shaped as a reader's: form -> {(record, event, instance): {column: text}}.

What lies beside the XML, found by reading both:

re_enrollment.csv (100 rows): form `enrollment`, one row per record. It names no event: the record's arm N is the suffix of its events in re_all_visits.csv,
so the row is (record, enrollment_arm_N, 0). Columns registration_date ... race___5 carry the XML's items of the same name, letter for letter.

re_all_visits.csv (700 rows): forms `weight` and `cardiovascular` on one row each, 7 rows per record, told apart by the two repeat columns:
  instrument '', instance ''           baseline_arm_N: both forms, both repeat keys 1                       -> instance 0 of both
  instrument '', instance 1 or 2       visit_arm_N, a repeating event: StudyEventRepeatKey is the instance  -> that instance of both
  instrument a form, instance 1 or 2   home_visit_arm_N, repeating forms: FormRepeatKey is the instance     -> that instance of this form; the other is blank

re_home_weight_visits.csv (200 rows): the rows of re_all_visits.csv whose event is home_visit_arm_N and whose instrument is weight, once more.

Columns of the other tool: re_*_id and enrollment_id (running numbers), redcap_data_source (1 everywhere). In none of the three: the forms
contact_information and emergency_contacts, and the statuses enrollment_complete, weight_complete, cardiovascular_complete (2 everywhere in the XML).

The tool typed numbers and rewrote times; the two spellings of a cell differ there and nowhere else: weight_kg 94 for 94.0 (50 cells), height_m 1.7 for
1.70 (40 cells), weight_time with a blank for the T (500 cells). `comparable` takes both away.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

Key = tuple[str, str, int]
Table = dict[Key, dict[str, str]]

COLUMNS = {
    "enrollment": ("registration_date", "first_name", "last_name", "birthdate", "registration_age", "gender", "race___0", "race___1", "race___2", "race___3",
                   "race___4", "race___5"),
    "weight": ("weight_time", "weight_kg", "height_m"),
    "cardiovascular": ("cardiovascular_date", "hdl_mg_dl", "ldl_mg_dl", "triglycerides_mg_dl", "diastolic1", "diastolic2", "diastolic3", "systolic1",
                       "systolic2", "systolic3"),
}
NUMBERS = ("weight_kg", "height_m")
MOMENTS = ("weight_time",)
OTHER_SPELLING = {"weight_kg": 50, "height_m": 40, "weight_time": 500}  # cells written otherwise than in the XML
BESIDE = "redcap/redcap-etl"


def folder() -> Path:
    """The material: PACER_MATERIAL, or shared/material beside the repository; it need not be there."""
    named = os.environ.get("PACER_MATERIAL")
    return Path(named) if named else Path(__file__).resolve().parents[2].parent / "shared/material"


def rows(path: Path) -> list[dict[str, str]]:
    """The records of a CSV file as texts; ValueError for a row with more or fewer cells than the header."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        header, *lines = csv.reader(file)
    return [dict(zip(header, line, strict=True)) for line in lines]


def comparable(column: str, text: str) -> str:
    """The cell in one spelling, whichever of the two files it stands in."""
    if column in MOMENTS:
        return text.replace("T", " ")
    if column in NUMBERS and text:
        return repr(float(text))
    return text


def enrolments(material: Path) -> Table:
    """Form `enrollment` from re_enrollment.csv: 100 rows, the event from the record's arm."""
    arm = {row["record_id"]: row["redcap_event_name"].rpartition("_arm_")[2] for row in rows(material / BESIDE / "re_all_visits.csv")}
    return {(row["record_id"], f"enrollment_arm_{arm[row['record_id']]}", 0): {column: row[column] for column in COLUMNS["enrollment"]}
            for row in rows(material / BESIDE / "re_enrollment.csv")}


def visits(material: Path, form: str) -> Table:
    """Form `weight` or `cardiovascular` from re_all_visits.csv: 500 rows each; ValueError for a key that comes twice."""
    table: Table = {}
    for row in rows(material / BESIDE / "re_all_visits.csv"):
        if row["redcap_repeat_instrument"] not in ("", form):
            continue
        key = (row["record_id"], row["redcap_event_name"], int(row["redcap_repeat_instance"] or 0))
        if key in table:
            raise ValueError(f"two rows of {form} under one key")
        table[key] = {column: row[column] for column in COLUMNS[form]}
    return table


def home_weights(material: Path) -> Table:
    """The home visits of form `weight` from re_home_weight_visits.csv: 200 rows."""
    return {(row["record_id"], row["redcap_event_name"], int(row["redcap_repeat_instance"])): {column: row[column] for column in COLUMNS["weight"]}
            for row in rows(material / BESIDE / "re_home_weight_visits.csv")}


def tables(material: Path) -> dict[str, Table]:
    """The three tables a reader's tables of the XML can be held against, with every cell in the spelling of `comparable`."""
    raw = {"enrollment": enrolments(material), "weight": visits(material, "weight"), "cardiovascular": visits(material, "cardiovascular")}
    return {form: {key: {column: comparable(column, text) for column, text in cells.items()} for key, cells in table.items()} for form, table in raw.items()}
