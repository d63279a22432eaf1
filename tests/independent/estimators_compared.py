"""The rows of the package beside the numbers of the second author: how they are matched, compared and counted.

Readings of the methods page in which the two differ everywhere, handled here:
imputation   the package imputes a number by its mean alone and a category by its mode with an indicator from 20 blanks on; the second author's
             `impute_singly` adds the indicator to every imputed covariate: it is kept where the package has one. Both use everyone's mean and mode.
statuses     an event is status 1 for the package, any status above 0 for the second author: `any_event` makes them the same.
limits of 1  where a survival is 0 or 1 the package leaves the limits blank.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

import pandas as pd
import pytest

from pacer_analysis.results import Estimate
from tests.independent.estimators.columns import impute_singly, is_numeric
from tests.independent.estimators.samples import event_by
from tests.reference.binary_frames import binary
from tests.reference.conftest import ARMS, HERE, make_frame

QUANTITIES = ("estimate", "se", "low", "high", "statistic", "df", "p", "n", "events")
COMPARED: Counter[str] = Counter()
MORE_ARMS = {**ARMS, "cgd": ["placebo", "interferon"], "colon": ["none", "lev", "lev5fu"], "gbsg": ["none", "hormones"], "mgus": ["women", "men"]}
BINARY = ["aids", "actg175", "lung", "rossi", "transplants", "robincar"]
ADJUSTED = {"aids": ("cd4", "age"), "actg175": ("age", "cd40"), "lung": ("age", "ecog", "weight_loss", "little_food"), "rossi": ("age", "prio", "wexp"),
            "transplants": ("age",), "robincar": ("covar",)}
STRATIFIED = ["aids", "actg175", "rossi", "robincar"]
HORIZONS = {"aids": (90.0, 180.0, 300.0), "actg175": (365.0, 730.0, 1000.0), "lung": (100.0, 365.0, 500.0), "rossi": (26.0, 40.0, 52.0), "transplants": (0.3, 0.4, 0.6),
            "colon": (365.0, 1095.0, 1826.0), "gbsg": (365.0, 1095.0, 1826.0), "mgus": (60.0, 120.0, 240.0)}
COVARIATES = {"aids": ("cd4",), "actg175": ("cd40",), "lung": ("age", "ecog"), "rossi": ("age", "prio"), "transplants": ("age",), "colon": ("age", "nodes", "differ"),
              "gbsg": ("age", "nodes"), "mgus": ("age", "hgb")}
EVERY, SMALL, WITH_STRATA = list(HORIZONS), ["aids", "lung", "rossi", "transplants"], ["aids", "rossi", "gbsg", "colon", "actg175"]
BY_CAUSE = {"aids": 2, "transplants": 3, "mgus": 2}
Key = tuple[str, str, str, float | None]
Numbers = Mapping[str, object]


def agree(estimator: str, rows: Iterable[Estimate], theirs: Mapping[Key, Numbers], excused: Mapping[str, str] | None = None) -> int:
    """How many quantities were compared: every number of every row to 1e-6 (1e-9 near zero), none left over on either side.

    Keys are measure, arm or contrast (with a minus), term, time. `excused`: `measure`, `measure:term` or `measure.quantity` and the reason why the second
    author has no such number; an excuse that nothing needs is an error.
    """
    excused, used, met, count = dict(excused or {}), set(), set(), 0
    for row in rows:
        key = (row.measure, row.arm or row.contrast.replace(" / ", " - "), row.term, row.time)
        if names := {row.measure, f"{row.measure}:{row.term}"} & excused.keys():
            used |= names
            continue
        assert key in theirs, f"{estimator}: the second author has no {key}; there are {sorted(map(str, theirs))}"
        assert key not in met, f"{estimator}: twice {key}"
        met.add(key)
        second = theirs[key]
        for quantity in QUANTITIES:
            one, other = getattr(row, quantity), second.get(quantity)
            if f"{row.measure}.{quantity}" in excused:
                used.add(f"{row.measure}.{quantity}")
                continue
            other = None if other is None or (isinstance(other, float) and math.isnan(other)) else other
            assert (one is None) == (other is None), f"{estimator} {key} {quantity}: the package {one}, the second author {other}"
            if one is not None:
                assert one == pytest.approx(other, rel=1e-6, abs=1e-9), f"{estimator} {key} {quantity}"
                count += 1
    assert met == set(theirs), f"{estimator}: the package has no {set(theirs) - met}"
    assert used == set(excused), f"{estimator}: excuses that nothing needs: {set(excused) - used}"
    COMPARED[estimator] += count
    return count


def same(estimator: str, ours: float, theirs: float) -> None:
    """One number more that agrees."""
    assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-9), estimator
    COMPARED[estimator] += 1


def only(numbers: Numbers, *names: str) -> dict[str, object]:
    """Some of the second author's numbers, those that make a row of the package."""
    return {name: numbers[name] for name in names}


def wald(numbers: Numbers) -> dict[str, object]:
    """Estimate, standard error, interval and test."""
    return only(numbers, "estimate", "se", "low", "high", "statistic", "p")


def chi_square_row(numbers: Numbers, prefix: str = "") -> dict[str, object]:
    """Statistic, degrees of freedom and p."""
    return {name: numbers[f"{prefix}{name}"] for name in ("statistic", "df", "p")}


def inside(numbers: Numbers) -> dict[str, object]:
    """Estimate, standard error and limits of a probability; no limits where it is 0 or 1."""
    found = only(numbers, "estimate", "se", "low", "high")
    return found if 0 < float(str(found["estimate"])) < 1 else {**found, "low": None, "high": None}


def on_the_logit(numbers: Numbers) -> dict[str, object]:
    """Estimate and standard error with the limits on the logit scale, where the second author has Wald's."""
    p, se = float(str(numbers["estimate"])), float(str(numbers["se"]))
    centre, half = math.log(p / (1 - p)), 1.959963984540054 * se / (p * (1 - p))
    return {"estimate": p, "se": se, "low": 1 / (1 + math.exp(half - centre)), "high": 1 / (1 + math.exp(-half - centre))}


def counts(frame: pd.DataFrame, *arms: str, cause: int = 1) -> dict[str, int]:
    """People analysed in these arms (all, if none is named) and events among them."""
    rows = frame[frame["arm"].isin(arms)] if arms else frame
    known = rows["outcome"].dropna() if "outcome" in rows else rows.loc[rows["time"].notna(), "status"].eq(cause)
    return {"n": len(known), "events": int(known.sum())}


def arms_of(frame: pd.DataFrame) -> tuple[str, list[str]]:
    """The reference and the others."""
    first, *others = frame["arm"].cat.categories
    return first, others


def filled(frame: pd.DataFrame, covariates: Iterable[str]) -> tuple[pd.DataFrame, list[str]]:
    """The frame and the model's terms after the second author's single imputation, less the indicators that the package has not."""
    names = list(covariates)
    out, terms = impute_singly(frame, names)
    number = {name for name in names if is_numeric(frame[name]) and frame[name].nunique() > 2}
    return out, [*names, *(f"{name}_missing" for name in names if f"{name}_missing" in terms and name not in number and frame[name].isna().sum() >= 20)]


def column(name: str, frame: pd.DataFrame) -> tuple[str, str]:
    """Contrast and term of the package for a coefficient of the second author."""
    if name.startswith("arm["):
        return f"{name[4:-1]} - {arms_of(frame)[0]}", ""
    return "", name.replace("[", "=").replace("]", "").replace("_missing", " unknown")


def coefficients(measure: str, frame: pd.DataFrame, numbers: Mapping[str, Numbers], *, cause: int = 1) -> dict[Key, Numbers]:
    """The rows of a regression, arms with the denominators of their pair, covariates with everyone's."""
    reference = arms_of(frame)[0]
    found: dict[Key, Numbers] = {}
    for name, row in numbers.items():
        if name not in {"model", "intercept"} and not name.startswith(("lr[", "visit[")):
            contrast, term = column(name, frame)
            found[measure, contrast, term, None] = wald(row) | counts(frame, *([reference, name[4:-1]] if contrast else []), cause=cause)
    return found


def binary_frame(name: str) -> pd.DataFrame:
    """A frame with a binary outcome; transplants: any event by 0.4."""
    if name != "transplants":
        return binary(name)
    frame = make_frame(name)
    outcome = event_by(frame, 0.4)
    return frame.assign(outcome=outcome, observed=outcome.notna()).drop(columns=["time", "status"])


def time_frame(name: str) -> pd.DataFrame:
    """A frame with times."""
    frame = pd.read_csv(HERE / "data" / f"{name}.csv").drop(columns=["outcome"], errors="ignore")
    if "id" not in frame:
        frame.insert(0, "id", [f"R-{i}" for i in range(len(frame))])
    return frame.assign(arm=pd.Categorical(frame["arm"], categories=MORE_ARMS[name]))


def any_event(frame: pd.DataFrame) -> pd.DataFrame:
    """Every cause is the event."""
    return frame.assign(status=(frame["status"] > 0).astype(int))


def cause_first(frame: pd.DataFrame, cause: int) -> pd.DataFrame:
    """This cause is status 1, all others 2."""
    return frame.assign(status=frame["status"].map(lambda status: 0 if status == 0 else 1 if status == cause else 2))


def competing(name: str) -> pd.DataFrame:
    """The frame with its causes; aids: AIDS and death."""
    frame = time_frame(name)
    return frame.assign(status=frame["cause"]) if "cause" in frame else frame


def late(name: str) -> pd.DataFrame:
    """Entered on a day from 0 to 4, those who left by then left out."""
    return any_event(time_frame(name)).assign(entry=lambda d: d["age"] % 5).query("entry < time")


def sized(names: Iterable[str], small: Iterable[str]) -> list[object]:
    """The large trials only where there is time: `make deep`."""
    return [name if name in small else pytest.param(name, marks=pytest.mark.deep) for name in names]
