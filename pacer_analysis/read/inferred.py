"""The structure of a project that nobody described, as far as an export shows it; what was inferred is said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Event
from pacer_analysis.read.eventnames import UNIQUE_NAME, arm_of, event_index
from pacer_analysis.read.notes import Note, many
from pacer_analysis.read.ticks import filled
from pacer_analysis.read.wide import EVENT, INSTANCE, INSTRUMENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.dictionary import Project
    from pacer_analysis.read.layout import Column
    from pacer_analysis.read.wide import Wide

SUPPLY = ("put events.csv, instrument_event_mapping.csv and repeating.csv (REDCap's API exports or its Designate Instruments page) beside the dictionary, "
          "or take the project XML as the dictionary")


def complete(project: Project, wide: Wide, columns: Mapping[str, Column]) -> tuple[Project, list[Note]]:
    """The project with the events, event mapping and repeats that the export shows, if it lacks them; and a note on what was inferred.

    A form belongs to an event in whose rows any of its columns is filled (0 in the status of a form that was never opened
    counts); it repeats where rows name it as repeat instrument. What the project says itself is not touched.
    """
    made, notes = _with_events(project, wide, columns)
    repeating = _repeats(made, wide)
    added = {key: "" for key in repeating if key not in made.repeating}
    if added:
        said = [_repeat_in_words(made, *key) for key in added]
        if project.mapped:
            notes.append(Note("structure", "warning", "", f"rows repeat {many(said)}, which repeating.csv does not name; they were read as repeats",
                              "update the dictionary folder"))
        else:
            notes.append(Note("structure", "info", "", f"Nothing says what repeats in this project. The export shows {many(said)}; a form that repeats and has no "
                              "repeats here looks as if it did not.", SUPPLY))
        made = replace(made, repeating=made.repeating | added)
    return made, notes


def _with_events(project: Project, wide: Wide, columns: Mapping[str, Column]) -> tuple[Project, list[Note]]:
    """The project with events and mapping from the export, where it has none."""
    event = wide.columns.get(EVENT)
    if event is None or not filled(event).any() or (project.events and project.mapped):
        return project, []
    names = [str(level) for level in event.levels if str(level)]
    events = project.events or tuple(Event(name, name, arm_of(name), None, None, None) for name in names)
    index = event_index(replace(project, events=events), event.levels)
    places = {entry.unique_name: place for place, entry in enumerate(events)}
    import numpy as np

    of_row = np.array([places.get(index.get(str(level), ""), len(events)) for level in event.levels], dtype=np.int32)[event.codes]
    forms = _events_filled(project, wide, columns, of_row, len(events))
    mapping = {entry.unique_name: tuple(form for form, there in forms.items() if place in there) for place, entry in enumerate(events)}
    nowhere = [form for form, there in forms.items() if not there]
    what = "Nothing says which forms belong to which event" if project.events else "Nothing says which events the project has and which forms belong to them"
    text = (f"{what}. The export shows {len(events)} events, and {sum(len(each) for each in mapping.values())} pairs of event and form in which anything is filled; "
            "this was taken for the mapping.")
    if not project.events and not all(UNIQUE_NAME.fullmatch(name) for name in names):
        text += (" The column holds no unique event names, such as visit_1_arm_1, but labels: logic that names an event or its arm cannot be evaluated, "
                 "for nothing says which event a label is of.")
    if nowhere:
        text += f" {len(nowhere)} forms are filled nowhere, and belong to no event: {many(nowhere)}."
    return replace(project, events=events, mapping=mapping), [Note("structure", "warning", "", text, SUPPLY)]


def _events_filled(project: Project, wide: Wide, columns: Mapping[str, Column], of_row: NDArray[np.int32], count: int) -> dict[str, set[int]]:
    """The events in whose rows any column of a form is filled, for every form; the record id is on every row and says nothing."""
    import numpy as np

    found: dict[str, set[int]] = {form: set() for form in project.dictionary.forms}
    for name, column in wide.columns.items():
        there = found[columns[name].form] if name in columns and name != project.dictionary.record_id else None
        if there is not None and len(there) < count:
            there |= set(np.unique(of_row[filled(column)]).tolist()) - {count}
    return found


def _repeats(project: Project, wide: Wide) -> list[tuple[str, str]]:
    """The pairs of event and form (blank for a whole event) that repeat in the rows of the export."""
    import numpy as np

    instrument, instance, event = (wide.columns.get(name) for name in (INSTRUMENT, INSTANCE, EVENT))
    if instrument is None and instance is None:
        return []
    index = event_index(project, event.levels) if event is not None else {}
    form_of_row = np.zeros(wide.rows, dtype=np.int32) if instrument is None else instrument.codes.astype(np.int32)
    forms = [""] if instrument is None else [str(level) for level in instrument.levels]
    event_of_row = np.zeros(wide.rows, dtype=np.int32) if event is None or project.classic else event.codes.astype(np.int32)
    names = [""] if event is None or project.classic else [index.get(str(level), "?") for level in event.levels]
    numbered = np.zeros(wide.rows, dtype=bool) if instance is None else np.array([str(level).isdigit() for level in instance.levels], dtype=bool)[instance.codes]
    named = np.array([form in project.dictionary.forms for form in forms], dtype=bool)[form_of_row]
    blank = np.array([not form for form in forms], dtype=bool)[form_of_row]
    rows = named | (blank & numbered)
    pairs = np.unique(event_of_row[rows].astype(np.int64) * len(forms) + form_of_row[rows])
    found = [(names[pair // len(forms)], forms[pair % len(forms)]) for pair in pairs.tolist()]
    # Without events a number alone on a row repeats nothing.
    return list(dict.fromkeys(pair for pair in found if pair[0] != "?" and pair != ("", "")))


def _repeat_in_words(project: Project, event: str, form: str) -> str:
    what = f"the form {form}" if form else "whole events"
    return f"{what} in {event}" if event and not project.classic else what
