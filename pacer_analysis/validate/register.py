"""The query register of one side: the findings of now joined to those of the cut before, and to what people accepted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.validate import history
from pacer_analysis.validate.accepted import RULE as ACCEPTED_RULE
from pacer_analysis.validate.accepted import Acceptance, load_accepted, unknown_queries
from pacer_analysis.validate.columns import describe_known, key_beyond_record
from pacer_analysis.validate.described import Described
from pacer_analysis.validate.lost_records import RULE as LOST
from pacer_analysis.validate.lost_records import lost_records
from pacer_analysis.validate.queries import Query, instances_of, list_queries, query_id, write_queries, write_rules
from pacer_analysis.validate.workbook import write_workbook

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path

    from pacer_analysis.read import Reading
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.ledger import Ledger

READABLE = frozenset({"date", "datetime", "time", "integer", "number", "comma_number"})
# The rules that a dictionary entry makes, and when it makes them: a rule taken out of the dictionary is not a query answered.
MADE_BY: dict[str, Callable[[Described], object]] = {
    "type": lambda field: field.kind in READABLE,
    "choice": lambda field: field.choices,
    "pattern": lambda field: field.validation,
    "range": lambda field: field.minimum or field.maximum,
    "required": lambda field: field.required,
    "hidden": lambda field: field.branching,
    "calculation": lambda field: field.calculation,
}
# What the reader remarks on rows that may stand elsewhere once they are mended: gone means resolved.
OF_THE_READER = frozenset({"structure", "instances", "damage", "arms", "first_event", "empty_record"})
AGAIN = re.compile(r"#\d+$")
Place = tuple[str, str]      # source and instrument


@dataclass(frozen=True, slots=True)
class Side:
    """What one side of a cut read."""

    readings: tuple[Reading, ...]

    @property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """The key fields of each source beyond the record."""
        return {reading.source.id: key_beyond_record(reading) for reading in self.readings}

    @property
    def tables(self) -> dict[Place, Tidy]:
        """The tables by source and instrument."""
        return {(table.source, table.form or table.source): table for reading in self.readings for table in reading.tables}

    @property
    def fields(self) -> dict[Place, dict[str, Described]]:
        """What the dictionary says of the fields that were read, by source and instrument; options of checkboxes under their columns too."""
        return {(table.source, table.form or table.source): describe_known(reading, table) for reading in self.readings for table in reading.tables}


def write_register(folder: Path, ledger: Ledger, readings: Iterable[Reading], cutoff: dt.date | None, *,
                   files: tuple[str, str] = ("rules.csv", "queries.csv"), previous: Path | None = None, accepted: Path | None = None,
                   reserved: Iterable[tuple[str, str, str]] = ()) -> list[Query]:
    """The register as queries.csv, the same as a workbook beside it, and rules.csv; returns its rows.

    `readings` are those in which the rules looked; `files` the names of rules and queries in `folder`; `previous` the register
    of the cut before, `accepted` the list of accepted queries; either may be absent.
    """
    side = Side(tuple(readings))
    fields = side.fields
    secret = {(place[0], name) for place, named in fields.items() for name, field in named.items() if field.identifier}
    sites = {record: site for table in side.tables.values() if table.form for record, site in _sites(table) if site}
    if previous is not None and not ledger.prefix:
        for source, note in lost_records(previous.parent, side.readings):
            ledger.note(source, note)
    found = list_queries(ledger, side.keys, sites, secret)
    earlier = [history.conceal(old) if (old["source"], old["field"]) in secret else old for old in (history.read_queries(previous) if previous else [])]
    listed = load_accepted(accepted)
    if accepted is not None and listed is not None:
        found += _remarks(ledger, accepted.name, listed, {query["query_id"] for query in (*found, *earlier)})
    now = {query["query_id"] for query in found}
    gone = [old for old in earlier if old["query_id"] not in now and old["status"] != "resolved"]
    levels = {id(table.record.levels): table.record.levels for table in side.tables.values()}      # the tables of a source share them
    records = {str(level) for each in levels.values() for level in each}
    reasons = _reasons(ledger, side, fields, secret, gone, found, records)
    register = history.age(found, earlier, {old["rule"]: 1 for old in earlier}, set(), records | {old["record"] for old in earlier}, cutoff, reasons, listed)
    write_queries(folder / files[1], register)
    write_workbook((folder / files[1]).with_suffix(".xlsx"), register)
    write_rules(folder / files[0], ledger, reserved)
    return register


def _remarks(ledger: Ledger, name: str, listed: dict[str, Acceptance], known: set[str]) -> list[Query]:
    """The remarks on acceptances of queries that are not there; an acceptance of such a remark is none."""
    remarks = unknown_queries(name, ledger.prefix, listed, known)
    for remark in remarks:
        remark["query_id"] = query_id(remark)
    own = {remark["query_id"] for remark in remarks}
    kept = [remark for remark in remarks if remark["instance"] not in own]
    ledger.count(ACCEPTED_RULE, "info", evaluated=len(listed), failed=len(kept))
    return kept


def _reasons(ledger: Ledger, side: Side, fields: dict[Place, dict[str, Described]], secret: Collection[tuple[str, str]], gone: list[Query],
             found: list[Query], records: Collection[str]) -> dict[str, str]:
    """Why nobody could look again at a query that is gone; those that are not here were looked at, and are resolved."""
    summed_up = {(query["rule"], query["source"], query["instrument"], query["field"]) for query in found if not query["record"]}
    unknown = _unknown(ledger, side.keys, gone)
    there = _rows_there(side, secret, gone)
    reasons = {}
    for old in gone:
        reason = _reason(ledger, side, fields, old)
        if not reason and old["record"]:
            at = (old["source"], old["instrument"], old["record"], old["event"])
            if old["record"] not in records:
                reason = history.REMOVED
            elif old["rule"].removeprefix(ledger.prefix) in OF_THE_READER:
                same = (old["rule"], old["source"], old["instrument"], old["field"])
                reason = history.SUMMED_UP if same in summed_up else ""
            elif at[:2] in side.tables and (*at, old["instance"]) not in there and (*at, AGAIN.sub("", old["instance"])) not in there:
                reason = history.ROW_GONE
            elif old["query_id"] in unknown:
                same = (old["rule"], old["source"], old["instrument"], old["field"])
                reason = history.SUMMED_UP if same in summed_up else history.NOT_EVALUATED
        if reason:
            reasons[old["query_id"]] = reason
    return reasons


def _reason(ledger: Ledger, side: Side, fields: dict[Place, dict[str, Described]], old: Query) -> str:
    """Why a rule says nothing of a field at this cut, wherever the row."""
    rule, place = old["rule"], (old["source"], old["instrument"])
    if rule == ledger.prefix + ACCEPTED_RULE:
        return ""
    if rule == LOST:
        return history.COMPARED_ONCE
    if all(reading.source.id != old["source"] for reading in side.readings):
        return history.SOURCE_GONE
    made = MADE_BY.get(rule.removeprefix(ledger.prefix))
    if made is None and (not old["record"] or (rule not in ledger.counts and not old["label"] and not old["value"])):
        return ""       # a remark of the reader, which has neither label nor value, is made whenever it holds
    named = fields.get(place, {})
    of_a_form = old["instrument"] != old["source"]
    if (of_a_form and place not in fields) or (old["field"] and place in fields and old["field"] not in named and not _is_key(side, old)):
        return history.FIELD_GONE
    if rule not in ledger.counts or (made is not None and old["field"] in named and not made(named[old["field"]])):
        return history.RULE_GONE
    return "" if ledger.counts[rule].evaluated else history.NOT_EVALUATED


def _is_key(side: Side, old: Query) -> bool:
    """True for the record id, which is no field of a REDCap table."""
    return any(reading.source.id == old["source"] and old["field"] == reading.record for reading in side.readings)


def _unknown(ledger: Ledger, keys: dict[str, tuple[str, ...]], gone: list[Query]) -> set[str]:
    """The ids that findings would have on the rows where a rule could not be evaluated, among the rules, fields and records of the queries given."""
    import numpy as np

    wanted: dict[tuple[str, str], set[str]] = {}
    for old in gone:
        wanted.setdefault((old["rule"], old["field"]), set()).add(old["record"])
    ids: set[str] = set()
    for rule, table, field, rows in ledger.unknown:
        records = wanted.get((rule, field))
        if not records:
            continue
        here = rows[np.isin(table.record.codes[rows], _codes(table, records))]
        names, events = table.record.levels[table.record.codes[here]], table.event.levels[table.event.codes[here]]
        for record, event, instance in zip(names, events, instances_of(table, keys.get(table.source, ()), here), strict=True):
            ids.add(query_id({"rule": rule, "record": str(record), "event": str(event), "instrument": table.form or table.source, "instance": instance, "field": field}))
    return ids


def _rows_there(side: Side, secret: Collection[tuple[str, str]], gone: list[Query]) -> set[tuple[str, str, str, str, str]]:
    """The rows of the records of the queries given, as queries name them: source, instrument, record, event, instance."""
    import numpy as np

    wanted: dict[Place, set[str]] = {}
    for old in gone:
        wanted.setdefault((old["source"], old["instrument"]), set()).add(old["record"])
    found: set[tuple[str, str, str, str, str]] = set()
    for place, table in side.tables.items():
        if place not in wanted:
            continue
        rows = np.flatnonzero(np.isin(table.record.codes, _codes(table, wanted[place])))
        names, events = table.record.levels[table.record.codes[rows]], table.event.levels[table.event.codes[rows]]
        instances = instances_of(table, side.keys.get(place[0], ()), rows, secret)
        found.update((*place, str(record), str(event), instance) for record, event, instance in zip(names, events, instances, strict=True))
    return found


def _codes(table: Tidy, records: Collection[str]) -> list[int]:
    return [code for code, level in enumerate(table.record.levels) if str(level) in records]


def _sites(table: Tidy) -> list[tuple[str, str]]:
    """Each record of a table with its site."""
    import numpy as np

    width = max(1, len(table.site.levels))
    pairs = np.unique(table.record.codes.astype(np.int64) * width + table.site.codes)
    return [(str(table.record.levels[pair // width]), str(table.site.levels[pair % width])) for pair in pairs]
