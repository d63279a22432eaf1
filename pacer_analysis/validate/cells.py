"""Rules on single cells: readable by type, one of the choices, within the range. Applied once to each different text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pacer_analysis.logic import LogicError, parse
from pacer_analysis.read.convert import BLANK, MISSING, UNREADABLE, VALUE, convert
from pacer_analysis.read.notes import Note
from pacer_analysis.validate.described import option
from pacer_analysis.validate.summed_up import fail_cells

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.tidy import Cells, Tidy
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

EXPECTED = {"date": "a date as YYYY-MM-DD", "datetime": "a date and time as YYYY-MM-DD HH:MM", "time": "a time as HH:MM", "integer": "a whole number",
            "number": "a number", "comma_number": "a number with a decimal comma"}
DYNAMIC = re.compile(r"\[.+\]|today|now", re.IGNORECASE)
RANGED = frozenset(EXPECTED)


def check_cells(ledger: Ledger, rows: Rows, table: Tidy, fields: dict[str, Described], day: dt.date) -> None:
    """Type, choice, missing-code and range findings of a table; `day` is what "today" in a range means."""
    import numpy as np

    for field in fields.values():
        for name in field.columns:
            if name not in table.fields:
                continue
            cells = table.fields[name]
            about = option(field, name) if field.kind == "checkbox" else field
            status, used = cells.levels.status, np.bincount(cells.codes, minlength=len(cells.levels.raw))
            ledger.count("missing_code", "info", evaluated=int(used[status != BLANK].sum()))
            ledger.fail(
                "missing_code",
                "info",
                table,
                cells.where(status == MISSING),
                about,
                "A missing-data code stands for the value.",
                "none, or enter the value if it is known now",
            )
            if field.kind in EXPECTED:
                ledger.count("type", "error", evaluated=int(used[(status == VALUE) | (status == UNREADABLE)].sum()))
                fail_cells(
                    ledger,
                    "type",
                    "error",
                    table,
                    cells,
                    status == UNREADABLE,
                    about,
                    f"The value is not {EXPECTED[field.kind]}.",
                    "correct the value at its source",
                )
            if field.choices:
                _choice(ledger, table, cells, about, used)
            if field.kind in RANGED and (field.minimum or field.maximum):
                _range(ledger, rows, table, cells, about, day)


def _choice(ledger: Ledger, table: Tidy, cells: Cells, field: Described, used: NDArray[np.intp]) -> None:
    """A value that is none of the codes."""
    import numpy as np

    codes = dict(field.choices)
    value = cells.levels.status == VALUE
    strange = value & np.array([text not in codes for text in cells.levels.typed], dtype=bool)
    allowed = ", ".join(f"{code} = {label}" for code, label in field.choices[:12]) + (" ..." if len(field.choices) > 12 else "")
    ledger.count("choice", "error", evaluated=int(used[value].sum()))
    fail_cells(
        ledger,
        "choice",
        "error",
        table,
        cells,
        strange,
        field,
        f"The value is none of the codes: {allowed}.",
        "choose one of the codes, or update the dictionary",
    )


def _range(ledger: Ledger, rows: Rows, table: Tidy, cells: Cells, field: Described, day: dt.date) -> None:
    """A value outside its range: admissible, hence a warning, unless the dictionary enforces the range."""
    import numpy as np

    severity = "error" if field.hard else "warning"
    outside = np.zeros(table.rows, dtype=bool)
    judged = np.zeros(table.rows, dtype=bool)
    value = cells.status == VALUE
    for bound, below in ((field.minimum, True), (field.maximum, False)):
        if not bound:
            continue
        beyond, known = _beyond(rows, table, cells, bound, day, below=below)
        if known is None:
            ledger.note(
                table.source,
                Note(
                    "dictionary",
                    "warning",
                    field.name,
                    f"The {'lower' if below else 'upper'} bound of the range cannot be read; it was not applied.",
                    "correct the bound in the dictionary",
                    table.form,
                    field.line,
                ),
            )
            ledger.cannot("range", severity, table, field.name, np.flatnonzero(value), "a bound cannot be read")
            continue
        outside |= beyond & known & value
        judged |= known & value
    ends = [field.minimum and f"from {field.minimum}", field.maximum and f"to {field.maximum}"]
    unit = "The value is outside the range" if field.hard else "The value is outside the expected range"
    ledger.count("range", severity, evaluated=int(judged.sum()))
    ledger.fail(
        "range",
        severity,
        table,
        np.flatnonzero(outside),
        field,
        f"{unit} {' '.join(end for end in ends if end)}.",
        "check the value against the source document",
    )


def _beyond(rows: Rows, table: Tidy, cells: Cells, bound: str, day: dt.date, *, below: bool) -> tuple[NDArray[np.bool_], NDArray[np.bool_] | None]:
    """Where a value lies beyond a bound, and where that can be said; None if the bound itself cannot be read."""
    import numpy as np

    every = np.ones(table.rows, dtype=bool)
    if DYNAMIC.fullmatch(bound.strip()):
        return _beyond_dynamic(rows, table, cells, bound.strip(), day, below=below)
    for kind in dict.fromkeys(
        (cells.kind, "date" if cells.kind == "datetime" else cells.kind, "number" if cells.kind in {"integer", "comma_number"} else cells.kind)
    ):
        limit = convert(kind, [bound], ())
        if limit.status[0] != VALUE:
            continue
        edge = limit.typed[0]
        if cells.kind == "time":
            texts = [str(text).zfill(len(bound)) for text in cells.levels.typed]
            marked = np.array([text < bound if below else text[: len(bound)] > bound for text in texts], dtype=bool)
        else:
            if cells.kind == "datetime" and kind == "date" and not below:
                edge = edge + np.timedelta64(1, "D") - np.timedelta64(1, "ns")
            marked = np.asarray(cells.levels.typed < edge if below else cells.levels.typed > edge, dtype=bool)
        return marked[cells.codes], every
    return ~every, None


def _beyond_dynamic(rows: Rows, table: Tidy, cells: Cells, bound: str, day: dt.date, *, below: bool) -> tuple[NDArray[np.bool_], NDArray[np.bool_] | None]:
    """A bound that is another field or the day of the export; a blank field bounds nothing."""
    import numpy as np

    from pacer_analysis.logic._columns import single
    from pacer_analysis.logic._evaluate import compare
    from pacer_analysis.validate.lookup import as_column

    if bound.lower() in {"today", "now"}:
        # All of the day counts: an entry at 15:00 is not after it.
        limit = np.datetime64(day, "ns") + np.timedelta64(0 if below else 86_399_999_999_999, "ns")
        return np.asarray(cells.levels.typed < limit if below else cells.levels.typed > limit, dtype=bool)[cells.codes], np.ones(table.rows, dtype=bool)
    try:
        edge = rows.evaluate(table, parse(bound), day)
    except LogicError:
        return np.zeros(table.rows, dtype=bool), None
    found = compare("<" if below else ">", as_column(cells), edge if len(edge) == table.rows else single(""))
    return found.value, found.known & edge.known
