"""The endpoints and estimates of PACER's plan, derived twice: by the package, and by a second author from plan, dictionary and exports alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from pacer_analysis.results import read_estimates
from tests.conftest import PLAN, pacer, succeeded
from tests.independent import second_author


@pytest.fixture(scope="module", params=[("planted", 11), ("none", 12)], ids=["defects", "clean"])
def both(request, tmp_path_factory) -> tuple[dict[str, pd.DataFrame], Path, Path]:
    """The second author's tables, the package's results and the exports of one synthetic cut."""
    defects, seed = request.param
    folder = tmp_path_factory.mktemp("second")
    succeeded(pacer("simulate", PLAN, "--n", 412, "--seed", seed, "--defects", defects, "--out", folder / "exports/pacer/cut"))
    exports = folder / "exports/pacer/cut"
    shutil.rmtree(exports / "truth")
    succeeded(pacer("run", PLAN, "--cut", "cut", "--exports", folder / "exports", "--results", folder / "results", "final"))
    return second_author.derive(exports), folder / "results/pacer/cut/restricted", exports


def of_endpoint(restricted: Path, name: str) -> pd.DataFrame:
    rows = pd.read_parquet(restricted / "sets/endpoints.parquet")
    people = pd.read_parquet(restricted / "sets/participants.parquet")
    randomised = people.loc[people["randomisation"].notna(), "record"]
    return rows[(rows["endpoint"] == name) & rows["record"].isin(randomised)].set_index("record").sort_index()


def test_primary_endpoint_of_every_woman(both):
    theirs, restricted, _ = both
    ours = of_endpoint(restricted, "E1")["value"].astype(float)
    second = theirs["E1"].set_index("record_id")["value"].astype(float).sort_index()
    assert list(ours.index) == list(second.index)
    assert ours[ours.ne(second)].index.tolist() == []


@pytest.mark.parametrize(("endpoint", "column"), [("E5", "time"), ("E2", "time")])
def test_time_and_status_of_every_woman(both, endpoint, column):
    theirs, restricted, _ = both
    ours = of_endpoint(restricted, endpoint)
    second = theirs[endpoint].set_index("record_id").sort_index()
    assert list(ours.index) == list(second.index)
    assert ours.index[ours["status"].astype(int) != second["status"].astype(int)].tolist() == []
    assert ours.index[(ours[column].astype(float) - second["time"].astype(float)).abs() > 0].tolist() == []
    if endpoint == "E2":
        # Never measured after enrolment: here the visit clock stands at 0, there at the close of V0's window; both lie before the first possible event (136).
        clock = second["visit_time"].astype(float).mask((ours["time"] == 0) & (second["visit_time"] == 42), 0.0)
        assert ours.index[(ours["clock_time"].astype(float) - clock).abs() > 0].tolist() == []


def test_suppression_of_every_woman_at_every_visit(both):
    theirs, restricted, _ = both
    ours = of_endpoint(restricted, "E7").reset_index()
    ours["threshold"] = ours["threshold"].astype(int)
    second = theirs["E7"].assign(threshold=theirs["E7"]["threshold"].astype(int))
    joined = ours.merge(second, left_on=["record", "visit", "threshold"], right_on=["record_id", "visit", "threshold"], how="outer", suffixes=("", "_second"), indicator=True)
    assert joined["_merge"].eq("both").all()
    differ = joined["value"].astype(float).fillna(-1) != joined["value_second"].astype(float).fillna(-1)
    assert joined.loc[differ, ["record", "visit", "threshold"]].to_numpy().tolist() == []


def test_estimates(both):
    theirs, restricted, exports = both
    second = second_author.estimate(theirs, exports)
    rows = {(row.analysis, row.arm, row.term, row.time, row.measure): row for row in read_estimates(restricted / "final/estimates.csv")}

    def value(analysis: str, measure: str, *, arm: str = "", term: str = "", time: float | None = None, what: str = "estimate") -> float:
        return float(getattr(rows[(analysis, arm, term, time, measure)], what))

    pairs = {
        "E1.clinic.events": value("primary_by_arm", "proportion", arm="clinic", what="events"), "E1.club.events": value("primary_by_arm", "proportion", arm="club", what="events"),
        "E1.rd": value("primary_crude", "rd"), "E1.rd.low": value("primary_crude", "rd", what="low"), "E1.rd.high": value("primary_crude", "rd", what="high"),
        "E1.rr": value("primary_crude", "rr"), "E1.rr.low": value("primary_crude", "rr", what="low"), "E1.rr.high": value("primary_crude", "rr", what="high"),
        "E1.adjusted.rd": value("primary", "rd"), "E1.adjusted.se": value("primary", "rd", what="se"), "E1.adjusted.low": value("primary", "rd", what="low"),
        "E1.adjusted.high": value("primary", "rd", what="high"), "E1.adjusted.rr": value("primary", "rr"),
        "E5.cox.hr": value("retention_hazard", "hr"), "E5.cox.se": value("retention_hazard", "hr", what="se"), "E5.cox.low": value("retention_hazard", "hr", what="low"),
        "E2.cox.hr": value("viraemia_hazard", "hr"), "E2.cox.se": value("viraemia_hazard", "hr", what="se"), "E2.cox.high": value("viraemia_hazard", "hr", what="high"),
    }
    for arm in ("clinic", "club"):
        pairs |= {f"E5.{arm}.cif.{time}": value("retention", "cif", arm=arm, time=float(time)) for time in (183, 365, 730)}
        pairs |= {f"E2.{arm}.cif.{time}": value("viraemia", "cif", arm=arm, time=float(time)) for time in (456, 822)}
        for visit, day in (("v1", 91), ("v2", 183), ("v3", 365), ("v4", 548), ("v5", 731)):
            pairs[f"E7.{arm}.{visit}.events"] = value("suppression", "proportion", arm=arm, term=visit, time=float(day), what="events")
            pairs[f"E7.{arm}.{visit}.available"] = value("suppression_available", "proportion", arm=arm, term=visit, time=float(day), what="n")
    differ = {name: (ours, second[name]) for name, ours in pairs.items() if ours != pytest.approx(second[name], rel=1e-6, abs=1e-9)}
    assert differ == {}
