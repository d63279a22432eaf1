"""Which columns a project's raw export has, of which form and kind, and which of them a file's header means."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import checkbox_column
from pacer_analysis.read.notes import Note
from pacer_analysis.read.wide import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from pacer_analysis.dictionary import Field, Project

# Columns of surveys that belong to a row, not to a form, and are not carried into a table.
PASSED_OVER = ("redcap_survey_identifier", "redcap_survey_timestamp", "redcap_survey_return_code")
TIMESTAMP, RETURN_CODE = "_timestamp", "_return_code"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an export: its form, its kind, and its field (None for a form's status or survey timestamp)."""

    form: str
    kind: str
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """What the columns of a file are: project's names to places in the file, in the order of the file.

    `combined` are checkbox fields in one column each, `unknown` the columns that no dictionary knows.
    """

    places: dict[str, int] = field(default_factory=dict)
    combined: dict[str, int] = field(default_factory=dict)
    unknown: dict[int, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


def is_removed(box: Field) -> bool:
    """True if REDCap's options for de-identified exports remove a field: identifiers, unvalidated text and notes, dates."""
    return box.identifier or box.type == "notes" or (box.type == "text" and not box.validation) or box.kind in {"date", "datetime"} or box.type == "file"


def layout(project: Project) -> dict[str, Column]:
    """The columns of a raw export in its order: the record id, then form by form the survey's timestamp, the fields, the status."""
    dictionary = project.dictionary
    taken = {column for each in dictionary.fields.values() for column in each.columns}
    found = {dictionary.record_id: Column(next(iter(dictionary.forms)), "text", dictionary.fields[dictionary.record_id])}
    for form, fields in dictionary.forms.items():
        if form + TIMESTAMP not in taken:
            found[form + TIMESTAMP] = Column(form, "text")      # a moment, or `[not completed]`
        for each in fields:
            found |= {column: Column(form, each.kind, each) for column in each.columns if column not in found}
        if f"{form}_complete" not in taken:
            found[f"{form}_complete"] = Column(form, "choice")
    return found


def columns_of(names: Iterable[str], project: Project) -> dict[str, Column]:
    """The layout with the further options that a file's columns are for (missing-data codes, deleted options), each after its field's own."""
    columns, fields = layout(project), project.dictionary.fields
    further: dict[str, list[str]] = {}
    for name in names:
        if name not in columns and (option := _option(name, fields, {}, ())) is not None:
            further.setdefault(option[1].name, []).append(name)
    if not further:
        return columns
    found: dict[str, Column] = {}
    last = {column.field.name: name for name, column in columns.items() if column.field and column.kind == "checkbox"}
    for name, column in columns.items():
        found[name] = column
        if column.field and last.get(column.field.name) == name:
            found |= dict.fromkeys(further.pop(column.field.name, ()), column)
    for name, more in further.items():      # a checkbox without a choice of its own
        found |= {column: Column(fields[name].form, "checkbox", fields[name]) for column in more}
    return found


def read_names(names: Sequence[str], project: Project, missing: Collection[str]) -> Header:
    """What each column name of a file means: exactly, in another spelling of a checkbox option, or in capital letters.

    Of two columns that mean the same, the exact one is taken and the other is unknown.
    """
    columns, fields = layout(project), project.dictionary.fields
    exact = {name for name in names if name in columns or name in SYSTEM}
    spare = {column: list(numbered) for column, numbered in shared(project, names).items()}
    found = Header()
    for place, name in enumerate(names):
        lower = name.lower()
        option = None if name in exact or name in fields else _option(name, fields, columns, exact)
        if name in exact and name not in found.places:
            found.places[name] = place
        elif spare.get(name):
            column = spare[name].pop(0)
            found.places[column] = place
        elif name in PASSED_OVER or name.removesuffix(RETURN_CODE) in project.dictionary.forms:
            found.places[name] = place
        elif name in fields and fields[name].type == "checkbox":
            found.combined[name] = place
        elif option and option[0] not in exact | found.places.keys():
            column, box = option
            found.places[column] = place
            if column not in columns and column not in {checkbox_column(box.name, code) for code in missing}:
                found.notes.append(_unknown_option(name, box))
        elif lower not in exact | found.places.keys() and (lower in columns or lower in SYSTEM):
            found.places[lower] = place
        else:
            found.unknown[place] = name
    capitals = [names[place] for name, place in found.places.items() if name == names[place].lower() != names[place]]
    if capitals:
        found.notes.append(Note("column_names", "info", capitals[0].lower() if len(capitals) == 1 else "",
                                f"{len(capitals)} column names are not in lower case, as REDCap writes them: {', '.join(capitals[:5])}"
                                f"{' ...' if len(capitals) > 5 else ''}; they were taken for the dictionary's", "export again, and leave the header as it is"))
    for column, numbered in shared(project, names).items():
        twin = columns[column]
        field_name = twin.field.name if twin.field else column
        found.notes.append(Note("collision", "warning", field_name, f"{len(numbered) + 1} options of {field_name} have the same column {column}; they were read in the "
                                f"order of the dictionary, the others as {', '.join(numbered)}", "give one of them another code in REDCap", twin.form))
    return found


def option_columns(box: Field) -> dict[str, str]:
    """The column of each option of a checkbox; options that REDCap would call alike get a number after the first."""
    found: dict[str, str] = {}
    used: dict[str, int] = {}
    for code in box.choices:
        column = checkbox_column(box.name, code)
        used[column] = used.get(column, 0) + 1
        found[code] = column if used[column] == 1 else f"{column}__{used[column]}"
    return found


def shared(project: Project, names: Sequence[str]) -> dict[str, list[str]]:
    """Names for the columns of options that REDCap calls alike, if the file has one column for each of them.

    The first keeps the name, the others get one with their number; their order is the dictionary's.
    """
    found: dict[str, list[str]] = {}
    for each in project.dictionary.fields.values():
        for group in each.shared_columns:
            column = checkbox_column(each.name, group[0])
            if list(names).count(column) == len(group):
                found[column] = [option_columns(each)[code] for code in group[1:]]
    return found


def _option(name: str, fields: Mapping[str, Field], columns: Collection[str], taken: Collection[str]) -> tuple[str, Field] | None:
    """The column and field of a checkbox option in any spelling, `race___-99` or `RACE____99`; None if it is none.

    REDCap before 5.5.21 left the underscores of a code out: such a spelling is the option's if one option alone has these
    letters, and the file has no column under the option's own spelling.
    """
    start = 0
    while (start := name.find("___", start + 1)) > 0:
        box, code = fields.get(name[:start].lower()), name[start + 3:]
        if box is None or box.type != "checkbox" or not code:
            continue
        column = checkbox_column(box.name, code)
        if columns and column not in columns:
            old = [each for each in box.columns if each.removeprefix(f"{box.name}___").replace("_", "") == code.lower() and each not in taken]
            column = old[0] if len(old) == 1 else column
        return column, box
    return None


def _unknown_option(name: str, box: Field) -> Note:
    return Note("unknown_option", "info", box.name, f"the column {name} is no option of {box.name} in the dictionary: a missing-data code, or an option that was "
                "deleted; it was read as a checkbox", "give the project's missing-data codes, or update the dictionary", box.form)
