"""Patterns of text fields, options that exclude each other, rankings, and choices of every kind."""

from __future__ import annotations

import pytest

from pacer_analysis.validate.patterns import PATTERNS, fits
from tests.spec.drawn_project import Validated, field, project


@pytest.mark.parametrize(("validation", "good", "bad"), [
    ("email", ["a@b.org", "First.Last+tag@sub.example.co.za", "o'neil@x.ie"], ["a@b", "a b@c.org", "@c.org", "a@c.o"]),
    ("phone", ["(415) 555-1212", "415-555-1212", "415.555.1212", "1 415 555 1212", "415 555 1212 ext. 12"], ["555-1212", "(115) 555-1212", "41555512123"]),
    ("phone_australia", ["(02) 9876 5432", "0412 345 678", "+61 2 9876 5432"], ["12345", "0112345678"]),
    ("zipcode", ["37203", "37203-0042"], ["3720", "372030042", "37203-42", "ABCDE"]),
    ("postalcode_canada", ["K1A 0B1", "k1a0b1"], ["K1A 0B", "D1A 0B1"]),
    ("postalcode_australia", ["2000"], ["20000"]), ("postalcode_french", ["75001"], ["7500"]), ("postalcode_germany", ["01067"], ["1067"]),
    ("ssn", ["123-45-6789"], ["123456789"]), ("mrn_10d", ["0123456789"], ["123456789"]), ("mrn_generic", ["AB-12_3"], ["AB 12"]), ("vmrn", ["1234", "123456789"], ["123", "12a4"]),
    ("alpha_only", ["Zoë", "abc"], ["a1", "a b", "a_b"]),
    ("time", ["9:05", "23:59"], ["23:59:00"]), ("time_hh_mm_ss", ["9:05:00"], ["9:05"]), ("time_mm_ss", ["56:35"], ["0:56:35"]),
    ("something_local", ["whatever"], []),
])
def test_patterns(validation, good, bad):
    assert [text for text in good if not fits(validation, text)] == []
    assert [text for text in bad if fits(validation, text)] == []


def test_a_pattern_is_a_warning_that_says_what_was_expected(tmp_path):
    made = project(tmp_path, [field("id", "f"), field("mail", "f", validation="email"), field("zip", "f", validation="zipcode"), field("when", "f", validation="time")])
    found = Validated(tmp_path, made, [{"id": "1", "mail": "nobody", "zip": "", "when": "10:00:00"}, {"id": "2", "mail": "a@b.org", "zip": "00501", "when": "10:00"}])
    assert found.found("rule", "severity", "record", "field", "message") == [
        ("pattern", "warning", "1", "mail", "The value is not an e-mail address."), ("pattern", "warning", "1", "when", "The value is not a time as HH:MM, without seconds.")]
    assert found.count("pattern") == (5, 2, 0)
    assert "ssn" in PATTERNS


EXCLUSIVE = [field("id", "f"), field("told", "f", "checkbox", "0, No one | 1, Partner | -99, Nobody asked", tags="@NONEOFTHEABOVE='0,-99'")]


@pytest.mark.parametrize(("cells", "wrong"), [
    ({"told___0": "1"}, False), ({"told___1": "1"}, False), ({}, False),
    ({"told___0": "1", "told___1": "1"}, True), ({"told____99": "1", "told___1": "1"}, True), ({"told____99": "1", "told___0": "1"}, True),
])
def test_an_option_that_excludes_the_others(tmp_path, cells, wrong):
    found = Validated(tmp_path, project(tmp_path, EXCLUSIVE), [{"id": "1", "told___0": "0", **cells}])
    message = '"No one" or "Nobody asked" is ticked together with another option.'
    assert found.found("rule", "severity", "field", "message") == ([("none_of_the_above", "warning", "told", message)] if wrong else [])


def test_a_rank_may_be_given_once(tmp_path):
    ranks = "1, First | 2, Second | 3, Third"
    fields = [field("id", "f"), *(field(name, "f", "radio", ranks, matrix="best", ranking="y") for name in ("tea", "milk", "water")), field("other", "f", "radio", ranks, matrix="rest")]
    made = project(tmp_path, fields)
    found = Validated(tmp_path, made, [{"id": "1", "tea": "1", "milk": "2", "water": "3", "other": "1"}, {"id": "2", "tea": "1", "milk": "", "water": "", "other": "1"},
                                       {"id": "3", "tea": "2", "milk": "2", "water": "2"}, {"id": "4", "tea": "1", "milk": "3", "water": "3"}])
    assert found.found("rule", "severity", "record", "field", "message") == [
        ("ranking", "error", "3", "milk", "The rank is that of tea too; each may be given once."), ("ranking", "error", "3", "water", "The rank is that of tea too; each may be given once."),
        ("ranking", "error", "4", "water", "The rank is that of milk too; each may be given once.")]
    assert found.count("ranking") == (10, 3, 0)


@pytest.mark.parametrize(("made", "good", "bad"), [
    (field("x", "f", "yesno"), ["0", "1"], ["2", "Yes"]), (field("x", "f", "truefalse"), ["0", "1"], ["2"]),
    (field("x", "f", "dropdown", "1, Old | 02, New", tags="@HIDECHOICE='1'"), ["1", "02"], ["2", "3"]),       # no longer offered, and valid
    (field("x", "f", "radio", "UNK, Unknown | -1, None | 9.9, Other"), ["UNK", "-1", "9.9"], ["unk", "9.90"]),
    (field("x", "f", "sql", "select a, b from c"), ["anything"], []), (field("x", "f", options="BIOPORTAL:ICD10CM"), ["A15.0"], []),
    (field("x", "f", "file"), ["[document]"], []), (field("x", "f", "notes"), ["1, 2\n3"], []),
])
def test_choices(tmp_path, made, good, bad):
    found = Validated(tmp_path, project(tmp_path, [field("id", "f"), made]), [{"id": text, "x": text} for text in (*good, *bad)])
    assert sorted(found.found("rule", "value")) == sorted(("choice", text) for text in bad)


def test_codes_that_a_spreadsheet_made_decimal_are_recognised_as_a_column(tmp_path):
    rows = [{"id": str(number), "x": "1.0"} for number in range(60)]
    found = Validated(tmp_path, project(tmp_path, [field("id", "f"), field("x", "f", "radio", "1, A | 2, B")]), rows)
    assert found.remarks("choice") == []
    assert [(note.rule, note.severity) for note in found.reading.notes] == [("structure", "info")]
    assert found.reading.tables[0].fields["x"].typed.tolist() == ["1"] * 60
    mixed = Validated(tmp_path, project(tmp_path, [field("id", "f"), field("x", "f", "radio", "1, A | 2, B")]), [*rows, {"id": "x", "x": "2"}])      # pandas makes floats of all or of none
    assert mixed.remarks("choice") == [("x", "60 rows: The value is none of the codes: 1 = A, 2 = B. The whole column seems to hold codes that another program wrote as numbers with decimals.")]
