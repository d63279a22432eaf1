"""Writes the data of events that are seen at visits: lifelines' diabetes set, and four real sets of this folder looked at on visit days.

Run once by hand from the repository's root: `python tests/reference/data/write_visit_inputs.py`. `lower` is the last visit without the event, `upper`
the first with it; who is missed at a visit follows from the row's number. `time` and `status` (2: death before the event was seen) where
deaths compete. The CSVs are committed.
"""

from __future__ import annotations

from pathlib import Path

import lifelines.datasets
import numpy as np
import pandas as pd

DATA = Path(__file__).parent


def seen(time: pd.Series, status: pd.Series, days: list[int], *, every: int) -> pd.DataFrame:
    """Last visit without the event and first with it; visits end at censoring and death, and go on after the event."""
    row, visit, day = np.arange(len(time))[:, None], np.arange(len(days))[None, :], np.array(days, dtype=float)[None, :]
    there = (7 * row + 3 * visit) % every != 0 if every else np.ones((len(time), len(days)), dtype=bool)
    t, event = time.to_numpy(dtype=float)[:, None], (status == 1).to_numpy()[:, None]
    there = there & (event | (day <= t))
    positive = event & (day >= t)
    upper = np.where(there & positive, day, np.inf).min(axis=1)
    lower = np.where(there & ~positive, day, 0.0).max(axis=1)
    return pd.DataFrame({"lower": lower.astype(int), "upper": pd.Series(upper).replace(np.inf, np.nan).astype("Int64")})


def diabetes() -> pd.DataFrame:
    """731 people with diabetes in Denmark: years to nephropathy, known exactly (both ends equal) or to an interval."""
    table = lifelines.datasets.load_diabetes()
    return pd.DataFrame({"arm": table["gender"], "lower": table["left"], "upper": table["right"]})


def visits_of(name: str, status: str, days: list[int], every: int, kept: tuple[str, ...]) -> pd.DataFrame:
    """A set of this folder as its visits would have shown it."""
    table = pd.read_csv(DATA / f"{name}.csv")
    found = pd.concat([table[["arm", *kept]], seen(table["time"], table[status], days, every=every)], axis=1)
    if (table[status] > 1).any():
        found["time"] = table["time"]
        found["status"] = np.where(found["upper"].notna(), 1, np.where(table[status] == 2, 2, 0))
    return found


if __name__ == "__main__":
    visits = {
        "aids_visits": visits_of("aids", "cause", list(range(30, 361, 30)), 4, ("stratum", "age")),     # every fourth visit missed, deaths compete
        "mgus_visits": visits_of("mgus", "status", list(range(24, 265, 24)), 4, ("age",)),              # many deaths
        "lung_visits": visits_of("lung", "status", list(range(90, 901, 90)), 0, ()),                   # none missed
        "gbsg_visits": visits_of("gbsg", "status", list(range(180, 2521, 180)), 0, ("stratum", "age", "nodes")),
        "colon_visits": visits_of("colon", "status", list(range(200, 3001, 200)), 5, ("stratum", "age")),  # three arms
    }
    for name, table in {"diabetes": diabetes(), **visits}.items():
        table.to_csv(DATA / f"{name}.csv", index=False, lineterminator="\n")
