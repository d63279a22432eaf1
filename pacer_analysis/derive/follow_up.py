"""How follow-up under a retention rule ended: lost, dead, transferred, or still in care at the end of what can be judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.derive.days import earliest

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.derive.obligations import Obligations

CENSORED = ("cut-off less grace", "horizon", "due date unknown", "no follow-up yet")


@dataclass(frozen=True)
class FollowUp:
    """One entry per participant; `end` is NaN and `reason` '' where the origin is not known.

    `status` is 0 censored, 1 lost, then 2, 3 ... for the stops in the order they were named. `line` is the contact (0: the
    origin) that the loss rests on; `not_evaluable` says that some interval had no due date.
    """

    end: NDArray[np.float64]
    status: NDArray[np.int64]
    reason: NDArray[np.object_]
    line: NDArray[np.int64]
    not_evaluable: NDArray[np.bool_]


def follow_up(due: Obligations, origin: NDArray[np.float64], *, grace: int, cutoff: float, horizon: int | None,
              stops: Mapping[str, NDArray[np.float64]]) -> FollowUp:
    """The end of follow-up: the earliest of the first day late, each stop, origin + horizon and cutoff - grace.

    Lost on due + 1 if no contact and no stop (a death, a documented transfer) falls in (due, due + grace]. Never the last visit:
    a woman not yet judged is censored at cutoff - grace, the last day on which a loss would have shown by the cut-off.
    """
    import numpy as np

    people = len(origin)
    stop = earliest(*stops.values()) if stops else np.full(people, np.nan)
    last_day = np.minimum(cutoff - grace, origin + horizon) if horizon is not None else np.where(np.isfinite(origin), cutoff - grace, np.nan)
    late = np.isfinite(due.due) & ~due.met(grace) & ~(stop[due.who] <= due.due + grace) & (due.due + 1 <= last_day[due.who])
    lost, rests_on = _first(late, due, people)
    unknown = due.not_evaluable(grace)
    silent = np.full(people, np.nan)
    # ASSUME: where the last contact left no due date, follow-up ends with that contact: nothing later says lost or in care.
    tail = np.flatnonzero(unknown & np.isnan(due.next))
    silent[due.who[tail]] = due.begin[tail]
    silent[np.isfinite(lost) | (stop <= last_day)] = np.nan
    end = earliest(lost, stop, last_day, silent)
    end[np.isnan(origin)] = np.nan
    status, reason = np.zeros(people, dtype="int64"), np.full(people, CENSORED[0], dtype=object)
    if horizon is not None:
        reason[origin + horizon < cutoff - grace] = CENSORED[1]
    reason[end == silent] = CENSORED[2]
    for place, (name, day) in reversed(list(enumerate(stops.items()))):
        stopped = (end == day) & (day <= last_day)
        status[stopped], reason[stopped] = place + 2, name
    is_lost = np.isfinite(lost) & (end == lost)
    status[is_lost], reason[is_lost] = 1, "lost"
    early = end < origin
    reason[early & (status == 0)] = CENSORED[3]
    # ASSUME: a woman whose follow-up could end only before it began (randomised within the grace of the cut-off) stays, with no time at risk.
    end = np.where(early, origin, end)
    reason[np.isnan(origin)] = ""
    seen = unknown & (due.begin <= end[due.who])
    return FollowUp(end, status, reason, np.where(is_lost, rests_on, 0), np.bincount(due.who[seen], minlength=people) > 0)


def _first(late: NDArray[np.bool_], due: Obligations, people: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The first day late of each participant and the contact it rests on; NaN and 0 if never late."""
    import numpy as np

    rows = np.flatnonzero(late)
    who, first = np.unique(due.who[rows], return_index=True)
    lost, line = np.full(people, np.nan), np.zeros(people, dtype="int64")
    lost[who], line[who] = due.due[rows[first]] + 1, due.line[rows[first]]
    return lost, line


@dataclass(frozen=True)
class Status:
    """In care on a day, one entry per participant: '1', '0', or '' where no due date says. `missed` is the due day behind a '0'."""

    in_care: NDArray[np.object_]
    missed: NDArray[np.float64]
    line: NDArray[np.int64]


def status_at(due: Obligations, day: NDArray[np.float64], grace: int) -> Status:
    """Whether the latest due date up to `day` was met within the grace; lost and back in care by then is in care."""
    import numpy as np

    people = len(day)
    in_care, missed, line = np.full(people, "", dtype=object), np.full(people, np.nan), np.zeros(people, dtype="int64")
    rows = np.flatnonzero(due.begin <= day[due.who])
    last = np.full(people, -1)
    last[due.who[rows]] = rows
    judged = np.flatnonzero(last >= 0)
    row = last[judged]
    cared = (due.due[row] > day[judged]) | due.met(grace)[row]
    unsaid = due.not_evaluable(grace)[row]
    in_care[judged] = np.where(unsaid, "", np.where(cared | np.isnan(due.due[row]), "1", "0"))
    lost = judged[in_care[judged] == "0"]
    missed[lost], line[lost] = due.due[last[lost]], due.line[last[lost]]
    return Status(in_care, missed, line)
