"""The data of a project XML (CDISC ODM) as the rows of the raw CSV export of the same project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import checkbox_column
from pacer_analysis.errors import ExportError
from pacer_analysis.read.notes import Note
from pacer_analysis.read.odmdata import STAMP, Data, Filled, read_data
from pacer_analysis.read.recordid import told_by_values
from pacer_analysis.read.wide import EVENT, GROUP, INSTANCE, INSTRUMENT, SURVEY, SYSTEM, Wide

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.dictionary import Project
    from pacer_analysis.read.tidy import Coded


def read_odm(path: Path, project: Project, keep: Collection[str] | None = None) -> Wide:
    """The rows of a project XML with data: ExportError if it has none, or is another project's.

    `keep` are the fields whose values are read, all if none are named; the columns of the others are blank.

    Forms that exist on a row and were not opened have 0 for their status and checkboxes, as in the CSV; an uploaded file has
    its name, or `[document]`; the line ends inside a value, which XML hides, are kept. `lines` counts the rows as the CSV would.
    """
    texts: list[str] = []
    data = read_data(path, project, keep, texts)
    if not data.has_data:
        raise ExportError("this project XML holds no data, only the project", where=str(path), allowed="`metadata & data`, or a data export as CDISC ODM",
                          do="export the data too")
    known = _known_columns(project)
    if data.cells and not (known | {project.dictionary.record_id}) & data.cells.keys():
        raise ExportError("no item of this XML is a field of the dictionary", where=str(path), allowed="data and dictionary of one project",
                          do="check that the dictionary is this project's")
    import numpy as np

    rows = _placed(project, data)
    header = _header(project, data, rows)
    columns = _keys(project, data, rows, header) | _fields(project, data, rows, header)
    notes = [Note("odm", "info", "", text[:1].upper() + text[1:] + ".") for text in texts]
    shown = told_by_values(project, data.cells, lambda name: _share_of_ids(data, data.cells.get(name)))
    return Wide(path, "odm", tuple(header), columns, np.arange(2, len(rows.keys) + 2, dtype=np.int64), notes, record=shown)


def _share_of_ids(data: Data, column: Filled | None) -> float | None:
    """The share of an item's values that are the key of their subject, None if it has none."""
    if column is None or not column.units:
        return None
    levels = list(column.levels)
    same = [levels[code].strip() == data.units[unit][0] for unit, code in zip(column.units, column.codes, strict=True)]
    return sum(same) / len(same)


def _known_columns(project: Project) -> set[str]:
    """The columns that an export of the project can have, besides the record id."""
    dictionary = project.dictionary
    return {column for form in dictionary.forms for column in (*dictionary.form_columns(form), f"{form}{STAMP}")}


@dataclass(frozen=True, slots=True)
class _Rows:
    """The keys of all rows in order (record, event, repeat instrument, instance), the row of every unit, and on which rows each form can exist."""

    keys: list[tuple[str, str, str, str]]
    of_unit: NDArray[np.int64]
    exists: dict[str, NDArray[np.bool_]]

    def coded(self, place: int) -> Coded:
        """One part of the key as a column."""
        return _coded([key[place] for key in self.keys])


def _placed(project: Project, data: Data) -> _Rows:
    """The rows in the order of the file, the base row of an event before its repeats.

    What the project does not say repeats, and the file repeats all the same, is read as repeating.
    """
    import numpy as np

    events = {event for event in project.mapping if project.event_repeats(event)} | {event for _, event, repeat, _, _ in data.units if repeat != "1"}
    forms = set(project.repeating) | {(event, form) for _, event, _, form, instance in data.units if instance != "1"}
    records: dict[str, int] = {}
    visits: dict[tuple[str, str], int] = {}
    keys: dict[tuple[str, str, str, str], tuple[int, int, bool, int]] = {}
    wanted: list[tuple[str, str, str, str]] = []
    for number, (record, event, repeat, form, instance) in enumerate(data.units):
        key = (record, event, "", repeat) if event in events else (record, event, form, instance) if (event, form) in forms else (record, event, "", "")
        order = records.setdefault(record, len(records)), visits.setdefault((record, event), len(visits)), bool(key[2]), number
        keys.setdefault(key, order)
        wanted.append(key)
    rows = sorted(keys, key=keys.__getitem__)
    index = {key: row for row, key in enumerate(rows)}
    given = project.mapped or (project.classic and not any(event for _, event, _, _, _ in data.units))
    offered = {(event, form) for event, members in project.mapping.items() for form in members} if given else {
        (event, form) for _, event, _, form, _ in data.units}
    kinds: dict[tuple[str, str], int] = {}
    kind_of = np.array([kinds.setdefault((event, instrument), len(kinds)) for _, event, instrument, _ in rows], dtype=np.int64)
    exists = {form: np.array([instrument == form or (not instrument and (event, form) in offered and ((event, form) not in forms or event in events))
                              for event, instrument in kinds], dtype=bool)[kind_of] for form in project.dictionary.forms}
    return _Rows(rows, np.array([index[key] for key in wanted], dtype=np.int64), exists)


def _header(project: Project, data: Data, rows: _Rows) -> list[str]:
    """The columns as the CSV would have them, and at the end what the dictionary does not know.

    A file that defines its items has those that it defines, as an export without identifiers has not all; a file of data only has all.
    """
    dictionary = project.dictionary
    present = data.declared | data.cells.keys()
    system = {EVENT: not project.classic or any(key[1] for key in rows.keys), INSTRUMENT: bool(project.repeating) or any(key[3] for key in rows.keys),
              GROUP: bool(data.groups) or GROUP in data.declared, SURVEY: SURVEY in present}
    system[INSTANCE] = system[INSTRUMENT]
    header = [dictionary.record_id, *(name for name in SYSTEM if system[name])]
    for form in dictionary.forms:
        stamp = [f"{form}{STAMP}"] if f"{form}{STAMP}" in present or (form in project.surveys and not data.declared) else []
        header += [*stamp, *(column for column in dictionary.form_columns(form) if not data.declared or column in present)]
    known = {*header, *SYSTEM, *dictionary.fields}
    return list(dict.fromkeys([*header, *(column for column in [*data.cells, *sorted(data.declared)] if column not in known)]))


def _keys(project: Project, data: Data, rows: _Rows, header: list[str]) -> dict[str, Coded]:
    """The record id and the system columns that are keys."""
    columns = {project.dictionary.record_id: rows.coded(0)}
    places = {EVENT: 1, INSTRUMENT: 2, INSTANCE: 3}
    columns |= {name: rows.coded(place) for name, place in places.items() if name in header}
    if GROUP in header:
        columns[GROUP] = _coded([data.groups.get(key[0], "") for key in rows.keys])
    return columns


def _fields(project: Project, data: Data, rows: _Rows, header: list[str]) -> dict[str, Coded]:
    """The columns of the forms: blank where nothing is, 0 for a status or a checkbox that is not ticked where its form exists."""
    import numpy as np

    from pacer_analysis.read.tidy import Coded

    form_of = {column: form for form in project.dictionary.forms for column in project.dictionary.form_columns(form)}
    ticks = {checkbox_column(item.name, code) for item in project.dictionary.fields.values() if item.type == "checkbox" for code in item.choices}
    ticks |= {f"{form}_complete" for form in project.dictionary.forms}
    columns: dict[str, Coded] = {}
    for name in header:
        if name == project.dictionary.record_id or (name in SYSTEM and name != SURVEY):
            continue
        column = data.cells.get(name) or Filled()
        codes = np.zeros(len(rows.keys), dtype=np.int32)
        if name in ticks & form_of.keys():
            codes[rows.exists[form_of[name]]] = column.levels.setdefault("0", len(column.levels))
        if column.units:
            codes[rows.of_unit[np.frombuffer(column.units, dtype=np.int64)]] = np.frombuffer(column.codes, dtype=np.int64)
        columns[name] = Coded(codes, np.array(list(column.levels), dtype=object))
    return columns


def _coded(texts: list[str]) -> Coded:
    import numpy as np

    from pacer_analysis.read.tidy import Coded

    levels: dict[str, int] = {}
    codes = np.array([levels.setdefault(text, len(levels)) for text in texts], dtype=np.int32)
    return Coded(codes, np.array(list(levels) or [""], dtype=object))
