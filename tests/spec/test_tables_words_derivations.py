"""The derivation of endpoints in words, with every parameter. Expected texts are written by hand from the plan."""

from __future__ import annotations

import inspect
from dataclasses import replace

import pytest

from pacer_analysis.derive import DERIVATIONS
from pacer_analysis.plan import load
from pacer_analysis.tables import contents, derivations, labels, times
from tests.conftest import REPOSITORY
from tests.spec.test_tables import analysis

PLAN = load(REPOSITORY / "analysis_plan" / "pacer")


def said(endpoint, plan=PLAN):
    return derivations.derivation(plan, endpoint, labels.names_for(plan, (), coded=False, levels={}))


def test_success_at_a_visit_in_words():
    assert said(PLAN.endpoints["E1"]) == (
        'Derived by success at visit: in care by "No visit within 90 days of the scheduled visit" (due: the scheduled visit, grace 90 days), '
        'on day 365 from delivery; visit Month 12 (window 274 to 456), in days from delivery; viral load below 50; death: "Death"; '
        'transfer that counts as in care: "Transfer out with proof of ART elsewhere"; transfer that counts as failure: "Transfer out without proof of ART". '
        "Someone lost earlier who is back in care on that day counts as in care.")


def test_loss_from_care_in_words():
    assert said(PLAN.endpoints["E5"]) == (
        'Derived by loss to follow up: lost by "No visit within 90 days of the scheduled visit" (due: the scheduled visit, grace 90 days), counted from randomisation; '
        'followed through day 730; competing events: "Death"; censored at: "Transfer out with proof of ART elsewhere", "Transfer out without proof of ART".')


def test_thresholds_and_windows_in_words():
    text = said(PLAN.endpoints["E7"])
    assert "viral load below 50, 400 and 1000" in text
    assert "visits Month 3 (window 43 to 136), Month 6 (window 137 to 273)" in text
    assert "from randomisation" not in text


def test_a_rule_without_words_of_its_own_names_every_parameter():
    recorded = replace(PLAN.endpoints["E1"], derivation={"rule": "recorded_time", "time": "days", "event": "gone", "code": "Y", "competing": {"other_cause": "D"}})
    assert said(recorded, replace(PLAN, endpoints={"E1": recorded})) == "Derived by recorded time: counted from randomisation; time: days; event: gone; code: Y; competing events: Other cause (code D)."
    bare = replace(PLAN, participants=replace(PLAN.participants, origins={}), endpoints={"E1": recorded})
    assert said(recorded, bare).startswith("Derived by recorded time: time as recorded in the export; time: days")
    assert times.axis(analysis(endpoint="E1"), labels.names_for(bare, (), coded=False, levels={}), "months") == "Months (time recorded in the export)"
    assert said(replace(recorded, derivation={})) == ""


@pytest.mark.parametrize("rule", derivations.USUAL)
def test_what_is_usual_is_what_the_rule_takes(rule):
    taken = inspect.signature(DERIVATIONS[rule]).parameters
    for name, value in derivations.USUAL[rule].items():
        assert taken[name].default == (None if value == "{death}" else value)


def test_viral_loads_are_spoken_of_only_where_there_are_any():
    none = replace(PLAN, viral_loads=None)
    assert (derivations.reading(none), contents.titled(none, "suppression")) == ("", "Suppression")
    assert "<50 is below 50" in derivations.reading(PLAN)
    assert contents.titled(PLAN, "suppression") == "Suppression over visits"
