"""VanderWeele and Ding's E-value."""

from __future__ import annotations

import math


def e_value_of_ratio(ratio: float) -> float:
    above = ratio if ratio >= 1 else 1 / ratio
    return above + math.sqrt(above * (above - 1))


def approximate_risk_ratio(ratio: float, measure: str, common: bool) -> float:
    """rr as it is; a rare outcome likewise; common: or by its square root, hr by (1 - 0.5^sqrt(hr))/(1 - 0.5^sqrt(1/hr))."""
    if measure == "rr" or not common:
        return ratio
    if measure == "or":
        return math.sqrt(ratio)
    if measure == "hr":
        return (1 - 0.5 ** math.sqrt(ratio)) / (1 - 0.5 ** math.sqrt(1 / ratio))
    raise ValueError("rr, or, hr")


def e_value(estimate: float, low: float, high: float, measure: str = "rr", common: bool = True) -> dict[str, float]:
    """Of the estimate, and of the limit nearer to one (1 when the interval holds one). Reading: common means above about 15%."""
    point = approximate_risk_ratio(estimate, measure, common)
    nearer = low if estimate >= 1 else high
    holds_one = low <= 1 <= high
    return {
        "estimate": e_value_of_ratio(point),
        "limit": 1.0 if holds_one else e_value_of_ratio(approximate_risk_ratio(nearer, measure, common)),
    }
