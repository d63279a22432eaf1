"""Typed access to a block of the plan, with errors that name the file, the line, the key and what is allowed."""

from __future__ import annotations

import contextlib
import datetime
import difflib
from collections.abc import Iterable
from typing import Any

from pacer_analysis.errors import PlanError
from pacer_analysis.plan.strict_yaml import Block

BLANK = "FILL_IN"
"""What `pacer new` writes where only a person can know."""


def nearest(name: str, allowed: Iterable[str]) -> str:
    """The allowed name that was probably meant, as a suggestion; empty when none is near."""
    close = difflib.get_close_matches(name, list(allowed), n=1)
    return f"Did you mean `{close[0]}`?" if close else ""


def listed(names: Iterable[str]) -> str:
    """The names, cut to a readable length."""
    names = list(names)
    return ", ".join(names[:30]) + (f", ... ({len(names)} in all)" if len(names) > 30 else "") or "(none)"


def unknown_name(what: str, name: object, allowed: Iterable[str], where: str) -> PlanError:
    """The error for a name that nothing in the plan or its dictionary defines."""
    names = list(allowed)
    return PlanError(f"Unknown {what} `{name}`.", where=where, allowed=listed(names),
                     do=nearest(str(name), names) or "Use one of these, or define it.")


def only(block: Block, allowed: Iterable[str], what: str) -> None:
    """Refuse a key that the block does not have, and a blank that nobody filled."""
    names = tuple(allowed)
    for key, value in block.items():
        if key not in names:
            raise unknown_name(f"key in {what}", key, names, block.where(key))
        if value == BLANK or (isinstance(value, list) and BLANK in value):
            raise PlanError(f"The blank `{key}` of {what} is not filled.", where=block.where(key),
                            do=f"Replace {BLANK}; the comment beside it says by what.")


def text(block: Block, key: str, default: str | None = None) -> str:
    """The text of a key; `default` None makes the key obligatory."""
    value = _value(block, key, default)
    if isinstance(value, bool) or not isinstance(value, str):
        raise PlanError(f"`{key}` should be text, not `{value}`.", where=block.where(key), allowed="text", do=f'Quote it: {key}: "{value}"')
    return value


def word(block: Block, key: str, allowed: Iterable[str], default: str | None = None) -> str:
    """One of a few words."""
    value = text(block, key, default)
    names = tuple(allowed)
    if value not in names:
        raise unknown_name(f"value of `{key}`:", value, names, block.where(key))
    return value


def flag(block: Block, key: str, default: bool = False) -> bool:
    """Yes or no, written true or false."""
    value = block.get(key, default)
    if not isinstance(value, bool):
        raise PlanError(f"`{key}` should be true or false, not `{value}`.", where=block.where(key), allowed="true, false", do="Write true or false, unquoted.")
    return value


def number(block: Block, key: str, default: float | None = None) -> float:
    """A number."""
    value = _value(block, key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PlanError(f"`{key}` should be a number, not `{value}`.", where=block.where(key), allowed="a number", do="Write it without quotes or units.")
    return value


def whole(block: Block, key: str, default: int | None = None) -> int:
    """A whole number."""
    value = number(block, key, default)
    if value != int(value):
        raise PlanError(f"`{key}` should be a whole number, not `{value}`.", where=block.where(key), allowed="a whole number", do="Write it in days, without decimals.")
    return int(value)


def date(block: Block, key: str) -> datetime.date:
    """A calendar date written 2019-12-31."""
    value = _value(block, key, None)
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            value = datetime.date.fromisoformat(value)
    if not isinstance(value, datetime.date):
        raise PlanError(f"`{key}` should be a date, not `{value}`.", where=block.where(key), allowed="2019-12-31", do="Write year-month-day.")
    return value


def words(block: Block, key: str) -> tuple[str, ...]:
    """A list of names; empty when the key is absent."""
    value = block.get(key, [])
    if not isinstance(value, list) or any(isinstance(item, bool) or not isinstance(item, str) for item in value):
        raise PlanError(f"`{key}` should be a list of names.", where=block.where(key), allowed=f"{key}: [one, two]", do="Put the names in square brackets.")
    return tuple(value)


def section(block: Block, key: str, *, required: bool = False) -> Block:
    """A block under a key; an empty one when it is absent and not required."""
    value = _value(block, key, None) if required else block.get(key)
    if value is None:
        value = Block()
        value.file, value.line, value.lines = block.file, block.lines.get(key, block.line), {}
    if not isinstance(value, Block):
        raise PlanError(f"`{key}` should hold `name: value` pairs.", where=block.where(key), allowed=f"{key}: {{name: value}}", do="Indent its entries below it.")
    return value


def sections(block: Block, key: str) -> dict[str, Block]:
    """The named blocks under a key, in the order of the file."""
    return {name: section(section(block, key), name, required=True) for name in section(block, key)}


def _value(block: Block, key: str, default: object) -> Any:
    if key in block and block[key] is not None:
        return block[key]
    if default is None:
        raise PlanError(f"`{key}` is missing.", where=block.where(), do=f"Add `{key}:` to this block.")
    return default
