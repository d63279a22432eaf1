"""Small CSV files that people write beside the exports: every row with its line, or a refusal that names the line."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError

if TYPE_CHECKING:
    from pathlib import Path

DELIMITERS = (",", ";", "\t")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Row = tuple[int, dict[str, str]]


def read_rows(path: Path, columns: tuple[str, ...], filled: tuple[str, ...]) -> list[Row]:
    """The rows of a file with the line on which each begins; blank rows are passed over, columns of other names ignored.

    UTF-8 with or without a mark, else cp1252; commas, semicolons or tabs, as spreadsheet programs write them. ExportError for a
    column that is absent, a row of another length, a blank cell in one of the columns `filled`, and a `date` that is none.
    """
    records = _records(path, columns)
    header = [name.strip().lower() for name in records[0][1]]
    repeated = [name for name in columns if header.count(name) > 1]
    if absent := [name for name in columns if name not in header]:
        raise ExportError(f"{path.name} has no column {', '.join(absent)}", where=f"{path}, line 1", allowed=",".join(columns), do="write the names of the columns into the first line")
    if repeated:
        raise ExportError(f"{path.name} has the column {', '.join(repeated)} more than once", where=f"{path}, line 1", allowed=",".join(columns), do="keep one of each")
    found = [(line, _row(path, line, header, cells, columns)) for line, cells in records[1:] if any(cell.strip() for cell in cells)]
    for line, row in found:
        for name in filled:
            if not row[name].strip():
                raise ExportError(f"a row of {path.name} has no {name}", where=f"{path}, line {line}", do=f"fill in the column {name}")
        if not _is_day(row["date"].strip()):
            raise ExportError(f"the date of a row of {path.name} cannot be read", where=f"{path}, line {line}", allowed="YYYY-MM-DD, as in 2016-03-01",
                              do="write the date so; a spreadsheet program may have changed its form")
    return found


def _records(path: Path, columns: tuple[str, ...]) -> list[tuple[int, list[str]]]:
    """Every record of the file with its first line, under the delimiter that knows most of the columns."""
    content = path.read_bytes()
    if b"\0" in content:
        raise ExportError(f"{path.name} is not text", where=str(path), allowed="a CSV file in UTF-8", do="save it as CSV")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if not text.strip():
        raise ExportError(f"{path.name} is empty", where=str(path), allowed=",".join(columns), do="write the names of the columns into the first line, or delete the file")
    first = text.lstrip("\r\n").splitlines()[0].lower()
    delimiter = max(DELIMITERS, key=lambda mark: len({name.strip(' "') for name in first.split(mark)} & set(columns)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for cells in reader:
            if records or any(cell.strip() for cell in cells):
                records.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as problem:
        raise ExportError(f"{path.name} is not a CSV file: {problem}", where=f"{path}, from line {begins} on", do="look for a quotation mark that is never closed") from None
    return records


def _row(path: Path, line: int, header: list[str], cells: list[str], columns: tuple[str, ...]) -> dict[str, str]:
    if len(cells) < len(header) or any(cell.strip() for cell in cells[len(header):]):
        raise ExportError(f"a row of {path.name} has {len(cells)} cells under a header of {len(header)}", where=f"{path}, line {line}",
                          do="quote a cell that holds the delimiter; write every delimiter, also after blank cells")
    row = dict(zip(header, cells, strict=False))
    return {name: row[name] for name in columns}


def _is_day(text: str) -> bool:
    if not DAY.fullmatch(text):
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
