"""Stata files: dates by their display format, codes as text, extended missing values, and files that are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from pacer_analysis.dictionary import load_flat
from pacer_analysis.errors import ExportError
from pacer_analysis.plan import Source
from pacer_analysis.read.statadates import date_unit, stata_date
from pacer_analysis.read.statistical import read_statistical_flat
from pacer_analysis.read.tidy import to_arrow, unconverted
from tests.conftest import REPOSITORY

MATERIAL = REPOSITORY.parent / "shared/material/stata"
SOURCE = Source("lab", "lab.dta", "stata", "lab.csv", ("pid",))
DICTIONARY = """name,label,type,unit,min,max,codes,required,identifier
pid,Person,text,,,,,y,
day,Day,date,,,,,,
taken,Taken,datetime,,,,,,
kind,Kind,coded,,,,"1, Study | 2, Routine",,
copies,Copies,number,,,,,,
visits,Visits,integer,,,,,,
note,Note,text,,,,,,
"""


def saved(folder: Path, frame: pd.DataFrame, **options) -> Path:
    pyreadstat.write_dta(frame, folder / "lab.dta", **options)
    (folder / "lab.csv").write_text(DICTIONARY)
    return folder / "lab.dta"


def read(folder: Path, frame: pd.DataFrame, **options):
    path = saved(folder, frame, **options)
    dictionary = load_flat(folder / "lab.csv")
    return read_statistical_flat(path, SOURCE, dictionary, "pid", set(dictionary.fields))


@pytest.fixture
def lab() -> pd.DataFrame:
    # 20000 days after 1960-01-01 is 2014-10-04; times in milliseconds
    return pd.DataFrame({"PID": ["007", "7", "A-1"], "day": [20000.0, np.nan, 0.0], "taken": [20000 * 86_400_000.0 + 37_800_000, np.nan, 0.0], "Kind": [1.0, 2.0, 3.0],
                         "copies": [0.1, 20.0, np.nan], "visits": [3.0, 2.5, 1.0], "note": ["a", "", "\u00e9"]})


FORMATS = {"day": "%dM_d,_CY", "taken": "%tcCCYY-NN-DD_HH:MM"}
LABELS = {"Kind": {1: "Study", 2: "Routine"}}


def test_a_file_becomes_a_tidy_table(tmp_path, lab):
    table, notes, columns = read(tmp_path, lab, variable_format=FORMATS, variable_value_labels=LABELS)
    frame = to_arrow(table).to_pandas()
    assert columns == 7
    assert frame["record"].tolist() == ["007", "7", "A-1"]
    assert frame["day"].tolist() == [pd.Timestamp("2014-10-04"), pd.NaT, pd.Timestamp("1960-01-01")]
    assert frame["taken"].tolist() == [pd.Timestamp("2014-10-04 10:30"), pd.NaT, pd.Timestamp("1960-01-01")]
    assert frame["kind"].tolist() == ["1", "2", "3"]
    assert frame["copies"].tolist()[:2] == [0.1, 20.0]
    assert frame["visits"].tolist()[0] == 3.0
    assert frame["note"].tolist() == ["a", "", "\u00e9"]
    assert [(note.rule, note.severity) for note in notes] == [("column_names", "info")]
    assert "PID, Kind" in notes[0].message       # the dictionary has them in lower case
    # 2.5 visits are no whole number: the value is missing, what was exported is kept
    assert unconverted(table).to_pandas()[["line", "field", "raw"]].to_numpy().tolist() == [[3, "visits", "2.5"]]


@pytest.mark.parametrize(("value", "display", "expected"), [
    (22000, "%td", "2020-03-26"), (22000, "%d", "2020-03-26"), (22000, "%dM_d,_CY", "2020-03-26"), (22000, "%tdDD/NN/CCYY", "2020-03-26"), (22000, "%-td", "2020-03-26"),
    (-1, "%td", "1959-12-31"), (1e12, "%tc", "1991-09-09T01:46:40"), (1e12, "%tcDDmonCCYY_HH:MM:SS", "1991-09-09T01:46:40"),
    (1e12, "%tC", "1991-09-09T01:46:24"), (1_900_800_027_000, "%tCMonth_dd,_CCYY_HH:MM", "2020-03-26T00:00:00"),
    (3000, "%tw", "2017-09-10"), (720, "%tm", "2020-01-01"), (240, "%tq", "2020-01-01"), (120, "%th", "2020-01-01"), (2020, "%ty", "2020-01-01"),
])
def test_dates_by_their_format(value, display, expected):
    """Days, milliseconds and periods since 1960-01-01; 16 leap seconds until September 1991, 27 since 2017; 52 weeks a year, so week 3000 is week 36 (from 0) of 2017."""
    assert stata_date(value, date_unit(display)) == np.datetime64(expected)


@pytest.mark.parametrize(("value", "display"), [(1.5, "%td"), (9e15, "%tc"), (5e6, "%td"), (20, "%tbcalendar")])
def test_numbers_that_are_no_date(value, display):
    assert stata_date(value, date_unit(display)) is None


@pytest.mark.parametrize("display", ["%9.0g", "%12.2f", "%8s", "%tdx"[:0]])
def test_formats_that_show_no_date(display):
    assert date_unit(display) == ""


def test_labels_and_storage_are_compared_with_the_dictionary(tmp_path, lab):
    lab["PID"] = [1.0, 2.0, 3.0]
    _, notes, _ = read(tmp_path, lab, variable_value_labels={"Kind": {1: "study ", 2: "Research", 9: "Lost"}})
    assert [(note.rule, note.field) for note in notes[1:]] == [("storage", "pid"), ("storage", "day"), ("storage", "taken"), ("labels", "kind"), ("labels", "kind")]
    assert "Research" in notes[4].message
    assert "code 9" in notes[5].message


def test_extended_missing_values_are_missing_and_kept(tmp_path, lab):
    lab["copies"] = pd.Series([1.0, "a", "z"], dtype=object)
    table, notes, _ = read(tmp_path, lab, variable_format=FORMATS, missing_user_values={"copies": ["a", "z"]}, variable_value_labels={"copies": {"a": "refused"}})
    assert [note.message for note in notes if note.rule == "missing_code"] == ["values that the file declares missing, with their number of cells: .a (refused): 1; .z: 1"]
    assert to_arrow(table).to_pandas()["copies"].isna().tolist() == [False, True, True]
    assert table.fields["copies"].status.tolist() == [1, 2, 2]
    assert unconverted(table).to_pandas().query("field == 'copies'")["raw"].tolist() == [".a", ".z"]


def test_names_that_redcap_shortened_for_stata(tmp_path):
    """`publication_information_year` has 28 characters: REDCap's own export to Stata keeps 20 of them."""
    (tmp_path / "long.csv").write_text("name,type\npid,text\npublication_information_year,integer\n")
    pyreadstat.write_dta(pd.DataFrame({"pid": ["a"], "publication_informat_v_0": [2016.0]}), tmp_path / "long.dta")
    dictionary = load_flat(tmp_path / "long.csv")
    table, notes, _ = read_statistical_flat(tmp_path / "long.dta", SOURCE, dictionary, "pid", set(dictionary.fields))
    assert table.fields["publication_information_year"].typed.tolist() == [2016.0]
    assert notes == ()


@pytest.mark.parametrize("content", [b"", b"record_id,result\nS1,20\n", "half"])
def test_files_that_are_none(tmp_path, lab, content):
    path = saved(tmp_path, lab)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if content == "half" else content)
    dictionary = load_flat(tmp_path / "lab.csv")
    with pytest.raises(ExportError, match=r"lab\.dta"):
        read_statistical_flat(path, SOURCE, dictionary, "pid", set(dictionary.fields))


@pytest.mark.skipif(not MATERIAL.is_dir(), reason="the public Stata files of haven and pyreadstat are not beside the repository")
def test_files_of_other_programs(tmp_path):
    (tmp_path / "x.csv").write_text("name,type\nvar1,integer\nvar2,integer\nvar6,number\n")
    dictionary = load_flat(tmp_path / "x.csv")
    source = Source("x", "x.dta", "stata", "x.csv", ("var1",))
    table, _, _ = read_statistical_flat(MATERIAL / "pyreadstat/missing_test.dta", source, dictionary, "var1", set(dictionary.fields))
    assert [table.fields[name].levels.raw[0] for name in ("var1", "var2", "var6")] == [".a", ".b", ".z"]
    (tmp_path / "y.csv").write_text("name,type\nvdate,date\nvdatetime,datetime\nvfloat,number\nvstr,text\n")
    dictionary = load_flat(tmp_path / "y.csv")
    table, _, _ = read_statistical_flat(MATERIAL / "haven/types.dta", source, dictionary, "vstr", set(dictionary.fields))
    frame = to_arrow(table).to_pandas()
    assert frame["vdate"].tolist() == [pd.Timestamp("1960-01-01"), pd.Timestamp("2015-12-01")]
    assert frame["vfloat"].tolist() == [3.14, 7.0]      # as typed, not as four bytes hold it
