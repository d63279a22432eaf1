"""What material_expected says about values (conforming, in range, among the choices, shown, calculated) holds in the raw files; no package code is involved.

The rules are written out for exactly the types and formulas these files use; a type not named here fails the test.
"""

from __future__ import annotations

import datetime as dt
import math
import re

import pytest

from tests.independent.material_expected import DICTIONARY_CELLS, PROJECTS, expected
from tests.independent.material_raw import FULL, MATERIAL, attributes, csv_items, local, of, root, xml_items

pytestmark = pytest.mark.skipif(not MATERIAL.is_dir(), reason="the real exports are not here: set PACER_MATERIAL to their folder")

YEAR = 365.2425  # days of a REDCap year
PATTERNS = {
    "int": r"[-+]?\d+", "float": r"[-+]?(\d+\.?\d*|\.\d+)", "number_1dp": r"-?\d+\.\d", "number_2dp": r"-?\d+\.\d\d", "number_comma_decimal": r"-?\d+(,\d+)?",
    "email": r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}", "datetime_mdy": r"\d{4}-\d\d-\d\d[T ][0-2]\d:[0-5]\d",
}


def conforms(kind: str, text: str) -> bool:
    if kind.startswith("date_"):
        try:
            return bool(dt.date.fromisoformat(text)) and len(text) == 10
        except ValueError:
            return False
    if kind == "phone":
        return bool(re.fullmatch(r"[2-9][0-8]\d[2-9]\d{6}", re.sub(r"\D", "", text)))
    return bool(re.fullmatch(PATTERNS[kind], text))


def number(text: str) -> float:
    return float(text.replace(",", "."))


def cells(project: str) -> list[tuple[tuple[str, str, str, int], str, str]]:
    """(key, column, text) of every filled cell, of the CSV where there is one."""
    items = csv_items(project) if expected(project)["data"] else xml_items(project)
    return [(key, column, text) for key, row in items.items() for column, text in row.items() if text]


@pytest.mark.parametrize("project", sorted({*FULL, "pycap", "repeating-events", "multiple-choice"}))
def test_types_ranges_and_choices(project):
    kinds = {a["OID"]: a["TextValidationType"] for a in of(project, "ItemDef") if "TextValidationType" in a and a["FieldType"] == "text"}
    items = {attributes(e)["OID"]: e for e in root(project).iter() if local(e) == "ItemDef"}
    bounds = {name: {attributes(c)["Comparator"]: c[0].text for c in e if local(c) == "RangeCheck"} for name, e in items.items()}
    codes = {attributes(e)["OID"].removesuffix(".choices"): {attributes(c)["CodedValue"] for c in e} for e in root(project).iter() if local(e) == "CodeList"}
    wrong: dict[tuple[str, str], int] = {}
    for (_, _, form, _), column, text in cells(project):
        assert column not in codes or text in codes[column]
        if column in kinds and not conforms(kinds[column], text):
            wrong[form, column] = wrong.get((form, column), 0) + 1
        elif column in kinds:
            change = str if kinds[column].startswith("date") else number
            assert all(change(text) >= change(bound) if side == "GE" else change(text) <= change(bound) for side, bound in bounds[column].items())
    assert wrong == {field: len(lines) for field, lines in expected(project)["nonconforming"].items()}


@pytest.mark.parametrize("project", ["longitudinal", "pycap"])
def test_fields_with_branching_logic(project):
    rows = {key: row for key, row in xml_items(project).items() if key[2] == "demographics"}
    shown = {"given_birth": [key[0] for key, row in rows.items() if row.get("sex") == "0"],
             "num_children": [key[0] for key, row in rows.items() if row.get("sex") == "0" and row.get("given_birth") == "1"]}
    assert {("demographics", field): tuple(records) for field, records in shown.items()} == PROJECTS[project]["shown"]
    assert all(key[0] in shown[field] for field in shown for key, row in rows.items() if row.get(field))


def tenth(value: float) -> float:
    return math.floor(value * 10 + 0.5) / 10


@pytest.mark.parametrize(("project", "form", "fields", "unit", "count"), [
    ("decimal-comma", "demographics", ("weight", "height", "bmi"), 1, 4),
    ("longitudinal", "demographics", ("weight", "height", "bmi"), 10000, 3),
    ("longitudinal", "baseline_data", ("weight2", "height2", "bmi2"), 10000, 3),
])
def test_stored_body_mass_indices(project, form, fields, unit, count):
    weight, height, index = fields
    rows = [row for key, row in csv_items(project).items() if key[2] == form and row[index]]
    assert len(rows) == count
    assert [tenth(number(row[weight]) * unit / number(row[height]) ** 2) for row in rows] == [number(row[index]) for row in rows]


def test_stored_ages_are_those_of_years_of_365_2425_days():
    rows = {key[0]: row for key, row in xml_items("repeating-events").items() if key[2] == "enrollment"}
    other = []
    for record, row in rows.items():
        birth, entry = dt.date.fromisoformat(row["birthdate"]), dt.date.fromisoformat(row["registration_date"])
        assert row["registration_age"] == str(math.floor((entry - birth).days / YEAR))
        if int(row["registration_age"]) != entry.year - birth.year - ((entry.month, entry.day) < (birth.month, birth.day)):
            other.append(record)
    assert other == ["1057"]  # by calendar a year older


@pytest.mark.parametrize(("project", "field", "attribute"), [key for key in DICTIONARY_CELLS if key[2] in ("choices", "label", "calculation")])
def test_dictionary_of_the_xml(project, field, attribute):
    tree = root(project)
    (item, *_) = (e for e in tree.iter() if local(e) == "ItemDef" and attributes(e)["Variable"] == field)
    (codes, *_) = [e for e in tree.iter() if local(e) == "CodeList" and attributes(e)["OID"] == attributes(item)["OID"] + ".choices"] or [None]
    value = DICTIONARY_CELLS[project, field, attribute]
    if attribute == "label":
        assert item[0][0].text.split() == value.split()
    elif attribute == "calculation":
        assert attributes(item)["Calculation"] == value
    elif "CheckboxChoices" in attributes(codes):
        assert [part.strip() for part in attributes(codes)["CheckboxChoices"].split("|")] == [f"{code}, {label}" for code, label in value.items()]
    else:
        assert {attributes(c)["CodedValue"]: c[0][0].text for c in codes} == value
