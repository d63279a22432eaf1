"""The frame of one analysis: one row per person (and visit) of the population, those without the outcome included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.estimate.sets import members
from pacer_analysis.estimators import ESTIMATORS, variables_named

if TYPE_CHECKING:
    import datetime

    import pandas as pd

    from pacer_analysis.estimate.sets import Sets
    from pacer_analysis.plan import Analysis, Plan


def build_frame(plan: Plan, cutoff: datetime.date, analysis: Analysis, sets: Sets) -> pd.DataFrame:
    """id, the outcome's columns, covariates and columns to count or describe; no arm."""
    import pandas as pd

    people = sets.participants[members(plan, analysis.population, sets.participants)]
    if analysis.estimator == "count":
        frame = _counted(plan, analysis, people)
    elif analysis.estimator == "describe":
        frame = _described(plan, analysis, people)
    elif analysis.outcome in plan.participants.variables:
        frame = _measured(plan, analysis, people)
    elif analysis.outcome:
        frame = _completeness(plan, cutoff, analysis, people)
    elif not analysis.endpoint:
        frame = pd.DataFrame({"id": people["record"].to_numpy()})
    else:
        frame = _endpoint(plan, analysis, people, sets.endpoints)
    for name in dict.fromkeys((*analysis.covariates, *plan.participants.strata, *variables_named(ESTIMATORS[analysis.estimator], analysis.options, ESTIMATORS))):
        if name not in frame and name in people:
            frame[name] = typed(plan, name, people[name]).reindex(frame["id"]).to_numpy()
    for column, name in analysis.columns.items():
        frame[column] = typed(plan, name, people[name]).reindex(frame["id"]).to_numpy()
    if plan.participants.strata:
        strata = [people[name].astype(str) for name in plan.participants.strata]
        frame["stratum"] = _joined(strata).reindex(frame["id"]).to_numpy()
    frame.attrs["kinds"] = {name: variable.kind for name, variable in plan.participants.variables.items()} | {"site": "categorical"}
    return frame


def _joined(parts: list[pd.Series[str]]) -> pd.Series[str]:
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + "/" + part
    return whole


def typed(plan: Plan, name: str, column: pd.Series) -> pd.Series:
    """A participants' column as an estimator needs it: binary as 0, 1 or missing; categories as text, missing where blank."""
    import numpy as np

    variable = plan.participants.variables.get(name)
    if variable is not None and variable.kind == "continuous":
        return column.astype(float)
    text = column.astype(object)
    blank = text.isna() | (text == "")
    if variable is not None and variable.kind == "binary":
        return (text == (variable.yes or "1")).astype(float).mask(blank, np.nan)
    return text.mask(blank, None)


def _counted(plan: Plan, analysis: Analysis, people: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"id": people["record"], **{name: members(plan, name, people) for name in analysis.options["of"]}}).reset_index(drop=True)


def _described(plan: Plan, analysis: Analysis, people: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"id": people["record"], **{name: typed(plan, name, people[name]) for name in analysis.options["variables"]}}).reset_index(drop=True)


def _measured(plan: Plan, analysis: Analysis, people: pd.DataFrame) -> pd.DataFrame:
    """A variable of the participants as the outcome: a number, or 1 and 0."""
    import pandas as pd

    outcome = typed(plan, analysis.outcome, people[analysis.outcome]).astype(float)
    return pd.DataFrame({"id": people["record"], "outcome": outcome, "observed": outcome.notna()}).reset_index(drop=True)


def _completeness(plan: Plan, cutoff: datetime.date, analysis: Analysis, people: pd.DataFrame) -> pd.DataFrame:
    """A row per visit whose window closed by the cut-off while she was under follow-up; 1 if it was done in its window."""
    import pandas as pd

    assert plan.visits is not None  # the plan's check refuses the outcome without visits
    parts = []
    for visit in (visit for visit in plan.visits.schedule if visit.window[0] > 0):      # who is enrolled has had the enrolment visit
        opened = people[plan.visits.anchor] + pd.Timedelta(days=visit.window[0])
        closed = people[plan.visits.anchor] + pd.Timedelta(days=visit.window[1])
        due = people[(closed <= pd.Timestamp(cutoff)) & ~(_death(plan, people) < opened)]
        done = due[f"{visit.id}_{'date' if analysis.outcome == 'visit_done' else 'vl_date'}"].notna()
        parts.append(pd.DataFrame({"id": due["record"], "visit": visit.id, "time": float(visit.target), "outcome": done.astype(float), "observed": True}))
    frame = pd.concat(parts, ignore_index=True)
    frame["visit"] = pd.Categorical(frame["visit"], categories=[visit.id for visit in plan.visits.schedule if visit.window[0] > 0])
    return frame


def _death(plan: Plan, people: pd.DataFrame) -> pd.Series:
    import pandas as pd

    return people[f"{plan.participants.death}_date"] if plan.participants.death else pd.Series(pd.NaT, index=people.index)


def _endpoint(plan: Plan, analysis: Analysis, people: pd.DataFrame, endpoints: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows = endpoints[(endpoints["endpoint"] == analysis.endpoint) & endpoints["record"].isin(people["record"])]
    if analysis.threshold is not None:
        rows = rows[rows["threshold"] == analysis.threshold]
    frame = pd.DataFrame({"id": rows["record"].to_numpy()})
    if (rows["kind"] == "time").all():
        time = rows["clock_time"] if analysis.clock == "visit" else rows["time"]
        status = rows["status"].astype(float)
        frame["time"] = time.astype(float).to_numpy()
        frame.attrs["undated"] = int((rows["reason"] == "due date unknown").sum())
        frame["status"] = ((status > 0).astype(float).where(status.notna()) if analysis.composite else status).to_numpy()
        return frame
    outcome = rows["value"].astype(float)
    if analysis.missing == "failure":
        outcome = outcome.mask(outcome.isna() & (rows["reason"] != "not yet due"), 0.0)
    frame["outcome"] = outcome.to_numpy()
    frame["observed"] = rows["observed"].astype(bool).to_numpy()
    if len(set(rows["visit"])) > 1 and plan.visits is not None:
        order = [visit.id for visit in plan.visits.schedule if (rows["visit"] == visit.id).any()]
        frame["visit"] = pd.Categorical(rows["visit"], categories=order)
        frame["time"] = rows["visit"].map({visit.id: float(visit.target) for visit in plan.visits.schedule}).to_numpy()
    return frame[(rows["reason"] != "not yet due").to_numpy()].reset_index(drop=True)
