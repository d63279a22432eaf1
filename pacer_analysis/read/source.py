"""One source of a cut, read as far as one side of the blinding may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import FlatDictionary, Project, load_flat, load_project
from pacer_analysis.errors import ExportError, PlanError
from pacer_analysis.read.files import find_file
from pacer_analysis.read.sealed import all_fields, open_fields

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.plan import Plan, Source
    from pacer_analysis.read.notes import Note
    from pacer_analysis.read.tidy import Tidy


@dataclass(frozen=True, slots=True)
class Reading:
    """A source as read: its tables, what the reader noticed, and the size of the file."""

    source: Source
    dictionary: FlatDictionary | Project
    record: str
    file: str
    tables: tuple[Tidy, ...]
    notes: tuple[Note, ...]
    rows: int
    columns: int


def load_dictionary(plan: Plan, source: Source) -> FlatDictionary | Project:
    """The dictionary of a source: a project for REDCap, a flat one otherwise."""
    if source.reader == "redcap":
        return load_project(plan.dictionary, source.dictionary)
    return load_flat(plan.dictionary / source.dictionary)


def record_field(plan: Plan, source: Source, dictionary: FlatDictionary | Project) -> str:
    """The field that holds the participant's id: as the plan says, else the participants' id field, else the first of the key."""
    if isinstance(dictionary, Project):
        return dictionary.dictionary.record_id
    named = source.record or (plan.participants.id if plan.participants.id in dictionary.fields else source.key[0])
    if named not in dictionary.fields:
        raise PlanError(
            f"the source {source.id} has no field {named}, its record id",
            where=f"{dictionary.path}",
            allowed=", ".join(dictionary.fields),
            do="name the field under `record:` of the source",
        )
    return named


def read_source(plan: Plan, source: Source, folder: Path, *, sealed: bool) -> Reading:
    """The source in the folder of a cut.

    With `sealed` false a sealed field's column never becomes a value, and a source that is sealed as a whole must not be
    asked for. Raises ExportError if the file is not what the plan and the dictionary say.
    """
    if source.reveals_arm and not sealed:
        raise PlanError(
            f"the source {source.id} reveals the arm and is not read on the open side", where="the plan's sources", do="read it on the restricted side"
        )
    dictionary = load_dictionary(plan, source)
    record = record_field(plan, source, dictionary)
    keep = all_fields(dictionary) if sealed else open_fields(source, dictionary)
    path = find_file(source, folder)
    if isinstance(dictionary, Project):
        from pacer_analysis.read.redcap import read_redcap

        tables, notes, rows, columns = read_redcap(path, source, dictionary, keep)
        return _with_rows(plan, path, Reading(source, dictionary, record, path.name, tuple(tables), notes, rows, columns))
    if source.reader == "stata":
        from pacer_analysis.read.stata import read_stata

        table, notes, columns = read_stata(path, source, dictionary, record, keep)
    else:
        from pacer_analysis.read.flat import read_flat

        table, notes, columns = read_flat(path, source, dictionary, record, keep)
    return _with_rows(plan, path, Reading(source, dictionary, record, path.name, (table,), notes, table.rows, columns))


def _with_rows(plan: Plan, path: Path, reading: Reading) -> Reading:
    """The reading; ExportError if it is the participants' and has none."""
    if reading.source.id == plan.participants.source and not reading.rows:
        raise ExportError(f"the export of {reading.source.id} has a header and no rows", where=str(path), allowed="one row or more for each participant",
                          do="export all records; check the rights and filters of the export")
    return reading
