"""participants.parquet: one row per person, every variable of the plan, and what is known of events and visits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.chosen import chosen_row, taken
from pacer_analysis.derive.clean import date_column, in_frame, number_column, text_column
from pacer_analysis.derive.conditions import column_named, columns_of, evaluated
from pacer_analysis.derive.days import dates_of, day_numbers

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    import pandas as pd

    from pacer_analysis.derive.clean import Clean
    from pacer_analysis.plan import FieldRef, Variable


def own_rows(clean: Clean, fields: Iterable[str]) -> pd.DataFrame:
    """The participants' own rows: one per record of their form and event, in the order of the file; of repeated ones the first."""
    people = clean.plan.participants
    frame = clean.read(people.source, people.form, fields)
    if people.event and "event" in frame:
        frame = frame[frame["event"] == people.event]
    return frame[frame["record"].astype(str) != ""].drop_duplicates("record").reset_index(drop=True)


def participants_with_origins(clean: Clean) -> pd.DataFrame:
    """One row per participant: record, site, the origins (dates without time of day), source and line."""
    import numpy as np
    import pandas as pd

    plan = clean.plan.participants
    site = plan.site["field"] if plan.site else ""
    # A data access group is not a field of the export's dictionary: the reader gives it as `site`.
    redcap_group = clean.plan.sources[plan.source].reader == "redcap" and site == "redcap_data_access_group"
    rows = own_rows(clean, [site] if site and not redcap_group else [])
    where_from = "site" if redcap_group or not site else in_frame(site)
    frame = pd.DataFrame({"record": rows["record"].astype(object), "site": text_column(rows[where_from]) if where_from in rows else ""})
    frame["site"] = frame["site"].astype(object)
    for name, ref in plan.origins.items():
        day = day_numbers(date_column(_field(clean, ref, frame["record"])))
        # ASSUME: an origin after the cut-off, mistyped or not, has not happened yet: it is blank, and its participant stays, not entered.
        future = day > clean.cutoff
        clean.count(f"origin {name}: after the cut-off, not yet", np.count_nonzero(future))
        frame[name] = dates_of(np.where(future, np.nan, day))
    frame["source"] = f"{plan.source}/{plan.form}" if plan.form else plan.source
    frame["line"] = rows["line"].astype("int64")
    return frame


def _field(clean: Clean, ref: FieldRef, records: pd.Series) -> pd.Series:
    """A field's value for each record: of the rows of that form and event the first."""
    field = column_named(ref.field)
    rows = clean.read(ref.source, ref.form, [field])
    if ref.event and "event" in rows:
        rows = rows[rows["event"] == ref.event]
    return rows.drop_duplicates("record").set_index("record")[in_frame(field)].reindex(records)


def typed(clean: Clean, variable: Variable, values: pd.Series) -> pd.Series:
    """The values in the type of the variable's kind: float64, datetime64[ns], or text with '' for blank; a date after the cut-off is blank."""
    if variable.kind == "continuous":
        return number_column(values)
    if variable.kind != "date":
        return text_column(values)
    dates = date_column(values)
    return _up_to_cutoff(clean, variable, dates)


def _up_to_cutoff(clean: Clean, variable: Variable, dates: pd.Series) -> pd.Series:
    future = day_numbers(dates) > clean.cutoff
    clean.count(f"variable {variable.id}: after the cut-off, blank", future.sum())
    return dates.mask(future)


def with_variables(clean: Clean, participants: pd.DataFrame, events: pd.DataFrame, visits: pd.DataFrame, viral_loads: pd.DataFrame, cutoff: dt.date) -> pd.DataFrame:
    """The participants with every variable, event columns, and `<visit>_date`, `<visit>_vl`, `<visit>_vl_date`, in the plan's order.

    A variable's logic may name any event or visit column and any variable before it. A variable from a sealed field is blank
    on the open side.
    """
    import numpy as np
    import pandas as pd

    plan, count = clean.plan, len(participants)
    columns: dict[str, pd.Series] = {}
    for visit in plan.visits.schedule if plan.visits else ():
        row = chosen_row(viral_loads, visit.id, count)
        for name, values in ((f"{visit.id}_date", taken(visits, "date", chosen_row(visits, visit.id, count), np.datetime64("NaT"))),
                             (f"{visit.id}_vl", taken(viral_loads, "value", row, np.nan)),
                             (f"{visit.id}_vl_date", taken(viral_loads, "date", row, np.datetime64("NaT")))):
            columns[name] = pd.Series(values, index=participants.index)
    visit_columns = pd.DataFrame(columns, index=participants.index)
    frame = pd.concat([participants, events, visit_columns], axis=1)
    for name, variable in plan.participants.variables.items():
        frame[name] = _variable(clean, frame, variable, viral_loads, cutoff)
    own = ["source", "line"]
    return frame[[*(name for name in participants if name not in own), *plan.participants.variables, *events, *visit_columns, *own]].copy()


def _variable(clean: Clean, frame: pd.DataFrame, variable: Variable, viral_loads: pd.DataFrame, cutoff: dt.date) -> pd.Series:
    import numpy as np
    import pandas as pd

    if variable.ref is not None:
        return typed(clean, variable, _field(clean, variable.ref, frame["record"]).reset_index(drop=True))
    if variable.viral_load:
        row = chosen_row(viral_loads, variable.viral_load, len(frame))
        column, blank = ("value", np.nan) if variable.below is None else (f"below_{variable.below:g}", "")
        return typed(clean, variable, pd.Series(taken(viral_loads, column, row, blank), index=frame.index))
    where = f"trial.yaml, participants.variables.{variable.id}"
    columns_of(variable.logic, where)
    found = evaluated(frame, variable.logic, cutoff, where)
    if variable.kind == "date":
        dates = pd.Series(np.where(found.known, found.dates, np.datetime64("NaT")), index=frame.index).astype("datetime64[ns]")
        return _up_to_cutoff(clean, variable, dates)
    if variable.kind == "continuous":
        return pd.Series(np.where(found.known, found.numbers, np.nan), index=frame.index)
    # A condition gives '1' or '0'; what is not evaluable is blank, never '0'.
    texts = np.where(found.value, "1", "0") if found.kind == "truth" else found.texts
    return pd.Series(np.where(found.known, texts, "").astype(object), index=frame.index)
