"""What a study is: an estimator with its options, data under a truth, and the numbers to look at."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pacer_analysis.results import Estimate
from tests.recovery.characteristics.lines import ALTERNATIVE, BLANK, NULL, Known, Quantity

CLOSED, IMPUTED, RESAMPLED = 2_000, 500, 200   # replicates: closed form, Cox and logistic; imputation, GEE, mixed models and weights with an estimated model; resampling

Seen = tuple[float, ...]   # lines.SEEN


@dataclass(frozen=True, slots=True)
class Study:
    """`simulate` draws the data of one replicate under a truth; `measure` gives what is seen of each quantity (it may use the replicate's seed).

    `witnessed`: the call is dear for its second implementation, which is left out but for the first replicates (see `unwitnessed`).
    """

    estimator: str
    option: str
    simulate: Callable[[np.random.Generator, str], Any]
    measure: Callable[[Any, int], Mapping[str, Seen]]
    quantities: Mapping[str, Quantity]
    replicates: int = CLOSED
    truths: tuple[str, ...] = (NULL, ALTERNATIVE)
    witnessed: bool = False

    @property
    def name(self) -> str:
        return f"{self.estimator}, {self.option}"


def row_of(rows: Sequence[Estimate], measure: str, *, term: str = "", arm: str | None = None, time: float | None = None, subgroup: str = "", start: bool = False) -> Estimate:
    """The one row of this measure and term (with `start`: whose term begins so), and of this arm and time where they are given."""
    found = [row for row in rows if row.measure == measure and (row.term.startswith(term) if start else row.term == term) and row.subgroup == subgroup
             and (arm is None or row.arm == arm) and (time is None or row.time == time)]
    if len(found) != 1:
        raise LookupError(f"{len(found)} rows of {measure} {term} {arm or ''} {time or ''} among {[(row.measure, row.term, row.arm, row.time, row.note) for row in rows]}")
    return found[0]


def seen(row: Estimate, truth: float = math.nan) -> Seen:
    """Estimate, se, limits and p of a row, a ratio's on the log scale."""
    def number(value: float | None) -> float:
        return math.nan if value is None else float(value)

    values = [number(value) for value in (row.estimate, row.low, row.high)]
    if row.scale == "ratio":
        values = [math.log(value) if value > 0 else -math.inf if value == 0 else value for value in values]
    return (values[0], number(row.se), values[1], values[2], number(row.p), truth)


def test_only(row: Estimate) -> Seen:
    """The p of a row alone."""
    return (math.nan, math.nan, math.nan, math.nan, math.nan if row.p is None else row.p, math.nan)


def value_only(value: float | None, truth: float = math.nan) -> Seen:
    """A number without interval and test."""
    return (math.nan if value is None else value, *BLANK[1:5], truth)


def flag(rejects: bool) -> Seen:
    """A decision: p is 0 if it was to reject."""
    return (*BLANK[:4], 0.0 if rejects else 1.0, math.nan)


def both(value: float) -> dict[str, float]:
    """The same truth under the null and the alternative."""
    return {NULL: value, ALTERNATIVE: value}


def truths(function: Callable[[str], float]) -> dict[str, float]:
    """The truth of a quantity under the null and the alternative."""
    return {name: float(function(name)) for name in (NULL, ALTERNATIVE)}


EITHER = (NULL, ALTERNATIVE)
SIZE = Quantity(null=(NULL,), unbiased=False)           # a test of the effect
ALWAYS = Quantity(null=EITHER, unbiased=False)          # a test whose hypothesis holds under both truths

BALANCED = ("stratified blocks balance prognostic strata that this analysis leaves out: conservative (Kahan and Morris 2012; Bugni, Canay and Shaikh 2018)")
EXACT = "exact, so conservative: the outcome is discrete (Agresti and Coull 1998)"
SECOND_ORDER = "maximum likelihood: bias of order 1/n, away from no effect (Firth 1993)"
NONLINEAR = "a nonlinear function of unbiased estimates: bias of order 1/n (Jensen)"


def conservative(quantity: Quantity, reason: str) -> Quantity:
    """The quantity of a method whose coverage and type I error are known to lie on the safe side."""
    return replace(quantity, known={**quantity.known, **dict.fromkeys(("coverage", "test"), Known(reason, conservative=True))})


def nearly(quantity: Quantity, what: str, slack: float, reason: str) -> Quantity:
    """The quantity with a stated allowance on one criterion."""
    return replace(quantity, known={**quantity.known, what: Known(reason, slack=slack)})
