"""The meaning of an expression on one row, with Python's own values: the slow twin of the evaluator, which works on whole columns."""

from __future__ import annotations

import datetime as dt
import math
import re
import statistics
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Any

NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?")
UNKNOWN = object()      # what cannot be resolved
BLANK = ""
SECONDS = {"y": 365.2425 * 86400, "M": 30.44 * 86400, "d": 86400, "h": 3600, "m": 60, "s": 1}
INFIX = frozenset({"+", "-", "*", "/", "=", "<>", "<", ">", "<=", ">=", "and", "or"})
COMPARISONS = frozenset({"=", "<>", "<", ">", "<=", ">="})


@dataclass(frozen=True)
class Cell:
    """A missing-data code, which is a text to = and <> and to functions of text and blank to all else; or a box without an answer, '0' and ''."""

    text: str
    missing: bool


UNANSWERED = Cell("0", missing=False)


def is_missing(value: Any) -> bool:
    return isinstance(value, Cell) and value.missing


def word(value: Any) -> str:
    """A value as text."""
    if isinstance(value, Cell):
        return value.text
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    return value


def words(value: Any) -> tuple[str, ...]:
    """Every text that a value equals."""
    return ("0", BLANK) if value is UNANSWERED else (word(value),)


def plain(text: str) -> float | None:
    """The plain number that a text is; one that no float can hold is none."""
    return float(text) if NUMBER.fullmatch(text) and math.isfinite(float(text)) else None


def number(value: Any) -> float | None:
    """The number that a value is in a calculation."""
    return None if is_missing(value) else plain(word(value))


def moment(value: Any) -> dt.datetime | None:
    text = word(value)
    if is_missing(value) or not DATE.fullmatch(text):
        return None
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def blank(value: Any) -> bool:
    return BLANK in words(value)


def true(value: Any) -> bool:
    return value is not UNKNOWN and not blank(value) and not is_missing(value) and number(value) != 0


def given(result: float) -> Any:
    """A result that is a finite number, else blank."""
    return float(result) if isinstance(result, int | float) and math.isfinite(result) else BLANK


def compared(left: Any, name: str, right: Any) -> bool:
    if name in {"=", "<>"}:
        same = any(one == other or (plain(one) is not None and plain(one) == plain(other)) for one in words(left) for other in words(right))
        return same if name == "=" else not same
    texts = word(left), word(right)
    if "" in texts or is_missing(left) or is_missing(right):
        return False
    kinds = [("number" if plain(text) is not None else "date" if DATE.fullmatch(text) else "text") for text in texts]
    if kinds[0] != kinds[1]:
        return False
    a, b = (plain(texts[0]), plain(texts[1])) if kinds[0] == "number" else texts
    return {"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[name]


def arithmetic(left: Any, name: str, right: Any) -> Any:
    a, b = number(left), number(right)
    if a is None or b is None or (name == "/" and b == 0):
        return BLANK
    return given({"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[name]())


def rounded(mode: str, value: Any, digits: Any = 0.0) -> Any:
    size, places = number(value), number(digits)
    if size is None or places is None or places != int(places) or abs(places) > 20:
        return BLANK
    return float(Decimal(f"{size:.15g}").quantize(Decimal(1).scaleb(-int(places)), rounding=mode))


def on_numbers(function: Any, *values: Any) -> Any:
    numbers = [number(value) for value in values]
    if None in numbers:
        return BLANK
    try:
        return given(function(*numbers))
    except (ValueError, ZeroDivisionError, OverflowError):
        return BLANK


def of_numbers(function: Any, *values: Any) -> Any:
    numbers = [found for value in values if (found := number(value)) is not None]
    return given(function(numbers)) if numbers else BLANK


def mean(numbers: list[float]) -> float:
    """The sum from left to right, divided: as columns are summed, to the last digit."""
    return sum(numbers) / len(numbers)


def deviation(numbers: list[float]) -> float:
    squares = [(each - mean(numbers)) * (each - mean(numbers)) for each in numbers]
    return math.sqrt(sum(squares) / (len(numbers) - 1)) if len(numbers) > 1 else math.nan


def datediff(first: Any, second: Any, unit: str, signed: bool) -> Any:
    a, b = moment(first), moment(second)
    if a is None or b is None:
        return BLANK
    size = (b - a).total_seconds() / SECONDS[unit]
    return size if signed else abs(size)


def age(first: Any, second: Any) -> Any:
    born, day = moment(first), moment(second)
    if born is None or day is None or day.date() < born.date():
        return BLANK
    return float(day.year - born.year - ((day.month, day.day) < (born.month, born.day)))


def of_date(part: str, value: Any) -> Any:
    found = moment(value)
    return BLANK if found is None else float(found.isoweekday() if part == "dayoftheweek" else getattr(found, part))


def letters(value: Any) -> int:
    """How many letters a value asks for, 0 if it is none."""
    found = number(value)
    return 0 if found is None else max(int(found), 0)


def middle(text: Any, start: Any, count: Any) -> str:
    first = letters(start)
    return word(text)[first - 1:first - 1 + letters(count)] if first else ""


def found_at(needle: Any, text: Any) -> float:
    return float(word(text).lower().find(word(needle).lower()) + 1) if word(needle) else 0.0


FUNCTIONS: dict[str, Any] = {
    "round": lambda *values: rounded(ROUND_HALF_UP, *values), "roundup": lambda *values: rounded(ROUND_UP, *values), "rounddown": lambda *values: rounded(ROUND_DOWN, *values),
    "abs": lambda value: on_numbers(abs, value), "sqrt": lambda value: on_numbers(math.sqrt, value), "mod": lambda *values: on_numbers(math.fmod, *values),
    "log": lambda value: on_numbers(math.log, value), "sum": lambda *values: of_numbers(sum, *values), "min": lambda *values: of_numbers(min, *values),
    "max": lambda *values: of_numbers(max, *values), "mean": lambda *values: of_numbers(mean, *values), "median": lambda *values: of_numbers(statistics.median, *values),
    "stdev": lambda *values: of_numbers(deviation, *values),
    "isnumber": lambda value: number(value) is not None, "isinteger": lambda value: not is_missing(value) and re.fullmatch(r"[-+]?[0-9]+", word(value)) is not None,
    "isblankormissingcode": lambda value: blank(value) or is_missing(value), "isblanknotmissingcode": blank, "ismissingcode": is_missing,
    "hasmissingcode": lambda value, codes: is_missing(value) and word(value) in word(codes).split(","),
    "contains": lambda text, needle: word(needle).lower() in word(text).lower(), "not_contain": lambda text, needle: word(needle).lower() not in word(text).lower(),
    "starts_with": lambda text, needle: word(text).lower().startswith(word(needle).lower()), "ends_with": lambda text, needle: word(text).lower().endswith(word(needle).lower()),
    "find": found_at, "left": lambda text, count: word(text)[:letters(count)], "right": lambda text, count: word(text)[-letters(count):] if letters(count) else "", "mid": middle,
    "length": lambda text: float(len(word(text))), "trim": lambda text: word(text).strip(), "upper": lambda text: word(text).upper(), "lower": lambda text: word(text).lower(),
    "replace_text": lambda text, search, new: word(text).replace(word(search), word(new)) if word(search) else word(text), "concat": lambda *values: "".join(map(word, values)),
    "concat_ws": lambda between, *values: word(between).join(word(value) for value in values if word(value)), "age_at_date": age,
    "year": lambda value: of_date("year", value), "month": lambda value: of_date("month", value), "day": lambda value: of_date("day", value), "dayoftheweek": lambda value: of_date("dayoftheweek", value),
}


def slow(node: Any, row: dict[str, Any]) -> Any:
    """The value of an expression on one row; an expression is a literal, a reference, or a tuple of a name and operands."""
    if isinstance(node, str):
        return row[node] if node.startswith("[") else node[1:-1] if node.startswith("'") else float(node)
    name, *parts = node
    if name == "datediff":
        first, second = slow(parts[0], row), slow(parts[1], row)
        return UNKNOWN if UNKNOWN in (first, second) else datediff(first, second, parts[2], parts[3])
    values = [slow(part, row) for part in parts]
    if name in {"and", "or"}:
        decides = name == "or"
        if any(value is not UNKNOWN and true(value) == decides for value in values):
            return decides
        return UNKNOWN if UNKNOWN in values else not decides
    if name == "if":
        return UNKNOWN if values[0] is UNKNOWN else values[1] if true(values[0]) else values[2]
    if UNKNOWN in values:
        return UNKNOWN
    if name == "not":
        return not true(values[0])
    if name == "negative":
        return on_numbers(lambda value: -value, values[0])
    if name in COMPARISONS:
        return compared(values[0], name, values[1])
    return arithmetic(values[0], name, values[1]) if name in INFIX else FUNCTIONS[name](*values)


def written(node: Any) -> str:
    """The expression as text, every operation in parentheses."""
    if isinstance(node, str):
        return node
    name, *parts = node
    if name in INFIX:
        return f"({written(parts[0])} {name} {written(parts[1])})"
    if name in {"negative", "not"}:
        return f"({'-' if name == 'negative' else 'not '}{written(parts[0])})"
    if name == "datediff":
        return f"datediff({written(parts[0])}, {written(parts[1])}, '{parts[2]}', {str(parts[3]).lower()})"
    return f"{name}({', '.join(written(part) for part in parts)})"
