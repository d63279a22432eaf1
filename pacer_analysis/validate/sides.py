"""The two sides of validation: the open one, and the restricted one that sees what betrays the arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.read import Note, kept_sealed, read_source
from pacer_analysis.validate import allocation
from pacer_analysis.validate.branching import check_shown
from pacer_analysis.validate.cells import check_cells
from pacer_analysis.validate.contacts import RULES as CONTACT_RULES
from pacer_analysis.validate.contacts import check_contacts
from pacer_analysis.validate.cutoff import day_of_export, truncate
from pacer_analysis.validate.described import Described, describe
from pacer_analysis.validate.keys import check_key, check_linkage, drop_repeated_rows
from pacer_analysis.validate.ledger import RESERVED, Ledger
from pacer_analysis.validate.lookup import Rows
from pacer_analysis.validate.recorded import RULE as TIME_RULE
from pacer_analysis.validate.recorded import check_times, recorded_times
from pacer_analysis.validate.rulebook import apply_rule, check_references, load_rules, needs_sealed
from pacer_analysis.validate.viral_loads import RULES as VIRAL_LOAD_RULES
from pacer_analysis.validate.viral_loads import check_viral_loads
from pacer_analysis.validate.written import write_cut, write_findings, write_tables

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.dictionary import Check
    from pacer_analysis.plan import Cut, Plan, Source
    from pacer_analysis.read import Reading
    from pacer_analysis.read.tidy import Tidy

SEALED = "sealed_"
BUILT_IN = {
    "type": "error",
    "choice": "error",
    "range": "warning",
    "required": "warning",
    "hidden": "warning",
    "calculation": "warning",
    "missing_code": "info",
    "key": "error",
    "duplicate_row": "error",
    "linkage": "error",
    "after_cutoff": "warning",
}
CELL_RULES = ("type", "choice", "range", "missing_code", "required")


def run_open(plan: Plan, cut: Cut, exports: Path, out: Path, previous: Path | None) -> None:
    """The open side: every open source less its sealed fields, its findings, and how many checks are reserved."""
    ledger = Ledger()
    for rule, severity in _built_in(plan, plan.open_sources()).items():
        ledger.count(rule, severity)
    checks = load_rules(plan)
    rows = _read_all(ledger, plan, cut, exports, plan.open_sources(), sealed=False)
    for each in rows.values():
        check_references(ledger, each)
        _check_source(ledger, plan, cut, each, None)
    for check in (check for check in checks if not needs_sealed(plan, check)):
        if check.source in rows:
            apply_rule(ledger, rows[check.source], check, cut.cutoff)
        else:
            ledger.count(check.id, check.severity, reason="the source is not in the export")
    folder = out / "clean"
    folder.mkdir(parents=True, exist_ok=True)
    for each in rows.values():
        write_tables(each.reading, folder, {})
    write_cut(plan, cut, rows, folder)
    write_findings(ledger, cut, rows, list(rows), folder, ("rules.csv", "queries.csv"), previous, _reserved(plan, checks))


def run_sealed(plan: Plan, cut: Cut, exports: Path, out: Path, previous: Path | None) -> None:
    """The restricted side: sealed sources and fields, and the checks that need them."""
    ledger = Ledger(SEALED)
    sealed = plan.sealed_sources()
    # What the checks compare with is read as on the open side; its own findings are there.
    others = [source for source in plan.open_sources() if not source.sealed_fields]
    rows = _read_all(ledger, plan, cut, exports, sealed, sealed=True) | _read_all(Ledger(), plan, cut, exports, others, sealed=False)
    rows = {name: Rows(each.reading, rows.get(each.reading.source.links_to)) for name, each in rows.items()}
    folder = out / "sealed"
    folder.mkdir(parents=True, exist_ok=True)
    for source in (source for source in sealed if source.id in rows):
        _check_source(ledger, plan, cut, rows[source.id], None if source.reveals_arm else frozenset(source.sealed_fields))
        reading = rows[source.id].reading
        write_tables(reading, folder, {table.form: kept_sealed(source, reading.dictionary, reading.record) for table in reading.tables})
    if plan.allocation.source in rows and plan.participants.source in rows:
        allocation.check_allocation(ledger, plan, cut, rows[plan.allocation.source], rows[plan.participants.source])
    checks = [check for check in load_rules(plan) if needs_sealed(plan, check)]
    for check in (check for check in checks if check.source in rows):
        apply_rule(ledger, rows[check.source], check, cut.cutoff)
    names = [source.id for source in sealed if source.id in rows]
    write_findings(ledger, cut, rows, names, folder, ("../rules_closed.csv", "../queries_closed.csv"), previous, ())


def _read_all(ledger: Ledger, plan: Plan, cut: Cut, exports: Path, sources: list[Source], *, sealed: bool) -> dict[str, Rows]:
    """The sources with repeated rows and rows after the cut-off left out; an optional source may be absent."""
    import fnmatch

    readings: dict[str, Reading] = {}
    for source in sources:
        if source.optional and not any(fnmatch.fnmatchcase(path.name, source.file) for path in exports.iterdir()):
            continue
        reading = read_source(plan, source, exports, sealed=sealed)
        whole = source.reveals_arm or not sealed
        mine = ledger if whole else Ledger()      # of a source that is sealed in part, keys and dates are checked on the open side
        for note in reading.notes:
            if whole or note.field in source.sealed_fields:
                ledger.note(source.id, note)
        if not reading.rows and not source.optional:
            mine.note(source.id, Note("no_rows", "error", "", "The file has a header and no rows: every result that rests on it says so of nobody.",
                                      "Check that the export was complete; a source that is still empty may be declared `optional`."))
        reported: set[int] = set()
        readings[source.id] = _with_tables(reading, tuple(_kept(mine, plan, cut, reading, table, reported) for table in reading.tables))
    rows = {name: Rows(reading) for name, reading in readings.items()}
    return {name: Rows(each.reading, rows.get(each.reading.source.links_to)) for name, each in rows.items()}


def _with_tables(reading: Reading, tables: tuple[Tidy, ...]) -> Reading:
    from dataclasses import replace

    return replace(reading, tables=tables)


def _kept(ledger: Ledger, plan: Plan, cut: Cut, reading: Reading, table: Tidy, reported: set[int]) -> Tidy:
    """A table without repeated rows and rows after the cut-off."""
    unique = drop_repeated_rows(ledger, table, reported) if table.form else check_key(ledger, reading, table, participants=reading.source.id == plan.participants.source)
    return truncate(ledger, plan, cut, unique, describe(reading.dictionary, table.form))


def _check_source(ledger: Ledger, plan: Plan, cut: Cut, rows: Rows, only: frozenset[str] | None) -> None:
    """The built-in rules on the tables of a source, or on some of its fields."""
    reading = rows.reading
    for table in reading.tables:
        fields = describe(reading.dictionary, table.form)
        chosen = {name: field for name, field in fields.items() if only is None or name in only}
        check_cells(ledger, rows, table, chosen, day_of_export(cut))
        check_shown(ledger, rows, table, chosen)
        _check_meaning(ledger, plan, table, fields, only)
        if only is None and reading.source.links_to and rows.linked and rows.linked.reading.tables:
            check_linkage(
                ledger, table, fields.get(reading.record, Described(reading.record)), rows.linked.reading.tables[0].record.levels, reading.source.links_to
            )


def _check_meaning(ledger: Ledger, plan: Plan, table: Tidy, fields: dict[str, Described], only: frozenset[str] | None) -> None:
    """The rules on what the plan says that a table holds; where a field of theirs is sealed, they are for the restricted side."""
    place = (table.source, table.form)
    loads, contacts, people = plan.viral_loads, plan.contacts, plan.participants
    if loads and place == (loads.source, loads.form) and _is_theirs(only, loads.date, loads.result, loads.log10):
        check_viral_loads(ledger, table, fields, loads)
    if contacts and place == (contacts.source, contacts.form) and _is_theirs(only, contacts.date, contacts.due):
        check_contacts(ledger, table, fields, contacts)
    if place == (people.source, people.form):
        check_times(ledger, plan, table, {name: field for name, field in fields.items() if only is None or name in only})


def _is_theirs(only: frozenset[str] | None, *fields: str) -> bool:
    """True on the open side, which lacks what is sealed, and on the restricted one if any of the fields is sealed."""
    return only is None or not only.isdisjoint(fields)


def _built_in(plan: Plan, sources: list[Source]) -> dict[str, str]:
    """The built-in rules that apply to some sources of the plan, with their severities."""
    names = {source.id for source in sources}
    rules = dict(BUILT_IN)
    if plan.viral_loads and plan.viral_loads.source in names:
        rules |= VIRAL_LOAD_RULES
    if plan.contacts and plan.contacts.source in names:
        rules |= CONTACT_RULES
    if plan.participants.source in names and recorded_times(plan):
        rules[TIME_RULE] = "error"
    return rules


def _reserved(plan: Plan, checks: tuple[Check, ...]) -> list[tuple[str, str, str]]:
    """A row for every check that only the restricted side can make."""
    rules: dict[str, str] = {}
    for source in plan.sealed_sources():
        rules |= {f"{SEALED}{rule}": severity for rule, severity in _built_in(plan, [source]).items() if source.reveals_arm or rule in CELL_RULES}
    rules |= {f"{SEALED}{rule}": "error" for rule in allocation.RULES}
    rules |= {f"{SEALED}{check.id}": check.severity for check in checks if needs_sealed(plan, check)}
    return [(rule, severity, RESERVED) for rule, severity in rules.items()]
