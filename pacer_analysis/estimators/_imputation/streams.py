"""One stream of random numbers per imputation: imputation 7 of 50 is imputation 7 of 20."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Streams = Sequence[np.random.Generator]


def streams(seed: int, m: int, group: int) -> list[np.random.Generator]:
    """The generators of the m imputations of one group, spawned from the seed: they do not depend on m nor on the other groups."""
    return [np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(i, group)))) for i in range(m)]


def normals(rngs: Streams, size: int) -> Array:
    """Standard normal numbers, a row per imputation."""
    return np.array([rng.standard_normal(size) for rng in rngs]).reshape(len(rngs), size)


def uniforms(rngs: Streams, size: int) -> Array:
    """Numbers uniform on [0, 1), a row per imputation."""
    return np.array([rng.random(size) for rng in rngs]).reshape(len(rngs), size)
