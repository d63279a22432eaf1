"""Tests and models of hazards: every estimator of the package against the second author's, on real trials."""

from __future__ import annotations

import numpy as np
import pytest

from pacer_analysis.estimators import ESTIMATORS
from tests.independent.estimators.columns import chi_square_p, newton
from tests.independent.estimators.cox import cox, partial_likelihood, prepare
from tests.independent.estimators.fine_gray import fine_gray
from tests.independent.estimators.gray import gray
from tests.independent.estimators.logrank import logrank
from tests.independent.estimators.proportional_hazards import proportional_hazards
from tests.independent.estimators_compared import (
    BY_CAUSE,
    COVARIATES,
    EVERY,
    WITH_STRATA,
    agree,
    any_event,
    arms_of,
    cause_first,
    chi_square_row,
    coefficients,
    competing,
    counts,
    filled,
    late,
    sized,
    time_frame,
)


@pytest.mark.parametrize("name", sized(EVERY, ["actg175", "rossi", "transplants"]))
@pytest.mark.parametrize("options", [{}, {"rho": 1.0}, {"gamma": 1.0}, {"rho": 0.5, "gamma": 0.5}, {"stratified": True}, {"stratified": True, "rho": 1.0}], ids=str)
def test_logrank(name, options):
    frame = any_event(time_frame(name))
    if options.get("stratified") and name not in WITH_STRATA:
        pytest.skip("no strata")
    compare_logrank(frame, options)


@pytest.mark.parametrize("name", ["lung", "rossi", "aids"])
def test_logrank_with_delayed_entry(name):
    compare_logrank(late(name), {})


def compare_logrank(frame, options):
    found = logrank(frame, **options)
    reference, others = arms_of(frame)
    theirs = {("expected", arm, "", None): {"estimate": found[f"expected[{arm}]"]} | counts(frame, arm) for arm in (reference, *others)}
    theirs["chisq", f"{others[0]} - {reference}" if len(others) == 1 else "", "", None] = chi_square_row(found) | counts(frame)
    if not options.get("rho") and not options.get("gamma"):
        assert [found[f"observed[{arm}]"] for arm in (reference, *others)] == [counts(frame, arm)["events"] for arm in (reference, *others)]
    agree("logrank", ESTIMATORS["logrank"](frame, **options), theirs)


def arm_tests(frame, terms, *, robust, stratified=False, ties="efron", cause=None):
    """Likelihood ratio and score test of the arms given the covariates, from the second author's likelihood; its own `model` tests everything at once."""
    reference, others = arms_of(frame)
    if robust:
        return {}
    data, names, _ = prepare(frame, terms, stratified, cause, ties)
    arms, p = len(others), len(names)

    def within(beta):
        value, gradient, information = partial_likelihood(data, np.concatenate([np.zeros(arms), beta]))
        return value, gradient[arms:], information[arms:, arms:]

    null = np.concatenate([np.zeros(arms), newton(within, np.zeros(p - arms))])
    below, score, information = partial_likelihood(data, null)
    best = partial_likelihood(data, newton(lambda beta: partial_likelihood(data, beta), np.zeros(p)))[0]
    contrast = f"{others[0]} - {reference}" if arms == 1 else ""
    values = {"likelihood ratio": 2 * (best - below), "score": float(score @ np.linalg.solve(information, score))}
    return {("chisq", contrast, term, None): {"statistic": value, "df": arms, "p": chi_square_p(value, arms)} | counts(frame, cause=cause or 1) for term, value in values.items()}


@pytest.mark.parametrize("name", sized(EVERY, ["lung", "rossi", "transplants"]))
@pytest.mark.parametrize(("options", "adjusted"), [({}, False), ({}, True), ({"ties": "breslow"}, True), ({"robust": True}, True), ({"stratified": True}, True),
                                                  ({"stratified": True, "robust": True}, True)], ids=str)
def test_cox(name, options, adjusted):
    frame = any_event(time_frame(name))
    if options.get("stratified") and name not in WITH_STRATA:
        pytest.skip("no strata")
    covariates = COVARIATES[name] if adjusted else ()
    complete, terms = filled(frame, covariates)
    plain = {key: value for key, value in options.items() if key != "robust"}
    robust = bool(options.get("robust"))
    theirs = coefficients("hr", frame, cox(complete, terms, variance="robust" if robust else "model", **plain)) | arm_tests(complete, terms, robust=robust, **plain)
    excused = {"chisq:wald": "of the arms alone given covariates; the second author's tests every coefficient at once"} if robust and len(arms_of(frame)[1]) > 1 else {}
    agree("cox", ESTIMATORS["cox"](frame, covariates=covariates, **options), theirs, excused)


@pytest.mark.parametrize("case", ["lung by centre", "rossi by age", "late lung", "late lung robust", "late rossi", "cgd"])
def test_cox_of_clusters_and_delayed_entry(case):
    """cgd is Andersen and Gill's model of several infections a person, robust by person: R has 0.3119."""
    frame, covariates, variance, options = {
        "lung by centre": lambda: (time_frame("lung").dropna(subset=["centre"]).assign(cluster=lambda d: d["centre"]), ("age", "ecog"), "cluster", {}),
        "rossi by age": lambda: (time_frame("rossi").assign(cluster=lambda d: d["age"]), ("prio",), "cluster", {}),
        "late lung": lambda: (late("lung"), ("age", "ecog"), "model", {}), "late lung robust": lambda: (late("lung"), ("age", "ecog"), "robust", {"robust": True}),
        "late rossi": lambda: (late("rossi"), ("prio",), "model", {"stratified": True}), "cgd": lambda: (time_frame("cgd"), (), "robust", {"recurrent": True})}[case]()
    complete, terms = filled(frame, covariates)
    stratified = {"stratified": True} if options.get("stratified") else {}
    theirs = coefficients("hr", frame, cox(complete, terms, variance=variance, **stratified)) | arm_tests(complete, terms, robust=variance != "model", **stratified)
    if case == "cgd":  # people are counted once
        theirs = {key: {**row, "n": frame["id"].nunique()} for key, row in theirs.items()}
    agree("cox", ESTIMATORS["cox"](frame, covariates=covariates, **options), theirs)


@pytest.mark.parametrize("name", sized(EVERY, ["lung", "rossi", "transplants"]))
@pytest.mark.parametrize("options", [{}, {"ties": "breslow"}, {"stratified": True}], ids=str)
def test_proportional_hazards(name, options):
    frame = any_event(time_frame(name))
    if options.get("stratified") and name not in WITH_STRATA:
        pytest.skip("no strata")
    complete, terms = filled(frame, COVARIATES[name])
    found = proportional_hazards(complete, terms, **options)
    reference, others = arms_of(frame)
    first = f"{others[0]} - {reference}" if len(others) == 1 else ""
    theirs = {("chisq", first if term == "arm" else "", "" if term == "arm" else term, None): chi_square_row(row) | counts(frame) for term, row in found.items() if not term.endswith("_missing")}
    excused = {f"chisq:{name_}": "the package tests a covariate with its indicator, the second author the two apart" for name_ in COVARIATES[name] if f"{name_}_missing" in terms}
    theirs = {key: row for key, row in theirs.items() if f"chisq:{key[2]}" not in excused}
    agree("proportional_hazards", ESTIMATORS["proportional_hazards"](frame, covariates=COVARIATES[name], **options), theirs, excused)


@pytest.mark.parametrize(("name", "stratified"), [("aids", False), ("aids", True), ("transplants", False), ("mgus", False), ("mgus", True), ("three", False)])
def test_gray(name, stratified):
    """`three`: the colon trial's three arms, the causes made of the tumour's extent."""
    if name == "three":
        frame = time_frame("colon")
        frame = frame.assign(status=np.where(frame["status"] == 0, 0, np.where(frame["stratum"].isin(["extent-3"]), 1, 2)))
    else:
        frame = competing(name)
        frame = frame.assign(stratum=np.where(frame["age"] > 70, "old", "young")) if name == "mgus" else frame
    reference, others = arms_of(frame)
    contrast = f"{others[0]} - {reference}" if len(others) == 1 else ""
    theirs = {("chisq", contrast, "" if cause == 1 else str(cause), None): chi_square_row(gray(frame, cause, stratified=stratified)) | counts(frame, cause=cause)
              for cause in range(1, int(frame["status"].max()) + 1)}
    agree("gray", ESTIMATORS["gray"](frame, stratified=stratified), theirs)


@pytest.mark.parametrize("name", sized(BY_CAUSE, ["transplants"]))
@pytest.mark.parametrize("options", [{}, {"robust": True}, {"ties": "breslow"}], ids=str)
def test_cause_specific(name, options):
    frame = competing(name)
    complete, terms = filled(frame, COVARIATES[name])
    robust, ties = bool(options.get("robust")), options.get("ties", "efron")
    theirs = {}
    for cause in range(1, BY_CAUSE[name] + 1):
        found = coefficients("hr", frame, cox(complete, terms, ties=ties, variance="robust" if robust else "model", cause=cause), cause=cause)
        found |= arm_tests(complete, terms, robust=robust, ties=ties, cause=cause)
        theirs |= {(measure, who, term if cause == 1 else f"{term} ({cause})" if term else str(cause), time): row for (measure, who, term, time), row in found.items()}
    agree("cause_specific", ESTIMATORS["cause_specific"](frame, covariates=COVARIATES[name], **options), theirs)


@pytest.mark.parametrize("name", sized(BY_CAUSE, ["transplants"]))
@pytest.mark.parametrize("adjusted", [False, True])
def test_fine_gray(name, adjusted):
    """Weights of one censoring curve for all (`pooled`, the package's default); the package takes the first cause, so each cause is put first."""
    frame, covariates = competing(name), COVARIATES[name] if adjusted else ()
    for cause in range(1, BY_CAUSE[name] + 1):
        first = cause_first(frame, cause)
        complete, terms = filled(first, covariates)
        agree("fine_gray", ESTIMATORS["fine_gray"](first, covariates=covariates), coefficients("shr", first, fine_gray(complete, terms)))
