"""Which row of a REDCap export belongs to which form: by the event mapping, never by what happens to be filled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pacer_analysis.read.eventnames import UNNAMED, event_index
from pacer_analysis.read.notes import Note
from pacer_analysis.read.tidy import Coded, constant, stripped, with_levels
from pacer_analysis.read.wide import EVENT, GROUP, INSTANCE, INSTRUMENT

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.dictionary import Project
    from pacer_analysis.read.wide import Wide

ABSENT = "NA"
MANY = 20
DIGITS = 9
COMPARE = "compare the dictionary folder with the project"


@dataclass(frozen=True, slots=True)
class Rows:
    """The key of every row; `event` codes follow the project's events, one beyond them where the event is unknown.

    `declared` are the repeats that the project itself names, not those that its rows showed.
    """

    project: Project
    declared: Collection[tuple[str, str]]
    record: Coded
    event: Coded
    instrument: Coded
    instance: NDArray[np.int64]
    site: Coded
    repeated: NDArray[np.bool_]

    @property
    def placed(self) -> NDArray[np.bool_]:
        """The rows whose record, event and instrument the project has; the others are findings already."""
        import numpy as np

        known = np.array([not level or level in self.project.dictionary.forms for level in self.instrument.levels], dtype=bool)
        named = np.array([bool(level) for level in self.record.levels], dtype=bool)
        return np.asarray((self.event.codes < len(self.project.mapping)) & known[self.instrument.codes] & named[self.record.codes])

    def of(self, form: str) -> NDArray[np.bool_]:
        """The rows of a form: its own repeats, and the base rows of the events in which it does not repeat."""
        import numpy as np

        names = list(self.project.mapping)
        base = np.array([*(form in forms and (event, form) not in self.declared for event, forms in self.project.mapping.items()), False], dtype=bool)
        mine = np.array([level == form for level in self.instrument.levels], dtype=bool)
        mask: NDArray[np.bool_] = (~self.repeated & base[np.minimum(self.event.codes, len(names))]) | mine[self.instrument.codes]
        return mask & self.placed


def place_rows(project: Project, declared: Collection[tuple[str, str]], wide: Wide) -> tuple[Rows, list[Note]]:
    """The keys of all rows, and notes on records, events, instruments and instances that the project does not have."""
    import numpy as np

    count = wide.rows
    record = stripped(wide.columns[project.dictionary.record_id])
    notes: list[Note] = []
    nothing = constant("", count)
    say = _Say(record, wide.lines, nothing, nothing, project.dictionary.forms, notes)
    say = replace(say, instrument=_key_column(wide, INSTRUMENT, project.dictionary.forms, notes))
    say = replace(say, event=_event(project, wide, say))
    event, instrument = say.event, say.instrument
    say.rows(np.array([not level for level in record.levels], dtype=bool)[record.codes], "a row has no record id; it was not read", "error")
    strange = np.array([bool(level) and level not in project.dictionary.forms for level in instrument.levels], dtype=bool)
    say.rows(strange[instrument.codes], "the repeat instrument of a row is not a form of the dictionary; the row was not read", "error")
    repeated = np.array([bool(level) for level in instrument.levels], dtype=bool)[instrument.codes]
    again = np.array([*(project.event_repeats(name) for name in project.mapping), False], dtype=bool)[event.codes]
    sure = np.array([*((name, "") in declared for name in project.mapping), False], dtype=bool)[event.codes]
    numbers, numbered = _instances(wide, say, repeated | sure)
    say.rows(numbered & ~repeated & ~again, "a row that does not repeat has a repeat instance; the number was kept", "warning")
    offered = np.array([[form in project.mapping.get(name, ()) or not form for form in instrument.levels] for name in (*project.mapping, "")],
                       dtype=bool).reshape(len(project.mapping) + 1, -1)
    offered[:, strange] = True
    say.rows(~offered[event.codes, instrument.codes] & (event.codes < len(project.mapping)), "the form of a repeat row is not offered in its event; the row was read", "warning")
    return Rows(project, declared, record, event, instrument, numbers, stripped(wide.columns.get(GROUP, constant("", count))), repeated), notes


@dataclass(frozen=True, slots=True)
class _Say:
    """Notes on rows, one for each, or one for all if they are many."""

    record: Coded
    lines: NDArray[np.int64]
    event: Coded
    instrument: Coded
    forms: Collection[str]
    notes: list[Note]

    def rows(self, marked: NDArray[np.bool_], message: str, severity: str, action: str = COMPARE) -> None:
        import numpy as np

        found = np.flatnonzero(marked)
        if len(found) > MANY:
            self.notes.append(Note("structure", severity, "", f"{len(found)} rows, the first on line {self.lines[found[0]]}: {message}", action))
            return
        for row in found:
            record, event, form = (str(column.levels[column.codes[row]]) for column in (self.record, self.event, self.instrument))
            self.notes.append(Note("structure", severity, "", message, action, form if form in self.forms else "", int(self.lines[row]), record, event))


def _event(project: Project, wide: Wide, say: _Say) -> Coded:
    """The event of every row as a place among the project's, one beyond them if it is none of them."""
    import numpy as np

    names = list(project.mapping)
    levels = np.array([*names, ""], dtype=object)
    if project.classic:
        return Coded(np.zeros(wide.rows, dtype=np.int16), levels)
    column = stripped(wide.columns[EVENT])
    index, places = event_index(project, column.levels), {name: place for place, name in enumerate(names)}
    lookup = np.array([places.get(index.get(str(level), ""), len(names)) for level in column.levels], dtype=np.int16)
    of_row = lookup[column.codes] if len(lookup) else np.zeros(wide.rows, dtype=np.int16)
    blank = np.array([not level for level in column.levels], dtype=bool)
    blank = blank[column.codes] if len(blank) else np.zeros(wide.rows, dtype=bool)
    unnamed = np.array([UNNAMED.fullmatch(str(level)) is not None for level in column.levels], dtype=bool)
    unnamed = unnamed[column.codes] if len(unnamed) else np.zeros(wide.rows, dtype=bool)
    lost = of_row == len(names)
    say.rows(lost & blank, "the event of a row is blank, and the project has events; the row was not read", "error", "export again from REDCap, with event names")
    say.rows(lost & ~unnamed & ~blank, "the event of a row is not in events.csv, or its label is that of several events; the row was not read", "error")
    say.rows(lost & unnamed, "the event of a row is one that another program wrote for an event it did not know; the row was not read", "error", "export again from REDCap")
    return Coded(of_row, levels)


def _key_column(wide: Wide, name: str, known: Collection[str], notes: list[Note]) -> Coded:
    """A key column without the NA that R writes for a blank."""
    if name not in wide.columns:
        return constant("", wide.rows)
    column = stripped(wide.columns[name])
    if ABSENT in column.levels and ABSENT not in known:
        notes.append(Note("structure", "info", name, f"{name} holds {ABSENT} where REDCap leaves a blank: the export went through another program; it was read as blank",
                          "take the export as REDCap wrote it"))
        column = with_levels(column, ["" if level == ABSENT else str(level) for level in column.levels])
    return column


def _instances(wide: Wide, say: _Say, expected: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The number of every row, 0 where there is none, and which rows have one; findings where a row that repeats has none."""
    import numpy as np

    if INSTANCE not in wide.columns:
        return np.zeros(wide.rows, dtype=np.int64), np.zeros(wide.rows, dtype=bool)
    column = stripped(wide.columns[INSTANCE])
    texts = [str(level).removesuffix(".0") for level in column.levels]
    whole = [text.isascii() and text.isdigit() and len(text) <= DIGITS for text in texts]
    numbers = np.array([int(text) if one else 0 for text, one in zip(texts, whole, strict=True)], dtype=np.int64)
    wrong = np.array([not one and text not in {"", ABSENT} for text, one in zip(texts, whole, strict=True)], dtype=bool)
    readable = np.array(whole, dtype=bool)
    if not texts:
        return np.zeros(wide.rows, dtype=np.int64), np.zeros(wide.rows, dtype=bool)
    say.rows((wrong[column.codes]) | (expected & ~readable[column.codes]), "the repeat instance of a row is not a whole number; it was taken as 0", "error")
    zero = readable & (numbers == 0)
    say.rows(expected & zero[column.codes], "the repeat instance of a row is 0; REDCap counts from 1", "error")
    return numbers[column.codes], readable[column.codes]


def out_of_place(rows: Rows, lines: NDArray[np.int64], form: str, at: NDArray[np.intp], cells: NDArray[np.int32]) -> list[Note]:
    """A finding for each row on which cells of a form are filled though it cannot exist there, one for all if they are many; `cells` says how many on each row `at`."""
    import numpy as np

    found = np.flatnonzero(cells)
    action = "compare the event mapping of the dictionary with the project"
    if len(found) > MANY:
        what = f"{int(cells.sum())} cells of the form {form} are filled on {len(found)} rows where it cannot exist, the first on line {lines[at[found[0]]]}; they were not read"
        return [Note("structure", "error", "", what, action, form)]
    notes = []
    for place in found:
        many = "1 cell of the form {} is filled on a row where it cannot exist; it was not read" if cells[place] == 1 else \
            f"{cells[place]} cells of the form {{}} are filled on a row where it cannot exist; they were not read"
        notes.append(on_row(rows, lines, int(at[place]), Note("structure", "error", "", many.format(form), action, form)))
    return notes


def on_row(rows: Rows, lines: NDArray[np.int64], row: int, note: Note) -> Note:
    """The note with the key of a row."""
    return at_place(note, rows.record, rows.event, lines, row, int(rows.instance[row]))


def at_place(note: Note, record: Coded, event: Coded, lines: NDArray[np.int64], row: int, instance: int) -> Note:
    """The note with record, event, line and instance of a row."""
    return replace(note, record=str(record.levels[record.codes[row]]), event=str(event.levels[event.codes[row]]), line=int(lines[row]), instance=str(instance or ""))
