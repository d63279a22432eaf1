"""The log-rank test between arms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

LOOKED_UP = 1e9  # event times times people up to which the witness looks up each risk set


def logrank(frame: pd.DataFrame, *, stratified: bool = False, rho: float = 0.0, gamma: float = 0.0) -> list[Estimate]:
    """Log-rank test of all arms, and each arm's observed and expected events; statuses other than 1 are censored.

    `rho`, `gamma`: Fleming-Harrington weights S ** rho (1 - S) ** gamma, S the survival of all just before each time within the stratum. The frame may
    have `entry` (delayed entry) and `weight` (whole numbers: like persons). Measures `expected` per arm (its `events` are the observed) and
    `chisq`, for the contrast when there are two arms.
    Source: Mantel 1966; Peto and Peto 1972; Harrington and Fleming, Biometrika 1982;69:553-66.
    """
    import numpy as np

    from pacer_analysis.errors import NotEstimable, PlanError
    from pacer_analysis.estimators._frame import compared_arms, strata
    from pacer_analysis.estimators._normal import chi_square
    from pacer_analysis.estimators._survival import log_rank
    from pacer_analysis.estimators._survival.model import analysed_rows, codes_of, counted_people, with_plain_numbers
    from pacer_analysis.estimators._witness import agreement, library

    if rho < 0 or gamma < 0:
        raise PlanError("a Fleming-Harrington weight below 0", allowed="rho and gamma of 0 or more")
    arms = compared_arms(frame)
    frame = with_plain_numbers(frame, ())
    stratum = strata(frame, stratified=stratified)
    known, dropped = analysed_rows(frame)
    people = frame[known]
    for arm in arms:
        if not (people["arm"] == arm).any():
            raise NotEstimable(f"no one followed in arm {arm}")
    time, event = people["time"].to_numpy(dtype=float), (people["status"] == 1).to_numpy(dtype=bool)
    if not event.any():
        raise NotEstimable("no events")
    entry, weight = (people[name].to_numpy(dtype=float) if name in people else None for name in ("entry", "weight"))
    if weight is not None and (weight != np.round(weight)).any():
        raise NotEstimable("weights that are no whole numbers: the log-rank test counts persons", do="use cox, whose standard error is robust then")
    codes = people["arm"].cat.codes.to_numpy().astype(np.intp)
    groups = None if stratum is None else codes_of(stratum[known])
    found = log_rank.sums(time, event, codes, len(arms), groups, entry=entry, weight=weight, rho=rho, gamma=gamma)
    df = len(arms) - 1
    if np.linalg.matrix_rank(found.covariance[1:, 1:], hermitian=True) < df:
        raise NotEstimable("the arms are never at risk together")
    statistic = log_rank.statistic(found)
    p = chi_square(statistic, df)
    witness, agrees = "none", None
    if entry is None and weight is None and not gamma:
        from statsmodels.duration.survfunc import survdiff

        theirs = float(survdiff(time, event.astype(int), codes, strata=groups, **({"weight_type": "fh", "fh_p": rho} if rho else {}))[0])
        witness, agrees = f"{library('statsmodels')}: statistic, p", agreement((statistic, theirs), p=(p, chi_square(theirs, df)))
    elif len(time) * len(np.unique(time[event])) <= LOOKED_UP:
        ones = np.ones(len(time))
        theirs = log_rank.by_looking(time, event, codes, len(arms), (0 * ones).astype(np.intp) if groups is None else groups,
                                     -np.inf * ones if entry is None else entry, ones if weight is None else weight, rho, gamma)
        witness, agrees = "risk sets looked up one by one: statistic, p", agreement((statistic, theirs), p=(p, chi_square(theirs, df)))
    words = [f"Fleming-Harrington test, rho {rho:g}, gamma {gamma:g}" if rho or gamma else "Log-rank test", *(["stratified by the strata of the design"] if stratified else []),
             *(["intervals open at entry"] if entry is not None else []), *(["weights count like persons"] if weight is not None else [])]
    method = f"{', '.join(words)}{'; other causes censored' if (people['status'] > 1).any() else ''}"
    shown = "Expected events under equal hazards, weighted as the test." if rho or gamma else "Expected events under equal hazards."
    rows = [counted_people(Estimate(measure="expected", scale="absolute", method=f"{shown} {method}", arm=arm, estimate=float(found.expected[k]), witness="none", note=dropped),
                           frame, known, arm) for k, arm in enumerate(arms)]
    test = Estimate(measure="chisq", scale="test", method=method, contrast=f"{arms[1]} - {arms[0]}" if df == 1 else "", statistic=statistic, df=float(df), p=p,
                    sides=2, witness=witness, agreement=agrees, note=dropped)
    return [*rows, counted_people(test, frame, known)]
