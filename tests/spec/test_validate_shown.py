"""What is asked and what is not: unopened forms, hidden fields, values that REDCap filled in itself, completeness."""

from __future__ import annotations

import csv

import pytest

from pacer_analysis.validate.completeness import COLUMNS, write_completeness
from tests.spec.drawn_project import Validated, field, project

FORM = [
    field("id", "first"),
    field("asks", "first", "yesno", required="y"),
    field("why", "first", branching="[asks] = '1'", required="y", label="Why <b>so</b>?"),
    field("boxes", "first", "checkbox", "1, A | 2, B", required="y"),
    field("extra", "first", "checkbox", "0, None | 1, A", branching="[asks] = '1'"),
    field("score", "first", "calc", "[number] * 2", required="y"),
    field("number", "first", validation="integer"),
    field("twice", "second", "calc", "[number] + 1"),
    field("must", "second", required="y"),
]


def row(record: str, **cells: str) -> dict[str, str]:
    return {"id": record, "asks": "0", "boxes___1": "1", **cells}


@pytest.fixture
def drawn(tmp_path):
    return project(tmp_path, FORM, settings={"missing_data_codes": "NASK, Not asked"})


@pytest.mark.parametrize(("cells", "expected"), [
    ({}, []),
    ({"asks": "1", "why": "x"}, []),
    ({"asks": "1"}, [("required", "why")]),
    ({"asks": "1", "why": "NASK"}, [("missing_code", "why")]),
    ({"asks": ""}, [("required", "asks")]),                         # and the hidden `why` is none
    ({"why": "x"}, [("hidden", "why")]),
    ({"boxes___1": "0"}, [("required", "boxes")]),
    ({"extra___0": "1"}, [("hidden", "extra")]),                    # 0 on every box is no answer, 1 is
    ({"number": "4", "score": "8"}, []),
    ({"number": "4", "score": ""}, [("calculation", "score")]),     # a calculation is not entered, so it is not required
])
def test_required_and_hidden(tmp_path, drawn, cells, expected):
    assert Validated(tmp_path, drawn, [row("1", **cells)]).found("rule", "field") == expected


def test_a_form_that_holds_only_a_calculation_was_never_opened(tmp_path, drawn):
    """REDCap stores calculations of other forms when one is saved: that opens none of them."""
    shut = Validated(tmp_path, drawn, [row("1", number="4", score="8", twice="5", second_complete="0")])
    assert shut.found("rule", "field") == []
    assert [line[3] for line in shut.complete if line[1] == "second"] == []
    for cells in ({"must": "", "second_complete": "2"}, {"second_complete": "1"}):
        opened = Validated(tmp_path, drawn, [row("1", number="4", score="8", twice="5") | cells])
        assert opened.found("rule", "field") == [("required", "must")]


def test_a_box_for_a_missing_data_code_is_an_answer(tmp_path, drawn):
    found = Validated(tmp_path, drawn, [row("1", boxes___1="0", boxes___nask="1"), row("2")], "boxes___nask")
    assert found.found("rule", "record", "field") == [("missing_code", "1", "boxes")]


@pytest.mark.parametrize(("tags", "value", "expected"), [
    ("", "1", "hidden"),
    ("@DEFAULT='1'", "1", ""),
    ("@DEFAULT='1'", "0", "hidden"),
    ("@DEFAULT='[id]'", "1", ""),
    ("@SETVALUE='1'", "1", ""),
    ("@HIDDEN @READONLY", "1", "hidden"),       # hidden by a tag, and all the same not to be filled where branching hides it
    ("@TODAY", "1", ""),
    ("@NOW_UTC", "1", ""),
    ("@USERNAME", "1", ""),
    ("@CALCTEXT(if([asks]='1','1',''))", "1", ""),
])
def test_what_redcap_filled_in_itself_may_stay_in_a_hidden_field(tmp_path, tags, value, expected):
    made = project(tmp_path, [field("id", "f"), field("asks", "f", "yesno"), field("given", "f", branching="[asks] = '1'", tags=tags)])
    found = Validated(tmp_path, made, [{"id": "1", "asks": "0", "given": value}]).found("rule", "field")
    assert found == ([(expected, "given")] if expected else [])


def test_a_required_field_that_a_tag_hides_cannot_be_answered(tmp_path):
    made = project(tmp_path, [field("id", "f"), field("a", "f"), field("b", "f", required="y", tags="@HIDDEN"), field("c", "f", required="y", tags="@IF([a]='1', @HIDDEN-FORM, '')")])
    found = Validated(tmp_path, made, [{"id": "1", "a": "x"}])
    assert found.found("rule") == []
    assert found.count("required") == (0, 0, 2)
    assert found.ledger.counts["required"].reasons == {"an action tag hides the field"}


@pytest.mark.parametrize(("setting", "severity"), [("", "warning"), ("0", "warning"), ("1", "info")])
def test_in_a_project_that_keeps_hidden_values_they_are_for_information(tmp_path, setting, severity):
    made = project(tmp_path, FORM, settings={"bypass_branching_erase_field_prompt": setting} if setting else None)
    assert Validated(tmp_path, made, [row("1", why="x")]).found("rule", "severity") == [("hidden", severity)]


def test_branching_that_cannot_be_evaluated_makes_no_finding(tmp_path):
    made = project(tmp_path, [field("id", "f"), field("a", "f"), field("b", "f", required="y", branching="[gone] = '1'"), field("c", "f", branching="[a] ==== '1'", required="y")])
    found = Validated(tmp_path, made, [{"id": "1", "a": "x"}, {"id": "2", "a": "x", "b": "1", "c": "1"}])
    assert found.found("rule") == []
    assert found.count("required") == (0, 0, 4)
    assert found.count("hidden") == (0, 0, 4)
    assert [name for name, _ in found.remarks("dictionary")] == ["b", "c"]


def test_a_complete_form_with_blanks_says_how_many(tmp_path, drawn):
    found = Validated(tmp_path, drawn, [row("1", asks="", boxes___1="0", number="1", score="2"), row("2", asks=""), row("3", asks="", first_complete="1"), row("4")])
    assert found.found("record", "severity", "field", "message", rule="complete_with_blanks") == []      # each blank is listed itself
    assert found.found("record", "field", rule="required") == [("1", "asks"), ("1", "boxes"), ("2", "asks"), ("3", "asks")]
    assert found.count("complete_with_blanks") == (3, 2, 0)


def test_completeness(tmp_path):
    """Rule A in counts, worked by hand: three opened forms at the start, one of them twice hidden, one at the end, one never opened."""
    made = project(tmp_path, FORM[:4], events="Start,1,start,,, End,1,end,,,", mapping="1,start,first 1,end,first", settings={"missing_data_codes": "NASK, Not asked"})
    rows = [{"redcap_event_name": "start"} | row("1"), {"redcap_event_name": "start"} | row("2", asks="1", why="NASK"), {"redcap_event_name": "start"} | row("3", asks="1", boxes___1="0"),
            {"redcap_event_name": "end"} | row("1", asks=""), {"id": "2", "redcap_event_name": "end", "first_complete": "0"}]
    found = Validated(tmp_path, made, rows)
    write_completeness(tmp_path / "completeness.csv", found.complete)
    with (tmp_path / "completeness.csv").open(newline="") as handle:
        header, *lines = csv.reader(handle)
    assert tuple(header) == COLUMNS
    source = found.reading.source.id
    # expected, filled, blank, missing code, hidden, not evaluable
    assert lines == [[source, "first", event, name, label, "y", *numbers, "entered"] for event, name, label, numbers in (
        ("start", "asks", "Asks", "330000"), ("end", "asks", "Asks", "101000"),
        ("start", "why", "Why so ?", "201110"), ("end", "why", "Why so ?", "000010"),
        ("start", "boxes", "Boxes", "321000"), ("end", "boxes", "Boxes", "110000"))]
    assert found.count("blank") == (3 + 1 + 2 + 3 + 1, 1 + 1 + 1, 0)


def test_a_calculation_is_blank_where_its_inputs_are_and_nobody_is_asked_for_it(tmp_path):
    made = project(tmp_path, [field("id", "f"), field("a", "f", validation="number"), field("c", "f", "calc", "[a] + 1"), field("t", "f", tags="@CALCTEXT([a])"), field("x", "f")])
    found = Validated(tmp_path, made, [{"id": "1", "a": "", "x": "1"}, {"id": "2", "a": "1", "c": "2", "t": "1", "x": ""}])
    assert [(line[3], *line[6:9], line[12]) for line in found.complete] == [
        ("a", "2", "1", "1", "entered"), ("c", "2", "1", "1", "calculated"), ("t", "2", "1", "1", "calculated"), ("x", "2", "1", "1", "entered")]
    assert found.count("blank") == (4, 2, 0)      # those of a and x
