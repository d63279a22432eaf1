"""A flat CSV file by its dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError
from pacer_analysis.read.convert import convert
from pacer_analysis.read.csvfile import read_columns
from pacer_analysis.read.files import delimiter_notes, read_header
from pacer_analysis.read.notes import Note
from pacer_analysis.read.rawcsv import unknown_columns
from pacer_analysis.read.tidy import Cells, Coded, Tidy, constant, stripped

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from pacer_analysis.dictionary import FlatDictionary
    from pacer_analysis.plan import Source


def read_flat(path: Path, source: Source, dictionary: FlatDictionary, record: str, keep: Collection[str], encoding: str = "") -> tuple[Tidy, tuple[Note, ...], int]:
    """The fields to keep as a tidy table, the notes on the file, and how many columns it has."""
    head = read_header(path, dictionary.fields.keys(), encoding)
    present = {name.lower(): place for place, name in enumerate(head.names)}
    wanted = [name for name in dictionary.fields if name in present and name in keep]
    notes = delimiter_notes(head) + columns_as_expected(path, source, dictionary, [name for name in present if name], record, keep)
    table = read_columns(path, head, [present[name] for name in wanted], encoding)
    if table.encoding != (encoding or "utf8"):
        notes.append(Note("encoding", "info", "", f"the file is not UTF-8; it was read as {table.encoding}", "export again in UTF-8"))
    fields: dict[str, Coded] = {name: table.take(present[name]) for name in wanted}
    return flat_table(source, dictionary, record, fields), tuple(notes), len(head.names)


def columns_as_expected(path: Path, source: Source, dictionary: FlatDictionary, present: Collection[str], record: str,
                        keep: Collection[str]) -> list[Note]:
    """Notes on columns too many and on expected columns that are absent; ExportError if the record id or another part of the key is."""
    for name in dict.fromkeys((record, *source.key)):
        if name not in present and (name == record or name in keep):
            what = "the participant's id" if name == record else "a part of its key"
            raise ExportError(f"the source {source.id} has no column {name}, {what}", where=f"{path}, line 1", do="export it with this column")
    # A sealed field need not be there for the open side.
    absent = [name for name in dictionary.fields if name not in present and name in keep]
    unknown: dict[str, int | None] = {name: None for name in present if name not in dictionary.fields}
    return [*(missing_column(name, identifier=dictionary.fields[name].identifier) for name in absent), *unknown_columns(unknown)]


def missing_columns(path: Path, names: list[str]) -> ExportError:
    """The error that lists the needed columns a file lacks."""
    return ExportError(f"{len(names)} columns that the plan needs are not in the export: {', '.join(names[:20])}{' ...' if len(names) > 20 else ''}",
                       where=f"{path}, line 1", allowed="every field that the plan names; other fields may be absent", do="export all fields, or take the dictionary of the same day")


def missing_column(name: str, form: str = "", *, identifier: bool = False) -> Note:
    """The note on a field of the dictionary that an export lacks."""
    if identifier:
        return Note("missing_column", "warning", name, f"the identifier {name} is not in the export, as in a de-identified one; its rules were not applied",
                    "none, if the export was meant to be without identifiers", form)
    return Note("missing_column", "warning", name, f"the field {name} is not in the export; its rules were not applied", "export all fields, or take the dictionary of the same day", form)


def flat_table(source: Source, dictionary: FlatDictionary, record: str, fields: dict[str, Coded]) -> Tidy:
    """Coded columns as the tidy table of a flat source; its rows have no event, instance or site."""
    import numpy as np

    missing = frozenset(source.missing_codes)
    rows = len(next(iter(fields.values())).codes)
    nothing = constant("", rows)
    who = fields[record]
    cells = {name: Cells(name, dictionary.fields[name].kind, column.codes, convert(dictionary.fields[name].kind, column.levels, missing, source.decimal))
             for name, column in fields.items()}
    return Tidy(source.id, "", stripped(who), nothing, np.zeros(rows, dtype=np.int64), np.arange(2, rows + 2, dtype=np.int64), nothing,
                np.zeros(rows, dtype=bool), cells)
