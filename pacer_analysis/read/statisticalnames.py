"""The columns of a statistical file under the names of the dictionary: other case, names that REDCap shortened, names that a format cut."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError
from pacer_analysis.read.notes import Note

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from pacer_analysis.read.statisticalfile import StatisticalFile, Variable

# REDCap writes a name of more than 26 characters as its first 20, `_v_` and a number.
REDCAP_LIMIT, REDCAP_KEPT = 26, 20
SHORTENED = re.compile(rf"(.{{{REDCAP_KEPT}}})_v_\d+")
OPTIONAL = "_timestamp"      # of a survey; a project without surveys has none
TAG = re.compile(r"<[^>]*>")
QUOTES = re.compile("[\"'`\u00b4\u2018\u2019\u201c\u201d]")
LONGEST_LABEL = 80
CUT_LABELS = frozenset({31, 40, 80})     # what Stata 5, SAS transport files and Stata keep of a variable label


@dataclass(frozen=True, slots=True)
class Named:
    """The file's columns by dictionary name, those that no name fits under their own in lower case, and what to tell of it."""

    known: dict[str, Variable]
    unknown: dict[str, Variable]
    notes: list[Note]

    @property
    def header(self) -> list[str]:
        """All names: those of the dictionary, then the file's own."""
        return [*self.known, *self.unknown]


def name_columns(file: StatisticalFile, expected: Mapping[str, str], written: Collection[str] = ()) -> Named:
    """The columns of a file under the expected names (name to label, in the order of the dictionary).

    `written` are names as the dictionary writes them, if not as they are expected: a column of such a name is as it should be.

    A shortened name belongs to an expected one by its beginning, then by the variable label, then by order if as many names
    are short as are sought; what stays open is refused with the list.
    """
    known, rest = _by_spelling(file, expected)
    notes = []
    cased = [variable.name for name, variable in known.items() if variable.name != name and variable.name not in written]
    if cased:
        notes.append(Note("column_names", "info", "", f"{len(cased)} names differ from the dictionary in upper and lower case: {_listed(cased)}", "none"))
    shortened = _shortened_by_redcap(file, expected, known, rest)
    taken = _keys(shortened)
    cut = _cut_by_format(file, expected, {*known, *shortened}, [variable for variable in rest if variable.key not in taken])
    if cut:
        notes.append(Note("column_names", "info", "", f"names cut by the format were read as {_listed([f'{variable.name} = {name}' for name, variable in cut.items()])}",
                          "export raw data as CSV if one of them is another field"))
    known = {**known, **shortened, **cut}
    unknown: dict[str, Variable] = {}
    taken = _keys(known)
    for variable in file.variables:
        if variable.key not in taken:
            lower = variable.name.lower()
            unknown[variable.name if lower in unknown or lower in known else lower] = variable
    return Named({name: known[name] for name in expected if name in known}, unknown, notes)


def plain(label: str) -> str:
    """A label as far as programs keep it, without regard to mark-up, case, spaces and quotation marks."""
    return " ".join(QUOTES.sub("", TAG.sub(" ", label)).casefold().split())[:LONGEST_LABEL].strip()


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:20])}{' ...' if len(names) > 20 else ''}"


def _by_spelling(file: StatisticalFile, expected: Mapping[str, str]) -> tuple[dict[str, Variable], list[Variable]]:
    """Columns of the same name, first exactly, then without regard to case; and the others."""
    exact = {variable.name: variable for variable in file.variables}
    known = {name: exact[name] for name in expected if name in exact}
    taken = {variable.key for variable in known.values()}
    rest = [variable for variable in file.variables if variable.key not in taken]
    lower: dict[str, list[Variable]] = {}
    for variable in rest:
        lower.setdefault(variable.name.lower(), []).append(variable)
    for name in expected:
        found = lower.get(name.lower(), []) if name not in known else []
        if len(found) > 1:
            raise ExportError(f"the columns {_listed([variable.name for variable in found])} differ in case alone", where=str(file.path),
                              allowed=f"one column {name}", do="rename the others in the program that wrote the file")
        if found:
            known[name] = found[0]
    taken = {variable.key for variable in known.values()}
    return known, [variable for variable in rest if variable.key not in taken]


def _shortened_by_redcap(file: StatisticalFile, expected: Mapping[str, str], known: Mapping[str, Variable], rest: list[Variable]) -> dict[str, Variable]:
    """The names that REDCap shortened, those with one beginning together; ExportError with the list of those that fit more than one field."""
    groups: dict[str, list[Variable]] = {}
    for variable in rest:
        if match := SHORTENED.fullmatch(variable.name.lower()):
            groups.setdefault(match[1], []).append(variable)
    made: dict[str, Variable] = {}
    doubtful: list[str] = []
    for beginning, variables in groups.items():
        sought = [name for name in expected if name not in known and len(name) > REDCAP_LIMIT and name.startswith(beginning)]
        needed = [name for name in sought if not name.endswith(OPTIONAL)]
        found = _matched(variables, needed if len(needed) == len(variables) else sought, expected)
        made |= found
        if sought:
            doubtful += [variable.name for variable in variables if variable.key not in _keys(found)]
    if doubtful:
        raise _doubt(file.path, doubtful)
    return made


def _cut_by_format(file: StatisticalFile, expected: Mapping[str, str], known: Collection[str], rest: list[Variable]) -> dict[str, Variable]:
    """The names that are as long as the format allows and begin one expected name, or more with labels that tell them apart."""
    made: dict[str, Variable] = {}
    doubtful: list[str] = []
    for variable in rest:
        name = variable.name.lower()
        if len(name) != file.longest_name:
            continue
        sought = [each for each in expected if each not in known and each not in made and len(each) > len(name) and each.startswith(name)]
        found = _matched([variable], sought, expected)
        made |= found
        doubtful += [variable.name] if sought and not found else []
    if doubtful:
        raise _doubt(file.path, doubtful)
    return made


def _doubt(path: Path, names: list[str]) -> ExportError:
    return ExportError(f"{len(names)} shortened names fit more than one field: {_listed(names)}", where=str(path),
                       allowed="names that can be told apart by their beginning, their variable label or their order",
                       do="export raw data as CSV, which has the whole names")


def _matched(variables: list[Variable], sought: list[str], labels: Mapping[str, str]) -> dict[str, Variable]:
    """The sought names with the variables that belong to them; those that cannot be told are left out."""
    if len(variables) == len(sought) == 1:
        return {sought[0]: variables[0]}
    made: dict[str, Variable] = {}
    for name in sought:
        fitting = [variable for variable in variables if _same_label(variable.label, labels[name])]
        rivals = [other for other in sought if other != name and plain(labels[other]) == plain(labels[name])]
        if len(fitting) == 1 and not rivals and fitting[0].key not in _keys(made):
            made[name] = fitting[0]
    left = [variable for variable in variables if variable.key not in _keys(made)]
    free = [name for name in sought if name not in made]
    if len(left) == len(free):
        # What a label contradicts is not settled by order.
        made |= {name: variable for name, variable in zip(free, left, strict=True)
                 if not any(_same_label(variable.label, labels[other]) for other in sought if plain(labels[other]) != plain(labels[name]))}
    return made


def _same_label(label: str, expected: str) -> bool:
    """True if a variable label is the expected one, or as much of it as the format keeps."""
    mine, other = plain(label), plain(expected)
    return bool(mine) and (mine == other or (len(label) in CUT_LABELS and other.startswith(mine)))


def _keys(columns: Mapping[str, Variable]) -> set[str]:
    return {variable.key for variable in columns.values()}
