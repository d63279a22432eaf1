"""Rules that follow from what the plan says a table holds: contacts, viral loads, recorded times, the allocation; and whole columns."""

from __future__ import annotations

import csv
import datetime as dt
import os
import subprocess
import sys

import pytest

from pacer_analysis import validate
from pacer_analysis.plan import Cut
from pacer_analysis.validate.summed_up import likely_format
from tests.spec.drawing import trial
from tests.spec.test_dictionary import API
from tests.spec.test_validate_cutoff import CARE, FIELDS, LAB, PEOPLE, PLAN, Validation, drawn_plan


@pytest.mark.parametrize(("row", "expected"), [
    ("2015-02-01 | 2015-03-01", []),
    ("2015-02-01 | 2016-02-02", []),                                                        # 366 days
    ("2015-02-01 | 2016-02-03", [("due_far_after_contact", "warning", "next")]),            # 367
    ("2015-02-01 | 2015-02-01", [("due_not_after_contact", "error", "next")]),
    ("2015-02-01 | 2015-01-31", [("due_not_after_contact", "error", "next")]),
    ("2015-02-01 |           ", []),
    ("           | 2015-03-01", [("contact_without_date", "warning", "came")]),
    ("31/02/2015 | 2015-03-01", [("type", "error", "came")]),                               # one finding, not two
])
def test_a_contact_and_the_day_on_which_the_next_is_due(tmp_path, row, expected):
    found = Validation(tmp_path / "run", drawn_plan(tmp_path / "plan"), {"care": f"{CARE}P | {row}"})
    assert found.queries("rule", "severity", "field") == expected


def test_contacts_without_a_due_date_are_counted_and_not_listed(tmp_path):
    found = Validation(tmp_path / "run", drawn_plan(tmp_path / "plan"), {"care": CARE + "P | 2015-02-01 | 2015-03-01\nP | 2015-03-01 | \nP | 2015-04-01 | \nP | | "})
    assert found.count("contact_without_due") == (3, 2, 0)
    assert found.queries("record", rule="contact_without_due") == []


def test_where_the_date_is_required_its_blank_is_found_once(tmp_path):
    fields = FIELDS | {"care": FIELDS["care"].replace("came,,date,,,,,,", "came,,date,,,,,y,"), "lab": FIELDS["lab"].replace("drawn,,date,,,,,,", "drawn,,date,,,,,y,")}
    found = Validation(tmp_path / "run", drawn_plan(tmp_path / "plan", fields=fields), {"care": CARE + "P | | 2015-03-01", "lab": LAB + "P | 1 | | 20"})
    assert sorted(found.queries("rule", "field")) == [("required", "came"), ("required", "drawn")]


def test_a_viral_load_without_a_date(tmp_path):
    found = Validation(tmp_path / "run", drawn_plan(tmp_path / "plan"), {"lab": LAB + "P | 1 | 2015-02-01 | 20\nP | 2 | | 20\nP | 3 | | \nP | 4 | soon | 20"})
    assert found.queries("rule", "severity", "instance", "field") == [("viral_load_without_date", "warning", "2", "drawn"), ("type", "error", "4", "drawn")]
    assert found.count("viral_load_without_date") == (3, 1, 0)


def test_without_the_block_there_is_no_rule(tmp_path):
    text = PLAN[: PLAN.index("viral_loads:")]
    found = Validation(tmp_path / "run", drawn_plan(tmp_path / "plan", text), {"care": CARE + "P | | 2015-03-01", "lab": LAB + "P | 1 | | what"})
    assert found.queries("rule") == []
    rules = (tmp_path / "run/False/clean/rules.csv").read_text()
    assert "viral_load" not in rules
    assert "contact" not in rules


def test_a_negative_time(tmp_path):
    found = Validation(tmp_path / "run", drawn_plan(tmp_path / "plan"), {"people": PEOPLE + "P | 2015-01-01 | | | -1 | 1 | a\nQ | 2015-01-01 | | | 0 | 1 | b"})
    assert found.queries("rule", "severity", "record", "field") == [("negative_time", "error", "P", "days")]


def people(column: str, values: list[str]) -> str:
    blank = dict.fromkeys(("randomised", "assessed", "died", "days", "relapsed", "arm"), "") | {"randomised": "2015-01-01", "arm": "a"}
    return PEOPLE + "\n".join(" | ".join([f"P{number:03d}", *(blank | {column: value}).values()]) for number, value in enumerate(values))


@pytest.mark.parametrize(("column", "values", "rule", "says"), [
    ("randomised", [f"{1 + day % 28:02d}/03/2015" for day in range(51)], "type", "51 rows: The value is not a date as YYYY-MM-DD. The whole column seems to hold dates as DD/MM/YYYY."),
    ("days", [f"{day},5" for day in range(60)] + ["3"] * 59, "type", "60 rows: The value is not a whole number. The whole column seems to hold numbers with a decimal comma."),
    ("relapsed", ["Yes"] * 40 + ["no"] * 20, "choice", "60 rows: The value is none of the codes: 0 = No, 1 = Yes. The whole column seems to hold labels instead of codes."),
])
def test_a_whole_column_in_another_format_is_one_finding(tmp_path, column, values, rule, says):
    found = Validation(tmp_path / "run", drawn_plan(tmp_path / "plan"), {"people": people(column, values)})
    assert found.queries("rule", "severity", "record", "field", "value", "message") == [(rule, "error", "", column, "", says)]
    assert found.count(rule)[1] == int(says.split()[0])
    assert found.queries("rule", sealed=True) == []     # unread dates of randomisation are not missing ones


@pytest.mark.parametrize("values", [["1/3/2015"] * 50, ["1/3/2015"] * 60 + ["2015-03-01"] * 60])
def test_fifty_values_or_half_a_column_are_found_one_by_one(tmp_path, values):
    found = Validation(tmp_path / "run", drawn_plan(tmp_path / "plan"), {"people": people("died", values)})
    assert len(found.queries("record", rule="type")) == sum("/" in value for value in values)


@pytest.mark.parametrize(("kind", "texts", "expected"), [
    ("date", ["13/01/2015", "01/02/2015"], "dates as DD/MM/YYYY"), ("date", ["01-13-15", "2-1-15"], "dates as MM/DD/YYYY"),
    ("date", ["01.02.2015"], "dates as DD/MM/YYYY or MM/DD/YYYY"), ("date", ["13/01/2015", "01/13/2015"], "dates as DD/MM/YYYY and as MM/DD/YYYY"),
    ("date", ["2015-01-13 10:00"], "a date with a time"), ("datetime", ["2015-01-13"], "a date without a time"), ("date", ["20150113"], "YYYYMMDD"),
    ("date", ["42017"], "days as a spreadsheet or a statistics program counts them"), ("date", ["13jan2015"], "a day, the name of a month and a year"),
    ("date", ["2015/01/13"], "YYYY/MM/DD"), ("number", ["1,5"], "numbers with a decimal comma"), ("number", ["1 500.2"], "numbers with separated thousands"),
    ("integer", ["1.5"], "numbers with decimals"), ("number", ["<20", "15 kg"], "numbers with a unit or a sign"), ("number", ["many", "few"], ""),
])
def test_the_probable_format(kind, texts, expected):
    assert likely_format(kind, texts, {}) == expected


ALLOCATED = """
id: project
title: The arm as a field
acronym: FIELD
registration: none
version: "1"
sap: none
assignment: randomised
dictionary: .
arms: {a: {label: A}, b: {label: B}}
reference: a
sources:
  main: {file: main.csv, reader: redcap, dictionary: redcap.csv, key: [id], reveals_arm: [arm]}
allocation: {source: main, id: id, arm: arm, codes: {"1": a, "2": b}, date: given_on}
participants: {source: main, form: intake, event: start, id: id, origins: {randomisation: {form: random, event: start, field: on}}}
"""
# name, form, type, choices, validation
PROJECT = [("id", "intake", "text", "", ""), ("seen", "intake", "text", "", "date_ymd"), ("on", "random", "text", "", "date_ymd"), ("given_on", "random", "text", "", "date_ymd"),
           ("arm", "random", "radio", "1, A | 2, B | 3, C", "")]
COLUMNS = ["id", "redcap_event_name", "seen", "intake_complete", "on", "given_on", "arm", "random_complete"]


def test_the_allocation_in_a_field_of_a_project_is_checked(tmp_path):
    plan = trial(tmp_path / "plan", ALLOCATED)
    with (tmp_path / "plan/redcap.csv").open("w", newline="") as handle:
        csv.writer(handle).writerows([API.split(","), *([name, form, "", kind, name, choices, "", validation, *[""] * 10] for name, form, kind, choices, validation in PROJECT)])
    (tmp_path / "plan/events.csv").write_text("event_name,arm_num,unique_event_name\nStart,1,start\nAgain,1,again\n")
    (tmp_path / "exports").mkdir()
    with (tmp_path / "exports/main.csv").open("w", newline="") as handle:
        csv.writer(handle).writerows([COLUMNS, *(cells.split("|") for cells in (
            "right|start|2015-01-01|2|2015-01-02|2015-01-02|1|2",
            "unallocated|start|2015-01-01|2|2015-01-02|||2",
            "later|start|2015-01-01|2|2016-01-02|||2",                       # after the cut-off: not randomised yet
            "screened|start|2015-01-01|2||||0",
            "early|start|2015-01-01|2|||2|2",
            "strange|start|2015-01-01|2|2015-01-02|2015-01-02|3|2",
            "other day|start|2015-01-01|2|2015-01-02|2015-01-05|2|2",
            "twice|start|2015-01-01|2|2015-01-02|2015-01-02|1|2", "twice|again||0|||2|2"))])
    (tmp_path / "out").mkdir()
    validate.run(plan, Cut("drawn", dt.date(2015, 12, 31), "final", tmp_path), exports=tmp_path / "exports", out=tmp_path / "out", sealed=True, previous=None)
    with (tmp_path / "out/queries_closed.csv").open() as handle:
        found = [(row["rule"], row["record"], row["field"]) for row in csv.DictReader(handle)]
    assert sorted(found) == [
        ("sealed_allocation_arm", "strange", "arm"), ("sealed_allocation_date", "other day", "given_on"), ("sealed_allocation_missing", "unallocated", "on"),
        ("sealed_allocation_not_randomised", "early", "id"), ("sealed_allocation_twice", "twice", "id")]


def test_messages_do_not_depend_on_the_order_of_sets(tmp_path):
    """Two processes with different hashes write the same findings and refuse a plan in the same words."""
    plan = drawn_plan(tmp_path / "plan")
    exports = Validation(tmp_path / "run", plan, {"care": CARE + "P | x | y\nQ | | ", "lab": LAB + "P | 1 | | 20"}).folder / "exports"
    code = ("import datetime as dt, sys; from pathlib import Path; from pacer_analysis import derive, validate; from pacer_analysis.plan import Cut, load; from pacer_analysis.errors import PacerError\n"
            "plan = load(Path(sys.argv[1])); out = Path(sys.argv[3]); out.mkdir()\n"
            "validate.run(plan, Cut('drawn', dt.date(2015, 12, 31), 'final', out), exports=Path(sys.argv[2]), out=out, sealed=False, previous=None)\n"
            "wrong = Path(sys.argv[1], 'endpoints.yaml'); text = wrong.read_text(); wrong.write_text(text.replace('relapsed', 'relapse'))\n"
            "try:\n    derive.check(load(Path(sys.argv[1])))\nexcept PacerError as problem:\n    (out / 'refusal').write_text(str(problem))\nfinally:\n    wrong.write_text(text)\n")
    for seed in ("1", "2"):
        subprocess.run([sys.executable, "-c", code, tmp_path / "plan", exports, tmp_path / seed], check=True, env={**os.environ, "PYTHONHASHSEED": seed})
    for name in ("clean/queries.csv", "clean/rules.csv", "refusal"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name
