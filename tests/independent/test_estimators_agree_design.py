"""Clubs, imputation, looks, sizes and several hypotheses: the package against the second author."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pacer_analysis.estimators import ESTIMATORS
from pacer_analysis.estimators import multiplicity as ours_of_several
from pacer_analysis.estimators._imputation import imputed, rubin
from tests.independent.estimators import group_sequential as their_looks
from tests.independent.estimators import logistic as their_logistic
from tests.independent.estimators import multiplicity as theirs_of_several
from tests.independent.estimators import partially_nested as their_clubs
from tests.independent.estimators import randomisation_test as their_test
from tests.independent.estimators import risk_difference as their_difference
from tests.independent.estimators import risk_ratio as their_ratio
from tests.independent.estimators import rubin as their_rubin
from tests.independent.estimators import sample_size as their_size
from tests.independent.estimators.columns import two_by_two
from tests.independent.estimators.cox import cox
from tests.independent.estimators_compared import agree, arms_of, binary_frame, counts, only, same, sized, time_frame, wald
from tests.reference.conftest import HERE
from tests.reference.repeated_frames import in_clubs

DATA = HERE / "data"


def clubs(name):
    """Clubs of the second arm, everyone there in one: the reading of women in no club is another (see `test_women_in_no_club`)."""
    frame = in_clubs(name) if name != "actg175" else binary_frame("actg175")
    if name == "actg175":
        frame = frame[frame["arm"].isin(["zdv", "ddi"])].assign(arm=lambda d: d["arm"].cat.set_categories(["zdv", "ddi"]))
        frame["cluster"] = (frame["age"] // 3).astype(str).where(frame["arm"] == "ddi", "")
    arm = frame["arm"].cat.categories[1]
    frame = frame[(frame["arm"] != arm) | ((frame["cluster"] != "") & (frame["cluster"] != "nan"))]
    return frame.drop(columns="stratum", errors="ignore")


@pytest.mark.parametrize("name", ["lung", "rossi", "cgd", "actg175"])
def test_partially_nested(name):
    """`df: satterthwaite` is the second author's; the package's default corrects it and is not on the methods page. The icc's large-sample error is Smith's there, Swiger's here."""
    frame = clubs(name)
    reference, (arm,) = arms_of(frame)
    theirs_frame = frame.assign(cluster=frame["cluster"].where(frame["cluster"] != ""))
    found, icc, both = their_clubs.partially_nested(theirs_frame), their_clubs.icc(theirs_frame), counts(frame, reference, arm)
    theirs = {("rd", f"{arm} - {reference}", "", None): {**wald(found), "df": found["df"]} | both, ("icc", arm, "", None): only(icc, "estimate", "low", "high") | counts(frame, arm)}
    for own, variance in ((arm, found["variance_club_arm"]), (reference, found["variance_other_arm"])):
        p = counts(frame, own)["events"] / counts(frame, own)["n"]
        theirs["proportion", own, "", None] = {"estimate": p, "se": math.sqrt(variance)} | counts(frame, own)
    agree("partially_nested", ESTIMATORS["partially_nested"](frame, df="satterthwaite"), theirs, {
        "icc.se": "Smith's for the package, Swiger's for the second author: both are published, neither is on the methods page",
        "proportion.low": "his intervals are of the difference", "proportion.high": "likewise", "proportion.df": "likewise"})


@pytest.mark.parametrize("name", ["cgd", "actg175"])
def test_women_in_no_club(name):
    """Where some of the club arm are in no club, the second author counts each as a cluster in K / (K - 1) and in the degrees of freedom; the package keeps them apart.

    The variance of the package is then that of his clubs with their own K / (K - 1), and of the single women without the factor.
    """
    frame = in_clubs("cgd") if name == "cgd" else clubs("actg175").assign(cluster=lambda d: d["cluster"].where(d["age"] <= 45, ""))
    theirs_frame = frame.assign(cluster=frame["cluster"].where(frame["cluster"] != "")).dropna(subset=["outcome"])
    reference, (arm,) = arms_of(frame)
    found, treated = their_clubs.partially_nested(theirs_frame), theirs_frame[theirs_frame["arm"] == arm]
    p, n, k = float(treated["outcome"].mean()), len(treated), int(treated["cluster"].nunique())
    squares = [float((group - p).sum()) ** 2 / n**2 for group in their_clubs.clusters_of(treated)]
    assert math.isclose(len(squares) / (len(squares) - 1) * sum(squares), found["variance_club_arm"], rel_tol=1e-12)
    (row,) = (row for row in ESTIMATORS["partially_nested"](frame, df="satterthwaite") if row.measure == "rd")
    same("partially_nested", row.estimate, found["estimate"])
    v, w, v0 = k / (k - 1) * sum(squares[:k]), sum(squares[k:]), found["variance_other_arm"]
    same("partially_nested", row.se, math.sqrt(v + w + v0))
    same("partially_nested", row.df, (v + w + v0) ** 2 / (v**2 / (k - 1) + w**2 / (len(squares) - k - 1) + v0**2 / (len(frame[frame["arm"] == reference].dropna(subset=["outcome"])) - 1)))


def test_rubins_rules_on_estimates_of_r():
    """The second author's fraction of missing information is `mice`'s, the package's too; with nothing between the imputations the package calls it 0."""
    table = pd.read_csv(DATA / "imputed_estimates.csv")
    for _, rows in table.groupby(["case", "term"], sort=False):
        complete = float(rows["dfcom"].iloc[0])
        for df in (complete, math.inf):
            mine = rubin.pool(rows["estimate"].to_numpy(), rows["se"].to_numpy() ** 2, df)
            theirs = their_rubin.rubin(list(rows["estimate"]), list(rows["se"]), df)
            for own, name in (("estimate", "estimate"), ("se", "se"), ("df", "df"), ("within", "within"), ("between", "between"), ("riv", "relative_increase"), ("fmi", "fmi")):
                same("multiple_imputation", getattr(mine, own), theirs[name])


@pytest.mark.parametrize(("name", "of"), [("lung", "risk_difference"), ("aids", "risk_difference"), ("actg175", "risk_ratio"), ("lung", "logistic")])
def test_pooling_of_imputed_frames(name, of):
    """The package's completed frames, each analysed and then pooled by the second author; complete-data degrees of freedom are people less arms (an assumption of the package)."""
    frame = binary_frame(name)
    if name == "actg175":
        frame = frame[frame["arm"].isin(["zdv", "ddi"])].assign(arm=lambda d: d["arm"].cat.set_categories(["zdv", "ddi"]))
    reference, (arm,) = arms_of(frame)
    m, options = 6, {"seed": 4, "m": 6, "burn_in": 3, "auxiliary": ("age",)}
    found = imputed.impute(frame, imputed.Settings(("age",), (), {}, m, 3, 4, 5, None, False))
    completed = [imputed.completed(found, i) for i in range(m)]
    measure, log = {"risk_difference": ("rd", False), "risk_ratio": ("rr", True), "logistic": ("or", True)}[of]
    pieces = [their_difference.wald_difference(*two_by_two(one)) if of == "risk_difference" else their_ratio.risk_ratio_crude(one) if of == "risk_ratio"
              else their_logistic.logistic(one, profiles=False)[f"arm[{arm}]"] for one in completed]
    pooled = their_rubin.rubin([math.log(row["estimate"]) if log else row["estimate"] for row in pieces], [row["se"] for row in pieces], len(frame) - 2)
    back = math.exp if log else float
    mine = next(row for row in ESTIMATORS["multiple_imputation"](frame, of=of, **options) if row.measure == measure)
    assert pooled["between"] > 0
    for quantity in ("estimate", "low", "high"):
        same("multiple_imputation", getattr(mine, quantity), back(pooled[quantity]))
    for quantity in ("se", "statistic", "df", "p"):
        same("multiple_imputation", getattr(mine, quantity), pooled[quantity])
    assert (mine.n, reference) == (len(frame), frame["arm"].cat.categories[0])


@pytest.mark.parametrize(("name", "spending", "kind"), [
    ("lung", "obrien_fleming", "of"), *(pytest.param(*case, marks=pytest.mark.deep) for case in [
        ("rossi", "pocock", "pocock"), ("aids", "obrien_fleming", "of"), ("rossi", "obrien_fleming", "of"), ("aids", "pocock", "pocock"), ("lung", "pocock", "pocock"),
        ("aids", "haybittle_peto", "hp"), ("lung", "haybittle_peto", "hp"), ("rossi", "haybittle_peto", "hp")])])
def test_group_sequential(name, spending, kind):
    """Bounds at the information seen, what they spend, and the p, median-unbiased estimate and interval after looks; the last look is the frame's."""
    frame = time_frame(name)
    row = cox(frame)
    arm = row[f"arm[{arms_of(frame)[1][0]}]"]
    events, z = int(row["model"]["events"]), arm["statistic"]
    planned, earlier, fractions = events, [int(events * 0.35), int(events * 0.7)], (0.3, 0.7, 1.0)
    times = [*(count / planned for count in earlier), 1.0]
    rows = {(r.measure, r.term): r for r in ESTIMATORS["group_sequential"](frame, of="cox", planned_information=float(planned), fractions=fractions, spending=spending,
                                                                           information=tuple(map(float, earlier)), z=(0.3, 0.2), better="lower")}
    if kind == "hp":
        bound = 3.2905267314919255
        spent = [sum(their_looks.crossing_probabilities(times[:k], [bound] * k)) for k in (1, 2)]
        last = their_looks.bisect(lambda value: sum(their_looks.crossing_probabilities(times, [bound, bound, value])) - 0.025, 0.0, 9.0)
        theirs = {"z[1]": bound, "z[2]": bound, "z[3]": last, "spent[1]": spent[0], "spent[2]": spent[1], "spent[3]": 0.025}
    else:
        theirs = their_looks.boundaries(times, kind=kind)
    for k in (1, 2, 3):
        same("group_sequential", rows["efficacy_bound", f"look {k}"].estimate, theirs[f"z[{k}]"])
        same("group_sequential", rows["alpha_spent", f"look {k}"].estimate, theirs[f"spent[{k}]"])
        same("group_sequential", rows["information_fraction", f"look {k}"].estimate, times[k - 1])
        if kind != "hp":
            same("group_sequential", rows["nominal_p", f"look {k}"].estimate, theirs[f"nominal_p[{k}]"])
    mine = rows["hr", "adjusted for the looks"]
    # The hazard falls: his sample space is ordered upwards, so that z and the drifts change their signs; a drift is z at the planned information.
    after = their_looks.adjusted_final(times, [theirs["z[1]"], theirs["z[2]"]], abs(z))
    sign = math.copysign(1.0, z)
    ends = sorted(math.exp(sign * after[f"drift_{end}"] * arm["se"]) for end in ("low", "high"))
    same("group_sequential", mine.p, min(1.0, 2 * after["p_one_sided"]))
    same("group_sequential", mine.estimate, math.exp(sign * after["drift_median"] * arm["se"]))
    same("group_sequential", mine.low, ends[0])
    same("group_sequential", mine.high, ends[1])


@pytest.mark.parametrize("name", sized(["aids", "lung", "rossi"], ["lung", "rossi"]))
@pytest.mark.parametrize("share", [0.4, 0.8])
def test_conditional_power(name, share):
    """Without looks the final bound is the normal quantile; the drift of the plan is z of 0.975 plus z of 0.8."""
    frame = time_frame(name)
    row = cox(frame)
    z = -row[f"arm[{arms_of(frame)[1][0]}]"]["statistic"]
    theirs = their_looks.conditional_power(z, share)
    rows = ESTIMATORS["conditional_power"](frame, of="cox", planned_information=row["model"]["events"] / share, better="lower")
    for mine in rows:
        same("conditional_power", mine.estimate, theirs[mine.term or "predictive"])
        same("conditional_power", mine.statistic, z)
    assert len(rows) == 4


def test_sample_size():
    """His sizes are per arm; events and people are rounded up at the end by both."""
    frame = binary_frame("aids")
    n1, n0 = (counts(frame, arm)["n"] for arm in ("three", "two"))
    for p1, p0, ratio, loss, size, icc in [(0.77, 0.56, 1.0, 0.0, 1.0, 0.0), (0.85, 0.7, 2.0, 0.1, 1.0, 0.0), (0.8, 0.65, 1.0, 0.1, 25.0, 0.02), (0.3, 0.45, 0.5, 0.2, 10.0, 0.05)]:
        rows = {row.term or row.measure: row for row in ESTIMATORS["sample_size"](frame, reference=p0, other=p1, ratio=ratio, loss=loss, cluster_size=size, icc=icc)}
        theirs = their_size.two_proportions(p1, p0, ratio=ratio)
        assert rows["reference arm"].note.startswith(f"{theirs['n_reference_exact']:.6g} in the reference arm")
        for term, name in (("reference arm", "n_reference_exact"), ("other arm", "n_exact")):
            same("sample_size", rows[term].estimate, their_size.inflate(theirs[name], loss, size, icc)["n"])
        effect = 1 + (size - 1) * icc
        same("sample_size", rows["power"].estimate, their_size.power_two_proportions(p1, p0, n1 / effect, n0 / effect)["power"])
    for ratio, hazard_ratio in ((1.0, 0.5), (1.0, 0.71), (2.0, 0.65), (0.5, 1.4)):
        theirs = their_size.logrank_events(hazard_ratio, share=ratio / (1 + ratio))
        for formula in ("schoenfeld", "freedman"):
            rows = {row.measure: row for row in ESTIMATORS["sample_size"](time_frame("aids"), outcome="time", hazard_ratio=hazard_ratio, formula=formula, ratio=ratio)}
            same("sample_size", rows["events_needed"].estimate, theirs[formula])
            assert rows["events_needed"].note.startswith(f"{theirs[f'{formula}_exact']:.6g} before rounding")


def test_holm_hochberg_and_the_fixed_sequence():
    generator = np.random.default_rng(7)
    for p in ([0.01, 0.04, 0.03, 0.005, 0.2], [0.5], [0.02, 0.02, 0.02], [0.0, 1.0, 0.3], *(list(generator.random(size)) for size in range(2, 12))):
        for name in ("holm", "hochberg", "fixed_sequence"):
            for mine, theirs in zip(getattr(ours_of_several, name)(p), getattr(theirs_of_several, name)(p), strict=True):
                same("multiplicity", mine, theirs)


@pytest.mark.parametrize("with_stratum", [False, True])
def test_randomisation_test(with_stratum):
    """The statistic exactly; p within four Monte Carlo errors of the second author's full enumeration, and its error as his formula with B + 1 draws for B.

    Readings: his statistic is the absolute difference; the seeds give different draws, so that only the enumeration can judge.
    """
    frame = binary_frame("actg175")
    frame = frame[frame["arm"].isin(["zdv", "ddi"])].assign(arm=lambda d: d["arm"].cat.set_categories(["zdv", "ddi"])).head(20).reset_index(drop=True)
    frame["block"] = (frame.index // 10).astype(str)
    frame = frame if with_stratum else frame.drop(columns="stratum")
    exact = their_test.exact_randomisation_test(frame)
    (mine,) = ESTIMATORS["randomisation_test"](frame, of="risk_difference", seed=3, draws=9999)
    same("randomisation_test", abs(mine.statistic), exact["observed"])
    same("randomisation_test", mine.se, math.sqrt(mine.p * (1 - mine.p) / 10_000))
    assert abs(mine.p - exact["p"]) < 4 * math.sqrt(exact["p"] * (1 - exact["p"]) / 9999) + 1e-4
    drawn = their_test.randomisation_test(frame, 2000, 1)
    assert abs(mine.p - drawn["p"]) < 4 * math.hypot(drawn["p_error"], mine.se) + 1e-3


NOT_WRITTEN = {"ancova", "best_worst", "ipcw", "landmark", "mixed_model", "tipping_point", "turnbull"}  # by the second author


def test_every_other_estimator_is_compared():
    """The whole registry but what the second author did not write; what the plan of PACER uses is all compared."""
    text = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_estimators_agree_*.py"))
    compared = set(re.findall(r'\b(?:agree|same)\("(\w+)"', text))
    assert set(ESTIMATORS) - compared == NOT_WRITTEN
    plan = (Path(__file__).parents[2] / "analysis_plan/pacer/analyses.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"\bestimator: (\w+)", plan)) <= compared | NOT_WRITTEN
