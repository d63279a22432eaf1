"""The difference of means between arms, adjusted for the value at baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pacer_analysis.estimators._schema import Variable
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

WORDS = {"model": "model-based SE, t with n - k degrees of freedom", "hc3": "sandwich HC3, t with n - k degrees of freedom"}


def ancova(
    frame: pd.DataFrame, *, baseline: Variable, covariates: tuple[str, ...] = (), stratified: bool = False, variance: Literal["model", "hc3"] = "model",
    level: float = 0.95,
) -> list[Estimate]:
    """Mean per arm, then the mean difference of each other arm from the reference by least squares on arm, `baseline` and covariates.

    Measures `mean` per arm (of those with the outcome, as it is; se SD over root n, t interval), `mean_difference` (t interval and
    test) and `f`, term `all arms`, for more than two arms. `stratified` adds the stratum. With visits one model per visit; term and
    time are the visit's. The baseline of those in whom it is unknown is imputed by its mean, and noted.
    Source: Vickers and Altman, BMJ 2001;323:1123-4; White and Thompson, Statistics in Medicine 2005;24:993-1007.
    """
    from dataclasses import replace

    from pacer_analysis.errors import NotEstimable
    from pacer_analysis.estimators._binary import least_squares
    from pacer_analysis.estimators._frame import by_visit, choose, compared_arms

    choose("variance", variance, WORDS)
    compared_arms(frame)
    visits = by_visit(frame)
    estimates = []
    for visit, day, rows in visits:
        try:
            found = least_squares.rows(rows, (baseline, *covariates), stratified=stratified, variance=variance, words=WORDS[variance], level=level)
        except NotEstimable as reason:
            if len(visits) == 1:
                raise
            found = [Estimate(measure="mean_difference", scale="difference", method="Least squares", witness="none", note=reason.what)]
        estimates += [replace(row, term=visit, time=day) for row in found if not row.term] if visit else found
    return estimates
