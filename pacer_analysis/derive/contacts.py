"""Contacts with care, each with the day on which the next is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.clean import date_column, in_frame, number_column
from pacer_analysis.derive.days import dates_of, day_numbers
from pacer_analysis.derive.linked import linked_rows

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.derive.clean import Clean


def contacts_with_due_dates(clean: Clean, people: pd.Index) -> pd.DataFrame:
    """One row per contact in any facility: who, record, at, date, due, due_from ('scheduled', 'supply' or ''), source, line.

    Due is the scheduled date, else date + days of supply where that field is at hand.
    """
    import numpy as np
    import pandas as pd

    plan = clean.plan.contacts
    if plan is None:
        return pd.DataFrame({"who": pd.Series(dtype="int64"), "record": pd.Series(dtype=object), "at": pd.Series(dtype="float64"),
                             "date": pd.Series(dtype="datetime64[ns]"), "due": pd.Series(dtype="datetime64[ns]"), "due_at": pd.Series(dtype="float64"),
                             "due_from": pd.Series(dtype=object), "source": pd.Series(dtype=object), "line": pd.Series(dtype="int64")})
    supply_at_hand = bool(plan.supply) and not clean.closed(plan.source, plan.supply)
    rows = linked_rows(clean, people, plan.source, plan.form, plan.date, [name for name in (plan.due, plan.supply if supply_at_hand else "") if name], "contacts")
    at = rows["at"].to_numpy(dtype="float64")
    due = day_numbers(date_column(rows[in_frame(plan.due)])) if plan.due else np.full(len(rows), np.nan)
    clean.count("contacts: scheduled date not after the contact, taken as blank", np.count_nonzero(due <= at))
    # ASSUME: a scheduled date on or before the contact's own date schedules nothing and is taken as blank.
    due[due <= at] = np.nan
    source = np.where(np.isfinite(due), "scheduled", "").astype(object)
    if supply_at_hand:
        supply = number_column(rows[in_frame(plan.supply)]).to_numpy(dtype="float64")
        filled = np.isnan(due) & (supply > 0)
        due[filled], source[filled] = at[filled] + np.floor(supply[filled]), "supply"
    clean.count("contacts", len(rows))
    clean.count("contacts: due date scheduled", np.count_nonzero(source == "scheduled"))
    clean.count("contacts: due date resting on the sealed supply", np.count_nonzero(source == "supply"))
    clean.count("contacts: without a due date", np.count_nonzero(source == ""))
    found = rows.assign(due=dates_of(due), due_at=due, due_from=source)[["who", "record", "at", "date", "due", "due_at", "due_from", "source", "line"]]
    return found.sort_values(["who", "at", "line"], kind="stable", ignore_index=True)
