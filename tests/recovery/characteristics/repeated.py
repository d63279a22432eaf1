"""Outcomes at several visits, and women in clusters: estimating equations, mixed models, clubs in one arm."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from pacer_analysis.estimators.gee import gee
from pacer_analysis.estimators.mixed_model import mixed_model
from pacer_analysis.estimators.partially_nested import partially_nested
from tests.recovery import partially_nested_coverage
from tests.recovery.characteristics.lines import ALTERNATIVE, NULL, Known, Line, Quantity
from tests.recovery.characteristics.study import ALWAYS, IMPUTED, SIZE, Seen, Study, conservative, nearly, row_of, seen, test_only, truths
from tests.recovery.characteristics.trials import COVARIATES, Array, People, bernoulli, frame, mean_over_prognosis, people, with_outcome

DAYS = (90.0, 180.0, 270.0, 360.0)
VISITS = tuple(f"V{k + 1}" for k in range(len(DAYS)))
LEVEL, LOG_ODDS, BETWEEN = np.array([0.2, 0.4, 0.5, 0.6]), {NULL: 0.0, ALTERNATIVE: 0.7}, 1.0
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(40)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def risk(truth: str, arm: int, visit: int = 3) -> float:
    """The marginal risk at a visit: mean over covariates and over the women's own level (standard normal), by quadrature."""
    return float(mean_over_prognosis(lambda x: expit(LEVEL[visit] + LOG_ODDS[truth] * arm + x[:, None] + BETWEEN * NODES) @ WEIGHTS))


def long(who: People, values: Array, **columns: Any) -> pd.DataFrame:
    """A row per woman and visit; NaN where the visit was missed."""
    n, k = values.shape
    base = frame(who, **columns)
    data = base.iloc[np.repeat(np.arange(n), k)].reset_index(drop=True)
    visit = pd.Categorical(np.tile(VISITS[:k], n), categories=VISITS[:k])
    return data.assign(visit=visit, time=np.tile(DAYS[:k], n), outcome=values.ravel(), observed=np.isfinite(values.ravel()))


def at_visits(rng: np.random.Generator, truth: str, *, stratified: bool) -> pd.DataFrame:
    """Four visits, women with a level of their own, 15% of the visits missed completely at random."""
    who = people(rng, stratified=stratified)
    own = who.prognosis + BETWEEN * rng.standard_normal(len(who.arm)) + LOG_ODDS[truth] * who.arm
    y = bernoulli(rng, expit(own[:, None] + LEVEL))
    y[rng.random(y.shape) < 0.15] = np.nan
    return long(who, y)


def _gee(data: pd.DataFrame, _: int, **options: Any) -> dict[str, Seen]:
    rows = gee(data, **options)
    found = {"rd, V4": seen(row_of(rows, "rd", term="V4"))}
    return found if "covariates" in options else found | {
        "or, V4": seen(row_of(rows, "or", term="V4")), "no difference at any visit": test_only(row_of(rows, "f", term="all visits")),
        "same difference at every visit": test_only(row_of(rows, "f", term="arm x visit"))}


RD = Quantity(truths(lambda t: risk(t, 1) - risk(t, 0)))
VISITED = {"rd, V4": RD, "or, V4": nearly(Quantity(truths(lambda t: float(logit(risk(t, 1)) - logit(risk(t, 0))))), "bias", 0.01, "odds ratio: bias of order 1/n (Jensen)"),
           "no difference at any visit": SIZE, "same difference at every visit": SIZE}


def in_clusters(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """24 clusters of 12 to 22 women, half in each arm, a level of their own with standard deviation 0.5."""
    sizes = rng.integers(12, 23, 24)
    cluster = np.repeat(np.arange(24), sizes)
    who = people(rng, len(cluster), stratified=False)
    arm = rng.permutation(np.arange(24) % 2).astype(float)[cluster]
    who = People(who.site, who.prior, who.new, who.age, who.viral_load, who.block, arm)
    return with_outcome(who, bernoulli(rng, expit(0.4 + LOG_ODDS[truth] * arm + 0.5 * rng.standard_normal(24)[cluster])), cluster=cluster.astype(str))


def cluster_risk(truth: str, arm: int) -> float:
    return float(expit(0.4 + LOG_ODDS[truth] * arm + 0.5 * NODES) @ WEIGHTS)


def _clustered(data: pd.DataFrame, _: int, **options: Any) -> dict[str, Seen]:
    rows = gee(data, correlation="exchangeable", **options)
    return {"rd": seen(row_of(rows, "rd")), "or": seen(row_of(rows, "or"))}


FEW = "24 clusters: with the Mancl-DeRouen variance and t conservative (Mancl and DeRouen 2001; Li and Redden 2015)"
SMALLER = "24 clusters: Kauermann and Carroll's variance corrects to first order only (Li and Redden 2015)"
CLUSTERED = {"rd": Quantity(truths(lambda t: cluster_risk(t, 1) - cluster_risk(t, 0))),
             "or": Quantity(truths(lambda t: float(logit(cluster_risk(t, 1)) - logit(cluster_risk(t, 0)))))}

SCORE = {NULL: 0.0, ALTERNATIVE: 1.2}


def scores(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """A score at four visits; whose score was low is likelier to be gone from the next visit on."""
    who = people(rng)
    n = len(who.arm)
    baseline = 20 + 2 * who.prognosis + 3 * rng.standard_normal(n)
    own = 0.5 * baseline + who.prognosis + 2 * rng.standard_normal(n) + SCORE[truth] * who.arm
    y = own[:, None] + np.array([10.0, 10.5, 11.0, 11.5]) + 3 * rng.standard_normal((n, 4))
    gone = np.zeros(n, dtype=bool)
    for visit in range(1, 4):
        gone |= rng.random(n) < expit(-2.2 - 0.35 * (y[:, visit - 1] - 20.5))
        y[gone, visit] = np.nan
    return long(who, y, baseline=baseline)


def _mixed(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    rows = mixed_model(data, baseline="baseline", stratified=True)
    return {"mean_difference, V1": seen(row_of(rows, "mean_difference", term="V1")), "mean_difference, V4": seen(row_of(rows, "mean_difference", term="V4")),
            "no difference at any visit": test_only(row_of(rows, "f", term="all visits")), "same difference at every visit": test_only(row_of(rows, "f", term="arm x visit"))}


# Clubs in one arm, each woman a row: the estimator itself, beside the batched replicates below.
CLUB_RISK = {NULL: (0.70, 0.70), ALTERNATIVE: (0.65, 0.80)}
ICC = 0.05


def in_clubs(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """Eight clubs in one arm, their probabilities from a beta distribution, 15% of the outcomes missing."""
    who = people(rng, stratified=False)
    clinic, club = CLUB_RISK[truth]
    assigned = np.empty(len(who.arm), dtype=np.intp)
    in_club = who.arm == 1
    assigned[in_club] = rng.permutation(np.arange(int(in_club.sum())) % 8)
    probability = np.where(in_club, rng.beta(club * (1 - ICC) / ICC, (1 - club) * (1 - ICC) / ICC, 8)[np.where(in_club, assigned, 0)], clinic)
    y = bernoulli(rng, probability)
    y[rng.random(len(y)) < 0.15] = np.nan
    return with_outcome(who, y, cluster=np.where(in_club, np.char.add("club ", assigned.astype(str)), ""))


def _clubs(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    rows = partially_nested(data)
    return {"rd": seen(row_of(rows, "rd")), "icc": seen(row_of(rows, "icc", arm="club"))}


ICC_WORDS = "Searle's interval is for normal outcomes, and 8 clubs of binary ones are few (Ukoumunne 2002)"

STUDIES = (
    Study("gee", "four visits, independence", partial(at_visits, stratified=False), _gee, VISITED, replicates=IMPUTED),
    Study("gee", "four visits, exchangeable", partial(at_visits, stratified=False), partial(_gee, correlation="exchangeable"), VISITED, replicates=IMPUTED),
    Study("gee", "covariates and strata", partial(at_visits, stratified=True), partial(_gee, covariates=COVARIATES, stratified=True),
          {"rd, V4": Quantity(RD.truth)}, replicates=IMPUTED),
    Study("gee", "24 clusters, Mancl-DeRouen", in_clusters, _clustered, {k: conservative(q, FEW) for k, q in CLUSTERED.items()}, replicates=IMPUTED),
    Study("gee", "24 clusters, Kauermann-Carroll", in_clusters, partial(_clustered, correction="kauermann_carroll"),
          {k: Quantity(q.truth, known=dict.fromkeys(("coverage", "test"), Known(SMALLER, slack=0.015))) for k, q in CLUSTERED.items()}, replicates=IMPUTED),
    Study("mixed_model", "four visits, missing at random", scores, _mixed,
          {"mean_difference, V1": Quantity(SCORE), "mean_difference, V4": Quantity(SCORE), "no difference at any visit": SIZE, "same difference at every visit": ALWAYS}, replicates=IMPUTED),
    Study("partially_nested", "8 clubs, ICC 0.05, the estimator", in_clubs, _clubs, {
        "rd": Quantity(truths(lambda t: CLUB_RISK[t][1] - CLUB_RISK[t][0])),
        "icc": Quantity({NULL: ICC, ALTERNATIVE: ICC}, known={"coverage": Known(ICC_WORDS, slack=0.03)})}, replicates=IMPUTED),
)


def coverage_lines(divisor: int) -> list[Line]:
    """The batched replicates with clubs in one arm: within 0.01 of 0.95 with the clubs, below 0.91 without them."""
    replicates = 5_000 // divisor
    slack = 3 * math.sqrt(0.95 * 0.05 / replicates) if divisor > 1 else 0.0   # a smoke test cannot tell 0.01
    nothing, lines = math.nan, []
    for found in partially_nested_coverage.scenarios(replicates):
        gap = found.club - found.clinic
        for name, coverage, holds in (("rd with the clubs", found.adjusted, abs(found.adjusted - 0.95) < 0.01 + slack), ("rd without the clubs (to be below 0.91)", found.naive, found.naive < 0.91 + slack)):
            lines.append(Line("partially_nested", f"8 clubs, ICC {found.icc:.2f}, batched", name, ALTERNATIVE if gap else NULL, replicates, 0, gap, nothing, nothing,
                              found.se_ratio if holds and name == "rd with the clubs" else nothing, coverage, nothing, "", "within" if holds else "FAILS", "" if holds else "coverage"))
    return lines
