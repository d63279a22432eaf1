"""One date for each record: of an origin, or of the first time that something happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.logic import LogicError, parse

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.plan import EventRule, FieldRef
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.lookup import Rows


@dataclass(frozen=True, slots=True)
class RecordDates:
    """Records, and the day of each, NaT where there is none."""

    records: NDArray[np.object_]
    days: NDArray[np.datetime64]

    def on(self, table: Tidy) -> NDArray[np.datetime64]:
        """The day of the record of every row of a table, of any source."""
        import numpy as np
        import pandas as pd

        place = pd.Index(self.records.astype(str)).get_indexer(pd.Index(table.record.levels.astype(str)))
        return np.asarray(np.append(self.days, np.datetime64("NaT", "D"))[place][table.record.codes])      # -1, an unknown record, is the last


def origin_dates(rows: Mapping[str, Rows], origin: FieldRef) -> RecordDates | None:
    """The date that an origin names, of every record; None if it was not read."""
    table = _table(rows, origin.source, origin.form, origin.field)
    return None if table is None else _first(table, origin.field, event_rows(table, origin.event))


def event_dates(rows: Mapping[str, Rows], event: EventRule, day: dt.date) -> RecordDates | None:
    """The first date on which an event happened to each record; None if that cannot be said of the sources read."""
    table = _table(rows, event.source, event.form, event.date)
    if table is None:
        return None
    happened = happens(rows, table, event, day)
    return None if happened is None else _first(table, event.date, happened)


def happens(rows: Mapping[str, Rows], table: Tidy, event: EventRule, day: dt.date) -> NDArray[np.bool_] | None:
    """The rows of a table on which an event happened; None if its condition cannot be read."""
    import numpy as np

    if not event.when:
        return np.ones(table.rows, dtype=bool)
    try:
        result = rows[event.source].evaluate(table, parse(event.when), day)
    except LogicError:
        return None
    return np.asarray(result.known & result.value, dtype=bool)


def event_rows(table: Tidy, event: str) -> NDArray[np.bool_]:
    """The rows of one event, all of them if none is named."""
    import numpy as np

    if not event:
        return np.ones(table.rows, dtype=bool)
    return np.array([level == event for level in table.event.levels], dtype=bool)[table.event.codes]


def days_of(table: Tidy, field: str) -> NDArray[np.datetime64] | None:
    """The days of a date field on every row; None if it is none."""
    import numpy as np

    if field not in table.fields or table.fields[field].levels.typed.dtype.kind != "M":
        return None
    return np.asarray(table.fields[field].levels.typed.astype("datetime64[D]")[table.fields[field].codes])


def _table(rows: Mapping[str, Rows], source: str, form: str, field: str) -> Tidy | None:
    tables = rows[source].reading.tables if source in rows else ()
    return next((table for table in tables if table.form == form and days_of(table, field) is not None), None)


def _first(table: Tidy, field: str, chosen: NDArray[np.bool_]) -> RecordDates:
    """The earliest day of each record on the rows chosen."""
    import numpy as np

    days = table.fields[field].levels.typed.astype("datetime64[D]")[table.fields[field].codes]
    first = np.full(len(table.record.levels), np.datetime64("NaT", "D"))
    np.fmin.at(first, table.record.codes[chosen], days[chosen])
    return RecordDates(table.record.levels, first)
