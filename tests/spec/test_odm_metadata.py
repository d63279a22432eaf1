"""The project in a project XML: nothing that a dictionary leaves open is guessed."""

from __future__ import annotations

import dataclasses
import time

import pytest

from pacer_analysis.dictionary import Event, load_any, load_project, load_redcap
from pacer_analysis.dictionary.odm import load_odm
from pacer_analysis.errors import DictionaryError
from tests.conftest import REPOSITORY
from tests.spec.odm_files import EVENTS, FORMS, HEAD, ITEMS, METADATA, RECORDS, SETTINGS, TAIL, written

MATERIAL = REPOSITORY.parent / "shared/material/redcap"
NO_MATERIAL = pytest.mark.skipif(not MATERIAL.is_dir(), reason="the public project files are not beside the repository")
# What a project XML does not say of a field, and its dictionary does.
NOT_IN_XML = {("f_slider", "minimum"), ("f_slider", "maximum"), ("f_sql", "lookup")}


@pytest.fixture(params=["with data", "without"])
def project(request, tmp_path):
    return load_odm(written(tmp_path, METADATA, RECORDS if request.param == "with data" else ""))


def test_the_project(project):
    assert (project.title, project.secondary_unique, project.erases_hidden, project.mapped) == ("A & B", "mail", False, True)
    assert project.missing_codes == {"NI": "No information", "NA": "Not applicable"}
    assert project.groups == {"sitea_north_of_the": "Site-A (North of the river)"}
    assert project.surveys == {"pills"}
    assert project.form_labels == {"intake": "At intake", "pills": "Pills"}


def test_events_with_windows_arms_and_forms(project):
    assert project.events == (Event("start_arm_1", "Start", "1", 0, 0, 5, "Drug"), Event("visit_arm_1", "Visit", "1", 30, 7, 14, "Drug"),
                              Event("start_arm_2", "Start", "2", 0, 0, 0, "None"))
    assert project.mapping == {"start_arm_1": ("intake", "pills"), "visit_arm_1": ("pills",), "start_arm_2": ("intake",)}
    assert project.repeating == {("visit_arm_1", ""): "", ("start_arm_1", "pills"): "[pill]"}


def test_fields_in_the_order_of_their_forms(project):
    dictionary = project.dictionary
    assert {form: [field.name for field in fields] for form, fields in dictionary.forms.items()} == {
        "intake": ["id", "mail", "sex", "why", "note", "consent"], "pills": ["pill", "taken", "sum", "read_this"]}
    assert dictionary.record_id == "id"
    assert dictionary.form_columns("intake") == ("mail", "sex", "why___1", "why___or_9", "note", "consent", "intake_complete")
    assert [remark.text.split(" was")[0] for remark in dictionary.remarks] == ["the repeat of deleted_form in start_arm_1"]


def test_what_a_field_is(project):
    fields = project.dictionary.fields
    mail, sex, pill, taken = fields["mail"], fields["sex"], fields["pill"], fields["taken"]
    assert (mail.type, mail.validation, mail.section, mail.identifier, mail.note) == ("text", "email", "About her", True, "one, only")
    assert [tag.name for tag in mail.tags] == ["HIDDEN", "READONLY"]
    assert (sex.type, sex.required, sex.label, sex.plain_label) == ("dropdown", True, "<b>Sex</b> at birth", "Sex at birth")
    # The comment ends where its line ends: the line ends inside an attribute are kept.
    assert sex.branching == "[mail] <> ''\n// not for all\nand [id] = \"1\""
    assert (pill.kind, pill.minimum, pill.maximum, pill.hard_range) == ("integer", "0", "60", True)
    assert (taken.kind, taken.matrix_group, taken.matrix_ranking, taken.hard_range) == ("datetime", "m", True, False)
    assert (fields["sum"].type, fields["sum"].calculation) == ("calc", "[pill] + 1")
    assert (fields["note"].type, fields["consent"].type, fields["read_this"].columns) == ("notes", "file", ())


def test_choices_that_a_list_with_bars_could_not_say(project):
    assert project.dictionary.fields["sex"].choices == {"02": "one | or, other", "NA": "Not | 7, asked"}
    assert project.dictionary.fields["why"].choices == {"1": "Work | or, play", "OR-9": "Other"}


@pytest.mark.parametrize(("old", "new"), [
    ("http://www.cdisc.org", "https://www.cdisc.org"), ("redcap:", "rc:"), ('encoding="UTF-8" ', ""), ("UTF-8", "ISO-8859-1"), ("\n", "\r\n"), ("<Study ", "\x0b<Study ")])
def test_other_spellings_of_the_same_file(tmp_path, old, new):
    expected = load_odm(written(tmp_path, METADATA))
    path = tmp_path / "other.xml"
    path.write_bytes((HEAD + METADATA + TAIL).replace(old, new).encode())
    found = load_odm(path)
    assert [*found.dictionary.fields] == [*expected.dictionary.fields]
    assert dataclasses.replace(found, dictionary=expected.dictionary) == expected


def test_letters_of_windows_in_a_file_that_says_utf8(tmp_path):
    path = tmp_path / "p.xml"
    path.write_bytes((HEAD + METADATA + TAIL).replace("7, asked", "7, asked \u2013 caf\u00e9").encode("cp1252"))
    found = load_odm(path)
    assert found.dictionary.fields["sex"].choices["NA"] == "Not | 7, asked \u2013 caf\u00e9"
    assert [remark.line for remark in found.dictionary.remarks if "Windows-1252" in remark.text] == [1]


def test_utf16(tmp_path):
    path = tmp_path / "p.xml"
    path.write_bytes((HEAD + METADATA + TAIL).replace("UTF-8", "UTF-16").encode("utf-16"))
    assert len(load_any(path).dictionary.fields) == 10


def test_a_classic_project(tmp_path):
    found = load_odm(written(tmp_path, METADATA.replace(EVENTS, "")))
    assert found.classic
    assert found.mapping == {"": ("intake", "pills")}
    assert found.repeats("", "pills")


def test_the_file_is_known_by_its_content(tmp_path):
    path = written(tmp_path, METADATA, name="project.txt")
    assert load_any(path) == load_project(tmp_path, "project.txt") == load_odm(path)


@pytest.mark.parametrize(("content", "words"), [
    (HEAD + RECORDS + TAIL, "does not describe the project"),
    (HEAD + SETTINGS + "</Study>" + TAIL, "no forms"),
    (HEAD + SETTINGS + FORMS + "</Study>" + TAIL, "no forms"),
    (HEAD + (METADATA + TAIL).replace("redcap:Variable=", "x=").replace("redcap:FieldType=", "y="), "not written by REDCap"),
    ((HEAD + METADATA + TAIL)[: len(HEAD) + 4000], "breaks off"),
    (HEAD + METADATA, "breaks off"),
    (HEAD + METADATA.replace("<Question>", "<Question", 1) + TAIL, "not well-formed"),
    (HEAD + METADATA.replace("Id</", "Id & more</", 1) + TAIL, "not well-formed"),
    (HEAD.replace("UTF-8", "klingon") + METADATA + TAIL, "encoding|unknown"),
    ("<ODM>", "breaks off"), ("<?xml version='1.0'?>", "breaks off"),
    ("<!DOCTYPE ODM [<!ENTITY a 'lol'>" + "".join(f"<!ENTITY {chr(98 + n)} '{'&' + chr(97 + n) + ';'}'>" for n in range(9)) + "]><ODM>&j;</ODM>", "document type or entities"),
    ("<!DOCTYPE ODM [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><ODM>&a;</ODM>", "document type or entities"),
    ("<!DOCTYPE ODM SYSTEM 'http://example.org/x.dtd'><ODM/>", "document type or entities"),
])
def test_what_cannot_be_used(tmp_path, content, words):
    path = tmp_path / "p.xml"
    path.write_text(content)
    with pytest.raises(DictionaryError, match=words) as refused:
        load_odm(path)
    assert "p.xml" in refused.value.where
    assert refused.value.do


def test_elements_outside_their_place_are_passed_over(tmp_path):
    stray = "<Decode><TranslatedText>x</TranslatedText></Decode><CheckValue>1</CheckValue><CodeListItem CodedValue='1'/><ItemRef ItemOID='none'/><FormRef/><ItemGroupRef/>"
    found = load_odm(written(tmp_path, SETTINGS, stray, "<MetaDataVersion>", stray, EVENTS, FORMS, ITEMS, stray, "</MetaDataVersion></Study>"))
    assert len(found.dictionary.fields) == 10


@pytest.mark.parametrize(("type_", "said"), [("redcap:FieldType=\"hologram\"", "hologram is unknown"), ("", "no type")])
def test_a_type_that_nobody_knows_is_read_as_text(tmp_path, type_, said):
    found = load_odm(written(tmp_path, METADATA.replace('redcap:Variable="note" redcap:FieldType="textarea"', f'redcap:Variable="note" {type_}')))
    assert found.dictionary.fields["note"].kind == "text"
    assert any(said in remark.text and remark.field == "note" for remark in found.dictionary.remarks)


def test_one_long_value_does_not_hold_the_reader_up(tmp_path):
    start = time.perf_counter()
    found = load_odm(written(tmp_path, METADATA.replace("one, only", "x" * 20_000_000)))
    assert len(found.dictionary.fields["mail"].note) == 20_000_000
    assert time.perf_counter() - start < 20


@NO_MATERIAL
@pytest.mark.parametrize("name", ["checkboxes-1", "clinical-trial-1", "dag", "decimal-comma", "empty-rows", "longitudinal", "nonnumeric-record-id",
                                  "potentially-problematic-dictionary", "potentially-problematic-values", "repeating-instruments", "survey", "validation-types-1"])
def test_the_project_xml_and_the_dictionary_say_the_same(name):
    """Both were exported from one project; every property of every field but those that the XML has not."""
    folder = MATERIAL / "redcapr" / name
    written_down, found = load_redcap(next(folder.glob("dict*.csv"))), load_odm(folder / "project.xml").dictionary
    assert list(found.fields) == list(written_down.fields)
    assert found.record_id == written_down.record_id
    for field in written_down.fields.values():
        other = found.fields[field.name]
        differing = {(field.name, part.name) for part in dataclasses.fields(field) if part.name != "line" and getattr(field, part.name) != getattr(other, part.name)}
        assert differing <= NOT_IN_XML
    assert [found.form_columns(form) for form in found.forms] == [written_down.form_columns(form) for form in written_down.forms]


@NO_MATERIAL
@pytest.mark.parametrize(("file", "fields", "forms", "events", "repeating"), [
    ("redcap-etl/RepeatingEvents.REDCap.xml", 35, 5, 12, 9), ("redcap-etl/MultipleChoice.REDCap.xml", 10, 1, 0, 0), ("pycap/test_long_project.xml", 96, 9, 16, 1)])
def test_projects_of_which_there_is_only_the_xml(file, fields, forms, events, repeating):
    """Counted with grep: different redcap:Variable less status and pseudo-fields, FormDef, StudyEventDef, RepeatingInstrument and RepeatingEvent."""
    found = load_odm(MATERIAL / file)
    assert (len(found.dictionary.fields), len(found.dictionary.forms), len(found.events), len(found.repeating)) == (fields, forms, events, repeating)
    assert found.dictionary.remarks == ()


@NO_MATERIAL
def test_codes_with_dots_and_words():
    fields = load_odm(MATERIAL / "redcap-etl/MultipleChoice.REDCap.xml").dictionary.fields
    assert list(fields["race"].choices) == ["0-zero", "1", "2", "3", "4.4", "Five.5"]
    assert list(fields["sex"].choices.items()) == [("0-1", "Female"), ("1.2", "Male")]
