"""Who is at risk at each event time: rows sorted once, so that every sum over risk sets is one running sum.

A row is an interval at risk, open at `entry` and closed at `time`; a person may have several. Rows stand by stratum and, within it, by
descending time, so that a risk set only grows along them; who enters late is taken out again from the event time that lies before the entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Flags = NDArray[np.bool_]
Ties = Literal["efron", "breslow"]


@dataclass(frozen=True, slots=True)
class RiskSets:
    """Rows that are at risk at some event, by stratum and descending time; the event times (blocks) in the same order."""

    size: int                   # rows given, those never at risk at an event included
    rows: Index                 # where each row kept is among those given
    x: Array                    # (columns, rows), centred within each stratum
    centres: Array              # (columns, strata): what was taken off
    weight: Array | None
    offset: Array | None
    strata: Index               # stratum of each row, counted without those that have no event
    opening_row: Index          # first row of each stratum
    blocks: list[tuple[int, int]]   # first and past-last event time of each stratum
    times: Array                # the event times
    starts: Index               # first row that joins at each event time
    joined: Index               # slot of each row's first event time, going back; a stratum has one slot more than event times
    left: Index | None          # slot of the first event time, going back, at which the row had not yet entered
    slots: Index                # slot of each event time
    deaths: Index               # rows with the event
    observed: Array             # the weighted sum of their x
    block: Index                # event time of each of them
    opening: Index              # first of `deaths` at each event time
    total: Array                # weight of the events at each event time
    step: Index | None          # event time of each factor of Efron's denominators, one per event; None: no two events at one time, or Breslow's ties
    share: Array | None         # share of the tied events already taken out in that factor: 0, 1/d, 2/d ...


def arrange(time: Array, event: Flags, x: Array, strata: Index | None = None, *, entry: Array | None = None, weight: Array | None = None,
            offset: Array | None = None, ties: Ties = "efron") -> RiskSets:
    """The risk sets of these rows; x is (rows, columns), strata are codes from 0, weights are positive."""
    order, kept, deaths, last = _sorted(time, event, strata)
    group = np.zeros(len(order), dtype=np.intp) if strata is None else _recoded(strata[order])
    opening_row = np.flatnonzero(np.diff(group, prepend=-1))
    starts = np.concatenate([[0], last[:-1] + 1])[:len(last)]
    joining = np.repeat(np.arange(len(last)), np.diff(last, prepend=-1))
    block_of_death = joining[deaths]
    opening = np.flatnonzero(np.diff(block_of_death, prepend=-1))
    times = time[order[last]] if kept else np.empty(0)
    of_block = group[last]
    edges = np.searchsorted(of_block, np.arange(len(opening_row) + 1))
    blocks = [(int(lo), int(hi)) for lo, hi in pairwise(edges)]
    columns = np.take(np.ascontiguousarray(x.T, dtype=np.float64), order, axis=1)
    centres = np.add.reduceat(columns, opening_row, axis=1) / np.diff(np.append(opening_row, len(order))) if len(order) else np.zeros((x.shape[1], 0))
    columns -= centres if centres.shape[1] == 1 else centres[:, group]
    w = None if weight is None else weight[order]
    observed = columns[:, deaths].sum(axis=1) if w is None else columns[:, deaths] @ w[deaths]
    counts = np.diff(np.append(opening, len(deaths))).astype(np.float64)
    total = counts if w is None or not len(deaths) else np.add.reduceat(w[deaths], opening)
    tied = ties == "efron" and bool((counts > 1).any())
    share = (np.arange(len(deaths)) - opening[block_of_death]) / counts[block_of_death] if tied else None
    return RiskSets(size=len(time), rows=order, x=columns, centres=centres, weight=w, offset=None if offset is None else offset[order], strata=group,
                    opening_row=opening_row, blocks=blocks, times=times, starts=starts, joined=joining + group,
                    left=None if entry is None else _left(entry[order], times, group, opening_row, blocks), slots=np.arange(len(last)) + of_block,
                    deaths=deaths, observed=observed, block=block_of_death, opening=opening,
                    total=total, step=block_of_death if tied else None, share=share)


def _sorted(time: Array, event: Flags, strata: Index | None) -> tuple[Index, int, Index, Index]:
    """Rows by stratum and descending time, without those behind the last event of their stratum; their events; the last row at risk at each event time."""
    order = np.argsort(-time, kind="stable") if strata is None else np.lexsort((-time, strata))
    t, died = time[order], event[order]
    changes = t[1:] != t[:-1]
    if strata is not None:
        s = strata[order]
        changes |= s[1:] != s[:-1]
    ends = np.flatnonzero(np.append(changes, True)) if len(order) else np.empty(0, dtype=np.intp)  # the last row ends its run
    deaths = np.flatnonzero(died)
    runs = np.concatenate([[0], np.cumsum(changes)])[deaths]
    last = ends[runs[np.diff(runs, prepend=-1) != 0]]
    if strata is None:
        kept = int(last[-1]) + 1 if len(last) else 0
        return order[:kept], kept, deaths, last
    final = np.full(int(s.max()) + 1 if len(s) else 0, -1)
    np.maximum.at(final, s[last], last)
    keep = np.arange(len(order)) <= final[s]
    place = np.cumsum(keep) - 1
    return order[keep], int(keep.sum()), place[deaths], place[last]


def _recoded(codes: Index) -> Index:
    return np.asarray(np.cumsum(np.diff(codes, prepend=codes[:1]) != 0), dtype=np.intp)


def _left(entry: Array, times: Array, group: Index, opening_row: Index, blocks: list[tuple[int, int]]) -> Index:
    left = np.empty(len(entry), dtype=np.intp)
    for s, (row, (lo, hi)) in enumerate(zip(opening_row, blocks, strict=True)):
        inside = slice(row, opening_row[s + 1] if s + 1 < len(opening_row) else len(entry))
        left[inside] = lo + np.searchsorted(-times[lo:hi], -entry[inside], side="left")
    return left + group
