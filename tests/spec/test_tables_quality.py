"""Tables of data quality: completeness worst first, what became of findings, what stands out in words and numbers."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from pacer_analysis.tables import quality, quality_board, quality_completeness, quality_corrections, quality_events, quality_history, quality_monitoring
from tests.spec.test_tables import texts

DASH = "\N{EN DASH}"


def line(form, field, expected, blank, *, event="", required="", code=0, unknown=0):
    return {"source": "redcap", "form": form, "event": event, "field": field, "label": field.title(), "required": required, "expected": str(expected),
            "filled": str(expected - blank - code), "blank": str(blank), "missing_code": str(code), "hidden": "0", "not_evaluable": str(unknown)}


LINES = [line("visit", "weight", 100, 5, event="first"), line("visit", "weight", 50, 25, event="second"), line("visit", "pulse", 150, 0, event="first", code=3),
         line("entry", "age", 100, 1, event="first", required="y", unknown=2), line("entry", "sex", 100, 4, event="first", required="y"),
         line("entry", "remarks", 100, 99, event="first"), line("entry", "nobody", 0, 0, event="second")]


def test_form_with_the_most_blanks_comes_first():
    table = quality_completeness.by_form(LINES, "2.1", source="completeness.csv")
    # entry: 104 of 300; visit: 30 of 300
    assert texts(table) == [["entry", "300", "104", "34.7", "0", "200", "5", "2"], ["visit", "300", "30", "10.0", "3", "0", "0", "0"]]


def test_blank_cells_by_event_have_a_dash_where_nothing_was_asked():
    table = quality_completeness.by_event(LINES, "2.2", {"first": "Month 1"}, source="completeness.csv")
    assert [column.title for column in table.columns] == ["Month 1", "second"]
    assert texts(table) == [["visit", "2.0", "50.0"], ["entry", "34.7", DASH]]
    assert [[cell.shade for cell in row.cells] for row in table.rows] == [[1, 4], [4, 0]]


def test_arms_are_pooled_in_the_order_of_the_project():
    lines = [line("labs", "vl", 100, 4, event="baseline_arm_1"), line("labs", "vl", 50, 2, event="month_3_arm_1"), line("labs", "vl", 60, 10, event="baseline_arm_2"),
             line("labs", "vl", 50, 3, event="month_3_arm_2"), line("qol", "eq", 10, 1, event="week_4_arm_1"), line("qol", "eq", 10, 1, event="month_3_arm_1"),
             line("vitals", "bp", 10, 0, event="baseline_arm_2"), line("vitals", "bp", 10, 0, event="week_4_arm_2")]
    table = quality_completeness.by_event(lines, "2.2", {"month_3_arm_1": "Month 3 (Arm 1: Club)"}, source="completeness.csv")
    assert [column.title for column in table.columns] == ["baseline", "week_4", "Month 3"]
    # labs: 14 of 160, 5 of 100
    assert texts(table) == [["labs", "8.8", DASH, "5.0"], ["qol", DASH, "10.0", "10.0"], ["vitals", "0.0", "0.0", DASH]]
    assert table.footnotes[0].text.startswith("Events of the same name are pooled over the arms")
    ordered = quality_completeness.by_event(lines, "2.2", {}, source="completeness.csv", order=["month_3_arm_1", "baseline_arm_1", "week_4_arm_1"])
    assert [column.title for column in ordered.columns] == ["month_3", "baseline", "week_4"]
    alone = quality_completeness.by_event(lines[:2], "2.2", {}, source="completeness.csv")
    assert not any("pooled" in note.text for note in alone.footnotes)


def test_events_without_their_arm():
    assert [quality_events.pooled(name) for name in ("visit_arm_2", "visit_arm_1b", "swollen_arm_visit", "Month 6 (Arm 2: Standard)", "")] == ["visit", "visit_b", "swollen_arm_visit", "Month 6", ""]
    assert quality_events.in_order([["a_arm_1", "c_arm_1"], ["b_arm_2", "c_arm_2"], ["c_arm_1", "a_arm_1"], ["a_arm_1", "b_arm_1"]]) == ["a", "b", "c"]


def test_calculated_fields_are_not_among_those_to_fill_in():
    lines = [{**line("vitals", "bmi", 100, 9), "kind": "calculated"}, {**line("vitals", "weight", 100, 5), "kind": "entered"},
             {**line("vitals", "total", 100, 50, required="y"), "kind": "calculated"}]
    table = quality_completeness.worst(lines, "2.4", required=False, source="completeness.csv")
    assert [row.label for row in table.rows] == ["weight"]
    assert table.footnotes[-1].text.startswith("Calculated fields are left out")
    kept = quality_completeness.to_be_entered(lines, ())
    assert [entry["field"] for entry in kept] == ["weight"]
    assert quality_completeness.worst(kept, "2.3", required=True, source="completeness.csv") is None
    assert texts(quality_completeness.by_form(kept, "2.1", source="completeness.csv")) == [["vitals", "100", "5", "5.0", "0", "0", "0", "0"]]


def test_worst_fields_first_and_free_text_left_out():
    required = quality_completeness.worst(LINES, "2.3", required=True, source="completeness.csv")
    assert [row.label for row in required.rows] == ["sex", "age"]
    kept = quality_completeness.to_be_entered(LINES, {("entry", "remarks"), ("entry", "sex")})
    others = quality_completeness.worst(kept, "2.4", required=False, source="completeness.csv")
    assert texts(others) == [["weight", "visit", "Weight", "150", "30", "20.0", "0", "0"]]
    assert quality_completeness.worst(kept, "2.3", required=True, source="completeness.csv").rows[0].label == "sex"      # a required text is asked for


def test_only_so_many_fields_are_listed_and_the_page_says_so():
    lines = [line("f", f"field_{place:02d}", 100, place) for place in range(1, 61)]
    table = quality_completeness.worst(lines, "2.4", required=False, source="completeness.csv")
    assert [len(table.rows), table.rows[0].label] == [40, "field_60"]
    assert table.footnotes[0].text == "The 40 worst of 60; all stand in completeness.csv."


def query(status, severity="error", age=0, resolved="", **facts):
    return {"status": status, "severity": severity, "age_days": str(age), "resolved_on": resolved, "rule": "r", "site": "north", "instrument": "f", **facts}


FINDINGS = [query("new"), query("open", age=40), query("open", "warning", age=400), query("reopened", age=9), query("resolved", age=7, resolved="2016-06-30"),
            query("resolved", age=3, resolved="2015-12-31"), query("accepted", "info", age=50)]


def test_what_became_of_the_findings():
    table = quality_history.history(FINDINGS, "1.4", "2016-06-30", source="queries.csv")
    assert texts(table) == [["New since the last cut", "1", "0", "0", "1"], ["Open before, open still", "1", "1", "0", "2"], ["Resolved before, reopened", "1", "0", "0", "1"],
                            ["Open now", "3", "1", "0", "4"], ["Resolved since the last cut", "1", "0", "0", "1"], ["Resolved earlier", "1", "0", "0", "1"],
                            ["Accepted as they are", "0", "0", "1", "1"]]
    assert parse_qs(table.rows[0].listed)["status"] == ["new"]
    assert table.rows[4].listed == ""
    assert parse_qs(table.rows[6].listed)["status"] == ["accepted"]


def test_accepted_findings_are_not_counted_as_resolved():
    tiles = {tile.title: (tile.value, tile.denominator) for tile in quality_board.board([], [], FINDINGS)}
    assert tiles["Resolved"] == ("2", "of 7 ever raised")
    assert tiles["Accepted as they are"] == ("1", "of 7 ever raised")
    assert "Accepted as they are" not in {tile.title for tile in quality_board.board([], [], FINDINGS[:6])}
    table = quality.by_rule_and_severity([{**entry, "severity": "error"} for entry in FINDINGS], "")
    assert [column.title for column in table.columns] == ["Severity", "Open", "of these new", "Resolved", "Accepted", "Oldest open, days"]
    assert texts(table) == [["r", "error", "4", "1", "2", "1", "400"]]


def test_ages_end_with_the_oldest():
    kinds, bins = quality_history.ages(FINDINGS[:2])
    assert (kinds, [(entry.label, entry.counts) for entry in bins]) == (["error"], [(f"0{DASH}7", (1,)), (f"8{DASH}14", (0,)), (f"15{DASH}28", (0,)), (f"29{DASH}56", (1,))])
    assert quality_history.ages(FINDINGS)[1][-1].label == "366 or more"
    assert quality_history.ages([query("resolved")])[1] == []


def test_first_export_has_nothing_but_new_findings():
    assert quality_history.is_first([query("new"), query("accepted")])
    assert quality_history.is_first([])
    assert not quality_history.is_first(FINDINGS)


def test_tables_lead_to_the_findings_that_they_count():
    table = quality.crossed(FINDINGS, "site", "1.1", "By site", "Site")
    assert parse_qs(table.rows[0].listed) == {"site": ["north"], "status": ["unresolved"], "sort": ["age"], "order": ["down"]}
    assert parse_qs(table.rows[0].cells[0].listed)["severity"] == ["error"]
    by_form = quality.crossed(FINDINGS, "instrument", "1.3", "By form", "Form")
    assert parse_qs(by_form.rows[0].listed)["form"] == ["f"]
    nowhere = quality.crossed([query("new", site="")], "site", "1.1", "By site", "Site")
    assert parse_qs(nowhere.rows[0].listed)["site"] == ["(none)"]


def test_rules_in_redcaps_order_with_its_letters_and_words():
    rules = [{"rule": name, "severity": severity, "evaluated": "9", "failed": "1", "not_evaluable": "0", "reason": ""}
             for name, severity in (("own", "error"), ("range", "warning"), ("blank", "info"))]
    table = quality.by_rule(rules, [query("new", rule="range")], "5.1", wording={"range": ("D", "Outside its range."), "blank": ("A", "No value.")})
    assert texts(table) == [["blank", "A", "No value.", "info", "9", "1", "0", "0", DASH], ["range", "D", "Outside its range.", "warning", "9", "1", "1", "0", DASH],
                            ["own", DASH, DASH, "error", "9", "1", "0", "0", DASH]]


def test_corrections_say_from_what_to_what_and_why():
    lines = [{"record": "7", "event": "e", "instrument": "f", "instance": "2", "field": "weight", "old": "", "new": "3050", "reason": "Seen", "who": "T.D.", "date": "2016-06-28"}]
    assert texts(quality_corrections.corrections(lines, "4.1", source="corrections.csv")) == [["7", "f, e, #2", "weight", "(blank)", "3050", "Seen", "T.D.", "2016-06-28"]]
    assert quality_corrections.corrections([], "4.1", source="corrections.csv") is None


@pytest.mark.parametrize(("measure", "name", "value", "printed"), [
    ("site_missing", "value", "0.4196428571", "42.0%"), ("site_queries", "expected", "0.0004", "<0.1%"), ("busiest_day", "value", "32", "32"), ("busiest_day", "expected", "0.4867", "0.49"),
    ("duplicate_rows", "expected", "0.0139", "0.01"), ("site_mean", "value", "", "")])
def test_values_are_printed_as_their_measure_has_them(measure, name, value, printed):
    assert quality_monitoring.printed({"measure": measure, name: value}, name) == printed


def test_measured_values_have_the_decimals_that_their_limits_warrant():
    """Limits 12 apart are 6.18 standard errors: one of 1.9, two digits of it, one decimal."""
    found = {"measure": "site_mean", "value": "121.0456", "low": "115", "high": "127"}
    assert quality_monitoring.printed(found, "value") == "121.0"
    assert quality_monitoring.limits(found) == "115.0 to 127.0"
    assert quality_monitoring.limits({"measure": "busiest_day", "high": "8"}) == "up to 8"
    assert quality_monitoring.limits({"measure": "weekday"}) == DASH


def test_what_stands_out_is_listed_under_its_measure_the_least_probable_first():
    base = {"source": "redcap", "form": "visit", "field": "weight", "label": "Weight", "site": "north", "n": "100", "value": "0.5", "expected": "0.1", "low": "", "high": "", "statistic": "9",
            "note": ""}
    lines = [{**base, "measure": "digit_preference", "p": "0.001", "flag": "uneven"}, {**base, "measure": "digit_preference", "p": "1e-9", "flag": "uneven", "site": ""},
             {**base, "measure": "site_missing", "p": "0.2", "flag": ""}]
    measures = [{"measure": "digit_preference", "title": "Last digits", "method": "m.", "comparisons": "2", "flagged": "2"},
                {"measure": "flag", "title": "What is flagged", "method": "A rule.", "comparisons": "3", "flagged": "2"}]
    table = quality_monitoring.stands_out(lines, measures, "3.1", source="monitoring.csv")
    assert texts(table) == [["Last digits"], ["Weight", "visit: weight", "all", "100", "50.0%", "10.0%", DASH, "<0.001", "uneven", DASH],
                            ["Weight", "visit: weight", "North", "100", "50.0%", "10.0%", DASH, "0.001", "uneven", DASH]]
    assert [note.text for note in table.footnotes] == ["A rule."]
    assert quality_monitoring.stands_out(lines[2:], measures, "3.1", source="monitoring.csv") is None
    assert quality_monitoring.compared(measures) == (3, 2)
    assert quality_monitoring.compared([]) == (0, 0)
