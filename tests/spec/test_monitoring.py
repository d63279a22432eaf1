"""Central monitoring on small tables, each expectation worked out by hand beside it."""

from __future__ import annotations

import csv
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from pacer_analysis import monitoring
from pacer_analysis.monitoring import funnel, multiplicity
from pacer_analysis.monitoring.columns import columns_of
from pacer_analysis.monitoring.digits import last_digits
from pacer_analysis.monitoring.findings import Finding, Subject
from pacer_analysis.monitoring.registry import MEASURES
from tests.conftest import REPOSITORY
from tests.spec.monitored import dictionary, field, monitored, written


def found(tables, measure):
    return {(finding.subject.field, finding.site): finding for finding in MEASURES[measure].compute(tables).findings}


def flagged(tables, measure):
    findings = MEASURES[measure].compute(tables).findings
    return [(finding.subject.field, finding.site, flag) for finding, flag in zip(findings, multiplicity.flags(findings), strict=True) if flag]


# ---- last digits

def test_step_of_recording_is_taken_from_the_data():
    steps = {"ones": np.arange(100, 400), "tens": np.arange(100, 400) * 10, "halves": np.arange(100, 400) / 2, "even": np.arange(100, 400) * 2}
    assert {name: last_digits(values.astype(float)).step for name, values in steps.items()} == {"ones": 1.0, "tens": 10.0, "halves": 0.5, "even": 2.0}
    # In halves the last decimal is 0 or 5; in even numbers it is 0, 2, 4, 6 or 8.
    assert last_digits(steps["halves"].astype(float)).classes == (0, 5)
    assert last_digits(steps["even"].astype(float)).classes == (0, 2, 4, 6, 8)


def test_last_digit_of_tens_is_the_tens_digit():
    digits = last_digits(np.arange(100, 400, dtype=float) * 10)
    assert digits.classes == tuple(range(10))
    assert list(digits.digit[:3]) == [0, 1, 2]      # 1000, 1010, 1020


@pytest.mark.parametrize("values", [np.tile(np.arange(20.0), 9), np.repeat(np.arange(30.0, 36.0), 40), np.arange(50.0, 149.0)])
def test_no_last_digits_where_the_range_or_the_number_is_too_small(values):
    """Two cycles hold half of the values at either end; six different values; 99 values."""
    assert last_digits(values) is None


def test_value_at_a_limit_is_left_out_and_a_preferred_digit_is_not():
    spread = np.tile(np.arange(20.0, 100.0), 5)
    ceiling = last_digits(np.concatenate([spread, np.full(40, 100.0)]))
    assert (ceiling.left_out, len(ceiling.rows)) == (1, 400)
    detection = last_digits(np.concatenate([spread, np.full(40, 53.0)]))
    assert (detection.left_out, len(detection.rows)) == (1, 395)      # 53 is left out whole: its 40 and its own 5
    rounded = last_digits(np.concatenate([spread, np.repeat(np.arange(30.0, 100.0, 10), 20)]))
    assert (rounded.left_out, len(rounded.rows)) == (0, 540)


def test_digit_preference_of_one_site(tmp_path):
    """At B 40 of 120 values end in 0 instead of 12, the others evenly: chi-square (40 - 12)^2/12 + 9 (80/9 - 12)^2/12 = 72.59."""
    even = [float(100 + value) for value in range(120)]
    heaped = [100.0 + 10 * (place % 12) for place in range(40)] + [100.0 + 10 * (place // 9 % 12) + 1 + place % 9 for place in range(80)]
    tables = monitored(tmp_path, pd.DataFrame({"place": ["A"] * 120 + ["B"] * 120, "pressure": even + heaped}), place="text", pressure="integer")
    finding = found(tables, "digit_preference")["pressure", "B"]
    # 80 values over nine digits: eight digits have 9, one has 8.
    assert finding.statistic == pytest.approx((28**2 + 8 * 3**2 + 4**2) / 12)
    assert (finding.n, finding.value, finding.expected) == (120, pytest.approx(1 / 3), 0.1)
    assert ("pressure", "B", "uneven") in flagged(tables, "digit_preference")
    assert ("pressure", "A", "uneven") not in flagged(tables, "digit_preference")
    assert found(tables, "digit_preference")["pressure", "A"].statistic == 0


def test_computed_numbers_and_ids_have_no_last_digits(tmp_path):
    frame = pd.DataFrame({"record": range(1000, 1300), "id": range(1000, 1300), "log10_vl": np.arange(300) / 100, "weight": np.arange(400.0, 700.0) / 10})
    tables = monitored(tmp_path, frame, id="integer", log10_vl="number", weight="number")
    assert {name for name, _ in found(tables, "digit_preference")} == {"weight"}


# ---- dates

def test_first_of_the_month_at_one_site(tmp_path):
    """Two years of one date a day at A; at B every second date is moved to the first of its month."""
    days = pd.date_range("2015-01-01", "2016-12-31")
    moved = days.where(np.arange(len(days)) % 2 == 0, days.to_period("M").to_timestamp())
    tables = monitored(tmp_path, pd.DataFrame({"place": ["A"] * len(days) + ["B"] * len(days), "seen": [*days, *moved]}), place="text", seen="date")
    assert ("seen", "B", "uneven") in flagged(tables, "date_heaping")
    assert ("seen", "A", "uneven") not in flagged(tables, "date_heaping")
    assert found(tables, "date_heaping")["seen", "B"].note.startswith("day 1 of the month")
    assert found(tables, "date_heaping")["seen", "A"].statistic == pytest.approx(0)


def test_club_days_are_no_heap_on_days_of_the_month(tmp_path):
    """Sixty dates on every eighth Tuesday: chi-square alone would be huge, the variation from day to day explains it."""
    tuesdays = pd.date_range("2015-01-06", "2018-12-31", freq="56D")
    frame = pd.DataFrame({"seen": np.repeat(tuesdays, 60)})
    tables = monitored(tmp_path, frame, seen="date")
    assert flagged(tables, "date_heaping") == []


def test_mistyped_year_does_not_stretch_the_calendar(tmp_path):
    days = [*pd.date_range("2015-01-01", "2016-12-31"), pd.Timestamp("1915-01-01"), pd.Timestamp("2105-01-01")]
    tables = monitored(tmp_path, pd.DataFrame({"seen": days}), seen="date")
    assert found(tables, "date_heaping")["seen", ""].n == 727      # 733 less half a percent (3.67) at either end: the outermost three


def test_one_crowded_day(tmp_path):
    """One date a day but thirty on 2015-06-01; no other day has more than one."""
    days = [*pd.date_range("2015-01-01", periods=200), *[pd.Timestamp("2015-06-01")] * 29]
    tables = monitored(tmp_path, pd.DataFrame({"seen": days}), seen="date")
    finding = found(tables, "busiest_day")["seen", ""]
    assert (finding.value, finding.note) == (30, "2015-06-01; the next busiest day has 1")
    assert flagged(tables, "busiest_day") == [("seen", "", "high")]


def test_a_clinic_day_is_shown_and_not_flagged(tmp_path):
    """All dates on Mondays, at both sites."""
    mondays = [day for day in pd.date_range("2015-01-05", periods=60, freq="7D") for _ in range(2)]
    tables = monitored(tmp_path, pd.DataFrame({"place": ["A", "B"] * 60, "seen": mondays}), place="text", seen="date")
    assert found(tables, "weekday")["seen", ""].value == 1
    assert flagged(tables, "weekday") == []
    assert flagged(tables, "weekend_share") == []


def test_weekends_at_one_site(tmp_path):
    """A and C never see anyone on a weekend; half of B's days are Saturdays."""
    weekdays, saturdays = pd.bdate_range("2015-01-05", periods=300), pd.date_range("2015-01-10", periods=50, freq="7D")
    frame = pd.DataFrame({"place": ["A"] * 300 + ["B"] * 100 + ["C"] * 300, "seen": [*weekdays, *weekdays[:250:5], *saturdays, *weekdays]})
    tables = monitored(tmp_path, frame, place="text", seen="date")
    finding = found(tables, "weekend_share")["seen", "B"]
    # The outermost half percent of the dates are left out: the first day with its three, one of them of B, and the last with its two.
    assert (finding.value, finding.expected) == (pytest.approx(50 / 99), pytest.approx(50 / 695))
    assert flagged(tables, "weekend_share") == [("seen", "B", "high")]
    assert ("seen", "B", "uneven") in flagged(tables, "weekday")


# ---- repeated rows

def vitals(rows=300):
    """Four numbers that no two of the rows share."""
    place = np.arange(rows)
    return pd.DataFrame({"place": np.where(place % 3 == 0, "A", "B"), "weight": 50 + place % 61 / 2, "systolic": 100.0 + place * 7 % 53, "diastolic": 60.0 + place * 11 % 37,
                         "pulse": 60.0 + place * 5 % 29})


VITALS = {"place": "text", "weight": "number", "systolic": "integer", "diastolic": "integer", "pulse": "integer"}


def test_rows_copied_to_another_record(tmp_path):
    frame = vitals()
    numbers = ["weight", "systolic", "diastolic", "pulse"]
    for copy, original in ((290, 10), (291, 11), (293, 13)):
        frame.loc[copy, numbers] = frame.loc[original, numbers]
    findings = MEASURES["duplicate_rows"].compute(monitored(tmp_path, frame, **VITALS)).findings
    whole = next(finding for finding in findings if not finding.site and finding.subject.label == "Measured numbers together")
    assert (whole.n, whole.value) == (300, 3)
    assert whole.note == "lines 12, 292; lines 13, 293; lines 15, 295"      # row 10 is on line 12
    # 44,850 pairs; two rows agree with about 1/61 1/53 1/37 1/29: about 0.013 pairs by chance, and a Poisson chance of three of 3.6e-7.
    assert whole.expected == pytest.approx(44850 / (61 * 53 * 37 * 29), rel=0.1)      # 300 rows are no whole number of any of the four rounds, and three rows are copies
    assert whole.p < 1e-6
    assert "repeated" in multiplicity.flags(findings)


def test_rows_of_one_record_may_repeat(tmp_path):
    frame = vitals()
    frame.insert(0, "record", [f"R{place}" for place in range(290)] + [f"R{place}" for place in range(10)])
    numbers = ["weight", "systolic", "diastolic", "pulse"]
    frame.loc[290:, numbers] = frame.loc[:9, numbers].to_numpy()
    findings = MEASURES["duplicate_rows"].compute(monitored(tmp_path, frame, **VITALS)).findings
    assert [finding.value for finding in findings if finding.subject.label == "Measured numbers together"] == [0, 0, 0]


def test_common_combinations_are_no_copies(tmp_path):
    """Three numbers that all take the same ten values in step: expected by chance are far more pairs than a tenth of what there is, but not a third."""
    dice = np.random.default_rng(4)
    frame = pd.DataFrame({name: dice.integers(0, 10, 400).astype(float) for name in ("a", "b", "c")})
    findings = MEASURES["duplicate_rows"].compute(monitored(tmp_path, frame, a="integer", b="integer", c="integer")).findings
    assert findings[0].value > 50      # 79,800 pairs and a thousand combinations
    assert findings[0].value == pytest.approx(findings[0].expected, rel=0.3)      # about 80 pairs: a Poisson count is within 0.22 of its mean in 19 of 20 draws, within 0.3 in 99 of 100
    assert not any(multiplicity.flags(findings))


# ---- a site against all

def test_blanks_at_one_site(tmp_path):
    """A blank in 5 of 100, B in 5 of 100, C in 40 of 100: pooled 50 of 300."""
    blank = [*[True] * 5, *[False] * 95, *[True] * 5, *[False] * 95, *[True] * 40, *[False] * 60]
    frame = pd.DataFrame({"place": ["A"] * 100 + ["B"] * 100 + ["C"] * 100, "answer": np.where(blank, "", "1"), "optional": ""})
    tables = monitored(tmp_path, frame, place="text", answer="coded!", optional="coded")
    finding = found(tables, "site_missing")["answer", "C"]
    assert (finding.n, finding.value, finding.expected) == (100, 0.4, pytest.approx(1 / 6))
    assert flagged(tables, "site_missing") == [("", "C", "high"), ("answer", "C", "high")]
    assert not [name for name, _ in found(tables, "site_missing") if name == "optional"]


def test_forms_that_were_not_opened_have_no_blanks(tmp_path):
    """Forty rows a site; at B twenty of them are blank throughout, at A two lack one answer, at B one does."""
    filled = ["1"] * 40
    answers = pd.DataFrame({"place": ["A"] * 40 + ["B"] * 40, "first": [*filled, *filled[:20], *[""] * 20], "second": ["", "", *filled[2:], "", *filled[1:20], *[""] * 20]})
    tables = monitored(tmp_path, answers.drop(columns="place").assign(place=answers.place), first="coded!", second="coded!")
    assert [(finding.site, finding.n, finding.value) for finding in MEASURES["site_missing"].compute(tables).findings if finding.subject.field == "second"] == [
        ("A", 40, 0.05), ("B", 20, 0.05)]


def test_rows_of_a_record_are_one_cluster():
    """Ten records of four rows, five of them all blank: each record deviates by 2 from the half expected, 10 x 4 against 0.25 x 40, so the variance is four times the binomial."""
    events, sizes = np.array([4.0] * 5 + [0.0] * 5), np.full(10, 4.0)
    assert funnel.within(events, sizes, np.zeros(10, dtype=np.int64)) == pytest.approx(4.0)
    assert funnel.within(np.array([2.0] * 10), sizes, np.zeros(10, dtype=np.int64)) == 1.0      # less than chance counts as chance


def test_overdispersion_needs_enough_sites():
    """Nine sites at z = -4, -3, ..., 4: the outermost are drawn in to -3 and 3, (2 (9 + 9 + 4 + 1) + 0) / 9."""
    assert funnel.between([float(z) for z in range(-4, 5)]) == pytest.approx(2 * (9 + 9 + 4 + 1) / 9)
    assert funnel.between([-4.0, 0.0, 4.0]) == 1.0
    assert funnel.between([0.1] * 9) == 1.0


def test_records_with_findings(tmp_path):
    frame = pd.DataFrame({"record": [f"R{place:03d}" for place in range(300)], "place": ["A"] * 100 + ["B"] * 100 + ["C"] * 100})
    waiting = {f"R{place:03d}" for place in [*range(5), *range(100, 105), *range(200, 240)]}
    tables = monitored(tmp_path, frame, waiting=waiting, place="text")
    assert [finding.value for finding in MEASURES["site_queries"].compute(tables).findings] == [0.05, 0.05, 0.4]
    assert flagged(tables, "site_queries") == [("", "C", "high")]


def test_spread_too_small_and_mean_too_high_at_one_site(tmp_path):
    wave = np.sin(np.arange(100) * 2.4) * 10      # the same hundred values at A and B, mean about 0
    frame = pd.DataFrame({"place": ["A"] * 100 + ["B"] * 100 + ["C"] * 100 + ["D"] * 100, "weight": np.concatenate([60 + wave, 60 + wave, 60 + wave * 0.4, 66 + wave]).round(2)})
    tables = monitored(tmp_path, frame, place="text", weight="number")
    assert flagged(tables, "site_variance") == [("weight", "C", "low")]
    assert flagged(tables, "site_mean") == [("weight", "D", "high")]


def test_rows_near_the_centre(tmp_path):
    dice = np.random.default_rng(8)
    rows = dice.normal(size=(600, 4))
    rows[:150] *= 0.35
    frame = pd.DataFrame(rows.round(3), columns=list("abcd")).assign(place=["A"] * 150 + ["B"] * 225 + ["C"] * 225)
    tables = monitored(tmp_path, frame, place="text", a="number", b="number", c="number", d="number")
    assert flagged(tables, "inliers") == [("", "A", "high")]


def test_one_site_or_none_is_compared_with_nobody(tmp_path):
    alone = monitored(tmp_path, vitals().assign(place="A"), **VITALS)
    assert all(not MEASURES[name].compute(alone).findings for name in ("site_missing", "site_mean", "site_variance", "site_queries", "inliers"))


def test_site_of_a_record_counts_in_every_table(tmp_path):
    """The visits do not name the site; the screening does."""
    from pacer_analysis.monitoring.tables import load

    written(tmp_path, pd.DataFrame({"record": [f"R{place}" for place in range(80)], "place": ["A", "B"] * 40}), "screening")
    written(tmp_path, pd.DataFrame({"record": [f"R{place % 80}" for place in range(160)], "weight": np.arange(160.0)}), "visits")
    tables = load(tmp_path, {"screening": dictionary(place="text"), "visits": dictionary(weight="number")}, site=("screening", "", "place"))
    assert {finding.n for finding in MEASURES["site_mean"].compute(tables).findings} == {40}


# ---- what is looked at, what is flagged, what is written

def test_identifying_and_computed_fields_are_not_looked_at():
    from pacer_analysis.dictionary import FlatDictionary

    fields = [field("phone", "text", identifier=True), field("weight", "number", label="<b>Weight</b>  (kg)"), field("vl", "number", unit="log10 copies/mL")]
    columns = columns_of(FlatDictionary(fields={entry.name: entry for entry in fields}, path=REPOSITORY), "")
    assert [(column.name, column.label, column.read) for column in columns] == [("weight", "Weight (kg)", True), ("vl", "vl", False)]


def test_flag_needs_chance_multiplicity_and_size():
    """Of 100 comparisons one has p = 0.0001 (its false-discovery rate is 0.01), one p = 0.002 (0.1), and one tiny p but no size."""
    others = [Finding(Subject(), p=0.5, lean="high") for _ in range(97)]
    findings = [Finding(Subject(), p=0.0001, lean="low"), Finding(Subject(), p=0.002, lean="high"), Finding(Subject(), p=1e-9, lean=""), *others, Finding(Subject())]
    assert multiplicity.flags(findings)[:3] == ["low", "", ""]
    assert multiplicity.flags(findings)[-1] == ""


def test_files_have_the_columns_of_the_contract_and_the_same_bytes(tmp_path):
    frame = vitals().assign(seen=pd.date_range("2015-01-01", periods=300))
    written(tmp_path, frame)
    known = {"source": dictionary(**VITALS, seen="date")}
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        said = monitoring.run(tmp_path, known, tmp_path / name, site=("source", "", "place"))
    assert said.endswith("flagged")
    header = (tmp_path / "one/monitoring.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "measure,source,form,field,label,site,n,value,expected,low,high,statistic,p,flag,note"
    for file in ("monitoring.csv", "monitoring_shapes.csv", "monitoring_measures.csv"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    methods = list(csv.DictReader((tmp_path / "one/monitoring_measures.csv").read_text(encoding="utf-8").splitlines()))
    assert [line["measure"] for line in methods] == [*MEASURES, "flag"]
    assert sum(int(line["comparisons"]) for line in methods[:-1]) == int(methods[-1]["comparisons"]) > 20


@pytest.mark.parametrize("frame", [pd.DataFrame({"record": pd.Series([], dtype=str), "weight": pd.Series([], dtype=float)}),
                                   pd.DataFrame({"record": ["1"], "weight": [np.nan]}), pd.DataFrame({"record": ["1", "2"], "weight": [1.0, 1.0]})])
def test_hardly_any_data_is_no_error(tmp_path, frame):
    written(tmp_path, frame)
    monitoring.run(tmp_path, {"source": dictionary(weight="number", seen="date")}, tmp_path)
    assert (tmp_path / "monitoring.csv").read_text(encoding="utf-8").count("\n") == 1


def test_no_tables_at_all_is_no_error(tmp_path):
    assert monitoring.run(tmp_path, {"source": dictionary(weight="number")}, tmp_path) == "0 comparisons, 0 flagged"


def test_light_to_import():
    heavy = "import sys, pacer_analysis.monitoring, pacer_analysis.monitoring.registry; print(sorted({'numpy', 'pandas', 'scipy', 'pyarrow'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout.strip() == "[]"


def test_a_registry_lists_what_its_folder_holds():
    files = {path.stem for path in (REPOSITORY / "pacer_analysis/monitoring/measures").glob("*.py")} - {"__init__"}
    assert set(MEASURES) == files
    for name, measure in MEASURES.items():
        assert measure.title, name
        assert measure.method.endswith("."), name
