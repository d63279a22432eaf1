"""Stata files and plain CSV tables: columns by the flat dictionaries, bytes that do not depend on the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pacer_analysis.simulate._draw import NEVER, Flags, iso_dates, whole

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from pacer_analysis.dictionary import FlatDictionary

STATA_EPOCH = 3653               # days from 1960-01-01 to 1970-01-01
STAMP = b"\x1101 Jan 2000 00:00"
TAGGED = "a"                     # Stata's .a


@dataclass(frozen=True)
class Sheet:
    """A flat table: columns by name; whole numbers and dates are int64 (NEVER is blank), numbers float64, text object arrays; `tagged` cells are .a."""

    columns: dict[str, NDArray[Any]]
    formats: dict[str, str]
    tagged: dict[str, Flags]

    def keep(self, rows: NDArray[Any]) -> Sheet:
        """The same table with some of its rows, in this order."""
        return Sheet({name: column[rows] for name, column in self.columns.items()}, self.formats, {name: cells[rows] for name, cells in self.tagged.items()})


def write_stata(path: Path, dictionary: FlatDictionary, sheet: Sheet, label: str) -> None:
    """A .dta of release 118 with value labels, variable labels and date formats."""
    import pyreadstat

    frame, labels, formats = {}, {}, {}
    for name, field in dictionary.fields.items():
        values = sheet.columns[name]
        if field.type == "date":
            formats[name] = sheet.formats.get(name, "%td")
        if values.dtype == object:
            frame[name] = pd.Series(values, dtype=object)
            continue
        column = _number(values, field.type == "date")
        if name in sheet.tagged and sheet.tagged[name].any():
            column = column.astype(object)
            column[sheet.tagged[name]] = TAGGED
        frame[name] = column
        if field.codes:
            kind = int if column.dtype.kind == "i" else float
            labels[name] = {kind(code): text for code, text in field.codes.items()}
    tagged = {name: [TAGGED] for name, cells in sheet.tagged.items() if cells.any()}
    pyreadstat.write_dta(pd.DataFrame(frame), str(path), file_label=label, column_labels={name: field.label for name, field in dictionary.fields.items()}, version=14,
                         variable_value_labels=labels, variable_format=formats, missing_user_values=tagged or None)
    _fix_stamp(path)


def _number(values: NDArray[Any], dated: bool) -> pd.Series[Any]:
    if values.dtype.kind == "f":
        return pd.Series(values)
    blank = values == NEVER
    shown = values + (STATA_EPOCH if dated else 0)
    if blank.any():
        return pd.Series(np.where(blank, np.nan, shown.astype(float)))
    return pd.Series(shown.astype(np.int16 if np.abs(shown).max(initial=0) < 32000 else np.int32))


def _fix_stamp(path: Path) -> None:
    """Replace the time of writing in the header by a fixed one."""
    with path.open("r+b") as file:
        head = file.read(400)
        at = head.index(b"<timestamp>") + len(b"<timestamp>")
        if head[at] != len(STAMP) - 1:
            message = f"{path.name}: the header has no time of writing"
            raise ValueError(message)
        file.seek(at)
        file.write(STAMP)


def write_csv(path: Path, dictionary: FlatDictionary, sheet: Sheet) -> None:
    """A plain CSV with the dictionary's columns; ISO dates, blanks empty."""
    frame = {}
    for name, field in dictionary.fields.items():
        values = sheet.columns[name]
        if values.dtype.kind != "O":
            values = iso_dates(values) if field.type == "date" else whole(values)
        frame[name] = values
    pd.DataFrame(frame).to_csv(path, index=False, lineterminator="\n")
