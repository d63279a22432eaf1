"""The data sets as the estimators want them, with every choice of binarisation said in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).parents[2] / "reference" / "data"
ARMS = {
    "aids": ["two", "three"],
    "actg175": ["zdv", "zdv_ddi", "zdv_zal", "ddi"],
    "lung": ["men", "women"],
    "rossi": ["no_aid", "aid"],
    "transplants": ["marrow", "blood"],
    "robincar": ["pbo", "trt1", "trt2"],
}


def sample(name: str) -> pd.DataFrame:
    """The file with `arm` as a category in the order of ARMS, `id` the row number from 0 where the file has none."""
    frame = pd.read_csv(DATA / f"{name}.csv")
    frame["arm"] = pd.Categorical(frame["arm"], categories=ARMS[name])
    if "id" not in frame:
        frame["id"] = np.arange(len(frame))
    return frame


def event_by(frame: pd.DataFrame, day: float) -> pd.Series:
    """1 if an event (status >= 1) happened at or before the day, 0 if observed to it or longer without one, missing if censored earlier."""
    happened = (frame["status"] >= 1) & (frame["time"] <= day)
    gone = (frame["status"] == 0) & (frame["time"] < day)
    return pd.Series(np.where(happened, 1.0, np.where(gone, np.nan, 0.0)), index=frame.index)


def two_arms(frame: pd.DataFrame, other: str) -> pd.DataFrame:
    """The reference and one other arm only."""
    reference = frame["arm"].cat.categories[0]
    kept = frame[frame["arm"].isin([reference, other])].copy()
    kept["arm"] = pd.Categorical(kept["arm"], categories=[reference, other])
    return kept


def by_cause(name: str = "aids") -> pd.DataFrame:
    """aids with `status` replaced by `cause` (1 AIDS, 2 death)."""
    frame = sample(name)
    frame["status"] = frame["cause"]
    return frame


def visits(frame: pd.DataFrame, days: list[int]) -> pd.DataFrame:
    """Long rows id, arm, visit 1..K, outcome: event at or before that day; missing if censored before it. Constant columns go along."""
    parts = []
    for k, day in enumerate(days, 1):
        part = frame.drop(columns=["outcome"], errors="ignore").copy()
        part["visit"], part["outcome"] = k, event_by(frame, day)
        parts.append(part)
    return pd.concat(parts).sort_values(["id", "visit"], kind="stable").reset_index(drop=True)


def missed(long: pd.DataFrame) -> pd.DataFrame:
    """The same with the outcome missing at every row where (3 id + visit) is a multiple of 7."""
    out = long.copy()
    out.loc[(3 * out["id"] + out["visit"]) % 7 == 0, "outcome"] = np.nan
    return out


def clubs() -> pd.DataFrame:
    """actg175, zdv against ddi: a ddi woman's club is her age divided by 3, rounded down; above 55 no club; zdv has none."""
    frame = two_arms(sample("actg175"), "ddi")
    frame["cluster"] = np.where((frame["arm"] == "ddi") & (frame["age"] <= 55), (frame["age"] // 3).astype(float), np.nan)
    return frame


def receipt() -> pd.DataFrame:
    """actg175, zdv against ddi: received = cd40 above 300 in ddi, above 480 in zdv (an invention, to have numbers)."""
    frame = two_arms(sample("actg175"), "ddi")
    frame["received"] = np.where(frame["arm"] == "ddi", frame["cd40"] > 300, frame["cd40"] > 480).astype(float)
    return frame
