"""Corrections: one visible file, strict about what it changes, and the only thing that changes a value."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import numpy as np
import pytest

from pacer_analysis.errors import ExportError
from pacer_analysis.provenance.stamped import Cutting, content_of
from pacer_analysis.provenance.study import Outline, Watched
from pacer_analysis.validate.corrections import apply_corrections, check_all_applied, load_corrections, write_corrections
from tests.spec.readings import flat, redcap

HEADER = "record,event,instrument,instance,field,old,new,reason,who,date\n"
WHY = "typing error,A. Nurse,2016-02-10"
TABLES = {
    "intake": """
        record | event       | sex | born       | ill___1 | ill___2 | intake_complete
        S1     | start_arm_1 | 1   | 1990-01-01 | 0       | 1       | 2
        +2 B   | start_arm_1 | 3   | 1991-02-02 | 0       | 0       | 2
    """,
    "visit": """
        record | event       | weight | note          | visit_complete | site
        S1     | later_arm_1 | 300    | one\\ntwo     | 2              | east
        +2 B   | later_arm_1 | UNK    |               | 2              | west
    """,
    "pills": """
        record | event       | instance | dose | pills_complete
        S1     | later_arm_1 | 1        | 5    | 2
        S1     | later_arm_1 | 2        | 05   | 2
    """,
}
LAB = """
    id | sampled    | tube | result | kind
    S1 | 2016-01-05 | T1   | 400    | 1
    S1 | 2016-01-05 | T2   | <20    | 01
    S2 | 2016-01-06 | T3   |        | 2
"""


def written(folder: Path, *lines: str, name: str = "corrections.csv") -> Path:
    (folder / name).write_text(HEADER + "".join(f"{line}\n" for line in lines))
    return folder / name


def project(folder: Path, **more):
    return redcap(folder / "d", TABLES, missing_codes={"UNK": "Unknown"}, **more)


def column(reading, form: str, field: str) -> tuple[list[str], list[object]]:
    """The texts and the typed values of a field."""
    cells = next(table for table in reading.tables if table.form == form).fields[field]
    return [str(text) for text in cells.levels.raw[cells.codes]], list(cells.typed)


@pytest.mark.parametrize(("line", "form", "field", "texts", "typed"), [
    (f"S1,later_arm_1,visit,,weight,300,30.5,{WHY}", "visit", "weight", ["30.5", "UNK"], [30.5, np.nan]),
    (f"'+2 B,later_arm_1,visit,,weight,UNK,61,{WHY}", "visit", "weight", ["300", "61"], [300.0, 61.0]),          # the record as queries.csv writes it
    (f"S1,later_arm_1,visit,,weight,300,UNK,{WHY}", "visit", "weight", ["UNK", "UNK"], [np.nan, np.nan]),
    (f"S1,later_arm_1,visit,,weight,300,,{WHY}", "visit", "weight", ["", "UNK"], [np.nan, np.nan]),
    (f"S1,later_arm_1,visit,,weight,300,heavy,{WHY}", "visit", "weight", ["heavy", "UNK"], [np.nan, np.nan]),    # a finding then, as in any export
    (f'S1,later_arm_1,visit,,note,"one\r\ntwo",three,{WHY}', "visit", "note", ["three", ""], ["three", ""]),
    (f"+2 B,later_arm_1,visit,,note,,seen,{WHY}", "visit", "note", ["one\ntwo", "seen"], ["one\ntwo", "seen"]),
    (f"+2 B,start_arm_1,intake,,sex,3,2,{WHY}", "intake", "sex", ["1", "2"], ["1", "2"]),
    (f"S1,start_arm_1,intake,,ill___1,0,1,{WHY}", "intake", "ill___1", ["1", "0"], ["1", "0"]),
    (f"S1,start_arm_1,intake,,intake_complete,2,1,{WHY}", "intake", "intake_complete", ["1", "2"], ["1", "2"]),
    (f"S1,later_arm_1,pills,2,dose,05,6,{WHY}", "pills", "dose", ["5", "6"], [5.0, 6.0]),
])
def test_a_correction_changes_one_cell_and_is_converted_as_any_text(tmp_path, line, form, field, texts, typed):
    reading = project(tmp_path)
    corrections = load_corrections(written(tmp_path, line))
    after, applied = apply_corrections(reading, corrections)
    found = column(after, form, field)
    assert found[0] == texts
    np.testing.assert_array_equal(np.array(found[1]), np.array(typed))
    check_all_applied(corrections, applied, [after])
    for table, before in zip(after.tables, reading.tables, strict=True):      # nothing else changed, the reading that came in not at all
        for name, cells in table.fields.items():
            if (table.form, name) != (form, field):
                assert cells is before.fields[name]
    assert column(reading, form, field)[0] != texts


def test_a_flat_row_is_found_by_its_key_and_the_instrument_is_the_source(tmp_path):
    reading = flat(tmp_path / "d", LAB)
    corrections = load_corrections(written(tmp_path, f"S1,,lab,2016-01-05/T2,result,<20,19,{WHY}", f"S1,,lab,2016-01-05/T2,kind,01,1,{WHY}", f"S2,,lab,2016-01-06/T3,result,,70,{WHY}"))
    after, applied = apply_corrections(reading, corrections)
    assert column(after, "", "result")[0] == ["400", "19", "70"]
    assert column(after, "", "kind")[0] == ["1", "1", "2"]
    assert [(each.source, each.line, each.label) for each in applied] == [("lab", 3, "Copies"), ("lab", 3, "Kind"), ("lab", 4, "Copies")]


def test_more_texts_than_a_narrow_code_can_count(tmp_path):
    reading = flat(tmp_path / "d", "id | sampled | tube | result\n" + "\n".join(f"S{number} | 2016-01-01 | T | {number}" for number in range(128)))
    (table,) = reading.tables
    cells = table.fields["result"]
    narrow = dataclasses.replace(table, fields=table.fields | {"result": dataclasses.replace(cells, codes=cells.codes.astype(np.int8))})
    after, _ = apply_corrections(dataclasses.replace(reading, tables=(narrow,)), load_corrections(written(tmp_path, f"S5,,lab,2016-01-01/T,result,5,5000,{WHY}")))
    assert column(after, "", "result")[0] == ["5000" if number == 5 else str(number) for number in range(128)]


REFUSED = {
    "another old value": (f"S1,later_arm_1,visit,,weight,301,30,{WHY}", "the old value of a correction is not the one in the export"),
    "a blank for a value": (f"S1,later_arm_1,visit,,weight,,30,{WHY}", "the old value"),
    "a value for a blank": (f"+2 B,later_arm_1,visit,,note,-,30,{WHY}", "the old value"),
    "a number written otherwise": (f"S1,later_arm_1,pills,2,dose,5,6,{WHY}", "the old value"),
    "a code written otherwise": (f"S1,start_arm_1,intake,,sex,01,2,{WHY}", "the old value"),
    "no such record": (f"S9,later_arm_1,visit,,weight,300,30,{WHY}", "a record that has no row"),
    "no such event": (f"S1,start_arm_1,visit,,weight,300,30,{WHY}", "an event or instance"),
    "no such instance": (f"S1,later_arm_1,pills,3,dose,5,6,{WHY}", "an event or instance"),
    "no such field": (f"S1,later_arm_1,visit,,mass,300,30,{WHY}", "a field that is not there"),
    "a field of another form": (f"S1,later_arm_1,visit,,sex,1,2,{WHY}", "a field that is not there"),
    "a checkbox without its option": (f"S1,start_arm_1,intake,,ill,0,1,{WHY}", "a field that is not there"),
    "the record id": (f"S1,later_arm_1,visit,,id,S1,S2,{WHY}", "a key"),
    "the event": (f"S1,later_arm_1,visit,,redcap_event_name,later_arm_1,start_arm_1,{WHY}", "a key"),
    "the instance": (f"S1,later_arm_1,pills,1,redcap_repeat_instance,1,2,{WHY}", "a key"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_stops_the_run_and_says_where_but_not_the_values(tmp_path, case):
    line, what = REFUSED[case]
    corrections = load_corrections(written(tmp_path, line))
    with pytest.raises(ExportError) as caught:
        apply_corrections(project(tmp_path), corrections)
    assert what in caught.value.what
    record, field = line.split(",")[0], line.split(",")[4]
    assert caught.value.where == f"{tmp_path / 'corrections.csv'}, line 2: record {record}, field {field}"
    assert not [value for value in ("300", "301", "1990", "1991") if value in str(caught.value).replace(str(tmp_path), "")]


def test_a_correction_of_an_instrument_that_nobody_read_stops_the_run(tmp_path):
    corrections = load_corrections(written(tmp_path, f"S1,,laboratory,,result,1,2,{WHY}"))
    after, applied = apply_corrections(project(tmp_path), corrections)
    assert applied == ()
    with pytest.raises(ExportError, match="no source that was read") as caught:
        check_all_applied(corrections, applied, [after])
    assert caught.value.allowed == "intake, pills, visit"


@pytest.mark.parametrize(("lines", "where", "what"), [
    ([f"S1,e,visit,,weight,1,2,{WHY}", f"S1,e,visit,,weight,2,3,{WHY}"], "line 2", "twice"),
    ([f"S1,e,visit,,weight,1,1,{WHY}"], "line 2", "changes nothing"),
    ([",e,visit,,weight,1,2,x,y,2016-01-01"], "line 2", "no record"),
    ([f"S1,e,,,weight,1,2,{WHY}"], "line 2", "no instrument"),
    ([f"S1,e,visit,,,1,2,{WHY}"], "line 2", "no field"),
    (["S1,e,visit,,weight,1,2,,y,2016-01-01"], "line 2", "no reason"),
    (["S1,e,visit,,weight,1,2,x, ,2016-01-01"], "line 2", "no who"),
    (["S1,e,visit,,weight,1,2,x,y,"], "line 2", "no date"),
    ([f"S1,e,visit,,note,1,2,{WHY}", "S1,e,visit,,weight,1,2,x,y,1.1.2016"], "line 3", "date"),
])
def test_a_malformed_file_stops_the_run_and_names_the_line(tmp_path, lines, where, what):
    with pytest.raises(ExportError) as caught:
        load_corrections(written(tmp_path, *lines))
    assert where in caught.value.where
    assert what in caught.value.what


def test_no_file_is_no_correction(tmp_path):
    assert load_corrections(tmp_path / "corrections.csv") == ()
    assert load_corrections(None) == ()
    assert load_corrections(written(tmp_path)) == ()


def test_rows_of_one_key_are_told_apart_by_nobody(tmp_path):
    twice = "id | sampled | tube | result\nS1 | 2016-01-05 | T1 | 400\nS1 | 2016-01-05 | T1 | {}"
    corrections = load_corrections(written(tmp_path, f"S1,,lab,2016-01-05/T1,result,400,40,{WHY}"))
    with pytest.raises(ExportError, match="2 rows of the same key"):
        apply_corrections(flat(tmp_path / "differ", twice.format("500")), corrections)
    after, _ = apply_corrections(flat(tmp_path / "copies", twice.format("400")), corrections)       # copies of one row are one row
    assert column(after, "", "result")[0] == ["40", "40"]


# the two sides

def test_a_sealed_field_is_corrected_in_the_closed_file_alone(tmp_path):
    line = f"S2,,lab,2016-01-06/T3,kind,2,1,{WHY}"
    reading = flat(tmp_path / "d", LAB, sealed_fields=("kind",))
    hidden = dataclasses.replace(reading, tables=tuple(table.select(("id", "sampled", "tube", "result")) for table in reading.tables))
    for each in (reading, hidden):
        with pytest.raises(ExportError, match="sealed field"):
            apply_corrections(each, load_corrections(written(tmp_path, line)))
    after, (applied,) = apply_corrections(reading, load_corrections(written(tmp_path, line, name="corrections_closed.csv")))
    assert column(after, "", "kind")[0] == ["1", "01", "1"]
    assert applied.correction.closed


def test_a_sealed_source_is_corrected_in_the_closed_file_alone(tmp_path):
    line = f"S2,,lab,2016-01-06/T3,kind,2,1,{WHY}"
    reading = flat(tmp_path / "d", LAB, reveals_arm=True)
    with pytest.raises(ExportError, match="sealed field"):
        apply_corrections(reading, load_corrections(written(tmp_path, line)))
    assert len(apply_corrections(reading, load_corrections(written(tmp_path, line, name="corrections_closed.csv")))[1]) == 1


def test_an_open_field_is_not_corrected_behind_the_open_side(tmp_path):
    corrections = load_corrections(written(tmp_path, f"S2,,lab,2016-01-06/T3,kind,2,1,{WHY}", name="corrections_closed.csv"))
    with pytest.raises(ExportError, match="the open side would not see it"):
        apply_corrections(flat(tmp_path / "d", LAB), corrections)


def test_a_sealed_part_of_the_key_does_not_make_the_two_sides_differ(tmp_path):
    """The open side sees no sealed field: a correction names the row as its list of queries does, on both sides."""
    whole = flat(tmp_path / "d", LAB, key=("id", "sampled", "kind"), sealed_fields=("kind",))
    hidden = dataclasses.replace(whole, tables=tuple(table.select(("id", "sampled", "tube", "result")) for table in whole.tables))
    corrections = load_corrections(written(tmp_path, f"S2,,lab,2016-01-06/,result,,70,{WHY}"))
    for each in (hidden, whole):
        after, (applied,) = apply_corrections(each, corrections)
        assert column(after, "", "result")[0] == ["400", "<20", "70"]
        assert applied.instance == "2016-01-06/"


def test_a_field_may_be_called_as_a_column_of_the_file(tmp_path):
    dictionary = "name,label,type\nid,P,text\nevent,What happened,text\n"
    reading = flat(tmp_path / "d", "id | event\nS1 | fall", ("id",), dictionary)
    after, _ = apply_corrections(reading, load_corrections(written(tmp_path, f"S1,,lab,,event,fall,fever,{WHY}")))
    assert column(after, "", "event")[0] == ["fever"]


def test_corrections_are_listed_with_their_line_and_identifiers_masked(tmp_path):
    marked = "name,label,type,unit,min,max,codes,required,identifier\nid,P,text,,,,,,\nsampled,S,date,,,,,,\ntube,Tube,text,,,,,,y\nphone,Phone,text,,,,,,y\nresult,Copies,number,,,,,,\n"
    lab = "id | sampled | tube | phone | result\nS1 | 2016-01-05 | SMITH | 0123 | 400"
    lines = (f"S1,,lab,2016-01-05/SMITH,phone,0123,,{WHY}", f"S1,,lab,2016-01-05/SMITH,result,400,-4,{WHY}")
    reading = flat(tmp_path / "d", lab, dictionary=marked, reveals_arm=True)
    _, applied = apply_corrections(reading, load_corrections(written(tmp_path, *lines, name="corrections_closed.csv")))
    (tmp_path / "out").mkdir()
    write_corrections(tmp_path / "out", applied)
    with (tmp_path / "out/corrections.csv").open(newline="") as handle:
        rows = list(csv.reader(handle))
    assert rows == [
        [*HEADER.strip().split(","), "label", "site", "source", "line"],
        ["S1", "", "lab", "2016-01-05/[masked]", "phone", "[masked]", "", "typing error", "A. Nurse", "2016-02-10", "Phone", "", "lab", "2"],
        ["S1", "", "lab", "2016-01-05/[masked]", "result", "400", "-4", "typing error", "A. Nurse", "2016-02-10", "Copies", "", "lab", "2"]]


@pytest.mark.parametrize(("file", "stamp"), [("corrections.csv", "exports"), ("accepted.csv", "exports"), ("corrections_closed.csv", "sealed"), ("accepted_closed.csv", "sealed")])
def test_each_file_stands_in_the_stamp_of_its_side_and_in_no_other(tmp_path, file, stamp):
    (tmp_path / "all.csv").write_text("id\n")
    # a pattern so wide that it matches the files written beside the export
    cutting = Cutting(tmp_path, Outline("t", tmp_path, {"all": Watched("*.csv", "no"), "arms": Watched("*.csv", "all"), "some": Watched("*.csv", "fields")}), tmp_path, tmp_path, None)
    names = ("exports", "mixed", "sealed")
    before = {name: content_of(name, cutting) for name in names}
    for text in ("one\n", "two\n"):
        (tmp_path / file).write_text(text)
        after = {name: content_of(name, cutting) for name in names}
        assert [name for name in names if after[name] != before[name]] == [stamp]
        before = after
