"""The log-rank test between arms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd


def logrank(frame: pd.DataFrame, *, stratified: bool = False) -> list[Estimate]:
    """Log-rank test of all arms, and each arm's observed and expected events; statuses other than 1 are censored.

    Measures `expected` per arm (its `events` are the observed) and `chisq`, for the contrast when there are two arms.
    """
    import numpy as np
    from statsmodels.duration.survfunc import survdiff

    from pacer_analysis.errors import NotEstimable
    from pacer_analysis.estimators import _log_rank
    from pacer_analysis.estimators._frame import compared_arms, counted, has_outcome, of_arms, strata
    from pacer_analysis.estimators._normal import chi_square
    from pacer_analysis.estimators._witness import agreement, library

    arms = compared_arms(frame)
    stratum = strata(frame, stratified=stratified)
    known = has_outcome(frame)
    people = frame[known]
    for arm in arms:
        if not (people["arm"] == arm).any():
            raise NotEstimable(f"no one followed in arm {arm}")
    time, event = people["time"].to_numpy(dtype=float), (people["status"] == 1).to_numpy()
    if not event.any():
        raise NotEstimable("no events")
    codes = people["arm"].cat.codes.to_numpy().astype(np.intp)
    groups = np.zeros(len(people), dtype=np.intp) if stratum is None else np.unique(stratum[known], return_inverse=True)[1].astype(np.intp)
    found = _log_rank.sums(time, event, codes, len(arms), groups)
    df = len(arms) - 1
    if np.linalg.matrix_rank(found.covariance[1:, 1:]) < df:
        raise NotEstimable("the arms are never at risk together")
    statistic = _log_rank.statistic(found)
    theirs, their_p = survdiff(time, event.astype(int), codes, strata=groups if stratified else None)
    other = "; other causes censored" if (people["status"] > 1).any() else ""
    method = f"Log-rank test{', stratified by the strata of the design' if stratified else ''}{other}"
    rows = [counted(Estimate(measure="expected", scale="absolute", method=f"Expected events under equal hazards. {method}", arm=arm,
                             estimate=float(found.expected[k]), witness="none"), of_arms(frame, arm)) for k, arm in enumerate(arms)]
    p = chi_square(statistic, df)
    test = Estimate(measure="chisq", scale="test", method=method, contrast=f"{arms[1]} - {arms[0]}" if df == 1 else "", statistic=statistic, df=float(df), p=p,
                    sides=2, witness=f"{library('statsmodels')}: statistic, p", agreement=agreement((statistic, float(theirs)), p=(p, float(their_p))))
    return [*rows, counted(test, frame)]
