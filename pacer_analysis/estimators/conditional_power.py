"""The chance of success at the end, given what an interim look sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pacer_analysis.estimators._schema import Estimator
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd


def conditional_power(
    frame: pd.DataFrame, *, of: Estimator, planned_information: float, options: dict[str, Any] | None = None, measure: str = "", term: str = "",
    information_from: Literal["events", "variance"] = "events", alpha: float = 0.025, power: float = 0.8, fractions: tuple[float, ...] = (1.0,),
    spending: Literal["obrien_fleming", "pocock", "power", "haybittle_peto", "classic_obrien_fleming", "classic_pocock"] = "obrien_fleming", rho: float = 3.0,
    interim_z: float = 3.2905267314919255, better: Literal["higher", "lower"] = "higher", information: tuple[float, ...] = (),
) -> list[Estimate]:
    """Probability that z at the planned information passes the final bound in the direction of `better`, given z now.

    Measure `conditional_power` under the current trend, under the effect that gives the plan its `power`, and under no effect (terms `trend`, `design`,
    `null`); `predictive_power` averages it over a flat prior. The final bound is the design's, given the looks so far (`information`); without looks the
    normal quantile. Source: Lan and Wittes 1988; Spiegelhalter, Freedman and Blackburn 1986.
    """
    from pacer_analysis.errors import NotEstimable
    from pacer_analysis.estimators._frame import choose
    from pacer_analysis.estimators._sequential.boundaries import SPENDING, Design, bounds, drift, schedule
    from pacer_analysis.estimators._sequential.conditional import powers
    from pacer_analysis.estimators._sequential.looks import look
    from pacer_analysis.estimators._sequential.path import check

    choose("spending", spending, SPENDING)
    choose("direction", better, ("higher", "lower"))
    design = Design(tuple(fractions), alpha, spending, rho, interim_z, power=power)
    check(design, planned_information, tuple(information), tuple(information))
    at = look(frame, of=of, options=options, measure=measure, term=term, information_from=information_from)
    t = at.information / planned_information
    if t >= 1:
        raise NotEstimable("the planned information is reached: nothing is left to predict")
    # Without looks this one is no test: it spends nothing, and the final bound is the quantile.
    seen = tuple(value / planned_information for value in (*information, at.information)) if len(design.fractions) > 1 else ()
    bound = bounds(design, schedule(design, seen, final=False)).upper[-1]
    base = Estimate(contrast=at.row.contrast, n=at.row.n, observed=at.row.observed, events=at.row.events, missing=at.row.missing)
    return powers(at.z if better == "higher" else -at.z, t, bound, drift(design), base)
