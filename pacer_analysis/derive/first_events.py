"""The first event of a name, looked up by participant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pacer_analysis.derive.sets import Sets


def first_day(sets: Sets, name: str) -> NDArray[np.float64]:
    """The day number of a participant's first event of that name; NaN where there is none, or where the plan names no such event."""
    return first_event(sets.events, name, len(sets.participants))[0]


def first_event(events: pd.DataFrame, name: str, people: int) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.object_]]:
    """Day number, line and source of a participant's first dated event of that name; NaN, 0 and '' where there is none."""
    import numpy as np

    rows = events[(events["name"] == name) & events["date"].notna()].drop_duplicates("who")
    who = rows["who"].to_numpy(dtype="int64")
    day, line, source = np.full(people, np.nan), np.zeros(people, dtype="int64"), np.full(people, "", dtype=object)
    day[who], line[who], source[who] = rows["at"], rows["line"], rows["source"]
    return day, line, source
