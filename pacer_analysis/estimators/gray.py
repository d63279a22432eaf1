"""Gray's test of equal cumulative incidence between arms."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.results import Estimate


def gray(frame: pd.DataFrame, *, stratified: bool = False) -> list[Estimate]:
    """Gray's test of all arms for each cause, the others competing: a row `chisq` per cause, for the contrast when there are two arms.

    Term is blank for the event and `frame.attrs["causes"][code]`, else the code, for a competing cause; a cause that nobody had is blank
    with a note. `stratified`: scores and their variance are summed over the randomisation strata.
    Source: Gray, Annals of Statistics 1988;16:1141-1154, with weight 1 (rho = 0).
    """
    from pacer_analysis.estimators._frame import cause_names, compared_arms
    from pacer_analysis.estimators._nonparametric import gray_test
    from pacer_analysis.estimators._nonparametric.followed import noted, prepared

    people, note = prepared(frame)
    compared_arms(people)
    return noted(gray_test.rows(people, cause_names(people), stratified=stratified), note)
