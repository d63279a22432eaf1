"""What the missing outcomes could at most have done to a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pacer_analysis.estimators._schema import Estimator

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.results import Estimate

SCENARIOS = {
    "best_worst": "missing outcomes good in {others}, bad in {reference}",
    "worst_best": "missing outcomes bad in {others}, good in {reference}",
    "all_failure": "all missing outcomes bad",
    "all_success": "all missing outcomes good",
}


def best_worst(
    frame: pd.DataFrame, *, of: Estimator = "risk_difference", options: dict[str, object] | None = None, better: Literal["higher", "lower"] = "higher", level: float = 0.95,
) -> list[Estimate]:
    """The rows of a binary estimator under four extremes of the missing outcomes, named in `term` (after the visit).

    best_worst: good in every arm but the reference, bad in it; worst_best the reverse; all_failure; all_success. `better` says
    whether the outcome itself (higher) or its absence (lower) is good. A row that the extreme cannot give has its note.
    Rows with `imputable` false stay blank. Source: Unnebrink and Windeler, Statistics in Medicine 2001;20:3931-46.
    """
    from dataclasses import replace

    from pacer_analysis.errors import NotEstimable, PlanError
    from pacer_analysis.estimators._frame import choose, compared_arms
    from pacer_analysis.estimators._imputation.pooled_rows import wrapped
    from pacer_analysis.estimators._imputation.wide import blanks

    choose("better", better, ("higher", "lower"))
    if "outcome" not in frame or not set(frame["outcome"].dropna().unique()) <= {0, 1}:
        raise PlanError("the extremes of missing outcomes need a binary outcome", do="use tipping_point for a time or a number")
    reference, *others = compared_arms(frame)
    estimate = wrapped(of, options, level=level)
    wanted = blanks(frame)
    good = 1.0 if better == "higher" else 0.0
    told = {"reference": reference, "others": " and ".join(others)}
    found = []
    for scenario, words in SCENARIOS.items():
        in_others, in_reference = {"best_worst": (good, 1 - good), "worst_best": (1 - good, good), "all_failure": (1 - good, 1 - good), "all_success": (good, good)}[scenario]
        filled = (frame["arm"] == reference).map({True: in_reference, False: in_others}).astype(float)
        outcome = frame["outcome"].astype("Float64").astype(float)
        said = f"{words.format(**told)}: {int(wanted.sum())} outcomes"
        try:
            rows = estimate(frame.assign(outcome=outcome.mask(wanted, filled)))
        except NotEstimable as reason:
            rows = [_blank(of, reason.what)]
        found += [replace(row, term=", ".join(part for part in (row.term, scenario) if part), method=f"{row.method}; {said}" if row.method else said,
                          ) for row in rows]
    return found


def _blank(of: str, reason: str) -> Estimate:
    from pacer_analysis.results import Estimate

    return Estimate(measure="rd", scale="difference", method=f"Extremes of the missing outcomes around {of}", witness="none", note=reason)
