"""What a reader noticed that belongs to no single cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Note:
    """One remark on a file, a column or (with `line`) a row; `rule` and `severity` are those of the finding it becomes."""

    rule: str
    severity: str
    field: str
    message: str
    action: str = ""
    form: str = ""
    line: int = 0
    record: str = ""
    event: str = ""
    instance: str = ""


def many(names: Sequence[str]) -> str:
    """Names in a sentence, the first ten of them."""
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
