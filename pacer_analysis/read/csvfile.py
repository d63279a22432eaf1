"""The columns of a CSV file as text, nothing guessed, only those that are asked for, by their place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacer_analysis.errors import ExportError
from pacer_analysis.read.tidy import Coded, narrow

if TYPE_CHECKING:
    import codecs
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from pacer_analysis.read.files import Head

BLOCK = 1 << 24
ENCODINGS = ("utf8", "cp1252", "latin-1")
NOT_IN_CP1252 = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of a file by their place, each given out once, so that its memory is free afterwards."""

    held: dict[int, pa.ChunkedArray]
    rows: int
    encoding: str

    def take(self, place: int) -> Coded:
        """The column as codes into its different texts; a second time it is not there."""
        return coded(self.held.pop(place))

    def release(self) -> None:
        """Gives the memory of the columns that were taken back to the system."""
        import pyarrow as pa

        pa.default_memory_pool().release_unused()

    def filled(self, place: int) -> int:
        """How many cells of a column hold something; it is not given out any more."""
        import pyarrow.compute as pc

        return int(pc.sum(pc.greater(pc.binary_length(self.held.pop(place)), 0)).as_py() or 0)


def read_columns(path: Path, head: Head, wanted: Sequence[int], encoding: str = "") -> Columns:
    """The wanted columns as strings; blank cells are ''.

    UTF-8 with or without a mark, else what Windows programs write, unless an encoding is named. ExportError names the first
    row of unequal length.
    """
    import pyarrow as pa
    import pyarrow.csv as pc

    if not head.has_rows:
        return Columns({place: pa.chunked_array([], type=pa.string()) for place in wanted}, 0, encoding or ENCODINGS[0])
    bad: list[tuple[int, int]] = []

    def refuse(row: Any) -> str:
        bad.append((row.number or 0, row.actual_columns))
        return "error"

    told, marks = _survey(path, encoding)
    names = [str(place) for place in range(len(head.names))]
    chosen = [names[place] for place in wanted] or names[:1]
    convert = pc.ConvertOptions(column_types=dict.fromkeys(chosen, pa.string()), strings_can_be_null=False, include_columns=chosen, check_utf8=True)
    parse = pc.ParseOptions(delimiter=head.delimiter, newlines_in_values=True, invalid_row_handler=refuse)
    for threads in (True, False):
        bad.clear()
        options = pc.ReadOptions(block_size=BLOCK, encoding=told, use_threads=threads, column_names=names, skip_rows=head.skip, skip_rows_after_names=int(head.headed))
        try:
            table = pc.read_csv(path, options, parse, convert)
        except pa.ArrowInvalid as problem:
            if bad and threads:
                continue        # once more with one thread, which numbers its rows
            raise _refusal(path, head, bad, str(problem)) from None
        break
    if marks % 2:
        _refuse_open_quotation(path, head, table, told)
    return Columns({place: table.column(name) for place, name in zip(wanted, chosen, strict=False)}, table.num_rows, told)


def _survey(path: Path, named: str) -> tuple[str, int]:
    """The encoding of a file, the one that was named if it fits, and how many quotation marks it has.

    ExportError if the one that was named does not fit, or is none. The whole file is looked at before a row of it is read.
    """
    import codecs

    decoder = codecs.getincrementaldecoder(named or ENCODINGS[0])()
    marks, fits, windows = 0, True, True
    with path.open("rb") as handle:
        while block := handle.read(BLOCK):
            marks += block.count(b'"')
            windows = windows and not any(byte in block for byte in NOT_IN_CP1252)
            fits = fits and _decodes(decoder, block, last=False)
    if fits and _decodes(decoder, b"", last=True):
        return named or ENCODINGS[0], marks
    if not named:
        _refuse_mixture(path)
    else:
        raise ExportError(f"an export is not in the encoding {named}", where=str(path), allowed="UTF-8", do="name its encoding, or export again in UTF-8")
    return ENCODINGS[1 if windows else 2], marks


def _refuse_mixture(path: Path) -> None:
    """ExportError if most letters of a file are UTF-8 and some are not: in any other encoding all of them would be read wrong."""
    import codecs

    decoder = codecs.getincrementaldecoder("utf8")("replace")
    letters = spoilt = 0
    with path.open("rb") as handle:
        while block := handle.read(BLOCK):
            text = decoder.decode(block)
            spoilt += text.count("\ufffd")
            letters += 0 if text.isascii() else sum(not character.isascii() for character in text)
    if letters - spoilt > spoilt:
        raise ExportError(f"an export is in UTF-8, but for {spoilt} places that are not", where=str(path), allowed="one encoding in the whole file",
                          do="export it again; to read it all the same, name an encoding that fits any file, such as latin-1")


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, last: bool) -> bool:
    try:
        decoder.decode(block, last)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_open_quotation(path: Path, head: Head, table: pa.Table, encoding: str) -> None:
    """ExportError if a quotation mark opens the last cell of a row and never closes: the rest of the file would be in that cell."""
    import pyarrow as pa
    import pyarrow.csv as pc

    last = str(len(head.names) - 1)
    if last in table.column_names:
        column = table.column(last)
    else:
        names = [str(place) for place in range(len(head.names))]
        column = pc.read_csv(path, pc.ReadOptions(block_size=BLOCK, encoding=encoding, column_names=names, skip_rows=head.skip,
                                                  skip_rows_after_names=int(head.headed)),
                             pc.ParseOptions(delimiter=head.delimiter, newlines_in_values=True),
                             pc.ConvertOptions(column_types={last: pa.string()}, strings_can_be_null=False, include_columns=[last])).column(0)
    if len(column) and any(end in column[-1].as_py() for end in "\r\n"):
        raise _refusal(path, head, [], "straddling")


def _refusal(path: Path, head: Head, bad: list[tuple[int, int]], problem: str) -> ExportError:
    """The error of a file that is no CSV file; what the parser said may quote a value and is not repeated."""
    if bad:
        line, cells = bad[0]
        counted = "counting the header" if head.headed else "of the file"
        return ExportError(f"a row has {cells} cells under a header of {len(head.names)}", where=f"{path}, row {line} {counted}",
                           do="look for an unescaped quotation mark or delimiter in this row, or export again")
    if "straddling" in problem:
        return ExportError("a quotation mark is never closed, or a cell has more than 16 million characters", where=str(path), do="export again")
    return ExportError("an export is not a CSV file", where=str(path), do="export again as CSV")


def coded(column: pa.ChunkedArray) -> Coded:
    """A column of strings as codes into its different texts, in order of appearance; absent cells as ''."""
    import numpy as np

    encoded = column.dictionary_encode()        # all chunks share the last one's dictionary
    if not encoded.num_chunks:
        return Coded(np.zeros(0, dtype=np.int16), np.zeros(0, dtype=object))
    levels = encoded.chunk(encoded.num_chunks - 1).dictionary.to_numpy(zero_copy_only=False).astype(object)
    codes = np.concatenate([narrow(chunk.indices.to_numpy(zero_copy_only=False), len(levels)) for chunk in encoded.chunks])
    return Coded(codes, levels)
