"""Propensity scores and the weights that balance two groups by them, with how both depend on the data.

Everything estimated before the comparison (the coefficients; the share of the group, where weights are stabilised) is one vector. Its
influence per person and the derivative of each weight carry its uncertainty into whatever is weighted: stacked estimating equations.
Source: Lunceford and Davidian 2004 (inverse probability); Li, Morgan and Zaslavsky 2018, Li, Thomas and Li 2019 (overlap).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators._design_matrix import design
from pacer_analysis.estimators._frame import of_arms
from pacer_analysis.estimators._logistic_model import fit, with_intercept

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

WEIGHTS = {"overlap": "overlap weights (the population in which both groups are likely)", "inverse_probability": "stabilised inverse-probability weights (the whole population)"}


@dataclass(frozen=True, slots=True)
class Scores:
    """Two groups with known covariates: who, in which, their scores and weights, and what the weights were estimated with."""

    people: pd.DataFrame
    x: Array            # columns of the propensity model, intercept first
    group: Array        # 1.0 in the compared group, 0.0 in the reference
    score: Array
    weight: Array
    influence: Array    # (people, parameters) of the coefficients and, if stabilised, the share of the group
    slope: Array        # (people, parameters): derivatives of each weight
    names: tuple[str, ...]
    dropped: int
    note: str


def score(frame: pd.DataFrame, reference: str, arm: str, covariates: tuple[str, ...], weights: str) -> Scores:
    """The propensity of `arm` against `reference` given the covariates; who lacks a covariate is left out, counted and said."""
    if not covariates:
        raise PlanError("a comparison of groups that were not randomised needs covariates", do="Name them under `covariates`.")
    pair = of_arms(frame, reference, arm)
    lacking = {name: _blank(pair, name) for name in covariates}
    # ASSUME: in a comparison of groups that were not randomised, who lacks a covariate of the propensity model is left out; nothing is imputed.
    complete = ~np.logical_or.reduce(list(lacking.values()))
    people = pair[complete].reset_index(drop=True)
    for name in (reference, arm):
        if not (people["arm"] == name).any():
            raise NotEstimable(f"no one with all covariates known in group {name}")
    columns = design(people.drop(columns="arm"), covariates, people["arm"].notna())
    group = (people["arm"] == arm).to_numpy().astype(float)
    x = with_intercept(columns.matrix)
    fitted = fit(columns.matrix, group, columns.names)
    p = expit(x @ fitted.coefficients)
    influence = (x * (group - p)[:, None]) @ fitted.covariance
    weight, slope = weigh(p, group, x, weights)
    if weights == "inverse_probability":
        influence = np.column_stack([influence, (group - group.mean()) / len(group)])
    parts = [f"{name} {int(blank.sum())}" for name, blank in lacking.items() if blank.any()]
    note = f"left out because a covariate is unknown: {int((~complete).sum())} ({', '.join(parts)})" if parts else ""
    return Scores(people, x, group, p, weight, np.asarray(influence), slope, columns.names, int((~complete).sum()), note)


def _blank(pair: pd.DataFrame, name: str) -> Flags:
    if name not in pair:
        raise PlanError(f"no such covariate: {name}")
    values = pair[name]
    blank = values.isna() if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values) else values.isna() | (values.astype(str) == "")
    return blank.to_numpy(dtype=bool)


def weigh(p: Array, group: Array, x: Array, weights: str) -> tuple[Array, Array]:
    """The weights, and their derivatives in the coefficients and, if stabilised, in the share of the group."""
    if weights == "overlap":
        return np.where(group == 1, 1 - p, p), x * np.where(group == 1, -p * (1 - p), p * (1 - p))[:, None]
    share = float(group.mean())
    own, own_share = np.where(group == 1, p, 1 - p), np.where(group == 1, share, 1 - share)
    weight = own_share / own
    by_coefficient = x * (-weight * np.where(group == 1, 1 - p, -p))[:, None]
    return weight, np.column_stack([by_coefficient, np.where(group == 1, 1.0, -1.0) / own])


def effective(weight: Array) -> float:
    """Kish's effective number of people: the square of the sum over the sum of squares."""
    return float(weight.sum() ** 2 / (weight**2).sum())


def influence_of(scores: Scores, gradient: Array) -> Array:
    """The influence of each person on weighted quantities with these derivatives in the weights, estimated weights included."""
    return np.asarray(scores.weight[:, None] * gradient + scores.influence @ (scores.slope.T @ gradient))


def covariance(influence: Array, people: pd.DataFrame) -> Array:
    """The sum of squares of the influence, within clusters where the frame has them."""
    if "cluster" in people:
        cluster = people["cluster"]
        alone = cluster.isna() | (cluster.astype(str) == "")
        names = np.where(alone, "\x1f" + people.index.astype(str), cluster.astype(str))
        codes = np.unique(names.astype(str), return_inverse=True)[1]
        influence = np.column_stack([np.bincount(codes, weights=column) for column in influence.T])
    return np.asarray(influence.T @ influence)
