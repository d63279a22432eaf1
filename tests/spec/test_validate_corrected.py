"""Corrections in a cut: made before anything is judged, on their side of the blinding, and listed there."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from pacer_analysis.errors import ExportError
from tests.spec.both_sides import validate_both, write_drawn
from tests.spec.test_validate_cutoff import CARE, LAB, PEOPLE, drawn_plan

HEADER = "record,event,instrument,instance,field,old,new,reason,who,date\n"
OPEN, CLOSED = HEADER + "P,,people,,relapsed,7,1,Typed wrongly,AB,2016-01-02\n", HEADER + "P,,people,,arm,c,a,Typed wrongly,AB,2016-01-02\n"


def run(folder: Path, opened: str = "", closed: str = "") -> Path:
    """Both sides of a cut with one participant, her relapse and her arm typed wrongly."""
    plan = drawn_plan(folder / "plan")
    exports = folder / "exports"
    exports.mkdir()
    for name, drawn in (("people", PEOPLE + "P | 2015-01-01 | | 2016-02-01 | 5 | 7 | c"), ("care", CARE), ("lab", LAB)):
        write_drawn(exports / f"{name}.csv", drawn)
    for name, text in (("corrections.csv", opened), ("corrections_closed.csv", closed)):
        if text:
            (exports / name).write_text(text)
    validate_both(plan, exports, folder, "2015-12-31")
    return folder


def rows(path: Path, *columns: str) -> list[tuple[str, ...]]:
    with path.open(newline="") as handle:
        return [tuple(row[column] for column in columns) for row in csv.DictReader(handle)]


def test_without_corrections_the_findings_stand(tmp_path):
    run(tmp_path)
    assert ("choice", "relapsed") in rows(tmp_path / "False/clean/queries.csv", "rule", "field")
    assert ("sealed_choice", "arm") in rows(tmp_path / "True/queries_closed.csv", "rule", "field")
    assert rows(tmp_path / "False/clean/corrections.csv", "record") == []


def test_each_side_makes_and_lists_its_own(tmp_path):
    run(tmp_path, OPEN, CLOSED)
    assert "choice" not in [rule for (rule,) in rows(tmp_path / "False/clean/queries.csv", "rule")]
    assert rows(tmp_path / "True/queries_closed.csv", "rule") == []
    assert rows(tmp_path / "False/clean/corrections.csv", "record", "field", "old", "new") == [("P", "relapsed", "7", "1")]
    assert rows(tmp_path / "True/sealed/corrections.csv", "record", "field", "old", "new") == [("P", "arm", "c", "a")]
    assert pd.read_parquet(tmp_path / "False/clean/people.parquet")["relapsed"].tolist() == ["1"]
    assert pd.read_parquet(tmp_path / "True/sealed/people.parquet")["arm"].tolist() == ["a"]


@pytest.mark.parametrize(("opened", "closed"), [(CLOSED, ""), ("", OPEN), (OPEN.replace(",7,", ",8,"), ""), (OPEN.replace(",people,", ",nobody,"), "")])
def test_a_correction_on_the_wrong_side_or_of_another_value_stops_the_run(tmp_path, opened, closed):
    with pytest.raises(ExportError):
        run(tmp_path, opened, closed)
