"""Differences and ratios of two independent arms' estimates, with the second computation of the same."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from pacer_analysis.estimators._normal import quantile, two_sided
from pacer_analysis.estimators._witness import agreement
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    Value = tuple[float, float]
    MaybeValue = tuple[float | None, float]


def paired(one: Estimate, reference: Estimate) -> Estimate:
    """The contrast of two per-arm rows with the totals of both; the note says which of them is blank."""
    def both(name: str) -> int:
        return int(getattr(one, name)) + int(getattr(reference, name))

    row = Estimate(contrast=f"{one.arm} - {reference.arm}", term=one.term, time=one.time, n=both("n"), observed=both("observed"), events=both("events"),
                   missing=both("missing"))
    for arm in (one, reference):
        if arm.estimate is None:
            return replace(row, witness="none", note=f"{arm.note} in arm {arm.arm}")
    return row


def difference_row(row: Estimate, one: MaybeValue, reference: MaybeValue, again_one: Value, again_reference: Value, level: float, witness: str) -> Estimate:
    """The difference of two (estimate, se), Wald; without an interval where neither arm varies."""
    if one[0] is None or reference[0] is None:
        return row
    value, se = one[0] - reference[0], math.hypot(one[1], reference[1])
    again, again_se = again_one[0] - again_reference[0], math.hypot(again_one[1], again_reference[1])
    filled = replace(row, estimate=value, witness=witness, agreement=agreement((value, again), (se, again_se), se=se or max(abs(one[0]), abs(reference[0]))))
    if not se:
        return replace(filled, note="no variation in either arm: no interval")
    width = quantile(level) * se
    return replace(filled, se=se, low=value - width, high=value + width, level=level, statistic=value / se, p=two_sided(value / se), sides=2)


def ratio_row(row: Estimate, one: MaybeValue, reference: MaybeValue, again_one: Value, again_reference: Value, level: float, witness: str) -> Estimate:
    """The ratio of two (estimate, se), Wald on the log scale; the se is that of the logarithm."""
    contrast = row.contrast.replace(" - ", " / ", 1)
    if one[0] is None or reference[0] is None:
        return replace(row, contrast=contrast)
    if not one[0] or not reference[0]:
        return replace(row, contrast=contrast, witness="none", note="an arm's mean is 0: no ratio")
    log, se = math.log(one[0] / reference[0]), math.hypot(one[1] / one[0], reference[1] / reference[0])
    again = math.log(again_one[0] / again_reference[0])
    again_se = math.hypot(again_one[1] / again_one[0], again_reference[1] / again_reference[0])
    filled = replace(row, contrast=contrast, estimate=math.exp(log), witness=witness, agreement=agreement((log, again), (se, again_se), se=se or 1.0))
    if not se:
        return replace(filled, note="no variation in either arm: no interval")
    width = quantile(level) * se
    return replace(filled, se=se, low=math.exp(log - width), high=math.exp(log + width), level=level, statistic=log / se, p=two_sided(log / se), sides=2)
