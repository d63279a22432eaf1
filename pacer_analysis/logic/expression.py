"""The parts of a parsed expression."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pacer_analysis.errors import PacerError

if TYPE_CHECKING:
    from collections.abc import Iterator


class LogicError(PacerError):
    """An expression that cannot be read; whoever knows its file raises it again with the place."""

    exit_code = 4


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text or a truth written in the expression; '' is the blank. `text` is a number as it was written."""

    value: float | str | bool
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """`[event][field(code):show][instance]`; parts not written are ''.

    The code is in its original spelling. An event, an instance or a field may be the name of a smart variable
    (`first-event-name`, `last-instance`, `record-name`). `show` is `label` for the label of a choice instead of its code.
    """

    event: str
    field: str
    code: str = ""
    instance: str = ""
    show: str = ""

    def __str__(self) -> str:
        code, show = f"({self.code})" if self.code else "", f":{self.show}" if self.show else ""
        return f"{f'[{self.event}]' if self.event else ''}[{self.field}{code}{show}]{f'[{self.instance}]' if self.instance else ''}"


@dataclass(frozen=True, slots=True)
class Today:
    """The words "today" and "now"."""

    word: str = "today"


@dataclass(frozen=True, slots=True)
class Call:
    """An operator (`+ - * / ^ = <> < > <= >= and or not`, `negative`) or a function with its operands."""

    name: str
    operands: tuple[Node, ...]


Node = Literal | Reference | Today | Call


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression and the text it was read from."""

    text: str
    root: Node

    @property
    def references(self) -> tuple[Reference, ...]:
        """Every different reference, in the order of the text."""
        return tuple(dict.fromkeys(node for node in walk(self.root) if isinstance(node, Reference)))

    @property
    def uses_today(self) -> bool:
        """True if the value depends on the day of evaluation."""
        return any(isinstance(node, Today) for node in walk(self.root))


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in the order of the text."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        if isinstance(found, Call):
            waiting.extend(reversed(found.operands))
