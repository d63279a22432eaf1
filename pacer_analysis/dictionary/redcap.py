"""The REDCap data dictionary, in any of its header spellings and as people save it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pacer_analysis.dictionary.csvtable import Table, parse_table, read_table
from pacer_analysis.dictionary.field import Field
from pacer_analysis.dictionary.remark import Remark
from pacer_analysis.errors import DictionaryError

COLUMNS = ("field_name", "form_name", "section_header", "field_type", "field_label", "select_choices_or_calculations", "field_note",
           "text_validation_type_or_show_slider_number", "text_validation_min", "text_validation_max", "identifier", "branching_logic", "required_field",
           "custom_alignment", "question_number", "matrix_group_name", "matrix_ranking", "field_annotation")
# What the project page calls the same columns, without what is no letter: other programs change spaces and marks.
HEADINGS = {"variablefieldname": "field_name", "choicescalculationsorsliderlabels": "select_choices_or_calculations",
            "choicesorcalculations": "select_choices_or_calculations", "branchinglogicshowfieldonlyif": "branching_logic",
            "questionnumbersurveysonly": "question_number"} | {name.replace("_", ""): name for name in COLUMNS}
REQUIRED = ("field_name", "form_name", "field_type", "field_label")
NOT_A_LETTER = re.compile(r"[^a-z0-9]")
NEVER_ABSENT = frozenset({"field_name", "form_name", "field_label"})


@dataclass(frozen=True, slots=True)
class RedcapDictionary:
    """The fields of a REDCap project by name and by form, in the order of the file.

    `partial` says that the file holds an instrument only: its first field need not be the record id.
    """

    fields: dict[str, Field]
    forms: dict[str, tuple[Field, ...]]
    record_id: str
    path: Path
    remarks: tuple[Remark, ...] = ()
    partial: bool = False

    def form_columns(self, form: str) -> tuple[str, ...]:
        """The export's columns of one form, its status column last and without the record id."""
        names = [column for field in self.forms[form] for column in field.columns if field.name != self.record_id]
        return (*names, f"{form}_complete")


def heading(name: str) -> str:
    """The API's name of a dictionary column, whatever its spelling; other names in lower case."""
    return HEADINGS.get(NOT_A_LETTER.sub("", name.lower()), name.lower())


def resembles_dictionary(header: tuple[str, ...]) -> bool:
    """True if a header is that of a data dictionary, or lost some columns of it: a field may be called like one or two."""
    found = {heading(name) for name in header} & set(COLUMNS)
    return found >= {"field_name", "form_name", "field_type"} or len(found) > 4


def load_redcap(path: Path) -> RedcapDictionary:
    """The dictionary in a file as REDCap exports it; DictionaryError says the line and field of what cannot be used."""
    return dictionary_of(read_table(path), path)


def redcap_of_text(text: str, path: Path, *, partial: bool) -> RedcapDictionary:
    """The dictionary in a text that was found inside a file."""
    return dictionary_of(parse_table(text, str(path)), path, partial=partial)


def dictionary_of(table: Table, path: Path, *, partial: bool = False) -> RedcapDictionary:
    """The dictionary in a table."""
    from pacer_analysis.dictionary.fieldrow import field_of
    from pacer_analysis.dictionary.unnested import nested

    names = [heading(name) for name in table.header]
    absent = [name for name in REQUIRED if name not in names]
    if absent:
        raise DictionaryError(f"not a REDCap data dictionary: column {', '.join(absent)} is missing", where=f"{path}, line 1",
                              allowed="the columns of REDCap's dictionary download or of the API's metadata", do="download the dictionary again, unchanged")
    remarks = [Remark(line, "", text) for line, text in table.oddities]
    places = {name: names.index(name) for name in COLUMNS if name in names}
    blank = dict.fromkeys(COLUMNS, "")
    rows = [(line, blank | {name: cells[place] for name, place in places.items()}) for line, cells in table.rows]
    rows = _without_na(rows, remarks)
    fields: dict[str, Field] = {}
    for line, row in nested(rows, remarks):
        field, found = field_of(row, line, str(path))
        if field.name in fields:
            raise DictionaryError(f"the field {field.name} is defined twice", where=f"{path}, lines {fields[field.name].line} and {line}",
                                  allowed="each field once", do="download the dictionary again, or rename one of the two in REDCap")
        fields[field.name] = field
        remarks += found
    if not fields:
        raise DictionaryError("the dictionary has no fields", where=str(path), do="download it again")
    return collected(fields, next(iter(fields)), path, remarks, partial=partial)


def collected(fields: dict[str, Field], record_id: str, path: Path, remarks: list[Remark], *, partial: bool = False) -> RedcapDictionary:
    """Fields as a dictionary, their forms in order of appearance; export columns of one name are remarked."""
    forms: dict[str, list[Field]] = {}
    for field in fields.values():
        forms.setdefault(field.form, []).append(field)
    result = RedcapDictionary(fields, {form: tuple(members) for form, members in forms.items()}, record_id, path, (), partial)
    counts = Counter(column for form in forms for column in result.form_columns(form))
    shared = [Remark(field.line, field.name, f"another field or a form's status has the export column {column} too; they cannot be told apart")
              for field in fields.values() for column in field.columns if field.name != record_id and counts[column] > 1]
    return RedcapDictionary(result.fields, result.forms, record_id, path, tuple(sorted([*remarks, *shared], key=lambda remark: remark.line)), partial)


def _without_na(rows: list[tuple[int, dict[str, str]]], remarks: list[Remark]) -> list[tuple[int, dict[str, str]]]:
    """The rows with `NA` read as blank where R wrote it into empty cells; names and labels keep theirs."""
    count = sum(cell == "NA" for _, row in rows for name, cell in row.items() if name not in NEVER_ABSENT)
    if not count:
        return rows
    remarks.append(Remark(1, "", f"{count} cells hold NA, as R writes empty cells; they were read as empty"))
    return [(line, {name: "" if cell == "NA" and name not in NEVER_ABSENT else cell for name, cell in row.items()}) for line, row in rows]
