"""What a change re-runs, as a table: too little is a stale number, too much is an afternoon."""

from __future__ import annotations

import hashlib
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
    "exports/pacer/small/cut.yaml":                     VALIDATE,
    "exports/pacer/small/corrections.csv":              VALIDATE,
    "exports/pacer/small/accepted.csv":                 VALIDATE,
    "exports/pacer/small/corrections_closed.csv":       SEALED,
    "exports/pacer/small/accepted_closed.csv":          SEALED,
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
    for side in ("", "_closed"):
        (folder / f"exports/pacer/small/corrections{side}.csv").write_text("record,event,instrument,instance,field,old,new,reason,who,date\n")
        (folder / f"exports/pacer/small/accepted{side}.csv").write_text("query_id,reason,who,date\n")
    succeeded(run(folder))
    return folder


def run(house: Path, *more: str):
    return pacer("run", "analysis_plan/pacer", "--cut", "small", *more, "all", cwd=house, home=house)


def ran(done) -> set[str]:
    """The jobs that a run says it did."""
    return {line.split()[0] for line in done.stderr.splitlines() if line.endswith(" s]")}


def would_run(house: Path) -> set[str]:
    """The jobs that a dry run lists."""
    done = succeeded(run(house, "--dry-run"))
    jobs = set(re.findall(r"^(\w+) +\d+$", done.stdout + done.stderr, flags=re.MULTILINE))
    return jobs - {"total", "all"}


@pytest.mark.parametrize("changed", TABLE)
def test_what_a_change_reruns(house, changed):
    path, results = house / changed, house / "results/pacer/small"
    if changed == "nothing":
        assert would_run(house) == set()
        return
    kept = {name: shutil.copytree(results / name, house / "kept" / name, dirs_exist_ok=True) for name in (".stamps", "restricted/.stamps", "restricted/.receipts")}
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
        for name, copy in kept.items():      # a dry run drops what it finds stale; nothing was computed, so all is as it was
            shutil.copytree(copy, results / name, dirs_exist_ok=True)
        shutil.rmtree(house / "kept")


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


def test_no_digest_of_a_closed_file_is_on_the_open_side(house):
    """A digest would say when the corrections of sealed fields changed, and prove a guess at them."""
    exports, results = house / "exports/pacer/small", house / "results/pacer/small"
    for name in ("corrections_closed.csv", "accepted_closed.csv"):
        value = hashlib.sha256((exports / name).read_bytes() + b"closed").hexdigest()
        before = (exports / name).read_bytes()
        try:
            (exports / name).write_bytes(before + b"closed")
            would_run(house)
            assert value in (results / "restricted/.stamps/sealed.json").read_text()
            assert not [path for path in results.rglob("*") if path.is_file() and "restricted" not in path.parts and value.encode() in path.read_bytes()]
        finally:
            (exports / name).write_bytes(before)
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
        assert ran(done) == VALIDATE
    finally:
        for path, content in before.items():
            path.write_bytes(content)
        succeeded(run(house))


def test_a_change_seen_by_one_target_first_still_reaches_the_others(house):
    """The open side alone is brought up to date; the restricted side must not then be taken for current."""
    path = house / "exports/pacer/small/laboratory.dta"
    before = path.read_bytes()
    table, about = pyreadstat.read_dta(str(path), disable_datetime_conversion=True)
    table.loc[table["result"] == "<20", "result"] = "5000"
    try:
        pyreadstat.write_dta(table, str(path), variable_value_labels=about.variable_value_labels, variable_format=about.original_variable_types)
        first = succeeded(pacer("run", "analysis_plan/pacer", "--cut", "small", "open", cwd=house, home=house))
        second = succeeded(run(house))
        assert ran(first) == {"validate", "derive", "estimate", "open"}
        assert ran(second) == SEALED | {"data_quality"}
    finally:
        path.write_bytes(before)
        succeeded(run(house))


def test_files_that_were_lost_are_made_again(house):
    results = house / "results/pacer/small"
    lost = ["clean/redcap/adverse_events_women.parquet", "sets/viral_loads.parquet", "open/estimates.csv", "restricted/closed/curves.csv", "reports/open.html"]
    before = {name: (results / name).read_bytes() for name in lost}
    for name in lost:
        (results / name).unlink()
    succeeded(run(house))
    assert {name: (results / name).read_bytes() for name in lost} == before


def test_a_file_that_was_edited_is_made_again(house):
    path = house / "results/pacer/small/open/estimates.csv"
    before = path.read_bytes()
    path.write_bytes(before.replace(b"0.", b"1.", 1))
    succeeded(run(house))
    assert path.read_bytes() == before


def test_a_step_run_alone_with_another_plan_does_not_stay(house):
    """Edited, computed by hand, put back: the sets are of a plan that is no more."""
    plan, sets = house / "analysis_plan/pacer/endpoints.yaml", house / "results/pacer/small/sets/endpoints.parquet"
    before, right = plan.read_bytes(), sets.read_bytes()
    try:
        plan.write_bytes(before.replace(b"due: scheduled, grace: 90", b"due: scheduled, grace: 5"))
        succeeded(pacer("derive", "analysis_plan/pacer", "--cut", "small", cwd=house, home=house))
        assert sets.read_bytes() != right
    finally:
        plan.write_bytes(before)
    succeeded(run(house))
    assert sets.read_bytes() == right


def test_a_cut_that_turns_interim_loses_its_final_report(house):
    path = house / "exports/pacer/small/cut.yaml"
    before = path.read_bytes()
    try:
        path.write_bytes(before.replace(b"kind: final", b"kind: interim"))
        done = succeeded(run(house))
        assert not list((house / "results/pacer/small").rglob("final*"))
        assert "final.html" not in done.stdout.replace("final: not for this cut", "")
    finally:
        path.write_bytes(before)
        succeeded(run(house))
