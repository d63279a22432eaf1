"""REDCap's expression language, the only one of the project: branching, calculations, checks, populations."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pacer_analysis.logic.expression import Expression, LogicError, Reference

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection

    from pacer_analysis.logic._columns import Column, Source

__all__ = ["Expression", "LogicError", "Reference", "evaluate", "parse", "parse_arguments"]


@lru_cache(maxsize=4096)
def _parse(text: str) -> Expression:
    from pacer_analysis.logic._parser import read

    return Expression(text, read(text))


def parse(text: str, where: str = "") -> Expression:
    """The expression that a text says; LogicError with the position, and with `where` it stands, if it says none."""
    if not text.strip():
        raise LogicError("an expression is blank", where=where, do="write one, or leave the key out")
    try:
        return _parse(text)
    except LogicError as problem:
        raise LogicError(problem.what, where=where, allowed=problem.allowed, do=problem.do or "correct the expression") from None


@lru_cache(maxsize=512)
def parse_arguments(text: str) -> tuple[Expression, ...]:
    """The expressions between the commas of a text, as an action tag takes them; LogicError with the position if it holds none."""
    from pacer_analysis.logic._parser import read_arguments

    return tuple(Expression(text, root) for root in read_arguments(text))


def evaluate(expression: Expression, lookup: Callable[[Reference], Source], *, today: dt.date | None = None, rows: int | None = None,
             codes: Collection[str] = ()) -> Column:
    """The expression's value on every row at once.

    `lookup` gives a reference's column: a pandas Series or NumPy array of text, float64, bool or datetime64, a Column, or
    None if the reference cannot be resolved, which makes what depends on it not evaluable (never blank, never false).
    The result has `value` (true, for conditions), `known` (evaluable), `numbers` (NaN blank), `texts`, `dates` and `blank`; it
    has `rows` rows, or as many as the columns looked up (one if there is none). Without `today`, "today" and "now" are not
    evaluable; "now" is the moment if `today` is a datetime, else the day. `codes` are the project's missing-data codes.
    """
    from pacer_analysis.logic._evaluate import value_of

    return value_of(expression, lookup, today, rows, codes)
