"""Action tags in a field's annotation, as far as validation needs them."""

from __future__ import annotations

import pytest

from pacer_analysis.dictionary import Tag, action_tags
from tests.spec.test_dictionary_repairs import load, row


@pytest.mark.parametrize(("annotation", "tags"), [
    ("", ()),
    ("a note to joe@EXAMPLE.org and @hidden in small letters", ()),
    ("@HIDDEN", (Tag("HIDDEN", ""),)),
    ("see @READONLY-SURVEY, then @FORCE-MINMAX.", (Tag("READONLY-SURVEY", ""), Tag("FORCE-MINMAX", ""))),
    ("@NONEOFTHEABOVE=99", (Tag("NONEOFTHEABOVE", "99"),)),
    ("@HIDECHOICE = '1, 02' @READONLY", (Tag("HIDECHOICE", "1, 02"), Tag("READONLY", ""))),
    ('@DEFAULT="a @HIDDEN word" @TODAY', (Tag("DEFAULT", "a @HIDDEN word"), Tag("TODAY", ""))),
    ("@CALCTEXT(if([a] = ')', 'it is (so)', \"it's\"))@HIDDEN", (Tag("CALCTEXT", "if([a] = ')', 'it is (so)', \"it's\")"), Tag("HIDDEN", ""))),
    ("@CALCDATE ([start], 30, 'd')", (Tag("CALCDATE", "[start], 30, 'd'"),)),
    ("@IF([a(1)] = '1', @HIDDEN @READONLY, '')", (Tag("HIDDEN", "", "[a(1)] = '1'"), Tag("READONLY", "", "[a(1)] = '1'"))),
    ("@IF([a] = 1, '', @IF([b] = 2, @HIDECHOICE='1,2', @HIDDEN))", (Tag("HIDECHOICE", "1,2", "(not ([a] = 1)) and ([b] = 2)"),
                                                                  Tag("HIDDEN", "", "(not ([a] = 1)) and (not ([b] = 2))"))),
    ("@CALCTEXT(if([a] = 1, 2", (Tag("CALCTEXT", "if([a] = 1, 2"),)),
    ("@DEFAULT='never closed", (Tag("DEFAULT", "never closed"),)),
    ("@IF", ()), ("@IF(", ()), ("@DEFAULT=", (Tag("DEFAULT", ""),)),
])
def test_tags(annotation, tags):
    assert action_tags(annotation) == tags


def test_absurdly_nested_conditions_are_not_followed():
    assert action_tags("@IF([a] = 1, " * 5000) == ()


def test_what_validation_needs_of_them(tmp_path):
    found = load(tmp_path, row("id"), row("why", kind="checkbox", choices="1, a | 98, none | 99, unknown", field_annotation="@NONEOFTHEABOVE='98,99' @HIDECHOICE='1'"),
                 row("said", field_annotation="@CALCTEXT(concat([why(1)], '!'))"), row("due", field_annotation="@CALCDATE([a], 7, 'd')"),
                 row("low", field_annotation="@FORCE-MINMAX"), row("at_times", field_annotation="@IF([a] = 1, @FORCE-MINMAX, '')"))
    fields = found.fields
    assert (fields["why"].none_of_the_above, fields["why"].hidden_choices) == (("98", "99"), ("1",))
    assert fields["said"].calculated_text == "concat([why(1)], '!')"
    assert fields["due"].calculated_date == "[a], 7, 'd'"
    # A range that holds only sometimes is not enforced: outside it is a warning.
    assert [field.hard_range for field in fields.values()] == [False, False, False, False, True, False]
