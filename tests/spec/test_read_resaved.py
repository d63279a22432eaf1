"""Exports that came through R or pandas, or were asked for blank status: read as REDCap wrote them, said once, nothing opened that nobody opened."""

from __future__ import annotations

import pytest

from tests.edge_cases.drawn import dictionary, export, raw, read, records, typed, validate

TWO_FORMS = """
id,a,,text,Id
x,a,,yesno,X,,,,,,,,y
n,a,,text,N,,,integer
cb,b,,checkbox,Cb,"1, One | 2, Two",,,,,,"[x]='1'",y
q,b,,text,Q,,,,,,,,y
region,b,,radio,Region,"AP, Asia | NA, North America"
"""
EVENTS = {"events": "One,1,one\nTwo,1,two", "mapping": "1,one,a\n1,one,b\n1,two,a"}
R_HEADER = "id,redcap_event_name,x,n,a_complete,cb___1,cb___2,q,b_complete\n"
R_ROWS = "1,one,1,5,2,1,0,z,2\n1,two,1,NA,2,NA,NA,NA,NA\n2,one,0,6,2,0,0,NA,0\n"


def remarks(reading, rule="structure"):
    return [(note.severity, note.field, note.message) for note in reading.notes if note.rule == rule]


def test_na_that_r_wrote_for_every_blank(tmp_path):
    """Row 3 is of an event without the form b, row 4 of a form that nobody opened: neither is a row of b, and no finding is made of NA."""
    made = dictionary(tmp_path, TWO_FORMS, **EVENTS)
    data = export(tmp_path, R_HEADER + R_ROWS)
    reading = read(made, data)
    assert remarks(reading) == [("info", "", ("5 columns hold NA where REDCap leaves a blank, as R writes it: n, cb___1, cb___2, q, b_complete; it was read as blank; every blank of "
                                              "these columns is NA in the file"))]
    assert (records(reading, "a"), typed(reading, "a", "n")) == (["1", "1", "2"], [5.0, None, 6.0])
    assert (records(reading, "b"), typed(reading, "b", "q")) == (["1"], ["z"])
    assert validate(tmp_path, made, data).found("rule") == [("missing_column",), ("structure",)]     # the file has no column region


@pytest.mark.parametrize(("rows", "options", "expected"), [
    (R_ROWS, {}, ["z"]), (R_ROWS, {"missing_codes": {"NA": "Not applicable"}}, ["z", ""]),        # a missing-data code is one
    ("1,one,1,5,2,1,0,NA,2\n1,two,1,6,2,,,,\n2,one,0,6,2,0,0,,0\n", {}, ["NA"]),         # beside blanks somebody wrote it
    ("1,one,1,5,2,1,0,NA,2\n2,one,0,6,2,0,0,NA,0\n", {}, ["NA", "NA"]),        # a text alone proves nothing
    ("1,one,1,5,2,1,0,NA,2\n1,two,1,NA,2,NA,NA,,NA\n2,one,0,6,2,0,0,,0\n", {}, ["NA"]),      # read.csv leaves the blanks of texts as they are
    ("1,one,1,5,2,1,0,NA,2\n1,two,1,UNK,2,NA,NA,NA,\n2,one,0,6,2,0,0,NA,0\n", {}, ["NA", "NA"]),       # beside UNK it is a code that nobody declared
])
def test_na_that_is_a_text_or_a_code(tmp_path, rows, options, expected):
    reading = read(dictionary(tmp_path, TWO_FORMS, **EVENTS), export(tmp_path, R_HEADER + rows), **options)
    assert [value for row, value in zip(records(reading, "b"), typed(reading, "b", "q"), strict=True) if row in {"1", "2"}][:len(expected)] == expected


def test_na_in_a_repeat_column(tmp_path):
    made = dictionary(tmp_path, "id,a,,text,Id\nx,a,,text,X\ny,b,,text,Y\n", repeating=",b,")
    reading = read(made, export(tmp_path, "id,redcap_repeat_instrument,redcap_repeat_instance,x,a_complete,y,b_complete\n1,NA,NA,q,2,NA,NA\n1,b,1,NA,NA,z,2\n1,b,2,NA,NA,NA,1\n"))
    assert [note.rule for note in reading.notes] == ["structure"]
    assert (typed(reading, "a", "x"), typed(reading, "b", "y"), reading.tables[1].instance.tolist()) == (["q"], ["z", ""], [1, 2])


def test_a_code_na_stays_one_where_r_wrote_the_file(tmp_path):
    made = dictionary(tmp_path, TWO_FORMS)
    reading = read(made, export(tmp_path, "id,x,n,a_complete,cb___1,cb___2,q,region,b_complete\n1,1,NA,2,1,0,z,NA,2\n2,1,4,2,1,0,z,AP,2\n"))
    assert (typed(reading, "a", "n"), typed(reading, "b", "region")) == ([None, 4.0], ["NA", "AP"])
    assert remarks(reading)[0][2].endswith("in region, where NA is a code, it was read as the code")


PANDAS = "id,x,n,a_complete,cb___1,cb___2,q,region,b_complete\n"


def test_whole_numbers_that_pandas_made_floats(tmp_path):
    """Columns with a blank have .0 throughout: 1.0 is the code 1, the status 0.0 opens no form, -9.0 is the missing-data code; each text is kept."""
    made = dictionary(tmp_path, TWO_FORMS)
    data = export(tmp_path, PANDAS + "1,1.0,5.0,2.0,0.0,1.0,z,AP,2.0\n2,,-9.0,2.0,0.0,0.0,,,0.0\n3,0.0,,2.0,0.0,0.0,,,0.0\n")
    reading = read(made, data, missing_codes={"-9": "Refused"})
    assert remarks(reading)[0] == ("info", "", ("6 columns hold whole numbers with .0 behind them, as pandas writes them beside blanks: x, a_complete, cb___1, cb___2, b_complete, n; "
                                                "they were read as the whole numbers"))
    assert (typed(reading, "a", "x"), typed(reading, "a", "n")) == (["1", "", "0"], [5.0, None, None])
    assert (raw(reading, "a", "x"), raw(reading, "a", "n")) == (["1.0", "", "0.0"], ["5.0", "-9.0", ""])
    assert (records(reading, "b"), typed(reading, "b", "cb___1"), typed(reading, "b", "cb___2"), typed(reading, "b", "b_complete")) == (["1"], ["0"], ["1"], ["2"])
    outcome = validate(tmp_path, made, data, missing_codes={"-9": "Refused"})
    assert not {"choice", "type", "damage"} & {query["rule"] for query in outcome.queries}
    assert {"source": "redcap", "form": "a", "line": "2", "field": "x", "raw": "1.0"} in outcome.lines("unconverted.csv")


def test_one_code_with_a_zero_is_a_wrong_code(tmp_path):
    """pandas makes floats of a whole column or of none; and 1.0 that is itself a code is that code."""
    made = dictionary(tmp_path, 'id,a,,text,Id\nx,a,,yesno,X\ny,a,,radio,Y,"1.0, One | 1, Uno"\n')
    data = export(tmp_path, "id,x,y,a_complete\n101.0,1.0,1.0,2\n102.0,0,1.0,2\n")
    reading = read(made, data)
    assert (typed(reading, "a", "x"), typed(reading, "a", "y"), records(reading, "a")) == (["1.0", "0"], ["1.0", "1.0"], ["101.0", "102.0"])
    assert remarks(reading) == [("info", "", "all record ids end in .0, which pandas may have added; they were read as they are")]
    assert validate(tmp_path, made, data).found("record", "field", rule="choice") == [("101.0", "x")]


GREY = """
id,demo,,text,Id
age,demo,,text,Age,,,integer,,,,,y
seen,visit,,text,Seen,,,date_ymd,,,,,y
"""


@pytest.mark.parametrize(("rows", "opened", "required"), [
    ("1,34,2,,\n2,,0,,\n3,,,,\n", ["1", "2"], [("2", "age")]),                # 3 was never opened
    ("1,34,2,,0\n2,,0,,0\n3,,0,,0\n", ["1"], []),                           # only zeros: nobody knows
    ("1,34,2,,\n2,,,,\n3,,,2020-01-01,1\n", ["1"], []),                      # only blanks
])
def test_status_that_is_blank_where_nobody_opened_the_form(tmp_path, rows, opened, required):
    made = dictionary(tmp_path, GREY)
    data = export(tmp_path, "id,age,demo_complete,seen,visit_complete\n" + rows)
    assert records(read(made, data), "demo") == opened
    assert validate(tmp_path, made, data).found("record", "field", rule="required") == required


def test_blank_status_on_rows_of_repeats_says_nothing(tmp_path):
    """On a repeat row the status of other forms is blank, and on the base row that of the repeating form."""
    made = dictionary(tmp_path, GREY)
    data = export(tmp_path, "id,redcap_repeat_instrument,redcap_repeat_instance,age,demo_complete,seen,visit_complete\n1,,,34,2,,\n1,visit,1,,,2020-01-01,2\n2,,,,0,,\n")
    assert records(read(made, data), "demo") == ["1"]
    assert validate(tmp_path, made, data).found("record", "field", rule="required") == []
