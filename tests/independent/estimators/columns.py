"""Small parts every module uses: arms, design matrices, quantiles of the normal, Newton's method, bisection."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats


def z_value(level: float = 0.95) -> float:
    return float(stats.norm.ppf(0.5 + level / 2))


def p_two_sided(z: float) -> float:
    return float(2 * stats.norm.sf(abs(z)))


def arm_names(frame: pd.DataFrame) -> list[str]:
    """Arms present, the reference first: the order of the categories, or alphabetical for plain strings."""
    return levels(frame["arm"])


def levels(column: pd.Series) -> list:
    present = set(column.dropna().unique())
    order = list(column.cat.categories) if isinstance(column.dtype, pd.CategoricalDtype) else sorted(present)
    return [value for value in order if value in present]


def pair(frame: pd.DataFrame, arm: str | None = None) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """The rows of the compared arm, those of the reference arm, and the name of the compared arm (default: the second)."""
    names = arm_names(frame)
    chosen = names[1] if arm is None else arm
    return frame[frame["arm"] == chosen], frame[frame["arm"] == names[0]], chosen


def two_by_two(frame: pd.DataFrame, arm: str | None = None) -> tuple[int, int, int, int]:
    """Events and size of the compared arm, events and size of the reference; rows without an outcome are left out."""
    treated, control, _ = pair(frame, arm)
    y1, y0 = treated["outcome"].dropna(), control["outcome"].dropna()
    return int(y1.sum()), len(y1), int(y0.sum()), len(y0)


def is_numeric(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not isinstance(column.dtype, pd.CategoricalDtype)


def columns_of(frame: pd.DataFrame, term: str) -> tuple[list[np.ndarray], list[str]]:
    """Columns of one term: a number as it is, a category as indicators against its first level, `a:b` as products."""
    if ":" in term:
        left, right = term.split(":", 1)
        out, names = [], []
        for x, a in zip(*columns_of(frame, left), strict=True):
            for y, b in zip(*columns_of(frame, right), strict=True):
                out.append(x * y)
                names.append(f"{a}:{b}")
        return out, names
    column = frame[term]
    if is_numeric(column):
        return [column.to_numpy(dtype=float)], [term]
    kept = levels(column)[1:]
    return [(column == value).to_numpy(dtype=float) for value in kept], [f"{term}[{value}]" for value in kept]


def design(frame: pd.DataFrame, terms: list[str], intercept: bool = True) -> tuple[np.ndarray, list[str]]:
    parts: list[np.ndarray] = [np.ones(len(frame))] if intercept else []
    names = ["intercept"] if intercept else []
    for term in terms:
        x, label = columns_of(frame, term)
        parts += x
        names += label
    return (np.column_stack(parts) if parts else np.zeros((len(frame), 0))), names


def term_columns(frame: pd.DataFrame, term: str, names: list[str]) -> list[int]:
    return [names.index(label) for label in columns_of(frame, term)[1]]


def newton(objective: Callable[[np.ndarray], tuple[float, np.ndarray, np.ndarray]], start: np.ndarray, limit: int = 200) -> np.ndarray:
    """The maximum of a concave function given (value, gradient, information), with step halving."""
    beta = start.astype(float)
    value, gradient, information = objective(beta)
    for _ in range(limit):
        if len(beta) == 0:
            return beta
        step = np.linalg.solve(information, gradient)
        size = 1.0
        while True:
            trial = objective(beta + size * step)
            if np.isfinite(trial[0]) and trial[0] >= value - 1e-10 * (1 + abs(value)):
                break
            size /= 2
            if size < 1e-8:
                raise ArithmeticError("Newton's method finds no better point")
        beta = beta + size * step
        value, gradient, information = trial
        if np.max(np.abs(step)) < 1e-11 * (1 + np.max(np.abs(beta))):
            return beta
    raise ArithmeticError("Newton's method did not converge")


def bisect(function: Callable[[float], float], low: float, high: float) -> float:
    """A root between low and high, where the function changes sign."""
    at_low = function(low)
    if at_low == 0:
        return low
    for _ in range(400):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        at_middle = function(middle)
        if (at_middle > 0) == (at_low > 0):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def outward(function: Callable[[float], float], centre: float, step: float) -> float:
    """The first sign change met when walking from the centre by growing steps; infinite when there is none."""
    inside, size = centre, step
    for _ in range(60):
        outside = inside + size
        if function(outside) > 0:
            return bisect(function, inside, outside)
        inside, size = outside, size * 1.5
    return math.copysign(math.inf, step)


def wald(estimate: float, se: float, level: float = 0.95) -> dict[str, float]:
    z, estimate, se = z_value(level), float(estimate), float(se)
    statistic = estimate / se if se > 0 else math.nan
    return {
        "estimate": estimate,
        "se": se,
        "low": estimate - z * se,
        "high": estimate + z * se,
        "statistic": statistic,
        "p": p_two_sided(statistic),
    }


def wald_ratio(log_estimate: float, se: float, level: float = 0.95) -> dict[str, float]:
    """Estimate and limits on the ratio scale, the standard error on the log scale."""
    row = wald(log_estimate, se, level)
    return row | {"estimate": math.exp(log_estimate), "low": math.exp(row["low"]), "high": math.exp(row["high"])}


def chi_square_p(statistic: float, df: float) -> float:
    return float(stats.chi2.sf(statistic, df))


def impute_singly(frame: pd.DataFrame, covariates: list[str]) -> tuple[pd.DataFrame, list[str]]:
    """Missing baseline covariates: the pooled mean (a number with more than two values) or mode, and a 0/1 column `<name>_missing`."""
    out, terms = frame.copy(), list(covariates)
    for name in covariates:
        gone = out[name].isna()
        if not gone.any():
            continue
        many = is_numeric(out[name]) and out[name].nunique() > 2
        out[name] = out[name].fillna(out[name].mean() if many else out[name].mode().iloc[0])
        out[f"{name}_missing"] = gone.astype(float)
        terms.append(f"{name}_missing")
    return out, terms
