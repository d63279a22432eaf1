"""The life of a query from cut to cut: new, open, resolved, reopened, accepted."""

from __future__ import annotations

import csv
import datetime as dt
from typing import TYPE_CHECKING

from pacer_analysis.validate.queries import COLUMNS, Query, instances_of, query_id

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.validate.ledger import Ledger


def read_queries(path: Path) -> list[Query]:
    """The queries of an earlier cut, none if there is no file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as handle:
        return [{name: row.get(name) or "" for name in COLUMNS} for row in csv.DictReader(handle)]


def age(queries: list[Query], earlier: list[Query], evaluated: dict[str, int], unknown: set[str], records: set[str], cutoff: dt.date) -> list[Query]:
    """The queries of now with their history, and those of the earlier cut that are gone.

    A finding seen again is open and keeps its first day; one that had been resolved is reopened; a new one is new. A finding
    that is gone is resolved only if its rule was evaluated on its row now and its record is still exported; else it stays open.
    `unknown` holds the ids of queries that could not be evaluated now.
    """
    before = {query["query_id"]: query for query in earlier}
    today = cutoff.isoformat()
    found: list[Query] = []
    for query in queries:
        old = before.get(query["query_id"])
        status = "new" if old is None else {"resolved": "reopened", "accepted": "accepted"}.get(old["status"], "open")
        first = today if old is None else old["first_seen"]
        found.append(query | {"first_seen": first, "last_seen": today, "age_days": _days(first, cutoff), "status": status, "resolved_on": "",
                              "comment": "" if old is None else old["comment"]})
    now = {query["query_id"] for query in queries}
    for old in earlier:
        if old["query_id"] in now:
            continue
        if old["status"] == "resolved":
            found.append(old)
        elif old["record"] and old["record"] not in records:
            found.append(old | {"status": "open", "age_days": _days(old["first_seen"], cutoff), "comment": "the record is no longer in the export"})
        elif evaluated.get(old["rule"], 0) and old["query_id"] not in unknown:
            found.append(old | {"status": "resolved", "resolved_on": today, "age_days": _days(old["first_seen"], cutoff)})
        else:
            found.append(old | {"status": "open", "age_days": _days(old["first_seen"], cutoff), "comment": "the rule could not be evaluated at this cut"})
    return found


def _days(first: str, cutoff: dt.date) -> str:
    try:
        return str((cutoff - dt.date.fromisoformat(first)).days)
    except ValueError:
        return ""


def unknown_ids(ledger: Ledger, keys: dict[str, tuple[str, ...]], rules: set[str]) -> set[str]:
    """The ids that findings would have on the rows where a rule could not be evaluated; only for the rules named."""
    ids: set[str] = set()
    for rule, table, field, rows in ledger.unknown:
        if rule not in rules:
            continue
        records, events = table.record.levels[table.record.codes[rows]], table.event.levels[table.event.codes[rows]]
        for record, event, instance in zip(records, events, instances_of(table, keys.get(table.source, ()), rows), strict=True):
            ids.add(
                query_id(
                    {"rule": rule, "record": str(record), "event": str(event), "instrument": table.form or table.source, "instance": instance, "field": field}
                )
            )
    return ids
