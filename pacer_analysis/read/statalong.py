"""Stata's long strings (strL): read from the file's own table, because the libraries stop at a zero byte or at bytes that are no UTF-8."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.read.stataheader import FIRST_TAGGED, StataHeader, not_stata

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

BINARY, MARK = 129, "binary:"
WHOLE_SIZE = {117: 4, 118: 2, 119: 3}     # bytes of the variable's number in a reference; the rest of the eight is the row's
PRINTED = frozenset("\t\n\r")


@dataclass(frozen=True, slots=True)
class LongColumn:
    """The long string of every row as codes into texts (ISO-8859-1), and how many of the texts are binary."""

    codes: NDArray[np.int64]
    texts: list[str]
    binary: int


def read_long_strings(path: Path, header: StataHeader, places: list[int]) -> dict[int, LongColumn]:
    """The strL columns at these places; binary content becomes `binary:` and its bytes in hexadecimal."""
    if not places or not header.rows:
        import numpy as np

        return {place: LongColumn(np.zeros(0, dtype=np.int64), [], 0) for place in places}
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
        table = _table(content, header, path)
        return {place: _column(content, header, place, table, path) for place in places}


def _table(content: mmap.mmap, header: StataHeader, path: Path) -> dict[tuple[int, int], tuple[int, int, int]]:
    """Variable and row number of every long string to its kind, place and length."""
    sign, at = ">" if header.big_endian else "<", header.strings_at
    key = struct.Struct(f"{sign}I{'I' if header.release == FIRST_TAGGED else 'Q'}BI")
    found: dict[tuple[int, int], tuple[int, int, int]] = {}
    while content[at : at + 3] == b"GSO":
        variable, row, kind, length = key.unpack(content[at + 3 : at + 3 + key.size])
        at += 3 + key.size
        found[variable, row] = (kind, at, length)
        at += length
    if content[at : at + 8] != b"</strls>":
        raise not_stata(path)
    return found


def _column(content: mmap.mmap, header: StataHeader, place: int, table: dict[tuple[int, int], tuple[int, int, int]], path: Path) -> LongColumn:
    import numpy as np

    widths = header.widths
    row_type = np.dtype({"names": ["at"], "formats": ["V8"], "offsets": [sum(widths[:place])], "itemsize": sum(widths)})
    rows = np.frombuffer(content, dtype=row_type, count=header.rows, offset=header.data_at)
    references = rows["at"].copy().view(np.uint64)
    del rows
    uniques, codes = np.unique(references, return_inverse=True)
    texts, binary = [], 0
    for unique in uniques:
        variable, row = _split(unique.tobytes(), header)
        if not variable and not row:
            texts.append("")
            continue
        if (variable, row) not in table:
            raise not_stata(path)
        kind, at, length = table[variable, row]
        text = content[at : at + length].decode("iso-8859-1")
        if kind != BINARY:
            text = text.removesuffix("\0")
        if "\0" in text or (kind == BINARY and not _is_text(text)):
            texts.append(MARK + content[at : at + length].hex())
            binary += 1
        else:
            texts.append(text)
    return LongColumn(codes.astype(np.int64), texts, binary)


def _split(reference: bytes, header: StataHeader) -> tuple[int, int]:
    """The variable and the row that eight bytes refer to."""
    size, order = WHOLE_SIZE[header.release], "big" if header.big_endian else "little"
    return int.from_bytes(reference[:size], order), int.from_bytes(reference[size:], order)  # type: ignore[arg-type]  # one of the two words it takes


def _is_text(text: str) -> bool:
    """True if a string that Stata keeps as binary can be read: UTF-8 without control characters."""
    try:
        readable = text.encode("iso-8859-1").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in PRINTED for character in readable)
