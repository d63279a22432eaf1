"""What a dictionary says of a column, the same for REDCap and flat sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project, checkbox_column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacer_analysis.dictionary import Field, FlatDictionary, FlatField
    from pacer_analysis.dictionary.actiontags import Tag
    from pacer_analysis.read import Reading

TICKED = {"0": "Unchecked", "1": "Checked"}
STATUS = {"0": "Incomplete", "1": "Unverified", "2": "Complete"}
SLIDER = ("0", "100")       # where a slider names no ends
CALCULATING = frozenset({"CALCTEXT", "CALCDATE"})


@dataclass(frozen=True, slots=True)
class Described:
    """One field with its columns in the tidy table (several for a checkbox) and the rules its dictionary entry makes.

    `calculation` is that of a calc field, or what @CALCTEXT or @CALCDATE is given.
    `type`, `validation` and `tags` are REDCap's (blank in a flat source); `missing` holds the columns that a checkbox has for missing-data codes.
    """

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
    type: str = ""
    validation: str = ""
    tags: tuple[Tag, ...] = ()
    matrix: str = ""
    ranking: bool = False
    missing: tuple[str, ...] = ()

    @property
    def derived(self) -> bool:
        """True if REDCap fills the field, by a calculation or @CALCTEXT or @CALCDATE; nobody enters it."""
        return self.type == "calc" or any(tag.name in CALCULATING for tag in self.tags)

    @property
    def status(self) -> bool:
        """True for the status of a form, which is no answer."""
        return self.type == "status"


def describe(dictionary: FlatDictionary | Project, form: str, missing_codes: Iterable[str] = ()) -> dict[str, Described]:
    """Every field of a form, or of a flat source, by name."""
    if not isinstance(dictionary, Project):
        return {name: _flat(field) for name, field in dictionary.fields.items()}
    codes = tuple(missing_codes)
    fields = {field.name: _redcap(field, codes) for field in dictionary.dictionary.forms[form] if field.columns}
    status = f"{form}_complete"
    return fields | {status: Described(status, (status,), "Complete?", "choice", tuple(STATUS.items()), type="status")}


def missing_codes_of(reading: Reading) -> dict[str, str]:
    """The missing-data codes of a source with their meanings: those of the project, and those that the plan or a command line adds."""
    project = reading.dictionary
    return {**(project.missing_codes if isinstance(project, Project) else {}), **reading.source.missing_codes}


def option(field: Described, column: str) -> Described:
    """One option of a checkbox as a field of its own, its label as in a labelled export."""
    choice = next((label for code, label in field.choices if checkbox_column(field.name, code) == column), column)
    return Described(column, (column,), f"{field.label} (choice={choice})", field.kind, tuple(TICKED.items()), identifier=field.identifier)


def _flat(field: FlatField) -> Described:
    return Described(field.name, (field.name,), field.label, field.kind, tuple(field.codes.items()), field.minimum, field.maximum, False, field.identifier,
                     field.required, line=field.line)


def _redcap(field: Field, missing_codes: tuple[str, ...]) -> Described:
    ends = (field.minimum, field.maximum)
    if field.type == "slider" and not any(ends):
        ends = SLIDER
    calculation = field.calculation or next((tag.argument for tag in field.tags if tag.name in CALCULATING), "")
    extra = tuple(checkbox_column(field.name, code) for code in missing_codes) if field.type == "checkbox" else ()
    return Described(field.name, field.columns, field.plain_label, field.kind, tuple(field.choices.items()) if field.kind in {"choice", "checkbox"} else (),
                     *ends, field.hard_range, field.identifier, field.required, field.branching, calculation, field.line, field.type, field.validation,
                     field.tags, field.matrix_group, field.matrix_ranking, tuple(name for name in extra if name not in field.columns))
