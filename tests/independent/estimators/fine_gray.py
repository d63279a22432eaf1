"""Fine and Gray's subdistribution hazard: Breslow ties, inverse probability of censoring weights, their own variance."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from .columns import design, newton, wald_ratio


def censoring_before(time: np.ndarray, status: np.ndarray, t: float) -> float:
    """Kaplan-Meier of censoring just before t; everyone with time >= u is at risk of censoring at u."""
    g = 1.0
    for u in np.unique(time[status == 0]):
        if u >= t:
            break
        g *= 1 - np.sum((time == u) & (status == 0)) / np.sum(time >= u)
    return g


class Subdistribution:
    """Data and the weights w_i(t): 1 while time >= t, G(t-)/G(time-) after a competing event, 0 after censoring or the event."""

    def __init__(self, x: np.ndarray, time: np.ndarray, status: np.ndarray, cause: int) -> None:
        self.x, self.time, self.status, self.cause = x, time, status, cause
        self.at = np.unique(time[status == cause])
        competing = (status != 0) & (status != cause)
        known = {t: censoring_before(time, status, t) for t in np.unique(time)}
        own = np.array([known[t] for t in time])
        self.weights = [np.where(time >= t, 1.0, np.where(competing, known[t] / own, 0.0)) for t in self.at]
        self.deaths = [(time == t) & (status == cause) for t in self.at]

    def likelihood(self, beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        value, gradient, information = 0.0, np.zeros(len(beta)), np.zeros((len(beta), len(beta)))
        eta = self.x @ beta
        for w, dead in zip(self.weights, self.deaths, strict=True):
            r = w * np.exp(eta)
            s0, mean = r.sum(), r @ self.x / r.sum()
            d = dead.sum()
            value += float(eta[dead].sum() - d * math.log(s0))
            gradient += self.x[dead].sum(axis=0) - d * mean
            centred = self.x - mean
            information += d * centred.T @ (r[:, None] * centred) / s0
        return value, gradient, information

    def residuals(self, beta: np.ndarray) -> np.ndarray:
        """eta_i + psi_i: the weighted score of each subject and what its censoring adds through the estimate of G.

        psi uses Fine and Gray's q(u) = - sum_i int (x_i - mean) w_i dM_i 1(t >= u > time_i), divided by the number with time >= u.
        """
        x, time, status = self.x, self.time, self.status
        n, p = x.shape
        hazard = np.exp(x @ beta)
        pieces = []  # per event time the n x p increments of the martingale integral
        eta = np.zeros((n, p))
        for w, dead in zip(self.weights, self.deaths, strict=True):
            r = w * hazard
            mean = r @ x / r.sum()
            jump = -(r * dead.sum() / r.sum())
            eta += (x - mean) * (dead + jump)[:, None]
            pieces.append((x - mean) * jump[:, None])
        psi = np.zeros((n, p))
        competing = (status != 0) & (status != self.cause)
        for u in np.unique(time[status == 0]):
            at_risk = time >= u
            censored = (time == u) & (status == 0)
            q = np.zeros(p)
            for t, piece in zip(self.at, pieces, strict=True):
                if t >= u:
                    q -= piece[competing & (time < u)].sum(axis=0)
            share = censored - at_risk * censored.sum() / at_risk.sum()
            psi += share[:, None] * q / at_risk.sum()
        return eta + psi


def fine_gray(frame: pd.DataFrame, covariates: list[str] | None = None, cause: int = 1, level: float = 0.95) -> dict[str, dict[str, float]]:
    """Subdistribution hazard ratios; censoring weights from one Kaplan-Meier over all arms (reading); complete cases."""
    terms = ["arm", *(covariates or [])]
    rows = frame.dropna(subset=["time", "status", *terms])
    x, names = design(rows, terms, intercept=False)
    model = Subdistribution(x - x.mean(axis=0), rows["time"].to_numpy(float), rows["status"].to_numpy(int), cause)
    beta = newton(model.likelihood, np.zeros(len(names)))
    value, _, information = model.likelihood(beta)
    bread = np.linalg.inv(information)
    u = model.residuals(beta)
    v = bread @ (u.T @ u) @ bread
    naive = np.sqrt(np.diag(bread))
    out: dict[str, dict[str, float]] = {"model": {"log_likelihood": value, "n": len(rows)}}
    for j, name in enumerate(names):
        out[name] = wald_ratio(float(beta[j]), math.sqrt(v[j, j]), level) | {
            "coefficient": float(beta[j]),
            "information_se": float(naive[j]),
        }
    return out
