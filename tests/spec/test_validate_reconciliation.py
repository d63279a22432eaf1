"""The same fact in two sources: which rows belong together, what counts as equal, and which side of the blinding may look."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacer_analysis.dictionary.reconciliations import load_reconciliations
from pacer_analysis.errors import DictionaryError
from tests.spec.both_sides import counts_of, queries_of, validate_both, write_dictionaries, write_drawn
from tests.spec.drawing import trial

PLAN = """
id: drawn
title: Two sources
acronym: TWO
registration: none
version: "1"
sap: none
assignment: randomised
dictionary: .
arms: {a: {label: A}, b: {label: B}}
reference: a
sources:
  clinic: {file: clinic.csv, reader: csv, dictionary: clinic_fields.csv, key: [id, seen], record: id}
  lab: {file: lab.csv, reader: csv, dictionary: lab_fields.csv, key: [id, number], record: id, reveals_arm: [secret]}
  arms: {file: arms.csv, reader: csv, dictionary: arms_fields.csv, key: [id], reveals_arm: true}
allocation: {source: arms, id: id, arm: arm}
participants: {source: clinic, id: id, origins: {randomisation: {field: seen}}}
"""
FIELDS = {"clinic": "id,,text,,,,,y,\nseen,,date,,,,,,\nload,,text,,,,,,\nname,,text,,,,,,y\n", "lab": "id,,text,,,,,y,\nnumber,,text,,,,,y,\ndrawn,,date,,,,,,\nload,,number,,,,,,\n"
          "name,,text,,,,,,y\nsecret,,number,,,,,,\n", "arms": 'id,,text,,,,,y,\narm,,coded,,,,"a, A | b, B",y,\n'}
RULE = """
- id: loads
  severity: warning
  left: {{source: clinic, field: {left}, date: seen{left_more}}}
  right: {{source: lab, field: {right}, date: drawn{right_more}}}
  {match}
  {compare}
  {unmatched}
  message: The two differ.
  action: Ask the laboratory.
"""


def judged(tmp_path: Path, clinic: str, lab: str, *, left: str = "load", right: str = "load", left_more: str = "", right_more: str = "", match: str = "match: {days: 3}",
           compare: str = "compare: exact", unmatched: str = "") -> dict[bool, tuple[list[tuple[str, ...]], tuple[int, ...]]]:
    """What the comparison finds on either side (instance, value, message), with its counts."""
    plan = trial(tmp_path / "plan", PLAN)
    write_dictionaries(plan.folder, FIELDS)
    (plan.folder / "reconciliations.yaml").write_text(RULE.format(left=left, right=right, left_more=left_more, right_more=right_more, match=match, compare=compare, unmatched=unmatched))
    exports = tmp_path / "exports"
    exports.mkdir()
    for name, drawn in (("clinic", "id | seen | load | name\n" + clinic), ("lab", "id | number | drawn | load | name | secret\n" + lab), ("arms", "id | arm\nP | a")):
        write_drawn(exports / f"{name}.csv", drawn)
    validate_both(plan, exports, tmp_path)
    return {sealed: ([(query["instance"], query["value"], query["message"]) for query in queries_of(tmp_path, sealed=sealed) if query["rule"] == rule],
                     counts_of(tmp_path, rule, sealed=sealed)) for sealed, rule in ((False, "loads"), (True, "sealed_loads"))}


def test_rows_belong_together_by_record_and_the_nearest_date(tmp_path):
    """2 and 5 May are each nearest to one sample; the sample of 9 May is four days from the visit of 5 May; Q has no sample."""
    found = judged(tmp_path, "P | 2015-05-02 | 100 | \nP | 2015-05-05 | 200 | \nP | 2015-06-01 | 300 | \nQ | 2015-05-02 | 100 | ",
                   "P | 1 | 2015-05-04 | 200 | | \nP | 2 | 2015-05-01 | 100 | | \nP | 3 | 2015-05-09 | 999 | | \nR | 4 | 2015-05-02 | 5 | | ")
    assert found[False] == ([], (2, 0, 2))
    assert found[True] == ([], ())      # nothing sealed in it: not looked at twice


def test_a_difference_says_what_the_other_source_has(tmp_path):
    found = judged(tmp_path, "P | 2015-05-02 | 100 | ", "P | 1 | 2015-05-02 | 120 | | ")
    assert found[False] == ([("2015-05-02", "100", "The two differ. There it is 120.")], (1, 1, 0))


def test_each_row_has_one_partner(tmp_path):
    """Both visits are within three days of the one sample: the nearer has it, the other has none."""
    found = judged(tmp_path, "P | 2015-05-02 | 120 | \nP | 2015-05-04 | 100 | ", "P | 1 | 2015-05-05 | 100 | | ", unmatched="unmatched: finding")
    assert found[False] == ([("2015-05-02", "120", "The two differ. The other source has no row for it.")], (2, 1, 0))


@pytest.mark.parametrize(("compare", "left", "right", "expected"), [
    ("exact", "100", "100.0", (1, 0, 0)), ("exact", "100", "100.1", (1, 1, 0)),
    ("{absolute: 5}", "100", "105", (1, 0, 0)), ("{absolute: 5}", "100", "105.1", (1, 1, 0)),
    ("{relative: 0.1}", "100", "111", (1, 0, 0)), ("{relative: 0.1}", "100", "112", (1, 1, 0)),     # a tenth of the larger
    ("{log10: 0.5}", "100", "316", (1, 0, 0)), ("{log10: 0.5}", "100", "317", (1, 1, 0)), ("{log10: 0.5}", "0", "0", (1, 0, 0)), ("{log10: 0.5}", "0", "1", (1, 1, 0)),
    ("{absolute: 5}", "<20", "20", (0, 0, 1)),          # a bound is no number
    ("exact", "", "20", (0, 0, 1)), ("exact", "20", "", (0, 0, 1)), ("{absolute: 5}", "20", "soon", (0, 0, 1)),
])
def test_what_counts_as_equal(tmp_path, compare, left, right, expected):
    assert judged(tmp_path, f"P | 2015-05-02 | {left} | ", f"P | 1 | 2015-05-02 | {right} | | ", compare=f"compare: {compare}")[False][1] == expected


def test_dates_and_texts(tmp_path):
    found = judged(tmp_path, "P | 2015-05-02 | | \nP | 2015-06-02 | | ", "P | 1 | 2015-05-03 | | | \nP | 2 | 2015-06-02 | | | ", left="seen", right="drawn")
    assert found[False] == ([("2015-05-02", "2015-05-02", "The two differ. There it is 2015-05-03.")], (2, 1, 0))
    names = judged(tmp_path / "names", "P | 2015-05-02 | | Ann  Other\nQ | 2015-05-02 | | Bea", "P | 1 | 2015-05-02 | | ann other | \nQ | 2 | 2015-05-02 | | Cy | ", left="name", right="name")
    assert names[False] == ([("2015-05-02", "[masked]", "The two differ.")], (2, 1, 0))       # identifiers are not shown


def test_by_record_alone_each_source_has_one_row(tmp_path):
    found = judged(tmp_path, "P | 2015-05-02 | 100 | \nQ | 2015-05-02 | 100 | \nQ | 2015-06-02 | 100 | \nR | 2015-05-02 | 100 | \nS | 2015-05-02 | 100 | ",
                   "P | 1 | 2017-01-01 | 120 | | \nQ | 2 | 2015-05-02 | 100 | | \nR | 3 | 2015-05-02 | 100 | | \nR | 4 | 2015-05-02 | 100 | | ", match="")
    assert found[False][0] == [("2015-05-02", "100", "The two differ. There it is 120.")]
    assert found[False][1] == (1, 1, 4)     # two rows of Q, two samples of R, none of S


def test_only_the_rows_that_a_condition_names(tmp_path):
    found = judged(tmp_path, "P | 2015-05-02 | 100 | \nQ | 2015-05-02 | 50 | ", "P | 1 | 2015-05-02 | 120 | | \nP | 2 | 2015-05-03 | 100 | | \nQ | 3 | 2015-05-02 | 7 | | ",
                   left_more=', when: "[load] > 60"', right_more=", when: \"[number] <> '1'\"")
    assert found[False] == ([], (1, 0, 0))


@pytest.mark.parametrize(("left_more", "right", "right_more"), [("", "secret", ""), ("", "load", ', when: "[secret] > 1"')])
def test_what_touches_a_sealed_field_is_for_the_restricted_side(tmp_path, left_more, right, right_more):
    found = judged(tmp_path, "P | 2015-05-02 | 100 | ", "P | 1 | 2015-05-02 | 120 | | 120", right=right, left_more=left_more, right_more=right_more)
    assert found[False] == ([], ())
    assert found[True] == ([("2015-05-02", "100", "The two differ. There it is 120.")], (1, 1, 0))
    rules = (tmp_path / "False/clean/rules.csv").read_text()
    assert "sealed_loads,warning,0,0,0,reserved for the closed report" in rules


@pytest.mark.parametrize(("text", "says"), [
    ("loads: 1", "not a list"), ("- severity: error", "not a mapping with an id"),
    ("- {id: a, severity: error, left: {source: x, field: y}, message: m}", "right is missing"),
    ("- {id: a, severity: grave, left: {source: x, field: y}, right: {source: x, field: y}, message: m}", "severity is 'grave'"),
    ("- {id: a, severity: error, left: {source: x}, right: {source: x, field: y}, message: m}", "field is missing"),
    ("- {id: a, severity: error, left: x, right: {source: x, field: y}, message: m}", "a side is not a mapping"),
    ("- {id: a, severity: error, left: {source: x, field: y}, right: {source: x, field: y}, message: m, match: {days: 3}}", "a side names none"),
    ("- {id: a, severity: error, left: {source: x, field: y, date: d}, right: {source: x, field: y, date: d}, message: m, match: {days: many}}", "how rows are matched"),
    ("- {id: a, severity: error, left: {source: x, field: y}, right: {source: x, field: y}, message: m, compare: {about: 3}}", "how values are compared"),
    ("- {id: a, severity: error, left: {source: x, field: y}, right: {source: x, field: y}, message: m, unmatched: perhaps}", "`unmatched` is 'perhaps'"),
    ("- {id: a, severity: error, left: {source: x, field: y, when: '[a'}, right: {source: x, field: y}, message: m}", "cannot be read"),
    ("- {id: a, severity: error, left: {source: x, field: y}, right: {source: x, field: y}, message: m}\n- {id: a, severity: error}", "defined twice"),
])
def test_a_comparison_that_cannot_be_read_is_refused(tmp_path, text, says):
    (tmp_path / "reconciliations.yaml").write_text(text)
    with pytest.raises(DictionaryError, match=says.replace("`", ".")):
        load_reconciliations(tmp_path / "reconciliations.yaml")
    assert load_reconciliations(tmp_path / "none.yaml") == ()


@pytest.mark.parametrize(("change", "says"), [({"left": "gone"}, "'gone'"), ({"right_more": ", form: start"}, ""), ({"right": "gone"}, "'gone'")])
def test_a_comparison_of_what_is_not_there_is_refused(tmp_path, change, says):
    if not says:
        assert judged(tmp_path, "P | 2015-05-02 | 1 | ", "P | 1 | 2015-05-02 | 1 | | ", **change)[False][1] == (0, 0, 0)      # a flat source has no forms
        return
    with pytest.raises(DictionaryError, match=says):
        judged(tmp_path, "P | 2015-05-02 | 1 | ", "P | 1 | 2015-05-02 | 1 | | ", **change)


def test_two_facts_that_exclude_each_other(tmp_path):
    """With `matched: finding` a row that has its like on the same day is the finding; a row without one is fine."""
    found = judged(tmp_path, "P | 2015-01-01 | 5 | x\nP | 2015-02-01 | 5 | x", "P | 1 | 2015-01-01 | 7 | x | 1\nP | 2 | 2015-02-02 | 7 | x | 1", match="match: {days: 0}", compare="", unmatched="matched: finding")
    assert found[False] == ([("2015-01-01", "5", "The two differ.")], (2, 1, 0))


def test_only_what_has_no_like_in_the_other_source(tmp_path):
    """Nothing is compared: 5 and 7 are no finding, and only the visit of February has no sample within three days."""
    found = judged(tmp_path, "P | 2015-01-01 | 5 | x\nP | 2015-02-01 | 5 | x", "P | 1 | 2015-01-03 | 7 | x | 1", compare="compare: nothing", unmatched="unmatched: finding")
    assert found[False] == ([("2015-02-01", "5", "The two differ. The other source has no row for it.")], (2, 1, 0))


@pytest.mark.parametrize("beside", ["compare: nothing", "matched: finding\n  unmatched: finding", "matched: finding\n  compare: exact", "matched: perhaps"])
def test_what_matched_cannot_stand_beside(tmp_path, beside):
    path = tmp_path / "reconciliations.yaml"
    path.write_text(RULE.format(left="load", right="load", left_more="", right_more="", match="", compare="", unmatched=beside))
    with pytest.raises(DictionaryError, match="matched"):
        load_reconciliations(path)
