"""Sample sizes: two proportions, events for a log-rank test, loss and design effect."""

from __future__ import annotations

import math

from scipy import stats


def two_proportions(p1: float, p0: float, power: float = 0.8, alpha: float = 0.05, ratio: float = 1.0) -> dict[str, float]:
    """Fleiss without continuity correction: pooled variance under no difference, unpooled under the alternative; ratio = n1/n0."""
    za, zb = float(stats.norm.isf(alpha / 2)), float(stats.norm.ppf(power))
    pooled = (ratio * p1 + p0) / (1 + ratio)
    root = za * math.sqrt((1 + 1 / ratio) * pooled * (1 - pooled)) + zb * math.sqrt(p1 * (1 - p1) / ratio + p0 * (1 - p0))
    n0 = (root / (p1 - p0)) ** 2
    return {"n_reference_exact": n0, "n_reference": math.ceil(n0), "n_exact": ratio * n0, "n": math.ceil(ratio * n0)}


def power_two_proportions(p1: float, p0: float, n1: float, n0: float, alpha: float = 0.05) -> dict[str, float]:
    """The same formula solved for power; the far tail is left out."""
    pooled = (n1 * p1 + n0 * p0) / (n1 + n0)
    gap = abs(p1 - p0) - float(stats.norm.isf(alpha / 2)) * math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n0))
    return {"power": float(stats.norm.cdf(gap / math.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)))}


def logrank_events(hazard_ratio: float, power: float = 0.8, alpha: float = 0.05, share: float = 0.5) -> dict[str, float]:
    """Schoenfeld (z_a + z_b)^2/(s(1 - s) log^2 HR) and Freedman (z_a + z_b)^2 (1 + k HR)^2/(k (1 - HR)^2), k = s/(1 - s)."""
    z = float(stats.norm.isf(alpha / 2) + stats.norm.ppf(power))
    k = share / (1 - share)
    schoenfeld = z**2 / (share * (1 - share) * math.log(hazard_ratio) ** 2)
    freedman = z**2 * (1 + k * hazard_ratio) ** 2 / (k * (1 - hazard_ratio) ** 2)
    return {
        "schoenfeld_exact": schoenfeld,
        "schoenfeld": math.ceil(schoenfeld),
        "freedman_exact": freedman,
        "freedman": math.ceil(freedman),
    }


def inflate(n: float, loss: float = 0.0, cluster_size: float = 1.0, icc: float = 0.0) -> dict[str, float]:
    """n (1 + (m - 1) icc)/(1 - loss)."""
    out = n * (1 + (cluster_size - 1) * icc) / (1 - loss)
    return {"n_exact": out, "n": math.ceil(out - 1e-9)}
