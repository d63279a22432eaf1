"""Repeated outcomes and clubs against R: estimating equations, mixed models, clubs in one arm."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from pacer_analysis.estimators import ESTIMATORS
from pacer_analysis.estimators._repeated.restricted_likelihood import fit
from tests.recovery import partially_nested_coverage
from tests.reference.repeated_frames import in_clubs, times_in_clubs, visits, weighted

AGE = ("age", "sex", "baseline")
GEE = {
    "respiratory plain": ("respiratory", {"correction": "none"}),
    "respiratory": ("respiratory", {"covariates": AGE}),
    "respiratory exchangeable": ("respiratory", {"covariates": AGE, "correlation": "exchangeable", "correction": "kauermann_carroll"}),
    "seizure": ("seizure", {"covariates": ("before",)}),
    "seizure exchangeable": ("seizure", {"covariates": ("before",), "correlation": "exchangeable", "correction": "none"}),
    "seizure kc": ("seizure", {"covariates": ("before",), "correction": "kauermann_carroll"}),
    "seizure log": ("seizure", {"link": "log", "correlation": "exchangeable"}),
    "ohio": ("ohio", {"correlation": "exchangeable", "correction": "none", "reference": "normal"}),
    "ohio identity": ("ohio", {"link": "identity", "correlation": "exchangeable", "correction": "none"}),
    "bacteria": ("bacteria", {}),
}


@pytest.mark.parametrize("case", GEE)
def test_gee(agrees_with_r, case):
    name, options = GEE[case]
    rows = agrees_with_r("gee", case, ESTIMATORS["gee"](visits(name), **options))
    assert all("valid if outcomes are missing completely at random (MCAR)" in row.method for row in rows.values())


@pytest.mark.parametrize(("case", "correction"), [("respiratory weighted", "none"), ("respiratory weighted md", "mancl_derouen")])
def test_gee_weighted(agrees_with_r, case, correction):
    rows = agrees_with_r("gee", case, ESTIMATORS["gee"](weighted(visits("respiratory")), covariates=("sex",), correction=correction))
    assert all("weighted by `weight`" in row.method for row in rows.values())


@pytest.mark.parametrize("case", ["respiratory exchangeable", "seizure exchangeable"])
def test_gee_is_near_geepacks_own_exchangeable_fit(agrees_with_r, case):
    # geepack's alpha divides by pairs and by N, Liang and Zeger's by both less p: odds ratios 7e-4 apart at most. With alpha the same, 1e-6 above.
    name, options = GEE[case]
    agrees_with_r("gee", f"{case} geepack", ESTIMATORS["gee"](visits(name), **options), tolerance=1e-3)


SCORES = {"orthodont": "", "sleep": "", "chicks": "baseline", "pigs": "baseline"}


@pytest.mark.parametrize("name", SCORES)
def test_mixed_model(agrees_with_r, name):
    agrees_with_r("mixed_model", name, ESTIMATORS["mixed_model"](visits(name), baseline=SCORES[name]))


@pytest.mark.parametrize("name", ["orthodont", "sleep"])
def test_statsmodels_finds_the_same_variances(name):
    frame = visits(name)
    visit = frame["visit"].cat.codes.to_numpy()[:, None] == np.arange(frame["visit"].nunique())
    x = np.column_stack([visit, visit * (frame["arm"].cat.codes.to_numpy()[:, None] == 1)]).astype(float)
    theirs = MixedLM(frame["outcome"].to_numpy(), x, groups=frame["id"].to_numpy()).fit(reml=True, method="bfgs", gtol=1e-9)
    ours = fit(x, frame["outcome"].to_numpy(), frame["id"].astype("category").cat.codes.to_numpy().astype(np.intp))
    assert (ours.within, ours.between) == pytest.approx((theirs.scale, float(theirs.cov_re[0, 0])), rel=1e-6)


COVARIATES = {"lung": ("age",), "rossi": ("age", "wexp"), "cgd": ("age", "steroids")}


@pytest.mark.parametrize("df", ["corrected", "satterthwaite"])
@pytest.mark.parametrize("name", COVARIATES)
def test_partially_nested(agrees_with_r, name, df):
    tail = " plain" if df == "satterthwaite" else ""
    whole = ESTIMATORS["partially_nested"](in_clubs(name), df=df)
    agrees_with_r("partially_nested", f"{name}{tail}", whole)
    if not tail:
        agrees_with_r("partially_nested", f"{name} smith", ESTIMATORS["partially_nested"](in_clubs(name), icc_interval="smith"))
    both = [row for of in ("risk_difference", "logistic") for row in ESTIMATORS["partially_nested"](in_clubs(name), of=of, covariates=COVARIATES[name], df=df) if row.contrast]
    agrees_with_r("partially_nested", f"{name} adjusted{tail}", both)


@pytest.mark.parametrize(("case", "name", "covariates"), [("lung", "lung", ()), ("lung adjusted", "lung", ("age",)), ("rossi", "rossi", ("age",))])
def test_partially_nested_hazards(agrees_with_r, case, name, covariates):
    agrees_with_r("partially_nested", f"{case} cox", ESTIMATORS["partially_nested"](times_in_clubs(name), of="cox", covariates=covariates))


def test_coverage_with_eight_clubs():
    # As the recovery script, with fewer trials: 3 Monte Carlo SE of 2,000 are 0.0146.
    for row in partially_nested_coverage.scenarios(2_000):
        assert abs(row.adjusted - 0.95) < 0.0146, row
        assert row.naive < 0.91, row


def test_every_value_that_r_wrote_is_compared():
    compared = {"gee": {*GEE, "respiratory weighted", "respiratory weighted md", "respiratory exchangeable geepack", "seizure exchangeable geepack"}, "mixed_model": set(SCORES),
                "partially_nested": {f"{name}{middle}{tail}" for name in COVARIATES for middle in ("", " adjusted") for tail in ("", " plain")} | {f"{name} smith" for name in COVARIATES}
                | {f"{case} cox{tail}" for case in ("lung", "lung adjusted", "rossi") for tail in ("", " plain")}}
    for name, cases in compared.items():
        with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
            assert {line["case"] for line in csv.DictReader(handle)} == cases
