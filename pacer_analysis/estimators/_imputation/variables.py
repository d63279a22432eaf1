"""What enters the chained equations: a column of people with its blanks, the model that imputes it, and its columns as a predictor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pacer_analysis.errors import NotEstimable, PlanError

Array = NDArray[np.float64]

MODELS = {
    "logistic": "logistic regression with augmented data",
    "linear": "linear regression",
    "pmm": "predictive mean matching",
    "ordinal": "proportional odds",
    "nominal": "nested logistic regressions",
}


@dataclass(frozen=True, slots=True)
class Variable:
    """One value per person, NaN where blank; categories are numbered from 0 and named in `levels`, which numbers lack."""

    name: str
    model: str
    given: Array
    levels: tuple[object, ...] = ()

    @property
    def blank(self) -> NDArray[np.bool_]:
        """Who lacks the value."""
        return np.isnan(self.given)

    def of(self, people: NDArray[np.intp]) -> Variable:
        """The same variable of some of the people."""
        return Variable(self.name, self.model, self.given[people], self.levels)

    def columns(self, values: Array) -> Array:
        """The values as predictors along a new last axis: a number as it is, standardised by what is known; categories as indicators of all but the first."""
        if not self.levels:
            known = self.given[~self.blank]
            spread = known.std()
            return np.asarray(((values - known.mean()) / (spread if spread > 0 else 1.0))[..., None])
        return np.asarray((values[..., None] == np.arange(1, len(self.levels))).astype(np.float64))


def as_numbers(values: pd.Series[Any]) -> Array:
    """The numbers of a column of any numeric, Boolean or nullable type, NaN where blank."""
    return np.asarray(values.to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)


def is_blank(values: pd.Series[Any]) -> pd.Series[bool]:
    """Where a column says nothing: missing, or empty text."""
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return values.isna()
    return values.isna() | (values.astype(object).astype(str) == "")


def variable(name: str, values: pd.Series[Any], models: Mapping[str, str], *, column: str = "") -> Variable:
    """The variable of a column: 0 and 1 by logistic regression, other numbers by matching, ordered categories by proportional odds, others nested.

    `models` overrides the model by the column's name. Refuses a model that the column cannot have, and a column known for no one.
    """
    chosen = models.get(column or name, "auto")
    if chosen not in (*MODELS, "auto"):
        raise PlanError(f"unknown model for {column or name}: {chosen}", allowed=", ".join((*MODELS, "auto")))
    blank = is_blank(values)
    if blank.all():
        raise NotEstimable(f"{name} is known for no one")
    known = values[~blank]
    numeric = pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values)
    binary = numeric and set(as_numbers(known)) <= {0.0, 1.0}
    if chosen == "auto":
        ordered = isinstance(values.dtype, pd.CategoricalDtype) and bool(values.cat.ordered)
        chosen = ("logistic" if binary else "pmm") if numeric else ("ordinal" if ordered else "nominal")
    if chosen in {"linear", "pmm"}:
        if not numeric:
            raise PlanError(f"{name} has categories: it cannot be imputed as a number", allowed="logistic, ordinal, nominal", do="name another model")
        return Variable(name, chosen, as_numbers(values))
    if binary and chosen == "logistic":
        return Variable(name, chosen, as_numbers(values), (0, 1))
    levels = list(values.cat.categories) if isinstance(values.dtype, pd.CategoricalDtype) else sorted(known.unique())
    levels = [level for level in levels if (known == level).any()]
    if chosen == "logistic" and len(levels) > 2:
        raise PlanError(f"{name} has {len(levels)} values: a logistic model has two", allowed="ordinal, nominal", do="name another model")
    codes = values.astype(object).map({level: float(place) for place, level in enumerate(levels)})
    return Variable(name, "logistic" if len(levels) == 2 else chosen, codes.mask(blank).to_numpy(dtype=float), tuple(levels))
