"""What stands in brackets, as a reference."""

from __future__ import annotations

import re
from typing import NoReturn

from pacer_analysis.logic.expression import LogicError, Reference
from pacer_analysis.logic.smart import INSTANCES, is_smart

BRACKET = re.compile(r"\s*([A-Za-z0-9_][A-Za-z0-9_-]*)\s*(\(([^()]*)\))?\s*(?::([^()]*))?\s*", re.ASCII)
ALLOWED = "[field], [field(code)], [event][field], [field][instance], [event][field][instance]"
# `[field:value]` is the field's code, as `[field]` is.
AS_STORED = frozenset({"", "value"})


def reference(brackets: list[tuple[int, str]]) -> Reference:
    """The reference that adjacent brackets make, each with its first character's place; LogicError if they make none."""
    parts = [_part(at, text) for at, text in brackets]
    instance = ""
    if len(parts) > 1 and not parts[-1][1] and (parts[-1][0].isdigit() or parts[-1][0] in INSTANCES):
        instance = parts.pop()[0]
    if instance and not instance.strip("0"):
        _refuse(brackets[-1][0], "the first instance has the number 1, but 0 is asked for")
    if len(parts) > 2:
        _refuse(brackets[0][0], "more than an event, a field and an instance in brackets")
    name, code, show = parts[-1]
    if name[0].isdigit() and not is_smart(name):
        _refuse(brackets[len(parts) - 1][0], "a number in brackets where a field's name should be")
    event = ""
    if len(parts) > 1:
        event, strange, shown = parts[0]
        if strange or shown:
            _refuse(brackets[0][0], "an event cannot have a code in parentheses")
    return Reference(event, name, code, instance.lstrip("0") if instance.isdigit() else instance, show)


def _part(at: int, text: str) -> tuple[str, str, str]:
    """Name, code and suffix in one pair of brackets; names are in lower case, codes as they are written."""
    found = BRACKET.fullmatch(text[1:-1])
    if not found or (found[2] and not found[3].strip()):
        _refuse(at, "what stands in the brackets is no field, event or instance")
    show = (found[4] or "").strip()
    return found[1].lower(), (found[3] or "").strip(), "" if show.lower() in AS_STORED else show


def _refuse(at: int, what: str) -> NoReturn:
    raise LogicError(f"{what} at character {at + 1}", allowed=ALLOWED)
