"""Records that may be one person, values that must be unique, and data access groups."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pacer_analysis.validate.groups import check_groups
from pacer_analysis.validate.ledger import Ledger
from pacer_analysis.validate.lookup import Rows
from pacer_analysis.validate.queries import list_queries
from tests.spec.drawn_project import Validated, field, project

PERSON = [field("id", "f"), field("dob", "f", validation="date_dmy", identifier="y", label="Date of birth"), field("name", "f", identifier="y"), field("phone", "f", identifier="y"),
          field("sex", "f", "radio", "1, F | 2, M")]
A = {"dob": "1990-05-01", "name": "Ann Other", "phone": "021 555 1234", "sex": "1"}


@pytest.mark.parametrize(("other", "same"), [
    (A, True),
    ({**A, "phone": "", "name": "ANN  OTHER."}, True),                 # capitals, spaces and punctuation make no difference
    ({**A, "name": "", "phone": "(021) 555-1234"}, True),
    ({**A, "dob": "1990-05-02"}, False),
    ({**A, "name": "Bea", "phone": "7"}, False),
    ({"dob": "1990-05-01", "name": "", "phone": "", "sex": "1"}, False),    # two blanks are no coincidence
    ({**A, "dob": "1990-13-01"}, False),
])
def test_the_same_birth_date_and_another_identifier(tmp_path, other, same):
    found = Validated(tmp_path, project(tmp_path, PERSON), [{"id": "1", **A}, {"id": "2", **other}, {"id": "3", "dob": "1980-01-01", "name": "Cy", "phone": "9"}])
    assert found.found("rule", "severity", "record", "field", "value", rule="same_person") == (
        [("same_person", "warning", record, "dob", "[masked]") for record in ("1", "2")] if same else [])


def test_a_record_is_found_once_whatever_its_number_of_rows(tmp_path):
    made = project(tmp_path, PERSON, events="One,1,one,,, Two,1,two,,,")
    rows = [{"id": record, "redcap_event_name": event, **A} for record, event in (("1", "one"), ("1", "two"), ("2", "two"))]
    assert Validated(tmp_path, made, rows).found("record", "event", rule="same_person") == [("1", "one"), ("2", "two")]


def test_a_name_that_many_have_tells_no_one_apart(tmp_path):
    rows = [{"id": str(number), "dob": "1990-05-01", "name": "Nomsa", "phone": ""} for number in range(4)]
    assert Validated(tmp_path, project(tmp_path, PERSON), rows).found("record", rule="same_person") == []
    assert len(Validated(tmp_path, project(tmp_path, PERSON), rows[:3]).found("record", rule="same_person")) == 3


def test_without_a_birth_date_two_identifiers_must_coincide(tmp_path):
    fields = [PERSON[0], field("seen", "f", validation="date_ymd", identifier="y"), PERSON[2], PERSON[3]]       # a date of visit is no date of birth
    rows = [{"id": "1", "seen": "2019-01-01", "name": "Ann", "phone": "1"}, {"id": "2", "seen": "2019-01-01", "name": "Ann", "phone": "2"},
            {"id": "3", "seen": "2019-02-01", "name": "Bea", "phone": "3"}, {"id": "4", "seen": "2019-03-01", "name": "Bea", "phone": "3"}]
    assert Validated(tmp_path, project(tmp_path, fields), rows).found("record", rule="same_person") == [("3",), ("4",)]


def test_a_record_is_not_compared_with_itself_nor_a_repeated_form(tmp_path):
    """Twins have one date of birth and one folder, and the same person is asked at every event."""
    made = project(tmp_path, [*PERSON, field("twin", "g", validation="date_ymd", identifier="y", label="Born"), field("folder", "g", identifier="y")],
                   events="One,1,one,,, Two,1,two,,,", mapping="1,one,f 1,two,f 1,one,g", repeating="one,g,")
    rows = [{"id": "1", "redcap_event_name": "one", **A}, {"id": "1", "redcap_event_name": "two", **A},
            *({"id": record, "redcap_event_name": "one", "redcap_repeat_instrument": "g", "redcap_repeat_instance": number, "twin": "2019-01-01", "folder": "7"}
              for record, number in (("1", "1"), ("1", "2"), ("2", "1")))]
    assert Validated(tmp_path, made, rows).found("record", rule="same_person") == []


def test_a_field_that_must_be_unique(tmp_path):
    made = project(tmp_path, [field("id", "f"), field("file", "f"), field("x", "f")], events="One,1,one,,, Two,1,two,,,", settings={"secondary_unique_field": "file"})
    rows = [{"id": record, "redcap_event_name": event, "file": file, "x": "1"} for record, event, file in
            (("1", "one", "A1"), ("1", "two", "A1"), ("2", "one", "A2"), ("3", "one", "a-1"), ("4", "one", ""), ("5", "one", ""))]
    found = Validated(tmp_path, made, rows)
    assert found.found("record", "event", "severity", "field", rule="secondary_unique") == [("1", "one", "error", "file"), ("1", "two", "error", "file"), ("3", "one", "error", "file")]
    assert found.count("secondary_unique") == (4, 3, 0)
    assert "secondary_unique" not in Validated(tmp_path / "none", project(tmp_path / "none", [field("id", "f"), field("file", "f")]), []).ledger.counts


def grouped(tmp_path, records: dict[str, str], groups: str = "") -> Validated:
    made = project(tmp_path, [field("id", "f"), field("x", "f"), field("y", "g")])
    if groups:
        (tmp_path / "dags.csv").write_text("data_access_group_name,unique_group_name,data_access_group_id\n" + "\n".join(groups.split()) + "\n")
        made = project(tmp_path, [field("id", "f"), field("x", "f"), field("y", "g")])
    rows = [{"id": record, "redcap_data_access_group": group, "x": "1"} for record, group in records.items()]
    return Validated(tmp_path, made, rows, "redcap_data_access_group")


def test_records_without_a_group_where_others_have_one(tmp_path):
    found = grouped(tmp_path, {"1": "north", "2": "", "3": "south"})
    assert found.found("rule", "severity", "record", "instrument", "field") == [("group_unassigned", "warning", "2", "f", "redcap_data_access_group")]
    assert found.count("group_unassigned") == (3, 1, 0)
    assert grouped(tmp_path / "none", {"1": "", "2": ""}).found("rule") == []


def test_a_group_that_the_project_does_not_have(tmp_path):
    found = grouped(tmp_path, {"1": "north", "2": "west"}, "North,north,1 South,south,2")
    assert found.found("rule", "record") == [("group_unknown", "2")]


def test_a_group_whose_name_was_made_from_its_label_is_not_unknown(tmp_path):
    """The plan's sites are unique names; of a label export without a list of the groups they are guessed, and a guess proves nothing."""
    for labels, expected in ((False, [("group_unknown", "1")]), (True, [])):
        found = grouped(tmp_path / str(labels), {"1": "new_town_clinic", "2": "south"})
        rows = Rows(replace(found.reading, source=replace(found.reading.source, labels=labels)))
        ledger = Ledger()
        check_groups(ledger, rows, {"newtown", "south"})
        assert [(query["rule"], query["record"]) for query in list_queries(ledger, {}, {})] == expected
        assert ledger.counts["group_unknown"].not_evaluable == (2 if labels else 0)


def test_an_id_with_the_number_of_another_group(tmp_path):
    """Ids of the group 331 begin with 331-: in the north all do, and one in the south does."""
    records = {**{f"331-{number}": "north" for number in range(1, 6)}, **{f"332-{number}": "south" for number in range(1, 6)}}
    assert grouped(tmp_path / "clean", records).found("rule") == []
    assert grouped(tmp_path / "moved", {**records, "331-6": "south"}).found("rule", "record") == [("group_prefix", "331-6")]
    # numbers that say nothing: every group has several
    mixed = {f"33{number % 4}-{number}": ("north", "south")[number % 2 if number < 20 else (number + 1) % 2] for number in range(40)}
    assert grouped(tmp_path / "mixed", mixed).found("rule") == []
    assert grouped(tmp_path / "few", {"331-1": "north", "331-2": "south", "332-1": "south"}).found("rule") == []


def test_a_record_in_two_groups(tmp_path):
    made = project(tmp_path, [field("id", "f"), field("x", "f")], events="One,1,one,,, Two,1,two,,,")
    rows = [{"id": record, "redcap_event_name": event, "redcap_data_access_group": group, "x": "1"} for record, event, group in
            (("1", "one", "north"), ("1", "two", "south"), ("2", "one", "north"), ("2", "two", "north"), ("3", "one", "south"), ("3", "two", ""))]
    found = Validated(tmp_path, made, rows, "redcap_data_access_group")
    assert found.found("rule", "record", "event", "value", "message") == [
        ("group_differs", "1", "two", "south", "The row is in the data access group south, other rows of the record are in north.")]       # as many in each: the first counts
    assert found.count("group_differs") == (5, 1, 0)


def test_the_row_in_another_group_than_most_of_its_record_is_the_one_found(tmp_path):
    """The first row is the odd one; it holds two forms and is found once."""
    made = project(tmp_path, [field("id", "f"), field("x", "f"), field("y", "g")], events="One,1,one,,, Two,1,two,,, Three,1,three,,,")
    rows = [{"id": record, "redcap_event_name": event, "redcap_data_access_group": group, "x": "1", "y": "1"} for record, event, group in
            (("1", "one", "south"), ("1", "two", "north"), ("1", "three", "north"), ("2", "one", "south"), ("2", "two", "north"), ("2", "three", "west"))]
    assert Validated(tmp_path, made, rows, "redcap_data_access_group").found("record", "event", "instrument", "value", "site", rule="group_differs") == [
        ("1", "one", "f", "south", "south"), ("2", "three", "f", "west", "west"), ("2", "two", "f", "north", "north")]
