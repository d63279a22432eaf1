"""The query register over two cuts: what is resolved, what nobody could look at, what people accepted."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from pacer_analysis.errors import ExportError
from pacer_analysis.read import Note
from pacer_analysis.validate.accepted import load_accepted
from pacer_analysis.validate.ledger import Ledger
from pacer_analysis.validate.queries import COLUMNS, query_id
from pacer_analysis.validate.recomputed import said_of
from pacer_analysis.validate.register import write_register
from pacer_analysis.validate.safecsv import as_exported, harmless, write_csv
from pacer_analysis.validate.summed_up import fail_or_sum_up
from tests.spec.readings import FIELDS, find, flat, redcap

FIRST, SECOND, THIRD = dt.date(2016, 1, 1), dt.date(2016, 3, 1), dt.date(2016, 4, 1)
VISIT = """
    record | event       | weight | note | site | visit_complete
    S1     | later_arm_1 | 12     | a    | east | 2
    S2     | later_arm_1 | 300    | b    | west | 2
"""
ONE = {"visit": VISIT}
WHERE = {"event": "later_arm_1", "instrument": "visit", "instance": "", "field": "weight"}


def identity(rule: str, record: str, **cells: str) -> str:
    return query_id({"rule": rule, "record": record, **WHERE, **cells})


class Cuts:
    """Cuts of one study, each with its folder; the next one continues the register of the last."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.previous, self.count = folder, None, 0

    def cut(self, day: dt.date, ledger: Ledger, *readings, accepted: str | None = None, remember: bool = True, reserved=()) -> dict[str, dict[str, str]]:
        self.count += 1
        here = self.folder / f"cut{self.count}"
        here.mkdir(parents=True)
        if accepted is not None:
            (here / "accepted.csv").write_text(accepted)
        write_register(here, ledger, readings, day, previous=self.previous if remember else None, accepted=here / "accepted.csv", reserved=reserved)
        self.previous = here / "queries.csv"
        with self.previous.open(newline="") as handle:
            rows = list(csv.DictReader(handle))
        assert len({row["query_id"] for row in rows}) == len(rows)
        return {row["query_id"]: row for row in rows}


@pytest.fixture
def cuts(tmp_path) -> Cuts:
    return Cuts(tmp_path)


def ranged(folder: Path, tables: dict[str, str], *records: str, fields=FIELDS, evaluated: int = 9) -> tuple[Ledger, object]:
    """A reading and a ledger in which the range rule failed for the weights of some records."""
    reading, ledger = redcap(folder, tables, fields), Ledger()
    find(ledger, reading, "visit", "range", "weight", *records, severity="warning", evaluated=evaluated)
    return ledger, reading


def test_a_query_has_the_columns_of_the_contract(cuts, tmp_path):
    found = cuts.cut(FIRST, *ranged(tmp_path / "d", ONE, "S2"))
    name = identity("range", "S2")
    assert list(found) == [name]
    assert tuple(found[name]) == COLUMNS
    assert found[name] == {
        "query_id": name, "record": "S2", "site": "west", "event": "later_arm_1", "instrument": "visit", "instance": "", "field": "weight", "label": "Weight", "value": "300",
        "value_label": "", "rule": "range", "severity": "warning", "message": "It is wrong.", "action": "look", "first_seen": "2016-01-01", "last_seen": "2016-01-01",
        "age_days": "0", "status": "new", "resolved_on": "", "comment": "", "source": "redcap", "line": "3"}


def state(row: dict[str, str]) -> tuple[str, str, str, str]:
    return row["status"], row["age_days"], row["resolved_on"], row["comment"]


def test_seen_again_with_another_value_it_is_the_same_query_and_the_old_value_is_logged(cuts, tmp_path):
    cuts.cut(FIRST, *ranged(tmp_path / "a", ONE, "S2"))
    found = cuts.cut(SECOND, *ranged(tmp_path / "b", {"visit": VISIT.replace("300", "301")}, "S2"))
    row = found[identity("range", "S2")]
    assert (row["value"], row["first_seen"], row["last_seen"]) == ("301", "2016-01-01", "2016-03-01")
    assert state(row) == ("open", "60", "", "value until 2016-01-01: 300")
    again = cuts.cut(THIRD, *ranged(tmp_path / "c", {"visit": VISIT.replace("300", "   ")}, "S2"))
    assert state(again[identity("range", "S2")]) == ("open", "91", "", "value until 2016-01-01: 300; value until 2016-03-01: 301")


def test_gone_and_looked_at_is_resolved_and_back_is_reopened(cuts, tmp_path):
    cuts.cut(FIRST, *ranged(tmp_path / "a", ONE, "S2"))
    assert state(cuts.cut(SECOND, *ranged(tmp_path / "b", ONE))[identity("range", "S2")]) == ("resolved", "60", "2016-03-01", "")
    assert state(cuts.cut(THIRD, *ranged(tmp_path / "c", ONE, "S2"))[identity("range", "S2")]) == ("reopened", "91", "", "was resolved on 2016-03-01")


NO_RANGE = [(*field[:6], "", "", *field[8:]) if field[0] == "weight" else field for field in FIELDS]
NO_WEIGHT = [field for field in FIELDS if field[0] != "weight"]
NO_VISIT = [field for field in FIELDS if field[1] != "visit"]
OTHER_ROW = "record | event | weight | note | site | visit_complete\nS1 | later_arm_1 | 12 | a | east | 2"
INTAKE = "record | event | sex | site\nS2 | start_arm_1 | 1 | west"
NOT_SEEN = {
    "the record": (lambda folder: ranged(folder, {"visit": OTHER_ROW}), "the record is no longer in the export"),
    "the row": (lambda folder: ranged(folder, {"visit": OTHER_ROW, "intake": INTAKE}), "the row is no longer in the export, or not before the cut-off"),
    "the rule, everywhere": (lambda folder: ranged(folder, ONE, evaluated=0), "the rule could not be evaluated at this cut"),
    "the rule, from the dictionary": (lambda folder: ranged(folder, ONE, fields=NO_RANGE), "the dictionary no longer makes this rule: accept the query to close it"),
    "the field": (lambda folder: (Ledger(), redcap(folder, {"visit": "record | event | note\nS2 | later_arm_1 | b"}, NO_WEIGHT)), "the field or its form is no longer in the dictionary or the export"),
    "the form": (lambda folder: (Ledger(), redcap(folder, {"intake": INTAKE}, NO_VISIT)), "the field or its form is no longer in the dictionary or the export"),
    "the source": (lambda folder: (Ledger(), flat(folder, "id | sampled | tube\nS2 | 2016-01-01 | T")), "the source is not in this cut"),
}


@pytest.mark.parametrize("missing", NOT_SEEN)
def test_gone_because_nobody_could_look_it_stays_as_it_was_and_says_why(cuts, tmp_path, missing):
    cuts.cut(FIRST, *ranged(tmp_path / "a", ONE, "S2"))
    make, reason = NOT_SEEN[missing]
    assert state(cuts.cut(SECOND, *make(tmp_path / "b"))[identity("range", "S2")]) == ("open", "60", "", reason)
    # what is said of a cut does not outlive it
    assert state(cuts.cut(THIRD, *ranged(tmp_path / "c", ONE))[identity("range", "S2")]) == ("resolved", "91", "2016-04-01", "")


def test_a_rule_that_is_not_evaluable_on_the_row_answers_nothing(cuts, tmp_path):
    cuts.cut(FIRST, *ranged(tmp_path / "a", ONE, "S1", "S2"))
    ledger, reading = ranged(tmp_path / "b", ONE)
    ledger.cannot("range", "warning", reading.tables[0], "weight", np.array([1]), "a bound cannot be read")      # the row of S2
    found = cuts.cut(SECOND, ledger, reading)
    assert state(found[identity("range", "S1")]) == ("resolved", "60", "2016-03-01", "")
    assert state(found[identity("range", "S2")]) == ("open", "60", "", "the rule could not be evaluated at this cut")


def test_a_check_that_was_taken_out_of_checks_yaml_is_no_answer(cuts, tmp_path):
    reading, ledger = redcap(tmp_path / "a", ONE), Ledger()
    find(ledger, reading, "visit", "too_heavy", "weight", "S2")
    cuts.cut(FIRST, ledger, reading)
    row = cuts.cut(SECOND, *ranged(tmp_path / "b", ONE))[identity("too_heavy", "S2")]
    assert (row["status"], row["comment"]) == ("open", "the dictionary no longer makes this rule: accept the query to close it")
    closed = cuts.cut(THIRD, *ranged(tmp_path / "c", ONE), accepted=f"query_id,reason,who,date\n{identity('too_heavy', 'S2')},rule withdrawn,AB,2016-03-15\n")
    assert closed[identity("too_heavy", "S2")]["status"] == "accepted"


def test_many_rows_summed_up_in_one_line_neither_resolve_nor_double_the_queries_on_single_rows(cuts, tmp_path):
    header, lines = "record | event | weight | site", [f"S{number} | later_arm_1 | {weight} | east" for number, weight in enumerate([5] * 3 + [60] * 2)]
    cuts.cut(FIRST, *ranged(tmp_path / "a", {"visit": "\n".join([header, *lines])}, "S0", "S1", "S3"))
    reading, ledger = redcap(tmp_path / "b", {"visit": "\n".join([header, *lines])}), Ledger()
    ledger.count("range", "warning", evaluated=5)
    from pacer_analysis.validate.columns import describe_known

    about = describe_known(reading, reading.tables[0])["weight"]
    fail_or_sum_up(ledger, "range", "warning", reading.tables[0], np.array([0, 1, 2]), about, "It is wrong.", "look", "", many=2)
    found = cuts.cut(SECOND, ledger, reading)
    assert [(row["record"], row["status"], row["comment"]) for row in found.values()] == [
        ("", "new", ""), ("S0", "open", "counted in the finding on the whole field"), ("S1", "open", "counted in the finding on the whole field"), ("S3", "resolved", "")]
    mended = cuts.cut(THIRD, *ranged(tmp_path / "c", {"visit": "\n".join([header, *lines])}, "S0"))
    assert {row["record"]: row["status"] for row in mended.values()} == {"": "resolved", "S0": "open", "S1": "resolved", "S3": "resolved"}


def test_a_remark_on_the_file_is_resolved_when_it_is_no_longer_made(cuts, tmp_path):
    ledger, reading = ranged(tmp_path / "a", ONE)
    ledger.note("redcap", Note("unknown_column", "info", "extra", "The column extra is not in the dictionary.", "update it"))
    ledger.note("redcap", Note("structure", "warning", "", "The row has no place.", "look", "visit", 3, "S2", "later_arm_1"))
    assert [row["status"] for row in cuts.cut(FIRST, ledger, reading).values()] == ["new", "new"]
    assert [row["status"] for row in cuts.cut(SECOND, *ranged(tmp_path / "b", ONE)).values()] == ["resolved", "resolved"]


def test_the_restricted_side_has_a_register_of_its_own(tmp_path):
    """Its rules have a prefix, its files other names; it lists findings on sources that it only compares with as well."""
    for number, (records, state) in enumerate((("S2", "new"), ("nobody", "resolved"))):
        people, lab, ledger = redcap(tmp_path / f"p{number}", ONE), flat(tmp_path / f"l{number}", "id | sampled | tube | result\nS2 | 2016-01-01 | T | -1", reveals_arm=True), Ledger("sealed_")
        find(ledger, lab, "", "range", "result", *records.split())
        find(ledger, people, "visit", "allocation_missing", "weight", *records.split())
        here = tmp_path / f"cut{number}"
        (here / "sealed").mkdir(parents=True)
        rows = write_register(here / "sealed", ledger, [lab, people], (FIRST, SECOND)[number], files=("../rules_closed.csv", "../queries_closed.csv"),
                              previous=tmp_path / "cut0/queries_closed.csv" if number else None, accepted=here / "accepted_closed.csv")
        assert sorted((row["rule"], row["status"]) for row in rows) == [("sealed_allocation_missing", state), ("sealed_range", state)]
        assert sorted(path.name for path in here.iterdir()) == ["queries_closed.csv", "queries_closed.xlsx", "rules_closed.csv", "sealed"]


# what people accept

def accepting(*names: str) -> str:
    return "\ufeffquery_id;reason;who;date\r\n" + "".join(f"{name};seen in the notes;A. Nurse;2016-02-10\r\n" for name in names)      # as a spreadsheet program saves it


def test_accepted_until_it_is_taken_off_the_list(cuts, tmp_path):
    name = identity("range", "S2")
    cuts.cut(FIRST, *ranged(tmp_path / "a", ONE, "S1", "S2"))
    found = cuts.cut(SECOND, *ranged(tmp_path / "b", ONE, "S1", "S2"), accepted=accepting(name))
    assert state(found[name]) == ("accepted", "60", "", "accepted by A. Nurse on 2016-02-10: seen in the notes")
    assert found[identity("range", "S1")]["status"] == "open"
    older = Cuts(tmp_path / "older").cut(SECOND, *ranged(tmp_path / "e", ONE, "S2"), accepted=accepting(name.removeprefix("q")))      # as an earlier version wrote ids
    assert older[name]["status"] == "accepted"
    # without a file it carries on
    assert state(cuts.cut(THIRD, *ranged(tmp_path / "c", ONE, "S2"))[name]) == ("accepted", "91", "", "accepted by A. Nurse on 2016-02-10: seen in the notes")
    # a file is the whole truth: what it does not list is open again
    row = cuts.cut(dt.date(2016, 5, 1), *ranged(tmp_path / "d", ONE, "S2"), accepted=accepting())[name]
    assert (row["status"], row["comment"]) == ("reopened", "accepted by A. Nurse on 2016-02-10: seen in the notes; no longer accepted at the cut-off 2016-05-01")


def test_an_accepted_query_whose_value_is_mended_is_resolved(cuts, tmp_path):
    name = identity("range", "S2")
    cuts.cut(FIRST, *ranged(tmp_path / "a", ONE, "S2"), accepted=accepting(name))
    assert cuts.cut(SECOND, *ranged(tmp_path / "b", ONE), accepted=accepting(name))[name]["status"] == "resolved"


def test_an_unknown_query_in_the_list_is_a_remark(cuts, tmp_path):
    unknown = "0123456789abcdef"
    found = cuts.cut(FIRST, *ranged(tmp_path / "a", ONE, "S2"), accepted=accepting(identity("range", "S2"), unknown))
    (remark,) = [row for row in found.values() if row["rule"] == "accepted"]
    assert (remark["severity"], remark["instance"], remark["source"], remark["line"]) == ("info", f"q{unknown}", "accepted.csv", "3")
    with (cuts.previous.parent / "rules.csv").open() as handle:
        assert [row for row in csv.DictReader(handle) if row["rule"] == "accepted"] == [
            {"rule": "accepted", "severity": "info", "evaluated": "2", "failed": "1", "not_evaluable": "0", "reason": ""}]
    gone = cuts.cut(SECOND, *ranged(tmp_path / "b", ONE, "S2"), accepted=accepting(identity("range", "S2")))
    assert gone[remark["query_id"]]["status"] == "resolved"


@pytest.mark.parametrize(("text", "where", "what"), [
    ("query_id,why,who,date\n", "line 1", "no column reason"),
    ("", "accepted.csv", "empty"),
    ("query_id,reason,who,date\naa,ok,AB,2016-02-10\n,ok,AB,2016-02-10\n", "line 3", "no query_id"),
    ("query_id,reason,who,date\naa,ok,AB,10/02/2016\n", "line 2", "date"),
    ("query_id,reason,who,date\naa,ok,AB,2016-02-30\n", "line 2", "date"),
    ("query_id,reason,who,date\naa,\"two\nlines\",AB,2016-02-10\nbb,ok,,2016-02-10\n", "line 4", "no who"),
    ("query_id,reason,who,date\naa,ok,AB,2016-02-10\naa,ok,AB,2016-02-10\n", "lines 2 and 3", "twice"),
    ("query_id,reason,who,date\naa,ok,AB\n", "line 2", "3 cells"),
    ("query_id,reason,who,date\naa,\"ok,AB,2016-02-10\n", "line 2", "not a CSV file"),
])
def test_a_malformed_list_stops_the_run_and_names_the_line(tmp_path, text, where, what):
    (tmp_path / "accepted.csv").write_text(text)
    with pytest.raises(ExportError) as caught:
        load_accepted(tmp_path / "accepted.csv")
    assert where in caught.value.where
    assert what in caught.value.what


def test_no_list_and_an_empty_list_are_different(tmp_path):
    assert load_accepted(tmp_path / "accepted.csv") is None
    (tmp_path / "accepted.csv").write_text("query_id,reason,who,date\n\n , , ,\n")
    assert load_accepted(tmp_path / "accepted.csv") == {}


# what may be shown

def test_identifiers_are_masked_wherever_they_stand_and_still_tell_rows_apart(cuts, tmp_path):
    lab = "id | sampled | tube | result\nS1 | 2016-01-05 | SMITH-1 | -5\nS1 | 2016-01-05 | SMITH-2 | -6"
    reading, ledger = flat(tmp_path / "a", lab), Ledger()
    find(ledger, reading, "", "range", "result", "S1")
    find(ledger, reading, "", "odd", "tube", "S1")
    found = cuts.cut(FIRST, ledger, reading)
    assert len(found) == 4
    assert {(row["field"], row["instance"], row["value"]) for row in found.values()} == {
        ("result", "2016-01-05/[masked]", "-5"), ("result", "2016-01-05/[masked]", "-6"), ("tube", "2016-01-05/[masked]", "[masked]")}
    assert {row["record"] for row in found.values()} == {"S1"}
    text = b"".join(path.read_bytes() for path in cuts.previous.parent.rglob("*.csv"))
    assert b"SMITH" not in text
    mended, ledger = flat(tmp_path / "b", lab.replace("-5", "5")), Ledger()
    find(ledger, mended, "", "odd", "tube", "S1")
    ledger.count("range", "error", evaluated=2)
    assert sorted((row["field"], row["status"]) for row in cuts.cut(SECOND, ledger, mended).values()) == [
        ("result", "resolved"), ("result", "resolved"), ("tube", "open"), ("tube", "open")]


def test_a_field_that_becomes_an_identifier_takes_its_values_out_of_the_history(cuts, tmp_path):
    tables = {"visit": VISIT.replace("| b ", "| Mrs Jones; Ward 9 ")}
    marked = [(*field[:8], "y", *field[9:]) if field[0] == "note" else field for field in FIELDS]
    for folder, fields, day in (("a", FIELDS, FIRST), ("b", marked, SECOND)):
        reading, ledger = redcap(tmp_path / folder, tables, fields), Ledger()
        find(ledger, reading, "visit", "odd", "note", "S1" if day == SECOND else "S2", evaluated=0 if day == SECOND else 2,
             message=f"Not the text that its fields give{said_of('Mrs Jones', 'Mrs Smith') if day == FIRST else ''}.")
        found = cuts.cut(day, ledger, reading)
        assert (b"Jones" in cuts.previous.read_bytes()) == (day == FIRST)
        assert (b"Smith" in cuts.previous.read_bytes()) == (day == FIRST)
    assert (found[identity("odd", "S2", field="note")]["value"], found[identity("odd", "S2", field="note")]["message"]) == ("[masked]", "Not the text that its fields give.")


def test_rows_that_repeat_their_key_keep_apart(cuts, tmp_path):
    reading, ledger = flat(tmp_path / "a", "id | sampled | tube | result\nS1 | 2016-01-05 | T | -5\nS1 | 2016-01-05 | T | -6", ("id", "sampled")), Ledger()
    find(ledger, reading, "", "range", "result", "S1")
    assert sorted((row["instance"], row["value"]) for row in cuts.cut(FIRST, ledger, reading).values()) == [("2016-01-05", "-5"), ("2016-01-05#2", "-6")]
    mended, ledger = flat(tmp_path / "b", "id | sampled | tube | result\nS1 | 2016-01-05 | T | -5\nS1 | 2016-01-05 | T | 6", ("id", "sampled")), Ledger()
    find(ledger, mended, "", "range", "result", "nobody")
    assert {row["status"] for row in cuts.cut(SECOND, ledger, mended).values()} == {"resolved"}


# formulas

DANGEROUS = ["=1+1", "+27 21 555", "-see note", "@cmd", "\t=1", "\r=1", "\n=1", " =1+1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20cmd", "'=1", "''=1"]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_text_that_a_spreadsheet_takes_for_a_formula_gets_an_apostrophe_that_comes_off_again(cell):
    assert harmless(cell) == f"'{cell}"
    assert as_exported(harmless(cell)) == cell


@pytest.mark.parametrize("cell", ["-99", "+1.5", "-0,5", "-1.5e-3", "-5.", "club", "", "'tis", "'", "5", "a=b"])
def test_numbers_and_plain_words_stay(cell):
    assert harmless(cell) == cell == as_exported(cell)


def test_a_cell_with_any_line_end_stays_one_cell(tmp_path):
    write_csv(tmp_path / "x.csv", ("a", "b"), [("one\rtwo", "\r=1"), ("one\r\ntwo", "one\ntwo")])
    with (tmp_path / "x.csv").open(newline="") as handle:
        assert list(csv.reader(handle)) == [["a", "b"], ["one\rtwo", "'\r=1"], ["one\r\ntwo", "one\ntwo"]]
    assert (tmp_path / "x.csv").read_bytes().endswith(b'"\n')


def test_a_record_whose_id_looks_like_a_formula_is_found_again(cuts, tmp_path):
    tables = {"visit": VISIT.replace("S2 ", "+2 A")}
    cuts.cut(FIRST, *ranged(tmp_path / "a", tables, "+2 A"))
    assert b"\n" + identity("range", "+2 A").encode() + b",'+2 A," in cuts.previous.read_bytes()
    assert state(cuts.cut(SECOND, *ranged(tmp_path / "b", tables))[identity("range", "+2 A")]) == ("resolved", "60", "2016-03-01", "")


def test_a_spoiled_list_of_the_cut_before_is_refused(cuts, tmp_path):
    cuts.cut(FIRST, *ranged(tmp_path / "a", ONE, "S2"))
    cuts.previous.write_text(cuts.previous.read_text().replace("query_id,", "id,"))
    with pytest.raises(ExportError, match="not as it was written"):
        cuts.cut(SECOND, *ranged(tmp_path / "b", ONE))


def test_the_same_cut_gives_the_same_bytes(cuts, tmp_path):
    for folder in ("a", "b"):
        cuts.cut(FIRST, *ranged(tmp_path / folder, ONE, "S1", "S2"), remember=False)
    for name in ("queries.csv", "queries.xlsx", "rules.csv"):
        assert (tmp_path / "cut1" / name).read_bytes() == (tmp_path / "cut2" / name).read_bytes()
