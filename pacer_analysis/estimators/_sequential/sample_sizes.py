"""How many people or events a comparison of two arms needs, and the power of a given number.

Proportions: normal approximation with the null variance at the restricted maximum likelihood (Farrington and Manning 1990; without a margin
the pooled proportion), continuity correction of Casagrande, Pike and Smith 1978. Times: Schoenfeld 1981, Freedman 1982.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.special import ndtr, ndtri


@dataclass(frozen=True, slots=True)
class Proportions:
    """Two expected proportions, people in the arm per person in the reference, the difference under the null, variance inflation of the arm."""

    p1: float
    p0: float
    ratio: float = 1.0
    null: float = 0.0
    inflation: float = 1.0

    def spreads(self, restricted: tuple[float, float]) -> tuple[float, float]:
        """The standard deviations of the difference, under the null and as expected, times root n of the reference arm."""
        (q1, q0), scale = restricted, self.inflation / self.ratio
        return math.sqrt(q1 * (1 - q1) * scale + q0 * (1 - q0)), math.sqrt(self.p1 * (1 - self.p1) * scale + self.p0 * (1 - self.p0))


def restricted(p1: float, p0: float, ratio: float, null: float) -> tuple[float, float]:
    """The proportions that fit best with the null difference between them: the root of Farrington and Manning's cubic."""
    theta = 1 / ratio
    a, b = 1 + theta, -(1 + theta + p1 + theta * p0 + null * (theta + 2))
    c, d = null**2 + null * (2 * p1 + theta + 1) + p1 + theta * p0, -p1 * null * (1 + null)
    v = b**3 / (27 * a**3) - b * c / (6 * a**2) + d / (2 * a)
    u = math.copysign(math.sqrt(max(b**2 / (9 * a**2) - c / (3 * a), 0.0)), v)
    w = (math.pi + math.acos(min(1.0, max(-1.0, v / u**3 if u else 0.0)))) / 3
    q1 = 2 * u * math.cos(w) - b / (3 * a)
    return q1, q1 - null


def restricted_again(p1: float, p0: float, ratio: float, null: float) -> tuple[float, float]:
    """The same where the slope of the expected log-likelihood crosses zero."""
    def slope(q0: float) -> float:
        q1 = q0 + null
        return ratio * (p1 / q1 - (1 - p1) / (1 - q1)) + p0 / q0 - (1 - p0) / (1 - q0)

    edge = 1e-12
    q0 = float(brentq(slope, max(0.0, -null) + edge, min(1.0, 1 - null) - edge, xtol=1e-15))
    return q0 + null, q0


def people(about: Proportions, alpha: float, power: float, *, continuity: bool) -> float:
    """People needed in the reference arm, not rounded; alpha is one-sided."""
    gap = abs(about.p1 - about.p0 - about.null)
    under_null, expected = about.spreads(restricted(about.p1, about.p0, about.ratio, about.null))
    n = ((ndtri(1 - alpha) * under_null + ndtri(power) * expected) / gap) ** 2
    if continuity:
        n = n / 4 * (1 + math.sqrt(1 + 2 * (1 + about.ratio) / (n * about.ratio * gap))) ** 2
    return float(n)


def power_of_people(about: Proportions, alpha: float, n: float, *, continuity: bool, again: bool = False) -> float:
    """The power with n people in the reference arm; `again`: with the second way to the restricted proportions."""
    gap = abs(about.p1 - about.p0 - about.null)
    if continuity:  # the correction takes this much off the difference
        gap = max(gap - (1 + about.ratio) / (2 * n * about.ratio), 0.0)
    under_null, expected = about.spreads((restricted_again if again else restricted)(about.p1, about.p0, about.ratio, about.null))
    return float(ndtr((gap * math.sqrt(n) - ndtri(1 - alpha) * under_null) / expected))


def per_root_event(hazard_ratio: float, margin: float, ratio: float, formula: str) -> float:
    """What one root event adds to the expected z."""
    if formula == "freedman":
        return math.sqrt(ratio) * abs(1 - hazard_ratio) / (1 + ratio * hazard_ratio)
    return math.sqrt(ratio) * abs(math.log(hazard_ratio) - math.log(margin)) / (1 + ratio)


def events(unit: float, alpha: float, power: float) -> float:
    """Events needed, not rounded; alpha is one-sided."""
    return float(((ndtri(1 - alpha) + ndtri(power)) / unit) ** 2)


def power_of_events(unit: float, alpha: float, count: float) -> float:
    """The power with so many events."""
    return float(ndtr(unit * math.sqrt(count) - ndtri(1 - alpha)))
