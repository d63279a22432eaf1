"""An export whose dictionary is of another project, or lacks what a label export needs: refused before anything is read into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError
from pacer_analysis.read.eventnames import UNIQUE_NAME, event_index
from pacer_analysis.read.layout import PASSED_OVER, RETURN_CODE, TIMESTAMP, columns_of
from pacer_analysis.read.notes import many
from pacer_analysis.read.wide import EVENT, SYSTEM

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.dictionary import Project
    from pacer_analysis.read.wide import Wide

FEWEST_UNKNOWN = 5
# ASSUME: an export that has 80 of 100 fields of a dictionary, and three or more, is of the same project, whatever else it has.
FEWEST_OWN, NEARLY_ALL = 3, 0.8
STATUS = "_complete"


def refuse_other_project(path: Path, wide: Wide, project: Project) -> bool:
    """True if the dictionary is of some instruments only: it knows fewer than half of the export's columns, but the export has nearly all of its own.

    ExportError if it knows fewer than half, five or more being unknown, and the export has not its own; or if it knows none of
    the events. Columns that every project has, and those of status and time of a form, tell nothing. A report of a few columns
    of the project is not refused, whatever the dictionary has beside them.
    """
    known, unknown, named = _of_fields(wide, project) if wide.shape == "eav" else _of_columns(wide, project)
    some = unknown >= FEWEST_UNKNOWN and known < unknown and _has_its_fields(wide, project)
    if unknown >= FEWEST_UNKNOWN and known < unknown and not some:
        raise ExportError(f"{unknown} of {known + unknown} columns of the export are not in the dictionary, which seems to be that of another project: {many(named)}",
                          where=f"{path}, line 1; {project.dictionary.path}", allowed="a dictionary that knows at least half of the export's columns",
                          do="name the dictionary of this project, of the same day as the export")
    if not project.events or EVENT not in wide.columns:
        return some
    texts = [text for level in wide.columns[EVENT].levels if (text := str(level).strip())]
    if texts and not event_index(project, texts):
        raise ExportError(f"none of the {len(texts)} events of the export is among the {len(project.events)} of the dictionary, which seems to be that of another project: {many(texts)}",
                          where=f"{path}, column {EVENT}; {project.dictionary.path.parent}", allowed=many([event.unique_name for event in project.events]),
                          do="put the events.csv of this project beside its dictionary, or name the dictionary of this project")
    return some


def _has_its_fields(wide: Wide, project: Project) -> bool:
    """True if an export has nearly all fields of a dictionary, three or more beside the record id: that of some of its instruments."""
    names = {name.strip().lower() for name in wide.header} if wide.shape != "eav" else _filled(wide, project)
    own = [field for field in project.dictionary.fields.values() if field.columns and field.name != project.dictionary.record_id]
    there = sum(any(column in names for column in (field.name, *field.columns)) for field in own)
    return there >= FEWEST_OWN and there >= NEARLY_ALL * len(own)


def refuse_unmapped_events(path: Path, wide: Wide, project: Project) -> None:
    """ExportError for a label export of a project with events if nobody said which events the labels are of."""
    if project.events or EVENT not in wide.columns:
        return
    texts = {text for level in wide.columns[EVENT].levels if (text := str(level).strip()) and not UNIQUE_NAME.fullmatch(text)}
    if texts:
        raise ExportError(f"a label export of a project with events needs events.csv: nothing says which events its {len(texts)} event labels are", where=f"{path}, the column of events",
                          allowed="events.csv (REDCap's API export: event_name, arm_num, unique_event_name) and instrument_event_mapping.csv beside the dictionary, or the project XML",
                          do="put them beside the dictionary, or export raw data")


def _of_columns(wide: Wide, project: Project) -> tuple[int, int, list[str]]:
    """How many of the file's columns the dictionary knows, how many it does not, and the names of these."""
    names = dict.fromkeys(name.strip().lower() for name in wide.header if name.strip())
    known = columns_of(names, project).keys() | project.dictionary.fields.keys()
    telling = [name for name in names if name not in {*SYSTEM, *PASSED_OVER} and (name in project.dictionary.fields or not name.endswith((STATUS, TIMESTAMP, RETURN_CODE)))]
    unknown = [name for name in telling if name not in known] if wide.shape != "labels" else []
    return len(telling) - len(unknown), len(unknown), unknown


def _of_fields(wide: Wide, project: Project) -> tuple[int, int, list[str]]:
    """The same of an EAV export, whose fields are told from the columns made of them and from the notes on those that are unknown."""
    notes = [note for note in wide.notes if note.rule == "unknown_column"]
    count = sum(1 if note.field else int(note.message.split()[0]) for note in notes)
    return len(_filled(wide, project)), count, [note.field for note in notes if note.field and not note.field.endswith(STATUS)]


def _filled(wide: Wide, project: Project) -> set[str]:
    """The fields that an EAV export has values of."""
    import numpy as np

    columns = columns_of(wide.columns, project)
    return {column.field.name for name, coded in wide.columns.items() if name in columns and (column := columns[name]).field is not None
            and {str(level) for level in coded.levels[np.unique(coded.codes)]} - {""} - ({"0"} if column.kind == "checkbox" else set())}
