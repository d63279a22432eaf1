"""The file of a source in a cut's folder, and whether it is what it should be."""

from __future__ import annotations

import csv
import fnmatch
import io
from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from pacer_analysis.plan import Source

DELIMITERS = (",", "\t", ";", "|", "^")
HEADER_BYTES = 8_000_000
UTF8_MARK = "\ufeff"


def find_file(source: Source, folder: Path) -> Path:
    """The one file in the folder that the source's pattern matches; ExportError if there is none, or more than one."""
    if not folder.is_dir():
        raise ExportError("the folder of the exports is missing", where=str(folder), do="check the name of the cut and of the exports folder")
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    matching = [name for name in names if fnmatch.fnmatchcase(name, source.file)]
    if len(matching) == 1:
        return folder / matching[0]
    what = "no file" if not matching else f"{len(matching)} files"
    raise ExportError(f"{what} for the source {source.id}: its pattern must match exactly one", where=str(folder),
                      allowed=f"one file {source.file}; found: {', '.join(matching or names) or 'nothing'}",
                      do="keep one export of this source in the cut's folder" if matching else "put the export there, or correct `file:` in the plan")


def read_head(path: Path) -> tuple[str, str]:
    """The beginning of a text file and its encoding; ExportError if it is empty, a web page or a server's message."""
    with path.open("rb") as handle:
        content = handle.read(HEADER_BYTES)
    start = content.removeprefix(UTF8_MARK.encode()).lstrip()[:60]
    if not start:
        raise ExportError("an export is empty", where=str(path), do="export it again; an empty project exports a file of one line end")
    if start[:1] == b"<":
        raise ExportError("an export is an HTML page", where=str(path), allowed="a CSV file", do="export it again; the server answered with a page")
    if start[:1] in {b"{", b"["}:
        raise ExportError("an export is a JSON message", where=str(path), allowed="a CSV file", do="export it again; the server answered with an error")
    if b"\0" in content[:4096]:
        raise ExportError("an export is not text", where=str(path), allowed="a CSV file in UTF-8", do="export it again as CSV")
    try:
        return content.decode("utf-8-sig", errors="strict"), "utf-8"
    except UnicodeDecodeError as problem:
        if problem.start > len(content) - 4 and len(content) == HEADER_BYTES:
            return content[: problem.start].decode("utf-8-sig"), "utf-8"
    return content.decode("cp1252", errors="replace"), "cp1252"


def read_header(path: Path, known: Collection[str]) -> tuple[tuple[str, ...], str]:
    """The column names of a CSV file and its delimiter: the one under which most names are known."""
    text, _ = read_head(path)
    best: tuple[int, tuple[str, ...], str] = (-1, (), ",")
    for delimiter in DELIMITERS:
        try:
            names = tuple(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))
        except (csv.Error, StopIteration):
            continue
        count = sum(name.strip().lower() in known for name in names)
        if count > best[0]:
            best = (count, names, delimiter)
    names = best[1]
    if best[0] <= 0:
        raise ExportError("no column of an export is known", where=f"{path}, line 1", allowed="the names in the dictionary, as in a raw (not labelled) export",
                          do="export raw data with a header")
    repeated = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if repeated:
        raise ExportError(f"{len(repeated)} column names occur more than once: {', '.join(repeated[:5])}", where=f"{path}, line 1",
                          allowed="each name once; a labelled export repeats its labels", do="export raw data")
    return names, best[2]
