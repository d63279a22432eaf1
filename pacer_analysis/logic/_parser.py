"""Text to expression, by the grammar beside this module; imported only when something is parsed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn

from lark import Lark, Token, Transformer, UnexpectedInput

from pacer_analysis.logic._arguments import ARGUMENTS, check_count, datediff, flag
from pacer_analysis.logic._brackets import reference
from pacer_analysis.logic.expression import Call, Literal, LogicError, Node, Reference, Today

SPELLINGS = {"!=": "<>", "&&": "and", "||": "or"}
CURLY = "‘’“”„"
# ASSUME: today, now and the units of datediff are understood without quotes too; REDCap's manual writes them in quotes.
BARE_WORDS = True


@dataclass(frozen=True, slots=True)
class _Word(Literal):
    """A bare word, which only datediff takes: a unit or a date format."""

    at: int = 0


class _Build(Transformer[Token, Node]):
    """The nodes of the grammar as parts of an expression; called while the text is read, so that no depth is too great."""

    def number(self, parts: list[Token]) -> Node:
        text = str(parts[0])
        # What no float can hold is no number.
        return Literal(float(text) if isfinite(float(text)) else text, text)

    def string(self, parts: list[Token]) -> Node:
        text = str(parts[0])[1:-1]
        # "NaN" is how REDCap writes a calculation's blank.
        return Today(text) if text in {"today", "now"} else Literal("" if text == "NaN" else text)

    def boolean(self, parts: list[Token]) -> Node:
        return Literal(parts[0].lower() == "true")

    def word(self, parts: list[Token]) -> Node:
        name, at = parts[0].lower(), parts[0].start_pos or 0
        if not BARE_WORDS:
            raise LogicError(f"the word {name[:20]} at character {at + 1} has neither brackets nor quotes", allowed="[field], 'text', 'today', 'now'")
        if name in {"today", "now"}:
            return Today(name)
        return Literal("") if name == "nan" else _Word(str(parts[0]), at=at)

    def operation(self, parts: list[Any]) -> Node:
        return Call(SPELLINGS.get(parts[1], parts[1].lower()), (_value(parts[0]), _value(parts[2])))

    def negation(self, parts: list[Any]) -> Node:
        return Call("not", (_value(parts[1]),))

    def sign(self, parts: list[Any]) -> Node:
        return Call("negative", (_value(parts[1]),)) if parts[0] == "-" else Call("+", (Literal(0.0), _value(parts[1])))

    def call(self, parts: list[Any]) -> Node:
        name, at = parts[0].lower(), parts[0].start_pos or 0
        operands = tuple(part for part in parts[1:] if part is not None)
        if name not in ARGUMENTS:
            raise LogicError(f"the function {name} at character {at + 1} is unknown", allowed=", ".join(sorted(ARGUMENTS)))
        check_count(name, len(operands), at)
        if name == "datediff":
            return Call(name, datediff(tuple(map(_value, operands[:2])), operands[2:], at))
        operands = tuple(map(_value, operands))
        return Call(name, (*operands[:2], *(flag(operand, name, at) for operand in operands[2:]))) if name == "age_at_date" else Call(name, operands)

    def arguments(self, parts: list[Node]) -> tuple[Node, ...]:
        return tuple(Literal(part.value) if isinstance(part, _Word) else part for part in parts)

    def reference(self, parts: list[Token]) -> Reference:
        return reference([(part.start_pos or 0, str(part)) for part in parts])


def _value(part: Node) -> Node:
    """The part; LogicError if it is a bare word, which is no value."""
    if isinstance(part, _Word):
        raise LogicError(f"the word {str(part.value)[:20]} at character {part.at + 1} has neither brackets nor quotes", allowed="[field], 'text', today, now")
    return part


@cache
def _grammar() -> Lark:
    grammar = (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", maybe_placeholders=False, transformer=_Build(), start=["start", "arguments"])


def read(text: str) -> Node:
    """The root of an expression; LogicError says at which character it cannot be read."""
    root: Node = _parsed(text, "start")
    return _value(root)


def read_arguments(text: str) -> tuple[Node, ...]:
    """The roots of several expressions between commas; LogicError says at which character one cannot be read."""
    roots: tuple[Node, ...] = _parsed(text, "arguments")
    return roots


def _parsed(text: str, start: str) -> Any:
    try:
        return _grammar().parse(text, start=start)
    except UnexpectedInput as problem:
        _refuse(text, problem)


def _refuse(text: str, problem: UnexpectedInput) -> NoReturn:
    """The first character that does not fit, with what stands there."""
    at = problem.pos_in_stream if problem.pos_in_stream is not None else len(text)
    if at < 0 or at >= len(text) or getattr(getattr(problem, "token", None), "type", "") == "$END":
        raise LogicError("the expression ends too early", allowed="REDCap's logic, every parenthesis closed")
    if text[at - 1:at + 1] == "/*":
        raise LogicError(f"the comment at character {at} is not closed", allowed="/* a comment */")
    if text[at] in CURLY:
        raise LogicError(f"a curly quotation mark at character {at + 1} was not expected", allowed="straight quotation marks, as in 'text'")
    raise LogicError(f"{text[at:at + 12]!r} at character {at + 1} was not expected", allowed="REDCap's logic, as in [a] = '1' and [b(2)] <> ''")
