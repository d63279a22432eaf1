"""One row of a data dictionary, under the API's column names, as a field."""

from __future__ import annotations

import re

from pacer_analysis.dictionary.bounds import readable_bound
from pacer_analysis.dictionary.choices import parse_choices
from pacer_analysis.dictionary.field import FIELD_TYPES, FIXED_CHOICES, TYPE_ALIASES, VALIDATION_ALIASES, Field, known_validation
from pacer_analysis.dictionary.remark import Remark
from pacer_analysis.errors import DictionaryError

NAME = re.compile(r"[a-z][a-z0-9_]*")
FORM_NAME = re.compile(r"[a-z0-9_]+")
NOT_IN_FORM_NAME = re.compile(r"[^a-z0-9_]")
CHOICE_TYPES = frozenset({"radio", "dropdown", "checkbox"})
YES = frozenset({"y", "yes", "1"})
# What a bound may be written as besides a value of its field: a day bounds a moment.
BOUNDED_BY = {"datetime": ("date",), "date": ("datetime",), "integer": ("number",), "comma_number": ("number",)}


def field_of(row: dict[str, str], line: int, source: str, choices: dict[str, str] | None = None) -> tuple[Field, list[Remark]]:
    """The field and remarks on what had to be repaired; DictionaryError if the row cannot be one.

    `choices` are those of a source that lists them one by one; otherwise they are read from the row.
    """
    remarks: list[Remark] = []

    def remark(text: str) -> None:
        remarks.append(Remark(line, name, text))

    name = row["field_name"].lower()
    where = f"{source}, line {line}, field {row['field_name']}"
    if not NAME.fullmatch(name):
        raise DictionaryError("not the name of a field", where=where, allowed="lower-case letters, digits and _, beginning with a letter",
                              do="check that the columns of this row have not shifted")
    if name != row["field_name"]:
        remark("the name is written in capitals; REDCap writes it in lower case, and so it was read")
    if not row["form_name"]:
        raise DictionaryError("a field has no form", where=where, do="check that the columns of this row have not shifted")
    form = row["form_name"]
    if not FORM_NAME.fullmatch(form):
        form = NOT_IN_FORM_NAME.sub("", "_".join(form.lower().split()))
        if not form:
            raise DictionaryError("not the name of a form", where=where, allowed="lower-case letters, digits and _",
                                  do="check that the columns of this row have not shifted")
        remark(f"the form is not written as REDCap writes it; it was read as {form}")
    kind = TYPE_ALIASES.get(row["field_type"].lower(), row["field_type"].lower())
    if kind not in FIELD_TYPES:
        raise DictionaryError(f"the field type is {row['field_type']!r}", where=where, allowed=", ".join(sorted(FIELD_TYPES)),
                              do="check that the columns of this row have not shifted, or download the dictionary again, unchanged")
    content = row["select_choices_or_calculations"]
    if kind in CHOICE_TYPES:
        if choices is None:
            choices, notes = parse_choices(content)
            for note in notes:
                remark(note)
        if not choices:
            remark(f"this {kind} field has no choices; its values cannot be checked against a list")
    else:
        choices = dict(FIXED_CHOICES.get(kind, {}))
    validation = _validation(row["text_validation_type_or_show_slider_number"].lower(), kind)
    if kind == "text" and not known_validation(validation):
        remark(f"the validation type {validation} is unknown; the field is read as text")
    field = Field(name=name, form=form, section=row["section_header"], type=kind, label=row["field_label"], choices=choices,
                  calculation=content if kind == "calc" else "", note=row["field_note"], validation=validation,
                  minimum=row["text_validation_min"], maximum=row["text_validation_max"], identifier=row["identifier"].lower() in YES,
                  branching=row["branching_logic"], required=row["required_field"].lower() in YES, matrix_group=row["matrix_group_name"],
                  annotation=row["field_annotation"], line=line, matrix_ranking=row["matrix_ranking"].lower() in YES,
                  lookup=content if kind in {"sql", "text"} else "",
                  slider_labels=tuple(part.strip() for part in content.split("|")) if kind == "slider" and content else ())
    for codes in field.shared_columns:
        remark(f"the options {' and '.join(codes)} have the same export column; they cannot be told apart")
    for what, bound in (("lower", field.minimum), ("upper", field.maximum)):
        if kind == "text" and not is_readable(field.kind, bound):
            remark(f"the {what} bound {bound} is no {field.kind.replace('_', ' ')}; it is not applied")
    return field, remarks


def is_readable(kind: str, bound: str) -> bool:
    """True if a bound is a value of its field's kind, or of a kind that may bound it."""
    return any(readable_bound(each, bound) for each in (kind, *BOUNDED_BY.get(kind, ())))


def _validation(text: str, kind: str) -> str:
    """The validation type of a text field, `signature` of a file; what stands there for a dropdown or slider only shapes the form."""
    if kind == "text":
        return VALIDATION_ALIASES.get(text, text)
    return text if kind == "file" and text == "signature" else ""
