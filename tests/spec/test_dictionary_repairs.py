"""A dictionary that people, R or a spreadsheet have had in hand: repaired with a remark, or refused with the row."""

from __future__ import annotations

import time
import zipfile

import pytest

from pacer_analysis.dictionary import load_any, load_project, load_redcap
from pacer_analysis.errors import DictionaryError
from tests.spec.test_dictionary import API, ROWS, UI, written


def row(name: str, form: str = "f", kind: str = "text", label: str = "", choices: str = "", **cells: str) -> str:
    """One line of a dictionary under the API's header."""
    given = {"field_name": name, "form_name": form, "field_type": kind, "field_label": label, "select_choices_or_calculations": choices, **cells}
    return ",".join(f'"{given.get(column, "")}"' for column in API.split(","))


def load(tmp_path, *rows: str, **options):
    return load_redcap(written(tmp_path, *rows, header=API, **options))


def remarks(found) -> list[tuple[int, str]]:
    return [(remark.line, remark.field) for remark in found.remarks]


def test_a_team_added_columns_of_its_own_and_saved_in_windows_letters(tmp_path):
    rows = [line + "," * 6 for line in (*ROWS[:2], "why_not,intake,,text,Patient\u2019s \u2022 reason,,,,,,,,,,,,,")]
    found = load_redcap(written(tmp_path, *rows, header=UI + ",Owner,Done?,A,B,C,D", encoding="cp1252"))
    assert found.fields["why_not"].label == "Patient\u2019s \u2022 reason"
    assert found.remarks == ()


def test_thousands_of_rows_of_commas_are_no_fields(tmp_path):
    found = load_redcap(written(tmp_path, ROWS[0], *["," * 17] * 4028, ROWS[1], *["," * 17] * 9))
    assert list(found.fields) == ["record_id", "sex"]
    assert found.fields["sex"].line == 4031
    assert found.remarks == ()


@pytest.mark.parametrize(("mark", "encoding"), [(";", "utf-8"), ("\t", "utf-16")])
def test_a_spreadsheet_saved_another_delimiter(tmp_path, mark, encoding):
    lines = [["field_name", "form_name", "field_type", "field_label", "select_choices_or_calculations"], ["id", "f", "text", "Id", ""],
             ["sex", "f", "radio", "Sex", '"1, Female | 2, Male"']]
    (tmp_path / "d.csv").write_bytes("\r\n".join(mark.join(line) for line in lines).encode(encoding))
    assert load_redcap(tmp_path / "d.csv").fields["sex"].choices == {"1": "Female", "2": "Male"}


def test_headings_that_r_changed(tmp_path):
    header = "Variable...Field.Name,Form.Name,Field.Type,Field.Label,Choices..Calculations..OR.Slider.Labels,Required.Field.,Branching.Logic..Show.field.only.if....,Identifier."
    (tmp_path / "d.csv").write_text(header + "\nid,f,text,Id,NA,NA,NA,y\nsex,f,radio,NA,\"NA, North | 2, South\",y,[id] = '1',NA\n")
    found = load_redcap(tmp_path / "d.csv")
    assert (found.fields["id"].branching, found.fields["id"].identifier, found.fields["sex"].required, found.fields["sex"].identifier) == ("", True, True, False)
    # The label and the code are the project's own words, whatever R writes into empty cells.
    assert (found.fields["sex"].label, found.fields["sex"].choices) == ("NA", {"NA": "North", "2": "South"})
    assert [(remark.line, remark.text.split()[0]) for remark in found.remarks] == [(1, "4")]


def test_rows_of_unequal_length(tmp_path):
    found = load_redcap(written(tmp_path, ROWS[0], 'sex,intake,,radio,Sex,"1, Female|2,Male",,,,,,,y', ROWS[4] + ",,"))
    assert list(found.fields) == ["record_id", "sex", "note"]
    assert [(remark.line, remark.text) for remark in found.remarks] == [(3, "this row has 13 cells under a header of 18"),
                                                                         (4, "this row has 20 cells under a header of 18")]
    assert found.fields["sex"].required


def test_an_unescaped_quotation_mark_that_shifts_nothing(tmp_path):
    found = load_redcap(written(tmp_path, ROWS[0], 'x,f,,text,"say "yes" aloud",,,,,,,,,,,,,'))
    assert "yes" in found.fields["x"].label
    assert remarks(found) == [(3, "")]


def test_names_in_capitals_and_forms_with_spaces(tmp_path):
    found = load(tmp_path, row("ID"), row("Weight_KG", "Visit Form 1"))
    assert list(found.fields) == ["id", "weight_kg"]
    assert list(found.forms) == ["f", "visit_form_1"]
    assert remarks(found) == [(2, "id"), (3, "weight_kg"), (3, "weight_kg")]


def test_long_names_and_names_of_one_letter(tmp_path):
    long = "a_name_that_is_longer_than_thirty_two_characters"
    found = load(tmp_path, row("x"), row(long))
    assert found.form_columns("f") == (long, "f_complete")
    assert found.remarks == ()


def test_a_form_with_the_record_id_only(tmp_path):
    found = load(tmp_path, row("record_id", "record_id"), row("a", "visit"))
    assert found.form_columns("record_id") == ("record_id_complete",)


def test_a_field_of_the_user_that_ends_like_a_status(tmp_path):
    found = load(tmp_path, row("id", "moca"), row("moca4_complete", "moca", "radio", choices="0, No | 1, Yes"))
    assert found.form_columns("moca") == ("moca4_complete", "moca_complete")
    assert found.remarks == ()
    clash = load(tmp_path, row("id", "moca"), row("moca_complete", "moca", "radio", choices="0, No | 1, Yes"))
    assert remarks(clash) == [(3, "moca_complete")]


def test_options_and_fields_of_one_export_column(tmp_path):
    found = load(tmp_path, row("id"), row("x", kind="checkbox", choices="A, one | a, two | -1, three | _1, four | b, five"), row("x___b"))
    assert found.fields["x"].columns == ("x___a", "x____1", "x___b")
    assert found.fields["x"].shared_columns == (("A", "a"), ("-1", "_1"))
    assert remarks(found) == [(3, "x")] * 3 + [(4, "x___b")]


@pytest.mark.parametrize("kind", ["radio", "dropdown", "checkbox"])
def test_a_field_without_choices_is_no_reason_to_stop(tmp_path, kind):
    found = load(tmp_path, row("id"), row("x", kind=kind))
    assert found.fields["x"].choices == {}
    assert found.fields["x"].columns == (() if kind == "checkbox" else ("x",))
    assert remarks(found) == [(3, "x")]


@pytest.mark.parametrize(("kind", "validation", "content", "expected"), [
    ("select", "", "1, a", ("dropdown", "choice", "", {"1": "a"})),
    ("dropdown", "autocomplete", "1, a", ("dropdown", "choice", "", {"1": "a"})),
    ("textarea", "", "", ("notes", "text", "", {})),
    ("text", "int", "", ("text", "integer", "", {})),
    ("text", "float", "", ("text", "number", "", {})),
    ("text", "date", "", ("text", "date", "", {})),
    ("text", "number_3dp_comma_decimal", "", ("text", "comma_number", "", {})),
    ("text", "datetime_seconds_mdy", "", ("text", "datetime", "", {})),
    ("text", "time_mm_ss", "", ("text", "time", "", {})),
    ("text", "postalcode_french", "", ("text", "text", "", {})),
    ("text", "", "BIOPORTAL:ICD10CM", ("text", "text", "BIOPORTAL:ICD10CM", {})),
    ("sql", "", "select id, name from t | u", ("sql", "text", "select id, name from t | u", {})),
    ("file", "signature", "", ("file", "text", "", {})),
    ("slider", "number", "low | middle | high", ("slider", "number", "", {})),
    ("yesno", "", "", ("yesno", "choice", "", {"1": "Yes", "0": "No"})),
    ("truefalse", "", "", ("truefalse", "choice", "", {"1": "True", "0": "False"})),
    ("calc", "", "[a] + 1, 2 | 3", ("calc", "number", "", {})),
])
def test_types_and_validations(tmp_path, kind, validation, content, expected):
    found = load(tmp_path, row("id"), row("x", kind=kind.upper(), choices=content, text_validation_type_or_show_slider_number=validation))
    field = found.fields["x"]
    assert (field.type, field.kind, field.lookup, field.choices) == expected
    assert field.calculation == (content if kind == "calc" else "")
    assert field.slider_labels == (("low", "middle", "high") if kind == "slider" else ())
    assert found.remarks == ()


@pytest.mark.parametrize(("validation", "minimum", "maximum", "remarked"), [
    ("date_mdy", "1900-05-31", "5/31/00", 1), ("date_ymd", "today", "[other_date]", 0), ("date_dmy", "36526", "", 1),
    ("datetime_ymd", "2020-01-01 08:00", "now", 0), ("datetime_ymd", "2020-01-01", "2020-12-31", 0), ("integer", "0.5", "", 0), ("time", "2020-01-01", "", 1), ("datetime_ymd", "1/1/2020 8:00", "", 1), ("time", "08:00", "8:00:00 AM", 1),
    ("integer", "0", "1.0", 0), ("integer", "Jan-05", "", 1), ("number", "-.5", "1e3", 0), ("number", "1,5", "", 1),
    ("number_1dp_comma_decimal", "1,0", "2.5", 0), ("", "anything", "", 0)])
def test_bounds_that_a_spreadsheet_changed(tmp_path, validation, minimum, maximum, remarked):
    found = load(tmp_path, row("id"), row("x", text_validation_type_or_show_slider_number=validation, text_validation_min=minimum, text_validation_max=maximum))
    assert (found.fields["x"].minimum, found.fields["x"].maximum) == (minimum, maximum)
    assert len(found.remarks) == remarked


def test_flags(tmp_path):
    found = load(tmp_path, row("id"), row("x", identifier="Y", required_field="y", matrix_ranking="y", matrix_group_name="m"),
                 row("y", identifier="", required_field="n", matrix_ranking=""))
    assert [(field.identifier, field.required, field.matrix_ranking, field.matrix_group) for field in found.fields.values()] == [
        (False, False, False, ""), (True, True, True, "m"), (False, False, False, "")]


def test_a_label_without_its_markup(tmp_path):
    label = "<div class=''rich''><p>Weight &lt; 5&nbsp;kg</p><br/>if a<b or x <5</div>"
    found = load(tmp_path, row("id"), row("x", label=label))
    assert found.fields["x"].label == label
    assert found.fields["x"].plain_label == "Weight < 5 kg if a<b or x <5"


class TestUnnested:
    """Metadata that another program wrote with one row per option."""

    def test_one_choice_in_each_row(self, tmp_path):
        found = load(tmp_path, row("id"), row("race", kind="checkbox", label="Race: A", choices="1, A"), row("race", kind="checkbox", label="Race: B", choices="-9, B, or C"),
                     row("end"))
        assert found.fields["race"].choices == {"1": "A", "-9": "B, or C"}
        assert found.fields["race"].label == "Race"
        assert list(found.fields) == ["id", "race", "end"]
        assert remarks(found) == [(3, "race")]

    def test_the_whole_list_in_each_row(self, tmp_path):
        found = load(tmp_path, row("id"), row("race", kind="checkbox", choices="1, A | 2, B"), row("race", kind="checkbox", choices="1, A | 2, B"))
        assert found.fields["race"].columns == ("race___1", "race___2")

    def test_the_names_of_the_export_columns(self, tmp_path):
        found = load(tmp_path, row("id"), *[row(f"race___{code}", kind="checkbox", label="Race", choices="1, A | -9, B") for code in ("1", "_9")])
        assert found.fields["race"].choices == {"1": "A", "-9": "B"}
        assert remarks(found) == [(3, "race")]

    @pytest.mark.parametrize("second", [row("race", kind="checkbox", choices="2, B", required_field="y"), row("race", "g", "checkbox", choices="2, B"),
                                        row("race", kind="text")])
    def test_rows_that_differ_in_more_are_two_fields_of_one_name(self, tmp_path, second):
        with pytest.raises(DictionaryError, match="race is defined twice") as refused:
            load(tmp_path, row("id"), row("race", kind="checkbox", choices="1, A"), second)
        assert "lines 3 and 4" in str(refused.value)


class TestInstrumentZip:
    """An instrument as the designer hands it out."""

    def write(self, path, **members: str):
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in members.items():
                archive.writestr(name.replace("__", "."), text)
        return path

    def test_it_is_a_dictionary(self, tmp_path):
        path = self.write(tmp_path / "intake.zip", instrument__csv="\ufeff" + "\n".join([UI, *ROWS[1:3]]), OriginID__txt="server", survey_settings__csv="a,b\n1,2\n")
        for project in (load_any(path), load_project(tmp_path, "intake.zip")):
            assert list(project.dictionary.fields) == ["sex", "born"]
            assert project.dictionary.partial
            assert project.dictionary.path == path
            assert not project.mapped

    @pytest.mark.parametrize(("members", "words"), [({"OriginID__txt": "x"}, "no dictionary"), ({"a__csv": API, "b__csv": API}, "more than one"),
                                                    ({"[Content_Types]__xml": "<x/>"}, "Excel"), ({"instrument__csv": ""}, "empty")])
    def test_it_holds_none(self, tmp_path, members, words):
        with pytest.raises(DictionaryError, match=words):
            load_any(self.write(tmp_path / "x.zip", **members))

    def test_it_is_broken(self, tmp_path):
        path = self.write(tmp_path / "x.zip", instrument__csv="\n".join([UI, *ROWS] * 50))
        whole = path.read_bytes()
        for cut in (20, len(whole) // 2, len(whole) - 10):
            path.write_bytes(whole[:cut])
            with pytest.raises(DictionaryError, match="zip"):
                load_any(path)


def test_seven_thousand_fields_in_half_a_second(tmp_path):
    rows = [row(f"field_{number}", f"form_{number // 200}", "radio", "A label, with a comma", "1, Yes | 2, No | 99, Unknown",
                branching_logic=f"[field_{number - 1}] = '1'") for number in range(7000)]
    path = written(tmp_path, *rows, header=API)
    start = time.perf_counter()
    found = load_redcap(path)
    assert time.perf_counter() - start < 2      # half a second on an idle machine
    assert (len(found.fields), len(found.forms)) == (7000, 35)
