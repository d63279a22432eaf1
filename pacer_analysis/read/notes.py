"""What a reader noticed that belongs to no single cell."""

from __future__ import annotations

from dataclasses import dataclass


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
