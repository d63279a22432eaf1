"""Binary outcomes: every estimator of the package against the second author's, on real trials."""

from __future__ import annotations

import math
from functools import cache

import pandas as pd
import pytest

from pacer_analysis.estimators import ESTIMATORS
from tests.independent.estimators import cace as their_cace
from tests.independent.estimators import describe as their_describe
from tests.independent.estimators import logistic as their_logistic
from tests.independent.estimators import noninferiority as their_margin
from tests.independent.estimators import proportion as their_proportion
from tests.independent.estimators import risk_difference as their_difference
from tests.independent.estimators import risk_ratio as their_ratio
from tests.independent.estimators import stratified as their_strata
from tests.independent.estimators.columns import two_by_two
from tests.independent.estimators_compared import (
    ADJUSTED,
    BINARY,
    STRATIFIED,
    agree,
    arms_of,
    binary_frame,
    chi_square_row,
    coefficients,
    counts,
    filled,
    only,
    same,
    sized,
    wald,
)
from tests.reference.binary_frames import counts as two_arms_of

proportion_of = cache(their_proportion.proportion_of)  # its exact limits are bisections of sums


def proportions(frame, low="wilson_low", high="wilson_high"):
    """The rows of each arm's proportion."""
    rows = {}
    for arm in frame["arm"].cat.categories:
        size = counts(frame, arm)
        row = proportion_of(size["events"], size["n"])
        rows["proportion", arm, "", None] = {"estimate": row["estimate"], "se": row["se"], "low": row[low], "high": row[high]} | size
    return rows


@pytest.mark.parametrize("name", BINARY)
def test_describe(name):
    frame = binary_frame(name)
    kinds = {"age": "continuous", "covar": "continuous", "cd40": "continuous", "weight_loss": "continuous", "race": "binary", "gender": "binary", "ecog": "categorical",
             "s1": "categorical", "little_food": "binary", "centre": "categorical", "stratum": "categorical"}
    frame.attrs["kinds"] = {variable: kind for variable, kind in kinds.items() if variable in frame}
    reference, others = arms_of(frame)
    theirs = {}
    for variable, kind in frame.attrs["kinds"].items():
        by_arm = their_describe.describe(frame, variable)
        for arm in (reference, *others):
            row = by_arm[arm]
            if kind == "continuous":
                theirs |= {(measure, arm, variable, None): {"estimate": row[own], "n": row["n"]} for measure, own in
                           {"mean": "mean", "sd": "sd", "median": "median", "lower_quartile": "q25", "upper_quartile": "q75", "minimum": "minimum", "maximum": "maximum"}.items()}
                theirs["mean", arm, variable, None]["se"] = row["sd"] / math.sqrt(row["n"])  # not on the methods page: SD over root n
            elif kind == "binary":
                theirs["proportion", arm, variable, None] = {"estimate": row["mean"], "n": row["n"], "events": row["mean"] * row["n"]}
            else:  # a level that the arm does not have stands in the package's table with 0
                for level in sorted(set(frame[variable].dropna().astype(str))):
                    theirs["proportion", arm, f"{variable}={level}", None] = {"estimate": row.get(f"proportion[{level}]", 0.0), "n": row["n"], "events": row.get(f"count[{level}]", 0)}
        for arm in others:
            known = frame.loc[frame["arm"].isin([reference, arm]), variable].notna().sum()
            theirs["smd", f"{arm} - {reference}", variable, None] = {**their_describe.standardised_difference(frame, variable, arm), "n": known}
    agree("describe", ESTIMATORS["describe"](frame, variables=tuple(frame.attrs["kinds"])), theirs)


@pytest.mark.parametrize("name", BINARY)
def test_count(name):
    """The second author has no estimator of counts: a fact is a proportion's outcome."""
    frame = binary_frame(name)
    frame["high"] = pd.array(frame["outcome"] == 1, dtype="boolean")
    frame.loc[frame["outcome"].isna(), "high"] = pd.NA
    theirs = {}
    for (_, arm, _, _), row in proportions(frame).items():
        theirs["count", arm, "high", None] = {"estimate": row["events"], "n": row["n"], "events": row["events"]}
        theirs["proportion", arm, "high", None] = only(row, "estimate", "n", "events")
    agree("count", ESTIMATORS["count"](frame, of=("high",)), theirs)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize(("interval", "ends"), [("wilson", "wilson"), ("clopper-pearson", "exact")])
def test_proportion(name, interval, ends):
    frame = binary_frame(name)
    agree("proportion", ESTIMATORS["proportion"](frame, interval=interval), proportions(frame, f"{ends}_low", f"{ends}_high"))


def two_arms(frame, interval):
    """Everything of a crude comparison; the odds ratio is that of the second author's logistic model of the pair."""
    reference, others = arms_of(frame)
    theirs = proportions(frame)
    for arm in others:
        pair = frame[frame["arm"].isin([reference, arm])].assign(arm=lambda d, arm=arm: d["arm"].cat.set_categories([reference, arm]))
        row, size, contrast = their_difference.risk_difference(frame, arm), counts(frame, reference, arm), f"{arm} - {reference}"
        names = {"mn": ("statistic", "p"), "newcombe": (), "wald": ("statistic", "p")}[interval]
        theirs["rd", contrast, "", None] = {name: row[f"{interval}_{name}"] for name in ("estimate", "low", "high", *names)} | {"se": row["wald_se"]} | size
        theirs["rr", contrast, "", None] = wald(their_ratio.risk_ratio_crude(frame, arm)) | size
        theirs["or", contrast, "", None] = wald(their_logistic.logistic(pair, profiles=False)[f"arm[{arm}]"]) | size
        theirs["chisq", contrast, "", None] = chi_square_row(row, "chi_square_") | size
        theirs["p", contrast, "", None] = {"p": row["fisher_p"]} | size
    return theirs


@pytest.mark.parametrize("name", sized(BINARY, ["lung", "robincar"]))
@pytest.mark.parametrize(("interval", "short"), [("miettinen-nurminen", "mn"), ("newcombe", "newcombe"), ("wald", "wald")])
def test_risk_difference(name, interval, short):
    frame = binary_frame(name)
    agree("risk_difference", ESTIMATORS["risk_difference"](frame, interval=interval), two_arms(frame, short))


@pytest.mark.parametrize("table", [(56, 70, 48, 80), (9, 10, 3, 10), (6, 7, 2, 7), (0, 20, 0, 20), (20, 20, 18, 20), (155, 202, 117, 209), (0, 20, 20, 20)])
def test_miettinen_nurminen_at_the_corners(table):
    theirs = their_difference.miettinen_nurminen(*table)
    rd = next(row for row in ESTIMATORS["risk_difference"](two_arms_of(*table)) if row.measure == "rd")
    for quantity in ("estimate", "se", "low", "high", "statistic", "p"):
        same("risk_difference", getattr(rd, quantity), theirs[quantity])


@pytest.mark.parametrize("name", BINARY)
def test_risk_ratio(name):
    frame = binary_frame(name)
    reference, others = arms_of(frame)
    crude = {("rr", f"{arm} - {reference}", "", None): wald(their_ratio.risk_ratio_crude(frame, arm)) | counts(frame, reference, arm) for arm in others}
    agree("risk_ratio", ESTIMATORS["risk_ratio"](frame), crude)
    complete, terms = filled(frame, ADJUSTED[name])
    stratified = name in STRATIFIED
    theirs = their_ratio.modified_poisson(complete, terms + ["stratum"] * stratified)
    agree("risk_ratio", ESTIMATORS["risk_ratio"](frame, covariates=ADJUSTED[name], stratified=stratified), coefficients("rr", frame, theirs))


@pytest.mark.parametrize(("name", "by"), [("rossi", "age"), ("lung", "age"), ("actg175", "age")])
def test_risk_ratio_by_cluster(name, by):
    """Both multiply by G / (G - 1)."""
    frame = binary_frame(name)
    frame = frame.assign(cluster=frame[by].astype(str))
    covariates = {"rossi": ("prio",), "lung": ("weight_loss",), "actg175": ("cd40",)}[name]
    complete, terms = filled(frame, covariates)
    agree("risk_ratio", ESTIMATORS["risk_ratio"](frame, covariates=covariates), coefficients("rr", frame, their_ratio.modified_poisson(complete, terms, clustered=True)))


@pytest.mark.parametrize("name", STRATIFIED)
def test_stratified_risk_difference(name):
    frame = binary_frame(name)
    reference, others = arms_of(frame)
    theirs = proportions(frame)
    for arm in others:
        found, size, contrast = their_strata.stratified_risk_difference(frame, arm), counts(frame, reference, arm), f"{arm} - {reference}"
        theirs |= {(measure, contrast, "", None): wald(found[measure]) | size for measure in ("rd", "rr", "or")}
        theirs["chisq", contrast, "", None] = chi_square_row(found["test"]) | size
    agree("stratified_risk_difference", ESTIMATORS["stratified_risk_difference"](frame), theirs, {"chisq:homogeneity": "Breslow and Day's test is not on the methods page"})


@pytest.mark.parametrize("name", ["aids", "lung", "actg175"])
def test_cace(name):
    """The interval is Anderson and Rubin's by the robust z test, the standard error HC0; the p is that of the difference as randomised."""
    frame = binary_frame(name)
    reference, others = arms_of(frame)
    taken = frame.assign(outcome=frame["received"].where(frame["outcome"].notna()))
    theirs = {(measure, arm, "received", time): row for (measure, arm, _, time), row in proportions(taken).items()}
    for arm in others:
        found, size, contrast = their_cace.cace(frame, arm), counts(frame, reference, arm), f"{arm} - {reference}"
        theirs["rd", contrast, "received", None] = wald(found["first_stage"]) | size
        theirs["rd", contrast, "as randomised", None] = wald(found["intention_to_treat"]) | size
        theirs["cace", contrast, "two-stage least squares", None] = wald(found["wald"]) | size
        theirs["cace", contrast, "", None] = only(found["wald"], "estimate", "se") | only(found["anderson_rubin"], "low", "high", "p") | {
            "statistic": found["intention_to_treat"]["statistic"]} | size
        assert found["anderson_rubin"]["shape"] == "interval"
    agree("cace", ESTIMATORS["cace"](frame), theirs)


@pytest.mark.parametrize("name", sized(["aids", "lung", "robincar", "rossi"], ["aids", "lung"]))
@pytest.mark.parametrize("better", ["higher", "lower"])
def test_noninferiority(name, better):
    """Verdicts of three measures; p by the second author's score statistic (difference) or z (ratios) at the margin."""
    frame, sign = binary_frame(name), -1 if better == "higher" else 1
    _, others = arms_of(frame)
    for of, measure, margin in (("risk_difference", "rd", sign * 0.05), ("risk_ratio", "rr", 1.2**sign), ("logistic", "or", 1.2**sign)):
        rows = ESTIMATORS["noninferiority"](frame, of=of, margin=margin, better=better, measure=measure)
        for arm in others:
            row = next(row for row in rows if row.measure == "noninferiority" and row.contrast.startswith(arm))
            if measure == "rd":
                found = their_difference.risk_difference(frame, arm)
                low, high = found["mn_low"], found["mn_high"]
                z = their_difference.score_statistic(*two_by_two(frame, arm), margin)
                p = 0.5 * math.erfc((-sign * z) / math.sqrt(2)) if better == "lower" else 0.5 * math.erfc(z / math.sqrt(2))
            else:
                ratio = their_ratio.risk_ratio_crude(frame, arm) if measure == "rr" else their_logistic.logistic(frame, profiles=False)[f"arm[{arm}]"]
                low, high = ratio["low"], ratio["high"]
                test = their_margin.wald_test_against(ratio["estimate"], ratio["se"], margin, better, ratio=True)
                z, p = -sign * test["statistic"], test["p_one_sided"]
            verdict = their_margin.noninferiority(low, high, margin, better)["verdict"]
            assert row.note.split("; ")[0] == verdict
            same("noninferiority", row.statistic, z)
            same("noninferiority", row.p, p)
