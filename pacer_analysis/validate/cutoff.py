"""Truncation: what is dated after the cut-off is as if it had not happened."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from pacer_analysis.read.notes import Note
from pacer_analysis.validate.summed_up import fail_or_sum_up

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.plan import Cut, Plan
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger


LATER = "The export was taken later than the cut-off."


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


def person_dates(plan: Plan) -> set[tuple[str, str, str]]:
    """The dates of participants' origins and date variables, by source, form and field."""
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
    """The table without the rows that happened after the cut-off: those whose every date, of the dates that say so, is later.

    The rows of the participants themselves all stay, as does a row with an earlier date: there a later date alone is as if it had
    not happened, which the derivation sees to. A date after the day of the export is a finding each; dates between the cut-off and
    that day, which a lock some days later brings with it, are counted in one. A participant's origin is a finding on either side.
    """
    import numpy as np

    end = np.datetime64(cut.cutoff, "us") + np.timedelta64(1, "D")
    personal = [name for source, form, name in sorted(person_dates(plan)) if (source, form) == (table.source, table.form)]
    happened = dated_by(plan).get((table.source, table.form), ())
    named = [name for name in dict.fromkeys((*happened, *personal)) if name in table.fields and table.fields[name].levels.typed.dtype.kind == "M"]
    dates = {name: table.fields[name].typed for name in named}
    # ASSUME: a row with several dates that say when it happened has happened by the cut-off if one of them has; a participant's own row always has.
    origins = {reference.field for reference in plan.participants.origins.values() if (reference.source, reference.form) == (table.source, table.form)}
    saying = [values for name, values in dates.items() if name in happened or name in origins] if any(name in dates for name in happened) else []
    after = np.zeros(table.rows, dtype=bool)
    if saying:
        after = np.any([values >= end for values in saying], axis=0) & ~np.any([values < end for values in saying], axis=0) & ~_own(plan, table)
    for name, values in dates.items():
        ledger.count("after_cutoff", "warning", evaluated=int((~np.isnat(values)).sum()))
        _report(ledger, cut, table, fields[name], after & (values >= end), "the row is left out", strict=False)
        _report(ledger, cut, table, fields[name], ~after & (values >= end), "it is as if it had not happened", strict=name in personal)
    return table.take(~after) if after.any() else table


def _report(ledger: Ledger, cut: Cut, table: Tidy, about: Described, later: NDArray[np.bool_], what: str, *, strict: bool) -> None:
    """A finding for each date after the day of the export, and one for those before it; if `strict`, a finding for each after the cut-off."""
    import numpy as np

    limit = cut.cutoff if strict else day_of_export(cut)
    beyond = later & (table.fields[about.name].typed >= np.datetime64(limit, "us") + np.timedelta64(1, "D"))
    day = f"the cut-off {cut.cutoff}" if strict else f"{limit}, when the data were exported"
    fail_or_sum_up(ledger, "after_cutoff", "warning", table, np.flatnonzero(beyond), about, f"The date is after {day}; {what}.", "correct the date if it is mistyped", LATER)
    between = int((later & ~beyond).sum())
    if between:
        ledger.note(table.source, Note("truncated", "info", about.name, f"{between} dates are after the cut-off {cut.cutoff}; {what}.", "none", table.form))


def _own(plan: Plan, table: Tidy) -> NDArray[np.bool_]:
    """The rows that are the participants' own, or their infants'."""
    import numpy as np

    own = np.zeros(table.rows, dtype=bool)
    for people in (plan.participants, plan.infants):
        if people and (people.source, people.form) == (table.source, table.form):
            here = np.array([not people.event or not table.form or level == people.event for level in table.event.levels], dtype=bool)
            own |= here[table.event.codes] if len(here) else True
    return own
