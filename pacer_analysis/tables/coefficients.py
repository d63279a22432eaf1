"""Coefficients of the covariates of adjusted models: shown to judge the adjustment, never as effects, and without p-values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.tables import cells, labels, numbers, wording
from pacer_analysis.tables.effects import is_coefficient
from pacer_analysis.tables.model import Column, Row, Table
from pacer_analysis.tables.printing import difference, limits, warranted
from pacer_analysis.tables.selection import has_number, notes_in_common

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacer_analysis.plan import Analysis
    from pacer_analysis.tables.labels import Names
    from pacer_analysis.tables.selection import Results

TITLE = "Model coefficients (adjustment only)"


def build(results: Results, names: Names, analyses: Sequence[Analysis], number: str) -> Table | None:
    """One row per coefficient, under the analysis that it adjusts; None if no model reports any."""
    notes = cells.Notes()
    body: list[Row] = []
    shown, remarks = [], []
    for analysis in analyses:
        rows, shared = notes_in_common([row for row in results.of(analysis.id) if is_coefficient(row, names)])
        if not any(has_number(row) for row in rows):
            continue
        shown.append(analysis)
        remarks += [wording.remark(text, names) for text in shared]
        body.append(Row(f"{analysis.label}: {labels.measure(rows[0].measure).lower()}", heading=True))
        for row in rows:
            if row.estimate is None:
                body.append(Row(names.term(row.term), (cells.noted(row, notes), cells.NONE), level=1))
                continue
            interval = limits(row, warranted(rows))
            body.append(Row(names.term(row.term), (cells.number([(row, difference(row, warranted(rows)))], notes),
                                                   cells.number([(row, interval)], cells.Notes()) if interval else cells.NONE), level=1))
    if not body:
        return None
    level = next((row.level for row in results.of(*(entry.id for entry in shown)) if row.level is not None), None)
    first = shown[0]
    size = results.size(first.population)
    return cells.table(key=f"{first.id}-coefficients", number=number, title=TITLE,
                       population=names.populations.get(first.population, first.population), size=numbers.count(size) if size is not None else "", stub="",
                       columns=[Column("Estimate"), Column(numbers.level(level))], rows=body, notes=notes,
                       plain_notes=["Coefficients of the covariates: they serve the adjustment, are no effects, and are not to be interpreted one by one", *remarks],
                       source=f"SAP {first.sap}")
