"""A project whose events only its export shows: what rests on their order, or on names that the export does not have, is not evaluable."""

from __future__ import annotations

import pytest

from pacer_analysis.dictionary import load_any
from pacer_analysis.errors import DictionaryError
from pacer_analysis.logic import parse
from pacer_analysis.read import read_export
from pacer_analysis.validate.faults import Scope, faults
from pacer_analysis.validate.lookup import Rows
from tests.spec.redcap_drawing import drawn, project, read, said, write

FIELDS = "id | v | text | ID\nwt | v | text | Weight | | number\n"
TABLE = "id | redcap_event_name | wt | v_complete\n1 | base_arm_1 | 40 | 2\n1 | m6_arm_1 | 44 | 2\n2 | base_arm_1 | 50 | 2\n2 | m3_arm_1 | 60 | 2\n2 | m6_arm_1 | 61 | 2"
EVENTS = "base_arm_1 | Base | 1\nm3_arm_1 | Month 3 | 1\nm6_arm_1 | Month 6 | 1"
ORDER = "the order of events is not known; put events.csv beside the dictionary"


def why(reading, logic: str) -> str:
    return Rows(reading).reason(reading.tables[0], parse(logic))


@pytest.mark.parametrize("logic", ["[previous-event-name][wt] > 1", "[next-event-name][wt] > 1", "[first-event-name][wt] > 1", "[last-event-name][wt] > 1", "[last-event-name] = 'm6_arm_1'", "[event-number] = 1"])
def test_what_rests_on_the_order_of_events(tmp_path, logic):
    guessed = read(tmp_path, project(tmp_path / "d", FIELDS), TABLE)
    assert ORDER in why(guessed, logic)
    assert not guessed.events_known
    known = read(tmp_path, project(tmp_path / "e", FIELDS, EVENTS, "base_arm_1 | v\nm3_arm_1 | v\nm6_arm_1 | v"), TABLE)
    assert (why(known, logic), known.events_known) == ("", True)


@pytest.mark.parametrize("logic", ["[event-name] = 'm6_arm_1'", "[arm-number] = 1", "[base_arm_1][wt] > 1"])
def test_what_the_unique_names_say_is_evaluated(tmp_path, logic):
    assert why(read(tmp_path, project(tmp_path / "d", FIELDS), TABLE), logic) == ""


def test_an_event_that_the_export_does_not_have_may_exist(tmp_path):
    reading = read(tmp_path, project(tmp_path / "d", FIELDS), TABLE)
    assert why(reading, "[m12_arm_1][wt] > 1") == ("[m12_arm_1][wt]: the event m12_arm_1 is not in the export, and nothing says which events the project has; "
                                                  "put events.csv beside the dictionary")
    assert faults(Scope(reading, form="v"), parse("[m12_arm_1][wt] > 1")) == []


@pytest.mark.parametrize("logic", ["[event-name] = 'm6_arm_1'", "[arm-number] = 1", "[m6_arm_1][wt] > 1", "[event-label] = 'Month 6'"])
def test_labels_in_a_raw_export_are_no_names(tmp_path, logic):
    table = TABLE.replace("base_arm_1", "Base").replace("m3_arm_1", "Month 3").replace("m6_arm_1", "Month 6")
    reading = read(tmp_path, project(tmp_path / "d", FIELDS), table)
    reason = "the labels of the events are not known" if "label" in logic else "redcap_event_name holds labels, and nothing says of which events"
    assert why(reading, logic).endswith(f": {reason}; put events.csv beside the dictionary")
    assert said(reading) == [("structure", "warning")]
    assert "holds no unique event names, such as visit_1_arm_1, but labels" in reading.notes[0].message
    known = read(tmp_path, project(tmp_path / "e", FIELDS, EVENTS, "base_arm_1 | v\nm3_arm_1 | v\nm6_arm_1 | v"), table)
    assert why(known, logic) == ""


@pytest.mark.parametrize(("name", "text"), [("instrument_event_mapping", "arm_num,unique_event_name,form\n1,base_arm_1,v\n"), ("repeating", "event_name,form_name,custom_form_label\nbase_arm_1,v,\n")])
def test_files_that_name_events_need_events_csv(tmp_path, name, text):
    project(tmp_path, FIELDS)
    (tmp_path / f"{name}.csv").write_text(text)
    with pytest.raises(DictionaryError, match=rf"{name}\.csv names events, and there is no events\.csv beside it"):
        load_any(tmp_path / "redcap.csv")


def test_a_table_of_the_study_that_is_called_events_csv(tmp_path):
    project(tmp_path, FIELDS)
    (tmp_path / "events.csv").write_text("id,event,date\n1,death,2020-01-01\n")
    known = load_any(tmp_path / "redcap.csv")
    assert known.classic
    assert [remark.text for remark in known.dictionary.remarks] == ["events.csv beside the dictionary is not REDCap's list of events, which has the columns event_name, arm_num, unique_event_name; it was not read"]
    assert read_export(write(tmp_path / "x.csv", drawn("id | wt | v_complete\n1 | 40 | 2")), known).rows == 1


def test_records_by_name(tmp_path):
    """Record 1 has no first event, 2 stands in both arms, 3 has no answer; 4 has a row without an event; the last two rows hold nothing."""
    events = "base_arm_1 | Base | 1\nm3_arm_1 | Month 3 | 1\nbase_arm_2 | Base | 2"
    about = project(tmp_path / "d", FIELDS, events, "base_arm_1 | v\nm3_arm_1 | v\nbase_arm_2 | v")
    reading = read(tmp_path, about, "id | redcap_event_name | wt | v_complete\n1 | m3_arm_1 | 40 | 2\n2 | base_arm_1 | 40 | 2\n2 | base_arm_2 | 40 | 2\n3 | base_arm_1 | | 0\n4 | base_arm_1 | 1 | 2\n4 | | 1 | 2\n | | |\n | | |")
    found = [(note.rule, note.severity, note.record, note.line) for note in reading.notes]
    assert found == [("structure", "info", "", 0), ("structure", "error", "4", 7), ("arms", "warning", "2", 0), ("first_event", "info", "1", 0), ("empty_record", "info", "3", 0)]
    assert reading.notes[0].message == "2 rows, the first on line 8, hold nothing, as a spreadsheet program leaves them; they were left out"
    assert reading.notes[1].message == "the event of a row is blank, and the project has events; the row was not read"


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_delimiter_that_excel_is_told(tmp_path, first):
    about = project(tmp_path / "d", FIELDS)
    (tmp_path / "x.csv").write_text(f"{first}\nid;wt;v_complete\n1;40;2\n2;x,y;2\n", encoding="utf-8-sig")
    reading = read_export(tmp_path / "x.csv", about)
    assert [(row.record.texts.tolist(), row.fields["wt"].levels.raw.tolist()) for row in reading.tables] == [(["1", "2"], ["40", "x,y"])]
    assert [(note.rule, note.severity, note.message) for note in reading.notes] == [
        ("encoding", "info", "the first line of the file, sep=, is for Excel; it was skipped, and the delimiter ';' that it names was used")]
