"""Grambsch and Therneau's test of proportional hazards, as the exact score test of x g(t)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .columns import chi_square_p, newton, term_columns
from .cox import Data, moments, partial_likelihood, prepare


def km_before(data: Data, t: float) -> float:
    """1 - S(t-) of the pooled Kaplan-Meier, strata ignored."""
    survival = 1.0
    for u in np.unique(data.time[data.event]):
        if u >= t:
            break
        survival *= 1 - np.sum(data.event & (data.time == u)) / np.sum((data.entry < u) & (data.time >= u))
    return 1 - survival


def proportional_hazards(
    frame: pd.DataFrame, covariates: list[str] | None = None, stratified: bool = False, cause: int | None = None, ties: str = "efron"
) -> dict[str, dict[str, float]]:
    """Per term and `global`: the score test that gamma = 0 in beta x + gamma x g(t), at the fitted beta, g(t) = 1 - S(t-).

    The information of (beta, gamma) is summed over the steps of tied events: V, g V, g^2 V. One term: its own gamma (all its
    columns together) with the whole of beta; global: every gamma.
    """
    data, names, rows = prepare(frame, covariates, stratified, cause, ties)
    p = len(names)
    beta = newton(lambda b: partial_likelihood(data, b), np.zeros(p))
    steps = moments(data, beta)
    g_of = {m.time: km_before(data, m.time) for m in steps}
    centre = float(np.mean([g_of[m.time] for m in steps for _ in m.dying]))
    u, information = np.zeros(2 * p), np.zeros((2 * p, 2 * p))
    for m in steps:
        g = g_of[m.time] - centre
        u[p:] += g * (data.x[m.dying].sum(axis=0) - sum(m.mean))
        for w, s0, mean in zip(m.weights, m.s0, m.mean, strict=True):
            centred = data.x[m.risk] - mean
            v = centred.T @ (w[:, None] * centred) / s0
            information += np.block([[v, g * v], [g * v, g * g * v]])
    out = {}
    terms = ["arm", *(covariates or [])]
    for name, kept in [(t, term_columns(rows, t, names)) for t in terms] + [("global", list(range(p)))]:
        use = [*range(p), *[p + j for j in kept]]
        statistic = float(u[use] @ np.linalg.solve(information[np.ix_(use, use)], u[use]))
        out[name] = {"statistic": statistic, "df": len(kept), "p": chi_square_p(statistic, len(kept))}
    return out


def scaled_schoenfeld(
    frame: pd.DataFrame, covariates: list[str] | None = None, stratified: bool = False, cause: int | None = None, ties: str = "efron"
) -> list[dict[str, float]]:
    """Per event beta + (number of events) V (x - mean of x at risk); under Efron the mean of the d steps."""
    data, names, _ = prepare(frame, covariates, stratified, cause, ties)
    beta = newton(lambda b: partial_likelihood(data, b), np.zeros(len(names)))
    v = np.linalg.inv(partial_likelihood(data, beta)[2])
    out = []
    for m in moments(data, beta):
        for i in m.dying:
            scaled = beta + data.event.sum() * v @ (data.x[i] - sum(m.mean) / len(m.dying))
            out.append({"time": m.time} | {name: float(scaled[j]) for j, name in enumerate(names)})
    return sorted(out, key=lambda row: row["time"])
