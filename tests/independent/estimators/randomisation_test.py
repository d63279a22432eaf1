"""The re-randomisation test within strata and blocks: by Monte Carlo, and by full enumeration when it is small."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd

from .columns import arm_names, levels


def statistic(y: np.ndarray, treated: np.ndarray, stratum: np.ndarray | None) -> float:
    """Absolute crude difference of proportions, or the absolute Mantel-Haenszel difference when strata are given."""
    if stratum is None:
        return abs(float(y[treated].mean() - y[~treated].mean()))
    top = weight = 0.0
    for value in pd.unique(stratum):
        here = stratum == value
        n1, n0 = int(np.sum(here & treated)), int(np.sum(here & ~treated))
        if n1 and n0:
            top += n1 * n0 / (n1 + n0) * float(y[here & treated].mean() - y[here & ~treated].mean())
            weight += n1 * n0 / (n1 + n0)
    return abs(top / weight)


def cells(frame: pd.DataFrame) -> list[np.ndarray]:
    keys = [k for k in ("stratum", "block") if k in frame]
    return [np.asarray(v) for v in frame.groupby(keys, sort=True, observed=True).indices.values()] if keys else [np.arange(len(frame))]


def randomisation_test(frame: pd.DataFrame, draws: int = 10_000, seed: int = 1, stratified: bool = False) -> dict[str, float]:
    """p = (1 + b)/(1 + B): labels permuted within each stratum and block; a draw counts if at least as far, within 1e-12.

    Readings: everyone randomised is permuted, those without an outcome too, and drop out afterwards; Monte Carlo error root of p(1 - p)/B.
    """
    reference = arm_names(frame)[0]
    treated = (frame["arm"] != reference).to_numpy()
    y = frame["outcome"].to_numpy(float)
    known = ~np.isnan(y)
    stratum = frame["stratum"].to_numpy()[known] if stratified else None
    observed = statistic(y[known], treated[known], stratum)
    generator, blocks, far = np.random.default_rng(seed), cells(frame), 0
    for _ in range(draws):
        drawn = treated.copy()
        for index in blocks:
            drawn[index] = generator.permutation(treated[index])
        far += statistic(y[known], drawn[known], stratum) >= observed - 1e-12
    p = (1 + far) / (1 + draws)
    return {"observed": observed, "beyond": int(far), "draws": draws, "p": p, "p_error": math.sqrt(p * (1 - p) / draws)}


def exact_randomisation_test(frame: pd.DataFrame, stratified: bool = False) -> dict[str, float]:
    """Every allocation the blocks allow, equally likely: p is the share at least as far as the observed one."""
    treated = (frame["arm"] != levels(frame["arm"])[0]).to_numpy()
    y = frame["outcome"].to_numpy(float)
    known = ~np.isnan(y)
    stratum = frame["stratum"].to_numpy()[known] if stratified else None
    observed = statistic(y[known], treated[known], stratum)
    options = [[(index, chosen) for chosen in itertools.combinations(index, int(treated[index].sum()))] for index in cells(frame)]
    far = count = 0
    for choice in itertools.product(*options):
        drawn = np.zeros(len(y), dtype=bool)
        for _, chosen in choice:
            drawn[list(chosen)] = True
        far += statistic(y[known], drawn[known], stratum) >= observed - 1e-12
        count += 1
    return {"observed": observed, "beyond": int(far), "allocations": count, "p": far / count}
