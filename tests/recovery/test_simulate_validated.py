"""The validation finds every planted defect, and nothing in a clean cut."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pacer_analysis import validate
from pacer_analysis.plan import load, load_cut
from pacer_analysis.simulate import write_cut

PLAN = load(Path(__file__).parents[2] / "analysis_plan" / "pacer")


def findings(folder: Path, defects: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Findings on both sides apart from missing-data codes, late visits and lost specimens, which are no errors, and the defects planted."""
    exports = folder / defects
    exports.mkdir()
    write_cut(PLAN, n=412, seed=20150416, out=exports, defects=defects)
    found = []
    for sealed in (False, True):
        out = folder / f"{defects}-{sealed}"
        out.mkdir()
        validate.run(PLAN, load_cut(exports), exports=exports, out=out, sealed=sealed, previous=None)
        found += [pd.read_csv(file, dtype=str, keep_default_na=False) for file in sorted(out.rglob("queries*.csv"))]
    queries = pd.concat(found)
    no_error = queries.rule.str.endswith("missing_code") | (queries.rule.isin(["visit_window", "study_sample_missing"]) & (queries.severity == "info"))
    return queries[~no_error], pd.read_csv(exports / "truth" / "defects.csv", dtype=str, keep_default_na=False)


@pytest.mark.slow
def test_a_clean_cut_has_no_findings(tmp_path):
    queries, defects = findings(tmp_path, "none")
    assert defects.empty
    assert queries[["source", "rule", "record", "field"]].to_numpy().tolist() == []


@pytest.mark.slow
def test_every_planted_defect_is_found_and_no_innocent_woman_is_queried(tmp_path):
    queries, defects = findings(tmp_path, "planted")
    found, planted = (set(zip(table.source, table.record, strict=True)) for table in (queries, defects))
    assert planted - found == set()
    # One allocation written down too late makes the women randomised after her in her stratum look out of order.
    innocent = queries[[place not in planted for place in zip(queries.source, queries.record, strict=True)]]
    assert set(innocent.rule) <= {"sealed_allocation_order"}
