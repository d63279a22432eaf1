"""How long people were followed, by arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.results import Estimate


def followup(frame: pd.DataFrame, *, horizon: float | None = None, level: float = 0.95) -> list[Estimate]:
    """Median follow-up by reverse Kaplan-Meier, and person-time observed and expected, per arm.

    Measures: `median` (days; any event ends the observation of follow-up, being censored is the event; interval of Brookmeyer and Crowley),
    `person_years` (terms `observed` and `expected`) and `completeness`, observed over expected. Expected is up to the event for those who
    had one, and for the others up to the end that the design set them: the column `potential` (days), at the most `horizon`; one of the
    two is needed, else these rows are blank with a note. Source: Schemper and Smith 1996; Clark, Altman and De Stavola 2002.
    """
    from pacer_analysis.estimators._frame import arm_names, of_arms
    from pacer_analysis.estimators._nonparametric import follow_up_rows
    from pacer_analysis.estimators._nonparametric.followed import noted, prepared

    people, note = prepared(frame)
    return noted([row for arm in arm_names(people) for row in follow_up_rows.rows(of_arms(people, arm), arm, horizon, level)], note)
