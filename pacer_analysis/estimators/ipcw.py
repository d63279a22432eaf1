"""What would have been seen had no one been censored for reasons that the covariates explain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.results import Estimate


def ipcw(
    frame: pd.DataFrame, *, of: Literal["risk_difference", "kaplan_meier", "cox"], times: tuple[float, ...] = (), covariates: tuple[str, ...] = (), stratified: bool = False,
    model: Literal["cox", "logistic"] = "cox", every: float = 30.0, stabilised: bool = True, truncate: float = 1.0, level: float = 0.95,
) -> list[Estimate]:
    """The comparison of arms with everyone still followed standing for those like them who are not: weights 1 / P(uncensored | covariates, arm).

    For hypothetical and while-on-treatment strategies: status 0 is what would not have happened. The model of censoring is fitted per arm on
    baseline covariates (and the stratum): `cox`, or `logistic` pooled over intervals `every` so many days. `of` risk_difference: by each of
    `times` the weighted proportion with the event (competing events count as none; measures `proportion`, `rd`, `rr`, `or`); kaplan_meier:
    `survival` and `survival_difference`; cox: `hr`, to the last of `times` or of follow-up. `stabilised` weights (the last two) have the
    probability without covariates on top. `truncate`: weights above this quantile are cut off there, which the standard error takes as fixed.
    The standard error counts the estimation of the weights; note: effective sample size and largest weight.
    Source: Robins and Finkelstein 2000; Robins, Hernan and Brumback, Epidemiology 2000;11:550-60; Cole and Hernan 2008 (truncation).
    """
    from pacer_analysis.errors import PlanError
    from pacer_analysis.estimators._frame import choose, refuse_competing
    from pacer_analysis.estimators._imputation import ipcw_rows

    choose("of", of, ("risk_difference", "kaplan_meier", "cox"))
    choose("model", model, ("cox", "logistic"))
    if not 0.5 <= truncate <= 1:
        raise PlanError(f"weights cannot be cut off at quantile {truncate}", where="option `truncate`", allowed="0.5 to 1 (none)", do="correct it")
    if every <= 0:
        raise PlanError("an interval has a length", where="option `every`", allowed="days above 0", do="correct it")
    if not times and of != "cox":
        raise PlanError("a risk needs the day by which it is meant", where="option `times`", do="name the days")
    if of == "kaplan_meier":
        refuse_competing(frame)
    data = ipcw_rows.prepare(frame, covariates=covariates, stratified=stratified, model=model, every=every, stabilised=stabilised and of != "risk_difference", truncate=truncate, level=level)
    if of == "cox":
        return ipcw_rows.hazard_ratios(data, float(times[-1]) if times else max(float(people.time.max()) for people in data.people.values()))
    return [row for day in times for row in ipcw_rows.at_horizon(data, float(day), of)]
