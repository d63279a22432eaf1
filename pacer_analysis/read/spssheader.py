"""The encoding that an SPSS system file declares, from its own records: asked for an encoding it does not know, the library would crash."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path

FIRST_RECORD = 176
VARIABLE, LABELS, LABELLED, DOCUMENT, EXTENSION, END = 2, 3, 4, 6, 7, 999
MACHINE, ENCODING = 3, 20
# The character code of the machine record: 2 and 3 are ASCII of 7 and 8 bits; larger numbers are Windows code pages.
CODE_PAGES = {2: None, 3: None, 65001: "UTF-8", 28591: "ISO-8859-1"}
LARGEST_CODE_PAGE = 20000
LONGEST_ENCODING = 64


def declared_by_spss(path: Path, sign: str) -> str | None:
    """The encoding of a .sav or .zsav file in the byte order `sign`, None if it declares none; ValueError or struct.error if it is damaged."""
    page: int | None = None
    with path.open("rb") as handle:
        handle.seek(FIRST_RECORD)
        while True:
            kind = _number(handle, sign)
            if kind == VARIABLE:
                _pass_variable(handle, sign)
            elif kind == LABELS:
                _pass_labels(handle, sign)
            elif kind == LABELLED:
                handle.seek(4 * _count(handle, sign), 1)
            elif kind == DOCUMENT:
                handle.seek(80 * _count(handle, sign), 1)
            elif kind == EXTENSION:
                subtype, size, count = (_number(handle, sign) for _ in range(3))
                if size < 0 or count < 0 or (subtype == ENCODING and size * count > LONGEST_ENCODING):
                    raise ValueError
                if subtype == ENCODING:
                    return handle.read(size * count).decode("ascii", errors="replace").strip("\0 ") or None
                content = handle.read(32) if subtype == MACHINE and size * count >= 32 else b""
                page = struct.unpack(f"{sign}i", content[28:32])[0] if content else page
                handle.seek(size * count - len(content), 1)
            elif kind == END:
                return None if page is None else CODE_PAGES.get(page, f"windows-{page}" if 0 < page < LARGEST_CODE_PAGE else None)
            else:
                raise ValueError


def _pass_variable(handle: BinaryIO, sign: str) -> None:
    """Passes over a column's record: its label and its missing values are optional."""
    _, labelled, missing = (_number(handle, sign) for _ in range(3))
    handle.seek(16, 1)
    if labelled:
        length = _count(handle, sign)
        handle.seek(-(-length // 4) * 4, 1)
    handle.seek(8 * abs(missing), 1)


def _pass_labels(handle: BinaryIO, sign: str) -> None:
    """Passes over a set of value labels: eight bytes of value, a length, and the text up to a multiple of eight."""
    for _ in range(_count(handle, sign)):
        handle.seek(8, 1)
        length = handle.read(1)[0]
        handle.seek(-(-(length + 1) // 8) * 8 - 1, 1)


def _number(handle: BinaryIO, sign: str) -> int:
    number: int = struct.unpack(f"{sign}i", handle.read(4))[0]
    return number


def _count(handle: BinaryIO, sign: str) -> int:
    count = _number(handle, sign)
    if count < 0:
        raise ValueError
    return count
