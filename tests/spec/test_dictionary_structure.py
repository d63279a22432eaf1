"""The files beside a dictionary, in the API's spelling and in others, and what a command line may name as a dictionary."""

from __future__ import annotations

import shutil

import pytest

from pacer_analysis.dictionary import FlatDictionary, Project, load_any, load_project
from pacer_analysis.errors import DictionaryError
from tests.spec.test_dictionary import MATERIAL, ROWS, written

EVENTS = """event_name,arm_num,day_offset,offset_min,offset_max,unique_event_name,custom_event_label
Start,1,0,0,5,start_arm_1,
,,,,,,
Month 1,1,30,7,14,month_1_arm_1,
Start,2,0,0,0,start_arm_2,
"""
MAPPING = "arm_num,unique_event_name,form\n1,start_arm_1,intake\n1,month_1_arm_1,follow_up\n2,start_arm_2,intake\n"
REPEATING = "event_name,form_name,custom_form_label\nstart_arm_2,,\nmonth_1_arm_1,follow_up,[why]\n"
PROJECT = ('project_id,project_title,secondary_unique_field,is_longitudinal,has_repeating_instruments_or_events,missing_data_codes,bypass_branching_erase_field_prompt\n'
           '7,"A title, with a comma",born,1,1,"NI, No information | NA, Not applicable|-99, Refused",1\n')


def folder(tmp_path, **files: str):
    written(tmp_path, *ROWS)
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def test_everything_that_the_api_exports(tmp_path):
    project = load_project(folder(tmp_path, events=EVENTS, instrument_event_mapping=MAPPING, repeating=REPEATING, project=PROJECT, arms="arm_num,name\n1,Drug\n2,None\n",
                                  instruments="instrument_name,instrument_label\nintake,At intake\nfollow_up,Follow up\n",
                                  dags="data_access_group_name,unique_group_name,data_access_group_id\nSite A,site_a,1\n"), "redcap.csv")
    assert [(event.unique_name, event.label, event.arm, event.arm_name, event.day_offset, event.offset_min, event.offset_max) for event in project.events] == [
        ("start_arm_1", "Start", "1", "Drug", 0, 0, 5), ("month_1_arm_1", "Month 1", "1", "Drug", 30, 7, 14), ("start_arm_2", "Start", "2", "None", 0, 0, 0)]
    assert project.mapping == {"start_arm_1": ("intake",), "month_1_arm_1": ("follow_up",), "start_arm_2": ("intake",)}
    assert project.repeating == {("start_arm_2", ""): "", ("month_1_arm_1", "follow_up"): "[why]"}
    assert (project.title, project.secondary_unique, project.erases_hidden, project.mapped) == ("A title, with a comma", "born", False, True)
    assert project.missing_codes == {"NI": "No information", "NA": "Not applicable", "-99": "Refused"}
    assert project.groups == {"site_a": "Site A"}
    assert project.form_labels == {"intake": "At intake", "follow_up": "Follow up"}


def test_other_headings_labels_and_line_ends(tmp_path):
    events = EVENTS.replace("event_name,arm_num,day_offset,offset_min,offset_max,unique_event_name", "Event Name,Arm,Days Offset,Offset Range Min,Offset Range Max,Unique Event Name")
    project = load_project(folder(tmp_path, events=events.replace("\n", "\r\n"), instruments="instrument_name,instrument_label\nintake,At intake\n",
                                  instrument_event_mapping="\ufeffArm,Event,Instrument\n1,Month 1,follow_up\n1,start_arm_1,At intake\n,,\n",
                                  repeating="event_name;form_name\nMonth 1;follow_up\n"), "redcap.csv")
    assert project.mapping == {"start_arm_1": ("intake",), "month_1_arm_1": ("follow_up",), "start_arm_2": ()}
    assert project.repeats("month_1_arm_1", "follow_up")


@pytest.mark.parametrize(("files", "mapped"), [
    ({}, False), ({"events": EVENTS}, False), ({"repeating": "form_name,custom_form_label\nfollow_up,\n"}, True), ({"events": EVENTS, "mapping": MAPPING}, True),
    ({"project": "is_longitudinal,has_repeating_instruments_or_events\n0,0\n"}, True), ({"project": "is_longitudinal,has_repeating_instruments_or_events\n0,1\n"}, False),
    ({"project": "is_longitudinal,has_repeating_instruments_or_events\n1,0\n"}, False)])
def test_whether_the_structure_is_known(tmp_path, files, mapped):
    assert load_project(folder(tmp_path, **files), "redcap.csv").mapped == mapped


@pytest.mark.parametrize(("files", "words"), [
    ({"events": EVENTS, "instrument_event_mapping": "unique_event_name,form\nStart,intake\n"}, ("event 'Start' is unknown", "line 2", "start_arm_1")),
    ({"events": EVENTS + "Again,1,,,,start_arm_1,\n"}, ("start_arm_1 is listed twice", "line 6")),
    ({"events": "event_name,arm_num\nStart,1\n"}, ("unique_event_name is missing",)),
    ({"events": EVENTS.replace("30,7", "soon,7")}, ("day_offset is not a number", "line 4")),
    ({"events": EVENTS.replace("30,7", "inf,7")}, ("day_offset is not a number", "line 4")),
    ({"events": EVENTS.replace("month_1_arm_1", "")}, ("no unique name", "line 4")),
    ({"repeating": "form_name\nnever\n"}, ("form 'never' is unknown", "intake, follow_up")),
])
def test_structure_that_contradicts_the_dictionary(tmp_path, files, words):
    with pytest.raises(DictionaryError) as refused:
        load_project(folder(tmp_path, **files), "redcap.csv")
    assert all(word in str(refused.value) for word in words)


def test_a_file_or_the_folder_that_holds_it(tmp_path):
    folder(tmp_path, events=EVENTS, instrument_event_mapping=MAPPING, project=PROJECT)
    named, found = load_any(tmp_path / "redcap.csv"), load_any(tmp_path)
    assert isinstance(named, Project)
    assert named == found
    assert named.title == "A title, with a comma"
    (tmp_path / "flat.csv").write_text("Name,Type,Label\nweight,number,Weight\n")
    assert isinstance(load_any(tmp_path / "flat.csv"), FlatDictionary)
    with pytest.raises(DictionaryError, match="2 dictionaries") as refused:
        load_any(tmp_path)
    assert "flat.csv, redcap.csv" in str(refused.value)


@pytest.mark.parametrize(("name", "content", "words"), [
    ("x.csv", b"", "empty"), ("x.csv", b"\n", "empty"), ("x.json", b'[{"field_name": "a"}]', "JSON"), ("x.dta", b"<stata_dta><header>", "statistical"),
    ("x.csv", b"record_id,redcap_event_name,a,f_complete\n1,b,2,2\n", "export of data"), ("x.csv", b"a,b,c\n1,2,3\n", "not a dictionary"),
    ("x.csv", bytes(range(256)) * 20, "not text"), ("x.csv", b"<!DOCTYPE html><html><body>Log in</body></html>", "web page"),
    ("x.xml", b"<html><body>Log in</body></html>", "web page"), ("x.xml", b"<records><item/></records>", "list of records")])
def test_what_is_no_dictionary(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DictionaryError, match=words):
        load_any(tmp_path / name)


def test_a_folder_without_one(tmp_path):
    (tmp_path / "data.csv").write_text("record_id,a_complete\n1,2\n")
    with pytest.raises(DictionaryError, match="holds no dictionary"):
        load_any(tmp_path)
    with pytest.raises(DictionaryError, match="missing"):
        load_any(tmp_path / "nothing.csv")


@pytest.mark.skipif(not MATERIAL.is_dir(), reason="the public test projects of REDCapR are not beside the repository")
def test_events_as_the_api_exported_them(tmp_path):
    """event.csv and arm.csv of the project `longitudinal`, without offsets and under these names."""
    for name in ("dictionary.csv", "event.csv", "arm.csv"):
        shutil.copy(MATERIAL / "longitudinal" / name, tmp_path)
    project = load_any(tmp_path)
    assert len(project.events) == 12
    assert (project.events[6].unique_name, project.events[6].arm_name, project.events[6].day_offset) == ("enrollment_arm_2", "Drug B", None)
    assert not project.mapped


def test_the_dictionary_of_a_flat_file_may_be_called_as_a_structure_file(tmp_path):
    """A plan's dictionary folder holds the dictionaries of its other sources: arms.csv may be one of them."""
    written(tmp_path, *ROWS)
    flat = "name,label,type,unit,min,max,codes,required,identifier\narm,Arm,text,,,,,,\n"
    for name in ("arms.csv", "project.csv", "events.csv"):
        (tmp_path / name).write_text(flat)
    project = load_project(tmp_path, "redcap.csv")
    assert project.classic
    assert project.title == ""
