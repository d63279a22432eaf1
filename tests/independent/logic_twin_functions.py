"""The functions of the logic language, one after another, as their descriptions say; every argument is already a value."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Callable, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal, localcontext

from tests.independent.logic_twin_parser import FORMATS, UNITS
from tests.independent.logic_twin_values import BLANK, Blank, FieldText, Value, is_missing, moment, number_of, number_value, text_of, text_value, truth_of

SECONDS = {"y": 365.2425 * 86400, "M": 30.44 * 86400, "d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "sum": sum, "min": min, "max": max, "mean": statistics.fmean, "median": statistics.median,
    "stdev": lambda numbers: statistics.stdev(numbers) if len(numbers) > 1 else math.nan,
}


def _rounded(mode: str, arguments: Sequence[Value]) -> Value:
    numbers = [number_of(value) for value in arguments]
    number, places = numbers[0], numbers[1] if len(numbers) > 1 else 0.0
    if number is None or places is None or not places.is_integer() or abs(places) > 20:
        return BLANK
    with localcontext() as context:
        context.prec = 400
        seen = Decimal(f"{number:.15g}")  # the number as one reads it, without the noise of binary fractions
        return number_value(float(seen.quantize(Decimal(1).scaleb(-int(places)), rounding=mode)))


def _log(arguments: Sequence[Value]) -> Value:
    number = number_of(arguments[0])
    base = number_of(arguments[1]) if len(arguments) > 1 else math.e
    if number is None or base is None or number <= 0 or base <= 0 or base == 1:
        return BLANK
    return number_value(math.log(number) / math.log(base) if len(arguments) > 1 else math.log(number))


def _mod(dividend: float, divisor: float) -> float:
    return math.fmod(dividend, divisor) if divisor else math.nan


def _exponential(number: float) -> float:
    return math.exp(number) if number < 709 else math.inf


def _root(number: float) -> float:
    return math.sqrt(number) if number >= 0 else math.nan


NUMERIC: dict[str, Callable[..., float]] = {"sqrt": _root, "abs": abs, "exponential": _exponential, "mod": _mod}


def _numeric(calculate: Callable[..., float], arguments: Sequence[Value]) -> Value:
    numbers = [number for value in arguments if (number := number_of(value)) is not None]
    return number_value(calculate(*numbers)) if len(numbers) == len(arguments) else BLANK


def _aggregate(name: str, arguments: Sequence[Value]) -> Value:
    numbers = [number for value in arguments if (number := number_of(value)) is not None]
    return number_value(float(AGGREGATES[name](numbers))) if numbers else BLANK


def _datediff(arguments: Sequence[Value]) -> Value:
    first, second, unit = moment(arguments[0]), moment(arguments[1]), text_of(arguments[2])
    options = [option for option in arguments[3:] if text_of(option).lower() not in FORMATS]
    if first is None or second is None or first[0] != second[0] or unit not in UNITS:
        return BLANK
    difference = (second[1] - first[1]).total_seconds() / SECONDS[unit]
    signed = bool(options) and (text_of(options[0]).lower() == "true" or (text_of(options[0]).lower() != "false" and truth_of(options[0])))
    return number_value(difference if signed else abs(difference))


def _age_at_date(arguments: Sequence[Value]) -> Value:
    born, day = moment(arguments[0]), moment(arguments[1])
    if born is None or day is None or born[0] != "date" or day[0] != "date":
        return BLANK
    first, last = born[1].date(), day[1].date()
    if last < first:
        return BLANK
    if len(arguments) > 2 and (text_of(arguments[2]).lower() == "true" or (text_of(arguments[2]).lower() != "false" and truth_of(arguments[2]))):
        return number_value((last - first).days / 365.2425)
    return float(last.year - first.year - ((last.month, last.day) < (first.month, first.day)))


def _part(name: str, value: Value) -> Value:
    found = moment(value)
    if found is None or found[0] != "date":
        return BLANK
    return float({"year": found[1].year, "month": found[1].month, "day": found[1].day, "dayoftheweek": found[1].isoweekday()}[name])


def _whole(value: Value) -> int | None:
    number = number_of(value)
    return int(number) if number is not None and number.is_integer() else None


def _cut(name: str, arguments: Sequence[Value]) -> Value:
    text, numbers = text_of(arguments[0]), [_whole(value) or 0 for value in arguments[1:]]
    if min(numbers) <= 0:
        return BLANK
    if name == "left":
        return text_value(text[:numbers[0]])
    if name == "right":
        return text_value(text[-numbers[0]:])
    return text_value(text[numbers[0] - 1:numbers[0] - 1 + numbers[1]])


def _search(name: str, haystack: str, needle: str) -> bool:
    haystack, needle = haystack.lower(), needle.lower()
    if name == "starts_with":
        return haystack.startswith(needle)
    if name == "ends_with":
        return haystack.endswith(needle)
    return (needle in haystack) == (name == "contains")


def _has_code(value: Value, codes: Sequence[str]) -> bool:
    return is_missing(value) if isinstance(value, FieldText) else text_of(value) in codes


def _is_number(name: str, value: Value) -> bool:
    if name == "isnumber":
        return number_of(value) is not None
    return not is_missing(value) and re.fullmatch(r"[-+]?[0-9]+", text_of(value)) is not None


def call(name: str, arguments: Sequence[Value], codes: Sequence[str]) -> Value:
    """What a function other than `if` returns; `codes` are the project's missing data codes."""
    texts = [text_of(value) for value in arguments]
    if name in {"round", "roundup", "rounddown"}:
        return _rounded({"round": ROUND_HALF_UP, "roundup": ROUND_UP, "rounddown": ROUND_DOWN}[name], arguments)
    if name in AGGREGATES:
        return _aggregate(name, arguments)
    if name in NUMERIC:
        return _numeric(NUMERIC[name], arguments)
    if name in {"isnumber", "isinteger"}:
        return _is_number(name, arguments[0])
    if name == "ismissingcode":
        return _has_code(arguments[0], codes)
    if name == "isblankormissingcode":
        return isinstance(arguments[0], Blank) or _has_code(arguments[0], codes)
    if name == "isblanknotmissingcode":
        return isinstance(arguments[0], Blank)
    if name == "hasmissingcode":
        return _has_code(arguments[0], codes) and texts[0] in [code.strip() for code in texts[1].split(",")]
    if name in {"contains", "not_contain", "starts_with", "ends_with"}:
        return _search(name, texts[0], texts[1])
    if name in {"left", "right", "mid"}:
        return _cut(name, arguments)
    if name in {"year", "month", "day", "dayoftheweek"}:
        return _part(name, arguments[0])
    if name in {"find", "length"}:
        return float(len(texts[0])) if name == "length" else float(texts[1].find(texts[0]) + 1 if texts[0] else 0)
    if name == "concat_ws":
        return text_value(texts[0].join(text for text in texts[1:] if text))
    if name == "replace_text":
        return text_value(texts[0].replace(texts[1], texts[2]) if texts[1] else texts[0])
    if name in {"log", "datediff", "age_at_date"}:
        return {"log": _log, "datediff": _datediff, "age_at_date": _age_at_date}[name](arguments)
    return text_value({"trim": texts[0].strip(), "upper": texts[0].upper(), "lower": texts[0].lower(), "concat": "".join(texts)}[name])
