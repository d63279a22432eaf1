"""The log-rank test: two or more arms, strata, Fleming-Harrington weights."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .columns import arm_names, chi_square_p, levels


def logrank(frame: pd.DataFrame, stratified: bool = False, rho: float = 0.0, gamma: float = 0.0) -> dict[str, float]:
    """Observed minus expected per arm, hypergeometric variance, weight S(t-)^rho (1 - S(t-))^gamma.

    Readings: S is the pooled Kaplan-Meier just before t, within each stratum; status >= 1 is an event (recode to pick a cause);
    entry, if there, delays the risk set. `observed` and `expected` are unweighted sums when both exponents are zero.
    """
    names = arm_names(frame)
    k = len(names)
    gap, variance = np.zeros(k), np.zeros((k, k))
    observed, expected = np.zeros(k), np.zeros(k)
    strata = [frame[frame["stratum"] == value] for value in levels(frame["stratum"])] if stratified else [frame]
    for rows in strata:
        time, event, arm = rows["time"].to_numpy(float), rows["status"].to_numpy() >= 1, rows["arm"].to_numpy()
        entry = rows["entry"].to_numpy(float) if "entry" in rows else np.full(len(rows), -np.inf)
        survival = 1.0
        for t in np.unique(time[event]):
            risk = (entry < t) & (time >= t)
            dying = (time == t) & event
            n, d = risk.sum(), dying.sum()
            n_arm = np.array([np.sum(risk & (arm == a)) for a in names], dtype=float)
            d_arm = np.array([np.sum(dying & (arm == a)) for a in names], dtype=float)
            weight = survival**rho * (1 - survival) ** gamma
            observed += weight * d_arm
            expected += weight * n_arm * d / n
            gap += weight * (d_arm - n_arm * d / n)
            if n > 1:
                share = n_arm / n
                variance += weight**2 * d * (n - d) / (n - 1) * (np.diag(share) - np.outer(share, share))
            survival *= 1 - d / n
    statistic = float(gap[1:] @ np.linalg.solve(variance[1:, 1:], gap[1:]))
    out: dict[str, float] = {"statistic": statistic, "df": k - 1, "p": chi_square_p(statistic, k - 1)}
    for j, name in enumerate(names):
        out |= {f"observed[{name}]": float(observed[j]), f"expected[{name}]": float(expected[j])}
    return out
