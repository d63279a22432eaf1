"""Rows of the results by what they are about, and the denominators that heads of columns and captions show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pacer_analysis.results import NOT_VERIFIED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pacer_analysis.results import Estimate


@dataclass(frozen=True, slots=True)
class Results:
    """The estimates of one audience, by analysis, in the order of the file."""

    estimates: tuple[Estimate, ...]

    def of(self, *analyses: str) -> list[Estimate]:
        """The rows of these analyses."""
        return [row for row in self.estimates if row.analysis in analyses]

    def size(self, population: str, arm: str = "") -> int | None:
        """How many are in a population: its count if the results hold one, the arms' sum for pooled, else None."""
        counts = {row.arm: row.estimate for row in self.estimates if row.measure == "count" and row.term == population and not row.contrast
                  and row.estimate is not None}
        if arm in counts:
            return int(counts[arm] or 0)
        if not arm and counts:
            return int(sum(value or 0 for value in counts.values()))
        return None


def distinct(values: Iterable[str]) -> list[str]:
    """The values, each once, in order of first appearance."""
    return list(dict.fromkeys(values))


def analysed(rows: Sequence[Estimate], arm: str) -> int | None:
    """The greatest number analysed among an arm's rows."""
    found = [(row.n or 0) for row in rows if row.arm == arm and not row.contrast and row.n is not None]
    return max(found) if found else None


def arms_of(rows: Sequence[Estimate], order: Iterable[str]) -> list[str]:
    """The arms that have rows, in the report's order, the pooled column (blank) last."""
    seen = {row.arm for row in rows if not row.contrast}
    return [arm for arm in order if arm in seen] + ([""] if "" in seen else [])


def methods_of(rows: Iterable[Estimate]) -> list[str]:
    """The method sentences of the rows, each once."""
    return distinct(row.method for row in rows if row.method)


def has_number(row: Estimate) -> bool:
    """True if the row says a number: an estimate, or a test's p."""
    return row.estimate is not None or row.statistic is not None or row.p is not None


def notes_in_common(rows: Sequence[Estimate]) -> tuple[list[Estimate], list[str]]:
    """The rows without what the notes of all that have a number say alike, and those remarks, to be printed once."""
    counted = [row.note.split("; ") for row in rows if has_number(row)]
    shared = [part for part in counted[0] if part and NOT_VERIFIED not in part and all(part in other for other in counted)] if len(counted) > 1 else []
    if not shared:
        return list(rows), []
    kept = ["; ".join(part for part in row.note.split("; ") if part not in shared) for row in rows]
    return [replace(row, note=note) if note or has_number(row) else row for row, note in zip(rows, kept, strict=True)], shared
