"""One project's export in every way REDCap writes it: the tables are those of the raw CSV, or the refusal says what to do."""

from __future__ import annotations

import pytest

from pacer_analysis.errors import ExportError
from pacer_analysis.read import Options, read_export
from pacer_analysis.read.convert import UNREADABLE, VALUE
from tests.edge_cases.drawn import dictionary, export, validate
from tests.spec.redcap_drawing import drawn, project, read, rows, said, write

FIELDS = """
id       | intake | text     | Study ID
sex      | intake | radio    | Sex      | 1, Female / 2, Male
why      | intake | checkbox | Why      | 1, Work / -99, Other
born     | intake | text     | Born on  |                        | date_dmy
weight   | visit  | text     | Weight   |                        | number
well     | visit  | yesno    | Well
pill     | pills  | text     | Pills    |                        | integer
"""
EVENTS = "start_arm_1 | Start | 1\nlater_arm_1 | Later | 1"
MAPPING = "start_arm_1 | intake\nlater_arm_1 | visit\nlater_arm_1 | pills"
REPEATING = "later_arm_1 | pills"
RAW = """
id | redcap_event_name | redcap_repeat_instrument | redcap_repeat_instance | redcap_data_access_group | sex | why___1 | why____99 | born | intake_complete | weight | well | visit_complete | pill | pills_complete
1  | start_arm_1       |       |   | north | 1 | 0 | 1 | 1990-05-31 | 2 |      |   |   |    |
1  | later_arm_1       |       |   | north |   |   |   |            |   | 61.0 | 0 | 2 |    |
1  | later_arm_1       | pills | 1 | north |   |   |   |            |   |      |   |   | 30 | 2
1  | later_arm_1       | pills | 2 | north |   |   |   |            |   |      |   |   | 28 | 0
02 | start_arm_1       |       |   |       | 2 | 0 | 0 |            | 0 |      |   |   |    |
"""
# What every shape of it must give, by hand.
INTAKE = [{"record": "1", "event": "start_arm_1", "site": "north", "sex": "1", "why___1": "0", "why____99": "1", "born": "1990-05-31", "intake_complete": "2"},
          {"record": "02", "event": "start_arm_1", "sex": "2", "why___1": "0", "why____99": "0", "intake_complete": "0"}]
VISIT = [{"record": "1", "event": "later_arm_1", "site": "north", "weight": "61.0", "well": "0", "visit_complete": "2"}]
PILLS = [{"record": "1", "event": "later_arm_1", "instance": "1", "site": "north", "pill": "30", "pills_complete": "2"},
         {"record": "1", "event": "later_arm_1", "instance": "2", "site": "north", "pill": "28", "pills_complete": "0"}]


@pytest.fixture
def about(tmp_path):
    return project(tmp_path / "dictionary", FIELDS, EVENTS, MAPPING, REPEATING)


def assert_tables(reading, *, statuses: bool = True) -> None:
    for form, expected in (("intake", INTAKE), ("visit", VISIT), ("pills", PILLS)):
        assert rows(reading, form) == [{name: text for name, text in row.items() if statuses or not name.endswith("_complete")} for row in expected]


def test_raw(tmp_path, about):
    reading = read(tmp_path, about, RAW)
    assert_tables(reading)
    assert said(reading) == []
    assert (reading.shape, reading.rows, reading.columns, reading.structure, reading.source.id, reading.record) == ("csv", 5, 15, None, "pacer_data_2022_07_03_1229", "id")
    assert [table.line.tolist() for table in reading.tables] == [[2, 6], [3], [4, 5]]


@pytest.mark.parametrize("header", [
    ["\ufeff\ufeffid", "SEX"], ["\u00ef\u00bb\u00bfid", "Sex"], [' "id"', "sex "],
])
def test_headers_that_other_programs_spoiled(tmp_path, header):
    about = project(tmp_path / "dictionary", FIELDS.split("born", maxsplit=1)[0])
    reading = read_export(write(tmp_path / "x.csv", [[*header, "why___1", "why____99", "intake_complete"], ["1", "2", "0", "1", "2"]]), about)
    assert rows(reading, "intake") == [{"record": "1", "sex": "2", "why___1": "0", "why____99": "1", "intake_complete": "2"}]
    assert said(reading) == ([] if header[1].strip() == "sex" else [("column_names", "info")])


def test_empty_lines_before_the_header(tmp_path, about):
    path = write(tmp_path / "x.csv", drawn(RAW))
    path.write_text("\n\r\n" + path.read_text())
    assert_tables(read_export(path, about))


EAV = """
record | redcap_event_name | redcap_repeat_instrument | redcap_repeat_instance | field_name | value
1  | start_arm_1 |       |   | id                       | 1
1  | start_arm_1 |       |   | redcap_data_access_group | north
1  | start_arm_1 |       |   | sex                      | 1
1  | start_arm_1 |       |   | why                      | -99
1  | start_arm_1 |       |   | born                     | 1990-05-31
1  | start_arm_1 |       |   | intake_complete          | 2
1  | later_arm_1 |       |   | redcap_data_access_group | north
1  | later_arm_1 |       |   | weight                   | 61.0
1  | later_arm_1 |       |   | well                     | 0
1  | later_arm_1 |       |   | visit_complete           | 2
1  | later_arm_1 | pills | 1 | redcap_data_access_group | north
1  | later_arm_1 | pills | 1 | pill                     | 30
1  | later_arm_1 | pills | 2 | redcap_data_access_group | north
1  | later_arm_1 | pills | 2 | pill                     | 28
1  | later_arm_1 | pills | 1 | pills_complete           | 2
1  | later_arm_1 | pills | 2 | pills_complete           | 0
02 | start_arm_1 |       |   | sex                      | 2
02 | start_arm_1 |       |   | intake_complete          | 0
"""


def test_eav(tmp_path, about):
    """One line per answer; no line for a blank and for an option that is not ticked."""
    reading = read(tmp_path, about, EAV)
    assert_tables(reading)
    assert (reading.shape, reading.rows, said(reading)) == ("eav", 5, [])
    shuffled = [list(reversed(row)) for row in drawn(EAV)]
    assert_tables(read_export(write(tmp_path / "shuffled.csv", shuffled, ";"), about))


def test_eav_with_second_answers_and_unknown_options(tmp_path, about):
    more = "1 | start_arm_1 | | | sex | 2\n1 | start_arm_1 | | | sex | 1\n1 | start_arm_1 | | | why | 7\n1 | start_arm_1 | | | shoe | 44"
    reading = read(tmp_path, about, EAV + more)
    assert [(row["record"], row.get("why___7")) for row in rows(reading, "intake")] == [("1", "1"), ("02", "0")]
    twice = next(note for note in reading.notes if note.rule == "duplicate_row")
    assert (twice.record, twice.event, twice.line, twice.message) == ("1", "start_arm_1", EAV.strip().count("\n") + 2, "the line is a second answer to the same question; the first was taken")
    assert sorted((note.rule, note.field, note.message.split()[0]) for note in reading.notes) == [("choice", "why", "1"), ("duplicate_row", "sex", "the"), ("unknown_column", "shoe", "the")]


DO = '''version 13
clear

import delimited id redcap_event_name redcap_repeat_instrument redcap_repeat_instance redcap_data_access_group ///
   sex why___1 why____99 born intake_complete weight well visit_complete pill pills_complete using "PACER_DATA_NOHDRS_2022-07-03_1229.csv", varnames(nonames)

label data "PACER_DATA_NOHDRS_2022-07-03_1229.csv"
label variable sex "Sex"
label variable intake_complete "Complete?"
'''
SAS = """OPTIONS nofmterr;
data REDCAP;
\tinfile &csv_file delimiter = ',' MISSOVER DSD lrecl=32767 firstobs=1 ;
\tinformat id $500. ;
\tinput
\t\tid $
\t\tredcap_event_name $ redcap_repeat_instrument $ redcap_repeat_instance redcap_data_access_group
\t\tsex why___1 why____99 born intake_complete weight well visit_complete pill pills_complete
\t;
run;
"""
SPSS = """FILE HANDLE data1 NAME='data_place_holder_name' LRECL=90000.
DATA LIST FREE
\tFILE = data1
\t/id (A500) redcap_event_name (A500) redcap_repeat_instrument (A500) redcap_repeat_instance (F8.0) redcap_data_access_group (A500) sex (F3.0) why___1 (F3.0) why____99 (F3.0)
\tborn (SDATE10) intake_complete (F1.0) weight (F8.2) well (F1.0) visit_complete (F1.0) pill (F8.0) pills_complete (F1.0) .

VARIABLE LABELS sex "Sex".
"""
NO_HEADER = "PACER_DATA_NOHDRS_2022-07-03_1229.csv"


@pytest.mark.parametrize(("script", "text"), [
    ("PACER_STATA_2022-07-03_1229.do", DO), ("PACER_STATA_2022-07-03_1229.do", DO.replace("import delimited", "insheet").replace("varnames(nonames)", "nonames")),
    ("PACER_SAS_2022-07-03_1229.sas", SAS), ("PACER_SPSS_2022-07-03_1229.sps", SPSS),
])
def test_without_header_with_its_script(tmp_path, about, script, text):
    path = write(tmp_path / NO_HEADER, drawn(RAW)[1:])
    (tmp_path / "PACER_STATA_2021-01-01_0000.do").write_text("import delimited other using x.csv")
    (tmp_path / script).write_text(text)
    reading = read_export(path, about)
    assert_tables(reading)
    assert (reading.shape, reading.rows, said(reading)) == ("headerless", 5, [])
    assert reading.tables[0].line.tolist() == [1, 5]
    path = path.rename(tmp_path / "renamed.csv")
    assert_tables(read_export(path, about, options=Options(script=tmp_path / script)))


@pytest.mark.parametrize(("script", "words"), [
    (None, ("no header", "PACER_STATA_2022-07-03_1229.do")),
    (DO.replace(" pill ", " "), ("14 columns", "15")),
    ("exit 0\n", ("names of the columns", ".do")),
    (DO.replace(" pill ", " sex "), ("twice", "sex")),
])
def test_without_header_and_without_a_script_that_fits(tmp_path, about, script, words):
    path = write(tmp_path / NO_HEADER, drawn(RAW)[1:])
    if script is not None:
        (tmp_path / "PACER_STATA_2022-07-03_1229.do").write_text(script)
    with pytest.raises(ExportError) as refused:
        read_export(path, about)
    assert all(word in str(refused.value) for word in words), str(refused.value)
    assert "1990" not in str(refused.value)


LONG = """
id                            | patient_demographics_form | text | ID
publication_information_year  | patient_demographics_form | text | Year of publication  | | integer
publication_information_title | patient_demographics_form | text | Title of publication
"""
SHORT = '''import delimited id publication_informat_v_0 publication_informat_v_1 patient_demographics_v_0 using "x.csv", varnames(nonames)
label variable publication_informat_v_0 "{}"
label variable publication_informat_v_1 "{}"
'''


@pytest.mark.parametrize(("labels", "expected"), [
    (("Year of publication", "Title of publication"), {"publication_information_year": "2016", "publication_information_title": "7"}),
    (("Title of publication", "Year of publication"), {"publication_information_year": "7", "publication_information_title": "2016"}),
    (("", ""), {"publication_information_year": "2016", "publication_information_title": "7"}),
])
def test_names_that_redcap_shortened_for_stata(tmp_path, labels, expected):
    """Names of more than 26 characters keep 20: told by label, else by order; the status has its own beginning."""
    about = project(tmp_path / "dictionary", LONG)
    path = write(tmp_path / NO_HEADER, [["1", "2016", "7", "2"]])
    (tmp_path / "PACER_STATA_2022-07-03_1229.do").write_text(SHORT.format(*labels))
    reading = read_export(path, about)
    assert rows(reading, "patient_demographics_form") == [{"record": "1", **expected, "patient_demographics_form_complete": "2"}]


def test_shortened_names_that_could_be_several(tmp_path):
    about = project(tmp_path / "dictionary", LONG + "publication_information_town | patient_demographics_form | text | Town")
    path = write(tmp_path / NO_HEADER, [["1", "2016", "7", "2"]])
    (tmp_path / "PACER_STATA_2022-07-03_1229.do").write_text(SHORT.format("", ""))
    with pytest.raises(ExportError, match="publication_informat_v_0"):
        read_export(path, about)


LABELS = """
Study ID | Event Name | Repeat Instrument | Repeat Instance | Data Access Group | Sex | Why (choice=Work) | Why (choice=Other) | Born on | Complete? | Weight | Well | Complete? | Pills | Complete?
1  | Start |       |   | north | Female | Unchecked | Checked   | 1990-05-31 | Complete   |      |    |          |    |
1  | Later |       |   | north |        |           |           |            |            | 61.0 | No | Complete |    |
1  | Later | Pills | 1 | north |        |           |           |            |            |      |    |          | 30 | Complete
1  | Later | Pills | 2 | north |        |           |           |            |            |      |    |          | 28 | Incomplete
02 | Start |       |   |       | Male   | Unchecked | Unchecked |            | Incomplete |      |    |          |    |
"""


def test_label_export_only_if_declared(tmp_path, about):
    with pytest.raises(ExportError, match=r"label export(.|\n)*--labels(.|\n)*raw data"):
        read(tmp_path, about, LABELS, "PACER_DATA_LABELS_2022-07-03_1229.csv")
    reading = read(tmp_path, about, LABELS, labels=True)
    assert_tables(reading)
    assert (reading.shape, said(reading)) == ("labels", [("labels", "info")])


def test_labels_under_variable_names(tmp_path, about):
    """As the API gives them with rawOrLabel=label: refused unless declared, then mapped by name."""
    table = "\n".join([RAW.strip().splitlines()[0], *LABELS.strip().splitlines()[1:]])
    with pytest.raises(ExportError, match=r"columns hold labels instead of codes: sex, (.|\n)*--labels"):
        read(tmp_path, about, table)
    assert_tables(read(tmp_path, about, table, labels=True))


@pytest.mark.parametrize(("table", "labels", "words"), [
    (LABELS.replace("61.0 | No |", "61.0 | 0 |"), True, ("well", "others labels")),
    (LABELS.replace("Weight | Well", "Well | Weight"), True, ("column 12", "not those of the dictionary")),
])
def test_labels_and_codes_in_one_file(tmp_path, about, table, labels, words):
    with pytest.raises(ExportError) as refused:
        read(tmp_path, about, table, labels=labels)
    assert all(word in str(refused.value) for word in words), str(refused.value)


def test_labels_of_an_earlier_day_among_codes(tmp_path):
    """A label in a few cells, or in all of one column, is a value that is no code; only where most columns hold labels is it a label export."""
    about = project(tmp_path / "dictionary", "id | f | text | ID\nsex | f | radio | Sex | 1, Female / 2, Male\nold | f | yesno | Old\nwell | f | yesno | Well\n")
    table = "id | sex | old | well | f_complete\n1 | 1 | Yes | 1 | 2\n2 | Male | | 0 | 2\n3 | 2 | | 0 | 2"
    reading = read(tmp_path, about, table)
    assert [(row["sex"], row.get("old", "")) for row in rows(reading, "f")] == [("1", "Yes"), ("Male", ""), ("2", "")]
    with pytest.raises(ExportError, match="3 columns hold labels, and others codes: sex, old, well"):
        read(tmp_path, about, "id | sex | old | well | f_complete\n1 | 1 | Yes | No | 2\n2 | Male | | Yes | 2\n3 | Male | No | | 2")


def test_label_headers_with_markup(tmp_path):
    """Tags and entities are left out as programs leave them out, with a space or without one; white space counts nowhere."""
    about = project(tmp_path / "dictionary", "id | f | text | ID\nage | f | text | <b>Age</b><br>(years)?\nwhy | f | checkbox | Why&nbsp;not? | 1, <i>No</i> time / 2, A &amp; B\n"
                                             "smokes | f | yesno | Smokes <i>daily</i>?\n")
    reading = read(tmp_path, about, "ID | Age(years)? | Why not? (choice=No time) | Why not? (choice=A & B) | Smokes daily? | Complete?\n1 | 30 | Checked | Unchecked | Yes | Complete",
                   labels=True)
    assert rows(reading, "f") == [{"record": "1", "age": "30", "why___1": "1", "why___2": "0", "smokes": "1", "f_complete": "2"}]


DOUBLE = """
id    | intake | text  | ID
name  | intake | text  | Name
sex   | intake | radio | Sex   | 1, Female / 2, Male / 3, Male
town  | home   | text  | Name
"""


def test_label_exports_with_the_same_label_twice(tmp_path):
    """Columns of one label are told by their place; values of one label are not, and keep it."""
    about = project(tmp_path / "dictionary", DOUBLE)
    reading = read(tmp_path, about, "ID | Name | Sex | Complete? | Name | Complete?\n1 | Ann | Female | Complete | Nyanga | Unverified\n2 | Bo | Male | Complete | | Incomplete\n"
                   "3 | Cy | Other | Complete | | Incomplete", labels=True)
    assert [row["sex"] for row in rows(reading, "intake")] == ["1", "Male", "Other"]
    assert rows(reading, "home") == [{"record": "1", "town": "Nyanga", "home_complete": "1"}]
    assert sorted((note.rule, note.severity, note.field) for note in reading.notes) == [("labels", "info", ""), ("labels", "warning", "sex"), ("labels", "warning", "sex")]
    with pytest.raises(ExportError, match=r"more than one field(.|\n)*column 2(.|\n)*name, town"):
        read(tmp_path, about, "ID | Name\n1 | Ann", labels=True)


def test_a_label_of_two_codes_is_no_wrong_code(tmp_path):
    """It cannot be told apart, which is said once; it is not judged, and kept as it is."""
    about = project(tmp_path / "dictionary", DOUBLE)
    reading = read(tmp_path, about, "ID | Name | Sex | Complete? | Name | Complete?\n1 | Ann | Female | Complete | Nyanga | Unverified\n2 | Bo | Male | Complete | | Incomplete", labels=True)
    sex = next(table for table in reading.tables if table.form == "intake").fields["sex"]
    assert (sex.typed.tolist(), sex.status.tolist()) == (["1", "Male"], [VALUE, UNREADABLE])
    assert [note.message for note in reading.notes if note.field == "sex"] == [
        "1 cells of sex have a label that stands for several codes, which cannot be told apart; the label was kept, and what depends on it is not judged"]


def test_an_option_that_is_none_is_an_answer(tmp_path):
    """EAV and combined: the code becomes a column of its own, the finding names it, and the required question is answered; A and a do not become one."""
    made = dictionary(tmp_path, 'id,f,,text,Id\ncb,f,,checkbox,Cb,"1, One | a, Two",,,,,,,y\n')
    for number, text in enumerate(("record,field_name,value\n1,cb,A\n1,cb,9\n1,f_complete,2\n2,cb,1\n2,f_complete,2\n", 'id,cb,f_complete\n1,"A,9",2\n2,1,2\n')):
        (tmp_path / str(number)).mkdir()
        outcome = validate(tmp_path / str(number), made, export(tmp_path / str(number), text))
        assert outcome.found("rule", "severity", "field") == [("choice", "error", "cb")]
        assert outcome.only("choice", "cb___9, cb___a__2")["message"].startswith("1 cells" if number else "2 answers")
        table = outcome.table("f")
        assert table[["cb___1", "cb___a", "cb___9", "cb___a__2"]].to_numpy().tolist() == [["0", "0", "1", "1"], ["1", "0", "0", "0"]]


def test_checkboxes_combined_in_one_column(tmp_path, about):
    table = drawn(RAW)
    combined = [[*row[:6], joined, *row[8:]] for row, joined in zip(table, ["why", "-99", "", "", "", "1,-99,8"], strict=True)]
    reading = read_export(write(tmp_path / "x.csv", combined), about)
    assert [(row.get("why___1"), row.get("why____99"), row.get("why___8")) for row in rows(reading, "intake")] == [("0", "1", "0"), ("1", "1", "1")]
    assert [(note.rule, note.message[:7]) for note in reading.notes] == [("choice", "1 cells")]


def test_options_that_stand_for_themselves(tmp_path, about):
    """A label export with `exportCheckboxLabel`: the option's label, or a blank."""
    table = LABELS.replace("Unchecked", "").replace("Checked", "Other")
    assert_tables(read(tmp_path, about, table, labels=True))


def test_a_group_belongs_to_the_record(tmp_path, about):
    """An EAV export may name the group of a record once."""
    lines = [row for place, row in enumerate(drawn(EAV)) if row[4] != "redcap_data_access_group" or place == 2]
    assert_tables(read_export(write(tmp_path / "x.csv", lines), about))


def test_eav_with_labels(tmp_path, about):
    table = drawn(EAV)
    words = {("sex", "1"): "Female", ("sex", "2"): "Male", ("why", "-99"): "Other", ("well", "0"): "No", **{(f"{form}_complete", code): word
             for form in ("intake", "visit", "pills") for code, word in (("0", "Incomplete"), ("2", "Complete"))}}
    labelled = [[*row[:5], words.get((row[4], row[5]), row[5])] for row in table]
    with pytest.raises(ExportError, match="labels instead of codes"):
        read_export(write(tmp_path / "x.csv", labelled), about)
    assert_tables(read_export(write(tmp_path / "x.csv", labelled), about, options=Options(labels=True)))


@pytest.mark.parametrize(("label", "notes"), [("PILLS", []), ("Pill-s!", []), ("Something else", [("labels", "info")])])
def test_instruments_by_labels(tmp_path, about, label, notes):
    """Its letters are those of the form's name; or its rows fill one form alone, which is said."""
    reading = read(tmp_path, about, LABELS.replace("| Pills |", f"| {label} |", 3).replace(f"| {label} | Complete?", "| Pills | Complete?"), labels=True)
    assert_tables(reading)
    assert said(reading)[1:] == notes


def test_what_is_sealed_is_not_read_in_any_shape(tmp_path, about):
    keep = {"id", "sex", "why", "intake_complete", "visit_complete"}
    expected = {"intake": ["sex", "why___1", "why____99", "intake_complete"], "visit": ["visit_complete"], "pills": []}
    for number, (table, options) in enumerate(((RAW, Options()), (EAV, Options()), (LABELS, Options(labels=True)))):
        reading = read_export(write(tmp_path / f"{number}.csv", drawn(table)), about, options=options, keep=keep)
        assert {table.form: list(table.fields) for table in reading.tables} == expected
