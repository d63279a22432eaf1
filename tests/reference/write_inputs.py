"""Writes the data that the R scripts and the reference tests read, from what lifelines and scikit-survival ship.

Run once by hand: `python tests/reference/write_inputs.py`, then each `Rscript tests/reference/<estimator>.R` from the repository's
root. The CSVs are committed, so that the tests need neither R nor scikit-survival.
"""

from __future__ import annotations

from pathlib import Path

import lifelines.datasets
import numpy as np
import pandas as pd
from sksurv.datasets import load_aids, load_cgvhd

DATA = Path(__file__).parent / "data"


def aids() -> pd.DataFrame:
    """ACTG 320: 1,151 people randomised to two or three drugs within CD4 strata; days to AIDS or death, few ties; `cause` 2 where death came first."""
    x, y = load_aids(endpoint="aids")
    _, death = load_aids(endpoint="death")
    first = y["censor"] & death["censor_d"] & (death["time_d"] == y["time"])
    return pd.DataFrame({"time": y["time"].astype(int), "status": y["censor"].astype(int), "cause": y["censor"].astype(int) + first, "arm": x["tx"].astype(str).map({"0": "two", "1": "three"}),
                         "stratum": "cd4-" + x["strat2"].astype(str), "age": x["age"].astype(int), "cd4": x["cd4"]})


def actg175() -> pd.DataFrame:
    """ACTG 175: 2,139 people, four arms, three strata; CD4 at 20 weeks above 350 (binary), days to failure or death; every tenth outcome blanked."""
    table = lifelines.datasets._load_dataset("ACTG175.csv")
    arms = {0: "zdv", 1: "zdv_ddi", 2: "zdv_zal", 3: "ddi"}
    high = (table["cd420"] > 350).astype("Int64").mask(np.arange(len(table)) % 10 == 9)
    return pd.DataFrame({"arm": table["arms"].map(arms), "outcome": high, "time": table["days"], "status": table["cens"],
                         "stratum": "s" + table["strat"].astype(str), "age": table["age"], "cd40": table["cd40"], "gender": table["gender"]})


def lung() -> pd.DataFrame:
    """228 people with lung cancer, two groups, clusters of centres; covariates with blanks: continuous, binary (47 of them) and categorical (1)."""
    table = lifelines.datasets.load_lung()
    meals = table["meal.cal"]
    ecog = table["ph.ecog"].map({0.0: "none", 1.0: "some", 2.0: "much", 3.0: "much"})
    return pd.DataFrame({"time": table["time"], "status": table["status"], "arm": table["sex"].map({1: "men", 2: "women"}), "age": table["age"],
                         "meals": meals, "weight_loss": table["wt.loss"], "little_food": (meals < 800).astype("Int64").mask(meals.isna()), "ecog": ecog,
                         "centre": "c" + table["inst"].fillna(99).astype(int).astype(str)})


def rossi() -> pd.DataFrame:
    """432 released prisoners, weeks to arrest: many ties."""
    table = lifelines.datasets.load_rossi()
    return pd.DataFrame({"time": table["week"], "status": table["arrest"], "arm": table["fin"].map({0: "no_aid", 1: "aid"}), "age": table["age"],
                         "prio": table["prio"], "stratum": "race-" + table["race"].astype(str), "race": table["race"], "wexp": table["wexp"], "mar": table["mar"],
                         "paro": table["paro"]})


def transplants() -> pd.DataFrame:
    """100 transplanted patients, marrow or blood: chronic disease (1), relapse (2), death (3), years; competing risks."""
    x, y = load_cgvhd()
    return pd.DataFrame({"time": y["ftime"], "status": y["status"].astype(int), "arm": x["tx"].map({"BM": "marrow", "PB": "blood"}), "age": x["age"]})


if __name__ == "__main__":
    DATA.mkdir(exist_ok=True)
    for make in (aids, actg175, lung, rossi, transplants):
        make().to_csv(DATA / f"{make.__name__}.csv", index=False, lineterminator="\n")
