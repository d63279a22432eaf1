"""How an expression is read: what stands in brackets, white space and comments, and what is refused with its place."""

from __future__ import annotations

import time

import pytest

from pacer_analysis.logic import LogicError, Reference, parse, parse_arguments
from pacer_analysis.logic.expression import Call, Literal, Today
from tests.spec.logic_values import outcomes, value


def test_references():
    found = parse("[start_arm_1][a(-99)] = '1' and [b] > [ a ] or [c][2] = [start_arm_1][a(-99)] + [x(RXCUI-2393)]").references
    assert found == (Reference("start_arm_1", "a", "-99"), Reference("", "b"), Reference("", "a"), Reference("", "c", instance="2"), Reference("", "x", "RXCUI-2393"))


@pytest.mark.parametrize(("text", "expected"), [
    ("[x(OTH)]", Reference("", "x", "OTH")), ("[X( B05AX03 )]", Reference("", "x", "B05AX03")), ("[x(.5)]", Reference("", "x", ".5")), ("[a b(1)]", None),
    ("[e_arm_1][f][2]", Reference("e_arm_1", "f", instance="2")), ("[f][007]", Reference("", "f", instance="7")), ("[1st_visit_arm_1][f]", Reference("1st_visit_arm_1", "f")),
    ("[f][current-instance]", Reference("", "f", instance="current-instance")), ("[e_arm_1][f(1)][Last-Instance]", Reference("e_arm_1", "f", "1", "last-instance")),
    ("[first-event-name][f]", Reference("first-event-name", "f")), ("[previous-event-name][f(2)][previous-instance]", Reference("previous-event-name", "f", "2", "previous-instance")),
    ("[event-name]", Reference("", "event-name")), ("[record-dag-name]", Reference("", "record-dag-name")), ("[last-instance]", Reference("", "last-instance")),
    ("[f:label]", Reference("", "f", show="label")), ("[f:value]", Reference("", "f")), ("[f(1):label]", Reference("", "f", "1", show="label")),
    ("[survey-link:visit:Click here]", Reference("", "survey-link", show="visit:Click here")), ("[visit_complete]", Reference("", "visit_complete")),
    ("[\n f \t]", Reference("", "f")), ("[f]\n[2]", Reference("", "f", instance="2")),
])
def test_what_stands_in_brackets(text, expected):
    if expected is None:
        with pytest.raises(LogicError, match="at character 1"):
            parse(text)
    else:
        assert parse(text).root == expected


def test_a_reference_is_written_as_it_was_read():
    for text in ("[a]", "[e_arm_1][a(-99)]", "[a][2]", "[e_arm_1][a(OTH)][last-instance]", "[a:label]"):
        assert str(parse(text).root) == text


@pytest.mark.parametrize(("text", "same"), [
    ("[a]='1'or[n]=5", "[a] = '1' or [n] = 5"), ("([a]='1')and([n]=5)", "[a] = '1' and [n] = 5"), ("not([a]=1)", "not [a] = 1"), ("NOT [a]=1 AnD [n]=5 OR [n]=0", "((not [a] = 1) and [n] = 5) or [n] = 0"),
    ("[a]=1 && [n]=5 || ![a]=1", "[a] = 1 and [n] = 5 or not [a] = 1"), ("[a]!=1", "[a]<>1"), ("IF([a]=1,Round(2.5),MAX(1,2))", "if([a] = 1, round(2.5), max(1, 2))"),
    ("[a]\u00a0=\r\n\t1", "[a] = 1"), ("[a] = 1 // [n] = 2\n and [n] = 5", "[a] = 1 and [n] = 5"), ("# what it is for\n[a] = 1", "[a] = 1"), ("[a] /* 'first' */ = /* then\n */ 1", "[a] = 1"),
    ("[a] = '// no # comment /* here */'", '[a] = "// no # comment /* here */"'), ("[a] = \"it's\"", "[a] = \"it's\""), ("'a' = '[b]'", '"a" = "[b]"'),
    ("datediff([d], [e], d)", "datediff([d], [e], 'd', false)"), ("datediff([d], [e], \"M\", \"true\")", "datediff([d], [e], 'M', true)"), ("datediff([d],[e],'y','ymd',TRUE)", "datediff([d], [e], 'y', 1)"),
    ("datediff('today', now, y, mdy)", "datediff(\"today\", 'now', 'y', false)"), ("datediff('01/31/2016', [d], 'd', 'mdy')", "datediff('2016-01-31', [d], 'd')"),
    ("datediff('31-01-2016', [d], 'd', 'dmy', true)", "datediff('2016-01-31', [d], 'd', true)"), ("age_at_date([d], today, 'true')", "age_at_date([d], 'today', true)"),
    ("'NaN'", "''"), ("nan", "''"), ("-2 ^ 2", "-(2 ^ 2)"), ("2 ^ 3 ^ 2", "2 ^ (3 ^ 2)"), ("2 ^ -1", "2 ^ (-1)"), ("1 - 2 - 3", "(1 - 2) - 3"), ("8 / 4 / 2", "(8 / 4) / 2"),
    ("1 + 2 * 3 > 4 or [a] = 1", "((1 + (2 * 3)) > 4) or ([a] = 1)"), ("not [a] = 1 = 2", None), ("1.5e3", "1500"), (".5", "0.5"),
])
def test_two_spellings_of_one_expression(text, same):
    if same is None:
        with pytest.raises(LogicError):
            parse(text)
    else:
        assert parse(text).root == parse(same).root


def test_literals():
    assert parse("02").root == Literal(2.0)
    assert parse("02").root.text == "02"
    assert parse("'02'").root == Literal("02")
    assert parse("true").root == Literal(value=True)
    assert parse("'today'").root == Today("today")
    assert parse("NOW").root == Today("now")
    assert parse("'Today'").root == Literal("Today")
    assert parse("-5").root == Call("negative", (Literal(5.0),))
    assert parse("datediff([d], \"today\", 'd')").uses_today
    assert not parse("[d] = 'todays'").uses_today


@pytest.mark.parametrize(("text", "words"), [
    ("[a] == 1", "character 6"), ("[a", "character 1"), ("(1 + 2", "too early"), ("[a] = 'x' 'y'", "character 11"), ("wrong([a])", "function wrong at character 1"), ("1 + oops(2)", "oops at character 5"),
    ("datediff([a], [b], 'w')", "unit"), ("datediff([a], [b], D)", "unit"), ("datediff([a], [b], [c])", "unit"), ("datediff([a], [b], 'd', 'ydm', true)", "date format"), ("datediff([a], [b], 'd', 2)", "true nor false"), ("[f][0]", "number 1"),
    ("age_at_date([a], [b], 'c')", "true nor false"), ("if([a], 1)", "2 arguments"), ("round()", "0 arguments"), ("abs(1, 2)", "abs at character 1 has 2 arguments"), ("  ", "blank"), ("// nothing", "too early"),
    ("[a][b][c]", "brackets at character 1"), ("1 + [2]", "character 5"), ("[a()] = 1", "character 1"), ("[] = 1", "character 1"), ("[a'b] = 1", "character 1"), ("[e(1)][a]", "event"), ("[a] = 'it''", "character"),
    ("1 = 2 = 3", "character 7"), ("[a] = d", "the word d at character 7"), ("[a] = null", "null"), ("[a] and", "too early"), ("and [a]", "character 1"), ("[a] = 1)", "character 8"), ("sum(1,,2)", "character 7"),
    ("[a] = \u20181\u2019", "curly quotation mark at character 7"), ("[a] =< 1", "character 6"), ("[a] ; 1", "character 5"), ("[a] = 1 /* open", "character 9"), ("[a]] = 1", "character 4"), ("5[a]", "character 2"),
])
def test_what_is_no_expression(text, words):
    with pytest.raises(LogicError) as refused:
        parse(text, "rule 7")
    assert words in str(refused.value)
    assert "rule 7" in str(refused.value)


def test_what_an_action_tag_takes():
    date, number, unit = parse_arguments("[seen], 7 * 2, d")
    assert (date.root, unit.root, number.references) == (Reference("", "seen"), Literal("d"), ())
    assert parse_arguments("'today', -7, 'M'")[2].root == Literal("M")
    with pytest.raises(LogicError, match="character 8"):
        parse_arguments("[seen],,'d'")


def test_a_long_expression_is_read():
    assert value(" or ".join(["[a] = 'x'"] * 300)).value.tolist() == [False, False, False, True]


@pytest.mark.parametrize(("text", "expected"), [
    ("(" * 5000 + "[a] = 'x'" + ")" * 5000, "FFFT"),
    ("if([a] = 1, 1, " * 700 + "0" + ")" * 700, "TFFF"),
    ("not " * 2500 + "[a] = 'x'", "FFFT"),
    ("-" * 9999 + "1 = -1", "TTTT"),
    (" and ".join(["[a] = 'x'"] * 800), "FFFT"),
    ("round(" * 1600 + "2.6" + ")" * 1600 + " = 3", "TTTT"),
    ("[n] + " * 1600 + "0 = 8000", "TFFF"),
])
def test_ten_thousand_characters_and_any_depth(text, expected):
    """Five seconds are far more than is needed: a time that grows with the square of the length would show."""
    assert len(text) > 7000
    started = time.perf_counter()
    assert outcomes(text) == expected
    assert len(parse(text).references) <= 1
    assert time.perf_counter() - started < 5

