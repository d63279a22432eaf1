"""Every name of trial.yaml and populations.yaml resolved against the dictionary; nothing is read from an export."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pacer_analysis.dictionary import Field, Project, load_checks, load_flat, load_project
from pacer_analysis.dictionary.reconciliations import load_reconciliations
from pacer_analysis.errors import DictionaryError, PlanError
from pacer_analysis.plan.blocks import unknown_name
from pacer_analysis.plan.check_logic import check_logic
from pacer_analysis.plan.model import FieldRef, Participants, Plan


@dataclass(frozen=True)
class _Known:
    """The fields of a source: all of them, by form, the codes of each, and of each form what a column may be called."""

    fields: Collection[str]
    forms: Mapping[str, Collection[str]]
    events: Collection[str]
    codes: Mapping[str, Collection[str]]
    columns: Mapping[str, Collection[str]]


def check(plan: Plan) -> tuple[str, ...]:
    """The participants' columns that populations and analyses may name, after every other name was found.

    Raises PlanError (or DictionaryError from a dictionary that cannot be read) for the first name that is not defined.
    """
    where = str(plan.folder / "trial.yaml")
    known = {source: _known(plan, source) for source in plan.sources}
    _check_sources(plan, known, where)
    _check_arms(plan, known, where)
    for people, block in ((plan.participants, "participants"), (plan.infants, "infants")):
        if people is not None:
            _check_people(plan, people, known, f"{where}, {block}")
    _check_visits(plan, known, where)
    _check_measurements(plan, known, where)
    columns = participant_columns(plan)
    for population in plan.populations.values():
        check_logic(population.logic, columns, variable_codes(plan, known), f"{plan.folder / 'populations.yaml'}, {population.id}")
    _check_rules(plan, known)
    return columns


def participant_columns(plan: Plan) -> tuple[str, ...]:
    """The columns of the derived participants, in order: what logic in populations and variables may refer to."""
    people = plan.participants
    columns = ["record", "site", *people.origins, *people.variables]
    columns += [f"{event}_{part}" for event in people.events for part in ("date", "n")]
    columns += [f"{visit.id}_{part}" for visit in (plan.visits.schedule if plan.visits else ()) for part in ("date", "vl", "vl_date")]
    return (*columns, "follow_up_end")


def _known(plan: Plan, source_id: str) -> _Known:
    source = plan.sources[source_id]
    path = plan.dictionary / source.dictionary
    if not path.is_file():
        present = sorted(file.name for file in plan.dictionary.glob("*.csv")) if plan.dictionary.is_dir() else []
        raise unknown_name("dictionary file", source.dictionary, present, f"{plan.folder / 'trial.yaml'}, source {source_id} (folder {plan.dictionary})")
    if source.reader == "redcap":
        return _known_redcap(load_project(plan.dictionary, source.dictionary))
    flat = load_flat(path)
    return _Known(flat.fields, {"": flat.fields}, (), {name: field.codes for name, field in flat.fields.items()}, {"": flat.fields})


def _known_redcap(project: Project) -> _Known:
    dictionary = project.dictionary
    fields = (*dictionary.fields, "redcap_data_access_group", *(f"{form}_complete" for form in dictionary.forms))
    also = {form: (f"{form}_complete", dictionary.record_id) for form in dictionary.forms}
    forms = {form: (*(field.name for field in members), *also[form]) for form, members in dictionary.forms.items()}
    columns = {form: (*(column for field in members for column in _columns(field)), *also[form]) for form, members in dictionary.forms.items()}
    return _Known(fields, forms, tuple(event.unique_name for event in project.events), {name: field.choices for name, field in dictionary.fields.items()}, columns)


def _columns(field: Field) -> tuple[str, ...]:
    """How a plan may name a field's columns: a checkbox by one of its boxes, as `x(1)` or `x___1`, never as a whole."""
    return (*(f"{field.name}({code})" for code in field.choices), *field.columns) if field.type == "checkbox" else (field.name,)


def variable_codes(plan: Plan, known: dict[str, _Known]) -> dict[str, Collection[str]]:
    """The codes of the participants' variables that have codes: what logic may compare them with."""
    found = {}
    for variable in plan.participants.variables.values():
        if variable.ref is not None and variable.kind in ("binary", "categorical"):
            found[variable.id] = known[variable.ref.source].codes.get(variable.ref.field, ())
        elif variable.viral_load and variable.below is not None:
            found[variable.id] = ("0", "1")
    return found


def _check_sources(plan: Plan, known: dict[str, _Known], where: str) -> None:
    for source in plan.sources.values():
        for name in (*source.key, *source.sealed_fields, *((source.record,) if source.record else ())):
            if name not in known[source.id].fields:
                raise unknown_name("field", name, known[source.id].fields, f"{where}, source {source.id}")
        if source.links_to and source.links_to not in plan.sources:
            raise unknown_name("source", source.links_to, plan.sources, f"{where}, source {source.id}, key `links_to`")


def _check_arms(plan: Plan, known: dict[str, _Known], where: str) -> None:
    about = plan.allocation
    places: list[tuple[str, str, tuple[str, ...]]] = [("allocation", about.source, (about.id, about.arm, about.stratum, about.block, about.sequence, about.date))]
    if plan.blinding:
        places.append(("blinding", plan.blinding.source, (plan.blinding.arm, plan.blinding.code)))
    for block, source, fields in places:
        if source not in plan.sources:
            raise unknown_name("source", source, plan.sources, f"{where}, {block}")
        for name in filter(None, fields):
            if name not in known[source].fields:
                raise unknown_name("field", name, known[source].fields, f"{where}, {block}, source {source}")
        if not plan.sources[source].reveals_arm and not (block == "allocation" and about.arm in plan.sources[source].sealed_fields):
            raise PlanError(f"The {block} is not sealed.", where=f"{where}, source {source}", allowed="reveals_arm: true for a file, reveals_arm: [field] for one column",
                            do=f"Mark source `{source}`, or its column `{about.arm}`, with reveals_arm.")
    for code, name in about.codes.items():
        if name not in plan.arms:
            raise unknown_name("arm", name, plan.arms, f"{where}, allocation, code {code}")
    listed = known[about.source].codes.get(about.arm, ())
    for code in about.codes or plan.arms:
        if listed and code not in listed:
            raise unknown_name("code of the arm", code, listed, f"{where}, allocation, field {about.arm}")
    if about.codes and set(about.codes.values()) != set(plan.arms):
        raise PlanError("Some arm has no code.", where=f"{where}, allocation, codes", allowed=", ".join(plan.arms), do="Give each arm its code.")
    for arm in plan.arms.values():
        if arm.service and plan.services and arm.service not in plan.services:
            raise unknown_name("service", arm.service, plan.services, f"{where}, arm {arm.id}")


def _check_people(plan: Plan, people: Participants, known: dict[str, _Known], where: str) -> None:
    _check_field(known, FieldRef(people.source, people.form, people.event, ""), where)
    if people.site is not None and people.site["field"] not in known[people.source].fields:
        raise unknown_name("field", people.site["field"], known[people.source].fields, f"{where}, site")
    for name, reference in people.origins.items():
        _check_field(known, reference, f"{where}, origin {name}")
    columns = participant_columns(plan)
    for variable in people.variables.values():
        if variable.ref is not None:
            _check_field(known, variable.ref, f"{where}, variable {variable.id}")
        if variable.logic:
            check_logic(variable.logic, columns, {}, f"{where}, variable {variable.id}")
        visits = [visit.id for visit in plan.visits.schedule] if plan.visits else []
        if variable.viral_load and variable.viral_load not in visits:
            raise unknown_name("visit", variable.viral_load, visits, f"{where}, variable {variable.id}, key `viral_load`")
        codes = known[variable.ref.source].codes.get(variable.ref.field, {}) if variable.ref else {}
        if variable.yes and codes and variable.yes not in codes:
            raise unknown_name("code", variable.yes, codes, f"{where}, variable {variable.id}, key `yes`")
    for name in people.strata:
        if name != "site" and name not in people.variables:
            raise unknown_name("variable", name, [*people.variables, "site"], f"{where}, strata")
    for event in people.events.values():
        place = f"{where}, event {event.id}"
        _check_field(known, FieldRef(event.source, event.form, "", event.date), place)
        for origin in filter(None, (event.since, event.after)):
            if origin not in people.origins:
                raise unknown_name("origin", origin, people.origins, place)
        check_logic(event.when, known[event.source].forms[event.form], known[event.source].codes, place)


def _check_visits(plan: Plan, known: dict[str, _Known], where: str) -> None:
    if plan.visits is None:
        return
    if plan.visits.anchor not in plan.participants.origins:
        raise unknown_name("origin", plan.visits.anchor, plan.participants.origins, f"{where}, visits, key `anchor`")
    for visit in plan.visits.schedule:
        _check_field(known, FieldRef(plan.visits.source, plan.visits.form, visit.event, plan.visits.date), f"{where}, visit {visit.id}")


def _check_measurements(plan: Plan, known: dict[str, _Known], where: str) -> None:
    loads, contacts = plan.viral_loads, plan.contacts
    blocks: list[tuple[str, str, str, tuple[str, ...]]] = []
    if loads:
        blocks.append(("viral_loads", loads.source, loads.form, (loads.date, loads.result, loads.log10, loads.kind_field)))
    if contacts:
        blocks.append(("contacts", contacts.source, contacts.form, (contacts.date, contacts.due, contacts.supply)))
    blocks += [(f"service {service.id}", service.source, "", (service.date, service.exit_date)) for service in plan.services.values()]
    for block, source, form, fields in blocks:
        for name in filter(None, fields):
            _check_field(known, FieldRef(source, form, "", name), f"{where}, {block}")
    for service in plan.services.values():
        check_logic(service.attended, known[service.source].fields, known[service.source].codes, f"{where}, service {service.id}")


def _check_rules(plan: Plan, known: dict[str, _Known]) -> None:
    """The rules beside the dictionaries: DictionaryError for one that cannot be read, or that names what no dictionary has."""
    checks, comparisons = plan.dictionary / "checks.yaml", plan.dictionary / "reconciliations.yaml"
    places: list[tuple[str, str, str, str, tuple[str, ...]]] = [(f"{checks}, rule {rule.id}", rule.source, rule.form, rule.event, (rule.field,)) for rule in load_checks(checks)]
    places += [(f"{comparisons}, rule {rule.id}", side.source, side.form, side.event, (side.field, side.date))
               for rule in load_reconciliations(comparisons) for side in (rule.left, rule.right)]
    for where, source, form, event, names in places:
        about = known.get(source)
        if about is None:
            raise _of_dictionary(unknown_name("source", source, known, where))
        flat = "" in about.forms
        if not flat and form not in about.forms:
            raise _of_dictionary(unknown_name("form", form, about.forms, where))
        if not flat and event and event not in about.events:
            raise _of_dictionary(unknown_name("event", event, about.events, where))
        here = "" if flat else form
        for name in filter(None, names):
            if name not in about.forms[here] and name not in about.columns[here]:
                raise _of_dictionary(unknown_name(f"field of {form or source}:", name, about.columns[here], where))


def _of_dictionary(fault: PlanError) -> DictionaryError:
    """The same fault in a file of the dictionary's folder."""
    return DictionaryError(fault.what, where=fault.where, allowed=fault.allowed, do=fault.do)


def _check_field(known: dict[str, _Known], reference: FieldRef, where: str) -> None:
    if reference.source not in known:
        raise unknown_name("source", reference.source, known, where)
    about = known[reference.source]
    if not reference.form and "" not in about.forms:
        raise PlanError(f"The source `{reference.source}` is a REDCap project: say which form.", where=where, allowed=", ".join(about.forms), do="Add `form:`.")
    if reference.form not in about.forms:
        raise unknown_name("form", reference.form, about.forms, where)
    if reference.event and reference.event not in about.events:
        raise unknown_name("event", reference.event, about.events, where)
    if reference.field and reference.field not in about.columns[reference.form]:
        raise unknown_name(f"field of {reference.form or reference.source}:", reference.field, about.columns[reference.form], where)
