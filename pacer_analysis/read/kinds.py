"""What kind of file an export is, told from its first bytes and only then from its name."""

from __future__ import annotations

from pathlib import Path

from pacer_analysis.errors import ExportError
from pacer_analysis.read.statisticalfile import SUFFIXES, statistical_system

HEAD = 8192
UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# Files that are sent instead of an export: what they are, and what to do.
OTHERS = (
    (b"PK\x03\x04", "a workbook or a zip archive", "unpack the archive, or save the workbook's table as CSV (UTF-8); better, export again as CSV from REDCap"),
    (b"%PDF", "a PDF document", "export the data as CSV, not as PDF"),
    (b"\xd0\xcf\x11\xe0", "a workbook of an old spreadsheet program", "save it as CSV (UTF-8); better, export again as CSV from REDCap"),
    (b"\x1f\x8b", "a gzip archive", "unpack it"),
    (b"PAR1", "a Parquet file", "export the data as CSV"),
    (b"RDX", "an R data file", "export the data as CSV"),
    (b"SQLite format", "a database", "export the data as CSV"),
)


def kind_of(path: Path) -> str:
    """One of text, odm, stata, sas and spss; ExportError that helps if the file is something else, or is not there."""
    content = beginning(path)
    if system := statistical_system(path):
        return system
    for mark, what, do in OTHERS:
        if content.startswith(mark):
            raise ExportError(f"an export is {what}, not text", where=str(path), allowed="CSV, project XML (ODM), Stata, SAS or SPSS", do=do)
    if content.startswith(UTF16_MARKS):
        raise ExportError("an export is in UTF-16, as some programs save Unicode text", where=str(path), allowed="UTF-8", do="save it as CSV in UTF-8")
    start = content.removeprefix(UTF8_MARK).lstrip()
    if start.startswith(b"<") and b"<ODM" in content:
        return "odm"
    # A file of no or unknown content that is called .dta is left to the reader of .dta files, which says what is wrong with it.
    kind = SUFFIXES.get(path.suffix.lower(), "text")
    return kind if not start or b"\0" in content[:4096] else "text"


def beginning(path: Path) -> bytes:
    """The first bytes of an export; ExportError if it cannot be opened."""
    try:
        with path.open("rb") as handle:
            return handle.read(HEAD)
    except FileNotFoundError:
        raise ExportError("an export is missing", where=str(path), do="check the name of the file") from None
    except OSError as problem:
        raise ExportError(f"an export cannot be opened ({problem.strerror})", where=str(path), do="check that it is a file and may be read") from None
