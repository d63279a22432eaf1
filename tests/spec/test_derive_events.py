"""Which event is death, and which are the other ends of care: named in the plan, or said not to exist."""

from __future__ import annotations

import pytest

from pacer_analysis.derive import check
from pacer_analysis.errors import PlanError
from tests.spec.drawing import ENDPOINTS, TRIAL, Derivation, assert_drawn, trial

DIED = TRIAL.replace("    death: {source", "    died_on: {source").replace("[death_n]", "[died_on_n]")
NAMED = DIED.replace("participants:\n", "participants:\n  death: died_on\n")
RENAMED = ENDPOINTS.replace("competing: [death]", "competing: [died_on]")
TABLES = {
    "people": "record | randomised_on | delivered_on | age#\nW | 2015-03-01 | 2015-02-20 | 30",
    "blood": "record | on | kind | result | log10#\nW | 2015-03-01 | 1 | <20 |",
    "pharmacy": "record | on | next\nW | 2015-03-01 | 2015-04-01",
    "ends": "record | on | why\nW | 2015-04-10 | 2",
}


def test_death_is_the_event_called_so_unless_the_plan_names_another(tmp_path):
    assert trial(tmp_path / "usual", TRIAL).participants.death == "death"
    assert trial(tmp_path / "named", NAMED).participants.death == "died_on"
    assert trial(tmp_path / "none", TRIAL.replace("participants:\n", "participants:\n  death: none\n")).participants.death == ""
    without = TRIAL[: TRIAL.index("  events:")] + TRIAL[TRIAL.index("visits:\n"):]
    assert trial(tmp_path / "without", without).participants.death == ""


@pytest.mark.parametrize(("text", "says"), [
    (DIED, r"none of them is called `death`(.|\n)*died_on, transfer_out, transfer_unproven, none(.|\n)*`death: NAME`(.|\n)*`death: none`"),
    (TRIAL.replace("participants:\n", "participants:\n  death: dead\n"), r"event `dead`(.|\n)*death, transfer_out, transfer_unproven, none"),
])
def test_a_plan_with_events_says_which_is_death(tmp_path, text, says):
    with pytest.raises(PlanError, match=says):
        trial(tmp_path, text)


def test_the_plans_death_is_the_death_of_every_rule(tmp_path):
    """Dead nine days late: dead and not lost in the endpoints, and follow-up ends with the death."""
    endpoints = RENAMED[: RENAMED.index("  viraemia:")] + RENAMED[RENAMED.index("  low:"):]      # no endpoint of loss
    plan = trial(tmp_path / "plan", NAMED, endpoints)
    check(plan)
    found = Derivation(tmp_path / "run", plan, "2017-12-31", TABLES)
    assert_drawn(found["endpoints"], """
        endpoint | visit | reason
        success  | v3    | dead
        low      | v2    | dead
        low      | v2    | dead
        low      | v3    | dead
        low      | v3    | dead""")
    assert_drawn(found["participants"], "died_on_date | follow_up_end\n2015-04-10 | 2015-04-10")
    assert_drawn(found["retention"], "rule | reason\nsched90 | died_on\nlate60 | died_on\nlast90 | died_on")


def test_without_death_in_the_plan_nobody_is_dead(tmp_path):
    plan = trial(tmp_path / "plan", DIED.replace("participants:\n", "participants:\n  death: none\n"), RENAMED)
    check(plan)
    assert_drawn(Derivation(tmp_path / "run", plan, "2017-12-31", TABLES)["endpoints"].query("endpoint in ('success', 'low')"), """
        endpoint | reason
        success  | lost
        low      | no viral load
        low      | no viral load
        low      | no viral load
        low      | no viral load""")


@pytest.mark.parametrize("keyword", ["transferred", "unproven"])
def test_an_end_of_care_that_the_plan_does_not_have_is_named_or_denied(tmp_path, keyword):
    usual = {"transferred": "transfer_out", "unproven": "transfer_unproven"}[keyword]
    text = TRIAL.replace(f"    {usual}:", "    moved:")
    endpoints = ENDPOINTS.replace("censor: [transfer_out, transfer_unproven]", "censor: [moved]")
    with pytest.raises(PlanError, match=rf"no event `{usual}`, which `{keyword}`(.|\n)*`{keyword}: none`"):
        check(trial(tmp_path / "silent", text, endpoints))
    for given in ("none", "moved"):
        check(trial(tmp_path / given, text, endpoints.replace("visit: v3, below: 50", f"visit: v3, below: 50, {keyword}: {given}")))


def test_an_unproven_transfer_that_does_not_exist_is_no_failure(tmp_path):
    endpoints = ENDPOINTS.replace("visit: v3, below: 50", "visit: v3, below: 50, unproven: none")
    tables = TABLES | {"ends": "record | on | why\nW | 2015-03-20 | 4"}
    for name, text, reason in (("with", ENDPOINTS, "transfer without proof"), ("without", endpoints, "lost")):
        found = Derivation(tmp_path / name, trial(tmp_path / f"plan-{name}", TRIAL, text), "2017-12-31", tables)["endpoints"]
        assert found.query("endpoint == 'success'")["reason"].tolist() == [reason]
