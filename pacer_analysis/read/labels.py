"""A label export: its columns told by their place in the dictionary, since labels are no names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import checkbox_column
from pacer_analysis.errors import ExportError
from pacer_analysis.read.layout import TIMESTAMP, Header, option_columns
from pacer_analysis.read.notes import many
from pacer_analysis.read.wide import EVENT, GROUP, INSTANCE, INSTRUMENT, SURVEY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pacer_analysis.dictionary import Project

SYSTEM_LABELS = {EVENT: "Event Name", INSTRUMENT: "Repeat Instrument", INSTANCE: "Repeat Instance", GROUP: "Data Access Group", SURVEY: "Survey Identifier"}
STATUS_LABEL, TIMESTAMP_LABEL = "Complete?", "Survey Timestamp"
MARKUP = re.compile(r"</?[A-Za-z!][^<>]*>")
QUOTES = re.compile("[\"'`\u2018\u2019\u201c\u201d]")


@dataclass(frozen=True, slots=True)
class Slot:
    """One column that a label export can have: its name in a raw export and its label as it is compared."""

    name: str
    label: str


def plain(label: str) -> str:
    """A label as it can be compared: no markup, entities or quotation marks, white space as single spaces."""
    import html

    text = html.unescape(MARKUP.sub(" ", label)) if "<" in label or "&" in label else label
    return " ".join(QUOTES.sub("", text).split())


def comparable(label: str) -> str:
    """A label without its white space: a tag within a word or beside a bracket leaves some behind in one program, and none in another."""
    return "".join(plain(label).split())


def slots(project: Project, missing: dict[str, str]) -> list[Slot]:
    """The columns of a label export in its order; each may be absent."""
    dictionary = project.dictionary
    record = dictionary.fields[dictionary.record_id]
    found = [Slot(record.name, comparable(record.label)), *(Slot(name, comparable(label)) for name, label in SYSTEM_LABELS.items())]
    for form, fields in dictionary.forms.items():
        found.append(Slot(form + TIMESTAMP, comparable(TIMESTAMP_LABEL)))
        for field in fields:
            if field.type == "checkbox":
                options = {column: field.choices[code] for code, column in option_columns(field).items()}
                options |= {column: label for code, label in missing.items() if (column := checkbox_column(field.name, code)) not in options}
                found += [Slot(column, comparable(f"{field.label} (choice={label})")) for column, label in options.items()]
            elif field.columns and field.name != record.name:
                found.append(Slot(field.name, comparable(field.label)))
        found.append(Slot(f"{form}_complete", STATUS_LABEL))
    return found


def resemblance(names: Sequence[str], project: Project, missing: dict[str, str]) -> int:
    """How many of the column names are labels of the project."""
    labels = {slot.label for slot in slots(project, missing) if slot.label}
    return sum(comparable(name) in labels for name in names)


def read_labels(path: Path, names: Sequence[str], project: Project, missing: dict[str, str]) -> Header:
    """What each column of a label export is, strictly by its place.

    The labels must occur in the order of the dictionary, and there must be one way only to lay them beside it: a label that
    several columns share is refused where columns are absent around it. ExportError names the first column that is not as it should be.
    """
    expected = slots(project, missing)
    labels = [comparable(name) for name in names]
    first = _forward(labels, [slot.label for slot in expected])
    if first is None or len(first) < len(labels):
        place = len(first or [])
        raise ExportError("the labels of this export are not those of the dictionary in its order", where=f"{path}, line 1, column {place + 1}",
                          allowed=f"one of the labels after that of {expected[first[-1]].name if first else 'the beginning'}",
                          do="take the dictionary of the same day, or better, export raw data")
    backward = _forward(labels[::-1], [slot.label for slot in expected[::-1]]) or []
    last = [len(expected) - 1 - place for place in backward[::-1]]
    unsure = [(place, expected[one].name, expected[other].name) for place, (one, other) in enumerate(zip(first, last, strict=True)) if one != other]
    if unsure:
        place, one, other = unsure[0]
        raise ExportError(f"{len(unsure)} columns of this label export can be more than one field", where=f"{path}, line 1, column {place + 1}",
                          allowed=f"one way to lay the columns beside the dictionary; this one can be {many([one, other])}",
                          do="export all fields, or better, export raw data")
    chosen = [expected[place] for place in first]
    return Header({slot.name: place for place, slot in enumerate(chosen)})


def _forward(labels: list[str], expected: list[str]) -> list[int] | None:
    """The earliest place of each label among those expected, in order, as far as they are found; None if the first is not there."""
    found: list[int] = []
    at = 0
    for label in labels:
        while at < len(expected) and expected[at] != label:
            at += 1
        if at == len(expected):
            return found or None
        found.append(at)
        at += 1
    return found
