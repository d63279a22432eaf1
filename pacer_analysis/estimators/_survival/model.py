"""An analysis frame as the rows of a Cox model: who is analysed, over which intervals, in which strata and clusters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators._design_matrix import Design, design, refuse_collinear
from pacer_analysis.estimators._frame import compared_arms, has_outcome, join_notes, strata
from pacer_analysis.estimators._survival import partial_likelihood
from pacer_analysis.estimators._survival.risk_sets import Array, Flags, Index, Ties

if TYPE_CHECKING:
    from pacer_analysis.results import Estimate

NUMBERS = ("time", "status", "entry", "weight", "offset")


@dataclass(frozen=True, slots=True)
class Rows:
    """The analysed intervals of a frame and the columns of the model; `entry`, `weight` and `offset` only where the frame has them."""

    frame: pd.DataFrame
    analysed: pd.Series[bool]
    design: Design
    time: Array
    event: Flags
    strata: Index | None
    ids: Index
    clusters: Index
    clustered: bool
    entry: Array | None
    weight: Array | None
    offset: Array | None
    ties: Ties
    cause: int
    recurrent: bool
    note: str
    words: tuple[str, ...]

    @property
    def plain(self) -> bool:
        """One row per person from day 0 on, unweighted, Efron's ties: what other libraries compute too."""
        return self.entry is None and self.weight is None and self.offset is None and self.ties == "efron"

    @property
    def whole_weights(self) -> bool:
        """No weight but whole numbers, which stand for as many like persons."""
        return self.weight is None or bool((self.weight == np.round(self.weight)).all())


def rows_of(frame: pd.DataFrame, covariates: tuple[str, ...], *, stratified: bool, ties: Ties = "efron", recurrent: bool = False, cause: int = 1) -> Rows:
    """The rows of a model; refuses an arm without events, collinear columns, and rows of one person that overlap.

    A frame without `arm` is a model of covariates.
    """
    frame = with_plain_numbers(frame, covariates)
    arms = compared_arms(frame) if "arm" in frame or not covariates else ()
    known, note = analysed_rows(frame)
    columns = design(frame, covariates, known)
    people = frame[known]
    event = (people["status"] == cause).to_numpy(dtype=bool)
    for arm in arms:
        if not event[(people["arm"] == arm).to_numpy()].any():
            raise NotEstimable(f"no events in arm {arm}")
    if not event.any():
        raise NotEstimable("no events")
    ids = codes_of(people["id"]) if "id" in people else np.arange(len(people))
    entry = people["entry"].to_numpy(dtype=float) if "entry" in people else None
    _refuse_overlaps(ids, entry, people["time"].to_numpy(dtype=float))
    if not recurrent and np.bincount(ids[event]).max() > 1:
        raise NotEstimable("participants with more than one event", do="`recurrent: true` (Andersen-Gill), or keep the first event of each")
    stratum = strata(frame, stratified=stratified)
    groups = None if stratum is None else codes_of(stratum[known])
    refuse_collinear(columns.matrix, columns.names, groups)
    clustered = "cluster" in frame
    weight = people["weight"].to_numpy(dtype=float) if "weight" in people else None
    words = [f"{'Andersen-Gill' if recurrent else 'Cox'} on {', '.join((*(('arm',) if arms else ()), *covariates))}", "Efron ties" if ties == "efron" else "Breslow ties"]
    words += ["intervals open at entry (delayed entry or several rows per person)"] if entry is not None else []
    words += ["stratified by the strata of the design"] if stratified else []
    words += ["case weights"] if weight is not None else []
    words += ["offset"] if "offset" in people else []
    return Rows(frame=frame, analysed=known, design=columns, time=people["time"].to_numpy(dtype=float), event=event, strata=groups, ids=ids,
                clusters=_clusters(people) if clustered else ids, clustered=clustered, entry=entry, weight=weight,
                offset=people["offset"].to_numpy(dtype=float) if "offset" in people else None, ties=ties, cause=cause, recurrent=recurrent,
                note=join_notes(columns.imputed, note), words=tuple(words))


def fitted(rows: Rows, columns: slice = slice(None)) -> partial_likelihood.Fit:
    """The fit of these columns of the model."""
    return partial_likelihood.maximise(rows.time, rows.event, rows.design.matrix[:, columns], rows.design.names[columns], rows.strata, entry=rows.entry,
                                       weight=rows.weight, offset=rows.offset, ties=rows.ties)


def with_plain_numbers(frame: pd.DataFrame, covariates: tuple[str, ...]) -> pd.DataFrame:
    """The frame with nullable and Arrow numbers and booleans as floating point, blanks as NaN."""
    converted = {name: frame[name].astype("boolean" if pd.api.types.is_bool_dtype(frame[name]) else "Float64").to_numpy(dtype=float, na_value=np.nan)
                 for name in dict.fromkeys((*NUMBERS, *covariates))
                 if name in frame and pd.api.types.is_extension_array_dtype(frame[name].dtype)
                 and (pd.api.types.is_numeric_dtype(frame[name]) or pd.api.types.is_bool_dtype(frame[name]))}
    plain = frame.assign(**converted)
    plain.attrs = frame.attrs
    return plain


def counted_people(estimate: Estimate, frame: pd.DataFrame, analysed: pd.Series[bool], *arms: str, cause: int = 1) -> Estimate:
    """The estimate with its denominators, people counted once however many rows they have; of these arms when any are named."""
    inside = frame["arm"].isin(arms) if arms else pd.Series(True, index=frame.index)  # everybody
    people = (frame["id"] if "id" in frame else pd.Series(np.arange(len(frame)), index=frame.index)).astype(str)
    n = int(people[inside & analysed].nunique())
    events = int((frame.loc[inside & analysed, "status"] == cause).sum())
    return replace(estimate, n=n, observed=n, events=events, missing=int(people[inside].nunique()) - n)


def analysed_rows(frame: pd.DataFrame) -> tuple[pd.Series[bool], str]:
    """Who has time, status and what else the frame gives; how many rows end before they begin or weigh nothing."""
    known = has_outcome(frame)
    for name in ("entry", "weight", "offset"):
        if name in frame:
            known &= frame[name].notna()
    notes = []
    if "weight" in frame:
        if (frame.loc[known, "weight"] < 0).any():
            raise NotEstimable("negative weights")
        empty = known & (frame["weight"] == 0)
        notes.append(f"{int(empty.sum())} rows of weight 0 left out" if empty.any() else "")
        known &= ~empty
    if "entry" in frame:
        backwards = known & ~(frame["entry"] < frame["time"])
        notes.append(f"{int(backwards.sum())} rows that end at or before their entry left out" if backwards.any() else "")
        known &= ~backwards
    if not np.isfinite(frame.loc[known, "time"].to_numpy(dtype=float)).all():
        raise NotEstimable("an infinite time of follow-up")
    return known, join_notes(*notes)


def codes_of(values: pd.Series) -> Index:
    """Whole numbers from 0 for the different values, in the order of their text."""
    return np.asarray(pd.factorize(values.astype(str), sort=True)[0], dtype=np.intp)


def _clusters(people: pd.DataFrame) -> Index:
    """Codes of the clusters; who has none is a cluster alone."""
    blank = people["cluster"].isna() | (people["cluster"].astype(str) == "")
    alone = "alone " + (people["id"].astype(str) if "id" in people else pd.Series(np.arange(len(people)).astype(str), index=people.index))
    return codes_of(("in " + people["cluster"].astype(str)).mask(blank, alone))


def _refuse_overlaps(ids: Index, entry: Array | None, time: Array) -> None:
    several = len(ids) > 0 and np.bincount(ids).max() > 1
    if several and entry is None:
        raise PlanError("several rows per participant without the day each begins", do="give the frame a column `entry`")
    if several and entry is not None:
        order = np.lexsort((entry, ids))
        if ((ids[order][1:] == ids[order][:-1]) & (entry[order][1:] < time[order][:-1])).any():
            raise NotEstimable("intervals of one participant overlap")


def terms_of(columns: Design, covariates: tuple[str, ...]) -> dict[str, list[int]]:
    """The columns of each term: all arms (blank), each covariate with its levels and its indicator, and `global`; one term alone is not repeated."""
    terms = {"": [place for place, name in enumerate(columns.names) if place < len(columns.arms)]}
    for covariate in covariates:
        terms[covariate] = [place for place, name in enumerate(columns.names) if place >= len(columns.arms)
                            and (name in {covariate, f"{covariate} unknown"} or name.startswith(f"{covariate}="))]
    terms = {term: places for term, places in terms.items() if places}
    return {**terms, "global": list(range(len(columns.names)))} if len(terms) > 1 else terms
