"""What the rows of an export leave out: instances, base rows, whole records. None of it is an error; all of it is said, on its row unless many are alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pacer_analysis.read.notes import Note
from pacer_analysis.read.structure import MANY, at_place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.structure import Rows
    from pacer_analysis.read.tidy import Tidy


def gap_notes(rows: Rows, tables: list[Tidy], *, whole: bool, events_known: bool) -> list[Note]:
    """Notes on instances that are not 1, 2, 3..., on records without a base row or first event, in two arms, and on records that are in no table.

    The first event only if the project itself says which it is. The last only if the whole project was read: a record whose answers are sealed is not without answers.
    """
    return [*(note for table in tables for note in _sparse(rows, table)), *_without_base(rows), *_in_two_arms(rows), *(_without_first_event(rows) if events_known else []),
            *(_in_no_table(rows, tables) if whole else [])]


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
    why = "have rows of repeating forms only, and no base row: nothing else was entered, or the export leaves it out"
    remark = Note("instances", "info", "", f"the record {why.replace('have', 'has', 1)}; they were read", "check that all forms were exported")
    return _of_records(rows, alone, remark, f"{len(alone)} records {why}; their repeats were read")


def _in_no_table(rows: Rows, tables: list[Tidy]) -> list[Note]:
    """Records that have rows, and nothing filled in any form."""
    import numpy as np

    seen = np.zeros(len(rows.record.levels), dtype=bool)
    for table in tables:
        seen[table.record.codes] = True
    here = np.zeros(len(rows.record.levels), dtype=bool)
    here[rows.record.codes[rows.placed]] = True
    alone = np.flatnonzero(here & ~seen)
    why = "(0 as the status of a form means that it was never opened)"
    remark = Note("empty_record", "info", "", f"the record has rows and no answer in any form {why}; it is in no table", "none, if nothing was entered for it")
    return _of_records(rows, alone, remark, f"{len(alone)} records have rows and no answer in any form {why}; they are in no table")


def _of_records(rows: Rows, codes: NDArray[np.intp], remark: Note, summed_up: str) -> list[Note]:
    """The remark on each of some records, one for all if they are many."""
    if len(codes) > MANY:
        return [replace(remark, message=summed_up)]
    return [replace(remark, record=str(rows.record.levels[code])) for code in codes]


def _arms(rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.intp], list[str]]:
    """The number of the arm of each event (one more for an unknown event), the rows that are placed, and the arms."""
    import numpy as np

    arm_of = {event.unique_name: event.arm for event in rows.project.events}
    arms = list(dict.fromkeys(arm_of.values()))
    numbers = np.array([*(arms.index(arm_of[name]) for name in rows.project.mapping), 0], dtype=np.int64)
    return numbers, np.flatnonzero(rows.placed), arms


def _in_two_arms(rows: Rows) -> list[Note]:
    """Records with events of more than one arm."""
    import numpy as np

    if len({event.arm for event in rows.project.events}) < 2:
        return []
    numbers, at, arms = _arms(rows)
    pairs = np.unique(rows.record.codes[at].astype(np.int64) * len(arms) + numbers[rows.event.codes[at]])
    records, count = np.unique(pairs // len(arms), return_counts=True)
    both = records[count > 1]
    remark = Note("arms", "warning", "", "the record has events of more than one arm: two people may have the same id, or one was put into both", "none, if the arms are parts of one course; else correct the record in REDCap")
    return _of_records(rows, both, remark, f"{len(both)} records have events of more than one arm: two people may have the same id, or one was put into both") if len(both) else []


def _without_first_event(rows: Rows) -> list[Note]:
    """Records without a row of the first event of an arm in which they have others."""
    import numpy as np

    if rows.project.classic:
        return []
    numbers, at, arms = _arms(rows)
    first = np.array([int(np.flatnonzero(numbers[:-1] == arm)[0]) for arm in range(len(arms))], dtype=np.int64)
    event = rows.event.codes[at].astype(np.int64)
    pairs = rows.record.codes[at].astype(np.int64) * len(arms) + numbers[event]
    without = np.setdiff1d(pairs, pairs[event == first[numbers[event]]])
    # Records of repeats alone have been said.
    records = np.intersect1d(np.unique(without // len(arms)), rows.record.codes[~rows.repeated])
    remark = Note("first_event", "info", "", "the record has rows, but none of the first event of its arm", "enter the first event, or export all events")
    return _of_records(rows, records, remark, f"{len(records)} records have rows, but none of the first event of their arm") if len(records) else []
