"""Gray's test (1988), rho = 0, two or more arms, strata."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .columns import arm_names, chi_square_p, levels


def stratum_parts(rows: pd.DataFrame, names: list[str], cause: int) -> tuple[np.ndarray, np.ndarray]:
    """Score and variance within one stratum.

    R_k = Y_k (1 - F_k(t-))/S_k(t-); score_k = sum over t of dN_1k - R_k dN_1./R.. Under the null the subdistributions are equal:
    their common F steps by dN_1./sum(Y_k/S_k(t-)). The variance sums, over arms k and event times, the squares of
      own cause:  a_ik(t) + [c_ik(end) - c_ik(t)] [1 - (1 - F(t))/S_k(t)],   other causes:  [c_ik(end) - c_ik(t)] (1 - F(t))/S_k(t),
    times the increments of the variance of the two martingales over the risk set; c is the integral of a over dF/(1 - F(t-)).
    Tied events carry the hypergeometric factor, own cause 1 - (d - 1)/(S_k(t-) sum(Y/S) - 1), other causes 1 - (d_k - 1)/(Y_k - 1).
    """
    k = len(names)
    time, status, arm = rows["time"].to_numpy(float), rows["status"].to_numpy(int), rows["arm"].to_numpy()
    member = [arm == a for a in names]
    survival, cif, pooled = np.ones(k), np.zeros(k), 0.0
    score, c = np.zeros(k), np.zeros((k, k))
    history = []
    for t in np.unique(time[status > 0]):
        at_risk = np.array([np.sum(m & (time >= t)) for m in member], dtype=float)
        own = np.array([np.sum(m & (time == t) & (status == cause)) for m in member], dtype=float)
        other = np.array([np.sum(m & (time == t) & (status > 0) & (status != cause)) for m in member], dtype=float)
        live = at_risk > 0
        scaled = np.where(live, at_risk / np.where(survival > 0, survival, 1), 0.0)
        total = scaled.sum()
        weighted = scaled * (1 - cif)
        score += np.where(live, own - own.sum() * weighted / weighted.sum(), 0.0)
        a = np.diag(scaled) - np.outer(scaled, scaled) / total
        c = c + a * own.sum() / (total * (1 - pooled))
        before = survival.copy()
        safe = np.where(live, at_risk, 1)
        cif = cif + np.where(live, survival * own / safe, 0.0)
        survival = np.where(live, survival * (1 - (own + other) / safe), survival)
        pooled += own.sum() / total
        history.append((at_risk, own.sum(), other, before, survival.copy(), pooled, total, a, c.copy()))
    variance = np.zeros((k, k))
    for at_risk, d_own, d_other, before, after, big_f, total, a, c_now in history:
        for j in range(k):
            if at_risk[j] <= 0:
                continue
            rest = c[:, j] - c_now[:, j]
            ratio = (1 - big_f) / after[j] if after[j] > 0 else 0.0
            if d_own > 0:
                ties = 1 - (d_own - 1) / (total * before[j] - 1) if d_own > 1 else 1.0
                h = a[:, j] + rest * (1 - ratio)
                variance += np.outer(h, h) * ties * before[j] * d_own / (total * at_risk[j])
            if d_other[j] > 0 and after[j] > 0:
                ties = 1 - (d_other[j] - 1) / (at_risk[j] - 1) if d_other[j] > 1 else 1.0
                h = rest * ratio
                variance += np.outer(h, h) * ties * before[j] ** 2 * d_other[j] / at_risk[j] ** 2
    return score, variance


def gray(frame: pd.DataFrame, cause: int = 1, stratified: bool = False) -> dict[str, float]:
    names = arm_names(frame)
    score, variance = np.zeros(len(names)), np.zeros((len(names), len(names)))
    strata = [frame[frame["stratum"] == value] for value in levels(frame["stratum"])] if stratified else [frame]
    for rows in strata:
        s, v = stratum_parts(rows, names, cause)
        score += s
        variance += v
    statistic = float(score[1:] @ np.linalg.solve(variance[1:, 1:], score[1:]))
    df = len(names) - 1
    return {"statistic": statistic, "df": df, "p": chi_square_p(statistic, df)} | {
        f"score[{a}]": float(score[j]) for j, a in enumerate(names)
    }
