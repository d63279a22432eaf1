"""What happened by a landmark and what came after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pacer_analysis.estimators._schema import Variable

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.results import Estimate


def landmark(
    frame: pd.DataFrame, *, day: float, exposure: Variable, given: Literal["day", "state"] = "day", until: float | None = None,
    covariates: tuple[str, ...] = (), stratified: bool = False, robust: bool = False, level: float = 0.95,
) -> list[Estimate]:
    """Hazard ratio after a landmark by what had happened up to it, among those followed and free of the event at the landmark.

    `exposure`: the column of what happened after randomisation: the day it did (`given: day`; blank: never; exposed if by the landmark), or its
    state at the landmark (`given: state`). It is never a covariate at baseline: that would let those exposed be immortal until then. Follow-up
    starts at `day`, and ends at `until` if given. The arms are in the model and are not reported: who reached the landmark is no longer
    randomised. Measure `hr`, terms the exposure and the covariates. Not an effect of treatment: an association from the landmark on.
    Source: Anderson, Cain and Gelber, J Clin Oncol 1983;1:710-9; van Houwelingen, Scand J Stat 2007;34:70-85.
    """
    from dataclasses import replace

    import pandas as pd

    from pacer_analysis.errors import NotEstimable, PlanError
    from pacer_analysis.estimators._frame import join_notes
    from pacer_analysis.estimators._survival import cox_rows, model

    if day <= 0:
        raise PlanError("a landmark at or before randomisation", allowed="a day after 0")
    if until is not None and until <= day:
        raise PlanError("a landmark analysis that ends before it begins", allowed=f"`until` after day {day:g}")
    if exposure not in frame:
        raise PlanError(f"no such column: {exposure}")
    if exposure in covariates:
        raise PlanError(f"{exposure} happened after randomisation: it is the exposure, not a covariate")
    data = model.with_plain_numbers(frame, (*covariates, exposure))
    if "entry" in data and data["id"].duplicated().any():
        raise PlanError("a landmark analysis of several rows per participant", do="one row each, with the day of the exposure")
    known = data["time"].notna() & data["status"].notna()
    reached = known & (data["time"] > day)
    state = data[exposure]
    if given == "day":
        state = (pd.to_numeric(state) <= day).astype(float)
    elif state[reached].isna().any():
        raise NotEstimable(f"{exposure} is unknown for some who reached the landmark")
    if state[reached].nunique() < 2:
        raise NotEstimable(f"everybody at the landmark has the same {exposure}")
    after = data.assign(**{exposure: state})[reached | ~known]
    if until is not None:
        after = after.assign(status=after["status"].mask(after["time"] > until, 0), time=after["time"].clip(upper=until))
    # Counted from the landmark nobody enters late, unless the frame itself says so.
    after = after.assign(time=after["time"] - day, **({"entry": after["entry"].clip(lower=day) - day} if "entry" in after else {}))
    after.attrs = data.attrs
    if "arm" in after and after["arm"].nunique() < 2:
        after = after.drop(columns="arm")
    # ASSUME: a landmark analysis has the arm in its model and does not report it: who reached the landmark is no longer randomised.
    rows = model.rows_of(after, (exposure, *covariates), stratified=stratified)
    fit = cox_rows.model(rows, robust=robust)
    left_out = int((known & ~reached).sum())
    note = f"{left_out} had the event or left by day {day:g} and are not in the analysis" if left_out else ""
    described = f"Landmark at day {day:g}{f', follow-up to day {until:g}' if until is not None else ''}; {exposure} {'by then' if given == 'day' else 'as it was then'}"
    return [replace(row, method=f"{described}; {row.method}", note=join_notes(row.note, note)) for row in cox_rows.hazard_ratios(fit, level) if not row.contrast]
