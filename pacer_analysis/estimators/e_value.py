"""How strong an unmeasured confounder would have to be to explain an association away."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from pacer_analysis.estimators._schema import Estimator
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

SCALES = ("rr", "or", "hr", "rd")


def e_value(frame: pd.DataFrame, *, of: Estimator, options: dict[str, Any] | None = None, measure: Literal["rr", "or", "hr", "rd"] = "rr", rare: bool = False) -> list[Estimate]:
    """E-value of each contrast of the estimator `of`: on the risk-ratio scale, for the estimate and for the limit nearer to no association.

    The smallest risk ratio that an unmeasured confounder would need with both group and outcome, beyond the covariates. An odds or hazard ratio stands for
    the risk ratio where the outcome is `rare` (below 15%), else as sqrt(OR) and (1 - 0.5^sqrt(HR)) / (1 - 0.5^sqrt(1 / HR)); a risk difference is taken to
    a risk ratio at the reference's proportion of the same estimator, held fixed. Measure `e_value`: `estimate`, and `low` that of the limit (1: the interval
    holds no association); term and time as in the row it comes from. Source: VanderWeele and Ding 2017, table 2.
    """
    from dataclasses import replace

    from pacer_analysis.errors import NotEstimable, PlanError
    from pacer_analysis.estimators import ESTIMATORS
    from pacer_analysis.estimators._frame import choose

    choose("measure", measure, SCALES)
    if of not in ESTIMATORS:
        raise PlanError(f"unknown estimator: {of}", allowed=", ".join(ESTIMATORS))
    found = ESTIMATORS[of](frame, **{name: tuple(value) if isinstance(value, list) else value for name, value in (options or {}).items()})
    contrasts = [row for row in found if row.measure == measure and row.contrast]
    if not contrasts:
        raise NotEstimable(f"{of} gives no {measure}")
    rows = []
    for row in contrasts:
        blank = replace(row, measure="e_value", scale="absolute", se=None, estimate=None, low=None, high=None, level=None, statistic=None, df=None, p=None, sides=None, witness="none", agreement=None,
                        method=f"E-value on the risk-ratio scale, of the estimate and of the limit nearer to no association. {WORDS[measure, rare]}. {row.method}")
        try:
            rows.append(_of_row(row, blank, found, measure, rare=rare))
        except NotEstimable as reason:
            rows.append(replace(blank, note=reason.what))
    return rows


WORDS = {("rr", False): "Risk ratio as it is", ("rr", True): "Risk ratio as it is", ("or", True): "Odds ratio of a rare outcome", ("hr", True): "Hazard ratio of a rare outcome",
         ("or", False): "Odds ratio of a common outcome: its square root", ("hr", False): "Hazard ratio of a common outcome: (1 - 0.5^sqrt(HR)) / (1 - 0.5^sqrt(1 / HR))",
         ("rd", False): "Risk difference as a risk ratio at the reference's proportion", ("rd", True): "Risk difference as a risk ratio at the reference's proportion"}


def _of_row(row: Estimate, blank: Estimate, found: list[Estimate], measure: str, *, rare: bool) -> Estimate:
    from dataclasses import replace

    from pacer_analysis.errors import NotEstimable
    from pacer_analysis.estimators._witness import agreement

    if row.estimate is None or row.low is None or row.high is None:
        raise NotEstimable(row.note or "the row has no estimate with an interval")
    # ASSUME: a risk difference and its limits become risk ratios at the reference's estimated proportion, taken as fixed.
    base = _proportion(row, found) if measure == "rd" else 0.0
    ratios = [as_risk_ratio(value, measure, rare=rare, base=base) for value in (row.estimate, row.low, row.high)]
    ratio, low, high = ratios
    if not ratio > 0:
        raise NotEstimable("the risk ratio is not above 0")
    near = low if ratio > 1 else high
    crossed = low <= 1 <= high
    ours, limit = e(ratio), 1.0 if crossed else e(near)
    return replace(blank, estimate=ours, low=limit, level=row.level, witness="the bias bound solved for equal strengths: estimate, low",
                   agreement=agreement((ours, solved(ratio)), (limit, 1.0 if crossed else solved(near))))


def e(ratio: float) -> float:
    """The E-value of a risk ratio."""
    above = max(ratio, 1 / ratio)
    return above + math.sqrt(above * (above - 1))


def solved(ratio: float) -> float:
    """The strength g of both associations at which the bias g g / (2 g - 1) equals the risk ratio, by bisection."""
    from scipy.optimize import brentq

    above = max(ratio, 1 / ratio)
    return float(brentq(lambda g: g * g / (2 * g - 1) - above, 1.0, 2 * above + 1, xtol=1e-13)) if above > 1 else 1.0


def as_risk_ratio(value: float, measure: str, *, rare: bool, base: float = 0.0) -> float:
    """The risk ratio that a risk, odds or hazard ratio, or a risk difference at this base proportion, stands for."""
    if measure == "rd":
        return (base + value) / base
    if measure == "rr" or rare:
        return value
    if measure == "or":
        return math.sqrt(value)
    return -math.expm1(math.log(0.5) * math.sqrt(value)) / -math.expm1(math.log(0.5) * math.sqrt(1 / value))


def _proportion(row: Estimate, found: list[Estimate]) -> float:
    """The reference's proportion, from the same estimator."""
    from pacer_analysis.errors import NotEstimable

    reference = row.contrast.split(" - ")[-1]
    own = [other.estimate for other in found if other.measure == "proportion" and other.arm == reference and (other.term, other.time) == (row.term, row.time) and other.estimate is not None]
    if len(own) != 1 or not own[0]:
        raise NotEstimable("the reference's proportion is zero, or the estimator does not give it")
    return own[0]
