"""Summaries of one variable by arm: pandas computes, numpy computes again."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pacer_analysis.estimators._frame import arm_names, of_arms
from pacer_analysis.estimators._witness import agreement, library
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

Array = NDArray[np.float64]

CONTINUOUS = {
    "mean": "Mean; se is SD over root n",
    "sd": "Standard deviation, n - 1",
    "median": "Median",
    "lower_quartile": "Lower quartile (type 7)",
    "upper_quartile": "Upper quartile (type 7)",
    "minimum": "Smallest value",
    "maximum": "Largest value",
}
DISTANCE = "Standardised difference: difference in means or proportions over the root mean of the two variances"
DISTANCE_OF_LEVELS = "Standardised difference over all levels: Mahalanobis distance with the mean of the two multinomial covariances"


def quantile(ordered: Array, share: float) -> float:
    """The type 7 quantile of sorted values, from its definition."""
    position = (len(ordered) - 1) * share
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (position - below) * (ordered[above] - ordered[below]))


def continuous(frame: pd.DataFrame, variable: str) -> list[Estimate]:
    """Mean, SD, median, quartiles and range per arm, then standardised differences."""
    rows = []
    for arm in arm_names(frame):
        values = of_arms(frame, arm)[variable].astype(float)
        known = values.dropna()
        n = len(known)
        base = Estimate(scale="absolute", arm=arm, term=variable, n=n, observed=n, missing=len(values) - n)
        if not n:
            rows += [replace(base, measure=measure, method=method, witness="none", note="no value known") for measure, method in CONTINUOUS.items()]
            continue
        ordered: Array = np.sort(known.to_numpy(dtype=np.float64))
        mean = math.fsum(ordered) / n
        sd = math.sqrt(math.fsum((ordered - mean) ** 2) / (n - 1)) if n > 1 else None
        ours = {"mean": known.mean(), "sd": known.std() if n > 1 else None, "median": known.median(), "lower_quartile": known.quantile(0.25),
                "upper_quartile": known.quantile(0.75), "minimum": known.min(), "maximum": known.max()}
        theirs = {"mean": mean, "sd": sd, "median": quantile(ordered, 0.5), "lower_quartile": quantile(ordered, 0.25),
                  "upper_quartile": quantile(ordered, 0.75), "minimum": ordered[0], "maximum": ordered[-1]}
        for measure, method in CONTINUOUS.items():
            value = ours[measure]
            row = replace(base, measure=measure, method=method)
            if value is None:
                rows.append(replace(row, witness="none", note="one value only"))
                continue
            se = sd / math.sqrt(n) if measure == "mean" and sd is not None else None
            rows.append(replace(row, estimate=float(value), se=se, witness=f"{library('numpy')}: estimate",
                                agreement=agreement((float(value), float(theirs[measure])), se=sd)))
    return rows + distances(frame, variable, frame[variable].to_numpy(dtype=np.float64, na_value=np.nan)[:, None], DISTANCE, multinomial=False)


def binary(frame: pd.DataFrame, variable: str) -> list[Estimate]:
    """The proportion with the characteristic per arm, then standardised differences."""
    rows = [share(of_arms(frame, arm)[variable].astype(float), arm, variable) for arm in arm_names(frame)]
    return rows + distances(frame, variable, frame[variable].to_numpy(dtype=np.float64, na_value=np.nan)[:, None], DISTANCE, multinomial=True)


def categorical(frame: pd.DataFrame, variable: str) -> list[Estimate]:
    """The proportion at each level per arm, then one standardised difference over all levels."""
    column = frame[variable]
    blank = column.isna() | (column.astype(str) == "")
    levels = [str(level) for level in column.cat.categories] if isinstance(column.dtype, pd.CategoricalDtype) else sorted(set(column[~blank].astype(str)))
    levels = [level for level in levels if level]
    indicators = pd.DataFrame({level: (column.astype(str) == level).astype(float).mask(blank) for level in levels}, index=frame.index)
    inside = {arm: (frame["arm"] == arm).to_numpy() if arm else np.ones(len(frame), dtype=bool) for arm in arm_names(frame)}
    rows = [share(indicators[level][members], arm, f"{variable}={level}") for level in levels for arm, members in inside.items()]
    if not levels:
        rows = [share(pd.Series(np.nan, index=frame.index[members]), arm, variable) for arm, members in inside.items()]
    return rows + distances(frame, variable, indicators[levels].to_numpy(dtype=np.float64)[:, 1:], DISTANCE_OF_LEVELS, multinomial=True)


def share(values: pd.Series[float], arm: str, term: str) -> Estimate:
    """The proportion of ones among the known."""
    known = values.dropna()
    n, events = len(known), int((known == 1).sum())
    row = Estimate(measure="proportion", method="Proportion of those with a value", scale="absolute", arm=arm, term=term,
                   n=n, observed=n, events=events, missing=len(values) - n)
    if not n:
        return replace(row, witness="none", note="no value known")
    again = float(np.count_nonzero(known.to_numpy() == 1) / n)
    return replace(row, estimate=float((known == 1).mean()), witness=f"{library('numpy')}: estimate", agreement=agreement((float((known == 1).mean()), again)))


def distances(frame: pd.DataFrame, variable: str, columns: Array, method: str, *, multinomial: bool) -> list[Estimate]:
    """The standardised difference of each arm from the reference; `columns` are the values or the indicators of all levels but one."""
    names = arm_names(frame)
    rows = []
    for arm in names[1:]:
        one, reference = (columns[(frame["arm"] == name).to_numpy()] for name in (arm, names[0]))
        total = len(one) + len(reference)
        one, reference = (group[~np.isnan(group).any(axis=1)] for group in (one, reference))
        n = len(one) + len(reference)
        row = Estimate(measure="smd", method=method, scale="difference", contrast=f"{arm} - {names[0]}", term=variable, n=n, observed=n, missing=total - n)
        if min(len(one), len(reference)) < 2 or not columns.shape[1]:
            rows.append(replace(row, witness="none", note="too few values"))
            continue
        value, again = distance(one, reference, multinomial=multinomial), distance_again(one, reference, multinomial=multinomial)
        if value is None or again is None:
            rows.append(replace(row, witness="none", note="no variation in either arm"))
            continue
        rows.append(replace(row, estimate=value, witness="explicit sums: estimate", agreement=agreement((value, again), se=1.0)))
    return rows


def distance(one: Array, reference: Array, *, multinomial: bool) -> float | None:
    """Signed for one column; the Mahalanobis distance for several, over the levels that occur."""
    ddof = 0 if multinomial else 1
    gap = one.mean(axis=0) - reference.mean(axis=0)
    spread = np.atleast_2d(np.cov(one, rowvar=False, ddof=ddof) + np.cov(reference, rowvar=False, ddof=ddof)) / 2
    if gap.shape[0] == 1:
        return float(gap[0] / math.sqrt(spread[0, 0])) if spread[0, 0] > 0 else None
    if not spread.any():
        return None
    return math.sqrt(max(float(gap @ np.linalg.pinv(spread, hermitian=True) @ gap), 0.0))


def distance_again(one: Array, reference: Array, *, multinomial: bool) -> float | None:
    """The same from explicit sums, the inverse replaced by least squares."""
    width = one.shape[1]
    means = [[math.fsum(group[:, j]) / len(group) for j in range(width)] for group in (one, reference)]
    spread = np.zeros((width, width))
    for group, mean in zip((one, reference), means, strict=True):
        divisor = len(group) if multinomial else len(group) - 1
        for j in range(width):
            for k in range(width):
                spread[j, k] += math.fsum((group[:, j] - mean[j]) * (group[:, k] - mean[k])) / divisor / 2
    gap = np.array(means[0]) - np.array(means[1])
    if not spread.any():
        return None
    if width == 1:
        return float(gap[0]) / math.sqrt(spread[0, 0])
    return math.sqrt(max(float(gap @ np.linalg.lstsq(spread, gap, rcond=1e-12)[0]), 0.0))


SUMMARIES: dict[str, Callable[[pd.DataFrame, str], list[Estimate]]] = {"continuous": continuous, "binary": binary, "categorical": categorical}
