"""How alike two groups are in their covariates, before and after weighting: a balance table, the data of a love plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pacer_analysis.estimators._weighting.scores import Scores

SMD = "Standardised difference of means or proportions over the root mean of the two unweighted variances"
RATIO = "Ratio of variances"


def balance(frame: pd.DataFrame, *, covariates: tuple[str, ...] = (), weights: Literal["overlap", "inverse_probability"] = "overlap") -> list[Estimate]:
    """Standardised differences and variance ratios of every covariate, unweighted and weighted, each group against the reference.

    Measures `smd` and, for covariates that are not 0 or 1, `variance_ratio`, terms `<column> (unweighted)` and `<column> (weighted)` (a column per level of a
    category); per group `effective_n` and the `smallest_score` and `largest_score` of the propensity to be in the compared group. Groups are compared in pairs.
    Source: Austin and Stuart 2015; Kish 1965 (effective number).
    """
    from pacer_analysis.estimators._frame import choose, compared_arms
    from pacer_analysis.estimators._weighting.scores import WEIGHTS, score

    choose("weights", weights, WEIGHTS)
    reference, *others = compared_arms(frame)
    rows: list[Estimate] = []
    for arm in others:
        rows += _pair(score(frame, reference, arm, covariates, weights), reference, arm, WEIGHTS[weights], several=len(others) > 1)
    return rows


def _pair(scores: Scores, reference: str, arm: str, words: str, *, several: bool) -> list[Estimate]:
    import numpy as np

    n = len(scores.people)
    base = Estimate(scale="difference", contrast=f"{arm} - {reference}", n=n, observed=n, missing=scores.dropped, note=scores.note)
    ones = np.ones(n)
    rows: list[Estimate] = []
    for name, x in zip(scores.names, scores.x.T[1:], strict=True):
        for stage, weight in (("unweighted", ones), ("weighted", scores.weight)):
            rows += _column(base, name, x, scores.group, weight, stage, words if stage == "weighted" else "unweighted")
    return rows + _groups(scores, reference, arm, words, f"{arm} v {reference}" if several else "")


def _column(base: Estimate, name: str, x: NDArray[np.float64], group: NDArray[np.float64], weight: NDArray[np.float64], stage: str, words: str) -> list[Estimate]:
    import math
    from dataclasses import replace

    import numpy as np

    from pacer_analysis.estimators._witness import agreement, library

    binary = bool(np.isin(x, (0.0, 1.0)).all())
    parts = [(x[group == k], weight[group == k]) for k in (1, 0)]
    plain = [_moments(values, np.ones(len(values)), binary=binary)[1] for values, _ in parts]
    (mean1, var1), (mean0, var0) = (_moments(values, own, binary=binary) for values, own in parts)
    row = replace(base, measure="smd", term=f"{name} ({stage})", method=f"{SMD}; {words}")
    scale = math.sqrt(sum(plain) / 2)
    if not scale:
        rows = [replace(row, witness="none", note=f"{name} does not vary within either group")]
    else:
        other = float(np.average(parts[0][0], weights=parts[0][1]) - np.average(parts[1][0], weights=parts[1][1])) / math.sqrt(
            sum(float(np.var(values, ddof=0 if binary else 1)) for values, _ in parts) / 2)
        ours = (mean1 - mean0) / scale
        ours = 0.0 if abs(ours) < 1e-12 else ours  # overlap weights balance means exactly, but for rounding
        rows = [replace(row, estimate=ours, witness=f"{library('numpy')}: estimate", agreement=agreement((ours, other), se=1.0))]
    if not binary:
        ratio = replace(row, measure="variance_ratio", scale="ratio", contrast=base.contrast.replace(" - ", " / ", 1), method=f"{RATIO}; {words}")
        if var0 and var1:
            theirs = float(np.cov(parts[0][0], aweights=parts[0][1]) / np.cov(parts[1][0], aweights=parts[1][1]))
            rows.append(replace(ratio, estimate=var1 / var0, witness=f"{library('numpy')}: estimate", agreement=agreement((var1 / var0, theirs))))
        else:
            rows.append(replace(ratio, witness="none", note=f"{name} does not vary within a group"))
    return rows


def _moments(values: NDArray[np.float64], weight: NDArray[np.float64], *, binary: bool) -> tuple[float, float]:
    """Weighted mean and variance: p (1 - p) of a proportion, else with the reliability correction, n - 1 where weights are equal."""
    import math

    total = math.fsum(weight)
    mean = math.fsum(weight * values) / total
    if binary:
        return mean, mean * (1 - mean)
    left = total - math.fsum(weight**2) / total
    return mean, math.fsum(weight * (values - mean) ** 2) / left if left > 0 else 0.0


def _groups(scores: Scores, reference: str, arm: str, words: str, term: str) -> list[Estimate]:
    import math

    from pacer_analysis.estimators._weighting.scores import effective
    from pacer_analysis.estimators._witness import agreement

    rows = []
    for k, name in enumerate((reference, arm)):
        inside = scores.group == k
        weight, n = scores.weight[inside], int(inside.sum())
        ours, theirs = effective(weight), math.fsum(weight) ** 2 / math.fsum(weight**2)
        rows.append(Estimate(measure="effective_n", scale="absolute", arm=name, term=term, estimate=ours, n=n, observed=n, method=f"Effective number (Kish); {words}",
                             witness="exact sums: estimate", agreement=agreement((ours, theirs)), note=scores.note))
        rows += [Estimate(measure=measure, scale="absolute", arm=name, term=term, estimate=float(value), n=n, observed=n, witness="none", method=f"{said} propensity to be in {arm}", note=scores.note)
                 for measure, said, value in (("smallest_score", "Smallest", scores.score[inside].min()), ("largest_score", "Largest", scores.score[inside].max()))]
    return rows
