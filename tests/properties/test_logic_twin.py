"""Two ways to the same value: whole columns at once, and one row after the other with Python's own values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pacer_analysis.logic import evaluate, parse
from pacer_analysis.logic._columns import column
from tests.properties.logic_slowly import BLANK, UNANSWERED, UNKNOWN, Cell, number, slow, true, word, written

MISSING = ("UNK", "-99")
TEXTS = ["", "0", "1", "01", "2", "2.0", "-99", "x", "X", "1e1", "2016-01-31", "2016-02-30", "Ab c ", "žx"]
NAMED = ["", "1", "x", *MISSING]
NUMBERS = [None, 0.0, 1.0, 2.0, -3.5, 10.0, 0.285]
DATES = [None, "2016-01-31", "2016-02-29", "2015-12-31", "2016-02-29 13:30"]
BOXES = ["", "0", "1"]
POOLS = {"[t]": TEXTS, "[u]": TEXTS, "[n]": NUMBERS, "[m]": NUMBERS, "[d]": DATES, "[e]": DATES, "[c]": NAMED, "[b(1)]": BOXES}
ROWS = st.lists(st.tuples(*map(st.sampled_from, POOLS.values())), min_size=1, max_size=6)


def literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else repr(value)


def calls(names: str, *operands: st.SearchStrategy) -> st.SearchStrategy:
    return st.tuples(st.sampled_from(names.split()), *operands)


LEAVES = st.one_of(st.sampled_from([*POOLS, "[lost]"]), st.sampled_from(TEXTS).map(literal), st.sampled_from([0, 1, 2, 10, 0.5]).map(literal))
COMPARED = st.tuples(st.sampled_from(["=", "<>", "<", ">", "<=", ">="]), LEAVES, LEAVES)
# Text is made of text and of numbers as they stand: of a calculated number two ways of calculating may give another last digit.
WORDS = st.recursive(LEAVES, lambda inner: st.one_of(
    calls("left right", inner, inner), calls("mid", inner, inner, inner), calls("trim upper lower", inner), calls("replace_text", inner, inner, inner), calls("concat concat_ws", inner, inner, inner),
    calls("if", COMPARED, inner, inner),
), max_leaves=4)
VALUES = st.recursive(st.one_of(LEAVES, WORDS, calls("length", WORDS), calls("find", WORDS, WORDS)), lambda inner: st.one_of(
    calls("+ - * /", inner, inner), calls("negative", inner), calls("if", COMPARED, inner, inner),
    st.tuples(st.just("datediff"), inner, inner, st.sampled_from(["d", "h", "y", "M", "m", "s"]), st.booleans()), calls("age_at_date", inner, inner), calls("year month day dayoftheweek", inner),
    calls("round roundup rounddown", inner), calls("round roundup rounddown", inner, st.sampled_from(["0", "1", "2", "-1", "'x'"])), calls("abs sqrt log", inner), calls("mod", inner, inner),
    calls("sum min max mean median stdev", inner, inner, inner),
), max_leaves=5)
CONDITIONS = st.recursive(st.one_of(
    COMPARED, st.tuples(st.sampled_from(["=", "<>", "<", ">", "<=", ">="]), VALUES, VALUES), calls("isnumber isinteger isblankormissingcode isblanknotmissingcode ismissingcode", VALUES),
    calls("contains not_contain starts_with ends_with", WORDS, WORDS), calls("hasmissingcode", LEAVES, st.sampled_from(["'UNK'", "'NI,-99'"])),
), lambda inner: st.one_of(calls("and or", inner, inner), calls("not", inner), calls("if", inner, inner, inner)), max_leaves=4)


def fast(node, rows: list[tuple]):
    columns = dict(zip(POOLS, zip(*rows, strict=True), strict=True))
    there = {"t": np.array(columns["[t]"], dtype=object), "u": pd.Series(columns["[u]"], dtype=object).astype("category"), "c": column(np.array(columns["[c]"], dtype=object), MISSING)}
    there |= {name: pd.Series(columns[f"[{name}]"], dtype="float64") for name in "nm"}
    there |= {name: pd.to_datetime(pd.Series(columns[f"[{name}]"], dtype=object), format="ISO8601") for name in "de"}
    there["b"] = np.array(columns["[b(1)]"], dtype=object)
    return evaluate(parse(written(node)), lambda reference: there.get(reference.field), rows=len(rows))


def as_rows(rows: list[tuple]) -> list[dict[str, object]]:
    def one(name: str, value: object) -> object:
        if name == "[c]" and value in MISSING:
            return Cell(value, missing=True)
        return UNANSWERED if name == "[b(1)]" and value == "" else BLANK if value is None else value

    return [{name: one(name, value) for name, value in zip(POOLS, row, strict=True)} | {"[lost]": UNKNOWN} for row in rows]


# Every text with every other, and each of the other values several times.
EVERY_ROW = [(text, other, *(pool[(place + step) % len(pool)] for place, pool in enumerate(list(POOLS.values())[2:])))
             for step, (text, other) in enumerate((text, other) for text in TEXTS for other in TEXTS)]


@pytest.mark.parametrize("name", ["=", "<>", "<", ">", "<=", ">="])
@pytest.mark.parametrize("left", ["[t]", "[n]", "[d]", "[c]", "[b(1)]"])
@pytest.mark.parametrize("right", ["[u]", "[m]", "[e]", "[c]", "[b(1)]", "'2'", "'x'", "''", "'UNK'", "'2016-01-31'", "2", "0"])
def test_every_comparison_of_every_kind_agrees(left, name, right):
    for node in ((name, left, right), (name, right, left)):
        result = fast(node, EVERY_ROW)
        assert result.value.tolist() == [true(slow(node, row)) for row in as_rows(EVERY_ROW)], written(node)


@settings(max_examples=400, deadline=None)
@given(CONDITIONS, ROWS)
def test_conditions_agree(node, rows):
    result = fast(node, rows)
    expected = [slow(node, row) for row in as_rows(rows)]
    assert [bool(known) for known in result.known] == [value is not UNKNOWN for value in expected], written(node)
    assert [bool(value) for value in result.value] == [true(value) for value in expected], written(node)


@settings(max_examples=600, deadline=None)
@given(VALUES, ROWS)
def test_values_agree(node, rows):
    result = fast(node, rows)
    texts = result.texts
    for place, value in enumerate(slow(node, row) for row in as_rows(rows)):
        assert bool(result.known[place]) == (value is not UNKNOWN), written(node)
        if value is UNKNOWN:
            continue
        expected = number(value)
        if expected is None:
            assert np.isnan(result.numbers[place]), written(node)
            assert texts[place] == word(value), written(node)
        else:
            assert np.isclose(result.numbers[place], expected, rtol=1e-9, atol=1e-9), written(node)
