"""The data quality rules that a project's people wrote in REDCap: where each is looked at, and what it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project, checkbox_column
from pacer_analysis.read.notes import Note
from pacer_analysis.validate.branching import MANY, plain
from pacer_analysis.validate.described import Described, describe
from pacer_analysis.validate.judged import judge, why_not_judged
from pacer_analysis.validate.summed_up import fail_or_sum_up

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from pacer_analysis.dictionary.checks import QualityRule
    from pacer_analysis.logic import Expression, Reference
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

FILE = "data_quality_rules.csv"
SEVERITY = "warning"
NO_FIELD = "refers to no field of the project"


def apply_quality_rules(ledger: Ledger, rows: Rows, rules: Sequence[QualityRule], day: dt.date | None) -> None:
    """The findings of each rule: true is a discrepancy. A rule that cannot be read or placed is a finding on the dictionary."""
    for rule in rules:
        ledger.count(rule.id, SEVERITY)
        if rule.expression is None:
            _note(ledger, rows, rule, f"cannot be read: {rule.problem}")
            continue
        places = _places(rows, rule.expression)
        if not places:
            ledger.count(rule.id, SEVERITY, reason=NO_FIELD)
            # What it refers to instead has been remarked on, unless it refers to nothing.
            if not any(note.message.startswith(f"The rule {rule.id} ") for _, note in ledger.notes):
                _note(ledger, rows, rule, NO_FIELD)
            continue
        _apply(ledger, rows, rule, rule.expression, places, day)


def _apply(ledger: Ledger, rows: Rows, rule: QualityRule, expression: Expression, places: list[tuple[Tidy, Described]], day: dt.date | None) -> None:
    """The rule on the rows of each form that it looks at; a record, event and instance is a finding once."""
    import numpy as np

    seen = np.zeros(0, dtype=np.int64)
    widest = 1 + max(int(table.instance.max(initial=0)) for table, _ in places)
    for table, about in places:
        result = judge(rows, table, expression, day)
        new = np.ones(table.rows, dtype=bool)
        if all(reference.event for reference in expression.references):     # the same on every row of a record
            new[:] = False
            new[np.unique(table.record.codes, return_index=True)[1]] = True
        elif len(places) > 1:
            # The tables of a source share the levels of records and events.
            keys = (table.record.codes.astype(np.int64) * len(table.event.levels) + table.event.codes) * widest + table.instance
            new = ~np.isin(keys, seen)
            seen = np.concatenate([seen, keys])
        ledger.count(rule.id, SEVERITY, evaluated=int((new & result.known).sum()))
        fail_or_sum_up(ledger, rule.id, SEVERITY, table, np.flatnonzero(new & result.known & result.value), about,
                       f'The project\'s rule "{rule.name}" finds a discrepancy: {plain(rule.logic)}.', "look at the values that the rule compares", many=MANY)
        unknown = np.flatnonzero(new & ~result.known)
        if len(unknown):
            ledger.cannot(rule.id, SEVERITY, table, about.name, unknown, why_not_judged(rows, table, expression))


def _places(rows: Rows, expression: Expression) -> list[tuple[Tidy, Described]]:
    """The forms on whose rows the rule is looked at, each with the field its findings are shown under.

    These are the forms of the fields that it names without an event: of those, the repeating ones if there are any. A rule that
    names every event is looked at once for each record, on the first form that it names.
    """
    project = rows.reading.dictionary
    if not isinstance(project, Project):
        return []
    found: dict[str, tuple[Tidy, Described]] = {}
    for reference in sorted(expression.references, key=lambda reference: bool(reference.event or reference.instance)):
        for table in rows.reading.tables:
            if _column(reference) in table.fields and table.form not in found and (not found or not (reference.event or reference.instance)):
                fields = describe(project, table.form)
                found[table.form] = table, fields.get(reference.field, Described(reference.field))
    forms = {form for _, form in project.repeating}
    repeating = {form: place for form, place in found.items() if form in forms}
    return list((repeating or found).values())


def _column(reference: Reference) -> str:
    return checkbox_column(reference.field, reference.code) if reference.code else reference.field


def _note(ledger: Ledger, rows: Rows, rule: QualityRule, problem: str) -> None:
    ledger.note(rows.reading.source.id, Note("dictionary", "warning", "", f'The project\'s rule "{rule.name}" {problem}.', f"correct it in {FILE}", line=rule.line))
