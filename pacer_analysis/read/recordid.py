"""Which field is the record id: the dictionary's first, unless the export shows that the dictionary begins with another."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Field
from pacer_analysis.errors import ExportError
from pacer_analysis.read.layout import columns_of
from pacer_analysis.read.notes import Note, many
from pacer_analysis.read.wide import EVENT, INSTANCE, INSTRUMENT, SYSTEM

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path

    from pacer_analysis.dictionary import Project
    from pacer_analysis.read.tidy import Coded
    from pacer_analysis.read.wide import Wide

NAME = re.compile(r"[a-z][a-z0-9_]*")
NO_ID = ("_complete", "_timestamp", "_return_code")
# What R, pandas and readr call the row numbers that they write before the first column.
ROW_NUMBERS = frozenset({"", "unnamed: 0", "...1", "x", "index", "rownames", "row.names"})
# What EAV exports and REDCap itself call the record id.
USUAL = ("record_id", "record", "redcap_record_id")
# ASSUME: a first column whose values tell fewer than 95 of 100 rows of the export apart, with event and repeat, is not the record id.
APART = 0.95
WHOLE = "take the dictionary of the whole project, in REDCap's order"


def shown(wide: Wide, project: Project, keep: Collection[str]) -> str:
    """The field that the export shows to be the record id, '' if it is the dictionary's first or nothing shows it.

    REDCap writes the record id first. A dictionary of one form, or one that was sorted, begins with another field; so the first
    column is the record id, unless it numbers the rows for another program. A label export is told by its place.
    """
    record = project.dictionary.record_id
    if wide.record or wide.shape in {"labels", "eav", "odm"}:
        return wide.record if wide.record != record and (wide.record in keep or wide.record not in project.dictionary.fields) else ""
    names = [name.strip().lower() for name in wide.header]
    if len(names) > 1 and names[0] in ROW_NUMBERS and (not names[0] or names[1] == record or names[0] not in project.dictionary.fields):
        names = names[1:]
    first = names[0] if names else record
    if first == record or first in SYSTEM or NAME.fullmatch(first) is None or first.endswith(NO_ID):
        return ""
    # The record id is a text; without that, the dictionary's first field could be a record id that the export lacks.
    surely_not = project.dictionary.fields[record].type != "text" or project.dictionary.partial
    if first not in project.dictionary.fields and first not in columns_of(names, project):
        return first if surely_not or record in names else ""
    known = project.dictionary.fields.get(first)
    # With a field of the dictionary in front and the dictionary's first one nowhere, the export has no record id.
    usable = known is not None and known.columns == (first,) and first in keep and (surely_not or record in names)
    # Statistical programs put variables in another order; there the dictionary is believed as long as it makes sense.
    return first if usable and (wide.shape in {"csv", "headerless"} or not _fits(wide, record)) and _fits(wide, first) else ""


def with_record(project: Project, name: str) -> Project:
    """The project with a field as its record id, which its dictionary need not have."""
    dictionary = project.dictionary
    if name in dictionary.fields:
        return replace(project, dictionary=replace(dictionary, record_id=name))
    form = next(iter(dictionary.forms))
    own = Field(name, form, "", "text", name, {}, "", "", "", "", "", identifier=False, branching="", required=False, matrix_group="", annotation="", line=0)
    forms = {each: (own, *fields) if each == form else fields for each, fields in dictionary.forms.items()}
    return replace(project, dictionary=replace(dictionary, fields={name: own, **dictionary.fields}, forms=forms, record_id=name, partial=True))


def refuse_no_id(path: Path, wide: Wide, project: Project, before: str) -> None:
    """ExportError if the column that was taken for the record id has blanks, or does not tell the rows apart."""
    record = project.dictionary.record_id
    if record in wide.columns and _fits(wide, record):
        return
    raise ExportError(f"the dictionary begins with {before}, which would be the record id, but the export begins with {record}, which has blanks or does not tell the rows apart",
                      where=f"{path}, line 1", allowed="a raw export, which begins with the record id, and a dictionary whose first field is the record id, as REDCap exports them",
                      do=f"{WHOLE}; export again with the record id")


def remark(project: Project, before: str, shape: str) -> Note:
    """The note on a record id that is not the dictionary's first field."""
    record = project.dictionary.record_id
    why = "the values of the record column are those of" if shape in {"eav", "odm"} else "the export begins, as REDCap's do, with"
    return Note("structure", "warning", record, f"The dictionary begins with {before}, which is not the record id: {why} {record}, which was taken for it.", WHOLE)


def other_instruments(notes: list[Note], project: Project) -> list[Note]:
    """The notes with those on unknown columns in one: a dictionary of some instruments does not know those of the others."""
    told = [note for note in notes if note.rule == "unknown_column" and note.field]
    if len(told) < 2:
        return notes
    forms = many(list(project.dictionary.forms))
    one = Note("unknown_column", "info", "", f"{len(told)} columns are of other instruments: the dictionary has {forms} alone; they were not read: {many([note.field for note in told])}",
               "take the dictionary of the whole project to read them")
    return [*(note for note in notes if note not in told), one]


def told_by_values(project: Project, names: Iterable[str], share: Callable[[str], float | None]) -> str:
    """The field whose values are the record ids of an export that has these in a column of their own, '' if it is the dictionary's first.

    `share` is the share of a field's values that equal their record id, None if it has none.
    """
    dictionary = project.dictionary
    own = share(dictionary.record_id)
    if (own is None and not dictionary.partial) or (own is not None and own > 0.5):
        return ""
    found = [name for name in names if name != dictionary.record_id and NAME.fullmatch(name) and not name.endswith(NO_ID) and name not in SYSTEM
             and (name not in dictionary.fields or dictionary.fields[name].columns == (name,)) and share(name) == 1.0]
    return found[0] if found else next(name for name in (*USUAL, dictionary.record_id) if name not in dictionary.fields or name == dictionary.record_id)


def _fits(wide: Wide, name: str) -> bool:
    """True if a column has no blank, and tells nearly all rows apart together with event and repeat."""
    import numpy as np
    import pandas as pd

    column = wide.columns.get(name)
    if column is None:
        return False
    if not wide.rows:
        return True
    if _blank(column):
        return False
    keys = pd.DataFrame({key: np.asarray(wide.columns[key].codes) for key in (name, EVENT, INSTRUMENT, INSTANCE) if key in wide.columns})
    return int((~keys.duplicated()).sum()) >= APART * wide.rows


def _blank(column: Coded) -> bool:
    """True if any cell of a column is blank."""
    import numpy as np

    return any(not str(column.levels[code]).strip() for code in np.unique(column.codes))
