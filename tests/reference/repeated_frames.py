"""Frames with visits or with clubs in one arm; repeated_frames.R makes the same for R."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tests.reference.binary_frames import binary

DATA = Path(__file__).parent / "data"
ARMS = {"respiratory": ["placebo", "active"], "seizure": ["placebo", "progabide"], "ohio": ["none", "smoke"], "bacteria": ["placebo", "drug", "drugplus"],
        "orthodont": ["male", "female"], "chicks": ["diet1", "diet2", "diet3", "diet4"], "pigs": ["Cu000", "Cu035", "Cu175"], "sleep": ["even", "odd"]}
WEEKS = ["w0", "w2", "w4", "w6", "w11"]


def visits(name):
    """One row per person and visit, the reference arm first."""
    frame = pd.read_csv(DATA / f"{name}.csv", dtype={"id": str})
    frame["arm"] = pd.Categorical(frame["arm"], categories=ARMS[name])
    order = WEEKS if name == "bacteria" else list(dict.fromkeys(sorted(frame["visit"], key=lambda visit: (len(visit), visit))))
    frame["visit"] = pd.Categorical(frame["visit"], categories=order)
    frame["observed"] = frame["outcome"].notna()
    return frame


def weighted(frame):
    """With a made-up weight per row."""
    return frame.assign(weight=0.5 + (np.arange(len(frame)) % 7) / 4)


def in_clubs(name):
    """Clubs in the second arm only: centres of women with lung cancer, prior arrests of the aided, centres of those on interferon."""
    if name in {"lung", "rossi"}:
        frame = binary(name)
        of, arm = {"lung": ("centre", "women"), "rossi": ("prio", "aid")}[name]
        return frame.assign(cluster=frame[of].astype(str).where(frame["arm"] == arm, ""))
    table = pd.read_csv(DATA / "cgd.csv")
    people = table.groupby("id", sort=True).agg(arm=("arm", "first"), outcome=("status", "max"), age=("age", "first"), centre=("centre", "first"), steroids=("steroids", "first")).reset_index()
    people["cluster"] = people["centre"].astype(str).where(people["arm"] == "interferon", "")
    people.loc[people["age"] == 7, "cluster"] = ""      # some in no club
    return people.assign(id=people["id"].astype(str), arm=pd.Categorical(people["arm"], categories=["placebo", "interferon"]), outcome=people["outcome"].astype(float), observed=True)


def times_in_clubs(name):
    """The same clubs with times."""
    table = pd.read_csv(DATA / f"{name}.csv")
    frame = in_clubs(name).drop(columns=["outcome", "observed"])
    return frame.assign(time=table["time"].astype(float), status=table["status"].astype(float))
