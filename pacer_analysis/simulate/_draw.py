"""Random streams, days and text: what every part of the simulation draws and writes with."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.object_]

NEVER = 10**6        # a day that does not come; also the mark of a blank whole number
FIRST_DAY, LAST_DAY = -14610, 25567      # 1930-01-01 to 2040-01-01: the days that can be written


def stream(seed: int, name: str) -> np.random.Generator:
    """The random numbers of one part of the simulation; other parts may grow without changing them."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def day(iso: str) -> int:
    """A date as days since 1970-01-01."""
    return int(np.datetime64(iso, "D").astype(np.int64))


def iso_dates(days: Ints) -> Texts:
    """ISO dates, '' where the day never comes."""
    table = np.append(np.datetime_as_string(np.arange(FIRST_DAY, LAST_DAY).astype("datetime64[D]")).astype(object), "")
    return np.asarray(table[np.where(days >= LAST_DAY, len(table) - 1, days - FIRST_DAY)], dtype=object)


def whole(values: NDArray[Any], blank: Flags | None = None) -> Texts:
    """Whole numbers as text, '' where blank or NEVER."""
    values = np.asarray(values, dtype=np.int64)
    hidden = values == NEVER if blank is None else blank | (values == NEVER)
    kept = np.where(hidden, 0, values)
    unique, position = np.unique(kept, return_inverse=True)
    text = np.array([str(value) for value in unique.tolist()], dtype=object)[position]
    text[hidden] = ""
    return np.asarray(text, dtype=object)


def decimals(values: Floats, digits: int) -> Texts:
    """Numbers with a fixed count of decimals as text, half away from zero; '' where NaN."""
    hidden = np.isnan(values)
    scaled = np.floor(np.round(np.where(hidden, 0.0, values) * 10**digits, 9) + 0.5).astype(np.int64)
    unique, position = np.unique(scaled, return_inverse=True)
    text = np.array([f"{value / 10**digits:.{digits}f}" for value in unique.tolist()], dtype=object)[position]
    text[hidden] = ""
    return np.asarray(text, dtype=object)


def where(condition: Flags, yes: Any, no: Any = "") -> Texts:
    """Text by condition, as objects."""
    return np.asarray(np.where(condition, yes, no), dtype=object)


def choose(rng: np.random.Generator, codes: list[Any], odds: list[float], size: int) -> NDArray[Any]:
    """Codes drawn with these odds."""
    chances = np.cumsum(np.asarray(odds, dtype=float) / sum(odds))
    kind: Any = object if isinstance(codes[0], str) else np.int64
    return np.array(codes, dtype=kind)[np.minimum(np.searchsorted(chances, rng.random(size), side="right"), len(codes) - 1)]


def working_day(days: Ints) -> Ints:
    """The same day, or the Monday after a weekend."""
    weekday = (days + 3) % 7                     # 0 is Monday: 1970-01-01 was a Thursday
    return days + np.where(weekday == 5, 2, np.where(weekday == 6, 1, 0))


def first_time(rng: np.random.Generator, hazard: tuple[tuple[int, float], ...], multiplier: Floats) -> Floats:
    """Days to an event under a piecewise constant hazard times a multiplier, by inversion of the cumulative hazard."""
    starts = np.array([start for start, _ in hazard], dtype=float)
    rates = np.array([rate for _, rate in hazard], dtype=float)
    reached = np.concatenate([[0.0], np.cumsum(np.diff(starts) * rates[:-1])])
    need = rng.exponential(size=len(multiplier)) / multiplier
    piece = np.searchsorted(reached, need, side="right") - 1
    return np.asarray(starts[piece] + (need - reached[piece]) / rates[piece], dtype=float)
