"""One field of a REDCap dictionary, and the kind of value that its cells hold."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pacer_analysis.dictionary.actiontags import Tag, action_tags, argument_of, codes_of
from pacer_analysis.dictionary.choices import checkbox_column

FIELD_TYPES = frozenset({"text", "notes", "calc", "dropdown", "radio", "checkbox", "yesno", "truefalse", "file", "slider", "descriptive", "sql"})
TYPE_ALIASES = {"select": "dropdown", "textarea": "notes"}
VALIDATION_ALIASES = {"int": "integer", "float": "number", "date": "date_ymd", "datetime": "datetime_ymd", "datetime_seconds": "datetime_seconds_ymd"}
FIXED_CHOICES = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
# What a text field of each validation type holds; of all others text.
KINDS = {"integer": "integer", "time": "time", "time_hh_mm_ss": "time", "time_mm_ss": "time"} | {
    f"{kind}_{order}": kind.partition("_")[0] for kind in ("date", "datetime", "datetime_seconds") for order in ("ymd", "mdy", "dmy")} | {
    f"number{places}{comma}": "comma_number" if comma else "number"
    for places in ("", "_1dp", "_2dp", "_3dp", "_4dp") for comma in ("", "_comma_decimal")}
TEXTS = frozenset({"email", "alpha_only", "mrn_10d", "mrn_generic", "vmrn", "ssn", "zipcode", "phone", "phone_australia", "phone_uk", "postalcode_australia",
                   "postalcode_canada", "postalcode_french", "postalcode_germany"})
MARKUP = r"</?[A-Za-z!][^<>]*>"


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a REDCap data dictionary; `line` is the line of the file on which it begins.

    `choices` is empty for every type without a list of its own, and for a radio, dropdown or checkbox whose list REDCap left
    blank. `lookup` is what fills a field from elsewhere: the SQL of a sql field, the ontology of a text field.
    """

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
    matrix_ranking: bool = False
    forced_range: bool = False
    lookup: str = ""
    slider_labels: tuple[str, ...] = ()

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
            return "checkbox" if self.type == "checkbox" else KINDS.get(self.validation, "text")
        if self.type in {"dropdown", "radio", "yesno", "truefalse"}:
            return "choice"
        return "number" if self.type in {"calc", "slider"} else "text"

    @property
    def shared_columns(self) -> tuple[tuple[str, ...], ...]:
        """The codes of a checkbox that share one export column, because REDCap lower-cases them: they cannot be told apart."""
        codes: dict[str, list[str]] = {}
        for code in self.choices if self.type == "checkbox" else ():
            codes.setdefault(checkbox_column(self.name, code), []).append(code)
        return tuple(tuple(group) for group in codes.values() if len(group) > 1)

    @property
    def plain_label(self) -> str:
        """The label without markup, in one line."""
        return plain(self.label)

    @property
    def tags(self) -> tuple[Tag, ...]:
        """The action tags of the annotation; one inside an @IF has the condition under which it holds."""
        return action_tags(self.annotation)

    @property
    def hard_range(self) -> bool:
        """True if the range is enforced on entry; otherwise, or where an @IF enforces it sometimes, a value outside it is admissible."""
        return self.forced_range or any(tag.name == "FORCE-MINMAX" and not tag.condition for tag in self.tags)

    @property
    def none_of_the_above(self) -> tuple[str, ...]:
        """The codes of a checkbox that exclude every other: @NONEOFTHEABOVE."""
        return codes_of(self.tags, "NONEOFTHEABOVE")

    @property
    def hidden_choices(self) -> tuple[str, ...]:
        """The codes that are no longer offered and yet valid in older data: @HIDECHOICE."""
        return codes_of(self.tags, "HIDECHOICE")

    @property
    def calculated_text(self) -> str:
        """The expression that fills a text field: @CALCTEXT."""
        return argument_of(self.tags, "CALCTEXT")

    @property
    def calculated_date(self) -> str:
        """The arguments that fill a date field, a date, a number and its unit: @CALCDATE."""
        return argument_of(self.tags, "CALCDATE")


def plain(label: str) -> str:
    """A label without markup and entities, in one line; `<5 kg` is no markup."""
    if "<" not in label and "&" not in label:
        return " ".join(label.split())
    import html

    return " ".join(html.unescape(re.sub(MARKUP, " ", label)).split())


def known_validation(validation: str) -> bool:
    """True if a validation type is one that REDCap ships."""
    return not validation or validation in TEXTS or validation in KINDS
