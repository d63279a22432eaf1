"""Order of events that happen once: none before the trial begins for its participant, no care after death."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.validate.described import describe
from pacer_analysis.validate.record_dates import days_of, event_dates, happens, origin_dates

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from pacer_analysis.plan import EventRule, Plan
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

AFTER_DEATH, BEFORE_ORIGIN = "after_death", "event_before_origin"
RULES = {AFTER_DEATH: "error", BEFORE_ORIGIN: "error"}
Dated = tuple[str, str, str, str]       # source, form, field, what it is the date of


def dated_care(plan: Plan) -> tuple[Dated, ...]:
    """What only a living participant can have: visits, samples, contacts, sessions of a service."""
    found: list[Dated] = []
    if plan.visits:
        found.append((plan.visits.source, plan.visits.form, plan.visits.date, "visit"))
    if plan.viral_loads:
        found.append((plan.viral_loads.source, plan.viral_loads.form, plan.viral_loads.date, "sample"))
    if plan.contacts:
        found.append((plan.contacts.source, plan.contacts.form, plan.contacts.date, "contact"))
    found += [(service.source, "", service.date, "attendance") for service in plan.services.values() if (service.source, "", service.date) not in {each[:3] for each in found}]
    return tuple(found)


def check_after_death(ledger: Ledger, plan: Plan, rows: Mapping[str, Rows], day: dt.date, places: tuple[Dated, ...]) -> None:
    """A finding on each of the dated rows that lies after the death of its record; `places` are those that this side may judge."""
    import numpy as np

    death = plan.participants.events.get(plan.participants.death)
    if death is None or not places:
        return
    died = event_dates(rows, death, day)
    if died is None:
        ledger.count(AFTER_DEATH, "error", reason="the date of death is not in the export")
        return
    for source, form, field, what in places:
        for table in rows[source].reading.tables if source in rows else ():
            days = days_of(table, field) if table.form == form else None
            if days is None:
                continue
            ended = died.on(table)
            ledger.count(AFTER_DEATH, "error", evaluated=int((~np.isnat(days) & ~np.isnat(ended)).sum()))
            ledger.fail(AFTER_DEATH, "error", table, np.flatnonzero(days > ended), describe(rows[source].reading.dictionary, table.form)[field],
                        f"The {what} is dated after the participant's death.", "check whose it is, its date, and the date of death")


def check_before_origin(ledger: Ledger, plan: Plan, rows: Mapping[str, Rows], day: dt.date, events: tuple[EventRule, ...]) -> None:
    """A finding on each event, of those that happen once, that is dated before the participant's first origin."""
    import numpy as np

    origin = next(iter(plan.participants.origins.values()), None)
    started = None if origin is None else origin_dates(rows, origin)
    if started is None:
        return
    for event in events:
        for table in rows[event.source].reading.tables if event.source in rows else ():
            days = days_of(table, event.date) if table.form == event.form else None
            happened = None if days is None else happens(rows, table, event, day)
            if days is None or happened is None:
                continue
            begun = started.on(table)
            ledger.count(BEFORE_ORIGIN, "error", evaluated=int((happened & ~np.isnat(days) & ~np.isnat(begun)).sum()))
            ledger.fail(BEFORE_ORIGIN, "error", table, np.flatnonzero(happened & (days < begun)), describe(rows[event.source].reading.dictionary, table.form)[event.date],
                        f"{event.label}: dated before {_named(plan)}.", "correct one of the two dates")


def _named(plan: Plan) -> str:
    return next(iter(plan.participants.origins)).replace("_", " ")
