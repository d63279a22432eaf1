"""PACER's plan as it was lived in the pilot, by the women's own choice: association by weights, no word of an effect, nothing that rests on randomisation."""

from __future__ import annotations

import shutil

import pytest

from pacer_analysis.cli import run_command
from pacer_analysis.results import read_estimates
from tests.conftest import PLAN, REPOSITORY, pacer

ANALYSES = """
chosen: {label: Association with the club, section: primary, topic: suppression, endpoint: E1, population: randomised, estimator: propensity, role: primary, sap: "7.1", by: arms,
         covariates: [vl50, age, art_weeks], options: {weights: WEIGHTS}}
compared: {label: Balance, section: baseline, topic: baseline, population: randomised, estimator: balance, role: descriptive, sap: "6.1", by: arms, covariates: [vl50, age, art_weeks],
           options: {weights: WEIGHTS}}
unmeasured: {label: Unmeasured confounding, section: primary, topic: suppression, endpoint: E1, population: randomised, estimator: e_value, role: sensitivity, sap: "7.1", by: arms,
             options: {of: propensity, measure: rr, options: {covariates: [vl50, age, art_weeks], weights: WEIGHTS}}}
"""


def chosen(folder, analyses):
    shutil.copytree(PLAN, folder / "plan")
    trial = (folder / "plan/trial.yaml").read_text(encoding="utf-8").replace("assignment: randomised", "assignment: choice")
    trial = trial.replace("dictionary: ../../data_dictionary/pacer", f"dictionary: {REPOSITORY / 'data_dictionary/pacer'}")
    (folder / "plan/trial.yaml").write_text(trial, encoding="utf-8")
    (folder / "plan/analyses.yaml").write_text(analyses, encoding="utf-8")
    return folder / "plan"


@pytest.mark.parametrize("weights", ["overlap", "inverse_probability"])
def test_association_by_weights(tmp_path, exports, weights):
    plan = chosen(tmp_path, ANALYSES.replace("WEIGHTS", weights))
    where = (str(plan), "--cut", "small", "--exports", str(exports), "--results", str(tmp_path / "results"))
    for verb in (("validate",), ("validate", "--sealed"), ("derive",), ("derive", "--sealed"), ("estimate", "--sealed")):
        assert run_command([verb[0], *where, *verb[1:]]) == 0
    rows = read_estimates(tmp_path / "results/pacer/small/restricted/final/estimates.csv")
    assert {row.analysis for row in rows if row.estimate is not None} == {"chosen", "compared", "unmeasured"}
    risk = next(row for row in rows if row.analysis == "chosen" and row.measure == "rd")
    assert risk.agreement is not None
    assert risk.agreement < 1e-6
    assert "ssociation" in risk.method
    assert not [row for row in rows if "effect" in row.method.lower().replace("effective", "")]
    after = [row for row in rows if row.measure == "smd" and row.term.endswith("(weighted)")]
    assert after
    if weights == "overlap":        # exact balance of what the propensity model holds is the weights' property (Li, Morgan and Zaslavsky 2018, theorem 3)
        assert max(abs(row.estimate) for row in after if row.estimate is not None) < 1e-6


@pytest.mark.parametrize("entry", ["estimator: cace, columns: {received: newly_diagnosed}", "estimator: randomisation_test, options: {of: risk_difference, seed: 1}"])
def test_what_rests_on_randomisation_is_refused(tmp_path, entry):
    plan = chosen(tmp_path, f'{{broken: {{label: B, section: primary, topic: suppression, endpoint: E1, population: randomised, role: primary, sap: "7.1", by: arms, {entry}}}}}')
    done = pacer("check", plan)
    assert done.returncode == 3 + 2, done.stderr
    assert "rests on randomisation" in done.stderr
