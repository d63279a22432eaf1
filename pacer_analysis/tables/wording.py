"""Method sentences as people read them: covariates by their labels, sentences that differ only in their tail said once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pacer_analysis.tables import labels
from pacer_analysis.tables.cells import sentence
from pacer_analysis.tables.selection import distinct

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacer_analysis.plan import Analysis
    from pacer_analysis.results import Estimate
    from pacer_analysis.tables.labels import Names

SHORTEST = 20
# What the name of the column says already.
OBVIOUS = {"count": ("count", "proportion"), "describe": ("mean", "sd", "median", "minimum", "maximum", "proportion", "count")}
TALLIES = ("at_risk", "events", "censored")


@dataclass(slots=True)
class Clause:
    """What several methods begin with, and how each goes on, for which measures."""

    head: str
    tails: dict[str, list[str]] = field(default_factory=dict)

    def text(self) -> str:
        """One sentence without its full stop."""
        if len(self.tails) == 1:
            return self.head + next(iter(self.tails))
        ends = [tail + (f" ({', '.join(dict.fromkeys(measures))})" if measures else "") for tail, measures in self.tails.items()]
        return self.head + "; ".join(ends)


def prose(analysis: Analysis, rows: Iterable[Estimate], names: Names, *, listed: bool = True) -> str:
    """The methods of one analysis in sentences; empty where the heads of the columns say it all. `listed`: with the covariates one by one."""
    clauses: list[Clause] = []
    for row in rows:
        if not row.method or row.measure in OBVIOUS.get(row.estimator, ()):
            continue
        method = readable(row.method, analysis, names, listed=listed)
        if row.measure in TALLIES:
            method = f"{labels.measure(row.measure)}: {labels.lowered(method)}"
        measures = [] if row.scale == "test" or row.measure == "chisq" else [labels.measure(row.measure).lower()]
        add(clauses, method, measures)
    return " ".join(distinct(sentence(clause.text()) for clause in clauses))


def readable(method: str, analysis: Analysis, names: Names, *, listed: bool = True) -> str:
    """The method with the plan's labels where it lists the covariates by their ids, or without the list."""
    if not analysis.covariates:
        return method
    ids = ", ".join(analysis.covariates)
    return method.replace(ids, names.covariates(analysis)) if listed else method.replace(f", {ids}", " and the covariates below")


def add(clauses: list[Clause], method: str, measures: list[str]) -> None:
    """Put a method to the clause that it continues, else begin another."""
    for clause in clauses:
        for tail in clause.tails:
            if clause.head + tail == method:
                clause.tails[tail] += measures
                return
    for clause in clauses:
        shared = common(clause.head + next(iter(clause.tails)), method)
        if len(shared) >= SHORTEST and (len(clause.tails) == 1 or clause.head.startswith(shared)):
            clause.tails = {(clause.head + tail)[len(shared):]: known for tail, known in clause.tails.items()}
            clause.head = shared
            clause.tails[method[len(shared):]] = measures
            return
    clauses.append(Clause("", {method: measures}))


def common(one: str, other: str) -> str:
    """What two methods begin with, up to the end of a clause; nothing if one of them goes no further."""
    length = next((place for place, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), 0)
    end = max(one.rfind("; ", 0, length), one.rfind(", ", 0, length))
    return one[:end + 2] if end > 0 else ""


def remark(note: str, names: Names) -> str:
    """A note of the results with the variables that it counts by their labels."""
    return re.sub(r"\b[a-z]\w*(?= \d+ \()", lambda found: labels.lowered(names.plain.get(found[0], found[0])), note)
