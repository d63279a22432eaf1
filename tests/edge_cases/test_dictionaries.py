"""Edge cases of data dictionaries: choices, encodings, header spellings, what R makes of them, very wide projects."""

from __future__ import annotations

import csv
import time

import pytest

from pacer_analysis.dictionary import load_any
from pacer_analysis.errors import DictionaryError
from tests.edge_cases.drawn import HEADINGS, dictionary, export, material, raw, read, records, table_of, typed, validate

UI = ('"Variable / Field Name","Form Name","Section Header","Field Type","Field Label","Choices, Calculations, OR Slider Labels","Field Note",'
      '"Text Validation Type OR Show Slider Number","Text Validation Min","Text Validation Max",Identifier?,"Branching Logic (Show field only if...)",'
      '"Required Field?","Custom Alignment","Question Number (surveys only)","Matrix Group Name","Matrix Ranking?","Field Annotation"')


@pytest.mark.parametrize(("text", "choices", "remarks"), [
    ("1, one|2, two", {"1": "one", "2": "two"}, ""),
    ("1,one| 2,two ", {"1": "one", "2": "two"}, ""),
    ("1, Yes, often, too | 2, No", {"1": "Yes, often, too", "2": "No"}, ""),
    ('1, <b style="color:red">Yes</b> | 2, <i>No</i>, {other}', {"1": '<b style="color:red">Yes</b>', "2": "<i>No</i>, {other}"}, ""),
    ("1, one | 2,", {"1": "one", "2": ""}, "no label"),
    ("1, same | 2, same | 3, else", {"1": "same", "2": "same", "3": "else"}, "same label"),
    ("1, White | 3, Native Hawaiian |or| Other | 4, None", {"1": "White", "3": "Native Hawaiian | or | Other", "4": "None"}, "without a code"),
    ("Mr. | Mrs. | Dr.", {"Mr.": "Mr.", "Mrs.": "Mrs.", "Dr.": "Dr."}, ""),
    ("Yes", {"Yes": "Yes"}, ""),
    ("1, one || 2, two |", {"1": "one", "2": "two"}, ""),
    ("0, 0, none | 1, 1, one", {"0": "0, none", "1": "1, one"}, ""),
    ("1, \u201cnever\u201d \u2013 at all | 2, caf\u00e9", {"1": "\u201cnever\u201d \u2013 at all", "2": "caf\u00e9"}, ""),
])
def test_06_choice_strings(tmp_path, text, choices, remarks):
    """Each list as REDCap reads it; every code of it is valid in the data, one more is not; a repair is told once."""
    quoted = text.replace('"', '""')
    made = dictionary(tmp_path, f'id,f,,text,Id\npick,f,,radio,Pick,"{quoted}"\n')
    assert load_any(made).dictionary.fields["pick"].choices == choices
    cells = [*choices, "77"]
    data = export(tmp_path, "id,pick,f_complete\n" + "".join(f"{number},{code},2\n" for number, code in enumerate(cells)))
    assert raw(read(made, data), "f", "pick") == typed(read(made, data), "f", "pick") == cells
    outcome = validate(tmp_path, made, data)
    assert outcome.found("record", "value", rule="choice") == [(str(len(choices)), "77")]
    told = [query for query in outcome.queries if query["rule"] == "dictionary" and query["field"] == "pick" and remarks in query["message"]]
    assert len(told) == bool(remarks) or (len(told) == 2 and "|or|" in text)     # two segments without a code
    assert {query["rule"] for query in outcome.queries} <= {"choice", "dictionary"}


PEOPLE = """id,f,,text,Record ID,,,,,,,,,,,,,
name,f,,text,"Name, with a ""quoted"" word",,,,,,,,,,,,,
note,f,,notes,\u201cRemarks\u201d \u2013 caf\u00e9,,,,,,,,,,,,,
sex,f,,radio,Sex,"1, F | 2, M",,,,,,,y,,,,,
"""
PEOPLE_ROWS = 'id,name,note,sex,f_complete\n1,Zo\u00eb,"14 Rose Cottage St.\nKenning ""UK"", 323232",1,2\n2,"O\u2019Neill, Ed",plain,2,2\n'


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_08_encodings_and_line_ends(tmp_path, encoding, end):
    """The same project in every encoding and line end, with line breaks and doubled quotes inside cells, and 4,028 lines of commas in the dictionary."""
    made = tmp_path / "dictionary.csv"
    made.write_bytes((UI + "\n" + PEOPLE + ("," * 17 + "\n") * 4028).replace("\n", end).encode(encoding))
    inner = PEOPLE_ROWS.replace("St.\nKenning", "St.\x00Kenning").replace("\n", end).replace("\x00", "\n")
    data = export(tmp_path, inner.encode(encoding))
    project = load_any(made)
    assert list(project.dictionary.fields) == ["id", "name", "note", "sex"]
    assert project.dictionary.record_id == "id"
    assert project.dictionary.fields["name"].label == 'Name, with a "quoted" word'
    assert project.dictionary.fields["note"].label == "\u201cRemarks\u201d \u2013 caf\u00e9"
    reading = read(made, data)
    assert (reading.rows, records(reading, "f")) == (2, ["1", "2"])
    assert raw(reading, "f", "name") == typed(reading, "f", "name") == ["Zo\u00eb", "O\u2019Neill, Ed"]
    assert raw(reading, "f", "note") == ['14 Rose Cottage St.\nKenning "UK", 323232', "plain"]
    outcome = validate(tmp_path, made, data)
    if encoding == "cp1252":
        assert outcome.only("encoding", "cp1252 UTF-8")["severity"] == "info"
    assert {query["rule"] for query in outcome.queries} == ({"encoding"} if encoding == "cp1252" else set())
    assert [row["note"] for row in outcome.lines("tables/f.csv")] == ['14 Rose Cottage St.\nKenning "UK", 323232', "plain"]


def test_08_encodings_real():
    """A byte order mark, dashes and letters that an encoding destroyed before REDCap wrote them."""
    project = load_any(material("redcap/redcapr/potentially-problematic-dictionary") / "dictionary.csv")
    fields = project.dictionary.fields
    assert list(fields) == ["record_id", "v1", "curly_quote_single", "curly_quote_double_left", "curly_quote_double_right", "long_dash"]
    assert fields["v1"].choices == {"0": "No", "1": "Yes", "3": "I should find out"}
    assert fields["long_dash"].label.endswith("\u2212or even ones that don't \"reek\"")


ALIASED = """id,f,,text,Record ID,,,,,,,,,,,,,
pick,f,,select,Pick,"1, A | 2, B",,,,,,,y,,,,,
long,f,,textarea,Long,,,,,,,,,,,,,
count,f,,text,Count,,,int,0,10,,,,,,,,
size,f,,text,Size,,,float,,,,,,,,,,
"""


@pytest.mark.parametrize("shape", ["API", "UI", "17 columns", "24 columns"])
def test_25_dictionary_headers_and_aliases(tmp_path, shape):
    header = HEADINGS if shape == "API" else UI
    rows = ALIASED
    if shape == "17 columns":
        header, rows = header.rsplit(",", 1)[0], "\n".join(row[:-1] for row in rows.splitlines()) + "\n"
    if shape == "24 columns":
        header, rows = header + ",Ours,Owner,Checked,Unit,Source,\u2022 Remarks", "\n".join(row + ",a,b,,,," for row in rows.splitlines()) + "\n"
    made = tmp_path / "dictionary.csv"
    made.write_bytes((header + "\n" + rows).encode("cp1252" if shape == "24 columns" else "utf-8"))
    fields = load_any(made).dictionary.fields
    assert [fields[name].type for name in fields] == ["text", "dropdown", "notes", "text", "text"]
    assert [fields[name].kind for name in ("count", "size")] == ["integer", "number"]
    data = export(tmp_path, 'id,pick,long,count,size,f_complete\n1,1,"a\nb",3,2.5,2\n2,9,,3.5,y,2\n3,2,,11,1e2,2\n')
    reading = read(made, data)
    assert (typed(reading, "f", "count"), typed(reading, "f", "size"), raw(reading, "f", "size")) == ([3.0, None, 11.0], [2.5, None, 100.0], ["2.5", "y", "1e2"])
    assert validate(tmp_path, made, data).found("rule", "record", "field") == [("choice", "2", "pick"), ("range", "3", "count"), ("type", "2", "count"), ("type", "2", "size")]


@pytest.mark.parametrize(("rows", "words"), [
    ('id,f,,text,Id,,,,,,,,,,,,,\nname,f,,text,"He said "no, thanks" to all",,,,,,,,,,,,,\n', "line 3 unescaped"),
    ("id,f,,text,Id,,,,,,,,,,,,,\nname,f,,text,A,,,,,,,,,,,,,\nname,f,,text,B,,,,,,,,,,,,,\n", "name twice"),
    ("id,f,,text,Id,,,,,,,,,,,,,\nname,f,,txet,A,,,,,,,,,,,,,\n", "line 3 txet dropdown"),
    ("", "no fields"),
])
def test_25_dictionaries_that_are_refused(tmp_path, rows, words):
    made = tmp_path / "dictionary.csv"
    made.write_text(HEADINGS + "\n" + rows, encoding="utf-8")
    with pytest.raises(DictionaryError) as refused:
        load_any(made)
    assert refused.value.do
    assert all(word in str(refused.value) for word in (*words.split(), "dictionary.csv"))


@pytest.mark.slow
@pytest.mark.parametrize("count", [3001, 6958])
def test_28_very_wide_projects(tmp_path, count):
    """As wide as the widest collected: no limit of a header, no column lost, and no minutes spent."""
    names = [f"field_{number}" for number in range(count - 1)]
    made = tmp_path / "dictionary.csv"
    with made.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(HEADINGS.split(","))
        writer.writerow(["id", "wide", "", "text", "Id", *[""] * 13])
        writer.writerows([name, "wide", "", "text", name, "", "", "integer" if place % 2 else "", *[""] * 10] for place, name in enumerate(names))
    data = export(tmp_path, "".join(",".join(cells) + "\n" for cells in (["id", *names, "wide_complete"], ["1", *["7"] * len(names), "2"], ["2", *[""] * len(names), "1"],
                                                                         ["3", *["x"] * len(names), "2"])))
    begun = time.perf_counter()
    outcome = validate(tmp_path, made, data)
    assert time.perf_counter() - begun < 30
    table = outcome.table("wide")
    assert table["record"].tolist() == ["1", "2", "3"]
    assert [name for name in table.columns if name.startswith("field_")] == names
    assert (table[names[-1]].iloc[0], table["field_0"].iloc[0], table["field_1"].iloc[0]) == (("7", "7", 7.0) if (count - 2) % 2 == 0 else (7.0, "7", 7.0))
    assert outcome.found("rule", "record") == [("type", "3")] * ((count - 1) // 2)


@pytest.mark.slow
def test_28_very_wide_project_is_read_in_seconds(tmp_path):
    """35,000 fields, the widest that was reported."""
    names = [f"field_{number}" for number in range(35_000)]
    made = tmp_path / "dictionary.csv"
    made.write_text("\n".join([HEADINGS, "id,wide,,text,Id" + "," * 13, *(f"{name},wide,,text,{name}" + "," * 13 for name in names)]) + "\n", encoding="utf-8")
    data = export(tmp_path, ",".join(["id", *names, "wide_complete"]) + "\n1," + "x," * len(names) + "2\n")
    begun = time.perf_counter()
    reading = read(made, data)
    assert time.perf_counter() - begun < 30
    assert len(table_of(reading, "wide").fields) == 35_001
    assert raw(reading, "wide", names[-1]) == ["x"]


def test_36_letters_that_r_lost(tmp_path):
    """`<U+043E>` instead of Cyrillic: told once for the column with how often, and the text is left as it is."""
    made = dictionary(tmp_path, "id,f,,text,Id\nname,f,,text,Name\ncity,f,,notes,City\n")
    data = export(tmp_path, "id,name,city,f_complete\n1,<U+041E><U+043B>ga,Kyiv,2\n2,<U+0418>ra,Lviv,2\n3,Ann,a <U+ b,2\n")
    assert raw(read(made, data), "f", "name") == ["<U+041E><U+043B>ga", "<U+0418>ra", "Ann"]
    outcome = validate(tmp_path, made, data)
    outcome.only("damage", "2 lost", field="name")
    assert outcome.found("rule") == [("damage",)]


def test_36_na_for_blanks_in_the_data(tmp_path):
    """R wrote NA into every blank: told once for a column, no text is turned into a blank unseen, and the code NA stays a code."""
    made = dictionary(tmp_path, 'id,f,,text,Id\nname,f,,text,Name\nregion,f,,radio,Region,"AP, Asia | NA, North America"\n')
    data = export(tmp_path, "id,name,region,f_complete\n1,NA,NA,2\n2,NA,AP,2\n3,NA,NA,2\n4,Ann,NA,2\n")
    reading = read(made, data)
    assert raw(reading, "f", "name") == ["NA", "NA", "NA", "Ann"]
    assert typed(reading, "f", "region") == ["NA", "AP", "NA", "NA"]
    outcome = validate(tmp_path, made, data)
    outcome.only("damage", "3 NA", field="name")
    assert outcome.found("rule") == [("damage",)]


def test_36_na_in_the_dictionary(tmp_path):
    """NA in empty cells is blank, and said once; the code NA and a label NA stay."""
    made = tmp_path / "dictionary.csv"
    made.write_text(HEADINGS + "\nid,f,NA,text,Id" + ",NA" * 13 + '\nregion,f,NA,radio,NA,"AP, Asia | NA, North America"' + ",NA" * 12
                    + "\nage,f,NA,text,Age,NA,NA,integer" + ",NA" * 10 + "\n", encoding="utf-8")
    fields = load_any(made).dictionary.fields
    assert fields["region"].choices == {"AP": "Asia", "NA": "North America"}
    assert (fields["region"].label, fields["region"].branching, fields["region"].required, fields["age"].minimum, fields["age"].kind) == ("NA", "", False, "", "integer")
    outcome = validate(tmp_path, made, export(tmp_path, "id,region,age,f_complete\n1,NA,5,2\n2,,,2\n"))
    outcome.only("dictionary", "NA R empty")
    assert outcome.found("rule") == [("dictionary",)]


@pytest.mark.parametrize("rows", [
    'why,f,,checkbox,Why,"1, Work"\nwhy,f,,checkbox,Why,"2, Home"\nwhy,f,,checkbox,Why,"-9, Other"\n',
    'why,f,,checkbox,Why,"1, Work | 2, Home | -9, Other"\nwhy,f,,checkbox,Why,"1, Work | 2, Home | -9, Other"\nwhy,f,,checkbox,Why,"1, Work | 2, Home | -9, Other"\n',
    'why___1,f,,checkbox,Why,"1, Work | 2, Home | -9, Other"\nwhy___2,f,,checkbox,Why,"1, Work | 2, Home | -9, Other"\nwhy____9,f,,checkbox,Why,"1, Work | 2, Home | -9, Other"\n',
], ids=["a row each with its choice", "a row each with all choices", "a row each with its column"])
def test_36_metadata_with_a_row_for_every_option(tmp_path, rows):
    """One field with three options, as it is; that it was put together is told once."""
    made = dictionary(tmp_path, f"id,f,,text,Id\n{rows}last,f,,text,Last\n")
    fields = load_any(made).dictionary.fields
    assert list(fields) == ["id", "why", "last"]
    assert (fields["why"].choices, fields["why"].columns) == ({"1": "Work", "2": "Home", "-9": "Other"}, ("why___1", "why___2", "why____9"))
    outcome = validate(tmp_path, made, export(tmp_path, "id,why___1,why___2,why____9,last,f_complete\n1,1,0,0,x,2\n2,0,1,1,y,2\n"))
    outcome.only("dictionary", field="why")
    assert outcome.found("rule") == [("dictionary",)]
    assert outcome.table("f")["why____9"].tolist() == ["0", "1"]
