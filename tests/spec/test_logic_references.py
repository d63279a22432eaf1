"""What a reference means from each row: events, instances, smart variables, and when nobody can say."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from pacer_analysis.dictionary import FlatDictionary, FlatField
from pacer_analysis.plan import Source
from pacer_analysis.read import Reading
from pacer_analysis.read.convert import convert
from pacer_analysis.read.tidy import Cells, Coded, Tidy
from pacer_analysis.validate.lookup import Rows
from tests.spec.logic_tables import MISSING, coded, project, reason, rows_of, texts

# A has instances 1, 2 and 4 of pills, 2 of harm, and 1 and 3 of the event phone; B has one of each and begins at instance 2; C is of arm 2.
EXPORT = [
    {"id": "A", "e": "start_arm_1", "sex": "2", "born": "1990-05-01", "ill___1": "1", "ill____99": "0", "ill___oth": "0", "ill___rxcui_2393": "1", "intake_complete": "2",
     "lap": "12:35", "lang": "UNK", "when": "2016-01-08", "group": "north"},
    {"id": "A", "e": "week1_arm_1", "weight": "60.0", "seen": "2016-01-08", "again": "1", "visit_complete": "2", "group": "north"},
    {"id": "A", "e": "week1_arm_1", "form": "pills", "n": "1", "dose": "10", "pill": "white", "group": "north"},
    {"id": "A", "e": "week1_arm_1", "form": "pills", "n": "2", "dose": "20", "pill": "red", "group": "north"},
    {"id": "A", "e": "week1_arm_1", "form": "pills", "n": "4", "dose": "40", "pill": "", "group": "north"},
    {"id": "A", "e": "week1_arm_1", "form": "harm", "n": "2", "event": "rash", "grade": "02", "group": "north"},
    {"id": "A", "e": "week3_arm_1", "weight": "63", "seen": "2016-01-22", "dose": "5", "visit_complete": "1", "pills_complete": "2", "group": "north"},
    {"id": "A", "e": "phone_arm_1", "n": "1", "call": "first", "minutes": "5", "phone_complete": "2", "weight": "61", "group": "north"},
    {"id": "A", "e": "phone_arm_1", "n": "3", "call": "third", "minutes": "7", "phone_complete": "2", "group": "north"},
    {"id": "B", "e": "start_arm_1", "sex": "UNK", "born": "-99", "ill___1": "", "ill____99": "1", "ill___oth": "1", "lang": "-99", "when": "2016-01-08 10:30", "intake_complete": "2"},
    {"id": "B", "e": "week1_arm_1", "weight": "UNK", "seen": "soon", "visit_complete": "0"},
    {"id": "B", "e": "week1_arm_1", "form": "pills", "n": "2", "dose": "", "pill": "blue"},
    {"id": "C", "e": "start_arm_2", "arm_b": "yes", "weight": "80", "other_complete": "2"},
]
ROWS = rows_of(project(), EXPORT)
# Of visit: A week 1, A week 3, A phone 1, B week 1, C start of arm 2. (The third call of A has nothing of visit.) Of pills: A 1, A 2, A 4, A week 3, B 2. Of phone: A 1, A 3.


@pytest.mark.parametrize(("form", "expression", "expected"), [
    # the same row
    ("visit", "[weight]", ["60.0", "63", "61", "UNK", "80"]),
    ("visit", "[weight] + 1", ["61", "64", "62", "", "81"]),
    ("visit", "[event-name][weight]", ["60.0", "63", "61", "UNK", "80"]),
    ("intake", "[id]", ["A", "B"]),
    # another form of the same event: its base row, from a repeat too
    ("pills", "[weight]", ["60.0", "60.0", "60.0", "63", "UNK"]),
    ("pills", "[seen]", ["2016-01-08", "2016-01-08", "2016-01-08", "2016-01-22", "soon"]),
    # a repeating form without an instance: from a row of its own only
    ("pills", "[dose]", ["10", "20", "40", "5", ""]),
    ("visit", "[dose]", ["?", "5", "?", "?", "?"]),
    ("harm", "[dose]", ["?"]),
    # a repeating event: the same instance
    ("phone", "[weight]", ["61", ""]),
    ("visit", "[minutes]", ["?", "?", "5", "?", "?"]),
    # a form that the event does not have
    ("visit", "[sex]", ["?", "?", "?", "?", "?"]),
    # an event by name; another arm's is blank, and so is one that the record has no row in, but what no record could have is not evaluable
    ("visit", "[start_arm_1][sex]", ["2", "2", "2", "UNK", ""]),
    ("visit", "[week3_arm_1][weight]", ["63", "63", "63", "", ""]),
    ("pills", "[week3_arm_1][dose]", ["5", "5", "5", "5", ""]),
    ("intake", "[start_arm_2][arm_b]", ["", ""]),
    ("visit", "[start_arm_2][arm_b]", ["", "", "", "", "yes"]),
    ("visit", "[nowhere_arm_1][sex]", ["?"] * 5),
    ("visit", "[week2_arm_1][weight]", ["?"] * 5),
    ("visit", "[week1_arm_1][id]", ["A", "A", "A", "B", "C"]),
    # an instance by number, also of an event, also from elsewhere; one that is not there is blank
    ("pills", "[dose][2]", ["20", "20", "20", "?", ""]),
    ("pills", "[dose][3]", ["", "", "", "?", ""]),
    ("intake", "[week1_arm_1][dose][2]", ["20", ""]),
    ("intake", "[week1_arm_1][pill][002]", ["red", "blue"]),
    ("intake", "[phone_arm_1][call][3]", ["third", ""]),
    ("intake", "[phone_arm_1][call]", ["?", "?"]),
    ("pills", "[week1_arm_1][dose]", ["10", "20", "40", "?", ""]),
    ("pills", "[pill][99999999999999999999]", ["", "", "", "?", ""]),
    # instances relative to the row's number, whether they exist or not; first and last are those that exist
    ("pills", "[dose][previous-instance]", ["", "10", "", "?", ""]),
    ("pills", "[dose][next-instance]", ["20", "", "", "?", ""]),
    ("pills", "[dose][current-instance]", ["10", "20", "40", "5", ""]),
    ("pills", "[pill][first-instance]", ["white", "white", "white", "?", "blue"]),
    ("pills", "[dose][last-instance]", ["40", "40", "40", "?", ""]),
    ("visit", "[dose][last-instance]", ["40", "?", "?", "", "?"]),
    ("intake", "[week1_arm_1][dose][first-instance]", ["10", ""]),
    ("intake", "[phone_arm_1][call][first-instance]", ["first", ""]),
    ("intake", "[phone_arm_1][call][last-instance]", ["third", ""]),
    ("intake", "[phone_arm_1][weight][last-instance]", ["", ""]),
    ("phone", "[call][previous-instance]", ["", ""]),
    # from a row of another repeating form its own number counts; from a base row there is none
    ("harm", "[dose][current-instance]", ["20"]),
    ("harm", "[dose][previous-instance]", ["10"]),
    ("visit", "[dose][current-instance]", ["?", "5", "?", "?", "?"]),
    # events relative to the row's, among those of its arm that have the form
    ("visit", "[previous-event-name][weight]", ["", "60.0", "63", "", ""]),
    ("visit", "[next-event-name][weight]", ["63", "?", "", "", ""]),
    ("visit", "[first-event-name][weight]", ["60.0", "60.0", "60.0", "UNK", "80"]),
    ("visit", "[first-event-name][sex]", ["2", "2", "2", "UNK", ""]),
    ("visit", "[previous-event-name][sex]", ["2", "", "", "UNK", ""]),
    ("visit", "[last-event-name][weight][1]", ["61", "61", "61", "", "?"]), ("visit", "[weight][1]", ["?", "?", "61", "?", "?"]),
    ("visit", "[weight][current-instance]", ["60.0", "63", "61", "UNK", "80"]),
    ("pills", "[next-event-name][dose]", ["5", "5", "5", "", ""]),
])
def test_where_a_value_comes_from(form, expression, expected):
    assert texts(ROWS, form, expression) == expected


@pytest.mark.parametrize(("form", "expression", "expected"), [
    ("visit", "[record-name]", ["A", "A", "A", "B", "C"]),
    ("visit", "[event-name]", ["week1_arm_1", "week3_arm_1", "phone_arm_1", "week1_arm_1", "start_arm_2"]),
    ("visit", "[event-label]", ["Week1", "Week3", "Phone", "Week1", "Start"]),
    ("visit", "[event-number]", ["2", "4", "5", "2", "1"]),
    ("visit", "[arm-number]", ["1", "1", "1", "1", "2"]),
    ("visit", "[arm-label]", ["Arm 1", "Arm 1", "Arm 1", "Arm 1", "Arm 2"]),
    # alone, a relative event is the next one of the arm, whatever forms it has
    ("visit", "[previous-event-name]", ["start_arm_1", "week2_arm_1", "week3_arm_1", "start_arm_1", ""]),
    ("visit", "[next-event-label]", ["Week2", "Phone", "", "Week2", ""]),
    ("visit", "[first-event-name]", ["start_arm_1"] * 4 + ["start_arm_2"]),
    ("visit", "[last-event-name]", ["phone_arm_1"] * 4 + ["start_arm_2"]),
    ("pills", "[current-instance]", ["1", "2", "4", "", "2"]),
    ("pills", "[previous-instance]", ["", "1", "3", "", "1"]),
    ("pills", "[next-instance]", ["2", "3", "5", "", "3"]),
    ("pills", "[first-instance]", ["1", "1", "1", "", "2"]),
    ("pills", "[last-instance]", ["4", "4", "4", "", "2"]),
    ("pills", "[new-instance]", ["5", "5", "5", "", "3"]),
    ("phone", "[last-instance] = [current-instance]", ["0", "1"]),
    ("visit", "[record-dag-name]", ["north", "north", "north", "", ""]),
    ("visit", "[record-dag-label]", ["The North", "The North", "The North", "", ""]),
    ("visit", "[form-name]", ["visit"] * 5),
    ("harm", "[instrument-name]", ["harm"]),
    ("visit", "[user-dag-name]", ["?"] * 5),
    ("visit", "[survey-date-completed:visit]", ["?"] * 5),
    ("visit", "[project-id]", ["?"] * 5),
    ("visit", "[made-up]", ["?"] * 5),
])
def test_smart_variables(form, expression, expected):
    assert texts(ROWS, form, expression) == expected


@pytest.mark.parametrize(("form", "expression", "expected"), [
    # codes in their original spelling
    ("intake", "[ill(1)]", ["1", "0"]), ("intake", "[ill(-99)]", ["0", "1"]), ("intake", "[ill(OTH)]", ["0", "1"]), ("intake", "[ill(RXCUI-2393)]", ["1", "0"]),
    # unticked is '0', and '' too where the column is blank
    ("intake", "[ill(1)] = '0'", ["0", "1"]), ("intake", "[ill(1)] = ''", ["0", "1"]), ("intake", "[ill(-99)] = ''", ["0", "0"]), ("intake", "[ill(1)] <> ''", ["1", "0"]),
    ("visit", "[start_arm_1][ill(1)] = '0'", ["0", "0", "0", "1", "1"]),
    # the box of a missing-data code that nobody ticked has no column
    ("intake", "[ill(UNK)] = '1'", ["0", "0"]), ("intake", "[ill(UNK)] = ''", ["1", "1"]),
    ("intake", "[ill(9)]", ["?", "?"]), ("intake", "[ill]", ["?", "?"]), ("intake", "[sex(1)]", ["?", "?"]),
    # status and boxes of a form that nobody opened are 0 on a row of the export, and blank where there is none
    ("phone", "[visit_complete]", ["", "0"]), ("intake", "[week3_arm_1][visit_complete]", ["1", ""]), ("intake", "[week3_arm_1][visit_complete] = ''", ["0", "1"]), ("intake", "[intake_complete]", ["2", "2"]),
    ("visit", "[week2_arm_1][ill(1)] = '0'", ["1", "1", "1", "1", "1"]), ("visit", "[week2_arm_1][ill(1)] = ''", ["1", "1", "1", "1", "1"]), ("visit", "[week2_arm_1][intake_complete]", [""] * 5),
    # labels
    ("intake", "[sex:label]", ["Female", "UNK"]), ("intake", "[sex:value]", ["2", "UNK"]), ("intake", "[ill(1):label]", ["?", "?"]), ("intake", "[born:year]", ["?", "?"]),
    ("intake", "[sex:label] = 'Female'", ["1", "0"]),
    # what is no value of its type is the text that it is
    ("visit", "[seen] <> ''", ["1", "1", "0", "1", "0"]), ("visit", "year([seen])", ["2016", "2016", "", "", ""]),
    # a missing-data code
    ("intake", "[sex] = ''", ["0", "0"]), ("intake", "[sex] > 0", ["1", "0"]), ("intake", "[sex] = 'UNK'", ["0", "1"]), ("intake", "[sex] <> 'UNK'", ["1", "0"]), ("intake", "[born] = -99", ["0", "1"]),
    ("intake", "ismissingcode([born])", ["0", "1"]), ("intake", "isblankormissingcode([born])", ["0", "1"]), ("intake", "isblanknotmissingcode([born])", ["0", "0"]),
    ("intake", "hasmissingcode([born], 'UNK, -99')", ["0", "1"]), ("intake", "hasmissingcode([born], 'UNK')", ["0", "0"]), ("intake", "[born] < 0", ["0", "0"]),
    ("visit", "isblanknotmissingcode([start_arm_1][born])", ["0", "0", "0", "0", "1"]), ("visit", "ismissingcode([start_arm_1][born])", ["0", "0", "0", "1", "0"]),
    # unless it is one of the field's own choices
    ("intake", "ismissingcode([lang])", ["0", "1"]), ("intake", "[lang] = 'UNK'", ["1", "0"]), ("intake", "ismissingcode('UNK')", ["1", "1"]), ("intake", "isblankormissingcode(concat('-', 99))", ["1", "1"]),
    # minutes and seconds, and a date where a time of day was to follow
    ("intake", "datediff([lap], '00:00', 's')", ["755", ""]), ("intake", "year([when])", ["2016", "2016"]), ("intake", "datediff([when], '2016-01-09', 'h')", ["24", "13.5"]),
    ("visit", "sum([weight], 1)", ["61", "64", "62", "1", "81"]),
])
def test_boxes_statuses_and_missing_codes(form, expression, expected):
    assert texts(ROWS, form, expression) == expected


@pytest.mark.parametrize(("form", "expression", "words"), [
    ("visit", "[weight] > 1", ""),
    ("visit", "[gone] = 1", "[gone]: the project has no field gone"),
    ("visit", "[gone_arm_1][sex] = 1", "[gone_arm_1][sex]: the project has no event gone_arm_1"),
    ("visit", "[ill] = 1", "[ill]: the field ill is a checkbox and is referred to without a code"),
    ("visit", "[ill(7)] = 1", "[ill(7)]: the field ill has no code 7"),
    ("visit", "[sex(1)] = 1", "[sex(1)]: the field sex is no checkbox and is referred to with a code"),
    ("visit", "[dose] = 1", "[dose]: the form pills is not part of the event; the form pills repeats, and no instance of it is named"),
    ("visit", "[phone_arm_1][minutes] = 5", "[phone_arm_1][minutes]: the event repeats, and no instance of it is named"),
    ("visit", "[week1_arm_1][dose][current-instance]", "[week1_arm_1][dose][current-instance]: the form pills repeats, and the row has no instance of its own"),
    ("visit", "[sex] = 1", "[sex]: the form intake is not part of the event"),
    ("intake", "[week2_arm_1][weight] = 1", "[week2_arm_1][weight]: the form visit is not part of the event week2_arm_1"),
    ("pills", "[weight][2]", "[weight][2]: the form visit does not repeat, and an instance of it is named"),
    ("visit", "[user-name] = 'x'", "[user-name]: only the REDCap server knows it"),
    ("visit", "[made-up] = 'x'", "[made-up]: REDCap has no smart variable of this name"),
    ("visit", "[seen] = 'today'", "it depends on the day of evaluation"),
    # what does not matter is no reason
    ("visit", "[gone] = 1 and 1 = 2", ""),
    ("visit", "[gone] = 1 or [weight] > 0", "[gone]: the project has no field gone"),
    ("visit", "[gone] = 1 or [lost] = 1", "[gone]: the project has no field gone; [lost]: the project has no field lost"),
])
def test_why_something_is_not_evaluable(form, expression, words):
    assert reason(ROWS, form, expression) == words


def test_today_is_no_reason_on_a_day():
    assert reason(ROWS, "visit", "[seen] = 'today'", dt.date(2016, 1, 8)) == ""
    assert texts(ROWS, "visit", "[seen] = 'today'", dt.date(2016, 1, 8)) == ["1", "0", "0", "0", "0"]


def test_a_classic_project_has_one_event():
    classic = rows_of(project(classic=True), [{"id": "A", "sex": "1", "weight": "60"}, {"id": "A", "form": "pills", "n": "2", "dose": "3"}, {"id": "B", "sex": "2"}])
    assert texts(classic, "intake", "[weight]") == ["60", ""]
    assert texts(classic, "intake", "[event_1_arm_1][weight]") == ["60", ""]
    assert texts(classic, "intake", "[first-event-name][weight]") == ["60", ""]
    assert texts(classic, "intake", "[dose][last-instance]") == ["3", ""]
    assert texts(classic, "pills", "[sex]") == ["1"]
    assert texts(classic, "intake", "[event-name]") == ["?", "?"]


def test_a_form_repeats_where_rows_say_so():
    where = project()
    undeclared = rows_of(where, [{"id": "A", "e": "week3_arm_1", "form": "pills", "n": "1", "dose": "1"}, {"id": "A", "e": "week3_arm_1", "weight": "60"}])
    assert texts(undeclared, "visit", "[dose]") == ["?"]
    assert texts(undeclared, "visit", "[dose][last-instance]") == ["1"]


def flat(records: list[str], linked: Rows | None) -> Rows:
    days = coded(["2016-01-08"] * len(records))
    cells = Cells("day", "date", days.codes, convert("date", list(days.levels), MISSING))
    nothing = Coded(np.zeros(len(records), dtype=np.int32), np.array([""], dtype=object))
    table = Tidy("laboratory", "", coded(records), nothing, np.zeros(len(records), dtype=np.int64), np.arange(len(records)) + 2, nothing, np.zeros(len(records), dtype=bool), {"day": cells})
    dictionary = FlatDictionary({"day": FlatField("day", "", "date", "", "", "", {}, required=False, identifier=False, line=2)}, project().dictionary.path)
    return Rows(Reading(Source("laboratory", "lab.csv", "csv", "lab.csv", ("pid",)), dictionary, "pid", "lab.csv", (table,), (), len(records), 2), linked)


def test_a_flat_source_sees_the_source_that_it_is_linked_to():
    laboratory = flat(["B", "A", "Z", "C", "A"], ROWS)
    assert texts(laboratory, "", "[pid]") == ["B", "A", "Z", "C", "A"]
    assert texts(laboratory, "", "[day] = [week1_arm_1][seen]") == ["0", "1", "?", "0", "1"]
    assert texts(laboratory, "", "[start_arm_1][ill(-99)]") == ["1", "0", "?", "0", "0"]
    assert texts(laboratory, "", "[week1_arm_1][dose][last-instance]") == ["", "40", "?", "", "40"]
    assert texts(laboratory, "", "[week1_arm_1][dose]") == ["?"] * 5
    assert texts(laboratory, "", "[seen]") == ["?"] * 5
    assert texts(laboratory, "", "[previous-event-name][seen]") == ["?"] * 5
    assert texts(laboratory, "", "[event-name]") == ["?"] * 5
    assert texts(flat(["A"], None), "", "[week1_arm_1][seen]") == ["?"]
    assert reason(laboratory, "", "[day] = [week1_arm_1][seen]") == "[week1_arm_1][seen]: the record is not in the linked source"
    assert reason(laboratory, "", "[seen] = ''") == "[seen]: the source has no field seen"
    assert reason(flat(["A"], None), "", "[a_arm_1][seen] = ''") == "[a_arm_1][seen]: the source is not linked to one that has events"


def test_a_part_of_a_table_is_a_table():
    table = next(each for each in ROWS.reading.tables if each.form == "visit")
    part = table.take(np.array([3, 1]))
    from pacer_analysis.logic import parse

    assert ROWS.evaluate(part, parse("[week3_arm_1][weight]"), None).texts.tolist() == ["", "63"]
    assert ROWS.evaluate(part, parse("[weight]"), None).texts.tolist() == ["UNK", "63"]


def test_a_table_without_rows():
    empty = rows_of(project(), EXPORT[:1])
    assert texts(empty, "visit", "[weight] + [week3_arm_1][weight] > 2 and concat([seen], [weight]) <> ''") == []
    assert texts(empty, "intake", "[week1_arm_1][dose][last-instance] = ''") == ["1"]


def test_tables_may_number_their_records_otherwise():
    turned = []
    for table in ROWS.reading.tables:
        order = np.argsort([-number for number in range(len(table.record.levels))])
        turned.append(replace(table, record=Coded((len(order) - 1 - table.record.codes).astype(np.int16), table.record.levels[order])) if table.form == "pills" else table)
    rows = Rows(replace(ROWS.reading, tables=tuple(turned)))
    assert texts(rows, "pills", "[id]") == texts(ROWS, "pills", "[id]")
    assert texts(rows, "pills", "[weight]") == texts(ROWS, "pills", "[weight]")
    assert texts(rows, "visit", "[week1_arm_1][dose][last-instance]") == ["40", "40", "40", "", ""]
