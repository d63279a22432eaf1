"""The rules that follow from what the plan says its sources hold, each on its side of the blinding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.validate import after_death, contacts, followed, registered, viral_loads, visits
from pacer_analysis.validate.after_death import check_after_death, check_before_origin, dated_care
from pacer_analysis.validate.described import describe
from pacer_analysis.validate.recorded import RULE as TIME_RULE
from pacer_analysis.validate.recorded import check_times, recorded_times
from pacer_analysis.validate.rulebook import touches_sealed

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from pacer_analysis.logic import Expression
    from pacer_analysis.plan import EventRule, FieldRef, Plan
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows


def check_table_meaning(ledger: Ledger, plan: Plan, table: Tidy, rows: Rows, only: frozenset[str] | None) -> None:
    """The rules on one table that need no other; where a field of theirs is sealed, they are for the restricted side."""
    place, fields = (table.source, table.form), describe(rows.reading.dictionary, table.form)
    loads, care, people = plan.viral_loads, plan.contacts, plan.participants
    if loads and place == (loads.source, loads.form) and _is_theirs(only, loads.date, loads.result, loads.log10):
        viral_loads.check_viral_loads(ledger, table, fields, loads)
    if care and place == (care.source, care.form) and _is_theirs(only, care.date, care.due):
        contacts.check_contacts(ledger, table, fields, care)
    if place == (people.source, people.form):
        check_times(ledger, plan, table, {name: field for name, field in fields.items() if only is None or name in only})


def check_meaning(ledger: Ledger, plan: Plan, rows: Mapping[str, Rows], day: dt.date, *, sealed: bool) -> None:
    """The rules on several tables: visits in their windows and in order, no care after death, no end before the beginning.

    The open side judges what touches nothing sealed, the restricted side the rest.
    """
    if plan.visits and sealed == visits_sealed(plan):
        visits.check_visits(ledger, plan, rows)
    death = plan.participants.events.get(plan.participants.death)
    if death is not None:
        places = tuple(each for each in dated_care(plan) if sealed == (_event_sealed(plan, death) or touches_sealed(plan, each[0], (each[2],))))
        check_after_death(ledger, plan, rows, day, places)
    once = tuple(event for event in once_only(plan) if sealed == (_event_sealed(plan, event) or _origin_sealed(plan)))
    check_before_origin(ledger, plan, rows, day, once)
    followed.check_followed(ledger, plan, rows, day, sealed=sealed)
    if sealed == plan.revealing(plan.participants.source):
        registered.check_participants(ledger, plan, rows)


def plan_rules(plan: Plan, *, sealed: bool) -> dict[str, str]:
    """The rules that the plan's blocks make on one side, with their severities."""
    rules: dict[str, str] = {}
    if plan.viral_loads and sealed == plan.revealing(plan.viral_loads.source):
        rules |= viral_loads.RULES
    if plan.contacts and sealed == plan.revealing(plan.contacts.source):
        rules |= contacts.RULES
    if sealed == plan.revealing(plan.participants.source) and recorded_times(plan):
        rules[TIME_RULE] = "error"
    if plan.visits and sealed == visits_sealed(plan):
        rules |= visits.RULES
    death = plan.participants.events.get(plan.participants.death)
    if death is not None and any(sealed == (_event_sealed(plan, death) or touches_sealed(plan, each[0], (each[2],))) for each in dated_care(plan)):
        rules[after_death.AFTER_DEATH] = "error"
    if any(sealed == (_event_sealed(plan, event) or _origin_sealed(plan)) for event in once_only(plan)):
        rules[after_death.BEFORE_ORIGIN] = "error"
    if plan.sources[plan.participants.source].reader == "redcap" and sealed == plan.revealing(plan.participants.source):
        rules[registered.RULE] = "error"
    return rules | followed.rules(plan, sealed=sealed)


def once_only(plan: Plan) -> tuple[EventRule, ...]:
    """The events of a participant that happen once: death, transfer, withdrawal."""
    return tuple(event for event in plan.participants.events.values() if event.once)


def visits_sealed(plan: Plan) -> bool:
    """True if the dates of visits, or the date from which they are counted, betray the arm."""
    visits_block = plan.visits
    if visits_block is None:
        return False
    anchor = plan.participants.origins.get(visits_block.anchor)
    return touches_sealed(plan, visits_block.source, (visits_block.date,)) or (anchor is not None and _ref_sealed(plan, anchor))


def _origin_sealed(plan: Plan) -> bool:
    return any(_ref_sealed(plan, origin) for origin in list(plan.participants.origins.values())[:1])


def _ref_sealed(plan: Plan, reference: FieldRef) -> bool:
    return touches_sealed(plan, reference.source, (reference.field,))


def _event_sealed(plan: Plan, event: EventRule) -> bool:
    return touches_sealed(plan, event.source, (event.date,), _condition(event))


def _condition(event: EventRule) -> Expression | None:
    from pacer_analysis.logic import LogicError, parse

    try:
        return parse(event.when) if event.when else None
    except LogicError:
        return None


def _is_theirs(only: frozenset[str] | None, *fields: str) -> bool:
    """True on the open side, which lacks what is sealed, and on the restricted one if any of the fields is sealed."""
    return only is None or not only.isdisjoint(fields)
