"""An export by its dictionary: the file, the project, and the rows and filled fields of every form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project, load_any
from pacer_analysis.inspection.screen import listed, noticed, table
from pacer_analysis.read.convert import MISSING, UNREADABLE, VALUE
from pacer_analysis.read.export import Options, Reading, read_export

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.read.tidy import Tidy

WRITTEN = {"csv": "a raw CSV export", "labels": "a label export", "headerless": "a table without header, named by its script", "eav": "an export with one value a row (EAV)",
           "odm": "a project XML", "stata": "a Stata file", "sas": "a SAS file", "spss": "an SPSS file"}


def lines_of(export: Path, dictionary: Path, options: Options) -> list[str]:
    """The lines of the screen."""
    known = load_any(dictionary)
    reading = read_export(export, known, options=options)
    kind = WRITTEN.get(reading.shape, reading.shape) if isinstance(reading.dictionary, Project) else "a flat file"
    lines = [f"{export.name}: {kind}, {reading.rows:,} rows, {reading.columns:,} columns, {_records(reading):,} records", *_project(reading, dictionary), ""]
    lines += table(("form" if isinstance(reading.dictionary, Project) else "file", "rows", "records", "fields", "filled", "missing codes", "unreadable", "in"),
                   [_form(reading, each) for each in reading.tables])
    lines += _groups(reading)
    return lines + noticed([f"{note.severity}: {note.message}" for note in reading.notes])


def _records(reading: Reading) -> int:
    return len({str(level) for each in reading.tables for level in each.record.levels[sorted(set(each.record.codes.tolist()))]})


def _project(reading: Reading, dictionary: Path) -> list[str]:
    """The dictionary in words: fields, forms, events, arms, what repeats, and whether that was inferred."""
    known = reading.dictionary
    if not isinstance(known, Project):
        return [f"{dictionary.name}: a flat dictionary of {len(known.fields):,} fields"]
    title = f' "{known.title}"' if known.title else ""
    lines = [f"{dictionary.name}:{title} {len(known.dictionary.forms):,} forms, {len(known.dictionary.fields):,} fields, record id {known.dictionary.record_id}"]
    if not known.classic:
        arms = len({event.arm for event in known.events})
        lines += listed(f"Events in {arms} arm{'s' if arms > 1 else ''}", (event.unique_name for event in known.events))
    lines += listed("Repeating", (form if not event else f"{form or 'the whole event'} in {event}" for event, form in known.repeating))
    if reading.structure is not None:
        lines.append("Events, mapping or repeats were inferred from the export; put events.csv, instrument_event_mapping.csv and repeating.csv beside the dictionary to be sure.")
    lines += listed("Missing-data codes", reading.source.missing_codes)
    return lines


def _form(reading: Reading, each: Tidy) -> tuple[object, ...]:
    """A form's rows, records, fields, and cells that are filled, hold a missing-data code, or cannot be read."""
    import numpy as np

    counts = dict.fromkeys((VALUE, MISSING, UNREADABLE), 0)
    for cells in each.fields.values():
        used = np.bincount(cells.codes, minlength=len(cells.levels.raw))
        for state in counts:
            counts[state] += int(used[cells.levels.status == state].sum())
    events = [str(level) for level in each.event.levels[sorted(set(each.event.codes.tolist()))] if level]
    place = "" if not events else f"{len(events)} event{'s' if len(events) > 1 else ''}"
    if each.repeated.any():
        place = f"{place}, repeating".removeprefix(", ")
    return (each.form or reading.source.file, each.rows, len(set(each.record.codes.tolist())), len(each.fields), counts[VALUE], counts[MISSING], counts[UNREADABLE], place)


def _groups(reading: Reading) -> list[str]:
    """Records by data access group."""
    groups: dict[str, set[str]] = {}
    for each in reading.tables:
        for record, site in set(zip(each.record.codes.tolist(), each.site.codes.tolist(), strict=True)):
            groups.setdefault(str(each.site.levels[site]), set()).add(str(each.record.levels[record]))
    if set(groups) <= {""}:
        return []
    return ["", *listed("Data access groups", (f"{name or 'none'} {len(records):,}" for name, records in sorted(groups.items())))]
