"""The steps of a derivation, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.clean import Clean
from pacer_analysis.derive.contacts import contacts_with_due_dates
from pacer_analysis.derive.days import dates_of, day_number, day_numbers, earliest
from pacer_analysis.derive.endpoints import all_endpoints
from pacer_analysis.derive.events import dated_events, event_columns
from pacer_analysis.derive.facts import facts_of
from pacer_analysis.derive.first_events import first_day
from pacer_analysis.derive.infants import infants_of
from pacer_analysis.derive.participants import participants_with_origins, with_variables
from pacer_analysis.derive.retention import retention_by_rule, stopping_events
from pacer_analysis.derive.services import attended_services
from pacer_analysis.derive.sets import Derived, Sets
from pacer_analysis.derive.viral_loads import viral_loads_by_date
from pacer_analysis.derive.visits import visits_by_date

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.plan import Cut, Plan


def derive(plan: Plan, cut: Cut, *, clean: Path, sealed: Path | None) -> Derived:
    """Everything that `run` writes, as frames."""
    import numpy as np
    import pandas as pd

    tables = Clean(plan, clean, sealed, day_number(cut.cutoff))
    entered = participants_with_origins(tables)
    people = pd.Index(entered["record"])
    events = dated_events(tables, entered, cut.cutoff)
    visits = visits_by_date(tables, people, entered)
    viral_loads = viral_loads_by_date(tables, people, entered)
    contacts = contacts_with_due_dates(tables, people)
    participants = with_variables(tables, entered, event_columns(events, list(plan.participants.events), people), visits, viral_loads, cut.cutoff)
    sets = Sets(plan, cut.cutoff, tables, participants, events, visits, viral_loads, contacts)
    first = day_numbers(participants[next(iter(plan.participants.origins))]) if plan.participants.origins else np.full(len(people), tables.cutoff)
    end = earliest(np.where(np.isfinite(first), tables.cutoff, np.nan), *(first_day(sets, name) for name in stopping_events(sets)))
    participants.insert(len(participants.columns) - 2, "follow_up_end", dates_of(np.where(np.isfinite(first), end, np.nan)))
    retention = retention_by_rule(sets)
    endpoints = all_endpoints(sets)
    services = attended_services(tables, people, participants, cut.cutoff) if sealed is not None else None
    infants = infants_of(tables, people)
    return Derived(sets, infants, retention, endpoints, services, facts_of(sets, retention, endpoints))
