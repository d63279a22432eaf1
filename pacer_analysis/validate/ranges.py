"""REDCap's rule D: values outside the range of their field, both ends included."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from pacer_analysis.dictionary import Project
from pacer_analysis.dictionary.fieldrow import BOUNDED_BY, is_readable
from pacer_analysis.logic import parse
from pacer_analysis.read.convert import VALUE, convert
from pacer_analysis.read.notes import Note
from pacer_analysis.validate.answers import parsed
from pacer_analysis.validate.branching import MANY
from pacer_analysis.validate.summed_up import fail_or_sum_up

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.tidy import Cells, Tidy
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

RULE = "range"
DATES = frozenset({"date", "datetime"})
RANGED = frozenset({*DATES, "time", "integer", "number", "comma_number"})
HAVE_RANGE = frozenset({"", "text", "slider"})      # types of field; a flat source has none
UNREADABLE_BOUND = "a bound cannot be read"
DAY_OF_ENTRY = "a bound is the day of entry"
EMPTY = "the lower bound is above the upper bound"
NO_DAY = "the day of the export is unknown; give --day"
SHIFTED = "the dates of this export are shifted"
MINUTES_AND_SECONDS = "time_mm_ss"


def check_range(ledger: Ledger, rows: Rows, table: Tidy, field: Described, day: dt.date | None, *, shifted: bool) -> NDArray[np.bool_] | None:
    """The rows outside the range, None if no value is; each is a finding, an error where the dictionary enforces the range.

    `day` is the last day that the export can know: what "today" was on entry, at the latest. With `shifted` dates are only
    compared with other dates of the same export.
    """
    import numpy as np

    cells = table.fields.get(field.name)
    if cells is None or field.kind not in RANGED or field.type not in HAVE_RANGE or not (field.minimum or field.maximum):
        return None
    severity = "error" if field.hard else "warning"
    value = cells.levels.status == VALUE
    if _is_empty(field):
        ledger.note(table.source, Note("dictionary", "warning", field.name, f"The range is empty, {EMPTY}; it was not applied.",
                                       "correct the bounds in the dictionary", table.form, field.line))
        ledger.cannot(RULE, severity, table, field.name, cells.where(value), EMPTY)
        return None
    levels = np.zeros(len(value), dtype=bool)       # beyond a bound that is the same on every row
    outside: NDArray[np.bool_] | None = None         # beyond one that is not
    judged: NDArray[np.bool_] = np.zeros(table.rows, dtype=bool)
    for bound, below in ((field.minimum.strip(), True), (field.maximum.strip(), False)):
        if not bound:
            continue
        unknown = _unknown(ledger, table, field, bound, day, below=below, shifted=shifted)
        if unknown:
            ledger.cannot(RULE, severity, table, field.name, cells.where(value), unknown)
        elif "[" in bound:
            beyond, known = _beyond_field(rows, table, field, bound, below=below)
            filled = value[cells.codes]
            outside = (beyond & known & filled) | (False if outside is None else outside)
            judged |= known & filled
            if not known.all():
                ledger.cannot(RULE, severity, table, field.name, np.flatnonzero(filled & ~known), rows.reason(table, parse(bound)))
        else:
            levels |= value & _beyond(cells, field, bound, day, below=below)
            judged |= value[cells.codes]
    ledger.count(RULE, severity, evaluated=int(judged.sum()))
    found = levels[cells.codes] if levels.any() else None
    if outside is not None and outside.any():
        found = outside if found is None else found | outside
    if found is not None:
        expected = "the range" if field.hard else "the expected range"
        ends = " ".join(end for end in (field.minimum and f"from {field.minimum}", field.maximum and f"to {field.maximum}") if end)
        fail_or_sum_up(ledger, RULE, severity, table, np.flatnonzero(found), field, f"The value is outside {expected} {ends}.",
                       "check the value against the source document", many=MANY)
    return found


def _unknown(ledger: Ledger, table: Tidy, field: Described, bound: str, day: dt.date | None, *, below: bool, shifted: bool) -> str:
    """Why a bound cannot be applied, '' if it can be; one that nobody can read is a finding on the dictionary."""
    plain = bound.strip("'\"").lower()
    if plain in {"today", "now"} and (field.kind in DATES or (field.kind == "time" and plain == "now")):
        # ASSUME: "today" in a range was the day of entry, which an export does not say: as an upper bound it is the day of the export, as a lower bound it is not applied.
        return DAY_OF_ENTRY if below or field.kind == "time" else SHIFTED if shifted else "" if day else NO_DAY
    if "[" in bound:
        return "" if parsed(bound) is not None else UNREADABLE_BOUND
    if _edge(field, bound) is not None:
        return SHIFTED if shifted and field.kind in DATES else ""
    if field.type != "text" or is_readable(field.kind, bound):      # else the dictionary's reader has remarked on it
        ledger.note(table.source, Note("dictionary", "warning", field.name,
                                       f"The {'lower' if below else 'upper'} bound of the range cannot be read; it was not applied.",
                                       "correct the bound in the dictionary", table.form, field.line))
    return UNREADABLE_BOUND


def _is_empty(field: Described) -> bool:
    """True if no value can lie within both bounds; where one of them changes from row to row or day to day, nobody can say."""
    ends = [None if not bound.strip() or "[" in bound or bound.strip("'\" ").lower() in {"today", "now"} else _edge(field, bound.strip()) for bound in (field.minimum, field.maximum)]
    return ends[0] is not None and ends[1] is not None and bool(ends[0] > ends[1])


def _edge(field: Described, bound: str) -> Any:
    """A bound as a typed value, a time as seconds; None if it is none."""
    if field.kind == "time":
        seconds = seconds_of(bound, field.validation)
        return None if isnan(seconds) else seconds
    for kind in (field.kind, *BOUNDED_BY.get(field.kind, ())):
        limit = convert(kind, [bound], ())
        if limit.status[0] == VALUE:
            return limit.typed[0].astype("datetime64[us]") if kind in DATES else limit.typed[0]      # nanoseconds cannot hold every year
    return None


def _beyond(cells: Cells, field: Described, bound: str, day: dt.date | None, *, below: bool) -> NDArray[np.bool_]:
    """Which of the different texts lie beyond a bound that is the same on every row."""
    import numpy as np

    typed: Any = cells.levels.typed
    if field.kind == "time":
        typed, edge = np.array([seconds_of(str(text), field.validation) for text in typed]), _edge(field, bound)
    else:
        today = bound.strip("'\"").lower() in {"today", "now"}
        edge = np.datetime64(day, "us") if today else _edge(field, bound)
        whole_day = today or (field.kind == "datetime" and len(bound) == len("YYYY-MM-DD"))
        if whole_day and not below:     # all of the day counts: an entry at 15:00 is not after it
            edge = edge + np.timedelta64(1, "D") - np.timedelta64(1, "us")
    if field.kind in DATES:
        typed = typed.astype("datetime64[us]")
    with np.errstate(invalid="ignore"):
        return np.asarray(typed < edge if below else typed > edge, dtype=bool)


def _beyond_field(rows: Rows, table: Tidy, field: Described, bound: str, *, below: bool) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where a value lies beyond the value of another field, and where that can be said; a blank field bounds nothing."""
    logic = f"[{field.name}] {'<' if below else '>'} {bound}"
    if field.kind == "datetime" and not below and _is_date(rows, bound):
        logic += f" and datediff({bound}, [{field.name}], 'd', true) >= 1"
    found = rows.evaluate(table, parse(logic), None)
    return found.value, found.known


def _is_date(rows: Rows, bound: str) -> bool:
    """True if a bound is a field that holds dates without a time."""
    project = rows.reading.dictionary
    names = {reference.field for reference in parse(bound).references}
    return isinstance(project, Project) and any(name in project.dictionary.fields and project.dictionary.fields[name].kind == "date" for name in names)


def seconds_of(text: str, validation: str) -> float:
    """A time in seconds, NaN if it is none: hours and minutes, with seconds or without, or minutes and seconds."""
    parts = text.strip().split(":")
    if len(parts) not in {2, 3} or not all(part.isdigit() for part in parts):
        return float("nan")
    numbers = [int(part) for part in parts]
    if len(numbers) == 2:
        numbers = [0, *numbers] if validation == MINUTES_AND_SECONDS else [*numbers, 0]
    return float(numbers[0] * 3600 + numbers[1] * 60 + numbers[2])
