"""The definitions in a project XML as they stand there: settings, events, forms, items, code lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pacer_analysis.dictionary.odmfile import Element, walk
from pacer_analysis.errors import PacerError

DATA = "ClinicalData"
SETTINGS = frozenset({"StudyName", "MissingDataCodes", "SecondaryUniqueField", "PreventBranchingEraseValues"})
PLAIN, FORMATTED = "TranslatedText", "FormattedTranslatedText"
TEXTS = SETTINGS | {PLAIN, FORMATTED, "CheckValue"}
LOWER, UPPER = frozenset({"GE", "GT"}), frozenset({"LE", "LT"})


@dataclass(slots=True)
class Item:
    """One ItemDef: a field, or one option of a checkbox."""

    attributes: dict[str, str]
    line: int
    label: str = ""
    minimum: str = ""
    maximum: str = ""
    hard: bool = False
    code_list: str = ""


@dataclass(slots=True)
class Definitions:
    """Everything that a project XML says about the project, in the order of the file, by the file's own identifiers."""

    settings: dict[str, str] = field(default_factory=dict)
    record_id: str = ""
    events: list[tuple[dict[str, str], list[dict[str, str]]]] = field(default_factory=list)
    forms: dict[str, tuple[dict[str, str], list[str]]] = field(default_factory=dict)
    groups: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    lists: dict[str, tuple[dict[str, str], list[tuple[str, str]]]] = field(default_factory=dict)
    repeating: list[dict[str, str]] = field(default_factory=list)
    data_groups: list[str] = field(default_factory=list)
    surveys: list[str] = field(default_factory=list)
    has_data: bool = False


def read_definitions(path: Path, error: type[PacerError], remarks: list[str]) -> Definitions:
    """The definitions of a file, read as far as its data begin."""
    definitions = Definitions()
    reader = _Reader(definitions)
    for element in walk(path, TEXTS, error, remarks):
        if element.name == DATA:
            definitions.has_data = True
            break
        if element.start:
            reader.begin(element)
        else:
            reader.end(element)
    return definitions


@dataclass(slots=True)
class _Reader:
    """Where the reading is: the definitions that are open, to which the next elements belong."""

    found: Definitions
    item: Item = field(default_factory=lambda: Item({}, 0))
    event_forms: list[dict[str, str]] = field(default_factory=list)
    form_groups: list[str] = field(default_factory=list)
    group_items: list[dict[str, str]] = field(default_factory=list)
    codes: list[tuple[str, str]] = field(default_factory=list)
    comparator: str = ""
    words: dict[str, str] = field(default_factory=dict)

    def begin(self, element: Element) -> None:
        """An element opens; a second definition of the same identifier is read and forgotten."""
        attributes, oid = element.attributes, element.attributes.get("OID", "")
        match element.name:
            case "MetaDataVersion":
                self.found.record_id = self.found.record_id or attributes.get("RecordIdField", "")
            case "StudyEventDef":
                self.event_forms = []
                self.found.events.append((attributes, self.event_forms))
            case "FormRef":
                self.event_forms.append(attributes)
            case "FormDef":
                self.form_groups = []
                self.found.forms.setdefault(oid, (attributes, self.form_groups))
            case "ItemGroupRef":
                self.form_groups.append(attributes.get("ItemGroupOID", ""))
            case "ItemGroupDef":
                self.group_items = []
                self.found.groups.setdefault(oid, self.group_items)
            case "ItemRef":
                self.group_items.append(attributes)
            case "ItemDef":
                self.item = Item(attributes, element.line)
                self.found.items.setdefault(oid, self.item)
            case "Question" | "Decode" | "ErrorMessage":
                self.words = {}
            case "CodeListRef":
                self.item.code_list = attributes.get("CodeListOID", "")
            case "RangeCheck":
                self.comparator = attributes.get("Comparator", "")
                self.item.hard |= attributes.get("SoftHard", "").lower() == "hard"
            case "CodeList":
                self.codes = []
                self.found.lists.setdefault(oid, (attributes, self.codes))
            case "CodeListItem" | "EnumeratedItem":
                code = attributes.get("CodedValue", "")
                self.codes.append((code, code))
            case "RepeatingInstrument" | "RepeatingEvent":
                self.found.repeating.append(attributes)
            case "DataAccessGroups":
                self.found.data_groups.append(attributes.get("group_name", ""))
            case "Surveys":
                self.found.surveys.append(attributes.get("form_name", ""))

    def end(self, element: Element) -> None:
        """An element closes; its text, if it was asked for, is complete."""
        match element.name:
            case "TranslatedText" | "FormattedTranslatedText":
                self.words[element.name] = element.text
            case "Question":
                self.item.label = self._said()
            case "Decode" if self.codes:
                self.codes[-1] = (self.codes[-1][0], self._said())
            case "CheckValue" if self.comparator in LOWER:
                self.item.minimum = element.text
            case "CheckValue" if self.comparator in UPPER:
                self.item.maximum = element.text
            case name if name in SETTINGS:
                self.found.settings.setdefault(name, element.text)

    def _said(self) -> str:
        """What the words of a label are, with its markup if it has any."""
        return self.words.get(FORMATTED) or self.words.get(PLAIN, "")
