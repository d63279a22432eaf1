"""Agreement of a row with the second, independent computation of the same quantities."""

from __future__ import annotations

import math
from functools import cache


def distance(ours: float, theirs: float, se: float = 0.0) -> float:
    """|a - b| / max(|b|, se); the absolute difference where both are zero, but for rounding."""
    if ours == theirs:  # also two infinite limits
        return 0.0
    difference = abs(ours - theirs)
    scale = max(abs(theirs), abs(se))
    return difference / scale if scale > 1e-12 else difference


def agreement(*pairs: tuple[float | None, float | None], se: float | None = None, p: tuple[float, float] | None = None) -> float:
    """The largest distance over pairs (ours, theirs), relative to max(|theirs|, se); for p the absolute difference.

    A quantity that one side has and the other has not counts as infinitely far.
    """
    distances = [abs(p[0] - p[1])] if p else []
    for ours, theirs in pairs:
        if ours is None and theirs is None:
            continue
        distances.append(float("inf") if ours is None or theirs is None else distance(ours, theirs, se or 0.0))
    worst = max(distances, default=0.0)
    return float("inf") if math.isnan(worst) else float(worst)  # NaN: the witness has no number


@cache
def library(name: str) -> str:
    """Name and installed version of a witness: `lifelines 0.30.3`."""
    from importlib.metadata import version

    return f"{name} {version(name)}"
