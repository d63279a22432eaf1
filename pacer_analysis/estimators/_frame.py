"""The analysis frame, read the same way by every estimator: arms, visits and denominators.

One row per person of the population (and visit), those without the outcome included. `arm` is categorical with the
reference first; a frame without it is pooled. Binary outcomes: `outcome` 0, 1 or NaN and `observed`. Times: `time`
in days (NaN: unknown) and `status` (0 censored, 1 event, 2 and above competing).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from pacer_analysis.errors import NotEstimable, PlanError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacer_analysis.results import Estimate


def arm_names(frame: pd.DataFrame) -> tuple[str, ...]:
    """The arms in printing order, reference first; one blank name when the frame is pooled."""
    if "arm" not in frame:
        return ("",)
    if frame["arm"].isna().any():
        raise ValueError("the column `arm` of an analysis frame has blanks")
    return tuple(str(name) for name in frame["arm"].cat.categories)


def compared_arms(frame: pd.DataFrame) -> tuple[str, ...]:
    """The arms of a comparison, reference first; refuses a pooled frame, a single arm and an empty arm."""
    names = arm_names(frame)
    if len(names) < 2:
        raise PlanError("a comparison needs at least two arms", do="use an estimator that describes one group, or analyse `by: arms`")
    for name in names:
        if not (frame["arm"] == name).any():
            raise NotEstimable(f"no one in arm {name}")
    return names


def of_arms(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """The rows of these arms; all rows when the frame is pooled."""
    return frame if names == ("",) else frame[frame["arm"].isin(names)]


def by_visit(frame: pd.DataFrame) -> list[tuple[str, float | None, pd.DataFrame]]:
    """Visit, its day and its rows, in the order of the categories, else of appearance; one blank visit without the column."""
    if "visit" not in frame:
        return [("", None, frame)]
    visits = frame["visit"]
    order = list(visits.cat.categories) if isinstance(visits.dtype, pd.CategoricalDtype) else list(dict.fromkeys(visits))
    groups = []
    for visit in order:
        rows = frame[visits == visit]
        day = float(rows["time"].iloc[0]) if "time" in rows and len(rows) and pd.notna(rows["time"].iloc[0]) else None
        groups.append((str(visit), day, rows))
    return groups


def has_outcome(rows: pd.DataFrame) -> pd.Series[bool]:
    """Who is analysed: a known binary outcome, else a known time and status."""
    return rows["outcome"].notna() if "outcome" in rows else rows["time"].notna() & rows["status"].notna()


def counted(estimate: Estimate, rows: pd.DataFrame, *, cause: int = 1) -> Estimate:
    """The estimate with its denominators: analysed, with outcome data, with the event among the analysed, without outcome data."""
    analysed = has_outcome(rows)
    if "outcome" in rows:
        observed = int(rows["observed"].fillna(value=False).astype(bool).sum())
        events = int((rows.loc[analysed, "outcome"] == 1).sum())
    else:
        observed = int(analysed.sum())
        events = int((rows.loc[analysed, "status"] == cause).sum())
    return replace(estimate, n=int(analysed.sum()), observed=observed, events=events, missing=len(rows) - observed)


def cause_names(frame: pd.DataFrame) -> dict[int, str]:
    """Codes of the causes in the data, the event first, each with its term: blank for the event, else its name or its code."""
    known = frame["status"][has_outcome(frame)]
    names = frame.attrs.get("causes", {})
    codes = sorted({1, *(int(code) for code in known[known > 0].unique())})
    return {code: "" if code == 1 else str(names.get(code, code)) for code in codes}


def refuse_competing(frame: pd.DataFrame) -> None:
    """Refuses competing events where the method would have to count them as events or as censored."""
    if (frame["status"][has_outcome(frame)] > 1).any():
        raise NotEstimable("there are competing events: Kaplan-Meier would misstate the risk", do="use cumulative_incidence, or make the outcome a composite")


def strata(frame: pd.DataFrame, *, stratified: bool) -> pd.Series[str] | None:
    """The stratum of each row, or nothing for an unstratified analysis; refuses a stratified one without strata."""
    if not stratified:
        return None
    if "stratum" not in frame:
        raise PlanError("a stratified analysis of participants without strata", do="name `strata` in the plan, or leave `stratified` out")
    if frame["stratum"].isna().any():
        raise NotEstimable("stratum unknown for some participants")
    return frame["stratum"].astype(str)


def choose(option: str, value: str, allowed: Iterable[str]) -> str:
    """The value of an option of the plan; refuses one that the estimator does not know."""
    if value not in allowed:
        raise PlanError(f"unknown {option}: {value}", allowed=", ".join(allowed))
    return value


def join_notes(*notes: str) -> str:
    """The notes that say something, one after the other."""
    return "; ".join(note for note in notes if note)
