"""The open side without the arm: it builds with every sealed source gone, and does not change when the arms do."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from pacer_analysis.plan import load
from pacer_analysis.results import read_estimates
from tests.conftest import PLAN, pacer, succeeded, tree
from tests.functional.actg320.write_export import write_export

ACTG = Path(__file__).parent / "actg320/plan"
SEALED = ("allocation.csv", "blinding.csv", "clubs.dta")


def outside(results: Path) -> dict[str, bytes]:
    return {name: content for name, content in tree(results).items() if not name.startswith("restricted/")}


def test_open_builds_without_any_sealed_source(exports, tmp_path):
    shutil.copytree(exports, tmp_path / "exports")
    for name in SEALED:
        (tmp_path / "exports/pacer/small" / name).unlink()
    succeeded(pacer("run", PLAN, "--cut", "small", "--exports", tmp_path / "exports", "--results", tmp_path / "results"))
    reports = tmp_path / "results/pacer/small/reports"
    assert sorted(path.name for path in reports.iterdir()) == ["data_quality.html", "open.html"]


@pytest.mark.parametrize("missing", SEALED)
def test_closed_says_which_sealed_source_is_missing(exports, tmp_path, missing):
    shutil.copytree(exports, tmp_path / "exports")
    (tmp_path / "exports/pacer/small" / missing).unlink()
    done = pacer("run", PLAN, "--cut", "small", "--exports", tmp_path / "exports", "--results", tmp_path / "results", "closed")
    assert done.returncode == 3
    assert missing in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "results/pacer/small/restricted/closed.html").exists()


def test_nothing_outside_restricted_differs_after_the_allocation_is_permuted(exports, results, tmp_path):
    shutil.copytree(exports, tmp_path / "exports")
    path = tmp_path / "exports/pacer/small/allocation.csv"
    allocation = pd.read_csv(path, dtype=str, keep_default_na=False)
    allocation["arm"] = allocation["arm"].sample(frac=1, random_state=1).to_numpy()      # one id is in the list twice: it may now have two arms
    allocation.to_csv(path, index=False)
    succeeded(pacer("run", PLAN, "--cut", "small", "--exports", tmp_path / "exports", "--results", tmp_path / "results", "all"))
    before, after = results / "pacer/small", tmp_path / "results/pacer/small"
    assert outside(after) == outside(before)
    assert (after / "restricted/final.html").read_bytes() != (before / "restricted/final.html").read_bytes()


def test_a_file_with_the_arm_in_a_column_stays_blind(tmp_path):
    for name, permuted in (("as-randomised", False), ("permuted", True)):
        folder = tmp_path / name / "actg320/final"
        write_export(folder)
        if permuted:
            table, about = pyreadstat.read_dta(str(folder / "actg320.dta"))
            table["tx"] = table["tx"].sample(frac=1, random_state=1).to_numpy()
            pyreadstat.write_dta(table, str(folder / "actg320.dta"), variable_value_labels=about.variable_value_labels, column_labels=about.column_labels, file_label="ACTG 320")
        succeeded(pacer("run", ACTG, "--cut", "final", "--exports", tmp_path / name, "--results", tmp_path / f"results-{name}", "all"))
    first, second = (tmp_path / f"results-{name}/actg320/final" for name in ("as-randomised", "permuted"))
    assert outside(first) == outside(second)
    assert (first / "restricted/final.html").read_bytes() != (second / "restricted/final.html").read_bytes()


def test_open_builds_without_the_arm_column(tmp_path):
    write_export(tmp_path / "exports/actg320/final", without=("tx",))
    (tmp_path / "exports/actg320/final/blinding.csv").unlink()
    succeeded(pacer("run", ACTG, "--cut", "final", "--exports", tmp_path / "exports", "--results", tmp_path / "results"))
    done = pacer("run", ACTG, "--cut", "final", "--exports", tmp_path / "exports", "--results", tmp_path / "results", "closed")
    assert done.returncode == 3
    assert "tx" in done.stderr or "blinding.csv" in done.stderr


def test_what_is_restricted_is_for_its_owner_only(results):
    assert (results / "pacer/small/restricted").stat().st_mode & 0o077 == 0


def test_no_digest_in_closed_gives_the_letters_away(exports, results):
    """A blinding file has so few possible contents that each could be hashed and compared."""
    closed = (results / "pacer/small/restricted/closed.html").read_text(encoding="utf-8") + (results / "pacer/small/restricted/closed/manifest.json").read_text(encoding="utf-8")
    actual = (exports / "pacer/small/blinding.csv").read_bytes()
    other = actual.replace(b"A", b"?").replace(b"B", b"A").replace(b"?", b"B")
    assert actual != other
    for content in (actual, other, (results / "pacer/small/restricted/sealed/blinding.parquet").read_bytes()):
        assert hashlib.sha256(content).hexdigest() not in closed


def test_tables_with_a_row_per_person_are_not_for_everybody(results):
    for name in ("clean", "sets"):
        assert (results / "pacer/small" / name).stat().st_mode & 0o007 == 0


def test_an_interim_open_report_shows_no_suppression(exports, tmp_path):
    succeeded(pacer("simulate", PLAN, "--n", 60, "--seed", 7, "--interim", "2016-12-31", "--out", tmp_path / "exports/pacer/interim-1"))
    succeeded(pacer("run", PLAN, "--cut", "interim-1", "--exports", tmp_path / "exports", "--results", tmp_path / "results", "all"))
    cut = tmp_path / "results/pacer/interim-1"
    assert not (cut / "restricted/final.html").exists()
    for audience, topics in (("open", {"suppression"}), ("restricted/closed", {"suppression", "retention"})):
        analyses = {name for name, analysis in load(PLAN).analyses.items() if analysis.topic in topics}
        rows = [row for row in read_estimates(cut / audience / "estimates.csv") if row.analysis in analyses]
        assert rows
        assert [row.id for row in rows if row.estimate is not None or row.p is not None or row.n is not None] == []
        assert {row.note.split(":")[0] for row in rows} == {"withheld"}
