"""What stands in which section under which number: sections from the analyses of the plan, tables from their estimators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.tables import baseline, by_arm, coefficients, effects
from pacer_analysis.tables.cells import sentence
from pacer_analysis.tables.labels import Names, words
from pacer_analysis.tables.model import Notice, Table
from pacer_analysis.tables.selection import Results, distinct, has_number

if TYPE_CHECKING:
    from pacer_analysis.plan import Analysis, Plan
    from pacer_analysis.results import Estimate

Builder = Callable[[Results, Names, "Sequence[Analysis]", str], Table | None]

# The order is the order of the reports; an unknown section comes after these, titled from its id.
SECTIONS: dict[str, str] = {
    "flow": "Participant flow",
    "baseline": "Baseline characteristics",
    "completeness": "Completeness of follow-up",
    "primary": "Primary outcome",
    "suppression": "Suppression over visits",
    "retention": "Retention",
    "viraemia": "Viraemia",
    "secondary": "Secondary outcomes",
    "safety": "Safety",
    "deviations": "Adherence to the protocol",
}
# Read first by those who decide whether to go on.
CLOSED_FIRST = ("completeness", "safety")

BUILDERS: dict[str, Builder] = {
    "count": by_arm.build,
    "describe": baseline.build,
    "proportion": by_arm.build,
    "kaplan_meier": by_arm.build,
    "cumulative_incidence": by_arm.build,
    "risk_difference": effects.build,
    "standardisation": effects.build,
    "logistic": effects.build,
    "logrank": effects.build,
    "cox": effects.build,
}


@dataclass(frozen=True, slots=True)
class Unit:
    """One table: its number, its builder and the analyses that share it."""

    number: str
    build: Builder
    analyses: tuple[Analysis, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a report; the number is the plan's, so it is the same in every report of the study."""

    id: str
    number: int
    title: str
    units: tuple[Unit, ...]


def builder_of(estimator: str, results: Results, analysis: str) -> Builder:
    """The estimator's builder; for an estimator without one, comparisons if it has contrasts, else a table by arm."""
    if estimator in BUILDERS:
        return BUILDERS[estimator]
    return effects.build if any(row.contrast for row in results.of(analysis)) else by_arm.build


def sections(plan: Plan, results: Results, *, closed: bool) -> list[Section]:
    """The sections that the plan's analyses name, numbered in the order of SECTIONS; a closed report begins with CLOSED_FIRST."""
    named = distinct(analysis.section for analysis in plan.analyses.values())
    order = [name for name in SECTIONS if name in named] + [name for name in named if name not in SECTIONS]
    found = [Section(name, place, titled(plan, name), units(plan, results, name, place)) for place, name in enumerate(order, 1)]
    return sorted(found, key=lambda section: CLOSED_FIRST.index(section.id) if section.id in CLOSED_FIRST else len(CLOSED_FIRST)) if closed else found


def titled(plan: Plan, section: str) -> str:
    """The title of a section; what a title says of viral loads at visits holds only for a trial that has both."""
    if section == "suppression" and (plan.viral_loads is None or plan.visits is None):
        return words(section)
    return SECTIONS.get(section, words(section))


def units(plan: Plan, results: Results, section: str, place: int) -> tuple[Unit, ...]:
    """The tables of a section: comparisons of one endpoint share one, every other analysis has its own; coefficients of models stand last."""
    groups: dict[tuple[object, ...], list[Analysis]] = {}
    for analysis in plan.analyses.values():
        if analysis.section == section:
            merged = BUILDERS.get(analysis.estimator) is effects.build and analysis.endpoint
            key: tuple[object, ...] = (analysis.endpoint, analysis.threshold, analysis.missing, analysis.population) if merged else (analysis.id,)
            groups.setdefault(key, []).append(analysis)
    found = [Unit(f"{place}.{index}", builder_of(group[0].estimator, results, group[0].id), tuple(group)) for index,
             group in enumerate(groups.values(), 1)]
    adjusted = tuple(analysis for analysis in plan.analyses.values() if analysis.section == section and analysis.covariates)
    if adjusted:
        found.append(Unit(f"{place}.{len(found) + 1}", coefficients.build, adjusted))
    return tuple(found)


def block(results: Results, names: Names, unit: Unit) -> Table | Notice | None:
    """The unit's table; a notice if the results only say why there is none; nothing if they do not name it."""
    table = unit.build(results, names, unit.analyses, unit.number) if any(has_number(row) for row in rows_of(results, unit)) else None
    if table is not None:
        return table
    reasons = distinct(row.note for row in rows_of(results, unit) if row.note)
    if not reasons or unit.build is coefficients.build:
        return None
    title = " / ".join(analysis.label for analysis in unit.analyses)
    return Notice(((unit.number, title),), sentence("; ".join(reasons)))


def rows_of(results: Results, unit: Unit) -> list[Estimate]:
    """All rows of the unit's analyses."""
    return results.of(*(analysis.id for analysis in unit.analyses))
