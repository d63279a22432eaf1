"""The mean time free of the event up to a horizon, by arm, and its difference and ratio between arms."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.results import Estimate


def rmst(frame: pd.DataFrame, *, times: tuple[float, ...], level: float = 0.95) -> list[Estimate]:
    """Restricted mean survival time: the area under Kaplan-Meier to each horizon, per arm, and its comparison with the reference.

    Measures: `rmst` per arm, `rmst_difference` (Wald interval and test) and `rmst_ratio` (the same on the log scale) per contrast; time is
    the horizon. Blank with a note where the horizon lies beyond the last follow-up of an arm; refuses competing events.
    The se is that of the mean, sum over event days of (area from the day to the horizon)^2 d / (Y (Y - d)) - not the spread of
    min(T, horizon) among people. Source: Royston and Parmar, BMC Medical Research Methodology 2013;13:152, appendix.
    """
    from pacer_analysis.estimators._frame import arm_names, of_arms, refuse_competing
    from pacer_analysis.estimators._nonparametric import restricted_mean
    from pacer_analysis.estimators._nonparametric.followed import noted, prepared

    people, note = prepared(frame)
    refuse_competing(people)
    arms = arm_names(people)
    found = {arm: restricted_mean.means(of_arms(people, arm), arm, times, level) for arm in arms}
    rows = [mean.row for arm in arms for mean in found[arm]]
    for arm in arms[1:]:
        for one, reference in zip(found[arm], found[arms[0]], strict=True):
            rows += restricted_mean.compared(one, reference, level)
    return noted(rows, note)
