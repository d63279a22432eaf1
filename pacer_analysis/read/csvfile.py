"""The columns of a CSV file as text, nothing guessed, only those that are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacer_analysis.errors import ExportError
from pacer_analysis.read.tidy import Coded

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

BLOCK = 1 << 24
ENCODINGS = ("utf8", "cp1252", "latin-1")


def read_columns(path: Path, header: tuple[str, ...], delimiter: str, wanted: list[str]) -> tuple[pa.Table, str]:
    """The wanted columns as strings in the order wanted, and the encoding; blank cells are ''.

    UTF-8 with or without a mark, else what Windows programs write. ExportError names the first row of unequal length.
    """
    import pyarrow as pa
    import pyarrow.csv as pc

    bad: list[tuple[int, int]] = []

    def refuse(row: Any) -> str:
        bad.append((row.number or 0, row.actual_columns))
        return "error"

    convert = pc.ConvertOptions(column_types=dict.fromkeys(wanted, pa.string()), strings_can_be_null=False, include_columns=wanted, check_utf8=True)
    parse = pc.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=refuse)
    for encoding in ENCODINGS:
        for threads in (True, False):
            bad.clear()
            try:
                table = pc.read_csv(path, pc.ReadOptions(block_size=BLOCK, encoding=encoding, use_threads=threads), parse, convert)
            except (pa.ArrowInvalid, UnicodeDecodeError) as problem:
                if bad and threads:
                    continue        # once more with one thread, which numbers its rows
                if bad or not (isinstance(problem, UnicodeDecodeError) or "UTF8" in str(problem)):
                    raise _refusal(path, header, bad, str(problem)) from None
                break
            _refuse_open_quotation(path, header, delimiter, encoding)
            return table, encoding
    raise ExportError("the encoding of an export cannot be told", where=str(path), allowed="UTF-8", do="export again in UTF-8")


def _refuse_open_quotation(path: Path, header: tuple[str, ...], delimiter: str, encoding: str) -> None:
    """ExportError if a quotation mark opens the last cell of a row and never closes: the rest of the file would be in that cell."""
    import pyarrow as pa
    import pyarrow.csv as pc

    marks = 0
    with path.open("rb") as handle:
        while block := handle.read(BLOCK):
            marks += block.count(b'"')
    if marks % 2 == 0:
        return
    last = header[-1]
    column = pc.read_csv(path, pc.ReadOptions(block_size=BLOCK, encoding=encoding), pc.ParseOptions(delimiter=delimiter, newlines_in_values=True),
                         pc.ConvertOptions(column_types={last: pa.string()}, strings_can_be_null=False, include_columns=[last])).column(0)
    if len(column) and "\n" in column[-1].as_py():
        raise _refusal(path, header, [], "straddling")


def _refusal(path: Path, header: tuple[str, ...], bad: list[tuple[int, int]], problem: str) -> ExportError:
    """The error of a file that is no CSV file; what the parser said may quote a value and is not repeated."""
    if bad:
        line, cells = bad[0]
        return ExportError(f"a row has {cells} cells under a header of {len(header)}", where=f"{path}, row {line} counting the header",
                           do="look for an unescaped quotation mark or delimiter in this row, or export again")
    if "straddling" in problem:
        return ExportError("a quotation mark is never closed", where=str(path), do="export again")
    return ExportError("an export is not a CSV file", where=str(path), do="export again as CSV")


def coded(column: pa.ChunkedArray) -> Coded:
    """A column of strings as codes into its different texts, in order of appearance; absent cells as ''."""
    import numpy as np
    import pyarrow as pa

    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks)
    encoded = whole.dictionary_encode()
    levels = encoded.dictionary.to_numpy(zero_copy_only=False).astype(object)
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    return Coded(codes.astype(np.int32), levels)
