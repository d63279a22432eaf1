"""REDCap's rule I: missing-data codes in any field, and codes that could be values."""

from __future__ import annotations

import pytest

from tests.spec.drawn_project import Validated, field, project

CODES = {"missing_data_codes": "NI, No information | UNK, Unknown | -99, Not known"}
FIELDS = [field("id", "f"), field("text", "f"), field("day", "f", validation="date_ymd"), field("n", "f", validation="integer", low="0", high="120"), field("free", "f", validation="number"),
          field("low", "f", validation="integer", low="-100"), field("sex", "f", "radio", "1, F | 2, M"), field("boxes", "f", "checkbox", "1, A | 2, B")]


def judged(tmp_path, rows: list[dict[str, str]], *more: str, fields: list[dict[str, str]] = FIELDS) -> Validated:
    return Validated(tmp_path, project(tmp_path, fields, settings=CODES), [{"id": str(number), **row} for number, row in enumerate(rows, start=1)], *more)


@pytest.mark.parametrize("name", ["text", "day", "n", "sex", "free"])
def test_a_code_may_stand_in_any_field(tmp_path, name):
    found = judged(tmp_path, [{name: "NI"}, {"text": "x"}])
    assert found.found("rule", "severity", "record", "field", "value") == [("missing_code", "info", "1", name, "NI")]
    assert found.remarks() == []


def test_up_to_five_are_listed_and_more_are_counted_by_code(tmp_path):
    five = judged(tmp_path, [{"day": "NI"}] * 5)
    assert len(five.found("record", rule="missing_code")) == 5
    six = judged(tmp_path, [*[{"day": "NI"}] * 4, {"day": "UNK"}, {"day": " UNK"}, {"day": "2020-01-01"}])
    assert six.found("rule") == []
    assert six.remarks() == [("day", "6 rows: A missing-data code stands for the value. (NI, No information: 4; UNK, Unknown: 2)")]
    assert six.count("missing_code") == (7, 6, 0)


def test_a_checkbox_has_a_column_for_each_code_that_was_used(tmp_path):
    found = judged(tmp_path, [{"boxes___unk": "1"}, {"boxes___1": "1", "boxes___unk": "0"}, *[{"boxes___ni": "1"}] * 5], "boxes___unk", "boxes___ni")
    assert found.remarks("missing_code") == [("boxes", "6 rows: A missing-data code stands for the value. (NI, No information: 5; UNK, Unknown: 1)")]


@pytest.mark.parametrize(("name", "codes", "collides"), [
    ("n", ["-99"], False),          # outside the range from 0
    ("low", ["-99"], True),         # within the range from -100
    ("free", ["-99"], False),       # outside the values 1 to 5
    ("n", ["NI"], False),
])
def test_a_code_that_could_be_a_number_of_the_field(tmp_path, name, codes, collides):
    found = judged(tmp_path, [*({name: code} for code in codes), {name: "1"}, {name: "5"}])
    text = f"The missing-data code {codes[0]} was used in this field and could as well be one of its values."
    assert found.remarks("missing_code_collision") == ([(name, text)] if collides else [])
    assert [query for query in found.found("rule") if query != ("missing_code",)] == []


def test_without_a_range_the_values_say_what_could_be_one(tmp_path):
    found = judged(tmp_path, [{"free": "-99"}, {"free": "-150"}, {"free": "5"}])
    assert [name for name, _ in found.remarks("missing_code_collision")] == ["free"]
    assert [name for name, _ in judged(tmp_path / "other", [{"free": "-150"}, {"free": "5"}]).remarks("missing_code_collision")] == []      # the code is not used


def test_a_code_that_is_also_a_choice(tmp_path):
    found = judged(tmp_path, [{"region": "2"}], fields=[FIELDS[0], field("region", "f", "dropdown", "1, Asia | 2, Africa | UNK, Somewhere")])
    assert found.remarks("missing_code_collision") == [("region", "The missing-data code UNK is also one of the choices of this field.")]


def test_without_codes_nothing_is_said(tmp_path):
    found = Validated(tmp_path, project(tmp_path, FIELDS), [{"id": "1", "text": "NI", "n": "-99"}])
    assert found.found("rule", "field") == [("range", "n")]
    assert "missing_code_collision" not in found.ledger.counts
