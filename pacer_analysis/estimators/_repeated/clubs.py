"""Clubs in one arm: variance between clubs times K / (K - 1), the others one by one, Satterthwaite's degrees of freedom.

Totals of clubs stand along the last axis, so that thousands of simulated trials are done at once by the same lines.
An arm's proportion is the ratio p = Y / M of its events to its people. Its variance has up to two parts: clubs, K / (K - 1) times the sum over K
clubs of (Y_k - p m_k)^2 / M^2, with K - 1 degrees of freedom; and people of no club, the sum of (y - p)^2 / M^2, with S - 1 (in an arm without clubs
p (1 - p) / M: the binomial variance).

Satterthwaite's degrees of freedom, (v + w)^2 / (v^2 / k + s) for a part v of clubs with k and the rest w, depend on w / v and its square. Put in as
they are estimated they come out too large, most so where v is small by chance and the interval short already. For v distributed as chi-square / k,
w / v times (k - 2) / k and its square times (k - 2) (k - 4) / k^2 are unbiased; below 0 they count as 0. That is the corrected form.
Source: Cochran, Sampling Techniques, 1977, chapter 6 (ratio of totals); Roberts and Roberts, Clinical Trials 2005;2:152-62 and Baldwin et al.,
Psychological Methods 2011;16:149-65 (clusters in one arm); Satterthwaite, Biometrics 1946;2:110-4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a variance, its degrees of freedom, and whether it is that between clubs."""

    variance: Array
    df: Array
    clubs: bool


@dataclass(frozen=True, slots=True)
class Arm:
    """Proportion of an arm and the parts of its variance."""

    proportion: Array
    parts: tuple[Part, ...]


def arm(club_events: Array, club_people: Array, events: Array | float = 0.0, people: Array | float = 0.0) -> Arm:
    """Of the totals per club (..., K), and of those in no club (...); a club without people counts as none."""
    total = club_people.sum(axis=-1) + people
    proportion = (club_events.sum(axis=-1) + events) / total
    alone = (events * (1 - proportion) ** 2 + (people - events) * proportion**2) / total**2
    parts = [Part(np.asarray(alone), np.asarray(people) - 1.0, clubs=False)]
    if club_people.shape[-1]:
        clubs = (club_people > 0).sum(axis=-1)
        between = ((club_events - proportion[..., None] * club_people) ** 2).sum(axis=-1) / total**2
        parts.append(Part(np.asarray(between * clubs / np.maximum(clubs - 1, 1)), clubs - 1.0, clubs=True))
    return Arm(np.asarray(proportion), tuple(parts))


def combined(parts: Sequence[Part], *, corrected: bool) -> tuple[Array, Array]:
    """Standard error and degrees of freedom of a sum of independent variances; the correction is for one part of clubs."""
    variance = np.asarray(sum(part.variance for part in parts))
    clubs = [part for part in parts if part.clubs]
    with np.errstate(invalid="ignore", divide="ignore"):
        df = variance**2 / sum(_of_square(part) for part in parts)
        if corrected and len(clubs) == 1:
            v, k = clubs[0].variance, clubs[0].df
            once, twice = np.maximum(k - 2, 0) / k, np.maximum(k - 2, 0) * np.maximum(k - 4, 0) / k**2
            rest, squares = sum(part.variance for part in parts if not part.clubs), sum(_of_square(part) for part in parts if not part.clubs)
            ratio = rest / v
            df = np.where(v > 0, (1 + 2 * ratio * once + ratio**2 * twice) / (1 / k + squares / v**2 * twice), df)
    return np.sqrt(variance), np.asarray(df)


def _of_square(part: Part) -> Array:
    return np.asarray(part.variance**2 / np.maximum(part.df, 1.0))


def difference(one: Arm, zero: Arm, *, corrected: bool) -> tuple[Array, Array, Array]:
    """Risk difference, its standard error and degrees of freedom."""
    return one.proportion - zero.proportion, *combined((*one.parts, *zero.parts), corrected=corrected)


def parts_of(influence: Array, unit: Index, club: NDArray[np.bool_], arm_of: Index) -> list[Part]:
    """The same parts of any estimate's variance from what each row adds to it: unit of each row, and per unit whether it is a club and its arm."""
    totals = np.bincount(unit, weights=influence, minlength=len(club))
    parts = []
    for place in range(int(arm_of.max()) + 1):
        for kind in (True, False):
            inside = (arm_of == place) & (club == kind)
            count = int(inside.sum())
            if count:
                parts.append(Part(np.asarray((count / max(count - 1, 1) if kind else 1.0) * (totals[inside] ** 2).sum()), np.asarray(count - 1.0), clubs=kind))
    return parts


def one_by_one(influence: Array, unit: Index, club: NDArray[np.bool_], arm_of: Index, *, corrected: bool) -> tuple[float, float]:
    """The second way to standard error and degrees of freedom: a walk from unit to unit, and plain sums."""
    sums: dict[tuple[int, bool], list[float]] = {}
    order = np.argsort(unit, kind="stable")
    cuts = np.searchsorted(unit[order], np.arange(len(club) + 1))
    for place in range(len(club)):
        sums.setdefault((int(arm_of[place]), bool(club[place])), []).append(float(influence[order[cuts[place]:cuts[place + 1]]].sum()))
    clubs: list[tuple[float, int]] = []
    others: list[tuple[float, int]] = []
    for (_, kind), found in sums.items():
        k, total = len(found) - 1, math.fsum(value * value for value in found)
        (clubs if kind else others).append((total * (k + 1) / max(k, 1) if kind else total, max(k, 1)))
    variance = math.fsum(v for v, _ in (*clubs, *others))
    if not corrected or len(clubs) != 1 or not clubs[0][0]:
        return math.sqrt(variance), variance**2 / math.fsum(v * v / k for v, k in (*clubs, *others)) if variance else math.nan
    (v, k), a, b = clubs[0], max(clubs[0][1] - 2, 0), max(clubs[0][1] - 4, 0)
    w, s = math.fsum(x for x, _ in others), math.fsum(x * x / n for x, n in others)
    return math.sqrt(variance), (v * v + 2 * v * w * a / k + w * w * a * b / k**2) / (v * v / k + s * a * b / k**2)
