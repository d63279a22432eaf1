"""Four real data sets by configuration alone: `pacer estimate` gives what R gave on the same people."""

from __future__ import annotations

import csv

import pytest

from pacer_analysis.cli import run_command
from pacer_analysis.results import read_estimates
from tests.conftest import REPOSITORY
from tests.functional.real_trials.write_study import Study, write_study

REFERENCE = REPOSITORY / "tests/reference"


STUDIES = {
    "aids": Study("aids", ("two", "three"), {"stratum": "categorical", "age": "continuous", "cd4": "continuous"},
                  {"either": ("time", "status", {}), "by_cause": ("time", "cause", {"cause2": "2"})}, "stratum"),
    "actg175": Study("actg175", ("zdv", "zdv_ddi", "zdv_zal", "ddi"),
                     {"stratum": "categorical", "age": "continuous", "cd40": "continuous", "gender": "binary", "outcome": "binary"}, {"failure": ("time", "status", {})}, "stratum"),
    "lung": Study("lung", ("men", "women"), {"age": "continuous", "meals": "continuous", "weight_loss": "continuous", "little_food": "binary", "ecog": "categorical", "centre": "categorical"},
                  {"death": ("time", "status", {})}),
    "rossi": Study("rossi", ("no_aid", "aid"), {"stratum": "categorical", "age": "continuous", "prio": "continuous"}, {"arrest": ("time", "status", {})}, "stratum"),
    "transplants": Study("transplants", ("marrow", "blood"), {"age": "continuous"}, {"chronic": ("time", "status", {"cause2": "2", "cause3": "3"})}),
}
# Study, then per analysis: the reference file and its case, and the analysis as the plan writes it.
ANALYSES = {
    "aids": [
        ("cox", "aids", {"endpoint": "either", "stratified": True}),
        ("logrank", "aids", {"endpoint": "either", "stratified": True}),
        ("cox", "aids cause", {"endpoint": "by_cause", "covariates": ["age"], "stratified": True}),
        ("logrank", "aids cause", {"endpoint": "by_cause"}),
        ("cumulative_incidence", "aids", {"endpoint": "by_cause", "options": {"times": [30, 100, 250, 340]}}),
    ],
    "actg175": [
        ("proportion", "wilson", {"outcome": "outcome"}),
        ("proportion", "exact", {"outcome": "outcome", "options": {"interval": "clopper-pearson"}}),
        ("risk_difference", "actg175 mn", {"outcome": "outcome"}),
        ("risk_difference", "actg175 newcombe", {"outcome": "outcome", "options": {"interval": "newcombe"}}),
        ("risk_difference", "actg175 wald", {"outcome": "outcome", "options": {"interval": "wald"}}),
        ("logistic", "crude", {"outcome": "outcome"}),
        ("logistic", "adjusted", {"outcome": "outcome", "covariates": ["age", "cd40", "gender"], "stratified": True}),
        ("logrank", "actg175", {"endpoint": "failure"}),
        ("logrank", "actg175 strata", {"endpoint": "failure", "stratified": True}),
        ("cox", "actg175", {"endpoint": "failure", "covariates": ["age", "cd40"], "stratified": True}),
    ],
    "lung": [
        ("describe", "lung", {"options": {"variables": ["age", "meals", "weight_loss", "little_food", "ecog"]}}),
        ("kaplan_meier", "lung", {"endpoint": "death", "options": {"times": [0, 100, 310, 365, 700, 900]}}),
        ("cox", "lung cluster", {"endpoint": "death", "covariates": ["age", "meals", "little_food"], "columns": {"cluster": "centre"}}),
    ],
    "rossi": [
        ("kaplan_meier", "rossi", {"endpoint": "arrest", "options": {"times": [10, 26, 52]}}),
        ("logrank", "rossi", {"endpoint": "arrest"}),
        ("cox", "rossi", {"endpoint": "arrest"}),
        ("cox", "rossi robust", {"endpoint": "arrest", "covariates": ["age", "prio"], "options": {"robust": True}}),
        ("cox", "rossi robust strata", {"endpoint": "arrest", "covariates": ["age", "prio"], "stratified": True, "options": {"robust": True}}),
    ],
    "transplants": [
        ("cumulative_incidence", "transplants", {"endpoint": "chronic", "options": {"times": [0.2, 0.5, 1, 3]}}),
    ],
}
KEY = ("measure", "arm", "contrast", "term", "time")


def name_of(position: int, estimator: str) -> str:
    return f"a{position}_{estimator}"


@pytest.fixture(scope="module", params=list(STUDIES))
def estimated(request, tmp_path_factory):
    """The estimates of one study, by analysis, from plan and export alone."""
    study, folder = STUDIES[request.param], tmp_path_factory.mktemp(request.param)
    analyses = {name_of(position, estimator): {"estimator": estimator, **entry} for position, (estimator, _, entry) in enumerate(ANALYSES[study.name])}
    write_study(folder, study, analyses)
    where = (str(folder / "plan"), "--cut", "final", "--exports", str(folder / "data"), "--results", str(folder / "results"))
    for verb in (("validate",), ("validate", "--sealed"), ("derive",), ("derive", "--sealed"), ("estimate", "--sealed")):
        assert run_command([verb[0], *where, *verb[1:]]) == 0
    return study, read_estimates(folder / f"results/{study.name}/final/restricted/final/estimates.csv")


def test_estimates_are_those_of_r(estimated):
    study, rows = estimated
    for position, (estimator, case, _) in enumerate(ANALYSES[study.name]):
        ours = {(row.measure, row.arm, row.contrast, row.term, "" if row.time is None else f"{row.time:g}"): row for row in rows if row.analysis == name_of(position, estimator)}
        with (REFERENCE / f"{estimator}.csv").open(encoding="utf-8", newline="") as handle:
            expected = [line for line in csv.DictReader(handle) if line["case"] == case]
        assert expected, (estimator, case)
        for line in expected:
            row = ours.get(tuple(line[column] for column in KEY))
            assert row is not None, (study.name, estimator, line, list(ours)[:40])
            assert getattr(row, line["quantity"]) == pytest.approx(float(line["value"]), rel=1e-6, abs=1e-9), (study.name, estimator, line)
