"""The second way to Fine and Gray's model: every row's weight at every failure time written out, and the paper's sums over that matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def weights(time: Array, status: NDArray[np.int_], group: NDArray[np.intp], days: Array) -> Array:
    """(rows, failure times): 1 while neither cause has occurred, G(t-) / G(X-) after a competing event, 0 otherwise; status 2 is competing."""
    table = (time[:, None] >= days).astype(float)
    for g in np.unique(group):
        members = np.flatnonzero(group == g)
        steps = [(u, 1 - (status[members][time[members] == u] == 0).sum() / (time[members] >= u).sum()) for u in np.unique(time[members][status[members] == 0])]
        for i in members[status[members] == 2]:
            after = days > time[i]
            factors = [np.where(u < days, factor, 1.0) for u, factor in steps if u >= time[i]]
            table[i, after] = (np.prod(factors, axis=0) if factors else np.ones(len(days)))[after]
            if (days[after] > time[members].max()).any():
                table[i, days > time[members].max()] = 0.0
    return table


def solution(time: Array, status: NDArray[np.int_], x: Array, group: NDArray[np.intp]) -> tuple[Array, Array]:
    """Coefficients and standard errors, x as (rows, columns)."""
    days = np.unique(time[status == 1])
    table, z = weights(time, status, group, days), x - x.mean(axis=0)
    fails = (time[:, None] == days) & (status[:, None] == 1)
    beta = np.zeros(x.shape[1])
    for _ in range(40):
        share = table * np.exp(z @ beta)[:, None]
        total = share.sum(axis=0)
        mean = share.T @ z / total[:, None]
        information = sum(fails[:, k].sum() * ((z.T * share[:, k]) @ z / total[k] - np.outer(mean[k], mean[k])) for k in range(len(days)))
        score = (z[:, None, :] * fails[:, :, None]).sum(axis=(0, 1)) - fails.sum(axis=0) @ mean
        step = np.linalg.solve(information, score)
        while np.abs(step * np.ptp(z, axis=0)).max() > 5:
            step = step / 2
        beta = beta + step
        if np.abs(step * z.std(axis=0)).max() < 1e-11:
            break
    martingale = fails - share * fails.sum(axis=0) / total
    from_mean = z[:, None, :] - mean[None]
    influence = (from_mean * martingale[:, :, None]).sum(axis=1)
    for g in np.unique(group):
        members = group == g
        for u in np.unique(time[members & (status == 0)]):
            earlier, later = members & (time < u), days >= u
            q = -(from_mean[earlier][:, later] * martingale[earlier][:, later][:, :, None]).sum(axis=(0, 1))
            here = members & (status == 0) & (time == u)
            at_risk = members & (time >= u)
            influence[here] += q / at_risk.sum()
            influence[at_risk] -= q / at_risk.sum() * here.sum() / at_risk.sum()
    bread = np.linalg.inv(information)
    return beta, np.sqrt(np.diag(bread @ (influence.T @ influence) @ bread))
