"""Where a project's forms can stand: in which events, of which arm, and what repeats there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pacer_analysis.read.eventnames import UNIQUE_NAME

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.dictionary import Project
    from pacer_analysis.read.tidy import Tidy

NOWHERE = -1
PUT = "put events.csv beside the dictionary"
ORDER_UNKNOWN = f"the order of events is not known; {PUT}"
LABELS_UNKNOWN = f"the labels of the events are not known; {PUT}"
NO_UNIQUE_NAMES = f"redcap_event_name holds labels, and nothing says of which events; {PUT}"
# A classic project has one event, whose name its exports leave out.
ONLY_EVENT = "event_1_arm_1"


@dataclass(frozen=True)
class Layout:
    """The events of a project by number, in their order, as arrays over the events; the order is not `known` if the export alone showed them."""

    project: Project
    known: bool = True

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The unique names of the events, '' for a classic project's."""
        return tuple(self.project.mapping)

    @cached_property
    def places(self) -> dict[str, int]:
        """The number of each event."""
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def named(self) -> bool:
        """True if the events have REDCap's unique names, which say the arm too."""
        return self.known or all(UNIQUE_NAME.fullmatch(name) for name in self.names)

    def why_no_event(self, event: str) -> str:
        """Why an event is none of these: the project has no such event, or nobody knows its events."""
        if self.known:
            return f"the project has no event {event}"
        return f"the event {event} is not in the export, and nothing says which events the project has; {PUT}" if self.named else NO_UNIQUE_NAMES

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The label of each event."""
        labels = {event.unique_name: event.label for event in self.project.events}
        return tuple(labels.get(name, name) for name in self.names)

    @cached_property
    def arms(self) -> tuple[str, ...]:
        """The arm of each event, by its number as text."""
        arms = {event.unique_name: event.arm for event in self.project.events}
        return tuple(arms.get(name, "1") for name in self.names)

    @cached_property
    def event_repeats(self) -> NDArray[np.bool_]:
        """Whether each event repeats as a whole."""
        import numpy as np

        return np.array([self.project.event_repeats(name) for name in self.names], dtype=bool)

    def has(self, form: str) -> NDArray[np.bool_]:
        """Whether each event has a form."""
        import numpy as np

        return np.array([form in self.project.mapping[name] for name in self.names], dtype=bool)

    def form_repeats(self, form: str) -> NDArray[np.bool_]:
        """Whether a form repeats by itself in each event."""
        import numpy as np

        return np.array([self.project.repeats(name, form) for name in self.names], dtype=bool)

    def place(self, event: str) -> int:
        """The number of an event by its unique name, NOWHERE if the project does not have it."""
        if self.project.classic and event == ONLY_EVENT:
            return 0
        return self.places.get(event, NOWHERE)

    def relative(self, which: str, form: str = "") -> NDArray[np.int64]:
        """For each event the first, last, previous or next of its arm, among those that have the form if one is named; NOWHERE if there is none."""
        import numpy as np

        having = self.has(form) if form else np.ones(len(self.names), dtype=bool)
        found = np.full(len(self.names), NOWHERE, dtype=np.int64)
        for place, arm in enumerate(self.arms):
            there = [other for other, its in enumerate(self.arms) if its == arm and having[other]]
            if which.startswith("previous"):
                there = [other for other in there if other < place][-1:]
            elif which.startswith("next"):
                there = [other for other in there if other > place]
            elif which.startswith("last"):
                there = there[-1:]
            if there:
                found[place] = there[0]
        return found


def events_of(table: Tidy, layout: Layout) -> NDArray[np.int64]:
    """The number of every row's event, NOWHERE where the project does not have it."""
    import numpy as np

    numbers = np.array([layout.places.get(str(level), NOWHERE) for level in table.event.levels], dtype=np.int64)
    return np.asarray(numbers[table.event.codes])
