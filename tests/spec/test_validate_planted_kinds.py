"""Rules on what stands under the wrong name or twice, and on who is followed where: drawn examples, each with what is no finding."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pacer_analysis.dictionary import load_flat
from pacer_analysis.read import Options, read_export
from pacer_analysis.validate.allocation import _order as check_order
from pacer_analysis.validate.built_in import check_source
from pacer_analysis.validate.described import Described
from pacer_analysis.validate.groups import check_groups
from pacer_analysis.validate.ledger import Ledger
from pacer_analysis.validate.lookup import Rows
from pacer_analysis.validate.queries import list_queries
from pacer_analysis.validate.register import write_register
from pacer_analysis.validate.registered import check_usual
from tests.spec.both_sides import FLAT_HEADER, queries_of, validate_both, write_drawn
from tests.spec.drawing import cells, trial
from tests.spec.drawn_project import TODAY, Validated, export, field, project
from tests.spec.test_validate_visits import EVENTS as VISITS_EVENTS
from tests.spec.test_validate_visits import FORMS as VISITS_FORMS
from tests.spec.test_validate_visits import MAPPING as VISITS_MAPPING
from tests.spec.test_validate_visits import PLAN as VISITS_PLAN
from tests.spec.test_validate_visits import brief, drawn_plan

FIELDS = [field("id", "first"), field("born", "first", validation="date_ymd"), field("count", "first", validation="integer"), field("sex", "first", "radio", "1, F | 2, M"),
          field("note", "first", "notes"), field("phone", "first", validation="phone"), field("on", "pills", validation="date_ymd"), field("drug", "pills"), field("dose", "pills", validation="integer")]
EVENTS, MAPPING, REPEATING = "Start,1,start,,, Later,1,later,,,", "1,start,first 1,later,first 1,later,pills", "later,pills,"


@pytest.fixture
def made(tmp_path):
    return project(tmp_path / "dictionary", FIELDS, events=EVENTS, mapping=MAPPING, repeating=REPEATING)


def first(record: str, event: str = "start", **cells: str) -> dict[str, str]:
    return {"id": record, "redcap_event_name": event, "born": "1990-01-01"} | cells


def pill(record: str, number: str, event: str = "later", **cells: str) -> dict[str, str]:
    return {"id": record, "redcap_event_name": event, "redcap_repeat_instrument": "pills", "redcap_repeat_instance": number} | cells


# what the reader says of rows

def notes(folder, made, rows):
    reading = read_export(export(folder / "P_DATA_2020-01-01_0900.csv", made, rows), made, options=Options())
    return [(note.rule, note.severity, note.record, note.event, note.form, note.instance, note.line) for note in reading.notes if note.rule != "first_event"]


@pytest.mark.parametrize(("row", "expected"), [
    (pill("1", "0", drug="b"), ("structure", "error", "1", "later", "pills", "", 4)),
    (pill("1", "New", drug="b"), ("structure", "error", "1", "later", "pills", "", 4)),
    (pill("1", "4", drug="b"), ("instances", "info", "1", "later", "pills", "4", 4)),
    ({"id": "1", "redcap_event_name": "start", "drug": "b", "note": "n"}, ("structure", "error", "1", "start", "pills", "", 4)),
    (pill("1", "2", drug="b"), None),
])
def test_a_row_that_cannot_be_is_named_with_its_place(tmp_path, made, row, expected):
    found = notes(tmp_path, made, [first("1", "later"), pill("1", "1", drug="a"), row])
    assert found == ([expected] if expected else [])


def test_many_rows_that_cannot_be_are_one_finding(tmp_path, made):
    found = notes(tmp_path, made, [first(str(number), drug="b") for number in range(21)])
    assert found == [("structure", "error", "", "", "pills", "", 0)]


def test_damage_is_on_its_cell(tmp_path, made):
    found = notes(tmp_path, made, [first("1", "later", note="Uthi <U+2018>hayi"), first("2", note="tea"), first("3", note="a <U+ b")])
    assert found == [("damage", "warning", "1", "later", "first", "", 2)]


# texts

@pytest.mark.parametrize(("text", "is_one"), [
    ("=B2+B3", True), ("=SUM(A1:A9)", True), ('=HYPERLINK("x","y")', True), ("=cmd|' /C calc'!A0", True), ("@SUM(A1)", True), ("+SUM(A1)", True), (" =1+1", True),
    ("-5", False), ("+27 21 404 0000", False), ("= 5 mg", False), ("=> see the folder", False), ("== as before", False), ("@home", False), ("+ve (repeat)", False), ("- (none)", False),
    ("a = b", False), ("=50", False), ("= same as baseline", False), ("=D same", False), ("= D (same)", False), ("=A1 to B2", False), ("= 5-10 mg", False),
    ("='Sheet 1'!A1", True), ("=A1&\"x\"&B2", True), ("=-1+SUM(A1)", True), ("=$B$2", True),
])
def test_a_formula_in_free_text(tmp_path, made, text, is_one):
    assert Validated(tmp_path, made, [first("1", note=text)]).found("rule", "field") == ([("formula", "note")] if is_one else [])


@pytest.mark.parametrize(("answers", "expected"), [
    ({"count": "80\u00a0"}, [("invisible", "warning", "count")]), ({"count": "8\u200b0"}, [("type", "error", "count")]), ({"born": "1990-01-01\u00a0"}, [("invisible", "warning", "born")]),
    ({"sex": "1\u00a0"}, [("invisible", "warning", "sex")]), ({"sex": "1\u200b"}, [("choice", "error", "sex")]),
    ({"count": " 80"}, []), ({"note": "a\u00a0b"}, []), ({"sex": "1"}, []),
])
def test_characters_that_nobody_sees(tmp_path, made, answers, expected):
    found = Validated(tmp_path, made, [first("1", **answers)])
    assert found.found("rule", "severity", "field") == expected
    assert all("invisible character" in message for (message,) in found.found("message"))


# twice

def test_two_instances_with_one_content(tmp_path, made):
    """Equal but for the number: of record 1. A difference, no date, or one field alone is none; nor is another record."""
    same = {"on": "2019-01-01", "drug": "a"}
    found = Validated(tmp_path, made, [first("1"), pill("1", "1", **same), pill("1", "2", **same), pill("1", "3", **same, dose="1"), first("2"), pill("2", "1", **same),
                                       first("3"), pill("3", "1", on="2019-01-01"), pill("3", "2", on="2019-01-01"), first("4"), pill("4", "1", drug="a", dose="1"), pill("4", "2", drug="a", dose="1")])
    assert found.found("rule", "severity", "record", "instrument", "instance") == [("same_content", "warning", "1", "pills", "2")]


def flat_findings(folder, text, key, fields):
    (folder / "d.csv").write_text(FLAT_HEADER + fields)
    (folder / "x.csv").write_text(text)
    reading, ledger = read_export(folder / "x.csv", load_flat(folder / "d.csv")), Ledger()
    reading = replace(reading, source=replace(reading.source, key=key))
    check_source(ledger, Rows(reading), TODAY)
    return [(query["rule"], query["record"], query["field"]) for query in list_queries(ledger, {}, {})]


def test_one_number_in_two_records_where_each_is_of_one(tmp_path):
    fields = "id,,text,,,,,,\nnumber,,text,,,,,,\non,,date,,,,,,\n"
    rows = [f"P{number},L{number},2019-01-{number:02d}" for number in range(1, 25)]
    assert flat_findings(tmp_path, "\n".join(["id,number,on", *rows]), ("id", "number"), fields) == []
    found = flat_findings(tmp_path, "\n".join(["id,number,on", *rows, "P30,L7,2019-02-01"]), ("id", "number"), fields)
    assert found == [("shared_number", "P30", "number"), ("shared_number", "P7", "number")]
    tubes = [f"P{number},{tube},2019-01-{number:02d}" for number in range(1, 25) for tube in "AB"]      # tubes of everybody are called alike
    assert flat_findings(tmp_path, "\n".join(["id,number,on", *tubes]), ("id", "number"), fields) == []


def test_two_rows_of_a_flat_source_with_one_content(tmp_path):
    """The rows differ by their number alone; where a date is in the key, coming twice and getting the same is no finding."""
    fields = "id,,text,,,,,,\nnumber,,text,,,,,,\non,,date,,,,,,\nresult,,number,,,,,,\n"
    text = "id,number,on,result\nP,1,2019-01-01,5\nP,2,2019-01-01,5\nP,3,2019-01-01,6\nQ,4,2019-01-01,5\n"
    assert flat_findings(tmp_path, text, ("id", "number"), fields) == [("same_content", "P", "")]
    assert flat_findings(tmp_path, text.replace("P,2,2019-01-01", "P,2,2019-01-02"), ("id", "number", "on"), fields) == []


# who they are

def test_a_group_that_the_plan_does_not_have(tmp_path, made):
    rows = [first("1", redcap_data_access_group="north"), first("2", redcap_data_access_group="North"), first("3", redcap_data_access_group="south")]
    found = Validated(tmp_path, made, rows, "redcap_data_access_group")
    assert found.found("rule") == []         # nobody said which groups there are
    ledger = Ledger()
    check_groups(ledger, found.rows, {"north", "south"})
    assert [(query["rule"], query["record"]) for query in list_queries(ledger, {}, {})] == [("group_unknown", "2")]


def usual(folder, made, rows):
    found = Validated(folder, made, rows)
    ledger = Ledger()
    check_usual(ledger, found.rows)
    return [(query["rule"], query["severity"], query["record"], query["event"]) for query in list_queries(ledger, {}, {})]


@pytest.mark.parametrize(("with_it", "without", "expected"), [(19, 1, [("without_first_form", "warning", "L0", "later")]), (20, 0, []), (18, 1, []), (18, 2, [])])
def test_a_record_without_the_form_that_nearly_all_have(tmp_path, made, with_it, without, expected):
    """19 of 20 records have it: the twentieth is a finding. 18 of 20 are too few, and so are 19 records."""
    assert usual(tmp_path, made, [*(first(str(number)) for number in range(with_it)), *(first(f"L{number}", "later") for number in range(without))]) == expected


def test_a_record_without_the_participants_own_form(tmp_path):
    """The plan says which form it is, so one record is enough."""
    plan, seen = drawn_plan(tmp_path / "plan"), {"redcap_event_name": "one", "on": "2015-01-31"}
    start = {"redcap_event_name": "first", "randomised": "2015-01-01"}
    found = sides(tmp_path, plan, [{"id": "A"} | start, {"id": "A"} | seen, {"id": "Z"} | seen], arms="A | a")
    assert brief(found, "rule", "severity", "record", "event") == [("first_event", "info", "Z", ""), ("without_first_form", "error", "Z", "one")]


# who is followed where

SERVICES = (VISITS_PLAN.replace("a: {label: A}, b: {label: B}", "a: {label: A, service: club}, b: {label: B, service: clinic}").replace("date: met, attended", "date: met, exit_date: left, attended")
            .replace("randomisation: {form: start, event: first, field: randomised}", "randomisation: {form: seen, event: one, field: on}"))
CLUB = FLAT_HEADER + "id,,text,,,,,y,\nmet,,date,,,,,,\nleft,,date,,,,,,\n"


def sides(folder, plan, rows: list[dict[str, str]], *, care: str = "", club: str = "", arms: str = "") -> list[dict[str, str]]:
    """The findings of both sides on records, less those on visits and on the allocation."""
    exports = folder / "exports"
    exports.mkdir()
    export(exports / "main.csv", project(folder / "project", VISITS_FORMS, events=VISITS_EVENTS, mapping=VISITS_MAPPING), rows)
    for name, header, drawn in (("care", "id | came", care), ("club", "id | met | left", club), ("arms", "id | arm", arms)):
        write_drawn(exports / f"{name}.csv", f"{header}\n{drawn}")
    validate_both(plan, exports, folder)
    return [query for sealed in (False, True) for query in queries_of(folder, sealed=sealed)
            if query["record"] and "visit" not in query["rule"] and "allocation" not in query["rule"]]


def followed(folder, *, club: str, care: str = "", known: list[str], entered: list[str], arms: dict[str, str] | None = None) -> list[tuple[str, ...]]:
    """Findings on records that are followed from 2015-01-31, the day on which those who entered were seen; their arm is a unless said."""
    plan = trial(folder / "plan", SERVICES)
    drawn_fields(plan.folder)
    rows = [{"id": record, "redcap_event_name": "first", "randomised": "2015-01-01"} for record in known]
    rows += [{"id": record, "redcap_event_name": "one", "on": "2015-01-31"} for record in entered]
    found = sides(folder, plan, rows, care=care, club=club, arms="\n".join(f"{record} | {(arms or {}).get(record, 'a')}" for record in entered))
    return brief(found, "rule", "severity", "source", "record")


def drawn_fields(folder):
    """The dictionaries of the plan above; its club says when somebody left."""
    drawn_plan(folder)
    (folder / "club_fields.csv").write_text(CLUB)


@pytest.mark.parametrize(("club", "arms", "expected"), [
    ("A | 2015-01-31 | \nA | 2015-03-31 | 2015-04-05", {}, []),                                                  # on the day, and leaving after it
    ("A | 2015-01-30 | ", {}, [("sealed_service_before_origin", "warning", "club", "A")]),
    ("A | 2015-02-28 | \nB | 2015-02-28 | \nB | 2015-03-28 | ", {"B": "b"}, [("sealed_service_of_other_arm", "warning", "club", "B")]),      # once for a record
    ("A | 2015-02-28 | 2015-03-01\nA | 2015-03-31 | \nA | 2015-04-30 | ", {}, [("sealed_attended_after_exit", "warning", "club", "A")]),
    ("A | 2015-02-28 | 2015-02-28", {}, []),                                                                     # left on the day of the last session
])
def test_attendance_that_arm_origin_or_leaving_forbids(tmp_path, club, arms, expected):
    assert followed(tmp_path, club=club, known=["A", "B"], entered=["A", "B"], arms=arms) == expected


@pytest.mark.parametrize(("outside", "expected"), [(0, []), (1, [("never_entered", "warning", "care", "P20")]), (2, [])])
def test_contacts_of_somebody_who_never_entered(tmp_path, outside, expected):
    """Twenty of 21 records in the source entered the trial: the other is a finding. With two outside it follows others too."""
    everyone = [f"P{number:02d}" for number in range(21)]
    care = "\n".join(f"{record} | 2015-02-28" for record in everyone)
    assert followed(tmp_path, club="P01 | 2015-02-28 | ", care=care, known=everyone, entered=everyone[: 21 - outside]) == expected


# the allocation, and the register

@pytest.mark.parametrize(("rows", "expected"), [
    ("A | 1 | 2015-01-01\nB | 2 | 2015-01-02\nC | 3 | 2015-01-03", []),
    ("A | 1 | 2015-01-01\nB | 1 | 2015-01-02\nC | 3 | 2015-01-03", ["B"]),          # the repetition, not the row behind it
    ("A | 1 | 2015-01-01\nB | 1 | 2015-01-02\nC | 2 | 2015-01-03", ["B"]),
    ("A | 1 | 2015-01-01\nB | 3 | 2015-01-02\nC | 4 | 2015-01-03", ["B"]),          # a place left out
    ("A | 1 | 2015-01-01\nA | 1 | 2015-01-01\nC | 2 | 2015-01-03", []),             # listed twice: another rule
    ("A | 1 | 2015-01-01\nB | 2 | \nC | 3 | 2015-01-03", []),                       # a date that cannot be read leaves no place out
])
def test_the_row_of_the_sequence_that_is_out_of_place(tmp_path, rows, expected):
    from types import SimpleNamespace

    fields = "id,,text,,,,,,\nsequence,,integer,,,,,,\nat,,date,,,,,,\n"
    (tmp_path / "d.csv").write_text(FLAT_HEADER + fields)
    header, lines = cells("id | sequence | at\n" + rows)
    (tmp_path / "x.csv").write_text("\n".join(",".join(line) for line in [header, *lines]) + "\n")
    table, ledger = read_export(tmp_path / "x.csv", load_flat(tmp_path / "d.csv")).tables[0], Ledger()
    plan = SimpleNamespace(allocation=SimpleNamespace(sequence="sequence", date="at", stratum="", id="id"))
    check_order(ledger, plan, table, {name: Described(name) for name in table.fields})
    assert [query["record"] for query in list_queries(ledger, {}, {}) if query["rule"] == "allocation_sequence"] == expected


def test_what_the_reader_said_of_a_row_is_resolved_when_it_is_mended(tmp_path, made):
    """Instance 4 becomes 2: the row that stood at 4 is not missed."""
    for number, last in enumerate(("4", "2")):
        reading, ledger = read_export(export(tmp_path / f"P_DATA_2020-01-0{number + 1}_0900.csv", made, [first("1"), first("1", "later"), pill("1", "1", drug="a"), pill("1", last, drug="b")]), made, id="redcap"), Ledger()
        for note in reading.notes:
            ledger.note(reading.source.id, note)
        here = tmp_path / f"{number}"
        here.mkdir()
        rows = write_register(here, ledger, [reading], TODAY, previous=tmp_path / "0/queries.csv" if number else None)
    assert [(row["rule"], row["instance"], row["status"]) for row in rows] == [("instances", "4", "resolved")]
