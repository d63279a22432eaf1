"""REDCap's events as the tables show them: arms pooled by the event's name, in the order of the project."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# A unique name ends in the arm's number, and in a letter where a name occurs twice in an arm; a label export says "Month 6 (Arm 2: name)".
IN_NAME, IN_LABEL = re.compile(r"_arm_\d+([a-z]*)$"), re.compile(r"\s*\(Arm \d+:.*\)$", re.DOTALL)
POOLED = "Events of the same name are pooled over the arms of the REDCap project, which may be those of the trial; the list of findings keeps the full name"


def pooled(event: str) -> str:
    """The name of an event without its arm."""
    return IN_LABEL.sub("", IN_NAME.sub(lambda found: f"_{found[1]}" if found[1] else "", event))


def is_pooled(events: Iterable[str]) -> bool:
    """True if two of the events differ in nothing but the arm."""
    every = set(events)
    return len({pooled(event) for event in every}) < len(every)


def titles(events: Iterable[str], labels: Mapping[str, str]) -> dict[str, str]:
    """What each pooled event is called: the label of the first of its events that has one, without the arm; else its name."""
    found: dict[str, str] = {}
    for event in events:
        if event in labels:
            found.setdefault(pooled(event), IN_LABEL.sub("", labels[event]))
    return {name: found.get(name, name) for name in map(pooled, events)}


def in_order(sequences: Iterable[Sequence[str]]) -> list[str]:
    """Pooled events in an order that agrees with the sequences, the earlier ones where two disagree; by first appearance where none decides."""
    after: dict[str, set[str]] = {}
    for sequence in sequences:
        names = list(dict.fromkeys(map(pooled, sequence)))
        for name in names:
            after.setdefault(name, set())
        for earlier, later in pairwise(names):
            if not reaches(after, later, earlier):
                after[earlier].add(later)
    found: list[str] = []
    while len(found) < len(after):
        waiting = [name for name in after if name not in found]
        found.append(next(name for name in waiting if not any(name in after[other] for other in waiting)))
    return found


def reaches(after: Mapping[str, set[str]], start: str, goal: str) -> bool:
    """True if the goal comes after the start by what is known so far."""
    seen, waiting = {start}, [start]
    while waiting:
        name = waiting.pop()
        if name == goal:
            return True
        new = after.get(name, set()) - seen
        seen |= new
        waiting += new
    return False
