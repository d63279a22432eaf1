"""retention.parquet: how follow-up ended under every retention rule of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacer_analysis.derive.days import dates_of, day_number, day_numbers
from pacer_analysis.derive.first_events import first_day
from pacer_analysis.derive.follow_up import follow_up
from pacer_analysis.derive.obligations import obligations

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.derive.sets import Sets


def loss_parameters(sets: Sets) -> dict[str, Any]:
    """The origin, competing events, censoring events and horizon of the plan's first endpoint derived by `loss_to_follow_up`."""
    for endpoint in sets.plan.endpoints.values():
        if endpoint.derivation.get("rule") == "loss_to_follow_up":
            return endpoint.derivation
    return {}


def stopping_events(sets: Sets) -> tuple[str, ...]:
    """The events that end follow-up: those that compete with loss, then those that censor it."""
    named = loss_parameters(sets)
    # ASSUME: without an endpoint of loss, the plan's event of death, if there is one, ends follow-up.
    listed = tuple(dict.fromkeys([*named.get("competing", []), *named.get("censor", [])])) if named else (sets.plan.participants.death,)
    return tuple(name for name in listed if name in sets.plan.participants.events)


def retention_by_rule(sets: Sets) -> pd.DataFrame:
    """One row per participant with an origin and rule.

    Columns: record, rule, end (date), status (0 censored, 1 lost, 2 ... the stops of `stopping_events` in order), reason,
    event_date, day_<origin> for every origin, source and line of the contact that a loss rests on, not_evaluable.
    """
    import numpy as np
    import pandas as pd

    origins = list(sets.plan.participants.origins)
    columns: dict[str, Any] = {"record": object, "rule": object, "end": "datetime64[ns]", "status": "int64", "reason": object, "event_date": "datetime64[ns]",
                               **{f"day_{name}": "float64" for name in origins}, "source": object, "line": "int64", "not_evaluable": bool}
    parts = [pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in columns.items()})]
    named = loss_parameters(sets)
    if origins and sets.plan.contacts is not None:
        origin = day_numbers(sets.participants[named.get("origin", origins[0])])
        stops = {name: first_day(sets, name) for name in stopping_events(sets)}
        source = sets.plan.contacts.source
        due = {against: obligations(sets.contacts, origin, against) for against in sorted({rule.due for rule in sets.plan.retention_rules.values()})}
        for rule in sets.plan.retention_rules.values():
            found = follow_up(due[rule.due], origin, grace=rule.grace, cutoff=day_number(sets.cutoff),
                              horizon=named.get("horizon"), stops=stops)
            kept = np.isfinite(origin)
            part = pd.DataFrame({
                "record": sets.participants["record"], "rule": rule.id, "end": dates_of(found.end), "status": found.status, "reason": found.reason,
                "event_date": dates_of(np.where(found.status > 0, found.end, np.nan)),
                **{f"day_{name}": found.end - day_numbers(sets.participants[name]) for name in origins},
                "source": np.where(found.line > 0, source, ""), "line": found.line, "not_evaluable": found.not_evaluable})
            parts.append(part[kept])
    return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
