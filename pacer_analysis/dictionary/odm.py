"""The project XML of REDCap (CDISC ODM) as a project: nothing in it is ambiguous that a dictionary leaves open."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from pacer_analysis.dictionary.choices import items_choices, named_choices, parse_choices
from pacer_analysis.dictionary.field import FIELD_TYPES, TYPE_ALIASES, Field
from pacer_analysis.dictionary.fieldrow import CHOICE_TYPES, field_of
from pacer_analysis.dictionary.odmdefinitions import Definitions, Item, read_definitions
from pacer_analysis.dictionary.project import Event, Project
from pacer_analysis.dictionary.redcap import COLUMNS, RedcapDictionary, collected
from pacer_analysis.dictionary.remark import Remark
from pacer_analysis.dictionary.structure import days_of
from pacer_analysis.errors import DictionaryError

ROW = {"section_header": "SectionHeader", "field_type": "FieldType", "field_note": "FieldNote",
       "text_validation_type_or_show_slider_number": "TextValidationType", "identifier": "Identifier", "branching_logic": "BranchingLogic",
       "required_field": "RequiredField", "custom_alignment": "CustomAlignment", "question_number": "QuestionNumber",
       "matrix_group_name": "MatrixGroupName", "matrix_ranking": "MatrixRanking", "field_annotation": "FieldAnnotation"}
CONTENT = {"calc": "Calculation", "slider": "SliderLabels", "text": "OntologySearch"}
LONGEST_GROUP_NAME = 18
NOT_IN_GROUP_NAME = re.compile(r"[^a-z0-9_]")


def load_odm(path: Path) -> Project:
    """The project in a project XML, with or without data in it; DictionaryError if the file does not say what the project is."""
    texts: list[str] = []
    found = read_definitions(path, DictionaryError, texts)
    if not found.forms or not found.items:
        raise DictionaryError("this XML does not describe the project: it has no forms" if found.has_data else "this XML has no forms", where=str(path),
                              allowed="a project XML with metadata (`Download metadata only` or `metadata & data`)", do="download the project XML, metadata included")
    if not any("Variable" in item.attributes or "FieldType" in item.attributes for item in found.items.values()):
        raise DictionaryError("this XML was not written by REDCap", where=str(path), allowed="the project XML of REDCap", do="download the project XML from REDCap")
    remarks = [Remark(1, "", text) for text in texts]
    names = {oid: attributes.get("FormName") or oid.partition(".")[2] or oid for oid, (attributes, _) in found.forms.items()}
    fields = _fields(found, names, path, remarks)
    if not fields:
        raise DictionaryError("the project XML has no fields", where=str(path), do="download it again")
    record_id = found.record_id if found.record_id in fields else next(iter(fields))
    dictionary = collected(fields, record_id, path, remarks)
    labels = {names[oid]: attributes.get("Name", "") for oid, (attributes, _) in found.forms.items()}
    return _project(found, names, dictionary, {form: label for form, label in labels.items() if form in dictionary.forms})


def _project(found: Definitions, names: dict[str, str], dictionary: RedcapDictionary, labels: dict[str, str]) -> Project:
    """The dictionary with events, mapping, repeats and settings."""
    remarks: list[Remark] = []
    events: list[Event] = []
    mapping: dict[str, tuple[str, ...]] = {}
    for attributes, references in found.events:
        name = attributes.get("UniqueEventName") or attributes.get("OID", "").partition(".")[2]
        day, low, high = (_days(attributes.get(window, ""), name, remarks) for window in ("DayOffset", "OffsetMin", "OffsetMax"))
        label = attributes.get("EventName") or attributes.get("Name", name)
        events.append(Event(name, label, attributes.get("ArmNum", "1"), day, low, high, attributes.get("ArmName", "")))
        forms = [reference.get("FormName") or names.get(reference.get("FormOID", ""), "") for reference in references]
        mapping[name] = tuple(dict.fromkeys(form for form in forms if form in dictionary.forms))
    mapping = mapping or {"": tuple(dictionary.forms)}
    repeating: dict[tuple[str, str], str] = {}
    for attributes in found.repeating:
        event = attributes.get("UniqueEventName", "") if events else ""
        form = attributes.get("RepeatInstrument", "")
        if event in mapping and (not form or form in dictionary.forms):
            repeating[event, form] = attributes.get("CustomLabel", "")
        else:
            remarks.append(Remark(1, "", f"the repeat of {form or 'all forms'} in {event} was left out: the project has no such form or event"))
    codes, notes = parse_choices(found.settings.get("MissingDataCodes", ""))
    remarks += [Remark(1, "", f"among the missing data codes, {note}") for note in notes]
    secondary = found.settings.get("SecondaryUniqueField", "")
    return Project(replace(dictionary, remarks=(*remarks, *dictionary.remarks)), tuple(events), mapping, repeating, found.settings.get("StudyName", ""), codes,
                   _groups(found.data_groups), frozenset(form for form in found.surveys if form in dictionary.forms),
                   secondary if secondary in dictionary.fields else "", found.settings.get("PreventBranchingEraseValues", "") != "1", form_labels=labels)


def _fields(found: Definitions, names: dict[str, str], path: Path, remarks: list[Remark]) -> dict[str, Field]:
    """The fields in the order in which the forms refer to them, the status of the forms and what only exports have left out."""
    owners: dict[str, tuple[str, list[str]]] = {}
    for form_oid, (_, groups) in found.forms.items():
        form = names[form_oid]
        for reference in (reference for group in groups for reference in found.groups.get(group, ())):
            oid = reference.get("ItemOID", "")
            if oid not in found.items:
                continue
            variable = reference.get("Variable") or found.items[oid].attributes.get("Variable") or oid
            if variable != f"{form}_complete":
                owners.setdefault(variable, (form, []))[1].append(oid)
                if reference.get("Mandatory") == "Yes":
                    found.items[oid].attributes.setdefault("RequiredField", "y")
    fields: dict[str, Field] = {}
    for variable, (form, oids) in owners.items():
        item = found.items[oids[0]]
        if not item.attributes.get("FieldType") and (variable.startswith("redcap_") or variable.endswith("_timestamp")):
            continue        # the export's own columns, as it has them beside the fields
        fields[variable] = _field(found, variable, form, item, oids, path, remarks)
    return fields


def _field(found: Definitions, variable: str, form: str, item: Item, oids: list[str], path: Path, remarks: list[Remark]) -> Field:
    attributes = item.attributes
    kind = TYPE_ALIASES.get(attributes.get("FieldType", "").lower(), attributes.get("FieldType", "").lower())
    if kind not in FIELD_TYPES:
        # In a dictionary an unknown type says that columns have shifted; here nothing can shift.
        remarks.append(Remark(item.line, variable, f"the field type {kind} is unknown; the field is read as text" if kind else
                              "the field has no type; it is read as text"))
        kind = "text"
    row = dict.fromkeys(COLUMNS, "") | {column: attributes.get(name, "").strip() for column, name in ROW.items()} | {
        "field_name": variable, "form_name": form, "field_type": kind, "field_label": item.label, "text_validation_min": item.minimum,
        "text_validation_max": item.maximum, "select_choices_or_calculations": attributes.get(CONTENT.get(kind, ""), "").strip()}
    list_attributes, items = found.lists.get(item.code_list, ({}, []))
    choices: dict[str, str] | None = None
    notes: tuple[str, ...] = ()
    if kind == "checkbox":
        written = list_attributes.get("CheckboxChoices", "")
        choices = items_choices(written, oids, variable) or items_choices(written, list(dict.fromkeys(oids)), variable)
        if not choices and written:
            choices, notes = parse_choices(written)
        elif not choices:
            choices = {oid.partition("___")[2]: oid.partition("___")[2] for oid in oids if "___" in oid}
    elif kind in CHOICE_TYPES:
        choices, notes = named_choices(items)
    remarks += [Remark(item.line, variable, note) for note in notes]
    field, more = field_of(row, item.line, str(path), choices)
    remarks += more
    return replace(field, forced_range=item.hard) if item.hard else field


def _days(text: str, event: str, remarks: list[Remark]) -> int | None:
    try:
        return days_of(text.strip())
    except (ValueError, OverflowError):
        remarks.append(Remark(1, "", f"the window of the event {event} is no number of days"))
        return None


def _groups(labels: list[str]) -> dict[str, str]:
    """The labels of data access groups by the names that an export has for them."""
    # ASSUME: an export names a data access group by its label in lower case, spaces as _, other signs dropped, the first 18 characters
    groups: dict[str, str] = {}
    for label in labels:
        name = NOT_IN_GROUP_NAME.sub("", label.strip().lower().replace(" ", "_"))[:LONGEST_GROUP_NAME]
        if name:
            groups.setdefault(name, label)
    return groups
