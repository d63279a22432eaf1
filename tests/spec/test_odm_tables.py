"""One project exported as CSV and as XML gives the same tidy tables."""

from __future__ import annotations

import re

import pytest

from pacer_analysis.dictionary import load_any
from pacer_analysis.plan import Source
from pacer_analysis.read.redcap import read_redcap
from pacer_analysis.read.sealed import all_fields
from pacer_analysis.read.tidy import to_arrow
from tests.conftest import REPOSITORY
from tests.spec.test_odm_data import CHANGED_BETWEEN

MATERIAL = REPOSITORY.parent / "shared/material/redcap"
# Its CSV was taken before a calculation was filled for the only record, which then has nothing filled; its cells are compared in test_odm_data.
EMPTY_IN_THE_CSV = "validation-types-1"
NO_MATERIAL = pytest.mark.skipif(not MATERIAL.is_dir(), reason="the public project files are not beside the repository")


def tables(path, dictionary) -> dict[str, dict[str, list]]:
    """Every table by form as columns, white space in texts as one space."""
    project = load_any(dictionary)
    source = Source("s", path.name, "redcap", dictionary.name, (project.dictionary.record_id,))
    found, _, _, _ = read_redcap(path, source, project, all_fields(project))
    return {table.form: {name: [re.sub(r"\s+", " ", value).strip() if isinstance(value, str) else value for value in values]
                         for name, values in to_arrow(table).to_pydict().items()} for table in found}


@NO_MATERIAL
@pytest.mark.parametrize("dictionary", ["project.xml", "dictionary.csv"])
@pytest.mark.parametrize("name", sorted(path.parent.name for path in MATERIAL.glob("redcapr/*/data.csv") if path.stat().st_size > 1
                                         and path.parent.name != EMPTY_IN_THE_CSV))
def test_the_tables_of_the_xml_are_those_of_the_csv(name, dictionary):
    """Row by row and cell by cell, the numbers of the lines among them; once with the project in the XML, once with the dictionary alone."""
    folder = MATERIAL / "redcapr" / name
    described = next(folder.glob(dictionary.replace("dictionary", "dict*")))
    from_csv, from_xml = tables(folder / "data.csv", described), tables(folder / "project.xml", described)
    assert from_csv.keys() == from_xml.keys()
    assert sum(len(table["record"]) for table in from_csv.values()) > 0
    for form, table in from_csv.items():
        other = from_xml[form]
        assert table.keys() == other.keys()
        assert {column for column in table if table[column] != other[column]} == CHANGED_BETWEEN.get(name, set()) & table.keys(), form


@NO_MATERIAL
def test_a_calculation_alone_makes_a_row():
    folder = MATERIAL / "redcapr" / EMPTY_IN_THE_CSV
    table = tables(folder / "project.xml", folder / "project.xml")["form_1"]
    assert {column: values for column, values in table.items() if values not in ([None], [""], ["0"])} == {
        "record": ["1"], "instrument": ["form_1"], "instance": [0], "line": [2], "f_calculated": [7.0]}


@NO_MATERIAL
def test_rows_per_form_where_events_and_forms_repeat():
    """By hand: 100 records, each enrolled, contacted and measured at baseline once; 200 visits and 200 home visits of both forms."""
    path = MATERIAL / "redcap-etl/RepeatingEvents.REDCap.xml"
    found = {form: len(table["record"]) for form, table in tables(path, path).items()}
    assert found == {"enrollment": 100, "contact_information": 100, "emergency_contacts": 100, "weight": 500, "cardiovascular": 500}
