"""Time to an event that the export already holds as days and a flag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.clean import in_frame, number_column
from pacer_analysis.derive.coded import recorded_codes, recorded_fields, refuse_wrong_code
from pacer_analysis.derive.days import day_number, day_numbers
from pacer_analysis.derive.endpoint_rows import endpoint_rows

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.derive.sets import Sets


def recorded_time(sets: Sets, *, time: str, event: str, code: str, competing: dict[str, str] | None = None) -> pd.DataFrame:
    """Days and status as the participants' source records them: status 1 where `event` holds `code`, 0 for any other of its codes.

    `competing` maps names to further codes of the same field, status 2, 3 ... in order. Not observed: a blank or negative time,
    a blank flag, a missing-data code, a code that is none of the field's choices. Days count from the plan's first origin, where
    it names one: a time that reaches beyond the cut-off is censored there, event or not, with the reason 'cut-off'. PlanError where the field's
    own value labels contradict the codes: an event flag read the wrong way round is silent.
    """
    import numpy as np

    competing = competing or {}
    for each, is_event in [(code, True), *((other, True) for other in competing.values())]:
        refuse_wrong_code(sets.plan, event, each, is_event=is_event)
    rows = recorded_fields(sets, [time, event])
    days = number_column(rows[in_frame(time)]).to_numpy(dtype="float64")
    flag, said = recorded_codes(sets.plan, event, rows[in_frame(event)])
    known = said & (days >= 0)
    status, reason = np.where(flag == code, 1, 0), np.where(flag == code, "event", "censored").astype(object)
    for place, (name, other) in enumerate(competing.items()):
        status[flag == other], reason[flag == other] = place + 2, name
    origins = list(sets.plan.participants.origins)
    if origins:
        # ASSUME: a recorded time counts from the plan's first origin; what lies beyond the cut-off is not known at the cut-off.
        seen = day_number(sets.cutoff) - day_numbers(sets.participants[origins[0]])
        beyond = known & (days > seen)
        days, status, reason = np.where(beyond, seen, days), np.where(beyond, 0, status), np.where(beyond, "cut-off", reason)
    reason[~known] = np.select([days < 0, ~said & (flag != "")], ["negative time", "code not known"], "not recorded")[~known]
    days = np.where(known, days, np.nan)
    return endpoint_rows(sets, "time", at=np.full(len(days), np.nan), time=days, clock_time=days, status=np.where(known, status, 0), observed=known, due=True, reason=reason,
                         source=sets.plan.participants.source, line=rows["line"].to_numpy(dtype="int64"))
