"""A yes-or-no outcome that the export already holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.clean import text_column
from pacer_analysis.derive.coded import recorded_fields, refuse_wrong_code
from pacer_analysis.derive.endpoint_rows import endpoint_rows

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.derive.sets import Sets


def recorded_outcome(sets: Sets, *, field: str, success: str) -> pd.DataFrame:
    """1 where the field of the participants' source holds the code `success`, 0 for any other code, NaN for a blank.

    PlanError where the code is not among the field's choices, or its label says no.
    """
    import numpy as np

    refuse_wrong_code(sets.plan, field, success, is_event=False)
    rows = recorded_fields(sets, [field])
    code = text_column(rows[field]).to_numpy(dtype=object)
    known = code != ""
    return endpoint_rows(sets, "binary", at=np.full(len(code), np.nan), value=np.where(known, (code == success).astype("float64"), np.nan), observed=known,
                         reason=np.select([~known, code == success], ["not recorded", "success"], "failure"), source=sets.plan.participants.source,
                         line=rows["line"].to_numpy(dtype="int64"))
