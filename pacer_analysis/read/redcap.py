"""A raw REDCap export by its project: every cell as text, then one tidy table per instrument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import checkbox_column
from pacer_analysis.errors import ExportError
from pacer_analysis.read.convert import convert
from pacer_analysis.read.csvfile import coded, read_columns
from pacer_analysis.read.files import read_header
from pacer_analysis.read.flat import missing_columns, missing_identifier, stripped, unknown_column
from pacer_analysis.read.notes import Note
from pacer_analysis.read.structure import Rows, place_rows
from pacer_analysis.read.tidy import Cells, Coded, Tidy

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from pacer_analysis.dictionary import Project
    from pacer_analysis.plan import Source

EVENT, INSTRUMENT, INSTANCE, GROUP, SURVEY = ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "redcap_data_access_group",
                                              "redcap_survey_identifier")
SYSTEM = (EVENT, INSTRUMENT, INSTANCE, GROUP, SURVEY)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of the file belong to which form: dictionary spelling to the file's, with the kind of value."""

    forms: dict[str, dict[str, tuple[str, str]]]
    system: dict[str, str]
    record: str
    notes: list[Note]


def read_redcap(path: Path, source: Source, project: Project, keep: Collection[str]) -> tuple[list[Tidy], tuple[Note, ...], int, int]:
    """The tables of the forms with their fields to keep, the notes on the file, its number of rows and of columns."""
    dictionary = project.dictionary
    expected = {column for form in dictionary.forms for column in dictionary.form_columns(form)}
    header, delimiter = read_header(path, {dictionary.record_id, *SYSTEM, *expected})
    columns = _columns(path, header, source, project, keep)
    wanted = [columns.record, *columns.system.values(), *(name for form in columns.forms.values() for name, _ in form.values())]
    table, encoding = read_columns(path, header, delimiter, wanted)
    if encoding != "utf8":
        columns.notes.append(Note("encoding", "info", "", f"the file is not UTF-8; it was read as {encoding}", "export again in UTF-8"))
    system = {name: stripped(coded(table.column(spelling))) for name, spelling in columns.system.items()}
    record = stripped(coded(table.column(columns.record)))
    rows, notes = place_rows(project, record, system.get(EVENT), system.get(INSTRUMENT), system.get(INSTANCE), system.get(GROUP))
    columns.notes.extend(notes)
    count = table.num_rows
    tables = []
    for form, names in columns.forms.items():
        table, made = _form(table, rows, form, names, source, columns.notes)
        tables.append(made)
    return tables, tuple(columns.notes), count, len(header)


def _columns(path: Path, header: tuple[str, ...], source: Source, project: Project, keep: Collection[str]) -> Columns:
    """Each expected column found in the header; ExportError if one is absent that is no identifier."""
    dictionary = project.dictionary
    present = {name.strip(): name for name in header}
    if dictionary.record_id not in present:
        raise ExportError(f"the export has no column {dictionary.record_id}, the record id", where=f"{path}, line 1", allowed="a raw export of all records",
                          do="export again with the record id; check that the dictionary is this project's")
    if not project.classic and EVENT not in present:
        raise ExportError(f"the export has no column {EVENT}, but the project has events", where=f"{path}, line 1", do="export again with event names")
    forms: dict[str, dict[str, tuple[str, str]]] = {}
    absent: list[str] = []
    known = {dictionary.record_id, *SYSTEM}
    notes: list[Note] = []
    for form, fields in dictionary.forms.items():
        forms[form] = {}
        for field in fields:
            if field.name == dictionary.record_id:
                continue
            spellings = {checkbox_column(field.name, code): f"{field.name}___{code}" for code in field.choices} if field.type == "checkbox" else {}
            extra = [column for code in source.missing_codes if (column := checkbox_column(field.name, code)) in present and field.type == "checkbox"]
            for column in (*field.columns, *(column for column in extra if column not in field.columns)):
                found = column if column in present else spellings.get(column, column)
                if found in present:
                    known.add(found)
                    if field.name in keep:
                        forms[form][column] = (present[found], field.kind)
                elif field.name not in keep:
                    continue        # a sealed field need not be there for the open side
                elif field.identifier:
                    notes.append(missing_identifier(column, form))
                else:
                    absent.append(column)
        status = f"{form}_complete"
        known |= {status, f"{form}_timestamp"}
        if status not in present:
            absent.append(status)
        elif status in keep or not forms[form]:
            forms[form][status] = (present[status], "choice")
    if absent:
        raise missing_columns(path, absent)
    notes += [unknown_column(name) for name in present if name not in known]
    return Columns(forms, {name: present[name] for name in SYSTEM if name in present and name != SURVEY}, present[dictionary.record_id], notes)


def _form(table: pa.Table, rows: Rows, form: str, names: dict[str, tuple[str, str]], source: Source, notes: list[Note]) -> tuple[pa.Table, Tidy]:
    """The rows of one form; the table comes back without its columns, so that their memory is free."""
    import numpy as np
    import pyarrow as pa

    mask = rows.of(form)
    missing = frozenset(source.missing_codes)
    spellings = [spelling for spelling, _ in names.values()]
    inside = table.select(spellings).filter(pa.array(mask))
    outside = _filled_outside(table, spellings, rows.placed & ~mask)
    encoded = {name: coded(inside.column(spelling)) for name, (spelling, _) in names.items()}
    del inside
    used = np.zeros(int(mask.sum()), dtype=bool)
    for name, (_, kind) in names.items():
        empty = {"", "0"} if kind == "checkbox" or name == f"{form}_complete" else {""}
        filled = np.array([level.strip() not in empty for level in encoded[name].levels], dtype=bool)
        if filled.any():
            used |= filled[encoded[name].codes]
    # A row on which the form was never opened exports 0 for its status and its checkboxes: it is no row of the form.
    at = np.flatnonzero(mask)
    used |= rows.repeated[at]
    if outside:
        notes.append(Note("structure", "error", "", f"{outside} cells of the form {form} are filled on rows where it cannot exist; they were not read",
                          "compare the event mapping of the dictionary with the project", form))
    cells = {name: Cells(name, kind, encoded[name].codes[used], convert(kind, list(encoded[name].levels), missing)) for name, (_, kind) in names.items()}
    kept = at[used]
    tidy = Tidy(source.id, form, _at(rows.record, kept), _at(rows.event, kept), rows.instance[kept], (kept + 2).astype(np.int64), _at(rows.site, kept),
                rows.repeated[kept], cells)
    return table.drop_columns(spellings), tidy


def _at(column: Coded, rows: NDArray[np.intp]) -> Coded:
    return Coded(column.codes[rows], column.levels)


def _filled_outside(table: pa.Table, spellings: list[str], rows: NDArray[np.bool_]) -> int:
    """How many cells of a form are filled on the rows that cannot hold it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    outside = pa.array(rows)
    total = 0
    for spelling in spellings:
        text = table.column(spelling)
        longer = pc.greater(pc.binary_length(text), 0)
        if not pc.any(pc.and_(longer, outside)).as_py():
            continue
        filled = text.filter(pc.and_(longer, outside))
        total += len(filled) - (pc.sum(pc.equal(filled, "0")).as_py() or 0)
    return total
