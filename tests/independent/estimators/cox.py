"""Cox's model: Efron or Breslow ties, strata, delayed entry; model, robust and cluster-robust standard errors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .columns import chi_square_p, design, newton, wald_ratio


@dataclass
class Data:
    """Rows of one or more strata: x, entry (minus infinity if none), time, event of interest."""

    x: np.ndarray
    entry: np.ndarray
    time: np.ndarray
    event: np.ndarray
    stratum: np.ndarray
    efron: bool


@dataclass
class Moment:
    """One event time of one stratum: the weights of those at risk at each of the d steps, with S0 and the mean of x per step."""

    time: float
    risk: np.ndarray
    dying: np.ndarray
    weights: list[np.ndarray]
    s0: list[float]
    mean: list[np.ndarray]


def moments(data: Data, beta: np.ndarray) -> list[Moment]:
    """At step l of d tied events the dying count 1 - l/d under Efron, 1 under Breslow."""
    out = []
    hazard = np.exp(data.x @ beta)
    for value in pd.unique(data.stratum):
        inside = data.stratum == value
        for t in np.unique(data.time[inside & data.event]):
            risk = np.flatnonzero(inside & (data.entry < t) & (data.time >= t))
            dying = np.flatnonzero(inside & data.event & (data.time == t))
            is_dying = np.isin(risk, dying)
            weights, s0, mean = [], [], []
            for step in range(len(dying)):
                w = hazard[risk] * np.where(is_dying, 1 - step / len(dying), 1.0) if data.efron else hazard[risk]
                weights.append(w)
                s0.append(float(w.sum()))
                mean.append(w @ data.x[risk] / w.sum())
            out.append(Moment(float(t), risk, dying, weights, s0, mean))
    return out


def partial_likelihood(data: Data, beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    value, gradient, information = 0.0, np.zeros(len(beta)), np.zeros((len(beta), len(beta)))
    for m in moments(data, beta):
        value += float(np.sum(data.x[m.dying] @ beta))
        gradient += data.x[m.dying].sum(axis=0)
        for w, s0, mean in zip(m.weights, m.s0, m.mean, strict=True):
            value -= math.log(s0)
            gradient -= mean
            centred = data.x[m.risk] - mean
            information += centred.T @ (w[:, None] * centred) / s0
    return value, gradient, information


def score_residuals(data: Data, beta: np.ndarray) -> np.ndarray:
    """Each row's own share of the score: its event minus its expected part; under Efron a dying row takes the mean of the d steps."""
    out = np.zeros_like(data.x)
    for m in moments(data, beta):
        d = len(m.dying)
        for i in m.dying:
            out[i] += data.x[i] - sum(m.mean) / d
        for w, s0, mean in zip(m.weights, m.s0, m.mean, strict=True):
            out[m.risk] -= (w / s0)[:, None] * (data.x[m.risk] - mean)
    return out


def prepare(
    frame: pd.DataFrame, covariates: list[str] | None, stratified: bool, cause: int | None, ties: str
) -> tuple[Data, list[str], pd.DataFrame]:
    terms = ["arm", *(covariates or [])]
    used = dict.fromkeys(part for term in terms for part in term.split(":"))
    rows = frame.dropna(subset=["time", "status", *used, *(["stratum"] if stratified else [])])
    x, names = design(rows, terms, intercept=False)
    entry = rows["entry"].to_numpy(float) if "entry" in rows else np.full(len(rows), -math.inf)
    status = rows["status"].to_numpy(int)
    event = status == cause if cause is not None else status >= 1
    stratum = rows["stratum"].to_numpy() if stratified else np.zeros(len(rows), dtype=int)
    return Data(x - x.mean(axis=0), entry, rows["time"].to_numpy(float), event, stratum, ties == "efron"), names, rows


def cox(
    frame: pd.DataFrame,
    covariates: list[str] | None = None,
    stratified: bool = False,
    ties: str = "efron",
    variance: str = "model",
    cause: int | None = None,
    level: float = 0.95,
) -> dict[str, dict[str, float]]:
    """Per coefficient the hazard ratio (se on the log scale); `model` has the likelihood-ratio, score and Wald tests.

    variance: model; robust (dfbeta per `id` if there, else per row); cluster (summed over `cluster`). No factor for few clusters.
    cause: the status that is the event, others censored (cause-specific); none: every status >= 1. Complete cases.
    Readings: Wald test with the chosen variance; likelihood-ratio and score tests always the model's.
    """
    data, names, rows = prepare(frame, covariates, stratified, cause, ties)
    p = data.x.shape[1]
    null, score, null_information = partial_likelihood(data, np.zeros(p))
    beta = newton(lambda b: partial_likelihood(data, b), np.zeros(p))
    best, _, information = partial_likelihood(data, beta)
    v = np.linalg.inv(information)
    model_se = np.sqrt(np.diag(v))
    if variance != "model":
        group = "cluster" if variance == "cluster" else "id"
        labels = rows[group].to_numpy() if group in rows else np.arange(len(rows))
        dfbeta = score_residuals(data, beta) @ v
        summed = pd.DataFrame(dfbeta).groupby(pd.Series(labels), sort=False).sum().to_numpy()
        v = summed.T @ summed
    tests = {
        "lr": 2 * (best - null),
        "score": float(score @ np.linalg.solve(null_information, score)),
        "wald": float(beta @ np.linalg.solve(v, beta)),
    }
    out: dict[str, dict[str, float]] = {
        "model": {"log_likelihood": best, "null_log_likelihood": null, "n": len(rows), "events": int(data.event.sum()), "df": p}
    }
    for key, statistic in tests.items():
        out["model"] |= {f"{key}_statistic": statistic, f"{key}_p": chi_square_p(statistic, p)}
    for j, name in enumerate(names):
        out[name] = wald_ratio(float(beta[j]), math.sqrt(v[j, j]), level) | {"coefficient": float(beta[j]), "model_se": float(model_se[j])}
    return out


def cause_specific(frame: pd.DataFrame, cause: int = 1, **options: object) -> dict[str, dict[str, float]]:
    """Cox for one cause, the others censored at their time."""
    return cox(frame, cause=cause, **options)  # type: ignore[arg-type]  # options are those of cox


def cox_interaction(frame: pd.DataFrame, subgroup: str, stratified: bool = False, cause: int | None = None) -> dict[str, float]:
    """Likelihood-ratio test of arm by subgroup: the model with the product against the one with both main effects."""
    rows = frame.dropna(subset=[subgroup])
    small = cox(rows, [subgroup], stratified, cause=cause)["model"]
    large = cox(rows, [subgroup, f"arm:{subgroup}"], stratified, cause=cause)["model"]
    statistic, df = 2 * (large["log_likelihood"] - small["log_likelihood"]), large["df"] - small["df"]
    return {"statistic": statistic, "df": df, "p": chi_square_p(statistic, df)}
