"""The raw files of the material as plain csv and ElementTree give them, cut by form: what the checks of the literals count."""

from __future__ import annotations

import functools
import xml.etree.ElementTree as ET

from tests.independent import material_tables
from tests.independent.material_expected import PROJECTS, XML_DICTIONARY, expected

MATERIAL = material_tables.folder()
PAIRS = sorted(name for name in PROJECTS if expected(name)["data"])
FULL = [name for name in PAIRS if expected(name)["records"]]


def local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def attributes(element: ET.Element) -> dict[str, str]:
    return {name.rpartition("}")[2]: value for name, value in element.attrib.items()}


@functools.cache
def root(project: str) -> ET.Element:
    return ET.parse(MATERIAL / PROJECTS[project]["xml"]).getroot()


def of(project: str, tag: str) -> list[dict[str, str]]:
    return [attributes(element) for element in root(project).iter() if local(element) == tag]


@functools.cache
def xml_fields(project: str) -> dict[str, dict[str, str]]:
    """Form -> field -> type, by walking FormDef > ItemGroupRef > ItemGroupDef > ItemRef > ItemDef."""
    tree = root(project)
    groups = {attributes(e)["OID"]: [attributes(item)["ItemOID"] for item in e] for e in tree.iter() if local(e) == "ItemGroupDef"}
    items = {a["OID"]: a for a in of(project, "ItemDef")}
    spelling = XML_DICTIONARY["spelling"]
    forms: dict[str, dict[str, str]] = {}
    for form in (e for e in tree.iter() if local(e) == "FormDef"):
        name = attributes(form)["FormName"]
        found = [items[item] for ref in form for item in groups[attributes(ref)["ItemGroupOID"]]]
        forms[name] = {a["Variable"]: spelling.get(a["FieldType"], a["FieldType"]) for a in found if "FieldType" in a and a["OID"] != f"{name}_complete"}
    return forms


def xml_items(project: str) -> dict[tuple[str, str, str, int], dict[str, str]]:
    """(record, event, form, instance) -> items, instance 0 where neither the form nor its event repeats."""
    repeating = expected(project)["repeating"]
    found: dict[tuple[str, str, str, int], dict[str, str]] = {}
    for subject in (e for e in root(project).iter() if local(e) == "SubjectData"):
        for outer in subject:
            a = attributes(outer)
            event = a.get("UniqueEventName", "")
            for form in outer if local(outer) == "StudyEventData" else [outer]:
                name = attributes(form)["FormOID"].removeprefix("Form.")
                count = attributes(form)["FormRepeatKey"] if (event, name) in repeating else a["StudyEventRepeatKey"] if (event, "") in repeating else "0"
                items = {i["ItemOID"]: i.get("Value", i.get("DocName", "")) for i in map(attributes, form.iter()) if "ItemOID" in i}
                key = (attributes(subject)["SubjectKey"], event, name, int(count))
                assert key not in found
                found[key] = items
    return found


def used(project: str, form: str, items: dict[str, str], *, by_id: bool = True) -> bool:
    types = xml_fields(project)[form]
    for column, text in items.items():
        field = column.split("___")[0]
        zero = text == "0" and (types.get(field) == "checkbox" or column == f"{form}_complete")
        if text and not zero and (field in types or column == f"{form}_complete") and (by_id or field != expected(project)["record_id"]):
            return True
    return False


def csv_items(project: str) -> dict[tuple[str, str, str, int], dict[str, str]]:
    """(record, event, form, instance) -> every column of the form, on the rows where the form can exist by mapping and repeat columns."""
    literal, forms = expected(project), xml_fields(project)
    found = {}
    for row in material_tables.rows(MATERIAL / literal["data"]):
        event, instrument = row.get("redcap_event_name", ""), row.get("redcap_repeat_instrument", "")
        for form, fields in forms.items():
            if instrument not in ("", form) or (not instrument and ("", form) in literal["repeating"]) or (event and form not in literal["mapping"][event]):
                continue
            mine = {c: t for c, t in row.items() if c.split("___")[0] in fields or c in (f"{form}_complete", f"{form}_timestamp")}
            found[row[literal["record_id"]], event, form, int(row.get("redcap_repeat_instance") or 0)] = mine
    return found
