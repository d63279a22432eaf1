"""Who was due when: the day on which each woman's next contact was due, from her origin on, and the contact that met it or not.

Retention follows from this table alone. An obligation begins with a contact (or with the origin) and is met by the next
contact; it is missed when no contact falls in (due, due + grace].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Obligations:
    """One entry per obligation, sorted by `who` and `begin`; days are day numbers.

    `due` is NaN where nobody wrote down when the next contact was due; `next` is the contact that followed, NaN if none did.
    `line` is the contact's line in its source, 0 where the obligation rests on the origin alone. `first[i]:first[i + 1]` are
    participant i's entries.
    """

    who: NDArray[np.int64]
    begin: NDArray[np.float64]
    due: NDArray[np.float64]
    next: NDArray[np.float64]
    line: NDArray[np.int64]
    first: NDArray[np.int64]

    def met(self, grace: int) -> NDArray[np.bool_]:
        """Whether the next contact came by due + grace; where the due day is not known, false."""
        import numpy as np

        return np.asarray(self.next <= self.due + grace)

    def not_evaluable(self, grace: int) -> NDArray[np.bool_]:
        """Whether nobody can say if it was met: no due day, and no contact within `grace` of its beginning, which would meet any due day."""
        import numpy as np

        return np.isnan(self.due) & ~(self.next <= self.begin + grace)


def obligations(contacts: pd.DataFrame, origin: NDArray[np.float64], against: str) -> Obligations:
    """The obligations of every participant whose origin is known.

    `contacts` has who, at, due_at, line; `against` is 'scheduled' (late against the due date) or 'contact' (late against the
    last contact's own date). Contacts of one day are one, with the latest due date. Contacts up to the origin count as cover
    if their due date lies beyond it; otherwise, and without any contact, the first is due at the origin.
    """
    import numpy as np

    who, at, due, line = _one_a_day(contacts)
    due = at.copy() if against == "contact" else _carried(who, at, due)
    start = origin[who]
    people = len(origin)
    known = np.isfinite(origin)
    # The last contact up to the origin decides the first obligation.
    before = np.flatnonzero(at <= start)
    last = np.full(people, -1)
    last[who[before]] = before  # contacts are sorted: the last one written stays
    covered = last >= 0
    first_due = origin.copy()
    # ASSUME: without a contact before her origin, a woman's first contact is due on the day of the origin itself.
    # np.maximum keeps NaN: where the cover before the origin is unknown, so is the first due date.
    first_due[covered] = np.maximum(due[last[covered]], origin[covered])
    first_line = np.zeros(people, dtype="int64")
    first_line[covered] = line[last[covered]]
    after = at > start
    entered = np.flatnonzero(known)
    all_who = np.concatenate([entered, who[after]])
    all_begin = np.concatenate([origin[entered], at[after]])
    order = np.lexsort((all_begin, all_who))
    all_who, all_begin = all_who[order], all_begin[order]
    follows = np.full(len(all_who), np.nan)
    follows[:-1] = np.where(all_who[1:] == all_who[:-1], all_begin[1:], np.nan)
    return Obligations(all_who, all_begin, np.concatenate([first_due[entered], due[after]])[order], follows,
                       np.concatenate([first_line[entered], line[after]])[order], np.searchsorted(all_who, np.arange(people + 1)))


def _one_a_day(contacts: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    import numpy as np

    who, at = contacts["who"].to_numpy(dtype="int64"), contacts["at"].to_numpy(dtype="float64")
    due, line = contacts["due_at"].to_numpy(dtype="float64"), contacts["line"].to_numpy(dtype="int64")
    order = np.lexsort((-line, np.where(np.isnan(due), -np.inf, due), at, who))
    who, at, due, line = who[order], at[order], due[order], line[order]
    kept = np.ones(len(who), dtype=bool)
    kept[:-1] = (who[1:] != who[:-1]) | (at[1:] != at[:-1])
    return who[kept], at[kept], due[kept], line[kept]


def _carried(who: NDArray[np.int64], at: NDArray[np.float64], due: NDArray[np.float64]) -> NDArray[np.float64]:
    """The due date in force after each contact: its own, else the last known one if that still lies ahead, else unknown."""
    import numpy as np

    # ASSUME: a contact without a due date leaves the last known one in force if that is later than the contact; otherwise
    # nothing is invented: until the next contact it cannot be said whether she was late.
    place = np.where(np.isfinite(due), np.arange(len(due)), -1)
    source = np.maximum.accumulate(place) if len(place) else place
    usable = (source >= 0) & (who[np.maximum(source, 0)] == who)
    earlier = np.where(usable, due[np.maximum(source, 0)], np.nan)
    return np.where(np.isfinite(due), due, np.where(earlier > at, earlier, np.nan))
