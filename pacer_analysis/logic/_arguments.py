"""The functions of the language with the arguments that they take, and those whose arguments have rules of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pacer_analysis.logic.expression import Literal, LogicError

if TYPE_CHECKING:
    from pacer_analysis.logic.expression import Node

UNITS = ("y", "M", "d", "h", "m", "s")
DATE_FORMATS = frozenset({"ymd", "mdy", "dmy"})
TRUTHS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False, "": False}
WRITTEN_DATE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(.*)", re.ASCII)
MANY = 1_000_000
# Function: least and most number of arguments.
ARGUMENTS = {
    "if": (3, 3), "datediff": (3, 5), "age_at_date": (2, 3), "year": (1, 1), "month": (1, 1), "day": (1, 1), "dayoftheweek": (1, 1),
    "round": (1, 2), "roundup": (1, 2), "rounddown": (1, 2), "abs": (1, 1), "sqrt": (1, 1), "mod": (2, 2), "exponential": (1, 1), "log": (1, 2),
    "min": (1, MANY), "max": (1, MANY), "mean": (1, MANY), "median": (1, MANY), "sum": (1, MANY), "stdev": (1, MANY), "isnumber": (1, 1), "isinteger": (1, 1),
    "isblankormissingcode": (1, 1), "isblanknotmissingcode": (1, 1), "ismissingcode": (1, 1), "hasmissingcode": (2, 2),
    "contains": (2, 2), "not_contain": (2, 2), "starts_with": (2, 2), "ends_with": (2, 2), "find": (2, 2), "left": (2, 2), "right": (2, 2), "mid": (3, 3),
    "length": (1, 1), "trim": (1, 1), "upper": (1, 1), "lower": (1, 1), "replace_text": (3, 3), "concat": (1, MANY), "concat_ws": (2, MANY),
}


def check_count(name: str, count: int, at: int) -> None:
    """LogicError if a function, written at a character, has too few or too many arguments."""
    least, most = ARGUMENTS[name]
    if not least <= count <= most:
        few = f"{least} or more" if most == MANY else f"{least}" if least == most else f"{least} to {most}"
        raise LogicError(f"the function {name} at character {at + 1} has {count} argument{'s' * (count != 1)}", allowed=few)


def datediff(dates: tuple[Node, ...], rest: tuple[Node, ...], at: int) -> tuple[Node, ...]:
    """Both dates, the unit and whether the sign is kept.

    Old logic has a date format in fourth place. Exports write ISO dates, so it says only how dates in quotes are written.
    """
    unit, *options = rest
    if not isinstance(unit, Literal) or unit.value not in UNITS:
        raise LogicError(f"the unit of datediff at character {at + 1} is unknown", allowed=", ".join(UNITS))
    if options and isinstance(options[0], Literal) and str(options[0].value).lower() in DATE_FORMATS:
        written, options = str(options[0].value).lower(), options[1:]
        dates = tuple(_iso(date, written) for date in dates)
    if len(options) > 1:
        raise LogicError(f"the fourth argument of datediff at character {at + 1} is no date format", allowed=", ".join(sorted(DATE_FORMATS)))
    return (*dates, Literal(unit.value), flag(options[0], "datediff", at) if options else Literal(value=False))


def flag(operand: Node, name: str, at: int) -> Node:
    """The last argument of a function that takes true or false: bare, in quotes, as 1 or 0, or an expression that is one of them."""
    if not isinstance(operand, Literal):
        return operand
    text = str(operand.value).lower()
    if text not in TRUTHS:
        raise LogicError(f"the last argument of {name} at character {at + 1} is neither true nor false", allowed="true, false")
    return Literal(TRUTHS[text])


def _iso(date: Node, written: str) -> Node:
    """A date in quotes that is written month or day first, as an ISO date; anything else as it is."""
    found = WRITTEN_DATE.fullmatch(date.value) if isinstance(date, Literal) and isinstance(date.value, str) else None
    if not found or written == "ymd":
        return date
    month, day = (found[1], found[2]) if written == "mdy" else (found[2], found[1])
    return Literal(f"{found[3]}-{int(month):02d}-{int(day):02d}{found[4]}")
