"""The file of a source in a cut's folder, whether it is a text that holds a table, and the header of that table."""

from __future__ import annotations

import csv
import fnmatch
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pacer_analysis.errors import ExportError
from pacer_analysis.read.notes import Note

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pacer_analysis.plan import Source

DELIMITERS = (",", "\t", ";", "|", "^")
HEADER_BYTES = 8_000_000
TAIL_BYTES = 4096
UTF8_MARK = "\ufeff"
# A byte order mark that was read as letters.
SPOILT_MARK = "\u00ef\u00bb\u00bf"
SERVER_MESSAGE = re.compile(r"\{\s*\"error\"\s*:|<(!doctype|html|body|/body|/html|br|div|/div|b>fatal error)", re.IGNORECASE)
SHOWN = 5
# What tells Excel the delimiter, before the header.
DECLARED = re.compile(r'\s*"?sep=(?P<delimiter>[^\w\s"]|\t)"?[,;\t|^]*[ \t]*(?P<end>\r\n|\r|\n)', re.IGNORECASE)


class Head(NamedTuple):
    """The header of a text table: its column names (or the first row of a table without header) and its delimiter.

    `headed` is false if the first row is data; `has_rows` says whether rows follow; `skip` counts the lines before it, which are
    empty or, where the file `declares` its delimiter, say `sep=;` as Excel has it.
    """

    names: tuple[str, ...]
    delimiter: str
    headed: bool = True
    has_rows: bool = True
    skip: int = 0
    declares: bool = False


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


def read_head(path: Path, encoding: str = "") -> str:
    """The beginning of a text file, in the encoding that was named or else its own; ExportError if it is empty, a web page or a server's message."""
    with path.open("rb") as handle:
        content = handle.read(HEADER_BYTES)
    start = content.removeprefix(UTF8_MARK.encode()).lstrip()[:60]
    if not start:
        raise ExportError("an export is empty", where=str(path), do="export it again; an empty project exports a file of one line end, and has no records to read")
    if start[:1] == b"<":
        raise ExportError("an export is an HTML page", where=str(path), allowed="a CSV file", do="export it again; the server answered with a page")
    if start[:1] in {b"{", b"["}:
        what, do = ("an error", "the server answered with an error; export it again, in smaller parts if it ran out of memory") if b'"error"' in start \
            else ("data in JSON, or an error", "export it again as CSV")
        raise ExportError(f"an export is a JSON message: {what}", where=str(path), allowed="a CSV file", do=do)
    if b"\0" in content[:4096]:
        raise ExportError("an export is not text", where=str(path), allowed="a CSV file in UTF-8", do="export it again as CSV")
    _refuse_message_at_end(path)
    if encoding:
        try:
            return content.decode(encoding, errors="replace").removeprefix(UTF8_MARK)
        except LookupError:
            raise ExportError(f"there is no encoding {encoding}", where=str(path), allowed="utf8, cp1252, latin-1, cp1250 ...", do="correct its name") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        if problem.start > len(content) - 4 and len(content) == HEADER_BYTES:
            return content[: problem.start].decode("utf-8-sig")
    return content.decode("cp1252", errors="replace")


def _refuse_message_at_end(path: Path) -> None:
    """ExportError if the server gave up after a good start: the last line is its message."""
    with path.open("rb") as handle:
        handle.seek(max(0, path.stat().st_size - TAIL_BYTES))
        last = handle.read().decode("utf-8", errors="replace").rstrip().splitlines()[-1:]
    if last and SERVER_MESSAGE.match(last[0].lstrip()):
        raise ExportError("an export ends with a server's error message: it is not complete", where=f"{path}, last line",
                          do="export it again, in smaller parts if the server ran out of memory")


def headers(path: Path, encoding: str = "") -> list[Head]:
    """The first row of a text file under each of the delimiters, byte order marks and surrounding spaces removed."""
    text = read_head(path, encoding)
    whole = path.stat().st_size <= HEADER_BYTES
    declared = DECLARED.match(text)
    before = len(io.StringIO(declared[0], newline=None).readlines()) if declared else 0
    found = []
    for delimiter in (declared["delimiter"],) if declared else DELIMITERS:
        rows = csv.reader(io.StringIO(text[declared.end() :] if declared else text, newline=""), delimiter=delimiter)
        skip = before
        names: tuple[str, ...] = ()
        try:
            for row in rows:
                if names := tuple(_clean(name) for name in row) if any(row) else ():
                    break
                skip = before + rows.line_num
        except csv.Error:
            continue
        if names:
            found.append(Head(names, delimiter, has_rows=not whole or _more(rows), skip=skip, declares=declared is not None))
    return found


def delimiter_notes(head: Head) -> list[Note]:
    """A note on a delimiter that the file itself declares."""
    if not head.declares:
        return []
    return [Note("encoding", "info", "", f"the first line of the file, sep=, is for Excel; it was skipped, and the delimiter {head.delimiter!r} that it names was used", "none")]


def _more(rows: Iterator[list[str]]) -> bool:
    """True if a row follows."""
    try:
        return any(rows)
    except csv.Error:
        return True


def _clean(name: str) -> str:
    """A column name without what other programs leave around it."""
    bare = name.strip().removeprefix(SPOILT_MARK).removeprefix(UTF8_MARK).strip()
    return bare[1:-1].strip() if len(bare) > 1 and bare[0] == bare[-1] == '"' else bare


def read_header(path: Path, known: Collection[str], encoding: str = "") -> Head:
    """The header under the delimiter with which most names are known; ExportError if none is, or if one occurs twice."""
    heads = [(sum(name.lower() in known for name in head.names), head) for head in headers(path, encoding)]
    best = max(heads, key=lambda entry: entry[0], default=(0, Head((), ",")))
    if best[0] <= 0:
        raise nothing_known(path)
    refuse_repeated(path, best[1].names)
    return best[1]


def nothing_known(path: Path) -> ExportError:
    """The error of a table none of whose columns is in the dictionary."""
    return ExportError("no column of an export is known", where=f"{path}, line 1", allowed="the names in the dictionary, as in a raw (not labelled) export",
                       do="export raw data with a header; check that the dictionary is this project's")


def refuse_repeated(path: Path, names: Collection[str]) -> None:
    """ExportError if a column name occurs twice."""
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
    repeated = sorted(name for name, count in seen.items() if count > 1 and name)
    if repeated:
        raise ExportError(f"{len(repeated)} column names occur more than once: {', '.join(repeated[:SHOWN])}", where=f"{path}, line 1",
                          allowed="each name once; a labelled export repeats its labels", do="export raw data")
