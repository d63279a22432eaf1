"""Edge cases of numbers and codes: soft ranges, decimal commas, codes that look like numbers, fields without a list."""

from __future__ import annotations

import pytest

from tests.edge_cases.drawn import dictionary, export, material, raw, read, typed, validate

RANGES = """
id,f,,text,Id
soft,f,,text,Soft,,,integer,10,20
hard,f,,text,Hard,,,number,10,20,,,,,,,,@FORCE-MINMAX
start,f,,text,Start,,,date_ymd,2010-01-01,2019-12-31
end,f,,text,End,,,date_dmy,[start],today
comma,f,,text,Comma,,,number_1dp_comma_decimal,"1,0","2,0"
bad,f,,text,Bad,,,date_mdy,1900-05-31,5/31/00
slide,f,,slider,Slide,left | middle | right,,number,-1,101
at,f,,text,At,,,time,08:00,17:00
"""


def test_13_soft_ranges(tmp_path):
    """Outside is admissible: a warning, both ends included; an error where the form enforces it; a bound that is blank or cannot be read checks nothing."""
    made = dictionary(tmp_path, RANGES)
    data = export(tmp_path, """
id,soft,hard,start,end,comma,bad,slide,at,f_complete
1,10,20,2010-01-01,2010-01-01,"1,0",1999-01-01,-1,08:00,2
2,20,10.0,2019-12-31,2020-06-01,"2,0",2005-01-01,101,17:00,2
3,9,20.5,2020-01-01,2019-12-31,"2,1",2050-01-01,102,17:01,2
4,,,,1999-01-01,,,,,2
5,,,,2020-06-02,,,,,2
""")
    outcome = validate(tmp_path, made, data)        # on 2020-06-01
    assert outcome.found("record", "field", "severity", rule="range") == [
        ("3", "at", "warning"), ("3", "comma", "warning"), ("3", "end", "warning"), ("3", "hard", "error"), ("3", "slide", "warning"), ("3", "soft", "warning"),
        ("3", "start", "warning"), ("5", "end", "warning")]
    outcome.only("range", "10 20", record="3", field="soft")
    assert outcome.only("range", record="3", field="comma")["value"] == "2,1"
    outcome.only("dictionary", "5/31/00", field="bad")
    assert {query["rule"] for query in outcome.queries} == {"range", "dictionary"}
    assert typed(read(made, data), "f", "soft") == [10.0, 20.0, 9.0, None, None]


BODY = """
id,f,,text,Id
height,f,,text,Height,,,number_2dp_comma_decimal,"1,0","2,2"
weight,f,,text,Weight,,,number_comma_decimal
dose,f,,text,Dose,,,number
bmi,f,,calc,BMI,"round(([weight])/(([height])^(2)),1)"
"""


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^"])
def test_16_comma_decimals(tmp_path, delimiter):
    """Fields with a comma beside numbers and a calculation with a point: 52.3 / 1.54^2 = 22.05, 123.4 / 1.95^2 = 32.45."""
    made = dictionary(tmp_path, BODY)
    data = export(tmp_path, """
id;height;weight;dose;bmi;f_complete
1;"1,54";"52,3";2.5;22.1;2
2;"1,95";"123,4";"0,5x";32.5;2
3;"2,30";;;;2
""".replace(";", delimiter))
    reading = read(made, data)
    assert (raw(reading, "f", "height"), typed(reading, "f", "height")) == (["1,54", "1,95", "2,30"], [1.54, 1.95, 2.3])
    assert typed(reading, "f", "weight") == [52.3, 123.4, None]
    assert (raw(reading, "f", "dose"), typed(reading, "f", "dose")) == (["2.5", "0,5x", ""], [2.5, None, None])
    assert typed(reading, "f", "bmi") == [22.1, 32.5, None]
    assert validate(tmp_path, made, data).found("rule", "record", "field") == [("range", "3", "height"), ("type", "2", "dose")]


FORCED = """
id;height;weight;dose;bmi;f_complete
1;1,54;52,3;2,5;22,1;2
2;1,95;123,4;3;32,5;2
"""


def test_16_comma_decimals_forced_at_export(tmp_path):
    """Every number of the file has a comma: said once where nobody declared it, and never guessed; read where it was declared."""
    made, data = dictionary(tmp_path, BODY), export(tmp_path, FORCED)
    silent = read(made, data)
    assert (raw(silent, "f", "dose"), typed(silent, "f", "dose")) == (["2,5", "3"], [None, 3.0])
    told = read(made, data, decimal=",")
    assert (raw(told, "f", "dose"), typed(told, "f", "dose"), typed(told, "f", "bmi"), typed(told, "f", "height")) == (["2,5", "3"], [2.5, 3.0], [22.1, 32.5], [1.54, 1.95])
    (tmp_path / "silent").mkdir()
    validate(tmp_path / "silent", made, data).only("decimal", "decimal commas --decimal")
    assert validate(tmp_path, made, data, decimal=",").found("rule", "field") == []


def test_16_comma_decimals_real(tmp_path):
    folder = material("redcap/redcapr/decimal-comma")
    outcome = validate(tmp_path, folder / "dictionay.csv", folder / "data.csv")
    assert outcome.table("demographics")[["height", "weight", "bmi"]].to_numpy().tolist()[:3] == [[1.54, 52.3, 22.1], [1.84, 92.3, 27.3], [1.95, 123.4, 32.5]]
    assert outcome.found("rule", "record", "field") == []


def test_19_codes_that_are_no_plain_numbers(tmp_path):
    """Negative codes, a checkbox of code 0, leading zeros, letters, decimals: 02 is not 2, and no code is a number."""
    made = dictionary(tmp_path, """
id,f,,text,Id
race,f,,checkbox,Race,"-99, Other | 0, None | UNK, Unknown | 02, Two | 2, Deux | RXCUI-2393, Drug"
site,f,,radio,Site,"02, North | 2, South | -99, Elsewhere | UNK, Unknown | 9.9, Mars"
""")
    sites = ["02", "2", "-99", "UNK", "9.9", "002", "9.90", "unk"]
    data = export(tmp_path, "id,race____99,race___0,race___unk,race___02,race___2,race___rxcui_2393,site,f_complete\n"
                  + "".join(f"{number},{int(number == 1)},{int(number == 2)},0,1,0,1,{code},2\n" for number, code in enumerate(sites, start=1)))
    reading = read(made, data)
    assert raw(reading, "f", "site") == typed(reading, "f", "site") == sites
    assert typed(reading, "f", "race____99") == ["1", *"0000000"]
    assert typed(reading, "f", "race___0") == ["0", "1", *"000000"]
    assert [typed(reading, "f", f"race___{code}")[0] for code in ("unk", "02", "2", "rxcui_2393")] == ["0", "1", "0", "1"]
    assert validate(tmp_path, made, data).found("rule", "record", "field", "value") == [("choice", str(number), "site", sites[number - 1]) for number in (6, 7, 8)]


def test_19_codes_without_their_zero(tmp_path):
    """A spreadsheet program took the zeros away: reported as damage once, each cell is no choice, and nothing is put back."""
    made = dictionary(tmp_path, 'id,f,,text,Id\nward,f,,radio,Ward,"01, A | 02, B"\n')
    data = export(tmp_path, "id,ward,f_complete\n1,1,2\n2,2,2\n3,02,2\n")
    assert typed(read(made, data), "f", "ward") == ["1", "2", "02"]
    outcome = validate(tmp_path, made, data)
    outcome.only("damage", "leading zero", field="ward")
    assert outcome.found("rule", "record") == [("choice", "1"), ("choice", "2"), ("damage", "")]


def test_30_fields_without_a_list(tmp_path):
    """sql, ontologies, files and signatures have no choices to be among; a validation type that nobody knows is text, and said."""
    made = dictionary(tmp_path, """
id,f,,text,Id
city,f,,sql,City,"select city_id, name from city where a > 1"
icd,f,,text,Diagnosis,BIOPORTAL:ICD10CM
doc,f,,file,Consent,,,,,,,,y
sign,f,,file,Signature,,,signature
auto,f,,dropdown,Auto,"1, A | 2, B",,autocomplete
info,f,,descriptive,Read this,,,,,,,,y
odd,f,,text,Odd,,,hospital_number_xyz
""")
    data = export(tmp_path, "id,city,icd,doc,sign,auto,odd,f_complete\n1,17,A00.1,[document],signature_1.png,1,anything,2\n2,,,consent.pdf,[document],2,,2\n")
    reading = read(made, data)
    assert typed(reading, "f", "city") == ["17", ""]
    assert typed(reading, "f", "icd") == ["A00.1", ""]
    assert raw(reading, "f", "doc") == typed(reading, "f", "doc") == ["[document]", "consent.pdf"]
    assert typed(reading, "f", "sign") == ["signature_1.png", "[document]"]
    assert typed(reading, "f", "odd") == ["anything", ""]
    outcome = validate(tmp_path, made, data)
    outcome.only("dictionary", "hospital_number_xyz text", field="odd")
    assert outcome.found("rule", "field") == [("dictionary", "odd")]


def test_30_fields_without_a_list_real(tmp_path):
    folder = material("redcap/redcapr/validation-types-1")
    outcome = validate(tmp_path, folder / "dictionary.csv", folder / "data.csv")
    assert [(query["rule"], query["field"]) for query in outcome.queries if query["rule"] in {"unknown_column", "missing_column", "required", "choice"}] == []
