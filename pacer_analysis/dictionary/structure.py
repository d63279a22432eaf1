"""The files that say how a project is built beside its dictionary: events, event mapping, what repeats, settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pacer_analysis.dictionary.choices import parse_choices
from pacer_analysis.dictionary.csvtable import named_rows, read_header, spelled
from pacer_analysis.dictionary.project import Event, Project
from pacer_analysis.dictionary.redcap import RedcapDictionary
from pacer_analysis.dictionary.remark import Remark
from pacer_analysis.errors import DictionaryError

# Each file under the name that this project gives it, and under others that are seen.
FILES = {
    "events": ("events.csv", "event.csv"),
    "mapping": ("instrument_event_mapping.csv", "instrument_event_mappings.csv", "mapping.csv"),
    "repeating": ("repeating.csv", "repeating_instruments.csv", "repeating_forms_events.csv"),
    "project": ("project.csv", "project_info.csv"),
    "arms": ("arms.csv", "arm.csv"),
    "instruments": ("instruments.csv",),
    "groups": ("dags.csv", "dag.csv"),
}
# Other spellings of the API's columns: the words of a heading, to the name here.
EVENT_COLUMNS = {"event": "event_name", "event_label": "event_name", "name": "event_name", "arm": "arm_num", "arm_number": "arm_num",
                 "days_offset": "day_offset", "offset": "day_offset", "offset_range_min": "offset_min", "offset_range_max": "offset_max",
                 "unique_event": "unique_event_name", "unique_name": "unique_event_name", "redcap_event_name": "unique_event_name"}
MAPPING_COLUMNS = {"arm": "arm_num", "event": "unique_event_name", "event_name": "unique_event_name", "unique_event": "unique_event_name",
                   "redcap_event_name": "unique_event_name", "form_name": "form", "instrument": "form", "instrument_name": "form"}
REPEATING_COLUMNS = {"unique_event_name": "event_name", "event": "event_name", "redcap_event_name": "event_name", "form": "form_name",
                     "instrument": "form_name", "instrument_name": "form_name", "repeat_instrument": "form_name", "custom_label": "custom_form_label",
                     "custom_repeat_label": "custom_form_label"}
NO = frozenset({"0", "false", "no", "n"})
YES = frozenset({"1", "true", "yes", "y"})


def with_structure(dictionary: RedcapDictionary, folder: Path) -> Project:
    """The project of a dictionary and the structure files in a folder; without any a classic project of which only an export can tell more.

    DictionaryError names the file and the line of what contradicts the dictionary.
    """
    files = {what: next((folder / name for name in names if (folder / name).is_file() and not _is_flat(folder / name)), None) for what, names in FILES.items()}
    if (other := files["events"]) is not None and not {spelled(name, EVENT_COLUMNS) for name in read_header(other)} & {"arm_num", "unique_event_name"}:
        # A table of the study may be called so too.
        files["events"] = None
        remark = Remark(1, "", f"{other.name} beside the dictionary is not REDCap's list of events, which has the columns event_name, arm_num, unique_event_name; it was not read")
        dictionary = replace(dictionary, remarks=(*dictionary.remarks, remark))
    for what in ("mapping", "repeating"):
        _refuse_events_of_nobody(files[what], known=files["events"] is not None, needed=what == "mapping")
    settings = _settings(files["project"])
    labels = {name: label for name, label in _pairs(files["instruments"], "instrument_name", "instrument_label") if name in dictionary.forms}
    groups = dict(_pairs(files["groups"], "unique_group_name", "data_access_group_name"))
    events = _events(files["events"], dict(_pairs(files["arms"], "arm_num", "name")))
    names = {event.unique_name: event.unique_name for event in events} or {"": ""}
    spellings = _unambiguous([(event.label, event.unique_name) for event in events]) | names
    forms = _unambiguous([(label, name) for name, label in labels.items()]) | {name: name for name in dictionary.forms}
    mapping = _mapping(files["mapping"], names, spellings, forms)
    repeating = _repeating(files["repeating"], spellings, forms)
    codes, _ = parse_choices(settings.get("missing_data_codes", ""))
    classic = settings.get("is_longitudinal", "").lower() in NO and settings.get("has_repeating_instruments_or_events", "").lower() in NO
    mapped = files["mapping"] is not None or (not events and (files["repeating"] is not None or classic))
    secondary = settings.get("secondary_unique_field", "")
    return Project(dictionary, events, mapping, repeating, settings.get("project_title", ""), codes, groups,
                   secondary_unique=secondary if secondary in dictionary.fields else "",
                   erases_hidden=settings.get("bypass_branching_erase_field_prompt", "").lower() not in YES, mapped=mapped, form_labels=labels)


def _refuse_events_of_nobody(path: Path | None, *, known: bool, needed: bool) -> None:
    """DictionaryError for a file that names events if no other says which events there are."""
    if path is None or known:
        return
    rows = named_rows(path, (), MAPPING_COLUMNS if needed else REPEATING_COLUMNS)
    if any(row.get("unique_event_name" if needed else "event_name", "") for _, row in rows):
        raise DictionaryError(f"{path.name} names events, and there is no events.csv beside it that says which events the project has", where=str(path),
                              allowed="events.csv as REDCap's API exports it: event_name, arm_num, unique_event_name, in the order of the project",
                              do=f"put events.csv beside the dictionary, or take {path.name} away: the events are then read from the export")


def _is_flat(path: Path) -> bool:
    """True for the dictionary of a flat file, which may be called arms.csv or events.csv too."""
    return {"name", "label", "type"} <= {name.strip().lower() for name in read_header(path)}


def _settings(path: Path | None) -> dict[str, str]:
    """The one row of project.csv."""
    rows = named_rows(path, ()) if path else []
    return rows[0][1] if rows else {}


def _pairs(path: Path | None, key: str, value: str) -> list[tuple[str, str]]:
    return [(row[key], row[value]) for _, row in named_rows(path, (key, value)) if row[key]] if path else []


def _unambiguous(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Labels to names, without the labels that several names have."""
    labels = [label for label, _ in pairs]
    return {label: name for label, name in pairs if label and labels.count(label) == 1}


def _events(path: Path | None, arms: dict[str, str]) -> tuple[Event, ...]:
    if path is None:
        return ()
    events: dict[str, Event] = {}
    for line, row in named_rows(path, ("event_name", "arm_num", "unique_event_name"), EVENT_COLUMNS):
        name = row["unique_event_name"]
        if not name:
            raise DictionaryError("an event has no unique name", where=f"{path}, line {line}", do="take the file as REDCap exports it")
        if name in events:
            raise DictionaryError(
                f"the event {name} is listed twice", where=f"{path}, line {line}", allowed="each unique event name once", do="remove one of the two"
            )
        day, low, high = (_whole(row.get(column, ""), path, line, column) for column in ("day_offset", "offset_min", "offset_max"))
        events[name] = Event(name, row["event_name"], row["arm_num"], day, low, high, arms.get(row["arm_num"], ""))
    return tuple(events.values())


def _whole(text: str, path: Path, line: int, column: str) -> int | None:
    try:
        return days_of(text)
    except (ValueError, OverflowError):
        raise DictionaryError(f"{column} is not a number of days", where=f"{path}, line {line}", do="correct it in this file") from None


def days_of(text: str) -> int | None:
    """A number of days, None if blank; ValueError or OverflowError if it is none."""
    return int(float(text)) if text else None


def _mapping(path: Path | None, names: dict[str, str], spellings: dict[str, str], forms: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """The forms of every event; without a file every form belongs to every event."""
    if path is None:
        return dict.fromkeys(names, tuple(dict.fromkeys(forms.values())))
    mapping: dict[str, dict[str, None]] = {name: {} for name in names}
    for line, row in named_rows(path, ("unique_event_name", "form"), MAPPING_COLUMNS):
        event = _known(row["unique_event_name"], spellings, "event", path, line)
        mapping[event][_known(row["form"], forms, "form", path, line)] = None
    return {event: tuple(members) for event, members in mapping.items()}


def _repeating(path: Path | None, spellings: dict[str, str], forms: dict[str, str]) -> dict[tuple[str, str], str]:
    if path is None:
        return {}
    repeating: dict[tuple[str, str], str] = {}
    for line, row in named_rows(path, ("form_name",), REPEATING_COLUMNS):
        event = _known(row.get("event_name", ""), spellings, "event", path, line)
        form = row["form_name"] and _known(row["form_name"], forms, "form", path, line)
        repeating[event, form] = row.get("custom_form_label", "")
    return repeating


def _known(name: str, spellings: dict[str, str], what: str, path: Path, line: int) -> str:
    """The name that a name or a label stands for; DictionaryError if it is unknown."""
    if name not in spellings:
        allowed = ", ".join(dict.fromkeys(spellings.values()))
        raise DictionaryError(f"the {what} {name!r} is unknown", where=f"{path}, line {line}", allowed=allowed, do="correct the name, or add it")
    return spellings[name]
