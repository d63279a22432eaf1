"""The functions of the expression language, each on whole columns."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pacer_analysis.logic._columns import Column

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

NANOSECONDS = {"y": 365.2425 * 864e11, "M": 30.44 * 864e11, "d": 864e11, "h": 36e11, "m": 6e10, "s": 1e9}
WHOLE = 1e-9


def _numeric(result: NDArray[Any], known: NDArray[np.bool_]) -> Column:
    """A number where the result is finite, else blank."""
    return Column("number", np.where(np.isfinite(result), result, np.nan), np.broadcast_to(known, result.shape))


def _datediff(operands: list[Column], known: NDArray[np.bool_]) -> Column:
    """Decimal time from the first to the second date in the unit; blank if one is no date; without sign unless asked for."""
    difference = operands[1].dates - operands[0].dates
    nanoseconds = np.where(np.isnat(difference), np.nan, difference.astype("timedelta64[ns]").astype(np.float64))
    result = nanoseconds / NANOSECONDS[str(operands[2].texts[0])]
    return _numeric(result if bool(operands[3].value[0]) else np.abs(result), known)


def _rounded(direction: str) -> Callable[[list[Column], NDArray[np.bool_]], Column]:
    """round, roundup, rounddown: half away from zero, away from zero, towards zero."""
    def function(operands: list[Column], known: NDArray[np.bool_]) -> Column:
        number, digits = operands[0].numbers, operands[1].numbers if len(operands) > 1 else np.zeros(1)
        with np.errstate(all="ignore"):
            factor = np.power(10.0, digits)
            size = np.abs(number) * factor
            near = np.round(size)
            size = np.where(np.abs(size - near) < WHOLE * np.maximum(1.0, size), near, size)
            whole = {"round": np.floor(size + 0.5), "roundup": np.ceil(size), "rounddown": np.floor(size)}[direction]
            return _numeric(np.sign(number) * whole / factor, known)
    return function


def _aggregate(function: Callable[..., Any]) -> Callable[[list[Column], NDArray[np.bool_]], Column]:
    """An aggregate that skips blanks and is blank if all are."""
    def aggregate(operands: list[Column], known: NDArray[np.bool_]) -> Column:
        numbers = np.stack(np.broadcast_arrays(*[operand.numbers for operand in operands]))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)     # a row of blanks has no mean: that is the answer
            result = function(numbers, axis=0)
        return _numeric(np.where(np.isnan(numbers).all(axis=0), np.nan, result), known)
    return aggregate


def _stdev(numbers: NDArray[np.float64], axis: int) -> Any:
    return np.nanstd(numbers, axis=axis, ddof=1)


def _elementwise(function: Callable[..., Any]) -> Callable[[list[Column], NDArray[np.bool_]], Column]:
    def apply(operands: list[Column], known: NDArray[np.bool_]) -> Column:
        with np.errstate(all="ignore"):
            return _numeric(function(*[operand.numbers for operand in operands]), known)
    return apply


def _log(number: NDArray[np.float64], base: NDArray[np.float64] | None = None) -> Any:
    return np.log(number) if base is None else np.log(number) / np.log(base)


def _truth(function: Callable[..., Any]) -> Callable[[list[Column], NDArray[np.bool_]], Column]:
    def apply(operands: list[Column], known: NDArray[np.bool_]) -> Column:
        result = np.asarray(function(*operands), dtype=bool)
        return Column("truth", result, np.broadcast_to(known, result.shape))
    return apply


def _texts(test: Callable[[str, str], bool]) -> Callable[[Column, Column], NDArray[np.bool_]]:
    """A test of two texts that ignores case."""
    def apply(left: Column, right: Column) -> NDArray[np.bool_]:
        first, second = np.broadcast_arrays(left.texts, right.texts)
        return np.array([test(a.lower(), b.lower()) for a, b in zip(first, second, strict=True)], dtype=bool)
    return apply


def _length(operands: list[Column], known: NDArray[np.bool_]) -> Column:
    return _numeric(np.array([len(text) for text in operands[0].texts], dtype=np.float64), known)


def _part(name: str) -> Callable[[list[Column], NDArray[np.bool_]], Column]:
    def part(operands: list[Column], known: NDArray[np.bool_]) -> Column:
        return _numeric(np.asarray(getattr(pd.DatetimeIndex(operands[0].dates), name), dtype=np.float64), known)
    return part


FUNCTIONS: dict[str, Callable[[list[Column], NDArray[np.bool_]], Column]] = {
    "datediff": _datediff,
    "round": _rounded("round"), "roundup": _rounded("roundup"), "rounddown": _rounded("rounddown"),
    "abs": _elementwise(np.abs), "sqrt": _elementwise(np.sqrt), "mod": _elementwise(np.fmod), "exponential": _elementwise(np.exp), "log": _elementwise(_log),
    # ASSUME: the sum of nothing but blanks is blank, as are the other aggregates; REDCap's manual does not say.
    "sum": _aggregate(np.nansum), "min": _aggregate(np.nanmin), "max": _aggregate(np.nanmax), "mean": _aggregate(np.nanmean),
    "median": _aggregate(np.nanmedian), "stdev": _aggregate(_stdev),
    "isnumber": _truth(lambda a: ~np.isnan(a.numbers)), "isinteger": _truth(lambda a: np.mod(a.numbers, 1) == 0),
    # Missing codes have become blank before any expression is evaluated.
    "isblankormissingcode": _truth(lambda a: a.blank), "isblanknotmissingcode": _truth(lambda a: a.blank),
    "contains": _truth(_texts(lambda a, b: b in a)), "not_contain": _truth(_texts(lambda a, b: b not in a)),
    "starts_with": _truth(_texts(str.startswith)), "ends_with": _truth(_texts(str.endswith)), "length": _length,
    "year": _part("year"), "month": _part("month"), "day": _part("day"),
}
