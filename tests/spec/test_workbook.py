"""The register as a workbook, read back with another library than the one that wrote it."""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile

import openpyxl
import pytest

from pacer_analysis.validate.queries import COLUMNS
from pacer_analysis.validate.workbook import write_workbook
from tests.spec.test_register import DANGEROUS


def query(**cells: str) -> dict[str, str]:
    return dict.fromkeys(COLUMNS, "") | {"query_id": "0" * 16, "record": "S1", "rule": "range", "severity": "error", "status": "new", "age_days": "0"} | cells


def opened(path) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(path)


def cell(sheet, row: int, name: str):
    return sheet.cell(row, COLUMNS.index(name) + 1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "queries.xlsx"


def test_every_column_stands_under_a_frozen_header_with_a_filter(path):
    write_workbook(path, [query(record="007", value="01", message="The value is outside the range.", first_seen="2016-01-01", last_seen="2016-03-01", age_days="60", line="12", resolved_on="")])
    book = opened(path)
    assert book.sheetnames == ["Queries", "Summary"]
    sheet = book["Queries"]
    assert [each.value for each in sheet[1]] == list(COLUMNS)
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("C2", "A1:V2")
    assert (cell(sheet, 2, "record").value, cell(sheet, 2, "value").value) == ("007", "01")                   # codes and ids stay text
    assert (cell(sheet, 2, "age_days").value, cell(sheet, 2, "line").value) == (60, 12)
    assert cell(sheet, 2, "first_seen").value.date() == dt.date(2016, 1, 1)
    assert cell(sheet, 2, "first_seen").number_format == "yyyy-mm-dd"
    assert cell(sheet, 2, "resolved_on").value is None
    assert cell(sheet, 2, "message").alignment.wrap_text is True
    assert sheet.column_dimensions["M"].width > 50


def test_severities_have_a_colour_each(path):
    write_workbook(path, [query(severity=name) for name in ("error", "warning", "info")])
    sheet = opened(path)["Queries"]
    assert len({cell(sheet, row, "severity").fill.fgColor.rgb for row in (2, 3, 4)}) == 3


@pytest.mark.parametrize("text", [*DANGEROUS, "http://example.org", "mailto:someone@example.org", "{=SUM(A1)}", "5", "TRUE", "_x0041_", "<b>&\"'", "a\x01b", "x\ufffey"])
def test_no_text_becomes_a_formula_a_link_or_a_number(path, text):
    write_workbook(path, [query(value=text, message=text, record=text)])
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name)
            assert b"hyperlink" not in archive.read(name)
    found = cell(opened(path)["Queries"], 2, "value")
    assert found.data_type == "s" if text[:1] != "=" else found.data_type in {"s", "f"}      # openpyxl takes any text with = for a formula; there is none in the file
    assert str(found.value).replace("_x000D_", "\r").replace("_x0001_", "\x01").replace("_x005F_", "_") == text.replace("\ufffe", "\ufffd")


def test_the_summary_counts_open_queries_by_site_and_all_by_rule(path):
    write_workbook(path, [
        query(site="east", age_days="3"), query(site="east", severity="warning", rule="required", status="reopened", age_days="40"), query(site="west", status="open", age_days="9"),
        query(site="", severity="info", rule="encoding"), query(site="west", status="resolved", age_days="99"), query(site="west", status="accepted", age_days="98")])
    rows = [[each.value for each in row] for row in opened(path)["Summary"].iter_rows()]
    assert [row[:6] for row in rows[1:6]] == [
        ["site", "error", "warning", "info", "all", "oldest, days"],
        ["(no site)", 0, 0, 1, 1, 0],
        ["east", 1, 1, 0, 2, 40],
        ["west", 1, 0, 0, 1, 9],
        ["all sites", 2, 1, 1, 4, 40]]
    assert [row[:8] for row in rows[8:12]] == [
        ["rule", "severity", "new", "open", "reopened", "accepted", "resolved", "all"],
        ["range", "error", 1, 1, 0, 1, 1, 4],
        ["required", "warning", 0, 0, 1, 0, 0, 1],
        ["encoding", "info", 1, 0, 0, 0, 0, 1]]


def test_what_does_not_fit_is_said_on_both_sheets(path):
    write_workbook(path, [query(record=f"S{number}") for number in range(6)], most=5)
    book = opened(path)
    records = [each.value for each in book["Queries"]["B"]]
    note = "2 of 6 queries do not fit on this sheet; all of them are in queries.csv."
    assert records == ["record", "S0", "S1", "S2", "S3", None]       # header, four queries and the note: the five rows that there are
    assert book["Queries"]["A6"].value == note == book["Summary"]["A1"].value
    write_workbook(path, [query(record=f"S{number}") for number in range(5)], most=5)
    assert [each.value for each in opened(path)["Queries"]["B"]] == ["record", "S0", "S1", "S2", "S3", "S4"]


def test_a_text_longer_than_a_cell_says_that_it_was_cut(path):
    write_workbook(path, [query(value="x" * 40_000), query(value="y" * 31_000)])
    sheet = opened(path)["Queries"]
    assert cell(sheet, 2, "value").value == "x" * 16_000 + " [cut here: 40000 characters; whole in the CSV file]"
    assert cell(sheet, 3, "value").value == "y" * 31_000


def test_no_query_is_a_workbook_too(path):
    write_workbook(path, [])
    assert opened(path)["Queries"].max_row == 1


def test_two_runs_write_the_same_bytes(tmp_path):
    import os
    import time

    rows = [query(record=f"S{number}", first_seen="2016-01-01") for number in range(50)]
    for name, zone in (("one", "UTC"), ("two", "Asia/Tokyo")):
        (tmp_path / name).mkdir()
        before = os.environ.get("TZ")
        os.environ["TZ"] = zone
        time.tzset()
        try:
            write_workbook(tmp_path / name / "queries.xlsx", rows)
        finally:
            os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
            time.tzset()
    assert (tmp_path / "one/queries.xlsx").read_bytes() == (tmp_path / "two/queries.xlsx").read_bytes()
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["queries.xlsx"]        # nothing temporary stays
