"""The differences between two folders, table by table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pacer_analysis.compare.folders import read_table
from pacer_analysis.compare.matched import Matched, fields_of, has_form, key_of, match_rows
from pacer_analysis.compare.texts import texts
from pacer_analysis.validate.queries import MASK

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from pacer_analysis.compare.folders import About, Results

ADDED, CHANGED, REMOVED = "value added", "value changed", "value removed"
ROW_ADDED, ROW_REMOVED = "row added", "row removed"
RECORD_ADDED, RECORD_REMOVED = "record added", "record removed"
Change = tuple[str, str, str, str, str, str, str, str]      # record, event, instrument, instance, field, change, old, new


@dataclass(slots=True)
class TableChanges:
    """One table: rows and records in either folder, columns that only one has, and the values that differ by field."""

    name: str
    rows: tuple[int, int]
    records: tuple[int, int]
    rows_added: int = 0
    rows_removed: int = 0
    records_added: int = 0
    records_removed: int = 0
    columns_added: list[str] = field(default_factory=list)
    columns_removed: list[str] = field(default_factory=list)
    values: dict[str, Counter[str]] = field(default_factory=dict)
    by_content: int = 0
    present: tuple[bool, bool] = (True, True)

    def count(self, change: str) -> int:
        """How many values differ in one of the three ways."""
        return sum(counts[change] for counts in self.values.values())


@dataclass(slots=True)
class Found:
    """Everything that differs: by table, over all records, and one by one; `blind` if identifiers are unknown, so that no value is shown."""

    tables: list[TableChanges]
    records: tuple[int, int]
    records_added: int
    records_removed: int
    changes: list[Change]
    blind: bool


def compare_tables(first: Results, second: Results) -> Found:
    """What differs between the tables of two folders, in the order of record, instrument, event, instance and field."""
    everybody = [set[str](), set[str]()]
    known = [_records(results) for results in (first, second)]
    for side in (0, 1):
        everybody[side].update(*known[side].values())
    blind = first.fields is None or second.fields is None
    new, lost = everybody[1] - everybody[0], everybody[0] - everybody[1]
    changes: list[Change] = [(record, "", "", "", "", RECORD_ADDED, "", "") for record in new] + [(record, "", "", "", "", RECORD_REMOVED, "", "") for record in lost]
    tables = []
    for name in sorted({*first.tables, *second.tables}):
        table = _table(first, second, name, changes, new | lost, blind=blind)
        here, there = (side.get(name, set()) for side in known)
        table.records, table.records_added, table.records_removed = (len(here), len(there)), len(there - here), len(here - there)
        tables.append(table)
    changes.sort(key=lambda change: (change[0], change[2], change[1], change[3].zfill(8), change[4], change[5]))
    return Found(tables, (len(everybody[0]), len(everybody[1])), len(new), len(lost), changes, blind)


def _records(results: Results) -> dict[str, set[str]]:
    return {name: set(read_table(path, ["record"]).column("record").unique().to_pylist()) for name, path in results.tables.items()}


def _table(first: Results, second: Results, name: str, changes: list[Change], elsewhere: set[str], *, blind: bool) -> TableChanges:
    """The differences of one table; the rows of records that are wholly new or gone are counted, not listed."""
    one, two = (read_table(side.tables[name]) if name in side.tables else None for side in (first, second))
    about = {**first.about(name), **second.about(name)}
    about |= {field: each for field, each in first.about(name).items() if each.identifier}      # an identifier in either is masked
    if one is None or two is None:
        table = two if one is None else one
        assert table is not None
        size = table.num_rows
        return TableChanges(name, (0, size) if one is None else (size, 0), (0, 0), size if one is None else 0, 0 if one is None else size, present=(one is not None, two is not None))
    key = key_of(two, about)
    matched = match_rows(one, two, key, about)
    found = TableChanges(name, (one.num_rows, two.num_rows), (0, 0), len(matched.added), len(matched.removed), by_content=matched.by_content)
    field_of = {column: about[column].field if column in about else column for column in (*one.column_names, *two.column_names)}
    found.columns_added = [field_of[column] for column in fields_of(two) if column not in one.column_names]
    found.columns_removed = [field_of[column] for column in fields_of(one) if column not in two.column_names]
    for table, rows, change in ((two, matched.added, ROW_ADDED), (one, matched.removed, ROW_REMOVED)):
        changes += [(*place, "", change, "", "") for place in _places(name, table, rows, key, about, blind=blind) if place[0] not in elsewhere]
    for column in (column for column in fields_of(two) if column in one.column_names):
        rows, old, new = _differing(one, two, matched, column, about.get(column), first.raw.get((name, field_of[column]), {}), second.raw.get((name, field_of[column]), {}))
        if not len(rows):
            continue
        kinds = [ADDED if not before.strip() else REMOVED if not after.strip() else CHANGED for before, after in zip(old, new, strict=True)]
        found.values[field_of[column]] = Counter(kinds)
        hidden = blind or (column in about and about[column].identifier)
        for place, kind, before, after in zip(_places(name, two, rows, key, about, blind=blind), kinds, old, new, strict=True):
            changes.append((*place, field_of[column], kind, _shown(before, hidden=hidden), _shown(after, hidden=hidden)))
    return found


def _differing(one: pa.Table, two: pa.Table, matched: Matched, column: str, about: About | None, raw_one: dict[int, str],
               raw_two: dict[int, str]) -> tuple[NDArray[np.intp], list[str], list[str]]:
    """The rows of the second table whose text of a column is not that of their counterpart, with the two texts."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = about.kind if about else ""
    left, right = one.column(column).take(pa.array(matched.first)), two.column(column).take(pa.array(matched.second))
    if left.type == right.type:
        unequal = pc.or_(pc.fill_null(pc.not_equal(left, right), fill_value=False), pc.xor(left.is_null(), right.is_null()))
        suspect = np.flatnonzero(unequal.to_numpy())
    else:
        suspect = np.arange(len(left))
    lines = [table.column("line").to_numpy()[rows] for table, rows in ((one, matched.first), (two, matched.second))]
    for raw, numbers in zip((raw_one, raw_two), lines, strict=True):
        if raw:
            suspect = np.union1d(suspect, np.flatnonzero(np.isin(numbers, np.fromiter(raw, dtype=np.int64))))
    if not len(suspect):
        return suspect.astype(np.intp), [], []
    pick = pa.array(suspect)
    old = [raw_one.get(int(line), text) for line, text in zip(lines[0][suspect], texts(left.take(pick), kind), strict=True)]
    new = [raw_two.get(int(line), text) for line, text in zip(lines[1][suspect], texts(right.take(pick), kind), strict=True)]
    kept = [place for place, (before, after) in enumerate(zip(old, new, strict=True)) if before != after and (before.strip() or after.strip())]
    return matched.second[suspect[kept]], [old[place] for place in kept], [new[place] for place in kept]


def _places(name: str, table: pa.Table, rows: NDArray[np.intp], key: list[str], about: dict[str, About], *, blind: bool) -> Iterator[tuple[str, str, str, str]]:
    """Record, event, instrument and instance of rows, as the list of queries has them; an identifier in the key is masked."""
    import pyarrow as pa

    pick = pa.array(rows)
    records: list[Any] = table.column("record").take(pick).to_pylist()
    if has_form(table):
        columns = [table.column(column).take(pick).to_pylist() for column in ("event", "instrument", "instance")]
        for record, event, instrument, instance in zip(records, *columns, strict=True):
            yield record, event, instrument, str(instance) if instance else ""
        return
    parts = [[MASK] * len(rows) if blind or about[column].identifier else list(texts(table.column(column).take(pick), about[column].kind)) for column in key[1:]]
    for place, record in enumerate(records):
        yield record, "", name, "/".join(part[place] for part in parts)


def _shown(text: str, *, hidden: bool) -> str:
    return MASK if hidden and text.strip() else text
