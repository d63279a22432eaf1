"""Words of tables: times and their origin, methods said once, units, denominators, tiles of the board. Expected texts are written by hand."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from pacer_analysis.results import Estimate
from pacer_analysis.tables import board, by_arm, cells, denominators, labels, printing, tiles, times, wording
from pacer_analysis.tables.model import Row, Table
from pacer_analysis.tables.selection import Results
from tests.spec.test_tables import NAMES, analysis, row, texts

CLOCKED = replace(NAMES, windows={60.0: "Week 8"}, anchor="birth", origins={"P": "entry"}, plural="patients", rules={"P": "success_at_visit"},
                  plain={"age": "Age", "hiv": "HIV status"})


def test_a_time_on_the_clock_of_visits_is_the_visit_through_which_it_runs():
    by_visit = analysis(clock="visit", endpoint="P")
    assert times.time(60.0, by_visit, CLOCKED) == "Through Week 8"
    assert times.axis(by_visit, CLOCKED, "months") == "Months since birth, by the last day of each visit's window"
    assert times.note([60.0], by_visit, CLOCKED) == "Times: the last day of each visit's window, counted from birth (Week 8 day 60)"


def test_a_time_in_days_says_its_origin():
    by_day = analysis(endpoint="P")
    assert (times.time(60.0, by_day, CLOCKED), times.head(by_day, CLOCKED)) == ("Day 60", "Time since entry")
    assert times.axis(by_day, CLOCKED, "days") == "Days since entry"
    assert times.note([60.0], by_day, CLOCKED) == ""


@pytest.mark.parametrize(("label", "unit", "text"), [("Age", "years", "Age, years"), ("Days from birth to entry", "days", "Days from birth to entry"),
                                                     ("Parity", "", "Parity")])
def test_a_unit_is_said_once(label, unit, text):
    assert labels.with_unit(SimpleNamespace(label=label, unit=unit)) == text


def test_methods_that_differ_in_their_tail_are_said_once():
    rows = [row("proportion", 0.5, arm="x", method="Model on arm, age, hiv, delta method; interval on the logit scale"),
            row("rd", 0.1, contrast="y - x", method="Model on arm, age, hiv, delta method; Wald interval"),
            row("rr", 1.1, contrast="y / x", scale="ratio", method="Model on arm, age, hiv, delta method; Wald interval, log scale"),
            row("or", 1.1, contrast="y / x", scale="ratio", method="Model on arm, age, hiv, delta method; Wald interval, log scale")]
    said = wording.prose(analysis(covariates=("age", "hiv")), rows, CLOCKED)
    assert said == ("Model on arm, age, HIV status, delta method; interval on the logit scale (proportion); Wald interval (risk difference); "
                    "Wald interval, log scale (risk ratio, odds ratio).")


def test_different_methods_stay_apart_and_counts_need_none():
    rows = [row("rd", 0.1, contrast="y - x", method="Risk difference, score interval"), row("rr", 1.1, contrast="y / x", method="Risk ratio, Wald interval"),
            row("count", 3, arm="x", estimator="count", method="Number of people")]
    assert wording.prose(analysis(), rows, NAMES) == "Risk difference, score interval. Risk ratio, Wald interval."


def test_a_risk_difference_is_in_percentage_points_with_one_decimal():
    rd = Estimate(measure="rd", scale="difference", estimate=0.03191, se=0.043, low=-0.05234, high=0.11617)
    assert (printing.difference(rd), printing.limits(rd)) == (("3.2",), ("\N{MINUS SIGN}5.2", "to", "11.6"))
    assert labels.headed("rd") == "Risk difference, percentage points"
    assert labels.headed("rr") == "Risk ratio"
    near = replace(rd, low=0.0002)
    assert printing.limits(near)[0] == "0.02"  # a limit above zero never prints as 0.0


def test_denominators_say_who_is_counted_and_what_is_missing():
    rows = [row("proportion", 0.5, arm="x", term="w4", n=40, missing=2)]
    assert denominators.footnotes(analysis(endpoint="", outcome="visit_done"), rows, CLOCKED)[0] == (
        "N at each visit: patients whose window closed by the cut-off; after a death no visit is due")
    counted, missing = denominators.footnotes(analysis(endpoint="P"), rows, CLOCKED)
    assert counted == "N: patients whose window closed by the cut-off; deaths count as failures"
    assert missing == "Missing: no viral load that can be classed, and no other known failure; counted as not having the outcome"


def test_a_visit_that_nobody_was_due_at_is_not_yet_due():
    rows = [row("proportion", 0.75, arm="x", term="w4", time=28.0, low=0.6, high=0.86, n=40, observed=38, events=30, missing=2),
            row("proportion", None, arm="x", term="w8", n=0, observed=0, events=0, missing=0, note="no one with the outcome known")]
    table = by_arm.build(Results(tuple(rows)), NAMES, [analysis(endpoint="P")], "1.1")
    assert texts(table)[1] == ["Week 8", "not yet due", "\N{EN DASH}", "\N{EN DASH}"]
    assert not any("no one" in note.text for note in table.footnotes)
    late = [rows[0], replace(rows[1], n=0, missing=7)]
    assert texts(by_arm.build(Results(tuple(late)), NAMES, [analysis(endpoint="P")], "1.1"))[1][1] == "not estimable"


def test_a_curve_that_falls_is_headed_by_what_it_keeps():
    rows = [row("survival", 0.8, arm="x", time=30.0, low=0.7, high=0.9, n=40)]
    table = by_arm.build(Results(tuple(rows)), CLOCKED, [analysis(label="Alive (neither lost nor dead)", endpoint="P", estimator="kaplan_meier")], "1.1")
    assert table.columns[0].title == "Alive"
    assert table.stub == "Time since entry"


def test_rows_of_one_variable_hang_together():
    rows = (Row("Age", heading=True), Row("Mean", level=1), Row("Range", level=1), Row("Employed"), Row("Married"), Row("Grade", (cells.NONE,)),
            Row("Missing", level=1), Row("Site"))
    table = Table("k", "1", "T", "", "", "", (), rows)
    assert [[entry.label for entry in block] for block in table.blocks] == [["Age", "Mean", "Range"], ["Employed", "Married"], ["Grade", "Missing"], ["Site"]]


def visit(term, arm, events, n):
    return row("proportion", events / n, arm=arm, term=term, n=n, events=events)


def test_completeness_is_judged_by_the_lowest_visit_and_the_worse_arm():
    rows = [visit("w4", "", 190, 200), visit("w8", "", 170, 200), visit("w4", "x", 95, 100), visit("w8", "x", 91, 100), visit("w4", "y", 95, 100),
            visit("w8", "y", 79, 100)]
    pooled = board.completeness(analysis(), Results(tuple(rows)), NAMES, by_arm=False)
    assert (pooled.value, pooled.denominator, pooled.word) == ("85.0%", "170/200 at Week 8", tiles.WATCH)
    assert pooled.lines == ("All visits due: 360/400 (90.0%)",)
    worse = board.completeness(analysis(), Results(tuple(rows)), NAMES, by_arm=True)
    assert (worse.value, worse.denominator, worse.word) == ("79.0%", "79/100 at Week 8, New drug", tiles.ACT)
    assert worse.lines[0] == "Old drug then: 91/100 (91.0%)"


@pytest.mark.parametrize(("deaths", "word"), [(0, tiles.ON_TRACK), (1, tiles.WATCH)])
def test_safety_watches_from_the_first_death_whatever_else_happens(deaths, word):
    entry = analysis(role="safety", options={"of": ["dead", "all"]})
    rows = [row("count", value, arm=arm, term=term, n=50) for term, arm, value in (("dead", "x", 0), ("dead", "y", deaths), ("all", "x", 9), ("all", "y", 8))]
    tile = board.safety(SimpleNamespace(analyses={"a": entry}), Results(tuple(rows)), NAMES, by_arm=True)
    assert (tile.value, tile.word) == (f"0 v {deaths}", word)
    assert tile.lines == ("Everyone: 9/50 v 8/50",)


def test_sealed_findings_are_counted_where_they_may_be_seen():
    finding = {"severity": "error", "status": "open", "age_days": "3"}
    tile = tiles.findings([finding], [finding, {**finding, "status": "resolved"}])
    assert (tile.value, tile.denominator) == ("2", "of 3 ever raised")
    assert "1 of them need the allocation" in tile.lines
    assert tiles.findings([finding], first=True).lines[-1].startswith("First cut")
