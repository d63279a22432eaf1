"""The difference between arms in the proportion free of the event, or with it, at horizons and along the whole curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pacer_analysis.estimators.curves import Curve

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.results import Estimate


def survival_difference(
    frame: pd.DataFrame, *, times: tuple[float, ...], of: Literal["survival", "incidence"] = "survival", level: float = 0.95,
) -> list[Estimate]:
    """Difference of Kaplan-Meier survival (or of Aalen-Johansen incidence, the other causes competing) from the reference at the times.

    Measures: `survival` or `cif` per arm (log-log interval), then `survival_difference` or `cif_difference` per contrast: Greenwood's or
    the delta method's se of each arm, squared and added, Wald interval and test. Blank with a note beyond the last follow-up of an arm.
    `survival` refuses competing events.
    """
    from pacer_analysis.estimators._frame import choose, compared_arms, refuse_competing
    from pacer_analysis.estimators._nonparametric import curve_difference
    from pacer_analysis.estimators._nonparametric.followed import noted, prepared

    choose("of", of, ("survival", "incidence"))
    people, note = prepared(frame)
    arms = compared_arms(people)
    if of == "survival":
        refuse_competing(people)
    return noted(curve_difference.rows(people, arms, times, of, level), note)


def curve(frame: pd.DataFrame, *, of: Literal["survival", "incidence"] = "survival", level: float = 0.95) -> list[Curve]:
    """The difference from the reference just after each time of either arm with its pointwise Wald band, as far as both curves are known.

    One curve per contrast, which stands in the place of the arm; at risk, events and censored are totals of the two arms.
    """
    from pacer_analysis.estimators._frame import choose, compared_arms, refuse_competing
    from pacer_analysis.estimators._nonparametric import curve_difference
    from pacer_analysis.estimators._nonparametric.followed import prepared

    choose("of", of, ("survival", "incidence"))
    people, _ = prepared(frame)
    reference, *others = compared_arms(people)
    if of == "survival":
        refuse_competing(people)
    found = [(f"{arm} - {reference}", curve_difference.points(people, arm, reference, of, level)) for arm in others]
    return [Curve(contrast, "", steps) for contrast, steps in found if steps]
