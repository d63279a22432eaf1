"""What an audience may see of an analysis at this cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pacer_analysis.plan import Analysis, Cut, Plan

OUTCOME_TOPICS = frozenset({"retention", "suppression"})


def withheld(plan: Plan, cut: Cut, analysis: Analysis, audience: str, *, reveals: bool) -> str:
    """Why a report withholds an analysis; empty where it shows it.

    The open report of an interim cut has retention pooled, and no suppression. The closed report always has safety and
    completeness; at an interim cut it has retention and suppression only if the plan has a look at this cut (for that analysis,
    or for all where the look names none).
    """
    planned = any(look.cut == cut.name and look.analysis in ("", analysis.id) for look in plan.looks)
    if audience == "open" and cut.kind == "interim" and analysis.topic == "suppression" and not planned:
        return "withheld: before the final cut it is shown only at a planned look"
    if audience != "closed":
        return ""
    if reveals:
        return "withheld: reveals the arm"
    if cut.kind == "interim" and analysis.topic in OUTCOME_TOPICS and not planned:
        return "withheld: the plan has no look at this outcome at this cut"
    return ""
