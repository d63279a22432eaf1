"""The value of an expression on every row, with REDCap's meaning of blank."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pacer_analysis.logic._columns import Column, Source, column, single
from pacer_analysis.logic._functions import FUNCTIONS
from pacer_analysis.logic.expression import Expression, Literal, Node, Reference, Today

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from numpy.typing import NDArray

COMPARISONS = frozenset({"=", "<>", "<", ">", "<=", ">="})
ORDER = {"<": np.less, ">": np.greater, "<=": np.less_equal, ">=": np.greater_equal}
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power}


def value_of(expression: Expression, lookup: Callable[[Reference], Source], today: dt.date | None, rows: int | None) -> Column:
    """The expression on every row; each reference is looked up once."""
    found: dict[Reference, Column] = {}

    def of(node: Node) -> Column:
        if isinstance(node, Literal):
            return single(node.value)
        if isinstance(node, Today):
            return column(None if today is None else np.array([np.datetime64(today, "ns")]))
        if isinstance(node, Reference):
            if node not in found:
                found[node] = column(lookup(node))
            return found[node]
        return apply(node.name, [of(operand) for operand in node.operands])

    result = of(expression.root)
    return result if rows is None else result.spread(rows)


def apply(name: str, operands: list[Column]) -> Column:
    """One operator or function on columns of the same length, or of one value."""
    if name in {"and", "or"}:
        return _junction(name, *operands)
    if name == "not":
        return Column("truth", ~operands[0].value, operands[0].known)
    if name in COMPARISONS:
        return compare(name, *operands)
    if name == "if":
        return choose(*operands)
    known = np.logical_and.reduce(np.broadcast_arrays(*[operand.known for operand in operands]))
    if name in ARITHMETIC:
        return _number(ARITHMETIC[name], operands, known)
    if name == "negative":
        return _number(np.negative, operands, known)
    return FUNCTIONS[name](operands, known)


def _number(function: Callable[..., Any], operands: list[Column], known: NDArray[np.bool_]) -> Column:
    """Arithmetic: blank where an operand is blank or no number, or where the result is no finite number."""
    with np.errstate(all="ignore"):
        result = function(*[operand.numbers for operand in operands])
    return Column("number", np.where(np.isfinite(result), result, np.nan), np.broadcast_to(known, result.shape))


def _junction(name: str, left: Column, right: Column) -> Column:
    """and, or: what is not evaluable does not matter if the other side decides."""
    value = left.value & right.value if name == "and" else left.value | right.value
    deciding = name == "or"
    decided = (left.known & (left.value == deciding)) | (right.known & (right.value == deciding))
    return Column("truth", value, decided | (left.known & right.known))


def compare(name: str, left: Column, right: Column) -> Column:
    """A comparison: of numbers if both sides are plain numbers, of dates if one side is a date, else of text.

    Two blanks are equal, a blank differs from everything else, and an ordered comparison with a blank, or of a number
    with something that is none, is false.
    """
    if left.kind == "text" and len(right) == 1 and len(left) > len(left.levels if left.levels is not None else ()):
        return _taken(compare(name, left.by_level(), right), left)
    if right.kind == "text" and len(left) == 1 and len(right) > len(right.levels if right.levels is not None else ()):
        return _taken(compare(name, left, right.by_level()), right)
    known = left.known & right.known
    if "date" in (left.kind, right.kind):
        comparable = ~np.isnat(left.dates) & ~np.isnat(right.dates)
        a, b = left.dates, right.dates
        equal, ordered = comparable & (a == b), _ordered(name, a, b, comparable)
    else:
        number_left, number_right = ~np.isnan(left.numbers), ~np.isnan(right.numbers)
        numeric = number_left & number_right
        equal, ordered = numeric & (left.numbers == right.numbers), _ordered(name, left.numbers, right.numbers, numeric)
        if "text" == left.kind == right.kind:
            textual = ~(number_left | number_right | left.blank | right.blank)
            equal = equal | (textual & np.asarray(left.texts == right.texts, dtype=bool))
            ordered = ordered | _ordered(name, left.texts, right.texts, textual)
    if name == "=":
        return Column("truth", equal | (left.blank & right.blank), known)
    if name == "<>":
        return Column("truth", ~(equal | (left.blank & right.blank)), known)
    return Column("truth", ordered, known)


def _ordered(name: str, left: NDArray[Any], right: NDArray[Any], comparable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The ordered comparison where it has a meaning, false elsewhere."""
    if name not in ORDER or not comparable.any():
        return np.zeros(comparable.shape, dtype=bool)
    with np.errstate(invalid="ignore"):
        return np.asarray(comparable & np.asarray(ORDER[name](left, right), dtype=bool))


def _taken(result: Column, text: Column) -> Column:
    """The result for each different text, put back on the rows."""
    return Column("truth", result.data[text.data], text.known & result.known[text.data])


def choose(condition: Column, then: Column, otherwise: Column) -> Column:
    """if(): the branch that the condition takes; not evaluable if the condition is not, or the branch taken is not."""
    known = condition.known & np.where(condition.value, then.known, otherwise.known)
    kind = _common_kind(then, otherwise)
    if kind == "number":
        return Column("number", np.where(condition.value, then.numbers, otherwise.numbers), known)
    if kind == "date":
        return Column("date", np.where(condition.value, then.dates, otherwise.dates), known)
    return Column("text", *_factor(np.where(condition.value, then.texts, otherwise.texts), known))


def _factor(texts: NDArray[np.object_], known: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[np.bool_], NDArray[np.object_] | None]:
    coded = column(texts)
    return coded.data, known, coded.levels


def _common_kind(first: Column, second: Column) -> str:
    """The kind in which both branches lose nothing."""
    if "text" == first.kind == second.kind:
        return "text"
    for kind in ("number", "date"):
        if all(_fits(branch, kind) for branch in (first, second)):
            return kind
    return "text"


def _fits(branch: Column, kind: str) -> bool:
    if branch.kind in {kind, "truth" if kind == "number" else kind}:
        return True
    if branch.levels is None:
        return False
    levels = branch.by_level()
    read = ~np.isnan(levels.numbers) if kind == "number" else ~np.isnat(levels.dates)
    return bool((read | levels.blank).all())
