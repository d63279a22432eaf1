"""Records that the export before had and this one has not: counted, never named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError
from pacer_analysis.read import Note

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pacer_analysis.read import Reading

RULE = "records_lost"


def lost_records(folder: Path, readings: Iterable[Reading]) -> list[tuple[str, Note]]:
    """A note for each source of which records are lost, by the tables in the folder of the earlier register; none where it has no tables."""
    notes = []
    for reading in readings:
        before = _records(folder, reading.source.id)
        lost = before - {str(level) for table in reading.tables for level in table.record.levels}
        if lost:
            what = f"{len(lost)} of the {len(before)} records" if len(before) > 1 else "the one record"
            notes.append((reading.source.id, Note(RULE, "error", "", f"{what} of the export before {'is' if len(lost) == 1 else 'are'} no longer in this one",
                                                  "find out whether they were deleted or renamed in REDCap, or left out by a filter, a group or a right of whoever exported")))
    return notes


def _records(folder: Path, source: str) -> set[str]:
    """The records in the tables of a source, in a run with a plan or without."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = folder / "tables" if (folder / "tables").is_dir() else folder / source
    found: set[str] = set()
    for file in sorted(tables.glob("*.parquet")) if tables.is_dir() else [folder / f"{source}.parquet"]:
        if file.is_file():
            try:
                found.update(map(str, pq.read_table(file, columns=["record"])["record"].unique().to_pylist()))
            except pa.ArrowException:
                raise ExportError("a table of the export before cannot be read", where=str(file), do="validate that export again") from None
    return found - {""}
