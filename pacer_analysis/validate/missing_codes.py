"""REDCap's rule I: missing-data codes, and those among them that could be mistaken for a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.dictionary import checkbox_column
from pacer_analysis.read.convert import MISSING, NUMBER, VALUE, convert
from pacer_analysis.read.notes import Note
from pacer_analysis.validate.summed_up import fail_or_sum_up

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pacer_analysis.read.tidy import Cells, Tidy
    from pacer_analysis.validate.answers import Answer
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger

RULE, COLLISION = "missing_code", "missing_code_collision"
LISTED = 5
NUMBERS = frozenset({"integer", "number", "comma_number"})


def check_missing_codes(ledger: Ledger, table: Tidy, field: Described, answer: Answer, codes: Mapping[str, str], remarked: Collection[str] = ()) -> None:
    """A remark on each missing-data code of a field, or beyond five a single one that counts them by code.

    `remarked` are the fields of which the reader has said so already, because the file itself declares the values missing.
    """
    import numpy as np

    ledger.count(RULE, "info", evaluated=int(answer.filled.sum()))
    rows = np.flatnonzero(answer.coded)
    if not len(rows):
        return
    if field.name in remarked:
        ledger.count(RULE, "info", failed=len(rows) - 1)       # the remark counts itself
        return
    counts = _by_code(table, field, codes)
    words = "; ".join(f"{code}, {codes[code]}: {count}" if codes.get(code) else f"{code}: {count}" for code, count in counts.items() if count)
    fail_or_sum_up(ledger, RULE, "info", table, rows, field, "A missing-data code stands for the value.", "none, or enter the value if it is known now",
                   f"({words})", many=LISTED)


def _by_code(table: Tidy, field: Described, codes: Mapping[str, str]) -> dict[str, int]:
    """How often each code stands in a field, in the order of the codes; a checkbox has a column for each."""
    import numpy as np

    counts = dict.fromkeys(codes, 0)
    for name in (*field.columns, *field.missing):
        if name not in table.fields:
            continue
        cells = table.fields[name]
        used = np.bincount(cells.codes, minlength=len(cells.levels.raw))
        if name in field.missing:
            code = next((code for code in codes if name == checkbox_column(field.name, code)), name)
            counts[code] = counts.get(code, 0) + int(used[np.asarray(cells.levels.typed == "1", dtype=bool)].sum())
            continue
        for place in np.flatnonzero((cells.levels.status == MISSING) & (used > 0)):
            text = str(cells.levels.raw[place]).strip()
            counts[text] = counts.get(text, 0) + int(used[place])
    return counts


def check_collisions(ledger: Ledger, table: Tidy, fields: Mapping[str, Described], codes: Mapping[str, str]) -> None:
    """A finding on each field in which a missing-data code could as well be a value: one of its choices, or a number within its range."""
    if not codes:
        return
    for field in (field for field in fields.values() if not field.status):
        chosen = [code for code in codes if code in dict(field.choices)]
        if chosen:
            _note(ledger, table, field, f"The missing-data code {', '.join(chosen)} is also one of the choices of this field.")
        elif field.kind in NUMBERS and field.name in table.fields and (within := _within(table.fields[field.name], field)):
            _note(ledger, table, field, f"The missing-data code {', '.join(within)} was used in this field and could as well be one of its values.")
        else:
            ledger.count(COLLISION, "warning", evaluated=1)


def _within(cells: Cells, field: Described) -> list[str]:
    """The codes used in a field of numbers that lie within its range, or if it has none, among its values."""
    import numpy as np

    used = np.bincount(cells.codes, minlength=len(cells.levels.raw)) > 0
    values = cells.levels.typed[used & (cells.levels.status == VALUE)]
    low, high = (convert(field.kind, [bound], ()).typed[0] for bound in (field.minimum, field.maximum))
    if np.isnan(low) and np.isnan(high):
        if not len(values):
            return []
        low, high = values.min(), values.max()
    found = []
    for place in np.flatnonzero(used & (cells.levels.status == MISSING)):
        text = str(cells.levels.raw[place]).strip()
        if NUMBER.fullmatch(text) and not (float(text) < low or float(text) > high):
            found.append(text)
    return found


def _note(ledger: Ledger, table: Tidy, field: Described, message: str) -> None:
    ledger.note(table.source, Note(COLLISION, "warning", field.name, message, "choose another code for missing data", table.form, field.line))
