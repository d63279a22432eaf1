"""Cox's partial likelihood: Efron's or Breslow's ties, strata, weights, offsets, delayed entry and several rows per person.

The information needs no sum of outer products per event time: the sum over events of S2 / S0 is the sum over rows of x x' exp(x b)
times the hazard that each has accumulated while at risk.
Source: Efron, JASA 1977;72:557-65; Breslow 1974; weights as in Therneau and Grambsch, Modeling Survival Data, 2000, sections 3.3 and 7.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pacer_analysis.estimators._survival.newton import Terms, climb, inverse
from pacer_analysis.estimators._survival.risk_sets import Array, Flags, Index, RiskSets, Ties, arrange

__all__ = ["Fit", "RiskSets", "Sums", "Terms", "accumulated", "arrange", "maximise", "sums", "terms"]


AT_ONCE = 16_384  # rows worked on at once: what a processor holds close by


def gram(x: Array, weight: Array, y: Array) -> Array:
    """The sum of weight x y' over the last axis, piece by piece."""
    total = np.zeros((len(x), len(y)))
    for lo in range(0, x.shape[1], AT_ONCE):
        piece = slice(lo, lo + AT_ONCE)
        total += (x[:, piece] * weight[piece]) @ y[:, piece].T
    return total


@dataclass(frozen=True, slots=True)
class Fit:
    """The maximum, its model-based covariance, the terms there and at zero, and the risk sets."""

    coefficients: Array
    covariance: Array
    terms: Terms
    null: Terms
    risk: RiskSets


@dataclass(frozen=True, slots=True)
class Sums:
    """Per row its weighted relative hazard; per event time sums over its risk set, over those who die, and over the factors of its denominator.

    A factor of Efron's is s0 - a t0, a the share of the tied events taken out; with c their weight, the sums over factors are `u` of c / factor,
    `v` of c a / factor, `uu` of c / factor^2, `uv` of c a / factor^2, `vv` of c a^2 / factor^2. Without ties `tied` is None and only u and uu count.
    """

    hazard: Array           # rows
    s1: Array               # (columns, event times): of x times hazard, over the risk set
    u: Array
    uu: Array
    tied: tuple[Array, Array, Array, Array] | None   # t1 (columns, event times), v, uv, vv
    log_scale: Array        # strata: what the linear predictor was lowered by
    loglik: float

    @property
    def mean(self) -> Array:
        """The sum over factors of the mean of x, with its weight: (columns, event times)."""
        found = self.s1 * self.u
        return found if self.tied is None else found - self.tied[0] * self.tied[1]

    @property
    def expected(self) -> Array:
        """The mean of x added up over all factors."""
        return self.s1 @ self.u if self.tied is None else self.s1 @ self.u - self.tied[0] @ self.tied[1]

    @property
    def mean_increment(self) -> Array:
        """The sum over factors of the mean of x times the hazard that the factor adds."""
        found = self.s1 * self.uu
        return found if self.tied is None else found - self.tied[0] * self.tied[2]

    def squares(self, factor: Array | None = None) -> Array:
        """The sum over all factors of the mean's outer product; `factor`, per event time, multiplies."""
        def times(values: Array) -> Array:
            return values if factor is None else values * factor

        found = gram(self.s1, times(self.uu), self.s1)
        if self.tied is not None:
            t1, _, uv, vv = self.tied
            mixed = gram(self.s1, times(uv), t1)
            found = found - mixed - mixed.T + gram(t1, times(vv), t1)
        return np.asarray(found)


def _running(risk: RiskSets, hazard: Array) -> Array:
    """Sums of the hazard and of x times it over the risk set of each event time, one row each."""
    summed = np.empty((len(risk.x) + 1, len(risk.times)))
    first = 0
    while first < len(risk.starts):
        past = max(int(np.searchsorted(risk.starts, risk.starts[first] + AT_ONCE)), first + 1)
        rows = slice(int(risk.starts[first]), int(risk.starts[past]) if past < len(risk.starts) else len(hazard))
        joining = np.empty((len(summed), rows.stop - rows.start))
        joining[0] = hazard[rows]
        np.multiply(risk.x[:, rows], hazard[rows], out=joining[1:])
        summed[:, first:past] = np.add.reduceat(joining, risk.starts[first:past] - rows.start, axis=1)
        first = past
    if risk.left is not None:
        slots = len(risk.times) + len(risk.blocks)
        for j, leaving in enumerate((hazard, *(column * hazard for column in risk.x))):
            summed[j] -= np.bincount(risk.left, weights=leaving, minlength=slots)[risk.slots]
    for lo, hi in risk.blocks:
        np.cumsum(summed[:, lo:hi], axis=1, out=summed[:, lo:hi])
    return summed


def sums(risk: RiskSets, beta: Array) -> Sums:
    """The sums over risk sets at these coefficients."""
    eta = beta @ risk.x
    if risk.offset is not None:
        eta += risk.offset
    top = np.maximum.reduceat(eta, risk.opening_row)
    eta -= top if len(top) == 1 else top[risk.strata]
    own = eta[risk.deaths]
    hazard = np.exp(eta, out=eta)
    if risk.weight is not None:
        hazard *= risk.weight
        own *= risk.weight[risk.deaths]
    at_risk = _running(risk, hazard)
    if risk.step is None or risk.share is None:
        inverse_ = 1 / at_risk[0]
        u = inverse_ * risk.total
        return Sums(hazard, at_risk[1:], u, u * inverse_, None, top, float(own.sum() - risk.total @ np.log(at_risk[0])))
    dying = np.empty_like(at_risk)
    dying[0] = np.add.reduceat(hazard[risk.deaths], risk.opening)
    for line, column in zip(dying[1:], risk.x, strict=True):
        line[:] = np.add.reduceat(column[risk.deaths] * hazard[risk.deaths], risk.opening)
    factor = at_risk[0][risk.step] - risk.share * dying[0][risk.step]
    weight = risk.total / np.diff(np.append(risk.opening, len(risk.deaths)))
    one = 1 / factor
    part = risk.share * one

    def added(values: Array) -> Array:
        return np.asarray(np.add.reduceat(values, risk.opening) * weight)

    loglik = float(own.sum() - added(np.log(factor)).sum())
    return Sums(hazard, at_risk[1:], added(one), added(one * one), (dying[1:], added(part), added(part * one), added(part * part)), top, loglik)


def accumulated(risk: RiskSets, blocks: Array) -> Array:
    """The sum over the event times at which each row was at risk; the last axis is event times, then rows."""
    later = np.zeros((*blocks.shape[:-1], len(risk.times) + len(risk.blocks)))
    for s, (lo, hi) in enumerate(risk.blocks):
        later[..., lo + s:hi + s] = np.cumsum(blocks[..., hi - 1:lo - 1 if lo else None:-1], axis=-1)[..., ::-1]
    found = later[..., risk.joined]
    return np.asarray(found if risk.left is None else found - later[..., risk.left])


def exposure(risk: RiskSets, found: Sums, factor: Array | None = None) -> Array:
    """Per row the hazard accumulated, Efron's share for those who die given back; `factor`, per event time, multiplies."""
    total = accumulated(risk, found.u if factor is None else found.u * factor)
    if found.tied is not None:
        v = found.tied[1] if factor is None else found.tied[1] * factor
        total[risk.deaths] -= v[risk.block]
    return total


def second_moment(risk: RiskSets, found: Sums, factor: Array | None = None) -> Array:
    """The sum over factors of the covariance of x in the risk set, each times its weight and `factor`, which is per event time."""
    return gram(risk.x, found.hazard * exposure(risk, found, factor), risk.x) - found.squares(factor)


def terms(risk: RiskSets, beta: Array) -> Terms:
    """Log-likelihood, score and information at these coefficients."""
    if not len(risk.deaths):
        return Terms(0.0, np.zeros(len(beta)), np.zeros((len(beta), len(beta))))
    found = sums(risk, beta)
    return Terms(found.loglik, risk.observed - found.expected, second_moment(risk, found))


def maximise(time: Array, event: Flags, x: Array, names: tuple[str, ...], strata: Index | None = None, *, entry: Array | None = None,
             weight: Array | None = None, offset: Array | None = None, ties: Ties = "efron") -> Fit:
    """The fit to rows of x; refuses infinite coefficients and a flat likelihood by name."""
    risk = arrange(time, event, x, strata, entry=entry, weight=weight, offset=offset, ties=ties)
    spread = np.sqrt(np.einsum("ij,ij->i", risk.x, risk.x) / max(len(risk.rows), 1))
    reach = np.ptp(risk.x, axis=1) if len(risk.rows) else spread
    beta, now, null = climb(lambda at: terms(risk, at), names, spread, reach)
    return Fit(beta, inverse(now.information, names), now, null, risk)
