"""What a dictionary says of a column, the same for REDCap and flat sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project, checkbox_column

if TYPE_CHECKING:
    from pacer_analysis.dictionary import Field, FlatDictionary, FlatField

TICKED = {"0": "Unchecked", "1": "Checked"}
STATUS = {"0": "Incomplete", "1": "Unverified", "2": "Complete"}


@dataclass(frozen=True, slots=True)
class Described:
    """One field with its columns in the tidy table (several for a checkbox) and the rules its dictionary entry makes."""

    name: str
    columns: tuple[str, ...] = ()
    label: str = ""
    kind: str = "text"
    choices: tuple[tuple[str, str], ...] = ()
    minimum: str = ""
    maximum: str = ""
    hard: bool = False
    identifier: bool = False
    required: bool = False
    branching: str = ""
    calculation: str = ""
    line: int = 0


def describe(dictionary: FlatDictionary | Project, form: str) -> dict[str, Described]:
    """Every field of a form, or of a flat source, by name."""
    if not isinstance(dictionary, Project):
        return {name: _flat(field) for name, field in dictionary.fields.items()}
    fields = {field.name: _redcap(field) for field in dictionary.dictionary.forms[form] if field.columns}
    status = f"{form}_complete"
    return fields | {status: Described(status, (status,), "Complete?", "choice", tuple(STATUS.items()))}


def option(field: Described, column: str) -> Described:
    """One option of a checkbox as a field of its own, its label as in a labelled export."""
    choice = next((label for code, label in field.choices if checkbox_column(field.name, code) == column), column)
    return Described(column, (column,), f"{field.label} (choice={choice})", field.kind, tuple(TICKED.items()), identifier=field.identifier)


def _flat(field: FlatField) -> Described:
    return Described(field.name, (field.name,), field.label, field.kind, tuple(field.codes.items()), field.minimum, field.maximum, False, field.identifier,
                     field.required, line=field.line)


def _redcap(field: Field) -> Described:
    return Described(field.name, field.columns, field.label, field.kind, tuple(field.choices.items()) if field.kind in {"choice", "checkbox"} else (),
                     field.minimum, field.maximum, field.hard_range, field.identifier, field.required, field.branching, field.calculation, field.line)
