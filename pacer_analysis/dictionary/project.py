"""A REDCap project: its dictionary, its events, which forms belong to which event, what repeats, and its settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pacer_analysis.dictionary.redcap import RedcapDictionary, load_redcap, redcap_of_text
from pacer_analysis.errors import DictionaryError

XML_STARTS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<\0", b"\xfe\xff\0<")
ZIP_START = b"PK\x03\x04"
HEAD = 4096


@dataclass(frozen=True, slots=True)
class Event:
    """One event with its window in days; blank numbers are None."""

    unique_name: str
    label: str
    arm: str
    day_offset: int | None
    offset_min: int | None
    offset_max: int | None
    arm_name: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """A dictionary with its structure; a classic project has no events, and its forms belong to the event ''.

    `groups` are the data access groups, `form_labels` and `groups` labels by the names that an export uses. `mapped` is false
    if nobody said which forms belong to which event or what repeats, so that only an export can tell.
    """

    dictionary: RedcapDictionary
    events: tuple[Event, ...]
    mapping: dict[str, tuple[str, ...]]
    repeating: dict[tuple[str, str], str]
    title: str = ""
    missing_codes: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    surveys: frozenset[str] = frozenset()
    secondary_unique: str = ""
    erases_hidden: bool = True
    mapped: bool = True
    form_labels: dict[str, str] = field(default_factory=dict)

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
    """The project in a dictionary folder: a project XML, or a dictionary (.csv) or instrument zip with the structure files beside it.

    What the file is, its content says. Beside a dictionary may lie events.csv, instrument_event_mapping.csv, repeating.csv,
    project.csv, arms.csv, instruments.csv and dags.csv, as the API exports them.
    """
    path = folder / file
    head = beginning(path)
    if is_xml(head):
        from pacer_analysis.dictionary.odm import load_odm

        return load_odm(path)
    if head.startswith(ZIP_START):
        from pacer_analysis.dictionary.archive import instrument_text

        dictionary = redcap_of_text(instrument_text(path), path, partial=True)
    else:
        dictionary = load_redcap(path)
    from pacer_analysis.dictionary.structure import with_structure

    return with_structure(dictionary, folder)


def is_xml(head: bytes) -> bool:
    """True if a file that begins so is XML, or a page of it."""
    return head.startswith(XML_STARTS)


def beginning(path: Path) -> bytes:
    """The first bytes of a dictionary file without white space before them; DictionaryError if there is no such file."""
    try:
        with path.open("rb") as handle:
            return handle.read(HEAD).lstrip(b" \t\r\n")
    except FileNotFoundError:
        raise DictionaryError("a dictionary file is missing", where=str(path), do="put the file there, or correct its name") from None
    except OSError as problem:
        raise DictionaryError(f"a dictionary file cannot be read ({problem.strerror})", where=str(path), do="check the file's name and permissions") from None
