"""Edge cases of whole files: label exports, nothing or an error instead of data, project XML, shifted dates."""

from __future__ import annotations

import pytest

from pacer_analysis.errors import ExportError
from tests.conftest import pacer
from tests.edge_cases.drawn import command, dictionary, export, keys, material, raw, read, records, refused, typed, validate

LABELLED = """
id,f,,text,Record ID
name,f,,text,Name
sex,f,,radio,Sex,"1, Female | 2, Male"
why,f,,checkbox,Why,"1, Work | -99, Other"
ok,f,,yesno,OK?
name2,g,,text,Name
dup,g,,dropdown,Twin,"1, Same | 2, Same | 3, Else"
"""
LABELS = """
Record ID,Name,Sex,Why (choice=Work),Why (choice=Other),OK?,Complete?,Name,Twin,Complete?
1,Ann,Female,Checked,Unchecked,Yes,Complete,Anna,Else,Complete
2,Bo,Male,Unchecked,Checked,No,Incomplete,Bob,Same,Unverified
"""
NAMES = "id,name,sex,why___1,why____99,ok,f_complete,name2,dup,g_complete"


def test_09_label_exports(tmp_path, capsys):
    """Refused, since labels are no names; with the option read by place, duplicate headers and all; a label of two codes is not guessed."""
    made, data = dictionary(tmp_path, LABELLED), export(tmp_path, LABELS)
    refused(ExportError, made, data, "label raw --labels")
    assert command(capsys, tmp_path, made, data)[0] == 3
    reading = read(made, data, labels=True)
    assert (raw(reading, "f", "name"), raw(reading, "g", "name2")) == (["Ann", "Bo"], ["Anna", "Bob"])
    assert typed(reading, "f", "sex") == ["1", "2"]
    assert (typed(reading, "f", "why___1"), typed(reading, "f", "why____99")) == (["1", "0"], ["0", "1"])
    assert typed(reading, "f", "ok") == ["1", "0"]
    assert (typed(reading, "f", "f_complete"), typed(reading, "g", "g_complete")) == (["2", "0"], ["2", "1"])
    assert raw(reading, "g", "dup") == ["3", "Same"]
    outcome = validate(tmp_path, made, data, labels=True)
    outcome.only("labels", "place", field="")
    outcome.only("labels", "1 several codes", field="dup")
    assert {query["rule"] for query in outcome.queries} <= {"labels", "dictionary"}       # what cannot be told apart is no wrong code


@pytest.mark.parametrize("mixed", ["names over labels", "labels over codes"])
def test_09_label_exports_mixed(tmp_path, mixed):
    """Names above labels, as the API gives them, and labels above codes: refused as they are, read with the option."""
    made = dictionary(tmp_path, LABELLED)
    header, *rows = LABELS.strip().splitlines()
    if mixed == "names over labels":
        data = export(tmp_path, "\n".join([NAMES, *rows]) + "\n")
    else:
        data = export(tmp_path, f"{header}\n1,Ann,1,1,0,1,2,Anna,3,2\n2,Bo,2,0,1,0,0,Bob,1,1\n")
    refused(ExportError, made, data, "label raw --labels")
    reading = read(made, data, labels=True)
    assert (typed(reading, "f", "sex"), typed(reading, "f", "why____99"), typed(reading, "f", "ok"), typed(reading, "g", "g_complete")) == (
        ["1", "2"], ["0", "1"], ["1", "0"], ["2", "1"])


def test_09_label_exports_of_events_and_repeats(tmp_path):
    """Event names, repeat instruments and groups as labels; headers that three forms share; the same tables as from the raw export."""
    made = dictionary(tmp_path, """
id,base,,text,Record ID
sex,base,,radio,Sex,"1, Female | 2, Male"
day,visit,,text,Date,,,date_dmy
pain,visit,,yesno,Pain
drug,drugs,,dropdown,Drug,"a, Aspirin | b, Bromide"
day2,drugs,,text,Date,,,date_dmy
""", events="Start,1,start_arm_1\nMonth 1,1,month_1_arm_1", mapping="1,start_arm_1,base\n1,month_1_arm_1,visit\n1,month_1_arm_1,drugs", repeating="month_1_arm_1,drugs,")
    (tmp_path / "instruments.csv").write_text("instrument_name,instrument_label\nbase,Base data\nvisit,Visit\ndrugs,Drugs taken\n", encoding="utf-8")
    (tmp_path / "dags.csv").write_text("data_access_group_name,unique_group_name\nSite A,site_a\n", encoding="utf-8")
    data = export(tmp_path, """
Record ID,Event Name,Repeat Instrument,Repeat Instance,Data Access Group,Sex,Complete?,Date,Pain,Complete?,Drug,Date,Complete?
1,Start,,,Site A,Female,Complete,,,,,,
1,Month 1,,,Site A,,,2020-01-02,Yes,Unverified,,,
1,Month 1,Drugs taken,2,Site A,,,,,,Bromide,2020-01-03,Complete
""")
    refused(ExportError, made, data, "label --labels")
    reading = read(made, data, labels=True)
    assert (keys(reading, "base"), keys(reading, "visit"), keys(reading, "drugs")) == ([("1", "start_arm_1", 0)], [("1", "month_1_arm_1", 0)], [("1", "month_1_arm_1", 2)])
    assert (typed(reading, "base", "sex"), typed(reading, "visit", "pain"), typed(reading, "drugs", "drug")) == (["1"], ["1"], ["b"])
    assert (typed(reading, "visit", "day"), typed(reading, "drugs", "day2")) == (["2020-01-02"], ["2020-01-03"])
    assert [raw(reading, form, f"{form}_complete") for form in ("base", "visit", "drugs")] == [["2"], ["1"], ["2"]]


def test_09_labels_in_another_order(tmp_path):
    """With the option too a header that cannot be laid beside the dictionary is refused, with the first column that does not fit."""
    made = dictionary(tmp_path, LABELLED)
    data = export(tmp_path, LABELS.replace("Name,Sex,", "Sex,Name,"))
    refused(ExportError, made, data, "labels order raw column", labels=True)


PLAIN = "id,f,,text,Id\nname,f,,text,Name,,,,,,,,y\nage,f,,text,Age,,,integer\n"
MEMORY = '{"error":"REDCap ran out of server memory. The request cannot be processed."}'


@pytest.mark.parametrize(("body", "words"), [
    (b"", "empty"), (b"\n", "empty project no records"), (b"\r\n", "empty project"), (b"\xef\xbb\xbf\n", "empty project"),
    (MEMORY.encode(), "server error"), (b'<br />\n<b>Fatal error</b>: Allowed memory size exhausted\n' + MEMORY.encode(), "server"),
    (b'<?xml version="1.0" encoding="UTF-8" ?><hash><error>You do not have permissions to use the API</error></hash>', "server"),
    (b"<!DOCTYPE html>\n<html><body>Log in</body></html>", "page"),
    (b"id,name,age,f_complete\n1,Ann,30,2\n" + MEMORY.encode(), "server not complete"),
    (b"id,name,age,f_complete\n1,Ann,30,2\n<div class='red'>Fatal</div>\n" + MEMORY.encode() + b"\n", "server not complete"),
])
def test_26_nothing_or_an_error_instead_of_data(tmp_path, capsys, body, words):
    """Refused with what it is, exit code 3 and no traceback, and no folder is left."""
    made, data = dictionary(tmp_path, PLAIN), export(tmp_path, body)
    refused(ExportError, made, data, words)
    code, said = command(capsys, tmp_path, made, data)
    assert code == 3
    assert "data.csv" in said


def test_26_header_only(tmp_path, capsys):
    """An export of no records is read: tables with their columns and no rows, said once, no other finding."""
    made, data = dictionary(tmp_path, PLAIN), export(tmp_path, "id,name,age,f_complete\n")
    reading = read(made, data)
    assert (reading.rows, keys(reading, "f"), raw(reading, "f", "age"), typed(reading, "f", "age")) == (0, [], [], [])
    outcome = validate(tmp_path, made, data)
    assert [name for name in outcome.table("f").columns if name not in {"record", "event", "instrument", "instance", "line", "site"}] == ["name", "age", "f_complete"]
    outcome.only("no_rows")
    assert outcome.found("rule") == [("no_rows",)]
    assert command(capsys, tmp_path, made, data)[0] == 0


def test_26_single_column(tmp_path, capsys):
    """Ids and nothing else: the one form is absent, which is said once, and nobody asks for its required field."""
    made, data = dictionary(tmp_path, PLAIN), export(tmp_path, "id\n007\n2\n")
    assert read(made, data).rows == 2
    outcome = validate(tmp_path, made, data)
    outcome.only("missing_column", "form f")
    assert {query["rule"] for query in outcome.queries} <= {"missing_column", "empty_record"}
    assert command(capsys, tmp_path, made, data)[0] == 0


def test_26_as_a_command(tmp_path):
    """One refusal as a user meets it: in a process of its own."""
    made, data = dictionary(tmp_path, PLAIN), export(tmp_path, b"\n")
    done = pacer("validate", "--export", data, "--dictionary", made, "--out", tmp_path / "made")
    assert (done.returncode, "Traceback" in done.stderr, "empty project" in done.stderr, (tmp_path / "made").exists()) == (3, False, True, False)


def test_26_empty_project_real():
    folder = material("redcap/redcapr/empty-rows")
    refused(ExportError, folder / "dictionary.csv", folder / "data.csv", "empty project no records")


ODM = """<?xml version="1.0" encoding="UTF-8" ?>
<ODM xmlns="{space}" xmlns:redcap="https://projectredcap.org" ODMVersion="1.3.1" SourceSystem="REDCap" CreationDateTime="2020-06-01T10:00:00">
{study}{data}</ODM>
"""
STUDY = """<Study OID="Project.T"><GlobalVariables><StudyName>Tiny</StudyName><redcap:MissingDataCodes>NASK, Not asked
NA, Not applicable</redcap:MissingDataCodes></GlobalVariables>
<MetaDataVersion OID="Metadata.T" Name="T" redcap:RecordIdField="id">
<FormDef OID="Form.f" Name="F" Repeating="No" redcap:FormName="f"><ItemGroupRef ItemGroupOID="f.id" Mandatory="No"/></FormDef>
<ItemGroupDef OID="f.id" Name="F" Repeating="No">{refs}</ItemGroupDef>
{items}
<CodeList OID="why___1.choices" Name="why___1" DataType="boolean" redcap:Variable="why" redcap:CheckboxChoices="1, Work | -9, Other">
<CodeListItem CodedValue="1"><Decode><TranslatedText>Checked</TranslatedText></Decode></CodeListItem></CodeList>
</MetaDataVersion></Study>
"""
ITEMS = (("id", "id", "text", ""), ("at", "at", "text", "datetime_dmy"), ("day", "day", "text", "date_mdy"), ("note", "note", "textarea", ""), ("doc", "doc", "file", ""),
         ("count", "count", "text", "int"), ("why___1", "why", "checkbox", ""), ("why____9", "why", "checkbox", ""), ("f_complete", "f_complete", "select", ""))
PICTURE = "iVBORw0KGgo" * 20_000
SUBJECTS = f"""<ClinicalData StudyOID="Project.T" MetaDataVersionOID="Metadata.T">
<SubjectData SubjectKey="007"><FormData FormOID="Form.f" FormRepeatKey="1"><ItemGroupData ItemGroupOID="f.id" ItemGroupRepeatKey="1">
<ItemData ItemOID="id" Value="007"/><ItemData ItemOID="at" Value="2016-12-03T10:21"/><ItemData ItemOID="day" Value="2016-12-03"/>
<ItemData ItemOID="note" Value="14 Rose Cottage St.
Kenning &quot;UK&quot;"/><ItemDataBase64Binary ItemOID="doc" redcap:DocName="consent.pdf" redcap:MimeType="application/pdf"><![CDATA[{PICTURE}]]></ItemDataBase64Binary>
<ItemData ItemOID="count" Value="5"/><ItemData ItemOID="why___1" Value="0"/><ItemData ItemOID="why____9" Value="1"/><ItemData ItemOID="f_complete" Value="2"/>
</ItemGroupData></FormData></SubjectData>
<SubjectData SubjectKey="2"><FormData FormOID="Form.f" FormRepeatKey="1"><ItemGroupData ItemGroupOID="f.id" ItemGroupRepeatKey="1">
<ItemData ItemOID="id" Value="2"/><ItemData ItemOID="at" Value="NASK"/><ItemData ItemOID="count" Value="NA"/>
<ItemData ItemOID="why___1" Value="0"/><ItemData ItemOID="why____9" Value="0"/><ItemData ItemOID="f_complete" Value="0"/>
</ItemGroupData></FormData></SubjectData></ClinicalData>
"""


def study() -> str:
    refs = "".join(f'<ItemRef ItemOID="{oid}" Mandatory="No" redcap:Variable="{name}"/>' for oid, name, _, _ in ITEMS)
    items = "".join(f'<ItemDef OID="{oid}" Name="{oid}" DataType="text" redcap:Variable="{name}" redcap:FieldType="{kind}"'
                    + (f' redcap:TextValidationType="{validation}"' if validation else "") + f"><Question><TranslatedText>{name}</TranslatedText></Question>"
                    + ('<CodeListRef CodeListOID="why___1.choices"/>' if kind == "checkbox" else "") + "</ItemDef>\n" for oid, name, kind, validation in ITEMS)
    return STUDY.format(refs=refs, items=items)


@pytest.mark.parametrize("space", ["http://www.cdisc.org/ns/odm/v1.3", "https://www.cdisc.org/ns/odm/v1.3"])
@pytest.mark.parametrize("beside", [False, True], ids=["one file", "data only"])
def test_32_project_xml(tmp_path, space, beside):
    """Both namespaces; T between date and time; a line end in an attribute is white space; a file is its name; data alone with the dictionary in another file."""
    whole = tmp_path / "project.xml"
    whole.write_text(ODM.format(space=space, study=study(), data="" if beside else SUBJECTS), encoding="utf-8")
    data = export(tmp_path, ODM.format(space=space, study="", data=SUBJECTS), "data.xml") if beside else whole
    reading = read(whole, data)
    assert reading.shape == "odm"
    assert records(reading, "f") == ["007", "2"]
    assert (raw(reading, "f", "at"), typed(reading, "f", "at")) == (["2016-12-03 10:21", "NASK"], ["2016-12-03T10:21:00", None])
    assert typed(reading, "f", "day") == ["2016-12-03", None]
    assert [" ".join(text.split()) for text in raw(reading, "f", "note")] == ['14 Rose Cottage St. Kenning "UK"', ""]
    assert raw(reading, "f", "doc") == ["consent.pdf", ""]
    assert (raw(reading, "f", "count"), typed(reading, "f", "count")) == (["5", "NA"], [5.0, None])
    assert (typed(reading, "f", "why___1"), typed(reading, "f", "why____9"), typed(reading, "f", "f_complete")) == (["0", "0"], ["1", "0"], ["2", "0"])
    assert validate(tmp_path, whole, data).found("rule", "record", "field") == [("missing_code", "2", "at"), ("missing_code", "2", "count")]


def test_32_project_xml_without_data(tmp_path):
    """A project XML of metadata alone is a dictionary, not an export: refused as one."""
    whole = tmp_path / "project.xml"
    whole.write_text(ODM.format(space="http://www.cdisc.org/ns/odm/v1.3", study=study(), data=""), encoding="utf-8")
    refused(ExportError, whole, whole, "data")


SHIFTED = """
id,f,,text,Id
born,f,,text,Born,,,date_ymd,2000-01-01,2010-12-31
seen,f,,text,Seen,,,date_ymd,[born],today
age,f,,text,Age,,,integer,0,20
"""


def test_34_shifted_dates_and_hashed_ids(tmp_path):
    """Declared as de-identified: bounds of the calendar do not hold, those of the same record and of numbers do; a hash is an id."""
    made = dictionary(tmp_path, SHIFTED)
    data = export(tmp_path, """
id,born,seen,age,f_complete
0e4a7c1f9b,1999-06-01,2020-12-24,5,2
1e5,2005-01-01,2004-12-31,25,2
""")
    outcome = validate(tmp_path, made, data, deidentified=True)
    assert outcome.found("record", "field", rule="range") == [("1e5", "age"), ("1e5", "seen")]
    assert outcome.table("f")["record"].tolist() == ["0e4a7c1f9b", "1e5"]
    (tmp_path / "plain").mkdir()
    plain = validate(tmp_path / "plain", made, data)
    assert plain.found("record", "field", rule="range") == [("0e4a7c1f9b", "born"), ("0e4a7c1f9b", "seen"), ("1e5", "age"), ("1e5", "seen")]


def test_34_seconds_that_are_none(tmp_path):
    """A field with seconds keeps them at :00, one without has none; the other way round is a finding, and no far date is the day of the export."""
    made = dictionary(tmp_path, "id,f,,text,Id\nsec,f,,text,Sec,,,datetime_seconds_dmy\nmin,f,,text,Min,,,datetime_mdy\nend,f,,text,End,,,date_ymd,2000-01-01,2999-12-31\n")
    data = export(tmp_path, "id,sec,min,end,f_complete\n1,2020-01-02 10:00:00,2020-01-02 10:00,2999-12-31,2\n2,2020-01-02 10:00,2020-01-02 10:00:30,1600-01-01,2\n")
    outcome = validate(tmp_path, made, data, day=None)
    assert "the day of the export is 2020-01-02" in outcome.said
    assert outcome.found("record", "field", "rule") == [("2", "end", "range"), ("2", "min", "pattern"), ("2", "sec", "pattern")]
    assert (outcome.out / "tables/f.csv").read_text().splitlines()[1:] == ["1,,f,0,2,,2020-01-02 10:00:00,2020-01-02 10:00,2999-12-31,2",
                                                                          "2,,f,0,3,,2020-01-02 10:00,2020-01-02 10:00:30,1600-01-01,2"]


def test_34_dates_beyond_all_calendars(tmp_path):
    """No overflow, no wrong century: a year of four digits is a date, one of five is none, and each is told once."""
    made = dictionary(tmp_path, "id,f,,text,Id\nday,f,,text,Day,,,date_ymd\nat,f,,text,At,,,datetime_ymd\n")
    data = export(tmp_path, "id,day,at,f_complete\n1,9999-12-31,9999-12-31 23:59,2\n2,0001-01-01,1066-10-14 09:00,2\n3,26601-01-01,2020-01-01 00:00,2\n4,2020-02-29,,2\n")
    reading = read(made, data)
    assert (raw(reading, "f", "day"), typed(reading, "f", "day")) == (["9999-12-31", "0001-01-01", "26601-01-01", "2020-02-29"], ["9999-12-31", "0001-01-01", None, "2020-02-29"])
    assert typed(reading, "f", "at") == ["9999-12-31T23:59:00", "1066-10-14T09:00:00", "2020-01-01", None]
    outcome = validate(tmp_path, made, data)
    assert outcome.found("record", "field") == [("1", "at"), ("1", "day"), ("2", "at"), ("2", "day"), ("3", "day")]
    assert outcome.found("record", "field", rule="type") == [("3", "day")]
    assert {query["rule"] for query in outcome.queries} == {"type", "range"}
    assert [line["raw"] for line in outcome.lines("unconverted.csv")] == ["26601-01-01"]
    assert (outcome.out / "tables/f.csv").read_text().splitlines()[1:3] == ["1,,f,0,2,,9999-12-31,9999-12-31 23:59,2", "2,,f,0,3,,0001-01-01,1066-10-14 09:00,2"]
