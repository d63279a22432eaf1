"""One field of a REDCap dictionary, and the kind of value that its cells hold."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pacer_analysis.dictionary.choices import checkbox_column

FIELD_TYPES = frozenset({"text", "notes", "calc", "dropdown", "radio", "checkbox", "yesno", "truefalse", "file", "slider", "descriptive", "sql"})
TYPE_ALIASES = {"select": "dropdown", "textarea": "notes"}
VALIDATION_ALIASES = {"int": "integer", "float": "number"}
FIXED_CHOICES = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
DATE = re.compile(r"date_(ymd|mdy|dmy)")
DATETIME = re.compile(r"datetime_(seconds_)?(ymd|mdy|dmy)")
NUMBER = re.compile(r"number(_[1-4]dp)?")
COMMA_NUMBER = re.compile(r"number(_[1-4]dp)?_comma_decimal")
TIMES = frozenset({"time", "time_hh_mm_ss", "time_mm_ss"})
TEXTS = frozenset({"email", "alpha_only", "mrn_10d", "mrn_generic", "vmrn", "ssn", "zipcode", "phone", "phone_australia", "phone_uk", "postalcode_australia",
                   "postalcode_canada", "postalcode_french", "postalcode_germany"})


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a REDCap data dictionary; `line` is the line of the file on which it begins."""

    name: str
    form: str
    section: str
    type: str
    label: str
    choices: dict[str, str]
    calculation: str
    note: str
    validation: str
    minimum: str
    maximum: str
    identifier: bool
    branching: str
    required: bool
    matrix_group: str
    annotation: str
    line: int

    @property
    def columns(self) -> tuple[str, ...]:
        """The export's columns of this field: none of a descriptive text, one per option of a checkbox, else one."""
        if self.type == "descriptive":
            return ()
        if self.type == "checkbox":
            return tuple(dict.fromkeys(checkbox_column(self.name, code) for code in self.choices))
        return (self.name,)

    @property
    def kind(self) -> str:
        """What a cell holds: checkbox, choice, date, datetime, time, integer, number, comma_number or text."""
        if self.type in {"checkbox", "text"}:
            return "checkbox" if self.type == "checkbox" else _text_kind(self.validation)
        if self.type in {"dropdown", "radio", "yesno", "truefalse"}:
            return "choice"
        return "number" if self.type in {"calc", "slider"} else "text"

    @property
    def hard_range(self) -> bool:
        """True if the range is enforced on entry; otherwise a value outside it is admissible."""
        return "@FORCE-MINMAX" in self.annotation.upper()


def known_validation(validation: str) -> bool:
    """True if a validation type is one that REDCap ships."""
    return not validation or validation in TEXTS or _text_kind(validation) != "text"


def _text_kind(validation: str) -> str:
    if DATE.fullmatch(validation):
        return "date"
    if DATETIME.fullmatch(validation):
        return "datetime"
    if validation in TIMES:
        return "time"
    if NUMBER.fullmatch(validation):
        return "number"
    if COMMA_NUMBER.fullmatch(validation):
        return "comma_number"
    return "integer" if validation == "integer" else "text"
