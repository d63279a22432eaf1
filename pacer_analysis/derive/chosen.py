"""The one viral load of a visit, looked up by participant; and whether the visit's window has closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacer_analysis.derive.days import day_number, day_numbers

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pacer_analysis.derive.sets import Sets
    from pacer_analysis.plan import Visit


def chosen_row(table: pd.DataFrame, visit: str, people: int) -> NDArray[np.int64]:
    """The row of `table` chosen for each participant's visit; -1 where there is none."""
    import numpy as np

    rows = np.flatnonzero((table["chosen"] & (table["visit"] == visit)).to_numpy(dtype=bool))
    found = np.full(people, -1)
    found[table["who"].to_numpy(dtype="int64")[rows]] = rows
    return found


def taken(table: pd.DataFrame, column: str, rows: NDArray[np.int64], blank: object) -> NDArray[Any]:
    """A column at the chosen rows; `blank` where none was chosen."""
    import numpy as np

    with_blank: NDArray[Any] = np.append(table[column].to_numpy(), np.array([blank], dtype=table[column].to_numpy().dtype))
    return with_blank[rows]  # row -1 is the blank


def window_closes(sets: Sets, visit: Visit) -> NDArray[np.float64]:
    """The day number of the last day of a visit's window."""
    import numpy as np

    plan = sets.plan.visits
    anchor = day_numbers(sets.participants[plan.anchor]) if plan else np.full(len(sets.participants), np.nan)
    # ASSUME: where the anchor is not recorded, the window closes as if the anchor were the first origin, its latest possible day.
    first = next(iter(sets.plan.participants.origins), "")
    if first:
        anchor = np.where(np.isnan(anchor), day_numbers(sets.participants[first]), anchor)
    return anchor + visit.window[1]


def has_closed(sets: Sets, closes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the last day of a window has been seen whole by the cut-off."""
    import numpy as np

    return np.asarray(closes <= day_number(sets.cutoff))
