"""Proportional hazards and incidence of an event that is looked for at visits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.results import Estimate


def discrete_hazard(
    frame: pd.DataFrame, *, times: tuple[float, ...] = (), covariates: tuple[str, ...] = (), stratified: bool = False, level: float = 0.95,
) -> list[Estimate]:
    """Hazard ratios of grouped proportional hazards over the visits, and each arm's incidence through visits, death competing.

    The event lies in (`lower`, `upper`], days of visits, over however many missed visits; without `upper` it is censored. `status` above 1
    at `time` is a competing event, else `time` is how far people were known to be alive; deaths censor the hazard of the event.
    Measures: `hr` per contrast and covariate and `chisq` (likelihood ratio of all arms) when there are arms, by the likelihood maximised
    directly, se from the observed information; without a missed visit this is the binomial model with complementary log-log link.
    At `times`, `cif` per arm (no covariates; hazards of the event given survival of the interval, deaths before the visit that ends it;
    delta-method se, log-log interval) and `cif_difference` (Wald). `stratified`: baseline hazards of their own in each stratum.
    Source: Prentice and Gloeckler, Biometrics 1978;34:57-67.
    """
    from pacer_analysis.errors import PlanError
    from pacer_analysis.estimators._frame import arm_names
    from pacer_analysis.estimators._nonparametric import grouped_incidence, grouped_ratios

    if len(arm_names(frame)) < 2 and not covariates and not times:
        raise PlanError("discrete_hazard of one group has nothing to estimate", do="give `times`, or analyse `by: arms`")
    ratios = grouped_ratios.rows(frame, covariates, level, stratified=stratified) if len(arm_names(frame)) > 1 or covariates else []
    return [*ratios, *grouped_incidence.rows(frame, times, level)]
