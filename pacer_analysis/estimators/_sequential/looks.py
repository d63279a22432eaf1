"""What a look sees: the z of another estimator in this frame, the information behind it, and the scale of its effect."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

INFORMATION = ("events", "variance")


@dataclass(frozen=True, slots=True)
class Look:
    """One contrast at this look: z upwards for a larger arm, the effect per z (log scale for a ratio), and the information."""

    row: Estimate
    z: float
    per_z: float | None
    information: float


def look(frame: pd.DataFrame, *, of: str, options: dict[str, Any] | None, measure: str, term: str, information_from: str) -> Look:
    """The one contrast of the wrapped estimator that the looks follow; refuses several, and one without a direction."""
    from pacer_analysis.estimators import ESTIMATORS

    if of not in ESTIMATORS:
        raise PlanError(f"unknown estimator: {of}", allowed=", ".join(ESTIMATORS))
    if information_from not in INFORMATION:
        raise PlanError(f"unknown information: {information_from}", allowed=", ".join(INFORMATION))
    rows = ESTIMATORS[of](frame, **{name: tuple(value) if isinstance(value, list) else value for name, value in (options or {}).items()})
    refused = [row.note for row in rows if row.contrast and (not measure or row.measure == measure) and row.term == term and row.statistic is None and row.note]
    found = [row for row in rows if row.contrast and row.statistic is not None and (not measure or row.measure == measure) and row.term == term]
    if not found:
        raise NotEstimable(refused[0] if refused else f"{of} gives no test of a contrast{' for ' + measure if measure else ''}")
    if len({row.contrast.replace(" / ", " - ") for row in found}) > 1:
        raise NotEstimable("a sequential test follows one contrast; this trial has several")
    row = found[0]
    assert row.statistic is not None  # chosen by it
    z = row.statistic
    per_z: float | None = None
    if row.measure == "chisq":
        z = _signed_root(row, rows)
    elif row.estimate is not None:
        effect = math.log(row.estimate) if row.scale == "ratio" else row.estimate
        per_z = effect / z if abs(z) > 1e-8 else row.se
    return Look(row, z, per_z, _information(row, information_from))


def _signed_root(row: Estimate, rows: list[Estimate]) -> float:
    """The root of chi-square on one degree of freedom, signed by observed less expected events of the contrast's arm."""
    arm = row.contrast.split(" - ")[0]
    ours = [other for other in rows if other.measure == "expected" and other.arm == arm and other.estimate is not None and other.events is not None]
    if row.df != 1 or not ours or row.statistic is None:
        raise NotEstimable("this test has no direction")
    return math.copysign(math.sqrt(row.statistic), (ours[0].events or 0) - (ours[0].estimate or 0.0))


def _information(row: Estimate, information_from: str) -> float:
    if information_from == "events":
        if not row.events:
            raise NotEstimable("no events, so no information yet")
        return float(row.events)
    if not row.se:
        raise NotEstimable("the contrast has no standard error, so its information is unknown")
    return row.se**-2
