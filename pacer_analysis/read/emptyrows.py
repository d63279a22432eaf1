"""Rows that hold nothing, as spreadsheet programs leave them at the end of a table: left out, and said once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pacer_analysis.read.notes import Note
from pacer_analysis.read.tidy import Coded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.wide import Wide


def without_empty_rows(wide: Wide, record: str) -> Wide:
    """The export without the rows on which no column that was read holds anything; the others keep the lines that they have in the file."""
    import numpy as np

    if record not in wide.columns:
        return wide
    empty = np.ones(wide.rows, dtype=bool)
    for column in (wide.columns[record], *wide.columns.values()):
        blank = np.array([not str(level).strip() for level in column.levels], dtype=bool)
        empty &= blank[column.codes] if blank.any() else False
        if not empty.any():
            return wide
    wide.notes.append(empty_rows_note(wide.lines[empty]))
    kept = np.flatnonzero(~empty)
    return replace(wide, columns={name: Coded(column.codes[kept], column.levels) for name, column in wide.columns.items()}, lines=wide.lines[kept])


def empty_rows_note(lines: NDArray[np.int64]) -> Note:
    """The note on rows that hold nothing, by their lines."""
    what = f"{len(lines)} rows, the first on line {lines[0]}, hold nothing, as a spreadsheet program leaves them; they were" if len(lines) > 1 else f"the row on line {lines[0]} holds nothing; it was"
    return Note("structure", "info", "", f"{what} left out", "none, or export again from REDCap")
