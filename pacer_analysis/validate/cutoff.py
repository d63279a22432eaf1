"""Truncation: what is dated after the cut-off is as if it had not happened."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from pacer_analysis.read.notes import Note

if TYPE_CHECKING:
    from pacer_analysis.plan import Cut, Plan
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger


def dated_by(plan: Plan) -> dict[tuple[str, str], tuple[str, ...]]:
    """The dates that say when a row happened, by source and form: of viral loads, contacts, visits, services, events and the allocation."""
    entries: list[tuple[str, str, str]] = []
    if plan.viral_loads:
        entries.append((plan.viral_loads.source, plan.viral_loads.form, plan.viral_loads.date))
    if plan.contacts:
        entries.append((plan.contacts.source, plan.contacts.form, plan.contacts.date))
    if plan.visits:
        entries.append((plan.visits.source, plan.visits.form, plan.visits.date))
    entries += [(service.source, "", service.date) for service in plan.services.values()]
    for people in (plan.participants, plan.infants):
        if people:
            entries += [(event.source, event.form, event.date) for event in people.events.values()]
    if plan.allocation.date:
        entries.append((plan.allocation.source, "", plan.allocation.date))
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for source, form, field in entries:
        if field not in found.get((source, form), ()):
            found[source, form] = (*found.get((source, form), ()), field)
    return found


def origin_dates(plan: Plan) -> set[tuple[str, str, str]]:
    """The dates of participants' origins and date variables: found, but never a reason to leave a participant out."""
    # ASSUME: a participant whose time origin lies after the cut-off is not dropped here, so that a mistyped year loses nobody.
    origins = [reference for people in (plan.participants, plan.infants) if people for reference in people.origins.values()]
    variables = [
        variable.ref
        for people in (plan.participants, plan.infants)
        if people
        for variable in people.variables.values()
        if variable.kind == "date" and variable.ref
    ]
    return {(reference.source, reference.form, reference.field) for reference in (*origins, *variables)}


def day_of_export(cut: Cut) -> dt.date:
    """The day on which the data were locked, at the earliest the cut-off: the latest day that an export can know."""
    try:
        locked = dt.date.fromisoformat(cut.locked_at[:10])
    except ValueError:
        return cut.cutoff
    return max(cut.cutoff, locked)


def truncate(ledger: Ledger, plan: Plan, cut: Cut, table: Tidy, fields: dict[str, Described]) -> Tidy:
    """The table without the rows dated after the cut-off.

    A row dated after the day of the export is a finding each; rows between the cut-off and that day, which a lock some days
    later brings with it, are counted in one.
    """
    import numpy as np

    after = np.zeros(table.rows, dtype=bool)
    cutoff, export = (np.datetime64(day, "ns") + np.timedelta64(1, "D") for day in (cut.cutoff, day_of_export(cut)))
    for name in dated_by(plan).get((table.source, table.form), ()):
        if name not in table.fields or table.fields[name].levels.typed.dtype.kind != "M":
            continue
        dates = table.fields[name].typed
        later, future = np.asarray(dates >= cutoff, dtype=bool), np.asarray(dates >= export, dtype=bool)
        ledger.count("after_cutoff", "warning", evaluated=int((~np.isnat(dates)).sum()))
        ledger.fail(
            "after_cutoff",
            "warning",
            table,
            np.flatnonzero(future),
            fields[name],
            f"The date is after {day_of_export(cut)}, when the data were exported; the row is left out.",
            "correct the date",
        )
        between = int((later & ~future).sum())
        if between:
            ledger.note(
                table.source, Note("truncated", "info", name, f"{between} rows are dated after the cut-off {cut.cutoff} and are left out.", "none", table.form)
            )
        after |= later
    for name in (name for source, form, name in sorted(origin_dates(plan)) if (source, form) == (table.source, table.form) and name in table.fields):
        dates = table.fields[name].typed
        if dates.dtype.kind == "M":
            ledger.count("after_cutoff", "warning", evaluated=int((~np.isnat(dates)).sum()))
            ledger.fail(
                "after_cutoff",
                "warning",
                table,
                np.flatnonzero(dates >= export),
                fields[name],
                f"The date is after {day_of_export(cut)}, when the data were exported; the row is kept.",
                "correct the date",
            )
    return table.take(~after) if after.any() else table
