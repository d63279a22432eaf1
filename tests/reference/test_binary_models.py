"""Adjusted, stratified and wrapped analyses of binary outcomes against R: ratios, standardisation, margins, compliers, subgroups."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators import ESTIMATORS
from pacer_analysis.estimators._binary import bootstrap
from tests.reference.binary_frames import binary, counts, separating

FIVE = ("actg175", "aids", "rossi", "lung", "robincar")
LUNG = ("age", "meals", "little_food", "ecog")


@pytest.mark.parametrize("name", FIVE)
def test_stratified_risk_difference(agrees_with_r, name):
    agrees_with_r("stratified_risk_difference", name, ESTIMATORS["stratified_risk_difference"](binary(name)))


def test_mantel_haenszel_meets_the_published_example():
    # RobinCar2's printed example (its test snapshot robin_mh): trt1 - pbo over s1 x s2, 0.214683.
    row = next(row for row in ESTIMATORS["stratified_risk_difference"](binary("robincar")) if row.measure == "rd")
    assert (row.contrast, round(row.estimate, 6)) == ("trt1 - pbo", 0.214683)


@pytest.mark.parametrize("name", FIVE)
def test_risk_ratio_crude(agrees_with_r, name):
    agrees_with_r("risk_ratio", f"{name} crude", ESTIMATORS["risk_ratio"](binary(name)))


ADJUSTED = {
    "actg175 adjusted": ("actg175", ("age", "cd40", "gender"), True), "aids adjusted": ("aids", ("age", "cd4"), True), "rossi adjusted": ("rossi", ("age", "prio"), True),
    "lung adjusted": ("lung", LUNG, False),
}


@pytest.mark.parametrize("case", ADJUSTED)
def test_risk_ratio_adjusted(agrees_with_r, case):
    name, covariates, stratified = ADJUSTED[case]
    agrees_with_r("risk_ratio", case, ESTIMATORS["risk_ratio"](binary(name), covariates=covariates, stratified=stratified))


@pytest.mark.parametrize(("name", "covariates", "cluster"), [("actg175", (), "age"), ("lung", ("age", "ecog"), "centre"), ("rossi", ("age",), "prio")])
def test_risk_ratio_by_cluster(agrees_with_r, name, covariates, cluster):
    frame = binary(name)
    agrees_with_r("risk_ratio", f"{name} clustered", ESTIMATORS["risk_ratio"](frame.assign(cluster=frame[cluster].astype(str)), covariates=covariates))


LOGISTIC = {
    "aids": ("aids", ("age", "cd4"), True, "wald"), "rossi": ("rossi", ("age", "prio"), True, "wald"), "actg175 profile": ("actg175", ("age",), False, "profile"),
    "aids profile": ("aids", ("age", "cd4"), True, "profile"), "rossi profile": ("rossi", ("age", "prio"), True, "profile"), "lung profile": ("lung", LUNG, False, "profile"),
}


@pytest.mark.parametrize("case", LOGISTIC)
def test_logistic(agrees_with_r, case):
    name, covariates, stratified, interval = LOGISTIC[case]
    agrees_with_r("logistic", case, ESTIMATORS["logistic"](binary(name), covariates=covariates, stratified=stratified, interval=interval))


# As the R package logistf prints them (its tests, and Heinze and Ploner 2004): coefficient and profile limits, on the log scale.
PUBLISHED = {
    "endometrial": {"": (2.92927330, 0.6097244, 7.85463171), "PI": (-0.03475175, -0.1244587, 0.04045547), "EH": (-2.60416387, -4.3651832, -1.23272106)},
    "sex2": {"": (3.09601166, 0.7745682, 8.03029352), "age": (-1.10598131, -1.9737884, -0.30742514), "oc": (-0.06881673, -0.9414363, 0.78920202),
             "vic": (2.26887464, 1.2730216, 3.43543273), "vicl": (-2.11140817, -3.2608611, -1.11773495), "vis": (-0.78831694, -1.6080879, 0.01518468)},
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_separation_is_met_by_firths_likelihood(agrees_with_r, name):
    rows = ESTIMATORS["logistic"](separating(name), covariates=tuple(PUBLISHED[name])[1:])
    agrees_with_r("logistic", name, rows)
    for row in rows:
        assert row.note == "only events in arm with: Firth's penalised likelihood instead of maximum likelihood"
        assert "penalised" in row.method
        if row.measure == "or":
            assert np.log([row.estimate, row.low, row.high]) == pytest.approx(PUBLISHED[name][row.term], rel=1e-6)
    with pytest.raises(NotEstimable, match="only events in arm with"):
        ESTIMATORS["logistic"](separating(name), covariates=tuple(PUBLISHED[name])[1:], firth="never")


def test_firth_on_request_and_in_an_arm_without_events(agrees_with_r):
    agrees_with_r("logistic", "rossi firth", ESTIMATORS["logistic"](binary("rossi"), covariates=("age", "prio"), firth="always"))
    frame = binary("actg175")
    frame = frame[frame["age"] > 50].assign(outcome=lambda rows: rows["outcome"].mask((rows["arm"] == "ddi") & rows["outcome"].notna(), 0.0))
    rows = agrees_with_r("logistic", "actg175 firth", ESTIMATORS["logistic"](frame, covariates=("cd40",)))
    assert rows["or", "", "ddi / zdv", "", ""].note == "no events in arm ddi: Firth's penalised likelihood instead of maximum likelihood"


STANDARDISED = {
    "actg175 hc0": ("actg175", ("age", "cd40", "gender"), True, "delta-hc0"), "lung hc0": ("lung", LUNG, False, "delta-hc0"), "rossi hc0": ("rossi", ("age", "prio"), True, "delta-hc0"),
    "aids": ("aids", ("age", "cd4"), True, "delta"), "actg175 ye": ("actg175", ("age", "cd40", "gender"), True, "ye"), "aids ye": ("aids", ("age", "cd4"), True, "ye"),
    "rossi ye": ("rossi", ("age", "prio"), False, "ye"), "robincar ye": ("robincar", ("s1", "covar"), False, "ye"), "lung ye centres": ("lung", LUNG, False, "ye"),
}


@pytest.mark.parametrize("case", STANDARDISED)
def test_standardisation(agrees_with_r, case):
    name, covariates, stratified, variance = STANDARDISED[case]
    agrees_with_r("standardisation", case, ESTIMATORS["standardisation"](binary(name), covariates=covariates, stratified=stratified, variance=variance))


@pytest.mark.parametrize(("case", "name", "covariates"), [("actg175 ye without strata", "actg175", ("age",)), ("lung ye", "lung", LUNG)])
def test_standardisation_under_simple_randomisation(agrees_with_r, case, name, covariates):
    rows = agrees_with_r("standardisation", case, ESTIMATORS["standardisation"](binary(name).drop(columns="stratum"), covariates=covariates))
    assert all("simple randomisation" in row.method for row in rows.values())


def test_standardisation_by_cluster(agrees_with_r):
    frame = binary("lung")
    agrees_with_r("standardisation", "lung clustered", ESTIMATORS["standardisation"](frame.assign(cluster=frame["centre"]), covariates=("age", "ecog"), variance="delta-hc0"))


def test_bca_limits_of_given_replicates():
    frame = binary("rossi")
    with (Path(__file__).parent / "standardisation.csv").open(encoding="utf-8", newline="") as handle:
        expected = {line["quantity"]: float(line["value"]) for line in csv.DictReader(handle) if line["case"] == "rossi bca"}
    matrix, arm = np.column_stack([(frame["arm"] == "aid").astype(float), frame["age"]]), frame["arm"].cat.codes.to_numpy().astype(np.intp)
    start = np.zeros(3)
    whole = np.diff(bootstrap.proportions(matrix, frame["outcome"].to_numpy(), 1, np.ones((1, len(frame))), start))[0, 0]
    without = np.diff(bootstrap.left_out(matrix, frame["outcome"].to_numpy(), 1, start))[:, 0]
    accelerated = bootstrap.acceleration(without, whole, arm)
    replicates = whole + norm.ppf(np.arange(1, 200) / 200, 0.01, 0.05)
    assert (whole, accelerated, *bootstrap.limits(replicates, whole, accelerated, 0.95)) == pytest.approx([expected[q] for q in ("estimate", "statistic", "low", "high")], rel=1e-6)


def test_the_bootstrap_is_seeded_and_near_the_robust_variance():
    frame = binary("rossi")
    options = {"covariates": ("age", "prio"), "variance": "bootstrap", "draws": 999}
    one, same, other = (ESTIMATORS["standardisation"](frame, **options, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one != other
    robust = ESTIMATORS["standardisation"](frame.drop(columns="stratum"), covariates=("age", "prio"))
    for row, against in zip(one, robust, strict=True):
        assert row.estimate == pytest.approx(against.estimate, rel=1e-9)
        assert row.se == pytest.approx(against.se, rel=0.1)  # the SD of 999 draws has an SE of 2.2%
        assert (row.low, row.high) == pytest.approx((against.low, against.high), abs=0.4 * against.se * (against.estimate if row.scale == "ratio" else 1))
        assert row.p is None


def test_separation_falls_back_to_mantel_and_haenszel_as_the_plan_declares():
    frame = binary("aids").assign(age=40.0)
    frame.loc[frame["arm"] == "three", "outcome"] = frame.loc[frame["arm"] == "three", "outcome"] * 0
    with pytest.raises(NotEstimable, match="no events in arm three"):
        ESTIMATORS["standardisation"](frame, covariates=("cd4",))
    rows = ESTIMATORS["standardisation"](frame, covariates=("cd4",), fallback="stratified_risk_difference")
    plain = ESTIMATORS["stratified_risk_difference"](frame)
    assert [(row.measure, row.estimate, row.se, row.p) for row in rows] == [(row.measure, row.estimate, row.se, row.p) for row in plain]
    assert all(row.note.startswith("standardisation is not estimable (no events in arm three): the stratified Mantel-Haenszel comparison in its place") for row in rows)


MARGINS = {"actg175 rd": ("risk_difference", -0.1, "higher"), "aids rd": ("risk_difference", 0.03, "lower"), "rossi rd": ("risk_difference", 0.05, "lower"), "lung rd": ("risk_difference", -0.1, "higher"),
           "actg175 rr": ("risk_ratio", 0.9, "higher"), "aids rr": ("risk_ratio", 1.25, "lower"), "rossi rr": ("risk_ratio", 1.1, "lower")}


@pytest.mark.parametrize("case", MARGINS)
def test_noninferiority(agrees_with_r, case):
    of, margin, better = MARGINS[case]
    rows = agrees_with_r("noninferiority", case, ESTIMATORS["noninferiority"](binary(case.split()[0]), of=of, margin=margin, better=better))
    for row in (row for row in rows.values() if row.measure == "noninferiority"):
        assert (row.note.split("; ")[0] == "non-inferior") == (row.p < 0.025)


@pytest.mark.parametrize(("name", "margin", "options"), [("aids", 1.25, {"stratified": True}), ("rossi", 1.1, {})])
def test_noninferiority_of_a_hazard_ratio(frame, agrees_with_r, name, margin, options):
    agrees_with_r("noninferiority", f"{name} hr", ESTIMATORS["noninferiority"](frame(name), of="cox", margin=margin, better="lower", options=options))


def test_noninferiority_of_a_mean(agrees_with_r):
    frame = binary("aids")
    frame = frame.assign(outcome=frame["cd4"], observed=True)
    agrees_with_r("noninferiority", "aids mean", ESTIMATORS["noninferiority"](frame, of="ancova", margin=-10, better="higher", options={"baseline": "age"}))


# By hand from the intervals of risk_difference (Wald): 90/100 v 90/100, se .0424, +-.0832; 80 v 95, -.15 +-.0894; 99 v 85, .14 +-.0726.
@pytest.mark.parametrize(("table", "verdict"), [((90, 100, 90, 100), "non-inferior"), ((80, 100, 95, 100), "inconclusive"), ((60, 100, 95, 100), "inferior"), ((99, 100, 85, 100), "non-inferior; superior")])
def test_the_verdict_is_the_place_of_the_interval(table, verdict):
    rows = ESTIMATORS["noninferiority"](counts(*table), of="risk_difference", margin=-0.1, better="higher", options={"interval": "wald"})
    assert rows[-1].note == verdict
    mirrored = ESTIMATORS["noninferiority"](counts(*table).assign(outcome=lambda rows: 1 - rows["outcome"]), of="risk_difference", margin=0.1, better="lower", options={"interval": "wald"})
    assert mirrored[-1].note == verdict
    assert mirrored[-1].p == pytest.approx(rows[-1].p, rel=1e-9)


@pytest.mark.parametrize(("name", "options"), [("actg175", {"covariates": ("age", "cd40"), "stratified": True}), ("aids", {}), ("lung", {"covariates": ("age", "meals")})])
def test_cace(agrees_with_r, name, options):
    agrees_with_r("cace", name, ESTIMATORS["cace"](binary(name), **options))


def test_cace_of_vitamin_a(agrees_with_r):
    # Sommer and Zeger 1991; Imbens and Rubin (Annals of Statistics 1997;25:305-27) print 0.0032 (0.0012) saved per complier, 0.0026 (0.0009) as randomised.
    groups = [("control", 0, 11588, 74), ("vitamin", 1, 9675, 12), ("vitamin", 0, 2419, 34)]
    frame = pd.concat([pd.DataFrame({"arm": arm, "received": received, "outcome": [1.0] * died + [0.0] * (n - died)}) for arm, received, n, died in groups], ignore_index=True)
    frame = frame.assign(arm=pd.Categorical(frame["arm"], categories=["control", "vitamin"]), observed=True)
    rows = agrees_with_r("cace", "vitamin", ESTIMATORS["cace"](frame))
    assert (round(rows["cace", "", "vitamin - control", "", ""].estimate, 4), round(rows["cace", "", "vitamin - control", "", ""].se, 4)) == (-0.0032, 0.0012)
    assert (round(rows["rd", "", "vitamin - control", "as randomised", ""].estimate, 4), round(rows["rd", "", "vitamin - control", "as randomised", ""].se, 4)) == (-0.0026, 0.0009)


def keyed(rows):
    """Subgroup and term together, as the script writes them."""
    return [replace(row, term=f"{row.subgroup} {row.term}".strip()) for row in rows]


@pytest.mark.parametrize(("case", "variable", "options"), [("logistic actg175", "gender", {"covariates": ["age"]}), ("logistic rossi", "stratum", {"covariates": ["age"]}), ("logistic aids", "stratum", {})])
def test_subgroups_by_logistic(agrees_with_r, case, variable, options):
    agrees_with_r("subgroups", case, keyed(ESTIMATORS["subgroups"](binary(case.split()[1]), variables=(variable,), of="logistic", options=options)))


@pytest.mark.parametrize(("case", "variable", "options"), [("cox rossi", "stratum", {"covariates": ["age"]}), ("cox aids", "stratum", {}), ("cox lung", "ecog", {"covariates": ["age", "ecog"]})])
def test_subgroups_by_cox(frame, agrees_with_r, case, variable, options):
    rows = ESTIMATORS["subgroups"](frame(case.split()[1]), variables=(variable,), of="cox", options=options)
    agrees_with_r("subgroups", case, keyed(rows))
    assert all(row.p is None for row in rows if "=" in row.subgroup)


def test_subgroups_within_what_the_strata_settle(frame, agrees_with_r):
    rows = ESTIMATORS["subgroups"](frame("rossi"), variables=("stratum",), of="cox", options={"covariates": ("age",), "stratified": True})
    agrees_with_r("subgroups", "cox rossi stratified", keyed(rows))


@pytest.mark.parametrize("name", ["actg175", "rossi", "aids"])
@pytest.mark.parametrize(("measure", "of"), [("rd", "risk_difference"), ("rr", "risk_ratio")])
def test_heterogeneity(agrees_with_r, name, measure, of):
    agrees_with_r("subgroups", f"{name} {measure}", keyed(ESTIMATORS["subgroups"](binary(name), variables=("stratum",), of=of)))


ANCOVA = {"lung": ("weight_loss", {"baseline": "age", "covariates": ("meals",)}), "aids": ("cd4", {"baseline": "age", "stratified": True}), "rossi": ("prio", {"baseline": "age"}),
          "actg175": ("cd40", {"baseline": "age", "covariates": ("gender",), "stratified": True})}


@pytest.mark.parametrize("name", ANCOVA)
@pytest.mark.parametrize("variance", ["model", "hc3"])
def test_ancova(agrees_with_r, name, variance):
    outcome, options = ANCOVA[name]
    frame = binary(name)
    agrees_with_r("ancova", f"{name} {variance}", ESTIMATORS["ancova"](frame.assign(outcome=frame[outcome], observed=frame[outcome].notna()), **options, variance=variance))
