"""`pacer inspect`: one screen, with and without a dictionary, and no value of a participant on it."""

from __future__ import annotations

import pandas as pd
import pytest

from pacer_analysis.errors import ExportError
from pacer_analysis.inspection import inspect
from pacer_analysis.inspection.screen import noticed
from pacer_analysis.read.export import Options
from tests.independent.logic_project_files import write_all

DATA = "id,redcap_data_access_group,town,born,intake_complete\n7-1,north,Gugulethu,1990-02-03,2\n7-2,north,Nyanga,,0\n8-1,,,1991-13-45,1\n"


def test_a_project_form_by_form(tmp_path):
    export = write_all(tmp_path)
    lines = inspect(export, tmp_path / "redcap.csv", Options(missing_codes={"NI": "", "UNK": "", "-99": ""})).splitlines()
    assert lines[0].startswith(f"{export.name}: a raw CSV export, 37 rows, ")
    assert lines[1].startswith("redcap.csv: 7 forms, ")
    assert any(line.startswith("Events in 3 arms (11): screening_arm_1") for line in lines)
    assert [line.split()[0] for line in lines if line.startswith("  ") and line.split()[0] in {"screening", "demog", "vitals", "labs", "ae", "meds", "closeout"}] == \
        ["screening", "demog", "vitals", "labs", "ae", "meds", "closeout"]
    assert max(len(line) for line in lines if "Noticed" not in line and ": " not in line) <= 120


def test_without_a_dictionary_column_by_column_and_no_value(tmp_path):
    (tmp_path / "export.csv").write_text(DATA)
    screen = inspect(tmp_path / "export.csv", None, Options())
    assert "5 columns, 3 rows, utf8" in screen
    assert "record id id, 3 records" in screen
    assert "Forms by their status columns (1): intake" in screen
    rows = {line.split()[0]: line.split() for line in screen.splitlines() if line.startswith("  ")}
    assert rows["town"][1:4] == ["2", "2", "text,"]
    assert rows["born"][1:4] == ["2", "2", "dates"]
    assert "Gugulethu" not in screen
    assert "1990" not in screen


def test_a_label_export_is_recognised(tmp_path):
    (tmp_path / "export.csv").write_text("Record ID,Name,Complete?,Name,Complete?\n1,a,Complete,b,Incomplete\n")
    screen = inspect(tmp_path / "export.csv", None, Options())
    assert "more than once, as in a label export (2): Complete?, Name" in screen


def test_a_stata_file_describes_itself(tmp_path):
    pd.DataFrame({"id": [1, 2], "weight": [60.5, float("nan")]}).to_stata(tmp_path / "data.dta", write_index=False, variable_labels={"weight": "Weight, kg"})
    screen = inspect(tmp_path / "data.dta", None, Options())
    assert "Stata release 114" in screen
    assert "2 rows, 2 columns" in screen
    row = next(line for line in screen.splitlines() if line.strip().startswith("weight"))
    assert row.split()[1] == "1"
    assert row.endswith("Weight, kg")


def test_what_is_no_table_is_refused(tmp_path):
    (tmp_path / "export.csv").write_text("<html><body>Log in</body></html>")
    with pytest.raises(ExportError, match="HTML page"):
        inspect(tmp_path / "export.csv", None, Options())


def test_an_odd_status_does_not_hide_a_form(tmp_path):
    """One odd cell of 20 is 5%; two of four are half of the column."""
    (tmp_path / "export.csv").write_text("id,intake_complete,other_complete\n" + "".join(f"{row},{'x' if row == 3 else 2},{'x' if row % 2 else 2}\n" for row in range(20)))
    assert "Forms by their status columns (1): intake" in inspect(tmp_path / "export.csv", None, Options())


def test_forty_notices_are_shown_and_the_rest_counted():
    lines = noticed([f"note {number}" for number in range(43)])
    assert (lines[1], lines[-2:], len(lines)) == ("Noticed (43):", ["  note 39", "  ... and 3 more"], 43)
    assert noticed(["one"]) == ["", "Noticed (1):", "  one"]
