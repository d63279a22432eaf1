"""The shape in which an estimator hands over its curves: one per arm and term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pacer_analysis.results import CurvePoint


@dataclass(frozen=True, slots=True)
class Curve:
    """One step function; `arm` is blank when pooled and the contrast for a curve of differences, `term` is the competing cause or blank, the points' id is blank."""

    arm: str
    term: str
    points: tuple[CurvePoint, ...]
