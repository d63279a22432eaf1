"""Each rule on a drawn export: what fails, what passes, and what cannot be said."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pacer_analysis.dictionary import load_project
from pacer_analysis.plan import Source
from pacer_analysis.read import Reading
from pacer_analysis.read.redcap import read_redcap
from pacer_analysis.read.sealed import all_fields
from pacer_analysis.validate.branching import check_shown
from pacer_analysis.validate.cells import check_cells
from pacer_analysis.validate.described import describe
from pacer_analysis.validate.keys import drop_repeated_rows
from pacer_analysis.validate.ledger import Ledger
from pacer_analysis.validate.lookup import Rows
from pacer_analysis.validate.queries import list_queries
from pacer_analysis.validate.rulebook import check_references
from pacer_analysis.validate.viral_loads import readable
from tests.spec.test_dictionary import API

# name, form, type, label, choices or calculation, validation, min, max, identifier, branching, required, annotation
FIELDS = [
    ("id", "intake", "text", "ID", "", "", "", "", "", "", "", ""),
    ("sex", "intake", "radio", "Sex", "1, F | 2, M", "", "", "", "", "", "y", ""),
    ("born", "intake", "text", "Born", "", "date_dmy", "1950-01-01", "today", "y", "", "y", ""),
    ("pregnant", "intake", "yesno", "Pregnant?", "", "", "", "", "", "[sex] = '1'", "y", ""),
    ("ill", "intake", "checkbox", "Ill", "1, Cough | -99, Other", "", "", "", "", "", "", ""),
    ("ill_other", "intake", "text", "Other", "", "", "", "", "", "[ill(-99)] = '1'", "", ""),
    ("seen", "visit", "text", "Seen", "", "date_dmy", "[start_arm_1][born]", "", "", "", "y", ""),
    ("weight", "visit", "text", "Weight", "", "number", "30", "180", "", "", "", ""),
    ("height", "visit", "text", "Height", "", "integer", "130", "200", "", "", "", "@FORCE-MINMAX"),
    ("bmi", "visit", "calc", "BMI", "round([weight] * 10000 / ([height] * [height]), 1)", "", "", "", "", "", "", ""),
    ("age", "visit", "calc", "Age", "rounddown(datediff([start_arm_1][born], [seen], 'y'))", "", "", "", "", "", "", ""),
    ("old", "visit", "calc", "Days ago", "datediff([seen], 'today', 'd')", "", "", "", "", "", "", ""),
    ("clock", "visit", "text", "Clock", "", "time", "06:00", "20:00", "", "", "", ""),
    ("dose", "pills", "text", "Dose", "", "integer", "1", "x", "", "[weight] > 50", "y", ""),
    ("lost", "pills", "text", "Lost", "", "", "", "", "", "[gone] = '1'", "", ""),
]
COLUMNS = ["id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "sex", "born", "pregnant", "ill___1", "ill____99", "ill_other", "intake_complete",
           "seen", "weight", "height", "bmi", "age", "old", "clock", "visit_complete", "dose", "lost", "pills_complete"]
TODAY = dt.date(2020, 1, 1)


@pytest.fixture
def folder(tmp_path) -> Path:
    import csv

    with (tmp_path / "redcap.csv").open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(API.split(","))
        for name, form, kind, label, choices, validation, low, high, identifier, branching, required, annotation in FIELDS:
            writer.writerow((name, form, "", kind, label, choices, "", validation, low, high, identifier, branching, required, "", "", "", "", annotation))
    (tmp_path / "events.csv").write_text("event_name,arm_num,unique_event_name\nStart,1,start_arm_1\nLater,1,later_arm_1\n")
    (tmp_path / "instrument_event_mapping.csv").write_text("arm_num,unique_event_name,form\n1,start_arm_1,intake\n1,later_arm_1,visit\n1,later_arm_1,pills\n")
    (tmp_path / "repeating.csv").write_text("event_name,form_name,custom_form_label\nlater_arm_1,pills,\n")
    return tmp_path


def intake(record: str, **cells: str) -> dict[str, str]:
    return {"id": record, "redcap_event_name": "start_arm_1", "sex": "2", "born": "1990-01-01", "ill___1": "0", "ill____99": "0", "intake_complete": "2", **cells}


def visit(record: str, **cells: str) -> dict[str, str]:
    return {"id": record, "redcap_event_name": "later_arm_1", "seen": "2016-05-01", "age": "26", "visit_complete": "2", **cells}


def pills(record: str, instance: int, **cells: str) -> dict[str, str]:
    return {"id": record, "redcap_event_name": "later_arm_1", "redcap_repeat_instrument": "pills", "redcap_repeat_instance": str(instance), "pills_complete": "2", **cells}


def checked(folder: Path, *rows: dict[str, str]) -> Ledger:
    import csv

    with (folder / "data.csv").open("w", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    project = load_project(folder, "redcap.csv")
    source = Source("redcap", "data.csv", "redcap", "redcap.csv", ("id",), missing_codes={"UNK": "Unknown"})
    tables, notes, count, columns = read_redcap(folder / "data.csv", source, project, all_fields(project))
    assert notes == ()
    ledger = Ledger()
    reported: set[int] = set()
    tables = [drop_repeated_rows(ledger, table, reported) for table in tables]
    lookup = Rows(Reading(source, project, "id", "data.csv", tuple(tables), notes, count, columns))
    for table in tables:
        fields = describe(project, table.form)
        check_cells(ledger, lookup, table, fields, TODAY)
        check_shown(ledger, lookup, table, fields)
    check_references(ledger, lookup)
    return ledger


def found(ledger: Ledger) -> list[tuple[str, ...]]:
    """Rule, severity, record, instance, field of every finding on a row."""
    return [(query["rule"], query["severity"], query["record"], query["instance"], query["field"]) for query in list_queries(ledger, {}, {}) if query["record"]]


CLEAN = [intake("1"), visit("1", weight="80", height="200", bmi="20"), pills("1", 1, dose="5")]


def test_a_clean_export_has_no_finding(folder):
    assert found(checked(folder, *CLEAN)) == []


@pytest.mark.parametrize(("row", "expected"), [
    # rule C: type
    (intake("2", born="31/12/1990"), [("type", "error", "2", "", "born")]),
    (visit("1", weight="heavy"), [("type", "error", "1", "", "weight")]),
    (visit("1", clock="25:70"), [("type", "error", "1", "", "clock")]),
    # rule G: choice
    (intake("2", sex="3"), [("choice", "error", "2", "", "sex")]),
    (intake("2", ill___1="2"), [("choice", "error", "2", "", "ill___1")]),
    # rule D: range, both ends included; soft unless enforced; a bound may be another field or today
    (visit("1", weight="30"), []),
    (visit("1", weight="29.9"), [("range", "warning", "1", "", "weight")]),
    (visit("1", height="201"), [("range", "error", "1", "", "height")]),
    (visit("1", clock="05:59"), [("range", "warning", "1", "", "clock")]),
    (visit("1", clock="20:00"), []),
    (intake("2", born="2020-01-01"), []),
    (intake("2", born="2020-01-02"), [("range", "warning", "2", "", "born")]),
    (visit("1", seen="1989-12-31", age="0"), [("range", "warning", "1", "", "seen")]),
    # rule B: required where shown
    (intake("2", born=""), [("required", "warning", "2", "", "born")]),
    (intake("2", born="UNK"), [("missing_code", "info", "2", "", "born")]),
    (intake("2", sex="1"), [("required", "warning", "2", "", "pregnant")]),
    (intake("2", sex="1", pregnant="0"), []),
    # rule F: hidden and filled
    (intake("2", pregnant="0"), [("hidden", "warning", "2", "", "pregnant")]),
    (intake("2", ill_other="cold"), [("hidden", "warning", "2", "", "ill_other")]),
    (intake("2", ill_other="cold", ill____99="1"), []),
    # rule H: calculations, across events, blank where an operand is blank
    (visit("1", weight="80", height="200", bmi="20.1"), [("calculation", "warning", "1", "", "bmi")]),
    (visit("1", weight="80", height="200"), [("calculation", "warning", "1", "", "bmi")]),
    (visit("1", weight="80", bmi=""), []),
    (visit("1", age="27"), [("calculation", "warning", "1", "", "age")]),
])
def test_rules_on_cells(folder, row, expected):
    rows = [*([intake("1")] if row["id"] == "1" else []), row]
    assert found(checked(folder, *rows)) == expected


def test_branching_looks_at_the_base_row_of_the_same_event(folder):
    """A repeat is shown by what the visit says: 80 kg shows the dose, 40 kg hides it, no visit leaves the weight blank."""
    ledger = checked(folder, intake("1"), visit("1", weight="80"), pills("1", 1), pills("1", 2, dose="3"), intake("2"), visit("2", weight="40"), pills("2", 1, dose="3"), intake("3"), pills("3", 1))
    assert found(ledger) == [("required", "warning", "1", "1", "dose"), ("hidden", "warning", "2", "1", "dose")]


def test_what_cannot_be_resolved_is_neither_passed_nor_failed(folder):
    ledger = checked(folder, *CLEAN, pills("1", 2, dose="5", lost="yes"))
    assert ledger.counts["hidden"].not_evaluable == 2       # [gone] is no field: both repeats
    assert "branching logic" in next(iter(ledger.counts["hidden"].reasons))
    assert ledger.counts["calculation"].not_evaluable == 1      # "today" was another day when it was stored
    assert ledger.counts["range"].reasons == {"a bound cannot be read"}
    assert [(note.field, note.line) for _, note in ledger.notes if "refers to [gone]" in note.message] == [("lost", 16)]
    assert [note.field for _, note in ledger.notes if "bound" in note.message] == ["dose"]


def test_a_row_twice_is_one_finding_and_is_used_once(folder):
    ledger = checked(folder, intake("1"), intake("1", sex="3"))
    assert found(ledger) == [("duplicate_row", "error", "1", "", "")]
    assert ledger.counts["choice"].failed == 0


def test_values_are_shown_as_exported_and_identifiers_are_not(folder):
    ledger = checked(folder, intake("1", born="1990-13-01", sex="7"))
    shown = {query["field"]: (query["value"], query["label"], query["line"]) for query in list_queries(ledger, {}, {}) if query["record"]}
    assert shown == {"born": ("[masked]", "Born", "2"), "sex": ("7", "Sex", "2")}


@pytest.mark.parametrize("text", ["20", "<20", "< 20", "1 500", "1,500,000", ">10000000", "<20 copies/mL", "LDL", "Target not detected", "1.5e4", "350 cp/ml"])
def test_viral_loads_that_can_be_read(text):
    assert readable(text)


@pytest.mark.parametrize("text", ["haemolysed", "1,5", "<", "20-40", "-5", "12 34", "not done", "< LDL 20"])
def test_viral_loads_that_cannot(text):
    assert not readable(text)


def test_what_validation_reads_derivation_reads():
    """Two rooms, one meaning: a text is readable here exactly if it has an interval there."""
    from pacer_analysis.derive.viral_load_text import read_result

    for text in ["20", "<20", "=<20", "1 500", "1,5", ">= 10000000", "LDL", "< LDL", "tnd", "haemolysed", "1.5e4", "12 34", "<20 copies/mL", "20 rna copies per ml", "", "1'000", "< lod"]:
        assert readable(text) == (read_result(text) is not None), text
