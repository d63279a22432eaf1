"""Many small trials at once, sorted: where each risk set ends, which rows have the event, and which factors of a likelihood they make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pacer_analysis.estimators._survival.risk_sets import Array, Flags, Index, Ties


@dataclass(frozen=True, slots=True)
class Trials:
    """Rows of every trial by stratum and descending time; a place is an index into the (trials, rows) table read line by line.

    A step is one factor of the likelihood's denominator: one per event with Efron's ties, one per event time with Breslow's.
    """

    trials: int
    size: int               # rows of one trial
    order: Index            # (trials or 1, rows): how the columns are sorted
    number: Array | None    # (trials, rows), sorted: how many like persons each row is
    deaths: Index           # places of the events
    block: Index            # event time of each of them
    opening: Index          # first of them at each event time
    end: Index              # place of the last row at risk, per event time
    base: Index | None      # place of the last row of the stratum before, per event time; -1: there is none in this trial
    behind: Index | None    # (trials, rows): the column after each row's stratum; None without strata
    events: Index           # events at each event time
    step: Index | None      # event time of each step; None: they are the same
    share: Array | None     # Efron's share taken out at each step; None: no ties
    weight: Array | None    # how many equal factors each step stands for (Breslow's ties); None: one
    trial: Index            # trial of each step


def sort(time: Array, event: Flags, trials: int, *, strata: Index | None, frequency: Array | None, ties: Ties) -> Trials:
    """The trials arranged; every array is (trials, rows), or (1, rows) when all trials share it."""
    size = time.shape[1]
    if strata is None:
        order = np.argsort(-time, axis=1)  # the order among equal times does not matter
        days = _taken(time, order)
        changes = days[:, 1:] != days[:, :-1]
        behind = starts = None
    else:
        days, groups = np.broadcast_arrays(time, strata)
        order = np.lexsort((-days, groups), axis=1)
        new = np.diff(np.take_along_axis(groups, order, axis=1), axis=1) != 0
        changes = new | (np.diff(np.take_along_axis(days, order, axis=1), axis=1) != 0)
        behind, starts = np.broadcast_to(_run_ends(new) + 1, (trials, size)), np.broadcast_to(_run_starts(new), (trials, size))
    number = None if frequency is None else placed(frequency, order, trials)
    died = placed(event, order, trials)
    deaths = np.flatnonzero(died if number is None else died & (number > 0))
    if changes.all():
        end_of_death = deaths
    else:
        of, column = np.divmod(deaths, size)
        end_of_death = np.broadcast_to(_run_ends(changes), (trials, size))[of, column] + of * size
    opening = np.flatnonzero(np.diff(end_of_death, prepend=-1))
    counts = np.diff(np.append(opening, len(deaths)))
    end = end_of_death[opening]
    of_end = end // size
    base = None
    if starts is not None:
        first = starts[of_end, end % size]
        base = np.where(first > 0, first - 1 + of_end * size, -1)
    events = counts if number is None or not len(deaths) else np.rint(np.add.reduceat(number.ravel()[deaths], opening)).astype(np.intp)
    step = share = weight = None
    if (events > 1).any():
        if ties == "efron":
            step = np.repeat(np.arange(len(end)), events)
            share = (np.arange(len(step)) - np.repeat(np.cumsum(events) - events, events)) / events[step]
        else:
            weight = events.astype(float)
    return Trials(trials, size, order, number, deaths, np.repeat(np.arange(len(end)), counts), opening, end, base, behind, events, step, share, weight,
                  of_end if step is None else of_end[step])


def _taken(values: np.ndarray, order: Index) -> np.ndarray:
    lines, size = order.shape
    return np.asarray(np.take(np.broadcast_to(values, order.shape), order + np.arange(lines)[:, None] * size))


def placed(values: np.ndarray, order: Index, trials: int) -> np.ndarray:
    """The values in the order of the sorted rows, (trials, rows)."""
    lead = max(len(values), len(order))
    return np.broadcast_to(_taken(values, np.broadcast_to(order, (lead, order.shape[1]))), (trials, order.shape[1]))


def at_risk(rows: Trials, values: Array) -> Array:
    """The sum of (trials, rows) values over the risk set of each step, the share of the tied events taken out."""
    running = np.cumsum(values, axis=1).ravel()
    found = running[rows.end]
    if rows.base is not None:
        found -= np.where(rows.base >= 0, running[rows.base], 0.0)
    if rows.step is None:
        return np.asarray(found)
    tied = np.add.reduceat(values.ravel()[rows.deaths], rows.opening)
    return np.asarray(found[rows.step] - rows.share * tied[rows.step])


def per_trial(rows: Trials, per_step: Array) -> Array:
    """Steps, each with its weight, added up within trials."""
    if rows.weight is not None:
        per_step = per_step * rows.weight
    return np.bincount(rows.trial, weights=per_step, minlength=rows.trials).astype(float)


def per_event(rows: Trials, values: Array) -> Array:
    """Values of the rows with the event, times how many they are, added up within trials."""
    chosen = values.ravel()[rows.deaths]
    if rows.number is not None:
        chosen = chosen * rows.number.ravel()[rows.deaths]
    return np.bincount(rows.deaths // rows.size, weights=chosen, minlength=rows.trials).astype(float)


def exposed(rows: Trials, per_block: Array) -> Array:
    """The sum over the event times at which each row was at risk: (trials, rows)."""
    by_end = np.zeros(rows.trials * rows.size)
    by_end[rows.end] = per_block
    later = np.cumsum(by_end.reshape(rows.trials, rows.size)[:, ::-1], axis=1)[:, ::-1]
    if rows.behind is None:
        return np.ascontiguousarray(later)
    return np.ascontiguousarray(later - np.take_along_axis(np.pad(later, ((0, 0), (0, 1))), rows.behind, axis=1))


def per_block(rows: Trials, per_step: Array) -> Array:
    """Steps added up within event times."""
    return per_step if rows.step is None else np.bincount(rows.step, weights=per_step, minlength=len(rows.end)).astype(float)


def _run_ends(changes: Flags) -> Index:
    size = changes.shape[1] + 1
    last = np.where(np.pad(changes, ((0, 0), (0, 1)), constant_values=True), np.arange(size), size)
    return np.asarray(np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1])


def _run_starts(changes: Flags) -> Index:
    size = changes.shape[1] + 1
    return np.asarray(np.maximum.accumulate(np.where(np.pad(changes, ((0, 0), (1, 0)), constant_values=True), np.arange(size), 0), axis=1))
