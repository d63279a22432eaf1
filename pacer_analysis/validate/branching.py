"""REDCap's rules B and F, which depend on whether a field is shown: required and blank, hidden and filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.validate.summed_up import fail_or_sum_up

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.answers import Answer
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger

HIDING = frozenset({"HIDDEN", "HIDDEN-FORM", "HIDDEN-SURVEY"})
# These fill a field without anybody answering it; such a value may stay where branching logic later hides the field.
FILLING = ("SETVALUE", "PREFILL", "TODAY", "NOW", "USERNAME", "LATITUDE", "LONGITUDE", "APPUSERNAME")
LONGEST = 300
MANY = 1000


def check_required(ledger: Ledger, table: Tidy, field: Described, answer: Answer, opened: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Findings where a required field is shown and blank, on forms that were opened; returns those rows.

    A field that an action tag hides cannot be answered; what REDCap calculates, nobody can enter.
    """
    import numpy as np

    nowhere = np.zeros(table.rows, dtype=bool)
    if not field.required or field.derived:
        return nowhere
    if any(tag.name in HIDING for tag in field.tags):
        ledger.cannot("required", "warning", table, field.name, np.flatnonzero(opened), "an action tag hides the field")
        return nowhere
    asked = opened & answer.known & answer.shown
    blank = asked & ~answer.filled
    ledger.count("required", "warning", evaluated=int(asked.sum()))
    fail_or_sum_up(ledger, "required", "warning", table, np.flatnonzero(blank), field, "A required field is blank.",
                   "enter the value, or a missing-data code that says why", many=MANY)
    ledger.cannot("required", "warning", table, field.name, np.flatnonzero(opened & ~answer.known), answer.reason)
    return blank


def check_hidden(ledger: Ledger, table: Tidy, field: Described, answer: Answer, opened: NDArray[np.bool_], *, erases: bool) -> None:
    """Findings where branching logic hides a field that holds a value; for information only in a project that keeps such values.

    What REDCap itself filled is none: a calculation, a default, the day of entry; nor is an unticked box.
    """
    import numpy as np

    if not field.branching or field.derived:
        return
    severity = "warning" if erases else "info"
    hidden = opened & answer.known & ~answer.shown
    wrong = hidden & answer.filled
    if wrong.any():
        wrong &= ~_filled_by_itself(table, field)
    ledger.count("hidden", severity, evaluated=int(hidden.sum()))
    fail_or_sum_up(ledger, "hidden", severity, table, np.flatnonzero(wrong), field, f"The field should be empty: it is shown only if {plain(field.branching)}.",
                   "empty the field, or correct the answer on which it depends", many=MANY)
    ledger.cannot("hidden", severity, table, field.name, np.flatnonzero(opened & ~answer.known), answer.reason)


def _filled_by_itself(table: Tidy, field: Described) -> NDArray[np.bool_]:
    """The rows on which an action tag explains the value: its default as written, or anything of a tag whose value is not known here."""
    import numpy as np

    every = np.ones(table.rows, dtype=bool)
    for tag in field.tags:
        if tag.name.startswith(FILLING):
            return every
        if tag.name == "DEFAULT":
            if "[" in tag.argument or field.kind == "checkbox" or field.columns[0] not in table.fields:
                return every
            cells = table.fields[field.columns[0]]
            return np.array([str(text).strip() == tag.argument for text in cells.levels.raw], dtype=bool)[cells.codes]
    return ~every


def check_status(ledger: Ledger, table: Tidy, status: Described, lacking: NDArray[np.int32], listed: NDArray[np.bool_], answered: NDArray[np.bool_]) -> None:
    """Forms that are marked complete although required fields of them are blank; `lacking` says how many.

    Counted are all. A remark is made where the blanks are not findings of their own on the row, which `listed` says, and where
    nothing at all was `answered`.
    """
    import numpy as np

    cells = table.fields.get(status.name)
    if cells is None:
        return
    complete = np.asarray(cells.levels.typed == "2", dtype=bool)[cells.codes]
    ledger.count("complete_with_blanks", "info", evaluated=int(complete.sum()))
    wrong = complete & (lacking > 0)
    ledger.count("complete_with_blanks", "info", failed=int((wrong & answered & listed).sum()))
    empty = wrong & ~answered
    fail_or_sum_up(ledger, "complete_with_blanks", "info", table, np.flatnonzero(empty), status, "The form is marked complete, and nothing was entered in it.",
                   "complete the form, or mark it incomplete", many=MANY)
    told = wrong & answered & ~listed
    for number in np.unique(lacking[told]):
        fields = "a required field is" if number == 1 else f"{number} required fields are"
        fail_or_sum_up(ledger, "complete_with_blanks", "info", table, np.flatnonzero(told & (lacking == number)), status,
                       f"The form is marked complete, but {fields} blank.", "complete the form, or mark it incomplete", many=MANY)


def plain(logic: str) -> str:
    """An expression on one line, cut where it is very long."""
    text = " ".join(logic.split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
