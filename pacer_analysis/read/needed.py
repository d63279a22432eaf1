"""The fields of a source that the plan itself uses: without them nothing can be derived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project, checkbox_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacer_analysis.dictionary import FlatDictionary
    from pacer_analysis.plan import Participants, Plan, Source


def needed_columns(plan: Plan, source: Source, dictionary: FlatDictionary | Project) -> list[str]:
    """The columns of the source that the plan names, in its order: key, allocation, participants, visits, measurements, services.

    A checkbox that is named as a whole stands for all its columns.
    """
    columns: dict[str, None] = {}
    for place, field in _named(plan):
        if place == source.id and field:
            columns |= dict.fromkeys(_columns(field, dictionary))
    for name in source.key:
        columns |= dict.fromkeys(_columns(name, dictionary))
    return list(columns)


def _columns(field: str, dictionary: FlatDictionary | Project) -> tuple[str, ...]:
    """The export's columns for a field as the plan names it: `x`, `x(1)` or `x___1`."""
    if not isinstance(dictionary, Project):
        return (field,)
    name, _, code = field.removesuffix(")").partition("(")
    if code:
        return (checkbox_column(name, code),)
    about = dictionary.dictionary.fields.get(name)
    return about.columns if about else (name,) if "___" in name or name.removesuffix("_complete") in dictionary.dictionary.forms else ()


def _named(plan: Plan) -> Iterator[tuple[str, str]]:
    """Every pair of source and field in the plan."""
    about = plan.allocation
    yield from ((about.source, name) for name in (about.id, about.arm, about.stratum, about.block, about.sequence, about.date))
    if plan.blinding:
        yield from ((plan.blinding.source, name) for name in (plan.blinding.arm, plan.blinding.code))
    for people in (plan.participants, plan.infants):
        yield from _of_people(people) if people else ()
    if plan.visits:
        yield plan.visits.source, plan.visits.date
    if plan.viral_loads:
        loads = plan.viral_loads
        yield from ((loads.source, name) for name in (loads.date, loads.result, loads.log10, loads.kind_field))
    if plan.contacts:
        yield from ((plan.contacts.source, name) for name in (plan.contacts.date, plan.contacts.due, plan.contacts.supply))
    for service in plan.services.values():
        yield from ((service.source, name) for name in (service.date, service.exit_date, *_in_logic(service.attended)))


def _of_people(people: Participants) -> Iterator[tuple[str, str]]:
    """The pairs in one block of people."""
    yield people.source, people.id
    yield from ((reference.source, reference.field) for reference in people.origins.values())
    yield from ((variable.ref.source, variable.ref.field) for variable in people.variables.values() if variable.ref)
    for event in people.events.values():
        yield from ((event.source, name) for name in (event.date, *_in_logic(event.when)))


def _in_logic(text: str) -> tuple[str, ...]:
    """The fields in an expression, a checkbox by its option."""
    if not text:
        return ()
    from pacer_analysis.logic import parse

    return tuple(f"{reference.field}({reference.code})" if reference.code else reference.field for reference in parse(text).references)
