"""REDCap's logic language, read a second time: characters to tokens to a tree, by plain recursive descent."""

from __future__ import annotations

import re
from dataclasses import dataclass

INSTANCES = ("current-instance", "previous-instance", "next-instance", "first-instance", "last-instance")
UNITS = ("y", "M", "d", "h", "m", "s")
FORMATS = ("ymd", "mdy", "dmy")
MANY = 10_000
ARITY: dict[str, tuple[int, int]] = {
    "if": (3, 3), "datediff": (3, 5), "age_at_date": (2, 3),
    "round": (1, 2), "roundup": (1, 2), "rounddown": (1, 2), "sqrt": (1, 1), "abs": (1, 1), "exponential": (1, 1), "log": (1, 2), "mod": (2, 2),
    "min": (1, MANY), "max": (1, MANY), "mean": (1, MANY), "median": (1, MANY), "sum": (1, MANY), "stdev": (1, MANY),
    "isnumber": (1, 1), "isinteger": (1, 1), "isblankormissingcode": (1, 1), "isblanknotmissingcode": (1, 1), "ismissingcode": (1, 1), "hasmissingcode": (2, 2),
    "contains": (2, 2), "not_contain": (2, 2), "starts_with": (2, 2), "ends_with": (2, 2), "find": (2, 2),
    "left": (2, 2), "right": (2, 2), "mid": (3, 3), "length": (1, 1), "trim": (1, 1), "upper": (1, 1), "lower": (1, 1), "replace_text": (3, 3),
    "concat": (1, MANY), "concat_ws": (2, MANY), "year": (1, 1), "month": (1, 1), "day": (1, 1), "dayoftheweek": (1, 1),
}
SYMBOLS = ("<>", "!=", ">=", "<=", "&&", "||", "=", ">", "<", "+", "-", "*", "/", "^", "(", ")", ",")
NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
GROUP = re.compile(r"\s*([A-Za-z0-9_-]+)\s*(?:\(\s*([^()\[\]]*?[^()\[\]\s])\s*\))?\s*")


class LogicError(ValueError):
    """The text is no expression of the language."""


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Text:
    value: str


@dataclass(frozen=True)
class Truth:
    value: bool


@dataclass(frozen=True)
class Reference:
    event: str | None
    name: str
    code: str | None
    instance: str | None


@dataclass(frozen=True)
class Unary:
    sign: str
    operand: Node


@dataclass(frozen=True)
class Binary:
    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Call:
    name: str
    arguments: tuple[Node, ...]


Node = Number | Text | Truth | Reference | Unary | Binary | Call


@dataclass(frozen=True)
class Token:
    kind: str  # number, text, word, bracket, symbol, end
    value: str
    groups: tuple[tuple[str, str | None], ...] = ()


def tokens(text: str) -> list[Token]:
    """The tokens of an expression, without white space and comments, closed by one of kind `end`."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        rest = text[at:]
        if rest[0].isspace():
            at += 1
        elif rest.startswith(("//", "#")):
            at += len(re.split(r"[\r\n]", rest, maxsplit=1)[0])
        elif rest.startswith("/*"):
            end = rest.find("*/", 2)
            if end < 0:
                raise LogicError("a comment is not closed")
            at += end + 2
        elif rest[0] in "'\"":
            end = rest.find(rest[0], 1)
            if end < 0:
                raise LogicError("a quote is not closed")
            found.append(Token("text", rest[1:end]))
            at += end + 1
        elif rest[0] == "[":
            groups, used = _brackets(rest)
            found.append(Token("bracket", rest[:used], groups))
            at += used
        elif number := NUMBER.match(rest):
            found.append(Token("number", number.group()))
            at += number.end()
        elif word := WORD.match(rest):
            found.append(Token("word", word.group()))
            at += word.end()
        else:
            symbol = next((s for s in SYMBOLS if rest.startswith(s)), None)
            if symbol is None:
                raise LogicError(f"{rest[0]!r} has no meaning here")
            found.append(Token("symbol", symbol))
            at += len(symbol)
    return [*found, Token("end", "")]


def _brackets(rest: str) -> tuple[tuple[tuple[str, str | None], ...], int]:
    groups: list[tuple[str, str | None]] = []
    at = 0
    while rest[at:at + 1] == "[":
        end = rest.find("]", at)
        match = GROUP.fullmatch(rest[at + 1:end]) if end > 0 else None
        if match is None:
            raise LogicError("what stands in brackets is no name")
        groups.append((match.group(1), match.group(2)))
        at = end + 1
    return tuple(groups), at


def _reference(groups: tuple[tuple[str, str | None], ...]) -> Reference:
    left = list(groups)
    instance: str | None = None
    name, code = left[-1]
    if len(left) > 1 and code is None and (name.isdigit() or name in INSTANCES):
        instance = name
        left.pop()
        if instance.isdigit() and int(instance) == 0:
            raise LogicError("instances count from 1")
    if len(left) > 2 or (len(left) == 2 and left[0][1] is not None):
        raise LogicError("too many names in brackets")
    name, code = left[-1]
    if name[0] in "0123456789-_":
        raise LogicError("a field's name begins with a letter")
    return Reference(left[0][0] if len(left) == 2 else None, name, code, instance)


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens = tokens(text)
        self.at = 0

    def sees(self, *wanted: str) -> str | None:
        """The sign or keyword that comes next, if it is one of the wanted; it is then passed."""
        token = self.tokens[self.at]
        if token.kind not in {"symbol", "word"} or token.value.lower() not in wanted:
            return None
        self.at += 1
        return token.value.lower()

    def needs(self, sign: str) -> None:
        if self.sees(sign) is None:
            raise LogicError(f"{sign!r} is missing before {self.tokens[self.at].value!r}")

    def any_of(self) -> Node:
        node = self.all_of()
        while self.sees("or", "||"):
            node = Binary("or", node, self.all_of())
        return node

    def all_of(self) -> Node:
        node = self.negation()
        while self.sees("and", "&&"):
            node = Binary("and", node, self.negation())
        return node

    def negation(self) -> Node:
        return Unary("not", self.negation()) if self.sees("not") else self.comparison()

    def comparison(self) -> Node:
        signs = ("=", "<>", "!=", ">", ">=", "<", "<=")
        node = self.total()
        if sign := self.sees(*signs):
            node = Binary("<>" if sign == "!=" else sign, node, self.total())
            if self.sees(*signs):
                raise LogicError("comparisons do not chain")
        return node

    def total(self) -> Node:
        node = self.product()
        while sign := self.sees("+", "-"):
            node = Binary(sign, node, self.product())
        return node

    def product(self) -> Node:
        node = self.signed()
        while sign := self.sees("*", "/"):
            node = Binary(sign, node, self.signed())
        return node

    def signed(self) -> Node:
        sign = self.sees("-", "+")
        return Unary(sign, self.signed()) if sign else self.power()

    def power(self) -> Node:
        base = self.primary()
        return Binary("^", base, self.signed()) if self.sees("^") else base

    def primary(self) -> Node:
        token = self.tokens[self.at]
        self.at += 1
        if token.kind == "number":
            return Number(float(token.value))
        if token.kind == "text":
            return Text(token.value)
        if token.kind == "bracket":
            return _reference(token.groups)
        if token.kind == "symbol" and token.value == "(":
            node = self.any_of()
            self.needs(")")
            return node
        if token.kind == "word":
            return self.call(token.value.lower())
        raise LogicError(f"a value is missing before {token.value!r}")

    def call(self, name: str) -> Node:
        following = self.tokens[self.at]
        if following.kind != "symbol" or following.value != "(":
            if name in {"true", "false"}:
                return Truth(name == "true")
            raise LogicError(f"{name!r} stands alone")
        if name not in ARITY:
            raise LogicError(f"no function {name!r}")
        self.needs("(")
        arguments = [self.any_of()]
        while self.sees(","):
            arguments.append(self.any_of())
        self.needs(")")
        least, most = ARITY[name]
        if not least <= len(arguments) <= most:
            raise LogicError(f"{name} does not take {len(arguments)} arguments")
        if name == "datediff":
            _check_datediff(arguments)
        return Call(name, tuple(arguments))


def _check_datediff(arguments: list[Node]) -> None:
    unit, options = arguments[2], arguments[3:]
    if isinstance(unit, Number | Truth) or (isinstance(unit, Text) and unit.value not in UNITS):
        raise LogicError("datediff has no such unit")
    formatted = bool(options) and isinstance(options[0], Text) and options[0].value.lower() in FORMATS
    if len(options) == 2 and not formatted:
        raise LogicError("the fourth of five arguments of datediff is ymd, mdy or dmy")
    if options and not formatted and isinstance(options[0], Text) and options[0].value.lower() not in {"true", "false", ""}:
        raise LogicError("the fourth argument of datediff is true, false, ymd, mdy or dmy")


def parse(text: str) -> Node:
    """The tree of an expression; LogicError where it is none."""
    reader = _Reader(text)
    node = reader.any_of()
    if reader.tokens[reader.at].kind != "end":
        raise LogicError(f"{reader.tokens[reader.at].value!r} is left over")
    return node
