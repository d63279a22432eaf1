"""Three arms: every comparison is told from the other wherever it stands. Expected texts are written by hand."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from pacer_analysis.results import Estimate
from pacer_analysis.tables import baseline, contrasts, effects, headline
from pacer_analysis.tables.selection import Results, notes_in_common
from tests.spec.test_tables import NAMES, analysis, difference, plan, row, texts

THREE = replace(NAMES, arms={"x": "Old drug", "y": "New drug", "z": "Other drug"})
BOTH = (difference(0.01, 0.2), difference(-0.1, 0.1, contrast="z - x", n=79))


def test_sides_of_a_contrast_whatever_its_sign():
    assert contrasts.pairs([*BOTH, row("rr", 1.1, contrast="y / x")]) == [("y", "x"), ("z", "x")]
    assert contrasts.reference(BOTH, THREE) == "Old drug"
    assert contrasts.reference([*BOTH, row("rd", 0.1, contrast="z - y")], THREE) == ""


def test_headline_has_a_sentence_for_each_comparison():
    said = headline.headline(plan(), Results(BOTH), THREE)
    assert [entry.opening for entry in said.statements] == [f"Cured at week 8. Unadjusted effect of {arm} against Old drug:" for arm in ("New drug", "Other drug")]
    assert [entry.numbers[0][1] for entry in said.statements] == ["a:y - x::rd", "a:z - x::rd"]
    assert [entry.analysed for entry in said.statements] == ["81 analysed.", "79 analysed."]
    assert "equal" in said.statements[1].reading
    assert "not adjusted for one another" in said.design
    assert "one another" not in headline.headline(plan(), Results(BOTH[:1]), THREE).design


def test_baseline_has_a_standardised_difference_for_each_comparison():
    rows = [row("mean", 40.0 + place, arm=arm, term="age", n=50, se=0.5) for place, arm in enumerate("xyz")]
    rows += [row("smd", value, contrast=contrast, term="age", scale="difference") for contrast, value in (("y - x", 0.1), ("z - x", 0.25))]
    table = baseline.build(Results(tuple(rows)), THREE, [analysis(options={"variables": ["age"]})], "2.1")
    assert [(column.group, column.title) for column in table.columns[3:]] == [("Standardised difference", "New drug against Old drug"),
                                                                              ("Standardised difference", "Other drug against Old drug")]
    assert texts(table)[0][-2:] == ["0.10", "0.25"]
    single = baseline.build(Results(tuple(rows[:2] + rows[3:4])), THREE, [analysis(options={"variables": ["age"]})], "2.1")
    assert single.columns[-1].title == "Standardised difference"
    assert "Compared: New drug against Old drug." in [note.text for note in single.footnotes]


def test_a_number_of_copies_says_what_stands_for_a_limit():
    rows = [row("mean", 40.0, arm="x", term="age", n=50, se=0.5)]
    said = [[note.text for note in baseline.build(Results(tuple(rows)), names, [analysis()], "2.1").footnotes] for names in (THREE, replace(THREE, loads=frozenset({"age"})))]
    assert "Viral load: results below a limit count as the limit, not detected as 0." not in said[0]
    assert "Viral load: results below a limit count as the limit, not detected as 0." in said[1]


def test_tests_name_their_comparison():
    tests = [Estimate(id=f"a:{contrast}:{measure}", analysis="a", measure=measure, scale="test", contrast=contrast, p=0.2, n=80) for contrast in ("y - x", "z - x")
             for measure in ("chisq", "p")]
    tests.append(Estimate(id="a:lr", analysis="a", measure="chisq", scale="test", term="likelihood ratio", statistic=3.0, df=2.0, p=0.2))
    table = effects.build(Results((*BOTH, *tests)), THREE, [analysis()], "4.1")
    assert [entry.label for entry in table.rows][5:] == [
        "Chi-square test, New drug against Old drug", "Exact test, New drug against Old drug", "Chi-square test, Other drug against Old drug",
        "Exact test, Other drug against Old drug", "Likelihood ratio, all arms"]


def test_comparisons_over_visits_stand_in_a_block_for_each_with_their_own_numbers():
    rows = [difference(0.01, 0.2, contrast=contrast, term=visit, n=n) for visit in ("w4", "w8") for contrast, n in (("y - x", 81), ("z - x", 79))]
    table = effects.build(Results(tuple(rows)), THREE, [analysis()], "4.1")
    assert [(line[0], line[1] if len(line) > 1 else "") for line in texts(table)] == [
        ("New drug against Old drug", ""), ("Week 4", "81"), ("Week 8", "81"), ("Other drug against Old drug", ""), ("Week 4", "79"), ("Week 8", "79")]


def test_a_table_with_one_analysis_shown_says_nothing_of_the_others_adjustment():
    withheld = Estimate(id="b:::", analysis="b", note="withheld: no look")
    entries = [analysis(), analysis(id="b", label="Adjusted", covariates=("age",))]
    table = effects.build(Results((*BOTH, withheld)), THREE, entries, "4.1")
    assert ["Without a number here"] in texts(table)
    assert not any("Adjusted for" in note.text for note in table.footnotes)
    assert not any(entry.label.strip() == "by arm" for entry in table.rows)


def test_what_all_rows_say_is_said_once():
    rows = [row("rd", 0.1, note="2 left out"), row("rr", 1.1, note="no interval; 2 left out"), row("median", None, note="not reached; 2 left out"),
            row("or", None, note="2 left out")]
    kept, shared = notes_in_common(rows)
    assert ([entry.note for entry in kept], shared) == (["", "no interval", "not reached", "2 left out"], ["2 left out"])
    apart = [row("rd", 0.1, note="not verified: differs"), row("rr", 1.1, note="not verified: differs")]
    assert notes_in_common(apart) == (apart, [])


def test_stratified_headline_says_so():
    trial = SimpleNamespace(assignment="randomised", analyses={"a": analysis(role="primary", endpoint="P", stratified=True)}, endpoints={})
    assert headline.headline(trial, Results(BOTH), THREE).adjusted == "Stratified as randomised."
