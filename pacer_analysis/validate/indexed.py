"""The rows of a table by record, event and instance, for finding many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.validate.layout import NOWHERE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Extremes:
    """The lowest and highest instance of a repeating form or event, by record and event."""

    events: int
    keys: NDArray[np.int64]
    lowest: NDArray[np.int64]
    highest: NDArray[np.int64]

    def find(self, record: NDArray[np.int64], event: NDArray[np.int64], *, highest: bool) -> NDArray[np.int64]:
        """The lowest or highest instance of each record and event, NOWHERE where there is none."""
        import numpy as np

        if not len(self.keys):
            return np.full(len(record), NOWHERE, dtype=np.int64)
        wanted = record * self.events + event
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        there = (self.keys[place] == wanted) & (record >= 0) & (event >= 0)
        return np.where(there, (self.highest if highest else self.lowest)[place], NOWHERE)


def extremes_of(events: int, record: NDArray[np.int64], event: NDArray[np.int64], instance: NDArray[np.int64]) -> Extremes:
    """The lowest and highest instance of each record and event among some rows."""
    import numpy as np

    keys = record * events + event
    order = np.lexsort((instance, keys))
    keys, instance = keys[order], instance[order]
    different, first = np.unique(keys, return_index=True)
    last = np.append(first[1:], len(keys))[: len(first)] - 1
    return Extremes(events, different, instance[first], instance[last])


@dataclass(frozen=True)
class Index:
    """The rows of a table: sorted keys of record, event, instance and whether the form repeats by itself there, and the row of each."""

    events: int
    instances: NDArray[np.int64]
    keys: NDArray[np.int64]
    rows: NDArray[np.int64]

    def find(self, record: NDArray[np.int64], event: NDArray[np.int64], instance: NDArray[np.int64], repeated: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The row for each key, NOWHERE where there is none."""
        import numpy as np

        if not len(self.keys):
            return np.full(len(record), NOWHERE, dtype=np.int64)
        number = np.minimum(np.searchsorted(self.instances, instance), len(self.instances) - 1)
        usable = (record >= 0) & (event >= 0) & (self.instances[number] == instance)
        wanted = self._key(record, event, number, repeated)
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(usable & (self.keys[place] == wanted), self.rows[place], NOWHERE)

    def _key(self, record: NDArray[np.int64], event: NDArray[np.int64], number: NDArray[np.int64], repeated: NDArray[np.bool_]) -> NDArray[np.int64]:
        """One number for each key, in any instances that there are."""
        import numpy as np

        return np.asarray(((record * self.events + event) * len(self.instances) + number) * 2 + repeated)


def index_of(events: int, record: NDArray[np.int64], event: NDArray[np.int64], instance: NDArray[np.int64], repeated: NDArray[np.bool_]) -> Index:
    """The index of some rows; of those with the same key the first counts, those without an event do not."""
    import numpy as np

    instances, number = np.unique(instance, return_inverse=True)
    index = Index(events, instances, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    keys = index._key(record, event, number, repeated)
    rows = np.flatnonzero(event != NOWHERE)
    rows = rows[np.argsort(keys[rows], kind="stable")]
    return Index(events, instances, keys[rows], rows)
