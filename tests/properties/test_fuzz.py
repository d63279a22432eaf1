"""Damaged exports and dictionaries end in a right read or in one sentence: 200 here, 2,000 in the long tests."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from pacer_analysis.plan import load
from pacer_analysis.simulate import write_cut
from tests.conftest import PLAN
from tests.independent.logic_project_files import write_all
from tests.spec.odm_files import METADATA, RECORDS, written

SCRIPT = Path(__file__).parent / "fuzz_exports.py"
FLAT = """name,label,type,unit,min,max,codes,required,identifier
id,Participant,text,,,,,y,
visit_date,Date of the visit,date,,2015-01-01,,,,
sex,Sex,coded,,,,"1, Male | 2, Female | NA, Not asked",,
weight,Weight,number,kg,30,200,,,
note,Note,text,,,,,,y
"""


@pytest.fixture(scope="module")
def projects(tmp_path_factory) -> Path:
    """Undamaged projects: PACER's, a small one with three arms and repeats, one as XML, one flat as CSV and one as Stata."""
    root = tmp_path_factory.mktemp("projects")
    plan = load(PLAN)
    cut = root / "cut"
    cut.mkdir()
    write_cut(plan, n=12, seed=3, out=cut, interim=None, defects="planted")
    for name in ("pacer", "small", "xml", "flat", "stata"):
        (root / name / "dictionary").mkdir(parents=True)
    for file in ("redcap.csv", "events.csv", "instrument_event_mapping.csv", "repeating.csv"):
        shutil.copy(plan.dictionary / file, root / "pacer/dictionary" / file)
    shutil.copy(next(cut.glob("PACER*.csv")), root / "pacer/export.csv")
    write_all(root / "small/dictionary").rename(root / "small/export.csv")
    written(root / "xml", METADATA, RECORDS.replace("QUJD" * 30000, "QUJD"), name="export.xml")
    shutil.copy(root / "xml/export.xml", root / "xml/dictionary/project.xml")
    (root / "flat/export.csv").write_text('id,visit_date,sex,weight,note\n001,2016-02-03,1,61.5,"a ""b"", c\nd"\n002,,NA,,\n003,2016-13-40,3,x,=1+1\n', encoding="utf-8")
    pd.DataFrame({"id": ["001", "002"], "visit_date": [20000.0, float("nan")], "sex": [1, 2], "weight": [61.5, 70.25], "note": ["a", ""]}).to_stata(root / "stata/export.dta", write_index=False)
    for name in ("flat", "stata"):
        (root / name / "dictionary/flat.csv").write_text(FLAT, encoding="utf-8")
    shutil.rmtree(cut)
    return root


def fuzz(projects: Path, seed: int, count: int) -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), str(projects), str(seed), str(count)], capture_output=True, text=True, check=False, timeout=3000)
    assert done.returncode == 0, done.stderr[-2000:]
    *wrong, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert wrong == []
    assert last["tally"]["read"] + last["tally"]["refused"] == count
    assert min(last["tally"]["read"], last["tally"]["refused"]) > count / 10      # neither refuses everything nor swallows everything
    assert last["peak_mb"] < 2500


def test_two_hundred_damaged_files(projects):
    fuzz(projects, 0, 200)


@pytest.mark.deep
def test_two_thousand_damaged_files(projects):
    fuzz(projects, 10_000, 2000)
