"""Suppression at each visit, at each threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.chosen import chosen_row, has_closed, taken, window_closes
from pacer_analysis.derive.endpoint_rows import endpoint_rows
from pacer_analysis.derive.first_events import first_event
from pacer_analysis.derive.named import event_meant, viral_loads_named, visits_named

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.derive.sets import Sets


def suppression_by_visit(sets: Sets, *, below: list[float], visits: list[str], death: str | None = None) -> pd.DataFrame:
    """For every visit and threshold: 1 if the visit's study viral load is below it, 0 if not, NaN with a reason if that is not known.

    Reasons of NaN: not yet due (the window is open at the cut-off), dead (before the window closed), no viral load,
    indeterminate. Whether the missing count as failures is the analysis's switch. `death` is the plan's event of death unless
    given; it may be `none`.
    """
    import numpy as np
    import pandas as pd

    where, loads, people = "suppression_by_visit", sets.viral_loads, len(sets.participants)
    viral_loads_named(sets.plan, where)
    died = first_event(sets.events, event_meant(sets.plan, death, sets.plan.participants.death, "death", where), people)[0]
    parts = []
    for visit in visits_named(sets.plan, visits, where):
        row = chosen_row(loads, visit.id, people)
        closes = window_closes(sets, visit)
        due = has_closed(sets, closes)
        for threshold in below:
            found = taken(loads, f"below_{threshold:g}", row, "")
            observed = due & (found != "")
            reason = np.select([~due, found == "1", found == "0", row >= 0, died <= closes], ["not yet due", "suppressed", "viraemic", "indeterminate", "dead"], "no viral load")
            parts.append(endpoint_rows(sets, "binary", at=taken(loads, "at", row, np.nan), visit=visit.id, threshold=float(threshold), due=due, observed=observed,
                                       value=np.where(observed, (found == "1").astype("float64"), np.nan), reason=reason,
                                       source=taken(loads, "source", row, ""), line=taken(loads, "line", row, 0)))
    return pd.concat(parts, ignore_index=True)
