"""The value of an expression on every row, with REDCap's meaning of blank."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from pacer_analysis.logic._columns import Column, Source, column, single, with_codes
from pacer_analysis.logic._compare import COMPARISONS, choose, compare, junction, opposite
from pacer_analysis.logic._functions import FUNCTIONS
from pacer_analysis.logic.expression import Call, Expression, Literal, Node, Reference, Today

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

# Functions that ask whether a value, be it written or calculated, is one of the project's missing-data codes.
OF_CODES = frozenset({"isblankormissingcode", "isblanknotmissingcode", "ismissingcode", "hasmissingcode"})
SPECIAL: dict[str, Callable[..., Column]] = {"not": opposite, "if": choose}


def value_of(expression: Expression, lookup: Callable[[Reference], Source], today: dt.date | None, rows: int | None, codes: Collection[str]) -> Column:
    """The expression on every row; each reference is looked up once, and the depth of the expression does not matter."""
    found: dict[Reference, Column] = {}
    results: list[Column] = []
    for node in _from_the_leaves(expression.root):
        if isinstance(node, Reference):
            if node not in found:
                looked_up = column(lookup(node))
                found[node] = as_box(looked_up) if node.code else looked_up
            results.append(found[node])
        elif isinstance(node, Call):
            first = len(results) - len(node.operands)
            operands = results[first:]
            del results[first:]
            # A field's cells are marked already: a code that is one of its own choices is a choice.
            if codes and node.name in OF_CODES and not isinstance(node.operands[0], Reference):
                operands[0] = with_codes(operands[0], codes)
            results.append(apply(node.name, operands))
        else:
            results.append(single(node.value) if isinstance(node, Literal) else _day(node, today))
    result = results[0]
    return result if rows is None else result.spread(rows)


def _from_the_leaves(root: Node) -> list[Node]:
    """Every node after those below it."""
    order: list[Node] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        order.append(node)
        if isinstance(node, Call):
            waiting.extend(node.operands)
    return order[::-1]


def _day(node: Today, today: dt.date | None) -> Column:
    """The day of evaluation as a date, or for "now" the moment if it was given one; the word itself is what a code may be called."""
    if today is None:
        return column(None)
    if not isinstance(today, dt.datetime):
        return single(today.isoformat(), node.word)
    return single(today.date().isoformat() if node.word == "today" else today.strftime("%Y-%m-%d %H:%M:%S"), node.word)


def as_box(values: Column) -> Column:
    """A checkbox column: where it is blank the box is unticked, '0', and blank too."""
    values = values.coded() if values.kind == "number" else values
    return values if values.levels is None else replace(values, levels=values.levels.boxed)


def apply(name: str, operands: list[Column]) -> Column:
    """One operator or function on columns of the same length, or of one value."""
    if name in {"and", "or"}:
        return junction(name, *operands)
    if name in COMPARISONS:
        return compare(name, *operands)
    if name in SPECIAL:
        return SPECIAL[name](*operands)
    known = operands[0].known
    for operand in operands[1:]:
        known = known & operand.known
    return FUNCTIONS[name](operands, known)
