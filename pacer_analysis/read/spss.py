"""An SPSS file (.sav, .zsav, .por): its columns as codes into values, user-missing values kept."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError
from pacer_analysis.read.spssheader import declared_by_spss
from pacer_analysis.read.statisticalfile import HEAD, SPSS_STARTS, StatisticalFile, Values, Variable, is_portable
from pacer_analysis.read.statisticalread import describe, load

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.read.notes import Note

LONGEST_NAME, LONGEST_PORTABLE_NAME = 64, 8
# A case takes a byte or more for each of its numbers; zlib makes of one byte a thousand at most.
LARGEST_RATIO = {b"$FL2": 1, b"$FL3": 1100}
LAYOUTS = {2: "<", 3: "<", 33554432: ">", 50331648: ">"}


def describe_spss(path: Path) -> StatisticalFile:
    """What the file says of itself; ExportError if it is no whole SPSS file."""
    with path.open("rb") as handle:
        head = handle.read(HEAD)
    if is_portable(head):
        return describe(path, "por", "SPSS portable file", LONGEST_PORTABLE_NAME, _refusal(path), None)
    sign, declared = _declared(path)
    cases: int = struct.unpack(f"{sign}i", head[80:84])[0]
    kind = "SPSS compressed file (.zsav)" if head[:4] == SPSS_STARTS[1] else "SPSS file (.sav)"
    file = describe(path, "sav/zsav", f"{kind}, {'big-endian' if sign == '>' else 'little-endian'}", LONGEST_NAME, _refusal(path), declared)
    if cases * len(file.variables) > path.stat().st_size * LARGEST_RATIO[head[:4]]:
        raise _refusal(path)
    return file


def load_spss(file: StatisticalFile, wanted: list[Variable]) -> tuple[dict[str, Values], list[Note], str]:
    """The wanted columns by the file's names, notes on how they were read, and the encoding of their text."""
    if file.longest_name == LONGEST_PORTABLE_NAME:
        return load(file, wanted, "por", _refusal(file.path), None)
    return load(file, wanted, "sav/zsav", _refusal(file.path), _declared(file.path)[1])


def _declared(path: Path) -> tuple[str, str | None]:
    """The byte order and the declared encoding of a system file; ExportError if its records are damaged."""
    with path.open("rb") as handle:
        head = handle.read(HEAD)
    try:
        sign = LAYOUTS[struct.unpack("<i", head[64:68])[0]]
        return sign, declared_by_spss(path, sign)
    except (KeyError, ValueError, IndexError, OSError, struct.error):
        raise _refusal(path) from None


def _refusal(path: Path) -> ExportError:
    return ExportError("not a complete SPSS file", where=str(path), allowed="a .sav, .zsav or .por file as SPSS wrote it",
                       do="save it again in SPSS; a file that was copied in part is refused")
