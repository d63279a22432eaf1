"""The open tidy tables as monitoring reads them: entered columns, each row with its record and the record's site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacer_analysis.dictionary import Project
from pacer_analysis.monitoring.columns import Column, columns_of
from pacer_analysis.read.tidy import field_columns, keys_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from pacer_analysis.dictionary import FlatDictionary

NO_SITE = -1


@dataclass(frozen=True, slots=True)
class Table:
    """One instrument or flat source; `record` and `site` are codes, a row without a site has NO_SITE; `content` has the columns of fields, `keys` the others."""

    source: str
    form: str
    columns: tuple[Column, ...]
    content: pa.Table
    keys: pa.Table
    record: NDArray[np.int64]
    site: NDArray[np.int64]

    def of_kind(self, kind: str) -> tuple[Column, ...]:
        """The columns of one kind."""
        return tuple(column for column in self.columns if column.kind == kind)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column of numbers, NaN where blank."""
        import numpy as np

        return np.asarray(self.content.column(name).to_numpy(), dtype=float)

    def days(self, name: str) -> NDArray[np.int64]:
        """A column of dates as days since 1970-01-01, NO_DAY where blank."""
        import numpy as np

        days: NDArray[np.int64] = self.content.column(name).to_numpy().astype("datetime64[D]").astype(np.int64)
        return days

    def blank(self, name: str) -> NDArray[np.bool_]:
        """True where nothing was entered in a column."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        cells = self.content.column(name)
        empty = pc.is_null(cells, nan_is_null=pa.types.is_floating(cells.type))
        if pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type):
            empty = pc.or_(empty, pc.fill_null(pc.equal(cells, ""), True))
        return np.asarray(empty.to_numpy(), dtype=bool)


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables with the names of their records and sites, the site of every record, and whether an open finding waits in it."""

    tables: tuple[Table, ...]
    records: tuple[str, ...]
    sites: tuple[str, ...]
    site_of: NDArray[np.int64]
    waiting: NDArray[np.bool_]

    @property
    def has_sites(self) -> bool:
        """True if there are two sites or more to compare."""
        return len(self.sites) > 1


NO_DAY = -(2**63)


def load(folder: Path, dictionaries: Mapping[str, FlatDictionary | Project], waiting: Collection[str] = (), site: tuple[str, str, str] | None = None) -> Tables:
    """The tables of the dictionaries' sources that lie in the folder.

    `waiting` are the records with an open finding. `site` names the source, form and field that hold the site of a record; without it the data access
    group is the site.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    found = [(source, form, dictionary, *_read(path, {column.name for column in columns_of(dictionary, form)} | ({site[2]} if site else set())))
             for source, dictionary in dictionaries.items() for form, path in _files(folder, source, dictionary, alone=len(dictionaries) == 1)]
    found = [entry for entry in found if "record" in entry[3].column_names]
    coded = [_coded(entry[3].column("record")) for entry in found]
    records = pc.unique(pa.chunked_array([part.dictionary for part in coded], type=pa.string())).sort()
    codes = [np.asarray(pc.index_in(part.dictionary, value_set=records), dtype=np.int64)[np.asarray(part.indices)] for part in coded]
    sites, site_of = _sites([(source, form, keys if site is None and "site" in keys.column_names else content) for source, form, _, keys, content in found], codes, len(records), site)
    tables = tuple(Table(source, form, _monitored(columns_of(dictionary, form), keys, content), content, keys, code, site_of[code])
                   for (source, form, dictionary, keys, content), code in zip(found, codes, strict=True))
    names = tuple(records.to_pylist())
    return Tables(tables, names, sites, site_of, np.isin(np.asarray(names, dtype=object), sorted(waiting)))


def _read(path: Path, fields: set[str]) -> tuple[pa.Table, pa.Table]:
    """The keys and some fields of a table, these under their own names."""
    import pyarrow.parquet as pq

    schema = pq.read_schema(path)
    keys = [name for name in ("record", "line", "site") if name in keys_of(schema.names) and name in schema.names]
    columns = {field: column for field, column in field_columns(schema).items() if field in fields}
    table = pq.read_table(path, columns=[*keys, *columns.values()], read_dictionary=["record", "site"])
    return table.select(keys), table.select(list(columns.values())).rename_columns(list(columns))


def _coded(cells: pa.ChunkedArray) -> pa.DictionaryArray:
    """A column of text as codes into its different texts."""
    import pyarrow as pa

    whole = cells.cast(pa.string()).dictionary_encode() if not pa.types.is_dictionary(cells.type) else cells
    combined = whole.unify_dictionaries().combine_chunks()
    return combined if isinstance(combined, pa.DictionaryArray) else combined.chunk(0) if combined.num_chunks else pa.array([], pa.string()).dictionary_encode()


def _files(folder: Path, source: str, dictionary: FlatDictionary | Project, *, alone: bool) -> list[tuple[str, Path]]:
    """The files of a source: one per form in a folder of its name (or beside each other), or a single one."""
    if isinstance(dictionary, Project):
        inner = folder / source if (folder / source).is_dir() else folder
        return [(form, inner / f"{form}.parquet") for form in dictionary.dictionary.forms if (inner / f"{form}.parquet").is_file()]
    own = folder / f"{source}.parquet"
    if not own.is_file() and alone and len(single := sorted(folder.glob("*.parquet"))) == 1:
        own = single[0]
    return [("", own)] if own.is_file() else []


def _sites(found: list[tuple[str, str, pa.Table]], codes: list[NDArray[np.int64]], records: int,
           named: tuple[str, str, str] | None) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The sites in order, and each record's: the first that a table says."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    pairs = []
    for (source, form, content), code in zip(found, codes, strict=True):
        column = "site" if named is None else named[2] if (source, form) == named[:2] else ""
        if column in content.column_names and not pa.types.is_floating(content.column(column).type):
            pairs.append((code, _coded(content.column(column))))
    site_of = np.full(records, NO_SITE, dtype=np.int64)
    names = sorted({name for _, cells in pairs for name in cells.dictionary.to_pylist() if name})
    for code, cells in reversed(pairs):
        places = pc.fill_null(pc.index_in(cells.dictionary, value_set=pa.array(names, type=pa.string())), NO_SITE)
        own = np.asarray(places, dtype=np.int64)[np.asarray(cells.indices)]
        known = np.flatnonzero(own != NO_SITE)[::-1]      # the first row of a record is written last
        site_of[code[known]] = own[known]
    return tuple(names), site_of


def _monitored(columns: tuple[Column, ...], keys: pa.Table, content: pa.Table) -> tuple[Column, ...]:
    """The columns that the table has in the type of their kind, without a number that is the record id."""
    import pyarrow as pa

    tests: dict[str, Any] = {"number": lambda kind: pa.types.is_floating(kind) or pa.types.is_integer(kind), "date": pa.types.is_timestamp, "other": lambda _: True}
    kept = [column for column in columns if column.name in content.column_names and tests[column.kind](content.column(column.name).type)]
    return tuple(column for column in kept if column.kind != "number" or not _is_record(keys, content, column.name))


def _is_record(keys: pa.Table, content: pa.Table, name: str) -> bool:
    """True if a number repeats the record id."""
    pairs = zip(keys.slice(0, 100).column("record").to_pylist(), content.slice(0, 100).column(name).to_pylist(), strict=True)
    return all(value is not None and str(record).lstrip("0") == format(value, ".17g") for record, value in pairs)
