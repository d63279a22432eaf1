"""One variable's levels: the wrapped estimator within each, then interaction or heterogeneity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators._binary import interaction
from pacer_analysis.estimators._frame import arm_names, has_outcome, join_notes
from pacer_analysis.estimators._normal import chi_square
from pacer_analysis.estimators._witness import agreement, library
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 10  # levels of a variable; more is a number, not a group


@dataclass(frozen=True, slots=True)
class Wrapped:
    """The estimator to call, its options, the measure wanted (blank: its first contrast), and the fewest people an arm of a level may have."""

    name: str
    function: Callable[..., list[Estimate]]
    options: dict[str, Any]
    measure: str
    smallest: int
    level: float


def of_variable(frame: pd.DataFrame, variable: str, wrapped: Wrapped) -> list[Estimate]:
    """A row per level and contrast, then the test."""
    names = level_names(frame, variable)
    group = names.where(has_outcome(frame))
    arms = arm_names(frame)
    unknown = int((names.isna() & has_outcome(frame)).sum())
    inner = {name: value for name, value in wrapped.options.items() if name != "covariates"}
    covariates = tuple(name for name in wrapped.options.get("covariates", ()) if name != variable)
    inner |= {"covariates": covariates} if covariates else {}
    inner |= {} if "level" in inner else {"level": wrapped.level}
    found: list[tuple[str, list[Estimate]]] = []
    small: list[str] = []
    for name in sorted(set(names.dropna())) if not isinstance(frame[variable].dtype, pd.CategoricalDtype) else [str(n) for n in frame[variable].cat.categories if (names == str(n)).any()]:
        if min(int(((frame["arm"] == arm) & (group == name)).sum()) for arm in arms) < wrapped.smallest:
            small.append(name)
            found.append((name, []))
            continue
        try:
            members = frame[names == name]
            # Within one stratum there is nothing left to adjust for.
            one = inner.get("stratified") and "stratum" in members and members["stratum"].nunique() < 2
            found.append((name, _contrasts(wrapped.function(members, **(inner | {"stratified": False} if one else inner)), wrapped)))
        except NotEstimable as reason:
            found.append((name, [Estimate(note=reason.what)]))
    first = next((row for _, rows in found for row in rows if row.measure), None)
    blank = Estimate(measure=first.measure if first else wrapped.measure or wrapped.name, scale=first.scale if first else "difference",
                     method=first.method if first else f"{wrapped.name} within a level", witness="none")
    rows = []
    for name, level_rows in found:
        said = f"fewer than {wrapped.smallest} analysed in an arm: not estimated" if name in small else ""
        for row in level_rows or [blank]:
            kept = row if row.measure else replace(blank, note=row.note)
            rows.append(replace(kept, subgroup=f"{variable}={name}", statistic=None, df=None, p=None, sides=None, note=join_notes(said, kept.note),
                                method=f"{kept.method}; within {variable}, no test per level"))
            if not level_rows or not row.measure:
                inside = names == name
                rows[-1] = replace(rows[-1], n=int((inside & group.notna()).sum()), observed=int((inside & group.notna()).sum()), missing=int((inside & group.isna()).sum()))
    said = join_notes(f"{unknown} analysed with {variable} unknown left out" if unknown else "", f"levels too small left out: {len(small)}" if small else "")
    estimated = [name for name, level_rows in found if any(row.estimate is not None for row in level_rows)]
    tests = _tests(frame[names.isin(estimated)], variable, names[names.isin(estimated)], wrapped, [rows_ for name, rows_ in found if name in estimated])
    return [*rows, *(replace(test, subgroup=variable, note=join_notes(test.note, said)) for test in tests)]


def level_names(frame: pd.DataFrame, variable: str) -> pd.Series[str]:
    """Each row's level as text, a blank one missing; refuses a variable of many numbers."""
    values = frame[variable]
    names = values.astype(object).where(values.notna(), None)
    names = names.map(lambda value: value if isinstance(value, str) else f"{float(value):g}", na_action="ignore")  # 1 and True are one level
    names = names.where(names != "", None)
    if names.nunique() > MOST:
        raise PlanError(f"{variable} has {names.nunique()} values: not a grouping of participants", allowed=f"at most {MOST}", do="name a variable with few levels")
    if names.nunique() < 2:
        raise NotEstimable(f"{variable} has one value only")
    return names


def _contrasts(rows: Sequence[Estimate], wrapped: Wrapped) -> list[Estimate]:
    contrasts = [row for row in rows if row.contrast and row.scale in {"difference", "ratio"}]
    chosen = wrapped.measure or (contrasts[0].measure if contrasts else "")
    kept = [row for row in contrasts if row.measure == chosen]
    if not kept:
        raise PlanError(f"the estimator `{wrapped.name}` gives no {chosen or 'comparison of arms'}", allowed=", ".join(dict.fromkeys(row.measure for row in contrasts)))
    return kept


def _tests(frame: pd.DataFrame, variable: str, names: pd.Series[str], wrapped: Wrapped, found: list[list[Estimate]]) -> list[Estimate]:
    if len(found) < 2:
        return [Estimate(measure="chisq", scale="test", term="interaction", method=f"Effect by {variable}", witness="none", note="fewer than two levels estimated: no test")]
    sandwich = bool({"cluster", "weight"} & set(frame.columns)) or wrapped.options.get("robust") or wrapped.options.get("recurrent")
    if wrapped.name in {"logistic", "cox"} and not sandwich and wrapped.measure in {"", "or", "hr"}:
        try:
            return [interaction.likelihood_ratio(frame, variable, names, wrapped.name, wrapped.options)]
        except NotEstimable as reason:
            return [Estimate(measure="chisq", scale="test", term="interaction", method=f"Likelihood ratio test of arm x {variable}", witness="none", note=reason.what)]
    contrasts = dict.fromkeys((row.contrast, row.term, row.time) for rows in found for row in rows if row.contrast)
    return [heterogeneity([row for rows in found for row in rows if (row.contrast, row.term, row.time) == key]) for key in contrasts]


def heterogeneity(rows: Sequence[Estimate]) -> Estimate:
    """Cochran's Q over the levels of one contrast, on the log scale for ratios."""
    from statsmodels.regression.linear_model import WLS

    blank = Estimate(measure="chisq", scale="test", term="heterogeneity", contrast=rows[0].contrast, time=rows[0].time, witness="none",
                     method=f"Cochran's Q of the {rows[0].measure} over the levels{', log scale' if rows[0].scale == 'ratio' else ''}",
                     n=sum(row.n or 0 for row in rows), observed=sum(row.observed or 0 for row in rows), missing=sum(row.missing or 0 for row in rows),
                     events=sum(row.events or 0 for row in rows) if all(row.events is not None for row in rows) else None)
    usable = [row for row in rows if row.estimate is not None and row.se]
    if len(usable) < 2:
        return replace(blank, note="fewer than two levels with a standard error: no test")
    values = np.array([row.estimate or 0.0 for row in usable])
    values = np.log(values) if usable[0].scale == "ratio" else values
    variances = np.array([(row.se or 1.0) ** 2 for row in usable])
    weights = 1 / variances
    statistic = float((weights * (values - (weights * values).sum() / weights.sum()) ** 2).sum())
    df = len(usable) - 1
    other = float((WLS(values, np.ones(len(values)), weights=weights).fit().wresid ** 2).sum())
    return replace(blank, statistic=statistic, df=float(df), p=chi_square(statistic, df), sides=2, witness=f"{library('statsmodels')}: statistic, p",
                   agreement=agreement((statistic, other), se=1.0, p=(chi_square(statistic, df), chi_square(other, df))))
