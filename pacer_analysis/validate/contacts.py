"""Contacts with care: each dated, each with the day on which the next is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.read.convert import BLANK

if TYPE_CHECKING:
    from pacer_analysis.plan import Contacts
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger

FURTHEST = 366
RULES = {"contact_without_date": "warning", "contact_without_due": "info", "due_not_after_contact": "error", "due_far_after_contact": "warning"}


def check_contacts(ledger: Ledger, table: Tidy, fields: dict[str, Described], names: Contacts) -> None:
    """Findings on the dates of contacts, and on due dates that are not after their contact or more than a year after it.

    A contact without a due date is counted and listed nowhere: not every contact ends with an appointment.
    """
    import numpy as np

    dates = table.fields.get(names.date)
    if dates is None or dates.levels.typed.dtype.kind != "M":
        return
    if not fields[names.date].required:      # else its blank is a finding already
        ledger.count("contact_without_date", "warning", evaluated=table.rows)
        ledger.fail("contact_without_date", "warning", table, np.flatnonzero(dates.status == BLANK), fields[names.date],
                    "The contact has no date and cannot be used.", "enter the date")
    due = table.fields.get(names.due)
    if due is None or due.levels.typed.dtype.kind != "M":
        return
    at, next_at = dates.typed.astype("datetime64[D]"), due.typed.astype("datetime64[D]")
    dated, both = ~np.isnat(at), ~np.isnat(at) & ~np.isnat(next_at)
    ledger.count("contact_without_due", "info", evaluated=int(dated.sum()), failed=int((dated & (due.status == BLANK)).sum()))
    ledger.count("due_not_after_contact", "error", evaluated=int(both.sum()))
    ledger.fail("due_not_after_contact", "error", table, np.flatnonzero(both & (next_at <= at)), fields[names.due],
                   "The day on which the next contact is due is not after the contact; it is taken as blank.", "check the appointment with the clinic")
    ledger.count("due_far_after_contact", "warning", evaluated=int(both.sum()))
    ledger.fail("due_far_after_contact", "warning", table, np.flatnonzero(both & (next_at > at + np.timedelta64(FURTHEST, "D"))), fields[names.due],
                   f"The next contact is due more than {FURTHEST} days after this one.", "check the appointment with the clinic")
