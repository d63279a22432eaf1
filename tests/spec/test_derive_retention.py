"""Loss to follow-up: what was due, what came, and the day on which the two parted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pacer_analysis.derive.follow_up import follow_up
from pacer_analysis.derive.obligations import obligations
from tests.spec.drawing import ENDPOINTS, TRIAL, Derivation, assert_drawn, trial

ONE = "record | randomised_on | delivered_on | age#\nW | 2015-03-01 | 2015-02-20 | 30\n"


def derived(tmp_path, contacts="", ends="", people=ONE, cutoff="2017-12-31", sealed=None):
    tables = {"people": people} | ({"pharmacy": contacts} if contacts else {}) | ({"ends": ends} if ends else {})
    return Derivation(tmp_path / "run", trial(tmp_path / "plan", TRIAL, ENDPOINTS), cutoff, tables, sealed)


CASES = {
    # name: (contacts, ends, expected row of the endpoint `loss`: time, status, reason, date)
    "attended in time, then silence: lost on the first day late": (
        """record | on         | next
           W      | 2015-03-01 | 2015-04-01
           W      | 2015-04-01 | 2015-05-01""", "",
        "62 | 1 | lost | 2015-05-02"),
    "a contact on the 90th day after the due date is in time": (
        """record | on         | next
           W      | 2015-03-01 | 2015-04-01
           W      | 2015-06-30 | 2015-07-30""", "",
        "152 | 1 | lost | 2015-07-31"),
    "a contact on the 91st day is too late: lost, and back in care does not undo it": (
        """record | on         | next
           W      | 2015-03-01 | 2015-04-01
           W      | 2015-07-01 | 2017-12-31""", "",
        "32 | 1 | lost | 2015-04-02"),
    "an early contact replaces the schedule before it": (
        """record | on         | next
           W      | 2015-03-01 | 2015-09-01
           W      | 2015-03-20 | 2015-04-20""", "",
        "51 | 1 | lost | 2015-04-21"),
    "no contact at all: due on the day of randomisation": (
        "", "",
        "1 | 1 | lost | 2015-03-02"),
    "a contact before randomisation covers her if its due date lies beyond": (
        """record | on         | next
           W      | 2015-02-01 | 2015-03-11""", "",
        "11 | 1 | lost | 2015-03-12"),
    "a contact before randomisation whose due date has passed: due on the day of randomisation": (
        """record | on         | next
           W      | 2015-01-01 | 2015-02-01
           W      | 2015-05-30 | 2015-06-01""", "",
        "93 | 1 | lost | 2015-06-02"),
    "death within the grace is death, not loss": (
        """record | on         | next
           W      | 2015-03-01 | 2015-04-01""",
        "record | on         | why\nW | 2015-06-30 | 2",
        "121 | 2 | death | 2015-06-30"),
    "death after the grace: she had been lost before": (
        """record | on         | next
           W      | 2015-03-01 | 2015-04-01""",
        "record | on         | why\nW | 2015-07-01 | 2",
        "32 | 1 | lost | 2015-04-02"),
    "a documented transfer within the grace censors on its own day": (
        """record | on         | next
           W      | 2015-03-01 | 2015-04-01""",
        "record | on         | why\nW | 2015-05-01 | 3",
        "61 | 0 | transfer_out | 2015-05-01"),
    "a transfer without proof censors too": (
        """record | on         | next
           W      | 2015-03-01 | 2015-04-01""",
        "record | on         | why\nW | 2015-05-01 | 4",
        "61 | 0 | transfer_unproven | 2015-05-01"),
    "in care throughout: censored at the horizon": (
        """record | on         | next
           W      | 2015-03-01 | 2017-03-15""", "",
        "730 | 0 | horizon | 2017-02-28"),
    "a due date blank and nothing after: follow-up ends there, nobody knows": (
        """record | on         | next
           W      | 2015-03-01 | 2015-04-01
           W      | 2015-04-05 |""", "",
        "35 | 0 | due date unknown | 2015-04-05"),
    "a due date blank, the one before still ahead: that one stays in force": (
        """record | on         | next
           W      | 2015-03-01 | 2015-06-01
           W      | 2015-04-05 |""", "",
        "93 | 1 | lost | 2015-06-02"),
    "a due date blank, back after 200 days: not evaluable until she came, and judged again from there": (
        """record | on         | next
           W      | 2015-03-01 |
           W      | 2015-09-17 | 2015-10-17""", "",
        "231 | 1 | lost | 2015-10-18"),
    "a scheduled date before the contact's own schedules nothing": (
        """record | on         | next
           W      | 2015-03-01 | 2014-04-01
           W      | 2015-04-01 | 2015-05-01""", "",
        "62 | 1 | lost | 2015-05-02"),
    "two facilities on one day: the later due date": (
        """record | on         | next
           W      | 2015-03-01 | 2015-07-01
           W      | 2015-03-01 | 2015-04-01""", "",
        "123 | 1 | lost | 2015-07-02"),
}


@pytest.mark.parametrize("name", CASES)
def test_loss_under_the_scheduled_rule(tmp_path, name):
    contacts, ends, expected = CASES[name]
    rows = derived(tmp_path, contacts, ends)["endpoints"]
    assert_drawn(rows[rows["endpoint"] == "loss"], f"time | status | reason | date\n{expected}")


def test_follow_up_ends_at_the_cut_off_less_the_grace(tmp_path):
    contacts = """record | on         | next
                  W      | 2015-03-01 | 2015-04-01"""
    found = {}
    for cutoff in ("2015-06-30", "2015-07-01"):  # due 1 April: the grace ends on 30 June, the loss of 2 April shows at a cut of 1 July
        rows = derived(tmp_path / cutoff, contacts, cutoff=cutoff)["endpoints"]
        found[cutoff] = rows[rows["endpoint"] == "loss"]
    assert_drawn(found["2015-06-30"], "time | status | reason             | date\n31 | 0 | cut-off less grace | 2015-04-01")
    assert_drawn(found["2015-07-01"], "time | status | reason | date\n32 | 1 | lost | 2015-04-02")


def test_a_woman_randomised_within_the_grace_of_the_cut_off_has_no_time_at_risk(tmp_path):
    rows = derived(tmp_path, cutoff="2015-04-15")["endpoints"]
    assert_drawn(rows[rows["endpoint"] == "loss"], "time | status | reason\n0 | 0 | no follow-up yet")


def test_every_rule_of_the_plan_has_its_own_row(tmp_path):
    found = derived(tmp_path, """record | on         | next       | line
                                 W      | 2015-03-01 | 2015-04-01 | 7
                                 W      | 2015-05-31 | 2015-06-30 | 8
                                 W      | 2015-09-15 | 2017-10-01 | 9""")
    # 31 May is 60 days after 1 April: late60 is lost, sched90 is not; 91 days after 1 March: last90 is lost on 2 March.
    # 15 September is 77 days after 30 June and 107 after 31 May.
    assert_drawn(found["retention"], """
        rule    | status | reason  | end        | day_randomisation | day_delivery | source   | line
        sched90 | 0      | horizon | 2017-02-28 | 730               | 739          |          | 0
        late60  | 1      | lost    | 2015-04-02 | 32                | 41           | pharmacy | 7
        last90  | 1      | lost    | 2015-03-02 | 1                 | 10           | pharmacy | 7""")


def test_the_sealed_supply_gives_a_due_date_on_the_restricted_side_only(tmp_path):
    drawn = """record | on         | next       | line
               W      | 2015-03-01 | 2015-03-31 | 2
               W      | 2015-03-31 |            | 3"""
    supply = """record | line | supply#
                W      | 2    | 30
                W      | 3    | 56"""
    opened, restricted = derived(tmp_path / "open", drawn), derived(tmp_path / "restricted", drawn, sealed={"pharmacy": supply})
    assert_drawn(opened["contacts"], """
        record | date       | due        | due_from  | line
        W      | 2015-03-01 | 2015-03-31 | scheduled | 2
        W      | 2015-03-31 |            |           | 3""")
    assert_drawn(restricted["contacts"], """
        record | date       | due        | due_from  | line
        W      | 2015-03-01 | 2015-03-31 | scheduled | 2
        W      | 2015-03-31 | 2015-05-26 | supply    | 3""")
    assert opened.facts()["contacts: without a due date"] == 1
    assert restricted.facts()["contacts: due date resting on the sealed supply"] == 1
    assert_drawn(restricted["services"], "record | first_clinic_day | exit_clinic_day\nW | 0 | ")
    assert not (opened.out / "services.parquet").exists()


def slow_end(contacts, origin, grace, cutoff, death):
    """The end and the reason for one woman, day by day, as the definition reads: (day, reason)."""
    last_day = cutoff - grace
    if last_day < origin:
        return (origin, "death") if death <= last_day else (origin, "no follow-up yet")
    for day in range(int(origin) + 1, int(last_day) + 1):
        if death == day - 1:
            return day - 1, "death"
        known = [(at, due) for at, due in contacts if at < day]
        due = max(max(known)[1], origin) if known else origin
        if day == due + 1 and not any(due < at <= due + grace for at, _ in contacts if at >= day) and not death <= due + grace:
            return day, "lost"
    return (last_day, "death") if death == last_day else (last_day, "cut-off less grace")


def test_the_table_of_obligations_and_a_walk_through_every_day_agree():
    rng, women, cutoff = np.random.default_rng(412), 400, 1000.0
    origin = rng.integers(300, 960, women).astype(float)
    drawn, death = [], np.full(women, np.nan)
    for woman in range(women):
        at = np.unique(rng.integers(200, 1000, rng.integers(0, 9)))
        drawn += [(woman, float(day), float(day + rng.integers(1, 150))) for day in at]
        if rng.random() < 0.2:
            death[woman] = float(rng.integers(origin[woman] + 1, 1000))
    drawn = [each for each in drawn if not each[1] > death[each[0]]]
    contacts = pd.DataFrame(drawn, columns=["who", "at", "due_at"]).assign(line=range(2, len(drawn) + 2))
    for grace in (90, 59):
        found = follow_up(obligations(contacts, origin, "scheduled"), origin, grace=grace, cutoff=cutoff, horizon=None, stops={"death": death})
        expected = [slow_end([each[1:] for each in drawn if each[0] == woman], origin[woman], grace, cutoff, death[woman]) for woman in range(women)]
        assert list(zip(found.end.tolist(), found.reason.tolist(), strict=True)) == expected
        assert {reason for _, reason in expected} == {"lost", "death", "cut-off less grace", "no follow-up yet"}


def simulated_contacts(women: int, seed: int):
    """Women enrolled over 600 days up to the cut-off, due after 1 to 4 months and up to 19 days late; about a quarter stop coming within a year.

    Returns origin, cut-off, contacts up to the cut-off, and each woman's true first day late.
    """
    rng = np.random.default_rng(seed)
    origin = np.floor(rng.uniform(0, 600, women)) + 16000
    cutoff = 16000.0 + 600
    stops = origin + rng.exponential(1100, women)
    who, at, due, truth = [], [], [], np.full(women, np.nan)
    for woman in range(women):
        day = origin[woman]
        while True:
            supply = float(rng.choice([28, 56, 84, 112]))
            who.append(woman), at.append(day), due.append(day + supply)
            if day + supply >= stops[woman]:
                truth[woman] = day + supply + 1  # never comes again
                break
            if day > origin[woman] + 800:
                break
            day += supply + float(rng.integers(0, 20))
    contacts = pd.DataFrame({"who": who, "at": at, "due_at": due, "line": np.arange(len(who)) + 2})
    return origin, cutoff, contacts[contacts["at"] <= cutoff], truth


def lost_by(day: float, time, status) -> float:
    """1 - Kaplan-Meier at `day`, by hand."""
    survival = 1.0
    for at in np.unique(time[(status == 1) & (time <= day)]):
        survival *= 1 - np.sum((time == at) & (status == 1)) / np.sum(time >= at)
    return 1 - survival


def test_follow_up_to_the_cut_off_less_the_grace_recovers_the_truth_and_two_usual_ends_do_not():
    origin, cutoff, contacts, truth = simulated_contacts(women=12000, seed=20150301)
    expected = np.mean(truth - origin <= 365)
    found = follow_up(obligations(contacts, origin, "scheduled"), origin, grace=90, cutoff=cutoff, horizon=None, stops={})
    at_grace = lost_by(365, found.end - origin, found.status)
    # The same losses, with the women not lost censored where they usually are.
    last = contacts.groupby("who")["at"].max().reindex(range(len(origin))).to_numpy()
    last_visit = lost_by(365, np.where(found.status == 1, found.end, last) - origin, found.status)
    at_cut = lost_by(365, np.where(found.status == 1, found.end, cutoff) - origin, found.status)
    # Standard errors with 12,000 women: of the truth sqrt(.25 * .75 / 12000) = 0.004, of the curve (half censored by day 365) about 0.006;
    # 0.015 is twice that of their difference, sqrt(0.004^2 + 0.006^2) = 0.0072, and less than what the two usual ends are wrong by.
    assert at_grace == pytest.approx(expected, abs=0.015)
    assert last_visit < expected - 0.015
    assert at_cut < expected - 0.035
    assert set(found.reason) == {"lost", "cut-off less grace", "no follow-up yet"}
