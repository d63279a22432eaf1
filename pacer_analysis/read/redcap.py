"""A REDCap export by its project: however it was written, one tidy table per instrument."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError
from pacer_analysis.read import recordid
from pacer_analysis.read.absent import absent_notes
from pacer_analysis.read.convert import convert
from pacer_analysis.read.damage import damage_notes
from pacer_analysis.read.emptyrows import without_empty_rows
from pacer_analysis.read.gaps import gap_notes
from pacer_analysis.read.inferred import complete
from pacer_analysis.read.layout import columns_of
from pacer_analysis.read.opened import GREY, status_says_opened
from pacer_analysis.read.otherproject import refuse_other_project, refuse_unmapped_events
from pacer_analysis.read.resaved import as_redcap_wrote
from pacer_analysis.read.sealed import all_fields
from pacer_analysis.read.shapes import read_wide
from pacer_analysis.read.structure import out_of_place, place_rows
from pacer_analysis.read.tidy import Cells, Coded, Tidy, narrow
from pacer_analysis.read.wide import EVENT, SYSTEM

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.dictionary import Project
    from pacer_analysis.plan import Source
    from pacer_analysis.read.layout import Column
    from pacer_analysis.read.notes import Note
    from pacer_analysis.read.structure import Rows
    from pacer_analysis.read.wide import Wide

@dataclass(frozen=True, slots=True)
class ProjectReading:
    """The tables of a project's export, what was noticed, the size of the file, the project with its structure, and the file's shape."""

    tables: list[Tidy]
    notes: tuple[Note, ...]
    rows: int
    columns: int
    project: Project
    shape: str


def read_redcap(path: Path, source: Source, project: Project, keep: Collection[str]) -> tuple[list[Tidy], tuple[Note, ...], int, int]:
    """The tables of the forms with their fields to keep, the notes on the file, its number of rows and of columns."""
    found = read_export_of(path, source, project, keep)
    return found.tables, found.notes, found.rows, found.columns


def read_export_of(path: Path, source: Source, project: Project, keep: Collection[str], *, script: Path | None = None, encoding: str = "") -> ProjectReading:
    """An export of the project as tidy tables, those fields of it that are kept.

    A column of the dictionary that the export lacks is noted; ExportError if it is the record id, or the event in a project
    that has events. What the project leaves open of its structure is inferred from the rows, and said.
    """
    missing = project.missing_codes | source.missing_codes

    def wide_of(about: Project, wanted: Collection[str]) -> Wide:
        return without_empty_rows(read_wide(path, about, wanted, missing, labels=source.labels, script=script, encoding=encoding), about.dictionary.record_id)

    wide, before = wide_of(project, keep), project.dictionary.record_id
    record = recordid.shown(wide, project, keep)
    if record:
        project, keep = recordid.with_record(project, record), {*keep, record}
        wide = wide_of(project, keep)
        recordid.refuse_no_id(path, wide, project, before)
        wide.notes.insert(0, recordid.remark(project, before, wide.shape))
    some = refuse_other_project(path, wide, project)
    _refuse_without_keys(path, wide, project)
    if source.labels:
        refuse_unmapped_events(path, wide, project)
    columns = columns_of(wide.columns, project)
    wide.notes.extend(as_redcap_wrote(wide, columns, project, missing))
    told = recordid.other_instruments(wide.notes, project) if some or project.dictionary.partial else wide.notes
    notes = [*told, *absent_notes(wide.columns.keys(), columns, project, keep, deidentified=source.deidentified)]
    completed, inferred = complete(project, wide, columns)
    rows, found = place_rows(completed, project.repeating.keys(), wide)
    notes += [*damage_notes(wide, columns, rows, missing, source.decimal), *inferred, *found]
    saved = status_says_opened(wide, rows, completed, columns)
    notes += [GREY] if saved else []
    tables = [_form(wide, rows, form, each, source, missing, notes, saved=saved)
              for form, each in _by_form(completed, wide, columns).items()]
    notes += gap_notes(rows, tables, whole=all_fields(project) <= set(keep), events_known=bool(project.events) and project.mapped)
    return ProjectReading(tables, tuple(notes), wide.rows, len(wide.header), completed, wide.shape)


def _refuse_without_keys(path: Path, wide: Wide, project: Project) -> None:
    """ExportError if the rows cannot be told apart."""
    record = project.dictionary.record_id
    if record not in wide.columns:
        raise ExportError(f"the export has no column {record}, the record id", where=f"{path}, line 1", allowed="a raw export of all records",
                          do="export again with the record id; check that the dictionary is this project's")
    if not project.classic and EVENT not in wide.columns:
        raise ExportError(f"the export has no column {EVENT}, but the project has events", where=f"{path}, line 1", do="export again with event names")


def _by_form(project: Project, wide: Wide, columns: Mapping[str, Column]) -> dict[str, dict[str, Column]]:
    """The columns of every form that the file has, in the order of the layout."""
    forms: dict[str, dict[str, Column]] = {form: {} for form in project.dictionary.forms}
    for name, column in columns.items():
        if name in wide.columns and name != project.dictionary.record_id and name not in SYSTEM:
            forms[column.form][name] = column
    return forms


def _form(wide: Wide, rows: Rows, form: str, names: dict[str, Column], source: Source, missing: Collection[str], notes: list[Note], *, saved: bool) -> Tidy:
    """The rows of one form; its columns are taken out of `wide`, so that their memory is free.

    A row on which the form was never opened exports 0 for its status and its checkboxes: it is no row of the form. In an export
    that leaves such a status blank, `saved`, 0 is the status of a form that was opened.
    """
    import numpy as np

    mask = rows.of(form)
    at = np.flatnonzero(mask)
    elsewhere = np.flatnonzero(rows.placed & ~mask)
    used = rows.repeated[at]
    outside = np.zeros(len(elsewhere), dtype=np.int32)
    inside: dict[str, Coded] = {}
    for name, column in names.items():
        coded = wide.columns.pop(name)
        status, meant = name == f"{form}_complete", wide.meant.get(name, {})
        unopened = "0" if column.kind == "checkbox" or status else ""
        filled = np.array([meant.get(level, level) not in {"", unopened} and not level.isspace() for level in coded.levels.tolist()], dtype=bool)
        if filled.any():
            used |= filled[coded.codes[at]]
            outside += filled[coded.codes[elsewhere]]
        if status and saved:
            used |= np.array([meant.get(level, level) == "0" for level in coded.levels.tolist()], dtype=bool)[coded.codes[at]]
        inside[name] = coded
    notes += out_of_place(rows, wide.lines, form, elsewhere, outside)
    kept = at[used]
    cells = {name: _cells(name, inside.pop(name), kept, column, source, _missing_of(name, column, missing, wide), wide) for name, column in names.items()}
    return Tidy(source.id, form, _at(rows.record, kept), _at(rows.event, kept), rows.instance[kept], wide.lines[kept], _at(rows.site, kept), rows.repeated[kept], cells, saved)


def _cells(name: str, coded: Coded, kept: NDArray[np.intp], column: Column, source: Source, missing: Collection[str], wide: Wide) -> Cells:
    """A column on the rows that are kept, with the levels that occur there as typed values."""
    import numpy as np

    codes, levels = coded.codes[kept], coded.levels
    there = np.zeros(len(levels), dtype=bool)
    there[codes] = True
    if not there.all():
        codes, levels = (np.cumsum(there) - 1).astype(np.int32)[codes], levels[there]
    typed = convert(column.kind, levels, missing, source.decimal, meant=wide.meant.get(name), doubtful=wide.doubtful.get(name, ()))
    return Cells(name, column.kind, narrow(codes, len(levels)), typed)


def _missing_of(name: str, column: Column, missing: Collection[str], wide: Wide) -> Collection[str]:
    """The texts that stand for a missing value in a column.

    A form's status is not subject to missing-data codes, and a text that is one of the field's own choices is that choice.
    """
    declared = wide.missing.get(name, frozenset())
    if column.field is None:
        return declared
    # ASSUME: a code that is both one of a field's choices and a missing-data code of the project is the choice.
    own = column.field.choices if column.kind == "choice" else {}
    return {code for code in missing if code not in own} | declared


def _at(column: Coded, rows: NDArray[np.intp]) -> Coded:
    return Coded(column.codes[rows], column.levels)
