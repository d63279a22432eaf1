"""Real trials and data sets by configuration alone: `pacer estimate` gives what R gave on the same people."""

from __future__ import annotations

import csv

import pytest

from pacer_analysis.cli import run_command
from pacer_analysis.results import read_estimates
from tests.conftest import REPOSITORY
from tests.functional.real_trials.write_study import Study, write_study
from tests.reference.binary_frames import binary

REFERENCE = REPOSITORY / "tests/reference"


def with_outcome(name):
    """The export with the reference's binary outcome as a column."""
    return lambda data: data.assign(outcome=["" if value != value else str(int(value)) for value in binary(name)["outcome"]])  # noqa: PLR0124  # NaN differs from itself


LUNG = ["age", "meals", "little_food", "ecog"]
STUDIES = {
    "aids": Study("aids", ("two", "three"), {"stratum": "categorical", "age": "continuous", "cd4": "continuous", "outcome": "binary"},
                  {"either": ("time", "status", {}), "by_cause": ("time", "cause", {"cause2": "2"}), "by_code": ("time", "cause", {"2": "2"})}, "stratum", with_outcome("aids")),
    "actg175": Study("actg175", ("zdv", "zdv_ddi", "zdv_zal", "ddi"),
                     {"stratum": "categorical", "age": "continuous", "cd40": "continuous", "gender": "binary", "outcome": "binary"}, {"failure": ("time", "status", {})}, "stratum"),
    "lung": Study("lung", ("men", "women"), {"age": "continuous", "meals": "continuous", "weight_loss": "continuous", "little_food": "binary", "ecog": "categorical", "centre": "categorical",
                                             "outcome": "binary"}, {"death": ("time", "status", {})}, "", with_outcome("lung")),
    "rossi": Study("rossi", ("no_aid", "aid"), {"stratum": "categorical", "age": "continuous", "prio": "continuous", "outcome": "binary"}, {"arrest": ("time", "status", {})}, "stratum", with_outcome("rossi")),
    "transplants": Study("transplants", ("marrow", "blood"), {"age": "continuous"}, {"chronic": ("time", "status", {"cause2": "2", "cause3": "3"}), "by_code": ("time", "status", {"2": "2", "3": "3"})}),
    "colon": Study("colon", ("none", "lev", "lev5fu"), {"age": "continuous", "sex": "continuous", "stratum": "categorical"}, {"recurrence": ("time", "status", {})}, "stratum"),
    "mgus": Study("mgus", ("women", "men"), {"age": "continuous", "hgb": "continuous"}, {"progression": ("time", "status", {"cause2": "2"}), "by_code": ("time", "status", {"2": "2"})}),
}
# Study, then per analysis: the reference file and its case, and the analysis as the plan writes it.
ANALYSES = {
    "aids": [
        ("cox", "aids", {"endpoint": "either", "stratified": True}),
        ("logrank", "aids", {"endpoint": "either", "stratified": True}),
        ("cox", "aids cause", {"endpoint": "by_cause", "covariates": ["age"], "stratified": True}),
        ("logrank", "aids cause", {"endpoint": "by_cause"}),
        ("cumulative_incidence", "aids", {"endpoint": "by_cause", "options": {"times": [30, 100, 250, 340]}}),
        ("survival_difference", "aids", {"endpoint": "by_code", "options": {"times": [100, 250], "of": "incidence"}}),
        ("gray", "aids", {"endpoint": "by_code"}),
        ("gray", "aids strata", {"endpoint": "by_code", "stratified": True}),
        ("proportional_hazards", "aids", {"endpoint": "either", "covariates": ["age"], "stratified": True}),
        ("cause_specific", "aids", {"endpoint": "by_code", "stratified": True, "options": {"robust": True}}),
        ("stratified_risk_difference", "aids", {"outcome": "outcome"}),
        ("risk_ratio", "aids crude", {"outcome": "outcome"}),
        ("risk_ratio", "aids adjusted", {"outcome": "outcome", "covariates": ["age", "cd4"], "stratified": True}),
        ("logistic", "aids", {"outcome": "outcome", "covariates": ["age", "cd4"], "stratified": True}),
        ("logistic", "aids profile", {"outcome": "outcome", "covariates": ["age", "cd4"], "stratified": True, "options": {"interval": "profile"}}),
        ("standardisation", "aids ye", {"outcome": "outcome", "covariates": ["age", "cd4"], "stratified": True}),
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
        ("stratified_risk_difference", "actg175", {"outcome": "outcome"}),
        ("risk_ratio", "actg175 crude", {"outcome": "outcome"}),
        ("risk_ratio", "actg175 adjusted", {"outcome": "outcome", "covariates": ["age", "cd40", "gender"], "stratified": True}),
        ("standardisation", "actg175 ye", {"outcome": "outcome", "covariates": ["age", "cd40", "gender"], "stratified": True}),
        ("standardisation", "actg175 hc0", {"outcome": "outcome", "covariates": ["age", "cd40", "gender"], "stratified": True, "options": {"variance": "delta-hc0"}}),
    ],
    "lung": [
        ("describe", "lung", {"options": {"variables": ["age", "meals", "weight_loss", "little_food", "ecog"]}}),
        ("kaplan_meier", "lung", {"endpoint": "death", "options": {"times": [0, 100, 310, 365, 700, 900]}}),
        ("cox", "lung cluster", {"endpoint": "death", "covariates": ["age", "meals", "little_food"], "columns": {"cluster": "centre"}}),
        ("survival_difference", "lung", {"endpoint": "death", "options": {"times": [100, 365, 700]}}),
        ("rmst", "lung", {"endpoint": "death", "options": {"times": [365, 883, 900]}}),
        ("followup", "lung", {"endpoint": "death", "options": {"horizon": 900}}),
        ("incidence_rate", "lung", {"endpoint": "death"}),
        ("gray", "lung", {"endpoint": "death"}),
        ("proportional_hazards", "lung", {"endpoint": "death", "covariates": ["age"]}),
        ("risk_ratio", "lung crude", {"outcome": "outcome"}),
        ("risk_ratio", "lung adjusted", {"outcome": "outcome", "covariates": LUNG}),
        ("logistic", "lung profile", {"outcome": "outcome", "covariates": LUNG, "options": {"interval": "profile"}}),
    ],
    "rossi": [
        ("kaplan_meier", "rossi", {"endpoint": "arrest", "options": {"times": [10, 26, 52]}}),
        ("logrank", "rossi", {"endpoint": "arrest"}),
        ("cox", "rossi", {"endpoint": "arrest"}),
        ("cox", "rossi robust", {"endpoint": "arrest", "covariates": ["age", "prio"], "options": {"robust": True}}),
        ("cox", "rossi robust strata", {"endpoint": "arrest", "covariates": ["age", "prio"], "stratified": True, "options": {"robust": True}}),
        ("logrank", "rossi rho", {"endpoint": "arrest", "options": {"rho": 1.0}}),
        ("survival_difference", "rossi", {"endpoint": "arrest", "options": {"times": [10, 26, 52]}}),
        ("rmst", "rossi", {"endpoint": "arrest", "options": {"times": [26, 52]}}),
        ("proportional_hazards", "rossi breslow strata", {"endpoint": "arrest", "covariates": ["age", "prio"], "stratified": True, "options": {"ties": "breslow"}}),
        ("stratified_risk_difference", "rossi", {"outcome": "outcome"}),
        ("risk_ratio", "rossi adjusted", {"outcome": "outcome", "covariates": ["age", "prio"], "stratified": True}),
        ("logistic", "rossi", {"outcome": "outcome", "covariates": ["age", "prio"], "stratified": True}),
        ("standardisation", "rossi hc0", {"outcome": "outcome", "covariates": ["age", "prio"], "stratified": True, "options": {"variance": "delta-hc0"}}),
    ],
    "transplants": [
        ("cumulative_incidence", "transplants", {"endpoint": "chronic", "options": {"times": [0.2, 0.5, 1, 3]}}),
        ("survival_difference", "transplants", {"endpoint": "by_code", "options": {"times": [0.5, 1], "of": "incidence"}}),
        ("gray", "transplants", {"endpoint": "by_code"}),
        ("cause_specific", "transplants", {"endpoint": "by_code", "covariates": ["age"]}),
        ("fine_gray", "transplants 1", {"endpoint": "by_code", "covariates": ["age"]}),
    ],
    "colon": [
        ("logrank", "colon", {"endpoint": "recurrence", "stratified": True}),
        ("logrank", "colon late differences", {"endpoint": "recurrence", "stratified": True, "options": {"gamma": 1.0}}),
        ("survival_difference", "colon", {"endpoint": "recurrence", "options": {"times": [365, 1095, 2190]}}),
        ("rmst", "colon", {"endpoint": "recurrence", "options": {"times": [1095, 2190]}}),
        ("followup", "colon", {"endpoint": "recurrence", "options": {"horizon": 2500}}),
        ("incidence_rate", "colon", {"endpoint": "recurrence"}),
        ("proportional_hazards", "colon", {"endpoint": "recurrence", "covariates": ["age", "sex"], "stratified": True}),
    ],
    "mgus": [
        ("cumulative_incidence", "mgus", {"endpoint": "progression", "options": {"times": [24, 60, 120, 240]}}),
        ("gray", "mgus", {"endpoint": "by_code"}),
        ("cause_specific", "mgus", {"endpoint": "by_code"}),
        ("fine_gray", "mgus", {"endpoint": "by_code", "covariates": ["age"]}),
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
