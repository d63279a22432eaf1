"""Events known to lie between two days: the columns `lower`, `upper` and, where there are competing events, `status` and `time`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pacer_analysis.errors import NotEstimable, PlanError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pacer_analysis.results import Estimate

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Between:
    """Last day without the event, first day with it (infinite: none), and whether and when a competing event came first."""

    lower: Array
    upper: Array
    competing: NDArray[np.bool_]
    until: Array
    known: NDArray[np.bool_]

    def __len__(self) -> int:
        """People of whom anything is known."""
        return len(self.lower)


def between(people: pd.DataFrame) -> Between:
    """What is known of each person; who has neither day is not analysed. `until`: the day of the competing event, else the last day of follow-up."""
    _refuse_without(people)
    columns = {name: people[name].to_numpy(dtype=float, na_value=np.nan) if name in people else np.full(len(people), np.nan) for name in ("lower", "upper", "status", "time")}
    known = ~(np.isnan(columns["lower"]) & np.isnan(columns["upper"]))
    lower, upper, status, time = (columns[name][known] for name in ("lower", "upper", "status", "time"))
    lower, upper = np.where(np.isnan(lower), 0.0, lower), np.where(np.isnan(upper), np.inf, upper)
    if (upper < lower).any():
        raise NotEstimable("a first day with the event lies before the last day without it")
    return Between(lower, upper, np.isinf(upper) & (status > 1), np.where(np.isnan(time), lower, np.maximum(time, lower)), known)


def counted_between(estimate: Estimate, people: pd.DataFrame) -> Estimate:
    """The estimate with its denominators; events are those seen at a visit."""
    _refuse_without(people)
    known = people["lower"].notna() | people["upper"].notna()
    n = int(known.sum())
    return replace(estimate, n=n, observed=n, events=int(people["upper"].notna().sum()), missing=len(people) - n)


def _refuse_without(people: pd.DataFrame) -> None:
    for name in ("lower", "upper"):
        if name not in people:
            raise PlanError(f"an analysis between visits needs the column `{name}`", do="use an endpoint that is seen at visits only")
