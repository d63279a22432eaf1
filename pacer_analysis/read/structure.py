"""Which row of a REDCap export belongs to which form: by the event mapping, never by what happens to be filled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.read.notes import Note
from pacer_analysis.read.tidy import Coded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.dictionary import Project


@dataclass(frozen=True, slots=True)
class Rows:
    """The key of every row; `event` codes follow the project's events, -1 where the event is unknown."""

    project: Project
    record: Coded
    event: Coded
    instrument: Coded
    instance: NDArray[np.int64]
    site: Coded
    repeated: NDArray[np.bool_]

    @property
    def placed(self) -> NDArray[np.bool_]:
        """The rows whose event and instrument the project has; the others are findings already."""
        import numpy as np

        known = np.array([not level or level in self.project.dictionary.forms for level in self.instrument.levels], dtype=bool)
        return np.asarray((self.event.codes < len(self.project.mapping)) & known[self.instrument.codes])

    def of(self, form: str) -> NDArray[np.bool_]:
        """The rows of a form: its own repeats, and the base rows of the events in which it does not repeat."""
        import numpy as np

        names = list(self.project.mapping)
        base = np.array([*(form in forms and not self.project.repeats(event, form) for event, forms in self.project.mapping.items()), False], dtype=bool)
        mine = np.array([level == form for level in self.instrument.levels], dtype=bool)
        known = self.event.codes < len(names)
        mask: NDArray[np.bool_] = (~self.repeated & base[np.minimum(self.event.codes, len(names))]) | (mine[self.instrument.codes] & known)
        return mask


def place_rows(project: Project, record: Coded, event: Coded | None, instrument: Coded | None, instance: Coded | None,
               site: Coded | None) -> tuple[Rows, list[Note]]:
    """The keys of all rows, and notes on events, instruments and instances that the project does not have."""
    import numpy as np

    count = len(record.codes)
    nothing = Coded(np.zeros(count, dtype=np.int32), np.array([""], dtype=object))
    notes: list[Note] = []
    names = list(project.mapping)
    if event is None or project.classic:
        event = Coded(np.zeros(count, dtype=np.int32), np.array(["", ""], dtype=object))
    else:
        labels = {entry.label: entry.unique_name for entry in project.events}
        # An export may name events by their labels; unknown events come last.
        index = {name: place for place, name in enumerate(names)}
        lookup = np.array([index.get(level, index.get(labels.get(level, ""), len(names))) for level in event.levels], dtype=np.int32)
        notes += _notes(event, lookup == len(names), record, "the event of a row is not in events.csv; the row was not read")
        event = Coded(lookup[event.codes] if count else event.codes, np.array([*names, ""], dtype=object))
    instrument = instrument or nothing
    repeating = {form for _, form in project.repeating if form}
    strange = np.array([bool(level) and level not in project.dictionary.forms for level in instrument.levels], dtype=bool)
    notes += _notes(instrument, strange, record, "the repeat instrument of a row is not a form of the dictionary; the row was not read")
    undeclared = np.array([level in project.dictionary.forms and level not in repeating for level in instrument.levels], dtype=bool)
    if undeclared.any():
        forms = ", ".join(sorted(level for level, mark in zip(instrument.levels, undeclared, strict=True) if mark))
        notes.append(Note("structure", "warning", "", f"rows repeat the form {forms}, which repeating.csv does not name", "update the dictionary folder"))
    repeated = np.array([bool(level) for level in instrument.levels], dtype=bool)[instrument.codes]
    numbers = nothing.codes.astype(np.int64)
    if instance is not None:
        unread = np.array([bool(level) and not level.isdigit() for level in instance.levels], dtype=bool)
        notes += _notes(instance, unread, record, "the repeat instance of a row is not a whole number; it was taken as 0")
        numbers = np.array([int(level) if level.isdigit() else 0 for level in instance.levels], dtype=np.int64)[instance.codes]
    return Rows(project, record, event, instrument, numbers, site or nothing, repeated), notes


def _notes(column: Coded, marked: NDArray[np.bool_], record: Coded, message: str) -> list[Note]:
    """A note on every row whose text is marked."""
    import numpy as np

    if not marked.any():
        return []
    return [
        Note(
            "structure", "error", "", message, "compare the dictionary folder with the project", line=int(row) + 2, record=str(record.levels[record.codes[row]])
        )
        for row in np.flatnonzero(marked[column.codes])
    ]
