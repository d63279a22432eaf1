"""The cluster of each person as a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.errors import NotEstimable

if TYPE_CHECKING:
    import pandas as pd

Index = NDArray[np.intp]


def cluster_codes(people: pd.DataFrame) -> Index | None:
    """0, 1, 2 ... per cluster, a blank one a cluster of its own; nothing without the column; refuses a single cluster."""
    if "cluster" not in people:
        return None
    names = people["cluster"].astype(object).where(people["cluster"].notna(), "").astype(str)
    alone = (names == "").to_numpy()
    codes = np.unique(names[~alone], return_inverse=True)[1]
    clusters = np.empty(len(people), dtype=np.intp)
    clusters[~alone] = codes
    clusters[alone] = (int(codes.max()) + 1 if len(codes) else 0) + np.arange(alone.sum())
    if clusters.max() < 1:
        raise NotEstimable("one cluster only")
    return clusters
