"""A SAS file (.xpt of version 5 or 8, .sas7bdat): its columns as codes into values, special missing values (.A to .Z, ._) kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError
from pacer_analysis.read.sastransport import check_transport
from pacer_analysis.read.statisticalfile import HEAD, SAS_CATALOGUE, SAS_CPORT, SAS_TRANSPORT, StatisticalFile, Values, Variable
from pacer_analysis.read.statisticalread import declared_by_sas, describe, load

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.read.notes import Note

LONGEST_NAME = 32
# A compressed row repeats a byte some thousand times at most.
COMPRESSED, LARGEST_RATIO = (b"SASYZCRL", b"SASYZCR2"), 1500
BIG_ENDIAN_AT = 37
FIRST_PAGES = 1 << 21


def describe_sas(path: Path) -> StatisticalFile:
    """What the file says of itself; ExportError if it is no whole SAS file."""
    with path.open("rb") as handle:
        head = handle.read(HEAD)
    if head.startswith(SAS_CPORT):
        raise ExportError("a SAS file made by PROC CPORT", where=str(path), allowed="a transport file of the XPORT engine, or a .sas7bdat file",
                          do="write it with `libname out xport 'file.xpt'; proc copy`")
    if head.startswith(SAS_CATALOGUE):
        raise ExportError("a SAS catalogue of formats, which holds no data", where=str(path), allowed="a .sas7bdat or .xpt file", do="name the data set")
    if head.startswith(SAS_TRANSPORT):
        version, name = check_transport(path)
        return describe(path, "xport", f"SAS transport file, version {version}", name, _refusal(path), None)
    order = "little-endian" if head[BIG_ENDIAN_AT] == 1 else "big-endian"
    file = describe(path, "sas7bdat", f"SAS data set (.sas7bdat), {order}", LONGEST_NAME, _refusal(path), declared_by_sas(path, _refusal(path)))
    with path.open("rb") as handle:
        beginning = handle.read(FIRST_PAGES)
    ratio = LARGEST_RATIO if any(mark in beginning for mark in COMPRESSED) else 1
    if file.rows * len(file.variables) > path.stat().st_size * ratio:
        raise _refusal(path)
    return file


def load_sas(file: StatisticalFile, wanted: list[Variable]) -> tuple[dict[str, Values], list[Note], str]:
    """The wanted columns by the file's names, notes on how they were read, and the encoding of their text."""
    if "transport" in file.summary:
        return load(file, wanted, "xport", _refusal(file.path), None)
    return load(file, wanted, "sas7bdat", _refusal(file.path), declared_by_sas(file.path, _refusal(file.path)))


def _refusal(path: Path) -> ExportError:
    return ExportError("not a complete SAS file", where=str(path), allowed="a .xpt or .sas7bdat file as SAS wrote it",
                       do="save it again in SAS; a file that was copied in part is refused")
