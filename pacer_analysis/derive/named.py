"""The things of a plan that a derivation names, or a PlanError that says what it may name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacer_analysis.plan import Contacts, Plan, RetentionRule, ViralLoads, Visit


def _unknown(what: str, name: str, where: str, allowed: Iterable[str]) -> PlanError:
    return PlanError(f"There is no {what} `{name}` in the plan.", where=where, allowed=", ".join(allowed) or "none is declared",
                     do=f"Correct the name, or declare the {what}.")


def retention_named(plan: Plan, name: str, where: str) -> RetentionRule:
    """The retention rule of that id."""
    if name not in plan.retention_rules:
        raise _unknown("retention rule", name, where, plan.retention_rules)
    return plan.retention_rules[name]


def origin_named(plan: Plan, name: str, where: str) -> str:
    """The name of an origin, which is a column of the participants."""
    if name not in plan.participants.origins:
        raise _unknown("origin", name, where, plan.participants.origins)
    return name


def event_named(plan: Plan, name: str, where: str) -> str:
    """The name of a dated event."""
    if name not in plan.participants.events:
        raise _unknown("event", name, where, plan.participants.events)
    return name


def event_meant(plan: Plan, given: str | None, usual: str, keyword: str, where: str) -> str:
    """The event that a keyword of a derivation means: the one given, else the usual one; '' for `none`.

    PlanError where the usual one is not among the plan's events: it must then be said which one it is, or that there is none.
    """
    if given is not None and given != usual:
        return "" if given == "none" else event_named(plan, given, where)
    if usual and usual not in plan.participants.events:
        raise PlanError(f"The plan has no event `{usual}`, which `{keyword}` means unless it is given.", where=where,
                        allowed=", ".join([*plan.participants.events, "none"]), do=f"Add `{keyword}: NAME` or `{keyword}: none` to the derivation.")
    return usual


def visits_named(plan: Plan, names: Iterable[str], where: str) -> tuple[Visit, ...]:
    """The visits of those ids, in the order of the schedule."""
    schedule = {entry.id: entry for entry in plan.visits.schedule} if plan.visits else {}
    wanted = list(names)
    for name in wanted:
        if name not in schedule:
            raise _unknown("visit", name, where, schedule)
    return tuple(entry for name, entry in schedule.items() if name in wanted)


def contacts_named(plan: Plan, where: str) -> Contacts:
    """Where the contacts with care are."""
    if plan.contacts is None:
        raise PlanError("The plan names no contacts with care.", where=where, do="Declare `contacts:` in trial.yaml, or use recorded_time.")
    return plan.contacts


def viral_loads_named(plan: Plan, where: str) -> ViralLoads:
    """Where the viral loads are."""
    if plan.viral_loads is None:
        raise PlanError("The plan names no viral loads.", where=where, do="Declare `viral_loads:` in trial.yaml, or use recorded_outcome.")
    return plan.viral_loads
