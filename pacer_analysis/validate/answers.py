"""What each row of a table holds of a field, and whether branching logic asks for it there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pacer_analysis.logic import LogicError, parse
from pacer_analysis.read.convert import BLANK, MISSING
from pacer_analysis.validate.judged import judge, why_not_judged

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.logic import Expression
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.lookup import Rows

UNREAD = "the branching logic cannot be read"


@dataclass(frozen=True, slots=True)
class Answer:
    """One field on the rows of a table.

    `filled`: anything but a blank, a missing-data code included; `coded`: a missing-data code. `shown`: branching logic asks for
    the field, where `known`; `reason` says why it is not known elsewhere.
    """

    filled: NDArray[np.bool_]
    coded: NDArray[np.bool_]
    shown: NDArray[np.bool_]
    known: NDArray[np.bool_]
    reason: str


@dataclass(slots=True)
class Answers:
    """The fields of one table, and the rows on which its form was opened: a form that holds calculations alone was not."""

    rows: Rows
    table: Tidy
    opened: NDArray[np.bool_]
    cache: dict[str, tuple[NDArray[np.bool_], NDArray[np.bool_], str]] = field(default_factory=dict)

    def of(self, about: Described) -> Answer:
        """The field on every row of the table."""
        filled = filled_rows(self.table, about)
        coded = _coded(self.table, about)
        shown, known, reason = self._shown(about)
        return Answer(filled | coded, coded, shown, known, reason)

    def _shown(self, about: Described) -> tuple[NDArray[np.bool_], NDArray[np.bool_], str]:
        """Where branching logic shows the field, where that can be said, and why not elsewhere; the same logic is evaluated once."""
        import numpy as np

        found = self.cache.get(about.branching)
        if found is None:
            every = np.ones(self.table.rows, dtype=bool)
            if not about.branching:
                found = every, every, ""
            elif (expression := parsed(about.branching)) is None:
                return ~every, ~every, UNREAD
            else:
                result = judge(self.rows, self.table, expression, None)
                found = result.value, result.known, "" if result.known.all() else why_not_judged(self.rows, self.table, expression)
            self.cache[about.branching] = found
        return found


def open_answers(rows: Rows, table: Tidy, fields: Iterable[Described]) -> Answers:
    """The answers of a table; for a REDCap form with the rows on which somebody opened it."""
    import numpy as np

    # ASSUME: a form that holds nothing but what REDCap calculates, and whose status is not unverified or complete, was never opened.
    telling = ("0", "1", "2") if table.saved else ("1", "2")
    opened = np.ones(table.rows, dtype=bool) if not table.form else table.repeated.copy()
    status = table.fields.get(f"{table.form}_complete")
    if status is not None:
        opened |= np.isin(status.levels.typed.astype(str), telling)[status.codes]
    for about in fields:
        if opened.all():
            break
        if not about.status and not about.derived:
            opened |= filled_rows(table, about) | _coded(table, about)
    return Answers(rows, table, opened)


def filled_rows(table: Tidy, about: Described) -> NDArray[np.bool_]:
    """The rows on which a field holds anything; an unticked box, exported as 0, is no answer."""
    import numpy as np

    filled = np.zeros(table.rows, dtype=bool)
    for name in (*about.columns, *_further(table, about)):
        cells = table.fields.get(name)
        if cells is not None:
            level = cells.levels.status != BLANK
            if about.kind == "checkbox":
                # `0.0` is what pandas makes of 0 beside blanks: an unticked box all the same.
                level = level & np.array([str(text) not in {"0", "0.0"} for text in cells.levels.typed], dtype=bool)
            filled |= level[cells.codes]
    return filled


def _further(table: Tidy, about: Described) -> list[str]:
    """The boxes of a checkbox for options that its dictionary does not have; a ticked one is an answer all the same."""
    if about.kind != "checkbox":
        return []
    known = {*about.columns, *about.missing}
    return [name for name, cells in table.fields.items() if cells.kind == "checkbox" and name.startswith(f"{about.name}___") and name not in known]


def _coded(table: Tidy, about: Described) -> NDArray[np.bool_]:
    """The rows on which a missing-data code stands for the answer; a checkbox has a box for each code that was used."""
    import numpy as np

    coded = np.zeros(table.rows, dtype=bool)
    for name in about.columns:
        cells = table.fields.get(name)
        if cells is not None and (level := cells.levels.status == MISSING).any():
            coded |= level[cells.codes]
    for name in about.missing:
        if name in table.fields:
            cells = table.fields[name]
            coded |= np.asarray(cells.levels.typed == "1", dtype=bool)[cells.codes]
    return coded


def parsed(text: str) -> Expression | None:
    """The expression, None if it cannot be read; that is a finding on the dictionary already."""
    try:
        return parse(text)
    except LogicError:
        return None
