"""A REDCap project: its dictionary, its events, which forms belong to which event, and what repeats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.dictionary.csvtable import named_rows
from pacer_analysis.dictionary.redcap import RedcapDictionary, load_redcap
from pacer_analysis.errors import DictionaryError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Event:
    """One event with its window in days; blank numbers are None."""

    unique_name: str
    label: str
    arm: str
    day_offset: int | None
    offset_min: int | None
    offset_max: int | None


@dataclass(frozen=True, slots=True)
class Project:
    """A dictionary with its structure; a classic project has no events, and its forms belong to the event ''."""

    dictionary: RedcapDictionary
    events: tuple[Event, ...]
    mapping: dict[str, tuple[str, ...]]
    repeating: dict[tuple[str, str], str]

    @property
    def classic(self) -> bool:
        """True if the project has no events."""
        return not self.events

    def repeats(self, event: str, form: str) -> bool:
        """True if the form is a repeating instrument in this event."""
        return (event, form) in self.repeating

    def event_repeats(self, event: str) -> bool:
        """True if the whole event repeats, all its forms together."""
        return (event, "") in self.repeating

    def events_of(self, form: str) -> tuple[str, ...]:
        """The events in which a form is offered, in order."""
        return tuple(event for event, forms in self.mapping.items() if form in forms)


def load_project(folder: Path, file: str) -> Project:
    """The project in a dictionary folder: `file`, and beside it events.csv, instrument_event_mapping.csv and repeating.csv if they exist."""
    dictionary = load_redcap(folder / file)
    events = _events(folder / "events.csv")
    names = tuple(event.unique_name for event in events) or ("",)
    mapping = _mapping(folder / "instrument_event_mapping.csv", names, dictionary)
    return Project(dictionary, events, mapping, _repeating(folder / "repeating.csv", mapping, dictionary))


def _events(path: Path) -> tuple[Event, ...]:
    if not path.exists():
        return ()
    events: dict[str, Event] = {}
    for line, row in named_rows(path, ("event_name", "arm_num", "unique_event_name")):
        name = row["unique_event_name"]
        if name in events:
            raise DictionaryError(
                f"the event {name} is listed twice", where=f"{path}, line {line}", allowed="each unique event name once", do="remove one of the two"
            )
        days = [_whole(row.get(column, ""), path, line, column) for column in ("day_offset", "offset_min", "offset_max")]
        events[name] = Event(name, row["event_name"], row["arm_num"], *days)
    return tuple(events.values())


def _whole(text: str, path: Path, line: int, column: str) -> int | None:
    try:
        return int(float(text)) if text else None
    except ValueError:
        raise DictionaryError(f"{column} is not a number of days", where=f"{path}, line {line}", do="correct it in this file") from None


def _mapping(path: Path, names: tuple[str, ...], dictionary: RedcapDictionary) -> dict[str, tuple[str, ...]]:
    """The forms of every event; without a file every form belongs to every event."""
    if not path.exists():
        return dict.fromkeys(names, tuple(dictionary.forms))
    mapping: dict[str, tuple[str, ...]] = dict.fromkeys(names, ())
    for line, row in named_rows(path, ("unique_event_name", "form")):
        event, form = row["unique_event_name"], row["form"]
        _known(event, names, "event", path, line)
        _known(form, tuple(dictionary.forms), "form", path, line)
        if form not in mapping[event]:
            mapping[event] = (*mapping[event], form)
    return mapping


def _repeating(path: Path, mapping: dict[str, tuple[str, ...]], dictionary: RedcapDictionary) -> dict[tuple[str, str], str]:
    if not path.exists():
        return {}
    repeating: dict[tuple[str, str], str] = {}
    for line, row in named_rows(path, ("form_name",)):
        event, form = row.get("event_name", ""), row["form_name"]
        _known(event, tuple(mapping), "event", path, line)
        if form:
            _known(form, tuple(dictionary.forms), "form", path, line)
        repeating[event, form] = row.get("custom_form_label", "")
    return repeating


def _known(name: str, allowed: tuple[str, ...], what: str, path: Path, line: int) -> None:
    if name not in allowed:
        raise DictionaryError(f"the {what} {name!r} is unknown", where=f"{path}, line {line}", allowed=", ".join(allowed), do="correct the name, or add it")
