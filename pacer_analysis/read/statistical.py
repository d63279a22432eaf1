"""Stata, SAS and SPSS files by their dictionary: as a tidy table of a flat source, or as a raw export of a REDCap project."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import checkbox_column
from pacer_analysis.read.flat import columns_as_expected
from pacer_analysis.read.layout import TIMESTAMP, Column, columns_of, layout
from pacer_analysis.read.notes import Note
from pacer_analysis.read.rawcsv import is_kept
from pacer_analysis.read.stataformat import label_notes, missing_notes, storage_notes
from pacer_analysis.read.stataheader import stata_header
from pacer_analysis.read.statisticaldates import unit_of
from pacer_analysis.read.statisticalfile import StatisticalFile, Values, Variable, required_system
from pacer_analysis.read.statisticallevels import declared_missing, raw_texts, typed_levels
from pacer_analysis.read.statisticalnames import name_columns
from pacer_analysis.read.tidy import Cells, Coded, Tidy, stripped
from pacer_analysis.read.wide import EVENT, GROUP, INSTRUMENT, SYSTEM, Wide

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.dictionary import FlatDictionary, Project
    from pacer_analysis.plan import Source

SECONDS = "datetime_seconds_ymd"
NAMED = (EVENT, INSTRUMENT, GROUP)      # system columns of names
CAPTIONS = dict(zip(SYSTEM, ("Event Name", "Repeat Instrument", "Repeat Instance", "Data Access Group", "Survey Identifier"), strict=True))
STATUS = {"0": "Incomplete", "1": "Unverified", "2": "Complete"}


def open_statistical(path: Path, reader: str = "") -> StatisticalFile:
    """What a Stata, SAS or SPSS file says of itself; ExportError if it is none, or none that the reader is for."""
    system = required_system(path, reader)
    if system == "stata":
        from pacer_analysis.read.stata import describe_stata

        return describe_stata(path)
    if system == "sas":
        from pacer_analysis.read.sas import describe_sas

        return describe_sas(path)
    from pacer_analysis.read.spss import describe_spss

    return describe_spss(path)


def load_columns(file: StatisticalFile, variables: list[Variable]) -> tuple[dict[str, Values], list[Note], str]:
    """The columns by the file's own names, notes on how they were read, and the encoding of their text."""
    if file.system == "stata":
        from pacer_analysis.read.stata import load_stata

        return load_stata(file, variables)
    if file.system == "sas":
        from pacer_analysis.read.sas import load_sas

        return load_sas(file, variables)
    from pacer_analysis.read.spss import load_spss

    return load_spss(file, variables)


def file_summary(path: Path) -> str:
    """The format of a file in words, as `Stata release 118 (Stata 14 and later), little-endian`, without reading its rows."""
    return stata_header(path).summary if required_system(path) == "stata" else open_statistical(path).summary


def read_statistical_flat(path: Path, source: Source, dictionary: FlatDictionary, record: str, keep: Collection[str]) -> tuple[Tidy, tuple[Note, ...], int]:
    """The fields to keep as a tidy table, the notes on the file, and how many columns it has; ExportError if it is not what the source says."""
    import numpy as np

    file = open_statistical(path, source.reader)
    named = name_columns(file, {name: field.label for name, field in dictionary.fields.items()}, {field.written for field in dictionary.fields.values()})
    notes = [*named.notes, *columns_as_expected(path, source, dictionary, named.header, record, keep)]
    wanted = {name: variable for name, variable in named.known.items() if name in keep}
    columns, remarks, _ = load_columns(file, list(wanted.values()))
    notes += remarks
    missing = frozenset(source.missing_codes)
    cells: dict[str, Cells] = {}
    for name, variable in wanted.items():
        field, values = dictionary.fields[name], columns.pop(variable.name)
        notes += [*storage_notes(name, field.kind, variable, file.system, is_id=name == record), *label_notes(name, field.kind, field.codes, variable, file.system),
                  *missing_notes(name, values, variable)]
        cells[name] = Cells(name, field.kind, values.codes,
                            typed_levels(values, variable, field.kind, unit_of(file.system, variable.display), missing, field.codes))
    who = cells[record]
    rows = len(who.codes)
    nothing = Coded(np.zeros(rows, dtype=np.int32), np.array([""], dtype=object))
    table = Tidy(source.id, "", stripped(Coded(who.codes, who.levels.raw)), nothing, np.zeros(rows, dtype=np.int64), np.arange(2, rows + 2, dtype=np.int64),
                 nothing, np.zeros(rows, dtype=bool), cells)
    return table, tuple(notes), len(file.variables)


def read_statistical(path: Path, project: Project, keep: Collection[str] | None = None) -> Wide:
    """A REDCap project's data in a Stata, SAS or SPSS file as its raw CSV export would have them; of `keep` alone, if given (field names).

    Names come back as in the dictionary; ExportError if a shortened name fits more than one column.
    """
    import numpy as np

    file = open_statistical(path)
    expected = layout(project)
    record = project.dictionary.record_id
    named = name_columns(file, {record: _label(record, expected[record]), **CAPTIONS} | {name: _label(name, column) for name, column in expected.items()})
    known = columns_of(named.header, project)
    wanted = {name: variable for name, variable in (named.known | named.unknown).items()
              if name in SYSTEM or (name in known and (keep is None or is_kept(known[name], name, project, keep)))}
    columns, remarks, _ = load_columns(file, list(wanted.values()))
    notes = [*named.notes, *remarks]
    made: dict[str, Coded] = {}
    missing: dict[str, frozenset[str]] = {}
    for name, variable in wanted.items():
        column, values = known.get(name, Column("", "text")), columns.pop(variable.name)
        kind, validation, codes = _meaning(name, column)
        texts = np.array(raw_texts(values, kind, unit_of(file.system, variable.display), validation, codes), dtype=object)
        if name in {record, *NAMED} and variable.labels:
            texts, remark = _decoded(name, values, texts, variable)
            notes += remark
        made[name] = Coded(values.codes, texts)
        if (marked := declared_missing(values, variable)).any():
            missing[name] = frozenset(texts[marked])
        about = [*storage_notes(name, kind, variable, file.system, is_id=name == record), *label_notes(name, kind, codes, variable, file.system),
                 *missing_notes(name, values, variable)]
        notes += [replace(note, field=column.field.name if column.field else name, form=column.form) for note in about]
    spelled = {variable.key: name for name, variable in (named.known | named.unknown).items()}
    rows = len(next(iter(made.values())).codes) if made else 0
    return Wide(path, file.system, tuple(spelled[variable.key] for variable in file.variables), made, np.arange(2, rows + 2, dtype=np.int64), notes, missing)


def _decoded(name: str, values: Values, texts: NDArray[np.object_], variable: Variable) -> tuple[NDArray[np.object_], list[Note]]:
    """The labels of a column that REDCap writes as text and another program has numbered (`encode` of Stata); the texts themselves if it has not."""
    import numpy as np

    labels = {str(code): label for code, label in variable.labels.items()}
    used = [text for text, number in zip(texts.tolist(), values.numbers.tolist(), strict=True) if not math.isnan(number)]
    if not used or not all(text in labels for text in used):
        return texts, []
    found = np.array([labels.get(text, text) for text in texts.tolist()], dtype=object)
    return found, [Note("structure", "info", name, f"{name} is numbered and labelled, as Stata's encode does; its labels were read", "none, or take the file as REDCap's script made it")]


def _meaning(name: str, column: Column) -> tuple[str, str, Mapping[str, str]]:
    """The kind, validation and codes of a column; a survey's timestamp has seconds, a form's status three codes."""
    if column.field is None:
        return ("datetime", SECONDS, {}) if name.endswith(TIMESTAMP) else (column.kind, "", STATUS if column.kind == "choice" else {})
    return column.kind, column.field.validation, column.field.choices if column.kind == "choice" else {}


def _label(name: str, column: Column) -> str:
    """The label that REDCap's scripts give a column."""
    if column.field is None:
        return "Survey Timestamp" if name.endswith(TIMESTAMP) else "Complete?"
    if column.kind != "checkbox":
        return column.field.label
    return next((f"{column.field.label} (choice={label})" for code, label in column.field.choices.items() if checkbox_column(column.field.name, code) == name), "")
