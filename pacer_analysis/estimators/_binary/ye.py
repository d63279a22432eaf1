"""The variance of standardised proportions under randomisation, right whether or not the model is.

With pi_a the share of arm a and mu_a the prediction in it: V_aa = [var(y - mu_a)] / pi_a + 2 cov(y, mu_a) - var(mu_a), the first and the
second over arm a, the last over everyone, var(y - mu_a) opened into var(y) - 2 cov(y, mu_a) + var(mu_a); V_ab = cov(y, mu_b) over a
+ cov(y, mu_a) over b - cov(mu_a, mu_b). Permuted blocks within strata subtract, per stratum z with mean residuals r_az over arm a,
P(z) (r_az / pi_a)(r_bz / pi_b)(pi_a [a = b] - pi_a pi_b).
Source: Ye, Bannick, Yi and Shao, Statistical Theory and Related Fields 2023;7:159-63; Bannick et al., Biometrika 2025 (general schemes).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]


def covariance(y: Array, predicted: Array, arm: Index, strata: Index | None) -> tuple[Array, int]:
    """The covariance of the marginal proportions, and how many strata lack an arm and so subtract nothing."""
    n, k = predicted.shape
    share = np.bincount(arm, minlength=k) / n
    spread = np.cov(predicted, rowvar=False)
    # Row a: the covariances of the outcome in arm a with the predictions in every arm.
    crossed = np.array([np.cov(np.column_stack([y[arm == a], predicted[arm == a]]), rowvar=False)[0, 1:] for a in range(k)])
    own = np.array([y[arm == a].var(ddof=1) for a in range(k)])
    found = crossed + crossed.T - spread + np.diag((own - 2 * np.diag(crossed) + np.diag(spread)) / share)
    incomplete = 0
    if strata is not None:
        residual = y - predicted[np.arange(n), arm]
        cells = strata * k + arm
        counts = np.bincount(cells, minlength=(strata.max() + 1) * k).reshape(-1, k)
        totals = np.bincount(cells, weights=residual, minlength=counts.size).reshape(-1, k)
        complete = (counts > 0).all(axis=1)
        incomplete = int((~complete & (counts > 0).any(axis=1)).sum())
        means = totals[complete] / counts[complete] / share
        weights = counts[complete].sum(axis=1) / n
        found = found - (means.T * weights) @ means * (np.diag(share) - np.outer(share, share))
    return np.asarray(found / n), incomplete
