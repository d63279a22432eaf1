"""Alive, in care and suppressed at month 12: one woman, one reason."""

from __future__ import annotations

import pytest

from tests.spec.drawing import ENDPOINTS, TRIAL, Derivation, assert_drawn, trial

# Delivered on 2015-02-20: day 365 is 2016-02-20, the window of month 12 is 2015-11-21 to 2016-05-21.
PEOPLE = "record | randomised_on | delivered_on | age#\nW | 2015-03-01 | 2015-02-20 | 30\n"
LOW = "W | 2016-02-25 | 1 | <20 |"
HIGH = "W | 2016-02-25 | 1 | 51 |"
CARE = """record | on         | next
          W      | 2015-03-01 | 2016-01-15
          W      | 2016-01-20 | 2016-04-20"""

CASES = {
    # name: (contacts, sample, end of study, expected: value | observed | reason | date)
    "in care with a viral load below 50": (CARE, LOW, "", "1 | yes | suppressed | 2016-02-25"),
    "50 is not below 50": (CARE, "W | 2016-02-25 | 1 | 50 |", "", "0 | yes | not suppressed | 2016-02-25"),
    "below 400 says nothing at 50": (CARE, "W | 2016-02-25 | 1 | <400 |", "", "0 | no | indeterminate | 2016-02-25"),
    "no viral load in the window": (CARE, "W | 2015-08-22 | 1 | <20 |", "", "0 | no | no viral load | "),
    "dead before day 365": (CARE, LOW, "W | 2016-02-20 | 2", "0 | yes | dead | 2016-02-20"),
    "dead after day 365 with the sample taken before": (CARE, LOW, "W | 2016-03-20 | 2", "1 | yes | suppressed | 2016-02-25"),
    "missed by more than the grace, suppressed all the same: lost": (
        "record | on | next\nW | 2015-03-01 | 2015-11-01", LOW, "", "0 | yes | lost | 2015-11-02"),
    "due on day 365 and not back for 91 days: lost": (
        "record | on | next\nW | 2015-03-01 | 2016-02-20\nW | 2016-05-21 | 2016-06-21", LOW, "", "0 | yes | lost | 2016-02-21"),
    "due on day 365 and back on the 90th day: in care": (
        "record | on | next\nW | 2015-03-01 | 2016-02-20\nW | 2016-05-20 | 2016-06-20", LOW, "", "1 | yes | suppressed | 2016-02-25"),
    "due on day 366, never back: in care on day 365": (
        "record | on | next\nW | 2015-03-01 | 2016-02-21", LOW, "", "1 | yes | suppressed | 2016-02-25"),
    "lost and back in care by day 365: in care": (
        "record | on | next\nW | 2015-03-01 | 2015-04-01\nW | 2016-02-19 | 2016-03-19", LOW, "", "1 | yes | suppressed | 2016-02-25"),
    "lost and back after day 365: lost": (
        "record | on | next\nW | 2015-03-01 | 2015-04-01\nW | 2016-02-21 | 2016-03-21", LOW, "", "0 | yes | lost | 2015-04-02"),
    "transferred with proof: in care without contacts": (
        "record | on | next\nW | 2015-03-01 | 2015-06-01", LOW, "W | 2015-06-10 | 3", "1 | yes | suppressed | 2016-02-25"),
    "transferred without proof": (
        "record | on | next\nW | 2015-03-01 | 2015-06-01", LOW, "W | 2015-06-10 | 4", "0 | yes | transfer without proof | 2015-06-10"),
    "lost long before a transfer without proof": (
        "record | on | next\nW | 2015-03-01 | 2015-06-01", LOW, "W | 2015-12-10 | 4", "0 | yes | lost | 2015-06-02"),
    "transferred without proof and no viral load": (
        "record | on | next\nW | 2015-03-01 | 2015-06-01", "", "W | 2015-06-10 | 4", "0 | no | transfer without proof | 2015-06-10"),
    "due before day 365, dead after it and within the grace: not lost, and alive on day 365": (
        "record | on | next\nW | 2015-03-01 | 2016-02-10", LOW, "W | 2016-04-01 | 2", "1 | yes | suppressed | 2016-02-25"),
    "due before day 365, dead after the grace: lost": (
        "record | on | next\nW | 2015-03-01 | 2016-02-10", LOW, "W | 2016-05-11 | 2", "0 | yes | lost | 2016-02-11"),
    "due before day 365, transferred without proof after it and within the grace: in care on day 365": (
        "record | on | next\nW | 2015-03-01 | 2016-02-10", LOW, "W | 2016-04-01 | 4", "1 | yes | suppressed | 2016-02-25"),
    "no contact ever": ("", HIGH, "", "0 | yes | lost | 2015-03-02"),
}


def derived(tmp_path, contacts, sample, end, cutoff="2017-12-31", people=PEOPLE):
    tables = {"people": people} | ({"pharmacy": contacts} if contacts else {})
    tables["blood"] = f"record | on | kind | result | log10#\nX | 2015-01-01 | 1 | 1 |\n{sample}"
    tables |= {"ends": f"record | on | why\n{end}"} if end else {}
    rows = Derivation(tmp_path / "run", trial(tmp_path / "plan", TRIAL, ENDPOINTS), cutoff, tables)["endpoints"]
    return rows[rows["endpoint"] == "success"]


@pytest.mark.parametrize("name", CASES)
def test_success_at_month_12(tmp_path, name):
    contacts, sample, end, expected = CASES[name]
    assert_drawn(derived(tmp_path, contacts, sample, end), f"value | observed | reason | date\n{expected}")


@pytest.mark.parametrize(("cutoff", "expected"), [("2016-05-20", "| no | no | not yet due"), ("2016-05-21", "1 | yes | yes | suppressed")])
def test_before_the_window_has_closed_nothing_is_due_whatever_is_known(tmp_path, cutoff, expected):
    assert_drawn(derived(tmp_path, CARE, LOW, "", cutoff), f"value | observed | due | reason\n{expected}")


def test_the_row_says_which_record_decided(tmp_path):
    assert_drawn(derived(tmp_path / "1", CARE, LOW, ""), "rule | source | line | visit | threshold\nsuccess_at_visit | blood | 3 | v3 | 50")
    assert_drawn(derived(tmp_path / "2", CARE, LOW, "W | 2015-06-01 | 2"), "source | line\nends | 2")
    assert_drawn(derived(tmp_path / "3", "record | on | next\nW | 2015-03-01 | 2015-11-01", LOW, ""), "source | line\npharmacy | 2")


def test_without_a_date_of_delivery_there_is_no_month_12_and_no_success(tmp_path):
    people = PEOPLE.replace("2015-02-20", "")
    assert_drawn(derived(tmp_path, CARE, LOW, "", people=people), "value | observed | due | reason\n0 | no | yes | no origin")


def test_care_that_nobody_can_judge_is_in_care_unless_shown_to_be_lost(tmp_path):
    contacts = "record | on | next\nW | 2015-03-01 | 2015-04-01\nW | 2015-04-01 |"
    assert_drawn(derived(tmp_path, contacts, LOW, ""), "value | observed | reason\n1 | yes | suppressed")
