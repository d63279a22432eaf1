"""REDCap's rules B, C, D, F, G and H on a drawn export: what fails, what passes, and what cannot be said."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacer_analysis.validate.queries import list_queries
from pacer_analysis.validate.viral_loads import readable
from tests.spec.drawn_project import Validated, field, project

FIELDS = [
    field("id", "intake"),
    field("sex", "intake", "radio", "1, F | 2, M", required="y"),
    field("born", "intake", validation="date_dmy", low="1950-01-01", high="today", identifier="y", required="y"),
    field("pregnant", "intake", "yesno", branching="[sex] = '1'", required="y"),
    field("ill", "intake", "checkbox", "1, Cough | -99, Other"),
    field("ill_other", "intake", branching="[ill(-99)] = '1'"),
    field("seen", "visit", validation="date_dmy", low="[start_arm_1][born]", required="y"),
    field("weight", "visit", validation="number", low="30", high="180"),
    field("height", "visit", validation="integer", low="130", high="200", tags="@FORCE-MINMAX"),
    field("bmi", "visit", "calc", "round([weight] * 10000 / ([height] * [height]), 1)"),
    field("age", "visit", "calc", "rounddown(datediff([start_arm_1][born], [seen], 'y'))"),
    field("old", "visit", "calc", "datediff([seen], 'today', 'd')"),
    field("clock", "visit", validation="time", low="06:00", high="20:00"),
    field("dose", "pills", validation="integer", low="1", high="x", branching="[weight] > 50", required="y"),
    field("lost", "pills", branching="[gone] = '1'"),
]


@pytest.fixture
def drawn(tmp_path):
    return project(tmp_path, FIELDS, events="Start,1,start_arm_1,,, Later,1,later_arm_1,,,", mapping="1,start_arm_1,intake 1,later_arm_1,visit 1,later_arm_1,pills",
                   repeating="later_arm_1,pills,", settings={"missing_data_codes": "UNK, Unknown"})


def intake(record: str, **cells: str) -> dict[str, str]:
    return {"id": record, "redcap_event_name": "start_arm_1", "sex": "2", "born": "1990-01-01", **cells}


def visit(record: str, **cells: str) -> dict[str, str]:
    return {"id": record, "redcap_event_name": "later_arm_1", "seen": "2016-05-01", "age": "26", **cells}


def pills(record: str, instance: int, **cells: str) -> dict[str, str]:
    return {"id": record, "redcap_event_name": "later_arm_1", "redcap_repeat_instrument": "pills", "redcap_repeat_instance": str(instance), "lost": "", **cells}


CLEAN = [intake("1"), visit("1", weight="80", height="200", bmi="20"), pills("1", 1, dose="5")]


def test_a_clean_export_has_no_finding(tmp_path, drawn):
    assert Validated(tmp_path, drawn, CLEAN).found("rule") == []


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
def test_rules_on_cells(tmp_path, drawn, row, expected):
    rows = [*([intake("1")] if row["id"] == "1" else []), row]
    assert Validated(tmp_path, drawn, rows).found("rule", "severity", "record", "instance", "field") == expected


def test_branching_looks_at_the_base_row_of_the_same_event(tmp_path, drawn):
    """A repeat is shown by what the visit says: 80 kg shows the dose, 40 kg hides it, no visit leaves the weight blank."""
    found = Validated(tmp_path, drawn, [intake("1"), visit("1", weight="80"), pills("1", 1), pills("1", 2, dose="3"), intake("2"), visit("2", weight="40"), pills("2", 1, dose="3"),
                                        intake("3"), pills("3", 1)])
    assert found.found("rule", "severity", "record", "instance", "field") == [("required", "warning", "1", "1", "dose"), ("hidden", "warning", "2", "1", "dose")]


def test_what_cannot_be_resolved_is_neither_passed_nor_failed(tmp_path, drawn):
    found = Validated(tmp_path, drawn, [*CLEAN, pills("1", 2, dose="5", lost="yes")])
    counts = found.ledger.counts
    assert counts["hidden"].not_evaluable == 2       # [gone] is no field: both repeats
    assert any("gone" in reason for reason in counts["hidden"].reasons)
    assert counts["calculation"].not_evaluable == 1      # "today" was another day when it was stored
    assert counts["range"].reasons == {"a bound cannot be read"}
    assert [name for name, message in found.remarks("dictionary") if "gone" in message] == ["lost"]
    assert [name for name, message in found.remarks("dictionary") if "bound" in message] == ["dose"]


def test_a_row_twice_is_one_finding_and_is_used_once(tmp_path, drawn):
    found = Validated(tmp_path, drawn, [intake("1"), intake("1", sex="3")])
    assert found.found("rule", "record") == [("duplicate_row", "1")]
    assert found.count("choice")[1] == 0


def test_values_are_shown_as_exported_and_identifiers_are_not(tmp_path, drawn):
    found = Validated(tmp_path, drawn, [intake("1", born="1990-13-01", sex="7")])
    shown = {query["field"]: (query["value"], query["label"], query["line"]) for query in list_queries(found.ledger, {}, {}) if query["record"]}
    assert shown == {"born": ("[masked]", "Born", "2"), "sex": ("7", "Sex", "2")}


def test_messages_say_what_was_expected_and_what_to_do(tmp_path, drawn):
    found = Validated(tmp_path, drawn, [intake("1", sex="3"), visit("1", weight="500")])
    assert found.found("message", "action", rule="choice") == [("The value is none of the codes: 1 = F, 2 = M.", "choose one of the codes, or update the dictionary")]
    assert found.found("message", "action", rule="range") == [("The value is outside the expected range from 30 to 180.", "check the value against the source document")]


def test_more_than_a_thousand_blanks_of_a_field_are_one_finding(tmp_path: Path):
    made = project(tmp_path, [field("id", "a"), field("x", "a", required="y"), field("y", "a")])
    rows = [{"id": str(number), "y": "1", "x": ""} for number in range(1001)]
    found = Validated(tmp_path, made, rows)
    assert found.found("rule") == []
    assert found.remarks("required") == [("x", "1001 rows: A required field is blank.")]
    assert found.count("required") == (1001, 1001, 0)
    assert len(Validated(tmp_path, made, rows[1:]).found("record", rule="required")) == 1000


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
