"""What a report is made from: the files of its own audience, and no other."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacer_analysis.errors import PacerError
from pacer_analysis.results import CurvePoint, Estimate, read_curves, read_estimates

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.plan import Plan

# Where an audience's estimates lie inside a cut's results; data_quality shows none.
AUDIENCES = {"data_quality": "", "open": "open", "closed": "restricted/closed", "final": "restricted/final"}
RESTRICTED = frozenset({"closed", "final"})

LONGEST_CELL = 2**31 - 1

Lines = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Inputs:
    """The contents of the files, and the labels of coded values that the data dictionary has."""

    estimates: list[Estimate]
    curves: list[CurvePoint]
    rules: Lines
    queries: Lines
    closed_queries: Lines
    closed_rules: Lines
    cut: dict[str, Any]
    manifest: dict[str, Any]
    facts: dict[str, int]
    levels: dict[str, dict[str, str]]


def read(plan: Plan, report: str, results: Path) -> Inputs:
    """The inputs of a report; a file that it cannot do without and that is missing is named in the error."""
    if report not in AUDIENCES:
        raise PacerError(f"There is no report `{report}`.", allowed=", ".join(AUDIENCES), do="Name one of them.")
    clean = results / "clean"
    audience = results / AUDIENCES[report] if AUDIENCES[report] else None
    restricted = report in RESTRICTED
    return Inputs(
        estimates=read_estimates(needed(audience / "estimates.csv", results)) if audience else [],
        curves=read_curves(audience / "curves.csv") if audience and (audience / "curves.csv").is_file() else [],
        rules=lines(needed(clean / "rules.csv", results)), queries=lines(needed(clean / "queries.csv", results)),
        closed_queries=optional(results / "restricted" / "queries_closed.csv") if restricted else [],
        closed_rules=optional(results / "restricted" / "rules_closed.csv") if restricted else [],
        cut=document(needed(clean / "cut.json", results)), manifest=manifest(audience or results / AUDIENCES["open"]),
        facts={line["fact"]: int(line["value"]) for line in optional(results / "sets" / "facts.csv")} if report == "open" else {}, levels=coded(plan)[0])


def needed(path: Path, results: Path) -> Path:
    """The path, if the file is there."""
    if not path.is_file():
        raise PacerError(f"The report needs {path.name}, which is not there.", where=str(path.relative_to(results)),
                         do="Run the earlier steps of this cut first.")
    return path


def lines(path: Path) -> Lines:
    """The rows of a CSV file, however long its cells."""
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def optional(path: Path) -> Lines:
    """The rows of a CSV file, none if it is not there."""
    return lines(path) if path.is_file() else []


def document(path: Path) -> dict[str, Any]:
    """A JSON object."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def manifest(folder: Path) -> dict[str, Any]:
    """The manifest of an audience; empty if it has none."""
    return document(folder / "manifest.json") if (folder / "manifest.json").is_file() else {}


def event_order(plan: Plan) -> list[str]:
    """The unique names of the project's events in its order; none without a dictionary of them."""
    from pacer_analysis.dictionary import load_project

    return [event.unique_name for source in plan.sources.values() if source.reader == "redcap" and source.dictionary and (plan.dictionary / source.dictionary).is_file()
            for event in load_project(plan.dictionary, source.dictionary).events]


def coded(plan: Plan) -> tuple[dict[str, dict[str, str]], frozenset[str]]:
    """Labels of the codes of each variable, and the fields that identify a person, from the data dictionary where it lies."""
    from pacer_analysis.dictionary import load_flat, load_project

    choices: dict[tuple[str, str], dict[str, str]] = {}
    identifiers: set[str] = set()
    for source in plan.sources.values():
        path = plan.dictionary / source.dictionary
        if not source.dictionary or not path.is_file():
            continue
        if source.reader == "redcap":
            for field in load_project(plan.dictionary, source.dictionary).dictionary.fields.values():
                choices[source.id, field.name] = field.choices
                identifiers |= {field.name} if field.identifier else set()
        else:
            for flat in load_flat(path).fields.values():
                choices[source.id, flat.name] = flat.codes
                identifiers |= {flat.name} if flat.identifier else set()
    people = [group for group in (plan.participants, plan.infants) if group]
    levels = {variable.id: choices.get((variable.ref.source, variable.ref.field), {}) for group in people for variable in group.variables.values()
              if variable.ref}
    levels["site"] = {str(code): str(label) for code, label in ((plan.participants.site or {}).get("choices") or {}).items()}
    return levels, frozenset(identifiers)
