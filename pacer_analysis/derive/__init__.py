"""What the data mean for the analysis plan: participants, visits, viral loads, contacts, retention and endpoints. Never an arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.check import check
from pacer_analysis.derive.registry import DERIVATIONS, KINDS

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.plan import Cut, Plan

__all__ = ["DERIVATIONS", "KINDS", "check", "run"]


def run(plan: Plan, cut: Cut, *, clean: Path, sealed: Path | None, out: Path) -> str:
    """The derived sets of one cut as files in `out`; with `sealed`, the same with the sealed fields joined back in, and services.parquet.

    Files: participants, infants, visits, viral_loads, contacts, retention, endpoints (each .parquet, with zero rows where the
    plan has no such thing) and facts.csv. Returns a line for the log.
    """
    from pacer_analysis.derive.derivation import derive
    from pacer_analysis.derive.write import write_sets

    derived = derive(plan, cut, clean=clean, sealed=sealed)
    write_sets(derived, out)
    people = plan.participants
    return f"{len(derived.sets.participants)} {people.plural}, {derived.endpoints['endpoint'].nunique()} endpoints in {len(derived.endpoints)} rows"
