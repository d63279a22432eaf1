"""What the panel says about a number: its analysis, its denominators, its method and its second computation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.results import as_text
from pacer_analysis.tables import labels, numbers, times, wording
from pacer_analysis.tables.printing import POINTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacer_analysis.plan import Analysis, Plan
    from pacer_analysis.results import Estimate
    from pacer_analysis.tables.labels import Names


def panel(plan: Plan, names: Names, estimates: Sequence[Estimate]) -> dict[str, list[list[str]]]:
    """For each estimate the lines of its panel, as pairs of a name and its words; blank ones left out."""
    return {row.id: [[name, text] for name, text in lines(plan, names, row) if text] for row in estimates}


def lines(plan: Plan, names: Names, row: Estimate) -> list[tuple[str, str]]:
    """All lines, digits as the results file has them."""
    analysis = plan.analyses.get(row.analysis)
    endpoint = plan.endpoints.get(row.endpoint)
    about = [names.arm(row.arm) if row.arm else "", names.contrast(row.contrast), names.term(row.term) if row.term else "",
             when(names, row, analysis), row.subgroup]
    interval = f"{as_text(row.low)} to {as_text(row.high)}" if row.low is not None and row.high is not None else ""
    return [
        ("Analysis", analysis.label if analysis else row.analysis), ("Endpoint", f"{row.endpoint}. {endpoint.label}" if endpoint else ""),
        ("Plan", f"SAP {row.sap}" if row.sap else ""), ("Role", labels.words(row.role)),
        ("Of", ", ".join(part for part in about if part)), (labels.measure(row.measure) + (", as a proportion" if row.measure in POINTS else ""), as_text(row.estimate)), ("Standard error", as_text(row.se)),
        (numbers.level(row.level), interval),
        ("Statistic", as_text(row.statistic)), ("Degrees of freedom", as_text(row.df)), ("p", as_text(row.p)),
        ("Population", names.populations.get(row.population, row.population)), ("Analysed", as_text(row.n)), ("With data", as_text(row.observed)),
        ("Events", as_text(row.events)), ("Missing", as_text(row.missing)),
        ("Method", wording.readable(row.method, analysis, names) if analysis else row.method), ("Second computation", row.witness or "none"), ("Difference between the two", as_text(row.agreement)),
        ("Note", row.note), ("Estimate id", row.id),
    ]


def when(names: Names, row: Estimate, analysis: Analysis | None) -> str:
    """The time of an estimate with its origin; nothing for a visit, which says it itself."""
    if row.time is None or row.term in names.visits:
        return ""
    if analysis is None:
        return numbers.day(row.time)
    start = times.origin(analysis, names)
    return times.time(row.time, analysis, names) + (f" since {start}" if start else "")
