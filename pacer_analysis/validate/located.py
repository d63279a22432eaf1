"""On which row a reference finds its value: the event and the instance that it means from each row, and where that row lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.logic.smart import EVENTS
from pacer_analysis.validate.layout import NOWHERE, events_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.logic import Reference
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.indexed import Extremes
    from pacer_analysis.validate.layout import Layout

STEPS = {"previous-instance": -1, "current-instance": 0, "next-instance": 1}
# ASSUME: previous-instance and next-instance are the numbers before and after the row's own; where that instance does not exist the value is blank.
# ASSUME: [field][current-instance] is [field], also of what does not repeat; any other instance of what does not repeat is not evaluable.
OWN_INSTANCE = frozenset({"", "current-instance"})
LONGEST_NUMBER = 9


@dataclass(frozen=True)
class Standing:
    """Where the rows of a table stand, in the terms of the tables that are looked at.

    `record` is a code, NOWHERE for a record that those tables do not have; `event` a number of the layout; `own` the form of the rows,
    '' for rows of another source; `repeated` marks rows of a repeating form.
    """

    own: str
    record: NDArray[np.int64]
    event: NDArray[np.int64]
    instance: NDArray[np.int64]
    repeated: NDArray[np.bool_]


@dataclass(frozen=True)
class Target:
    """The event, instance and kind of row that a reference means from each row; NOWHERE is blank, not known not evaluable, for a reason."""

    event: NDArray[np.int64]
    instance: NDArray[np.int64]
    repeated: NDArray[np.bool_]
    known: NDArray[np.bool_]
    reason: str


def standing(table: Tidy, record: NDArray[np.int64], layout: Layout) -> Standing:
    """Where the rows of a table of the same source stand, given the numbers of their records."""
    import numpy as np

    return Standing(table.form, record, events_of(table, layout), table.instance.astype(np.int64), table.repeated)


def target(layout: Layout, at: Standing, reference: Reference, form: str, repeating: NDArray[np.bool_], extremes: Extremes | None) -> Target:
    """The event and the instance of a form that a reference means from each row; `repeating` says in which events the form repeats by itself."""
    import numpy as np

    named = layout.place(reference.event) if reference.event and reference.event not in EVENTS else NOWHERE
    event = _event(layout, at, reference.event, form)
    elsewhere = event == NOWHERE
    # What no row could have is not evaluable on any, in a record of another arm as well.
    there = np.where(elsewhere, np.maximum(named, 0), event)
    meant = ~elsewhere | (named != NOWHERE)
    reasons: list[str] = []
    known = np.ones(len(event), dtype=bool)

    def unclear(rows: NDArray[np.bool_], reason: str) -> None:
        nonlocal known
        if (rows & known).any():
            reasons.append(reason)
            known = known & ~rows

    if not reference.event or reference.event in EVENTS:
        unclear(at.event == NOWHERE, "the event of the row is not known")
    unclear(meant & ~layout.has(form)[there], f"the form {form} is not part of {'the event' if named == NOWHERE else f'the event {reference.event}'}")
    form_repeats = repeating[there] & meant
    event_repeats = layout.event_repeats[there] & meant & ~form_repeats
    repeats = form_repeats | event_repeats
    if reference.instance not in OWN_INSTANCE:
        unclear(meant & ~repeats, f"the form {form} does not repeat, and an instance of it is named")
    instance = np.zeros(len(event), dtype=np.int64)
    if (repeats & ~elsewhere).any():
        # The row is itself one of the instances that it refers to.
        same = (at.event == event) & np.where(form_repeats, at.repeated & (at.own == form), ~at.repeated)
        found, clear, reason = _instance(at, reference.instance, same, event, extremes)
        instance = np.where(repeats, found, 0)
        lost = repeats & ~elsewhere & ~clear
        unclear(lost, reason.format(what=f"the form {form}" if (lost & form_repeats).any() else "the event"))
    return Target(np.where(known, event, NOWHERE), instance, form_repeats, known, "; ".join(reasons))


def _event(layout: Layout, at: Standing, name: str, form: str) -> NDArray[np.int64]:
    """The number of the event that a reference means from each row, NOWHERE where there is none."""
    import numpy as np

    if not name or name == "event-name":
        return at.event
    if name in EVENTS:
        relative = np.append(layout.relative(name, form), NOWHERE)
        return np.asarray(relative[at.event])
    place = layout.place(name)
    # A record of one arm has no rows in the events of another: what they would hold is blank.
    arms = np.array([arm == layout.arms[place] for arm in layout.arms] + [True], dtype=bool)
    return np.where(arms[at.event], place, NOWHERE)


def _instance(at: Standing, name: str, same: NDArray[np.bool_], event: NDArray[np.int64],
              extremes: Extremes | None) -> tuple[NDArray[np.int64], NDArray[np.bool_], str]:
    """The instance that a reference means from each row (NOWHERE: none), whether that is clear, and if not why."""
    import numpy as np

    every = np.ones(len(event), dtype=bool)
    if not name:
        # ASSUME: from a row that is not itself an instance of a repeating form or event, a reference to it that names no instance is not evaluable.
        return at.instance, same, "{what} repeats, and no instance of it is named"
    if name.isdigit():
        return np.full(len(event), int(name) if len(name) <= LONGEST_NUMBER else NOWHERE, dtype=np.int64), every, ""
    if name in STEPS:
        # ASSUME: on a row of another repeating form or event, current-instance is the number of the row's own instance.
        wanted = at.instance + STEPS[name]
        return np.where(wanted > 0, wanted, NOWHERE), same | (at.instance > 0), "{what} repeats, and the row has no instance of its own"
    if extremes is None or not len(extremes.keys):
        return np.full(len(event), NOWHERE, dtype=np.int64), every, ""
    return extremes.find(at.record, event, highest=name == "last-instance"), every, ""
