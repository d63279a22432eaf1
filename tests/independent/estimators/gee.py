"""GEE with a logit link: independence or exchangeable working correlation, sandwich, Mancl-DeRouen and Kauermann-Carroll."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import stats

from .columns import arm_names, design, levels, z_value
from .logistic import fit


def expit(eta: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-eta))


def moment_alpha(residuals: list[np.ndarray], p: int, correction: bool) -> tuple[float, float]:
    """Pearson residuals' scale, sum r^2/(N - p), and alpha = sum of r_j r_k over pairs /(scale x (pairs - p)); without correction no p."""
    n = sum(len(r) for r in residuals)
    take = p if correction else 0
    scale = sum(float(r @ r) for r in residuals) / (n - take)
    pairs = sum(len(r) * (len(r) - 1) / 2 for r in residuals)
    products = sum((float(r.sum()) ** 2 - float(r @ r)) / 2 for r in residuals)
    return products / ((pairs - take) * scale), scale


def pieces(x: np.ndarray, y: np.ndarray, beta: np.ndarray, alpha: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """One cluster: derivative D, V inverse, residual y - mu, and the Pearson residual."""
    mu = expit(x @ beta)
    sd = np.sqrt(mu * (1 - mu))
    m = len(y)
    correlation = np.full((m, m), alpha) + (1 - alpha) * np.eye(m)
    return x * (sd**2)[:, None], np.linalg.inv(sd[:, None] * correlation * sd[None, :]), y - mu, (y - mu) / sd


def solve(
    groups: list[tuple[np.ndarray, np.ndarray]], correlation: str, correction: bool, alpha: float | None
) -> tuple[np.ndarray, float, float]:
    """Gauss-Newton on the estimating equations, alpha renewed by its moment estimate each time (or held)."""
    x, y = np.vstack([g[0] for g in groups]), np.concatenate([g[1] for g in groups])
    beta = fit(x, y)[0]
    now, scale = 0.0, 1.0
    for _ in range(500):
        moment, scale = moment_alpha([pieces(a, b, beta, 0.0)[3] for a, b in groups], x.shape[1], correction)
        now = 0.0 if correlation == "independence" else moment if alpha is None else alpha
        left, right = np.zeros((x.shape[1], x.shape[1])), np.zeros(x.shape[1])
        for a, b in groups:
            d, inverse, residual, _ = pieces(a, b, beta, now)
            left += d.T @ inverse @ d
            right += d.T @ inverse @ residual
        step = np.linalg.solve(left, right)
        beta = beta + step
        if np.max(np.abs(step)) < 1e-12:
            return beta, now, scale
    raise ArithmeticError("GEE did not converge")


def covariances(groups: list[tuple[np.ndarray, np.ndarray]], beta: np.ndarray, alpha: float) -> dict[str, np.ndarray]:
    """robust: no factor. mancl_derouen: residuals by (I - H)^-1 on both sides; kauermann_carroll: by (I - H)^-1/2."""
    p = len(beta)
    bread = np.zeros((p, p))
    for a, b in groups:
        d, inverse, _, _ = pieces(a, b, beta, alpha)
        bread += d.T @ inverse @ d
    bread = np.linalg.inv(bread)
    meat = {name: np.zeros((p, p)) for name in ("robust", "mancl_derouen", "kauermann_carroll")}
    for a, b in groups:
        d, inverse, residual, _ = pieces(a, b, beta, alpha)
        leverage = d @ bread @ d.T @ inverse
        corrected = np.linalg.solve(np.eye(len(b)) - leverage, residual)
        plain, full = d.T @ inverse @ residual, d.T @ inverse @ corrected
        meat["robust"] += np.outer(plain, plain)
        meat["mancl_derouen"] += np.outer(full, full)
        values, vectors = np.linalg.eig(np.eye(len(b)) - leverage)
        half = np.real(vectors @ np.diag(1 / np.sqrt(values.astype(complex))) @ np.linalg.inv(vectors)) @ residual
        meat["kauermann_carroll"] += np.outer(d.T @ inverse @ half, d.T @ inverse @ half)
    return {name: bread @ m @ bread for name, m in meat.items()}


def gee(
    long: pd.DataFrame,
    terms: list[str] | None = None,
    correlation: str = "independence",
    correction: bool = True,
    alpha: float | None = None,
    variance: str = "robust",
    level: float = 0.95,
) -> dict[str, dict[str, float]]:
    """Rows (id, arm, visit, outcome); default terms arm, visit (a category), arm by visit. Rows without an outcome are left out.

    Readings: the cluster is the column `cluster` if there, else `id`; Liang and Zeger's alpha with p subtracted (`correction`);
    exchangeable over whatever visits a woman has; t reference with clusters - p degrees of freedom; the marginal risk difference per
    visit (`rd[visit arm]`) from the fitted means, everyone moved to each arm at that visit, delta method with the same variance.
    """
    rows = long.dropna(subset=["outcome"]).copy()
    if "visit" in rows:
        rows["visit"] = pd.Categorical(rows["visit"], categories=levels(rows["visit"]))
    chosen = terms or ["arm", "visit", "arm:visit"]
    x, names = design(rows, chosen)
    y, label = rows["outcome"].to_numpy(float), rows["cluster" if "cluster" in rows else "id"].to_numpy()
    groups = [(x[label == g], y[label == g]) for g in pd.unique(label)]
    beta, alpha_hat, scale = solve(groups, correlation, correction, alpha)
    every = covariances(groups, beta, alpha_hat)
    v, df = every[variance], len(groups) - len(names)
    t = float(stats.t.ppf(0.5 + level / 2, df))
    out: dict[str, dict[str, float]] = {"model": {"alpha": alpha_hat, "scale": scale, "clusters": len(groups), "n": len(y), "df": df}}
    for j, name in enumerate(names):
        se = math.sqrt(v[j, j])
        out[name] = {
            "coefficient": float(beta[j]),
            "se": se,
            "estimate": math.exp(beta[j]),
            "low": math.exp(beta[j] - t * se),
            "high": math.exp(beta[j] + t * se),
            "statistic": float(beta[j]) / se,
            "p": float(2 * stats.t.sf(abs(beta[j]) / se, df)),
        } | {f"{key}_se": math.sqrt(m[j, j]) for key, m in every.items()}
    if "visit" in rows:
        out |= marginal_differences(rows, chosen, beta, v, t, df)
    out["model"] |= {"t_quantile": t, "z_quantile": z_value(level)}
    return out


def marginal_differences(
    rows: pd.DataFrame, terms: list[str], beta: np.ndarray, v: np.ndarray, t: float, df: int
) -> dict[str, dict[str, float]]:
    out = {}
    order = arm_names(rows)
    for visit in levels(rows["visit"]):
        means, slopes = [], []
        for arm in order:
            moved = rows[rows["visit"] == visit].copy()
            n = len(moved)
            extra = rows.drop_duplicates(subset=["arm", "visit"])  # keeps every level in the matrix, removed again below
            moved["arm"] = pd.Categorical([arm] * n, categories=order)
            both = pd.concat([moved, extra])
            both["arm"] = pd.Categorical(both["arm"], categories=order)
            both["visit"] = pd.Categorical(both["visit"], categories=levels(rows["visit"]))
            x = design(both, terms)[0][:n]
            mu = expit(x @ beta)
            means.append(float(mu.mean()))
            slopes.append(((mu * (1 - mu))[:, None] * x).mean(axis=0))
        for k, arm in enumerate(order[1:], 1):
            gap, g = means[k] - means[0], slopes[k] - slopes[0]
            se = math.sqrt(g @ v @ g)
            out[f"rd[{visit} {arm}]"] = {
                "estimate": gap,
                "se": se,
                "low": gap - t * se,
                "high": gap + t * se,
                "p": float(2 * stats.t.sf(abs(gap) / se, df)),
            }
    return out
