"""Footnotes that say who is counted at a visit, and what stands under Missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacer_analysis.plan import Analysis
    from pacer_analysis.results import Estimate
    from pacer_analysis.tables.labels import Names

# What is missing, by the rule that derives the endpoint.
UNKNOWN = {
    "success_at_visit": "no viral load that can be classed, and no other known failure",
    "suppression_by_visit": "no value that can be classed, deaths among them",
}
COUNTED = {"failure": "counted as not having the outcome", "available": "left out of the denominator"}


def footnotes(analysis: Analysis, rows: Sequence[Estimate], names: Names) -> list[str]:
    """The footnotes of one analysis' table; none for what has neither visits nor missing values."""
    return [note for note in (counted(analysis, rows, names), missing(analysis, rows, names)) if note]


def counted(analysis: Analysis, rows: Sequence[Estimate], names: Names) -> str:
    """Who is counted at each visit."""
    closed = f"{names.plural} whose window closed by the cut-off"
    rule = names.rules.get(analysis.endpoint, "")
    if rule == "success_at_visit":
        return f"N: {closed}; deaths count as failures"
    if not any(row.term in names.visits for row in rows):
        return ""
    if analysis.outcome:
        return f"N at each visit: {closed}; after a death no visit is due"
    if analysis.missing == "failure":
        return f"N at each visit: {closed}; deaths count as failures"
    return f"N at each visit: {closed}, with a value that can be classed"


def missing(analysis: Analysis, rows: Sequence[Estimate], names: Names) -> str:
    """What stands under Missing, where there is any."""
    if not any(row.missing for row in rows):
        return ""
    if not analysis.endpoint:
        return "Missing: without a value, not in the denominator where N of the row is smaller"
    unknown = UNKNOWN.get(names.rules.get(analysis.endpoint, ""), "without data at the time")
    return f"Missing: {unknown}" + (f"; {COUNTED[analysis.missing]}" if analysis.missing in COUNTED else "")
