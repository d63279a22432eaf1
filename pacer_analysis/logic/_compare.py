"""Comparisons, and what joins conditions: and, or, not, if()."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.logic._columns import Column, chosen_text
from pacer_analysis.logic._texts import number_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pacer_analysis.logic._texts import Texts

COMPARISONS = frozenset({"=", "<>", "<", ">", "<=", ">="})
ORDER = {"<": np.less, ">": np.greater, "<=": np.less_equal, ">=": np.greater_equal}
# ASSUME: equality of texts is case-sensitive; nobody could check it against REDCap.
CASE_SENSITIVE = True
# ASSUME: an ordered comparison with a blank is false, and so is one of a number with what is no number, or of a date with what is no date.
ORDERED_WITH_BLANK = False
ORDERED_WITH_ANOTHER_KIND = False


@dataclass(frozen=True)
class _Side:
    """One side of a comparison: texts, which of them are dates, and the numbers that they are; or numbers alone."""

    texts: NDArray[np.object_] | None
    numbers: NDArray[np.float64]
    dated: NDArray[np.bool_] | None = None

    def blank(self) -> NDArray[np.bool_]:
        return np.asarray(np.isnan(self.numbers) if self.texts is None else self.texts == "", dtype=bool)


def compare(name: str, left: Column, right: Column) -> Column:
    """A comparison: of numbers if both sides are plain numbers, else of text.

    Two blanks are equal and a blank differs from everything else, from 0 too. Dates are ISO text and compare as such. An ordered
    comparison with a blank, of a number with what is none, or of a date with what is none, is false.
    """
    ordered = name in ORDER
    if _has_fewer_texts(left, right):
        return _taken(_judged(name, _each(left.levels, ordered=ordered), _one(right, ordered=ordered)), left, right)
    if _has_fewer_texts(right, left):
        return _taken(_judged(name, _one(left, ordered=ordered), _each(right.levels, ordered=ordered)), right, left)
    return Column("truth", _judged(name, _rows(left, ordered=ordered), _rows(right, ordered=ordered)), left.known & right.known)


def _has_fewer_texts(column: Column, other: Column) -> bool:
    return column.levels is not None and len(other) == 1 and len(column.levels) < len(column)


def _taken(result: NDArray[np.bool_], text: Column, other: Column) -> Column:
    """The result for each different text, put back on the rows."""
    return Column("truth", np.broadcast_to(result, (len(text.levels or ()),))[text.data], text.known & other.known)


def _each(levels: Texts | None, *, ordered: bool) -> list[_Side]:
    """Each different text once, then each second text."""
    if levels is None:
        return []
    if ordered:
        # A missing-data code has no place in an order.
        return [_Side(np.where(levels.missing, "", levels.written), levels.numbers, levels.dated)]
    first = _Side(levels.written, levels.plain)
    return [first] if levels.second is None else [first, _Side(levels.second.written, levels.second.plain)]


def _one(column: Column, *, ordered: bool) -> list[_Side]:
    """A single value; a number with its text."""
    if column.levels is not None:
        return _rows(column, ordered=ordered)
    text = np.array([number_text(float(number)) for number in column.numbers], dtype=object)
    return [_Side(text, column.numbers, np.zeros(len(text), dtype=bool))]


def _rows(column: Column, *, ordered: bool) -> list[_Side]:
    """Every row's text or number, then every row's second text."""
    if column.levels is None:
        return [_Side(None, column.numbers)]
    return [_Side(None if side.texts is None else side.texts[column.data], side.numbers[column.data], None if side.dated is None else side.dated[column.data])
            for side in _each(column.levels, ordered=ordered)]


def _judged(name: str, left: list[_Side], right: list[_Side]) -> NDArray[np.bool_]:
    """Equal if one text of the left equals one of the right; ordered by the first texts alone."""
    if name in ORDER:
        return _ordered(name, left[0], right[0])
    equal = _equal(left[0], right[0])
    for place, one in enumerate(left):
        for other in right[1:] if place == 0 else right:
            equal = equal | _equal(one, other)
    return equal if name == "=" else ~equal


def _equal(left: _Side, right: _Side) -> NDArray[np.bool_]:
    equal = left.numbers == right.numbers
    if left.texts is None or right.texts is None:
        return np.asarray(equal | (left.blank() & right.blank()), dtype=bool)
    one, other = (side.texts if CASE_SENSITIVE else _folded(side.texts) for side in (left, right))
    # No text has a second one: None equals nothing, not even None.
    return np.asarray(equal | (np.asarray(one == other, dtype=bool) & ~np.asarray(one == None, dtype=bool)), dtype=bool)  # noqa: E711  # elementwise


def _folded(texts: NDArray[np.object_] | None) -> NDArray[np.object_]:
    return np.array([None if text is None else text.casefold() for text in (() if texts is None else texts)], dtype=object)


def _ordered(name: str, left: _Side, right: _Side) -> NDArray[np.bool_]:
    """The order of two numbers, of two dates, or of two texts that are neither."""
    with np.errstate(invalid="ignore"):
        result = np.asarray(ORDER[name](left.numbers, right.numbers), dtype=bool)
    same_kind, blank = np.isnan(left.numbers) == np.isnan(right.numbers), left.blank() | right.blank()
    if left.texts is not None and right.texts is not None and left.dated is not None and right.dated is not None:
        same_kind = same_kind & (left.dated == right.dated)
        textual = same_kind & np.isnan(left.numbers) & ~blank
        if textual.any():
            result = result | (textual & np.asarray(ORDER[name](left.texts, right.texts), dtype=bool))
    if ORDERED_WITH_BLANK or ORDERED_WITH_ANOTHER_KIND:
        result = np.where(blank, ORDERED_WITH_BLANK, np.where(same_kind, result, ORDERED_WITH_ANOTHER_KIND))
    return result


def junction(name: str, left: Column, right: Column) -> Column:
    """and, or: what is not evaluable does not matter if the other side decides."""
    one, other = left.value, right.value
    value = one & other if name == "and" else one | other
    if left.known.all() and right.known.all():
        return Column("truth", value, left.known & right.known)
    deciding = name == "or"
    decided = (left.known & (one == deciding)) | (right.known & (other == deciding))
    return Column("truth", value, decided | (left.known & right.known))


def choose(condition: Column, then: Column, otherwise: Column) -> Column:
    """if(): the branch that the condition takes; not evaluable if the condition is not, or the branch taken is not."""
    true = condition.value
    known = condition.known & np.where(true, then.known, otherwise.known)
    if then.levels is not None and otherwise.levels is not None:
        return chosen_text(true, then, otherwise, known)
    if not all(_is_number(branch) for branch in (then, otherwise)):
        return chosen_text(true, then, otherwise, known)
    numbers = np.where(true, then.numbers, otherwise.numbers)
    plain = then.levels is None and otherwise.levels is None and then.mixed is None and otherwise.mixed is None
    return Column("number", numbers, known, mixed=None if plain else (true, then, otherwise))


def _is_number(branch: Column) -> bool:
    """True if a branch of if() loses nothing as a number but the spelling: it has numbers and blanks alone."""
    if branch.levels is None:
        return True
    return branch.levels.also is None and branch.levels.coded is None and bool((~np.isnan(branch.levels.numbers) | branch.levels.blank).all())


def opposite(operand: Column) -> Column:
    """not: true where the condition is false."""
    return Column("truth", ~operand.value, operand.known)

