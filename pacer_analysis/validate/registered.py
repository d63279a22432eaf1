"""Records that have rows, but not the form that every record begins with: a record id that was mistyped, or a row that was lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project
from pacer_analysis.validate.described import Described
from pacer_analysis.validate.record_dates import event_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.plan import Plan
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

RULE = "without_first_form"
# Without a plan: a form of the first event that nearly all of so many records have.
NEARLY_ALL, ENOUGH = 0.95, 20
ACTION = "look for the record under another id, or enter the form"


def check_participants(ledger: Ledger, plan: Plan, rows: Mapping[str, Rows]) -> None:
    """A finding on each record of the participants' project without their own form."""
    people = plan.participants
    source = rows.get(people.source)
    table = None if source is None else next((each for each in source.reading.tables if each.form == people.form and each.form), None)
    if source is None or table is None:
        return
    has = _records(source.reading.tables)
    _report(ledger, has, has.of(table, people.event), "error", f"The record has rows, but no {people.form} form{f' in {people.event}' if people.event else ''}: it is nobody the plan knows.")


def check_usual(ledger: Ledger, rows: Rows) -> None:
    """A finding on each record without the form of the project's first event that at least 95 of 100 records have."""
    # ASSUME: of several such forms the one that most records have is the one that each record begins with; projects of fewer than 20 records are not judged.
    project, tables = rows.reading.dictionary, [table for table in rows.reading.tables if table.form]
    if not isinstance(project, Project) or not tables:
        return
    event = next(iter(project.mapping), "")
    offered = set(project.mapping.get(event, ()))
    has = _records(rows.reading.tables)
    known = [(has.of(table, event), table.form) for table in tables if table.form in offered and not project.repeats(event, table.form) and not project.event_repeats(event)]
    if not known or len(has.every) < ENOUGH:
        return
    most, form = max(known, key=lambda each: int(each[0].sum()))
    if not most.all() and most.mean() >= NEARLY_ALL:
        _report(ledger, has, most, "warning", f"The record has no {form} form, which nearly all records have.")


@dataclass(frozen=True, slots=True)
class Records:
    """The records of some tables, by a number that the tables share; `every` are those that have rows."""

    tables: tuple[Tidy, ...]
    numbers: dict[int, NDArray[np.intp]]
    every: NDArray[np.intp]
    known: int

    def of_rows(self, table: Tidy) -> NDArray[np.intp]:
        """The number of the record of every row."""
        import numpy as np

        return np.asarray(self.numbers[id(table.record.levels)][table.record.codes], dtype=np.intp)

    def of(self, table: Tidy, event: str) -> NDArray[np.bool_]:
        """Of every record that has rows, whether the table has one of it in an event."""
        import numpy as np

        found = np.zeros(self.known, dtype=bool)
        found[self.of_rows(table)[event_rows(table, event)]] = True
        return np.asarray(found[self.every])


def _records(tables: tuple[Tidy, ...]) -> Records:
    """The records of the tables, which mostly share their levels."""
    import numpy as np
    import pandas as pd

    levels = {id(table.record.levels): table.record.levels.astype(str) for table in tables}
    known = pd.Index(list(dict.fromkeys(str(level) for each in levels.values() for level in each)))
    numbers = {name: known.get_indexer(pd.Index(each)) for name, each in levels.items()}
    there = np.zeros(len(known), dtype=bool)
    for table in tables:
        there[numbers[id(table.record.levels)][table.record.codes]] = True
    return Records(tables, numbers, np.flatnonzero(there), len(known))


def _report(ledger: Ledger, records: Records, has: NDArray[np.bool_], severity: str, message: str) -> None:
    """A finding on the first row of each record that lacks the form."""
    import numpy as np

    ledger.count(RULE, severity, evaluated=len(has))
    lacking = np.zeros(records.known, dtype=bool)
    lacking[records.every[~has]] = True
    if not lacking.any():
        return
    first = np.full(len(lacking), np.iinfo(np.int64).max)
    for table in records.tables:
        np.minimum.at(first, records.of_rows(table), table.line)
    for table in records.tables:
        numbers = records.of_rows(table)
        rows = np.flatnonzero(lacking[numbers] & (table.line == first[numbers]))
        ledger.fail(RULE, severity, table, rows, Described(""), message, ACTION)
        lacking[numbers[rows]] = False
