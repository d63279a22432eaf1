"""Arithmetic, rounding and aggregates on whole columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pacer_analysis.logic._columns import Column

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Function = Callable[[list[Column], NDArray[np.bool_]], Column]

# ASSUME: the sum of nothing but blanks is blank, as are the other aggregates; REDCap's manual says only that it "produces a result".
SUM_OF_BLANKS = np.nan
# A number is rounded as one reads it, by its first 15 digits: 2.345 is half-way, though no float is 2.345.
DIGITS = 15
FURTHEST = 20


def numeric(result: NDArray[Any], known: NDArray[np.bool_]) -> Column:
    """A number where the result is finite, else blank."""
    return Column("number", np.where(np.isfinite(result), result, np.nan), np.broadcast_to(known, result.shape))


def elementwise(function: Callable[..., Any]) -> Function:
    """A function of numbers: blank where an operand is blank or no number, or the result is no finite number."""
    def apply(operands: list[Column], known: NDArray[np.bool_]) -> Column:
        with np.errstate(all="ignore"):
            return numeric(np.asarray(function(*[operand.numbers for operand in operands])), known)
    return apply


def log(number: NDArray[np.float64], base: NDArray[np.float64] | None = None) -> Any:
    """The logarithm to a base, the natural one without; there is none to a base that is not above 0."""
    return np.log(number) if base is None else np.log(number) / np.log(np.where(base > 0, base, np.nan))


def rounded(direction: str) -> Function:
    """round, roundup, rounddown: half away from zero, away from zero, towards zero."""
    # ASSUME: rounddown goes towards zero and roundup away from it below zero too, and a half is rounded away from zero.
    def function(operands: list[Column], known: NDArray[np.bool_]) -> Column:
        number = operands[0].numbers
        digits = operands[1].numbers if len(operands) > 1 else np.zeros(1)
        number, digits = np.broadcast_arrays(number, digits)
        usable = np.isfinite(number) & (digits == np.rint(digits)) & (np.abs(digits) <= FURTHEST)
        shift = np.where(usable, digits, 0.0)
        power = 10.0 ** np.abs(shift)
        with np.errstate(all="ignore"):
            size = np.where(usable, np.abs(number), 0.0)
            size = np.where(shift < 0, size / power, size * power)
            whole, half, rest = _split(size)
            up = {"round": half, "roundup": rest, "rounddown": np.zeros_like(rest)}[direction]
            whole = whole + up
            result = np.sign(number) * np.where(shift < 0, whole * power, whole / power)
        return numeric(np.where(usable, result, np.nan), known)
    return function


def _split(size: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """The whole part of numbers as one reads them, whether half or more is left, and whether anything is."""
    exponent = np.floor(np.log10(np.where(size > 0, size, 1.0)))
    places = np.clip(DIGITS - 1 - exponent, 0, DIGITS).astype(np.int64)
    unit = 10 ** places
    digits = np.rint(np.minimum(size, 1e15) * unit).astype(np.int64)
    whole, rest = np.divmod(digits, unit)
    large = size >= 1e15
    return np.where(large, size, whole), ~large & (2 * rest >= unit), ~large & (rest > 0)


def aggregate(function: Callable[[NDArray[np.float64]], Any], of_blanks: float = np.nan) -> Function:
    """An aggregate that skips blanks and is blank if all are."""
    def apply(operands: list[Column], known: NDArray[np.bool_]) -> Column:
        numbers = np.stack(np.broadcast_arrays(*[operand.numbers for operand in operands]))
        with np.errstate(all="ignore"):
            result = np.asarray(function(numbers))
        return numeric(np.where(np.isnan(numbers).all(axis=0), of_blanks, result), known)
    return apply


def total(numbers: NDArray[np.float64]) -> Any:
    """The sum of what is not blank."""
    return np.add.reduce(np.where(np.isnan(numbers), 0.0, numbers), axis=0)


def mean(numbers: NDArray[np.float64]) -> Any:
    """The mean of what is not blank."""
    return total(numbers) / (~np.isnan(numbers)).sum(axis=0)


def median(numbers: NDArray[np.float64]) -> Any:
    """The median of what is not blank; the mean of the two in the middle if their number is even."""
    ordered, count = np.sort(numbers, axis=0), (~np.isnan(numbers)).sum(axis=0)
    low, high = np.maximum((count - 1) // 2, 0), np.minimum(count // 2, len(numbers) - 1)
    pair = [np.take_along_axis(ordered, place[np.newaxis], axis=0)[0] for place in (low, high)]
    return (pair[0] + pair[1]) / 2


def deviation(numbers: NDArray[np.float64]) -> Any:
    """The standard deviation of the sample that is not blank; of one number there is none."""
    # ASSUME: stdev divides by one less than the number of values.
    count = (~np.isnan(numbers)).sum(axis=0)
    squares = np.add.reduce(np.where(np.isnan(numbers), 0.0, numbers - mean(numbers)) ** 2, axis=0)
    return np.sqrt(squares / np.where(count > 1, count - 1, np.nan))
