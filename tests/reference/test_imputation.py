"""Multiple imputation against R: Rubin's rules exactly, the imputations in distribution."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pacer_analysis.estimators._imputation import chains, pooled_rows, rubin
from pacer_analysis.estimators._imputation.streams import streams
from pacer_analysis.estimators._imputation.variables import variable
from pacer_analysis.results import Estimate
from tests.reference.conftest import HERE, make_frame


def lines(name):
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def expected(name):
    """The values that R wrote: {(case, term): {quantity: value}}."""
    found = {}
    for line in lines(name):
        found.setdefault((line["case"], line["term"]), {})[line["quantity"]] = float(line["value"])
    return found


R_POOLED = expected("multiple_imputation")
R_DRAWS = expected("imputation_draws")


def imputed_estimates():
    found = {}
    for line in lines("data/imputed_estimates"):
        found.setdefault((line["case"], line["term"]), []).append((float(line["estimate"]), float(line["se"]), float(line["dfcom"])))
    return found


@pytest.mark.parametrize("which", sorted(imputed_estimates()), ids=" ".join)
def test_pooling_is_that_of_mice(which):
    each = imputed_estimates()[which]
    wanted = R_POOLED[which]
    rows = [Estimate(measure="mean_difference", scale="difference", estimate=q, se=se, df=df if math.isfinite(df) else 1e300, n=1, method="x", witness="none") for q, se, df in each]
    row = pooled_rows.pooled(rows, rows, m=len(rows), parameters=0, level=0.95, words="x", note="")
    # mice takes a share of variance between imputations below 1e-4 as 1e-4; none of these is.
    for quantity in ("estimate", "se", "df", "low", "high", "statistic", "p"):
        assert getattr(row, quantity) == pytest.approx(wanted[quantity], rel=1e-6, abs=1e-9), quantity
    result = rubin.pool(np.array([q for q, *_ in each]), np.array([se**2 for _, se, _ in each]), each[0][2])
    assert (result.riv, result.fmi) == pytest.approx((wanted["riv"], wanted["fmi"]), rel=1e-6)
    assert row.agreement < 1e-9


@pytest.mark.parametrize(("n", "complete"), [("30", 28), ("412", 410), ("Inf", math.inf)])
def test_plain_numbers_as_pool_scalar(n, complete):
    result = rubin.pool(np.array([0.11, 0.15, 0.09, 0.21, 0.14]), np.array([0.004, 0.0035, 0.0041, 0.0037, 0.0039]), complete)
    wanted = R_POOLED[f"scalar {n}", "scalar"]
    assert (result.estimate, result.se, result.df, result.riv, result.fmi) == pytest.approx([wanted[name] for name in ("estimate", "se", "df", "riv", "fmi")], rel=1e-6)


@pytest.mark.parametrize(("case", "values", "k"), [("d2 one", (3.2, 4.1, 2.7, 5.0, 3.9), 1), ("d2 three", (12.5, 9.1, 10.4, 14.9, 11.2, 8.8, 13.0), 3)])
def test_chi_square_statistics_by_d2(case, values, k):
    wanted = R_POOLED[case, "d2"]
    for result in (rubin.pool_chi_square(np.array(values), k), rubin.pool_chi_square_again(values, k)):
        assert result == pytest.approx((wanted["statistic"], wanted["df"], wanted["p"]), rel=1e-6)


def drawn(table, models, *, m=1500, rounds=1):
    variables = [variable(name, table[name], models) for name in table]
    return chains.impute(variables, streams(20, m, 0), rounds=rounds, donors=5, where="")


def like_mice(case, term, values, *, quantities=("estimate", "between", "within")):
    """Mean and SD of the mean of the imputed values, and their mean SD, within four Monte Carlo errors of both sides."""
    wanted = R_DRAWS[case, term]
    means, spread = values.mean(axis=1), values.std(axis=1, ddof=1)
    m = len(means)
    fourth = ((means - means.mean()) ** 4).mean() / means.var(ddof=1) ** 2
    ours = {"estimate": (means.mean(), means.std(ddof=1) / m**0.5), "between": (means.std(ddof=1), means.std(ddof=1) * ((fourth - 1) / (4 * m)) ** 0.5),
            "within": (spread.mean(), spread.std(ddof=1) / m**0.5)}
    for quantity in quantities:
        value, error = ours[quantity]
        their_error = wanted["se" if quantity == "estimate" else f"{quantity}_se"]
        assert abs(value - wanted[quantity]) < 4 * math.hypot(error, their_error), (quantity, value, wanted[quantity])


def test_logistic_imputation_is_distributed_as_that_of_mice():
    table = make_frame("actg175")
    table = table[table["arm"] == "zdv"][["outcome", "age", "cd40", "gender", "stratum"]].reset_index(drop=True)
    like_mice("logistic", "outcome", drawn(table, {}).drawn["outcome"])


@pytest.mark.parametrize("model", ["linear", "pmm"])
def test_numbers_are_imputed_as_by_mice(model):
    table = make_frame("lung")
    table = table[table["arm"] == "women"][["meals", "age", "time"]].reset_index(drop=True)
    like_mice(model, "meals", drawn(table, {"meals": model}).drawn["meals"])


def test_ordinal_imputation():
    """mice holds the coefficients of `polr` at their estimates; here they are drawn, so that imputations differ more, about the same mean."""
    table = make_frame("lung")[["ecog", "age", "time"]]
    ecog = table["ecog"].mask(np.arange(1, len(table) + 1) % 5 == 0)
    table["ecog"] = pd.Categorical(ecog, categories=["none", "some", "much"], ordered=True)
    found = drawn(table, {})
    assert variable("ecog", table["ecog"], {}).model == "ordinal"
    like_mice("ordinal", "ecog", found.drawn["ecog"], quantities=("estimate", "within"))
    assert found.drawn["ecog"].mean(axis=1).std() > R_DRAWS["ordinal", "ecog"]["between"]


def test_separation_in_an_imputation_model_is_kept_finite_by_augmented_data():
    i = np.arange(1, 41)
    table = pd.DataFrame({"outcome": [0.0] * 15 + [1.0] * 15 + [np.nan] * 10, "x": [0.0] * 22 + [1.0] * 8 + [0.0, 1.0] * 5, "z": np.sin(i)})
    values = drawn(table, {}).drawn["outcome"]
    at_zero = table["x"][30:].to_numpy() == 0
    like_mice("separated", "outcome where x = 0", values[:, at_zero])
    like_mice("separated", "outcome where x = 1", values[:, ~at_zero])


def test_chained_equations_converge_to_what_mice_gives():
    table = pd.read_csv(HERE / "data/nhanes.csv")
    table["hyp"] = table["hyp"].map({"no": 0.0, "yes": 1.0})
    found = drawn(table, {"bmi": "linear", "chl": "linear"}, rounds=5)
    for name in ("bmi", "chl", "hyp"):
        like_mice("chained", name, found.drawn[name])
    assert Path(HERE / "imputation_draws.R").exists()
