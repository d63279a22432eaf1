"""Faults in the logic of a dictionary are findings on the dictionary, each once, and what is right is none."""

from __future__ import annotations

import pytest

from pacer_analysis.dictionary import Check, FlatDictionary, FlatField
from pacer_analysis.logic import parse
from pacer_analysis.plan import Source
from pacer_analysis.read import Reading
from pacer_analysis.validate.ledger import Ledger
from pacer_analysis.validate.lookup import Rows
from pacer_analysis.validate.references import check_references
from tests.spec.logic_tables import FIELDS, field, project, rows_of


def found(**texts: str) -> list[str]:
    """The findings on a field of the form visit that has these expressions."""
    ledger = Ledger()
    check_references(ledger, rows_of(project((*FIELDS, field("asked", "visit", **texts))), []))
    assert {(source, note.rule, note.severity, note.field, note.form) for source, note in ledger.notes} <= {("redcap", "dictionary", "warning", "asked", "visit")}
    return [note.message for _, note in ledger.notes]


@pytest.mark.parametrize(("logic", "message"), [
    ("[gone] = '1'", "refers to [gone], which the project does not have"),
    ("[gone(3)] = '1'", "refers to [gone(3)], which the project does not have"),
    ("[gone_complete] = '2'", "refers to [gone_complete], which the project does not have"),
    ("[start_arm_1][gone] = '1'", "refers to [start_arm_1][gone], which the project does not have"),
    ("[gone_arm_1][sex] = '1'", "refers to [gone_arm_1][sex], but the project has no event gone_arm_1"),
    ("[week2_arm_1][weight] > 1", "refers to [week2_arm_1][weight], but the form visit is not part of that event"),
    ("[made-up] = '1'", "refers to [made-up], which is no smart variable of REDCap"),
    # codes: unknown, written otherwise, absent, or where none can be
    ("[start_arm_1][ill(2)] = '1'", "refers to [start_arm_1][ill(2)], a code which the field does not have"),
    ("[start_arm_1][ill(oth)] = '1'", "refers to [start_arm_1][ill(oth)], but the code is written OTH"),
    ("[start_arm_1][ill(01)] = '1'", "refers to [start_arm_1][ill(01)], but the code is written 1"),
    ("[start_arm_1][ill] = '1'", "refers to [start_arm_1][ill] without a code, but the field is a checkbox"),
    ("[start_arm_1][sex(1)] = '1'", "refers to [start_arm_1][sex(1)] with a code, but the field is no checkbox"),
    # choices compared with what is none of their codes, or with one in another spelling; a box is 0 or 1; a form's status 0, 1 or 2
    ("[start_arm_1][sex] = '3'", "compares [start_arm_1][sex] with '3', which is none of its codes"),
    ("'Female' <> [start_arm_1][sex]", "compares [start_arm_1][sex] with 'Female', which is none of its codes"),
    ("[start_arm_1][sex] = '02'", "compares [start_arm_1][sex] with '02', but the code is written 2"),
    ("[start_arm_1][sex] = 02", "compares [start_arm_1][sex] with '02', but the code is written 2"),
    ("[week1_arm_1][grade][1] = 1", "compares [week1_arm_1][grade][1] with '1', but the code is written 01"),
    ("[start_arm_1][sex] = -1", "compares [start_arm_1][sex] with '-1', which is none of its codes"),
    ("[start_arm_1][sex] = 'unk'", "compares [start_arm_1][sex] with 'unk', but the code is written UNK"),
    ("[start_arm_1][ill(1)] = 'yes'", "compares [start_arm_1][ill(1)] with 'yes', which is none of its codes"),
    ("[again] = 'Yes'", "compares [again] with 'Yes', which is none of its codes"),
    ("[visit_complete] = '3'", "compares [visit_complete] with '3', which is none of its codes"),
    # an instance of what does not repeat
    ("[week3_arm_1][weight][2] > 1", "refers to [week3_arm_1][weight][2], but the form visit does not repeat"),
    ("[start_arm_1][sex][previous-instance] = '1'", "refers to [start_arm_1][sex][previous-instance], but the form intake does not repeat"),
    # what cannot be read, with its place
    ("[sex] == '1'", "cannot be read: \"= '1'\" at character 8 was not expected"),
    ("foo([sex]) = 1", "cannot be read: the function foo at character 1 is unknown"),
    ("[sex] = '1' and", "cannot be read: the expression ends too early"),
])
def test_one_fault_one_finding(logic, message):
    assert found(branching=logic) == [f"The branching logic {message}."]
    assert found(calculation=logic) == [f"The calculation {message}."]
    assert found(annotation=f"@HIDDEN @CALCTEXT({logic})") == [f"The @CALCTEXT {message}."]
    assert found(branching=f"({logic}) or ({logic})" if "cannot" not in message else logic) == [f"The branching logic {message}."]


@pytest.mark.parametrize("logic", [
    "[weight] > 1 and [start_arm_1][sex] = '2' or [start_arm_1][sex] = 1", "[start_arm_1][ill(-99)] = 0 and [start_arm_1][ill(RXCUI-2393)] = '' and [start_arm_1][ill(UNK)] = 1",
    "[start_arm_1][sex] <> '' and [start_arm_1][sex] = 'UNK' and [start_arm_1][sex] = '-99' and [start_arm_1][sex] = -99", "[start_arm_1][sex] > 3", "[start_arm_1][sex:label] = 'Female'",
    "[week1_arm_1][dose][2] > [week1_arm_1][dose][last-instance] + [dose][first-instance]", "[phone_arm_1][minutes][3] = 1", "[start_arm_1][intake_complete] = 2 and [visit_complete] <> '0'",
    "[record-name] = 'x' and [user-name] <> '' and [survey-date-completed:visit] = '' and [current-instance] = 1 and [arm-label] = 'B'", "[previous-event-name][weight] > [event-name][weight]",
    "[id] = '5' and [start_arm_1][id] <> '' and [start_arm_2][id] = ''", "[start_arm_2][arm_b] = ''", "datediff([seen], 'today', 'd', 'mdy', true) > 1", "[weight] = '60' and [seen] = 'soon'", "[start_arm_1][ill___1] = 1",
])
def test_what_is_right_is_no_finding(logic):
    assert found(branching=logic) == []


def test_an_event_of_another_arm_is_always_blank():
    ledger = Ledger()
    check_references(ledger, rows_of(project((*FIELDS, field("asked", "harm", branching="[start_arm_2][arm_b] = ''"))), []))
    assert [note.message for _, note in ledger.notes] == ["The branching logic refers to [start_arm_2][arm_b], an event of another arm, where it is always blank."]


def test_the_other_expressions_of_a_field():
    assert found(annotation="@CALCDATE([gone], 7, 'd')") == ["The @CALCDATE refers to [gone], which the project does not have."]
    assert found(annotation="@CALCDATE([seen], [weight], d)") == []
    assert found(annotation="@CALCDATE([seen], , 'd')") == ["The @CALCDATE cannot be read: \", 'd'\" at character 9 was not expected."]
    assert found(annotation="@IF([weight] > 1, @CALCTEXT([gone]), @HIDDEN)") == ["The @CALCTEXT refers to [gone], which the project does not have."]
    assert found(minimum="[gone]") == ["The lower bound refers to [gone], which the project does not have."]
    assert found(minimum="[seen]", branching=" ") == []
    assert found(branching="[gone] = 1", calculation="[gone] + [lost]") == [
        "The branching logic refers to [gone], which the project does not have.", "The calculation refers to [gone], which the project does not have.",
        "The calculation refers to [lost], which the project does not have.",
    ]


def test_a_descriptive_text_holds_no_value():
    ledger = Ledger()
    check_references(ledger, rows_of(project((*FIELDS, field("heading", "visit", "descriptive"), field("asked", "visit", branching="[heading] = 'x'"))), []))
    assert [note.message for _, note in ledger.notes] == ["The branching logic refers to [heading], a descriptive text, which holds no value."]


def rule(source: str, form: str, logic: str, event: str = "") -> Check:
    return Check("late", "error", source, form, event, "weight", logic, parse(logic), "Late.", "", when_sealed=False)


def test_rules_beside_the_dictionary():
    rows, ledger = rows_of(project(), []), Ledger()
    checks = [rule("redcap", "visit", "[gone] = 1 or [again] = 2"), rule("redcap", "visit", "[weight] > 1"), rule("redcap", "visit", "[start_arm_2][arm_b] = 1", "week1_arm_1")]
    check_references(ledger, rows, checks)
    assert [(note.field, note.form, note.message, note.action) for _, note in ledger.notes] == [
        ("weight", "visit", "The rule late refers to [gone], which the project does not have.", "correct the rule"),
        ("weight", "visit", "The rule late compares [again] with '2', which is none of its codes.", "correct the rule"),
        ("weight", "visit", "The rule late refers to [start_arm_2][arm_b], an event of another arm, where it is always blank.", "correct the rule"),
    ]


def test_rules_of_a_flat_source():
    kind = FlatField("kind", "", "coded", "", "", "", {"1": "Study", "2": "Routine"}, required=False, identifier=False, line=2)
    reading = Reading(Source("laboratory", "lab.csv", "csv", "lab.csv", ("pid",)), FlatDictionary({"kind": kind}, project().dictionary.path), "pid", "lab.csv", (), (), 0, 2)
    logic = "[kind] = '3' or [gone] = '1' or [week1_arm_1][weight] > 1 or [start_arm_1][sex] = '9' or [week1_arm_1][lost] = '' or [pid] = ''"
    ledger = Ledger()
    check_references(ledger, Rows(reading, rows_of(project(), [])), [rule("laboratory", "", logic)])
    assert [note.message for _, note in ledger.notes] == [
        "The rule late refers to [gone], which the source does not have.", "The rule late refers to [week1_arm_1][lost], which the project does not have.",
        "The rule late compares [kind] with '3', which is none of its codes.", "The rule late compares [start_arm_1][sex] with '9', which is none of its codes.",
    ]
    ledger = Ledger()
    check_references(ledger, Rows(reading), [rule("laboratory", "", "[week1_arm_1][weight] > 1")])
    assert [note.message for _, note in ledger.notes] == ["The rule late refers to [week1_arm_1][weight], but the source is linked to none that has events."]
