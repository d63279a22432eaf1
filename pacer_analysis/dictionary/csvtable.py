"""A small CSV table as people really save it: any encoding, delimiter and line end, empty rows, unequal rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pacer_analysis.errors import DictionaryError

DELIMITERS = (",", ";", "\t")
LONGEST_CELL = 1 << 28
LONGEST_HEADER = 1 << 20
END = "\x1eend"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Table(NamedTuple):
    """The header, every row that is not empty with the line on which it begins, and what was odd about some rows by line.

    All cells are stripped and every row is as long as the header.
    """

    header: tuple[str, ...]
    rows: list[tuple[int, tuple[str, ...]]]
    oddities: tuple[tuple[int, str], ...] = ()


def decode(content: bytes) -> str:
    """The text of a file: UTF-8 with or without a byte order mark, UTF-16 with one, else what Excel writes on Windows."""
    if content[:2] in UTF16_MARKS:
        return content.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def read_bytes(path: Path) -> bytes:
    """The bytes of a dictionary file; DictionaryError if there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DictionaryError("a dictionary file is missing", where=str(path), do="put the file there, or correct its name") from None
    except OSError as problem:
        raise DictionaryError(f"a dictionary file cannot be read ({problem.strerror})", where=str(path), do="check the file's permissions") from None


def text_of(content: bytes, where: str) -> str:
    """The text of a dictionary file's bytes; DictionaryError if they are not text."""
    if b"\0" in content and content[:2] not in UTF16_MARKS:
        raise DictionaryError("a dictionary file is not text", where=where, allowed="a CSV file", do="download it again, as CSV")
    return decode(content)


def read_text(path: Path) -> str:
    """The text of a dictionary file; DictionaryError if there is none."""
    return text_of(read_bytes(path), str(path))


def read_table(path: Path) -> Table:
    """The table in a file; DictionaryError names the line of what cannot be used."""
    return parse_table(read_text(path), str(path))


def read_header(path: Path) -> tuple[str, ...]:
    """The first row of a file that is not empty, however large the file; DictionaryError if there is none."""
    with path.open("rb") as handle:
        lines = list(io.StringIO(text_of(handle.read(LONGEST_HEADER), str(path)), newline=""))
    for row in csv.reader(lines, delimiter=_delimiter(lines)):
        if any(cell.strip() for cell in row):
            return tuple(cell.strip() for cell in row)
    raise DictionaryError("a dictionary file is empty", where=str(path), do="download it again")


def parse_table(text: str, where: str) -> Table:
    """The table in a text.

    A row with more filled cells than the header is refused, and so is a row of another length than the header in which a
    quotation mark is not escaped: its columns have shifted. A quotation mark that never closes would swallow the rest.
    """
    lines = list(io.StringIO(text, newline=""))
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += "\n"
    if csv.field_size_limit() < LONGEST_CELL:
        csv.field_size_limit(LONGEST_CELL)      # a label may hold a picture
    delimiter = _delimiter(lines)
    strict = _parses(lines, delimiter)
    header: tuple[str, ...] = ()
    width = 0
    rows: list[tuple[int, tuple[str, ...]]] = []
    oddities: list[tuple[int, str]] = []
    for line, begin, cells in _physical_rows(lines, delimiter, where):
        row = [cell.strip() for cell in cells]
        if not any(row):
            continue
        if not header:
            width = len(row)
            while not row[-1]:
                row.pop()
            header = tuple(row)
            continue
        unescaped = not strict and not _parses(lines[line - 1 : begin - 1], delimiter)
        if any(row[len(header):]) or (unescaped and len(row) != width):
            raise DictionaryError(f"a row has {len(row)} cells under a header of {len(header)}", where=f"{where}, line {line}",
                                  do="look for an unescaped quotation mark or comma in this row")
        if unescaped:
            oddities.append((line, "a quotation mark in this row is not escaped"))
        elif len(row) != width:
            oddities.append((line, f"this row has {len(row)} cells under a header of {width}"))
        rows.append((line, tuple((row + [""] * len(header))[: len(header)])))
    if not header:
        raise DictionaryError("a dictionary file is empty", where=where, do="download it again")
    return Table(header, rows, tuple(oddities))


def _physical_rows(lines: list[str], delimiter: str, where: str) -> Iterator[tuple[int, int, list[str]]]:
    """Every row with the line on which it begins and the line after it; DictionaryError if a quotation mark opens and never closes."""
    reader = csv.reader([*lines, END], delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            if reader.line_num > len(lines):
                if cells != [END]:
                    raise DictionaryError("a quotation mark is never closed", where=f"{where}, line {line}",
                                          do="look for an unescaped quotation mark in this row")
                return
            yield line, reader.line_num + 1, cells
            line = reader.line_num + 1
    except csv.Error as problem:
        raise DictionaryError(f"not a CSV file ({problem})", where=f"{where}, line {reader.line_num}", do="save it again as CSV") from None


def _delimiter(lines: list[str]) -> str:
    """The delimiter under which the first line that is not empty has most cells."""
    first = next((line for line in lines if line.strip(" \t\r\n,;\ufeff")), "")
    return max(DELIMITERS, key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))


def _parses(lines: list[str], delimiter: str) -> bool:
    """True if lines are CSV without a flaw."""
    try:
        for _ in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error:
        return False
    return True


def named_rows(path: Path, required: tuple[str, ...], aliases: dict[str, str] | None = None) -> list[tuple[int, dict[str, str]]]:
    """Every row as a mapping by lower-case column name; DictionaryError if a required column is absent.

    `aliases` gives other spellings of a column: its lower-case words joined by _, to the name that it has here.
    """
    table = read_table(path)
    names = [spelled(name, aliases or {}) for name in table.header]
    absent = [name for name in required if name not in names]
    if absent:
        raise DictionaryError(
            f"column {', '.join(absent)} is missing",
            where=f"{path}, line 1",
            allowed=", ".join(required),
            do="add the column, or take the file as it was exported",
        )
    return [(line, dict(zip(names, cells, strict=True))) for line, cells in table.rows]


def spelled(name: str, aliases: dict[str, str]) -> str:
    """A column's name in lower case, or the one that it is another spelling of."""
    words = "_".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())
    return aliases.get(words, words if words in aliases.values() else name.lower())
