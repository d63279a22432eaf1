"""Which columns of a tidy table monitoring looks at: what a person entered, without what identifies a participant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project

if TYPE_CHECKING:
    from pacer_analysis.dictionary import Field, FlatDictionary, FlatField

NUMBERS = frozenset({"integer", "number", "comma_number"})
DATES = frozenset({"date", "datetime"})
# Action tags by which REDCap fills a field in by itself.
FILLED_IN = re.compile(r"@(CALCTEXT|CALCDATE|TODAY|NOW|USERNAME|DEFAULT|SETVALUE|PREFILL)", re.IGNORECASE)
# ASSUME: a number whose name, label or unit says log is computed by a machine; its last digits say nothing of a person's reading.
LOGARITHM = re.compile(r"(\b|_)(log|ln)(10|2)?(\b|_)", re.IGNORECASE)
MARKUP = re.compile(r"<[^>]*>")
LONGEST_LABEL = 80


@dataclass(frozen=True, slots=True)
class Column:
    """One entered field: `number`, `date` or `other`; `always` if it is asked of every row of its table; `read` unless a machine computes it."""

    name: str
    label: str
    kind: str
    always: bool
    read: bool = True


def columns_of(dictionary: FlatDictionary | Project, form: str) -> tuple[Column, ...]:
    """The entered fields of a form, or of a flat source, one per column; calculated, identifying and free-text fields left out."""
    if isinstance(dictionary, Project):
        return tuple(_of_project(field) for field in dictionary.dictionary.forms.get(form, ()) if _entered(field) and field.name != dictionary.dictionary.record_id)
    return tuple(_of_flat(field) for field in dictionary.fields.values() if not field.identifier)


def _entered(field: Field) -> bool:
    # A checkbox is never blank, a note may be, and a file is no value.
    return not field.identifier and field.type not in {"calc", "checkbox", "descriptive", "file", "notes", "sql"} and not FILLED_IN.search(field.annotation)


def _of_project(field: Field) -> Column:
    hidden = "@HIDDEN" in field.annotation.upper()
    return Column(field.name, readable(field.label) or field.name, _kind(field.kind), not field.branching and not hidden, not LOGARITHM.search(f"{field.name} {field.label}"))


def _of_flat(field: FlatField) -> Column:
    return Column(field.name, readable(field.label) or field.name, _kind(field.kind), field.required, not LOGARITHM.search(f"{field.name} {field.label} {field.unit}"))


def _kind(kind: str) -> str:
    return "number" if kind in NUMBERS else "date" if kind in DATES else "other"


def readable(label: str) -> str:
    """A label in one line without markup, cut at a word."""
    text = " ".join(MARKUP.sub(" ", label).split())
    return text if len(text) <= LONGEST_LABEL else text[:LONGEST_LABEL].rsplit(" ", 1)[0] + "\N{HORIZONTAL ELLIPSIS}"
