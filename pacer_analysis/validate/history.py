"""The life of a query from cut to cut: new, open, resolved, reopened, accepted."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError
from pacer_analysis.validate.queries import COLUMNS, MASK, Query, with_letter
from pacer_analysis.validate.recomputed import without_values
from pacer_analysis.validate.safecsv import as_exported

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pacer_analysis.validate.accepted import Acceptance

REMOVED = "the record is no longer in the export"
NOT_EVALUATED = "the rule could not be evaluated at this cut"
ROW_GONE = "the row is no longer in the export, or not before the cut-off"
FIELD_GONE = "the field or its form is no longer in the dictionary or the export"
RULE_GONE = "the dictionary no longer makes this rule: accept the query to close it"
SUMMED_UP = "counted in the finding on the whole field"
SOURCE_GONE = "the source is not in this cut"
COMPARED_ONCE = "no further record was lost since: accept the query to close it"
# What a comment says of this cut alone; everything else in it is kept from cut to cut.
PASSING = frozenset({REMOVED, NOT_EVALUATED, ROW_GONE, FIELD_GONE, RULE_GONE, SUMMED_UP, SOURCE_GONE, COMPARED_ONCE})
VALUE_UNTIL = "value until "
BETWEEN, UNBROKEN = "; ", ";\u00a0"
LONGEST_CELL = 1 << 30


def read_queries(path: Path) -> list[Query]:
    """The queries of an earlier cut, none if there is no file; ExportError if another program has spoiled it."""
    if not path.exists():
        return []
    csv.field_size_limit(LONGEST_CELL)
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error):
        rows = [{}]
    if any(not row.get("query_id") or not row.get("status") for row in rows):
        raise ExportError("the list of queries of the cut before is not as it was written", where=str(path), do="run that cut again; write remarks into accepted.csv, not into this list")
    return [{name: as_exported(row.get(name) or "") for name in COLUMNS} | {"query_id": with_letter(row["query_id"])} for row in rows]


def age(queries: list[Query], earlier: list[Query], evaluated: Mapping[str, int], unknown: set[str], records: set[str], cutoff: dt.date | None,
        unseen: Mapping[str, str] | None = None, accepted: Mapping[str, Acceptance] | None = None) -> list[Query]:
    """The queries of now with their history, and those of the earlier cut that are gone.

    A finding seen again is open and keeps its first day; one that had been resolved is reopened; a new one is new. A finding
    that is gone is resolved only if its rule was evaluated on its row now and its record is still exported; else it keeps its
    status, and the comment says why. `unknown` holds the ids of queries that could not be evaluated now, `unseen` a reason for
    each query that nobody could look at, `accepted` the acceptances: all of them if given, else those of the earlier cut hold.
    """
    before = {query["query_id"]: query for query in earlier}
    reasons = unseen or {}
    found = [_seen(query, before.get(query["query_id"]), accepted, cutoff) for query in queries]
    now = {query["query_id"] for query in queries}
    for old in earlier:
        if old["query_id"] in now:
            continue
        reason = reasons.get(old["query_id"], "")
        if not reason and old["record"] and old["record"] not in records:
            reason = REMOVED
        if not reason and (not evaluated.get(old["rule"], 0) or old["query_id"] in unknown):
            reason = NOT_EVALUATED
        if old["status"] == "resolved":
            found.append(old)
        elif reason:
            found.append(_kept(old, reason, accepted, cutoff))
        else:
            found.append(old | {"status": "resolved", "resolved_on": _day(cutoff), "age_days": _days(old["first_seen"], cutoff), "comment": _comment(old["comment"])})
    return found


def _seen(query: Query, old: Query | None, accepted: Mapping[str, Acceptance] | None, cutoff: dt.date | None) -> Query:
    """A finding of now: its status, its first day, and what was before."""
    today = _day(cutoff)
    said: list[str] = []
    status = "new" if old is None else "open"
    if old is not None and old["status"] == "resolved":
        status = "reopened"
        said.append(f"was resolved on {old['resolved_on']}")
    if old is not None and query["value"] != old["value"] and query["value"] != MASK:
        said.append(f"{VALUE_UNTIL}{old['last_seen']}: {old['value'].replace(BETWEEN, UNBROKEN) or '(blank)'}")
    status = _accepted(query["query_id"], old, status, accepted, said, cutoff)
    first = old["first_seen"] if old else today
    kept = _comment(old["comment"] if old else "", *said, masked=query["value"] == MASK)
    return query | {"first_seen": first, "last_seen": today, "age_days": _days(first, cutoff), "status": status, "resolved_on": "", "comment": kept}


def _kept(old: Query, reason: str, accepted: Mapping[str, Acceptance] | None, cutoff: dt.date | None) -> Query:
    """A finding that nobody could look at now: as it was, with the reason."""
    said: list[str] = []
    status = _accepted(old["query_id"], old, "open" if old["status"] == "new" else old["status"], accepted, said, cutoff)
    return old | {"status": status, "age_days": _days(old["first_seen"], cutoff), "comment": _comment(old["comment"], *said, reason)}


def _accepted(name: str, old: Query | None, status: str, accepted: Mapping[str, Acceptance] | None, said: list[str], cutoff: dt.date | None) -> str:
    """The status after the acceptances were asked; what they say is added to `said`."""
    was = old is not None and old["status"] == "accepted"
    if accepted is None:
        return "accepted" if was else status
    if name in accepted:
        said.append(accepted[name].words)
        return "accepted"
    if was:
        said.append(f"no longer accepted at the cut-off {_day(cutoff)}".rstrip())
        return "reopened"
    return status


def conceal(old: Query) -> Query:
    """An earlier query of a field that has become an identifier since: without its values."""
    return old | {"value": old["value"] and MASK, "value_label": "", "message": without_values(old["message"]), "comment": _comment(old["comment"], masked=True)}


def _comment(old: str, *said: str, masked: bool = False) -> str:
    """The comment as it was, less what held for an earlier cut alone, and what is to be said now."""
    kept = [entry for entry in old.split(BETWEEN) if entry and entry not in PASSING and not (masked and entry.startswith(VALUE_UNTIL))]
    for entry in said:
        if entry not in BETWEEN.join(kept):
            kept.append(entry)
    return BETWEEN.join(kept)


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def _days(first: str, cutoff: dt.date | None) -> str:
    """The days since a query was first seen, '' if either day is unknown."""
    try:
        return str(max(0, (cutoff - dt.date.fromisoformat(first)).days)) if cutoff else ""
    except ValueError:
        return ""
