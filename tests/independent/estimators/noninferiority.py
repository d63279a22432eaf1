"""The verdict of an interval against a margin."""

from __future__ import annotations

import math

from .columns import p_two_sided, z_value


def noninferiority(low: float, high: float, margin: float, better: str) -> dict[str, object]:
    """better `higher`: non-inferior if low > margin, inferior if high < margin; `lower`: the mirror; else inconclusive.

    Readings: low, high and margin are on the same scale (differences signed: -0.05 when higher is better, 0.05 when lower is;
    ratios as ratios); an end exactly on the margin decides nothing; superior = the interval beyond no difference is not part of it.
    """
    if better not in ("higher", "lower"):
        raise ValueError("better: higher or lower")
    good = low > margin if better == "higher" else high < margin
    bad = high < margin if better == "higher" else low > margin
    return {"verdict": "non-inferior" if good else "inferior" if bad else "inconclusive", "low": low, "high": high, "margin": margin}


def wald_test_against(estimate: float, se: float, margin: float, better: str, ratio: bool = False) -> dict[str, float]:
    """One-sided test of the margin from estimate and standard error (log scale for a ratio); p < 0.025 = wholly inside the 95% interval."""
    gap = math.log(estimate / margin) if ratio else estimate - margin
    z = gap / se if better == "higher" else -gap / se
    tail = p_two_sided(z) / 2
    return {"statistic": z, "p_one_sided": tail if z > 0 else 1 - tail, "critical": z_value(0.95)}
