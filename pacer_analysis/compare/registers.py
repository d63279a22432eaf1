"""The query lists of two folders: which queries are new, which are answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.validate.history import read_queries

if TYPE_CHECKING:
    from pacer_analysis.compare.folders import Results

PENDING = frozenset({"new", "open", "reopened"})


@dataclass(frozen=True, slots=True)
class Registers:
    """Counts by rule of the queries pending in either folder, or of those between them; `gone` are no longer listed at all."""

    pending: tuple[Counter[str], Counter[str]]
    new: Counter[str]
    resolved: Counter[str]
    accepted: Counter[str]
    gone: Counter[str]


def compare_registers(first: Results, second: Results) -> Registers | None:
    """The queries of both folders by their ids; None where one has no list."""
    paths = [results.folder / "queries.csv" for results in (first, second)]
    if not all(path.is_file() for path in paths):
        return None
    before, after = ({query["query_id"]: query for query in read_queries(path)} for path in paths)
    here = {name for name, query in before.items() if query["status"] in PENDING}
    there = {name for name, query in after.items() if query["status"] in PENDING}
    left = here - there
    return Registers(
        (Counter(before[name]["rule"] for name in here), Counter(after[name]["rule"] for name in there)),
        Counter(after[name]["rule"] for name in there - here),
        Counter(before[name]["rule"] for name in left if name in after and after[name]["status"] == "resolved"),
        Counter(before[name]["rule"] for name in left if name in after and after[name]["status"] == "accepted"),
        Counter(before[name]["rule"] for name in left if name not in after),
    )
