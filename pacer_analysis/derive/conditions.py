"""REDCap's expressions on the rows of one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.dictionary import checkbox_column
from pacer_analysis.errors import PlanError
from pacer_analysis.logic import parse

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pacer_analysis.logic import Reference
    from pacer_analysis.logic._columns import Column


def columns_of(logic: str, where: str) -> list[str]:
    """The columns that an expression on one table's rows needs."""
    if not logic:
        return []
    for reference in parse(logic, where).references:
        if reference.event or reference.instance:
            raise PlanError(f"The expression {logic} refers to another event or instance.", where=where, allowed="fields of the same row", do="Name the field alone.")
    return [column_of(reference) for reference in parse(logic, where).references]


def column_of(reference: Reference) -> str:
    """The column that holds a reference: `field`, or `field___code` for an option of a checkbox."""
    return checkbox_column(reference.field, reference.code) if reference.code else reference.field


def column_named(field: str) -> str:
    """The column that a field of the plan names: itself, or for an option written as in REDCap, `field(code)`, `field___code`."""
    name, bracket, code = field.partition("(")
    return checkbox_column(name.strip(), code.strip().removesuffix(")").strip()) if bracket else field


def evaluated(frame: pd.DataFrame, logic: str, cutoff: dt.date, where: str) -> Column:
    """The value of an expression on every row; "today" is the cut-off."""
    from pacer_analysis.logic import evaluate

    def look_up(reference: Reference) -> pd.Series:
        name = column_of(reference)
        if name not in frame:
            raise PlanError(f"The expression {logic} names `{name}`.", where=where, allowed=", ".join(map(str, frame.columns)), do="Correct the name.")
        return frame[name]

    return evaluate(parse(logic, where), look_up, today=cutoff, rows=len(frame))


def holds(frame: pd.DataFrame, logic: str, cutoff: dt.date, where: str) -> NDArray[np.bool_]:
    """Whether an expression is true on a row; an expression left out is true, one that is not evaluable is not."""
    import numpy as np

    if not logic:
        return np.ones(len(frame), dtype=bool)
    result = evaluated(frame, logic, cutoff, where)
    return np.asarray(result.value & result.known, dtype=bool)
