"""The synthetic trial: same arguments, same bytes; nothing after the cut-off; and what is true of a woman can be read off her exports."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from pacer_analysis.errors import PacerError
from pacer_analysis.plan import load, load_cut
from pacer_analysis.simulate import write_cut
from pacer_analysis.simulate.truth import Retention

ROOT = Path(__file__).parents[2]
PLAN = load(ROOT / "analysis_plan" / "pacer")
DICTIONARY = ROOT / "data_dictionary" / "pacer"
INTERIM = dt.date(2016, 6, 30)
EPOCH = pd.Timestamp("1960-01-01")


def simulated(out: Path, n: int, *, seed: int = 7, interim: dt.date | None = None, defects: str = "none") -> Path:
    out.mkdir()
    write_cut(PLAN, n=n, seed=seed, out=out, interim=interim, defects=defects)
    return out


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    return simulated(tmp_path_factory.mktemp("exports") / "clean", 400)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return simulated(tmp_path_factory.mktemp("exports") / "planted", 400, defects="planted")


@pytest.fixture(scope="module")
def interim(tmp_path_factory):
    return simulated(tmp_path_factory.mktemp("exports") / "interim", 400, interim=INTERIM)


def text(file: Path) -> pd.DataFrame:
    return pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def redcap(cut: Path) -> pd.DataFrame:
    return text(next(cut.glob("PACER_DATA_????-??-??_????.csv")))


def stata(cut: Path, name: str) -> pd.DataFrame:
    """A Stata file with its dates as timestamps, read without any rule of the package."""
    frame, meta = pyreadstat.read_dta(str(cut / f"{name}.dta"), disable_datetime_conversion=True)
    for column, form in meta.original_variable_types.items():
        if form.startswith(("%td", "%d")):
            frame[column] = EPOCH + pd.to_timedelta(frame[column].astype(float), unit="D")
    return frame


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


@pytest.mark.parametrize("defects", ["none", "planted"])
def test_same_arguments_give_the_same_bytes(tmp_path, defects):
    (tmp_path / "other").mkdir()
    once, again = (files(simulated(folder / "cut", 30, defects=defects)) for folder in (tmp_path, tmp_path / "other"))
    assert once.keys() == again.keys()
    assert [name for name in once if once[name] != again[name]] == []
    assert len(once) == 12


def test_another_seed_gives_another_trial(tmp_path):
    one, other = (files(simulated(tmp_path / f"seed-{seed}", 30, seed=seed)) for seed in (1, 2))
    assert one["allocation.csv"] != other["allocation.csv"]
    assert one["laboratory.dta"] != other["laboratory.dta"]


@pytest.mark.parametrize("n", [1, 10])
def test_a_small_trial_has_as_many_women_as_asked_for(tmp_path, n):
    cut = simulated(tmp_path / "small", n, defects="planted")
    assert len(text(cut / "truth" / "women.csv")) == n
    data = redcap(cut)
    assert (data.redcap_event_name == "enrolment_arm_1").sum() >= n
    assert text(cut / "allocation.csv").id.nunique() == n
    assert load_cut(cut).kind == "final"


def test_what_cannot_be_simulated_is_refused(tmp_path):
    with pytest.raises(PacerError, match="0 women"):
        write_cut(PLAN, n=0, seed=1, out=tmp_path)
    with pytest.raises(PacerError, match="some"):
        write_cut(PLAN, n=5, seed=1, out=tmp_path, defects="some")


def test_the_columns_of_the_csv_are_those_of_the_dictionary(clean):
    with (DICTIONARY / "redcap.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    expected, form = ["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "redcap_data_access_group"], "screening"
    for name, of, _, kind, _, choices, *_ in rows[1:]:
        if of != form:
            expected.append(f"{form}_complete")
            form = of
        if kind == "checkbox":
            expected += [f"{name}___{choice.split(',')[0].strip().replace('-', '_')}" for choice in choices.split("|")]
        elif kind != "descriptive":
            expected.append(name)
    assert list(redcap(clean).columns) == [*expected, f"{form}_complete"]


def test_rows_are_unique_and_belong_to_their_event(clean):
    data = redcap(clean)
    assert not data.duplicated(["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"]).any()
    assert set(data[data.vis_date != ""].redcap_repeat_instrument) == {""}
    assert set(data[data.aew_onset != ""].redcap_repeat_instrument) == {"adverse_events_women"}
    screening = data[data.redcap_event_name == "screening_arm_1"]
    assert set(screening.scr_ineligible____99) == {"0"}            # a box of an opened form is 0, not blank
    assert set(screening.bas_assets___1) == {""}                   # a form that this event has not is blank
    assert screening.record_id.str.startswith("SYN-").all()
    assert data.vis_notes.str.contains("\n").any()
    assert data.vis_notes.str.contains('"').any()
    assert data.isin(["NASK", "UNK", "NI"]).to_numpy().any()


def test_nothing_after_an_interim_cutoff_is_exported(interim):
    last = pd.Timestamp(INTERIM)
    data = redcap(interim)
    with (DICTIONARY / "redcap.csv").open(encoding="utf-8", newline="") as file:
        dated = [row[0] for row in csv.reader(file) if row[7].startswith("date_")]
    assert len(dated) == 26
    for field in dated:
        days = pd.to_datetime(data[field], errors="coerce")
        assert not (days > last).any(), field
    checked = 0
    for name in ("laboratory", "art_visits", "clubs", "mch_art"):
        frame = stata(interim, name)
        # An appointment made before the cut-off may lie after it.
        for column in [column for column in frame if frame[column].dtype.kind == "M" and column != "next_date"]:
            assert not (frame[column] > last).any(), (name, column)
            checked += 1
    assert checked == 7
    assert not (pd.to_datetime(text(interim / "mentor_mothers.csv").contact_date) > last).any()
    allocated = pd.to_datetime(text(interim / "allocation.csv").allocated_at)
    assert not (allocated >= last + pd.Timedelta(days=1)).any()
    assert 100 < len(allocated) < 400
    cut = load_cut(interim)
    assert (cut.kind, cut.cutoff, cut.name) == ("interim", INTERIM, "interim")


def test_an_interim_cut_is_the_same_trial_seen_earlier(clean, interim):
    early, late = text(interim / "allocation.csv"), text(clean / "allocation.csv")
    pd.testing.assert_frame_equal(early, late.head(len(early)))
    key = ["record_id", "lab_number"]
    early, late = stata(interim, "laboratory"), stata(clean, "laboratory").set_index(key)
    assert (late.loc[list(early[key].itertuples(index=False))].result.to_numpy() == early.result.to_numpy()).all()


def test_blocks_of_four_and_six_are_balanced_within_strata(clean):
    frame = text(clean / "allocation.csv").astype({"block": int, "sequence": int})
    assert frame.stratum.nunique() == 6
    for _, stratum in frame.groupby("stratum"):
        assert stratum.sequence.tolist() == list(range(1, len(stratum) + 1))
        assert stratum.allocated_at.is_monotonic_increasing
        for block, women in stratum.groupby("block"):
            if block < stratum.block.max():
                assert len(women) in {4, 6}
                assert (women.arm == "club").sum() * 2 == len(women)


def first_loss(contacts: pd.DataFrame) -> float:
    """Days from the first contact to the first day late of the first appointment that no contact within 90 days made good, else infinite."""
    days = [(row.visit_date, row.next_date if pd.notna(row.next_date) else row.visit_date + pd.Timedelta(days=row.days_supplied)) for row in contacts.itertuples()]
    for number, (_, due) in enumerate(days):
        later = days[number + 1][0] if number + 1 < len(days) else pd.Timestamp.max
        if later > due + pd.Timedelta(days=90):
            return (due - days[0][0]).days + 1
    return float("inf")


def test_loss_to_follow_up_can_be_read_off_the_dispensings(clean):
    women = text(clean / "truth" / "women.csv").set_index("record_id")
    true = pd.to_numeric(women.loss_day).fillna(float("inf"))
    ends = women[["death_day", "transfer_day"]].apply(pd.to_numeric).min(axis=1).fillna(float("inf"))
    visits = stata(clean, "art_visits").sort_values(["record_id", "visit_date"])
    seen = visits.groupby("record_id")[["visit_date", "next_date", "days_supplied"]].apply(first_loss).reindex(women.index)
    within = true <= 730
    assert within.sum() > 60
    assert (seen[within] == true[within]).all()
    assert (seen[~within & (ends > 730)] > 730).all()
    # A woman who dies or moves with an appointment open looks lost from that day on, never earlier.
    assert (seen[~within & (ends <= 730)] > ends[~within & (ends <= 730)]).all()


def test_success_at_twelve_months_can_be_read_off_laboratory_and_truth_of_care(clean):
    women = text(clean / "truth" / "women.csv").set_index("record_id")
    samples = stata(clean, "laboratory")
    samples = samples[samples.vl_type == 1]
    since = (samples.sample_date - pd.to_datetime(women.delivery).reindex(samples.record_id).to_numpy()).dt.days
    inside = samples[(since >= 274) & (since <= 456)].assign(far=(since - 365).abs()).sort_values(["record_id", "far"]).drop_duplicates("record_id").set_index("record_id")
    low = inside.result.isin(["LDL", "TND", "<20", "<40"]) | (pd.to_numeric(inside.result, errors="coerce") < 50) | ((inside.result == "") & (10 ** inside.log10_result < 50))
    suppressed = women.index.isin(inside.index[low])
    expected = (women.in_care_day_365_postpartum == "1") & suppressed
    assert (expected == (women.e1_success == "1")).all()


def test_the_rates_of_a_large_trial_are_those_published_or_stated(tmp_path):
    """Expected: loss of Kaplan 2017 (22.6% disengaged), composite of the PACER pilot (91/129), viraemia of PACART (37% v 29% by month 24); else truth.py."""
    women = text(simulated(tmp_path / "large", 6000) / "truth" / "women.csv").set_index("record_id")
    club = women.arm == "club"
    lost = pd.to_numeric(women.loss_day) <= 365
    success, viraemic = women.e1_success == "1", pd.to_numeric(women.viraemia_day) <= 822
    # Four standard errors of a proportion among 3,000 women are at most 0.037.
    assert lost[~club].mean() == pytest.approx(0.226, abs=0.037)
    assert success[~club].mean() == pytest.approx(91 / 129, abs=0.037)
    assert viraemic[~club].mean() == pytest.approx(0.37, abs=0.037)
    assert viraemic[club].mean() == pytest.approx(0.29, abs=0.037)
    # No source gives the clubs' loss and composite: the ratio of cumulative hazards is the stated one, diluted by women who never attend or leave,
    # so between it and 1; the standard error of its logarithm is about sqrt(1/600 + 1/500) = 0.06. The composite is better by more than two standard errors.
    ratio = np.log1p(-lost[club].mean()) / np.log1p(-lost[~club].mean())
    assert Retention().club_hazard_ratio * np.exp(-0.12) < ratio < np.exp(-0.12)
    assert success[club].mean() - success[~club].mean() > 2 * np.sqrt(2 * 0.25 / 3000)
    assert (women.death_day != "").mean() == pytest.approx(0.01, abs=0.006)
    assert (women.never_attends_club[club] == "1").mean() == pytest.approx(0.15, abs=0.03)


def test_every_planted_defect_stands_in_the_exports(planted, clean):
    defects = text(planted / "truth" / "defects.csv")
    assert list(defects) == ["kind", "source", "record", "field", "detail"]
    assert defects.kind.nunique() >= 20
    assert defects.groupby(["kind", "source", "field"]).size().between(1, 4).all()
    before, after = redcap(clean), redcap(planted)
    cells = defects[(defects.source == "redcap") & (defects.field != "")]
    doubled = defects[(defects.source == "redcap") & (defects.field == "")]
    assert len(after) == len(before) + len(doubled)
    key = ["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"]
    changed = before.set_index(key).compare(after.drop_duplicates().set_index(key))
    now = changed.xs("other", axis=1, level=1)
    places = {(index[0], column) for column in now for index in now.index[now[column].notna()]}
    assert places == set(zip(cells.record, cells.field, strict=True))
    for name, rows in {"laboratory": 5, "art_visits": 3}.items():
        listed = defects[(defects.source == name) & defects.detail.str.startswith("a row more")]
        assert len(stata(planted, name)) - len(stata(clean, name)) == len(listed) == rows
    assert text(clean / "truth" / "defects.csv").empty
