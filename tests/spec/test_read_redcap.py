"""A REDCap export by its project: which row is a row of which form, and what a cell is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pacer_analysis.dictionary import load_project
from pacer_analysis.errors import ExportError
from pacer_analysis.plan import Source
from pacer_analysis.read.redcap import read_redcap
from pacer_analysis.read.sealed import all_fields, open_fields
from pacer_analysis.read.tidy import to_arrow, unconverted
from tests.conftest import REPOSITORY
from tests.spec.test_dictionary import API

MATERIAL = REPOSITORY.parent / "shared/material/redcap/redcapr"
FIELDS = """
id,intake,,text,ID
name,intake,,text,Name,,,,,,y
born,intake,,text,Born,,,date_dmy
why,intake,,checkbox,Why,"1, Work | -99, Other"
weight,visit,,text,Weight,,,number_1dp
height,visit,,text,Height,,,number_comma_decimal
tx,visit,,radio,Treatment,"a, Active | p, Placebo"
pill,pills,,text,Pills,,,integer
""".strip().splitlines()
HEADER = ("id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,redcap_data_access_group,name,born,why___1,why____99,intake_complete,"
          "weight,height,tx,visit_complete,pill,pills_complete")
#        id  event  instrument inst. group  name born  why     done weight height tx done pill done
ROWS = ['1,start_arm_1,,,north,Ann,1990-05-31,1,0,2,,,,,,',
        '1,later_arm_1,,,north,,,,,,61.0,"1,54",a,2,,',
        '1,later_arm_1,pills,1,north,,,,,,,,,,30,2',
        '1,later_arm_1,pills,3,north,,,,,,,,,,28,1',
        '01,start_arm_1,,,,"Bo\n""B"" Smith",NASK,0,0,0,,,,,,',
        '01,later_arm_1,,,,,,,,,,,,0,,',
        '2,later_arm_1,,,south,,,,,,before validation 1,,p,0,,']
SOURCE = Source("redcap", "data.csv", "redcap", "redcap.csv", ("id",), missing_codes={"NASK": "Not asked"})


@pytest.fixture
def project(tmp_path):
    rows = [line + "," * (17 - (line.count(",") - (2 if '"' in line else 0) + (1 if '"' in line else 0))) for line in FIELDS]
    (tmp_path / "redcap.csv").write_text("\n".join([API, *rows]) + "\n")
    (tmp_path / "events.csv").write_text("event_name,arm_num,unique_event_name\nStart,1,start_arm_1\nLater,1,later_arm_1\n")
    (tmp_path / "instrument_event_mapping.csv").write_text("arm_num,unique_event_name,form\n1,start_arm_1,intake\n1,later_arm_1,visit\n1,later_arm_1,pills\n")
    (tmp_path / "repeating.csv").write_text("event_name,form_name,custom_form_label\nlater_arm_1,pills,\n")
    return load_project(tmp_path, "redcap.csv")


def read(project, tmp_path: Path, header: str = HEADER, rows: list[str] = ROWS, *, encoding: str = "utf-8", end: str = "\n", source: Source = SOURCE):
    path = tmp_path / "data.csv"
    path.write_bytes((end.join([header, *rows]) + end).encode(encoding))
    tables, notes, count, _ = read_redcap(path, source, project, open_fields(source, project))
    assert count == len(rows)
    return {table.form: table for table in tables}, notes


def said(notes) -> list[tuple[str, str, str]]:
    """What the reader noticed; record 1 of the drawn export lacks an instance, which each test on it would say."""
    return [(note.rule, note.severity, note.field) for note in notes if (note.rule, note.form) != ("instances", "pills") and note.rule != "first_event"]


def frame(table) -> pd.DataFrame:
    return to_arrow(table).to_pandas()


def test_each_row_goes_to_its_form_and_a_form_never_opened_has_none(project, tmp_path):
    tables, notes = read(project, tmp_path)
    assert [(note.rule, note.severity, note.form) for note in notes] == [("instances", "info", "pills"), ("first_event", "info", "")]      # 1 and 3 are there; 2 has no start
    visit = frame(tables["visit"])
    # record 01 has a row for the event, but nobody opened the form: only 0 as its status
    assert visit["record"].tolist() == ["1", "2"]
    assert visit["line"].tolist() == [3, 8]
    assert visit["site"].tolist() == ["north", "south"]
    pills = frame(tables["pills"])
    assert (pills["instance"].tolist(), pills["pill"].tolist(), pills["event"].unique().tolist()) == ([1, 3], [30.0, 28.0], ["later_arm_1"])
    intake = frame(tables["intake"])
    assert intake["record"].tolist() == ["1", "01"]
    assert intake["name"].tolist() == ["Ann", 'Bo\n"B" Smith']
    assert intake.columns.tolist() == ["record", "event", "instrument", "instance", "line", "site", "name", "born", "why___1", "why____99", "intake_complete"]


def test_types(project, tmp_path):
    tables, _ = read(project, tmp_path)
    visit, intake = frame(tables["visit"]), frame(tables["intake"])
    assert (visit["weight"].dtype, visit["tx"].dtype, intake["born"].dtype) == (np.float64, object, "datetime64[ns]")
    assert visit["weight"].tolist()[0] == 61.0
    assert np.isnan(visit["weight"].tolist()[1])
    assert visit["height"].tolist()[0] == 1.54
    assert visit["tx"].tolist() == ["a", "p"]
    assert intake["born"].tolist() == [pd.Timestamp("1990-05-31"), pd.NaT]
    assert intake["why___1"].tolist() == ["1", "0"]


def test_what_a_typed_value_does_not_say_is_kept(project, tmp_path):
    tables, _ = read(project, tmp_path)
    kept = pd.concat([unconverted(table).to_pandas() for table in tables.values()])
    assert kept[["form", "line", "field", "raw"]].to_numpy().tolist() == [["intake", 6, "born", "NASK"], ["visit", 8, "weight", "before validation 1"]]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "^"])
@pytest.mark.parametrize(("encoding", "end"), [("utf-8-sig", "\r\n"), ("utf-8", "\r")])
def test_delimiters_line_ends_and_marks(project, tmp_path, delimiter, encoding, end):
    import csv
    import io

    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(csv.reader(io.StringIO("\n".join([HEADER, *ROWS]), newline="")))
    path = tmp_path / "data.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    tables, notes, _, _ = read_redcap(path, SOURCE, project, all_fields(project))
    expected, _ = read(project, tmp_path)
    assert said(notes) == []
    for table in tables:
        pd.testing.assert_frame_equal(frame(table), frame(expected[table.form]))


def test_letters_of_an_old_windows_program(project, tmp_path):
    tables, notes = read(project, tmp_path, rows=[ROWS[0].replace("Ann", "Zo\u00eb")], encoding="cp1252")
    assert frame(tables["intake"])["name"].tolist() == ["Zo\u00eb"]
    assert [note.rule for note in notes] == ["encoding"]


def test_a_column_too_many_is_noted_and_an_identifier_may_be_absent(project, tmp_path):
    header = HEADER.replace(",name,", ",nickname,")
    tables, notes = read(project, tmp_path, header)
    assert sorted(said(notes)) == [("missing_column", "warning", "name"), ("unknown_column", "info", "nickname")]
    assert "nickname" not in frame(tables["intake"])


def test_a_field_that_the_export_lacks_is_noted(project, tmp_path):
    tables, notes = read(project, tmp_path, HEADER.replace(",born,", ",birthday,"))
    assert sorted(said(notes)) == [("missing_column", "warning", "born"), ("unknown_column", "info", "birthday")]
    assert "2 filled cells" in next(note.message for note in notes if note.field == "birthday")
    assert "born" not in frame(tables["intake"])


def test_a_sealed_field_is_never_read(project, tmp_path):
    source = Source("redcap", "data.csv", "redcap", "redcap.csv", ("id",), sealed_fields=("tx",))
    tables, _ = read(project, tmp_path, source=source)
    assert "tx" not in tables["visit"].fields
    without = [",".join(cell for place, cell in enumerate(line.split(",")) if place != 12) for line in [HEADER, ROWS[0]]]
    tables, _ = read(project, tmp_path, without[0], without[1:], source=source)      # nor need it be in the export
    assert tables["intake"].rows == 1


def test_checkbox_columns_as_other_tools_name_them(project, tmp_path):
    tables, notes = read(project, tmp_path, HEADER.replace("why____99", "why___-99"))
    assert frame(tables["intake"])["why____99"].tolist() == ["0", "0"]
    assert said(notes) == []


def test_events_by_their_labels(project, tmp_path):
    tables, notes = read(project, tmp_path, rows=[row.replace("start_arm_1", "Start").replace("later_arm_1", "Later") for row in ROWS])
    assert frame(tables["visit"])["event"].tolist() == ["later_arm_1", "later_arm_1"]
    assert said(notes) == []


@pytest.mark.parametrize(("row", "words"), [
    ("3,other_arm_1,,,north,,,,,,70,,,2,,", "events.csv"),
    ("3,later_arm_1,drips,1,north,,,,,,,,,,30,2", "form of the dictionary"),
    ("3,later_arm_1,pills,NA,north,,,,,,,,,,30,2", "whole number"),
    ("3,start_arm_1,,,north,Cy,,0,0,2,70,,,2,,", "cannot exist"),
])
def test_rows_that_the_project_cannot_have(project, tmp_path, row, words):
    _, notes = read(project, tmp_path, rows=[*ROWS, row])
    assert [note.rule for note in notes if note.rule not in {"instances", "first_event"}] == ["structure"]
    assert words in notes[0].message


@pytest.mark.parametrize(("header", "rows", "words"), [
    (HEADER.replace("id,", "study_no,", 1), ROWS, ("record id", "no column id")),
    (HEADER.replace("redcap_event_name", "visit_name"), ROWS, ("redcap_event_name",)),
    (HEADER.replace(",name,", ",born,"), ROWS, ("more than once", "born")),
    (HEADER, [*ROWS, "9,start_arm_1,,,north"], ("5 cells", "row 9")),
    (HEADER, [ROWS[0] + '"2', *ROWS[2:4]], ("never closed",)),
    ("Study ID,Event Name,Your name", ["1,a,b"], ("raw",)),
])
def test_files_that_are_refused(project, tmp_path, header, rows, words):
    with pytest.raises(ExportError) as refused:
        read(project, tmp_path, header, rows)
    assert all(word in str(refused.value) for word in (*words, "data.csv")), str(refused.value)
    assert "north" not in str(refused.value)


@pytest.mark.skipif(not MATERIAL.is_dir(), reason="the public test projects of REDCapR are not beside the repository")
@pytest.mark.parametrize("name", ["checkboxes-1", "clinical-trial-1", "dag", "decimal-comma", "nonnumeric-record-id", "potentially-problematic-values", "repeating-instruments", "survey",
                                  "validation-types-1", "longitudinal"])
def test_exports_that_redcap_made(name, tmp_path):
    """No filled cell of the file is lost: each is in the tidy table of its form, or its raw text is kept."""
    import csv

    folder = MATERIAL / name
    for file in folder.glob("*.csv"):
        (tmp_path / {"event.csv": "events.csv"}.get(file.name, file.name)).write_bytes(file.read_bytes())
    project = load_project(tmp_path, next(tmp_path.glob("dictiona*.csv")).name)
    record = project.dictionary.record_id
    tables, _, _, _ = read_redcap(tmp_path / "data.csv", Source("redcap", "data.csv", "redcap", "", (record,)), project, all_fields(project))
    with (tmp_path / "data.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    for table in tables:
        assert not unconverted(table).num_rows or name == "potentially-problematic-values", (table.form, unconverted(table).to_pandas())
        for column, cells in table.fields.items():
            boxes = cells.kind == "checkbox" or column == f"{table.form}_complete"
            expected = sorted(row[column] for row in rows if row[column].strip() and not (boxes and row[column] == "0"))
            found = sorted(str(text) for text in cells.levels.raw[cells.codes] if text.strip() and not (boxes and text == "0"))
            assert found == expected, column
