"""Study visits, each in the window that its date falls into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.days import day_numbers
from pacer_analysis.derive.linked import linked_rows
from pacer_analysis.derive.windows import nearest_to_target, visit_of

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.derive.clean import Clean


def visits_by_date(clean: Clean, people: pd.Index, participants: pd.DataFrame) -> pd.DataFrame:
    """One row per study visit: who, record, visit ('' outside every window), date, at, day, in_window, chosen, event, event_visit, source, line.

    The date decides the visit; the event under which it was entered is kept beside it. `chosen` is the one nearest the target.
    """
    import numpy as np
    import pandas as pd

    plan = clean.plan.visits
    if plan is None or not plan.date:
        return pd.DataFrame({"who": pd.Series(dtype="int64"), "record": pd.Series(dtype=object), "visit": pd.Series(dtype=object),
                             "date": pd.Series(dtype="datetime64[ns]"), "at": pd.Series(dtype="float64"), "day": pd.Series(dtype="float64"),
                             "in_window": pd.Series(dtype=bool), "chosen": pd.Series(dtype=bool), "event": pd.Series(dtype=object),
                             "event_visit": pd.Series(dtype=object), "source": pd.Series(dtype=object), "line": pd.Series(dtype="int64")})
    rows = linked_rows(clean, people, plan.source, plan.form, plan.date, [], "study visits")
    rows["day"] = rows["at"].to_numpy() - day_numbers(participants[plan.anchor])[rows["who"]]
    rows["visit"] = visit_of(rows["day"].to_numpy(), plan.schedule)
    rows["event_visit"] = rows["event"].map({entry.event: entry.id for entry in plan.schedule if entry.event}).fillna("")
    rows["in_window"] = (rows["visit"] != "").to_numpy()
    rows["chosen"] = nearest_to_target(rows, np.ones(len(rows), dtype=bool), plan.schedule)
    clean.count("study visits", len(rows))
    clean.count("study visits: outside every window", np.count_nonzero(~rows["in_window"]))
    moved = (rows["visit"] != "") & (rows["event_visit"] != "") & (rows["visit"] != rows["event_visit"])
    clean.count("study visits: in the window of another visit than the event they were entered under", moved.sum())
    clean.count("study visits: not chosen, another is nearer the target", np.count_nonzero(rows["in_window"] & ~rows["chosen"]))
    found = rows[["who", "record", "visit", "date", "at", "day", "in_window", "chosen", "event", "event_visit", "source", "line"]]
    return found.sort_values(["who", "at", "line"], kind="stable", ignore_index=True)
