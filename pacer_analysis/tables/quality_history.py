"""The findings over cuts: what is new, waiting, reopened, accepted and resolved, and how old the open ones are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.tables import cells
from pacer_analysis.tables.labels import words
from pacer_analysis.tables.model import Column, Row, Table
from pacer_analysis.tables.quality import Lines, narrowed, severities, table, whole
from pacer_analysis.tables.tiles import is_open

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# The first and the last day of each bin of the histogram of ages; the last bin is open.
BINS: tuple[tuple[int, int | None], ...] = ((0, 7), (8, 14), (15, 28), (29, 56), (57, 90), (91, 180), (181, 365), (366, None))


@dataclass(frozen=True, slots=True)
class Aged:
    """One bin of ages with the open findings in it by severity."""

    label: str
    counts: tuple[int, ...]


def is_first(queries: Lines) -> bool:
    """True if no finding was seen before: all are new, of this day."""
    return all(query.get("status") in ("new", "accepted") and whole(query.get("age_days")) == 0 for query in queries)


def history(queries: Lines, number: str, cutoff: str, *, source: str, last: str = "cut") -> Table | None:
    """What became of the findings since the last cut, or whatever `last` calls it, by severity; none without findings."""
    if not queries:
        return None
    kinds = severities(queries)
    steps: list[tuple[str, Callable[[Mapping[str, str]], bool], str]] = [
        (f"New since the last {last}", lambda query: query["status"] == "new", "new"),
        ("Open before, open still", lambda query: is_open(query) and query["status"] not in ("new", "reopened"), "open"),
        ("Resolved before, reopened", lambda query: query["status"] == "reopened", "reopened"),
        ("Open now", is_open, ""),
        (f"Resolved since the last {last}", lambda query: query["status"] == "resolved" and query.get("resolved_on") == cutoff, ""),
        ("Resolved earlier", lambda query: query["status"] == "resolved" and query.get("resolved_on") != cutoff, ""),
        ("Accepted as they are", lambda query: query["status"] == "accepted", "accepted"),
    ]
    rows = []
    for label, belongs, status in steps:
        own = [query for query in queries if belongs({"status": "", **query})]
        counts = [sum(query.get("severity") == kind for query in own) for kind in kinds]
        rows.append(Row(label, (*(cells.tally(count) for count in counts), cells.tally(len(own))), listed=listed(status) if status and own else ""))
    return table("history", number, f"Findings since the last {last}", "", [*(Column(words(kind)) for kind in kinds), Column("All")], rows, source)


def listed(status: str) -> str:
    """The list of findings narrowed to one status."""
    return narrowed().replace("status=unresolved", f"status={status}")


def ages(queries: Lines) -> tuple[list[str], list[Aged]]:
    """The severities of the open findings, and how many of each are how old; bins beyond the oldest are left out."""
    pending = [query for query in queries if is_open(query)]
    kinds = severities(pending)
    found = []
    for low, high in BINS:
        own = [query for query in pending if low <= whole(query.get("age_days")) and (high is None or whole(query.get("age_days")) <= high)]
        label = f"{low}\N{EN DASH}{high}" if high is not None else f"{low} or more"
        found.append(Aged(label, tuple(sum(query.get("severity") == kind for query in own) for kind in kinds)))
    while found and not any(found[-1].counts):
        found.pop()
    return kinds, found


def ages_table(kinds: list[str], bins: list[Aged], number: str, *, source: str) -> Table:
    """The numbers behind the histogram of ages."""
    rows = [Row(entry.label, (*(cells.tally(count) for count in entry.counts), cells.tally(sum(entry.counts)))) for entry in bins]
    return table("ages", number, "Age of open findings", "Days", [*(Column(words(kind)) for kind in kinds), Column("All")], rows, source)
