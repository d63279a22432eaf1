"""A small CSV table as people really save it: any encoding, any line end, empty rows, unequal rows."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from pacer_analysis.errors import DictionaryError

if TYPE_CHECKING:
    from pathlib import Path


def decode(content: bytes) -> str:
    """The text of a file: UTF-8 with or without a byte order mark, else what Excel writes on Windows."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def read_text(path: Path) -> str:
    """The text of a dictionary file; DictionaryError if there is none."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DictionaryError("a dictionary file is missing", where=str(path), do="put the file there, or correct its name in the plan") from None
    except OSError as problem:
        raise DictionaryError(f"a dictionary file cannot be read ({problem.strerror})", where=str(path), do="check the file's permissions") from None
    if b"\0" in content:
        raise DictionaryError("a dictionary file is not text", where=str(path), allowed="a CSV file", do="download it again, as CSV")
    return decode(content)


def read_table(path: Path) -> tuple[tuple[str, ...], list[tuple[int, tuple[str, ...]]]]:
    """The header, and every row that is not empty with the line on which it begins, all cells stripped and padded to the header.

    A row with more filled cells than the header is refused: an unescaped quote has shifted its columns.
    """
    reader = csv.reader(io.StringIO(read_text(path), newline=""))
    header: tuple[str, ...] = ()
    rows: list[tuple[int, tuple[str, ...]]] = []
    begin = 1
    try:
        for cells in reader:
            line, begin = begin, reader.line_num + 1
            row = [cell.strip() for cell in cells]
            if not any(row):
                continue
            if not header:
                while not row[-1]:
                    row.pop()
                header = tuple(row)
                continue
            if any(row[len(header):]):
                raise DictionaryError(f"a row has {len(row)} cells under a header of {len(header)}", where=f"{path}, line {line}",
                                      do="look for an unescaped quotation mark or comma in this row")
            rows.append((line, tuple((row + [""] * len(header))[: len(header)])))
    except csv.Error as problem:
        raise DictionaryError(f"not a CSV file ({problem})", where=f"{path}, line {reader.line_num}", do="save it again as CSV") from None
    if not header:
        raise DictionaryError("a dictionary file is empty", where=str(path), do="download it again")
    return header, rows


def named_rows(path: Path, required: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """Every row as a mapping by lower-case column name; DictionaryError if a required column is absent."""
    header, rows = read_table(path)
    names = [name.lower() for name in header]
    absent = [name for name in required if name not in names]
    if absent:
        raise DictionaryError(
            f"column {', '.join(absent)} is missing",
            where=f"{path}, line 1",
            allowed=", ".join(required),
            do="add the column, or take the file as it was exported",
        )
    return [(line, dict(zip(names, cells, strict=True))) for line, cells in rows]
