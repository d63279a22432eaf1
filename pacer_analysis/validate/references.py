"""What branching logic, calculations and rules refer to, against what the dictionary has: each fault is a finding on the dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Check, Project
from pacer_analysis.validate.faults import Scope, faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pacer_analysis.dictionary import Field
    from pacer_analysis.dictionary.checks import QualityRule
    from pacer_analysis.logic import Expression
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

DO = "correct it in the dictionary"


def check_references(ledger: Ledger, rows: Rows, rules: Iterable[Check | QualityRule] = ()) -> None:
    """A finding for each expression of a source's dictionary that cannot be read, and for each reference that nothing answers.

    `rules` are those of the source that people wrote beside the dictionary; they are looked at in the same way.
    """
    from pacer_analysis.read import Note

    source, project = rows.reading.source.id, rows.reading.dictionary
    if isinstance(project, Project):
        for field in project.dictionary.fields.values():
            for message in _of_field(rows, project, field):
                ledger.note(source, Note("dictionary", "warning", field.name, message, DO, field.form, field.line))
        for remark in project.dictionary.remarks:
            ledger.note(source, Note("dictionary", "info", remark.field, f"In the dictionary: {remark.text}.", DO, line=remark.line))
    for rule in rules:
        check = rule if isinstance(rule, Check) else None
        expression = rule.expression
        if expression is None:
            continue
        scope = Scope(rows.reading, rows.linked.reading if rows.linked else None, check.form if check else "", check.event if check else "")
        for fault in faults(scope, expression):
            ledger.note(source, Note("dictionary", "warning", check.field if check else "", f"The rule {rule.id} {fault}.", "correct the rule",
                                     check.form if check else ""))


def _of_field(rows: Rows, project: Project, field: Field) -> list[str]:
    """What is wrong with the expressions of one field, each fault once."""
    from pacer_analysis.logic import LogicError

    scope = Scope(rows.reading, rows.linked.reading if rows.linked else None, field.form)
    messages: list[str] = []
    for what, text in _expressions(project, field):
        try:
            read = _read(what, text)
        except LogicError as problem:
            messages.append(f"The {what} cannot be read: {problem.what}.")
            continue
        messages += [f"The {what} {fault}." for expression in read for fault in faults(scope, expression)]
    return list(dict.fromkeys(messages))


def _expressions(project: Project, field: Field) -> Iterator[tuple[str, str]]:
    """Every expression of a field, with what it is for."""
    if field.name == project.dictionary.record_id:
        return      # its column is the record id, whatever its dictionary row says
    yield from ((what, text) for what, text in (("branching logic", field.branching), ("calculation", field.calculation)) if text.strip())
    yield from ((f"@{tag.name}", tag.argument) for tag in field.tags if tag.name in {"CALCTEXT", "CALCDATE"} and tag.argument)
    yield from ((what, text) for what, text in (("lower bound", field.minimum), ("upper bound", field.maximum)) if "[" in text)


def _read(what: str, text: str) -> tuple[Expression, ...]:
    from pacer_analysis.logic import parse, parse_arguments

    return parse_arguments(text) if what == "@CALCDATE" else (parse(text),)
