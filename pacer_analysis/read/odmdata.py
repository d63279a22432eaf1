"""The values in a project XML (CDISC ODM), form by form, as its raw CSV export would write them."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pacer_analysis.dictionary.odmfile import Element, walk
from pacer_analysis.errors import ExportError
from pacer_analysis.read.wide import GROUP

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from pacer_analysis.dictionary import Project

NO_TEXT: frozenset[str] = frozenset()
DOCUMENT = "[document]"
MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(:\d{2})?)")
STAMP = "_timestamp"
OPTION = re.compile("(?=___)")


@dataclass(slots=True)
class Filled:
    """The filled cells of one column: in which unit, and which text."""

    units: array[int] = field(default_factory=lambda: array("q"))
    codes: array[int] = field(default_factory=lambda: array("q"))
    levels: dict[str, int] = field(default_factory=lambda: {"": 0})

    def add(self, unit: int, text: str) -> None:
        self.units.append(unit)
        self.codes.append(self.levels.setdefault(text, len(self.levels)))


@dataclass(slots=True)
class Data:
    """What the file holds: units (one form of one record, event and instance), the cells in them, each record's group, the items it defines."""

    units: list[tuple[str, str, str, str, str]] = field(default_factory=list)       # record, event, its instance, form, its instance
    cells: dict[str, Filled] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    declared: set[str] = field(default_factory=set)
    has_data: bool = False


def read_data(path: Path, project: Project, keep: Collection[str] | None, remarks: list[str]) -> Data:
    """The units and cells of a file; the values of fields that are not to be kept are passed over."""
    data = Data()
    record, event, repeat = "", "", "1"
    moments = {item.name for item in project.dictionary.fields.values() if item.kind == "datetime"}
    fields = project.dictionary.fields.keys()
    sealed = frozenset() if keep is None else fields - set(keep)
    forms: dict[str, str] = {}
    for element in walk(path, NO_TEXT, ExportError, remarks):
        if not element.start:
            if element.name == "SubjectData" and project.classic and (not data.units or data.units[-1][0] != record):
                data.units.append((record, "", "1", "", "1"))       # a record of which nothing is filled is a record all the same
            continue
        attributes = element.attributes
        match element.name:
            case "ItemData" | "ItemDataBase64Binary":
                if not sealed or not _of_sealed(attributes.get("ItemOID", ""), sealed, fields):
                    _cell(data, record, element, moments)
            case "FormData":
                oid = attributes.get("FormOID", "")
                form = forms.get(oid) or oid.partition(".")[2] or oid
                data.units.append((record, event, repeat, form, attributes.get("FormRepeatKey", "1")))
            case "StudyEventData":
                event = attributes.get("UniqueEventName") or attributes.get("StudyEventOID", "").partition(".")[2]
                repeat = attributes.get("StudyEventRepeatKey", "1")
            case "SubjectData":
                record, event, repeat = attributes.get("SubjectKey", "").strip(), "", "1"
            case "ItemDef":
                data.declared.add(attributes.get("OID", ""))
            case "FormDef":
                forms[attributes.get("OID", "")] = attributes.get("FormName", "")
            case "ClinicalData":
                data.has_data = True
    return data


def _of_sealed(column: str, sealed: Collection[str], fields: Collection[str]) -> bool:
    """True if a column is a sealed field's, or an option of one."""
    return column in sealed if column in fields else any(column[: mark.start()] in sealed for mark in OPTION.finditer(column))


def _cell(data: Data, record: str, element: Element, moments: set[str]) -> None:
    """One value, as the CSV has it."""
    column = element.attributes.get("ItemOID", "")
    if element.name == "ItemData":
        text = element.attributes.get("Value", "")
        if column in moments or column.endswith(STAMP):
            text = MOMENT.sub(r"\1 \2", text) if MOMENT.fullmatch(text) else text
    else:
        text = element.attributes.get("DocName") or DOCUMENT
    if column == GROUP:
        data.groups[record] = text
    elif text and data.units:
        unit, number, name = len(data.units) - 1, 1, column
        # Options of a checkbox that REDCap calls alike stand one after the other under one name: the second is numbered 2.
        while (filled := data.cells.setdefault(name, Filled())).units and filled.units[-1] == unit:
            number += 1
            name = f"{column}__{number}"
        filled.add(unit, text)
