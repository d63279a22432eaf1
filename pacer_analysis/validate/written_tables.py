"""Tidy tables as CSV, and the list of cells that could not be converted: for whoever has no Parquet reader."""

from __future__ import annotations

import re
from math import isnan
from typing import TYPE_CHECKING

from pacer_analysis.validate.safecsv import write_csv

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from pacer_analysis.read import Reading
    from pacer_analysis.read.tidy import Cells, Coded, Tidy

MUST_BE_QUOTED = re.compile(r'[",\r\n]')
SECONDS = re.compile(r":\d{2}:\d{2}")
ROWS_AT_ONCE = 10_000
UNCONVERTED = ("source", "form", "line", "field", "raw")


def write_as_csv(table: Tidy, path: Path) -> None:
    """The table with its keys: dates as YYYY-MM-DD, whole numbers without a point, codes and texts as they are, nothing for a blank.

    It is made for programs and holds what the export holds, also a text that a spreadsheet program would take for a formula.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from pacer_analysis.read.tidy import text_column, written_names

    columns = {"record": _quoted(table.record)}
    if table.form:
        columns["event"] = _quoted(table.event)
        columns["instrument"] = pa.array([table.form] * table.rows, type=pa.string())
        columns["instance"] = pa.array(table.instance).cast(pa.string())
    columns["line"] = pa.array(table.line).cast(pa.string())
    if table.form:
        columns["site"] = _quoted(table.site)
    names = written_names(table.fields, of_form=bool(table.form))
    columns |= {names[name]: text_column(cells.codes, _texts(cells)) for name, cells in table.fields.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        handle.write(",".join(columns) + "\n")
        for begin in range(0, table.rows, ROWS_AT_ONCE):
            part = [column.slice(begin, ROWS_AT_ONCE) for column in columns.values()]
            handle.write("\n".join(pc.binary_join_element_wise(*part, ",").to_pylist()) + "\n")


def _quoted(column: Coded) -> pa.Array:
    from pacer_analysis.read.tidy import text_column

    return text_column(column.codes, _cells(column.levels))


def _cells(levels: Iterable[object]) -> NDArray[np.object_]:
    """Texts as cells of a CSV file, quoted where they must be."""
    import numpy as np

    return np.array([f'"{text.replace(chr(34), chr(34) * 2)}"' if MUST_BE_QUOTED.search(text) else text for text in map(str, levels)], dtype=object)


def _texts(cells: Cells) -> NDArray[np.object_]:
    """The different values of a field as cells of a CSV file."""
    import numpy as np

    typed = cells.levels.typed
    if typed.dtype.kind == "M":
        return np.array([_moment(str(moment), cells.kind, str(raw)) for moment, raw in zip(typed.astype("datetime64[s]"), cells.levels.raw, strict=True)], dtype=object)
    if typed.dtype.kind == "f":
        return np.array([_number(float(value)) for value in typed], dtype=object)
    return _cells(typed)


def _moment(text: str, kind: str, raw: str) -> str:
    """A moment as REDCap writes it: without a time for a date, with seconds if there are some or the export wrote them."""
    if text == "NaT":
        return ""
    seconds = not text.endswith(":00") or SECONDS.search(raw) is not None
    return text[:10] if kind == "date" else text.replace("T", " ") if seconds else text.replace("T", " ").removesuffix(":00")


def _number(value: float) -> str:
    """A number as one would type it, with every digit that it has."""
    if isnan(value):
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def write_unconverted(reading: Reading, path: Path) -> None:
    """Every cell whose typed value, written out, is not what was exported, with the text as exported."""
    from pacer_analysis.read.tidy import unconverted

    rows: list[tuple[str, ...]] = []
    for table in reading.tables:
        found = unconverted(table)
        rows += [tuple(str(cell) for cell in row.values()) for row in found.select(list(UNCONVERTED)).to_pylist()]
    write_csv(path, UNCONVERTED, rows)
