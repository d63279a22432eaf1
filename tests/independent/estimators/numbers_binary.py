"""Binary outcomes on the data sets."""

from __future__ import annotations

from .cace import cace
from .describe import describe, standardised_difference
from .evalue import e_value
from .firth import firth
from .logistic import logistic, subgroup_interaction
from .noninferiority import noninferiority
from .partially_nested import icc, partially_nested
from .proportion import proportion
from .randomisation_test import exact_randomisation_test, randomisation_test
from .risk_difference import miettinen_nurminen, risk_difference
from .risk_ratio import modified_poisson, risk_ratio_crude
from .samples import clubs, event_by, receipt, sample, two_arms
from .standardisation import standardisation
from .stratified import stratified_risk_difference
from .weighting import weighted_risk_difference


def binary_numbers() -> dict[str, object]:
    """Outcomes: actg175 its column; aids event by day 270; lung dead by day 365; rossi arrested (status); transplants any event by 0.4.

    Adjusted models: actg175 age, cd40, stratum; aids cd4, stratum; lung age, ecog; rossi age, prio, stratum. rossi clustered by age.
    """
    frames = {name: sample(name) for name in ("actg175", "aids", "lung", "rossi", "transplants")}
    for name, day in (("aids", 270), ("lung", 365), ("transplants", 0.4)):
        frames[name]["outcome"] = event_by(frames[name], day)
    frames["rossi"]["outcome"] = frames["rossi"]["status"].astype(float)
    adjusted = {
        "actg175": ["age", "cd40", "stratum"],
        "aids": ["cd4", "stratum"],
        "lung": ["age", "ecog"],
        "rossi": ["age", "prio", "stratum"],
        "transplants": ["age"],
    }
    out: dict[str, object] = {}
    for name, frame in frames.items():
        covariates = adjusted[name]
        out[f"{name} describe age"] = describe(frame, "age")
        out[f"{name} standardised difference age"] = standardised_difference(frame, "age")
        out[f"{name} proportion"] = proportion(frame)
        for arm in list(frame["arm"].cat.categories)[1:]:
            out[f"{name} risk difference {arm}"] = risk_difference(frame, arm)
            out[f"{name} risk ratio {arm}"] = risk_ratio_crude(frame, arm)
            if "stratum" in frame:
                out[f"{name} stratified {arm}"] = stratified_risk_difference(frame, arm)
        out[f"{name} logistic crude"] = logistic(frame)
        out[f"{name} logistic adjusted"] = logistic(frame, covariates)
        out[f"{name} firth adjusted"] = firth(frame, covariates)
        out[f"{name} modified poisson crude"] = modified_poisson(frame)
        out[f"{name} modified poisson adjusted"] = modified_poisson(frame, covariates)
        for variance in ("ye", "ye_plain", "influence", "delta", "delta_hc0"):
            out[f"{name} standardisation {variance}"] = standardisation(frame, covariates, variance, stratified="stratum" in frame)
        if "stratum" in frame:
            out[f"{name} standardisation ye, strata only in the variance"] = standardisation(
                frame, [c for c in covariates if c != "stratum"], "ye"
            )
            out[f"{name} subgroup stratum"] = subgroup_interaction(frame, "stratum")
    out["lung describe ecog"] = describe(frames["lung"], "ecog")
    out["lung standardised difference ecog"] = standardised_difference(frames["lung"], "ecog")
    out["lung standardised difference little_food"] = standardised_difference(frames["lung"], "little_food")
    clustered = frames["rossi"].assign(cluster=frames["rossi"]["age"])
    out["rossi modified poisson by age"] = modified_poisson(clustered, ["prio"], clustered=True)
    out["rossi modified poisson by age, no factor"] = modified_poisson(clustered, ["prio"], clustered=True, adjust_clusters=False)
    return out | small_numbers() | design_numbers()


def small_numbers() -> dict[str, object]:
    """The tables named on the methods page, and the golden tables."""
    cases = [
        (56, 70, 48, 80),
        (9, 10, 3, 10),
        (6, 7, 2, 7),
        (0, 20, 0, 20),
        (20, 20, 18, 20),
        (155, 202, 117, 209),
        (32, 170, 48, 170),
        (306, 413, 269, 427),
    ]
    return {f"miettinen-nurminen {a}/{n1} v {b}/{n0}": miettinen_nurminen(a, n1, b, n0) for a, n1, b, n0 in cases}


def design_numbers() -> dict[str, object]:
    """Clubs, receipt and weights: see the samples' docstrings. lung: women against men, dead by 365, weights on age and ecog.

    Randomisation test: the first 20 women of actg175's zdv and ddi with an outcome, blocks of ten rows, by enumeration and 2,000 draws.
    """
    lung = sample("lung")
    lung["outcome"] = event_by(lung, 365)
    few = two_arms(sample("actg175"), "ddi").dropna(subset=["outcome"]).head(20).drop(columns="stratum").reset_index(drop=True)
    few["block"] = few.index // 10
    out: dict[str, object] = {
        "actg175 partially nested": partially_nested(clubs()),
        "actg175 icc": icc(clubs()),
        "actg175 cace": cace(receipt()),
        "actg175 randomisation exact": exact_randomisation_test(few),
        "actg175 randomisation drawn": randomisation_test(few, 2000, 1),
    }
    for kind in ("inverse", "overlap"):
        row = weighted_risk_difference(lung, ["age", "ecog"], kind)
        out[f"lung weights {kind}"] = row
        out[f"lung e-value {kind}"] = e_value(row["rr"]["estimate"], row["rr"]["low"], row["rr"]["high"])
    ddi = risk_difference(two_arms(sample("actg175"), "ddi"))
    out["actg175 noninferiority ddi, margin 0.05, lower better"] = noninferiority(ddi["mn_low"], ddi["mn_high"], 0.05, "lower")
    out["actg175 noninferiority ddi, margin -0.05, higher better"] = noninferiority(ddi["mn_low"], ddi["mn_high"], -0.05, "higher")
    return out
