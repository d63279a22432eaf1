"""Rows of a REDCap export and the forms they belong to: events, arms, repeats, and what a project does not say."""

from __future__ import annotations

import pytest

from pacer_analysis.errors import ExportError
from tests.spec.redcap_drawing import project, read, rows, said

FIELDS = """
id     | intake | text     | ID
sex    | intake | radio    | Sex    | 1, Female / 2, Male
weight | visit  | text     | Weight |     | number
sick   | visit  | checkbox | Sick   | 1, Cough / 2, Fever
drug   | drugs  | text     | Drug
"""
EVENTS = "start_arm_1 | Start | 1\nlater_arm_1 | Later | 1\nstart_arm_2 | Start | 2\nend_of_the_interve_arm_2 | End of the intervention | 2"
MAPPING = "start_arm_1 | intake\nlater_arm_1 | visit\nlater_arm_1 | drugs\nstart_arm_2 | intake\nstart_arm_2 | visit\nend_of_the_interve_arm_2 | visit"
HEADER = "id | redcap_event_name | redcap_repeat_instrument | redcap_repeat_instance | sex | intake_complete | weight | sick___1 | sick___2 | visit_complete | drug | drugs_complete\n"


@pytest.fixture
def about(tmp_path):
    """Two arms; in arm 1 the form `drugs` repeats, the event `later` of arm 2 repeats as a whole, and `visit` repeats in no other event."""
    return project(tmp_path / "dictionary", FIELDS, EVENTS, MAPPING, "later_arm_1 | drugs\nend_of_the_interve_arm_2 |")


def test_one_record_in_two_arms_and_every_kind_of_repeat(tmp_path, about):
    reading = read(tmp_path, about, HEADER + """
1 | start_arm_1              |       |   | 1 | 2 |    |   |   |   |   |
1 | later_arm_1              |       |   |   |   | 60 | 0 | 1 | 2 |   |
1 | later_arm_1              | drugs | 1 |   |   |    |   |   |   | a | 2
1 | later_arm_1              | drugs | 2 |   |   |    |   |   |   | b | 0
1 | start_arm_2              |       |   | 2 | 2 | 61 | 0 | 0 | 0 |   |
1 | end_of_the_interve_arm_2 |       | 1 |   |   | 62 | 1 | 0 | 2 |   |
1 | end_of_the_interve_arm_2 |       | 2 |   |   | 63 | 0 | 0 | 0 |   |
""".lstrip())
    assert [(note.rule, note.severity, note.record) for note in reading.notes] == [("arms", "warning", "1")]
    assert [(row["event"], row["sex"]) for row in rows(reading, "intake")] == [("start_arm_1", "1"), ("start_arm_2", "2")]
    assert [(row["event"], row.get("instance", ""), row["weight"]) for row in rows(reading, "visit")] == [
        ("later_arm_1", "", "60"), ("start_arm_2", "", "61"), ("end_of_the_interve_arm_2", "1", "62"), ("end_of_the_interve_arm_2", "2", "63")]
    assert [(row["instance"], row["drug"]) for row in rows(reading, "drugs")] == [("1", "a"), ("2", "b")]


def test_the_same_form_repeats_in_one_event_and_not_in_another(tmp_path):
    about = project(tmp_path / "dictionary", FIELDS, "a_arm_1 | A | 1\nb_arm_1 | B | 1", "a_arm_1 | intake\na_arm_1 | visit\nb_arm_1 | visit", "b_arm_1 | visit")
    reading = read(tmp_path, about, HEADER + "1 | a_arm_1 | | | 1 | 2 | 60 | 0 | 0 | 2 | |\n1 | b_arm_1 | visit | 1 | | | 61 | 0 | 0 | 2 | |\n1 | b_arm_1 | visit | 2 | | | 62 | 0 | 0 | 2 | |")
    assert [(row["event"], row.get("instance", ""), row["weight"]) for row in rows(reading, "visit")] == [("a_arm_1", "", "60"), ("b_arm_1", "1", "61"), ("b_arm_1", "2", "62")]


@pytest.mark.parametrize(("text", "event"), [
    ("Later", "later_arm_1"), (" later ", "later_arm_1"), ("LATER_ARM_1", "later_arm_1"), ("Start (Arm 2: Drug)", "start_arm_2"), ("Start (Arm 1)", "start_arm_1"),
    ("end_of_the_intervention_arm_2", "end_of_the_interve_arm_2"), ("End of  the Intervention", "end_of_the_interve_arm_2"),
    ("Start", ""), ("New Event (?)", ""), ("other_arm_1", ""), ("", ""),
])
def test_events_in_other_spellings(tmp_path, about, text, event):
    """A label that two arms share is no event; what is no event is said, and its row is in no table."""
    number = "1" if event.startswith("end") else ""
    reading = read(tmp_path, about, HEADER + f"1 | start_arm_1 | | | 1 | 2 | | | | | |\n2 | {text} | | {number} | | 2 | 60 | 0 | 0 | 2 | |")
    found = {row["event"] for form in ("intake", "visit") for row in rows(reading, form) if row["record"] == "2"}
    assert found == ({event} if event else set())
    assert [note.line for note in reading.notes if "the event of a row" in note.message] == ([] if event else [3])


def test_hundreds_of_rows_without_their_event_are_one_note(tmp_path, about):
    reading = read(tmp_path, about, HEADER + "\n".join(f"{row} | {'gone' if row else 'start'}_arm_1 | | | 1 | 2 | | | | | |" for row in range(301)))
    assert [(note.rule, note.severity, note.message.split(":")[0]) for note in reading.notes] == [("structure", "error", "300 rows, the first on line 3")]


def test_a_0_of_a_form_never_opened_is_no_row_and_a_0_that_is_an_answer_is(tmp_path, about):
    """Only unopened forms: blank or 0 in status and boxes. A number 0 elsewhere is an answer, also where its form cannot be."""
    reading = read(tmp_path, about, HEADER + "1 | start_arm_1 | | | 1 | 2 | | | | | |\n1 | later_arm_1 | | | | | | 0 | 0 | 0 | |\n2 | later_arm_1 | | | | | 0 | 0 | 0 | 0 | |\n"
                   "2 | start_arm_1 | | | 1 | 0 | 0 | 0 | 0 | 0 | |")
    assert [row["record"] for row in rows(reading, "visit")] == ["2"]
    assert [(note.rule, note.form, note.message.split()[0]) for note in reading.notes] == [("structure", "visit", "1")]


def test_records_without_an_answer_are_said(tmp_path, about):
    reading = read(tmp_path, about, HEADER + "1 | start_arm_1 | | | 1 | 2 | | | | | |\n2 | start_arm_1 | | | | 0 | | | | | |\n | | | | | | | | | | |")
    assert [row["record"] for row in rows(reading, "intake")] == ["1"]
    assert sorted((note.rule, note.severity, note.line) for note in reading.notes) == [("empty_record", "info", 0), ("structure", "info", 0)]
    assert [note.record for note in reading.notes if note.rule == "empty_record"] == ["2"]


@pytest.mark.parametrize(("more", "expected"), [
    ("1 | later_arm_1 | drugs | 4 | | | | | | | b | 2", [("instances", "info")]),
    ("2 | later_arm_1 | drugs | 1 | | | | | | | b | 2", [("instances", "info")]),
    ("1 | later_arm_1 | drugs |   | | | | | | | b | 2", [("structure", "error")]),
    ("1 | later_arm_1 | NA    | NA | | | 60 | 0 | 0 | 2 | |", [("structure", "info")]),
    ("1 | start_arm_1 | drugs | 1 | | | | | | | b | 2", [("structure", "warning"), ("structure", "warning")]),
    ("1 | later_arm_1 |       | 1 | | | 60 | 0 | 0 | 2 | |", [("structure", "warning")]),
])
def test_rows_that_are_odd_and_read(tmp_path, about, more, expected):
    """A gap, repeats without a base row, no instance, blanks that R wrote, repeats that the project does not have."""
    reading = read(tmp_path, about, HEADER + "1 | start_arm_1 | | | 1 | 2 | | | | | |\n1 | later_arm_1 | drugs | 1 | | | | | | | a | 2\n1 | later_arm_1 | drugs | 2 | | | | | | | a | 2\n" + more)
    assert said(reading) == expected
    assert len(rows(reading, "drugs")) + len(rows(reading, "visit")) == 3


def test_structure_from_the_export_alone(tmp_path):
    """Nobody says which events there are: they are inferred, said, and what is filled nowhere belongs to none."""
    about = project(tmp_path / "dictionary", FIELDS + "last | end | text | Last\n")
    reading = read(tmp_path, about, HEADER.strip() + """ | last | end_complete
1 | start_arm_1 |       |   | 1 | 2 |    |   |   |   |   |   | |
1 | later_arm_1 |       |   |   |   | 60 | 0 | 1 | 2 |   |   | |
1 | later_arm_1 | drugs | 1 |   |   |    |   |   |   | a | 2 | |
1 | other_arm_2 |       | 1 |   |   | 61 | 0 | 0 | 0 |   |   | |
1 | other_arm_2 |       | 2 |   |   | 62 | 0 | 0 | 0 |   |   | |
""")
    assert reading.structure is reading.dictionary is not about
    found = reading.structure
    assert [(event.unique_name, event.arm) for event in found.events] == [("start_arm_1", "1"), ("later_arm_1", "1"), ("other_arm_2", "2")]
    assert found.mapping == {"start_arm_1": ("intake",), "later_arm_1": ("visit", "drugs"), "other_arm_2": ("visit",)}
    assert list(found.repeating) == [("later_arm_1", "drugs"), ("other_arm_2", "")]
    assert [row.get("instance", "") for row in rows(reading, "visit")] == ["", "1", "2"]
    assert said(reading) == [("structure", "warning"), ("structure", "info"), ("arms", "warning")]
    assert "end" in reading.notes[0].message
    assert all("instrument_event_mapping.csv" in note.action for note in reading.notes[:2])


def test_a_classic_export_needs_no_inference(tmp_path):
    reading = read(tmp_path, project(tmp_path / "dictionary", FIELDS.split("weight", maxsplit=1)[0]), "id | sex | intake_complete\n1 | 1 | 2\n2 | | 0")
    assert (reading.structure, said(reading)) == (None, [("empty_record", "info")])


def test_repeats_of_a_classic_project(tmp_path):
    about = project(tmp_path / "dictionary", FIELDS)
    header = "id | redcap_repeat_instrument | redcap_repeat_instance | sex | intake_complete | weight | sick___1 | sick___2 | visit_complete | drug | drugs_complete\n"
    reading = read(tmp_path, about, header + "1 | | | 1 | 2 | | 0 | 0 | 0 | |\n1 | drugs | 1 | | | | | | | a | 2\n1 | drugs | 2 | | | | | | | b | 2")
    assert [(row["instance"], row["drug"]) for row in rows(reading, "drugs")] == [("1", "a"), ("2", "b")]
    assert list(reading.structure.repeating) == [("", "drugs")]
    assert [(note.rule, note.severity) for note in reading.notes] == [("structure", "info")]


def test_a_project_with_events_needs_them(tmp_path, about):
    with pytest.raises(ExportError, match="redcap_event_name"):
        read(tmp_path, about, "id | sex | intake_complete\n1 | 1 | 2")
