"""The rules of checks.yaml and the comparisons of reconciliations.yaml: read, resolved, and put on their side of the blinding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project
from pacer_analysis.dictionary.checks import Check, QualityRule, load_checks, load_quality_rules
from pacer_analysis.dictionary.reconciliations import Place, Reconciliation, load_reconciliations
from pacer_analysis.errors import DictionaryError
from pacer_analysis.read import load_dictionary
from pacer_analysis.validate.custom_rules import FILE as QUALITY_RULES
from pacer_analysis.validate.described import Described, describe, option
from pacer_analysis.validate.judged import judge, why_not_judged

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from pacer_analysis.dictionary import FlatDictionary
    from pacer_analysis.logic import Expression
    from pacer_analysis.plan import Plan
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

Dictionaries = dict[str, "FlatDictionary | Project"]


def load_rules(plan: Plan) -> tuple[Check, ...]:
    """The rules of the plan's dictionary folder; DictionaryError if one names a source, form, event or field that is unknown."""
    path = plan.dictionary / "checks.yaml"
    checks = load_checks(path)
    dictionaries: Dictionaries = {}
    for check in checks:
        _named(plan, dictionaries, check.source, check.form, check.event, (check.field,), f"{path}, rule {check.id}")
    return checks


def load_comparisons(plan: Plan) -> tuple[Reconciliation, ...]:
    """The comparisons of the plan's dictionary folder; DictionaryError if one names a source, form, event or field that is unknown."""
    path = plan.dictionary / "reconciliations.yaml"
    found = load_reconciliations(path)
    dictionaries: Dictionaries = {}
    for rule in found:
        for side in (rule.left, rule.right):
            _named(plan, dictionaries, side.source, side.form, side.event, (side.field, *([side.date] if side.date else [])), f"{path}, rule {rule.id}")
    return found


def load_project_rules(plan: Plan) -> dict[str, tuple[QualityRule, ...]]:
    """The data quality rules of each REDCap source that the dictionary folder has: its own file, or with one such source the only file."""
    projects = [source for source in plan.sources.values() if isinstance(load_dictionary(plan, source), Project)]
    found: dict[str, tuple[QualityRule, ...]] = {}
    for source in projects:
        own = plan.dictionary / f"{source.id}_{QUALITY_RULES}"
        found[source.id] = load_quality_rules(own if own.exists() or len(projects) > 1 else plan.dictionary / QUALITY_RULES)
    return found


def _named(plan: Plan, dictionaries: Dictionaries, source: str, form: str, event: str, names: Iterable[str], where: str) -> None:
    """Refuses a rule whose source, form, event or field is unknown."""
    if source not in plan.sources:
        raise DictionaryError(f"the source {source!r} is unknown", where=where, allowed=", ".join(plan.sources), do="correct the name, or add it")
    if source not in dictionaries:
        dictionaries[source] = load_dictionary(plan, plan.sources[source])
    dictionary = dictionaries[source]
    if isinstance(dictionary, Project):
        if form not in dictionary.dictionary.forms:
            raise DictionaryError(f"the form {form!r} is unknown", where=where, allowed=", ".join(dictionary.dictionary.forms), do="correct the name, or add it")
        if event and event not in dictionary.mapping:
            raise DictionaryError(f"the event {event!r} is unknown", where=where, allowed=", ".join(dictionary.mapping), do="correct the name, or add it")
    fields = describe(dictionary, form)
    columns = {column for field in fields.values() for column in field.columns}
    for name in names:
        if name not in fields and name not in columns:
            raise DictionaryError(f"the field {name!r} is unknown", where=where, allowed=", ".join(list(fields)[:20]), do="correct the name, or add it")


def needs_sealed(plan: Plan, rule: Check | Reconciliation) -> bool:
    """True if a rule looks at what betrays the arm: marked so, in a sealed source, or through a sealed field."""
    if isinstance(rule, Check):
        return rule.when_sealed or touches_sealed(plan, rule.source, (rule.field,), rule.expression)
    return any(_place_sealed(plan, place) for place in (rule.left, rule.right))


def _place_sealed(plan: Plan, place: Place) -> bool:
    return touches_sealed(plan, place.source, (place.field, place.date), place.when)


def touches_sealed(plan: Plan, source: str, fields: Iterable[str], expression: Expression | None = None) -> bool:
    """True if fields of a source, or what an expression on its rows refers to, betray the arm."""
    about = plan.sources[source]
    sealed = set(about.sealed_fields)
    linked = plan.sources[about.links_to].sealed_fields if about.links_to in plan.sources else ()
    names = {name.partition("___")[0] for name in fields}
    return (
        about.reveals_arm
        or not names.isdisjoint(sealed)
        or any(reference.field in (*sealed, *(linked if reference.event else ())) for reference in (expression.references if expression else ()))
    )


def apply_rule(ledger: Ledger, rows: Rows, check: Check, cutoff: dt.date) -> None:
    """The findings of one rule: true is a discrepancy, false is fine, not evaluable is counted apart."""
    import numpy as np

    ledger.count(check.id, check.severity)
    for table in rows.reading.tables:
        if table.form != check.form:
            continue
        about = _about(rows, table, check)
        result = judge(rows, table, check.expression, cutoff)
        here = np.ones(table.rows, dtype=bool)
        if check.event:
            here = np.array([level == check.event for level in table.event.levels], dtype=bool)[table.event.codes]
        ledger.count(check.id, check.severity, evaluated=int((here & result.known).sum()))
        ledger.fail(check.id, check.severity, table, np.flatnonzero(here & result.known & result.value), about, check.message, check.action)
        unknown = np.flatnonzero(here & ~result.known)
        if len(unknown):
            ledger.cannot(check.id, check.severity, table, check.field, unknown, why_not_judged(rows, table, check.expression))


def _about(rows: Rows, table: Tidy, check: Check) -> Described:
    """The field that a rule's findings are shown under."""
    fields = describe(rows.reading.dictionary, table.form)
    if check.field in fields:
        return fields[check.field]
    owner = next(field for field in fields.values() if check.field in field.columns)
    return option(owner, check.field)
