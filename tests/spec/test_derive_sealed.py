"""Sealed fields of a REDCap project: one table per form on either side of the blinding, joined back in the restricted derivation only."""

from __future__ import annotations

import pytest

from pacer_analysis.errors import ExportError
from tests.spec.drawing import Derivation, assert_drawn, trial

TRIAL = """
id: sealed
title: A project with sealed fields
acronym: SEALED
registration: none
version: "1"
sap: none
assignment: randomised
dictionary: .
arms: {a: {label: A}, b: {label: B}}
reference: a
sources:
  main: {file: main.csv, reader: redcap, dictionary: main.csv, key: [id], reveals_arm: [arm, next, pills, result, why, kit]}
allocation: {source: main, id: id, arm: arm, codes: {"1": a, "2": b}}
participants:
  source: main
  form: intake
  event: start
  id: id
  origins:
    randomisation: {form: random, event: start, field: on}
  variables:
    cough: {form: intake, event: start, field: symptom(1), kind: binary, yes: "1"}
    other: {form: intake, event: start, field: symptom____99, kind: binary, yes: "1"}
    kit: {form: random, event: start, field: kit(2), kind: binary, yes: "1"}
  events:
    death: {form: end, date: ended, when: "[why] = '2'", once: true}
visits:
  anchor: randomisation
  form: seen
  date: seen_on
  schedule:
    - {id: v0, label: Start, target: 0, window: [0, 10]}
viral_loads: {source: main, form: blood, date: drawn_on, result: result}
contacts: {source: main, form: care, date: came_on, due: next, supply: pills}
"""
ENDPOINTS = """
retention_rules:
  sched90: {label: No visit within 90 days of the scheduled visit, due: scheduled, grace: 90}
endpoints:
  low: {label: Suppression, derivation: {rule: suppression_by_visit, below: [50], visits: [v0]}}
"""
TABLES = {
    "main/intake": "record | event | instance# | line | symptom___1 | symptom____99\nW | start | 0 | 2 | 1 | 0\nX | start | 0 | 9 | 0 | 1",
    "main/random": "record | event | instance# | line | on\nW | start | 0 | 2 | 2015-03-01\nX | start | 0 | 9 | 2015-03-02",
    "main/seen": "record | event | instance# | line | seen_on\nW | start | 0 | 2 | 2015-03-01",
    "main/blood": "record | event | instance# | line | drawn_on\nW | start | 0 | 3 | 2015-03-01\nX | start | 0 | 10 | 2015-03-02",
    "main/care": "record | event | instance# | line | came_on\nW | late | 1 | 4 | 2015-03-01\nW | late | 2 | 5 | 2015-04-01",
    "main/end": "record | event | instance# | line | ended\nW | late | 0 | 6 | 2015-09-01\nX | late | 0 | 11 | 2015-09-02",
}
SEALED = {
    "main/random": "record | event | instance# | line | arm | kit___2\nX | start | 0 | 9 | 2 | 1\nW | start | 0 | 2 | 1 | 0",
    "main/blood": "record | event | instance# | line | result\nW | start | 0 | 3 | <20\nX | start | 0 | 10 | 500",
    "main/care": "record | event | instance# | line | next | pills#\nW | late | 1 | 4 | 2015-03-29 |\nW | late | 2 | 5 | | 60",
    "main/end": "record | event | instance# | line | why\nW | late | 0 | 6 | 2\nX | late | 0 | 11 | 3",
}


def test_sealed_fields_come_back_form_by_form(tmp_path):
    found = Derivation(tmp_path / "run", trial(tmp_path / "plan", TRIAL, ENDPOINTS), "2015-12-31", TABLES, SEALED)
    assert_drawn(found["participants"], """
        record | cough | other | kit | death_date | death_n | v0_vl
        W      | 1     | 0     | 0   | 2015-09-01 | 1       | 20
        X      | 0     | 1     | 1   |            | 0       | 500""")
    # 2015-04-01 and 60 days of pills: 2015-05-31.
    assert_drawn(found["contacts"], """
        record | date       | due        | due_from  | line
        W      | 2015-03-01 | 2015-03-29 | scheduled | 4
        W      | 2015-04-01 | 2015-05-31 | supply    | 5""")
    assert_drawn(found["endpoints"], "record | value | reason\nW | 1 | suppressed\nX | 0 | viraemic")


def test_the_open_side_derives_without_them(tmp_path):
    found = Derivation(tmp_path / "run", trial(tmp_path / "plan", TRIAL, ENDPOINTS), "2015-12-31", TABLES)
    assert_drawn(found["participants"], "record | cough | other | kit | death_n | v0_vl\nW | 1 | 0 | | 0 |\nX | 0 | 1 | | 0 |")
    assert_drawn(found["contacts"], "due | due_from\n | \n | ")
    assert found.facts()["event death: left out, its source is sealed"] == 1


def test_a_sealed_table_that_is_missing_is_named(tmp_path):
    sealed = {name: drawn for name, drawn in SEALED.items() if name != "main/care"}
    with pytest.raises(ExportError, match=r"`main` has no sealed table(.|\n)*sealed/main/care\.parquet"):
        Derivation(tmp_path / "run", trial(tmp_path / "plan", TRIAL, ENDPOINTS), "2015-12-31", TABLES, sealed)
