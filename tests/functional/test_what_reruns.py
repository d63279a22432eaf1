"""What a change re-runs, as a table: too little is a stale number, too much is an afternoon."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pyreadstat
import pytest

from tests.conftest import REPOSITORY, pacer, succeeded

RENDER = {"data_quality", "open", "closed", "final"}
ESTIMATE = {"estimate", "estimate_sealed"} | RENDER
DERIVE = {"derive", "derive_sealed"} | ESTIMATE
VALIDATE = {"validate", "validate_sealed"} | DERIVE
CHECK = {"check", "check_endpoints", "check_analyses"}
SEALED = {"validate_sealed", "derive_sealed", "estimate_sealed", "closed", "final"}

# what is changed                                    -> the jobs that run again
TABLE = {
    "nothing":                                          set(),
    "README.md":                                        set(),
    "tests/conftest.py":                                set(),
    "pacer_analysis/simulate/__init__.py":              set(),
    "reports/layout.html.j2":                           RENDER,
    "pacer_analysis/tables/numbers.py":                 RENDER,
    "analysis_plan/pacer/AMENDMENTS.md":                RENDER,
    "pacer_analysis/estimators/cox.py":                 ESTIMATE,
    "analysis_plan/pacer/analyses.yaml":                {"check_analyses"} | ESTIMATE,
    "analysis_plan/pacer/endpoints.yaml":               {"check_endpoints", "check_analyses"} | DERIVE,
    "pacer_analysis/derive/retention.py":               DERIVE,
    "pacer_analysis/validate/__init__.py":              VALIDATE,
    "pacer_analysis/read/stata.py":                     VALIDATE,
    "data_dictionary/pacer/laboratory.csv":             CHECK | VALIDATE,
    "analysis_plan/pacer/trial.yaml":                   CHECK | VALIDATE,
    "pacer_analysis/logic/__init__.py":                 CHECK | VALIDATE,
    "exports/pacer/small/allocation.csv":               SEALED,
}


@pytest.fixture(scope="module")
def house(tmp_path_factory, exports) -> Path:
    """A copy of the repository with its own exports and a finished run."""
    folder = tmp_path_factory.mktemp("house")
    for name in ("pacer_analysis", "reports", "profiles", "analysis_plan", "data_dictionary"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Snakefile", "requirements.lock", "README.md"):
        shutil.copy2(REPOSITORY / name, folder / name)
    (folder / "tests").mkdir()
    (folder / "tests/conftest.py").write_text("")
    shutil.copytree(exports, folder / "exports")
    succeeded(run(folder))
    return folder


def run(house: Path, *more: str):
    return pacer("run", "analysis_plan/pacer", "--cut", "small", *more, "all", cwd=house, home=house)


def would_run(house: Path) -> set[str]:
    """The jobs that a dry run lists."""
    done = succeeded(run(house, "--dry-run"))
    jobs = set(re.findall(r"^(\w+) +\d+$", done.stdout + done.stderr, flags=re.MULTILINE))
    return jobs - {"total", "all"}


@pytest.mark.parametrize("changed", TABLE)
def test_what_a_change_reruns(house, changed):
    path = house / changed
    if changed == "nothing":
        assert would_run(house) == set()
        return
    before = path.read_bytes()
    comment = {".py": b"\n# changed\n", ".yaml": b"\n# changed\n", ".md": b"\nchanged\n", ".j2": b"\n{# changed #}\n", ".csv": b""}[path.suffix]
    content = before.replace(b"Sample", b"SAMPLE", 1).replace(b",4,", b",6,", 1) if path.suffix == ".csv" else before
    if path.suffix == ".csv" and content == before:
        content = before + before.splitlines()[-1] + b"\n"
    try:
        path.write_bytes(content + comment)
        assert would_run(house) == TABLE[changed]
    finally:
        path.write_bytes(before)
        succeeded(run(house))


@pytest.mark.parametrize("age", ["newer", "older"])
def test_one_cell_of_an_export_reruns_from_validate_on(house, age):
    """Also where the file that replaces it has an older date, as unzip and rsync leave it."""
    path = house / "exports/pacer/small/laboratory.dta"
    before, kept = path.read_bytes(), path.stat()
    table, about = pyreadstat.read_dta(str(path), disable_datetime_conversion=True)
    table.loc[0, "result"] = "51"
    try:
        pyreadstat.write_dta(table, str(path), variable_value_labels=about.variable_value_labels, variable_format=about.original_variable_types)
        if age == "older":
            os.utime(path, (kept.st_atime - 10_000_000, kept.st_mtime - 10_000_000))
        assert would_run(house) == VALIDATE
    finally:
        path.write_bytes(before)
        succeeded(run(house))


def test_code_changed_after_the_records_of_snakemake_were_deleted(house):
    path = house / "pacer_analysis/estimators/cox.py"
    before = path.read_bytes()
    shutil.rmtree(house / "results/.snakemake")
    succeeded(run(house))       # without its records Snakemake goes by the times of files alone; from here on they are in order
    shutil.rmtree(house / "results/.snakemake")
    try:
        path.write_bytes(before + b"\n# changed\n")
        assert would_run(house) == ESTIMATE
    finally:
        path.write_bytes(before)
        succeeded(run(house))


def test_two_changes_at_once_are_both_seen(house):
    """A check that has to run again must not hide that what lies behind it is stale."""
    changed = {house / "analysis_plan/pacer/trial.yaml": b"\n# changed\n", house / "pacer_analysis/estimators/cox.py": b"\n# changed\n"}
    before = {path: path.read_bytes() for path in changed}
    try:
        for path, comment in changed.items():
            path.write_bytes(before[path] + comment)
        done = succeeded(run(house))
        ran = {line.split("  ")[0] for line in done.stderr.splitlines() if line.endswith(" s]")}
        assert ran == {"validate", "validate sealed", "derive", "derive sealed", "estimate", "estimate sealed", *(f"render {name}" for name in RENDER)}
    finally:
        for path, content in before.items():
            path.write_bytes(content)
        succeeded(run(house))
