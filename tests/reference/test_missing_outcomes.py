"""Extremes of the missing outcomes and tipping points against R."""

from __future__ import annotations

import csv
import math

import numpy as np
import pandas as pd
import pytest

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators import ESTIMATORS
from pacer_analysis.estimators._imputation import after_censoring, crude_hazards, shifted
from pacer_analysis.estimators._imputation.imputed import Settings, impute
from pacer_analysis.estimators.best_worst import best_worst
from pacer_analysis.estimators.tipping_point import tipping_point
from tests.reference.conftest import HERE, make_frame
from tests.reference.test_imputation import expected

IN_THE_LONG_RUN = expected("tipping_point")


def by(frame, day):
    """The event by a day, unknown when censored before."""
    known = (frame["time"] > day) | (frame["status"] == 1)
    return frame.drop(columns=["time", "status"]).assign(outcome=(frame["time"] <= day).astype(float).where(known), observed=known)


def two_arms(*arms):
    table = pd.read_csv(HERE / "data/actg175.csv")
    table = table[table["arm"].isin(arms)].reset_index(drop=True)
    return table.assign(id=[f"R-{i:04d}" for i in range(len(table))], arm=pd.Categorical(table["arm"], categories=arms), observed=table["outcome"].notna())


def binary(case):
    if case.startswith("actg175"):
        found = make_frame("actg175") if case == "actg175" else two_arms("zdv", "zdv_ddi").drop(columns=["time", "status"])
        return found[np.arange(1, len(found) + 1) % 3 == 0].reset_index(drop=True) if case.endswith("counts") else found
    return by(make_frame(case.split()[0]), {"lung": 300, "aids": 200}[case.split()[0]])


@pytest.mark.parametrize("case", ["actg175", "lung", "aids"])
def test_extremes(agrees_with_r, case):
    rows = agrees_with_r("best_worst", case, best_worst(binary(case)))
    missing = {row.missing for row in rows.values() if row.measure == "rd"}
    assert min(missing) > 0


def test_good_may_be_the_absence_of_the_outcome():
    higher = {row.term: row.estimate for row in best_worst(binary("lung")) if row.measure == "rd"}
    lower = {row.term: row.estimate for row in best_worst(binary("lung"), better="lower") if row.measure == "rd"}
    assert (lower["best_worst"], lower["worst_best"]) == (higher["worst_best"], higher["best_worst"])
    assert (lower["all_failure"], lower["all_success"]) == (higher["all_success"], higher["all_failure"])


@pytest.mark.parametrize(("case", "step"), [("actg175 counts", 2), ("lung counts", 2), ("aids counts", 20)])
def test_every_number_of_events_among_the_missing(case, step):
    rows = tipping_point(binary(case), of="risk_difference", kind="counts", step=step)
    ours = {(row.measure, row.contrast, row.term): row for row in rows}
    assert len(ours) == len(rows)
    with (HERE / "tipping_counts.csv").open(encoding="utf-8", newline="") as handle:
        lines = [line for line in csv.DictReader(handle) if line["case"] == case]
    assert lines
    for line in lines:
        value = getattr(ours[line["measure"], line["contrast"], line["term"]], line["quantity"])
        assert value == pytest.approx(float(line["value"]), rel=1e-6, abs=1e-9), line
    frontier = {(line["contrast"], line["term"]) for line in lines if line["measure"] == "tipping_point"}
    assert {(row.contrast, row.term) for row in rows if row.measure == "tipping_point" and row.estimate is not None} == frontier
    corners = [row for row in rows if row.agreement is not None]
    assert len(corners) == 4
    assert max(row.agreement for row in corners) < 1e-9


def near(case, term, q, u, m):
    """Mean, spread between imputations and mean variance within four Monte Carlo errors of both sides."""
    wanted = IN_THE_LONG_RUN[case, term]
    fourth = ((q - q.mean()) ** 4).mean() / q.var(ddof=1) ** 2
    for name, value, error in (("estimate", q.mean(), q.std(ddof=1) / m**0.5), ("between", q.std(ddof=1), q.std(ddof=1) * ((fourth - 1) / (4 * m)) ** 0.5),
                               ("within", u.mean(), u.std(ddof=1) / m**0.5)):
        their_error = wanted["se" if name == "estimate" else f"{name}_se"]
        assert abs(value - wanted[name]) < 4 * math.hypot(error, their_error), (name, value, wanted[name])


SHIFTED = [(case, term) for case, term in IN_THE_LONG_RUN if term.startswith("delta")]
MULTIPLIED = [(case, term) for case, term in IN_THE_LONG_RUN if term.startswith("phi")]


def at(term):
    return {part.split("_", 1)[1].split("=")[0]: float(part.split("=")[1]) for part in term.split(",")}


@pytest.mark.parametrize(("case", "term"), SHIFTED)
def test_shifted_outcomes_as_by_mice(case, term):
    m = 600
    frame = two_arms("zdv", "ddi").drop(columns=["time", "status"]) if case == "actg175" else binary(case) if case != "lung value" else make_frame("lung")
    helpers = {"actg175": ("age", "cd40"), "lung": ("age",), "aids": ("age", "cd4"), "lung value": ("age", "days")}[case]
    if case == "lung value":
        frame = frame.assign(value=frame["meals"], outcome=(frame["meals"] < 800).astype(float).where(frame["meals"].notna()), observed=frame["meals"].notna(), days=frame["time"])
        frame = frame.drop(columns=["time", "status"])
    frame = frame.drop(columns="stratum", errors="ignore")
    value = case == "lung value"
    settings = Settings(helpers, (), {"value": "linear"}, m, 1, 31, 5, 800 if value else None, log10=value)
    found = impute(frame, settings)
    reference, other = frame["arm"].cat.categories
    rows = next(rows for rows in shifted.crude_rows(found, reference, (other,), at(term)) if rows[0].measure == "rd")
    near(case, term, np.array([row.estimate for row in rows]), np.array([row.se**2 for row in rows]), m)


@pytest.mark.parametrize(("case", "term"), MULTIPLIED)
def test_multiplied_hazards_as_written_out_in_r(case, term):
    frame = two_arms("zdv", "ddi").drop(columns=["outcome", "observed"]) if case.startswith("actg175") else make_frame(case.split()[0])
    horizon, pieces = {"lung hazard": (800, 4), "aids hazard": (300, 6), "actg175 hazard": (1000, 6)}[case]
    follow = after_censoring.prepare(frame, horizon=horizon, pieces=pieces, m=400, seed=32)
    (rows,) = crude_hazards.rows(follow, at(term), stratified=False)
    near(case, term, np.log([row.estimate for row in rows]), np.array([row.se**2 for row in rows]), 400)


def test_the_map_has_a_row_per_point_and_its_frontier_lies_where_the_interval_crosses():
    rows = tipping_point(binary("lung"), of="risk_difference", grid=(-4, -2, 0, 2, 4), seed=3, auxiliary=("age",), measure="rd", m=10)
    points = {row.term: row for row in rows if row.measure == "rd"}
    assert len(points) == 25
    base = points["delta_men=0,delta_women=0"]
    assert "the wrapped estimator on every completed frame" in base.witness
    assert base.agreement < 1e-9
    assert base.high < 0
    for row in rows:
        if row.measure != "tipping_point":
            continue
        fixed, _, which = row.term.partition(", ")
        across = [points[f"{fixed},delta_women={value}"] for value in (-4, -2, 0, 2, 4)]
        held = [value for value, other in zip((-4, -2, 0, 2, 4), across, strict=True) if other.high < 0]
        assert row.estimate == ((min if which.startswith("lowest") else max)(held) if held else None), row.term


def test_quick_maps_are_those_of_the_whole_estimator():
    lung = make_frame("lung")
    quick = tipping_point(lung, of="cox", kind="hazard", grid=(1, 3), shift="other", seed=5, m=2, horizon=700)
    slow = tipping_point(lung.assign(one=np.arange(len(lung)) % 2), of="cox", kind="hazard", grid=(1, 3), shift="other", seed=5, m=2, horizon=700, options={"robust": False}, measure="hr")
    ours, whole = ([(row.estimate, row.se) for row in rows if row.measure == "hr"] for rows in (quick, slow))
    assert np.array(ours) == pytest.approx(np.array(whole), rel=1e-8)


def test_what_a_tipping_point_cannot_do_it_says(frame):
    lung = binary("lung")
    with pytest.raises(PlanError, match="lacks 0"):
        tipping_point(lung, of="risk_difference", grid=(1, 2), seed=1)
    with pytest.raises(PlanError, match="seed"):
        tipping_point(lung, of="risk_difference", grid=(0, 2))
    with pytest.raises(PlanError, match="kind hazard needs"):
        tipping_point(lung, of="cox", kind="hazard", grid=(1, 2), seed=1)
    with pytest.raises(PlanError, match="crude risk difference alone"):
        tipping_point(lung, of="standardisation", kind="counts")
    with pytest.raises(PlanError, match="binary outcome"):
        best_worst(lung.assign(outcome=lung["age"]))
    with pytest.raises(NotEstimable, match="no one is censored"):
        tipping_point(frame("rossi"), of="cox", kind="hazard", grid=(1, 2), seed=1)
    with pytest.raises(NotEstimable, match="no outcome is missing"):
        tipping_point(lung.dropna(subset="outcome"), of="risk_difference", grid=(0, 1), seed=1)
    with pytest.raises(NotEstimable, match="competing"):
        tipping_point(frame("transplants"), of="cox", kind="hazard", grid=(1, 2), seed=1)
    with pytest.raises(NotEstimable, match="no one in arm women"):
        best_worst(lung[lung["arm"] == "men"])
    assert "tipping_point" in ESTIMATORS
