"""ACTG 320 by configuration alone: the published figures, from folders elsewhere, by three ways of running."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pacer_analysis.results import read_estimates
from tests.conftest import REPOSITORY, pacer, succeeded
from tests.functional.actg320.write_export import write_export

HERE = Path(__file__).parent / "actg320"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory) -> Path:
    """Plan, dictionary and exports in a folder that has nothing else of the project."""
    folder = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(HERE / "plan", folder / "study/plan")
    shutil.copytree(HERE / "dictionary", folder / "study/dictionary")
    write_export(folder / "data/actg320/final")
    return folder


def published(results: Path) -> None:
    """The hazard ratio of Hammer 1997: 0.50 (0.33 to 0.76), which is 0.499 (0.328 to 0.761) to one digit more; 33 and 63 events."""
    rows = read_estimates(results / "actg320/final/restricted/final/estimates.csv")
    hazard = next(row for row in rows if row.analysis == "primary" and row.measure == "hr")
    assert (f"{hazard.estimate:.3f}", f"{hazard.low:.3f}", f"{hazard.high:.3f}") == ("0.499", "0.328", "0.761")
    assert (hazard.n, hazard.events, hazard.missing) == (1151, 96, 0)
    assert hazard.agreement is not None
    assert hazard.agreement <= 1e-6
    assert "0.50" in (results / "actg320/final/restricted/final.html").read_text(encoding="utf-8")


def test_pacer_run(elsewhere):
    succeeded(pacer("run", "study/plan", "--cut", "final", "--exports", "data", "--results", "by-run", "all", cwd=elsewhere))
    published(elsewhere / "by-run")


def test_snakemake_config(elsewhere):
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile"), "--cores", "2", "--config",
               "plan=study/plan", "cut=final", "exports=data", "results=by-snakemake", "--", "all"]
    done = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, timeout=300)
    assert done.returncode == 0, done.stderr
    published(elsewhere / "by-snakemake")


def test_the_wheel_carries_the_workflow(elsewhere):
    built = subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(elsewhere / "wheel")], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    wheel = next((elsewhere / "wheel").glob("*.whl"))
    shutil.unpack_archive(wheel, elsewhere / "installed", "zip")
    assert (elsewhere / "installed/pacer_analysis/_workflow/Snakefile").is_file()
    succeeded(pacer("run", "study/plan", "--cut", "final", "--exports", "data", "--results", "by-wheel", "all", cwd=elsewhere, home=elsewhere / "installed"))
    published(elsewhere / "by-wheel")
    manifest = json.loads((elsewhere / "by-wheel/actg320/final/restricted/final/manifest.json").read_text())
    assert manifest["study"] == "actg320"


def test_the_package_knows_no_study():
    """Nothing in the package outside simulate/ names a study or one of its fields."""
    words = ("actg", "pacer_data", "mch_art", "enr_rand", "strat2", "art_visits", "txgrp")
    for path in (REPOSITORY / "pacer_analysis").rglob("*.py"):
        if "simulate" not in path.parts:
            text = path.read_text(encoding="utf-8").lower()
            assert not [word for word in words if word in text], path
