"""One source of a cut, read as far as one side of the blinding may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.dictionary import FlatDictionary, Project, load_flat, load_project
from pacer_analysis.errors import ExportError, PlanError
from pacer_analysis.read.export import Options, Reading, read_with
from pacer_analysis.read.files import find_file
from pacer_analysis.read.flat import missing_columns
from pacer_analysis.read.needed import needed_columns
from pacer_analysis.read.sealed import all_fields, open_fields

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from pacer_analysis.plan import Plan, Source


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
    asked for. Raises ExportError if the file is not what the plan and the dictionary say, or lacks a column that the plan
    uses; any other column of the dictionary may be absent, which is noted.
    """
    if source.reveals_arm and not sealed:
        raise PlanError(
            f"the source {source.id} reveals the arm and is not read on the open side", where="the plan's sources", do="read it on the restricted side"
        )
    dictionary = load_dictionary(plan, source)
    record = record_field(plan, source, dictionary)
    keep = all_fields(dictionary) if sealed else open_fields(source, dictionary)
    path = find_file(source, folder)
    reading = read_with(path, source, dictionary, record, keep, Options())
    _refuse_without(path, plan, reading, keep)
    if source.id == plan.participants.source and not reading.rows:
        raise ExportError(f"the export of {source.id} has a header and no rows", where=str(path), allowed="one row or more for each participant",
                          do="export all records; check the rights and filters of the export")
    return reading


def _refuse_without(path: Path, plan: Plan, reading: Reading, keep: Collection[str]) -> None:
    """ExportError if the file lacks a column that the plan uses and that this side may read."""
    there = {name for table in reading.tables for name in table.fields} | {reading.record}
    absent = [name for name in needed_columns(plan, reading.source, reading.dictionary) if name not in there and name.partition("___")[0] in {*keep, name} & {*keep}]
    if absent:
        raise missing_columns(path, absent)
