"""Values of the logic language: blank, not evaluable, texts that may be numbers, missing codes, dates; and how two of them compare."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

PLAIN_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
CALENDAR = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?", re.ASCII)
CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?", re.ASCII)
MIDNIGHT = datetime.fromisoformat("1900-01-01")


class Blank:
    """The empty value: '' and nothing else, neither 0 nor false."""

    def __repr__(self) -> str:
        return "BLANK"


BLANK = Blank()


@dataclass(frozen=True)
class NotEvaluable:
    """No value can be given, and why. Two of them are equal whatever their reasons."""

    reason: str = field(default="", compare=False)


NOT_EVALUABLE = NotEvaluable()


class FieldText(str):
    """The text of a field, with what the dictionary knows about it."""

    __slots__ = ("blank_box", "missing", "validation")
    missing: bool
    blank_box: bool
    validation: str

    def __new__(cls, text: str, *, missing: bool = False, blank_box: bool = False, validation: str = "") -> Self:
        made = super().__new__(cls, text)
        made.missing, made.blank_box, made.validation = missing, blank_box, validation
        return made


Value = float | str | bool | datetime | Blank | NotEvaluable


def is_missing(value: Value) -> bool:
    """Whether a field holds one of the project's missing data codes."""
    return isinstance(value, FieldText) and value.missing


def text_of(value: Value) -> str:
    """The value as text: blank is '', true '1', whole numbers have no decimals."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)
    return "" if isinstance(value, Blank) else str(value)


def text_value(text: str) -> Value:
    """A text as a value: the empty one is blank."""
    return text or BLANK


def plain_number(value: Value) -> float | None:
    """The number that a value is or spells, a missing code such as -99 included."""
    if isinstance(value, bool | float):
        return float(value)
    if isinstance(value, str) and PLAIN_NUMBER.fullmatch(value):
        number = float(value)
        return number if math.isfinite(number) else None
    return None


def number_of(value: Value) -> float | None:
    """The number to calculate with; None for blank, a missing code and any other text."""
    return None if is_missing(value) else plain_number(value)


def number_value(number: float) -> Value:
    """A result of arithmetic: blank where there is no finite one, and never a negative zero."""
    return number + 0.0 if math.isfinite(number) else BLANK


def truth_of(value: Value) -> bool:
    """How a value counts as a condition: blank, a missing code and zero are false."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Blank) or is_missing(value):
        return False
    number = number_of(value)
    return number != 0 if number is not None else True


def equal(left: Value, right: Value) -> bool:
    """`=`: by number where both are plain numbers, else by text, letter for letter."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, FieldText) and one.blank_box and isinstance(other, Blank):
            return True
    first, second = plain_number(left), plain_number(right)
    if first is not None and second is not None:
        return first == second
    return text_of(left) == text_of(right)


def ordered(sign: str, left: Value, right: Value) -> bool:
    """`<`, `<=`, `>`, `>=`: false with a blank, a missing code, or a number beside what is none."""
    if isinstance(left, Blank) or isinstance(right, Blank) or is_missing(left) or is_missing(right):
        return False
    first, second = number_of(left), number_of(right)
    if first is not None and second is not None:
        return _holds(sign, (first > second) - (first < second))
    if first is not None or second is not None:
        return False
    one, other = text_of(left), text_of(right)
    if any(bool(shape.fullmatch(one)) != bool(shape.fullmatch(other)) for shape in (CALENDAR, CLOCK)):
        return False
    return _holds(sign, (one > other) - (one < other))


def _holds(sign: str, order: int) -> bool:
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[sign]


def moment(value: Value) -> tuple[str, datetime] | None:
    """`('date', ...)` or `('time', ...)` where the value is an ISO date, date and time, or time; else None. A time is counted from MIDNIGHT."""
    if not isinstance(value, str) or is_missing(value):
        return None
    if CALENDAR.fullmatch(value):
        try:
            return "date", datetime.fromisoformat(value)
        except ValueError:
            return None
    if CLOCK.fullmatch(value):
        parts = [int(part) for part in value.split(":")]
        if len(parts) == 2:
            parts = [0, *parts] if isinstance(value, FieldText) and value.validation == "time_mm_ss" else [*parts, 0]
        hours, minutes, seconds = parts
        return ("time", MIDNIGHT + timedelta(hours=hours, minutes=minutes, seconds=seconds)) if hours < 24 and minutes < 60 and seconds < 60 else None
    return None
