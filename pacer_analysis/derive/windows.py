"""Visits by date: the window that a day falls into, and the record nearest its target."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pacer_analysis.plan import Visit


def visit_of(day: NDArray[np.float64], schedule: Sequence[Visit]) -> NDArray[np.object_]:
    """The id of the visit whose window (both ends included) holds the day; '' outside every window or without a day."""
    import numpy as np

    visit = np.full(len(day), "", dtype=object)
    for entry in reversed(schedule):
        visit[(day >= entry.window[0]) & (day <= entry.window[1])] = entry.id
    return visit


def nearest_to_target(frame: pd.DataFrame, eligible: NDArray[np.bool_], schedule: Sequence[Visit]) -> NDArray[np.bool_]:
    """Whether a row is the eligible one nearest its visit's target; of two equally near, the earlier, then the one first in the file.

    `frame` has who, visit, day, line.
    """
    import numpy as np

    targets = {entry.id: float(entry.target) for entry in schedule}
    order = {entry.id: place for place, entry in enumerate(schedule)}
    rows = np.flatnonzero(eligible & (frame["visit"] != "").to_numpy())
    picked = frame.iloc[rows]
    day = picked["day"].to_numpy(dtype="float64")
    distance = np.abs(day - picked["visit"].map(targets).to_numpy(dtype="float64"))
    group = picked["who"].to_numpy(dtype="int64") * (len(order) + 1) + picked["visit"].map(order).to_numpy(dtype="int64")
    sequence = np.lexsort((picked["line"].to_numpy(dtype="int64"), day, distance, group))
    _, first = np.unique(group[sequence], return_index=True)
    chosen = np.zeros(len(frame), dtype=bool)
    chosen[rows[sequence[first]]] = True
    return chosen
