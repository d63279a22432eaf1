"""Dated facts: deaths, transfers, adverse events; the first of each and how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.conditions import columns_of, holds
from pacer_analysis.derive.days import day_numbers
from pacer_analysis.derive.linked import linked_rows

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from pacer_analysis.derive.clean import Clean


def dated_events(clean: Clean, entered: pd.DataFrame, cutoff: dt.date) -> pd.DataFrame:
    """One row per fact that happened to a participant: who, name, date (NaT if not recorded), at (day number), source, line.

    `entered` has one row per participant with the origins. A row counts where the rule's `when` is true and its date is not
    before the origin `since`, or is later than the origin `after`. A fact that happens once is its earliest row.
    """
    import pandas as pd

    people = pd.Index(entered["record"])
    columns = ["who", "name", "date", "at", "source", "line"]
    found = [pd.DataFrame({"who": pd.Series(dtype="int64"), "name": pd.Series(dtype=object), "date": pd.Series(dtype="datetime64[ns]"),
                           "at": pd.Series(dtype="float64"), "source": pd.Series(dtype=object), "line": pd.Series(dtype="int64")})]
    for rule in clean.plan.participants.events.values():
        where = f"trial.yaml, participants.events.{rule.id}"
        if clean.closed(rule.source) or any(clean.closed(rule.source, column) for column in [rule.date, *columns_of(rule.when, where)]):
            clean.count(f"event {rule.id}: left out, its source is sealed", 1)
            continue
        rows = linked_rows(clean, people, rule.source, rule.form, rule.date, columns_of(rule.when, where), f"event {rule.id}", undated=True)
        rows = rows[holds(rows, rule.when, cutoff, where)].assign(name=rule.id)
        for origin, kept in ((rule.since, "ge"), (rule.after, "gt")):
            if origin:
                begins = day_numbers(entered[origin])[rows["who"].to_numpy(dtype="int64")]
                early = ~getattr(rows["at"], kept)(begins) & rows["at"].notna()
                clean.count(f"event {rule.id}: before {origin}", early.sum())
                rows = rows[~early]
        clean.count(f"event {rule.id}: without a date", rows["date"].isna().sum())
        rows = rows.sort_values(["who", "at", "line"], kind="stable", na_position="last")
        if rule.once:
            clean.count(f"event {rule.id}: recorded more than once", rows["who"].duplicated().sum())
            rows = rows.drop_duplicates("who")
        found.append(rows[columns])
    return pd.concat([frame for frame in found if len(frame)] or found, ignore_index=True)


def event_columns(events: pd.DataFrame, names: list[str], people: pd.Index) -> pd.DataFrame:
    """Per participant `<name>_date` (the first) and `<name>_n` (how many) of every event of the plan."""
    import numpy as np
    import pandas as pd

    columns: dict[str, object] = {}
    for name in names:
        rows = events[events["name"] == name]
        first = rows.dropna(subset=["date"]).drop_duplicates("who").set_index("who")["date"]
        columns[f"{name}_date"] = first.reindex(np.arange(len(people))).to_numpy(dtype="datetime64[ns]")
        columns[f"{name}_n"] = np.bincount(rows["who"].to_numpy(dtype="int64"), minlength=len(people)).astype("int64")
    return pd.DataFrame(columns, index=range(len(people)))
