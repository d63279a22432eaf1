"""The frames with a binary outcome; binary_frames.R makes the same for R."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).parent / "data"
ARMS = {"aids": ["two", "three"], "actg175": ["zdv", "zdv_ddi", "zdv_zal", "ddi"], "lung": ["men", "women"], "rossi": ["no_aid", "aid"], "robincar": ["pbo", "trt1", "trt2"]}


def binary(name):
    """A frame with `outcome`, `observed`, `stratum` and a made-up `received`; the reference arm first."""
    frame = pd.read_csv(DATA / f"{name}.csv")
    frame["arm"] = pd.Categorical(frame["arm"], categories=ARMS[name])
    frame.insert(0, "id", [f"R-{i}" for i in range(len(frame))])
    if name == "aids":
        known = (frame["status"] == 1) & (frame["time"] <= 200) | (frame["time"] > 200)
        frame["outcome"] = ((frame["status"] == 1) & (frame["time"] <= 200)).astype(float).where(known)
        frame["received"] = np.where(frame["arm"] == "three", frame["age"] % 5 != 0, frame["age"] % 11 == 0).astype(float)
    elif name == "lung":
        known = (frame["time"] > 300) | (frame["status"] == 1)
        frame["outcome"] = (frame["time"] <= 300).astype(float).where(known)
        frame["stratum"] = frame["centre"]
        frame["received"] = np.where(frame["arm"] == "women", frame["age"] > 55, frame["age"] > 72).astype(float)
    elif name == "rossi":
        frame["outcome"] = frame["status"].astype(float)
    elif name == "actg175":
        frame["received"] = ((frame["arm"] != "zdv") & (frame["age"] > 30)).astype(float)
    frame["observed"] = frame["outcome"].notna()
    return frame.drop(columns=["time", "status"], errors="ignore")


def separating(name):
    """Data on which the logistic likelihood separates along `arm`, from the papers on it."""
    frame = pd.read_csv(DATA / f"{name}.csv")
    if name == "sex2":
        frame = frame.loc[frame.index.repeat(frame["women"])].reset_index(drop=True)
    arm, outcome = {"endometrial": ("NV", "HG"), "sex2": ("dia", "case")}[name]
    return frame.assign(id=[f"R-{i}" for i in range(len(frame))], arm=pd.Categorical(frame[arm].map({0: "without", 1: "with"}), categories=["without", "with"]),
                        outcome=frame[outcome].astype(float), observed=True)


def counts(x1, n1, x0, n0):
    """Two arms with these events and people, `zero` the reference."""
    return pd.DataFrame({"id": [f"R-{i}" for i in range(n1 + n0)], "arm": pd.Categorical(["one"] * n1 + ["zero"] * n0, categories=["zero", "one"]),
                         "outcome": [1.0] * x1 + [0.0] * (n1 - x1) + [1.0] * x0 + [0.0] * (n0 - x0), "observed": True})
