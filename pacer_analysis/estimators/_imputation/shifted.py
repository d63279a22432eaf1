"""Rows of an estimator at a point of the grid: imputed outcomes shifted, or counted out, or hazards multiplied."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._frame import by_visit, counted, of_arms
from pacer_analysis.estimators._imputation import counts, pooled_rows
from pacer_analysis.estimators._imputation.imputed import Imputed, completed
from pacer_analysis.estimators._imputation.tipping import Mapped, Point, chosen, conclusion, labelled
from pacer_analysis.estimators._imputation.wide import blanks
from pacer_analysis.estimators._normal import two_sided
from pacer_analysis.estimators._witness import agreement
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

CRUDE = "risk_difference"
QUICK = ("rd", "rr", "or")


def crude_rows(imputed: Imputed, reference: str, others: tuple[str, ...], shift: dict[str, float]) -> list[list[Estimate]]:
    """Difference and ratios of the arms' proportions in every imputation, from counts alone: what the crude estimator says, without its tests."""
    m = imputed.settings.m
    frames = [completed(imputed, i, shift) for i in range(m)]
    y = np.array([frame["outcome"].to_numpy() for frame in frames])
    arms = imputed.frame["arm"].astype(str).to_numpy()
    found = []
    for visit, day, rows in by_visit(imputed.frame):
        here = np.zeros(len(arms), dtype=bool)
        here[rows.index] = True
        x, n = {}, {}
        for arm in (reference, *others):
            mine = here & (arms == arm)
            known = ~np.isnan(y[:, mine])
            x[arm], n[arm] = np.where(known, y[:, mine], 0.0).sum(axis=1), float(known[0].sum())
        for arm in others:
            found += [_each(measure, arm, reference, visit, day, x, n, of_arms(rows, reference, arm)) for measure in QUICK]
    return found


def _each(measure: str, arm: str, reference: str, visit: str, day: float | None, x: dict[str, Array], n: dict[str, float], rows: pd.DataFrame) -> list[Estimate]:
    ratio = measure != "rd"
    blank = counted(Estimate(measure=measure, scale="ratio" if ratio else "difference", contrast=f"{arm} {'/' if ratio else '-'} {reference}", term=visit, time=day,
                             method=f"{'Risk ratio' if measure == 'rr' else 'Odds ratio' if ratio else 'Risk difference'} from counts, unpooled SE", witness="none"), rows)
    if not n[arm] or not n[reference]:
        return [replace(blank, note="no one with the outcome known")]
    values, ses = counts.wald(x[arm], n[arm], x[reference], n[reference], measure)
    return [replace(blank, n=int(n[arm] + n[reference]), events=int(a + b), estimate=None if math.isnan(v) else math.exp(v) if ratio else float(v), se=None if math.isnan(s) else float(s),
                    note="an empty cell" if math.isnan(v) else "")
            for v, s, a, b in zip(values, ses, x[arm], x[reference], strict=True)]


def with_whole_estimator(row: Estimate, whole: list[Estimate]) -> Estimate:
    """The neutral row of the quick way, its witness now also the pooled rows of the wrapped estimator itself."""
    same = next((other for other in whole if pooled_rows.key(other) == pooled_rows.key(row)), None)
    if same is None or same.estimate is None or row.estimate is None:
        return row
    scale = (lambda v: None if v is None else math.log(v)) if row.scale == "ratio" else (lambda v: v)
    gap = agreement((scale(row.estimate), scale(same.estimate)), (row.se, same.se), (row.df, same.df), se=row.se)
    return replace(row, witness=f"{row.witness}; the wrapped estimator on every completed frame: estimate, se, df", agreement=max(gap, row.agreement or 0.0))


def all_counts(frame: pd.DataFrame, reference: str, others: tuple[str, ...], *, step: int, level: float, null: float, words: str,
               crude: Callable[[pd.DataFrame], list[Estimate]]) -> list[Mapped]:
    """The risk difference for every number of events among the missing of both arms, with the score interval; the corners checked by the estimator itself."""
    mapped = []
    wanted = blanks(frame)
    for visit, day, rows in by_visit(frame):
        missing = wanted[rows.index]
        outcome = rows["outcome"].to_numpy(dtype=float, na_value=np.nan)
        for arm in others:
            both = (rows["arm"] == reference).to_numpy(), (rows["arm"] == arm).to_numpy()
            (x0, k0, n0), (x1, k1, n1) = [((outcome[mine] == 1).sum(), (missing & mine).sum(), (~np.isnan(outcome[mine])).sum() + (missing & mine).sum()) for mine in both]
            if not (n0 - k0) or not (n1 - k1):
                raise NotEstimable(f"no one with the outcome known in arm {arm if n0 - k0 else reference}")
            e0, e1 = (np.unique(np.append(np.arange(0, k + 1, step), k)) for k in (k0, k1))
            grid0, grid1 = (axis.ravel() for axis in np.meshgrid(e0, e1, indexing="ij"))
            a1, a0 = (x1 + grid1).astype(float), (x0 + grid0).astype(float)
            values, ses = counts.wald(a1, float(n1), a0, float(n0), "rd")
            low, high = counts.interval(a1, float(n1), a0, float(n0), level)
            z = counts.score(a1, float(n1), a0, float(n0), np.zeros(len(a1)))
            seen = counts.interval(np.array([float(x1)]), float(n1 - k1), np.array([float(x0)]), float(n0 - k0), level)
            base = conclusion(Estimate(low=float(seen[0][0]), high=float(seen[1][0])), null)
            pair = of_arms(rows, reference, arm)
            blank = counted(Estimate(measure="rd", scale="difference", contrast=f"{arm} - {reference}", time=day, level=level, method=words), pair)
            for g, (lost0, lost1) in enumerate(zip(grid0, grid1, strict=True)):
                at = Point(float(lost0), float(lost1))
                row = replace(blank, estimate=float(values[g]), se=float(ses[g]), low=float(low[g]), high=float(high[g]), statistic=float(z[g]), p=two_sided(float(z[g])), sides=2,
                              n=int(n0 + n1), events=int(a0[g] + a1[g]), term=", ".join(part for part in (visit, labelled("events", reference, arm, at)) if part), witness="none")
                corner = lost0 in (0, k0) and lost1 in (0, k1)
                mapped.append(Mapped(at, _checked(row, pair, reference, int(lost0), int(lost1), crude) if corner else row, base))
    return mapped


def _checked(row: Estimate, rows: pd.DataFrame, reference: str, lost0: int, lost1: int, crude: Callable[[pd.DataFrame], list[Estimate]]) -> Estimate:
    """A corner of the map against the crude estimator on the frame so completed."""
    outcome = rows["outcome"].to_numpy(dtype=float, na_value=np.nan).copy()
    wanted = blanks(rows)
    for mine, events in (((rows["arm"] == reference).to_numpy(), lost0), ((rows["arm"] != reference).to_numpy(), lost1)):
        places = np.flatnonzero(wanted & mine)
        outcome[places] = (np.arange(len(places)) < events).astype(float)
    one_visit = rows.drop(columns=[name for name in ("visit", "time") if name in rows])
    frame = one_visit.assign(outcome=outcome, arm=one_visit["arm"].cat.remove_unused_categories())
    same = next(other for other in crude(frame) if chosen(other, "rd"))
    return replace(row, witness="risk_difference on the completed frame: estimate, se, low, high, p",
                   agreement=agreement((row.estimate, same.estimate), (row.se, same.se), (row.low, same.low), (row.high, same.high), se=row.se, p=(row.p or 0.0, same.p or 0.0)))
