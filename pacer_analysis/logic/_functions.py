"""The operators and functions of the expression language, each on whole columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.logic._calendar import age_at_date, datediff, part
from pacer_analysis.logic._columns import Column
from pacer_analysis.logic._numbers import SUM_OF_BLANKS, aggregate, deviation, elementwise, log, mean, median, rounded, total
from pacer_analysis.logic._words import WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pacer_analysis.logic._numbers import Function


INTEGER = re.compile(r"[-+]?[0-9]+")


def _truth(function: Callable[[Column], NDArray[np.bool_]]) -> Function:
    """A function that says whether a value is something."""
    def apply(operands: list[Column], known: NDArray[np.bool_]) -> Column:
        return Column("truth", function(operands[0]), known)
    return apply


def _is_missing(value: Column) -> NDArray[np.bool_]:
    """True where a missing-data code stands for the value."""
    return np.zeros(len(value), dtype=bool) if value.levels is None else np.asarray(value.levels.missing[value.data])


def _has_missing(operands: list[Column], known: NDArray[np.bool_]) -> Column:
    """True where the missing-data code is one of those that the second argument lists, separated by commas."""
    value, listed = operands[0], operands[1].texts
    if value.levels is None or value.levels.coded is None:
        return Column("truth", np.zeros(known.shape, dtype=bool), known)
    lists = [frozenset(code.strip() for code in str(text).split(",") if code.strip()) for text in listed]
    if len(lists) == 1:
        return Column("truth", np.array([name in lists[0] for name in value.levels.names], dtype=bool)[value.data], known)
    names = np.broadcast_to(value.levels.names[value.data], (len(lists),))
    return Column("truth", np.array([name in codes for name, codes in zip(names, lists, strict=True)], dtype=bool), known)


def _is_integer(value: Column) -> NDArray[np.bool_]:
    """True of digits alone, with a sign perhaps: 5.0 has decimals."""
    if value.levels is None:
        return np.asarray(np.mod(value.numbers, 1) == 0)
    whole = np.array([INTEGER.fullmatch(text) is not None for text in value.levels.written], dtype=bool)
    return np.asarray((whole & ~value.levels.missing)[value.data])


FUNCTIONS: dict[str, Function] = {
    "+": elementwise(np.add), "-": elementwise(np.subtract), "*": elementwise(np.multiply), "/": elementwise(np.divide), "^": elementwise(np.power),
    "negative": elementwise(np.negative),
    "datediff": datediff, "age_at_date": age_at_date, "year": part("year"), "month": part("month"), "day": part("day"), "dayoftheweek": part("dayoftheweek"),
    "round": rounded("round"), "roundup": rounded("roundup"), "rounddown": rounded("rounddown"),
    "abs": elementwise(np.abs), "sqrt": elementwise(np.sqrt), "mod": elementwise(np.fmod), "exponential": elementwise(np.exp), "log": elementwise(log),
    "sum": aggregate(total, SUM_OF_BLANKS), "min": aggregate(np.fmin.reduce), "max": aggregate(np.fmax.reduce), "mean": aggregate(mean),
    "median": aggregate(median), "stdev": aggregate(deviation),
    "isnumber": _truth(lambda value: ~np.isnan(value.numbers)), "isinteger": _truth(_is_integer),
    "isblankormissingcode": _truth(lambda value: value.blank | _is_missing(value)), "isblanknotmissingcode": _truth(lambda value: value.blank & ~_is_missing(value)),
    "ismissingcode": _truth(_is_missing), "hasmissingcode": _has_missing,
} | WORDS
