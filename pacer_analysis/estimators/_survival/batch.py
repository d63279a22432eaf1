"""Thousands of small trials fitted together: Cox's model and the log-rank test over arrays of shape (trials, rows).

For simulations and the bootstrap: every step of every trial is one pass over one array. The plan's estimators do not use this module; a test
holds both ways against each other. A trial that cannot be estimated has NaN and `converged` false, and does not disturb the others.

Shapes, everywhere: (trials, rows); what all trials share may be (rows,) or (1, rows). `strata` are whole numbers, `frequency` says how many like
persons a row is: a bootstrap resample is the same rows with multinomial frequencies, computed exactly as the rows written out so often would be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from pacer_analysis.estimators._survival.batch_rows import Trials, at_risk, exposed, per_block, per_event, per_trial, placed, sort
from pacer_analysis.estimators._survival.newton import INFINITE, NEGLIGIBLE
from pacer_analysis.estimators._survival.risk_sets import Array, Flags, Index, Ties

FIRST_ROUNDS, ROUNDS = 7, 60  # steps of all trials together, and of those that are then left
AT_ONCE = 40_000  # rows worked on at once: what a processor holds close by


@dataclass(frozen=True, slots=True)
class CoxTrials:
    """Per trial: coefficients and standard errors (trials, columns), covariance (trials, columns, columns), score and likelihood-ratio statistics of all columns."""

    coefficients: Array
    se: Array
    covariance: Array
    score: Array
    likelihood_ratio: Array
    converged: Flags


@dataclass(frozen=True, slots=True)
class LogrankTrials:
    """Per trial: observed minus expected events of the arm coded 1, its variance, and the chi-square with 1 df (NaN without variance)."""

    difference: Array
    variance: Array
    statistic: Array


def cox_batch(time: ArrayLike, event: ArrayLike, x: ArrayLike, *, strata: ArrayLike | None = None, frequency: ArrayLike | None = None,
              clusters: ArrayLike | None = None, ties: Ties = "efron") -> CoxTrials:
    """Cox's model in every trial; x is (trials, rows) for one column, else (trials, rows, columns), leading 1 when shared.

    With `clusters`, codes from 0, the standard error is the sandwich of dfbeta added up by cluster (a code each: by person), without correction.
    """
    columns = np.asarray(x, dtype=float)
    columns = columns[..., None] if columns.ndim < 3 else columns
    given = {"time": np.asarray(time, dtype=float), "event": np.asarray(event, dtype=bool), "strata": None if strata is None else np.asarray(strata),
             "frequency": None if frequency is None else np.asarray(frequency, dtype=float), "clusters": None if clusters is None else np.asarray(clusters, dtype=np.intp)}
    arrays = {name: np.atleast_2d(value) for name, value in given.items() if value is not None} | {"x": columns if columns.ndim == 3 else columns[None]}
    trials, width = max(len(value) for value in arrays.values()), columns.shape[-1]
    found = CoxTrials(np.full((trials, width), np.nan), np.full((trials, width), np.nan), np.full((trials, width, width), np.nan), np.full(trials, np.nan),
                      np.full(trials, np.nan), np.zeros(trials, dtype=bool))
    for some in _chunks(trials, arrays["time"].shape[1]):
        left = some
        for rounds in (FIRST_ROUNDS, ROUNDS):
            part, undecided = _climbed({name: value if len(value) == 1 else value[left] for name, value in arrays.items()}, len(left), ties, rounds)
            for field in fields(found):
                getattr(found, field.name)[left] = getattr(part, field.name)
            left = left[undecided]
            if not len(left):
                break
    return found


def logrank_batch(time: ArrayLike, event: ArrayLike, arm: ArrayLike, *, strata: ArrayLike | None = None, frequency: ArrayLike | None = None,
                  rho: float = 0.0, gamma: float = 0.0) -> LogrankTrials:
    """The log-rank test of two arms, coded 0 and 1, in every trial; weights S ** rho (1 - S) ** gamma as in `logrank`."""
    given = {"time": np.asarray(time, dtype=float), "event": np.asarray(event, dtype=bool), "arm": np.asarray(arm, dtype=float),
             "strata": None if strata is None else np.asarray(strata), "frequency": None if frequency is None else np.asarray(frequency, dtype=float)}
    arrays = {name: np.atleast_2d(value) for name, value in given.items() if value is not None}
    trials = max(len(value) for value in arrays.values())
    parts = [_gaps({name: value if len(value) == 1 else value[some] for name, value in arrays.items()}, len(some), rho, gamma) for some in _chunks(trials, arrays["time"].shape[1])]
    difference, variance = np.concatenate(parts, axis=1)
    return LogrankTrials(difference, variance, np.divide(difference**2, variance, out=np.full(trials, np.nan), where=variance > 1e-12))


def _chunks(trials: int, size: int) -> list[Index]:
    at_once = max(AT_ONCE // max(size, 1), 1)
    return [np.arange(first, min(first + at_once, trials)) for first in range(0, trials, at_once)]


def _gaps(arrays: dict[str, np.ndarray], trials: int, rho: float, gamma: float) -> Array:
    """Observed minus expected events of the arm coded 1, and its variance: (2, trials)."""
    rows = sort(arrays["time"], arrays["event"], trials, strata=arrays.get("strata"), frequency=arrays.get("frequency"), ties="breslow")
    group = placed(arrays["arm"], rows.order, trials)
    y, y1 = at_risk(rows, np.ones(group.shape) if rows.number is None else rows.number), at_risk(rows, group if rows.number is None else rows.number * group)
    share, d = y1 / y, rows.events
    if not rho and not gamma:
        spread = share * (1 - share) if rows.weight is None else share * (1 - share) * ((y - d) / np.maximum(y - 1, 1))
        return np.stack([per_event(rows, group) - per_trial(rows, share), per_trial(rows, np.where(y > 1, spread, 0.0))])
    own = (group if rows.number is None else group * rows.number).ravel()[rows.deaths]
    d1 = np.add.reduceat(own, rows.opening) if len(own) else own
    fall = np.where(d < y, np.log1p(-np.where(d < y, d / y, 0.0)), 0.0)   # who empties a risk set is the last of the stratum
    earlier = exposed(rows, fall).ravel()[rows.end] - fall
    earlier[earlier > -1e-12] = 0.0                                      # nobody before: what is left is rounding
    factor = np.exp(rho * earlier) * (-np.expm1(earlier)) ** gamma
    return np.stack([np.bincount(rows.trial, weights=factor * (d1 - d * share), minlength=trials),
                     np.bincount(rows.trial, weights=factor**2 * d * (y - d) / np.maximum(y - 1, 1) * share * (1 - share), minlength=trials)])


def _climbed(arrays: dict[str, np.ndarray], trials: int, ties: Ties, rounds: int) -> tuple[CoxTrials, Index]:
    """Newton's steps in all trials at once, halved where a likelihood would fall, and which trials are not decided yet."""
    rows = sort(arrays["time"], arrays["event"], trials, strata=arrays.get("strata"), frequency=arrays.get("frequency"), ties=ties)
    counts = arrays["x"].shape[-1] == 1 and bool(((arrays["x"] == 0) | (arrays["x"] == 1)).all())
    x = [placed(column if counts else column - column.mean(axis=1, keepdims=True), rows.order, trials) for column in np.moveaxis(arrays["x"], -1, 0)]
    terms = _two_groups(rows, x[0]) if counts else _columns(rows, x)
    spread, reach = np.stack([column.std(axis=1) for column in x], axis=1), np.stack([np.ptp(column, axis=1) for column in x], axis=1)
    beta, size = np.zeros((trials, len(x))), np.ones(trials)
    with np.errstate(all="ignore"):
        loglik, score, information = terms(beta)
        step, solid = _step(information, score)
        statistic, null = np.einsum("tj,tj->t", step, score), loglik
        failed, done = ~solid, np.zeros(trials, dtype=bool)
        for _ in range(rounds):
            trial = beta + (size * ~(failed | done))[:, None] * step
            its_loglik, its_score, its_information = terms(trial)
            uphill = (its_loglik >= loglik - 1e-9 * np.abs(loglik)) | (size < 1e-6)
            moves = uphill & ~failed & ~done
            taken = np.abs(size[:, None] * step * spread).max(axis=1)
            beta[moves], loglik = trial[moves], np.where(moves, its_loglik, loglik)
            score[moves], information[moves] = its_score[moves], its_information[moves]
            size = np.where(moves, 1.0, size / 2)
            done |= moves & (taken < NEGLIGIBLE)
            step, solid = _step(information, score)
            far = _infinite(beta, information, reach)
            failed |= ~done & (~solid | far | ~np.isfinite(loglik))
            done &= ~far
            if (done | failed).all():
                break
        covariance = np.linalg.inv(np.where(done[:, None, None], information, np.eye(len(x))))
        if "clusters" in arrays:
            covariance = _sandwich(rows, x, beta, covariance, placed(arrays["clusters"], rows.order, trials))
    hidden = np.where(done, 1.0, np.nan)
    se = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    return CoxTrials(beta * hidden[:, None], se * hidden[:, None], covariance * hidden[:, None, None], statistic * hidden, 2 * (loglik - null) * hidden, done), np.flatnonzero(~done & ~failed)


def _infinite(beta: Array, information: Array, reach: Array) -> Flags:
    """Where a coefficient grows without end while the likelihood grows flat."""
    far: Flags = np.asarray(~(np.abs(beta) * reach <= INFINITE).all(axis=1))
    for trial in np.flatnonzero(far):
        if np.isfinite(information[trial]).all() and np.isfinite(beta[trial]).all() and np.linalg.cond(information[trial]) < 1e15:
            far[trial] = bool((np.diagonal(np.linalg.inv(information[trial])) > beta[trial] ** 2)[np.abs(beta[trial]) * reach[trial] > INFINITE].any())
    return far


def _step(information: Array, score: Array) -> tuple[Array, Flags]:
    """The Newton step of each trial, and where the likelihood is not flat."""
    scale = np.sqrt(np.diagonal(information, axis1=1, axis2=2))
    solid: Flags = np.asarray(np.isfinite(information).all(axis=(1, 2)) & (scale > 0).all(axis=1))
    scale = np.where(solid[:, None], scale, 1.0)
    scaled = np.where(solid[:, None, None], information / (scale[:, :, None] * scale[:, None, :]), np.eye(score.shape[1]))
    if score.shape[1] > 1:
        solid &= np.linalg.eigvalsh(scaled)[:, 0] > 1e-10
    scaled = np.where(solid[:, None, None], scaled, np.eye(score.shape[1]))
    return np.where(solid[:, None], np.linalg.solve(scaled, (score / scale)[:, :, None])[:, :, 0] / scale, 0.0), solid


Terms = Callable[[Array], tuple[Array, Array, Array]]


def _two_groups(rows: Trials, x: Array) -> Terms:
    """Log-likelihood, score and information for one column of 0 and 1: then the counts at risk are all that a risk set has to say."""
    number = rows.number if rows.number is not None else 1.0
    ones = at_risk(rows, x * number)
    others = at_risk(rows, (1 - x) * number)
    observed = per_event(rows, x)

    def terms(beta: Array) -> tuple[Array, Array, Array]:
        second = np.exp(beta[:, 0])[rows.trial] * ones
        denominator = second + others
        mean = second / denominator
        loglik = beta[:, 0] * observed - per_trial(rows, np.log(denominator))
        return loglik, (observed - per_trial(rows, mean))[:, None], per_trial(rows, mean * (1 - mean))[:, None, None]

    return terms


@dataclass(frozen=True, slots=True)
class _Sums:
    hazard: Array       # (trials, rows), times frequency
    top: Array          # trials: what the linear predictor was lowered by
    denominator: Array  # steps
    mean: list[Array]   # per column: steps


def _sums(rows: Trials, x: list[Array], beta: Array) -> _Sums:
    eta = beta[:, :1] * x[0]
    for j in range(1, len(x)):
        eta += beta[:, j, None] * x[j]
    top = eta.max(axis=1)
    eta -= top[:, None]
    hazard = np.exp(eta, out=eta)
    if rows.number is not None:
        hazard *= rows.number
    denominator = at_risk(rows, hazard)
    return _Sums(hazard, top, denominator, [at_risk(rows, hazard * column) / denominator for column in x])


def _exposure(rows: Trials, per_step: Array) -> Array:
    """What each row accumulates of the steps' values while at risk, Efron's share of its own event time given back: (trials, rows)."""
    if rows.weight is not None:
        per_step = per_step * rows.weight
    total = exposed(rows, per_block(rows, per_step))
    if rows.share is not None:
        total.reshape(-1)[rows.deaths] -= per_block(rows, rows.share * per_step)[rows.block]
    return total


def _columns(rows: Trials, x: list[Array]) -> Terms:
    """Log-likelihood, score and information for any columns."""
    width = len(x)
    observed = np.stack([per_event(rows, column) for column in x], axis=1)
    events = per_event(rows, np.ones((rows.trials, rows.size)))

    def terms(beta: Array) -> tuple[Array, Array, Array]:
        found = _sums(rows, x, beta)
        exposure = found.hazard * _exposure(rows, 1 / found.denominator)
        loglik = np.einsum("tj,tj->t", beta, observed) - events * found.top - per_trial(rows, np.log(found.denominator))
        score, information = observed.copy(), np.empty((rows.trials, width, width))
        for j in range(width):
            score[:, j] -= per_trial(rows, found.mean[j])
            weighted = exposure * x[j]
            for k in range(j + 1):
                information[:, j, k] = information[:, k, j] = np.einsum("tn,tn->t", weighted, x[k]) - per_trial(rows, found.mean[j] * found.mean[k])
        return loglik, score, information

    return terms


def _sandwich(rows: Trials, x: list[Array], beta: Array, covariance: Array, clusters: Index) -> Array:
    """The sandwich of dfbeta added up by cluster."""
    found = _sums(rows, x, beta)
    increment = 1 / found.denominator
    exposure, groups = _exposure(rows, increment), int(clusters.max()) + 1
    steps = 1 if rows.step is None else np.bincount(rows.step, minlength=len(rows.end))
    place = (np.arange(rows.trials)[:, None] * groups + clusters).ravel()
    number = 1.0 if rows.number is None else rows.number.ravel()[rows.deaths]
    residuals = []
    for column, mean in zip(x, found.mean, strict=True):
        parts = found.hazard * (_exposure(rows, increment * mean) - column * exposure)
        parts.reshape(-1)[rows.deaths] += number * (column.ravel()[rows.deaths] - (per_block(rows, mean) / steps)[rows.block])
        residuals.append(np.bincount(place, weights=parts.ravel(), minlength=rows.trials * groups).reshape(rows.trials, groups))
    dfbeta = np.stack(residuals, axis=2) @ covariance
    return np.asarray(np.swapaxes(dfbeta, 1, 2) @ dfbeta)
