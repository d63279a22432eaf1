"""`pacer new`: a skeleton that `pacer check` refuses while a blank is left and accepts once they are filled, and that then runs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from pacer_analysis.plan.blocks import BLANK
from pacer_analysis.results import read_estimates
from pacer_analysis.skeleton import write_skeleton
from tests.conftest import PLAN, REPOSITORY, pacer, succeeded
from tests.functional.actg320.write_export import write_export

DICTIONARY = Path(__file__).parent / "actg320/dictionary/actg320.csv"
ANSWERS = {
    "trial.yaml": ["Indinavir in people with HIV", "Hammer 1997", "Control", "Indinavir", "tx, txgrp", "tx", "age"],
    "endpoints.yaml": ["AIDS or death", "time", "censor", "Indinavir added", "Days to AIDS or death"],
}


def skeleton(folder: Path, *more: object) -> Path:
    succeeded(pacer("new", folder, "--dictionary", DICTIONARY, *more))
    return folder


def fill(folder: Path) -> None:
    """Each blank of each file with its answer, in the order of the file."""
    for name, answers in ANSWERS.items():
        text = (folder / name).read_text(encoding="utf-8")
        head, *blanks = re.split(rf"(?<!every )\b{BLANK}\b", text)
        assert len(blanks) == len(answers), f"{name}: {len(blanks)} blanks"
        (folder / name).write_text(head + "".join(answer + rest for answer, rest in zip(answers, blanks, strict=True)), encoding="utf-8")


def test_blanks_are_refused_one_by_one(tmp_path):
    done = pacer("check", skeleton(tmp_path / "trial"))
    assert done.returncode == 5
    assert f"Replace {BLANK}" in done.stderr
    assert "trial.yaml, line" in done.stderr


def test_a_filled_skeleton_is_accepted_and_runs(tmp_path):
    write_export(tmp_path / "exports/my-trial/final")
    (tmp_path / "exports/my-trial/final/blinding.csv").write_text("arm,code\ncontrol,A\nactive,B\n")
    plan = skeleton(tmp_path / "my-trial", "--export", tmp_path / "exports/my-trial/final/actg320.dta")
    fill(plan)
    assert "every name resolves" in succeeded(pacer("check", plan)).stdout
    succeeded(pacer("run", "my-trial", "--cut", "final", "all", cwd=tmp_path))
    rows = read_estimates(tmp_path / "results/my-trial/final/restricted/final/estimates.csv")
    hazard = next(row for row in rows if row.measure == "hr")
    assert (hazard.n, hazard.events) == (1151, 96)


@pytest.mark.parametrize("dictionary", [PLAN.parent.parent / "data_dictionary/pacer/redcap.csv", REPOSITORY / "data_dictionary/pacer/laboratory.csv"], ids=["redcap", "flat"])
def test_a_skeleton_is_a_readable_plan_whatever_the_dictionary(tmp_path, dictionary):
    succeeded(pacer("new", tmp_path / "trial", "--dictionary", dictionary))
    done = pacer("check", tmp_path / "trial")
    assert done.returncode == 5
    assert "is not filled" in done.stderr


def test_nothing_is_overwritten(tmp_path):
    skeleton(tmp_path / "trial")
    done = pacer("new", tmp_path / "trial", "--dictionary", DICTIONARY)
    assert done.returncode == 7
    assert "not empty" in done.stderr


def test_check_says_when_an_analysis_leaves_the_strata_out(tmp_path):
    shutil.copytree(DICTIONARY.parent.parent, tmp_path / "actg320")
    plan = tmp_path / "actg320/plan"
    assert "note:" not in succeeded(pacer("check", plan)).stdout
    (plan / "analyses.yaml").write_text((plan / "analyses.yaml").read_text().replace(", stratified: true", "", 1))
    assert "analysis primary leaves out what randomisation was stratified by (strat2)" in succeeded(pacer("check", plan)).stdout


def test_what_lies_beside_the_dictionary_comes_along(tmp_path):
    (tmp_path / "from").mkdir()
    shutil.copy(DICTIONARY, tmp_path / "from")
    beside = ("events.csv", "dags.csv", "checks.yaml", "reconciliations.yaml", "data_quality_rules.csv")
    for name in beside:
        (tmp_path / "from" / name).write_text("")
    write_skeleton(tmp_path / "trial", dictionary=tmp_path / "from" / DICTIONARY.name, export=None)
    assert {path.name for path in (tmp_path / "trial/dictionary").iterdir()} == {DICTIONARY.name, "blinding.csv", *beside}
