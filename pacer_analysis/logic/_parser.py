"""Text to expression, by the grammar beside this module; imported only when something is parsed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.exceptions import VisitError

from pacer_analysis.logic.expression import TODAY, Call, Literal, LogicError, Node, Reference, Today

UNITS = ("y", "M", "d", "h", "m", "s")
DATE_FORMATS = frozenset({"ymd", "mdy", "dmy"})
MANY = 1_000_000
# Function: least and most number of arguments.
FUNCTIONS = {
    "if": (3, 3), "datediff": (3, 5), "round": (1, 2), "roundup": (1, 2), "rounddown": (1, 2), "abs": (1, 1), "sqrt": (1, 1), "mod": (2, 2),
    "exponential": (1, 1), "log": (1, 2), "min": (1, MANY), "max": (1, MANY), "mean": (1, MANY), "median": (1, MANY), "sum": (1, MANY), "stdev": (1, MANY),
    "isnumber": (1, 1), "isinteger": (1, 1), "isblankormissingcode": (1, 1), "isblanknotmissingcode": (1, 1), "contains": (2, 2), "not_contain": (2, 2),
    "starts_with": (2, 2), "ends_with": (2, 2), "length": (1, 1), "year": (1, 1), "month": (1, 1), "day": (1, 1),
}
INSTANCES = frozenset({"current-instance", "previous-instance", "next-instance", "first-instance", "last-instance"})


class _Build(Transformer[Token, Node]):
    """The nodes of the grammar as parts of an expression."""

    def number(self, parts: list[Token]) -> Node:
        return Literal(float(parts[0]))

    def string(self, parts: list[Token]) -> Node:
        text = str(parts[0])[1:-1]
        return Today() if text in TODAY else Literal(text)

    def boolean(self, parts: list[Token]) -> Node:
        return Literal(parts[0].lower() == "true")

    def operation(self, parts: list[Any]) -> Node:
        name = {"!=": "<>", "&&": "and", "||": "or"}.get(parts[1], parts[1].lower())
        return Call(name, (parts[0], parts[2]))

    def negation(self, parts: list[Any]) -> Node:
        return Call("not", (parts[1],))

    def sign(self, parts: list[Any]) -> Node:
        return Call("negative", (parts[1],)) if parts[0] == "-" else Call("+", (Literal(0.0), parts[1]))

    def call(self, parts: list[Any]) -> Node:
        name = parts[0].lower()
        operands = tuple(part for part in parts[1:] if part is not None)
        if name not in FUNCTIONS:
            raise LogicError(f"the function {name} is unknown", allowed=", ".join(sorted(FUNCTIONS)))
        least, most = FUNCTIONS[name]
        if not least <= len(operands) <= most:
            raise LogicError(f"the function {name} has {len(operands)} arguments", allowed=f"{least}" if least == most else f"{least} to {most}")
        return Call(name, _datediff(operands)) if name == "datediff" else Call(name, operands)

    def reference(self, parts: list[Token]) -> Node:
        brackets = ["".join(str(part)[1:-1].split()) if "(" not in part else str(part)[1:-1].strip() for part in parts]
        instance = ""
        if len(brackets) > 1 and (brackets[-1].isdigit() or brackets[-1].lower() in INSTANCES):
            instance = brackets.pop().lower()
        if len(brackets) > 2:
            raise LogicError("more than an event, a field and an instance in brackets", allowed="[field], [event][field], [event][field][instance]")
        field, _, code = brackets[-1].partition("(")
        event = brackets[0] if len(brackets) > 1 else ""
        if "(" in event:
            raise LogicError("an event cannot have a code in parentheses", allowed="[event][field(code)]")
        return Reference(event.lower(), field.strip().lower(), code.rstrip().removesuffix(")").strip(), instance)


def _datediff(operands: tuple[Node, ...]) -> tuple[Node, ...]:
    """Both dates, the unit and whether the sign is kept; the old date format in fourth place is dropped: exports write ISO dates."""
    first, second, unit, *rest = operands
    if not isinstance(unit, Literal) or unit.value not in UNITS:
        raise LogicError("the unit of datediff is unknown", allowed=", ".join(UNITS))
    if rest and isinstance(rest[0], Literal) and str(rest[0].value).lower() in DATE_FORMATS:
        rest = rest[1:]
    signed = rest[0] if rest else Literal(value=False)
    if len(rest) > 1 or not isinstance(signed, Literal) or str(signed.value).lower() not in {"true", "false", "1.0", "0.0", ""}:
        raise LogicError("the last argument of datediff says whether the sign is kept", allowed="true, false")
    return first, second, unit, Literal(str(signed.value).lower() in {"true", "1.0"})


@cache
def _grammar() -> Lark:
    return Lark((Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8"), parser="lalr", maybe_placeholders=False)


def read(text: str) -> Node:
    """The root of an expression; LogicError says at which character it cannot be read."""
    try:
        return _Build().transform(_grammar().parse(text))
    except UnexpectedInput as problem:
        _refuse(text, problem)
    except VisitError as problem:
        if isinstance(problem.orig_exc, LogicError):
            raise problem.orig_exc from None
        raise
    except RecursionError:
        raise LogicError("the expression is nested too deeply") from None


def _refuse(text: str, problem: UnexpectedInput) -> NoReturn:
    """The first character that does not fit, with what stands there."""
    at = problem.pos_in_stream or 0
    if at >= len(text) or getattr(getattr(problem, "token", None), "type", "") == "$END":
        raise LogicError("the expression ends too early", allowed="REDCap's logic, every parenthesis closed")
    raise LogicError(f"{text[at:at + 12]!r} at character {at + 1} was not expected", allowed="REDCap's logic, as in [a] = '1' and [b(2)] <> ''")
