"""Measured numbers without what no reading gave: left out are values far outside, which the rule on outliers lists one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.monitoring.columns import Column
    from pacer_analysis.monitoring.tables import Table

FEWEST_DIFFERENT = 10
FAR = 6.0
MAD_TO_SD = 1.482602218505602


def measured(table: Table, column: Column) -> NDArray[np.float64]:
    """The numbers of a column, NaN where blank or more than six robust standard deviations (scaled MAD) from the median; empty if hardly any differ."""
    import numpy as np

    values = table.numbers(column.name)
    known = values[~np.isnan(values)]
    if len(known) == 0 or len(np.unique(known)) < FEWEST_DIFFERENT:
        return np.zeros(0)
    middle = float(np.median(known))
    spread = MAD_TO_SD * float(np.median(np.abs(known - middle)))
    if spread > 0:
        values = np.where(np.abs(values - middle) > FAR * spread, np.nan, values)
    return values
