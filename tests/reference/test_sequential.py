"""Interim looks, conditional power, sample size and multiplicity against rpact and R."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators import ESTIMATORS
from pacer_analysis.estimators._sequential.boundaries import Design, bounds, drift
from pacer_analysis.estimators._sequential.conditional import conditional, predictive
from pacer_analysis.estimators._sequential.inference import final
from pacer_analysis.estimators._sequential.recursion import FAR, exits, exits_again
from pacer_analysis.estimators._sequential.sample_sizes import (
    Proportions,
    events,
    people,
    per_root_event,
    power_of_events,
    power_of_people,
    restricted,
    restricted_again,
)
from pacer_analysis.estimators.multiplicity import Hierarchy, Hypothesis, claims, fixed_sequence, hochberg, holm
from pacer_analysis.results import Estimate

THIRDS = (1 / 3, 2 / 3, 1.0)
QUARTERS = (0.25, 0.5, 0.75, 1.0)


def values(name):
    with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize(("case", "spending", "fractions", "futility", "power", "rho"), [
    ("aids first", "obrien_fleming", (0.5, 1), "none", 0.8, 3), ("rossi first", "pocock", (0.3, 0.65, 1), "none", 0.9, 3), ("lung first", "power", QUARTERS, "none", 0.9, 2),
    ("aids futility", "obrien_fleming", (0.3, 0.65, 1), "obrien_fleming", 0.8, 3), ("rossi futility", "pocock", (0.5, 1), "pocock", 0.9, 3),
    ("lung futility", "power", (0.4, 0.7, 1), "power", 0.85, 2.5), ("aids haybittle", "haybittle_peto", (0.5, 1), "none", 0.9, 3),
    ("rossi classic", "classic_obrien_fleming", THIRDS, "none", 0.9, 3), ("lung classic", "classic_pocock", QUARTERS, "none", 0.9, 3),
])
def test_the_first_look_of_a_plan(frame, agrees_with_r, case, spending, fractions, futility, power, rho):
    trial = frame(case.split()[0])
    planned = int((trial["status"] == 1).sum()) / fractions[0]
    rows = ESTIMATORS["group_sequential"](trial, of="cox", measure="hr", planned_information=planned, fractions=fractions, spending=spending, futility=futility, power=power,
                                          rho=rho, interim_z=3.0, better="lower")
    agrees_with_r("group_sequential", case, rows)
    crossed = any(row.note.startswith("crossed") for row in rows)
    assert crossed == any(row.term == "adjusted for the looks" for row in rows)
    assert {row.note for row in rows if row.measure == "efficacy_bound" and row.term != "look 1"} == {"still ahead"}


@pytest.mark.parametrize(("case", "earlier", "z", "planned", "spending", "fractions"), [
    ("aids under", (40,), (-1.9,), 110, "obrien_fleming", (0.5, 1)), ("aids over", (35, 62), (-0.5, -1.1), 80, "pocock", (0.33, 0.67, 1)),
    ("rossi under", (61,), (-1.2,), 130, "classic_obrien_fleming", (0.5, 1)), ("rossi over", (30, 70), (0.3, -0.9), 100, "obrien_fleming", (0.25, 0.75, 1)),
    ("lung under", (90,), (-1.7,), 200, "pocock", (0.5, 1)), ("lung stopped", (60, 120), (-1.0, -3.4), 180, "obrien_fleming", THIRDS),
])
@pytest.mark.parametrize("better", ["lower", "higher"])
def test_the_last_look_on_actual_information(frame, agrees_with_r, case, earlier, z, planned, spending, fractions, better):
    """Under- and over-running: the last look spends what is left; p, estimate and interval by stagewise ordering, whichever direction is hoped for."""
    rows = ESTIMATORS["group_sequential"](frame(case.split()[0]), of="cox", measure="hr", planned_information=planned, fractions=fractions, spending=spending, information=earlier,
                                          z=z, final=True, better=better)
    found = agrees_with_r("group_sequential", case, rows)
    adjusted = next(row for key, row in found.items() if key[3] == "adjusted for the looks")
    assert ("was crossed at look 2" in adjusted.note) == (case == "lung stopped")


@pytest.mark.parametrize(("case", "events_", "z", "spending"), [
    ("pure 1", (50, 100), 2.3, "obrien_fleming"), ("pure 2", (30, 65), 2.7, "pocock"), ("pure 3", (40, 80, 120, 150), 1.7, "classic_obrien_fleming"),
])
def test_final_p_and_interval_as_rpact_gives_them(case, events_, z, spending):
    last = 100 if case != "pure 3" else 150
    times = tuple(number / last for number in events_)
    design = Design((*times, 1.0) if times[-1] < 1 else times, spending=spending)
    upper = bounds(design, design.fractions).upper
    found = final(times, upper, z, 0.95)
    ours = {"p": found.p, "estimate": found.median, "low": found.low, "high": found.high}
    expected = [line for line in values("group_sequential") if line["case"] == case]
    for line in expected:
        if line["measure"] == "z":
            assert ours[line["quantity"]] == pytest.approx(float(line["value"]), rel=1e-6)
        else:
            assert upper[int(line["term"].split()[1]) - 1] == pytest.approx(float(line["value"]), rel=1e-6)


# Published constants: O'Brien-Fleming-like spending at two-sided 0.05, O'Brien and Fleming, Haybittle and Peto.
@pytest.mark.parametrize(("spending", "fractions", "expected"), [
    ("obrien_fleming", (0.5, 1), (2.963, 1.969)), ("obrien_fleming", THIRDS, (3.710, 2.511, 1.993)), ("obrien_fleming", QUARTERS, (4.333, 2.963, 2.359, 2.014)),
    ("classic_obrien_fleming", (0.5, 1), (2.797, 1.977)), ("classic_obrien_fleming", THIRDS, (3.471, 2.454, 2.004)),
])
def test_golden_bounds(spending, fractions, expected):
    assert tuple(round(bound, 3) for bound in bounds(Design(fractions, spending=spending), fractions).upper) == expected


def test_golden_haybittle_peto():
    assert round(bounds(Design((0.5, 1.0), spending="haybittle_peto"), (0.5, 1.0)).upper[0], 3) == 3.291


@pytest.mark.parametrize(("z", "trend", "design"), [(1, 0.2201, 0.5829), (0, 0.0028, 0.2145), (2, 0.8903, 0.8867)])
def test_golden_conditional_power(z, trend, design):
    assert round(conditional(z, 0.5, 1.959964, z / 0.5**0.5), 4) == trend
    assert round(conditional(z, 0.5, 1.959964, drift(Design((1.0,), power=0.8))), 4) == design


def test_predictive_power_has_no_opinion_at_the_bound():
    """With z exactly where the trend leads to the bound, half of the posterior lies beyond it."""
    assert predictive(1.959964 * 0.5**0.5, 0.5, 1.959964) == pytest.approx(0.5)


@pytest.mark.parametrize("trial", ["aids", "rossi", "lung"])
@pytest.mark.parametrize("plan", ["fixed", "looks"])
def test_conditional_power(frame, agrees_with_r, trial, plan):
    data = frame(trial)
    options = {"planned_information": 250} if plan == "fixed" else {"planned_information": 2 * int((data["status"] == 1).sum()), "fractions": (0.5, 1)}
    agrees_with_r("conditional_power", f"{trial} {plan}", ESTIMATORS["conditional_power"](data, of="cox", measure="hr", better="lower", **options))


def test_conditional_power_at_the_end_is_refused(frame):
    with pytest.raises(NotEstimable, match="reached"):
        ESTIMATORS["conditional_power"](frame("rossi"), of="cox", planned_information=100)


def test_a_log_rank_test_has_a_direction(frame):
    """The signed root of chi-square: R's `survdiff` has fewer arrests than expected in the aided."""
    row = next(row for row in ESTIMATORS["group_sequential"](frame("rossi"), of="logrank", planned_information=114, fractions=(1,)) if row.term == "adjusted for the looks")
    assert row.statistic == pytest.approx(-(3.83758**0.5), abs=1e-5)
    assert row.p == pytest.approx(0.0501, abs=1e-4)
    assert row.estimate is None


def test_information_by_variance_is_that_of_the_contrast(frame):
    data = frame("actg175")
    two = data[data["arm"].isin(["zdv", "ddi"])].assign(arm=lambda table: table["arm"].cat.remove_unused_categories())
    se = next(row.se for row in ESTIMATORS["risk_difference"](two, interval="wald") if row.measure == "rd")
    rows = ESTIMATORS["group_sequential"](two, of="risk_difference", options={"interval": "wald"}, measure="rd", information_from="variance", planned_information=2 / se**2, fractions=(0.4, 1))
    assert next(row.estimate for row in rows if row.measure == "information_fraction") == pytest.approx(0.5)


@pytest.mark.parametrize("options", [
    {"fractions": (0.5, 0.9)}, {"fractions": (0.5, 0.5, 1)}, {"planned_information": 0}, {"information": (50,)}, {"information": (60, 50), "z": (1, 1)}, {"information": (200,), "z": (1,)},
    {"spending": "none"}, {"of": "nothing"}, {"alpha": 0.7},
])
def test_a_wrong_plan_is_refused(frame, options):
    with pytest.raises(PlanError):
        ESTIMATORS["group_sequential"](frame("rossi"), **({"of": "cox", "planned_information": 200, "fractions": (0.5, 1)} | options))


def test_without_a_measure_the_first_test_is_followed(frame):
    data = frame("actg175")
    two = data[data["arm"].isin(["zdv", "ddi"])].assign(arm=lambda table: table["arm"].cat.remove_unused_categories())
    named, plain = (ESTIMATORS["group_sequential"](two, of="risk_difference", measure=measure, planned_information=2000, fractions=(0.3, 1)) for measure in ("rd", ""))
    assert named == plain


def test_several_contrasts_and_looks_without_information_are_refused(frame):
    data = frame("actg175")
    with pytest.raises(NotEstimable, match="several"):
        ESTIMATORS["group_sequential"](data, of="risk_difference", measure="rd", planned_information=200, fractions=(1,))
    with pytest.raises(NotEstimable, match="no information between"):
        ESTIMATORS["group_sequential"](frame("rossi"), of="cox", planned_information=150, fractions=(0.5, 1), information=(113.999,), z=(-1.9,))


def test_a_trial_without_events_is_refused(frame):
    with pytest.raises(NotEstimable, match="no events"):
        ESTIMATORS["group_sequential"](frame("rossi").assign(status=0), of="cox", planned_information=150, fractions=(0.5, 1))


def test_both_recursions_add_up_to_one():
    times, low, high = (0.05, 0.06, 0.5, 0.97, 1.0), (-1.0, -0.5, -0.2, 0.0, -FAR), (4.0, 3.5, 2.9, 2.1, 2.0)
    for value in (0.0, 1.3, 3.0):
        down, up = exits(times, low, high, value)
        assert np.allclose([down, up], exits_again(times, low, high, value), atol=1e-9)
        stay = 1 - exits(times, low, (*high[:-1], -FAR), value)[1].sum() - exits(times, low, (*high[:-1], -FAR), value)[0].sum()
        assert stay == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("line", values("sample_size"), ids=lambda line: line["case"])
def test_sample_size(line):
    kind, *rest = line["case"].split()
    expected = float(line["value"])
    if line["measure"] == "events":
        hazard_ratio, power, ratio, margin = (float(number) for number in rest)
        unit = per_root_event(hazard_ratio, margin, ratio, kind)
        assert events(unit, 0.025, power) == pytest.approx(expected, rel=1e-6)
        assert power_of_events(unit, 0.025, expected) == pytest.approx(power, rel=1e-6)
    elif kind == "power":
        assert power_of_people(Proportions(0.77, 0.56), 0.025, 64.5, continuity=False) == pytest.approx(expected, rel=1e-6)
    elif kind in {"plain", "continuity"}:
        about = Proportions(0.77, 0.56, float(rest[0]) if rest else 1.0)
        assert people(about, 0.025, 0.8, continuity=kind == "continuity") == pytest.approx(expected, rel=1e-6)
    else:
        p1, p0, power, ratio, margin = (float(number) for number in (kind, *rest))
        about = Proportions(p1, p0, ratio, margin)
        assert people(about, 0.025, power, continuity=False) == pytest.approx(expected, rel=1e-6)
        assert restricted(p1, p0, ratio, margin) == pytest.approx(restricted_again(p1, p0, ratio, margin), rel=1e-9)


# Published or computed by hand: events per hazard ratio and people per arm at 80%, and the power of 129 women.
@pytest.mark.parametrize(("hazard_ratio", "expected"), [(0.5, 66), (0.6, 121), (0.65, 170), (0.7, 247), (0.71, 268)])
def test_golden_events(frame, hazard_ratio, expected):
    rows = ESTIMATORS["sample_size"](frame("rossi"), outcome="time", hazard_ratio=hazard_ratio)
    assert [row.estimate for row in rows if row.measure == "events_needed"] == [pytest.approx(expected, abs=1)]


@pytest.mark.parametrize(("proportions", "expected", "pilot"), [((0.77, 0.56), 79, 0.72), ((0.85, 0.70), 121, 0.53), ((0.80, 0.65), 138, None)])
def test_golden_people(proportions, expected, pilot):
    arm = pd.Categorical(["a"] * 64 + ["b"] * 65, categories=["a", "b"])
    frame = pd.DataFrame({"id": range(129), "arm": arm, "outcome": 0.0, "observed": True})
    rows = {(row.measure, row.term): row for row in ESTIMATORS["sample_size"](frame, other=proportions[0], reference=proportions[1])}
    assert rows["sample_size", "other arm"].estimate == pytest.approx(expected, abs=0)
    if pilot is not None:
        assert rows["power", ""].estimate == pytest.approx(pilot, abs=0.006)


def test_loss_and_design_effect_inflate():
    """By hand: 78.1092 / 0.9 = 86.8 for 10% loss; times 1 + 24 x 0.05 = 2.2 is 190.9; half the people of a ratio of 1 have 268 / 2 / 0.3 events."""
    frame = pd.DataFrame({"id": [1, 2], "outcome": [0.0, 1.0], "observed": True})
    size = next(row.estimate for row in ESTIMATORS["sample_size"](frame, other=0.77, reference=0.56, loss=0.1, cluster_size=25, icc=0.05) if row.term == "reference arm")
    assert size == 191
    size = next(row.estimate for row in ESTIMATORS["sample_size"](frame, outcome="time", hazard_ratio=0.71, event_probability=0.3) if row.term == "total")
    assert size == 2 * 447


def test_a_design_effect_of_one_arm_is_between_none_and_both():
    frame = pd.DataFrame({"id": [1, 2], "outcome": [0.0, 1.0], "observed": True})
    plain, one, both = (next(row.estimate for row in ESTIMATORS["sample_size"](frame, other=0.77, reference=0.56, icc=icc, cluster_size=25, clustered=clustered) if row.term == "reference arm")
                        for icc, clustered in ((0.0, "both"), (0.05, "arm"), (0.05, "both")))
    assert plain < one < both


@pytest.mark.parametrize("method", ["holm", "hochberg"])
@pytest.mark.parametrize(("case", "p"), [("a", (0.01, 0.02, 0.03, 0.005)), ("b", (0.04, 0.04, 0.5)), ("c", (0.2,)), ("d", (0.001, 0.9, 0.03, 0.03, 0.012, 0.051)), ("e", (1, 0.6, 0.8))])
def test_families(method, case, p):
    expected = [float(line["value"]) for line in values("multiplicity") if line["case"] == case and line["measure"] == method]
    assert {"holm": holm, "hochberg": hochberg}[method](p) == pytest.approx(expected, rel=1e-9)


def rows_of(**p):
    return [Estimate(id=f"{name}:rd", analysis=name, measure="rd", contrast="b - a", p=value) for name, value in p.items()]


def locked(*steps, family="holm"):
    return Hierarchy(tuple(tuple(Hypothesis(name) for name in step) for step in steps), 0.05, family)


def test_a_fixed_sequence_stops_at_the_first_that_fails():
    """By definition: the largest p so far; nothing after 0.06 may be claimed, however small its own p."""
    found = claims(rows_of(primary=0.01, second=0.06, third=0.0001), locked(["primary"], ["second"], ["third"]))
    assert [(claim.adjusted, claim.claimed, claim.open) for claim in found] == [(0.01, True, True), (0.06, False, True), (0.06, False, False)]
    assert found[2].reason == "not tested: step 2 was not rejected"
    assert fixed_sequence((0.01, 0.06, 0.0001)) == (0.01, 0.06, 0.06)


@pytest.mark.parametrize(("family", "claimed"), [("holm", [True, False, False, False]), ("hochberg", [True, True, True, True])])
def test_a_family_opens_the_next_step_only_if_all_of_it_is_rejected(family, claimed):
    """Holm: 0.04 x 2 = 0.08 for the smaller, and so for both. Hochberg: both by the larger, 0.045."""
    found = claims(rows_of(primary=0.02, x=0.04, y=0.045, last=0.001), locked(["primary"], ["x", "y"], ["last"], family=family))
    assert [claim.claimed for claim in found] == claimed
    assert found[1].adjusted == pytest.approx(0.08 if family == "holm" else 0.045)


def test_a_claim_is_an_adjusted_p_at_most_alpha():
    for third in (0.001, 0.02, 0.2):
        for claim in claims(rows_of(a=0.03, b=0.02, c=third), locked(["a"], ["b", "c"])):
            assert claim.claimed == (claim.adjusted <= 0.05)


def test_a_test_that_is_not_there_closes_the_hierarchy():
    found = claims(rows_of(b=0.001), locked(["a"], ["b"]))
    assert [(claim.p, claim.claimed, claim.reason) for claim in found] == [(None, False, "no p-value for it"), (0.001, False, "not tested: step 1 was not rejected")]


def test_a_hierarchy_names_one_test_each():
    two = [*rows_of(a=0.01), Estimate(id="a:rr", analysis="a", measure="rr", contrast="b / a", p=0.02)]
    with pytest.raises(PlanError, match="several tests"):
        claims(two, locked(["a"]))
    assert claims(two, Hierarchy(((Hypothesis("a", measure="rr"),),)))[0].p == 0.02
    with pytest.raises(PlanError, match="twice"):
        claims(two, Hierarchy(((Hypothesis("a", measure="rr"),), (Hypothesis("a", measure="rr"),))))
    with pytest.raises(PlanError):
        claims(two, Hierarchy(((Hypothesis("a", "rd"),),), family="bonferroni"))
