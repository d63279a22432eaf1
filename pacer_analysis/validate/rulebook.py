"""The rules of checks.yaml on the rows of the tables they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Check, Project, checkbox_column, load_checks
from pacer_analysis.errors import DictionaryError
from pacer_analysis.read import load_dictionary
from pacer_analysis.validate.described import Described, describe, option

if TYPE_CHECKING:
    import datetime as dt

    from pacer_analysis.dictionary import FlatDictionary
    from pacer_analysis.plan import Plan
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

UNRESOLVED = "the rule refers to what the row cannot see"


def load_rules(plan: Plan) -> tuple[Check, ...]:
    """The rules of the plan's dictionary folder; DictionaryError if one names a source, form, event or field that is unknown."""
    path = plan.dictionary / "checks.yaml"
    checks = load_checks(path)
    dictionaries: dict[str, FlatDictionary | Project] = {}
    for check in checks:
        where = f"{path}, rule {check.id}"
        if check.source not in plan.sources:
            raise DictionaryError(f"the source {check.source!r} is unknown", where=where, allowed=", ".join(plan.sources), do="correct the name, or add it")
        if check.source not in dictionaries:
            dictionaries[check.source] = load_dictionary(plan, plan.sources[check.source])
        _named(check, dictionaries[check.source], where)
    return checks


def _named(check: Check, dictionary: FlatDictionary | Project, where: str) -> None:
    """Refuses a rule whose form, event or field the dictionary does not have."""
    if isinstance(dictionary, Project):
        if check.form not in dictionary.dictionary.forms:
            raise DictionaryError(
                f"the form {check.form!r} is unknown", where=where, allowed=", ".join(dictionary.dictionary.forms), do="correct the name, or add it"
            )
        if check.event and check.event not in dictionary.mapping:
            raise DictionaryError(f"the event {check.event!r} is unknown", where=where, allowed=", ".join(dictionary.mapping), do="correct the name, or add it")
    fields = describe(dictionary, check.form)
    columns = {column for field in fields.values() for column in field.columns}
    if check.field not in fields and check.field not in columns:
        raise DictionaryError(f"the field {check.field!r} is unknown", where=where, allowed=", ".join(list(fields)[:20]), do="correct the name, or add it")


def needs_sealed(plan: Plan, check: Check) -> bool:
    """True if a rule looks at what betrays the arm: marked so, in a sealed source, or through a sealed field."""
    source = plan.sources[check.source]
    sealed = set(source.sealed_fields)
    linked = plan.sources[source.links_to].sealed_fields if source.links_to in plan.sources else ()
    return (
        check.when_sealed
        or source.reveals_arm
        or check.field in sealed
        or any(reference.field in (*sealed, *(linked if reference.event else ())) for reference in check.expression.references)
    )


def apply_rule(ledger: Ledger, rows: Rows, check: Check, cutoff: dt.date) -> None:
    """The findings of one rule: true is a discrepancy, false is fine, not evaluable is counted apart."""
    import numpy as np

    ledger.count(check.id, check.severity)
    for table in rows.reading.tables:
        if table.form != check.form:
            continue
        about = _about(rows, table, check)
        result = rows.evaluate(table, check.expression, cutoff)
        here = np.ones(table.rows, dtype=bool)
        if check.event:
            here = np.array([level == check.event for level in table.event.levels], dtype=bool)[table.event.codes]
        ledger.count(check.id, check.severity, evaluated=int((here & result.known).sum()))
        ledger.fail(check.id, check.severity, table, np.flatnonzero(here & result.known & result.value), about, check.message, check.action)
        ledger.cannot(check.id, check.severity, table, check.field, np.flatnonzero(here & ~result.known), UNRESOLVED)


def _about(rows: Rows, table: Tidy, check: Check) -> Described:
    """The field that a rule's findings are shown under."""
    fields = describe(rows.reading.dictionary, table.form)
    if check.field in fields:
        return fields[check.field]
    owner = next(field for field in fields.values() if check.field in field.columns)
    return option(owner, check.field)


def check_references(ledger: Ledger, rows: Rows) -> None:
    """A dictionary finding for each reference in branching logic and calculations that no field, event or code answers."""
    from pacer_analysis.logic import LogicError, parse
    from pacer_analysis.read import Note

    project = rows.reading.dictionary
    if not isinstance(project, Project):
        return
    fields = project.dictionary.fields
    known = (
        {column for field in fields.values() for column in field.columns}
        | {f"{form}_complete" for form in project.dictionary.forms}
        | {"event-name", "record-name"}
    )
    for field in fields.values():
        for text, what in ((field.branching, "branching logic"), (field.calculation, "calculation")):
            if not text:
                continue
            try:
                references = parse(text).references
            except LogicError:
                continue        # a finding of its own, where the logic is used
            for reference in references:
                name = checkbox_column(reference.field, reference.code) if reference.code else reference.field
                if name not in known or (reference.event and reference.event not in project.mapping):
                    ledger.note(
                        rows.reading.source.id,
                        Note(
                            "dictionary",
                            "warning",
                            field.name,
                            f"The {what} refers to {reference}, which the project does not have.",
                            "correct it in the dictionary",
                            field.form,
                            field.line,
                        ),
                    )
    for remark in project.dictionary.remarks:
        ledger.note(
            rows.reading.source.id,
            Note("dictionary", "info", remark.field, f"In the dictionary: {remark.text}.", "correct it in the dictionary", line=remark.line),
        )
