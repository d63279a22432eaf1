"""What the rules found: how often each passed, failed or could not be evaluated, and the rows on which it failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.notes import Note
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.described import Described

SEVERITIES = ("error", "warning", "info")
RESERVED = "reserved for the closed report"


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of one table on which one rule failed for one field, for the same reason."""

    rule: str
    severity: str
    table: Tidy
    rows: NDArray[np.intp]
    field: Described
    message: str
    action: str


@dataclass(slots=True)
class Count:
    """Three outcomes of a rule: what is not evaluable is neither passed nor failed."""

    severity: str
    evaluated: int = 0
    failed: int = 0
    not_evaluable: int = 0
    reasons: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Ledger:
    """The outcome of every rule of one side; `prefix` distinguishes the rules of the sealed side."""

    prefix: str = ""
    counts: dict[str, Count] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)
    notes: list[tuple[str, Note]] = field(default_factory=list)
    unknown: list[tuple[str, Tidy, str, NDArray[np.intp]]] = field(default_factory=list)

    def count(self, rule: str, severity: str, *, evaluated: int = 0, failed: int = 0, not_evaluable: int = 0, reason: str = "") -> None:
        """Adds to the outcomes of a rule; the gravest severity it has shown is kept."""
        entry = self.counts.setdefault(self.prefix + rule, Count(severity))
        if SEVERITIES.index(severity) < SEVERITIES.index(entry.severity):
            entry.severity = severity
        entry.evaluated += int(evaluated)
        entry.failed += int(failed)
        entry.not_evaluable += int(not_evaluable)
        if reason:
            entry.reasons.add(reason)

    def fail(self, rule: str, severity: str, table: Tidy, rows: NDArray[np.intp], about: Described, message: str, action: str) -> None:
        """Adds the rows on which a rule failed; the caller counts what it evaluated."""
        self.count(rule, severity, failed=len(rows))
        if len(rows):
            self.batches.append(Batch(self.prefix + rule, severity, table, rows, about, message, action))

    def cannot(self, rule: str, severity: str, table: Tidy, field_name: str, rows: NDArray[np.intp], reason: str) -> None:
        """Adds the rows on which a rule could not be evaluated, with the reason."""
        self.count(rule, severity, not_evaluable=len(rows), reason=reason if len(rows) else "")
        if len(rows):
            self.unknown.append((self.prefix + rule, table, field_name, rows))

    def note(self, source: str, note: Note) -> None:
        """Adds a finding on a file or a dictionary."""
        self.count(note.rule, note.severity, evaluated=1, failed=1)
        self.notes.append((source, note))
