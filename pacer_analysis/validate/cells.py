"""REDCap's rules C and G on single cells: readable by type, one of the choices. Applied once to each different text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.read.convert import UNREADABLE, VALUE
from pacer_analysis.validate.described import option
from pacer_analysis.validate.patterns import check_pattern
from pacer_analysis.validate.summed_up import fail_cells
from pacer_analysis.validate.texts import readable_without

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.tidy import Cells, Tidy
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger

EXPECTED = {"date": "a date as YYYY-MM-DD", "datetime": "a date and time as YYYY-MM-DD HH:MM", "time": "a time as HH:MM", "integer": "a whole number",
            "number": "a number", "comma_number": "a number with a decimal comma"}
TIMES = {"time_hh_mm_ss": "a time as HH:MM:SS", "time_mm_ss": "minutes and seconds as MM:SS"}
CODES_SHOWN = 12
UNSEEN = ": it holds an invisible character, and could be read without it."


def check_cells(ledger: Ledger, table: Tidy, field: Described) -> None:
    """Findings on texts that are no value of the field's type, none of its choices, or not of its pattern."""
    import numpy as np

    for name in field.columns:
        cells = table.fields.get(name)
        if cells is None:
            continue
        about = option(field, name) if field.kind == "checkbox" else field
        status, used = cells.levels.status, np.bincount(cells.codes, minlength=len(cells.levels.raw))
        if field.kind in EXPECTED:
            ledger.count("type", "error", evaluated=int(used[(status == VALUE) | (status == UNREADABLE)].sum()))
            expected = TIMES.get(field.validation, EXPECTED[field.kind])
            unread = status == UNREADABLE
            spoiled = readable_without(cells, unread)
            fail_cells(ledger, "type", "error", table, cells, unread & ~spoiled, about, f"The value is not {expected}.", "correct the value at its source")
            if spoiled.any():
                fail_cells(ledger, "type", "error", table, cells, spoiled, about, f"The value is not {expected}{UNSEEN}", "type the value again")
        if field.choices:
            _choice(ledger, table, cells, about, used)
        if field.validation:
            check_pattern(ledger, table, cells, about, used)


def _choice(ledger: Ledger, table: Tidy, cells: Cells, field: Described, used: NDArray[np.intp]) -> None:
    """A value that is none of the codes; codes that are no longer offered are codes all the same."""
    import numpy as np

    codes = dict(field.choices)
    value = cells.levels.status == VALUE
    strange = value & np.array([text not in codes for text in cells.levels.typed], dtype=bool)
    allowed = ", ".join(f"{code} = {label}" for code, label in field.choices[:CODES_SHOWN]) + (" ..." if len(field.choices) > CODES_SHOWN else "")
    ledger.count("choice", "error", evaluated=int(used[value].sum()))
    spoiled = readable_without(cells, strange, codes)
    if spoiled.any():
        fail_cells(ledger, "choice", "error", table, cells, spoiled, field, f"The value is none of the codes{UNSEEN}", "type the value again")
    fail_cells(ledger, "choice", "error", table, cells, strange & ~spoiled, field, f"The value is none of the codes: {allowed}.",
               "choose one of the codes, or update the dictionary")
