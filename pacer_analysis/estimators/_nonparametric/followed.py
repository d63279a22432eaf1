"""Who was followed, from when until when: the columns `time`, `status` and, where people come late, `entry`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.errors import PlanError
from pacer_analysis.estimators._frame import has_outcome, join_notes

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.results import Estimate

Array = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Followed:
    """Days to leaving, status on that day, and the day of entry: nothing where all are followed from day 0."""

    time: Array
    status: Counts
    entry: Array | None

    def __len__(self) -> int:
        """People followed."""
        return len(self.time)

    def at_risk_on(self, day: float) -> int:
        """People who leave on the day or later and had entered before it."""
        return int(np.count_nonzero(self.inside(day)))

    def inside(self, day: float) -> NDArray[np.bool_]:
        """Who is at risk on the day: an entry on day 0 is from the beginning."""
        there = self.time >= day
        return there if self.entry is None else there & ((self.entry < day) | (self.entry <= 0))

    def first_entry(self) -> float:
        """The first day on which anybody is at risk."""
        return 0.0 if self.entry is None else max(float(self.entry.min()), 0.0)


def followed(people: pd.DataFrame) -> Followed:
    """Those of the rows whose time is known; an unknown entry is an entry on day 0."""
    rows = people[has_outcome(people)]
    time, status = rows["time"].to_numpy(dtype=float), rows["status"].to_numpy(dtype=np.int64)
    if "entry" not in rows:
        return Followed(time, status, None)
    entry = rows["entry"].to_numpy(dtype=float, na_value=np.nan)
    entry = np.where(np.isnan(entry), 0.0, entry)
    return Followed(time, status, entry if (entry > 0).any() else None)


def prepared(frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The frame with the times blanked of those who leave no later than they enter, and how many they are in words; refuses case weights."""
    if "weight" in frame and not (frame["weight"].dropna() == 1).all():
        raise PlanError("this estimator takes no case weights", do="analyse the frame without weights")
    if "entry" not in frame:
        return frame, ""
    early = ((frame["entry"] > 0) & (frame["time"] <= frame["entry"])).fillna(value=False).astype(bool)
    if not early.any():
        return frame, ""
    kept = frame.assign(time=frame["time"].mask(early))
    return kept, f"{int(early.sum())} who leave no later than they enter are left out"


def noted(rows: list[Estimate], note: str) -> list[Estimate]:
    """The rows with one more note each."""
    return [replace(row, note=join_notes(row.note, note)) for row in rows] if note else rows
