"""An analysis frame as one row per person: what is imputed, what helps, and the way back.

People stand in the order of their ids, so that neither the order of rows nor the names of the arms change what is drawn for whom.
A column that differs between the visits of a person becomes one variable per visit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators._imputation.variables import Variable, as_numbers, is_blank, variable

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Wide:
    """People by id, their group, the variables, and where the blanks of the frame are."""

    person: Index                         # of each row of the frame
    visit: Index
    visits: tuple[str, ...]
    groups: tuple[tuple[str, Index], ...]  # arm and its people; in the order of the first person
    variables: tuple[Variable, ...]
    target: str                           # the column imputed: outcome, value, or blank when covariates alone are
    covariates: tuple[str, ...]
    wanted: NDArray[np.bool_]             # rows of the frame whose outcome is to be imputed
    unlearnt: tuple[str, ...]             # visits' outcomes known for no one in some arm: left blank


def widen(frame: pd.DataFrame, *, auxiliary: tuple[str, ...], covariates: tuple[str, ...], models: Mapping[str, str], log10: bool, target: str) -> Wide:
    """The frame's people. `target` is the column of the outcome that is imputed; `auxiliary` and `covariates` help and are imputed too."""
    ids, place_of = np.unique(frame["id"].astype(str).to_numpy(dtype=object), return_inverse=True)
    person: Index = place_of.astype(np.intp)
    if "visit" in frame:
        column = frame["visit"]
        visits = [str(v) for v in (column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else dict.fromkeys(column)) if (column == v).any()]
        visit: Index = column.astype(str).map({name: place for place, name in enumerate(visits)}).to_numpy(dtype=np.intp).astype(np.intp)
    else:
        visits, visit = [""], np.zeros(len(frame), dtype=np.intp)
    if len(np.unique(person * len(visits) + visit)) < len(frame):
        raise PlanError("imputation needs one row per person, or per person and visit", do="use an endpoint with one value per person and visit")
    shape = (len(ids), len(visits))
    variables = []
    if "stratum" in frame:
        stratum: pd.Series[Any] = frame["stratum"].astype(object).fillna("none").astype(str)
        variables += [variable(label, values, {}) for label, values in _columns(stratum, "stratum", person, visit, visits, shape, differs=False)]
    if "time" in frame and "status" in frame and not target:
        variables += _survival(frame, person, len(ids))
    for name in dict.fromkeys((*auxiliary, *covariates)):
        if name not in frame:
            raise PlanError(f"no such variable: {name}", where="option `auxiliary`" if name in auxiliary else "option `covariates`")
        if name in {target, "outcome"} or (name == "stratum" and "stratum" in frame):
            continue
        parts = _columns(frame[name], name, person, visit, visits, shape, differs=name in auxiliary)
        variables += [variable(label, values, models, column=name) for label, values in parts]
    wanted = np.zeros(len(frame), dtype=bool)
    groups = _groups(frame, person, len(ids))
    unlearnt = []
    if target:
        wanted = blanks(frame)
        # ASSUME: a value that is blank where the outcome is known without it, or cannot be (out of care, dead), is filled while the chains run, for it predicts other visits; it never enters an analysis.
        numbers = frame[target] if not log10 else pd.Series(_logarithm(frame[target]), index=frame.index)
        for place, name in enumerate(visits):
            values = np.full(len(ids), np.nan)
            rows = visit == place
            values[person[rows]] = as_numbers(numbers[rows])
            label = f"{target} {name}" if name else target
            if len(visits) > 1 and any(np.isnan(values[people]).all() for _, people in groups):
                unlearnt.append(label)
                wanted &= ~rows
                continue
            variables.append(variable(label, pd.Series(values), models, column=target))
            if not set(values[~np.isnan(values)]) <= {0.0, 1.0}:
                continue
            if variables[-1].model != "logistic":
                raise PlanError(f"{label} is 0 or 1: it is imputed by logistic regression", where="option `models`", allowed="logistic", do="name another model or none")
    return Wide(person, visit, tuple(visits), groups, tuple(variables), target, tuple(covariates), wanted, tuple(unlearnt))


def blanks(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows whose outcome is unknown and could have been known: not those of whom the column `imputable`, where there is one, says no."""
    wanted = frame["outcome"].isna().to_numpy(dtype=bool)
    return wanted & frame["imputable"].fillna(value=False).astype(bool).to_numpy() if "imputable" in frame else wanted


def label_of(wide: Wide, place: int) -> str:
    """The variable's name of the imputed column at a visit."""
    return f"{wide.target} {wide.visits[place]}" if wide.visits[place] else wide.target


def _groups(frame: pd.DataFrame, person: Index, people: int) -> tuple[tuple[str, Index], ...]:
    if "arm" not in frame:
        return (("", np.arange(people)),)
    arms = np.empty(people, dtype=object)
    arms[person] = frame["arm"].astype(str).to_numpy(dtype=object)
    if (arms[person] != frame["arm"].astype(str).to_numpy(dtype=object)).any():
        raise ValueError("someone is in two arms of an analysis frame")
    return tuple((str(arm), np.flatnonzero(arms == arm)) for arm in dict.fromkeys(arms))


def _logarithm(values: pd.Series[Any]) -> Array:
    numbers = as_numbers(values)
    if (numbers <= 0).any():
        raise NotEstimable("a value of zero or less has no logarithm", do="give values below the limit of the assay a number above zero, or leave `log10` out")
    return np.log10(numbers)


def _columns(values: pd.Series[Any], name: str, person: Index, visit: Index, visits: list[str], shape: tuple[int, int], *,
             differs: bool) -> list[tuple[str, pd.Series[Any]]]:
    """The column as one value per person or, where it differs between visits, one per person and visit."""
    known = ~is_blank(values).to_numpy(dtype=bool)
    table = pd.DataFrame({"person": person[known], "value": values.to_numpy(dtype=object)[known]})
    first = table.drop_duplicates("person")
    if len(table.drop_duplicates()) == len(first):
        return [(name, _typed(first["value"].to_numpy(dtype=object), first["person"].to_numpy(), shape[0], values))]
    if not differs:
        raise PlanError(f"{name} differs between the visits of a person", do="name it as `auxiliary`, not as a covariate")
    parts = []
    for place in range(shape[1]):
        rows = known & (visit == place)
        if rows.any():
            parts.append((f"{name} {visits[place]}", _typed(values.to_numpy(dtype=object)[rows], person[rows], shape[0], values)))
    return parts


def _typed(known: NDArray[np.object_], where: Index, people: int, like: pd.Series[Any]) -> pd.Series[Any]:
    """The values at their people, of the type of the column they come from."""
    if pd.api.types.is_numeric_dtype(like) or pd.api.types.is_bool_dtype(like):
        numbers = np.full(people, np.nan)
        numbers[where] = known.astype(float)
        return pd.Series(numbers)
    texts = np.full(people, None, dtype=object)
    texts[where] = known
    if isinstance(like.dtype, pd.CategoricalDtype):
        return pd.Series(pd.Categorical(texts, categories=like.cat.categories, ordered=like.cat.ordered))
    return pd.Series(texts)


def _survival(frame: pd.DataFrame, person: Index, people: int) -> list[Variable]:
    """Status and cumulative hazard (Nelson-Aalen) at the end of follow-up, which predict covariates of a model for time (White and Royston 2009;28:1982-98)."""
    time, status = as_numbers(frame["time"]), as_numbers(frame["status"])
    if np.isnan(time).any() or np.isnan(status).any():
        raise NotEstimable("time or status unknown for some participants")
    hazard = np.zeros(len(frame))
    groups = frame["arm"].astype(str).to_numpy(dtype=object) if "arm" in frame else np.zeros(len(frame))
    for group in dict.fromkeys(groups):
        rows = np.flatnonzero(groups == group)
        days, events = time[rows], status[rows] == 1
        times, counts = np.unique(days[events], return_counts=True)
        at_risk = len(rows) - np.searchsorted(np.sort(days), times, side="left")
        hazard[rows] = np.concatenate([[0.0], np.cumsum(counts / at_risk)])[np.searchsorted(times, days, side="right")]
    found = []
    for name, values in (("cumulative hazard", hazard), *((f"status {int(code)}", (status == code).astype(float)) for code in np.unique(status[status > 0]))):
        column = np.empty(people)
        column[person] = values
        found.append(Variable(name, "pmm", column))
    return found
