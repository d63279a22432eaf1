"""Edge cases of .dta files: dates, extended missing values, cut names, label sets, encodings, long strings, ids as floats."""

from __future__ import annotations

import pytest

from pacer_analysis.errors import ExportError
from tests.edge_cases.drawn import dictionary, flat, keys, material, raw, read, records, refused, typed, validate
from tests.spec.dta_bytes import Column, Dta

# 2020-03-26 is 22000 days after 1960-01-01: 60 years of 365 days, 15 leap days before 2020, 31 + 29 + 25 days in it.
DAY, HALF_PAST_TEN, LEAP = 86_400_000, 37_800_000, 27_000
MOMENT = 22_000 * DAY + HALF_PAST_TEN


def one(folder, display, value, storage="double"):
    """The value of a date (or a moment) with a display format, as the text of an export and typed."""
    made = flat(folder, f"pid,Person,text\nwhen,When,{'datetime' if display.lower().lstrip('%-').startswith('tc') else 'date'}\n")
    data = Dta(117, [Column("pid", "str3", [b"007", b"2"]), Column("when", storage, [value, "."], display)]).save(folder / "data.dta")
    reading = read(made, data)
    return raw(reading, "", "when"), typed(reading, "", "when")


@pytest.mark.parametrize("display", ["%dM_d,_CY", "%td", "%d", "%-td", "%tdDD/NN/CCYY", "%tdNN/DD/CCYY", "%tdDDmonCCYY", "%tdCCYY-NN-DD", "%tdD_m_Y"])
@pytest.mark.parametrize("storage", ["long", "float", "double"])
def test_11_stata_dates(tmp_path, display, storage):
    """Every format of days, REDCap's own `%dM_d,_CY` among them."""
    assert one(tmp_path, display, 22_000, storage) == (["2020-03-26", ""], ["2020-03-26", None])


@pytest.mark.parametrize(("display", "value"), [
    ("%tc", MOMENT), ("%tcHH:MM", MOMENT), ("%tcCCYY-NN-DD!THH:MM:SS", MOMENT), ("%tcDDmonCCYY_HH:MM:SS", MOMENT), ("%-tc", MOMENT),
    ("%tC", MOMENT + LEAP), ("%tCMonth_dd,_CCYY_HH:MM", MOMENT + LEAP), ("%tCMonth_dd,_CCYY_HH:MM:SS", MOMENT + LEAP),
])
def test_11_stata_moments(tmp_path, display, value):
    """Milliseconds; `%tC`, which REDCap's script writes, has counted 27 leap seconds by 2020."""
    text, moment = one(tmp_path, display, value)
    assert text[0].startswith("2020-03-26 10:30")
    assert (text[1], moment) == ("", ["2020-03-26T10:30:00", None])


@pytest.mark.parametrize(("display", "value", "date"), [
    ("%tw", 60 * 52 + 11, "2020-03-18"),        # the twelfth week begins 77 days after the first of January
    ("%tm", 60 * 12 + 2, "2020-03-01"), ("%tq", 60 * 4 + 1, "2020-04-01"), ("%th", 60 * 2 + 1, "2020-07-01"), ("%ty", 2020, "2020-01-01"),
])
def test_11_stata_periods(tmp_path, display, value, date):
    """Weeks, months, quarters, halves and years as the day they begin."""
    assert one(tmp_path, display, value)[1] == [date, None]


def test_11_stata_dates_of_a_project(tmp_path):
    """A project's .dta by REDCap's own script: the texts are those of the raw export, whatever the display."""
    made = dictionary(tmp_path, "id,f,,text,Id\nborn,f,,text,Born,,,date_dmy\nseen,f,,text,Seen,,,datetime_mdy\nsharp,f,,text,Sharp,,,datetime_seconds_ymd\nage,f,,text,Age,,,integer\n")
    data = Dta(117, [Column("id", "str3", [b"007", b"2"]), Column("born", "float", [22_000, "."], "%dM_d,_CY"), Column("seen", "double", [MOMENT + LEAP, "."], "%tCMonth_dd,_CCYY_HH:MM"),
                     Column("sharp", "double", [MOMENT + LEAP + 5000, "."], "%tCMonth_dd,_CCYY_HH:MM:SS"), Column("age", "byte", [30, "."]), Column("f_complete", "byte", [2, 1])],
               ).save(tmp_path / "data.dta")
    reading = read(made, data)
    assert (raw(reading, "f", "born"), typed(reading, "f", "born")) == (["2020-03-26", ""], ["2020-03-26", None])
    assert (raw(reading, "f", "seen"), typed(reading, "f", "seen")) == (["2020-03-26 10:30", ""], ["2020-03-26T10:30:00", None])
    assert (raw(reading, "f", "sharp"), typed(reading, "f", "sharp")) == (["2020-03-26 10:30:05", ""], ["2020-03-26T10:30:05", None])
    assert validate(tmp_path, made, data).found("rule", "field", "message") == []


def test_11_stata_dates_that_nobody_can_turn_into_days(tmp_path):
    """A business calendar lies in another file: the number stays what it is, unread, and is told."""
    made = flat(tmp_path, "pid,Person,text\nwhen,When,date\n")
    data = Dta(117, [Column("pid", "str1", [b"1"]), Column("when", "long", [100], "%tbsp500")]).save(tmp_path / "data.dta")
    reading = read(made, data)
    assert (raw(reading, "", "when"), typed(reading, "", "when")) == (["100"], [None])
    assert [query["rule"] for query in validate(tmp_path, made, data).queries if query["record"]] == ["type"]


def test_11_stata_dates_real(tmp_path):
    """20394 days of a `%d` variable: 2015-11-02, since 55 years have 20089 days and 305 more lead to the second of November."""
    data = material("stata/haven/datetime-d.dta")
    reading = read(flat(tmp_path, "date,Day,date\n"), data)
    assert typed(reading, "", "date") == ["2015-11-02"]


CODED = 'pid,Person,text\nn,Number,integer,,0,100,,y\nk,Kind,coded,,,,"1, Yes | 0, No",y\ny,Size,number\n'


@pytest.mark.parametrize("release", [113, 115, 117, 118, 119])
def test_17_extended_missing_values(tmp_path, release):
    """`.a` to `.z` are blanks with a name that keeps its label; `.` is a plain blank; none of them is the text or the number it looks like."""
    made = flat(tmp_path, CODED)
    data = Dta(release, [
        Column("pid", "str1", [b"1", b"2", b"3", b"4"]), Column("n", "byte", [5, ".a", ".z", "."], labels="why"), Column("k", "int", [1, ".b", 0, "."], labels="yes"),
        Column("y", "double", [0.5, ".a", ".", ".h"]),
    ], sets={"why": {".a": b"Refused", ".z": b"Lost"}, "yes": {1: b"Yes", 0: b"No", ".b": b"Not asked"}}).save(tmp_path / "data.dta")
    reading = read(made, data)
    assert (raw(reading, "", "n"), typed(reading, "", "n")) == (["5", ".a", ".z", ""], [5.0, None, None, None])
    assert (raw(reading, "", "k"), typed(reading, "", "k")) == (["1", ".b", "0", ""], ["1", "", "0", ""])
    assert (raw(reading, "", "y"), typed(reading, "", "y")) == (["0.5", ".a", "", ".h"], [0.5, None, None, None])
    outcome = validate(tmp_path, made, data)
    for name, words in (("n", ".a (Refused): 1; .z (Lost): 1"), ("k", ".b (Not asked): 1"), ("y", ".a: 1; .h: 1")):
        outcome.only("missing_code", words, field=name)
    assert outcome.found("record", "field", rule="required") == [("4", "k"), ("4", "n")]
    assert {query["rule"] for query in outcome.queries} <= {"missing_code", "required", "labels"}


@pytest.mark.parametrize("name", ["tagged-na-double.dta", "tagged-na-int.dta"])
def test_17_extended_missing_values_real(tmp_path, name):
    """One to five, then `.a`, `.h` and `.z`."""
    reading = read(flat(tmp_path, "x,Number,integer\n"), material(f"stata/haven/{name}"))
    assert raw(reading, "", "x") == ["1", "2", "3", "4", "5", ".a", ".h", ".z"]
    assert typed(reading, "", "x") == [1.0, 2.0, 3.0, 4.0, 5.0, None, None, None]


LONG = """
record_id,demographics_questionnaire_of_all,,text,Record ID
publication_information_year,demographics_questionnaire_of_all,,text,Year of publication,,,integer
publication_information_name,demographics_questionnaire_of_all,,text,Name of publication
a_name_that_is_longer_than_thirty_two_letters,demographics_questionnaire_of_all,,text,Long,,,number
short,demographics_questionnaire_of_all,,text,Short
"""


def long_columns(*order: int) -> list[Column]:
    twins = [Column("publication_informat_v_0", "int", [2016, "."], label=b"Year of publication"), Column("publication_informat_v_1", "str6", [b"A note", b""], label=b"Name of publication")]
    return [Column("record_id", "str3", [b"007", b"2"]), *(twins[place] for place in order), Column("a_name_that_is_longe_v_0", "double", [1.5, "."], label=b"Long"),
            Column("short", "str1", [b"x", b"y"], label=b"Short"), Column("demographics_questio_v_0", "byte", [2, 1], label=b"Complete?")]


def test_18_names_that_stata_cut(tmp_path):
    """Twenty letters and `_v_` with a number: back to the dictionary's names, twins by their order and label, the status too."""
    made = dictionary(tmp_path, LONG)
    data = Dta(117, long_columns(0, 1)).save(tmp_path / "data.dta")
    form = "demographics_questionnaire_of_all"
    reading = read(made, data)
    assert records(reading, form) == ["007", "2"]
    assert (typed(reading, form, "publication_information_year"), typed(reading, form, "publication_information_name")) == ([2016.0, None], ["A note", ""])
    assert typed(reading, form, "a_name_that_is_longer_than_thirty_two_letters") == [1.5, None]
    assert raw(reading, form, f"{form}_complete") == ["2", "1"]
    outcome = validate(tmp_path, made, data)
    assert not {"unknown_column", "missing_column", "type", "required"} & {query["rule"] for query in outcome.queries}


def test_18_names_that_stata_cut_and_nobody_can_tell(tmp_path):
    """Twins of which one is absent, without labels: refused with the list, never put under the wrong name."""
    made = dictionary(tmp_path, LONG)
    columns = [column for column in long_columns(0, 1) if column.name != "publication_informat_v_0"]
    for column in columns:
        column.label = b""
    data = Dta(117, [Column(each.name.replace("informat_v_1", "informat_v_0"), each.storage, each.values, each.display) for each in columns]).save(tmp_path / "data.dta")
    refused(ExportError, made, data, "publication_informat_v_0")


def test_18_long_names_in_csv(tmp_path):
    """Nothing is cut in a CSV file: 45 letters are a name like any other."""
    from tests.edge_cases.drawn import export

    made = dictionary(tmp_path, LONG)
    data = export(tmp_path, "record_id,publication_information_year,publication_information_name,a_name_that_is_longer_than_thirty_two_letters,short,"
                  "demographics_questionnaire_of_all_complete\n1,2016,x,1.5,y,2\n")
    assert validate(tmp_path, made, data).found("rule") == []
    assert keys(read(made, data), "demographics_questionnaire_of_all") == [("1", "", 0)]


def test_22_value_labels(tmp_path):
    """Two codes of one label, a set for two variables, a set for none, another language, codes without a label: codes stay codes."""
    made = flat(tmp_path, 'pid,Person,text\na,A,coded,,,,"1, Same | 2, Same | 3, Else"\nb,B,coded,,,,"1, Same | 2, Same | 3, Else | 99, Gone"\n'
                          'female,Female,coded,,,,"0, Male | 1, Female"\n')
    data = Dta(118, [Column("pid", "str1", [b"1", b"2", b"3"]), Column("a", "byte", [1, 2, 3], labels="twins"), Column("b", "byte", [2, 99, "."], labels="twins"),
                     Column("female", "byte", [0, 1, 1], labels="female_lbl")],
               sets={"twins": {1: b"Same", 2: b"Same", 3: b"Else"}, "female_lbl": {0: b"Male", 1: b"Female"}, "female_lbl_es": {0: b"Hombre", 1: b"Mujer"},
                     "unattached": {7: b"Seven"}},
               notes=[(b"_dta", b"_lang_list", b"en es"), (b"_dta", b"_lang_c", b"en"), (b"female", b"_lang_l_es", b"female_lbl_es"), (b"female", b"_lang_v_es", b"Mujer")],
               ).save(tmp_path / "data.dta")
    reading = read(made, data)
    assert typed(reading, "", "a") == ["1", "2", "3"]
    assert typed(reading, "", "b") == ["2", "99", ""]
    assert typed(reading, "", "female") == ["0", "1", "1"]
    outcome = validate(tmp_path, made, data)
    assert [query for query in outcome.queries if query["severity"] != "info"] == []
    assert "choice" not in {query["rule"] for query in outcome.queries}


def test_22_value_labels_that_differ_from_the_dictionary(tmp_path):
    """The file says that 1 is a man: told once for the code."""
    made = flat(tmp_path, 'pid,Person,text\nsex,Sex,coded,,,,"1, Female | 2, Male"\n')
    data = Dta(118, [Column("pid", "str1", [b"1"]), Column("sex", "byte", [1], labels="s")], sets={"s": {1: b"Man", 2: b"Male"}}).save(tmp_path / "data.dta")
    queries = validate(tmp_path, made, data).queries
    assert [(query["field"], "Man" in query["message"], "Female" in query["message"]) for query in queries] == [("sex", True, True)]
    assert queries[0]["action"]


@pytest.mark.parametrize(("release", "big"), [(105, False), (108, False), (108, True), (110, False), (111, False), (113, False), (113, True), (114, False), (115, False),
                                              (117, False), (117, True)])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_23_encodings_and_releases(tmp_path, release, big, encoding):
    """Releases that say nothing of their encoding, in both byte orders: the letters are right, and which encoding it was is said."""
    made = flat(tmp_path, 'pid,Person,text\nname,Name,text\nn,Number,integer\nk,K,coded,,,,"1, caf\u00e9 | 2, two"\n')
    data = Dta(release, [Column("pid", "str3", [b"007", b"2"]), Column("name", "str12", ["Zo\u00eb \u2013 x".encode(encoding), b"plain"]), Column("n", "int", [300, "."]),
                         Column("k", "byte", [1, 2], labels="" if release < 108 else "k")], big=big,
               sets={} if release < 108 else {"k": {1: "caf\u00e9".encode(encoding), 2: b"two"}}).save(tmp_path / "data.dta")
    reading = read(made, data)
    assert records(reading) == ["007", "2"]
    assert raw(reading, "", "name") == ["Zo\u00eb \u2013 x", "plain"]
    assert (typed(reading, "", "n"), typed(reading, "", "k")) == ([300.0, None], ["1", "2"])
    outcome = validate(tmp_path, made, data)
    told = outcome.only("encoding", "1252" if encoding == "cp1252" else "UTF-8")
    assert told["severity"] == "info"
    assert {query["rule"] for query in outcome.queries} == {"encoding"}


def test_31_long_strings_notes_and_characteristics(tmp_path):
    """A strL that holds bytes, notes and characteristics in cp1252: all text is read, and the bytes are told, not lost in silence."""
    made = flat(tmp_path, "pid,Person,text\nstory,Story,text\nblob,Blob,text\n")
    long = b"x" * 3000
    data = Dta(117, [Column("pid", "str1", [b"1", b"2"], label=b"caf\xe9"), Column("story", "strL", [long, b"caf\xe9"]),
                     Column("blob", "strL", [(b"\x00\xff\x81\x8d", 129), b"text"])], label=b"\x93quoted\x94",
               notes=[(b"_dta", b"note1", b"caf\xe9 \x81"), (b"_dta", b"note0", b"1"), (b"pid", b"note1", b"\x93a\x94"), (b"pid", b"note0", b"1")]).save(tmp_path / "data.dta")
    reading = read(made, data)
    assert raw(reading, "", "story") == [long.decode(), "caf\u00e9"]
    assert raw(reading, "", "blob")[1] == "text"
    outcome = validate(tmp_path, made, data)
    assert [query["field"] for query in outcome.queries if "binary" in query["message"] or "bytes" in query["message"]] == ["blob"]
    assert {query["severity"] for query in outcome.queries} <= {"info", "warning"}


def test_34_ids_in_float(tmp_path):
    """A float cannot hold 16777217: flagged once, and the ids are written as whole numbers."""
    made = flat(tmp_path, "pid,Person,text\nn,Number,integer\n")
    data = Dta(117, [Column("pid", "float", [101, 16_777_216]), Column("n", "byte", [1, 2])]).save(tmp_path / "data.dta")
    assert records(read(made, data)) == ["101", "16777216"]
    outcome = validate(tmp_path, made, data)
    told = [query for query in outcome.queries if "float" in query["message"]]
    assert [(query["field"], query["severity"] != "info") for query in told] == [("pid", True)]
    assert len(outcome.queries) == 1


def test_34_overflowing_dates(tmp_path):
    """The year 26601 in a .dta stops nothing: no value, the number kept, one finding."""
    made = flat(tmp_path, "pid,Person,text\nday,Day,date\n")
    data = Dta(117, [Column("pid", "str1", [b"1", b"2"]), Column("day", "long", [9_000_000, 22_000], "%td")]).save(tmp_path / "data.dta")
    reading = read(made, data)
    assert typed(reading, "", "day") == [None, "2020-03-26"]
    assert raw(reading, "", "day")[0] not in {"", "NaT", "nan"}
    assert [(query["record"], query["field"]) for query in validate(tmp_path, made, data).queries] == [("1", "day")]
