"""The project as plain data, and where in its rows a reference of the logic language is found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.independent.logic_twin_parser import Reference
from tests.independent.logic_twin_values import BLANK, FieldText, NotEvaluable, Value

RowKey = tuple[str, str, str, int]  # record, event, repeating form or '', instance or 0
Rows = Mapping[RowKey, Mapping[str, str]]
COMMA_NUMBER = re.compile(r"[-+]?([0-9]+,?[0-9]*|,[0-9]+)([eE][+-]?[0-9]+)?")
DAG = "redcap_data_access_group"


@dataclass(frozen=True)
class Field:
    form: str
    kind: str = "text"
    validation: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    calculation: str = ""
    branching: str = ""
    label: str = ""


@dataclass(frozen=True)
class Project:
    record_id: str                        # the first field; its value is the record's name
    events: Mapping[str, tuple[str, int]]  # unique name: label and arm, in order
    mapping: Mapping[str, list[str]]      # event: its forms
    repeating_forms: Mapping[str, list[str]]
    repeating_events: list[str]
    fields: Mapping[str, Field]           # in the dictionary's order
    missing_codes: Mapping[str, str]
    absent: frozenset[str] = frozenset()  # fields that the export does not have

    @property
    def forms(self) -> list[str]:
        return list(dict.fromkeys(known.form for known in self.fields.values()))

    def repeats(self, event: str, form: str) -> bool:
        return event in self.repeating_events or form in self.repeating_forms.get(event, [])


def box_column(name: str, code: str) -> str:
    """The column of one option of a checkbox."""
    return f"{name}___{re.sub('[^a-z0-9_]', '_', code.lower())}"


def standalone(name: str, project: Project, rows: Rows, key: RowKey) -> Value:
    """The value of a smart variable that stands for itself."""
    record, event, form, instance = key
    arm = project.events[event][1]
    siblings = [other for other, (_, of_arm) in project.events.items() if of_arm == arm]
    place = siblings.index(event)
    taken = _instances(rows, record, event, form) if instance else []
    values: dict[str, Value] = {
        "record-name": FieldText(record), "event-name": FieldText(event), "arm-number": float(arm),
        "first-event-name": FieldText(siblings[0]), "last-event-name": FieldText(siblings[-1]),
        "previous-event-name": FieldText(siblings[place - 1]) if place else BLANK,
        "next-event-name": FieldText(siblings[place + 1]) if place + 1 < len(siblings) else BLANK,
        "current-instance": float(instance) if instance else BLANK, "previous-instance": float(instance - 1) if instance > 1 else BLANK,
        "next-instance": float(instance + 1) if instance else BLANK,
        "first-instance": float(min(taken)) if taken else BLANK, "last-instance": float(max(taken)) if taken else BLANK,
    }
    if name == "record-dag-name":
        group = rows.get(key, {}).get(DAG)
        return NotEvaluable("the export has no data access groups") if group is None else FieldText(group) if group else BLANK
    return values.get(name, NotEvaluable(f"[{name}] is not knowable from an export"))


def read(reference: Reference, project: Project, rows: Rows, key: RowKey) -> Value:
    """The value of a reference, seen from one row."""
    name, code = reference.name, reference.code
    if "-" in name:
        alone = reference.event is None and reference.instance is None and code is None
        return standalone(name, project, rows, key) if alone else NotEvaluable(f"[{name}] stands for itself")
    form, columns, problem = _column(name, code, project)
    if problem:
        return NotEvaluable(problem)
    if name == project.record_id and reference.event is None and reference.instance is None:
        return FieldText(key[0])
    event = _event(reference.event, form, project, key)
    if not isinstance(event, str):
        return _made(name, code, "", project) if event is BLANK else event
    if name == project.record_id:
        return FieldText(key[0]) if reference.instance is None else NotEvaluable("a record id has no instances")
    if form not in project.mapping.get(event, []):
        return NotEvaluable(f"{form} is no form of {event}")
    repeats = project.repeats(event, form)
    if reference.instance is not None and not repeats:
        return NotEvaluable(f"{form} does not repeat in {event}")
    if project.events[event][1] != project.events[key[1]][1]:
        return _made(name, code, "", project)
    place = form if form in project.repeating_forms.get(event, []) else ""
    instance = _instance(reference.instance, event, place, rows, key) if repeats else 0
    if isinstance(instance, NotEvaluable):
        return instance
    row = rows.get((key[0], event, place, instance), {})
    return _made(name, code, row.get(columns, ""), project)


def _column(name: str, code: str | None, project: Project) -> tuple[str, str, str]:
    """The form and column of a field, or what is wrong with the reference."""
    if name.endswith("_complete") and name not in project.fields and name.removesuffix("_complete") in project.forms:
        return name.removesuffix("_complete"), name, "a status has no options" if code is not None else ""
    if name not in project.fields:
        return "", "", f"no field {name}"
    known = project.fields[name]
    if name in project.absent:
        return "", "", f"{name} is not in the export"
    if known.kind == "descriptive":
        return "", "", f"{name} has no data"
    if (known.kind == "checkbox") != (code is not None):
        return "", "", f"{name} is a checkbox and needs an option" if code is None else f"{name} is no checkbox"
    if code is None:
        return known.form, name, ""
    if code not in known.choices and code not in project.missing_codes:
        return "", "", f"{name} has no option {code}"
    return known.form, box_column(name, code), ""


def _event(wanted: str | None, form: str, project: Project, key: RowKey) -> Value:
    here = key[1]
    if wanted is None or wanted == "event-name":
        return here
    arm = project.events[here][1]
    order = list(project.events)
    designated = [event for event in order if project.events[event][1] == arm and form in project.mapping.get(event, [])]
    earlier = [event for event in designated if order.index(event) < order.index(here)]
    later = [event for event in designated if order.index(event) > order.index(here)]
    relative = {"first-event-name": designated[:1], "last-event-name": designated[-1:], "previous-event-name": earlier[-1:], "next-event-name": later[:1]}
    if wanted in relative:
        return relative[wanted][0] if relative[wanted] else BLANK
    return wanted if wanted in project.events else NotEvaluable(f"no event {wanted}")


def _instances(rows: Rows, record: str, event: str, place: str) -> list[int]:
    return sorted(instance for of, at, form, instance in rows if (of, at, form) == (record, event, place) and instance)


def _instance(wanted: str | None, event: str, place: str, rows: Rows, key: RowKey) -> int | NotEvaluable:
    """The number of the instance meant; 0, which no repeating row has, where there is none."""
    record, here, form, instance = key
    if wanted is None:
        return instance if (event, place) == (here, form) and instance else NotEvaluable("which instance is meant is not said")
    if wanted.isdigit():
        return int(wanted)
    taken = _instances(rows, record, event, place)
    if wanted in {"first-instance", "last-instance"}:
        return (taken[0] if wanted == "first-instance" else taken[-1]) if taken else 0
    if not instance:
        return NotEvaluable(f"a row that does not repeat has no {wanted}")
    return instance + {"current-instance": 0, "previous-instance": -1, "next-instance": 1}[wanted]


def _made(name: str, code: str | None, text: str, project: Project) -> Value:
    if code is not None:
        return FieldText(text) if text else FieldText("0", blank_box=True)
    if not text:
        return BLANK
    known = project.fields.get(name)
    if known is None:
        return FieldText(text)
    if text in project.missing_codes and text not in known.choices and name != project.record_id:
        return FieldText(text, missing=True, validation=known.validation)
    if "comma_decimal" in known.validation and COMMA_NUMBER.fullmatch(text):
        text = text.replace(",", ".")
    return FieldText(text, validation=known.validation)
