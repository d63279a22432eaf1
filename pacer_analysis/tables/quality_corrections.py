"""The corrections made between the export and the tables, each with its reason and its author."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.tables import cells, numbers
from pacer_analysis.tables.model import Column, Row, Table
from pacer_analysis.tables.quality import Lines, table

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_LISTED = 500
BLANK = "(blank)"


def corrections(lines: Lines, number: str, *, source: str, events: Mapping[str, str] | None = None) -> Table | None:
    """Every correction: where, from what to what, why and by whom; identifiers come masked."""
    if not lines:
        return None
    columns = [Column("Form, event", text=True), Column("Field", text=True), Column("Old", text=True), Column("New", text=True), Column("Reason", text=True),
               Column("By", text=True), Column("On", text=True)]
    rows = [Row(line.get("record", ""), tuple(cells.plain(text) for text in (
        place(line, events or {}), line.get("field", ""), line.get("old") or BLANK, line.get("new") or BLANK, line.get("reason", ""), line.get("who", ""), line.get("date", ""))))
            for line in lines[:MOST_LISTED]]
    more = f"{numbers.count(MOST_LISTED)} of {numbers.count(len(lines))} are listed; all stand in {source}" if len(lines) > MOST_LISTED else ""
    return table("corrections", number, "Values corrected before anything was computed", "Record", columns, rows, source,
                 [more, "Nothing else changes a value. A correction whose old value is no longer in the export stops the run"])


def place(line: Mapping[str, str], events: Mapping[str, str]) -> str:
    """Form, event by its label and instance in one cell."""
    instance, event = line.get("instance", ""), line.get("event", "")
    return ", ".join(part for part in (line.get("instrument", ""), events.get(event, event), f"#{instance}" if instance and instance != "0" else "") if part)
