"""A flat CSV file by its dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError
from pacer_analysis.read.convert import convert
from pacer_analysis.read.csvfile import coded, read_columns
from pacer_analysis.read.files import read_header
from pacer_analysis.read.notes import Note
from pacer_analysis.read.tidy import Cells, Coded, Tidy

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from pacer_analysis.dictionary import FlatDictionary
    from pacer_analysis.plan import Source


def read_flat(path: Path, source: Source, dictionary: FlatDictionary, record: str, keep: Collection[str]) -> tuple[Tidy, tuple[Note, ...], int]:
    """The fields to keep as a tidy table, the notes on the file, and how many columns it has."""
    header, delimiter = read_header(path, dictionary.fields.keys())
    present = {name.strip().lower(): name for name in header}
    notes = columns_as_expected(path, source, dictionary, list(present), record, keep)
    wanted = [name for name in dictionary.fields if name in present and name in keep]
    table, encoding = read_columns(path, header, delimiter, [present[name] for name in wanted])
    if encoding != "utf8":
        notes.append(Note("encoding", "info", "", f"the file is not UTF-8; it was read as {encoding}", "export again in UTF-8"))
    fields: dict[str, Coded] = {name: coded(table.column(present[name])) for name in wanted}
    return flat_table(source, dictionary, record, fields), tuple(notes), len(header)


def columns_as_expected(path: Path, source: Source, dictionary: FlatDictionary, present: Collection[str], record: str,
                        keep: Collection[str]) -> list[Note]:
    """Notes on columns too many and on absent identifiers; ExportError if the record id or another expected column is absent."""
    if record not in present:
        raise ExportError(f"the source {source.id} has no column {record}, the participant's id", where=f"{path}, line 1", do="export it with the id")
    # A sealed field need not be there for the open side.
    absent = [name for name in dictionary.fields if name not in present and name in keep]
    needed = [name for name in absent if not dictionary.fields[name].identifier]
    if needed:
        raise missing_columns(path, needed)
    unknown = [name for name in present if name not in dictionary.fields]
    return [*(missing_identifier(name) for name in absent), *(unknown_column(name) for name in unknown)]


def missing_columns(path: Path, names: list[str]) -> ExportError:
    """The error that lists the expected columns a file lacks."""
    return ExportError(f"{len(names)} columns of the dictionary are not in the export: {', '.join(names[:20])}{' ...' if len(names) > 20 else ''}",
                       where=f"{path}, line 1", allowed="every field of the dictionary; an export without identifiers may lack those marked as identifiers",
                       do="export all fields, or take the dictionary of the same day")


def missing_identifier(name: str, form: str = "") -> Note:
    """The note on an identifier that a de-identified export lacks."""
    return Note("missing_column", "warning", name, f"the identifier {name} is not in the export, as in a de-identified one; its rules were not applied",
                "none, if the export was meant to be without identifiers", form)


def unknown_column(name: str) -> Note:
    """The note on a column that no dictionary knows."""
    return Note("unknown_column", "info", name, f"the column {name} is not in the dictionary; it was not read", "update the dictionary, or ignore it")


def flat_table(source: Source, dictionary: FlatDictionary, record: str, fields: dict[str, Coded]) -> Tidy:
    """Coded columns as the tidy table of a flat source; its rows have no event, instance or site."""
    import numpy as np

    missing = frozenset(source.missing_codes)
    rows = len(next(iter(fields.values())).codes)
    nothing = Coded(np.zeros(rows, dtype=np.int32), np.array([""], dtype=object))
    who = fields[record]
    cells = {name: Cells(name, dictionary.fields[name].kind, column.codes, convert(dictionary.fields[name].kind, list(column.levels), missing))
             for name, column in fields.items()}
    return Tidy(source.id, "", stripped(who), nothing, np.zeros(rows, dtype=np.int64), np.arange(2, rows + 2, dtype=np.int64), nothing,
                np.zeros(rows, dtype=bool), cells)


def stripped(column: Coded) -> Coded:
    """The column with the white space around each text removed."""
    import numpy as np
    import pandas as pd

    codes, levels = pd.factorize(np.array([level.strip() for level in column.levels], dtype=object))
    return Coded(codes.astype(np.int32)[column.codes] if len(codes) else column.codes, np.asarray(levels, dtype=object))
