"""Alive, in care and suppressed at a visit: a composite in which everything else is failure, with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.chosen import chosen_row, has_closed, taken, window_closes
from pacer_analysis.derive.days import day_numbers
from pacer_analysis.derive.endpoint_rows import endpoint_rows
from pacer_analysis.derive.first_events import first_event
from pacer_analysis.derive.follow_up import status_at
from pacer_analysis.derive.named import contacts_named, event_meant, origin_named, retention_named, viral_loads_named, visits_named
from pacer_analysis.derive.obligations import obligations

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.derive.sets import Sets


def success_at_visit(sets: Sets, *, in_care: str, day: int, origin: str, visit: str, below: float,
                     death: str | None = None, transferred: str = "transfer_out", unproven: str = "transfer_unproven") -> pd.DataFrame:
    """1 if alive and in care `day` days after the origin with the visit's viral load below the threshold, else 0 and the reason.

    In care: the latest due date up to that day was met within the grace of the rule `in_care`, in any facility, or a
    transfer-out with proof came before; a death or transfer within that grace is no loss. Reasons of failure, the first that
    applies: dead, lost, transfer without proof, no viral load, indeterminate, not suppressed. `observed`: dead, lost, or with a
    viral load that can be classified. NaN and 'not yet due' while the visit's window, or the grace after `day`, is open at the
    cut-off, whatever is already known: counting early outcomes alone would favour those that show early. `death` is the plan's
    event of death unless given; each of the three events may be `none`.
    """
    import numpy as np

    where = f"success_at_visit, {visit}"
    rule, window, contacts = retention_named(sets.plan, in_care, where), visits_named(sets.plan, [visit], where)[0], contacts_named(sets.plan, where)
    viral_loads_named(sets.plan, where)
    death = event_meant(sets.plan, death, sets.plan.participants.death, "death", where)
    transferred = event_meant(sets.plan, transferred, "transfer_out", "transferred", where)
    unproven = event_meant(sets.plan, unproven, "transfer_unproven", "unproven", where)
    people = len(sets.participants)
    start = day_numbers(sets.participants[origin_named(sets.plan, origin, where)])
    entry = day_numbers(sets.participants[next(iter(sets.plan.participants.origins))])
    at = start + day
    # ASSUME: the duty to come begins at the plan's first origin (randomisation), also where the endpoint counts its days from another.
    care = status_at(obligations(sets.contacts, entry, rule.due), at, rule.grace)
    died, death_line, death_source = first_event(sets.events, death, people)
    proof = first_event(sets.events, transferred, people)[0]
    moved, moved_line, moved_source = first_event(sets.events, unproven, people)
    loads, row = sets.viral_loads, chosen_row(sets.viral_loads, visit, people)
    suppressed = taken(loads, f"below_{below:g}", row, "")
    dead, transfer = died <= at, moved <= at
    # A death or a documented transfer within the grace takes the place of the loss, on either side of the day.
    lost = (care.in_care == "0") & ~(proof <= at) & ~(np.fmin(died, np.fmin(proof, moved)) <= care.missed + rule.grace)
    reason = np.select([np.isnan(start), dead, lost, transfer, row < 0, suppressed == "", suppressed == "0"],
                       ["no origin", "dead", "lost", "transfer without proof", "no viral load", "indeterminate", "not suppressed"], "suppressed").astype(object)
    # ASSUME: a woman whose care on that day nobody can judge (no due date recorded) counts as in care unless she is shown to be lost.
    due = has_closed(sets, np.fmax(window_closes(sets, window), at + rule.grace))
    reason[~due] = "not yet due"
    value = np.where(due, (reason == "suppressed").astype("float64"), np.nan)
    observed = due & (np.isin(reason, ["dead", "lost"]) | (np.isfinite(start) & (row >= 0) & (suppressed != "")))
    tested = np.isin(reason, ["suppressed", "not suppressed", "indeterminate"])
    picks = [reason == "dead", reason == "lost", reason == "transfer without proof", tested]
    date = np.select(picks, [died, care.missed + 1, moved, taken(loads, "at", row, np.nan)], np.nan)
    line = np.select(picks, [death_line, care.line, moved_line, taken(loads, "line", row, 0)], 0)
    source = np.select(picks, [death_source, np.where(care.line > 0, contacts.source, ""), moved_source, taken(loads, "source", row, "")], "")
    return endpoint_rows(sets, "binary", at=date, visit=visit, threshold=below, due=due, value=value, observed=observed, reason=reason, source=source, line=line)
