"""Marginal effects by g-computation over a logistic working model, with three families of variance.

delta: the model's own (or HC0) covariance through the mean of the predictions; covariates count as fixed.
ye: Ye, Bannick, Yi and Shao (2023): with mu_a(X) the prediction under arm a, pi_a = n_a/n, r_a = Y - mu_a(X) in arm a,
    V_aa = Var_a(r_a)/pi_a + 2 Cov_a(Y, mu_a) - Var(mu_a),    V_ab = Cov_a(Y, mu_b) + Cov_b(Y, mu_a) - Cov(mu_a, mu_b),
    where Var_a and Cov_a are taken within arm a, Var and Cov over everyone, all with n - 1; `Var(theta) = V/n`.
    Reading (default `decomposed`): Var_a(r_a) is written Var_a(Y) - 2 Cov_a(Y, mu_a) + Var(mu_a), the last one over everyone.
    Under stratified permuted blocks sum_z P(z) R_z [diag(pi) - pi pi'] R_z is taken off,
    R_z = diag(mean of r_a in arm a and stratum z / pi_a).
influence: the empirical covariance (divisor n) of phi_a = 1(A = a)/pi_a r_a + mu_a - theta_a: the same limit, another finite sample.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from .columns import arm_names, columns_of, levels, wald, wald_ratio
from .logistic import fit, rows_and_matrix


def covariance(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sum((a - a.mean()) * (b - b.mean())) / (len(a) - 1))


def predictions(frame: pd.DataFrame, covariates: list[str] | None) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Complete rows, the model's matrix, its coefficients, and per arm the matrix in which everyone is in that arm."""
    rows, x, y, names, terms = rows_and_matrix(frame, covariates)
    beta, _, _ = fit(x, y)
    order = arm_names(rows)
    counterfactual = {}
    for arm in order:
        moved = rows.copy()
        moved["arm"] = pd.Categorical([arm] * len(rows), categories=order)
        parts = [np.ones(len(rows))]
        for term in terms:
            left, _, rest = term.partition(":")
            if left == "arm":
                indicators = [np.full(len(rows), float(arm == other)) for other in order[1:]]
                parts += [i * c for i in indicators for c in columns_of(rows, rest)[0]] if rest else indicators
            else:
                parts += columns_of(rows, term)[0]
        counterfactual[arm] = np.column_stack(parts)
    if not len(names) == counterfactual[order[0]].shape[1]:
        raise ValueError("an interaction is written with the arm first")
    return rows, x, beta, counterfactual


def delta_covariance(x: np.ndarray, y: np.ndarray, beta: np.ndarray, counterfactual: dict[str, np.ndarray], robust: bool) -> np.ndarray:
    p = 1 / (1 + np.exp(-(x @ beta)))
    bread = np.linalg.inv(x.T @ ((p * (1 - p))[:, None] * x))
    variance = bread @ (x.T @ (((y - p) ** 2)[:, None] * x)) @ bread if robust else bread
    rows = []
    for matrix in counterfactual.values():
        q = 1 / (1 + np.exp(-(matrix @ beta)))
        rows.append(((q * (1 - q))[:, None] * matrix).mean(axis=0))
    jacobian = np.array(rows)
    return jacobian @ variance @ jacobian.T


def ye_covariance(rows: pd.DataFrame, mu: dict[str, np.ndarray], stratified: bool, decomposed: bool = True) -> np.ndarray:
    """See the module's first lines."""
    y, arm, n = rows["outcome"].to_numpy(float), rows["arm"].to_numpy(), len(rows)
    names = list(mu)
    inside = {a: arm == a for a in names}
    pi = np.array([inside[a].mean() for a in names])
    v = np.zeros((len(names), len(names)))
    for i, a in enumerate(names):
        own, ya = inside[a], y[inside[a]]
        cross = covariance(ya, mu[a][own])
        residual = covariance(ya, ya) - 2 * cross + covariance(mu[a], mu[a]) if decomposed else covariance(ya - mu[a][own], ya - mu[a][own])
        for j, b in enumerate(names):
            if i == j:
                v[i, i] = residual / pi[i] + 2 * cross - covariance(mu[a], mu[a])
            else:
                v[i, j] = covariance(ya, mu[b][own]) + covariance(y[inside[b]], mu[a][inside[b]]) - covariance(mu[a], mu[b])
    if stratified:
        simple = np.diag(pi) - np.outer(pi, pi)
        for value in levels(rows["stratum"]):
            here = (rows["stratum"] == value).to_numpy()
            r = np.diag(
                [float(np.mean((y - mu[a])[here & inside[a]])) / pi[i] if (here & inside[a]).any() else 0.0 for i, a in enumerate(names)]
            )
            v -= here.mean() * (r @ simple @ r)
    return v / n


def influence_covariance(rows: pd.DataFrame, mu: dict[str, np.ndarray]) -> np.ndarray:
    y, arm, n = rows["outcome"].to_numpy(float), rows["arm"].to_numpy(), len(rows)
    phi = []
    for a, m in mu.items():
        inside = (arm == a).astype(float)
        phi.append(inside / inside.mean() * (y - m) + m - m.mean())
    matrix = np.array(phi)
    return matrix @ matrix.T / n**2


def contrasts(theta: np.ndarray, variance: np.ndarray, i: int, level: float) -> dict[str, dict[str, float]]:
    """Arm i against the first: difference, log risk ratio, log odds ratio, each by the delta method."""
    t, c = theta[i], theta[0]
    block = variance[np.ix_([i, 0], [i, 0])]

    def se(d_t: float, d_c: float) -> float:
        g = np.array([d_t, d_c])
        return math.sqrt(g @ block @ g)

    return {
        "rd": wald(t - c, se(1, -1), level),
        "rr": wald_ratio(math.log(t / c), se(1 / t, -1 / c), level),
        "or": wald_ratio(math.log(t / (1 - t) / (c / (1 - c))), se(1 / (t * (1 - t)), -1 / (c * (1 - c))), level),
    }


def standardisation(
    frame: pd.DataFrame, covariates: list[str] | None = None, variance: str = "ye", stratified: bool = True, level: float = 0.95
) -> dict[str, dict[str, float]]:
    """Per arm the marginal risk, per other arm rd, rr, or; variance: ye, ye_plain, delta, delta_hc0, influence. One model over all arms.

    Readings: the strata enter the model only if named among the covariates; marginal risks are the mean prediction over everyone
    analysed, all arms together; Ye's variance takes the working model as it stands (no further calibration).
    """
    rows, x, beta, counterfactual = predictions(frame, covariates)
    y = rows["outcome"].to_numpy(float)
    mu = {a: 1 / (1 + np.exp(-(matrix @ beta))) for a, matrix in counterfactual.items()}
    theta = np.array([m.mean() for m in mu.values()])
    if variance.startswith("delta"):
        v = delta_covariance(x, y, beta, counterfactual, robust=variance == "delta_hc0")
    elif variance == "influence":
        v = influence_covariance(rows, mu)
    else:
        v = ye_covariance(rows, mu, stratified, decomposed=variance == "ye")
    names = list(mu)
    out = {f"risk[{a}]": wald(float(theta[i]), math.sqrt(v[i, i]), level) for i, a in enumerate(names)}
    for i, a in enumerate(names[1:], 1):
        out |= {f"{measure}[{a}]": row for measure, row in contrasts(theta, v, i, level).items()}
    return out
