"""REDCap's rules C and G on single cells: readable by type, one of the choices. Applied once to each different text."""

from __future__ import annotations

import re
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
# A flat dictionary has no validation type that would tell minutes and seconds from hours and minutes.
TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
TIMES = {"time_hh_mm_ss": "a time as HH:MM:SS", "time_mm_ss": "minutes and seconds as MM:SS"}
EARLIEST, LATEST = 1678, 2261
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
            unread = (status == UNREADABLE) | _no_time_of_day(field, cells)
            spoiled = readable_without(cells, unread)
            fail_cells(ledger, "type", "error", table, cells, unread & ~spoiled, about, f"The value is not {expected}.", "correct the value at its source")
            if spoiled.any():
                fail_cells(ledger, "type", "error", table, cells, spoiled, about, f"The value is not {expected}{UNSEEN}", "type the value again")
            if not (field.minimum or field.maximum):
                _centuries_away(ledger, table, cells, about)
        if field.choices:
            _choice(ledger, table, cells, about, used)
        if field.validation:
            check_pattern(ledger, table, cells, about, used)


def _no_time_of_day(field: Described, cells: Cells) -> NDArray[np.bool_]:
    """The texts of a flat source's time that no clock shows, such as 25:00."""
    import numpy as np

    if field.kind != "time" or field.validation:
        return np.zeros(len(cells.levels.raw), dtype=bool)
    strange = np.array([TIME_OF_DAY.fullmatch(str(text).strip()) is None for text in cells.levels.typed], dtype=bool)
    return np.asarray((cells.levels.status == VALUE) & strange)


def _centuries_away(ledger: Ledger, table: Tidy, cells: Cells, field: Described) -> None:
    """Dates before 1678 or after 2261 in a field without a range: dates all the same, and hardly those that were meant."""
    import numpy as np

    typed = cells.levels.typed
    if typed.dtype.kind == "M" and typed.dtype != np.dtype("datetime64[ns]"):
        years = typed.astype("datetime64[Y]").astype(np.int64) + 1970
        away = (cells.levels.status == VALUE) & ((years < EARLIEST) | (years > LATEST))
        ledger.count("range", "warning", evaluated=int(np.bincount(cells.codes, minlength=len(away))[away].sum()))
        fail_cells(ledger, "range", "warning", table, cells, away, field, "The date is centuries away.", "correct the date, or give the field a range")


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
