"""Event times after censoring, imputed from the hazard of the arm multiplied by a factor.

The hazard is constant between quantiles of the event times (piecewise exponential); its pieces are drawn from their gamma posterior under
the prior 1/hazard, so that the imputation is proper. Who is censored at c has an event when the hazard accumulated since c, times the
factor, reaches an exponential number; beyond the horizon there is none.
Source: Lipkovich, Ratitch and O'Kelly, Pharmaceutical Statistics 2016;15:216-29; Zhao et al., Journal of Biopharmaceutical Statistics 2014;24:229-53.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._frame import arm_names, has_outcome, refuse_competing
from pacer_analysis.estimators._imputation.streams import streams
from pacer_analysis.estimators._imputation.variables import as_numbers

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm's pieces of hazard (ends, cumulative hazard at the ends by imputation) and who is to be imputed, with their exponential numbers."""

    rows: NDArray[np.intp]
    ends: Array
    accumulated: Array
    needed: Array


@dataclass(frozen=True, slots=True)
class Follow:
    """Follow-up cut at the horizon, and the arms."""

    frame: pd.DataFrame
    time: Array
    status: Array
    arms: dict[str, Arm]
    horizon: float


def prepare(frame: pd.DataFrame, *, horizon: float | None, pieces: int, m: int, seed: int) -> Follow:
    """Hazards and exponential numbers of every imputation; refuses competing events and an arm without events.

    With a column `dropout` only those it marks are imputed; the others stay censored (the end of the study says nothing about them).
    """
    # ASSUME: after censoring the hazard is the factor times that of everyone in the arm at that time, whatever the covariates; without a column `dropout` everyone censored before the horizon counts as dropped out.
    refuse_competing(frame)
    order = np.argsort(frame["id"].astype(str).to_numpy(dtype=object), kind="stable")
    frame = frame.iloc[order].reset_index(drop=True)
    frame = frame[has_outcome(frame)].reset_index(drop=True)
    time, status = as_numbers(frame["time"]), as_numbers(frame["status"])
    end = float(time.max()) if horizon is None else float(horizon)
    if end > time.max():
        raise NotEstimable(f"no one was followed to day {end:.10g}", do="choose a nearer horizon")
    status = np.where(time > end, 0.0, status)
    time = np.minimum(time, end)
    open_ = (status == 0) & (time < end)
    if "dropout" in frame:
        open_ &= frame["dropout"].fillna(value=False).astype(bool).to_numpy()
    if not open_.any():
        raise NotEstimable(f"no one is censored before day {end:.10g}" + (" by dropping out" if "dropout" in frame else ""))
    names = arm_names(frame)
    labels = frame["arm"].astype(str).to_numpy(dtype=object) if names != ("",) else np.full(len(frame), "", dtype=object)
    arms = {}
    for number, name in enumerate(dict.fromkeys(labels)):      # in the order of the first person: names and their order change nothing
        mine = labels == name
        rngs = streams(seed, m, number)
        rows = np.flatnonzero(mine & open_)
        ends, events, exposure = _pieces(time[mine], status[mine], end, pieces, f" in arm {name}" if name else "")
        hazard = np.array([rng.gamma(events) for rng in rngs]) / exposure
        accumulated = np.concatenate([np.zeros((m, 1)), np.cumsum(hazard * np.diff(ends), axis=1)], axis=1)
        arms[str(name)] = Arm(rows, ends, accumulated, np.array([rng.exponential(size=len(rows)) for rng in rngs]).reshape(m, len(rows)))
    return Follow(frame, time, status, arms, end)


def _pieces(time: Array, status: Array, end: float, pieces: int, where: str) -> tuple[Array, Array, Array]:
    """Ends of the pieces from 0 to the horizon, events and time at risk in each; every piece has an event."""
    days = np.sort(time[status == 1])
    if not len(days):
        raise NotEstimable(f"no events{where}")
    inner = np.unique(np.quantile(days, np.arange(1, pieces) / pieces, method="inverted_cdf")) if pieces > 1 else np.empty(0)
    ends = np.concatenate([[0.0], inner[(inner > 0) & (inner < end)], [end]])
    events = np.histogram(np.minimum(days, end), bins=np.nextafter(ends, np.inf))[0].astype(float)
    if not events[-1] and len(ends) > 2:
        ends, events = np.delete(ends, -2), np.concatenate([events[:-2], [events[-2]]])
    events[0] += (days <= 0).sum()
    exposure = (np.minimum(time[:, None], ends[None, 1:]) - ends[None, :-1]).clip(min=0.0).sum(axis=0)
    return ends, events, exposure


def completed(follow: Follow, i: int, factor: Mapping[str, float]) -> pd.DataFrame:
    """The frame of imputation i, each arm's hazard after censoring multiplied by its factor."""
    time, status = follow.time.copy(), follow.status.copy()
    for name, arm in follow.arms.items():
        time[arm.rows], status[arm.rows] = _after(follow, arm, i, factor.get(name, 1.0))
    return follow.frame.assign(time=time, status=status.astype(int))


def shifted_times(follow: Follow, factor: Mapping[str, float]) -> tuple[Array, Array]:
    """Times and statuses of all imputations, a row each."""
    m = len(next(iter(follow.arms.values())).needed)
    time, status = np.tile(follow.time, (m, 1)), np.tile(follow.status, (m, 1))
    for name, arm in follow.arms.items():
        for i in range(m):
            time[i, arm.rows], status[i, arm.rows] = _after(follow, arm, i, factor.get(name, 1.0))
    return time, status


def _after(follow: Follow, arm: Arm, i: int, factor: float) -> tuple[Array, Array]:
    reached = np.interp(follow.time[arm.rows], arm.ends, arm.accumulated[i]) + arm.needed[i] / factor
    happens = reached < arm.accumulated[i, -1]
    return np.where(happens, np.interp(reached, arm.accumulated[i], arm.ends), follow.horizon), happens.astype(float)
