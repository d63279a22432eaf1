"""An export taken after the cut-off gives what one taken at the cut-off gives: what is later has not happened."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.spec.drawing import ENDPOINTS, TRIAL, Derivation, assert_drawn, trial

FLAT = """
id: flat
title: One file
acronym: FLAT
registration: none
version: "1"
sap: none
assignment: randomised
dictionary: .
arms: {a: {label: A}, b: {label: B}}
reference: a
sources:
  data: {file: data.csv, reader: csv, dictionary: data.csv, key: [record], reveals_arm: [tx], missing_codes: {"-9": Unknown}}
allocation: {source: data, id: record, arm: tx, codes: {"0": a, "1": b}}
participants:
  source: data
  id: record
  origins:
    randomisation: {field: on}
  variables:
    assessed: {field: seen, kind: date}
  events:
    death: {date: died, when: "[died] <> ''", once: true}
"""
DICTIONARY = ('name,label,type,unit,min,max,codes,required,identifier\nrecord,Id,text,,,,,,\non,Randomised,date,,,,,,\ndays,Days,integer,,,,,,\n'
              'event,Event,coded,,,,"0, Censored | 1, Relapsed | 2, Died",,\ncured,Cured,coded,,,,"0, No | 1, Yes",,\nseen,Assessed,date,,,,,,\n'
              'died,Died,date,,,,,,\ntx,Arm,coded,,,,"0, A | 1, B",,\n')
TIME = '{rule: recorded_time, time: days, event: event, code: "1", competing: {death: "2"}}'
CURED = '{rule: recorded_outcome, field: cured, success: "1", date: seen}'


def derived(tmp_path, derivation: str, data: str, cutoff: str = "2015-12-31", locked: str = "") -> Derivation:
    plan = trial(tmp_path / "plan", FLAT, f"endpoints:\n  X:\n    label: X\n    derivation: {derivation}\n")
    (tmp_path / "plan" / "data.csv").write_text(DICTIONARY, encoding="utf-8")
    return Derivation(tmp_path / "run", plan, cutoff, {"data": data}, locked=locked)


@pytest.mark.parametrize("locked", ["", "2016-01-08", "2017-06-30"])
def test_in_a_file_with_a_row_each_what_is_later_has_not_happened_and_everybody_stays(tmp_path, locked):
    found = derived(tmp_path, TIME, """
        record | on         | days# | event | cured | seen       | died
        A      | 2015-12-01 | 10    | 1     | 1     | 2015-12-31 | 2016-03-01
        B      | 2016-01-05 | 10    | 1     | 1     | 2016-01-20 |
        C      | 2015-01-01 | 100   | 2     |       | 2016-01-01 | 2015-04-11""", locked=locked)
    assert_drawn(found["participants"], """
        record | randomisation | assessed   | death_date | death_n | follow_up_end
        A      | 2015-12-01    | 2015-12-31 |            | 0       | 2015-12-31
        B      |               |            |            | 0       |
        C      | 2015-01-01    |            | 2015-04-11 | 1       | 2015-04-11""")
    facts = found.facts()
    assert facts["origin randomisation: after the cut-off, not yet"] == 1
    assert facts["variable assessed: after the cut-off, blank"] == 2
    assert facts["event death: rows dated after the cut-off"] == 1
    assert set(found["endpoints"]["record"]) == {"A", "C"}      # B is not entered


def test_a_recorded_time_is_censored_at_the_cut_off(tmp_path):
    """Randomised on 2015-12-01, the cut-off is day 30: an event of day 30 has been seen, one of day 31 has not."""
    found = derived(tmp_path, TIME, """
        record | on         | days# | event | seen | died
        A      | 2015-12-01 | 30    | 1     |      |
        B      | 2015-12-01 | 31    | 1     |      |
        C      | 2015-12-01 | 300   | 2     |      |
        D      | 2015-12-01 | 300   | 0     |      |
        E      | 2015-12-01 | 12    | 2     |      |""")
    assert_drawn(found["endpoints"], """
        record | time | clock_time | status | observed | reason
        A      | 30   | 30         | 1      | yes      | event
        B      | 30   | 30         | 0      | yes      | cut-off
        C      | 30   | 30         | 0      | yes      | cut-off
        D      | 30   | 30         | 0      | yes      | cut-off
        E      | 12   | 12         | 2      | yes      | death""")


def test_a_negative_time_and_a_code_that_nobody_knows_are_not_observed(tmp_path):
    found = derived(tmp_path, TIME, """
        record | on         | days# | event | seen | died
        A      | 2015-01-01 | -4    | 1     |      |
        B      | 2015-01-01 | 0     | 1     |      |
        C      | 2015-01-01 | 20    | 3     |      |
        D      | 2015-01-01 | 20    | -9    |      |
        E      | 2015-01-01 | 20    |       |      |
        F      | 2015-01-01 |       | 0     |      |""")
    assert_drawn(found["endpoints"], """
        record | time | status | observed | reason
        A      |      | 0      | no       | negative time
        B      | 0    | 1      | yes      | event
        C      |      | 0      | no       | code not known
        D      |      | 0      | no       | code not known
        E      |      | 0      | no       | not recorded
        F      |      | 0      | no       | not recorded""")


def test_an_outcome_dated_after_the_cut_off_is_not_yet_observed(tmp_path):
    data = """
        record | on         | cured | seen       | died
        A      | 2015-01-01 | 1     | 2015-12-31 |
        B      | 2015-01-01 | 1     | 2016-01-01 |
        C      | 2015-01-01 | 0     |            |
        D      | 2015-01-01 |       | 2016-01-01 |
        E      | 2015-01-01 | yes   | 2015-03-01 |
        F      | 2015-01-01 | -9    |            |"""
    assert_drawn(derived(tmp_path / "dated", CURED, data)["endpoints"], """
        record | value | observed | reason            | date
        A      | 1     | yes      | success           | 2015-12-31
        B      |       | no       | after the cut-off |
        C      | 0     | yes      | failure           |
        D      |       | no       | not recorded      |
        E      |       | no       | code not known    |
        F      |       | no       | code not known    |""")
    assert derived(tmp_path / "undated", CURED.replace(", date: seen", ""), data)["endpoints"]["value"].tolist()[1] == 1.0


def test_a_late_export_gives_the_sets_of_a_timely_one(tmp_path):
    """The same women with and without what came after 2016-06-30; only lines of the files may differ."""
    people = "record | randomised_on | delivered_on | age#\nA | 2015-03-01 | 2015-02-20 | 30\nB | 2016-06-30 | 2016-06-20 | 25"
    timely = {
        "people": people,
        "seen": "record | on\nA | 2015-05-20\nB | 2016-06-30",
        "blood": "record | on | kind | result | log10#\nA | 2016-02-25 | 1 | <20 |",
        "pharmacy": "record | on | next\nA | 2015-03-01 | 2015-09-01\nA | 2015-09-01 | 2016-07-15",
        "ends": "record | on | why\nX | 2015-01-01 | 2",
    }
    later = {
        "people": people,
        "seen": timely["seen"] + "\nA | 2016-07-01",
        "blood": timely["blood"] + "\nA | 2016-07-01 | 1 | 90000 |",
        "pharmacy": timely["pharmacy"] + "\nA | 2016-07-01 | 2016-10-01",
        "ends": timely["ends"] + "\nA | 2016-07-01 | 2",
    }
    plan = trial(tmp_path / "plan", TRIAL, ENDPOINTS)
    one, two = (Derivation(tmp_path / name, plan, "2016-06-30", tables) for name, tables in (("timely", timely), ("later", later)))
    for name in ("participants", "visits", "viral_loads", "contacts", "retention", "endpoints"):
        pd.testing.assert_frame_equal(one[name], two[name], obj=name)


def test_of_a_participants_repeated_rows_the_first_counts_for_the_events_too(tmp_path):
    found = derived(tmp_path, TIME, """
        record | on         | days# | event | seen | died
        A      | 2015-01-01 | 20    | 0     |      |
        A      | 2015-01-01 | 20    | 2     |      | 2015-02-01""")
    assert_drawn(found["participants"], "record | death_n\nA | 0")
    assert_drawn(found["endpoints"], "record | status\nA | 0")
