"""A yes-or-no outcome that the export already holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.clean import date_column, in_frame
from pacer_analysis.derive.coded import recorded_codes, recorded_fields, refuse_wrong_code
from pacer_analysis.derive.days import day_number, day_numbers
from pacer_analysis.derive.endpoint_rows import endpoint_rows

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.derive.sets import Sets


def recorded_outcome(sets: Sets, *, field: str, success: str, date: str | None = None) -> pd.DataFrame:
    """1 where the field of the participants' source holds the code `success`, 0 for any other of its codes.

    NaN, not observed, for a blank, a missing-data code, a code that is none of the field's choices, and, where `date` names the
    field with the outcome's day, for an outcome dated after the cut-off. PlanError where `success` is not among the choices.
    """
    import numpy as np

    refuse_wrong_code(sets.plan, field, success, is_event=False)
    rows = recorded_fields(sets, [field, *([date] if date else [])])
    code, said = recorded_codes(sets.plan, field, rows[in_frame(field)])
    at = day_numbers(date_column(rows[in_frame(date)])) if date else np.full(len(code), np.nan)
    future = at > day_number(sets.cutoff)
    known = said & ~future
    return endpoint_rows(sets, "binary", at=np.where(known, at, np.nan), value=np.where(known, (code == success).astype("float64"), np.nan), observed=known,
                         reason=np.select([said & future, ~known & (code != ""), ~known, code == success], ["after the cut-off", "code not known", "not recorded", "success"], "failure"), source=sets.plan.participants.source,
                         line=rows["line"].to_numpy(dtype="int64"))
