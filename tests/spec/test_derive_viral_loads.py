"""Viral loads: what the laboratory wrote, and what that says at a threshold."""

from __future__ import annotations

import pytest

from pacer_analysis.derive.viral_load_text import read_result
from tests.spec.drawing import ENDPOINTS, TRIAL, Derivation, assert_drawn, cells, trial

PEOPLE = "record | randomised_on | delivered_on | age#\nW | 2015-03-01 | 2015-02-20 | 30\n"

TEXTS = """
    text                 | value    | below 50 | below 400 | above 1000 | limit
    40                   | 40       | 1        | 1         | 0          | no
    50                   | 50       | 0        | 1         | 0          | no
    49.9                 | 49.9     | 1        | 1         | 0          | no
    1000                 | 1000     | 0        | 0         | 0          | no
    1001                 | 1001     | 0        | 0         | 1          | no
    12,345               | 12345    | 0        | 0         | 1          | no
    12 345               | 12345    | 0        | 0         | 1          | no
    1 234 567            | 1234567  | 0        | 0         | 1          | no
    1.2E+05              | 120000   | 0        | 0         | 1          | no
    250 copies/mL        | 250      | 0        | 1         | 0          | no
    <20                  | 20       | 1        | 1         | 0          | yes
    < 20                 | 20       | 1        | 1         | 0          | yes
    <20 copies/ml        | 20       | 1        | 1         | 0          | yes
    <50                  | 50       | 1        | 1         | 0          | yes
    <=50                 | 50       |          | 1         | 0          | yes
    ≤ 40                 | 40       | 1        | 1         | 0          | yes
    <400                 | 400      |          | 1         | 0          | yes
    <2000                | 2000     |          |           |            | yes
    >10000000            | 10000000 | 0        | 0         | 1          | no
    > 10,000,000         | 10000000 | 0        | 0         | 1          | no
    >1000                | 1000     | 0        | 0         | 1          | no
    >=1000               | 1000     | 0        | 0         |            | no
    >100                 | 100      | 0        |           |            | no
    LDL                  | 0        | 1        | 1         | 0          | yes
    TND                  | 0        | 1        | 1         | 0          | yes
    not detected         | 0        | 1        | 1         | 0          | yes
    Target Not Detected  | 0        | 1        | 1         | 0          | yes
    Undetectable         | 0        | 1        | 1         | 0          | yes
    0                    | 0        | 1        | 1         | 0          | no
"""
UNREADABLE = ["", "  ", "clotted", "1,5", "12,34", "1 23", "-40", "20-40", "<", "40 50", "4O", "12.345.678"]


@pytest.mark.parametrize("drawn", cells(TEXTS)[1], ids=lambda drawn: drawn[0])
def test_what_a_result_says(drawn):
    text, value, below50, below400, above1000, limit = drawn
    reading = read_result(text)
    assert (f"{reading.value:.10g}", reading.is_below(50), reading.is_below(400), reading.is_above(1000)) == (value, below50, below400, above1000)
    assert reading.below_limit == (limit == "yes")


@pytest.mark.parametrize("text", UNREADABLE)
def test_a_result_that_cannot_be_read_is_unknown_and_no_guess(text):
    assert read_result(text) is None


def derived(tmp_path, blood, ends="", people=PEOPLE, seen="", cutoff="2017-12-31", sealed=None):
    tables = {"people": people, "blood": blood} | ({"ends": ends} if ends else {}) | ({"seen": seen} if seen else {})
    return Derivation(tmp_path / "run", trial(tmp_path / "plan", TRIAL, ENDPOINTS), cutoff, tables, sealed)


def test_the_log10_column_counts_only_where_the_result_is_blank(tmp_path):
    found = derived(tmp_path, """
        record | on         | kind | result | log10#
        W      | 2015-05-20 | 1    |        | 3
        W      | 2015-05-21 | 1    | 40     | 3
        W      | 2015-05-22 | 1    | lost   | 3
        W      | 2015-05-23 | 1    |        |""")
    assert_drawn(found["viral_loads"], """
        raw  | value | known | from_log10 | below_50 | above_1000
             | 1000  | yes   | yes        | 0        | 0
        40   | 40    | yes   | no         | 1        | 0
        lost |       | no    | no         |          |
             |       | no    | no         |          |""")


def test_study_samples_get_a_visit_by_date_and_routine_samples_none(tmp_path):
    # Delivered on 2015-02-20: day 91 is 2015-05-22, day 136 is 2015-07-06, day 137 is 2015-07-07.
    found = derived(tmp_path, """
        record | on         | kind | result  | log10#
        W      | 2015-02-19 | 1    | 20      |
        W      | 2015-05-20 | 1    | 30      |
        W      | 2015-05-22 | 2    | 5000    |
        W      | 2015-05-22 | 1    | clotted |
        W      | 2015-05-24 | 1    | 40      |
        W      | 2015-07-06 | 1    | 50      |
        W      | 2015-07-07 | 1    | 60      |
        W      | 2015-07-07 |      | 70      |
        X      | 2015-07-07 | 1    | 80      |
        W      | 2018-01-01 | 1    | 90      |""")
    # Two samples lie two days from the target: the earlier is chosen. The routine one never is.
    assert_drawn(found["viral_loads"], """
        date       | day | kind    | visit | chosen | line
        2015-02-19 | -1  | study   |       | no     | 2
        2015-05-20 | 89  | study   | v1    | yes    | 3
        2015-05-22 | 91  | routine |       | no     | 4
        2015-05-22 | 91  | study   | v1    | no     | 5
        2015-05-24 | 93  | study   | v1    | no     | 6
        2015-07-06 | 136 | study   | v1    | no     | 7
        2015-07-07 | 137 | study   | v2    | yes    | 8
        2015-07-07 | 137 |         |       | no     | 9""")
    facts = found.facts()
    assert facts["viral loads: rows of no participant"] == 1
    assert facts["viral loads: rows dated after the cut-off"] == 1
    assert facts["viral loads (study): result not readable"] == 1
    assert facts["viral loads (study): outside every window"] == 1


# Time to a viral load above 1000. Randomised on 2015-03-01 (day 9), windows end on days 136, 273, 456 after delivery.
ABOVE = {
    "the first sample above, on its own day; on the visit clock the window's last day": (
        """record | on         | kind | result | log10#
           W      | 2015-05-22 | 1    | 40     |
           W      | 2015-08-22 | 1    | 1500   |
           W      | 2016-02-20 | 1    | 40     |""", "",
        "174 | 273 | 1 | viraemic | 2015-08-22 | 3"),
    "1000 itself is not above": (
        """record | on         | kind | result | log10#
           W      | 2015-05-22 | 1    | 1000   |""", "",
        "82 | 136 | 0 | not above at the last sample | 2015-05-22 | 2"),
    "a routine sample above counts for nothing": (
        """record | on         | kind | result | log10#
           W      | 2015-05-22 | 1    | 40     |
           W      | 2015-08-22 | 2    | 15000  |""", "",
        "82 | 136 | 0 | not above at the last sample | 2015-05-22 | 2"),
    "a value of unknown side is neither an event nor a negative": (
        """record | on         | kind | result | log10#
           W      | 2015-05-22 | 1    | 40     |
           W      | 2015-08-22 | 1    | <2000  |""", "",
        "82 | 136 | 0 | not above at the last sample | 2015-05-22 | 2"),
    "no sample at all: no time": (
        """record | on         | kind | result | log10#
           W      | 2015-03-01 | 1    | 5000   |""", "",
        "0 | 0 | 0 | no viral load |  | 0"),
    "any sample of the visit counts, not only the one nearest the target": (
        """record | on         | kind | result | log10#
           W      | 2015-05-22 | 1    | 40     |
           W      | 2015-06-22 | 1    | 2000   |""", "",
        "113 | 136 | 1 | viraemic | 2015-06-22 | 3"),
    "death competes on its own day": (
        """record | on         | kind | result | log10#
           W      | 2015-05-22 | 1    | 40     |""",
        "record | on         | why\nW | 2016-01-01 | 2",
        "306 | 456 | 2 | death | 2016-01-01 | 2"),
    "death after the last window: censored at the last negative sample": (
        """record | on         | kind | result | log10#
           W      | 2015-05-22 | 1    | 40     |""",
        "record | on         | why\nW | 2017-01-01 | 2",
        "82 | 136 | 0 | not above at the last sample | 2015-05-22 | 2"),
    "above before death: the event": (
        """record | on         | kind | result | log10#
           W      | 2015-05-22 | 1    | >10000000 |""",
        "record | on         | why\nW | 2015-06-01 | 2",
        "82 | 136 | 1 | viraemic | 2015-05-22 | 2"),
}


@pytest.mark.parametrize("name", ABOVE)
def test_time_to_a_viral_load_above_the_threshold(tmp_path, name):
    blood, ends, expected = ABOVE[name]
    rows = derived(tmp_path, blood, ends)["endpoints"]
    assert_drawn(rows[rows["endpoint"] == "viraemia"], f"time | clock_time | status | reason | date | line\n{expected}")


def test_suppression_at_each_visit_and_threshold_keeps_missing_apart_from_failure(tmp_path):
    people = """record | randomised_on | delivered_on | age#
                A      | 2015-03-01    | 2015-02-20   | 30
                B      | 2015-03-01    | 2015-02-20   | 30
                C      | 2015-03-01    | 2015-02-20   | 30
                D      | 2016-03-01    | 2016-02-20   | 30
                S      |               |              | 30"""
    blood = """record | on         | kind | result | log10#
               A      | 2015-08-22 | 1    | <400   |
               A      | 2016-02-20 | 1    | 40     |
               B      | 2016-02-20 | 1    | 300    |"""
    rows = derived(tmp_path, blood, "record | on | why\nC | 2015-12-24 | 2", people, cutoff="2016-12-31")["endpoints"]
    low = rows[rows["endpoint"] == "low"].sort_values(["visit", "threshold", "record"])
    # D: delivered on 2016-02-20, month 12's window closes on 2017-05-21, after the cut-off. S was never randomised.
    assert_drawn(low, """
        visit | threshold | record | value | observed | due | reason        | line
        v2    | 50        | A      |       | no       | yes | indeterminate | 2
        v2    | 50        | B      |       | no       | yes | no viral load | 0
        v2    | 50        | C      |       | no       | yes | no viral load | 0
        v2    | 50        | D      |       | no       | yes | no viral load | 0
        v2    | 400       | A      | 1     | yes      | yes | suppressed    | 2
        v2    | 400       | B      |       | no       | yes | no viral load | 0
        v2    | 400       | C      |       | no       | yes | no viral load | 0
        v2    | 400       | D      |       | no       | yes | no viral load | 0
        v3    | 50        | A      | 1     | yes      | yes | suppressed    | 3
        v3    | 50        | B      | 0     | yes      | yes | viraemic      | 4
        v3    | 50        | C      |       | no       | yes | dead          | 0
        v3    | 50        | D      |       | no       | no  | not yet due   | 0
        v3    | 400       | A      | 1     | yes      | yes | suppressed    | 3
        v3    | 400       | B      | 1     | yes      | yes | suppressed    | 4
        v3    | 400       | C      |       | no       | yes | dead          | 0
        v3    | 400       | D      |       | no       | no  | not yet due   | 0""")
