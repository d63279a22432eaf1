"""Chained equations in one group of people, all imputations side by side.

Each variable with blanks is imputed in turn from all others, the fewest blanks first, over and over; the last round is kept
(van Buuren and Groothuis-Oudshoorn, Journal of Statistical Software 2011;45(3)). Where one variable alone has blanks, one round
is the answer: there is nothing to iterate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._imputation import linear, logistic, ordinal
from pacer_analysis.estimators._imputation.streams import Streams, uniforms
from pacer_analysis.estimators._imputation.variables import Variable

Array = NDArray[np.float64]
Index = NDArray[np.intp]

NEARLY = 0.01  # of a predictor's standard deviation left when the others are known: it adds nothing


@dataclass(frozen=True, slots=True)
class Chains:
    """Imputed values by variable (imputation, blank person); mean and SD of them by round, variable and imputation."""

    drawn: dict[str, Array]
    decided: dict[str, tuple[Array, Array]]  # for a logistic model: the linear predictor and the uniform number below whose log odds it is a yes
    order: tuple[str, ...]
    trace: Array
    dropped: tuple[str, ...]


def impute(variables: list[Variable], rngs: Streams, *, rounds: int, donors: int, where: str) -> Chains:
    """The chains of one group; `where` names the group in what is refused."""
    blank = sorted((v for v in variables if v.blank.any()), key=lambda v: int(v.blank.sum()))
    for v in blank:
        if v.blank.all():
            raise NotEstimable(f"{v.name} is known for no one{where}")
    alone = len(blank) <= 1
    chains = 1 if alone else len(rngs)
    design, place = _start(variables, blank, rngs, chains)
    chosen, dropped = {}, []
    for v in blank:
        others = np.concatenate([place[other.name] for other in variables if other.name != v.name] or [np.empty(0, dtype=np.intp)]).astype(np.intp)
        useful = _useful(design[0][~v.blank][:, others])
        dropped += [other.name for other in variables if other.name != v.name and not np.isin(place[other.name], others[useful]).all()]
        chosen[v.name] = others[useful]
        if v.model in {"linear", "pmm"} and len(chosen[v.name]) + 2 > (~v.blank).sum():
            raise NotEstimable(f"the imputation model of {v.name}{where} has {len(chosen[v.name]) + 1} coefficients for {int((~v.blank).sum())} known values",
                               do="name fewer auxiliary variables")
    values: dict[str, Array] = {}
    decided: dict[str, tuple[Array, Array]] = {}
    latest: dict[str, Array] = {}
    trace = np.zeros((1 if alone else rounds, len(blank), len(rngs), 2))
    for turn in range(len(trace)):
        for number, v in enumerate(blank):
            x = design[:, :, chosen[v.name]]
            values[v.name] = _draw(v, x, rngs, donors, latest, decided)
            if not np.isfinite(values[v.name]).all():
                raise NotEstimable(f"the imputed values of {v.name}{where} have no bound")
            if not alone:
                design[:, v.blank, place[v.name][0]:place[v.name][-1] + 1] = v.columns(values[v.name])
            trace[turn, number, :, 0] = values[v.name].mean(axis=1)
            trace[turn, number, :, 1] = values[v.name].std(axis=1)
    return Chains(values, decided, tuple(v.name for v in blank), trace, tuple(dict.fromkeys(dropped)))


def _start(variables: list[Variable], blank: list[Variable], rngs: Streams, chains: int) -> tuple[Array, dict[str, Index]]:
    """Everyone's predictors in every chain, blanks filled by values of others at random, and the columns of each variable."""
    people = len(variables[0].given)
    parts, place, width = [], {}, 0
    for v in variables:
        filled = np.tile(v.given, (chains, 1))
        if v in blank and (len(blank) > 1):
            known = v.given[~v.blank]
            filled[:, v.blank] = known[np.floor(uniforms(rngs, int(v.blank.sum())) * len(known)).astype(np.intp)]
        columns = v.columns(filled)
        place[v.name] = np.arange(width, width + columns.shape[2])
        width += columns.shape[2]
        parts.append(columns)
    return np.concatenate(parts, axis=2) if parts else np.zeros((chains, people, 0)), place


def _draw(v: Variable, x: Array, rngs: Streams, donors: int, latest: dict[str, Array], decided: dict[str, tuple[Array, Array]]) -> Array:
    known = ~v.blank
    if v.model == "linear":
        return linear.draw(x, v.given, known, rngs)
    if v.model == "pmm":
        return linear.matched(x, v.given, known, rngs, donors)
    if v.model == "ordinal":
        found, latest[v.name] = ordinal.draw(x, v.given, known, rngs, len(v.levels), latest.get(v.name))
        return found
    if v.model == "nominal":
        return ordinal.nested(x, v.given, known, rngs, len(v.levels))
    found, eta, u, latest[v.name] = logistic.draw(x, v.given, known, rngs, latest.get(v.name))
    decided[v.name] = eta, u
    return found


def _useful(columns: Array) -> NDArray[np.bool_]:
    """Which predictors vary and do not follow from those before them, by orthogonalisation."""
    kept = np.zeros(columns.shape[1], dtype=bool)
    basis: list[Array] = []
    for j, column in enumerate(columns.T):
        left = column - column.mean()
        size = np.sqrt((left**2).sum())
        for direction in basis:
            left = left - direction * (direction @ left)
        remains = np.sqrt((left**2).sum())
        if size > 1e-9 and remains > NEARLY * size:
            kept[j] = True
            basis.append(left / remains)
    return kept
