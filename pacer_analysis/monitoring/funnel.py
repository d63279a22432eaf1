"""Limits of a funnel plot: exact for proportions, normal for means, widened where sites or records vary more than chance.

Spiegelhalter, Statistics in Medicine 2005;24:1185-1202: limits around the pooled value at 95% and 99.8%, the exact ones interpolated
(appendix A.1.1), overdispersion as a multiplicative factor from winsorised z-scores (section 6).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

INNER, OUTER = 0.95, 0.998
Z_INNER, Z_OUTER = 1.959963984540054, 3.090232306167813
POINTS = 48
# With fewer sites their overdispersion cannot be told from chance.
ENOUGH_SITES = 8
WINSORISED = 0.1


@dataclass(frozen=True, slots=True)
class Place:
    """A site in a funnel: its own value, its outer limits, how far out it lies, and the chance of that."""

    value: float
    low: float
    high: float
    z: float
    p: float


def exact_limit(share: float, size: float, probability: float) -> float:
    """The proportion below which a site of this size falls with this probability, interpolated between whole numbers of events."""
    from scipy.special import bdtr, bdtrik

    whole = max(1, round(size))
    events = max(0, math.ceil(float(bdtrik(probability, whole, share)) - 1e-6))
    # The continuous inverse may lie a hair off a whole number.
    while events > 0 and float(bdtr(events - 1, whole, share)) >= probability:
        events -= 1
    while float(bdtr(events, whole, share)) < probability:
        events += 1
    upto = float(bdtr(events, whole, share))
    mass = upto - (float(bdtr(events - 1, whole, share)) if events else 0.0)
    part = (upto - probability) / mass if mass > 0 else 0.0
    return min(1.0, max(0.0, (events - part) / whole))


def proportion(events: float, size: float, share: float, factor: float = 1.0) -> Place:
    """A site's proportion against the pooled share; `factor` is by how much its variance exceeds the binomial (the effective size is size / factor)."""
    from scipy.special import betainc, ndtri

    own, effective = events / size, size / factor
    x = own * effective
    above = 1.0 if x <= 0 else float(betainc(x, effective - x + 1, share))
    below = 1.0 if x >= effective else float(betainc(effective - x, x + 1, 1 - share))
    p = min(1.0, 2 * min(above, below))
    z = -float(ndtri(max(p, 1e-300) / 2)) * (1 if own >= share else -1)
    return Place(own, exact_limit(share, effective, (1 - OUTER) / 2), exact_limit(share, effective, (1 + OUTER) / 2), z, p)


def mean(value: float, target: float, error: float) -> Place:
    """A site's value against the pooled one, with the standard error that its size gives it."""
    from scipy.special import ndtr

    z = (value - target) / error
    return Place(value, target - Z_OUTER * error, target + Z_OUTER * error, z, float(2 * ndtr(-abs(z))))


def curve(share: float, sizes: Sequence[float], factor: float = 1.0) -> list[tuple[float, float, float, float, float]]:
    """Size and the four exact limits, from a little below the smallest site to a little above the largest."""
    least, most = 0.75 * min(sizes), 1.15 * max(sizes)
    found = []
    for place in range(POINTS):
        size = least + (most - least) * place / (POINTS - 1)
        low, high, lower, higher = (exact_limit(share, size / factor, probability) for probability in
                                    ((1 - INNER) / 2, (1 + INNER) / 2, (1 - OUTER) / 2, (1 + OUTER) / 2))
        found.append((size, low, high, lower, higher))
    return found


def between(z_scores: Sequence[float]) -> float:
    """By how much the sites' z-scores vary more than chance: the mean of the winsorised squares; 1 with few sites or no more than chance."""
    import numpy as np

    if len(z_scores) < ENOUGH_SITES:
        return 1.0
    ordered = np.sort(np.asarray(z_scores))
    cut = max(1, int(len(ordered) * WINSORISED))
    held = np.clip(ordered, ordered[cut], ordered[len(ordered) - 1 - cut])
    return max(1.0, float(np.mean(held**2)))


def within(events: NDArray[np.float64], sizes: NDArray[np.float64], site: NDArray[np.int64]) -> float:
    """By how much clusters (the rows of a record, the visits of a day) vary more than binomially around their own site's share; at least 1.

    The design effect of a ratio over clusters: sum (x - p n)^2 over sum p (1 - p) n.
    """
    import numpy as np

    total, events_at = np.bincount(site, weights=sizes), np.bincount(site, weights=events)
    share = np.divide(events_at, total, out=np.zeros_like(total), where=total > 0)
    chance = float(np.sum(share * (1 - share) * total))
    spread: Any = np.sum((events - share[site] * sizes) ** 2)
    return max(1.0, float(spread) / chance) if chance > 0 else 1.0


def widened(factor: float) -> str:
    """The remark on limits that overdispersion widened, '' if hardly."""
    return f"limits widened for overdispersion, factor {factor:.1f}" if factor >= 1.05 else ""
