"""Curves, restricted means, rates and what is seen at visits only, against R."""

from __future__ import annotations

import csv
import warnings

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from lifelines.fitters.npmle import npmle
from lifelines.utils import restricted_mean_survival_time
from scipy.integrate import IntegrationWarning

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators import CURVES, ESTIMATORS
from tests.reference.conftest import ARMS, HERE, compare

MORE_ARMS = {**ARMS, "colon": ["none", "lev", "lev5fu"], "mgus": ["women", "men"], "gbsg": ["none", "hormones"], "cgd": ["placebo", "interferon"],
             "diabetes": ["male", "female"]}


def read(name):
    """The frame of an input file, reference arm first."""
    data = pd.read_csv(HERE / "data" / f"{name}.csv")
    if name == "heart":
        data["arm"] = np.where(data["transplant"] == 1, "with", "without")
    if "id" not in data:
        data.insert(0, "id", [f"R-{i}" for i in range(len(data))])
    data["arm"] = pd.Categorical(data["arm"], categories=["without", "with"] if name == "heart" else MORE_ARMS[name.removesuffix("_visits")])
    data.attrs["causes"] = {}
    return data


def late(name="rossi"):
    """Everybody enters on a day of their own; some leave before it."""
    data = read(name)
    return data.assign(entry=(data["age"] + 2 * data["prio"]) % 9 if name == "rossi" else data["age"] % 12)


def tiny():
    """Eight people who all have the event."""
    times = [1.0, 2, 3, 4, 6, 7, 8, 9]
    return pd.DataFrame({"id": [f"R-{i}" for i in range(8)], "arm": pd.Categorical(["a"] * 8), "time": times, "status": 1})


def by_cause(data):
    """ACTG 320 with death before AIDS as competing cause."""
    return data.assign(status=data["cause"])


def by_key(rows):
    return {(row.measure, row.arm, row.time): row for row in rows if not row.term}


def of_case(estimator, case):
    with (HERE / f"{estimator}.csv").open(encoding="utf-8", newline="") as handle:
        return [line for line in csv.DictReader(handle) if line["case"] == case]


@pytest.mark.parametrize(("case", "data", "times"), [
    ("gbsg", read("gbsg"), (365, 1095, 1825, 2500)), ("rossi late", late(), (5, 26, 52)), ("heart", read("heart"), (50, 200, 700))])
def test_kaplan_meier(case, data, times):
    compare("kaplan_meier", case, ESTIMATORS["kaplan_meier"](data, times=times))


def test_delayed_entry_says_who_is_left_out():
    row = ESTIMATORS["kaplan_meier"](late(), times=(26,))[0]
    assert row.note == "3 who leave no later than they enter are left out"
    assert row.missing + ESTIMATORS["kaplan_meier"](late(), times=(26,))[5].missing == 3


def test_cumulative_incidence_of_many_deaths():
    data = read("mgus")
    data.attrs["causes"] = {2: "cause2"}
    compare("cumulative_incidence", "mgus", ESTIMATORS["cumulative_incidence"](data, times=(24, 60, 120, 240)))


def test_cumulative_incidence_with_delayed_entry():
    compare("cumulative_incidence", "mgus late", ESTIMATORS["cumulative_incidence"](late("mgus"), times=(24, 60, 120, 240)))


def test_the_variance_of_cuminc_is_a_neighbour_and_not_ours():
    rows = by_key(ESTIMATORS["cumulative_incidence"](by_cause(read("aids")), times=(100, 250)))
    for line in of_case("cumulative_incidence", "aids cuminc"):
        ours = getattr(rows["cif", line["arm"], float(line["time"])], line["quantity"])
        distance = abs(ours / float(line["value"]) - 1)
        assert distance < 1e-9 if line["quantity"] == "estimate" else 1e-6 < distance < 5e-3, line


@pytest.mark.parametrize(("case", "data", "horizon"), [("lung", read("lung"), 900), ("colon", read("colon"), 2500), ("mgus", read("mgus"), 300), ("rossi late", late(), 52)])
def test_followup(case, data, horizon):
    compare("followup", case, ESTIMATORS["followup"](data, horizon=horizon))


def test_followup_expects_what_the_design_set_each_person():
    data = tiny().assign(status=[1, 0, 0, 0, 1, 0, 0, 1], potential=[9.0, 4, 4, 4, 9, 7, 10, 9])
    rows = {(row.measure, row.term): row for row in ESTIMATORS["followup"](data)}
    # Events at 1, 6, 9; the others should have been followed for 4 + 4 + 4 + 7 + 10 days, of which 2 + 3 + 4 + 7 + 8 were seen.
    assert rows["person_years", "observed"].estimate == pytest.approx(40 / 365.25)
    assert rows["person_years", "expected"].estimate == pytest.approx(45 / 365.25)
    assert rows["completeness", ""].estimate == pytest.approx(40 / 45)


@pytest.mark.parametrize(("case", "data", "times", "of"), [
    ("lung", read("lung"), (100, 365, 700), "survival"), ("colon", read("colon"), (365, 1095, 2190), "survival"), ("rossi", read("rossi"), (10, 26, 52), "survival"),
    ("aids", by_cause(read("aids")), (100, 250), "incidence"), ("mgus", read("mgus"), (60, 240), "incidence"), ("transplants", read("transplants"), (0.5, 1), "incidence")])
def test_survival_difference(case, data, times, of):
    rows = compare("survival_difference", case, ESTIMATORS["survival_difference"](data, times=times, of=of))
    differences = {row.time: row for row in rows.values() if row.scale == "difference" and row.contrast == f"{data['arm'].cat.categories[1]} - {data['arm'].cat.categories[0]}"}
    steps = CURVES["survival_difference"](data, of=of)[0].points
    for day, row in differences.items():
        step = [point for point in steps if point.time <= day][-1]
        assert (step.estimate, step.low, step.high) == pytest.approx((row.estimate, row.low, row.high), abs=1e-14)


@pytest.mark.parametrize(("case", "data", "times"), [
    ("lung", read("lung"), (365, 883, 900)), ("colon", read("colon"), (1095, 2190)), ("rossi", read("rossi"), (26, 52)), ("rossi late", late(), (26, 52)),
    ("gbsg", read("gbsg").assign(arm=pd.Categorical(["everyone"] * 686)), (2659,)), ("tiny", tiny(), (5, 12))])
def test_rmst(case, data, times):
    compare("rmst", case, ESTIMATORS["rmst"](data, times=times))


def test_the_se_of_a_restricted_mean_is_not_the_spread_of_the_times():
    """lifelines' "variance" is that of min(T, horizon) among people: on 686 women its root is 924 days where the se of the mean is 41.2."""
    data = read("gbsg").drop(columns="arm")
    row = ESTIMATORS["rmst"](data, times=(2659,))[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IntegrationWarning)
        mean, variance = restricted_mean_survival_time(KaplanMeierFitter().fit(data["time"], data["status"]), t=2659, return_variance=True)
    assert row.estimate == pytest.approx(mean, rel=1e-9)
    assert (round(row.se, 1), round(variance**0.5)) == (41.2, 924)


def grouped(data):
    """Arrests of the older are another cause; three groups."""
    return data.assign(status=np.where((data["status"] == 1) & (data["age"] > 25), 2, data["status"]), arm=pd.Categorical("g" + (data["prio"] % 3).astype(str)))


@pytest.mark.parametrize(("case", "data", "stratified"), [
    ("aids", by_cause(read("aids")), False), ("aids strata", by_cause(read("aids")), True), ("transplants", read("transplants"), False), ("mgus", read("mgus"), False),
    ("rossi", grouped(read("rossi")), False), ("rossi strata", grouped(read("rossi")), True), ("lung", read("lung"), False)])
def test_gray(case, data, stratified):
    compare("gray", case, ESTIMATORS["gray"](data, stratified=stratified))


@pytest.mark.parametrize(("case", "data"), [
    ("lung", read("lung")), ("mgus", read("mgus")), ("colon", read("colon")), ("cgd", read("cgd")),
    ("rossi one", read("rossi").assign(status=lambda d: d["status"].where((d["time"] <= 4) & (d["arm"] == "no_aid"), 0))),
    ("rossi other", read("rossi").assign(status=lambda d: d["status"].where((d["time"] <= 10) & (d["arm"] == "aid"), 0)))])
def test_incidence_rate(case, data):
    rows = compare("incidence_rate", case, ESTIMATORS["incidence_rate"](data))
    if case == "cgd":  # 203 rows of 128 people, 76 infections
        assert (rows["rate_difference", "", "interferon - placebo", "", ""].n, rows["rate_difference", "", "interferon - placebo", "", ""].events) == (128, 76)


TURNBULL = [("diabetes", (5, 12, 20, 30, 40)), ("aids_visits", (45, 90, 180, 330)), ("mgus_visits", (48, 120, 130, 240)), ("lung_visits", (90, 360, 720))]


@pytest.mark.parametrize(("name", "times"), TURNBULL)
def test_turnbull(name, times):
    case = name.removesuffix("_visits")
    rows = ESTIMATORS["turnbull"](read(name), times=times)
    compare("turnbull", case, rows)
    compare("turnbull", f"{case} survfit", rows, tolerance=2e-3)  # survfit stops at a change of 5e-5 in survival


@pytest.mark.parametrize("arm", MORE_ARMS["diabetes"])
def test_turnbull_against_lifelines(arm):
    """lifelines takes closed intervals: the open lower end is moved a little into the interval."""
    data = read("diabetes").query("arm == @arm")
    lower, upper = (data[name].to_numpy(float) for name in ("lower", "upper"))
    mass, where = npmle(np.where(lower < upper, lower + 1e-6, lower), upper, tol=1e-13)
    rows = [row for row in ESTIMATORS["turnbull"](data, times=(5, 12, 20, 30)) if row.arm == arm and row.measure == "survival"]
    for row in rows:
        assert row.estimate == pytest.approx(1 - sum(m for m, ends in zip(mass, where, strict=True) if ends[1] <= row.time), abs=1e-8)


def test_turnbull_labels_deaths_and_days_within_an_interval():
    rows = ESTIMATORS["turnbull"](read("mgus_visits"), times=(130, 264, 300))
    men = [row for row in rows if row.arm == "men"]
    assert all("competing events censored at the last day without the event" in row.method for row in men)
    assert men[0].note == "events of an interval that holds this day may lie before or after it; 490 with a competing event before are censored"
    assert men[1].estimate < men[0].estimate
    assert (men[4].estimate, men[4].note.startswith("beyond the last follow-up")) == (None, True)


VISITS = [("aids", {"covariates": ("age",), "times": (90, 180, 330)}), ("mgus", {"covariates": ("age",), "times": (48, 120, 240)}),
          ("colon", {"covariates": ("age",), "stratified": True, "times": (1000, 2000)}), ("gbsg", {"covariates": ("age", "nodes"), "stratified": True, "times": (360, 1080, 1800)})]


@pytest.mark.parametrize(("case", "options"), VISITS)
def test_discrete_hazard(case, options):
    rows = compare("discrete_hazard", case, ESTIMATORS["discrete_hazard"](read(f"{case}_visits"), **options))
    if case == "gbsg":
        compare("discrete_hazard", "gbsg glm", rows.values())
    witness = {row.witness.split(" ")[0] for row in rows.values() if row.measure == "hr"}
    assert witness == {"statsmodels" if case == "gbsg" else "scipy"}  # no visit missed: the complementary log-log model


def test_discrete_hazard_by_strata():
    compare("discrete_hazard", "aids strata", ESTIMATORS["discrete_hazard"](read("aids_visits"), stratified=True))


def test_discrete_hazard_with_missing_covariates():
    visits, lung = read("lung_visits"), read("lung")
    data = pd.concat([visits, lung[["age", "meals", "little_food", "ecog"]]], axis=1)
    rows = compare("discrete_hazard", "lung", ESTIMATORS["discrete_hazard"](data, covariates=("age", "meals", "little_food", "ecog")))
    compare("discrete_hazard", "lung glm", rows.values())
    assert rows["hr", "", "women / men", "", ""].note.startswith("imputed: meals 47 (mean), little_food 47 (mode and indicator)")


def test_an_arm_without_events_or_people():
    rossi = read("rossi")
    none = rossi.assign(status=rossi["status"].where(rossi["arm"] == "no_aid", 0))
    rows = {(row.measure, row.arm, row.contrast, row.time): row for row in ESTIMATORS["rmst"](none, times=(40, 60))}
    assert (rows["rmst", "aid", "", 40].estimate, rows["rmst", "aid", "", 40].note) == (40, "no variation by then: no interval")
    assert rows["rmst", "aid", "", 60].note == "beyond the last follow-up"
    assert rows["rmst_difference", "", "aid - no_aid", 60].note == "beyond the last follow-up in arm aid"
    assert rows["rmst_difference", "", "aid - no_aid", 40].se == rows["rmst", "no_aid", "", 40].se
    empty = rossi[rossi["arm"] == "no_aid"]
    for name, options in (("gray", {}), ("survival_difference", {"times": (26,)})):
        with pytest.raises(NotEstimable, match="no one in arm aid"):
            ESTIMATORS[name](empty, **options)
    for name, options in (("rmst", {"times": (26,)}), ("followup", {}), ("kaplan_meier", {"times": (26,)})):
        assert {row.note for row in ESTIMATORS[name](empty, **options) if row.arm == "aid"} == {"no one followed"}
    assert [row.note for row in ESTIMATORS["incidence_rate"](empty) if row.contrast] == ["no person-time in arm aid"] * 3
    visits = read("lung_visits")
    rows = ESTIMATORS["discrete_hazard"](visits.assign(upper=visits["upper"].where(visits["arm"] == "men")), times=(360,))
    assert [(row.measure, row.note) for row in rows if row.contrast] == [("hr", "not estimable: no events in arm women"), ("cif_difference", "")]
    assert ESTIMATORS["gray"](none.assign(status=lambda d: d["status"] * 2))[0].note == "no events of this kind"
    with pytest.raises(NotEstimable, match="no events"):
        ESTIMATORS["gray"](none.assign(status=0))


def test_everyone_censored_before_the_horizon():
    data = read("rossi").assign(status=0)
    for name, options in (("rmst", {"times": (60,)}), ("survival_difference", {"times": (60,)}), ("survival_difference", {"times": (60,), "of": "incidence"})):
        rows = ESTIMATORS[name](data, **options)
        assert {row.estimate for row in rows} == {None}
        assert all(row.note.startswith("beyond the last follow-up") for row in rows)
    row = next(row for row in ESTIMATORS["discrete_hazard"](read("lung_visits"), times=(1000,)) if row.measure == "cif")
    assert (row.estimate, row.note) == (None, "beyond the last visit")


def test_what_separates_is_named():
    visits = read("gbsg_visits")
    settled = visits.assign(sign=(visits["upper"] == visits["upper"].min()).astype(float), upper=visits["upper"].where(visits["upper"] == visits["upper"].min()))
    rows = ESTIMATORS["discrete_hazard"](settled, covariates=("sign",))
    assert rows[0].note.startswith("not estimable: separation: sign")


def test_columns_and_options_that_the_plan_has_wrong():
    with pytest.raises(PlanError, match="needs the column `lower`"):
        ESTIMATORS["turnbull"](read("rossi"), times=(5,))
    with pytest.raises(PlanError, match="needs the column `lower`"):
        ESTIMATORS["discrete_hazard"](read("rossi"), times=(5,))
    with pytest.raises(PlanError, match="nothing to estimate"):
        ESTIMATORS["discrete_hazard"](read("lung_visits").drop(columns="arm"))
    with pytest.raises(PlanError, match="unknown of: hazard"):
        ESTIMATORS["survival_difference"](read("rossi"), times=(5,), of="hazard")
    with pytest.raises(PlanError, match="case weights"):
        ESTIMATORS["kaplan_meier"](read("rossi").assign(weight=2.0), times=(5,))
    with pytest.raises(PlanError, match="delayed entry"):
        ESTIMATORS["gray"](late())
    for name, options in (("rmst", {"times": (12,)}), ("survival_difference", {"times": (12,)}), ("kaplan_meier", {"times": (12,)})):
        with pytest.raises(NotEstimable, match="competing"):
            ESTIMATORS[name](read("mgus"), **options)
