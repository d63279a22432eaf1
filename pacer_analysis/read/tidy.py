"""A tidy table: key columns and fields, every column as codes into its different texts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from typing import TypeAlias

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from pacer_analysis.read.convert import Levels

    # Places in a column's levels: 16 bits where that leaves room to add some, else 32.
    Codes: TypeAlias = NDArray[np.signedinteger[Any]]

NARROW = 1 << 14
KEYS = ("record", "event", "instrument", "instance", "line", "site")
KEPT_KEYS_OF_FLAT = ("record", "line")
FIELD = b"field"       # in the description of a written column: the field that it is, where that is not its name


@dataclass(frozen=True, slots=True)
class Coded:
    """A text column: `codes` into `levels`."""

    codes: Codes
    levels: NDArray[np.object_]

    @property
    def texts(self) -> NDArray[np.object_]:
        """The text of every row."""
        return self.levels[self.codes]


@dataclass(frozen=True, slots=True)
class Cells:
    """One field of a table: codes into the different texts as exported and their typed values."""

    name: str
    kind: str
    codes: Codes
    levels: Levels

    @property
    def typed(self) -> NDArray[Any]:
        """The typed value of every row."""
        return self.levels.typed[self.codes]

    @property
    def status(self) -> NDArray[np.int8]:
        """BLANK, VALUE, MISSING or UNREADABLE for every row."""
        return self.levels.status[self.codes]

    def where(self, levels: NDArray[np.bool_]) -> NDArray[np.intp]:
        """The rows whose text is one of those marked."""
        import numpy as np

        return np.flatnonzero(levels[self.codes]) if levels.any() else np.zeros(0, dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Tidy:
    """One instrument of a REDCap source, or a flat source (`form` '').

    `line` is the line of the row in the file's order of records, the header being 1; `instance` is 0 where nothing repeats.
    `saved` says that the export leaves the status of a form blank until somebody saves it, so that 0 is that of a form that was opened.
    """

    source: str
    form: str
    record: Coded
    event: Coded
    instance: NDArray[np.int64]
    line: NDArray[np.int64]
    site: Coded
    repeated: NDArray[np.bool_]
    fields: dict[str, Cells]
    saved: bool = False

    @property
    def rows(self) -> int:
        """How many rows."""
        return len(self.line)

    def take(self, rows: NDArray[Any]) -> Tidy:
        """Some rows of the table, by position or by mask."""
        def cut(column: Coded) -> Coded:
            return Coded(column.codes[rows], column.levels)

        return replace(self, record=cut(self.record), event=cut(self.event), instance=self.instance[rows], line=self.line[rows], site=cut(self.site),
                       repeated=self.repeated[rows], fields={name: replace(cells, codes=cells.codes[rows]) for name, cells in self.fields.items()})

    def select(self, names: tuple[str, ...]) -> Tidy:
        """The table with only some of its fields."""
        return replace(self, fields={name: self.fields[name] for name in names})


def narrow(codes: Codes, levels: int) -> Codes:
    """The codes in as few bytes as so many levels need."""
    import numpy as np

    return codes.astype(np.int16 if levels < NARROW else np.int32, copy=False)


def constant(text: str, rows: int) -> Coded:
    """A column that holds one text on every row."""
    import numpy as np

    return Coded(np.zeros(rows, dtype=np.int16), np.array([text], dtype=object))


def stripped(column: Coded) -> Coded:
    """The column with the white space around each text removed."""
    return with_levels(column, [str(level).strip() for level in column.levels])


def with_levels(column: Coded, levels: Sequence[str]) -> Coded:
    """The column with another text for each of its levels, equal ones united."""
    import numpy as np

    places: dict[str, int] = {}
    index = np.array([places.setdefault(level, len(places)) for level in levels], dtype=column.codes.dtype)
    kept = np.empty(len(places), dtype=object)
    kept[:] = list(places)
    return Coded(index[column.codes] if len(index) else column.codes, kept)


def arrow_column(cells: Cells) -> pa.Array:
    """A field as an Arrow column of its type: timestamp, double or string."""
    import numpy as np
    import pyarrow as pa

    if cells.levels.typed.dtype == object:
        return text_column(cells.codes, cells.levels.typed)
    values = cells.typed
    absent = np.isnat(values) if values.dtype.kind == "M" else np.isnan(values)
    return pa.array(values, mask=absent)


def text_column(codes: Codes, levels: NDArray[np.object_]) -> pa.Array:
    """Codes and levels as an Arrow column of strings."""
    import pyarrow as pa

    return pa.array(levels, type=pa.string()).take(pa.array(codes))


def written_names(fields: Iterable[str], *, of_form: bool) -> dict[str, str]:
    """The column of each field in a written table: its name, with an underscore behind it where a key column has that name.

    No name in REDCap ends so; in a flat table, where one may, further underscores keep the columns apart.
    """
    names = list(fields)
    keys, taken = KEYS if of_form else KEPT_KEYS_OF_FLAT, set(names)
    found: dict[str, str] = {}
    for name in names:
        column = name
        while column in keys or (column != name and column in taken):
            column += "_"
        found[name] = column
        taken.add(column)
    return found


def keys_of(columns: Sequence[str]) -> tuple[str, ...]:
    """The key columns of a written table, told by its columns: a flat table begins with `record` and `line`, a form with `record` and `event`."""
    return KEPT_KEYS_OF_FLAT if tuple(columns[: len(KEPT_KEYS_OF_FLAT)]) == KEPT_KEYS_OF_FLAT else KEYS


def field_columns(schema: pa.Schema) -> dict[str, str]:
    """The column of each field of a written table, in its order: the way back from `written_names`."""
    keys = keys_of(schema.names)
    return {(column.metadata or {}).get(FIELD, column.name.encode()).decode(): column.name for column in schema if column.name not in keys}


def to_arrow(table: Tidy) -> pa.Table:
    """The table as the other rooms read it; a flat table has `record` and `line` before its fields, REDCap's every key."""
    import pyarrow as pa

    columns = {"record": text_column(table.record.codes, table.record.levels)}
    if table.form:
        columns["event"] = text_column(table.event.codes, table.event.levels)
        columns["instrument"] = pa.array([table.form] * table.rows, type=pa.string())
        columns["instance"] = pa.array(table.instance)
    columns["line"] = pa.array(table.line)
    if table.form:
        columns["site"] = text_column(table.site.codes, table.site.levels)
    names = written_names(table.fields, of_form=bool(table.form))
    columns |= {names[name]: arrow_column(cells) for name, cells in table.fields.items()}
    renamed = {column: {FIELD: name.encode()} for name, column in names.items() if column != name}
    return pa.table(columns, schema=pa.schema([pa.field(name, column.type, metadata=renamed.get(name)) for name, column in columns.items()]))


def write(table: Tidy, path: Path) -> None:
    """The table as a parquet file."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(to_arrow(table), path, compression="zstd")


def unconverted(table: Tidy) -> pa.Table:
    """Every cell whose typed value, written out, is not what was exported: source, form, line, field, raw."""
    import numpy as np
    import pyarrow as pa

    parts = []
    for name, cells in table.fields.items():
        rows = cells.where(~cells.levels.exact)
        if len(rows):
            parts.append(pa.table({"source": pa.repeat(table.source, len(rows)), "form": pa.repeat(table.form, len(rows)),
                                   "line": pa.array(table.line[rows].astype(np.int64)), "field": pa.repeat(name, len(rows)),
                                   "raw": text_column(cells.codes[rows], cells.levels.raw)}))
    empty = pa.schema([("source", pa.string()), ("form", pa.string()), ("line", pa.int64()), ("field", pa.string()), ("raw", pa.string())]).empty_table()
    return pa.concat_tables([empty, *parts])
