"""Edge cases of single values: nothing guessed, junk kept and reported, dates, missing-data codes, ranges, decimals."""

from __future__ import annotations

import pytest

from tests.edge_cases.drawn import dictionary, export, keys, material, raw, read, records, typed, validate

GUESSED = """
id,f,,text,Id
sex,f,,radio,Sex,"1, F | 2, M"
region,f,,dropdown,Region,"AP, Asia | NA, North America"
postcode,f,,text,Postcode,,,zipcode
visits,f,,text,Visits,,,integer
size,f,,text,Size,,,number
said,f,,text,Said
"""


def test_01_type_guessing(tmp_path):
    """Codes stay '1' and not 1.0, ids keep zeros, NA and None stay text."""
    made = dictionary(tmp_path, GUESSED)
    data = export(tmp_path, """
id,sex,region,postcode,visits,size,said,f_complete
007,1,NA,01234,1,1.0,None,2
331-1,,AP,00501,,.5,NA,2
NCL08185,2,,,3,1e3,nan,2
""")
    reading = read(made, data)
    assert records(reading, "f") == ["007", "331-1", "NCL08185"]
    assert raw(reading, "f", "sex") == typed(reading, "f", "sex") == ["1", "", "2"]
    assert raw(reading, "f", "region") == typed(reading, "f", "region") == ["NA", "AP", ""]
    assert raw(reading, "f", "postcode") == typed(reading, "f", "postcode") == ["01234", "00501", ""]
    assert raw(reading, "f", "said") == typed(reading, "f", "said") == ["None", "NA", "nan"]
    assert (raw(reading, "f", "visits"), typed(reading, "f", "visits")) == (["1", "", "3"], [1.0, None, 3.0])
    assert (raw(reading, "f", "size"), typed(reading, "f", "size")) == (["1.0", ".5", "1e3"], [1.0, 0.5, 1000.0])
    outcome = validate(tmp_path, made, data)
    assert outcome.found("rule", "field", "message") == []
    table = outcome.table("f")
    assert table["record"].tolist() == ["007", "331-1", "NCL08185"]
    assert table["sex"].tolist() == ["1", "", "2"]
    assert table["region"].tolist() == ["NA", "AP", ""]
    assert [(row["record"], row["sex"], row["region"], row["postcode"], row["visits"]) for row in outcome.lines("tables/f.csv")] == [
        ("007", "1", "NA", "01234", "1"), ("331-1", "", "AP", "00501", ""), ("NCL08185", "2", "", "", "3")]


def test_01_type_guessing_from_sparse_rows(tmp_path):
    """A thousand numeric ids and blanks say nothing of what comes after them."""
    rows = [f"{number:04d},,,,,," for number in range(1000)]
    data = export(tmp_path, "\n".join(["id,sex,region,postcode,visits,size,said,f_complete", *(row + ",2" for row in rows), "NCL08185,2,NA,01234,7,.5,55:02,2"]) + "\n")
    reading = read(dictionary(tmp_path, GUESSED), data)
    assert records(reading, "f") == [*(f"{number:04d}" for number in range(1000)), "NCL08185"]
    assert [typed(reading, "f", name)[-1] for name in ("sex", "region", "postcode", "visits", "size", "said")] == ["2", "NA", "01234", 7.0, 0.5, "55:02"]


def test_01_type_guessing_by_another_program(tmp_path):
    """A file that went through pandas has 1.0 for the code 1: it is that code, the whole number is one, and both texts are kept."""
    made = dictionary(tmp_path, GUESSED)
    data = export(tmp_path, "id,sex,region,postcode,visits,size,said,f_complete\n1,1.0,AP,,3.0,1,x,2\n")
    reading = read(made, data)
    assert (raw(reading, "f", "sex"), raw(reading, "f", "visits"), typed(reading, "f", "visits")) == (["1.0"], ["3.0"], [3.0])
    outcome = validate(tmp_path, made, data)
    assert "2 columns hold whole numbers with .0 behind them, as pandas writes them beside blanks: sex, visits" in outcome.only("structure", ".0 behind them")["message"]
    assert len(outcome.queries) == 1
    assert typed(reading, "f", "sex") == ["1"]
    assert {"source": "redcap", "form": "f", "line": "2", "field": "sex", "raw": "1.0"} in outcome.lines("unconverted.csv")
    assert {"source": "redcap", "form": "f", "line": "2", "field": "visits", "raw": "3.0"} in outcome.lines("unconverted.csv")


def test_01_type_guessing_real():
    folder = material("redcap/redcapr/nonnumeric-record-id")
    reading = read(folder / "dictionary.csv", folder / "data.csv")
    assert records(reading, "demographics") == ["a", "b", "c"]
    assert raw(reading, "demographics", "demographics_complete") == ["0", "2", "0"]


def test_07_values_from_before_validation_or_choices_changed(tmp_path):
    made = dictionary(tmp_path, """
id,f,,text,Id
seen,f,,text,Seen,,,date_ymd
age,f,,text,Age,,,integer
drug,f,,dropdown,Drug,"1, A | 2, B | 9, Old",,,,,,,,,,,,@HIDECHOICE='9'
""")
    data = export(tmp_path, """
id,seen,age,drug,f_complete
1,before validation 1,before validation 2,1,2
2,2019-05-01,44,7,2
3,2019-13-01,4.5,9,2
""")
    reading = read(made, data)
    assert raw(reading, "f", "seen") == ["before validation 1", "2019-05-01", "2019-13-01"]
    assert typed(reading, "f", "seen") == [None, "2019-05-01", None]
    assert (raw(reading, "f", "age"), typed(reading, "f", "age")) == (["before validation 2", "44", "4.5"], [None, 44.0, None])
    assert typed(reading, "f", "drug") == ["1", "7", "9"]
    outcome = validate(tmp_path, made, data)
    assert outcome.found("rule", "record", "field") == [("choice", "2", "drug"), ("type", "1", "age"), ("type", "1", "seen"), ("type", "3", "age"), ("type", "3", "seen")]
    for record, name, value in (("1", "seen", "before validation 1"), ("3", "age", "4.5")):
        assert outcome.only("type", record=record, field=name)["value"] == value
    assert outcome.only("choice")["value"] == "7"
    assert [(row["line"], row["field"], row["raw"]) for row in outcome.lines("unconverted.csv")] == [
        ("2", "seen", "before validation 1"), ("4", "seen", "2019-13-01"), ("2", "age", "before validation 2"), ("4", "age", "4.5")]


def test_07_values_from_before_validation_real(tmp_path):
    folder = material("redcap/redcapr/potentially-problematic-values")
    outcome = validate(tmp_path, folder / "dictionary.csv", folder / "data.csv")
    assert outcome.found("rule", "record", "field") == [("type", record, name) for record in ("1", "2") for name in ("date_before_validation", "integer_before_validation")]
    assert outcome.table("form_1")["time_1"].tolist() == ["2010-01-02", "55:02"]


def test_10_dates(tmp_path):
    """ISO whatever the suffix; what a spreadsheet made of them is not guessed; a survey not completed is no bad date; mm:ss is no time of day."""
    made = dictionary(tmp_path, """
id,f,,text,Id
born,f,,text,Born,,,date_dmy
met,f,,text,Met,,,date_mdy
at,f,,text,At,,,datetime_dmy
sharp,f,,text,Sharp,,,datetime_seconds_mdy
clock,f,,text,Clock,,,time
lap,f,,text,Lap,,,time_mm_ss
full,f,,text,Full,,,time_hh_mm_ss
q,s,,text,Question
""")
    data = export(tmp_path, """
id,born,met,at,sharp,clock,lap,full,f_complete,s_timestamp,q,s_complete
1,2001-02-03,2001-12-11,2001-02-03 04:05,2001-02-03 04:05:06,18:29,56:35,18:29:05,2,[not completed],x,0
2,5/31/00,2001-02-30,2001-02-03 23:59,2001-02-03 00:00:00,9:05,18:29,05:06:07,2,2001-02-04 10:00:00,y,2
3,,,,,25:00,75:00,25:00:00,2,,,0
""")
    reading = read(made, data)
    assert (raw(reading, "f", "born"), typed(reading, "f", "born")) == (["2001-02-03", "5/31/00", ""], ["2001-02-03", None, None])
    assert (raw(reading, "f", "met"), typed(reading, "f", "met")) == (["2001-12-11", "2001-02-30", ""], ["2001-12-11", None, None])
    assert typed(reading, "f", "at") == ["2001-02-03T04:05:00", "2001-02-03T23:59:00", None]
    assert typed(reading, "f", "sharp") == ["2001-02-03T04:05:06", "2001-02-03", None]
    assert typed(reading, "f", "lap") == ["56:35", "18:29", "75:00"]
    assert typed(reading, "f", "full") == ["18:29:05", "05:06:07", "25:00:00"]
    assert (keys(reading, "s"), raw(reading, "s", "s_timestamp")) == ([("1", "", 0), ("2", "", 0)], ["[not completed]", "2001-02-04 10:00:00"])
    outcome = validate(tmp_path, made, data)
    wrong = [(query["record"], query["field"]) for query in outcome.queries if query["rule"] in {"type", "pattern"}]     # both are REDCap's rule C
    assert sorted(wrong) == [("2", "born"), ("2", "met"), ("3", "clock"), ("3", "full"), ("3", "lap")]
    assert outcome.only("type", field="born")["value"] == "5/31/00"
    outcome.only("damage", "slashes spreadsheet", field="born")
    assert {query["rule"] for query in outcome.queries} <= {"type", "pattern", "damage"}


def test_10_dates_real(tmp_path):
    """Surveys: `[not completed]` and moments of completion; record 1 has not completed the third form, of which nothing is filled."""
    folder = material("redcap/redcapr/survey")
    outcome = validate(tmp_path, folder / "dictionary.csv", folder / "data.csv")
    assert [query for query in outcome.queries if query["rule"] in {"type", "unknown_column", "required", "missing_column"}] == []
    assert outcome.table("prescreening_survey")["prescreening_survey_timestamp"].astype(str).tolist() == ["2018-03-06 15:52:43", "2018-03-06 15:53:15"]


CODED = """
id,f,,text,Id
born,f,,text,Born,,,date_ymd
weight,f,,text,Weight,,,number,30,200
well,f,,yesno,Well,,,,,,,,y
sex,f,,radio,Sex,"1, F | 2, M"
why,f,,checkbox,Why,"1, Work | 2, Home",,,,,,,y
note,f,,notes,Note
"""
CODED_ROWS = """
id,born,weight,well,sex,why___1,why___2,why___nask,why___na,note,f_complete
1,NASK,NASK,NASK,NASK,0,0,1,0,NASK,2
2,NA,NA,NA,NA,0,0,0,1,NA,2
3,2000-01-01,-999,1,1,1,0,0,0,fine,2
4,2000-01-02,60,0,2,0,1,0,0,fine,2
"""
CODES = {"NASK": "Not asked", "NA": "Not applicable", "-999": "Lost"}


@pytest.mark.parametrize("where", ["project", "option"])
def test_12_missing_data_codes(tmp_path, where):
    """In every type of field, as boxes of their own, NA among them: blank with a name, and nothing else is said of them."""
    text = " | ".join(f"{code}, {label}" for code, label in CODES.items())
    made = dictionary(tmp_path, CODED, **({"missing_codes": f'"{text}"'} if where == "project" else {}))
    data = export(tmp_path, CODED_ROWS)
    given = {"missing_codes": CODES} if where == "option" else {}
    reading = read(made, data, **given)
    assert (raw(reading, "f", "born"), typed(reading, "f", "born")) == (["NASK", "NA", "2000-01-01", "2000-01-02"], [None, None, "2000-01-01", "2000-01-02"])
    assert (raw(reading, "f", "weight"), typed(reading, "f", "weight")) == (["NASK", "NA", "-999", "60"], [None, None, None, 60.0])
    assert (raw(reading, "f", "well"), typed(reading, "f", "well")) == (["NASK", "NA", "1", "0"], ["", "", "1", "0"])
    assert typed(reading, "f", "note") == ["", "", "fine", "fine"]
    assert (raw(reading, "f", "why___nask"), raw(reading, "f", "why___na")) == (["1", "0", "0", "0"], ["0", "1", "0", "0"])
    outcome = validate(tmp_path, made, data, **given)
    everywhere = ("born", "note", "sex", "weight", "well", "why")
    assert outcome.found("rule", "record", "field") == [*(("missing_code", record, name) for record in ("1", "2") for name in everywhere), ("missing_code", "3", "weight")]
    assert {query["severity"] for query in outcome.queries} == {"info"}


ANY = """
id,f,,text,Id
day,f,,text,Day,,,date_mdy
at,f,,text,At,,,datetime_seconds_dmy
clock,f,,text,Clock,,,time
lap,f,,text,Lap,,,time_mm_ss
whole,f,,text,Whole,,,integer,0,10
size,f,,text,Size,,,number_2dp,0,10
comma,f,,text,Comma,,,number_comma_decimal
mail,f,,text,Mail,,,email
post,f,,text,Post,,,zipcode
words,f,,notes,Words
pick,f,,dropdown,Pick,"1, A | 2, B"
yes,f,,yesno,Yes
true,f,,truefalse,True
slide,f,,slider,Slide
place,f,,sql,Place,select 1
paper,f,,file,Paper
total,f,,calc,Total,[whole]+1
"""


@pytest.mark.parametrize("code", ["NASK", "NA", "-99", "999.9", "a.b_c-d"])
def test_12_missing_data_codes_in_every_type(tmp_path, code):
    """A code is a blank with a name wherever it stands: no bad date, no number out of range, no wrong choice, no stale calculation."""
    made = dictionary(tmp_path, ANY, missing_codes=f'"{code}, Not known"')
    names = [line.split(",")[0] for line in ANY.strip().splitlines()]
    data = export(tmp_path, ",".join([*names, "f_complete"]) + "\n7," + ",".join([code] * (len(names) - 1)) + ",2\n")
    reading = read(made, data)
    for name in names[1:]:
        assert raw(reading, "f", name) == [code]
        assert typed(reading, "f", name)[0] in {None, ""}
    outcome = validate(tmp_path, made, data)
    assert {query["rule"] for query in outcome.queries} == {"missing_code"}
    assert {query["field"] for query in outcome.queries} >= set(names[1:]) - {"total"}


def test_12_missing_data_codes_that_nobody_declared(tmp_path):
    """Junk in the fields of a type; the boxes are those of an option that the dictionary lacks, not unknown columns."""
    made = dictionary(tmp_path, CODED)
    data = export(tmp_path, CODED_ROWS)
    assert raw(read(made, data), "f", "born")[0] == "NASK"
    outcome = validate(tmp_path, made, data)
    assert outcome.found("record", "field", rule="type") == [(record, name) for record in ("1", "2") for name in ("born", "weight")]
    assert outcome.found("record", "field", rule="choice") == [(record, name) for record in ("1", "2") for name in ("sex", "well")]
    assert outcome.found("record", "field", rule="range") == [("3", "weight")]
    # NASK stands in several fields and as an option: it is said once to be a code that nobody declared; NA is an option that the dictionary lacks.
    said = {rule: [query["message"] for query in outcome.queries if query["rule"] == rule] for rule in ("unknown_option", "undeclared_code")}
    assert [sum("why___na " in message for message in said["unknown_option"]), sum("NASK" in message for message in said["undeclared_code"])] == [1, 1]
    assert "unknown_column" not in outcome.rules
    assert outcome.rules["required"]["failed"] == "0"       # a ticked box is an answer, whatever it says


def test_12_missing_data_codes_that_could_be_values(tmp_path):
    """-9 degrees and the choice NA: flagged, and the cell is not taken away from the field's own list."""
    made = dictionary(tmp_path, """
id,f,,text,Id
degrees,f,,text,Degrees,,,integer,-50,50
region,f,,radio,Region,"AP, Asia | NA, North America"
""", missing_codes='"-9, Refused | NA, Not applicable"')
    data = export(tmp_path, "id,degrees,region,f_complete\n1,-9,NA,2\n2,20,AP,2\n")
    reading = read(made, data)
    assert (raw(reading, "f", "degrees"), typed(reading, "f", "region")) == (["-9", "20"], ["NA", "AP"])
    outcome = validate(tmp_path, made, data)
    outcome.only("missing_code_collision", field="degrees")
    outcome.only("missing_code_collision", field="region")
    assert outcome.found("field", rule="choice") == outcome.found("field", rule="range") == []
    assert ("missing_code", "region") not in outcome.found("rule", "field")
