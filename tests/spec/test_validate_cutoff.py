"""Truncation of drawn exports: what is later is left out or has not happened, and no participant is lost with it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from pacer_analysis.plan import Plan
from tests.spec.both_sides import counts_of, queries_of, validate_both, write_dictionaries, write_drawn
from tests.spec.drawing import trial

PLAN = """
id: drawn
title: A trial drawn for the tests
acronym: DRAWN
registration: none
version: "1"
sap: none
assignment: randomised
dictionary: .
arms: {a: {label: A}, b: {label: B}}
reference: a
sources:
  people: {file: people.csv, reader: csv, dictionary: people_fields.csv, key: [pid], reveals_arm: [arm]}
  care: {file: care.csv, reader: csv, dictionary: care_fields.csv, key: [pid, came], links_to: people, optional: true}
  lab: {file: lab.csv, reader: csv, dictionary: lab_fields.csv, key: [pid, number], links_to: people, optional: true}
allocation: {source: people, id: pid, arm: arm}
participants:
  source: people
  id: pid
  origins:
    randomisation: {field: randomised}
  variables:
    assessed: {field: assessed, kind: date}
  events:
    death: {date: died, when: "[died] <> ''", once: true}
viral_loads: {source: lab, date: drawn, result: result}
contacts: {source: care, date: came, due: next}
"""
ENDPOINTS = 'endpoints:\n  pfs: {label: Free of relapse, derivation: {rule: recorded_time, time: days, event: relapsed, code: "1"}}\n'
FIELDS = {
    "people": 'pid,,text,,,,,y,\nrandomised,,date,,,,,,\nassessed,,date,,,,,,\ndied,,date,,,,,,\ndays,,integer,,,,,,\nrelapsed,,coded,,,,"0, No | 1, Yes",,\narm,,coded,,,,"a, A | b, B",,\n',
    "care": "pid,,text,,,,,y,\ncame,,date,,,,,,\nnext,,date,,,,,,\n",
    "lab": "pid,,text,,,,,y,\nnumber,,text,,,,,y,\ndrawn,,date,,,,,,\nresult,,text,,,,,,\n",
}
PEOPLE = "pid | randomised | assessed | died | days | relapsed | arm\n"
CARE, LAB = "pid | came | next\n", "pid | number | drawn | result\n"


def drawn_plan(folder: Path, text: str = PLAN, fields: dict[str, str] | None = None) -> Plan:
    plan = trial(folder, text, ENDPOINTS)
    write_dictionaries(folder, FIELDS if fields is None else fields)
    return plan


class Validation:
    """What both sides of `validate.run` wrote for drawn exports."""

    def __init__(self, folder: Path, plan: Plan, tables: dict[str, str], cutoff: str = "2015-12-31", locked: str = "") -> None:
        self.folder = folder
        exports = folder / "exports"
        exports.mkdir(parents=True)
        for name in plan.sources:
            write_drawn(exports / f"{name}.csv", tables.get(name) or {"people": PEOPLE + "P | 2015-01-01 | | | 5 | 0 | a", "care": CARE, "lab": LAB}[name])
        validate_both(plan, exports, folder, cutoff, locked)

    def queries(self, *columns: str, rule: str = "", sealed: bool = False) -> list[tuple[str, ...]]:
        """The named columns of every query, or of those of one rule, on one side."""
        return [tuple(query[column] for column in columns) for query in queries_of(self.folder, sealed=sealed) if rule in {"", query["rule"]}]

    def count(self, rule: str, *, sealed: bool = False) -> tuple[int, ...]:
        """Evaluated, failed and not evaluable of one rule."""
        return counts_of(self.folder, rule, sealed=sealed)

    def clean(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / f"False/clean/{name}.parquet")


def test_a_participants_own_row_stays_with_a_death_or_an_origin_after_the_cut_off(tmp_path):
    found = Validation(tmp_path / "run", drawn_plan(tmp_path / "plan"), {"people": PEOPLE + """
        A | 2015-01-01 |            | 2016-03-01 | 5 | 0 | a
        B | 2016-01-05 | 2016-01-06 |            | 5 | 0 | b
        C | 2015-01-01 |            | 2015-02-01 | 5 | 0 | a"""})
    assert found.clean("people")["record"].tolist() == ["A", "B", "C"]
    assert found.queries("rule", "severity", "record", "field") == [
        ("after_cutoff", "warning", "A", "died"), ("after_cutoff", "warning", "B", "assessed"), ("after_cutoff", "warning", "B", "randomised")]
    assert "it is as if it had not happened" in found.queries("message")[0][0]


def test_between_the_cut_off_and_the_lock_an_origin_is_a_finding_and_an_event_is_counted(tmp_path):
    found = Validation(tmp_path / "run", drawn_plan(tmp_path / "plan"), {"people": PEOPLE + """
        A | 2015-01-01 | | 2016-01-05 | 5 | 0 | a
        B | 2016-01-05 | |            | 5 | 0 | b""", "care": CARE + "A | 2015-03-01 | 2015-04-01\nA | 2016-01-02 | 2016-04-01"}, locked="2016-01-08")
    assert found.queries("rule", "severity", "record", "field") == [
        ("truncated", "info", "", "came"), ("truncated", "info", "", "died"), ("after_cutoff", "warning", "B", "randomised")]
    assert found.clean("people")["record"].tolist() == ["A", "B"]
    assert found.clean("care")["line"].tolist() == [2]


def test_a_row_stays_while_one_of_its_dates_has_come(tmp_path):
    """A visit of December with a sample of January in the same row: the visit has happened."""
    text = PLAN.replace("viral_loads: {source: lab, date: drawn", "visits: {anchor: randomisation, source: lab, date: seen, schedule: "
                        "[{id: v1, label: One, target: 1, window: [0, 400]}]}\nviral_loads: {source: lab, date: drawn")
    plan = drawn_plan(tmp_path / "plan", text, FIELDS | {"lab": FIELDS["lab"] + "seen,,date,,,,,,\n"})
    found = Validation(tmp_path / "run", plan, {"lab": "pid | number | seen | drawn | result\nP | 1 | 2015-12-31 | 2016-01-01 | 20\nP | 2 | 2016-01-01 | 2016-01-02 | 20"})
    assert found.clean("lab")["number"].tolist() == ["1"]
    assert sorted(found.queries("instance", "field", rule="after_cutoff")) == [("1", "drawn"), ("2", "drawn"), ("2", "seen")]


def test_an_export_taken_much_later_is_one_finding_a_field(tmp_path):
    care = CARE + "\n".join(f"P | {dt.date(2016, 1, 1) + dt.timedelta(day)} | " for day in range(51))
    found = Validation(tmp_path / "run", drawn_plan(tmp_path / "plan"), {"care": care})
    assert found.count("after_cutoff") == (52, 51, 0)       # and the origin, which passed
    (query,) = found.queries("record", "field", "message", rule="after_cutoff")
    assert query[:2] == ("", "came")
    assert "51 rows" in query[2]
    assert "taken later" in query[2]
    few = Validation(tmp_path / "few", drawn_plan(tmp_path / "plan"), {"care": care[: care.rindex("\n")]})
    assert len(few.queries("record", rule="after_cutoff")) == 50


def test_of_repeated_participants_the_first_is_used_and_the_finding_says_so(tmp_path):
    found = Validation(tmp_path / "run", drawn_plan(tmp_path / "plan"), {
        "people": PEOPLE + "P | 2015-01-01 | | | 5 | 0 | a\nP | 2015-01-02 | | | 5 | 0 | a", "care": CARE + "P | 2015-02-01 | 2015-03-01\nP | 2015-02-01 | 2015-04-01"})
    messages = dict(found.queries("source", "message", rule="key"))
    assert "only the first is used" in messages["people"]
    assert "both are used" in messages["care"]
