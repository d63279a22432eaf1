"""Adjusted associations between groups that were not randomised, by propensity-score weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd


def propensity(
    frame: pd.DataFrame, *, covariates: tuple[str, ...] = (), weights: Literal["overlap", "inverse_probability"] = "overlap", horizons: tuple[float, ...] = (), level: float = 0.95,
) -> list[Estimate]:
    """Weighted comparison of each group with the reference; an association adjusted for the covariates, not an effect.

    Binary outcomes: `proportion` per group (interval on the logit scale), `rd`, `rr`, `or`; numbers: `mean`, `mean_difference`; times: `survival` per group
    (log-log) and `survival_difference` at the `horizons`, `hr` (weighted Cox, Breslow ties). Standard errors are those of the stacked estimating
    equations, propensity model included, by `cluster` where the frame has it. Groups are compared in pairs, each with a propensity model of its own, fitted to
    everyone with all covariates known; who lacks one is counted in `missing` and named in the note. Term and time are the visit's.
    Source: Li, Morgan and Zaslavsky 2018; Lunceford and Davidian 2004; Shu, Young, Toh and Wang 2021 (hazard ratio).
    """
    from dataclasses import replace

    from pacer_analysis.errors import NotEstimable
    from pacer_analysis.estimators._frame import by_visit, choose, compared_arms, join_notes
    from pacer_analysis.estimators._weighting.scores import WEIGHTS

    choose("weights", weights, WEIGHTS)
    reference, *others = compared_arms(frame)
    visits = by_visit(frame) if "outcome" in frame else [("", None, frame)]
    rows: list[Estimate] = []
    for visit, day, seen in visits:
        for arm in others:
            # Each pair has weights of its own, and so its own row of the reference.
            term = join_notes(visit, f"{arm} v {reference}" if len(others) > 1 else "")
            try:
                rows += _pair(seen, reference, arm, covariates, weights, tuple(horizons), term, day, level)
            except NotEstimable as reason:
                if len(visits) * len(others) == 1:
                    raise
                measure, scale, sign = ("rd", "difference", "-") if "outcome" in frame else ("hr", "ratio", "/")
                rows.append(replace(Estimate(measure=measure, scale=scale, contrast=f"{arm} {sign} {reference}", term=term, time=day), method="Propensity-score weights",
                                    witness="none", note=reason.what))
    return rows


def _pair(seen: pd.DataFrame, reference: str, arm: str, covariates: tuple[str, ...], weights: str, horizons: tuple[float, ...], term: str, day: float | None, level: float) -> list[Estimate]:
    from pacer_analysis.errors import PlanError
    from pacer_analysis.estimators._frame import has_outcome, of_arms, refuse_competing
    from pacer_analysis.estimators._weighting import rows
    from pacer_analysis.estimators._weighting.scores import score

    pair = of_arms(seen, reference, arm)
    if "outcome" in pair:
        about = rows.comparison(score(pair, reference, arm, covariates, weights), pair, reference, arm, weights, term=term, time=day, level=level)
        values = set(pair["outcome"].dropna().astype(float).unique())
        return rows.of_means(about, binary=values <= {0.0, 1.0})
    if "time" not in pair:
        raise PlanError("a weighted comparison needs an outcome", do="Name an endpoint.")
    if horizons:
        refuse_competing(pair)
    followed = pair[has_outcome(pair)]
    about = rows.comparison(score(followed, reference, arm, covariates, weights), pair, reference, arm, weights, term=term, time=day, level=level)
    return rows.of_times(about, horizons)
