"""The comparison as files: counts in summary.csv, every difference in changes.csv."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pacer_analysis.compare.changes import ADDED, CHANGED, REMOVED, Found
from pacer_analysis.validate.safecsv import write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.compare.registers import Registers

SUMMARY = ("table", "field", "measure", "count")
CHANGES = ("record", "event", "instrument", "instance", "field", "change", "old", "new")


def write_changes(path: Path, found: Found) -> None:
    """One row for each record or row that only one folder has, and for each value that differs; identifiers masked."""
    write_csv(path, CHANGES, found.changes)


def write_summary(path: Path, found: Found, queries: Registers | None) -> None:
    """Counts by table and field; a blank table is all of them, a blank field all of its fields; fields without a difference are left out."""
    write_csv(path, SUMMARY, [*_counts(found), *_queries(queries)])


def _counts(found: Found) -> Iterator[tuple[str, str, str, str]]:
    for measure, count in (("records before", found.records[0]), ("records after", found.records[1]), ("records added", found.records_added),
                           ("records removed", found.records_removed), ("tables added", sum(not table.present[0] for table in found.tables)),
                           ("tables removed", sum(not table.present[1] for table in found.tables))):
        yield "", "", measure, str(count)
    for table in found.tables:
        for measure, count in (("rows before", table.rows[0]), ("rows after", table.rows[1]), ("rows added", table.rows_added), ("rows removed", table.rows_removed),
                               ("records before", table.records[0]), ("records after", table.records[1]), ("records added", table.records_added),
                               ("records removed", table.records_removed), ("columns added", len(table.columns_added)), ("columns removed", len(table.columns_removed)),
                               ("values added", table.count(ADDED)), ("values changed", table.count(CHANGED)), ("values removed", table.count(REMOVED))):
            yield table.name, "", measure, str(count)
        for name in table.columns_added:
            yield table.name, name, "column added", "1"
        for name in table.columns_removed:
            yield table.name, name, "column removed", "1"
        for name, counts in table.values.items():
            for change, measure in ((ADDED, "values added"), (CHANGED, "values changed"), (REMOVED, "values removed")):
                yield table.name, name, measure, str(counts[change])


def _queries(queries: Registers | None) -> Iterator[tuple[str, str, str, str]]:
    """Queries by rule, which stands in the column of fields."""
    if queries is None:
        return
    for measure, counts in (("pending before", queries.pending[0]), ("pending after", queries.pending[1]), ("new", queries.new), ("resolved", queries.resolved),
                            ("accepted", queries.accepted), ("no longer listed", queries.gone)):
        yield "queries", "", measure, str(counts.total())
        for rule, count in sorted(counts.items()):
            yield "queries", rule, measure, str(count)
