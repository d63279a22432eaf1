"""The rows of the list of findings: ranked, identifiers masked, as many as a page carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.tables import numbers
from pacer_analysis.tables.quality import SEVERITIES, whole
from pacer_analysis.tables.tiles import is_open

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

QUERIES_SHOWN = 5000
# A page of three megabytes opens at once on any computer; a row costs its texts and some markup.
MOST_LETTERS, MARKUP = 2_300_000, 260
LONGEST = 400
MASKED = "(masked)"
SHOWN = ("severity", "status", "age_days", "record", "site", "instrument", "instance", "event", "field", "label", "value", "value_label", "message", "action", "rule", "query_id")


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows that are listed, and what the page says of those that are not."""

    rows: tuple[dict[str, str], ...]
    shown: str
    count: str
    whole: bool
    open: str
    file: str
    workbook: str


def ranked(lines: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """The open findings first, the most severe and oldest at the top."""
    order = {name: place for place, name in enumerate(SEVERITIES)}
    return sorted(lines, key=lambda line: (not is_open(line), order.get(line.get("severity", ""), len(order)), -whole(line.get("age_days")), line.get("rule", ""),
                                           line.get("record", ""), line.get("query_id", "")))


def cut_off(text: str) -> str:
    """A text as long as a row of the list can hold; the whole stands in the file."""
    return text if len(text) <= LONGEST else text[:LONGEST] + "\N{HORIZONTAL ELLIPSIS}"


def masked(line: Mapping[str, str], identifiers: frozenset[str], events: Mapping[str, str]) -> dict[str, str]:
    """A finding as the page shows it: events by their labels, values of identifying fields masked."""
    secret = line.get("field") in identifiers
    shown = {name: cut_off(line.get(name) or "") for name in SHOWN}
    action = shown["action"]
    return {**shown, "event": events.get(shown["event"], shown["event"]), "value": MASKED if secret and shown["value"] else shown["value"],
            "value_label": "" if secret else shown["value_label"], "instrument": shown["instrument"] or line.get("source") or "",
            "instance": "" if shown["instance"] == "0" else shown["instance"], "action": action[:1].upper() + action[1:] + ("." if action and action[-1] not in ".!?" else "")}


def listing(lines: Sequence[Mapping[str, str]], identifiers: frozenset[str], events: Mapping[str, str], *, file: str, workbook: str) -> Listing:
    """The rows up to the number and the size that a page carries."""
    rows: list[dict[str, str]] = []
    letters = 0
    for line in ranked(lines)[:QUERIES_SHOWN]:
        row = masked(line, identifiers, events)
        letters += MARKUP + sum(len(text) for text in row.values())
        if letters > MOST_LETTERS:
            break
        rows.append(row)
    return Listing(tuple(rows), numbers.count(len(rows)), numbers.count(len(lines)), len(rows) == len(lines), numbers.count(sum(map(is_open, lines))), file, workbook)
