"""Stata's dates: every display format of the trade, leap seconds, and numbers that are no date: kept, never guessed, never an overflow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pacer_analysis.dictionary import load_flat
from pacer_analysis.plan import Source
from pacer_analysis.read.statadates import LEAP_SECONDS, stata_dates
from pacer_analysis.read.statistical import load_columns, open_statistical, read_statistical_flat
from pacer_analysis.read.statisticaldates import unit_of
from pacer_analysis.read.statisticallevels import shown
from pacer_analysis.read.tidy import to_arrow, unconverted
from tests.spec.dta_bytes import Column, Dta

DAY = 86_400_000


def read(path: Path, kind: str):
    (path.parent / "x.csv").write_text(f"name,type\npid,text\nseen,{kind}\n")
    dictionary = load_flat(path.parent / "x.csv")
    return read_statistical_flat(path, Source("x", "x.dta", "stata", "x.csv", ("pid",)), dictionary, "pid", set(dictionary.fields))


def seen(folder: Path, display: str, values: list, kind: str, storage: str = "double"):
    """The raw texts, the typed values, the status of each, and the notes on the column."""
    people = [b"p"] * len(values)
    table, notes, _ = read(Dta(118, [Column("pid", "str1", people), Column("seen", storage, values, display)]).save(folder / "x.dta"), kind)
    cells = table.fields["seen"]
    return cells.levels.raw[cells.codes].tolist(), to_arrow(table).to_pandas()["seen"].tolist(), cells.status.tolist(), [(note.rule, note.severity) for note in notes]


# 22000 days are 2020-03-26; 2020 is 60 years after 1960.
@pytest.mark.parametrize(("display", "value", "text"), [
    ("%td", 22000, "2020-03-26"), ("%d", 22000, "2020-03-26"), ("%tdD_m_Y", 22000, "2020-03-26"), ("%tdCCYY-NN-DD", 22000, "2020-03-26"), ("%dM_d,_CY", 22000, "2020-03-26"),
    ("%tdDD/NN/CCYY", 22000, "2020-03-26"), ("%tdNN/DD/CCYY", 22000, "2020-03-26"), ("%tdDDmonCCYY", 22000, "2020-03-26"), ("%-td", 22000, "2020-03-26"), ("%-tdD_m_Y", 22000, "2020-03-26"),
    ("%tc", 22000 * DAY, "2020-03-26"), ("%tcHH:MM", 22000 * DAY + 3_600_000, "2020-03-26 01:00"), ("%tcCCYY-NN-DD!THH:MM:SS", 22000 * DAY + 1000, "2020-03-26 00:00:01"),
    ("%tcDDmonCCYY_HH:MM:SS", 22000 * DAY - 1000, "2020-03-25 23:59:59"), ("%-tc", 22000 * DAY, "2020-03-26"), ("%tC", 22000 * DAY + 27_000, "2020-03-26"),
    ("%tCMonth_dd,_CCYY_HH:MM", 22000 * DAY + 27_000 + 60_000, "2020-03-26 00:01"), ("%tw", 60 * 52 + 12, "2020-03-25"), ("%tm", 60 * 12 + 2, "2020-03-01"),
    ("%tq", 60 * 4 + 1, "2020-04-01"), ("%th", 60 * 2 + 1, "2020-07-01"), ("%ty", 2020, "2020-01-01"), ("%tyCCYY", 2020, "2020-01-01"), ("%tmMonth_CCYY", -1, "1959-12-01"),
])
def test_display_formats(tmp_path, display, value, text):
    raw, typed, status, notes = seen(tmp_path, display, [value, "."], "datetime")
    assert (raw, status, notes) == ([text, ""], [1, 0], [])
    assert typed == [pd.Timestamp(text), pd.NaT]


@pytest.mark.parametrize(("day", "inserted"), [("1972-06-30", 0), ("1972-07-01", 1), ("1973-01-01", 2), ("1998-12-31", 21), ("1999-01-01", 22), ("2016-12-31", 26), ("2017-01-01", 27),
                                               ("2035-01-01", 27), ("1960-01-01", 0)])
def test_leap_seconds_of_a_universal_clock(day, inserted):
    """TAI-UTC was 10 s in January 1972, 32 s from 1999 and is 37 s from 2017 (IERS Bulletin C): 22 and 27 inserted. A %tC clock has counted them all."""
    noon = np.datetime64(f"{day}T12:00:00", "ms")
    milliseconds = (noon - np.datetime64("1960-01-01", "ms")).astype(np.int64) + 1000 * inserted
    assert stata_dates(np.array([milliseconds], dtype=np.float64), "C")[0] == noon


def test_the_last_second_before_and_the_first_after_a_leap_second():
    """2016 ended with 23:59:60: to the %tC clock the new year begins 27 seconds after %tc's."""
    year = float((np.datetime64("2017-01-01", "ms") - np.datetime64("1960-01-01", "ms")).astype(np.int64))
    shown = stata_dates(np.array([year + 25_000, year + 27_000, year + 28_000]), "C")
    assert [str(moment) for moment in shown] == ["2016-12-31T23:59:59.000", "2017-01-01T00:00:00.000", "2017-01-01T00:00:01.000"]


def test_the_dates_of_a_file_that_stata_wrote():
    """statsmodels ships a file with two rows of each kind; the moments are those that its authors state (year 2 is before Stata's year 100 and stays a number)."""
    path = Path(pytest.importorskip("statsmodels").__file__).parent / "iolib/tests/results/time_series_examples.dta"
    if not path.is_file():
        pytest.skip("this build of statsmodels comes without its test files")
    file = open_statistical(path)
    columns, _, _ = load_columns(file, list(file.variables))
    texts = {}
    for variable in file.variables:
        levels = shown(columns[variable.name], "datetime", unit_of("stata", variable.display))
        texts[variable.name] = [levels[code] for code in columns[variable.name].codes]
    del texts["datetime_big_c"]
    assert texts == {"datetime_c": ["2006-11-19 23:13:20", "1959-12-31 20:03:20"], "date": ["2010-01-20", "1953-10-02"], "weekly_date": ["2010-01-08", "1948-06-10"],
                     "monthly_date": ["2010-01-01", "1955-01-01"], "quarterly_date": ["1974-07-01", "1955-07-01"], "half_yearly_date": ["2010-01-01", "1955-01-01"],
                     "yearly_date": ["2010-01-01", "2"]}


def test_the_table_of_leap_seconds():
    assert len(LEAP_SECONDS) == 27
    assert all(day.endswith(("-06-30", "-12-31")) for day in LEAP_SECONDS)
    assert list(LEAP_SECONDS) == sorted(set(LEAP_SECONDS))


@pytest.mark.parametrize(("display", "value", "text"), [
    ("%td", 2936549, "9999-12-31"),            # the usual "never": a date, but beyond what nanoseconds hold
    ("%td", 2936550, "2936550"), ("%td", -679350, "0100-01-01"), ("%td", -679351, "-679351"), ("%td", 1.5, "1.5"), ("%td", 1e300, "1e+300"), ("%tc", 9e15, "9000000000000000"),
    ("%tc", 1e300, "1e+300"), ("%tC", -1e17, "-1e+17"), ("%tm", 0.5, "0.5"), ("%ty", 20000, "20000"), ("%ty", 0, "0"), ("%tw", 1e12, "1000000000000"), ("%tbcalendar", 500, "500"),
])
def test_what_is_no_date_keeps_its_number(tmp_path, display, value, text):
    raw, typed, status, notes = seen(tmp_path, display, [22000 if display == "%td" else 0, value], "date")
    assert (raw[1], typed[1], status[1]) == (text, pd.NaT, 3)
    assert notes == ([("storage", "error")] if display.startswith("%tb") else [])


def test_a_time_of_day_is_no_date_but_the_moment_is_kept(tmp_path):
    raw, typed, status, _ = seen(tmp_path, "%tc", [22000.5 * DAY, 22000 * DAY], "date")
    assert (raw, typed, status) == (["2020-03-26 12:00", "2020-03-26"], [pd.NaT, pd.Timestamp("2020-03-26")], [3, 1])


def test_a_period_is_its_first_day_and_that_is_remembered(tmp_path):
    (tmp_path / "x.csv").write_text("name,type\npid,text\nseen,date\n")
    dictionary = load_flat(tmp_path / "x.csv")
    path = Dta(118, [Column("pid", "str1", [b"p"]), Column("seen", "int", [722], "%tm")]).save(tmp_path / "x.dta")
    table, _, _ = read_statistical_flat(path, Source("x", "x.dta", "stata", "x.csv", ("pid",)), dictionary, "pid", set(dictionary.fields))
    assert table.fields["seen"].typed.tolist() == [pd.Timestamp("2020-03-01").value]
    assert unconverted(table).to_pandas()["raw"].tolist() == ["2020-03-01"]


@pytest.mark.parametrize(("display", "storage", "kind", "rules"), [
    ("%9.0g", "long", "date", [("storage", "error")]),               # a number that nobody says is a date
    ("%tc", "float", "datetime", [("storage", "error")]),            # 24 bits cannot count milliseconds
    ("%td", "float", "date", []), ("%td", "long", "number", [("storage", "warning")]), ("%tb", "long", "date", [("storage", "error")]),
])
def test_findings_on_storage_and_format(tmp_path, display, storage, kind, rules):
    assert seen(tmp_path, display, [22000], kind, storage)[3] == rules


@pytest.mark.parametrize("display", ["%9.0g", "%12.2f", "%8s", "%-9s", "%16.0fc", "%21x", "%t", ""])
def test_formats_that_show_no_date(display):
    assert unit_of("stata", display) == ""
