"""Measured numbers without what no reading gave: left out are values far outside, which the rule on outliers lists one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.monitoring.findings import Finding, Said

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.monitoring.columns import Column
    from pacer_analysis.monitoring.tables import Table, Tables

    OfField = Callable[[Tables, Table, Column, NDArray[np.float64]], list[Finding]]

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


def of_each_number(tables: Tables, of_field: OfField) -> Said:
    """What a comparison of sites says of every measured number; nothing where there are no sites."""
    said = Said()
    if tables.has_sites:
        for table in tables.tables:
            for column in table.of_kind("number"):
                values = measured(table, column)
                if len(values):
                    said.findings += of_field(tables, table, column, values)
    return said


def of_each_record(tables: Tables, record: NDArray[np.int64], values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The mean value of each record that has any, and its site; `record` is the record of each value."""
    import numpy as np

    number = np.bincount(record, minlength=len(tables.records))
    has = np.flatnonzero(number)
    return np.bincount(record, weights=values, minlength=len(tables.records))[has] / number[has], tables.site_of[has]
