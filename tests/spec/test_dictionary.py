"""Dictionaries as people save them: two header spellings, any encoding, choices as REDCap writes them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pacer_analysis.dictionary import checkbox_column, load_checks, load_flat, load_project, load_redcap, parse_choices
from pacer_analysis.errors import DictionaryError
from tests.conftest import REPOSITORY

UI = ('"Variable / Field Name","Form Name","Section Header","Field Type","Field Label","Choices, Calculations, OR Slider Labels","Field Note",'
      '"Text Validation Type OR Show Slider Number","Text Validation Min","Text Validation Max",Identifier?,"Branching Logic (Show field only if...)",'
      '"Required Field?","Custom Alignment","Question Number (surveys only)","Matrix Group Name","Matrix Ranking?","Field Annotation"')
API = ("field_name,form_name,section_header,field_type,field_label,select_choices_or_calculations,field_note,text_validation_type_or_show_slider_number,"
       "text_validation_min,text_validation_max,identifier,branching_logic,required_field,custom_alignment,question_number,matrix_group_name,matrix_ranking,"
       "field_annotation")
ROWS = ["record_id,intake,,text,ID,,,,,,,,,,,,,", "sex,intake,,radio,Sex,\"1, Female|2,Male\",,,,,,,y,,,,,",
        "born,intake,,text,Born,,,date_dmy,1950-01-01,today,y,[sex] = '1',,,,,,@FORCE-MINMAX",
        "why,follow_up,,checkbox,Why,\"-99, Other | UNK, Unknown\",,,,,,,,,,,,", "note,follow_up,,descriptive,Read this,,,,,,,,,,,,,"]
MATERIAL = REPOSITORY.parent / "shared/material/redcap/redcapr"


def written(folder: Path, *rows: str, header: str = UI, end: str = "\n", encoding: str = "utf-8") -> Path:
    path = folder / "redcap.csv"
    path.write_bytes((end.join([header, *rows]) + end).encode(encoding))
    return path


@pytest.mark.parametrize("header", [UI, API, UI.removesuffix(',"Field Annotation"'), UI + ",Our own,Ours too"], ids=["interface", "api", "17 columns", "20 columns"])
@pytest.mark.parametrize(("end", "encoding"), [("\n", "utf-8"), ("\r\n", "utf-8-sig"), ("\r", "cp1252")])
def test_every_spelling_of_a_dictionary_reads_the_same(tmp_path, header, end, encoding):
    columns = header.count(",") - 3 + 1 if header.startswith('"') else 18      # three commas of the interface's header stand in quotation marks
    rows = [row + "," * (columns - 18) if columns >= 18 else row.rpartition(",")[0] for row in ROWS]
    found = load_redcap(written(tmp_path, *rows, "," * (columns - 1), "," * (columns - 1), header=header, end=end, encoding=encoding))
    assert found.record_id == "record_id"
    assert list(found.forms) == ["intake", "follow_up"]
    assert found.fields["sex"].choices == {"1": "Female", "2": "Male"}
    assert (found.fields["sex"].required, found.fields["born"].identifier, found.fields["born"].kind) == (True, True, "date")
    assert found.fields["born"].hard_range == (columns >= 18)
    assert found.fields["why"].columns == ("why____99", "why___unk")
    assert found.fields["note"].columns == ()
    assert found.fields["why"].line == 5
    assert found.form_columns("follow_up") == ("why____99", "why___unk", "follow_up_complete")


def test_letters_of_an_old_windows_program(tmp_path):
    found = load_redcap(written(tmp_path, "record_id,f,,text,Caf\u00e9 \u2013 \u201cid\u201d,,,,,,,,,,,,,", encoding="cp1252"))
    assert found.fields["record_id"].label == "Caf\u00e9 \u2013 \u201cid\u201d"


@pytest.mark.parametrize(("text", "choices"), [
    ("1, one|2, two", {"1": "one", "2": "two"}),
    ("1,one| 2,two ", {"1": "one", "2": "two"}),
    ("02, North | 2, South | -99, Elsewhere | 9.9, Mars", {"02": "North", "2": "South", "-99": "Elsewhere", "9.9": "Mars"}),
    ("AP, Asia | NA, North America, all of it", {"AP": "Asia", "NA": "North America, all of it"}),
    ("3, Native Hawaiian |or| Other | 4, None", {"3": "Native Hawaiian | or | Other", "4": "None"}),
    ("Mr. | Mrs.", {"Mr.": "Mr.", "Mrs.": "Mrs."}),
    ("1, a || 2, | ", {"1": "a", "2": ""}),
    ("1, a |", {"1": "a"}),
    ("1, Yes", {"1": "Yes"}),
    ("Yes", {"Yes": "Yes"}),
    ("Mr. | 2, Mrs. | Dr., with a degree", {"Mr.": "Mr.", "2": "Mrs.", "Dr.": "with a degree"}),
    ("New York, NY | San Diego, CA", {"New York": "NY", "San Diego": "CA"}),
    ("1, a\n2, b\r\n3, c", {"1": "a", "2": "b", "3": "c"}),
    ("0, 0, none | 1, 1, one", {"0": "0, none", "1": "1, one"}),
    ("B05AX03, Saline | RXCUI-2393, Chloroquine | snomedct_373066001, Yes", {"B05AX03": "Saline", "RXCUI-2393": "Chloroquine", "snomedct_373066001": "Yes"}),
    ("1, <b>Yes</b> {more} | 2, \u201cno\u201d \u2013 never", {"1": "<b>Yes</b> {more}", "2": "\u201cno\u201d \u2013 never"}),
    ("1, first | 1, second", {"1": "first"}),
    ("1, the same | 2, the same", {"1": "the same", "2": "the same"}),
    ("", {}), (" | ", {}),
])
def test_choices(text, choices):
    assert parse_choices(text)[0] == choices


@pytest.mark.parametrize(("code", "column"), [("-99", "f____99"), ("RXCUI-2393", "f___rxcui_2393"), ("ABC", "f___abc"), ("4-3", "f___4_3"), ("0", "f___0")])
def test_the_column_of_an_option(code, column):
    assert checkbox_column("f", code) == column


@pytest.mark.parametrize(("rows", "words"), [
    ([ROWS[0], ROWS[1], ROWS[1]], ("sex", "lines 3 and 4", "redcap.csv")),
    ([ROWS[0], "x,f,,texte,X,,,,,,,,,,,,,"], ("texte", "field x", "line 3", "dropdown")),
    ([ROWS[0], "X Y,f,,radio,X,,,,,,,,,,,,,"], ("name of a field", "field X Y", "line 3")),
    ([ROWS[0], 'x,f,,text,"X,,,,,,,,,,,,,', "y,f,,text,Y,,,,,,,,,,,,,"], ("quotation mark is never closed", "line 3")),
    ([ROWS[0], 'x,f,,text,"say "yes", or no",,,,,,,,,,,,,'], ("19 cells", "line 3", "unescaped quotation mark")),
    ([ROWS[0], "x,f,,text,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o"], ("19 cells", "line 3")),
    ([ROWS[0], "x,,,text,X,,,,,,,,,,,,,"], ("no form", "field x")),
    (["Record ID,f,,text,a,,,,,,,,,,,,,"], ("name of a field", "line 2")),
    ([], ("no fields",)),
])
def test_a_dictionary_that_cannot_be_used(tmp_path, rows, words):
    with pytest.raises(DictionaryError) as refused:
        load_redcap(written(tmp_path, *rows))
    assert all(word in str(refused.value) for word in (*words, "do:"))


def test_repairs_are_remarked(tmp_path):
    found = load_redcap(written(tmp_path, ROWS[0], "x,f,,checkbox,X,\"A, one | a, two\",,,,,,,,,,,,", "y,f,,text,Y,,,mystery,,,,,,,,,,"))
    assert [(remark.field, remark.line) for remark in found.remarks] == [("x", 3), ("y", 4)]
    assert found.fields["y"].kind == "text"


def test_a_project(tmp_path):
    written(tmp_path, *ROWS)
    (tmp_path / "events.csv").write_text("event_name,arm_num,day_offset,offset_min,offset_max,unique_event_name\nStart,1,0,0,5,start_arm_1\nLater,1,30,,,later_arm_1\n")
    (tmp_path / "instrument_event_mapping.csv").write_text("arm_num,unique_event_name,form\n1,start_arm_1,intake\n1,start_arm_1,follow_up\n1,later_arm_1,follow_up\n")
    (tmp_path / "repeating.csv").write_text("event_name,form_name,custom_form_label\nlater_arm_1,follow_up,[why]\n")
    project = load_project(tmp_path, "redcap.csv")
    assert project.mapping == {"start_arm_1": ("intake", "follow_up"), "later_arm_1": ("follow_up",)}
    assert project.repeats("later_arm_1", "follow_up")
    assert not project.repeats("start_arm_1", "follow_up")
    assert (project.events[0].offset_max, project.events[1].offset_min) == (5, None)
    (tmp_path / "repeating.csv").write_text("event_name,form_name\nlater_arm_1,followup\n")
    with pytest.raises(DictionaryError, match="followup"):
        load_project(tmp_path, "redcap.csv")


def test_a_project_without_events_is_classic(tmp_path):
    written(tmp_path, *ROWS)
    project = load_project(tmp_path, "redcap.csv")
    assert project.classic
    assert project.mapping == {"": ("intake", "follow_up")}


def test_a_flat_dictionary(tmp_path):
    path = tmp_path / "lab.csv"
    path.write_text("name,label,type,unit,min,max,codes,required,identifier\nRecord_ID,Record,text,,,,,y,\nkind,Kind,coded,,,,\"1, Study | 2, Routine\",,\n")
    found = load_flat(path)
    assert list(found.fields) == ["record_id", "kind"]
    assert (found.fields["record_id"].required, found.fields["kind"].codes, found.fields["kind"].kind) == (True, {"1": "Study", "2": "Routine"}, "choice")
    path.write_text("name,type\na,text\nA,text\n")
    with pytest.raises(DictionaryError, match="lines 2 and 3"):
        load_flat(path)


@pytest.mark.parametrize(("text", "words"), [
    ("- {id: a, severity: bad, source: s, field: f, logic: '1=1', message: m}", ("bad", "error, warning, info")),
    ("- {id: a, severity: error, source: s, field: f, logic: '[f = 1', message: m}", ("logic", "rule 1 (a)")),
    ("- {id: a, id: b, severity: error, source: s, field: f, logic: '1=1', message: m}", ("stands twice", "line 1")),
    ("- {id: a, severity: error, source: s, field: f, message: m}", ("logic is missing",)),
    ("id: a", ("not a list",)),
])
def test_checks_that_cannot_be_read(tmp_path, text, words):
    (tmp_path / "checks.yaml").write_text(text)
    with pytest.raises(DictionaryError) as refused:
        load_checks(tmp_path / "checks.yaml")
    assert all(word in str(refused.value) for word in words)


def test_importing_the_dictionary_is_light():
    import subprocess

    heavy = "import sys, pacer_analysis.dictionary, pacer_analysis.logic, pacer_analysis.read, pacer_analysis.validate; print(sorted({'numpy', 'pandas', 'pyarrow', 'lark'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True, cwd=REPOSITORY).stdout.strip() == "[]"


@pytest.mark.skipif(not MATERIAL.is_dir(), reason="the public test projects of REDCapR are not beside the repository")
@pytest.mark.parametrize(("project", "fields", "forms"), [("longitudinal", 95, 9), ("validation-types-1", 50, 1), ("survey", 25, 4), ("repeating-instruments", 11, 2),
                                                         ("checkboxes-1", 4, 2), ("clinical-trial-1", 12, 1), ("dag", 15, 1), ("decimal-comma", 5, 1),
                                                         ("empty-rows", 16, 3), ("nonnumeric-record-id", 2, 1), ("potentially-problematic-dictionary", 6, 1),
                                                         ("potentially-problematic-values", 4, 1)])
def test_dictionaries_that_redcap_exported(project, fields, forms):
    """The counts are those of the `field_name` and `form_name` columns, counted with cut, sort and uniq."""
    found = load_redcap(next((MATERIAL / project).glob("dict*.csv")))
    assert (len(found.fields), len(found.forms), found.remarks) == (fields, forms, ())
