"""What a reference means on a row of a tidy table: a field of the same row, of another row of the record, or of another source."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pacer_analysis.dictionary import Project, checkbox_column
from pacer_analysis.logic.smart import EVENTS, is_smart
from pacer_analysis.validate.described import missing_codes_of
from pacer_analysis.validate.indexed import Extremes, Index, extremes_of, index_of
from pacer_analysis.validate.layout import NOWHERE, ORDER_UNKNOWN, Layout
from pacer_analysis.validate.located import Standing, standing, target
from pacer_analysis.validate.smart import Found, smart_value
from pacer_analysis.validate.taken import as_column, at_rows, is_no_option, key_column, never_opened, option_beside, shown_as, texts_of, unticked
from pacer_analysis.validate.unresolved import why_not

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.logic import Expression, Reference
    from pacer_analysis.logic._columns import Column
    from pacer_analysis.read import Reading
    from pacer_analysis.read.tidy import Tidy

__all__ = ["Rows", "as_column"]


@dataclass(frozen=True)
class Rows:
    """The tables of a source, and those of the source that it links to, in which references are resolved.

    Without an event, a reference is to the same row, the same record's base row of the same event, or the same instance of what
    repeats there. With an event, or one relative to the row's, it is to the record's row of that event; with an instance, to that
    instance. What the project has no place for cannot be resolved; where there could be a row and is none, the value is blank.
    """

    reading: Reading
    linked: Rows | None = None
    cache: dict[Any, Any] = field(default_factory=dict)

    def evaluate(self, table: Tidy, expression: Expression, today: dt.date | None) -> Column:
        """The value of an expression on every row of a table; `today` may be a date, or a date and time for "now"."""
        from pacer_analysis.logic import evaluate

        codes = missing_codes_of(self.reading)
        return evaluate(expression, lambda reference: self.resolve(table, reference), today=today, rows=table.rows, codes=codes)

    def reason(self, table: Tidy, expression: Expression, today: dt.date | None = None) -> str:
        """Why an expression is not evaluable on some rows of a table, in plain words; '' if it is on all."""
        result = self.evaluate(table, expression, today)
        if result.known.all():
            return ""
        reasons: list[str] = []
        for reference in expression.references:
            found = self._find(table, reference)
            if found.column is None or bool((~found.column.known & ~result.known).any()):
                reasons.append(f"{reference}: {found.reason}")
        if today is None and expression.uses_today and not reasons:
            reasons.append("it depends on the day of evaluation")
        return "; ".join(dict.fromkeys(reasons))

    def resolve(self, table: Tidy, reference: Reference) -> Column | None:
        """The column of a reference on the rows of a table; None if no row can have it."""
        return self._find(table, reference).column

    @cached_property
    def layout(self) -> Layout:
        """Where the forms of the project can stand."""
        project = self.reading.dictionary
        if not isinstance(project, Project):
            raise TypeError("a flat source has no layout")
        return Layout(project, self.reading.events_known)

    def _find(self, table: Tidy, reference: Reference) -> Found:
        """The column of a reference, and why it is not known on some rows."""
        project = self.reading.dictionary
        redcap = isinstance(project, Project)
        if is_smart(reference.field):
            return smart_value(table, reference, self.layout if redcap else None, self._extremes)
        own = not reference.instance and (not reference.event or (reference.event == "event-name" and redcap))
        name = checkbox_column(reference.field, reference.code) if reference.code else reference.field
        if redcap and is_no_option(self.reading, reference):
            return Found(None, why_not(self.reading, reference))
        if own and name in table.fields:
            return self._shown(Found(self._column(table, name)), reference)
        if reference.field == self.reading.record and not reference.code:
            return Found(key_column(table.record))
        if redcap:
            return self._shown(self._other_row(table, self._standing(table), reference, name), reference)
        if not reference.event or self.linked is None:
            return Found(None, why_not(self.reading, reference))
        return self.linked._from_elsewhere(table, reference, name)

    def _from_elsewhere(self, table: Tidy, reference: Reference, name: str) -> Found:
        """A field of this source on the rows of a table of another source, matched by record."""
        import numpy as np

        if not isinstance(self.reading.dictionary, Project) or not self.reading.tables:
            return Found(None, "the linked source is no REDCap project")
        at = self.cache.get(("elsewhere", id(table)))
        if at is None:
            nowhere = np.full(table.rows, NOWHERE, dtype=np.int64)
            at = table, Standing("", self._records(table), nowhere, np.zeros(table.rows, dtype=np.int64), np.zeros(table.rows, dtype=bool))
            self.cache["elsewhere", id(table)] = at
        found = self._shown(self._other_row(table, at[1], reference, name), reference)
        if found.column is None or bool((at[1].record >= 0).all()):
            return found
        reason = "; ".join(part for part in (found.reason, "the record is not in the linked source") if part)
        return Found(replace(found.column, known=found.column.known & (at[1].record >= 0)), reason)

    def _records(self, table: Tidy) -> NDArray[np.int64]:
        """The number of every row's record among those of this source, NOWHERE for others."""
        import numpy as np
        import pandas as pd

        there, here = self.reading.tables[0].record.levels, table.record.levels
        if here is there:
            return np.asarray(table.record.codes, dtype=np.int64)
        return np.asarray(pd.Index(there).get_indexer(pd.Index(here))[table.record.codes], dtype=np.int64)

    def _standing(self, table: Tidy) -> Standing:
        """Where the rows of a table stand; worked out once. The table is kept, so that no other takes its place in memory."""
        known = self.cache.get(("standing", id(table)))
        if known is None:
            known = self.cache["standing", id(table)] = table, standing(table, self._records(table), self.layout)
        found: Standing = known[1]
        return found

    def _other_row(self, table: Tidy, at: Standing, reference: Reference, name: str) -> Found:
        """The field's value on another row of the same record."""
        import numpy as np

        from pacer_analysis.logic._columns import always

        other = self._owners.get(name)
        if other is None:
            beside = option_beside(self.reading, self._owners, reference)
            return unticked(self._other_row(table, at, reference, beside)) if beside else Found(None, why_not(self.reading, reference))
        if reference.event and reference.event not in EVENTS and self.layout.place(reference.event) == NOWHERE:
            return Found(None, self.layout.why_no_event(reference.event))
        if not self.layout.known and reference.event in EVENTS - {"event-name"}:
            return Found(None, ORDER_UNKNOWN)
        key = id(table), other.form, reference.event, reference.instance
        known = self.cache.get(("rows", *key))
        if known is None:
            found = target(self.layout, at, reference, other.form, self._repeating(other), self._extremes(other.form))
            rows = self._index(other).find(at.record, found.event, found.instance, found.repeated)
            # Of a base row that the export has, on which nobody opened the form, the table has none: its boxes and its status are 0 there.
            closed = (rows < 0) & ~found.repeated & (self._base.find(at.record, found.event, found.instance, np.zeros(table.rows, dtype=bool)) >= 0)
            sure = always(table.rows) if found.known.all() else found.known
            known = self.cache["rows", *key] = table, rows.astype(np.int32), closed if closed.any() else None, sure, found.reason
        _, places, zero, sure, reason = known
        column = at_rows(self._column(other, name), places, sure)
        if zero is not None and (other.fields[name].kind == "checkbox" or name == f"{other.form}_complete"):
            column = never_opened(column, zero)
        return Found(column, reason)

    @cached_property
    def _owners(self) -> dict[str, Tidy]:
        """The table of each column."""
        return {name: table for table in reversed(self.reading.tables) for name in table.fields}

    def _repeating(self, table: Tidy) -> NDArray[np.bool_]:
        """In which events a form repeats: by the project, or by rows that say so."""
        import numpy as np

        repeats = self.layout.form_repeats(table.form)
        at = self._standing(table)
        seen = np.unique(at.event[at.repeated])
        repeats[seen[seen >= 0]] = True
        return repeats

    def _index(self, table: Tidy) -> Index:
        """The rows of a table by their keys; the base row of an event that does not repeat has no instance, whatever the export wrote."""
        import numpy as np

        known = self.cache.get(("index", table.form))
        if known is None:
            at = self._standing(table)
            alone = ~at.repeated & ~np.append(self.layout.event_repeats, False)[at.event]
            known = index_of(len(self.layout.names), at.record, at.event, np.where(alone, 0, at.instance), at.repeated)
            self.cache["index", table.form] = known
        index: Index = known
        return index

    @cached_property
    def _base(self) -> Index:
        """The base rows of every table: those that the export has, as far as any form was opened on them."""
        import numpy as np

        parts = [(self._index(table), table) for table in self.reading.tables]
        kept = [(index.rows, self._standing(table)) for index, table in parts]
        kept = [(rows[~at.repeated[rows]], at) for rows, at in kept]
        record, event, instance = (np.concatenate([getattr(at, name)[rows] for rows, at in kept]) for name in ("record", "event", "instance"))
        instance = np.where(self.layout.event_repeats[event], instance, 0)
        return index_of(len(self.layout.names), record, event, instance, np.zeros(len(record), dtype=bool))

    def _extremes(self, form: str) -> Extremes:
        """The lowest and highest instances of a repeating form, and of the repeating events, by record and event."""
        import numpy as np

        known = self.cache.get(("extremes", form))
        if known is None:
            parts = [(at, at.repeated) for at in (self._standing(table) for table in self.reading.tables if table.form == form)]
            whole = np.append(self.layout.event_repeats, False)
            parts += [(at, ~at.repeated & whole[at.event]) for at in map(self._standing, self.reading.tables)]
            record, event, instance = (
                np.concatenate([getattr(at, name)[rows] for at, rows in parts] or [np.zeros(0, dtype=np.int64)]) for name in ("record", "event", "instance")
            )
            known = self.cache["extremes", form] = extremes_of(len(self.layout.names), record, event, instance)
        extremes: Extremes = known
        return extremes

    def _column(self, table: Tidy, name: str) -> Column:
        """A field as the expression language takes it; its texts are made once."""
        cells = table.fields[name]
        known = self.cache.get(("texts", id(cells.levels)))
        if known is None:
            project = self.reading.dictionary
            known = self.cache["texts", id(cells.levels)] = cells.levels, texts_of(cells, project.dictionary.fields.get(name) if isinstance(project, Project) else None)
        return as_column(cells, known[1])

    def _shown(self, found: Found, reference: Reference) -> Found:
        return found if not reference.show or found.column is None else shown_as(self.reading, found, reference)
