"""Central monitoring against R: tests/reference/monitoring.R and what it wrote, ACTG 175 with its four arms as sites."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from pacer_analysis.monitoring import funnel, multiplicity
from pacer_analysis.monitoring.registry import MEASURES
from tests.spec.monitored import monitored

REFERENCE = Path(__file__).parents[1] / "reference"


def expectations(case):
    """R's values of a case by field, site and quantity."""
    with (REFERENCE / "monitoring.csv").open(encoding="utf-8", newline="") as handle:
        found = [line for line in csv.DictReader(handle) if line["case"] == case]
    assert found
    return {(line["measure"], line["term"], line["quantity"]): float(line["value"]) for line in found}


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    frame = pd.read_csv(REFERENCE / "data/actg175.csv").rename(columns={"arm": "place"})
    frame["date"] = pd.Timestamp("2000-01-01") + pd.to_timedelta(frame["time"], unit="D")
    frame["outcome"] = frame["outcome"].map({1.0: "1", 0.0: "2"}).fillna("")
    return monitored(tmp_path_factory.mktemp("trial"), frame[["place", "age", "cd40", "time", "date", "outcome"]],
                     place="text", age="integer", cd40="integer", time="integer", date="date", outcome="coded!")


@pytest.mark.parametrize("measure", ["digit_preference", "site_mean", "site_variance", "site_missing", "inliers", "date_heaping", "busiest_day", "weekday", "weekend_share"])
def test_measure_agrees_with_r(trial, measure):
    found = {(finding.subject.field or "together", finding.site): finding for finding in MEASURES[measure].compute(trial).findings}
    for (field, site, quantity), value in expectations(measure).items():
        # R's values are written with twelve digits; statistics of differences lose some of them.
        assert getattr(found[field, site], quantity) == pytest.approx(value, rel=1e-9, abs=1e-12), (field, site, quantity)


def test_limits_agree_with_r():
    for (name, _, quantity), value in expectations("limits").items():
        share, _, size = name.partition("of")
        probability = {"low998": 0.001, "low95": 0.025, "high95": 0.975, "high998": 0.999}[quantity]
        assert funnel.exact_limit(float(share), float(size), probability) == pytest.approx(value, rel=1e-9), (name, quantity)


def test_false_discovery_rates_agree_with_r():
    found = multiplicity.adjusted([0.0004, 0.03, 0.002, 0.9, 0.002, 0.011, 0.5])
    assert found == pytest.approx([value for (_, _, _), value in expectations("adjusted").items()])
