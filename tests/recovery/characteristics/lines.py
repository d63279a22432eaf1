"""One line of the table: what was simulated, what came of it, and whether it is as it should be.

A line is judged by three criteria, each within three Monte Carlo standard errors: the mean of the estimates at the truth, coverage of the
interval at its level, type I error of the test at its level. An exception is named with its reason, and is still a bound: one-sided for what is
known to be conservative, widened by a stated amount for what is known to be approximate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
NULL, ALTERNATIVE = "null", "alternative"
SEEN = ("estimate", "se", "low", "high", "p", "truth")
BLANK = (math.nan,) * len(SEEN)


@dataclass(frozen=True, slots=True)
class Known:
    """Why a line may miss, and by how much it may: `conservative` opens the safe side, `slack` widens the criterion."""

    reason: str
    conservative: bool = False
    slack: float = 0.0


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a study reads from an estimator: its truth under either truth, and the criteria that it stands for.

    `truth`: on the scale of the interval (ratios: logarithms); None where there is none, or where every replicate brings its own. `null`: the truths
    under which rejection is a type I error. `size`: level of the test, `level` of the interval. `known`: exceptions for bias, coverage and test.
    """

    truth: Mapping[str, float] | None = None
    null: tuple[str, ...] = (NULL,)
    size: float = 0.05
    level: float = 0.95
    unbiased: bool = True
    expected: Mapping[str, float] | None = None   # how often the test is to reject, where that is neither a type I error nor left open
    known: Mapping[str, Known] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table."""

    estimator: str
    option: str
    quantity: str
    truth: str
    replicates: int
    refused: int
    value: float
    bias: float
    bias_error: float
    se_ratio: float
    coverage: float
    rejected: float
    kind: str          # "type I", "power", or what is expected
    verdict: str       # "within", "exception" or "FAILS"
    reason: str


def judge(estimator: str, option: str, name: str, truth: str, quantity: Quantity, seen: Array) -> Line:
    """The line of these replicates, (replicates, SEEN)."""
    estimate, se, low, high, p, own = seen.T
    value = quantity.truth[truth] if quantity.truth is not None else math.nan
    target = np.where(np.isfinite(own), own, value)
    replicates = len(seen)
    used = np.isfinite(seen[:, :5]).any(axis=1)
    faults: list[str] = []
    reasons: list[str] = []

    def check(what: str, found: float, wanted: float, error: float, safe: float) -> None:
        """Notes a miss of more than three errors; `safe` is the direction in which a conservative method may go."""
        gap = found - wanted
        if abs(gap) <= 3 * error + 1e-12:
            return
        known = quantity.known.get(what)
        if known is None or not ((known.conservative and gap * safe > 0) or abs(gap) <= known.slack + 3 * error):
            faults.append(f"{what} off by {gap / error:+.1f} Monte Carlo SE" if error else f"{what} off by {gap:.3g}")
        elif known.reason not in reasons:
            reasons.append(known.reason)

    valid = np.isfinite(estimate) & np.isfinite(target)
    bias = bias_error = ratio = coverage = rejected = math.nan
    if valid.sum() > 1:
        gaps = (estimate - target)[valid]
        bias, bias_error = float(gaps.mean()), float(gaps.std(ddof=1) / math.sqrt(valid.sum()))
        if quantity.unbiased:
            check("bias", bias, 0.0, bias_error, 0.0)
        if np.isfinite(se[valid]).any() and bias_error > 0:
            ratio = float(np.sqrt(np.nanmean(se[valid] ** 2)) / gaps.std(ddof=1))
    bounded = ~np.isnan(low) & ~np.isnan(high) & np.isfinite(target)   # a limit may be infinite
    if bounded.any():
        coverage = float(((low <= target) & (target <= high))[bounded].mean())
        check("coverage", coverage, quantity.level, math.sqrt(quantity.level * (1 - quantity.level) / bounded.sum()), 1.0)
    tested = np.isfinite(p)
    kind = ""
    if tested.any():
        rejected = float((p[tested] <= quantity.size).mean())
        kind = "type I" if truth in quantity.null and quantity.expected is None else "power"
        if quantity.expected is not None:
            wanted = quantity.expected[truth]
            kind = f"expected {wanted:.3f}:"
            check("test", rejected, wanted, math.sqrt(wanted * (1 - wanted) / tested.sum()), -1.0)
        elif kind == "type I":
            check("test", rejected, quantity.size, math.sqrt(quantity.size * (1 - quantity.size) / tested.sum()), -1.0)
    refused = int(replicates - used.sum())
    if refused > 0.02 * replicates:
        known = quantity.known.get("refused")
        (reasons if known else faults).append(known.reason if known else f"{refused} refused")
    verdict = "FAILS" if faults else "exception" if reasons else "within"
    return Line(estimator, option, name, truth, replicates, refused, value, bias, bias_error, ratio, coverage, rejected, kind, verdict, "; ".join(faults or reasons))
