"""What operators mean, worked out by hand on the four rows of logic_values: blank, comparison, arithmetic, three values."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from pacer_analysis.logic import evaluate, parse
from pacer_analysis.logic._columns import column
from tests.spec.logic_values import COLUMNS, outcomes, texts


@pytest.mark.parametrize(("text", "expected"), [
    # blank: equal to blank only, never ordered; empty is not 0
    ("[a] = ''", "FTFF"), ("[a] <> ''", "TFTT"), ("[a] <> 0", "TTTT"), ("[n] <> 0", "TTFT"), ("[n] = 0", "FFTF"), ("[n] > -10", "TFTT"), ("[n] <= 0", "FFTT"), ("[d] = \"\"", "FTFF"), ("[n] = ''", "FTFF"),
    ("[n] <= ''", "FFFF"), ("'' >= ''", "FFFF"), ("'' = ''", "TTTT"), ("[n] = [m]", "FTFF"), ("[n] = 'NaN'", "FTFF"), ("not ([n] > 0)", "FTTT"),
    # numbers if both sides are plain numbers, else text with its case
    ("[a] = 2", "FFTF"), ("[a] = '2'", "FFTF"), ("[a] = '2.0'", "FFTF"), ("[a] = 'X'", "FFFF"), ("[a] = 'x'", "FFFT"), ("[a] > 0", "TFTF"), ("[a] != '1'", "FTTT"), ("[n] = '5.0'", "TFFF"), ("[n] = '0.5e1'", "TFFF"),
    ("'10' > '9'", "TTTT"), ("'1 ' = 1", "FFFF"), ("'+1' = 1", "TTTT"), ("'1,5' = 1.5", "FFFF"), ("'1e999' > 1", "FFFF"), ("'b' > 'a'", "TTTT"), ("'B' > 'a'", "FFFF"), ("'10' < '9x'", "FFFF"), ("'9x' > '10x'", "TTTT"),
    ("[a] > 'w'", "FFFT"), ("[a] < 'w'", "FFFF"), ("'\u0661' = 1", "FFFF"),
    # dates are ISO text
    ("[d] >= '2016-01-31'", "TFTF"), ("[d] < [e]", "TFFF"), ("[d] = [e]", "FFTF"), ("[d] = 'soon'", "FFFF"), ("[d] < 'soon'", "FFFF"), ("[d] >= '2016-02-30'", "FFTF"), ("[d] < '10:00'", "FFFF"), ("[t] < '10:00'", "TFFF"), ("[t] > '10:00'", "FFTT"), ("'2016-01-31' = [d]", "TFFF"), ("[d] > 5", "FFFF"), ("[e] > '2016-02-10'", "TFTF"),
    ("[e] = '2016-02-10 12:00'", "TFFF"), ("[e] = '2016-02-10'", "FFFF"), ("[d] = '2016-1-31'", "FFFF"),
    # checkboxes: unticked is '0', and blank too where the column is blank
    ("[box(2)] = '1'", "TFFF"), ("[box(2)] = '0'", "FTTT"), ("[box(2)] = ''", "FFTF"), ("[box(2)] = '0' or [box(2)] = ''", "FTTT"), ("[box(2)] <> ''", "TTFT"), ("[box(2)] <> '0'", "TFFF"), ("[box(2)] <> '1'", "FTTT"),
    ("[box(2)] < 1", "FTTT"), ("[box(2)] + 1 = 1", "FTTT"), ("[box(2)]", "TFFF"), ("not [box(2)]", "FTTT"), ("isblankormissingcode([box(2)])", "FFTF"), ("[box(2)] = [a]", "TFFF"),
    # a missing-data code is its text to = and <>, and blank to order, truth and arithmetic
    ("[m] = ''", "FTFF"), ("[m] <> ''", "TFTT"), ("[m] = 'UNK'", "FFTF"), ("[m] = -99", "FFFT"), ("[m] = '-99.0'", "FFFT"), ("[m] <> '-99'", "TTTF"), ("[m] < 0", "FFFF"), ("[m] > -100", "TFFF"), ("[m] < 'V'", "FFFF"),
    ("[m] = 'unk'", "FFFF"), ("[m] + 0 = 7", "TFFF"), ("[m]", "TFFF"), ("not [m]", "FTTT"), ("[m] + 1 = ''", "FTTT"),
    # and, or, not: or binds loosest, not takes the whole comparison
    ("[a] = 1 AND [n] = 5 oR [a] = 'x'", "TFFT"), ("([a]='1')or([a]='x')", "TFFT"), ("not [a] = 1", "FTTT"), ("NOT([a] = 1) and [n] <> ''", "FFTT"), ("![a]=1", "FTTT"), ("not not [a] = 1", "TFFF"),
    ("[a] = 1\n\tor [a] = 'x' // the rest is a remark", "TFFT"), ("[a] = 1 && [n] = 5 || [a] = 'x'", "TFFT"),
    # a bare value is true if it is neither blank nor 0
    ("[n]", "TFFT"), ("[a]", "TFTT"), ("[d]", "TFTT"), ("0", "FFFF"), ("'0.0'", "FFFF"), ("'no'", "TTTT"), ("true", "TTTT"), ("false or 1", "TTTT"), ("[n] and [a]", "TFFT"), ("([a] = 1) + ([n] = 5) = 2", "TFFF"), ("([a] = 1) = 1", "TFFF"),
])
def test_conditions(text, expected):
    assert outcomes(text) == expected


@pytest.mark.parametrize(("text", "expected"), [
    # what cannot be resolved is not evaluable, unless the other side decides
    ("[nowhere] = 1", "????"), ("[nowhere] = 1 or [a] = 1", "T???"), ("[nowhere] = 1 and [a] = 1", "?FFF"), ("not [nowhere] = 1", "????"), ("[nowhere] = ''", "????"), ("[nowhere] <> 1", "????"),
    ("[a] = 1 or [nowhere] = 1", "T???"), ("[a] = 1 and [nowhere]", "?FFF"), ("[nowhere] or [lost]", "????"), ("[nowhere] and 0", "FFFF"), ("1 or [nowhere]", "TTTT"), ("not ([nowhere] and [a] = 1)", "?TTT"),
    ("[nowhere] + 1 > 0", "????"), ("sum([nowhere], 1) > 0", "????"), ("isblankormissingcode([nowhere])", "????"), ("concat('a', [nowhere]) = 'a'", "????"), ("contains('a', [nowhere])", "????"),
    # if() needs its condition and the branch that it takes
    ("if([a] = 1, [nowhere], 1) = 1", "?TTT"), ("if([nowhere], 1, 1) = 1", "????"), ("if([a] = 1, 1, [nowhere]) = 1", "T???"),
    # the day of evaluation, if there is none
    ("[d] < 'today'", "????"), ("datediff([d], now, 'd') > 1 or [a] = 1", "T???"), ("year(today) > 0", "????"),
])
def test_three_values(text, expected):
    assert outcomes(text) == expected


@pytest.mark.parametrize(("text", "expected"), [
    ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"), ("-2 ^ 2", "-4"), ("(-2) ^ (2)", "4"), ("2 * -3", "-6"), ("7 / 2", "3.5"), ("1 / 0", ""), ("0 / 0", ""), ("2 - 3 - 4", "-5"), ("2 ^ 3 ^ 2", "512"), ("(4)^(3)", "64"), ("(-8) ^ (1 / 3)", ""),
    ("0 ^ -1", ""), ("10 ^ 400", ""), ("+5", "5"), ("--5", "5"), ("-'x'", ""), ("'3' + '4'", "7"), ("'a' + 'b'", ""), ("'' + 1", ""), ("'' * 0", ""), ("5 - ''", ""), ("1 / ''", ""), ("-''", ""), ("0.5 + .25", "0.75"), ("1e3 - 1", "999"),
    ("true + true", "2"), ("(1 = 1) * 5", "5"), ("'2016-01-31' + 1", ""), ("0 - 0", "0"), ("100000000 * 100000000", "1e+16"), ("1 / 4", "0.25"),
])
def test_arithmetic(text, expected):
    assert texts(text) == [expected] * 4


@pytest.mark.parametrize(("text", "expected"), [
    ("[n] + 1", ["6", "", "1", "-1.5"]), ("[a] * 2", ["2", "", "4", ""]), ("[n] / [n]", ["1", "", "", "1"]), ("[a] + [n]", ["6", "", "2", ""]), ("-[n]", ["-5", "", "0", "2.5"]), ("[m] * 2", ["14", "", "", ""]), ("[d] - [e]", [""] * 4),
    ("if([n] > 0, [n] * 2, '')", ["10", "", "", ""]), ("if([n] > 0, 'yes', [a])", ["yes", "", "02", "x"]), ("if([a] = 1, '02', 3)", ["02", "3", "3", "3"]), ("if([a] = 1, [n], [a])", ["5", "", "02", "x"]), ("if([n] > 0, [d], [e])", ["2016-01-31", "2016-01-01", "2016-03-01", ""]),
    ("if([n], 1, 0) + 1", ["2", "1", "1", "2"]), ("if('', 1, 2)", ["2"] * 4), ("if([a] = 1, [n] > 0, 'NaN')", ["1", "", "", ""]), ("if([a] = 1, '1.50', [n] + 0) + 1", ["2.5", "", "1", "-1.5"]), ("if([a] = 1, 5, [m])", ["5", "", "UNK", "-99"]), ("if([a] = 1, 5, [m]) + 1", ["6", "", "", ""]),
])
def test_calculations(text, expected):
    assert texts(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("isblanknotmissingcode(if(1, [m], 1))", "FTFF"), ("ismissingcode(if(1, [m], 1))", "FFTT"), ("if([a] = 1, 1, [m]) = 'UNK'", "FFTF"), ("if([n] > 100, 1, [box(2)]) = ''", "FFTF")])
def test_a_chosen_value_stays_what_it_is(text, expected):
    assert outcomes(text) == expected


def test_today_and_now_are_what_is_given():
    day, moment = dt.date(2016, 2, 1), dt.datetime(2016, 2, 1, 18, 30)  # noqa: DTZ001  # REDCap knows no time zones
    assert texts("datediff([d], 'today', 'd')", day) == ["1", "", "29", "366"]
    assert texts("datediff([d], now, 'h', true)", moment) == ["42.5", "", "-677.5", "8802.5"]
    assert texts("datediff([d], today, 'h', true)", moment) == ["24", "", "-696", "8784"]
    assert texts("'now'", day) == ["2016-02-01"] * 4
    assert texts("'now'", moment) == ["2016-02-01 18:30:00"] * 4
    assert outcomes("[d] <= 'today'", day) == "TFFT"
    assert texts("year('today') + month(today) + dayoftheweek(now)", moment) == ["2019"] * 4      # a Monday in February
    # a code may be called now
    assert evaluate(parse("[when] = 'now'"), lambda _: np.array(["now", "later"], dtype=object), today=day).value.tolist() == [True, False]


def test_columns_of_every_kind():
    columns = {"category": pd.Series(["a", None, "b"], dtype="category"), "truth": np.array([True, False, True]), "whole": np.array([1, 0, 2]), "text": pd.Series(["a", None, np.nan], dtype=object),
               "day": np.array(["1850-01-01", "NaT", "2300-12-31"], dtype="datetime64[s]")}

    def values(text: str) -> list[str]:
        return evaluate(parse(text), lambda reference: columns.get(reference.field)).texts.tolist()

    assert values("[category]") == ["a", "", "b"]
    assert values("[category] = [text]") == ["1", "1", "0"]
    assert values("[truth] = [whole]") == ["1", "1", "0"]
    assert values("[truth] + [whole]") == ["2", "0", "3"]
    assert values("[text] = 'a'") == ["1", "0", "0"]
    assert values("[day]") == ["1850-01-01", "", "2300-12-31"]
    assert values("datediff([day], '1850-01-11', 'd')") == ["10", "", "164713"]
    assert evaluate(parse("[day]"), lambda _: columns["day"]).dates.astype(str).tolist() == ["1850-01-01T00:00:00.000000000", "NaT", "NaT"]


def test_an_expression_without_references_has_as_many_rows_as_asked_for():
    assert len(evaluate(parse("1 = 1"), lambda _: None, rows=3)) == 3
    assert len(evaluate(parse("1 = 1"), lambda _: None)) == 1
    assert evaluate(parse("concat(if(1, 'a', 2), 'b')"), lambda _: None, rows=2).texts.tolist() == ["ab", "ab"]
    assert evaluate(parse("if(1, '02', 2)"), lambda _: None, rows=2).texts.tolist() == ["02", "02"]
    assert evaluate(parse("[a] = 1 and concat([a], [b], 'x') <> '' and [a] + 1 > 2"), lambda _: np.array([], dtype=object), rows=0).value.tolist() == []


@pytest.mark.parametrize(("constant", "value", "text", "before", "after"), [
    ("_texts.CODE_IS_ITS_TEXT", False, "[m] = ''", "FTFF", "FTTT"), ("_texts.CODE_IS_ITS_TEXT", False, "[m] = 'UNK'", "FFTF", "FFTF"),
    ("_texts.CODE_IS_ITS_TEXT", False, "isblanknotmissingcode([m])", "FTFF", "FTFF"), ("_texts.CODE_IS_ITS_TEXT", False, "hasmissingcode([m], 'UNK')", "FFTF", "FFTF"),
    ("_texts.BLANK_BOX_IS_UNTICKED", False, "[box(2)] = '0'", "FTTT", "FTFT"), ("_compare.CASE_SENSITIVE", False, "[a] = 'X'", "FFFF", "FFFT"), ("_compare.CASE_SENSITIVE", False, "[a] <> [name]", "TFTT", "TFTT"),
    ("_compare.ORDERED_WITH_BLANK", True, "[n] < 0", "FFFT", "FTFT"), ("_compare.ORDERED_WITH_ANOTHER_KIND", True, "[a] < 0", "FFFF", "FFFT"), ("_compare.ORDERED_WITH_ANOTHER_KIND", True, "[d] < 'soon'", "FFFF", "TFTT"),
])
def test_each_choice_that_nobody_could_verify_is_one_constant(constant, value, text, before, after, monkeypatch):
    def seen() -> str:
        columns = {**COLUMNS, "m": column(np.array(["7", "", "UNK", "-99"], dtype=object), {"UNK", "-99"})}
        result = evaluate(parse(text), lambda reference: columns.get(f"{reference.field}___{reference.code}" if reference.code else reference.field), rows=4)
        return "".join("T" if true else "F" for true in result.value)

    assert seen() == before
    monkeypatch.setattr(f"pacer_analysis.logic.{constant}", value)
    assert seen() == after
