"""REDCap's expressions on the rows of one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.clean import in_frame
from pacer_analysis.dictionary import checkbox_column
from pacer_analysis.errors import PlanError
from pacer_analysis.logic import parse
from pacer_analysis.plan.check_logic import check_own_row

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pacer_analysis.logic import Reference
    from pacer_analysis.logic._columns import Column


def columns_of(logic: str, where: str) -> list[str]:
    """The columns that an expression on one table's rows needs; PlanError for one that needs more than the row stores."""
    if not logic:
        return []
    references = parse(logic, where).references
    for reference in references:
        check_own_row(reference, logic, where)
    return [column_of(reference) for reference in references]


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
        name = in_frame(name) if in_frame(name) in frame else name
        if name not in frame:
            raise PlanError(f"The expression {logic} names `{column_of(reference)}`.", where=where, allowed=", ".join(str(column).strip("[]") for column in frame.columns), do="Correct the name.")
        return frame[name]

    return evaluate(parse(logic, where), look_up, today=cutoff, rows=len(frame))


def holds(frame: pd.DataFrame, logic: str, cutoff: dt.date, where: str) -> NDArray[np.bool_]:
    """Whether an expression is true on a row; an expression left out is true, one that is not evaluable is not."""
    import numpy as np

    if not logic:
        return np.ones(len(frame), dtype=bool)
    result = evaluated(frame, logic, cutoff, where)
    return np.asarray(result.value & result.known, dtype=bool)
