"""Logistic models, estimating equations, weights: every estimator of the package against the second author's, on real trials."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from pacer_analysis.estimators import ESTIMATORS
from tests.independent.estimators import firth as their_firth
from tests.independent.estimators import logistic as their_logistic
from tests.independent.estimators import risk_ratio as their_ratio
from tests.independent.estimators import standardisation as their_standardisation
from tests.independent.estimators.cox import cox, cox_interaction
from tests.independent.estimators.evalue import e_value
from tests.independent.estimators.gee import gee
from tests.independent.estimators.weighting import weighted_risk_difference
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
    on_the_logit,
    only,
    same,
    sized,
    time_frame,
    wald,
)
from tests.reference.binary_frames import separating
from tests.reference.repeated_frames import visits


@pytest.mark.parametrize("name", sized(BINARY, ["actg175", "rossi", "transplants"]))
@pytest.mark.parametrize("adjusted", [False, True])
def test_logistic(name, adjusted):
    frame = binary_frame(name)
    complete, terms = filled(frame, ADJUSTED[name] if adjusted else ())
    stratified = adjusted and name in STRATIFIED
    found = their_logistic.logistic(complete, terms + ["stratum"] * stratified, profiles=name != "actg175")
    reference, others = arms_of(frame)
    contrast = f"{others[0]} - {reference}" if len(others) == 1 else ""
    test = {("chisq", contrast, "likelihood ratio", None): chi_square_row(found["lr[arm]"]) | counts(frame)}
    options = {"covariates": ADJUSTED[name] if adjusted else (), "stratified": stratified}
    agree("logistic", ESTIMATORS["logistic"](frame, **options), coefficients("or", frame, found) | test)
    if name == "actg175":
        return
    # Profile limits; the likelihood ratio test of a coefficient is the second author's of a term of one column.
    rows = coefficients("or", frame, found)
    excused = {}
    for own, numbers in found.items():
        contrast_of, term = ("", "")
        if own not in {"model", "intercept"} and not own.startswith("lr["):
            contrast_of, term = (f"{own[4:-1]} - {reference}", "") if own.startswith("arm[") else ("", own.replace("[", "=").replace("]", "").replace("_missing", " unknown"))
            test_own = found.get(f"lr[{own.split('[')[0]}]", {})
            one = test_own.get("df") == 1
            rows["or", contrast_of, term, None] = rows["or", contrast_of, term, None] | {"low": numbers["profile_low"], "high": numbers["profile_high"]} | (
                chi_square_row(test_own) if one else {"statistic": None, "df": None, "p": None})
            if not one:
                excused |= {f"or.{quantity}": "the second author tests terms, and this one has several columns" for quantity in ("statistic", "df", "p")}
    agree("logistic", ESTIMATORS["logistic"](frame, interval="profile", **options), rows | test, excused)


@pytest.mark.parametrize("name", sized(["endometrial", "sex2", "lung", "transplants", "aids"], ["endometrial", "transplants"]))
def test_firth(name):
    frame, covariates = {"endometrial": lambda: (separating("endometrial"), ("PI", "EH")), "sex2": lambda: (separating("sex2"), ("age", "vic")),
                         "lung": lambda: (binary_frame("lung"), ("age", "ecog")), "transplants": lambda: (binary_frame("transplants"), ("age",)),
                         "aids": lambda: (binary_frame("aids"), ("cd4",))}[name]()
    complete, terms = filled(frame, covariates)
    found = their_firth.firth(complete, terms)
    theirs = coefficients("or", frame, {own: {"df": 1, **row} for own, row in found.items() if own not in {"model", "intercept"}})
    theirs = {key: {**row, "df": 1.0} for key, row in theirs.items()}
    arm = next(row for key, row in theirs.items() if key[1])
    theirs["chisq", next(key[1] for key in theirs if key[1]), "likelihood ratio", None] = chi_square_row(arm) | counts(frame)
    agree("logistic", ESTIMATORS["logistic"](frame, covariates=covariates, firth="always"), theirs)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize(("variance", "own"), [("ye", "ye"), ("delta", "delta"), ("delta-hc0", "delta_hc0")])
def test_standardisation(name, variance, own):
    """Ye's variance with the residual variance opened out (`decomposed`, RobinCar2's); the second author's `ye_plain` is the same limit otherwise written."""
    frame = binary_frame(name)
    if name == "lung":  # the centre of 19 is no stratum of a randomisation, and one woman has none
        frame = frame.drop(columns="stratum")
    complete, terms = filled(frame, ADJUSTED[name])
    stratified = name in STRATIFIED
    found = their_standardisation.standardisation(complete, terms + ["stratum"] * stratified, own, stratified="stratum" in frame)
    reference, others = arms_of(frame)
    theirs = {("proportion", arm, "", None): on_the_logit(found[f"risk[{arm}]"]) | counts(frame, arm) for arm in (reference, *others)}
    theirs |= {(measure, f"{arm} - {reference}", "", None): wald(found[f"{measure}[{arm}]"]) | counts(frame, reference, arm) for arm in others for measure in ("rd", "rr", "or")}
    agree("standardisation", ESTIMATORS["standardisation"](frame, covariates=ADJUSTED[name], stratified=stratified, variance=variance), theirs)


@pytest.mark.parametrize(("of", "name", "variable", "covariates"), [
    ("logistic", "aids", "stratum", ()), ("logistic", "rossi", "stratum", ()), ("logistic", "robincar", "s1", ()), ("logistic", "actg175", "stratum", ("age",)),
    ("logistic", "lung", "ecog", ()), ("logistic", "transplants", "old", ()), ("cox", "aids", "stratum", ()), ("cox", "rossi", "race", ()), ("cox", "lung", "ecog", ())])
def test_subgroups(of, name, variable, covariates):
    """Effects in the levels and the test of interaction.

    Readings: the package fits the levels apart, the second author one model with products: the same without covariates only (tested); with them the test is
    compared alone. The second author leaves no level out (`smallest: 0`) and gives no p in a level; neither does the package.
    """
    frame = binary_frame(name) if of == "logistic" else time_frame(name)
    frame = frame.assign(old=np.where(frame["age"] > 30, "old", "young")) if variable == "old" else frame.dropna(subset=[variable])
    reference, others = arms_of(frame)
    contrast, measure = (f"{others[0]} - {reference}" if len(others) == 1 else ""), {"logistic": "or", "cox": "hr"}[of]
    rows = ESTIMATORS["subgroups"](frame, variables=(variable,), of=of, smallest=1, options={"covariates": covariates})
    test = [row for row in rows if row.measure == "chisq"]
    if of == "logistic":
        found = their_logistic.subgroup_interaction(frame, variable, list(covariates))
        agree("subgroups", test, {("chisq", contrast, "interaction", None): chi_square_row(found["interaction"]) | counts(frame)})
    else:
        agree("subgroups", test, {("chisq", contrast, "interaction", None): chi_square_row(cox_interaction(frame, variable)) | counts(frame)})
    for level in sorted(set(frame[variable].astype(str))) if not covariates else ():
        cell = frame[frame[variable].astype(str) == level]
        effects = [row for row in rows if row.subgroup == f"{variable}={level}"]
        theirs = {}
        for arm in others:
            numbers = found[f"{variable}[{level}] arm[{arm}]"] if of == "logistic" else cox(cell)[f"arm[{arm}]"]
            theirs[measure, f"{arm} - {reference}", "", None] = only(numbers, "estimate", "se", "low", "high") | counts(cell, reference, arm)
        agree("subgroups", effects, theirs)


def in_order(frame, first):
    """The frame with this visit first among the categories: the second author's coefficient of an arm is then that of the visit."""
    order = [first, *(visit for visit in frame["visit"].cat.categories if visit != first)]
    return frame.assign(visit=frame["visit"].cat.set_categories(order))


QUICK = {("seizure", "exchangeable", "kauermann_carroll"), ("respiratory", "independence", "mancl_derouen")}


@pytest.mark.parametrize(("name", "correlation", "correction"), [case if case in QUICK else pytest.param(*case, marks=pytest.mark.deep) for case in itertools.product(
    ["respiratory", "seizure", "bacteria"], ["independence", "exchangeable"], ["none", "mancl_derouen", "kauermann_carroll"])])
def test_gee(name, correlation, correction):
    """Arm by visit: odds ratios, marginal risk differences, the risk of the reference at every visit from the intercept.

    Readings: alpha is Liang and Zeger's with p taken off (`correction` of the second author, his default); t with clusters less coefficients for both. The joint
    tests over visits are not on the methods page. bacteria: a visit at which everybody of an arm has the event stays out of the package's model.
    """
    frame = visits(name)
    risks = frame.pivot_table(values="outcome", index="visit", columns="arm", observed=True)
    kept = [visit for visit in frame["visit"].cat.categories if risks.loc[visit].between(0, 1, inclusive="neither").all()]
    seen = frame[frame["visit"].isin(kept)].assign(visit=lambda d: d["visit"].cat.set_categories(kept))
    compare_gee(frame, seen, (), ["arm", "visit", "arm:visit"], correlation, correction)


@pytest.mark.parametrize(("name", "covariates", "correlation"), [
    ("seizure", ("age", "before"), "exchangeable"), *(pytest.param(*case, marks=pytest.mark.deep) for case in [
        ("seizure", ("age", "before"), "independence"), ("respiratory", ("sex", "baseline", "age"), "exchangeable"), ("respiratory", ("sex", "baseline", "age"), "independence")])])
def test_gee_with_covariates(name, covariates, correlation):
    """Risks averaged over those with the outcome at the visit; blanks imputed over people, not rows."""
    frame = visits(name)
    people, terms = filled(frame.drop_duplicates("id"), covariates)
    seen = frame.drop(columns=list(covariates)).merge(people[["id", *terms]], on="id", how="left")
    compare_gee(frame, seen, covariates, ["arm", "visit", "arm:visit", *terms], correlation, "mancl_derouen")


def compare_gee(frame, seen, covariates, terms, correlation, correction):
    variance = {"none": "robust"}.get(correction, correction)
    reference, others = arms_of(frame)
    theirs = {}
    for visit in seen["visit"].cat.categories:
        found = gee(in_order(seen, visit), terms, correlation, variance=variance)
        rows, df = frame[frame["visit"] == visit], {"df": found["model"]["df"]}
        for arm in others:
            size, gap = counts(rows, reference, arm), found[f"rd[{visit} {arm}]"]
            theirs["or", f"{arm} - {reference}", visit, None] = {**wald(found[f"arm[{arm}]"]), **df} | size
            theirs["rd", f"{arm} - {reference}", visit, None] = {**only(gap, "estimate", "se", "low", "high", "p"), "statistic": gap["estimate"] / gap["se"], **df} | size
        if not covariates:
            theirs["proportion", reference, visit, None] = at_intercept(found) | df | counts(rows, reference)
            for arm in others:  # each arm as the reference once
                turned = in_order(seen, visit).assign(arm=lambda d, arm=arm: d["arm"].cat.set_categories([arm, *(own for own in (reference, *others) if own != arm)]))
                theirs["proportion", arm, visit, None] = at_intercept(gee(turned, terms, correlation, variance=variance)) | df | counts(rows, arm)
    excused = {"f": "joint tests over visits are not on the methods page"} | ({"proportion": "the second author gives differences of adjusted risks"} if covariates else {})
    rows = ESTIMATORS["gee"](frame, covariates=covariates, correlation=correlation, correction=correction)
    agree("gee", [row for row in rows if row.estimate is not None or row.measure == "f"], theirs, excused)


def at_intercept(found):
    """The risk whose log odds are the intercept, its standard error, and the limits on the logit scale."""
    row = found["intercept"]
    odds, low, high = row["estimate"], row["low"], row["high"]
    return {"estimate": odds / (1 + odds), "se": row["se"] * odds / (1 + odds) ** 2, "low": low / (1 + low), "high": high / (1 + high)}


CHOSEN = {"lung": ("age", "meals"), "aids": ("age", "cd4"), "rossi": ("age", "prio", "wexp"), "transplants": ("age",)}


@pytest.mark.parametrize("name", CHOSEN)
@pytest.mark.parametrize(("weights", "kind"), [("overlap", "overlap"), ("inverse_probability", "inverse")])
def test_propensity_and_balance(name, weights, kind):
    """Everyone here has the outcome: with some unknown, the package fits the propensity to all with their covariates, the second author to those with the outcome too.

    Stabilised (package) and plain (second author) inverse weights give the same weighted proportions, standard errors and effective numbers. The unweighted spread of
    a 0/1 covariate has n for the package, n - 1 for him.
    """
    frame = binary_frame(name).dropna(subset=["outcome"]).drop(columns="stratum", errors="ignore")
    covariates = CHOSEN[name]
    found = weighted_risk_difference(frame, list(covariates), kind)
    complete = frame.dropna(subset=list(covariates))
    reference, (arm,) = arms_of(frame)
    contrast, size = f"{arm} - {reference}", counts(complete)
    theirs = {("rd", contrast, "", None): wald(found["rd"]) | size, ("rr", contrast, "", None): wald(found["rr"]) | size,
              ("proportion", arm, "", None): on_the_logit(found["risk_treated"]) | counts(complete, arm),
              ("proportion", reference, "", None): on_the_logit(found["risk_reference"]) | counts(complete, reference)}
    agree("propensity", ESTIMATORS["propensity"](frame, covariates=covariates, weights=weights), theirs, {"or": "the second author weights differences and risk ratios"})
    table = {(row.measure, row.arm, row.term): row for row in ESTIMATORS["balance"](frame, covariates=covariates, weights=weights)}
    same("balance", table["effective_n", arm, ""].estimate, found["weights"]["effective_treated"])
    same("balance", table["effective_n", reference, ""].estimate, found["weights"]["effective_reference"])
    for covariate in covariates:
        groups = [complete.loc[complete["arm"] == own, covariate] for own in (arm, reference)]
        spread = math.sqrt(sum(group.var() for group in groups) / sum(group.var(ddof=0) for group in groups)) if complete[covariate].isin([0, 1]).all() else 1.0
        same("balance", table["smd", "", f"{covariate} (weighted)"].estimate, found["balance"][covariate] * spread)


@pytest.mark.parametrize("name", sized(["lung", "aids", "robincar", "rossi"], ["lung", "robincar"]))
def test_e_value(name):
    frame = binary_frame(name)
    reference, others = arms_of(frame)
    for arm in others:
        pair = frame[frame["arm"].isin([reference, arm])].assign(arm=lambda d, arm=arm: d["arm"].cat.set_categories([reference, arm]))
        sources = {("risk_ratio", "rr"): their_ratio.risk_ratio_crude(pair), ("logistic", "or"): their_logistic.logistic(pair, profiles=False)[f"arm[{arm}]"]}
        if name in {"lung", "rossi", "aids"}:
            sources["cox", "hr"] = cox(time_frame(name))[f"arm[{arm}]"]
        for (of, measure), row in sources.items():
            for rare in (False, True):
                (mine,) = ESTIMATORS["e_value"](pair if of != "cox" else time_frame(name), of=of, measure=measure, rare=rare)
                theirs = e_value(row["estimate"], row["low"], row["high"], measure, common=not rare)
                same("e_value", mine.estimate, theirs["estimate"])
                same("e_value", mine.low, theirs["limit"])
