"""Scales and ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass

MONTH = 365 / 12


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from values to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def step(span: float, most: int) -> float:
    """The round distance (1, 2, 2.5 or 5 times a power of ten) that gives at most so many intervals."""
    raw = span / most
    power = 10.0 ** math.floor(math.log10(raw))
    return next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= raw * (1 - 1e-9))


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round values between low and high."""
    size = step(high - low, most)
    first = math.ceil(low / size - 1e-9)
    last = math.floor(high / size + 1e-9)
    return [round(index * size, 10) for index in range(first, last + 1)]


def decimals_of(values: list[float]) -> int:
    """The decimals that tell these ticks apart."""
    return next((places for places in range(6) if all(abs(round(value, places) - value) < 1e-9 for value in values)), 6)


def share_top(highest: float) -> float:
    """The top of an axis for proportions: the whole if more than half of it is used, else a round value above the highest."""
    if highest > 0.55:
        return 1.0
    return max(0.05, ticks(0, highest * 1.15 + step(max(highest, 0.01) * 1.15, 5), 6)[-1]) if highest > 0 else 0.05


def time_ticks(last: float) -> tuple[list[float], float, str]:
    """Ticks of a time axis in days, the days in one unit of their labels, and the unit's name."""
    if last < 120:
        return ticks(0, last, 7), 1.0, "days"
    months = last / MONTH
    every = next((size for size in (1, 2, 3, 6, 12, 24, 60, 120) if months / size <= 8.5), 240)
    return [index * every * MONTH for index in range(int(months / every + 0.02) + 1)], MONTH, "months"
