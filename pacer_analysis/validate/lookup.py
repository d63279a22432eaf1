"""What `[field]` and `[event][field]` mean on a row of a tidy table."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pacer_analysis.dictionary import Project, checkbox_column

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.logic import Expression, Reference
    from pacer_analysis.logic._columns import Column
    from pacer_analysis.read import Reading
    from pacer_analysis.read.tidy import Cells, Coded, Tidy


@dataclass(frozen=True)
class Rows:
    """The tables of a source, and those of the source that it links to, in which references are resolved.

    Without an event, a reference is to the same row; in a REDCap source also to the base row of the same record and event
    (the same instance, if the event repeats). With an event it is to the record's base row of that event. Where the form
    cannot exist or repeats, the reference cannot be resolved; where it could exist but has no row, the value is blank.
    """

    reading: Reading
    linked: Rows | None = None
    cache: dict[Any, Any] = field(default_factory=dict)

    def evaluate(self, table: Tidy, expression: Expression, today: dt.date | None) -> Column:
        """The value of an expression on every row of a table."""
        from pacer_analysis.logic import evaluate

        return evaluate(expression, lambda reference: self.resolve(table, reference), today=today, rows=table.rows)

    def resolve(self, table: Tidy, reference: Reference) -> Column | None:
        """The column of a reference on the rows of a table; None if no row can have it."""
        if reference.instance:
            return None
        name = checkbox_column(reference.field, reference.code) if reference.code else reference.field
        project = self.reading.dictionary
        if not reference.event:
            if name in table.fields:
                return self._column(table, name)
            own = _key_column(table, name, self.reading.record)
            if own is not None:
                return own
        if not isinstance(project, Project):
            return self.linked.from_elsewhere(table, reference.event, name) if reference.event and self.linked else None
        return self._other_row(table, project, reference.event, name)

    def from_elsewhere(self, table: Tidy, event: str, name: str) -> Column | None:
        """A field of this source on the rows of a table of another source, matched by record."""
        import pandas as pd

        project = self.reading.dictionary
        if not isinstance(project, Project) or not self.reading.tables:
            return None
        there = self.reading.tables[0].record.levels
        record = pd.Index(there).get_indexer(pd.Index(table.record.levels))[table.record.codes]
        column = self._other_row(replace(table, record=replace(table.record, codes=record.astype("int32"))), project, event, name)
        return None if column is None else replace(column, known=column.known & (record >= 0))

    def _other_row(self, table: Tidy, project: Project, event: str, name: str) -> Column | None:
        """The field's value on the base row of the same record, in the same event or the one named."""
        import numpy as np

        other = next((each for each in self.reading.tables if name in each.fields), None)
        if other is None or (event and event not in project.mapping):
            return None
        names = list(project.mapping)
        single = np.array([other.form in forms and not project.repeats(each, other.form) for each, forms in project.mapping.items()], dtype=bool)
        again = np.array([project.event_repeats(each) for each in names], dtype=bool)
        if event:
            place = names.index(event)
            if not single[place] or again[place]:
                return None
            events, known = np.full(table.rows, place, dtype=np.int64), np.ones(table.rows, dtype=bool)
            instances = np.zeros(table.rows, dtype=np.int64)
        else:
            events = table.event.codes.astype(np.int64)
            known = single[events]
            instances = np.where(again[events], table.instance, 0)
        return _at(self._column(other, name), self._position(other, table.record.codes, events, instances), known)

    def _position(self, other: Tidy, record: NDArray[np.int32], event: NDArray[np.int64], instance: NDArray[np.int64]) -> NDArray[np.intp]:
        """The base row of a table for each key, -1 where there is none."""
        import numpy as np

        widest = 1 + max(int(other.instance.max(initial=0)), int(instance.max(initial=0)))
        events = len(other.event.levels) + 1

        def key(records: NDArray[np.int32], at: NDArray[Any], number: NDArray[np.int64]) -> NDArray[np.int64]:
            return np.asarray((records.astype(np.int64) * events + at) * widest + number)

        found = self.cache.get((other.form, widest))
        if found is None:
            base = np.flatnonzero(~other.repeated)
            keys = key(other.record.codes[base], other.event.codes[base], other.instance[base])
            order = np.argsort(keys, kind="stable")
            found = self.cache[other.form, widest] = keys[order], base[order]
        keys, rows = found      # sorted keys, and the row of each
        if not len(keys):
            return np.full(len(record), -1, dtype=np.intp)
        wanted = key(record, event, instance)
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where((keys[place] == wanted) & (record >= 0), rows[place], -1).astype(np.intp)

    def _column(self, table: Tidy, name: str) -> Column:
        """A field as the expression language takes it; made once."""
        known = self.cache.get(("column", table.form, name))
        if known is None:
            known = self.cache["column", table.form, name] = as_column(table.fields[name])
        column: Column = known
        return column


def as_column(cells: Cells) -> Column:
    """Cells as a column of the expression language; unreadable and missing values are blank."""
    import numpy as np

    from pacer_analysis.logic._columns import Column

    every = np.ones(len(cells.codes), dtype=bool)
    typed = cells.levels.typed
    if typed.dtype == object:
        return Column("text", cells.codes, every, typed)
    return Column("date" if typed.dtype.kind == "M" else "number", cells.typed, every)


def _at(column: Column, rows: NDArray[np.intp], known: NDArray[np.bool_]) -> Column:
    """The column on other rows; blank where there is no row."""
    import numpy as np

    from pacer_analysis.logic._columns import Column

    absent = rows < 0
    place = np.where(absent, 0, rows)
    if column.levels is not None:
        data = np.where(absent, len(column.levels), column.data[place] if len(column) else 0)
        return Column("text", data, known, np.append(column.levels, ""))
    blank: Any = np.datetime64("NaT", "ns") if column.kind == "date" else np.nan
    return Column(column.kind, np.where(absent, blank, column.data[place] if len(column) else blank), known)


def _key_column(table: Tidy, name: str, record: str) -> Column | None:
    """The record id and REDCap's `[event-name]` and `[record-name]`."""
    import numpy as np

    from pacer_analysis.logic._columns import Column

    keys: dict[str, Coded] = {record: table.record, "record-name": table.record}
    if table.form:
        keys["event-name"] = table.event
    if name not in keys:
        return None
    return Column("text", keys[name].codes, np.ones(table.rows, dtype=bool), keys[name].levels)
