"""What the rows of an export leave out: instances, base rows, whole records. None of it is an error; all of it is said, on its row unless many are alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pacer_analysis.read.notes import Note
from pacer_analysis.read.structure import MANY, at_place

if TYPE_CHECKING:
    from pacer_analysis.read.structure import Rows
    from pacer_analysis.read.tidy import Tidy


def gap_notes(rows: Rows, tables: list[Tidy], *, whole: bool) -> list[Note]:
    """Notes on instances that are not 1, 2, 3..., on records without a base row, and on records that are in no table.

    The last only if the whole project was read: a record whose answers are sealed is not without answers.
    """
    return [*(note for table in tables for note in _sparse(rows, table)), *_without_base(rows), *(_in_no_table(rows, tables) if whole else [])]


def _sparse(rows: Rows, table: Tidy) -> list[Note]:
    """The instances of a repeating form before which a number is left out."""
    import numpy as np

    if not table.repeated.any():
        return []
    at = np.flatnonzero(table.repeated)
    keys = table.record.codes[at].astype(np.int64) * len(rows.event.levels) + table.event.codes[at]
    order = np.lexsort((table.instance[at], keys))
    at, keys = at[order], keys[order]
    instances = table.instance[at]
    first = np.concatenate([[True], keys[1:] != keys[:-1]])
    gap = np.where(first, instances > 1, np.diff(instances, prepend=0) > 1)
    count = len(np.unique(keys[gap]))
    if int(gap.sum()) <= MANY:
        remark = Note("instances", "info", "", f"a number is left out before this instance of {table.form}: an instance was deleted or misnumbered, or is not in the export; this one was read",
                      "none, if it was deleted in REDCap", table.form)
        return [at_place(remark, table.record, table.event, table.line, int(row), int(table.instance[row])) for row in np.sort(at[gap])]
    return [Note("instances", "info", "", f"the instances of {table.form} are not 1, 2, 3... in {count} series of a record: some were deleted, or are not in the export; all that are there "
                 "were read", "none, if they were deleted in REDCap", table.form)]


def _without_base(rows: Rows) -> list[Note]:
    """Records of which there are repeats only."""
    import numpy as np

    if not rows.repeated.any():
        return []
    based = np.zeros(len(rows.record.levels), dtype=bool)
    based[rows.record.codes[~rows.repeated]] = True
    repeats = np.zeros(len(rows.record.levels), dtype=bool)
    repeats[rows.record.codes[rows.repeated & rows.placed]] = True
    alone = np.flatnonzero(repeats & ~based)
    count = len(alone)
    if count <= MANY:
        remark = Note("instances", "info", "", "the record has rows of repeating forms only, and no base row: nothing else was entered, or the export leaves it out; they were read",
                      "check that all forms were exported")
        return [replace(remark, record=str(rows.record.levels[code])) for code in alone]
    return [Note("instances", "info", "", f"{count} records have rows of repeating forms only, and no base row: nothing else was entered, or the export leaves it out; "
                 "their repeats were read", "check that all forms were exported")]


def _in_no_table(rows: Rows, tables: list[Tidy]) -> list[Note]:
    """Records that have rows, and nothing filled in any form."""
    import numpy as np

    seen = np.zeros(len(rows.record.levels), dtype=bool)
    for table in tables:
        seen[table.record.codes] = True
    here = np.zeros(len(rows.record.levels), dtype=bool)
    here[rows.record.codes[rows.placed]] = True
    count = int((here & ~seen).sum())
    if not count:
        return []
    return [Note("empty_record", "info", "", f"{count} records have rows and no answer in any form (0 as the status of a form means that it was never opened); they are in no table",
                 "none, if nothing was entered for them")]
