"""The two sides of validation: the open one, and the restricted one that sees what betrays the arm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pacer_analysis.read import Note, kept_sealed, load_dictionary, read_source
from pacer_analysis.validate import allocation
from pacer_analysis.validate.built_in import check_source, severities
from pacer_analysis.validate.completeness import write_completeness
from pacer_analysis.validate.corrections import CLOSED_FILE, OPEN_FILE, apply_corrections, check_all_applied, load_corrections, write_corrections
from pacer_analysis.validate.custom_rules import SEVERITY as CUSTOM
from pacer_analysis.validate.custom_rules import apply_quality_rules
from pacer_analysis.validate.cutoff import day_of_export, truncate
from pacer_analysis.validate.described import Described, describe
from pacer_analysis.validate.keys import check_key, check_linkage, drop_repeated_rows
from pacer_analysis.validate.ledger import RESERVED, Ledger
from pacer_analysis.validate.lookup import Rows
from pacer_analysis.validate.meaning import check_meaning, check_table_meaning, plan_rules
from pacer_analysis.validate.reconciliation import reconcile
from pacer_analysis.validate.references import check_references
from pacer_analysis.validate.rulebook import apply_rule, load_comparisons, load_project_rules, load_rules, needs_sealed, touches_sealed
from pacer_analysis.validate.written import write_cut, write_findings, write_tables, write_wording

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.dictionary import Check
    from pacer_analysis.dictionary.checks import QualityRule
    from pacer_analysis.dictionary.reconciliations import Reconciliation
    from pacer_analysis.plan import Cut, Plan, Source
    from pacer_analysis.read import Reading
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.completeness import Row
    from pacer_analysis.validate.corrections import Applied, Correction

SEALED = "sealed_"
GROUP = "redcap_data_access_group"
ABSENT = "the source is not in the export"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules that people wrote beside the dictionaries."""

    checks: tuple[Check, ...]
    comparisons: tuple[Reconciliation, ...]
    project: dict[str, tuple[QualityRule, ...]]

    def of_side(self, plan: Plan, *, sealed: bool) -> Rulebook:
        """The rules that one side of the blinding applies."""
        return Rulebook(tuple(check for check in self.checks if needs_sealed(plan, check) == sealed),
                        tuple(rule for rule in self.comparisons if needs_sealed(plan, rule) == sealed),
                        {source: tuple(rule for rule in rules if touches_sealed(plan, source, (), rule.expression) == sealed) for source, rules in self.project.items()})

    def on(self, source: str) -> tuple[Check | QualityRule, ...]:
        """The rules in REDCap's language on the rows of one source."""
        return (*(check for check in self.checks if check.source == source), *self.project.get(source, ()))

    @property
    def severities(self) -> dict[str, str]:
        """The rules with their severities."""
        return ({check.id: check.severity for check in self.checks} | {rule.id: rule.severity for rule in self.comparisons}
                | {rule.id: CUSTOM for rules in self.project.values() for rule in rules})

    @property
    def sentences(self) -> dict[str, str]:
        """What the rules say that people wrote: their messages, and the names of a project's own."""
        return ({check.id: check.message for check in self.checks} | {rule.id: rule.message for rule in self.comparisons}
                | {rule.id: rule.name for rules in self.project.values() for rule in rules})


def run_open(plan: Plan, cut: Cut, exports: Path, out: Path, previous: Path | None) -> None:
    """The open side: every open source less its sealed fields, its findings, and how many checks are reserved."""
    ledger, written = Ledger(), load_rulebook(plan)
    corrections = load_corrections(exports / OPEN_FILE)
    rows, applied = _read_all(ledger, plan, cut, exports, plan.open_sources(), corrections, sealed=False)
    check_all_applied(corrections, applied, [each.reading for each in rows.values()])
    for rule, severity in _built_in(plan, plan.open_sources(), sealed=False).items():
        ledger.count(rule, severity)
    complete: list[Row] = []
    mine = written.of_side(plan, sealed=False)
    for name, each in rows.items():
        check_references(ledger, each, mine.on(name))
        complete += _check_source(ledger, plan, cut, each, None)
    check_meaning(ledger, plan, rows, cut.cutoff, sealed=False)
    _apply(ledger, rows, mine, cut)
    folder = out / "clean"
    folder.mkdir(parents=True, exist_ok=True)
    for each in rows.values():
        write_tables(each.reading, folder, {})
    write_cut(plan, cut, rows, folder)
    write_completeness(folder / "completeness.csv", complete)
    write_corrections(folder, applied)
    write_findings(ledger, cut, rows, list(rows), folder, ("rules.csv", "queries.csv"), previous, _reserved(plan, written), exports / "accepted.csv")
    write_wording(folder, mine.sentences)


def run_sealed(plan: Plan, cut: Cut, exports: Path, out: Path, previous: Path | None) -> None:
    """The restricted side: sealed sources and fields, and the checks that need them."""
    ledger, written = Ledger(SEALED), load_rulebook(plan)
    sealed = plan.sealed_sources()
    # What the checks compare with is read and corrected as on the open side; its own findings are there.
    others = [source for source in plan.open_sources() if not source.sealed_fields]
    corrections = (*load_corrections(exports / OPEN_FILE), *load_corrections(exports / CLOSED_FILE))
    rows, applied = _read_all(ledger, plan, cut, exports, sealed, corrections, sealed=True)
    read, more = _read_all(Ledger(), plan, cut, exports, others, corrections, sealed=False)
    rows |= read
    check_all_applied(corrections, (*applied, *more), [each.reading for each in rows.values()])
    rows = {name: Rows(each.reading, rows.get(each.reading.source.links_to)) for name, each in rows.items()}
    folder = out / "sealed"
    folder.mkdir(parents=True, exist_ok=True)
    complete: list[Row] = []
    for source in (source for source in sealed if source.id in rows):
        complete += _check_source(ledger, plan, cut, rows[source.id], None if source.reveals_arm else frozenset(source.sealed_fields))
        reading = rows[source.id].reading
        write_tables(reading, folder, {table.form: kept_sealed(source, reading.dictionary, reading.record) for table in reading.tables})
    if plan.allocation.source in rows and plan.participants.source in rows:
        allocation.check_allocation(ledger, plan, cut, rows[plan.allocation.source], rows[plan.participants.source])
    check_meaning(ledger, plan, rows, cut.cutoff, sealed=True)
    _apply(ledger, rows, written.of_side(plan, sealed=True), cut)
    names = [source.id for source in sealed if source.id in rows]
    write_completeness(folder / "completeness.csv", complete)
    write_corrections(folder, [each for each in (*applied, *more) if each.correction.closed])
    write_findings(ledger, cut, rows, names, folder, ("../rules_closed.csv", "../queries_closed.csv"), previous, (), exports / "accepted_closed.csv")


def load_rulebook(plan: Plan) -> Rulebook:
    """The rules beside the plan's dictionaries; DictionaryError for one that cannot be read or names what is not there."""
    return Rulebook(load_rules(plan), load_comparisons(plan), load_project_rules(plan))


def _apply(ledger: Ledger, rows: dict[str, Rows], rulebook: Rulebook, cut: Cut) -> None:
    """The written rules of one side on the sources that were read."""
    for check in rulebook.checks:
        if check.source in rows:
            apply_rule(ledger, rows[check.source], check, cut.cutoff)
        else:
            ledger.count(check.id, check.severity, reason=ABSENT)
    for rule in rulebook.comparisons:
        reconcile(ledger, rows, rule, cut.cutoff)
    for source, rules in rulebook.project.items():
        if source in rows:
            apply_quality_rules(ledger, rows[source], rules, cut.cutoff)


def _read_all(ledger: Ledger, plan: Plan, cut: Cut, exports: Path, sources: list[Source], corrections: tuple[Correction, ...], *,
              sealed: bool) -> tuple[dict[str, Rows], tuple[Applied, ...]]:
    """The sources as corrected, repeated rows and rows after the cut-off left out; an optional source may be absent."""
    import fnmatch

    readings: dict[str, Reading] = {}
    applied: list[Applied] = []
    for source in sources:
        if source.optional and not any(fnmatch.fnmatchcase(path.name, source.file) for path in exports.iterdir()):
            continue
        reading, made = apply_corrections(read_source(plan, source, exports, sealed=sealed), corrections)
        applied += made
        whole = source.reveals_arm or not sealed
        mine = ledger if whole else Ledger()      # of a source that is sealed in part, keys and dates are checked on the open side
        for note in reading.notes:
            if whole or note.field in source.sealed_fields:
                ledger.note(source.id, note)
        if not reading.rows and not source.optional:
            mine.note(source.id, Note("no_rows", "error", "", "The file has a header and no rows: every result that rests on it says so of nobody.",
                                      "Check that the export was complete; a source that is still empty may be declared `optional`."))
        reported: set[int] = set()
        readings[source.id] = replace(reading, tables=tuple(_kept(mine, plan, cut, reading, table, reported) for table in reading.tables))
    rows = {name: Rows(reading) for name, reading in readings.items()}
    return {name: Rows(each.reading, rows.get(each.reading.source.links_to)) for name, each in rows.items()}, tuple(applied)


def _kept(ledger: Ledger, plan: Plan, cut: Cut, reading: Reading, table: Tidy, reported: set[int]) -> Tidy:
    """A table without repeated rows and rows after the cut-off."""
    unique = drop_repeated_rows(ledger, table, reported) if table.form else check_key(ledger, reading, table, participants=reading.source.id == plan.participants.source)
    return truncate(ledger, plan, cut, unique, describe(reading.dictionary, table.form))


def _check_source(ledger: Ledger, plan: Plan, cut: Cut, rows: Rows, only: frozenset[str] | None) -> list[Row]:
    """The rules on the tables of one source, or on some of its fields; returns its rows of completeness.csv."""
    reading = rows.reading
    complete = check_source(ledger, rows, day_of_export(cut), only=only, sites=_sites(plan, reading))
    for table in reading.tables:
        check_table_meaning(ledger, plan, table, rows, only)
        if only is None and reading.source.links_to and rows.linked and rows.linked.reading.tables:
            about = describe(reading.dictionary, table.form).get(reading.record, Described(reading.record))
            check_linkage(ledger, table, about, rows.linked.reading.tables[0].record.levels, reading.source.links_to)
    return complete


def _sites(plan: Plan, reading: Reading) -> set[str]:
    """The plan's sites, if they are the data access groups of the participants' project."""
    site = plan.participants.site or {}
    if reading.source.id != plan.participants.source or site.get("field") != GROUP:
        return set()
    choices = {str(code): str(label) for code, label in (site.get("choices") or {}).items()}
    return {*choices, *(choices.values() if reading.source.labels else ())}


def _built_in(plan: Plan, sources: list[Source], *, sealed: bool) -> dict[str, str]:
    """The rules that dictionaries and plan make for some sources, with their severities; of a source sealed in part, those on cells."""
    rules: dict[str, str] = {}
    for source in sources:
        rules |= severities(load_dictionary(plan, source), cells_only=sealed and not source.reveals_arm)
        if not sealed or source.reveals_arm:
            rules |= {"after_cutoff": "warning"} | ({"linkage": "error"} if source.links_to else {})
    return rules | plan_rules(plan, sealed=sealed)


def _reserved(plan: Plan, written: Rulebook) -> list[tuple[str, str, str]]:
    """A row for every check that only the restricted side can make."""
    if not plan.sealed_sources():
        return []
    rules = _built_in(plan, plan.sealed_sources(), sealed=True) | dict.fromkeys(allocation.RULES, "error") | written.of_side(plan, sealed=True).severities
    return [(f"{SEALED}{rule}", severity, RESERVED) for rule, severity in rules.items()]
