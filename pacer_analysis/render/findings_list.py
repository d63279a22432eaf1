"""The rows of the list of findings: ranked, identifiers masked, as many as a page carries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.tables import numbers
from pacer_analysis.tables.quality import SEVERITIES, whole
from pacer_analysis.tables.quality_events import pooled
from pacer_analysis.tables.tiles import is_accepted, is_open

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

QUERIES_SHOWN = 5000
# A page of three megabytes opens at once on any computer; a row costs its texts and some markup.
MOST_LETTERS, MARKUP = 2_300_000, 260
LONGEST = 400
MASKED = "(masked)"
VALUE_UNTIL = "value until "          # what a comment says of an earlier value
NUMBER = re.compile(r"(\d+)")
SHOWN = ("severity", "status", "age_days", "record", "site", "instrument", "instance", "event", "field", "label", "value", "value_label", "message", "action", "rule", "comment", "query_id")


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows that are listed, and what the page says of those that are not."""

    rows: tuple[dict[str, str], ...]
    shown: str
    count: str
    whole: bool
    open: str
    resolved: str
    accepted: str
    file: str
    workbook: str


def natural(text: str | None) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts numbers inside a text by their size."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in NUMBER.split(text or "") if part)


def ranked(lines: Sequence[Mapping[str, str]], order: Sequence[str] = ()) -> list[Mapping[str, str]]:
    """The open findings first, the most severe and oldest at the top, those of a record together; `order` has the project's events without their arms."""
    grave, event = ({name: place for place, name in enumerate(names)} for names in (SEVERITIES, order))

    def key(line: Mapping[str, str]) -> tuple[object, ...]:
        at = line.get("event") or ""
        return (not is_open(line), grave.get(line.get("severity", ""), len(grave)), -whole(line.get("age_days")), natural(line.get("site")), natural(line.get("record")),
                event.get(pooled(at), len(event)), natural(at), line.get("instrument") or line.get("source") or "", natural(line.get("instance")),
                natural(line.get("line")), line.get("field", ""), line.get("rule", ""), line.get("query_id", ""))

    return sorted(lines, key=key)


def cut_off(text: str) -> str:
    """A text as long as a row of the list can hold; the whole stands in the file."""
    return text if len(text) <= LONGEST else text[:LONGEST] + "\N{HORIZONTAL ELLIPSIS}"


def masked(line: Mapping[str, str], identifiers: frozenset[str], events: Mapping[str, str]) -> dict[str, str]:
    """A finding as the page shows it: events by their labels, values of identifying fields masked."""
    secret = line.get("field") in identifiers
    shown = {name: cut_off(line.get(name) or "") for name in SHOWN}
    action = shown["action"]
    said = [part for part in shown["comment"].split("; ") if not (secret and part.startswith(VALUE_UNTIL))]
    return {**shown, "event": events.get(shown["event"], shown["event"]), "value": MASKED if secret and shown["value"] else shown["value"],
            "value_label": "" if secret else shown["value_label"], "instrument": shown["instrument"] or line.get("source") or "",
            "instance": "" if shown["instance"] == "0" else shown["instance"], "comment": "; ".join(said),
            "action": action[:1].upper() + action[1:] + ("." if action and action[-1] not in ".!?" else "")}


def listing(lines: Sequence[Mapping[str, str]], identifiers: frozenset[str], events: Mapping[str, str], *, file: str, workbook: str,
            order: Sequence[str] = ()) -> Listing:
    """The rows up to the number and the size that a page carries."""
    rows: list[dict[str, str]] = []
    letters = 0
    for line in ranked(lines, order)[:QUERIES_SHOWN]:
        row = masked(line, identifiers, events)
        letters += MARKUP + sum(len(text) for text in row.values())
        if letters > MOST_LETTERS:
            break
        rows.append(row)
    pending, let = (sum(map(belongs, lines)) for belongs in (is_open, is_accepted))
    return Listing(tuple(rows), numbers.count(len(rows)), numbers.count(len(lines)), len(rows) == len(lines), numbers.count(pending),
                   numbers.count(len(lines) - pending - let), numbers.count(let), file, workbook)
