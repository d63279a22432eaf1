"""Gray's score for the subdistribution hazard and its variance.

In each arm g, with Y people at risk, S survival from any event and F the incidence of the cause, the risk set is R = Y (1 - F(t-)) / S(t-).
Under the hypothesis all arms share one incidence, which is estimated from r = Y / S(t-) summed over the arms. The score of an arm is
observed minus expected events under the weights R; its variance comes from the martingales of both kinds of events in every arm
(Gray 1988, sections 2 and 3), here with the correction for ties of sampling without replacement.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators._frame import counted, has_outcome, of_arms, strata
from pacer_analysis.estimators._nonparametric.followed import followed
from pacer_analysis.estimators._normal import chi_square
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from pacer_analysis.estimators._nonparametric.followed import Array, Followed

    Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Score:
    """Observed minus expected events of each arm, and their covariance."""

    gap: Array
    covariance: Array


def rows(frame: pd.DataFrame, causes: dict[int, str], *, stratified: bool) -> list[Estimate]:
    """The test of each cause."""
    stratum = strata(frame, stratified=stratified)
    known = has_outcome(frame)
    people = frame[known]
    arms = tuple(str(name) for name in frame["arm"].cat.categories)
    for arm in arms:
        if not len(of_arms(people, arm)):
            raise NotEstimable(f"no one followed in arm {arm}")
    those = followed(people)
    if those.entry is not None:
        raise PlanError("Gray's test takes no delayed entry", do="use logrank or cox for the causes, or analyse from day 0")
    if not (those.status > 0).any():
        raise NotEstimable("no events")
    arm_of = people["arm"].cat.codes.to_numpy().astype(np.intp)
    groups = np.zeros(len(people), dtype=np.intp) if stratum is None else np.unique(stratum[known], return_inverse=True)[1].astype(np.intp)
    return [_row(frame, those, arm_of, groups, code, term, arms, stratified=stratified) for code, term in causes.items()]


def _row(frame: pd.DataFrame, those: Followed, arm_of: Index, groups: Index, code: int, term: str, arms: tuple[str, ...], *, stratified: bool) -> Estimate:
    method = f"Gray's test{', scores summed over the strata of the design' if stratified else ''}; other causes compete"
    contrast = f"{arms[1]} - {arms[0]}" if len(arms) == 2 else ""
    row = counted(Estimate(measure="chisq", scale="test", term=term, contrast=contrast, method=method, witness="none"), frame, cause=code)
    if not (those.status == code).any():
        return replace(row, note="no events of this kind")
    parts = [score(those.time[groups == k], those.status[groups == k], arm_of[groups == k], len(arms), code) for k in range(int(groups.max()) + 1)]
    gap, covariance = np.sum([part.gap for part in parts], axis=0)[1:], np.sum([part.covariance for part in parts], axis=0)[1:, 1:]
    df = len(arms) - 1
    if np.linalg.matrix_rank(covariance, tol=1e-9) < df:
        return replace(row, note="the arms are never at risk together when such events happen")
    statistic = float(gap @ np.linalg.solve(covariance, gap))
    return replace(row, statistic=statistic, df=float(df), p=chi_square(statistic, df), sides=2)


def score(time: Array, status: NDArray[np.int64], arm_of: Index, arms: int, cause: int) -> Score:
    """The score of the cause within one stratum."""
    days = np.unique(time[status > 0])
    if not len(days):
        return Score(np.zeros(arms), np.zeros((arms, arms)))
    at_risk, own, other = (np.empty((len(days), arms)) for _ in range(3))
    for k in range(arms):
        inside = arm_of == k
        at_risk[:, k] = inside.sum() - np.searchsorted(np.sort(time[inside]), days, side="left")
        for counts, chosen in ((own, status == cause), (other, (status > 0) & (status != cause))):
            events = np.sort(time[inside & chosen])
            counts[:, k] = np.searchsorted(events, days, side="right") - np.searchsorted(events, days, side="left")
    there = at_risk > 0
    y = np.where(there, at_risk, 1.0)
    after: Array = np.asarray(np.cumprod(1 - (own + other) / y, axis=0), dtype=np.float64)  # where no one is left, nothing changes any more
    before: Array = np.asarray(np.vstack([np.ones(arms), after[:-1]]), dtype=np.float64)
    incidence = np.cumsum(before * own / y, axis=0)
    incidence_before = np.vstack([np.zeros(arms), incidence[:-1]])
    r = np.where(there, at_risk / np.where(there, before, 1.0), 0.0)
    total, events = r.sum(axis=1), own.sum(axis=1)
    weighted = r * (1 - incidence_before)
    gap = (own - weighted * (events / weighted.sum(axis=1))[:, None]).sum(axis=0)
    return Score(gap, _covariance(at_risk, other, before, after, r, total, events))


def _covariance(at_risk: Array, other: Array, before: Array, after: Array, r: Array, total: Array, events: Array) -> Array:
    """The covariance of the scores: each arm's two martingales, weighted by how they move every arm's score at once and through what follows."""
    common = np.cumsum(events / total)  # incidence that all arms share
    common_before = np.concatenate([[0.0], common[:-1]])
    arms = r.shape[1]
    at_once = -r[:, :, None] * r[:, None, :] / total[:, None, None]
    at_once[:, range(arms), range(arms)] += r
    pooled = np.divide(events, total * (1 - common_before), out=np.zeros(len(events)), where=common_before < 1)
    through = np.cumsum(at_once * pooled[:, None, None], axis=0)
    later = through[-1] - through  # what is still to come, by score and arm
    there = at_risk > 0
    y = np.where(there, at_risk, 1.0)
    left = np.divide((1 - common)[:, None], after, out=np.zeros_like(after), where=after > 0)
    scaled = total[:, None] * before
    ties = np.where(events[:, None] > 1, 1 - (events[:, None] - 1) / np.where(scaled > 1, scaled - 1, np.inf), 1.0)
    spread_own = np.where(there, ties * before * events[:, None] / (total[:, None] * y), 0.0)
    ties = np.where(other > 1, 1 - (other - 1) / np.where(y > 1, y - 1, np.inf), 1.0)
    spread_other = np.where(after > 0, ties * before**2 * other / y**2, 0.0)
    weight_own = at_once + (1 - left)[:, None, :] * later
    weight_other = left[:, None, :] * later
    return np.asarray(np.einsum("tik,tjk,tk->ij", weight_own, weight_own, spread_own) + np.einsum("tik,tjk,tk->ij", weight_other, weight_other, spread_other))
