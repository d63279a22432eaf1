"""Visits against the schedule of the plan, and of the project where the plan has none: in their window, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project
from pacer_analysis.validate.described import describe
from pacer_analysis.validate.record_dates import days_of, event_rows, origin_dates

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.plan import Plan, Visits
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

WINDOW, ORDER = "visit_window", "visit_order"
RULES = {WINDOW: "warning", ORDER: "error"}
Window = tuple[str, str, int, int, int]     # event, label, target, first and last day


def check_visits(ledger: Ledger, plan: Plan, rows: Mapping[str, Rows]) -> None:
    """Findings on visits outside the window of their own event, counted from the plan's anchor, and on visits dated before an earlier one.

    A visit some days outside its window is for information: it is late, not wrong. It is a warning where it lies as far off as
    the target of another visit, since it then has the wrong date or the wrong event.
    """
    visits = plan.visits
    if visits is None or visits.source not in rows:
        return
    table = next((each for each in rows[visits.source].reading.tables if each.form == visits.form), None)
    days = None if table is None else days_of(table, visits.date)
    origin = plan.participants.origins.get(visits.anchor)
    anchors = None if origin is None else origin_dates(rows, origin)
    if table is None or days is None or not table.form:
        return
    about = describe(rows[visits.source].reading.dictionary, table.form)[visits.date]
    windows = _windows(visits, rows[visits.source])
    if anchors is None:
        ledger.count(WINDOW, "warning", reason="the date from which visits are counted is not in the export")
    else:
        since = (days - anchors.on(table)).astype("timedelta64[D]")
        for place, window in enumerate(windows):
            _window(ledger, table, about, since, windows, place, event_rows(table, window[0]))
    _order(ledger, table, about, days, [visit.event for visit in visits.schedule if visit.event])


def _windows(visits: Visits, rows: Rows) -> list[Window]:
    """The windows of the plan's visits, and those that the project sets for other events that have the form of visits."""
    found = [(visit.event, visit.label, visit.target, *visit.window) for visit in visits.schedule if visit.event]
    project = rows.reading.dictionary
    if isinstance(project, Project):
        planned = {window[0] for window in found}
        for event in project.events:
            if event.unique_name in planned or event.unique_name not in project.events_of(visits.form) or event.day_offset is None:
                continue
            if event.offset_min or event.offset_max:        # 0 and 0: the project sets no window
                found.append((event.unique_name, event.label, event.day_offset, event.day_offset - (event.offset_min or 0), event.day_offset + (event.offset_max or 0)))
    return found


def _window(ledger: Ledger, table: Tidy, about: Described, since: NDArray[np.timedelta64], windows: list[Window], place: int, here: NDArray[np.bool_]) -> None:
    """The visits of one event outside its window."""
    import numpy as np

    _, label, target, first, last = windows[place]
    judged = here & ~np.isnat(since)
    day = np.where(judged, since.astype(np.int64), target)
    outside = judged & ((day < first) | (day > last))
    # ASSUME: a visit outside its window was early or late, for information; one as far off as the target of another visit has a wrong date or event, a warning.
    # Without a neighbour, as far beyond the window as the window is wide.
    before = max((other[2] for other in windows if other[2] < target), default=first - (last - first) - 1)
    after = min((other[2] for other in windows if other[2] > target), default=last + (last - first) + 1)
    elsewhere = outside & ((day <= before) | (day >= after))
    ledger.count(WINDOW, "warning", evaluated=int(judged.sum()))
    text = f"The visit {label} is outside its window of {first} to {last} days"
    ledger.fail(WINDOW, "info", table, np.flatnonzero(outside & ~elsewhere), about, f"{text}.", "none if the visit was early or late; else correct its date")
    ledger.fail(WINDOW, "warning", table, np.flatnonzero(elsewhere), about, f"{text}, by as much as if it were another visit.",
                "correct the date, or move the form to the right event")


def _order(ledger: Ledger, table: Tidy, about: Described, days: NDArray[np.datetime64], events: list[str]) -> None:
    """The visits dated before a visit that the schedule has earlier."""
    import numpy as np

    latest = np.full(len(table.record.levels), np.datetime64("NaT", "D"))
    for event in events:
        here = np.flatnonzero(event_rows(table, event))
        before, at = latest[table.record.codes[here]], days[here]
        ledger.count(ORDER, "error", evaluated=int((~np.isnat(before) & ~np.isnat(at)).sum()))
        ledger.fail(ORDER, "error", table, here[at < before], about, "The visit is dated before an earlier visit of the schedule.", "correct the date of one of the two")
        np.fmax.at(latest, table.record.codes[here], at)
