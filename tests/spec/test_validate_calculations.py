"""REDCap's rule H: what a stored calculation may be, and when nobody can say."""

from __future__ import annotations

import pytest

from pacer_analysis.validate.built_in import check_source
from pacer_analysis.validate.ledger import Ledger
from pacer_analysis.validate.queries import list_queries
from tests.spec.drawn_project import TODAY, Validated, field, project

BEFORE = [field("id", "f"), field("a", "f", validation="number"), field("b", "f", validation="number"), field("day", "f", validation="date_ymd"), field("sex", "f", "radio", "1, F | 2, M")]


def judged(tmp_path, made: dict[str, str], **cells: str) -> tuple[list[tuple[str, ...]], tuple[int, int, int]]:
    """The findings of rule H on one row, and its counts."""
    found = Validated(tmp_path, project(tmp_path, [*BEFORE, made]), [{"id": "1", "sex": "1", **cells}])
    return found.found("rule", "severity", "field"), found.count("calculation")


FAILS = [("calculation", "warning", "c")]


@pytest.mark.parametrize(("calculation", "cells", "expected"), [
    ("[a] + [b]", {"a": "1", "b": "2", "c": "3"}, []),
    ("[a] + [b]", {"a": "1", "b": "2", "c": "4"}, FAILS),
    ("[a] + [b]", {"a": "1", "c": ""}, []),                              # blank, as an operand is
    ("[a] + [b]", {"a": "1", "c": "1"}, FAILS),
    ("[a] / [b]", {"a": "2", "b": "3", "c": "0.66666666666667"}, []),     # as many digits as were stored
    ("[a] / [b]", {"a": "2", "b": "3", "c": "0.67"}, []),                # rounded on the way
    ("[a] / [b]", {"a": "2", "b": "3", "c": "0.66"}, FAILS),             # cut, not rounded: 0.0067 off, half a unit is 0.005
    ("[a] / [b]", {"a": "2", "b": "3", "c": "1"}, FAILS),                # a whole number shows no rounding
    ("[a] / [b]", {"a": "2", "b": "0", "c": ""}, []),
    ("round([a] / [b], 1)", {"a": "4.85", "b": "2", "c": "2.4"}, []),    # 2.425 is no tie
    ("round([a], 1)", {"a": "2.25", "c": "2.3"}, []),                    # half-way: both are roundings of it
    ("round([a], 1)", {"a": "2.25", "c": "2.2"}, []),
    ("round([a], 1)", {"a": "2.25", "c": "2.4"}, FAILS),
    ("round([a])", {"a": "2.5", "c": "2"}, []),
    ("round([a])", {"a": "2.6", "c": "2"}, FAILS),
    ("if([sex]='1', 10, 20)", {"c": "10"}, []),
    ("if([sex]='1', 10, 20)", {"c": "20"}, FAILS),
    ("sum([a], [b])", {"a": "1", "b": "2", "c": "3"}, []),
    ("sum([a], [b])", {"a": "1", "c": "1"}, []),
])
def test_a_calculation(tmp_path, calculation, cells, expected):
    found, counts = judged(tmp_path, field("c", "f", "calc", calculation), **cells)
    assert found == expected
    assert counts == (1, len(expected), 0)


@pytest.mark.parametrize(("calculation", "cells", "reason"), [
    ("datediff([day], 'today', 'd')", {"day": "2019-01-01", "c": "1"}, "the calculation depends on the day on which it was made"),
    ("[a] + [gone]", {"a": "1", "c": "9"}, "[gone]"),
    ("[a] + + )", {"a": "1", "c": "9"}, "the calculation cannot be read"),
    ("sum([a], [b])", {"c": "0"}, "REDCap may take the sum of nothing as 0 or as blank"),
])
def test_a_calculation_that_nobody_can_check(tmp_path, calculation, cells, reason):
    made = project(tmp_path, [*BEFORE, field("c", "f", "calc", calculation)])
    found = Validated(tmp_path, made, [{"id": "1", "sex": "1", **cells}])
    assert found.found("rule", rule="calculation") == []
    assert found.count("calculation")[1:] == (0, 1)
    assert any(reason in each for each in found.ledger.counts["calculation"].reasons)


def test_a_hidden_calculation_is_not_judged(tmp_path):
    found, counts = judged(tmp_path, field("c", "f", "calc", "[a] + 1", branching="[sex] = '2'"), a="1", c="7")
    assert found == []
    assert counts == (0, 0, 0)


@pytest.mark.parametrize(("tags", "validation", "cells", "expected"), [
    ("@CALCTEXT(if([sex]='1', 'woman', 'man'))", "", {"c": "woman"}, []),
    ("@CALCTEXT(if([sex]='1', 'woman', 'man'))", "", {"c": "man"}, FAILS),
    ("@CALCTEXT(if([sex]='2', 'man', ''))", "", {"c": ""}, []),
    ("@CALCTEXT([a] + 1)", "number", {"a": "1", "c": "2.0"}, []),
    ("@CALCTEXT([a] + 1)", "number", {"a": "1", "c": "3"}, FAILS),
    ("@CALCDATE([day], 7, 'd')", "date_ymd", {"day": "2019-12-28", "c": "2020-01-04"}, []),
    ("@CALCDATE([day], 7, 'd')", "date_ymd", {"day": "2019-12-28", "c": "2020-01-05"}, FAILS),
    ("@CALCDATE([day], -7, 'd')", "date_ymd", {"day": "2020-01-04", "c": "2019-12-28"}, []),
    ("@CALCDATE([day], [a], 'd')", "date_dmy", {"day": "2020-01-04", "a": "1", "c": "2020-01-05"}, []),
    ("@CALCDATE([day], [a], 'd')", "date_ymd", {"day": "2020-01-04", "a": "", "c": ""}, []),
    ("@CALCDATE([day], [a], 'd')", "date_ymd", {"day": "2020-01-04", "a": "", "c": "2020-01-04"}, FAILS),
    ("@CALCDATE([day], 7, 'd')", "date_ymd", {"day": "2020-01-04", "c": ""}, FAILS),
    ("@CALCDATE([day], 1, 'y')", "date_ymd", {"day": "2019-01-10", "c": "2020-01-10"}, []),      # 365.2425 days
    ("@CALCDATE([day], 1, 'y')", "date_ymd", {"day": "2019-01-10", "c": "2020-01-13"}, FAILS),
    ("@CALCDATE([day], 2, 'h')", "datetime_ymd", {"day": "2019-01-10", "c": "2019-01-10 02:00"}, []),
    ("@CALCDATE([day], 2, 'h')", "datetime_ymd", {"day": "2019-01-10", "c": "2019-01-10 03:00"}, FAILS),
])
def test_calculated_texts_and_dates(tmp_path, tags, validation, cells, expected):
    found, counts = judged(tmp_path, field("c", "f", tags=tags, validation=validation), **cells)
    assert found == expected
    assert counts == (1, len(expected), 0)


@pytest.mark.parametrize(("tags", "reason"), [
    ("@CALCTEXT(datediff([day], 'today', 'y'))", "the day on which"), ("@CALCDATE('today', 7, 'd')", "the day on which"), ("@CALCDATE([day], 7)", "cannot be read"),
    ("@IF([sex]='1', @CALCTEXT('x'), '')", "under a condition"),
])
def test_calculated_texts_that_nobody_can_check(tmp_path, tags, reason):
    found = Validated(tmp_path, project(tmp_path, [*BEFORE, field("c", "f", tags=tags, validation="date_ymd" if "DATE" in tags else "")]), [{"id": "1", "sex": "1", "c": "2020-01-01"}])
    assert found.found("rule", rule="calculation") == []
    assert found.count("calculation") == (0, 0, 1)
    assert reason in next(iter(found.ledger.counts["calculation"].reasons))


def test_a_missing_data_code_in_place_of_a_calculation_is_not_judged(tmp_path):
    made = project(tmp_path, [*BEFORE, field("c", "f", "calc", "[a] + 1")], settings={"missing_data_codes": "NI, No information"})
    found = Validated(tmp_path, made, [{"id": "1", "sex": "1", "a": "1", "c": "NI"}])
    assert found.found("rule") == [("missing_code",)]


@pytest.mark.parametrize(("made", "cells", "said"), [
    (field("c", "f", "calc", "[a] / [b]"), {"a": "2", "b": "3", "c": "0.5"}, "[a] / [b]; stored 0.5, recomputed 0.6666666667."),
    (field("c", "f", "calc", "[a] + [b]"), {"a": "1", "c": "1"}, "[a] + [b]; stored 1, recomputed blank."),
    (field("c", "f", "calc", "[a] * 1000000"), {"a": "2", "c": ""}, "[a] * 1000000; stored blank, recomputed 2000000."),
    (field("c", "f", tags="@CALCTEXT(if([sex]='1', 'woman', 'man'))"), {"c": "man"}, "if([sex]='1', 'woman', 'man'); stored man, recomputed woman."),
    (field("c", "f", tags="@CALCDATE([day], 7, 'd')", validation="date_ymd"), {"day": "2019-12-28", "c": "2020-01-05"},
     "@CALCDATE([day], 7, 'd'); stored 2020-01-05, recomputed 2020-01-04."),
    (field("c", "f", tags="@CALCDATE([day], 2, 'h')", validation="datetime_ymd"), {"day": "2019-01-10", "c": "2019-01-10 03:00"},
     "@CALCDATE([day], 2, 'h'); stored 2019-01-10 03:00, recomputed 2019-01-10 02:00."),
    # neither an identifier nor what is made of one
    (field("c", "f", "calc", "[a] + 1", identifier="y"), {"a": "1", "c": "7"}, "[a] + 1."),
    (field("c", "f", "calc", "year([born])"), {"born": "1990-05-01", "c": "1991"}, "year([born])."),
    (field("c", "f", tags="@CALCDATE([born], 7, 'd')", validation="date_ymd"), {"born": "1990-05-01", "c": "1990-05-09"}, "@CALCDATE([born], 7, 'd')."),
])
def test_a_finding_says_both_values_unless_they_identify_somebody(tmp_path, made, cells, said):
    fields = [*BEFORE, field("born", "f", validation="date_ymd", identifier="y"), made]
    found = Validated(tmp_path, project(tmp_path, fields), [{"id": "1", "sex": "1", **cells}])
    assert found.found("message", rule="calculation") == [(f"The stored value is not the one that its fields give: {said}",)]


def test_the_sealed_side_says_no_value(tmp_path):
    found = Validated(tmp_path, project(tmp_path, [*BEFORE, field("c", "f", "calc", "[a] + 1")]), [{"id": "1", "a": "1", "c": "7"}])
    sealed = Ledger("sealed_")
    check_source(sealed, found.rows, TODAY)
    assert [query["message"] for query in list_queries(sealed, {}, {}) if query["rule"] == "sealed_calculation"] == ["The stored value is not the one that its fields give: [a] + 1."]


def test_where_most_results_are_wrong_it_is_said_once(tmp_path):
    made = project(tmp_path, [*BEFORE, field("c", "f", "calc", "[a] + 1")])
    rows = [{"id": str(number), "sex": "1", "a": "1", "c": "" if number < 51 else "2"} for number in range(101)]
    assert Validated(tmp_path, made, rows).remarks("calculation") == [("c", "51 rows: The stored value is not the one that its fields give: [a] + 1.")]
    assert len(Validated(tmp_path, made, [*rows, {"id": "x", "sex": "1", "a": "1", "c": "2"}]).found("record", rule="calculation")) == 51       # no more than half
