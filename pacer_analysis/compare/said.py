"""The comparison in lines for a screen: counts and names of fields, never a participant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.compare.changes import ADDED, CHANGED, REMOVED

if TYPE_CHECKING:
    from pacer_analysis.compare.changes import Found, TableChanges
    from pacer_analysis.compare.folders import Results
    from pacer_analysis.compare.registers import Registers

MOST_FIELDS = 15
HEADER = ("table", "rows before", "after", "added", "removed", "values added", "changed", "removed")


def say(first: Results, second: Results, found: Found, queries: Registers | None) -> str:
    """The counts of a comparison: records, a line for each table, the fields that changed most, queries."""
    lines = [f"{_title(first)} -> {_title(second)}",
             f"records: {found.records[0]} -> {found.records[1]}, {found.records_added} added, {found.records_removed} removed", ""]
    lines += _aligned([HEADER, *(_line(table) for table in found.tables)])
    for table in found.tables:
        if not all(table.present):
            lines.append(f"table {'added' if table.present[1] else 'removed'}: {table.name}")
        for what, names in (("added", table.columns_added), ("removed", table.columns_removed)):
            if names:
                lines.append(f"columns {what} in {table.name}: {', '.join(names[:20])}{f' and {len(names) - 20} more' if len(names) > 20 else ''}")
        if table.by_content:
            lines.append(f"{table.by_content} rows of {table.name} share their key with another row: such rows count as added and removed, never as changed")
    lines += _fields(found)
    if found.blind:
        lines.append("no value is shown: a folder does not say which fields are identifiers; validate it again")
    if queries is not None:
        counts = ((queries.new, "new"), (queries.resolved, "resolved"), (queries.accepted, "accepted"), (queries.gone, "no longer listed"))
        listed = ", ".join(f"{count.total()} {word}" for count, word in counts)
        lines += ["", f"queries pending: {queries.pending[0].total()} -> {queries.pending[1].total()}, {listed}"]
    return "\n".join(lines)


def _title(results: Results) -> str:
    return f"{results.name} (to {results.cutoff})" if results.cutoff else results.name


def _line(table: TableChanges) -> tuple[str, ...]:
    numbers = (*table.rows, table.rows_added, table.rows_removed, table.count(ADDED), table.count(CHANGED), table.count(REMOVED))
    return table.name, *map(str, numbers)


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) if place == 0 else cell.rjust(width) for place, (cell, width) in enumerate(zip(row, widths, strict=True))) for row in rows]


def _fields(found: Found) -> list[str]:
    """The fields with most differences."""
    ranked = sorted(((counts.total(), table.name, name, counts) for table in found.tables for name, counts in table.values.items()), key=lambda each: (-each[0], each[1], each[2]))
    if not ranked:
        return []
    rows = [(f"{table}: {name}", str(counts[ADDED]), str(counts[CHANGED]), str(counts[REMOVED])) for _, table, name, counts in ranked[:MOST_FIELDS]]
    more = [f"and {len(ranked) - MOST_FIELDS} more fields"] if len(ranked) > MOST_FIELDS else []
    return ["", *_aligned([("values by field", "added", "changed", "removed"), *rows]), *more]
