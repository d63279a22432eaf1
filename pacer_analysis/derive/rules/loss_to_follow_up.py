"""Time to loss from care under a retention rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.days import day_number, day_numbers
from pacer_analysis.derive.endpoint_rows import endpoint_rows
from pacer_analysis.derive.first_events import first_day, first_event
from pacer_analysis.derive.follow_up import follow_up
from pacer_analysis.derive.named import contacts_named, event_named, origin_named, retention_named

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.derive.sets import Sets


def loss_to_follow_up(sets: Sets, *, retention: str, origin: str, competing: list[str] | None = None, censor: list[str] | None = None,
                      horizon: int | None = None) -> pd.DataFrame:
    """Days from the origin to the first day late of a contact missed by more than the rule's grace.

    Status 0 censored (cut-off less grace, horizon, a `censor` event), 1 lost, 2 ... the `competing` events in order; an event
    within the grace takes the place of the loss. `reason` says which; `line` is the contact that a loss rests on.
    """
    import numpy as np

    from pacer_analysis.derive.obligations import obligations

    where, competing, censor = f"loss_to_follow_up, {retention}", competing or [], censor or []
    rule, contacts = retention_named(sets.plan, retention, where), contacts_named(sets.plan, where)
    start = day_numbers(sets.participants[origin_named(sets.plan, origin, where)])
    stops = {name: first_day(sets, event_named(sets.plan, name, where)) for name in [*competing, *censor]}
    found = follow_up(obligations(sets.contacts, start, rule.due), start, grace=rule.grace, cutoff=day_number(sets.cutoff), horizon=horizon, stops=stops)
    line, source = found.line.copy(), np.where(found.status == 1, contacts.source, "").astype(object)
    for place, name in enumerate(stops):
        _, event_line, event_source = first_event(sets.events, name, len(start))
        stopped = found.status == place + 2
        line[stopped], source[stopped] = event_line[stopped], event_source[stopped]
    time = found.end - start
    status = np.where(found.status > 1 + len(competing), 0, found.status)
    return endpoint_rows(sets, "time", at=found.end, time=time, clock_time=time, status=status, reason=found.reason, observed=np.isfinite(time), due=np.isfinite(time),
                         source=np.where(line > 0, source, ""), line=line)
