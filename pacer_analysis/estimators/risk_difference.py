"""The crude comparison of two proportions: risk difference, risk ratio and odds ratio, with their tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.results import Estimate

INTERVALS = {
    "miettinen-nurminen": "Risk difference, score interval and score test (Miettinen-Nurminen), unpooled SE",
    "newcombe": "Risk difference, hybrid score interval (Newcombe's method 10), unpooled SE",
    "wald": "Risk difference, Wald interval and test, unpooled SE",
}


def risk_difference(
    frame: pd.DataFrame, *, interval: Literal["miettinen-nurminen", "newcombe", "wald"] = "miettinen-nurminen", level: float = 0.95,
) -> list[Estimate]:
    """Proportions per arm (Wilson), then for each other arm against the reference and each visit: difference, ratio, odds ratio, chi-square, Fisher.

    Measures `proportion`, `rd`, `rr`, `or`, `chisq` (Pearson, uncorrected) and `p` (Fisher, two-sided); term and time are the
    visit and its day. A quantity these counts cannot give is blank with a note.
    Source: Miettinen and Nurminen 1985; Newcombe 1998; Katz 1978 (ratio); Woolf 1955 (odds ratio).
    """
    from pacer_analysis.estimators._binary import two_by_two
    from pacer_analysis.estimators._frame import by_visit, choose, compared_arms, counted, of_arms
    from pacer_analysis.estimators.proportion import proportion_of

    choose("interval", interval, INTERVALS)
    reference, *others = compared_arms(frame)
    estimates: list[Estimate] = []
    for visit, day, rows in by_visit(frame):
        groups = {arm: proportion_of(of_arms(rows, arm), arm=arm, visit=visit, day=day, interval="wilson", level=level) for arm in (reference, *others)}
        estimates += groups.values()
        for arm in others:
            table = two_by_two.Table(groups[arm].events or 0, groups[arm].n or 0, groups[reference].events or 0, groups[reference].n or 0, arm, reference)
            compared = two_by_two.compare(table, interval=interval, method=INTERVALS[interval], level=level)
            estimates += [counted(_placed(row, visit, day), of_arms(rows, reference, arm)) for row in compared]
    return estimates


def _placed(row: Estimate, visit: str, day: float | None) -> Estimate:
    from dataclasses import replace

    return replace(row, term=visit, time=day)
