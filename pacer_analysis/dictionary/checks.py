"""checks.yaml and data_quality_rules.csv: rules across fields, forms and sources, in REDCap's own language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacer_analysis.dictionary.csvtable import named_rows
from pacer_analysis.dictionary.yamllist import entries, known_keys
from pacer_analysis.errors import DictionaryError
from pacer_analysis.logic import Expression, LogicError, parse

if TYPE_CHECKING:
    from pathlib import Path

SEVERITIES = ("error", "warning", "info")
REQUIRED = ("id", "severity", "source", "field", "logic", "message")
OPTIONAL = ("form", "event", "action", "when_sealed")
NOT_IN_ID = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Check:
    """One rule: its logic is true where there is a discrepancy. `event` '' means every event of the form."""

    id: str
    severity: str
    source: str
    form: str
    event: str
    field: str
    logic: str
    expression: Expression
    message: str
    action: str
    when_sealed: bool


@dataclass(frozen=True, slots=True)
class QualityRule:
    """One of a project's own data quality rules; `expression` is None where the logic cannot be read, `problem` says why."""

    id: str
    name: str
    logic: str
    expression: Expression | None
    problem: str
    line: int


def load_checks(path: Path) -> tuple[Check, ...]:
    """The rules of a file in its order, none if there is no file; DictionaryError names the rule that cannot be read."""
    return tuple(_check(entry, where) for where, entry in entries(path, "checks"))


def severity_of(entry: dict[str, Any], where: str) -> str:
    """The severity that a rule names; DictionaryError if it is none."""
    if entry["severity"] not in SEVERITIES:
        raise DictionaryError(f"the severity is {entry['severity']!r}", where=where, allowed=", ".join(SEVERITIES), do="choose one of them")
    return str(entry["severity"])


def logic_of(text: str, where: str) -> Expression:
    """The logic that a rule writes; DictionaryError if it cannot be read."""
    try:
        return parse(text)
    except LogicError as problem:
        raise DictionaryError(f"the logic of a rule cannot be read: {problem.what}", where=where, do="correct the rule") from None


def _check(entry: dict[str, Any], where: str) -> Check:
    known_keys(entry, where, REQUIRED, OPTIONAL)
    severity = severity_of(entry, where)
    text = {key: str(entry.get(key) or "").strip() for key in (*REQUIRED, *OPTIONAL)}
    return Check(text["id"], severity, text["source"], text["form"], text["event"], text["field"], text["logic"], logic_of(text["logic"], where), text["message"],
                 text["action"], bool(entry.get("when_sealed", False)))


def load_quality_rules(path: Path) -> tuple[QualityRule, ...]:
    """The data quality rules that a project's people wrote in REDCap, as it exports them (rule_name, rule_logic); none if there is no file.

    The id of a rule is made from its name. A rule whose logic cannot be read is kept without it.
    """
    if not path.exists():
        return ()
    rules: dict[str, QualityRule] = {}
    for line, row in named_rows(path, ("rule_name", "rule_logic")):
        name, logic = " ".join(row["rule_name"].split()), row["rule_logic"].strip()
        made = f"custom_{NOT_IN_ID.sub('_', name.lower()).strip('_')[:60] or line}"
        while made in rules:
            made += f"_{line}"
        expression, problem = None, "it is blank"
        if logic:
            try:
                expression, problem = parse(logic), ""
            except LogicError as fault:
                problem = fault.what
        rules[made] = QualityRule(made, name or made, logic, expression, problem, line)
    return tuple(rules.values())
