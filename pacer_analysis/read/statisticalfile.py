"""A Stata, SAS or SPSS file as it describes itself, and its columns as codes into different values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError
from pacer_analysis.read.stataheader import looks_like_stata

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAMES = {"stata": "Stata", "sas": "SAS", "spss": "SPSS"}
SUFFIXES = {".dta": "stata", ".xpt": "sas", ".sas7bdat": "sas", ".sav": "spss", ".zsav": "spss", ".por": "spss"}
SAS_DATA_SET = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
SAS_CATALOGUE = bytes(12) + bytes.fromhex("c2ea8163b31411cfbd92080009c7318c181f1011")
SAS_TRANSPORT = b"HEADER RECORD*******LIB"
SAS_CPORT = b"**COMPRESSED**"
SPSS_STARTS = (b"$FL2", b"$FL3")
PORTABLE_AT, PORTABLE_MARK = 456, b"SPSSPORT"
HEAD = 512
# What pyreadstat's own code raises on damaged files, beside its two errors.
BROKEN = (ValueError, TypeError, AttributeError, IndexError, KeyError, OverflowError, OSError, MemoryError)


@dataclass(frozen=True, slots=True)
class Variable:
    """One column as the file describes it.

    `key` is the name by which the reading library knows it, `labels` the text of each code of its value-label set (`.a` for an
    extended missing value), `user_missing` SPSS's ranges of values that stand for none.
    """

    name: str
    key: str
    label: str
    storage: str
    display: str
    label_set: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    user_missing: tuple[tuple[object, object], ...] = ()


@dataclass(frozen=True, slots=True)
class StatisticalFile:
    """What a file says of itself: `system` is stata, sas or spss, `summary` its format in words, `spare_labels` label sets that no column uses.

    `encoding` is what its names and labels are in; `longest_name` how long a name can be in this format.
    """

    path: Path
    system: str
    summary: str
    encoding: str
    rows: int
    variables: tuple[Variable, ...]
    longest_name: int
    spare_labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Values:
    """A column as codes into its different values: a number, or a text (`.a` for an extended missing value, '' for blank) where `numbers` is NaN.

    `tagged` marks the extended missing values.
    """

    codes: NDArray[np.int32]
    numbers: NDArray[np.float64]
    texts: NDArray[np.object_]
    tagged: NDArray[np.bool_]


def statistical_system(path: Path) -> str:
    """stata, sas or spss by the first bytes of a file; '' if it is none of them."""
    with path.open("rb") as handle:
        head = handle.read(HEAD)
    if looks_like_stata(head):
        return "stata"
    if head.startswith((SAS_DATA_SET, SAS_CATALOGUE, SAS_TRANSPORT, SAS_CPORT)):
        return "sas"
    return "spss" if head.startswith(SPSS_STARTS) or is_portable(head) else ""


def is_portable(head: bytes) -> bool:
    """True if the first bytes are those of an SPSS portable file, whose lines end as on any system."""
    return head.translate(None, b"\r\n")[PORTABLE_AT : PORTABLE_AT + len(PORTABLE_MARK)] == PORTABLE_MARK


def required_system(path: Path, reader: str = "") -> str:
    """The system of a file; ExportError if it is none of the three, is not what its name says, or is not for this reader."""
    named = SUFFIXES.get(path.suffix.lower(), "")
    if not path.is_file():
        raise ExportError("the file is missing", where=str(path), do="check the name")
    if not path.stat().st_size:
        raise ExportError("an export is empty", where=str(path), do="save it again")
    system = statistical_system(path)
    expected = reader or named
    if not system:
        what = f"not a {NAMES[expected]} file" if expected in NAMES else "not a Stata, SAS or SPSS file"
        raise ExportError(what, where=str(path), allowed="a .dta, .xpt, .sas7bdat, .sav, .zsav or .por file as the program wrote it",
                          do="save it again in the program; a CSV file is read as CSV whatever it is named, if its reader is csv or redcap")
    if named and named != system:
        raise ExportError(f"the name says {NAMES[named]}, but it is a {NAMES[system]} file", where=str(path), allowed="the suffix of the file's format",
                          do="rename the file, or save it again in the format of its name")
    if reader in NAMES and reader != system:
        raise ExportError(f"a {NAMES[system]} file for a source with reader {reader}", where=str(path), allowed=f"reader: {system}", do="correct `reader:` of the source")
    return system
