"""Time to the first study viral load above a threshold, on the day clock and on the visit clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.days import day_numbers
from pacer_analysis.derive.endpoint_rows import endpoint_rows
from pacer_analysis.derive.first_events import first_event
from pacer_analysis.derive.named import event_named, origin_named, viral_loads_named, visits_named
from pacer_analysis.derive.windows import visit_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pacer_analysis.derive.sets import Sets


def viral_load_above(sets: Sets, *, above: float, visits: list[str], origin: str, competing: list[str] | None = None) -> pd.DataFrame:
    """Days from the origin to the first study sample above the threshold in the visits' windows, else to the last sample known not to be above.

    Status 0 censored, 1 above, 2 ... the `competing` events in order, each at its own date up to the last window's end. A
    sample of unknown side ('<2000' at 1000) is neither event nor negative; without any negative sample time is 0.
    `clock_time` is the last day of the window, counted from the visits' anchor.
    """
    import numpy as np

    where, competing = f"viral_load_above, {above:g}", competing or []
    schedule = visits_named(sets.plan, visits, where)
    viral_loads_named(sets.plan, where)
    loads, people = sets.viral_loads, len(sets.participants)
    start = day_numbers(sets.participants[origin_named(sets.plan, origin, where)])
    anchor = day_numbers(sets.participants[sets.plan.visits.anchor]) if sets.plan.visits else np.full(people, np.nan)
    stops = {name: first_event(sets.events, event_named(sets.plan, name, where), people) for name in competing}
    stop = np.fmin.reduce(np.stack([np.full(people, np.nan), *(day for day, _, _ in stops.values())]))
    who, at = loads["who"].to_numpy(dtype="int64"), loads["at"].to_numpy(dtype="float64")
    side = loads[f"above_{above:g}"].to_numpy(dtype=object)
    # ASSUME: a sample of the day of randomisation is the enrolment sample, and one dated after a death is an error: neither counts.
    counted = (loads["kind"] == "study").to_numpy() & loads["visit"].isin([entry.id for entry in schedule]).to_numpy() & (at > start[who]) & ~(at > stop[who])
    event, negative = _place(counted & (side == "1"), who, people, last=False), _place(counted & (side == "0"), who, people, last=True)
    # The last negative sample before the event does not matter; without an event the last one censors.
    row = np.where(event >= 0, event, negative)
    ends = {entry.id: float(entry.window[1]) for entry in (sets.plan.visits.schedule if sets.plan.visits else ())}
    closes = loads["visit"].map(ends).to_numpy(dtype="float64")
    end, clock = start.copy(), np.zeros(people)
    end[row >= 0], clock[row >= 0] = at[row[row >= 0]], closes[row[row >= 0]]
    status = np.where(event >= 0, 1, 0)
    reason = np.select([event >= 0, negative >= 0], ["viraemic", "not above at the last sample"], "no viral load").astype(object)
    line, source = np.zeros(people, dtype="int64"), np.full(people, "", dtype=object)
    line[row >= 0], source[row >= 0] = loads["line"].to_numpy(dtype="int64")[row[row >= 0]], loads["source"].to_numpy(dtype=object)[row[row >= 0]]
    for place, (name, (day, event_line, event_source)) in enumerate(stops.items()):
        since = day - anchor
        stopped = (event < 0) & (day == stop) & (status == 0) & (since <= schedule[-1].window[1])
        window = visit_of(since, sets.plan.visits.schedule if sets.plan.visits else ())
        status[stopped], reason[stopped], end[stopped] = place + 2, name, np.fmax(day, start)[stopped]
        clock[stopped] = np.array([ends.get(each, 0.0) for each in window])[stopped]
        line[stopped], source[stopped] = event_line[stopped], event_source[stopped]
    time = end - start
    return endpoint_rows(sets, "time", at=np.where((row >= 0) | (status > 1), end, np.nan), threshold=above, time=time, clock_time=np.where(np.isnan(time), np.nan, clock), status=status,
                         observed=np.isfinite(time) & ((row >= 0) | (status > 1)), due=np.isfinite(time), reason=reason, source=source, line=line)


def _place(rows: NDArray[np.bool_], who: NDArray[np.int64], people: int, *, last: bool) -> NDArray[np.int64]:
    """The first or last of the marked rows of each participant, -1 without one; the table is sorted by who and date."""
    import numpy as np

    marked = np.flatnonzero(rows)
    found = np.full(people, -1)
    ordered = marked if last else marked[::-1]
    found[who[ordered]] = ordered
    return found
