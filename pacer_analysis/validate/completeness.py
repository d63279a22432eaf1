"""REDCap's rule A as counts: of every field, on how many rows it was asked, answered, left blank, hidden."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from pacer_analysis.validate.safecsv import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.answers import Answer
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger

COLUMNS = ("source", "form", "event", "field", "label", "required", "expected", "filled", "blank", "missing_code", "hidden", "not_evaluable", "kind")
RULE = "blank"
ENTERED, CALCULATED = "entered", "calculated"
UNOPENED, FILLED, IS_BLANK, CODED, HIDDEN, UNKNOWN = range(6)
Row = tuple[str, ...]


def count_answers(ledger: Ledger, table: Tidy, field: Described, answer: Answer, opened: NDArray[np.bool_]) -> list[Row]:
    """The counts of a field in each event, over the rows on which its form was opened; the blanks are counted, not listed.

    A checkbox with no box ticked is blank. `expected` is filled, blank or a missing-data code: where the field is shown. What REDCap
    calculates has the kind `calculated` and is none of the rule's blanks: nobody is asked for it, and it is blank where its inputs are.
    """
    import numpy as np

    state = np.where(answer.filled, FILLED, IS_BLANK).astype(np.int8)
    if answer.coded.any():
        state[answer.coded] = CODED
    if field.branching:
        state[~answer.shown] = HIDDEN
        state[~answer.known] = UNKNOWN
    state[~opened] = UNOPENED
    events = len(table.event.levels)
    counts = np.bincount(table.event.codes.astype(np.int64) * 6 + state, minlength=events * 6).reshape(events, 6)
    rows: list[Row] = []
    for event, at in zip(table.event.levels, counts, strict=True):
        if not at[FILLED:].sum():
            continue
        expected = int(at[FILLED] + at[IS_BLANK] + at[CODED])
        if not field.derived:
            ledger.count(RULE, "info", evaluated=expected, failed=int(at[IS_BLANK]), not_evaluable=int(at[UNKNOWN]), reason=answer.reason if at[UNKNOWN] else "")
        numbers = (expected, at[FILLED], at[IS_BLANK], at[CODED], at[HIDDEN], at[UNKNOWN])
        rows.append((table.source, table.form, str(event), field.name, field.label, "y" if field.required else "", *(str(int(number)) for number in numbers),
                     CALCULATED if field.derived else ENTERED))
    return rows


def write_completeness(path: Path, rows: Iterable[Row]) -> None:
    """completeness.csv, in the order of sources, forms and fields, the events of a field together."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)      # a label may look like a formula
