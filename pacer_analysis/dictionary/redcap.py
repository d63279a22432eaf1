"""The REDCap data dictionary, in either of its two header spellings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.dictionary.choices import parse_choices
from pacer_analysis.dictionary.csvtable import read_table
from pacer_analysis.dictionary.field import FIELD_TYPES, FIXED_CHOICES, TYPE_ALIASES, VALIDATION_ALIASES, Field, known_validation
from pacer_analysis.errors import DictionaryError

if TYPE_CHECKING:
    from pathlib import Path

# The download of the project page and the API's metadata name the same columns differently.
HEADINGS = {
    "variable / field name": "field_name", "form name": "form_name", "section header": "section_header", "field type": "field_type",
    "field label": "field_label", "choices, calculations, or slider labels": "select_choices_or_calculations", "field note": "field_note",
    "text validation type or show slider number": "text_validation_type_or_show_slider_number", "text validation min": "text_validation_min",
    "text validation max": "text_validation_max", "identifier?": "identifier", "branching logic (show field only if...)": "branching_logic",
    "required field?": "required_field", "custom alignment": "custom_alignment", "question number (surveys only)": "question_number",
    "matrix group name": "matrix_group_name", "matrix ranking?": "matrix_ranking", "field annotation": "field_annotation",
}
COLUMNS = tuple(HEADINGS.values())
REQUIRED = ("field_name", "form_name", "field_type", "field_label", "select_choices_or_calculations")
NAME = re.compile(r"[a-z][a-z0-9_]*")
CHOICE_TYPES = frozenset({"radio", "dropdown", "checkbox"})


@dataclass(frozen=True, slots=True)
class Remark:
    """Something in a dictionary that had to be repaired or ignored."""

    line: int
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class RedcapDictionary:
    """The fields of a REDCap project by name and by form, in the order of the file."""

    fields: dict[str, Field]
    forms: dict[str, tuple[Field, ...]]
    record_id: str
    path: Path
    remarks: tuple[Remark, ...] = ()

    def form_columns(self, form: str) -> tuple[str, ...]:
        """The export's columns of one form, its status column last and without the record id."""
        names = [column for field in self.forms[form] for column in field.columns if field.name != self.record_id]
        return (*names, f"{form}_complete")


def load_redcap(path: Path) -> RedcapDictionary:
    """The dictionary in a file as REDCap exports it; DictionaryError says the line and field of what cannot be used."""
    header, rows = read_table(path)
    names = [HEADINGS.get(name.lower(), name.lower()) for name in header]
    absent = [name for name in REQUIRED if name not in names]
    if absent:
        raise DictionaryError(f"not a REDCap data dictionary: column {', '.join(absent)} is missing", where=f"{path}, line 1",
                              allowed="the columns of REDCap's dictionary download or of the API's metadata", do="download the dictionary again, unchanged")
    fields: dict[str, Field] = {}
    remarks: list[Remark] = []
    for line, cells in rows:
        row = {name: cells[names.index(name)] if name in names else "" for name in COLUMNS}
        row = {name: "" if cell == "NA" and name not in {"field_name", "field_label"} else cell for name, cell in row.items()}
        field, found = _field(row, line, path)
        if field.name in fields:
            raise DictionaryError(f"the field {field.name} is defined twice", where=f"{path}, lines {fields[field.name].line} and {line}",
                                  allowed="each field once", do="download the dictionary again, or rename one of the two in REDCap")
        fields[field.name] = field
        remarks += found
    if not fields:
        raise DictionaryError("the dictionary has no fields", where=str(path), do="download it again")
    forms: dict[str, tuple[Field, ...]] = {}
    for field in fields.values():
        forms[field.form] = (*forms.get(field.form, ()), field)
    return RedcapDictionary(fields, forms, next(iter(fields)), path, tuple(remarks))


def _field(row: dict[str, str], line: int, path: Path) -> tuple[Field, list[Remark]]:
    """One row as a field, with the remarks on it."""
    name = row["field_name"]
    where = f"{path}, line {line}, field {name}"
    if not NAME.fullmatch(name):
        raise DictionaryError(
            "not the name of a field",
            where=where,
            allowed="lower-case letters, digits and _, beginning with a letter",
            do="check that the columns of this row have not shifted",
        )
    if not row["form_name"]:
        raise DictionaryError("a field has no form", where=where, do="check that the columns of this row have not shifted")
    kind = row["field_type"].lower()
    kind = TYPE_ALIASES.get(kind, kind)
    if kind not in FIELD_TYPES:
        raise DictionaryError(
            f"the field type is {row['field_type']!r}", where=where, allowed=", ".join(sorted(FIELD_TYPES)), do="download the dictionary again, unchanged"
        )
    remarks: list[Remark] = []
    content = row["select_choices_or_calculations"]
    choices = dict(FIXED_CHOICES.get(kind, {}))
    if kind in CHOICE_TYPES:
        choices, notes = parse_choices(content)
        remarks += [Remark(line, name, note) for note in notes]
        if not choices:
            raise DictionaryError(f"a {kind} field has no choices", where=where, allowed="code, label | code, label", do="complete its choices in REDCap")
    validation = VALIDATION_ALIASES.get(row["text_validation_type_or_show_slider_number"].lower(), row["text_validation_type_or_show_slider_number"].lower())
    if kind == "text" and not known_validation(validation):
        remarks.append(Remark(line, name, f"the validation type {validation} is unknown; the field is read as text"))
    field = Field(name=name, form=row["form_name"], section=row["section_header"], type=kind, label=row["field_label"], choices=choices,
                  calculation=content if kind == "calc" else "", note=row["field_note"], validation=validation if kind == "text" else "",
                  minimum=row["text_validation_min"], maximum=row["text_validation_max"], identifier=row["identifier"].lower() == "y",
                  branching=row["branching_logic"], required=row["required_field"].lower() == "y", matrix_group=row["matrix_group_name"],
                  annotation=row["field_annotation"], line=line)
    if kind == "checkbox" and len(field.columns) < len(choices):
        remarks.append(Remark(line, name, "two options have the same export column; they cannot be told apart"))
    return field, remarks
