"""What the plan says of following people: who is followed, from when, and in which service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.logic import LogicError, parse
from pacer_analysis.read.convert import VALUE
from pacer_analysis.validate.described import Described, describe
from pacer_analysis.validate.record_dates import RecordDates, days_of, event_rows, origin_dates

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.plan import Plan, Service
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

BEFORE, OTHER, AFTER, NEVER = "service_before_origin", "service_of_other_arm", "attended_after_exit", "never_entered"
# A source follows those who entered the trial if nearly all of so many records in it did.
NEARLY_ALL, ENOUGH = 0.95, 20


def rules(plan: Plan, *, sealed: bool) -> dict[str, str]:
    """The rules of one side with their severities."""
    found = dict.fromkeys((BEFORE, OTHER), "warning") if sealed and own_registers(plan) else {}
    if sealed and any(service.exit_date for service in own_registers(plan)):
        found[AFTER] = "warning"
    return found | ({NEVER: "warning"} if followed_sources(plan, sealed=sealed) else {})


def own_registers(plan: Plan) -> tuple[Service, ...]:
    """The services with a register of their own, which betrays the arm as a whole."""
    # ASSUME: who may attend a service, and from when, can be judged only by a register of that service alone; records of all care hold what came before the trial and movement between services.
    return tuple(service for service in plan.services.values() if plan.revealing(service.source))


def followed_sources(plan: Plan, *, sealed: bool) -> tuple[str, ...]:
    """The sources that follow those who entered the trial: contacts and registers of services."""
    names = dict.fromkeys((*((plan.contacts.source,) if plan.contacts else ()), *(service.source for service in plan.services.values())))
    return tuple(name for name in names if name != plan.participants.source and plan.sources[name].links_to == plan.participants.source and plan.revealing(name) == sealed)


def check_followed(ledger: Ledger, plan: Plan, rows: Mapping[str, Rows], day: dt.date, *, sealed: bool) -> None:
    """Warnings on rows of people who never entered the trial; on the sealed side also on attendance that the arm, the origin or an exit forbids."""
    for source in followed_sources(plan, sealed=sealed):
        if source in rows:
            _never_entered(ledger, plan, rows, source)
    for service in own_registers(plan) if sealed else ():
        for table in rows[service.source].reading.tables if service.source in rows else ():
            if (days := days_of(table, service.date)) is not None:
                _attendance(ledger, plan, rows, service, table, days, day)


def _never_entered(ledger: Ledger, plan: Plan, rows: Mapping[str, Rows], source: str) -> None:
    """The first row of each record that has no row of the form of the first origin."""
    import numpy as np
    import pandas as pd

    origin, people = next(iter(plan.participants.origins.values()), None), rows.get(plan.participants.source)
    place = None if origin is None or people is None else next((each for each in people.reading.tables if each.form == origin.form and origin.field in each.fields), None)
    if origin is None or people is None or place is None or (origin.source, origin.form) == (plan.participants.source, plan.participants.form):
        return
    known = {str(level) for table in people.reading.tables for level in table.record.levels}
    entered = {str(place.record.levels[code]) for code in np.unique(place.record.codes[event_rows(place, origin.event)])}
    for table in rows[source].reading.tables:
        there = np.unique(table.record.codes)
        names = [str(level) for level in table.record.levels]
        judged = [code for code in there.tolist() if names[code] in known]      # who is not known at all is a finding already
        never = [code for code in judged if names[code] not in entered]
        # ASSUME: a source follows only those who entered the trial if at least 95% of 20 or more records in it did; otherwise it says nothing of the others.
        if len(judged) < ENOUGH or len(never) > (1 - NEARLY_ALL) * len(judged):
            continue
        found = np.flatnonzero(np.isin(table.record.codes, never))
        first = found[~pd.Series(table.record.codes[found]).duplicated().to_numpy()]
        ledger.count(NEVER, "warning", evaluated=len(judged))
        ledger.fail(NEVER, "warning", table, first, Described(""), "The record never entered the trial, whose participants alone are followed here.", "find out whose row it is")


def _attendance(ledger: Ledger, plan: Plan, rows: Mapping[str, Rows], service: Service, table: Tidy, days: NDArray[np.datetime64], day: dt.date) -> None:
    """Attendance before the first origin, of a service of another arm, and after leaving the service."""
    import numpy as np

    about = describe(rows[service.source].reading.dictionary, table.form)[service.date]
    name, origin = next(iter(plan.participants.origins.items()), ("", None))
    begun = None if origin is None else origin_dates(rows, origin)
    if begun is not None:
        start = begun.on(table)
        ledger.count(BEFORE, "warning", evaluated=int((~np.isnat(days) & ~np.isnat(start)).sum()))
        ledger.fail(BEFORE, "warning", table, np.flatnonzero(days < start), about, f"The attendance is dated before {name.replace('_', ' ')}.", "correct one of the two dates, or find out whose it is")
    attended = _attended(rows[service.source], service, table, day)
    if attended is None:
        return
    other = _of_other_arm(plan, rows, service, table)
    if other is not None:
        judged, wrong = other
        ledger.count(OTHER, "warning", evaluated=int((attended & judged).sum()))
        ledger.fail(OTHER, "warning", table, _first(table, attended & wrong), about, "The service belongs to another arm than the one allocated.",
                    "find out whose it is; if it is right, the participant moved to the other service")
    ended = days_of(table, service.exit_date) if service.exit_date else None
    if ended is not None:
        left = np.full(len(table.record.levels), np.datetime64("NaT", "D"))
        np.fmin.at(left, table.record.codes, ended)
        last = RecordDates(table.record.levels, left).on(table)
        ledger.count(AFTER, "warning", evaluated=int((attended & ~np.isnat(last)).sum()))
        ledger.fail(AFTER, "warning", table, _first(table, attended & (days > last)), about, "Attended after leaving the service.", "correct the day of leaving, or enter the return")


def _attended(rows: Rows, service: Service, table: Tidy, day: dt.date) -> NDArray[np.bool_] | None:
    """The rows on which the service was attended; None if that cannot be read."""
    import numpy as np

    if not service.attended:
        return np.ones(table.rows, dtype=bool)
    try:
        result = rows.evaluate(table, parse(service.attended), day)
    except LogicError:
        return None
    return np.asarray(result.known & result.value, dtype=bool)


def _of_other_arm(plan: Plan, rows: Mapping[str, Rows], service: Service, table: Tidy) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    """The rows whose record is allocated, and those of them whose arm has another service; None without a list of allocation."""
    import numpy as np

    names = plan.allocation
    tables = rows[names.source].reading.tables if names.source in rows else ()
    listed = next((each for each in tables if names.arm in each.fields), None)
    if listed is None or all(arm.service != service.id for arm in plan.arms.values()):
        return None
    cells = listed.fields[names.arm]
    arms = [plan.arms.get(plan.allocation.codes.get(str(text), str(text))) for text in cells.levels.typed]
    valid = np.array([arm is not None for arm in arms], dtype=bool) & (cells.levels.status == VALUE)
    mine = np.array([arm is not None and arm.service in {"", service.id} for arm in arms], dtype=bool)
    allocated, fitting = (set(listed.record.levels[np.unique(listed.record.codes[marked[cells.codes]])].astype(str)) for marked in (valid, valid & mine))
    levels = table.record.levels.astype(str)
    judged = np.array([level in allocated for level in levels], dtype=bool)[table.record.codes]
    wrong = np.array([level in allocated and level not in fitting for level in levels], dtype=bool)[table.record.codes]
    return judged, wrong


def _first(table: Tidy, marked: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The first of the rows marked, of each record."""
    import numpy as np

    found = np.flatnonzero(marked)
    return found[np.sort(np.unique(table.record.codes[found], return_index=True)[1])]
