"""An EAV export: one line per answer, `record, field_name, value`, laid out as the rows of a raw export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError
from pacer_analysis.read.csvfile import read_columns
from pacer_analysis.read.files import delimiter_notes
from pacer_analysis.read.labels import comparable
from pacer_analysis.read.layout import Column, layout
from pacer_analysis.read.notes import Note
from pacer_analysis.read.rawcsv import is_kept, unknown_columns
from pacer_analysis.read.recordid import told_by_values
from pacer_analysis.read.ticks import fill_unticked, further_options, no_option, options_with_missing, ticked_column
from pacer_analysis.read.tidy import Coded, narrow, stripped
from pacer_analysis.read.wide import EVENT, GROUP, INSTANCE, INSTRUMENT, SURVEY, Wide

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.dictionary import Project
    from pacer_analysis.read.files import Head

FIELD, VALUE = "field_name", "value"
KEYS = (EVENT, INSTRUMENT, INSTANCE)
MANY = 20


def is_eav(names: Sequence[str]) -> bool:
    """True if the column names are those of an EAV export."""
    lower = {name.lower() for name in names}
    return {FIELD, VALUE} <= lower and len(lower) > 2


def read_eav(path: Path, head: Head, project: Project, missing: Mapping[str, str], keep: Collection[str], encoding: str = "", *, labels: bool = False) -> Wide:
    """The answers of an EAV export as a raw export has them, those of the fields to keep.

    A checkbox has one line per ticked option; the 0 of the others is written where the form has any line. The first of two
    answers to one question is taken, and the others are counted in a note.
    """
    import numpy as np

    place = {name.lower(): at for at, name in enumerate(head.names)}
    record = next((name for name in (project.dictionary.record_id, "record") if name in place), "")
    if not record:
        raise ExportError("an EAV export has no column of record ids", where=f"{path}, line 1", allowed=f"record (or {project.dictionary.record_id}), {FIELD}, {VALUE}",
                          do="export it again")
    keys = [record, *(name for name in KEYS if name in place)]
    wanted = [*keys, FIELD, VALUE, *(name for name in (GROUP,) if name in place)]
    table = read_columns(path, head, sorted(place[name] for name in wanted), encoding)
    read = {name: table.take(place[name]) for name in wanted}
    notes = delimiter_notes(head)
    notes += [] if table.encoding == (encoding or "utf8") else [Note("encoding", "info", "", f"the file is not UTF-8; it was read as {table.encoding}", "export again in UTF-8")]
    rows, first = _rows([stripped(read[name]) for name in keys])
    columns = {project.dictionary.record_id if name == record else name: Coded(read[name].codes[first], read[name].levels) for name in keys}
    lines = _Lines(rows, len(first), read[VALUE], _lines_of(stripped(read[FIELD])))
    if GROUP in place:
        columns[GROUP] = _first(lines, np.arange(len(rows)), read[GROUP])[0]
    known = layout(project)
    notes += _fields(lines, project, known, missing, keep, columns, labels=labels)
    if GROUP in columns:
        columns[GROUP] = _of_record(columns[project.dictionary.record_id], columns[GROUP])
    fill_unticked(columns, [name for name, field in project.dictionary.fields.items() if field.type == "checkbox"], known)
    shown = told_by_values(project, lines.of, lambda name: _share_of_ids(lines.of.get(name), read[record], read[VALUE]))
    return Wide(path, "eav", head.names, columns, (first + 2).astype(np.int64), notes, record=shown)


def _share_of_ids(at: NDArray[np.intp] | None, record: Coded, value: Coded) -> float | None:
    """The share of a field's values that are the record id of their line, None if it has none."""
    if at is None or not len(at):
        return None
    same = [str(value.levels[text]).strip() == str(record.levels[who]).strip() for text, who in zip(value.codes[at], record.codes[at], strict=True)]
    return sum(same) / len(same)


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of the file: the row that each belongs to, how many rows there are, the values, and the lines of each field."""

    rows: NDArray[np.int64]
    count: int
    value: Coded
    of: dict[str, NDArray[np.intp]]


def _lines_of(field: Coded) -> dict[str, NDArray[np.intp]]:
    """The lines of each field."""
    import numpy as np

    order = np.argsort(field.codes, kind="stable")
    ends = np.searchsorted(field.codes[order], np.arange(len(field.levels) + 1))
    return {str(name): order[ends[code]:ends[code + 1]] for code, name in enumerate(field.levels)}


def _rows(keys: list[Coded]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """The row of every line, rows in the order of their first line, and that first line."""
    import numpy as np
    import pandas as pd

    whole = np.zeros(len(keys[0].codes), dtype=np.int64)
    for key in keys:
        whole = pd.factorize(whole * (len(key.levels) + 1) + key.codes)[0].astype(np.int64)
    return whole, np.unique(whole, return_index=True)[1]


def _first(lines: _Lines, at: NDArray[np.intp], column: Coded) -> tuple[Coded, NDArray[np.intp]]:
    """A column of the rows from the values on these lines, the first line of a row where it has several; and the lines left over."""
    import numpy as np

    rows, first = np.unique(lines.rows[at], return_index=True)
    used, codes = np.unique(column.codes[at[first]], return_inverse=True)
    places = np.zeros(lines.count, dtype=np.int32)
    places[rows] = codes + 1
    same = column.codes[at] == column.codes[at[first]][np.searchsorted(rows, lines.rows[at])]
    return Coded(narrow(places, len(used) + 1), np.concatenate([np.array([""], dtype=object), column.levels[used]])), at[~same]


def _second_answers(lines: _Lines, at: NDArray[np.intp], name: str, form: str, project: Project, keys: Mapping[str, Coded]) -> list[Note]:
    """A finding on each line that answers a question again, one for all if they are many."""
    action = "export again; a repeating form needs its repeat columns"
    if len(at) > MANY:
        return [Note("duplicate_row", "error", name, f"{len(at)} answers to {name} are second answers to the same question, the first on line {at[0] + 2}; the first was taken", action, form)]
    found = []
    for line in at.tolist():
        record, event, instance = (str(column.levels[column.codes[lines.rows[line]]]).strip() if (column := keys.get(key)) is not None else ""
                                   for key in (project.dictionary.record_id, EVENT, INSTANCE))
        found.append(Note("duplicate_row", "error", name, "the line is a second answer to the same question; the first was taken", action, form, line + 2, record, event, instance))
    return found


def _of_record(record: Coded, group: Coded) -> Coded:
    """The data access group of every row: a record has one, which need not be said on each of its rows."""
    import numpy as np

    said = np.array([bool(str(level).strip()) for level in group.levels], dtype=bool)
    rows = np.flatnonzero(said[group.codes]) if len(said) else np.zeros(0, dtype=np.intp)
    of = np.full(len(record.levels), -1, dtype=np.int64)
    of[record.codes[rows[::-1]]] = rows[::-1]
    source = of[record.codes]
    return Coded(np.where(source >= 0, group.codes[source], group.codes), group.levels)


def _fields(lines: _Lines, project: Project, known: dict[str, Column], missing: Mapping[str, str], keep: Collection[str], columns: dict[str, Coded], *,
            labels: bool) -> list[Note]:
    """Adds the column of every field that has lines; notes on fields that are unknown, given twice, or name options that are none."""
    import numpy as np

    fields = project.dictionary.fields
    notes: list[Note] = []
    unknown: dict[str, int | None] = {}
    for name, at in lines.of.items():
        box = fields.get(name)
        if box is not None and box.type == "checkbox":
            if name in keep:
                notes += _box(lines, at, name, project, known, missing, columns, labels=labels)
        elif name == project.dictionary.record_id:
            continue
        elif name == GROUP or (name in known and is_kept(known[name], name, project, keep)):
            columns[name], twice = _first(lines, at, lines.value)
            notes += _second_answers(lines, twice, name, known[name].form if name in known else "", project, columns)
        elif name not in known and name != SURVEY:
            unknown[name] = len(at)
    for name, field in fields.items():
        if field.type == "checkbox" and name in keep:
            for column in field.columns:
                columns.setdefault(column, ticked_column(np.zeros(lines.count, dtype=bool)))
        elif field.columns and name in keep and name not in columns:
            columns[name] = Coded(np.zeros(lines.count, dtype=np.int16), np.array([""], dtype=object))
    for form in project.dictionary.forms:
        if f"{form}_complete" in keep:
            columns.setdefault(f"{form}_complete", Coded(np.zeros(lines.count, dtype=np.int16), np.array([""], dtype=object)))
    return [*notes, *unknown_columns(unknown)]


def _box(lines: _Lines, at: NDArray[np.intp], name: str, project: Project, known: dict[str, Column], missing: Mapping[str, str], columns: dict[str, Coded], *,
         labels: bool) -> list[Note]:
    """Adds the columns of one checkbox field: 1 where a line names the option."""
    import numpy as np

    field = project.dictionary.fields[name]
    options = options_with_missing(field, missing)
    texts = {comparable(label): code for code, label in field.choices.items()} if labels else {}
    used = {level: str(lines.value.levels[level]).strip() for level in np.unique(lines.value.codes[at]).tolist()}
    codes = {level: text if text in options else texts.get(comparable(text), text) for level, text in used.items() if text}
    further = further_options(field, sorted(set(codes.values()) - options.keys()), options)
    strange = 0
    ticked: dict[str, NDArray[np.bool_]] = {}
    for level, code in codes.items():
        here = at[lines.value.codes[at] == level]
        column = options.get(code) or further[code]
        ticked.setdefault(column, np.zeros(lines.count, dtype=bool))[lines.rows[here]] = True
        known.setdefault(column, Column(field.form, "checkbox", field))
        strange += len(here) if code in further else 0
    columns |= {column: ticked_column(marks) for column, marks in ticked.items()}
    return [no_option(field, f"{strange} answers to {name} name an option", further, "update the dictionary, or export again")] if strange else []
