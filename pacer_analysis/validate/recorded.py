"""Endpoints that an export already holds as days and a flag."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pacer_analysis.plan import Plan
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger

RULE = "negative_time"


def recorded_times(plan: Plan) -> tuple[str, ...]:
    """The fields of the participants' own rows that some endpoint reads as days, each once."""
    named = (endpoint.derivation for endpoint in plan.endpoints.values() if endpoint.derivation.get("rule") == "recorded_time")
    return tuple(dict.fromkeys(str(each["time"]) for each in named if "time" in each))


def check_times(ledger: Ledger, plan: Plan, table: Tidy, fields: dict[str, Described]) -> None:
    """A finding for each recorded time below 0: what ends before it begins is not observed."""
    import numpy as np

    for name in (name for name in recorded_times(plan) if name in fields and name in table.fields and table.fields[name].levels.typed.dtype.kind == "f"):
        days = table.fields[name].typed
        ledger.count(RULE, "error", evaluated=int(np.isfinite(days).sum()))
        ledger.fail(RULE, "error", table, np.flatnonzero(days < 0), fields[name], "The time is negative; it is taken as not observed.",
                    "correct the time, or the dates that it was computed from")
