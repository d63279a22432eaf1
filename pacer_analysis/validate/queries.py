"""Findings as the list that sites answer: one row each, with an identity that outlives the run."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from pacer_analysis.validate.safecsv import harmless, write_csv

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from pacer_analysis.read import Note
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.ledger import Batch, Ledger

COLUMNS = ("query_id", "record", "site", "event", "instrument", "instance", "field", "label", "value", "value_label", "rule", "severity", "message", "action",
           "first_seen", "last_seen", "age_days", "status", "resolved_on", "comment", "source", "line")
IDENTITY = ("rule", "record", "event", "instrument", "instance", "field")
# A letter before the digest: a spreadsheet program takes 12345678 or 1e5 for a number. Lists of earlier versions have none.
LETTER = "q"
WITHOUT_LETTER = re.compile(r"[0-9a-f]{16}")
# A count in a remark, which changes from export to export; a number within a name or between quotation marks stays.
COUNT = re.compile(r"(?<![\w.\"'`\[-])\d+([.,:-]?\d+)*(?![\w\"'`\]-])")
GROUP = "redcap_data_access_group"
MASK = "[masked]"
Query = dict[str, str]

__all__ = ["COLUMNS", "IDENTITY", "MASK", "Query", "harmless", "instances_of", "list_queries", "query_id", "write_queries", "write_rules"]


def query_id(query: Query) -> str:
    """The identity of a finding: what is wrong where, not the value nor the day; of a remark that is on no record also what it `said`."""
    said = query.get("said", "")
    return LETTER + hashlib.sha256("|".join([*(query[name] for name in IDENTITY), *[said] * bool(said)]).encode()).hexdigest()[:16]


def with_letter(name: str) -> str:
    """An id as it is written now, of one that an earlier version wrote."""
    return LETTER + name if WITHOUT_LETTER.fullmatch(name) else name


def list_queries(ledger: Ledger, keys: dict[str, tuple[str, ...]], sites: dict[str, str], masked: Collection[tuple[str, str]] = ()) -> list[Query]:
    """Every finding as a row, in the order of source, record, event, instrument, instance, field and rule.

    `keys` are the key fields of flat sources beyond the record, which stand in `instance`; `sites` the site of each record;
    `masked` the (source, field) of identifiers among the key fields: they tell rows apart, but are not shown.
    """
    queries = [query for batch in ledger.batches for query in _of_batch(batch, keys.get(batch.table.source, ()), sites, masked)]
    queries += [_of_note(source, ledger.prefix, note, sites) for source, note in ledger.notes]
    queries.sort(
        key=lambda query: (
            query["source"],
            query["record"],
            query["event"],
            query["instrument"],
            query["instance"].zfill(8),
            query["field"],
            query["rule"],
            int(query["line"] or 0),
            query["message"],
        )
    )
    seen: dict[tuple[str, ...], int] = {}
    for query in queries:
        identity = (*(query[name] for name in IDENTITY), query.get("said", ""))
        seen[identity] = seen.get(identity, 0) + 1
        again = f"#{seen[identity]}" if seen[identity] > 1 else ""
        query["instance"] += again
        query["query_id"] = query_id(query)
        query.pop("said", None)
        query["instance"] = query.pop("shown", query["instance"].removesuffix(again)) + again
    return queries


def _of_batch(batch: Batch, key: tuple[str, ...], sites: dict[str, str], masked: Collection[tuple[str, str]]) -> Iterable[Query]:
    """The rows of a batch as queries."""
    table, about, choices = batch.table, batch.field, dict(batch.field.choices)
    records = table.record.levels[table.record.codes[batch.rows]]
    events = table.event.levels[table.event.codes[batch.rows]]
    own = table.site.levels[table.site.codes[batch.rows]]
    values = [str(site) for site in own] if about.name == GROUP else _values(table, about.columns[0] if len(about.columns) == 1 else "", batch.rows)
    instances, shown_instances = instances_of(table, key, batch.rows), instances_of(table, key, batch.rows, masked)
    cells = zip(records, events, values, instances, shown_instances, own, table.line[batch.rows], strict=True)
    for record, event, value, instance, shown_instance, site, line in cells:
        shown = MASK if about.identifier and value else value
        yield {
            "record": str(record),
            "site": str(site) or sites.get(str(record), ""),
            "event": str(event),
            "instrument": table.form or table.source,
            "instance": instance,
            "shown": shown_instance,
            "field": about.name,
            "label": about.label,
            "value": shown,
            "value_label": choices.get(value, "") if shown == value else "",
            "rule": batch.rule,
            "severity": batch.severity,
            "message": batch.message,
            "action": batch.action,
            "source": table.source,
            "line": str(line),
        }


def _values(table: Tidy, name: str, rows: Any) -> list[str]:
    """The cells of a field as exported."""
    if name not in table.fields:
        return [""] * len(rows)
    cells = table.fields[name]
    return [str(text) for text in cells.levels.raw[cells.codes[rows]]]


def instances_of(table: Tidy, key: tuple[str, ...], rows: Any, masked: Collection[tuple[str, str]] = ()) -> list[str]:
    """The instance of a repeating form, or the rest of the key of a flat row; of the (source, field) in `masked` a mask."""
    if table.form:
        return [str(number) if number else "" for number in table.instance[rows]]
    columns = [[MASK] * len(rows) if (table.source, name) in masked else _values(table, name, rows) for name in key]
    return ["/".join(parts) for parts in zip(*columns, strict=True)] if columns else [""] * len(rows)


def _of_note(source: str, prefix: str, note: Note, sites: dict[str, str]) -> Query:
    """A finding on a file or a dictionary as a query without a value."""
    return {
        "record": note.record,
        "site": sites.get(note.record, ""),
        "event": note.event,
        "instrument": note.form or source,
        "instance": note.instance,
        "field": note.field,
        "label": "",
        "value": "",
        "value_label": "",
        "rule": prefix + note.rule,
        "severity": note.severity,
        "message": note.message,
        "action": note.action,
        "source": source,
        "line": str(note.line) if note.line else "",
    } | ({} if note.record else {"said": COUNT.sub("#", note.message)})


def write_queries(path: Path, queries: list[Query]) -> None:
    """The list as CSV, in the columns of the contract."""
    write_csv(path, COLUMNS, ([query[name] for name in COLUMNS] for query in queries))


def write_rules(path: Path, ledger: Ledger, reserved: Iterable[tuple[str, str, str]]) -> None:
    """rules.csv: the three outcomes of every rule, and the rules reserved for the other side."""
    rows = [(rule, count.severity, count.evaluated, count.failed, count.not_evaluable, "; ".join(sorted(count.reasons))) for rule, count in ledger.counts.items()]
    rows += [(rule, severity, 0, 0, 0, reason) for rule, severity, reason in reserved]
    write_csv(path, ("rule", "severity", "evaluated", "failed", "not_evaluable", "reason"), ([str(cell) for cell in row] for row in sorted(rows)))
