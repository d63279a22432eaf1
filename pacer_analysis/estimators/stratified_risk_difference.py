"""The comparison of two proportions over the strata of the randomisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.results import Estimate


def stratified_risk_difference(frame: pd.DataFrame, *, level: float = 0.95) -> list[Estimate]:
    """Proportions per arm (Wilson, crude), then Mantel-Haenszel difference, ratio and odds ratio of each other arm with the reference.

    Measures `proportion`, `rd` (Sato's SE), `rr` and `or` (Wald on the log scale), `chisq` (Cochran-Mantel-Haenszel, uncorrected) and,
    term `homogeneity`, Breslow and Day's test of equal odds ratios. Term and time are the visit's; with visits the tests of homogeneity
    are left out. A stratum in which nobody of an arm is analysed takes no part; the note counts them. Needs the column `stratum`.
    Source: Mantel and Haenszel 1959; Sato 1989; Greenland and Robins 1985; Robins, Breslow and Greenland 1986.
    """
    from dataclasses import replace

    import numpy as np

    from pacer_analysis.errors import NotEstimable
    from pacer_analysis.estimators._binary import mantel_haenszel
    from pacer_analysis.estimators._frame import by_visit, compared_arms, counted, has_outcome, join_notes, of_arms, strata
    from pacer_analysis.estimators.proportion import proportion_of
    from pacer_analysis.results import Estimate

    reference, *others = compared_arms(frame)
    strata(frame, stratified=True)
    over, wald = "Mantel-Haenszel over the randomisation strata", "Wald interval and test"
    estimates: list[Estimate] = []
    for visit, day, rows in by_visit(frame):
        analysed = rows[has_outcome(rows)]
        code = np.unique(analysed["stratum"].astype(str), return_inverse=True)[1]
        known = analysed["outcome"].to_numpy(dtype=float)
        inside = {arm: (analysed["arm"] == arm).to_numpy() for arm in (reference, *others)}
        people = {arm: np.bincount(code, weights=inside[arm], minlength=int(code.max(initial=-1)) + 1).astype(np.float64) for arm in inside}
        events = {arm: np.bincount(code, weights=inside[arm] * known, minlength=len(people[reference])).astype(np.float64) for arm in inside}
        estimates += [proportion_of(of_arms(rows, arm), arm=arm, visit=visit, day=day, interval="wilson", level=level) for arm in (reference, *others)]
        for arm in others:
            both = (people[arm] > 0) & (people[reference] > 0)
            tables = mantel_haenszel.Tables(events[arm][both], people[arm][both], events[reference][both], people[reference][both], arm, reference)
            lost = int((((people[arm] > 0) | (people[reference] > 0)) & ~both).sum())
            minus, ratio = f"{arm} - {reference}", f"{arm} / {reference}"
            wanted = [
                (Estimate(measure="rd", scale="difference", contrast=minus, method=f"Risk difference, {over}, Sato's SE, {wald}", level=level), mantel_haenszel.difference),
                (Estimate(measure="rr", scale="ratio", contrast=ratio, method=f"Risk ratio, {over}, SE of Greenland and Robins, {wald} on the log scale", level=level), mantel_haenszel.risk_ratio),
                (Estimate(measure="or", scale="ratio", contrast=ratio, method=f"Odds ratio, {over}, SE of Robins, Breslow and Greenland, {wald} on the log scale", level=level), mantel_haenszel.odds_ratio),
                (Estimate(measure="chisq", scale="test", contrast=minus, method="Cochran-Mantel-Haenszel chi-square over the randomisation strata, uncorrected"), mantel_haenszel.cochran),
            ]
            wanted += [] if visit else [(Estimate(measure="chisq", scale="test", contrast=minus, term="homogeneity",
                                                  method="Breslow and Day's chi-square of equal odds ratios over the strata, without Tarone's correction"), mantel_haenszel.homogeneity)]
            for blank, compute in wanted:
                try:
                    if not both.any():
                        raise NotEstimable("no stratum with both arms")
                    row = compute(tables, blank) if blank.level is None else compute(tables, blank, level)  # type: ignore[operator]  # tests take no level
                except NotEstimable as reason:
                    row = replace(blank, level=None, witness="none", note=reason.what)
                said = f"{lost} strata without one of the arms: no part in the comparison" if lost else ""
                estimates.append(counted(replace(row, term=row.term or visit, time=day, note=join_notes(row.note, said)), of_arms(rows, reference, arm)))
    return estimates
