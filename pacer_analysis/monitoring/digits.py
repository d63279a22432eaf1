"""The last digits of measured numbers: the step in which a field is recorded, and whether its last digits ought to be even."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST, FEWEST_STEPS = 100, 20
MOST_DECIMALS = 4
# ASSUME: a field is recorded in the largest step of 1, 2, 5, 10, 20, ... of its last decimal of which at least 99% of its values are multiples.
MULTIPLES = 0.99
POWERS = 7
# A value that alone is so frequent, and so much more than what lies around it, is a limit (of detection, of a scale), not a habit of reading.
PILE, PILE_TO_NEIGHBOURS = 0.02, 4.0
MOST_AT_AN_END = 0.25


@dataclass(frozen=True, slots=True)
class Digits:
    """The last digit of each value as a class; `classes` are the digits that the step allows; `left_out` values lie at a limit."""

    rows: NDArray[np.intp]
    digit: NDArray[np.int64]
    classes: tuple[int, ...]
    step: float
    left_out: int


def last_digits(values: NDArray[np.float64]) -> Digits | None:
    """The last digits of a field's values (NaN where blank); none where they need not be even.

    They are even to within 0.2% if the distribution is smooth and wide against one cycle of ten steps (a normal distribution with a standard deviation of
    0.75 cycles has a first harmonic of 2 exp(-2 pi^2 0.75^2)). So asked for are 100 values, 20 different ones, quartiles at least a cycle apart, and no more than a
    quarter of the values in the first or in the last cycle.
    """
    import numpy as np

    rows = np.flatnonzero(~np.isnan(values))
    if len(rows) < FEWEST:
        return None
    whole, decimals = _whole(np.abs(values[rows]))
    if whole is None:
        return None
    step = _step(whole)
    cycle = 10 ** len(str(step))
    regular = whole % step == 0
    piles = _piles(whole[regular], step, cycle)
    keep = regular & ~np.isin(whole, piles)
    kept = whole[keep]
    if len(kept) < FEWEST or len(np.unique(kept)) < FEWEST_STEPS or not _is_wide(kept, cycle):
        return None
    power = cycle // 10
    classes = tuple(range(0, 10, step // power))
    return Digits(rows[keep], kept % cycle // power, classes, step / 10**decimals, len(piles))


def _whole(values: NDArray[np.float64]) -> tuple[NDArray[np.int64] | None, int]:
    """The values in units of their last decimal; none if they have more decimals than anybody writes."""
    import numpy as np

    for decimals in range(MOST_DECIMALS + 1):
        scaled = values * 10**decimals
        if np.mean(np.abs(scaled - np.rint(scaled)) < 1e-6) >= MULTIPLES and scaled.max() < 2**53:
            return np.rint(scaled).astype(np.int64), decimals
    return None, 0


def _step(whole: NDArray[np.int64]) -> int:
    """The largest step of which nearly all values are multiples; tens are only tried where twos or fives hold."""
    import numpy as np

    found = 1
    for power in range(POWERS):
        held = [factor * 10**power for factor in (2, 5, 10) if np.mean(whole % (factor * 10**power) == 0) >= MULTIPLES]
        found = max([found, *held])
        if 10 ** (power + 1) not in held:
            break
    return found


def _piles(whole: NDArray[np.int64], step: int, cycle: int) -> NDArray[np.int64]:
    """The values that pile up: far more frequent than the other digits around them and, but for the smallest and the largest, than their own digit further off.

    A preferred digit is frequent in every cycle, the middle of a narrow distribution no more than what lies beside it: neither is a pile.
    """
    import numpy as np

    different, counts = np.unique(whole, return_counts=True)
    near = [shift for shift in range(step - cycle, cycle, step) if shift]
    beside, further = (_mean_around(different, counts, shifts) for shifts in (near, [-2 * cycle, -cycle, cycle, 2 * cycle]))
    ends = (different == different[0]) | (different == different[-1])
    piles: NDArray[np.int64] = different[(counts > PILE * len(whole)) & (counts > PILE_TO_NEIGHBOURS * beside) & (ends | (counts > PILE_TO_NEIGHBOURS * further))]
    return piles


def _mean_around(different: NDArray[np.int64], counts: NDArray[np.int64], shifts: list[int]) -> NDArray[np.float64]:
    """The mean frequency at these distances from each value, inside the range."""
    import numpy as np

    total, known = np.zeros(len(different)), np.zeros(len(different))
    for shift in shifts:
        sought = different + shift
        inside = (sought >= different[0]) & (sought <= different[-1])
        place = np.minimum(np.searchsorted(different, sought), len(different) - 1)
        total += np.where(inside & (different[place] == sought), counts[place], 0)
        known += inside
    return np.divide(total, known, out=np.zeros(len(different)), where=known > 0)


def _is_wide(whole: NDArray[np.int64], cycle: int) -> bool:
    import numpy as np

    lower, upper = np.quantile(whole, (0.25, 0.75))
    at_ends = max(float(np.mean(whole < whole.min() + cycle)), float(np.mean(whole > whole.max() - cycle)))
    return bool(upper - lower >= cycle) and at_ends <= MOST_AT_AN_END
