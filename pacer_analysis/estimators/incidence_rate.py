"""Events per 100 person-years, by arm, and the difference and ratio of the rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.results import Estimate


def incidence_rate(frame: pd.DataFrame, *, level: float = 0.95) -> list[Estimate]:
    """Rate of the event per 100 person-years at risk, per arm (exact Poisson interval), and its comparison with the reference.

    Measures: `person_years` and `rate` per arm; per contrast `rate_difference` (Wald), `rate_ratio` (exact interval and p given the total
    of events; the se is of the logarithm) and `p` (the same exact test, two-sided by the less likely results, as in R's poisson.test).
    Other causes than the event end a person's time at risk; a person may have several rows, `entry` to `time`.
    Source: Garwood 1936; Przyborowski and Wilenski 1940.
    """
    from pacer_analysis.estimators._frame import arm_names, of_arms
    from pacer_analysis.estimators._nonparametric import poisson_rates
    from pacer_analysis.estimators._nonparametric.followed import noted, prepared

    people, note = prepared(frame)
    arms = arm_names(people)
    found = {arm: poisson_rates.tally(of_arms(people, arm), arm) for arm in arms}
    rows = [row for arm in arms for row in poisson_rates.per_arm(found[arm], level)]
    return noted([*rows, *(row for arm in arms[1:] for row in poisson_rates.compared(found[arm], found[arms[0]], level))], note)
