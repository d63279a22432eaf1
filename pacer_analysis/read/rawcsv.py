"""A raw CSV export: variable names as header, codes as values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.read.csvfile import Columns, read_columns
from pacer_analysis.read.files import Head, delimiter_notes, refuse_repeated
from pacer_analysis.read.layout import PASSED_OVER, RETURN_CODE, Header, columns_of, read_names, shared
from pacer_analysis.read.notes import Note, many
from pacer_analysis.read.wide import SYSTEM, Wide

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from pacer_analysis.dictionary import Project
    from pacer_analysis.read.layout import Column

MANY = 20


def read_raw(path: Path, head: Head, project: Project, missing: Collection[str], keep: Collection[str], encoding: str = "") -> Wide:
    """The columns of a raw export whose fields are to be kept; of the others only how many cells are filled."""
    alike = shared(project, head.names)
    refuse_repeated(path, [name for name in head.names if name not in alike])
    header = read_names(head.names, project, missing)
    return wide_of(path, "csv", head, header, project, keep, encoding)


def wide_of(path: Path, shape: str, head: Head, header: Header, project: Project, keep: Collection[str], encoding: str) -> Wide:
    """The file's columns under the project's names, with the notes on its columns and its encoding."""
    import numpy as np

    columns = columns_of(header.places, project)
    chosen = {name: place for name, place in header.places.items()
              if (name in SYSTEM and name not in PASSED_OVER) or (name in columns and is_kept(columns[name], name, project, keep))}
    chosen |= {name: place for name, place in header.combined.items() if name in keep}
    passed = {name: place for name, place in header.places.items() if name in PASSED_OVER or (name.endswith(RETURN_CODE) and name not in columns)}
    table = read_columns(path, head, sorted({*chosen.values(), *passed.values(), *header.unknown}), encoding)
    counts = {place: table.filled(place) for place in header.unknown}
    unknown = {name or f"(column {place + 1})": counts[place] for place, name in header.unknown.items() if name or counts[place]}
    fields = project.dictionary.fields
    notes = [*delimiter_notes(head), *(note for note in header.notes if note.field not in fields or note.field in keep), *unknown_columns(unknown), *_passed_over(table, passed)]
    if table.encoding != (encoding or "utf8"):
        notes.append(Note("encoding", "info", "", f"the file is not UTF-8; it was read as {table.encoding}", "export again in UTF-8"))
    held = {name: table.take(place) for name, place in sorted(chosen.items(), key=lambda entry: entry[1])}
    table.release()
    first = 2 if head.headed else 1
    return Wide(path, shape, head.names, held, np.arange(first, table.rows + first, dtype=np.int64), notes)


def is_kept(column: Column, name: str, project: Project, keep: Collection[str]) -> bool:
    """True if the column of a form may be read: its field is kept, for a survey's timestamp the form's status."""
    if name == project.dictionary.record_id:
        return True
    return (column.field.name if column.field else f"{column.form}_complete") in keep


def unknown_columns(counts: Mapping[str, int | None]) -> list[Note]:
    """Notes on columns or fields that no dictionary knows, with how many of their cells are filled where that was counted; one note if they are many."""
    if len(counts) > MANY:
        total = sum(count or 0 for count in counts.values())
        return [Note("unknown_column", "info", "", f"{len(counts)} columns are not in the dictionary; they were not read{_cells(total)}: {many(list(counts))}",
                     "update the dictionary, or ignore them")]
    return [Note("unknown_column", "info", name, f"the column {name} is not in the dictionary; it was not read{_cells(count)}", "update the dictionary, or ignore it")
            for name, count in counts.items()]


def _cells(count: int | None) -> str:
    return "" if count is None else f" ({count} filled cells)"


def _passed_over(table: Columns, passed: dict[str, int]) -> list[Note]:
    """Notes on survey columns that hold something and belong to no form."""
    counts = {name: table.filled(place) for name, place in passed.items()}
    return [Note("not_read", "info", name, f"{count} cells of {name} are filled; the column belongs to the survey's participant list, not to a form, and is in no table",
                 "none, or keep the export for the survey's identifiers") for name, count in counts.items() if count]
