"""A condition on the rows where everything that it looks at could be read: what is wrong in a cell is a finding on that cell, not on others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project, checkbox_column
from pacer_analysis.read.convert import BLANK, UNREADABLE, VALUE, Levels
from pacer_analysis.validate.lookup import Rows

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.logic import Expression
    from pacer_analysis.logic._columns import Column
    from pacer_analysis.read import Reading
    from pacer_analysis.read.tidy import Cells, Tidy

SPOILT = "a value that it needs cannot be read"
MARK = "1"


def judge(rows: Rows, table: Tidy, expression: Expression, today: dt.date | None) -> Column:
    """The value of an expression, not evaluable where a value that it looks at is unreadable or none of its field's choices."""
    result = rows.evaluate(table, expression, today)
    spoilt = spoilt_rows(rows, table, expression)
    return result if spoilt is None else replace(result, known=result.known & ~spoilt)


def why_not_judged(rows: Rows, table: Tidy, expression: Expression) -> str:
    """Why an expression could not be judged on some rows, in plain words."""
    spoilt = spoilt_rows(rows, table, expression)
    said = rows.reason(table, expression)
    return said if spoilt is None or not spoilt.any() else "; ".join(part for part in (said, SPOILT) if part)


def spoilt_rows(rows: Rows, table: Tidy, expression: Expression) -> NDArray[np.bool_] | None:
    """The rows on which a reference meets a value that cannot be read; None if there is no such value anywhere near."""
    import numpy as np

    names = {checkbox_column(each.field, each.code) if each.code else each.field for each in expression.references}
    here, there = _marked(rows), _marked(rows.linked) if rows.linked else {}
    if names.isdisjoint(here) and names.isdisjoint(there):
        return None
    shadow = _shadow(rows, here, there)
    mine = next((one for one, other in zip(shadow.reading.tables, rows.reading.tables, strict=True) if other is table), None)
    if mine is None:
        return None
    found = np.zeros(table.rows, dtype=bool)
    for reference in expression.references:
        column = shadow.resolve(mine, reference)
        if column is not None and column.levels is not None:
            found |= np.asarray(column.known & np.asarray(column.texts == MARK, dtype=bool))
    return found


def _marked(rows: Rows) -> dict[str, NDArray[np.bool_]]:
    """The columns with values that cannot be read, and which of their different texts those are; worked out once."""
    known: dict[str, NDArray[np.bool_]] | None = rows.cache.get("unreadable")
    if known is None:
        known = rows.cache["unreadable"] = {name: marks for each in rows.reading.tables for name, cells in each.fields.items()
                                            if (marks := _unreadable(rows.reading, cells)).any() and marks[cells.codes].any()}
    return known


def _unreadable(reading: Reading, cells: Cells) -> NDArray[np.bool_]:
    """The different texts that are no value of the field's type, or none of its choices."""
    import numpy as np

    marks = np.asarray(cells.levels.status == UNREADABLE)
    project = reading.dictionary
    field = project.dictionary.fields.get(cells.name) if isinstance(project, Project) else None
    codes = field.choices if field is not None and field.kind == "choice" and not field.lookup else project.fields[cells.name].codes if not isinstance(project, Project) and cells.name in project.fields else {}
    if codes and cells.kind == "choice":
        marks = marks | ((cells.levels.status == VALUE) & np.array([str(text) not in codes for text in cells.levels.typed], dtype=bool))
    return marks


def _shadow(rows: Rows, here: dict[str, NDArray[np.bool_]], there: dict[str, NDArray[np.bool_]]) -> Rows:
    """The same tables with a mark in place of each value that cannot be read, and blanks elsewhere."""
    known: Rows | None = rows.cache.get("shadow")
    if known is None:
        linked = Rows(_shadowed(rows.linked.reading, there)) if rows.linked else None
        known = rows.cache["shadow"] = Rows(_shadowed(rows.reading, here), linked)
    return known


def _shadowed(reading: Reading, marked: dict[str, NDArray[np.bool_]]) -> Reading:
    import numpy as np

    def cells_of(cells: Cells) -> Cells:
        marks = marked.get(cells.name, np.zeros(len(cells.levels.raw), dtype=bool))
        texts = np.where(marks, MARK, "").astype(object)
        status = np.where(marks, VALUE, BLANK).astype(np.int8)
        return replace(cells, kind="text", levels=Levels(texts, texts, status, np.ones(len(texts), dtype=bool)))

    return replace(reading, tables=tuple(replace(each, fields={name: cells_of(cells) for name, cells in each.fields.items()}) for each in reading.tables))
