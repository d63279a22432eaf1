"""Two cuts side by side, drawn small enough to count the differences by eye."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path

import pytest

from pacer_analysis.compare import compare
from pacer_analysis.errors import ExportError
from pacer_analysis.validate.queries import COLUMNS, write_queries
from pacer_analysis.validate.safecsv import write_csv
from pacer_analysis.validate.written import write_fields, write_tables
from tests.conftest import pacer, tree
from tests.spec.readings import FIELDS, flat, redcap

INTAKE = """
    record | event       | sex | born       | ill___1 | intake_complete
    S1     | start_arm_1 | 1   | 1990-01-01 | 0       | 2
    S2     | start_arm_1 | 2   | 1991-01-01 | 1       | 2
    S3     | start_arm_1 | 2   | 1992-01-01 | 0       | 0
"""
VISIT = """
    record | event       | weight | note   | visit_complete
    S1     | later_arm_1 | 61.5   | well   | 2
    S2     | later_arm_1 |        | = lost | 2
    S3     | later_arm_1 | 70     |        | 1
"""
PILLS = """
    record | event       | instance | dose | pills_complete
    S1     | later_arm_1 | 1        | 5    | 2
    S1     | later_arm_1 | 2        | 5.0  | 2
"""
LAB = """
    id | sampled    | tube | result | kind
    S1 | 2016-01-05 | T1   | 400    | 1
    S1 | 2016-01-09 | T2   | <20    | 01
    S2 | 2016-01-06 | T3   |        | 2
"""
FORMS = {"intake": INTAKE, "visit": VISIT, "pills": PILLS}


def results(folder: Path, name: str, *readings, queries=(), fields: bool = True) -> Path:
    """The results folder of a cut as validation leaves it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from pacer_analysis.read.tidy import unconverted

    clean = folder / name / "clean"
    clean.mkdir(parents=True)
    for reading in readings:
        write_tables(reading, clean, {})
    pq.write_table(pa.concat_tables([unconverted(table) for reading in readings for table in reading.tables]), clean / "unconverted.parquet")
    if fields:
        write_fields(readings, clean)
    write_queries(clean / "queries.csv", list(queries))
    (clean / "cut.json").write_text(json.dumps({"cut": name, "cutoff": "2016-01-31"}))
    return folder / name


def query(name: str, status: str, rule: str = "range") -> dict[str, str]:
    return dict.fromkeys(COLUMNS, "") | {"query_id": name, "status": status, "rule": rule}


@pytest.fixture
def first(tmp_path) -> Path:
    return results(tmp_path, "one", redcap(tmp_path / "a", FORMS), flat(tmp_path / "b", LAB),
                   queries=[query("a", "new"), query("b", "open"), query("c", "reopened", "required"), query("d", "open"), query("e", "accepted"), query("f", "resolved")])


def differences(folder: Path) -> list[str]:
    with (folder / "changes.csv").open(newline="") as handle:
        header, *rows = list(csv.reader(handle))
    assert header == ["record", "event", "instrument", "instance", "field", "change", "old", "new"]
    return [" | ".join(row) for row in rows]


def counts(folder: Path) -> dict[tuple[str, str, str], int]:
    with (folder / "summary.csv").open(newline="") as handle:
        return {(row["table"], row["field"], row["measure"]): int(row["count"]) for row in csv.DictReader(handle)}


def compared(tmp_path: Path, first: Path, second: Path) -> tuple[list[str], dict[tuple[str, str, str], int], str]:
    out = tmp_path / "out"
    out.mkdir()
    said = compare(first, second, out)
    assert sorted(path.name for path in out.iterdir()) == ["changes.csv", "summary.csv"]
    return differences(out), counts(out), said


def test_a_cut_does_not_differ_from_itself(tmp_path, first):
    changes, found, said = compared(tmp_path, first, first)
    assert changes == []
    assert {key: count for key, count in found.items() if any(word in key[2] for word in ("added", "removed", "changed", "new", "resolved", "listed"))} == dict.fromkeys(
        (key for key in found if any(word in key[2] for word in ("added", "removed", "changed", "new", "resolved", "listed"))), 0)
    assert said.splitlines()[:2] == ["one (to 2016-01-31) -> one (to 2016-01-31)", "records: 3 -> 3, 0 added, 0 removed"]


def test_values_rows_and_records_added_changed_and_removed(tmp_path, first):
    intake = """
        record | event       | sex | born       | ill___1 | intake_complete
        S1     | start_arm_1 | 1   | 1990-01-02 | 1       | 2
        S2     | start_arm_1 | 02  | 1991-01-01 | 1       | 2
        S4     | start_arm_1 | 1   | 1993-01-01 | 0       | 0
    """
    visit = """
        record | event       | weight | note   | visit_complete
        S2     | later_arm_1 | 55     | +1     | 2
        S1     | later_arm_1 |        | well   | 2
        S4     | later_arm_1 | 70     |        | 1
    """
    pills = """
        record | event       | instance | dose | pills_complete
        S1     | later_arm_1 | 2        | 5    | 2
        S1     | later_arm_1 | 3        | 7    | 2
    """
    lab = """
        id | sampled    | tube | result | kind
        S1 | 2016-01-05 | T1   | 400.0  | 1
        S1 | 2016-01-09 | T2   | 20     | 1
        S2 | 2016-01-07 | T3   |        | 2
    """
    second = results(tmp_path, "two", redcap(tmp_path / "c", {"intake": intake, "visit": visit, "pills": pills}), flat(tmp_path / "d", lab))
    changes, found, said = compared(tmp_path, first, second)
    assert changes == [
        "S1 | start_arm_1 | intake |  | born | value changed | [masked] | [masked]",
        "S1 | start_arm_1 | intake |  | ill___1 | value changed | 0 | 1",
        "S1 |  | lab | 2016-01-09/[masked] | kind | value changed | 01 | 1",                   # codes are texts
        "S1 |  | lab | 2016-01-09/[masked] | result | value changed | <20 | 20",               # what is no number is not blank
        "S1 | later_arm_1 | pills | 1 |  | row removed |  | ",
        "S1 | later_arm_1 | pills | 2 | dose | value changed | 5.0 | 5",                       # as exported, not as typed
        "S1 | later_arm_1 | pills | 3 |  | row added |  | ",
        "S1 | later_arm_1 | visit |  | weight | value removed | 61.5 | ",
        "S2 | start_arm_1 | intake |  | sex | value changed | 2 | 02",
        "S2 |  | lab | 2016-01-06/[masked] |  | row removed |  | ",
        "S2 |  | lab | 2016-01-07/[masked] |  | row added |  | ",
        "S2 | later_arm_1 | visit |  | note | value changed | '= lost | +1",
        "S2 | later_arm_1 | visit |  | weight | value added |  | 55",
        "S3 |  |  |  |  | record removed |  | ",
        "S4 |  |  |  |  | record added |  | ",
    ]
    assert {key: found[key] for key in found if key[0] == "redcap/visit" and not key[1]} == {
        ("redcap/visit", "", "rows before"): 3, ("redcap/visit", "", "rows after"): 3, ("redcap/visit", "", "rows added"): 1, ("redcap/visit", "", "rows removed"): 1,
        ("redcap/visit", "", "records before"): 3, ("redcap/visit", "", "records after"): 3, ("redcap/visit", "", "records added"): 1, ("redcap/visit", "", "records removed"): 1,
        ("redcap/visit", "", "columns added"): 0, ("redcap/visit", "", "columns removed"): 0,
        ("redcap/visit", "", "values added"): 1, ("redcap/visit", "", "values changed"): 1, ("redcap/visit", "", "values removed"): 1}
    assert (found["redcap/visit", "weight", "values added"], found["redcap/visit", "weight", "values removed"], found["redcap/visit", "weight", "values changed"]) == (1, 1, 0)
    assert (found["", "", "records added"], found["", "", "records removed"], found["lab", "", "rows added"]) == (1, 1, 1)
    assert "records: 3 -> 3, 1 added, 1 removed" in said
    assert not [text for text in ("S1", "S2", "S4", "61.5", "lost", "1990", "T3") if text in said]        # no participant on the screen


def test_columns_and_tables_that_come_and_go(tmp_path, first):
    fields = [field for field in FIELDS if field[0] != "weight" and field[1] != "pills"] + [("height", "visit", "text", "Height", "", "integer", "", "", "", "", "")]
    visit = "record | event | note | height | visit_complete\nS1 | later_arm_1 | well | 170 | 2\nS2 | later_arm_1 | = lost | | 2\nS3 | later_arm_1 | | | 1"
    second = results(tmp_path, "two", redcap(tmp_path / "c", {"intake": INTAKE, "visit": visit}, fields), flat(tmp_path / "d", LAB))
    changes, found, said = compared(tmp_path, first, second)
    assert changes == []
    assert found["redcap/visit", "height", "column added"] == found["redcap/visit", "weight", "column removed"] == 1
    assert (found["", "", "tables removed"], found["redcap/pills", "", "rows removed"]) == (1, 2)
    for line in ("columns added in redcap/visit: height", "columns removed in redcap/visit: weight", "table removed: redcap/pills"):
        assert line in said.splitlines()


def test_a_field_whose_type_changed_is_compared_as_text(tmp_path, first):
    fields = [(*field[:5], "", *field[6:]) if field[0] == "weight" else field for field in FIELDS]
    second = results(tmp_path, "two", redcap(tmp_path / "c", FORMS | {"visit": VISIT.replace("70 ", "71 ")}, fields), flat(tmp_path / "d", LAB))
    assert compared(tmp_path, first, second)[0] == ["S3 | later_arm_1 | visit |  | weight | value changed | 70 | 71"]


def test_the_order_of_rows_says_nothing(tmp_path, first):
    header, *rows = LAB.strip().splitlines()
    second = results(tmp_path, "two", redcap(tmp_path / "c", FORMS), flat(tmp_path / "d", "\n".join([header, *reversed(rows)])))
    assert compared(tmp_path, first, second)[0] == []


def test_rows_that_share_a_key_are_matched_by_what_they_hold(tmp_path):
    before = "id | sampled | tube | result | kind\nS1 | 2016-01-05 | T | 400 | 1\nS1 | 2016-01-05 | T | 500 | 1\nS1 | 2016-01-05 | T | 500 | 1"
    after = "id | sampled | tube | result | kind\nS1 | 2016-01-05 | T | 500 | 1\nS1 | 2016-01-05 | T | 401 | 1\nS1 | 2016-01-05 | T | 500 | 1"
    changes, _, said = compared(tmp_path, results(tmp_path, "one", flat(tmp_path / "a", before)), results(tmp_path, "two", flat(tmp_path / "b", after)))
    assert changes == ["S1 |  | lab | 2016-01-05/[masked] |  | row added |  | ", "S1 |  | lab | 2016-01-05/[masked] |  | row removed |  | "]
    assert "6 rows of lab share their key with another row: such rows count as added and removed, never as changed" in said


def test_queries_between_two_cuts(tmp_path, first):
    second = results(tmp_path, "two", redcap(tmp_path / "c", FORMS), flat(tmp_path / "d", LAB),
                     queries=[query("a", "open"), query("b", "resolved"), query("c", "accepted", "required"), query("e", "reopened"), query("f", "reopened"), query("g", "new", "required")])
    _, found, said = compared(tmp_path, first, second)
    # pending before: a b c d; pending after: a e f g
    assert "queries pending: 4 -> 4, 3 new, 1 resolved, 1 accepted, 1 no longer listed" in said
    assert {key[1:]: count for key, count in found.items() if key[0] == "queries"} == {
        ("", "pending before"): 4, ("range", "pending before"): 3, ("required", "pending before"): 1, ("", "pending after"): 4, ("range", "pending after"): 3, ("required", "pending after"): 1,
        ("", "new"): 3, ("range", "new"): 2, ("required", "new"): 1, ("", "resolved"): 1, ("range", "resolved"): 1, ("", "accepted"): 1, ("required", "accepted"): 1,
        ("", "no longer listed"): 1, ("range", "no longer listed"): 1}


def test_without_knowing_the_identifiers_no_value_is_shown(tmp_path):
    one = results(tmp_path, "one", flat(tmp_path / "a", LAB), fields=False)
    two = results(tmp_path, "two", flat(tmp_path / "b", LAB.replace("400", "401")), fields=False)
    changes, _, said = compared(tmp_path, one, two)
    assert changes == ["S1 |  | lab |  |  | row added |  | ", "S1 |  | lab |  |  | row removed |  | "]      # nor by what rows are found
    assert "validate it again" in said
    three = results(tmp_path, "three", redcap(tmp_path / "c", FORMS), fields=False)
    four = results(tmp_path, "four", redcap(tmp_path / "d", FORMS | {"visit": VISIT.replace("70 ", "71 ")}))
    (tmp_path / "again").mkdir()
    compare(three, four, tmp_path / "again")
    assert differences(tmp_path / "again") == ["S3 | later_arm_1 | visit |  | weight | value changed | [masked] | [masked]"]


def alone(folder: Path, name: str, reading, table: str) -> Path:
    """What a validation without a plan leaves, as far as it is compared."""
    from pacer_analysis.read.tidy import unconverted, write

    out = folder / name
    (out / "tables").mkdir(parents=True)
    for each in reading.tables:
        write(each, out / "tables" / f"{each.form or table}.parquet")
    columns = ("source", "form", "line", "field", "raw")
    write_csv(out / "unconverted.csv", columns, [[str(row[name]) for name in columns] for each in reading.tables for row in unconverted(each).to_pylist()])
    write_fields([reading], out)
    write_queries(out / "queries.csv", [])
    (out / "cut.json").write_text(json.dumps({"cut": "", "cutoff": "2016-01-31"}))
    return out


def test_two_validations_without_a_plan(tmp_path):
    one, two = alone(tmp_path, "one", redcap(tmp_path / "a", FORMS), ""), alone(tmp_path, "two", redcap(tmp_path / "b", FORMS | {"pills": PILLS.replace("5.0", "5  ")}), "")
    changes, found, said = compared(tmp_path, one, two)
    assert changes == ["S1 | later_arm_1 | pills | 2 | dose | value changed | 5.0 | 5"]
    assert found["pills", "dose", "values changed"] == 1
    assert said.startswith("one (to 2016-01-31) -> two (to 2016-01-31)")


def test_a_flat_file_may_change_its_name(tmp_path):
    one, two = alone(tmp_path, "one", flat(tmp_path / "a", LAB), "trial_2016"), alone(tmp_path, "two", flat(tmp_path / "b", LAB.replace("400", "=4")), "trial_2017")
    assert compared(tmp_path, one, two)[0] == ["S1 |  | data | 2016-01-05/[masked] | result | value changed | 400 | '=4"]


@pytest.mark.parametrize(("make", "what"), [
    (lambda folder: folder / "nowhere", "not there"),
    (lambda folder: (folder / "restricted/clean").mkdir(parents=True) or folder / "restricted", "restricted"),
    (lambda folder: (folder / "empty").mkdir() or folder / "empty", "holds no results"),
    (lambda folder: (folder / "raw").mkdir() or ((folder / "raw/cut.yaml").write_text("name: x\n") and folder / "raw"), "holds exports"),
    (lambda folder: (folder / "other/tables").mkdir(parents=True) or folder / "other", "a cut can only be compared with a cut"),
    (lambda folder: (folder / "bad/clean").mkdir(parents=True) or ((folder / "bad/clean/x.parquet").write_text("no") and folder / "bad"), "a table cannot be read"),
])
def test_what_cannot_be_compared_is_refused(tmp_path, first, make, what):
    with pytest.raises(ExportError, match=what):
        compare(first, make(tmp_path), None)


def test_nothing_restricted_is_read_and_nothing_else_is_written(tmp_path, first):
    (first / "restricted/sealed").mkdir(parents=True)
    (first / "restricted/sealed/arms.parquet").write_text("no table: who reads this fails")
    before = tree(first)
    said = compare(first, first, None)
    assert "arms" not in said
    assert tree(first) == before


def test_the_verb_prints_the_summary_and_writes_the_folder(tmp_path, first):
    second = results(tmp_path, "two", redcap(tmp_path / "c", FORMS | {"visit": VISIT.replace("70 ", "71 ")}), flat(tmp_path / "d", LAB))
    done = pacer("compare", first, second, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert done.stdout == compare(first, second, None) + "\n"
    assert differences(tmp_path / "out") == ["S3 | later_arm_1 | visit |  | weight | value changed | 70 | 71"]
    refused = pacer("compare", first, tmp_path / "nowhere")
    assert refused.returncode == 3
    assert "Traceback" not in refused.stderr


def test_fifty_thousand_rows_take_seconds(tmp_path):
    import numpy as np
    import pandas as pd

    rows = 50_000
    frame = pd.DataFrame({"record": [f"R{number // 5}" for number in range(rows)], "line": np.arange(2, rows + 2), "id": "", "sampled": pd.Timestamp("2016-01-01") + pd.to_timedelta(np.arange(rows) % 5, "D"),
                          "tube": "T", **{f"x{place}": np.arange(rows, dtype=float) for place in range(40)}, **{f"c{place}": np.where(np.arange(rows) % 2, "1", "2") for place in range(40)}})
    changed = frame.sample(frac=1, random_state=1)
    changed["x0"] += 1
    for name, each in (("one", frame), ("two", changed)):
        clean = tmp_path / name / "clean"
        clean.mkdir(parents=True)
        each.to_parquet(clean / "lab.parquet", index=False)
        (clean / "fields.csv").write_text("source,form,field,label,kind,identifier,key\nlab,,sampled,,date,,1\nlab,,tube,,text,,2\n")
    began = time.perf_counter()
    said = compare(tmp_path / "one", tmp_path / "two", None)
    assert time.perf_counter() - began < 20
    assert "lab: x0" in said
    assert f"{rows}" in said
