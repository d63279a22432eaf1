"""Two ways to the same value: whole columns at once, and one row after the other with Python's own values."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pacer_analysis.logic import evaluate, parse

NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
UNKNOWN = object()      # what cannot be resolved
BLANK = ""

TEXTS = ["", "0", "1", "01", "2", "2.0", "-99", "x", "X", "1e1", "2016-01-31", "2016-02-30"]
NUMBERS = [None, 0.0, 1.0, 2.0, -3.5, 10.0]
DATES = [None, "2016-01-31", "2016-02-01", "2015-12-31"]
ROWS = st.lists(st.tuples(*[st.sampled_from(pool) for pool in (TEXTS, TEXTS, NUMBERS, NUMBERS, DATES, DATES)]), min_size=1, max_size=6)
FIELDS = ("t", "u", "n", "m", "d", "e")


def literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else repr(value)


LEAVES = st.one_of(st.sampled_from([f"[{name}]" for name in (*FIELDS, "lost")]), st.sampled_from(TEXTS).map(literal), st.sampled_from([0, 1, 2, 10, 0.5]).map(literal))
VALUES = st.recursive(LEAVES, lambda inner: st.one_of(
    st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(lambda part: ("op", *part)),
    inner.map(lambda part: ("neg", part)),
    st.tuples(inner, inner, st.sampled_from(["d", "h", "y", "M"]), st.booleans()).map(lambda part: ("datediff", *part)),
    st.tuples(inner, inner).map(lambda part: ("sum", *part)),
), max_leaves=4)
OPERATORS = st.sampled_from(["=", "<>", "!=", "<", ">", "<=", ">="])
# Plain comparisons first: among deep expressions they would be rare.
COMPARED = st.one_of(st.tuples(LEAVES, OPERATORS, LEAVES), st.tuples(VALUES, OPERATORS, VALUES)).map(lambda part: ("op", *part))
CONDITIONS = st.recursive(COMPARED, lambda inner: st.one_of(
    st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda part: ("op", *part)),
    inner.map(lambda part: ("not", part)),
    st.tuples(inner, inner, inner).map(lambda part: ("op", ("if", *part), "=", "1")),
), max_leaves=4)


def written(node) -> str:
    """The expression as text, every operation in parentheses."""
    if isinstance(node, str):
        return node
    kind, *parts = node
    if kind == "op":
        return f"({written(parts[0])} {parts[1]} {written(parts[2])})"
    if kind == "neg":
        return f"(-{written(parts[0])})"
    if kind == "not":
        return f"(not {written(parts[0])})"
    if kind == "datediff":
        return f"datediff({written(parts[0])}, {written(parts[1])}, '{parts[2]}', {str(parts[3]).lower()})"
    return f"{kind}({', '.join(written(part) for part in parts)})"


def number(value: object) -> float | None:
    """The plain number that a value is."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, float):
        return value
    return float(value) if isinstance(value, str) and NUMBER.fullmatch(value) else None


def date(value: object) -> dt.datetime | None:
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return dt.datetime.fromisoformat(value)
        except ValueError:
            return None
    return None


def true(value: object) -> bool:
    return value is not UNKNOWN and value != BLANK and number(value) != 0


def compared(left: object, name: str, right: object) -> object:
    if UNKNOWN in (left, right):
        return UNKNOWN
    if BLANK in (left, right):
        same = left == right == BLANK
        return same if name == "=" else not same if name in {"<>", "!="} else False
    if isinstance(left, dt.datetime) or isinstance(right, dt.datetime):
        a, b = date(left), date(right)
    elif number(left) is not None or number(right) is not None:
        a, b = number(left), number(right)
    else:
        a, b = left, right
    if a is None or b is None:
        return name in {"<>", "!="}
    return {"=": a == b, "<>": a != b, "!=": a != b, "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[name]


def arithmetic(left: object, name: str, right: object) -> object:
    if UNKNOWN in (left, right):
        return UNKNOWN
    a, b = number(left), number(right)
    if a is None or b is None or (name == "/" and b == 0):
        return BLANK
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[name]()


def slow(node, row: dict[str, object]) -> object:
    """The value of an expression on one row."""
    if isinstance(node, str):
        return row[node[1:-1]] if node.startswith("[") else node[1:-1] if node.startswith("'") else float(node)
    kind, *parts = node
    if kind == "op" and parts[1] in {"and", "or"}:
        sides = [slow(part, row) for part in (parts[0], parts[2])]
        decides = parts[1] == "or"
        if any(side is not UNKNOWN and true(side) == decides for side in sides):
            return decides
        return UNKNOWN if UNKNOWN in sides else not decides
    values = [slow(part, row) for part in parts if not (isinstance(part, bool) or (isinstance(part, str) and (part in {"+", "-", "*", "/", "=", "<>", "!=", "<", ">", "<=", ">="} or (len(part) == 1 and part.isalpha()))))]
    if kind == "op":
        return arithmetic(values[0], parts[1], values[1]) if parts[1] in {"+", "-", "*", "/"} else compared(values[0], parts[1], values[1])
    if kind == "if":
        return UNKNOWN if values[0] is UNKNOWN else values[1] if true(values[0]) else values[2]
    if UNKNOWN in values:
        return UNKNOWN
    if kind == "not":
        return not true(values[0])
    if kind == "neg":
        return BLANK if number(values[0]) is None else -number(values[0])
    if kind == "sum":
        numbers = [number(value) for value in values if number(value) is not None]
        return sum(numbers) if numbers else BLANK
    first, second = date(values[0]), date(values[1])
    if first is None or second is None:
        return BLANK
    days = (second - first).total_seconds() / 86400
    result = days * {"d": 1, "h": 24, "y": 1 / 365.2425, "M": 1 / 30.44}[parts[2]]
    return result if parts[3] else abs(result)


def fast(node, rows: list[tuple]):
    columns = dict(zip(FIELDS, zip(*rows, strict=True), strict=True))
    given_columns = {"t": np.array(columns["t"], dtype=object), "u": pd.Series(columns["u"], dtype=object).astype("category")}
    given_columns |= {name: pd.Series(columns[name], dtype="float64") for name in "nm"}
    given_columns |= {name: pd.to_datetime(pd.Series(columns[name], dtype=object)) for name in "de"}
    return evaluate(parse(written(node)), lambda reference: given_columns.get(reference.field), rows=len(rows))


def as_rows(rows: list[tuple]) -> list[dict[str, object]]:
    def one(name: str, value: object) -> object:
        return BLANK if value is None else dt.datetime.fromisoformat(value) if name in "de" else value

    return [{name: one(name, value) for name, value in zip(FIELDS, row, strict=True)} | {"lost": UNKNOWN} for row in rows]


EVERY_ROW = [(text, other, amount, 1.0, day, "2016-01-31") for text in TEXTS for other in TEXTS for amount, day in zip(NUMBERS, [*DATES, None, None], strict=True)]


@pytest.mark.parametrize("name", ["=", "<>", "<", ">", "<=", ">="])
@pytest.mark.parametrize("left", ["[t]", "[n]", "[d]"])
@pytest.mark.parametrize("right", ["[u]", "[m]", "[e]", "'2'", "'x'", "''", "'2016-01-31'", "2"])
def test_every_comparison_of_every_kind_agrees(left, name, right):
    for node in (("op", left, name, right), ("op", right, name, left)):
        result = fast(node, EVERY_ROW)
        expected = [true(slow(node, row)) for row in as_rows(EVERY_ROW)]
        assert result.value.tolist() == expected, written(node)


@settings(max_examples=300, deadline=None)
@given(CONDITIONS, ROWS)
def test_conditions_agree(node, rows):
    result = fast(node, rows)
    expected = [slow(node, row) for row in as_rows(rows)]
    assert [bool(known) for known in result.known] == [value is not UNKNOWN for value in expected], written(node)
    assert [bool(value) for value in result.value] == [true(value) for value in expected], written(node)


@settings(max_examples=200, deadline=None)
@given(VALUES, ROWS)
def test_calculations_agree(node, rows):
    result = fast(node, rows)
    for place, value in enumerate(slow(node, row) for row in as_rows(rows)):
        assert bool(result.known[place]) == (value is not UNKNOWN), written(node)
        if value is not UNKNOWN:
            expected = number(value)
            assert np.isnan(result.numbers[place]) if expected is None else np.isclose(result.numbers[place], expected, rtol=1e-12, atol=0), written(node)
