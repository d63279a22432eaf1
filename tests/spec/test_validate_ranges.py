"""REDCap's rule D: bounds of every kind, both included, and those that cannot be applied."""

from __future__ import annotations

import datetime as dt

import pytest

from pacer_analysis.read import Options
from tests.spec.drawn_project import Validated, field, project

FAILS, PASSES = (1, 1, 0), (1, 0, 0)


def judged(tmp_path, validation: str, low: str, high: str, value: str, *, tags: str = "", kind: str = "text", options: Options | None = None, **cells: str) -> Validated:
    fields = [field("id", "f"), field("day", "f", validation="date_ymd"), field("at", "f", validation="datetime_ymd"), field("n", "f", validation="number"),
              field("v", "f", kind, validation=validation, low=low, high=high, tags=tags)]
    return Validated(tmp_path, project(tmp_path, fields), [{"id": "1", "v": value, **cells}], options=options, day=dt.date(2020, 1, 1))


@pytest.mark.parametrize(("validation", "low", "high", "value", "expected"), [
    ("integer", "10", "20", "10", PASSES), ("integer", "10", "20", "20", PASSES), ("integer", "10", "20", "9", FAILS), ("integer", "10", "20", "21", FAILS),
    ("integer", "", "20", "-5", PASSES), ("integer", "10", "", "1000", PASSES), ("integer", "0.5", "", "0", FAILS),
    ("number", "1.5", "2.5", "1.49", FAILS), ("number", "1.5", "2.5", "2.5", PASSES), ("number", "-1e3", "", "-1001", FAILS),
    ("number_comma_decimal", "1,5", "2,5", "2,6", FAILS), ("number_comma_decimal", "1,5", "2,5", "1,5", PASSES), ("number_comma_decimal", "1.5", "2.5", "1,4", FAILS),
    ("date_mdy", "2015-02-01", "2015-03-01", "2015-02-01", PASSES), ("date_dmy", "2015-02-01", "2015-03-01", "2015-03-02", FAILS),
    ("datetime_ymd", "2015-02-01 10:00", "", "2015-02-01 09:59", FAILS), ("datetime_ymd", "", "2015-02-01", "2015-02-01 23:59", PASSES),
    ("datetime_ymd", "", "2015-02-01", "2015-02-02 00:00", FAILS), ("datetime_seconds_ymd", "", "2015-02-01 10:00:30", "2015-02-01 10:00:31", FAILS),
    ("time", "06:00", "20:00", "5:59", FAILS), ("time", "06:00", "20:00", "6:00", PASSES), ("time", "6:00", "20:00", "20:01", FAILS),
    ("time_hh_mm_ss", "06:00:00", "20:00:00", "20:00:01", FAILS), ("time_hh_mm_ss", "06:00:00", "20:00:00", "20:00:00", PASSES),
    ("time_mm_ss", "00:30", "45:00", "45:01", FAILS), ("time_mm_ss", "00:30", "45:00", "44:59", PASSES), ("time_mm_ss", "00:30", "45:00", "00:29", FAILS),
    ("date_ymd", "", "today", "2020-01-01", PASSES), ("date_ymd", "", "today", "2020-01-02", FAILS), ("date_ymd", "", "'today'", "2020-01-02", FAILS),
    ("datetime_ymd", "", "now", "2020-01-01 23:59", PASSES), ("datetime_ymd", "", "now", "2020-01-02 00:00", FAILS),
])
def test_bounds_of_every_kind(tmp_path, validation, low, high, value, expected):
    found = judged(tmp_path, validation, low, high, value)
    assert found.count("range") == expected
    assert found.found("rule", "severity") == ([("range", "warning")] if expected == FAILS else [])
    assert found.remarks("dictionary") == []        # a bound that was applied is not said to have been left out


def test_a_range_that_the_form_enforces_is_an_error(tmp_path):
    found = judged(tmp_path, "integer", "10", "20", "9", tags="@FORCE-MINMAX")
    assert found.found("rule", "severity", "message") == [("range", "error", "The value is outside the range from 10 to 20.")]


@pytest.mark.parametrize(("validation", "low", "high", "value", "cells", "expected"), [
    ("date_ymd", "[day]", "", "2015-01-31", {"day": "2015-02-01"}, FAILS),
    ("date_ymd", "[day]", "", "2015-02-01", {"day": "2015-02-01"}, PASSES),
    ("date_ymd", "[day]", "", "2015-02-01", {}, PASSES),                              # a blank field bounds nothing
    ("datetime_ymd", "", "[day]", "2015-02-01 10:00", {"day": "2015-02-01"}, PASSES),   # all of the day
    ("datetime_ymd", "", "[day]", "2015-02-02 00:00", {"day": "2015-02-01"}, FAILS),
    ("datetime_ymd", "", "[at]", "2015-02-01 10:01", {"at": "2015-02-01 10:00"}, FAILS),
    ("number", "", "[n]", "5.5", {"n": "5.4"}, FAILS),
    ("number", "", "[n]", "10", {"n": "9"}, FAILS),                                   # as numbers, not as text
    ("number", "", "[n]", "5.5", {"n": "5.5"}, PASSES),
])
def test_a_bound_that_is_another_field(tmp_path, validation, low, high, value, cells, expected):
    found = judged(tmp_path, validation, low, high, value, **cells)
    assert found.count("range") == expected
    assert [each for each in found.remarks("dictionary") if each[0] == "v"] == []


@pytest.mark.parametrize(("validation", "low", "high", "value", "reason"), [
    ("date_ymd", "today", "", "2015-01-01", "a bound is the day of entry"),         # it may have been today's date once
    ("time", "", "now", "23:59", "a bound is the day of entry"),
    ("date_ymd", "", "5/31/00", "2030-01-01", "a bound cannot be read"),
    ("number", "1,0", "", "0", "a bound cannot be read"),
    ("integer", "[gone]", "", "0", "gone"),
    ("integer", "[n", "", "0", "a bound cannot be read"),
    ("date_ymd", "", "2015-02-31", "2030-01-01", "a bound cannot be read"),
])
def test_a_bound_that_cannot_be_applied_is_skipped(tmp_path, validation, low, high, value, reason):
    found = judged(tmp_path, validation, low, high, value)
    assert found.found("rule") == []
    assert found.count("range") == (0, 0, 1)
    assert reason in next(iter(found.ledger.counts["range"].reasons))
    assert [name for name, _ in found.remarks("dictionary")] == ([] if "day of entry" in reason else ["v"])     # said once


@pytest.mark.parametrize(("validation", "low", "high", "value"), [
    ("integer", "20", "10", "15"), ("number", "2.5", "1e0", "2"), ("date_ymd", "2015-03-01", "2015-02-01", "2015-02-15"), ("time", "20:00", "6:00", "7:00"),
    ("time_mm_ss", "45:00", "00:30", "20:00"), ("datetime_ymd", "2015-02-02 10:00", "2015-02-01", "2015-02-01 12:00")])
def test_a_range_that_nothing_lies_in_is_a_finding_on_the_dictionary(tmp_path, validation, low, high, value):
    found = judged(tmp_path, validation, low, high, value)
    assert found.remarks("dictionary") == [("v", "The range is empty, the lower bound is above the upper bound; it was not applied.")]
    assert found.count("range") == (0, 0, 1)
    assert found.found("rule") == []


@pytest.mark.parametrize(("low", "high"), [("10", "10"), ("10", ""), ("[n]", "1"), ("10", "[n]")])
def test_a_range_that_may_hold_something_is_applied(tmp_path, low, high):
    assert judged(tmp_path, "integer", low, high, "10", n="10").remarks("dictionary") == []


def test_one_end_may_be_applied_where_the_other_cannot(tmp_path):
    found = judged(tmp_path, "date_ymd", "2015-01-01", "5/31/00", "2014-12-31")
    assert found.count("range") == (1, 1, 1)


def test_shifted_dates_are_compared_with_each_other_alone(tmp_path):
    shifted = Options(deidentified=True)
    assert judged(tmp_path, "date_ymd", "2015-02-01", "today", "1999-01-01", options=shifted).count("range") == (0, 0, 2)
    assert judged(tmp_path, "date_ymd", "[day]", "", "2015-01-31", options=shifted, day="2015-02-01").count("range") == FAILS
    assert judged(tmp_path, "integer", "1", "", "0", options=shifted).count("range") == FAILS


@pytest.mark.parametrize(("low", "high", "value", "expected"), [("", "", "100", PASSES), ("", "", "101", FAILS), ("", "", "-1", FAILS), ("-1", "101", "101", PASSES), ("-1", "101", "102", FAILS)])
def test_a_slider_goes_from_0_to_100_unless_it_says_otherwise(tmp_path, low, high, value, expected):
    assert judged(tmp_path, "number", low, high, value, kind="slider").count("range") == expected
