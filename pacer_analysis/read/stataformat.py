"""What a Stata file says of a column against what the dictionary says: value labels, storage, display format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacer_analysis.read.notes import Note
from pacer_analysis.read.statadates import date_unit

if TYPE_CHECKING:
    from pacer_analysis.dictionary import FlatField

LONGEST_LABEL = 80


def label_notes(field: FlatField, labels: dict[Any, str]) -> list[Note]:
    """A note on each value label whose code the dictionary lacks, or names otherwise."""
    notes: list[Note] = []
    if field.kind != "choice":
        return notes
    for code, label in labels.items():
        text = f".{code}" if isinstance(code, str) else str(int(code)) if float(code) == int(code) else repr(float(code))
        if text.startswith("."):
            continue
        if text not in field.codes:
            notes.append(Note("labels", "warning", field.name, f"the file labels the code {text} of {field.name}, which the dictionary lacks",
                              "update the dictionary, or correct the label in Stata"))
        elif _plain(label) != _plain(field.codes[text]):
            notes.append(
                Note(
                    "labels",
                    "warning",
                    field.name,
                    f"the file labels the code {text} of {field.name} as {label!r}, the dictionary as {field.codes[text]!r}",
                    "find out which of the two is meant",
                )
            )
    return notes


def _plain(label: str) -> str:
    """A label as far as Stata keeps it, without regard to case, spaces and quotation marks."""
    text = "".join(character for character in label.casefold() if character not in "\"'`\u2018\u2019\u201c\u201d")
    return " ".join(text.split())[:LONGEST_LABEL]


def storage_notes(field: FlatField, display: str, storage: str, *, is_id: bool) -> list[Note]:
    """Notes on ids kept as decimals, dates without a date format and numbers kept as text."""
    notes: list[Note] = []
    unit = date_unit(display)
    if is_id and storage in {"float", "double"}:
        notes.append(
            Note(
                "storage",
                "error" if storage == "float" else "warning",
                field.name,
                f"the record id {field.name} is stored as {storage}; leading zeros are lost"
                + (", and ids above 16777216 are not exact" if storage == "float" else ""),
                "save the id as text",
            )
        )
    if field.kind in {"date", "datetime"} and storage != "string" and unit not in set("dcCwmqhy"):
        notes.append(Note("storage", "error", field.name, f"{field.name} is a date in the dictionary, but the file shows it with the format {display}",
                          "give it a date format in Stata"))
    if field.kind in {"integer", "number"} and storage == "string":
        notes.append(
            Note("storage", "warning", field.name, f"{field.name} is a number in the dictionary, but the file keeps it as text", "destring it in Stata")
        )
    if field.kind not in {"date", "datetime"} and unit:
        notes.append(Note("storage", "warning", field.name, f"{field.name} is no date in the dictionary, but the file shows it with the format {display}",
                          "correct the type in the dictionary"))
    return notes
