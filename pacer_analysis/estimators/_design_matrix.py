"""The columns of a regression: arms, covariates, and what is done about covariates that are not known.

In a randomised trial no one leaves an analysis for a baseline covariate: a continuous one is imputed by its mean over all
participants, another by its mode with an indicator of having been imputed (White and Thompson, Statistics in Medicine 2005;24:993-1007).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators._frame import arm_names

Array = NDArray[np.float64]

# ASSUME: a missing-value indicator enters the model from 20 imputed values on; with fewer, chance alone separates the likelihood.
INDICATOR_FROM = 20


@dataclass(frozen=True, slots=True)
class Design:
    """Columns without an intercept, for the analysed rows; arms first."""

    matrix: Array
    names: tuple[str, ...]
    arms: tuple[str, ...]
    imputed: str


def design(frame: pd.DataFrame, covariates: tuple[str, ...], analysed: pd.Series[bool]) -> Design:
    """Indicators of every arm but the reference, then the covariates, over the analysed rows.

    Means and modes are those of the whole frame. Refuses unknown covariates and arms that nobody analysed is in.
    """
    columns: dict[str, Array] = {}
    notes = []
    arms = arm_names(frame)
    if not analysed.any():
        raise NotEstimable("no one with the outcome known")
    for arm in arms if len(arms) > 1 else ():
        if not (analysed & (frame["arm"] == arm)).any():
            raise NotEstimable(f"no one with the outcome known in arm {arm}")
        if arm != arms[0]:
            columns[arm] = (frame["arm"] == arm).to_numpy().astype(np.float64)
    for name in covariates:
        if name not in frame:
            raise PlanError(f"no such covariate: {name}")
        added, note = _covariate(frame[name], name)
        if not added:
            raise NotEstimable(f"covariate {name} has one value only")
        if columns.keys() & added.keys():
            raise PlanError(f"covariate {name} is named twice, or like an arm")
        columns.update(added)
        notes.append(note)
    matrix = np.column_stack(list(columns.values())) if columns else np.empty((len(frame), 0))
    imputed = ", ".join(note for note in notes if note)
    return Design(matrix[analysed.to_numpy()], tuple(columns), arms[1:], f"imputed: {imputed}" if imputed else "")


def _covariate(values: pd.Series[float], name: str) -> tuple[dict[str, Array], str]:
    """The columns of one covariate and what was imputed."""
    numeric = pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values)
    blank = values.isna() if numeric else values.isna() | (values.astype(str) == "")
    if blank.all():
        raise NotEstimable(f"covariate {name} is known for no one")
    known = values[~blank]
    if numeric and not set(known.unique()) <= {0, 1}:
        filled = values.astype(float).fillna(float(known.astype(float).mean()))
        return {name: np.asarray(filled, dtype=np.float64)}, f"{name} {int(blank.sum())} (mean)" if blank.any() else ""
    categories = values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype) else sorted(known.unique())
    levels = [level for level in categories if (known == level).any()]
    mode = max(levels, key=lambda level: int((known == level).sum()))  # the first of equals
    complete = values.astype(object).mask(blank, mode)
    indicated: list[tuple[str, object]] = [(name, complete)] if numeric else [(f"{name}={level}", complete == level) for level in levels[1:]]
    columns = {column: np.asarray(value, dtype=np.float64) for column, value in indicated}
    with_indicator = int(blank.sum()) >= INDICATOR_FROM
    if with_indicator:
        columns[f"{name} unknown"] = np.asarray(blank, dtype=np.float64)
    note = f"{name} {int(blank.sum())} (mode{' and indicator' if with_indicator else ''})" if blank.any() else ""
    return columns, note


def refuse_collinear(matrix: Array, names: tuple[str, ...], strata: NDArray[np.intp] | None = None) -> None:
    """Refuses columns that are constant or follow from those before them (within the strata, when given), by name."""
    if not matrix.shape[1]:
        return
    groups = np.zeros(len(matrix), dtype=np.intp) if strata is None else strata
    sizes = np.bincount(groups)
    means = np.column_stack([np.bincount(groups, weights=column) for column in matrix.T]) / sizes[:, None]
    centred = matrix - means[groups]
    scale = np.sqrt((matrix**2).mean(axis=0)) + 1e-300
    left = np.abs(np.diag(np.linalg.qr(centred / scale, mode="r")))
    if len(left) < len(names):
        raise NotEstimable(f"{len(names)} columns for {len(matrix)} people")
    dependent = [name for name, size in zip(names, left / np.sqrt(len(matrix)), strict=True) if size < 1e-7]
    if dependent:
        raise NotEstimable(f"collinear: {', '.join(dependent)}")
