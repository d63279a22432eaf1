"""Visits in their windows and in order, care after death, events before the beginning: drawn exports under a drawn plan."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pacer_analysis.plan import Plan
from tests.spec.both_sides import queries_of, validate_both, write_dictionaries, write_drawn
from tests.spec.drawing import trial
from tests.spec.drawn_project import export, field, project

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
  main: {file: main.csv, reader: redcap, dictionary: redcap.csv, key: [id]}
  care: {file: care.csv, reader: csv, dictionary: care_fields.csv, key: [id, came], links_to: main, optional: true}
  club: {file: club.csv, reader: csv, dictionary: club_fields.csv, key: [id, met], links_to: main, reveals_arm: true}
  arms: {file: arms.csv, reader: csv, dictionary: arms_fields.csv, key: [id], links_to: main, reveals_arm: true}
allocation: {source: arms, id: id, arm: arm}
participants:
  source: main
  form: start
  event: first
  id: id
  origins: {randomisation: {form: start, event: first, field: randomised}}
  events:
    death: {form: end, date: ended, when: "[why] = '2'", label: Death, once: true}
    moved: {form: end, date: ended, when: "[why] = '3'", label: Moved away, once: true}
    harm: {form: end, date: ended, when: "[why] = '4'", label: Harm}
visits:
  anchor: randomisation
  form: seen
  date: on
  schedule:
    - {id: v1, label: Month 1, event: one, target: 30, window: [15, 45]}
    - {id: v2, label: Month 2, event: two, target: 60, window: [46, 75]}
contacts: {source: care, date: came}
services: {club: {source: club, date: met, attended: "[met] <> ''"}, clinic: {source: care, date: came, attended: "[came] <> ''"}}
"""
FORMS = [field("id", "start"), field("randomised", "start", validation="date_ymd"), field("on", "seen", validation="date_ymd"), field("note", "seen"),
         field("ended", "end", validation="date_ymd"), field("why", "end", "radio", "1, Completed | 2, Died | 3, Moved | 4, Harm")]
EVENTS = "First,1,first,0,0,0 One,1,one,30,15,15 Two,1,two,60,14,15 Extra,1,extra,90,10,10 Late,1,late,120,0,0 Last,1,last,9999,0,0"
MAPPING = "1,first,start 1,one,seen 1,two,seen 1,extra,seen 1,late,seen 1,last,end"


def drawn_plan(folder: Path) -> Plan:
    plan = trial(folder, PLAN)
    project(folder, FORMS, events=EVENTS, mapping=MAPPING)
    write_dictionaries(folder, {"care": "id,,text,,,,,y,\ncame,,date,,,,,,\n", "club": "id,,text,,,,,y,\nmet,,date,,,,,,\n", "arms": 'id,,text,,,,,y,\narm,,coded,,,,"a, A | b, B",y,\n'})
    return plan


def validated(folder: Path, rows: list[tuple[str, str, dict[str, str]]], *, care: str = "", club: str = "", plan: Plan | None = None) -> dict[bool, list[dict[str, str]]]:
    """The queries of both sides, apart from those on the allocation, for rows (record, event, cells) randomised on 2015-01-01."""
    plan = plan or drawn_plan(folder / "plan")
    exports = folder / "exports"
    exports.mkdir()
    everyone = list(dict.fromkeys(record for record, _, _ in rows))
    begun = [{"id": record, "redcap_event_name": "first", "randomised": "2015-01-01"} for record in everyone]
    export(exports / "main.csv", project(folder / "plan", FORMS, events=EVENTS, mapping=MAPPING), [*begun, *({"id": record, "redcap_event_name": event} | made for record, event, made in rows)])
    for name, header, drawn in (("care", "id | came", care), ("club", "id | met", club), ("arms", "id | arm", "\n".join(f"{record} | a" for record in everyone))):
        write_drawn(exports / f"{name}.csv", f"{header}\n{drawn}")
    validate_both(plan, exports, folder)
    return {sealed: [query for query in queries_of(folder, sealed=sealed) if query["record"] and "allocation" not in query["rule"]] for sealed in (False, True)}


def brief(queries: list[dict[str, str]], *columns: str) -> list[tuple[str, ...]]:
    return [tuple(query[column] for column in columns) for query in queries]


def on(day: int) -> dict[str, str]:
    return {"on": str(dt.date(2015, 1, 1) + dt.timedelta(days=day))}


@pytest.mark.parametrize(("event", "day", "expected"), [
    ("one", 15, []), ("one", 45, []), ("two", 46, []), ("two", 75, []),
    ("one", 14, [("visit_window", "info")]), ("one", 46, [("visit_window", "info")]), ("one", 59, [("visit_window", "info")]),
    ("one", 60, [("visit_window", "warning")]),             # the target of the next visit
    ("one", -16, [("visit_window", "warning")]),            # nothing before it: as far off as the window is wide
    ("one", -15, [("visit_window", "info")]),
    ("two", 30, [("visit_window", "warning")]), ("two", 31, [("visit_window", "info")]),
    ("two", 89, [("visit_window", "info")]), ("two", 90, [("visit_window", "warning")]),        # the target of the project's own event
    ("extra", 80, []), ("extra", 100, []), ("extra", 101, [("visit_window", "info")]), ("extra", 60, [("visit_window", "warning")]),
    ("late", 300, []),                                      # 0 and 0: the project sets no window
])
def test_a_visit_in_or_outside_the_window_of_its_event(tmp_path, event, day, expected):
    found = validated(tmp_path, [("A", event, on(day))])[False]
    assert brief(found, "rule", "severity") == expected
    assert all(query["field"] == "on" and query["event"] == event for query in found)


def test_the_message_names_the_window(tmp_path):
    (query,) = validated(tmp_path, [("A", "one", on(60))])[False]
    assert query["message"] == "The visit Month 1 is outside its window of 15 to 45 days, by as much as if it were another visit."


def test_visits_without_a_date_or_an_anchor_are_not_judged(tmp_path):
    found = validated(tmp_path, [("A", "one", {"note": "came", "on": ""})])
    assert found[False] == []
    rules = (tmp_path / "False/clean/rules.csv").read_text()
    assert "visit_window,warning,0,0,0," in rules


def test_visits_out_of_order(tmp_path):
    found = validated(tmp_path, [("A", "one", on(45)), ("A", "two", on(46)), ("B", "one", on(50)), ("B", "two", on(48)), ("C", "two", on(50)), ("D", "one", on(45)), ("D", "two", on(45))])
    assert brief([query for query in found[False] if query["rule"] == "visit_order"], "severity", "record", "event") == [("error", "B", "two")]


def test_care_after_death_on_either_side(tmp_path):
    """A died on day 40. The club betrays the arm: what it says of A is for the restricted side."""
    died = {"ended": "2015-02-10", "why": "2"}
    found = validated(tmp_path, [("A", "last", died), ("A", "one", on(41)), ("B", "last", {"ended": "2015-02-10", "why": "1"}), ("B", "one", on(41))],
                      care="A | 2015-02-10\nA | 2015-02-11\nB | 2015-02-11", club="A | 2015-02-11\nA | 2015-01-11\nB | 2015-02-11")
    assert brief(found[False], "rule", "severity", "source", "record", "field", "message") == [
        ("after_death", "error", "care", "A", "came", "The contact is dated after the participant's death."),
        ("after_death", "error", "main", "A", "on", "The visit is dated after the participant's death.")]
    assert brief(found[True], "rule", "source", "record", "value") == [("sealed_after_death", "club", "A", "2015-02-11")]


def test_what_happens_once_does_not_happen_before_the_beginning(tmp_path):
    found = validated(tmp_path, [("A", "last", {"ended": "2014-12-31", "why": "2"}), ("B", "last", {"ended": "2014-12-31", "why": "3"}), ("C", "last", {"ended": "2014-12-31", "why": "4"}),
                                 ("D", "last", {"ended": "2015-01-01", "why": "2"})])
    assert brief(found[False], "rule", "record", "field", "message") == [
        ("event_before_origin", "A", "ended", "Death: dated before randomisation."), ("event_before_origin", "B", "ended", "Moved away: dated before randomisation.")]


def test_where_the_anchor_is_sealed_the_windows_are_for_the_restricted_side(tmp_path):
    folder = tmp_path / "plan"
    drawn_plan(folder)
    plan = trial(folder, PLAN.replace("key: [id]}\n  care", "key: [id], reveals_arm: [randomised]}\n  care"))
    project(folder, FORMS, events=EVENTS, mapping=MAPPING)
    found = validated(tmp_path, [("A", "one", on(60)), ("A", "last", {"ended": "2014-12-31", "why": "2"})], plan=plan)
    assert found[False] == [query for query in found[False] if query["rule"] == "after_death"]
    assert {query["rule"] for query in found[True]} >= {"sealed_visit_window", "sealed_event_before_origin"}
