"""What an expression means: each line is an expression and its value on the rows drawn above it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from pacer_analysis.logic import LogicError, Reference, evaluate, parse

# Four rows: a text field with a blank, a number with a blank, a date with a blank, a ticked box, an unticked one, no box.
COLUMNS = {
    "a": np.array(["1", "", "02", "x"], dtype=object),
    "n": pd.Series([5.0, np.nan, 0.0, -2.5]),
    "d": pd.to_datetime(pd.Series(["2016-01-31", None, "2016-03-01", "2015-01-31"])),
    "e": pd.to_datetime(pd.Series(["2016-02-10 12:00", "2016-01-01", "2016-03-01", None]), format="ISO8601"),
    "box___2": np.array(["1", "0", "", "0"], dtype=object),
}


def value(text: str, today: dt.date | None = None):
    def look_up(reference: Reference):
        return COLUMNS.get(f"{reference.field}___{reference.code}" if reference.code else reference.field)

    return evaluate(parse(text), look_up, today=today, rows=4)


def outcomes(text: str) -> str:
    """T true, F false, ? not evaluable, for each row."""
    result = value(text)
    return "".join("?" if not known else "T" if true else "F" for true, known in zip(result.value, result.known, strict=True))


@pytest.mark.parametrize(("text", "expected"), [
    # blank: equal to blank only, never ordered
    ("[a] = ''", "FTFF"), ("[a] <> ''", "TFTT"), ("[a] <> 0", "TTTT"), ("[n] <> 0", "TTFT"), ("[n] > -10", "TFTT"), ("[n] <= 0", "FFTT"), ("[d] = \"\"", "FTFF"),
    # numbers if both sides are plain numbers, else text with its case
    ("[a] = 2", "FFTF"), ("[a] = '2'", "FFTF"), ("[a] = 'X'", "FFFF"), ("[a] = 'x'", "FFFT"), ("[a] > 0", "TFTF"), ("[a] != '1'", "FTTT"), ("[n] = '5.0'", "TFFF"),
    # dates
    ("[d] >= '2016-01-31'", "TFTF"), ("[d] < [e]", "TFFF"), ("[d] = [e]", "FFTF"), ("[d] = 'soon'", "FFFF"), ("'2016-01-31' = [d]", "TFFF"), ("[d] > 5", "FFFF"),
    # checkboxes
    ("[box(2)] = '1'", "TFFF"), ("[box(2)] = '0'", "FTFT"), ("[box(2)] = ''", "FFTF"), ("[box(2)] = '0' or [box(2)] = ''", "FTTT"),
    # and, or, not: any case, no space needed, or binds loosest, not takes the whole comparison
    ("[a] = 1 AND [n] = 5 oR [a] = 'x'", "TFFT"), ("([a]='1')or([a]='x')", "TFFT"), ("not [a] = 1", "FTTT"), ("NOT([a] = 1) and [n] <> ''", "FFTT"),
    ("[a] = 1\n\tor [a] = 'x' // the rest is a remark", "TFFT"), ("[a] = 1 && [n] = 5 || [a] = 'x'", "TFFT"),
    # what cannot be resolved is not evaluable, unless the other side decides
    ("[nowhere] = 1", "????"), ("[nowhere] = 1 or [a] = 1", "T???"), ("[nowhere] = 1 and [a] = 1", "?FFF"), ("not [nowhere] = 1", "????"), ("if([a] = 1, [nowhere], 1) = 1", "?TTT"),
    # a bare value is true if it is neither blank nor 0
    ("[n]", "TFFT"), ("[box(2)]", "TFFF"),
    # functions that give a truth
    ("isnumber([a])", "TFTF"), ("isblankormissingcode([n])", "FTFF"), ("contains([a], 'X')", "FFFT"), ("isinteger([n])", "TFTF"),
])
def test_conditions(text, expected):
    assert outcomes(text) == expected


@pytest.mark.parametrize(("text", "expected"), [
    ("1 + 2 * 3", ["7"] * 4), ("(1 + 2) * 3", ["9"] * 4), ("-2 ^ 2", ["-4"] * 4), ("2 * -3", ["-6"] * 4), ("7 / 2", ["3.5"] * 4), ("1 / 0", [""] * 4), ("2 - 3 - 4", ["-5"] * 4),
    ("[n] + 1", ["6", "", "1", "-1.5"]), ("[a] * 2", ["2", "", "4", ""]), ("sum([n], [a])", ["6", "", "2", "-2.5"]), ("mean([n], 1)", ["3", "1", "0.5", "-0.75"]),
    ("max([n], 0)", ["5", "0", "0", "0"]), ("min([n], [a])", ["1", "", "0", "-2.5"]), ("round([n] / 2, 0)", ["3", "", "0", "-1"]), ("rounddown(-2.5)", ["-2"] * 4),
    ("roundup(2.1)", ["3"] * 4), ("round(2.345, 2)", ["2.35"] * 4), ("abs([n])", ["5", "", "0", "2.5"]), ("if([n] > 0, [n] * 2, '')", ["10", "", "", ""]), ("if([n] > 0, 'yes', [a])", ["yes", "", "02", "x"]),
    ("datediff([d], '2016-03-01', 'd')", ["30", "", "0", "395"]), ("datediff('2016-03-01', [d], 'd', true)", ["-30", "", "0", "-395"]), ("datediff([d], [e], 'h', true)", ["252", "", "0", ""]),
    ("datediff('2016-03-01', [d], \"d\", \"ymd\", true)", ["-30", "", "0", "-395"]), ("datediff('2015-01-01', '2016-01-01', 'y') * 365.2425", ["365"] * 4), ("datediff('2015-01-01', '2015-01-31', 'M') * 30.44", ["30"] * 4),
    ("year([d])", ["2016", "", "2016", "2015"]),
])
def test_calculations(text, expected):
    result = value(text)
    numbers = [float(each) if each.replace(".", "").replace("-", "").isdigit() else each for each in result.texts]
    assert numbers == [pytest.approx(float(each)) if each.replace(".", "").replace("-", "").isdigit() else each for each in expected]
    assert result.known.all()


def test_today_is_the_day_that_is_given():
    assert value("datediff([d], 'today', 'd')", dt.date(2016, 2, 1)).texts.tolist() == ["1", "", "29", "366"]
    assert not value("datediff([d], 'today', 'd')").known.any()
    assert parse("datediff([d], \"today\", 'd')").uses_today
    assert not parse("[d] = 'todays'").uses_today


def test_references():
    found = parse("[start_arm_1][a(-99)] = '1' and [b] > [ a ] or [c][2] = [start_arm_1][a(-99)] + [x(RXCUI-2393)]").references
    assert found == (Reference("start_arm_1", "a", "-99"), Reference("", "b"), Reference("", "a"), Reference("", "c", instance="2"), Reference("", "x", "RXCUI-2393"))


@pytest.mark.parametrize(("text", "words"), [
    ("[a] == 1", "character 6"), ("[a", "character 1"), ("(1 + 2", "too early"), ("[a] = 'x' 'y'", "character 11"), ("wrong([a])", "function wrong"), ("datediff([a], [b], 'w')", "unit"),
    ("if([a], 1)", "2 arguments"), ("  ", "blank"), ("[a][b][c]", "brackets"), ("[a] = 'it''", "character"), ("1 = 2 = 3", "character 7"),
])
def test_what_is_no_expression(text, words):
    with pytest.raises(LogicError) as refused:
        parse(text, "rule 7")
    assert words in str(refused.value)
    assert "rule 7" in str(refused.value)



def test_a_long_expression_is_read():
    assert value(" or ".join(["[a] = 'x'"] * 300)).value.tolist() == [False, False, False, True]
