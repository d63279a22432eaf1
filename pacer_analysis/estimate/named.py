"""What the plan adds to an estimator's row: its id, its place in the analysis plan, and a verdict on its witness."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from pacer_analysis.results import NOT_VERIFIED, Estimate

if TYPE_CHECKING:
    from pacer_analysis.plan import Analysis

TOLERANCE = 1e-6
"""Two implementations of a quantity may differ by this much of the larger of its value and its standard error."""


def named(analysis: Analysis, audience: str, row: Estimate) -> Estimate:
    """The row with the plan's names; the id is readable, unique, and stable when other analyses come and go."""
    time = "" if row.time is None else format(row.time, ".10g")
    key = ":".join((analysis.id, row.arm or row.contrast, row.subgroup, row.term, time, row.measure))
    return replace(row, id=key, analysis=analysis.id, sap=analysis.sap, role=analysis.role, audience=audience, endpoint=analysis.endpoint,
                   population=analysis.population, estimator=analysis.estimator)


def verified(row: Estimate) -> Estimate:
    """The row, its note beginning with `not verified:` where its two implementations differ and no registered reason covers it."""
    if row.agreement is None or row.agreement <= TOLERANCE:
        return row
    for known in _known_differences():
        covered = known["estimator"] == row.estimator and known["method"] in row.method and known["quantity"] in ("", row.measure)
        if covered and row.agreement <= known["bound"] and row.role != "primary":
            return replace(row, note="; ".join(part for part in (f"known difference: {known['reason']}", row.note) if part))
    note = f"{NOT_VERIFIED} the second implementation ({row.witness}) differs by {row.agreement:.1e}"
    return replace(row, note="; ".join(part for part in (note, row.note) if part))


@cache
def _known_differences() -> tuple[dict[str, Any], ...]:
    import yaml

    text = resources.files("pacer_analysis.estimators").joinpath("known_differences.yaml").read_text(encoding="utf-8")
    return tuple(yaml.safe_load(text) or ())
