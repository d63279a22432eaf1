"""The records in which an open finding waits."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CLOSED = frozenset({"resolved", "closed", "accepted"})
COUNTED = frozenset({"error", "warning"})


def waiting(queries: Path | None) -> frozenset[str]:
    """The records with an open error or warning in a register of findings; none without a register."""
    if queries is None or not queries.is_file():
        return frozenset()
    csv.field_size_limit(2**31 - 1)      # a value as exported may be long
    with queries.open(encoding="utf-8", newline="") as handle:
        return frozenset(row["record"] for row in csv.DictReader(handle) if row["record"] and row["severity"] in COUNTED and row["status"] not in CLOSED)
