"""An analysis frame of several visits as the columns of one model: a mean per visit, arm by visit, baseline covariates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators._design_matrix import design, refuse_collinear
from pacer_analysis.estimators._frame import by_visit, compared_arms, join_notes, strata
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Repeated:
    """The analysed rows and the columns of the model: one per visit, then arm within visit, then covariates with mean 0 and SD 1."""

    frame: pd.DataFrame
    used: Flags                     # of the frame's rows
    y: Array
    x: Array
    names: tuple[str, ...]
    visits: tuple[tuple[str, float | None], ...]
    arms: tuple[str, ...]
    visit: Index
    arm: Index
    person: Index
    cluster: Index
    weight: Array | None
    left_out: dict[tuple[str, float | None], str]
    note: str

    def effect(self, visit: int, arm: int) -> int:
        """The column of an arm (1 and above) at a visit."""
        return len(self.visits) + visit * (len(self.arms) - 1) + arm - 1


def rows_of(frame: pd.DataFrame, covariates: tuple[str, ...], *, stratified: bool, weighted: bool, impossible: Callable[[Array], str]) -> Repeated:
    """The rows of a model of every visit that can be estimated; `impossible` says what is wrong with the outcomes of one arm at one visit.

    Refuses a person with two rows at a visit, covariates that change between the visits, and collinear columns.
    """
    arms = compared_arms(frame)
    strata(frame, stratified=stratified)
    frame = frame.reset_index(drop=True)
    outcome = plain(frame["outcome"])
    weight = plain(frame["weight"]) if weighted and "weight" in frame else None
    known, note = ~np.isnan(outcome), ""
    if weight is not None:
        if (weight[known] < 0).any():
            raise NotEstimable("negative weights")
        unweighted = known & ~(weight > 0)
        note = f"{int(unweighted.sum())} rows without a weight above 0 left out" if unweighted.any() else ""
        known &= ~unweighted
    arm = np.asarray(frame["arm"].cat.codes, dtype=np.intp)
    person = codes(frame["id"])
    kept: list[tuple[str, float | None]] = []
    left_out: dict[tuple[str, float | None], str] = {}
    visit = np.full(len(frame), -1, dtype=np.intp)
    for name, day, rows in by_visit(frame):
        places = rows.index.to_numpy()
        if len(np.unique(person[places])) < len(places):
            raise NotEstimable(f"several rows of one participant{f' at visit {name}' if name else ''}")
        reasons = [_reason(outcome[places][known[places] & (arm[places] == place)], label, impossible) for place, label in enumerate(arms)]
        if any(reasons):
            left_out[name, day] = next(reason for reason in reasons if reason)
        else:
            visit[places] = len(kept)
            kept.append((name, day))
    if not kept:
        several = len(left_out) > 1
        raise NotEstimable("; ".join(f"{name}: {reason}" if several else reason for (name, _), reason in left_out.items()))
    used = known & (visit >= 0)
    others, other_names, imputed = _covariates(frame, (*covariates, "stratum") if stratified else covariates, used)
    visit, arm, person = visit[used], arm[used], person[used]
    at_visit = (visit[:, None] == np.arange(len(kept))).astype(float)
    effects = [at_visit[:, v] * (arm == a) for v in range(len(kept)) for a in range(1, len(arms))]
    names = (*(f"visit {name}" for name, _ in kept), *(f"{label} at {name}" if name else label for name, _ in kept for label in arms[1:]), *other_names)
    x = np.column_stack([at_visit, *effects, others])
    refuse_collinear(x[:, 1:], names[1:])  # the columns of the visits add up to the constant
    return Repeated(frame=frame, used=used, y=outcome[used], x=x, names=names, visits=tuple(kept), arms=arms, visit=visit, arm=arm, person=codes(pd.Series(person)),
                    cluster=_clusters(frame[used]), weight=None if weight is None else weight[used], left_out=left_out, note=join_notes(imputed, note))


def plain(values: pd.Series) -> Array:
    """Numbers, booleans, nullable and Arrow columns as floating point, blanks as NaN."""
    return np.asarray(values.astype(object).where(values.notna(), np.nan), dtype=np.float64)


def codes(values: pd.Series) -> Index:
    """0, 1, 2 ... per value, in the order of the values."""
    return np.asarray(pd.factorize(values, sort=True)[0], dtype=np.intp)


def named_clusters(people: pd.DataFrame) -> pd.Series[str]:
    """The cluster of each row as text, blank for who has none."""
    if "cluster" not in people:
        return pd.Series("", index=people.index)
    return people["cluster"].astype(object).where(people["cluster"].notna(), "").astype(str)


def _clusters(people: pd.DataFrame) -> Index:
    """The rows of a person are a cluster; those of everyone in the same `cluster` are, where the frame has it."""
    named = named_clusters(people)
    return codes(("in " + named).mask(named == "", "alone " + people["id"].astype(str)))


def _reason(outcomes: Array, arm: str, impossible: Callable[[Array], str]) -> str:
    if not len(outcomes):
        return f"no one with the outcome known in arm {arm}"
    found = impossible(outcomes)
    return f"{found} in arm {arm}" if found else ""


def _covariates(frame: pd.DataFrame, covariates: tuple[str, ...], used: Flags) -> tuple[Array, tuple[str, ...], str]:
    """Baseline covariates of the used rows with mean 0 and SD 1, imputed over people (not over rows)."""
    if not covariates:
        return np.empty((int(used.sum()), 0)), (), ""
    for name in covariates:
        if name not in frame:
            raise PlanError(f"no such covariate: {name}")
        if frame.groupby(["id", name], observed=True, dropna=False).ngroups > frame["id"].nunique():
            raise NotEstimable(f"covariate {name} changes between the rows of a participant", do="adjust for its value at baseline")
    people = frame.drop_duplicates("id")
    columns = design(people, covariates, pd.Series(True, index=people.index))
    place = pd.Series(np.arange(len(people)), index=people["id"]).reindex(frame.loc[used, "id"]).to_numpy()
    matrix, names = columns.matrix[:, len(columns.arms):][place], columns.names[len(columns.arms):]
    spread = matrix.std(axis=0)
    if (spread == 0).any():
        raise NotEstimable(f"collinear: {', '.join(name for name, size in zip(names, spread, strict=True) if size == 0)}")
    return (matrix - matrix.mean(axis=0)) / spread, names, columns.imputed


def counted(estimate: Estimate, rows: Repeated, *arms: str, visit: str | None = None) -> Estimate:
    """The estimate with its denominators: rows of these arms at a visit, or people over all visits."""
    inside = np.ones(len(rows.frame), dtype=bool)
    if arms:
        inside &= rows.frame["arm"].isin(arms).to_numpy()
    if visit is not None:
        if visit:
            inside &= (rows.frame["visit"].astype(str) == visit).to_numpy()
        observed = int((rows.frame["observed"].astype("boolean").fillna(value=False).to_numpy(dtype=bool) & inside).sum())
        events = int((rows.y[inside[rows.used]] == 1).sum())
        return replace(estimate, n=int((inside & rows.used).sum()), observed=observed, events=events, missing=int(inside.sum()) - observed)
    n = rows.frame.loc[inside & rows.used, "id"].nunique()
    return replace(estimate, n=n, observed=n, missing=rows.frame.loc[inside, "id"].nunique() - n)
