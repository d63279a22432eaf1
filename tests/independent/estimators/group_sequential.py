"""Group-sequential boundaries by recursion on a fine quadrature, adjusted final inference, conditional and predictive power."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import stats

from .columns import bisect

NODES, WEIGHTS = np.polynomial.legendre.leggauss(400)
FAR = 9.0


def spent(t: float, alpha: float, kind: str) -> float:
    """Cumulative one-sided error at information t. of: 2(1 - Phi(z_(alpha/2)/sqrt t)); pocock: alpha log(1 + (e - 1) t)."""
    if t >= 1:
        return alpha
    if kind == "of":
        return float(2 * stats.norm.sf(stats.norm.isf(alpha / 2) / math.sqrt(t)))
    if kind == "pocock":
        return alpha * math.log(1 + (math.e - 1) * t)
    raise ValueError("of or pocock")


def crossing_probabilities(times: list[float], upper: list[float], drift: float = 0.0) -> list[float]:
    """Probability of first crossing the upper bound at each look; Brownian motion B(t) with mean drift t, no lower bound.

    The density of B at a look among those not stopped is carried on 400 Gauss-Legendre nodes over (mean - 9 sd, bound).
    """
    out = []
    points = density = weights = np.zeros(0)
    previous = 0.0
    for k, (t, z) in enumerate(zip(times, upper, strict=True)):
        bound, gap = z * math.sqrt(t), t - previous
        if k == 0:
            out.append(float(stats.norm.sf((bound - drift * t) / math.sqrt(t))))
        else:
            out.append(float(np.sum(weights * density * stats.norm.sf((bound - points - drift * gap) / math.sqrt(gap)))))
        low = min(drift * t - FAR * math.sqrt(t), bound - 1)
        half = (bound - low) / 2
        fresh = low + half * (NODES + 1)
        if k == 0:
            density_now = stats.norm.pdf((fresh - drift * t) / math.sqrt(t)) / math.sqrt(t)
        else:
            kernel = stats.norm.pdf((fresh[:, None] - points[None, :] - drift * gap) / math.sqrt(gap)) / math.sqrt(gap)
            density_now = kernel @ (weights * density)
        points, density, weights, previous = fresh, density_now, half * WEIGHTS, t
    return out


def boundaries(
    times: list[float], alpha: float = 0.025, kind: str = "of", spending: Callable[[float], float] | None = None
) -> dict[str, float]:
    """Lan-DeMets: one-sided bounds z[1..K] spending alpha at the information fractions; the lower side is not bounded (non-binding)."""
    spend = spending or (lambda t: spent(t, alpha, kind))
    upper: list[float] = []
    out: dict[str, float] = {}
    used = 0.0
    for k, t in enumerate(times, 1):
        share = spend(t) - used

        def excess(z: float, k: int = k, share: float = share) -> float:
            return crossing_probabilities(times[:k], [*upper, z])[-1] - share

        upper.append(bisect(excess, -3.0, FAR))
        used += share
        out |= {f"z[{k}]": upper[-1], f"nominal_p[{k}]": float(stats.norm.sf(upper[-1])), f"spent[{k}]": used}
    return out


def haybittle_peto(looks: int, alpha: float = 0.025, interim_p: float = 0.001) -> dict[str, float]:
    """Interim bound from a two-sided p (3.2905); the final bound unadjusted (the usual rule), and the one that spends the rest."""
    z = float(stats.norm.isf(interim_p / 2))
    times = [k / looks for k in range(1, looks + 1)]

    def excess(last: float) -> float:
        return sum(crossing_probabilities(times, [*[z] * (looks - 1), last])) - alpha

    return {"interim": z, "final": float(stats.norm.isf(alpha)), "final_exact": bisect(excess, 0.0, FAR)}


def classical_obrien_fleming(looks: int, alpha: float = 0.025) -> dict[str, float]:
    """Bounds c sqrt(K/k) at equal information."""
    times = [k / looks for k in range(1, looks + 1)]

    def shape(c: float) -> list[float]:
        return [c / math.sqrt(t) for t in times]

    c = bisect(lambda v: sum(crossing_probabilities(times, shape(v))) - alpha, 0.5, 5.0)
    return {f"z[{k}]": z for k, z in enumerate(shape(c), 1)}


def adjusted_final(times: list[float], upper: list[float], z: float, level: float = 0.95) -> dict[str, float]:
    """After stopping at the last of `times` with z; `upper` are the bounds of the earlier looks. Stagewise ordering.

    p (one-sided) = probability under no effect of crossing earlier or reaching z now; limits and the median-unbiased estimate are the
    drifts (expected z at full information) at which that probability is (1 - level)/2, 1/2 and (1 + level)/2.
    """

    def beyond(drift: float) -> float:
        return sum(crossing_probabilities(times, [*upper, z], drift))

    tail = (1 - level) / 2
    return {
        "p_one_sided": beyond(0.0),
        "drift_low": bisect(lambda d: beyond(d) - tail, -15.0, 15.0),
        "drift_median": bisect(lambda d: beyond(d) - 0.5, -15.0, 15.0),
        "drift_high": bisect(lambda d: beyond(d) - (1 - tail), -15.0, 15.0),
    }


def conditional_power(z: float, t: float, design_drift: float | None = None, final_bound: float = 1.959963984540054) -> dict[str, float]:
    """Phi((z sqrt t + drift (1 - t) - c)/sqrt(1 - t)): trend drift z/sqrt t, null 0, design (default z_.975 + z_.8).

    Predictive power: flat prior, Phi((z - c sqrt t)/sqrt(1 - t)). One-sided: only the upper bound counts.
    """
    if design_drift is None:
        design_drift = float(stats.norm.ppf(0.975) + stats.norm.ppf(0.8))
    rest = 1 - t

    def power(drift: float) -> float:
        return float(stats.norm.cdf((z * math.sqrt(t) + drift * rest - final_bound) / math.sqrt(rest)))

    return {
        "trend": power(z / math.sqrt(t)),
        "design": power(design_drift),
        "null": power(0.0),
        "predictive": float(stats.norm.cdf((z - final_bound * math.sqrt(t)) / math.sqrt(rest))),
    }
