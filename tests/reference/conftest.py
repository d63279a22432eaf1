"""The data as analysis frames, and the comparison of an estimator's rows with the rows that R wrote."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

HERE = Path(__file__).parent
ARMS = {"aids": ["two", "three"], "actg175": ["zdv", "zdv_ddi", "zdv_zal", "ddi"], "lung": ["men", "women"], "rossi": ["no_aid", "aid"],
        "transplants": ["marrow", "blood"]}
KEY = ("measure", "arm", "contrast", "term", "time")


def make_frame(name):
    """The frame of an input file: the reference arm first, `observed` beside an outcome."""
    frame = pd.read_csv(HERE / "data" / f"{name}.csv")
    frame["arm"] = pd.Categorical(frame["arm"], categories=ARMS[name])
    frame.insert(0, "id", [f"R-{i}" for i in range(len(frame))])
    if "outcome" in frame:
        frame["observed"] = frame["outcome"].notna()
        frame = frame.drop(columns=["time", "status"])
    return frame


def compare(estimator, case, rows, tolerance=1e-6):
    """Every number that R wrote for the case is in the rows, to 1e-6 of the larger of its size and, near zero, its standard error."""
    ours = {(row.measure, row.arm, row.contrast, row.term, "" if row.time is None else f"{row.time:g}"): row for row in rows}
    assert len(ours) == len(rows), "keys repeat"
    with (HERE / f"{estimator}.csv").open(encoding="utf-8", newline="") as handle:
        expected = [line for line in csv.DictReader(handle) if line["case"] == case]
    assert expected, f"R wrote nothing for {case}"
    for line in expected:
        row = ours[tuple(line[column] for column in KEY)]
        value = getattr(row, line["quantity"])
        assert value is not None, line
        assert value == pytest.approx(float(line["value"]), rel=tolerance, abs=tolerance * 1e-3), line
    for row in rows:
        assert row.method
        assert row.witness
        assert row.agreement is None or row.agreement < 1e-6, row
        if row.estimate is None and row.statistic is None and row.p is None:
            assert row.note, row
    return ours


@pytest.fixture
def frame():
    return make_frame


@pytest.fixture
def agrees_with_r():
    return compare
