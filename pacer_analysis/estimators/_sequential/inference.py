"""Tests and intervals after looks: the sample space ordered by stage, so that an earlier crossing is more extreme than any later one.

The ordering is taken on the side of the estimate and ignores the bound on the other side, as the bounds themselves do.
Source: Tsiatis, Rosner and Mehta 1984; Jennison and Turnbull 2000, sections 8.4 and 8.5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scipy.optimize import brentq

from pacer_analysis.estimators._sequential.recursion import FAR, exits

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    Exits = Callable[[tuple[float, ...], tuple[float, ...], tuple[float, ...], float], tuple[NDArray[np.float64], NDArray[np.float64]]]


@dataclass(frozen=True, slots=True)
class Final:
    """The two-sided adjusted p, the median-unbiased z and its interval, on the scale of the last look's z."""

    p: float
    median: float
    low: float
    high: float


def tail(times: tuple[float, ...], upper: tuple[float, ...], z: float, drift: float, by: Exits = exits) -> float:
    """The probability of a result at least as extreme upwards as z at the last of these looks, for a drift at information 1."""
    return float(by(times, (-FAR,) * len(times), (*upper[: len(times) - 1], z), drift)[1].sum())


def final(times: tuple[float, ...], upper: tuple[float, ...], z: float, level: float, by: Exits = exits) -> Final:
    """What the z at the last of these looks says, after the looks before it; their bounds are `upper`."""
    # ASSUME: after looks the two-sided p is twice the one-sided p on the side of the estimate, the bounds on the other side ignored.
    sign, size, last = math.copysign(1.0, z), abs(z), math.sqrt(times[-1])

    def solve(target: float) -> float:
        """In z units of the last look, the drift under which the tail is the target."""
        return float(brentq(lambda value: tail(times, upper, size, value / last, by) - target, -size - 12, size + 12, xtol=1e-12))

    half = (1 - level) / 2
    low, median, high = (sign * solve(target) for target in (half, 0.5, 1 - half))
    return Final(min(1.0, 2 * tail(times, upper, size, 0.0, by)), median, min(low, high), max(low, high))
