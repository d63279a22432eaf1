"""Repeated outcomes, pooling, multiplicity, monitoring, sample size."""

from __future__ import annotations

import math

import pandas as pd

from .gee import gee
from .group_sequential import adjusted_final, boundaries, classical_obrien_fleming, conditional_power, haybittle_peto
from .multiplicity import fixed_sequence, hochberg, holm
from .rubin import rubin
from .sample_size import inflate, logrank_events, power_two_proportions, two_proportions
from .samples import DATA, sample, two_arms, visits

LOOKS = {"1/2": [0.5, 1.0], "1/3": [1 / 3, 2 / 3, 1.0], "1/4": [0.25, 0.5, 0.75, 1.0], "uneven": [0.3, 0.7, 1.0]}


def other_numbers() -> dict[str, object]:
    """GEE: actg175, zdv against ddi, event by days 480, 720, 960 (missing if censored earlier).

    Rubin: five made-up estimates, and the reference file of imputed estimates.
    """
    out: dict[str, object] = {}
    long = visits(two_arms(sample("actg175"), "ddi"), [480, 720, 960])
    for correlation in ("independence", "exchangeable"):
        out[f"actg175 gee {correlation}"] = gee(long, None, correlation)
        out[f"actg175 gee {correlation} with cd40"] = gee(long, ["arm", "visit", "arm:visit", "cd40"], correlation)
    out["actg175 gee exchangeable, alpha without p"] = gee(long, None, "exchangeable", correction=False)
    out["actg175 gee exchangeable, alpha 0.5"] = gee(long, None, "exchangeable", alpha=0.5)
    estimates, errors = [0.21, 0.25, 0.19, 0.3, 0.22], [0.11, 0.12, 0.1, 0.11, 0.12]
    for df in (50.0, math.inf):
        out[f"rubin complete df {df:g}"] = rubin(estimates, errors, df)
    imputed = pd.read_csv(DATA / "imputed_estimates.csv")
    for (case, term), rows in imputed.groupby(["case", "term"], sort=False):
        out[f"rubin {case} {term}"] = rubin(list(rows["estimate"]), list(rows["se"]), float(rows["dfcom"].iloc[0]))
    p = [0.01, 0.04, 0.03, 0.005, 0.2]
    out |= {"holm": holm(p), "hochberg": hochberg(p), "fixed sequence": fixed_sequence(p)}
    for name, times in LOOKS.items():
        for kind in ("of", "pocock"):
            bounds = boundaries(times, kind=kind)
            out[f"lan-demets {kind} {name}"] = bounds
            first = [bounds["z[1]"]]
            out[f"adjusted final {kind} {name}, second look, z 2.1"] = adjusted_final(times[:2], first, 2.1)
    out["haybittle-peto 3"] = haybittle_peto(3)
    out |= {f"o'brien-fleming {k}": classical_obrien_fleming(k) for k in (2, 3)}
    out |= {f"conditional power z {z} t 0.5": conditional_power(z, 0.5) for z in (0.0, 1.0, 2.0)}
    for p1, p0 in ((0.77, 0.56), (0.85, 0.70), (0.80, 0.65)):
        out[f"sample size {p1} v {p0}"] = two_proportions(p1, p0)
        out[f"sample size {p1} v {p0}, 2 to 1"] = two_proportions(p1, p0, ratio=2)
        out[f"power {p1} v {p0}, 64.5 each"] = power_two_proportions(p1, p0, 64.5, 64.5)
    out |= {f"events hr {hr}": logrank_events(hr) for hr in (0.5, 0.6, 0.65, 0.7, 0.71)}
    out["121 with 10% loss, clubs of 25, icc 0.02"] = inflate(121, 0.1, 25, 0.02)
    return out
