"""The data in a project XML: the same rows and cells as in the raw CSV export of the same project."""

from __future__ import annotations

import csv
import re
import tracemalloc

import numpy as np
import pytest

from pacer_analysis.dictionary import load_project
from pacer_analysis.dictionary.odm import load_odm
from pacer_analysis.errors import ExportError
from pacer_analysis.read.odm import read_odm
from tests.conftest import REPOSITORY
from tests.spec.odm_files import EVENTS, HEAD, METADATA, RECORDS, TAIL, data, event, form, item, subject, written

MATERIAL = REPOSITORY.parent / "shared/material/redcap"
NO_MATERIAL = pytest.mark.skipif(not MATERIAL.is_dir(), reason="the public project files are not beside the repository")
# The two exports of these projects were taken at different times.
CHANGED_BETWEEN = {"survey": {"prescreening_survey_timestamp"}, "validation-types-1": {"f_calculated"}}
HEADER = ["id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "redcap_data_access_group", "mail", "sex", "why___1", "why___or_9", "note",
          "consent", "intake_complete", "pills_timestamp", "pill", "taken", "sum", "pills_complete"]
ROWS = [
    ["1", "start_arm_1", "", "", "sitea", "a@b.org", "02", "0", "1", 'first line\nsecond & "last"  line', "form.pdf", "2", "", "", "", "", ""],
    ["1", "start_arm_1", "pills", "1", "sitea", "", "", "", "", "", "", "", "[not completed]", "30", "", "", "2"],
    ["1", "start_arm_1", "pills", "3", "sitea", "", "", "", "", "", "", "", "", "28", "2024-02-29 08:05", "", "1"],
    ["1", "visit_arm_1", "", "1", "sitea", "", "", "", "", "", "", "", "", "7", "", "", "0"],
    ["1", "visit_arm_1", "", "2", "sitea", "", "", "", "", "", "", "", "2024-03-01 10:00:01", "", "NI", "", "0"],
    ["1-x", "start_arm_2", "", "", "", "", "", "0", "0", "", "[document]", "0", "", "", "", "", ""],
    ["2", "start_arm_1", "pills", "2", "", "", "", "", "", "", "", "", "", "1", "", "", "0"],
]


def cells(wide) -> list[list[str]]:
    """The rows of a table in the order of its header."""
    return [list(row) for row in zip(*(wide.columns[name].texts for name in wide.header), strict=True)]


def test_rows_of_every_kind(tmp_path):
    path = written(tmp_path, METADATA, RECORDS)
    wide = read_odm(path, load_odm(path))
    assert list(wide.header) == HEADER
    assert cells(wide) == ROWS
    assert wide.lines.tolist() == [2, 3, 4, 5, 6, 7, 8]
    assert (wide.shape, wide.notes, wide.path) == ("odm", [], path)
    assert all(column.codes.dtype.kind == "i" for column in wide.columns.values())


def test_data_only_beside_the_project_from_another_file(tmp_path):
    project = load_odm(written(tmp_path, METADATA))
    path = written(tmp_path, RECORDS, name="data.xml")
    assert cells(read_odm(path, project)) == ROWS


def test_the_base_row_stands_before_its_repeats_wherever_the_file_has_it(tmp_path):
    pill = form("pills", item("pill", "1"))
    path = written(tmp_path, METADATA, data(subject("9", event("start_arm_1", pill, form("intake", item("mail", "x"))))))
    assert [row[:4] for row in cells(read_odm(path, load_odm(path)))] == [["9", "start_arm_1", "", ""], ["9", "start_arm_1", "pills", "1"]]


def test_a_classic_project_and_a_record_of_which_nothing_is_filled(tmp_path):
    path = written(tmp_path, METADATA.replace(EVENTS, "").replace("redcap:RepeatingInstrument ", "redcap:Nothing "),
                   data(subject("1", form("intake", item("why___1", "1"))), subject("2")))
    wide = read_odm(path, load_odm(path))
    assert "redcap_event_name" not in wide.header
    assert [wide.columns[name].texts.tolist() for name in ("id", "why___1", "why___or_9", "pills_complete", "pill")] == [
        ["1", "2"], ["1", "0"], ["0", "0"], ["0", "0"], ["", ""]]


def test_repeats_that_the_project_does_not_name(tmp_path):
    """The dictionary without its structure: what the file repeats is read as repeating, and only what the file has in an event gets zeros there."""
    from tests.spec.test_dictionary import API

    lines = ["id,intake,,text,Id", "why,intake,,checkbox,Why,\"1, Work | OR-9, Other\"", "pill,pills,,text,Pill"]
    (tmp_path / "redcap.csv").write_text("\n".join([API, *(line + "," * (17 - len(next(csv.reader([line]))) + 1) for line in lines)]))
    project = load_project(tmp_path, "redcap.csv")
    assert not project.mapped
    path = written(tmp_path, RECORDS)
    wide = read_odm(path, project)
    keys = [row[:4] for row in cells(wide)]
    assert keys == [row[:4] for row in ROWS]
    assert wide.columns["pills_complete"].texts.tolist() == ["", "2", "1", "0", "0", "", "0"]
    assert wide.columns["why___1"].texts.tolist() == ["0", "", "", "", "", "0", ""]
    assert set(wide.header) - set(HEADER) == set()
    assert {"mail", "sex", "note"} < set(wide.header)       # the dictionary does not know them: the reader of every export says so


def test_an_export_without_identifiers_has_not_their_columns(tmp_path):
    metadata = re.sub(r'\t<ItemDef OID="mail".*\n', "", METADATA).replace('<ItemRef ItemOID="mail" Mandatory="No" redcap:Variable="mail"/>', "")
    path = written(tmp_path, metadata, RECORDS.replace('<ItemData ItemOID="mail" Value="a@b.org"/>', ""))
    project = load_odm(written(tmp_path, METADATA, name="whole.xml"))
    assert set(HEADER) - set(read_odm(path, project).header) == {"mail"}


def test_columns_of_missing_data_codes_are_kept(tmp_path):
    path = written(tmp_path, METADATA, RECORDS.replace('<ItemData ItemOID="why___1" Value="0"/>', item("why___1", "0") + item("why___ni", "1")))
    wide = read_odm(path, load_odm(path))
    assert wide.header[-1] == "why___ni"
    assert wide.columns["why___ni"].texts.tolist() == ["1"] + [""] * 6


def test_options_that_share_a_column_are_both_kept(tmp_path):
    metadata = METADATA.replace("why___or_9", "why___a").replace('<ItemRef ItemOID="why___1" Mandatory="No" redcap:Variable="why"/>',
                                                              '<ItemRef ItemOID="why___a" Mandatory="No" redcap:Variable="why"/>').replace(
        "1, Work | or, play | OR-9, Other", "a, one | A, two").replace("why___1", "why___a")
    path = written(tmp_path, metadata, data(subject("1", event("start_arm_1", form("intake", item("why___a", "0"), item("why___a", "1"))))))
    project = load_odm(path)
    assert project.dictionary.fields["why"].choices == {"a": "one", "A": "two"}
    wide = read_odm(path, project)
    assert (wide.columns["why___a"].texts.tolist(), wide.columns["why___a__2"].texts.tolist()) == (["0"], ["1"])


def test_the_values_of_a_field_that_is_not_kept_are_never_read(tmp_path):
    path = written(tmp_path, METADATA, RECORDS)
    project = load_odm(path)
    wide = read_odm(path, project, project.dictionary.fields.keys() - {"sex", "why"})
    assert {text for name in ("sex", "why___or_9") for text in wide.columns[name].levels} == {"", "0"}
    assert wide.columns["mail"].texts[0] == "a@b.org"


def test_characters_that_xml_forbids_are_left_out_and_said(tmp_path):
    path = written(tmp_path, METADATA, RECORDS.replace("first line", "first\x0b \x01line"))
    wide = read_odm(path, load_odm(path))
    assert wide.columns["note"].texts[0].startswith("first line")
    assert [note.message for note in wide.notes] == ["2 characters that XML forbids were left out."]


def test_no_rows(tmp_path):
    path = written(tmp_path, METADATA, data())
    wide = read_odm(path, load_odm(path))
    assert (wide.rows, list(wide.header)) == (0, HEADER)
    assert all(len(column.codes) == 0 for column in wide.columns.values())


@pytest.mark.parametrize(("content", "words"), [
    (HEAD + METADATA + TAIL, "holds no data"),
    (HEAD + METADATA + RECORDS.replace('ItemOID="', 'ItemOID="other_') + TAIL, "no item of this XML"),
    ((HEAD + METADATA + RECORDS)[:-300], "breaks off"), (HEAD + METADATA + RECORDS, "breaks off"),
    (HEAD + METADATA + RECORDS.replace("</FormData>", "", 1) + TAIL, "not well-formed"),
    ("<records><item><id>1</id></item></records>", "list of records"),
    ("<!DOCTYPE ODM [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><ODM>&a;</ODM>", "entities"),
])
def test_what_cannot_be_read(tmp_path, content, words):
    project = load_odm(written(tmp_path, METADATA))
    (tmp_path / "data.xml").write_text(content)
    with pytest.raises(ExportError, match=words) as refused:
        read_odm(tmp_path / "data.xml", project)
    assert refused.value.do
    with pytest.raises(ExportError, match="missing"):
        read_odm(tmp_path / "none.xml", project)


def test_files_inside_the_xml_are_not_held(tmp_path):
    """Twelve megabytes of uploaded files: a fraction of that in memory."""
    blob = "QUJD" * 1_000_000
    path = written(tmp_path, METADATA, data(*(subject(str(number), event("start_arm_1", form("intake",
                   f'<ItemDataBase64Binary ItemOID="consent" redcap:DocName="{number}.pdf"><![CDATA[{blob}]]></ItemDataBase64Binary>'))) for number in range(3))))
    project = load_odm(path)
    tracemalloc.start()
    wide = read_odm(path, project)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert wide.columns["consent"].texts.tolist() == ["0.pdf", "1.pdf", "2.pdf"]
    assert peak < 8_000_000


def same(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@NO_MATERIAL
@pytest.mark.parametrize("name", sorted(path.parent.name for path in MATERIAL.glob("redcapr/*/data.csv") if path.stat().st_size > 1))
def test_the_xml_has_the_cells_of_the_csv(name):
    """Every cell of every row in order; white space in notes as one space, because the CSV of these projects has spaces for line ends."""
    folder = MATERIAL / "redcapr" / name
    with (folder / "data.csv").open(encoding="utf-8-sig", newline="") as handle:
        header, *rows = csv.reader(handle)
    path = folder / "project.xml"
    wide = read_odm(path, load_odm(path))
    assert list(wide.header) == header
    found = cells(wide)
    assert len(found) == len(rows)
    differing = {column for row, other in zip(rows, found, strict=True) for column, cell, value in zip(header, row, other, strict=True) if same(cell) != same(value)}
    assert differing == CHANGED_BETWEEN.get(name, set())


@NO_MATERIAL
@pytest.mark.parametrize("name", ["empty-rows", "potentially-problematic-dictionary"])
def test_the_xml_of_an_empty_project_has_no_rows(name):
    path = MATERIAL / "redcapr" / name / "project.xml"
    assert read_odm(path, load_odm(path)).rows == 0


@NO_MATERIAL
@pytest.mark.parametrize(("file", "events", "instrument"), [
    ("re_enrollment.csv", ("enrollment",), None), ("re_all_visits.csv", ("baseline", "visit", "home_visit"), None), ("re_home_weight_visits.csv", ("home_visit",), "weight")])
def test_the_flat_tables_that_another_tool_made_from_repeating_events(file, events, instrument):
    """Every row in order and every cell; the other tool wrote numbers anew (1.70 as 1.7)."""
    path = MATERIAL / "redcap-etl/RepeatingEvents.REDCap.xml"
    wide = read_odm(path, load_odm(path))
    with (path.parent / file).open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    of_event = np.array([text.rpartition("_arm_")[0] in events for text in wide.columns["redcap_event_name"].texts])
    chosen = np.flatnonzero(of_event & np.array([instrument in {None, text} for text in wide.columns["redcap_repeat_instrument"].texts]))
    assert len(chosen) == len(rows)
    shared = [name for name in rows[0] if name in wide.columns]
    assert len(shared) == len(rows[0]) - (2 if file == "re_enrollment.csv" else 3)      # but for the keys that the other tool added
    for name in shared:
        texts = wide.columns[name].texts[chosen]
        assert [number(text) for text in texts] == [number(row[name]) for row in rows], name


def number(text: str) -> str | float:
    return float(text) if re.fullmatch(r"\d+\.\d+|\d+", text) else text


@NO_MATERIAL
@pytest.mark.parametrize(("file", "records", "rows", "base"), [
    ("redcap-etl/RepeatingEvents.REDCap.xml", 100, 800, 200), ("redcap-etl/MultipleChoice.REDCap.xml", 50, 50, 50), ("pycap/test_long_project.xml", 2, 13, 12)])
def test_the_size_of_files_without_a_csv(file, records, rows, base):
    """Records are SubjectData. RepeatingEvents: 100 enrollment and 100 baseline rows, 200 visits, 400 home-visit forms; the long project: 12 events and one repeat."""
    path = MATERIAL / file
    wide = read_odm(path, load_odm(path))
    instances = wide.columns["redcap_repeat_instance"].texts if "redcap_repeat_instance" in wide.columns else np.array([""] * wide.rows)
    assert (len(set(wide.columns[wide.header[0]].texts)), wide.rows, int((instances == "").sum())) == (records, rows, base)
