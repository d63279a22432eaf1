"""Rules that depend on whether a field is shown: required and blank, hidden and filled, calculated and different."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.logic import Expression, LogicError, parse
from pacer_analysis.read.convert import BLANK, MISSING, UNREADABLE
from pacer_analysis.read.notes import Note

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

CLOSE = 1e-6
BRANCHING_UNKNOWN = "the branching logic refers to what this row cannot see"


def check_shown(ledger: Ledger, rows: Rows, table: Tidy, fields: dict[str, Described]) -> None:
    """Findings of required, hidden and calculated fields of a table."""
    import numpy as np

    for field in fields.values():
        columns = [name for name in field.columns if name in table.fields]
        if not columns:
            continue
        filled = np.zeros(table.rows, dtype=bool)
        for name in columns:
            cells = table.fields[name]
            # An unticked box is exported as 0: it is no answer.
            level = (cells.levels.status != BLANK) & (cells.levels.typed != "0") if field.kind == "checkbox" else cells.levels.status != BLANK
            filled |= level[cells.codes]
        shown, known = _shown(ledger, rows, table, field)
        unknown = np.flatnonzero(~known)
        if field.required:
            ledger.count("required", "warning", evaluated=int((shown & known).sum()))
            ledger.fail(
                "required",
                "warning",
                table,
                np.flatnonzero(shown & known & ~filled),
                field,
                "A required field is blank.",
                "enter the value, or a missing-data code that says why",
            )
            ledger.cannot("required", "warning", table, field.name, unknown, BRANCHING_UNKNOWN)
        if field.branching:
            ledger.count("hidden", "warning", evaluated=int((~shown & known).sum()))
            ledger.fail(
                "hidden",
                "warning",
                table,
                np.flatnonzero(~shown & known & filled),
                field,
                f"The field should be empty: it is shown only if {_plain(field.branching)}.",
                "empty the field, or correct the answer on which it depends",
            )
            ledger.cannot("hidden", "warning", table, field.name, unknown, BRANCHING_UNKNOWN)
        if field.calculation:
            _calculation(ledger, rows, table, field, shown & known)


def _shown(ledger: Ledger, rows: Rows, table: Tidy, field: Described) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where a field is shown, and where that can be said."""
    import numpy as np

    every = np.ones(table.rows, dtype=bool)
    if not field.branching:
        return every, every
    expression = _parsed(ledger, table, field, field.branching, "branching logic")
    if expression is None:
        return ~every, ~every
    result = rows.evaluate(table, expression, None)
    return result.value, result.known


def _calculation(ledger: Ledger, rows: Rows, table: Tidy, field: Described, shown: NDArray[np.bool_]) -> None:
    """The stored value of a calculation against the value computed now."""
    import numpy as np

    everywhere = np.arange(table.rows)
    expression = _parsed(ledger, table, field, field.calculation, "calculation")
    if expression is None or expression.uses_today:
        reason = "the calculation cannot be read" if expression is None else "the calculation depends on the day of entry"
        ledger.cannot("calculation", "warning", table, field.name, everywhere, reason)
        return
    result = rows.evaluate(table, expression, None)
    cells = table.fields[field.name]
    judged = shown & result.known & ~np.isin(cells.status, (MISSING, UNREADABLE))
    stored, computed = cells.typed, result.numbers
    with np.errstate(invalid="ignore"):
        same = (np.isnan(stored) & np.isnan(computed)) | (np.abs(stored - computed) <= CLOSE * np.maximum(1.0, np.abs(computed)))
    ledger.count("calculation", "warning", evaluated=int(judged.sum()))
    ledger.fail(
        "calculation",
        "warning",
        table,
        np.flatnonzero(judged & ~same),
        field,
        f"The stored value is not the one that its fields give: {_plain(field.calculation)}.",
        "save the form again so that REDCap recalculates it",
    )
    ledger.cannot("calculation", "warning", table, field.name, np.flatnonzero(~result.known), "the calculation refers to what this row cannot see")


def _parsed(ledger: Ledger, table: Tidy, field: Described, text: str, what: str) -> Expression | None:
    """The expression, or a finding on the dictionary if it cannot be read."""
    try:
        return parse(text)
    except LogicError as problem:
        ledger.note(
            table.source,
            Note("dictionary", "warning", field.name, f"The {what} cannot be read: {problem.what}.", "correct it in the dictionary", table.form, field.line),
        )
        return None


def _plain(logic: str) -> str:
    """An expression on one line."""
    return " ".join(logic.split())
