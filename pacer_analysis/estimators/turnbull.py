"""The proportion still free of an event that is only known to lie between two visits, by arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.results import Estimate


def turnbull(frame: pd.DataFrame, *, times: tuple[float, ...]) -> list[Estimate]:
    """Survival at the times by the nonparametric maximum likelihood for interval-censored events, per arm.

    The event lies in (`lower`, `upper`]: after the last day known without it, not after the first day known with it; without `upper`
    it is censored. Where `status` is above 1, a competing event, the person is censored at `lower`, and every row says so.
    Measures: `survival`, and `survival_least`, which is lower where the likelihood does not say on which side of the day the events of an
    interval lie. No interval: grouped over visits, discrete_hazard has one. Blank with a note beyond the last day known without the event.
    Source: Turnbull, JRSS B 1976;38:290-295.
    """
    from pacer_analysis.estimators._frame import arm_names, of_arms
    from pacer_analysis.estimators._nonparametric import turnbull_rows

    return [row for arm in arm_names(frame) for row in turnbull_rows.rows(of_arms(frame, arm), arm, times)]
