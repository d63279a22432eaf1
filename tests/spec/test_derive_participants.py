"""Participants, visits, infants: one row each, typed, with what the plan asks for; and a trial that has little of all this."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pandas as pd
import pytest

from pacer_analysis.derive import DERIVATIONS, check
from pacer_analysis.errors import PlanError
from tests.spec.drawing import ENDPOINTS, TRIAL, Derivation, assert_drawn, trial


def test_participants_have_origins_variables_events_and_visits(tmp_path):
    found = Derivation(tmp_path / "run", trial(tmp_path / "plan", TRIAL, ENDPOINTS), "2016-01-31", {
        "people": """record | randomised_on | delivered_on | age#
                     A      | 2015-03-01    | 2015-02-20   | 30
                     B      |               |              |
                     C      | 2015-03-05    | 2015-02-20   | 21""",
        "seen": """record | on
                   A      | 2015-03-01
                   A      | 2015-05-25
                   C      | 2015-05-19""",
        "blood": """record | on         | kind | result | log10#
                    A      | 2015-03-01 | 1    | <20    |
                    C      | 2015-03-05 | 1    | <400   |""",
        "ends": """record | on         | why
                   C      | 2015-12-24 | 2
                   C      | 2015-12-25 | 2
                   A      | 2016-02-01 | 3""",
    })
    assert_drawn(found["participants"], """
        record | randomisation | delivery   | age | low0 | waited | died | death_date | death_n | transfer_out_n | v0_date    | v1_date    | v0_vl | v0_vl_date | follow_up_end
        A      | 2015-03-01    | 2015-02-20 | 30  | 1    | 9      | 0    |            | 0       | 0              | 2015-03-01 | 2015-05-25 | 20    | 2015-03-01 | 2016-01-31
        B      |               |            |     |      |        | 0    |            | 0       | 0              |            |            |       |            |
        C      | 2015-03-05    | 2015-02-20 | 21  |      | 13     | 1    | 2015-12-24 | 1       | 0              |            | 2015-05-19 | 400   | 2015-03-05 | 2015-12-24""")
    types = found["participants"].dtypes.astype(str)
    assert {name: types[name] for name in ("age", "low0", "waited", "death_date", "death_n", "v0_vl")} == {
        "age": "float64", "low0": "object", "waited": "float64", "death_date": "datetime64[ns]", "death_n": "int64", "v0_vl": "float64"}
    assert found.facts()["event death: recorded more than once"] == 1


def test_the_date_decides_the_visit_and_the_event_is_kept_beside_it(tmp_path):
    plan = trial(tmp_path / "plan", TRIAL.replace("{id: v1, label: Month 3,", "{id: v1, event: month_3, label: Month 3,").replace("{id: v2, label: Month 6,", "{id: v2, event: month_6, label: Month 6,"), ENDPOINTS)
    # Delivered on 2015-02-20: day 91 is 2015-05-22; day -1 is 2015-02-19; day 136 is 2015-07-06.
    found = Derivation(tmp_path / "run", plan, "2017-12-31", {
        "people": "record | randomised_on | delivered_on | age#\nW | 2015-03-01 | 2015-02-20 | 30",
        "seen": """record | event   | on
                   W      | month_3 | 2015-02-19
                   W      | month_6 | 2015-05-24
                   W      | month_3 | 2015-05-20
                   W      | month_3 | 2015-07-07
                   W      | month_3 |"""})
    assert_drawn(found["visits"], """
        date       | day | event   | event_visit | visit | in_window | chosen | line
        2015-02-19 | -1  | month_3 | v1          |       | no        | no     | 2
        2015-05-20 | 89  | month_3 | v1          | v1    | yes       | yes    | 4
        2015-05-24 | 93  | month_6 | v2          | v1    | yes       | no     | 3
        2015-07-07 | 137 | month_3 | v1          | v2    | yes       | yes    | 5""")
    facts = found.facts()
    assert facts["study visits: in the window of another visit than the event they were entered under"] == 2
    assert facts["study visits: outside every window"] == 1
    assert facts["study visits: rows without a date"] == 1


def test_a_woman_randomised_after_the_cut_off_is_not_randomised_yet_by_a_slip_of_the_pen_or_not(tmp_path):
    found = Derivation(tmp_path / "run", trial(tmp_path / "plan", TRIAL, ENDPOINTS), "2015-06-30", {
        "people": """record | randomised_on | delivered_on | age#
                     A      | 2015-06-30    | 2015-06-20   | 30
                     B      | 2015-07-01    | 2015-06-20   | 30
                     C      | 2105-06-30    | 2015-06-20   | 30"""}, locked="2015-07-08")
    assert_drawn(found["participants"], "record | randomisation | delivery\nA | 2015-06-30 | 2015-06-20\nB |  | 2015-06-20\nC |  | 2015-06-20")
    assert found.facts()["origin randomisation: after the cut-off, not yet"] == 2


def test_a_row_entered_twice_is_one_event(tmp_path):
    found = Derivation(tmp_path / "run", trial(tmp_path / "plan", TRIAL.replace(", once: true", ""), ENDPOINTS), "2017-12-31", {
        "people": "record | randomised_on | delivered_on | age#\nW | 2015-03-01 | 2015-02-20 | 30",
        "ends": """record | event | instance# | on         | why
                   W      | late  | 1         | 2015-05-01 | 3
                   W      | late  | 2         | 2015-04-01 | 3
                   W      | late  | 2         | 2015-04-01 | 3
                   W      | late  | 3         |            | 3"""})
    assert_drawn(found["participants"], "transfer_out_date | transfer_out_n\n2015-04-01 | 3")
    assert found.facts()["event transfer_out: repeated rows"] == 1
    assert found.facts()["event transfer_out: without a date"] == 1


INFANTS = TRIAL.replace("visits:\n", """infants:
  source: babies
  variables:
    birth_date: {field: born, kind: date}
    weight: {field: weight, kind: continuous}
visits:
""", 1).replace("  ends:", "  babies: {file: babies.csv, reader: csv, dictionary: babies.csv, key: [record], links_to: people}\n  ends:")


def test_infants_one_row_each_twins_are_two(tmp_path):
    found = Derivation(tmp_path / "run", trial(tmp_path / "plan", INFANTS, ENDPOINTS), "2017-12-31", {
        "people": "record | randomised_on | delivered_on | age#\nW | 2015-03-01 | 2015-02-20 | 30",
        "babies": """record | instance# | born       | weight#
                     W      | 1         | 2015-02-20 | 2400
                     W      | 2         | 2015-02-20 | 2350
                     X      | 1         | 2015-02-21 | 3000"""})
    assert_drawn(found["infants"], """
        record | instance | birth_date | weight | line
        W      | 1        | 2015-02-20 | 2400   | 2
        W      | 2        | 2015-02-20 | 2350   | 3""")


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
  data: {file: data.csv, reader: csv, dictionary: data.csv, key: [record], reveals_arm: [tx]}
allocation: {source: data, id: record, arm: tx, codes: {"0": a, "1": b}}
participants:
  source: data
  id: record
  variables:
    age: {field: age, kind: continuous}
"""
DATA = "record | days# | event | cured | age#\n1 | 100 | 1 | 1 | 30\n2 | 250 | 0 | 0 | 40\n3 |  | 1 |  | 50"
DICTIONARY = ('name,label,type,unit,min,max,codes,required,identifier\nrecord,Id,text,,,,,,\ndays,Days,integer,,,,,,\nevent,Event,coded,,,,"0, Censored | 1, Died",,\n'
              'cured,Cured,coded,,,,"0, No | 1, Yes",,\nage,Age,number,,,,,,\ntx,Arm,coded,,,,"0, A | 1, B",,\n')


def flat(tmp_path, derivation):
    plan = trial(tmp_path / "plan", FLAT, f"endpoints:\n  X:\n    label: X\n    derivation: {derivation}\n")
    (tmp_path / "plan" / "data.csv").write_text(DICTIONARY, encoding="utf-8")
    return Derivation(tmp_path / "run", plan, "2017-12-31", {"data": DATA})


def test_a_trial_of_one_flat_file(tmp_path):
    found = flat(tmp_path, '{rule: recorded_time, time: days, event: event, code: "1"}')
    assert_drawn(found["endpoints"], """
        record | endpoint | kind | time | status | observed | reason       | source | line
        1      | X        | time | 100  | 1      | yes      | event        | data   | 2
        2      | X        | time | 250  | 0      | yes      | censored     | data   | 3
        3      | X        | time |      | 0      | no       | not recorded | data   | 4""")
    assert {name: len(found[name]) for name in ("participants", "infants", "visits", "viral_loads", "contacts", "retention")} == {
        "participants": 3, "infants": 0, "visits": 0, "viral_loads": 0, "contacts": 0, "retention": 0}


def test_a_recorded_outcome_keeps_its_blanks(tmp_path):
    assert_drawn(flat(tmp_path, '{rule: recorded_outcome, field: cured, success: "1"}')["endpoints"], """
        record | value | observed | reason
        1      | 1     | yes      | success
        2      | 0     | yes      | failure
        3      |       | no       | not recorded""")


@pytest.mark.parametrize(("derivation", "says"), [
    ('{rule: recorded_time, time: days, event: event, code: "0"}', 'labelled "Censored"'),
    ('{rule: recorded_time, time: days, event: event, code: "2"}', "not among the choices"),
    ('{rule: recorded_time, time: days, event: evnt, code: "1"}', "no field `evnt`"),
    ('{rule: recorded_outcome, field: cured, success: "yes"}', "not among the choices"),
    ("{rule: recorded_time, time: days, event: event}", "needs `code`"),
    ('{rule: recorded_time, time: days, event: event, code: "1", horizon: 5}', "does not know `horizon`"),
    ("{rule: guessed}", "no rule `guessed`"),
    ("{rule: suppression_by_visit, below: [50], visits: [v1]}", "no viral loads"),
    ("{rule: loss_to_follow_up, retention: late, origin: start}", "no retention rule `late`"),
])
def test_a_derivation_that_contradicts_the_plan_or_the_dictionary_is_refused(tmp_path, derivation, says):
    with pytest.raises(PlanError, match=says):
        flat(tmp_path, derivation)


@pytest.mark.parametrize(("old", "new", "says"), [
    ("in_care: sched90", "in_care: sched9", "no retention rule `sched9`"),
    ("origin: delivery", "origin: birth", "no origin `birth`"),
    ("visit: v3", "visit: v9", "no visit `v9`"),
    ("visits: [v2, v3]", "visits: [v2, w3]", "no visit `w3`"),
    ("competing: [death]", "competing: [deaths]", "no event `deaths`"),
    ("day: 365", "day: twelve months", "should be a whole number"),
    ("below: [50, 400]", "below: 50", "should be a list of numbers"),
    ("visit: v3, below: 50", "visit: v3, below: 50, unproven: gone", "no event `gone`"),
])
def test_a_plan_is_checked_before_there_are_data(tmp_path, old, new, says):
    check(trial(tmp_path / "right", TRIAL, ENDPOINTS))
    with pytest.raises(PlanError, match=says):
        check(trial(tmp_path / "wrong", TRIAL, ENDPOINTS.replace(old, new, 1)))


def test_a_rules_keyword_signature_is_its_schema():
    for name, rule in DERIVATIONS.items():
        first, *others = inspect.signature(rule).parameters.values()
        assert (first.name, rule.__name__) == ("sets", name)
        assert all(each.kind is inspect.Parameter.KEYWORD_ONLY for each in others)


def test_the_rules_import_without_heavy_libraries():
    code = "import sys, pacer_analysis.derive; sys.exit(any(name in sys.modules for name in ('pandas', 'numpy', 'pyarrow', 'lark')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_same_tables_give_the_same_bytes(tmp_path):
    written = [flat(tmp_path / each, '{rule: recorded_time, time: days, event: event, code: "1"}').out for each in ("one", "two")]
    for path in sorted(written[0].iterdir()):
        assert path.read_bytes() == (written[1] / path.name).read_bytes()
    assert len(pd.read_csv(written[0] / "facts.csv")) > 0
