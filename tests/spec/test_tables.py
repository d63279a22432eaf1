"""Tables from estimates: what stands in which cell, which footnote, and the sentence about the primary result."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from pacer_analysis.results import Estimate
from pacer_analysis.tables import baseline, by_arm, cells, contents, effects, headline, quality, quality_board
from pacer_analysis.tables.labels import Names
from pacer_analysis.tables.selection import Results

NAMES = Names(arms={"x": "Old drug", "y": "New drug"}, populations={"all": "Everyone", "dead": "Died"}, visits={"w4": "Week 4", "w8": "Week 8"},
              variables={"age": "Age, years", "grade": "Grade"},
              events={"death": "Death"}, endpoints={"P": "Cured at week 8"}, levels={"grade": {"1": "Low", "2": "High"}})


def analysis(**facts):
    return SimpleNamespace(**{"id": "a", "label": "The analysis", "population": "all", "sap": "1", "options": {}, "endpoint": "",
                              "missing": "failure", "covariates": (), "estimator": "count",
                              "role": "secondary", "section": "safety", "threshold": None, "clock": "day", "outcome": "",
                              "stratified": False} | facts)


def row(measure, value, **facts):
    return Estimate(id=f"{facts.get('analysis', 'a')}:{facts.get('contrast') or facts.get('arm', '')}:{facts.get('term', '')}:{measure}",
                    measure=measure, estimate=value,
                    **{"analysis": "a", "population": "all", "method": "By hand"} | facts)


def texts(table):
    return [[entry.label, *(cell.text for cell in entry.cells)] for entry in table.rows]


def test_count_shows_its_denominator():
    rows = [row("count", 3, arm="x", term="dead", n=40), row("proportion", 0.075, arm="x", term="dead", n=40, events=3),
            row("count", 0, arm="y", term="dead", n=41), row("count", 3, term="dead", n=81)]
    table = by_arm.build(Results(tuple(rows)), NAMES, [analysis(options={"of": ["dead"]})], "1.1")
    assert texts(table) == [["Died", "3/40 (7.5%)", "0/41 (0.0%)", "3/81 (3.7%)"]]
    assert [column.group for column in table.columns] == ["Old drug", "New drug", "All"]
    assert table.rows[0].cells[0].values[0].estimate == "a:x:dead:count"


def test_by_visit_shows_interval_and_missing():
    rows = [row("proportion", 0.75, arm="x", term="w4", time=28.0, low=0.6, high=0.86, level=0.95, n=40, observed=38, events=30, missing=2),
            row("proportion", 0.5, arm="x", term="w8", time=56.0, low=0.352, high=0.648, level=0.95, n=40, observed=30, events=20, missing=10)]
    table = by_arm.build(Results(tuple(rows)), NAMES, [analysis(endpoint="P")], "1.1")
    assert texts(table) == [["Week 4", "30/40 (75.0%)", "60.0 to 86.0", "2"], ["Week 8", "20/40 (50.0%)", "35.2 to 64.8", "10"]]
    assert any("counted as not having the outcome" in note.text for note in table.footnotes)


def test_note_becomes_a_marked_footnote_and_never_a_blank():
    rows = [row("proportion", 0.5, arm="x", low=0.1, high=0.9, n=4, events=2),
            Estimate(id="a:y::proportion", analysis="a", measure="proportion", arm="y", note="withheld: reveals the arm")]
    table = by_arm.build(Results(tuple(rows)), NAMES, [analysis()], "1.1")
    assert texts(table) == [["The analysis", "2/4 (50.0%)", "10.0 to 90.0", "withheld", "\N{EN DASH}"]]
    assert table.rows[0].cells[2].marks == ("a",)
    assert table.footnotes[0].mark == "a"
    assert table.footnotes[0].text == "Withheld: reveals the arm."


def test_analysis_without_numbers_becomes_a_notice():
    rows = (Estimate(id="a:::withheld", analysis="a", note="withheld: reveals the arm"),)
    unit = contents.Unit("5.2", by_arm.build, (analysis(),))
    assert contents.block(Results(rows), NAMES, unit).entries == (("5.2", "The analysis"),)
    assert contents.block(Results(()), NAMES, unit) is None


def test_causes_are_kept_together_whatever_the_order_of_the_rows():
    rows = [row("cif", share, arm="x", term=term, time=time, low=share / 2, high=share * 2, n=50) for time in (30.0, 60.0) for term,
            share in (("", 0.1), ("death", 0.02))]
    rows.append(row("at_risk", 44.0, arm="x", time=30.0))
    table = by_arm.build(Results(tuple(rows)), NAMES, [analysis(estimator="cumulative_incidence")], "1.1")
    assert [entry.label for entry in table.rows] == ["The analysis", "Day 30", "Day 60", "Death", "Day 30", "Day 60"]
    assert texts(table)[4] == ["Day 30", "2.0%", "1.0 to 4.0", "44"]


def test_characteristics_print_mean_quartiles_range_and_levels():
    rows = [row(measure, value, arm="x", term="age", n=100, missing=2, se=0.5 if measure == "mean" else None)
            for measure, value in (("mean", 28.64), ("sd", 5.04), ("median", 28.0), ("lower_quartile", 25.0), ("upper_quartile", 32.5),
                                   ("minimum", 18.0), ("maximum", 44.0))]
    rows += [row("proportion", 0.25, arm="x", term="grade=1", n=40, events=10, missing=0),
             row("proportion", 0.75, arm="x", term="grade=2", n=40, events=30, missing=0)]
    table = baseline.build(Results(tuple(rows)), NAMES, [analysis(options={"variables": ["age", "grade"]})], "2.1")
    # The SE of 0.5 warrants one decimal.
    assert texts(table) == [["Age, years"], ["Mean (SD)", "28.6 (5.0)"], ["Median (IQR)", "28 (25 to 32.5)"], ["Range", "18 to 44"], ["Missing", "2"],
                            ["Grade"], ["Low", "10/40 (25.0%)"], ["High", "30/40 (75.0%)"]]


def difference(low, high, **facts):
    return row("rd", (low + high) / 2, **{"scale": "difference", "contrast": "y - x", "se": (high - low) / 3.92, "low": low, "high": high,
                                          "level": 0.95, "p": 0.04, "n": 81, "endpoint": "P"} | facts)


def test_comparisons_are_grouped_by_measure_and_tests_stand_apart():
    rows = [difference(0.1185, 0.2965), row("rr", 1.3707, scale="ratio", contrast="y / x", low=1.189, high=1.5801, n=81),
            row("chisq", None, scale="test", contrast="y - x", statistic=3.841, df=1.0, p=0.05)]
    table = effects.build(Results(tuple(rows)), NAMES, [analysis()], "4.1")
    assert [entry.label for entry in table.rows if entry.heading] == ["Risk difference, percentage points, New drug \N{MINUS SIGN} Old drug",
                                                                      "Risk ratio, New drug / Old drug", "Tests"]
    assert texts(table)[1][:4] == ["The analysis", "20.8", "11.9 to 29.7", "0.040"]
    assert texts(table)[3][:4] == ["The analysis", "1.37", "1.19 to 1.58", "\N{EN DASH}"]
    assert texts(table)[5][1] == "\N{GREEK SMALL LETTER CHI}\N{SUPERSCRIPT TWO} 3.84 (df 1)"


def test_difference_between_implementations_is_marked():
    table = effects.build(Results((difference(0.1, 0.3, witness="other 1.0: estimate", agreement=2e-4,
                                              note="not verified: differs by 2e-4 from other 1.0"),)), NAMES, [analysis()], "4.1")
    assert table.rows[1].cells[0].marks == ("a",)
    assert table.footnotes[0].text == "Not verified: differs by 2e-4 from other 1.0."


def plan(assignment="randomised"):
    return SimpleNamespace(assignment=assignment, analyses={"a": analysis(role="primary", endpoint="P")},
                           endpoints={"P": SimpleNamespace(label="Cured at week 8")})


@pytest.mark.parametrize(("low", "high", "words"),
                         [(-0.02, 0.2, "includes no difference"), (0.01, 0.2, "higher with New drug than with Old drug"),
                          (-0.2, -0.01, "lower with New drug than with Old drug")])
def test_headline_says_no_more_than_its_interval(low, high, words):
    said = headline.headline(plan(), Results((difference(low, high),)), NAMES)
    (one,) = said.statements
    assert words in one.reading
    assert "benefit" not in one.reading
    assert one.numbers[0][1] == "a:y - x::rd"
    assert one.opening.startswith("Cured at week 8. Unadjusted effect of New drug against Old drug")


def test_headline_of_a_choice_is_an_association():
    said = headline.headline(plan("choice"), Results((difference(0.01, 0.2),)), NAMES)
    (one,) = said.statements
    assert "ssociation" in one.opening
    assert "ffect" not in one.opening + one.reading
    assert "confounding" in said.design


def test_headline_without_an_interval_supports_nothing():
    bare = replace(difference(0.01, 0.2), low=None, high=None)
    assert headline.headline(plan(), Results((bare,)), NAMES).statements[0].reading == "Without an interval this number supports no conclusion."


def test_no_headline_without_a_number():
    assert headline.headline(plan(), Results((replace(difference(0.01, 0.2), estimate=None),)), NAMES) is None


def test_decimal_points_of_a_column_are_lined_up():
    rows = [row("proportion", share, arm="x", term=term, low=0.01, high=0.99, n=100, events=int(share * 100)) for term,
            share in (("w4", 0.05), ("w8", 0.5))]
    table = by_arm.build(Results(tuple(rows)), NAMES, [analysis()], "1.1")
    first, second = (entry.cells[0].values[0].pieces for entry in table.rows)
    assert [piece.width for piece in first] == [piece.width for piece in second]
    assert all(cells.quarters(piece.text) <= piece.width for piece in (*first, *second))


FINDINGS = [{"rule": "r1", "severity": "error", "site": "north", "status": "open", "age_days": "40", "instrument": "f"},
            {"rule": "r1", "severity": "error", "site": "south", "status": "resolved", "age_days": "1", "instrument": "f"},
            {"rule": "r2", "severity": "warning", "site": "south", "status": "new", "age_days": "3", "instrument": "g"}]
RULES = [{"rule": "r1", "severity": "error", "evaluated": "10", "failed": "2", "not_evaluable": "3", "reason": "blank"},
         {"rule": "r2", "severity": "warning", "evaluated": "10", "failed": "1", "not_evaluable": "0", "reason": ""},
         {"rule": "secret", "severity": "error", "evaluated": "0", "failed": "0", "not_evaluable": "0", "reason": "reserved for the closed report"}]


def test_rules_count_not_evaluable_and_reserved():
    table = quality.by_rule(RULES, FINDINGS, "6")
    assert texts(table) == [["r1", "error", "10", "2", "1", "3", "blank"], ["r2", "warning", "10", "1", "1", "0", "\N{EN DASH}"]]
    assert any(note.text == "1 of 3 rules need data that betray the allocation and are reserved for the closed session."
               for note in table.footnotes)


def test_open_findings_by_site_and_their_heat():
    assert texts(quality.crossed(FINDINGS, "site", "3", "By site", "Site")) == [["North", "1", "0", "1", "40"], ["South", "0", "1", "1", "3"]]
    assert [[cell.shade for cell in entry.cells] for entry in quality.heat(FINDINGS, "5").rows] == [[4, 0, 0], [0, 4, 0]]


def test_old_open_error_asks_for_action():
    tile = next(tile for tile in quality_board.board([], RULES, FINDINGS) if tile.title == "Open findings in the data")
    assert (tile.value, tile.denominator, tile.word) == ("2", "of 3 ever raised", "act")
