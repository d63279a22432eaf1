"""Which event of a project a text in the event column means: its unique name, or its label."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacer_analysis.dictionary import Event, Project

UNIQUE_NAME = re.compile(r"(?P<slug>[a-z0-9_]*)_arm_(?P<arm>[0-9]+)(?P<twin>[a-z]?)")
LABEL_WITH_ARM = re.compile(r"(?P<label>.*\S)\s*\(Arm (?P<arm>[0-9]+)(:.*)?\)")
LONGEST_SLUG = 18
# What other tools write of an event whose name they lost.
UNNAMED = re.compile(r".*\(\?+\)")


def event_index(project: Project, texts: Iterable[object]) -> dict[str, str]:
    """The unique name of the event that each text means; a text that could mean several events, or none, is left out.

    A unique name in any case; a label, with its arm where several arms have it; a unique name that was not cut to 18 characters.
    """
    unique = {event.unique_name: event.unique_name for event in project.events}
    lower = {name.lower(): name for name in unique}
    labels: dict[str, list[Event]] = {}
    for event in project.events:
        labels.setdefault(_plain(event.label), []).append(event)
    found: dict[str, str] = {}
    for text in map(str, texts):
        name = unique.get(text) or lower.get(text.lower()) or _by_label(text, labels) or _by_slug(text, unique)
        if name:
            found[text] = name
    return found


def _by_label(text: str, labels: dict[str, list[Event]]) -> str:
    events = labels.get(_plain(text), [])
    if not events and (match := LABEL_WITH_ARM.fullmatch(text)):
        events = [event for event in labels.get(_plain(match["label"]), []) if event.arm == match["arm"]]
    return events[0].unique_name if len(events) == 1 else ""


def _by_slug(text: str, unique: dict[str, str]) -> str:
    """The event whose unique name is this one cut as REDCap cuts it."""
    match = UNIQUE_NAME.fullmatch(text)
    return unique.get(f"{match['slug'][:LONGEST_SLUG]}_arm_{match['arm']}{match['twin']}", "") if match else ""


def arm_of(name: str) -> str:
    """The number of the arm in a unique event name, `1` if it has none."""
    match = UNIQUE_NAME.fullmatch(name)
    return match["arm"] if match else "1"


def _plain(label: str) -> str:
    return " ".join(label.split()).casefold()
