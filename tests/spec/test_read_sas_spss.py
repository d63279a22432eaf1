"""SAS and SPSS files: dates by their formats, special and user-missing values, encodings, names of 8 characters, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from pacer_analysis.dictionary import load_flat
from pacer_analysis.errors import ExportError
from pacer_analysis.plan import Source
from pacer_analysis.read.statistical import file_summary, read_statistical_flat
from pacer_analysis.read.statisticaldates import clock_texts, moment_texts, moments, unit_of
from pacer_analysis.read.statisticaldescribe import describe_statistical
from pacer_analysis.read.tidy import to_arrow, unconverted
from tests.spec.readstat_writer import Column, write

# 1970-01-01 is 3,653 days after 1960-01-01 and 141,428 after 1582-10-14; 2020-03-26 is 18,347 days later.
SAS_DAY, SPSS_DAY = 22000.0, (141_428 + 18_347) * 86_400.0
HALF_PAST_TEN = 37_800.0


def read(path: Path, reader: str, fields: str, record: str = "pid"):
    (path.parent / "x.csv").write_text(fields, encoding="utf-8")
    dictionary = load_flat(path.parent / "x.csv")
    return read_statistical_flat(path, Source("x", path.name, reader, "x.csv", (record,)), dictionary, record, set(dictionary.fields))


@pytest.mark.parametrize(("system", "display", "unit"), [
    ("sas", "DATE9.", "d"), ("sas", "YYMMDD10", "d"), ("sas", "DDMMYYS10.", "d"), ("sas", "MMDDYY8.", "d"), ("sas", "E8601DA10.", "d"), ("sas", "B8601DA8.", "d"),
    ("sas", "MONYY7.", "d"), ("sas", "WORDDATE18.", "d"), ("sas", "JULIAN7.", "d"), ("sas", "YYQ6.", "d"), ("sas", "YEAR4.", "d"), ("sas", "NLDATE20.", "d"), ("sas", "WEEKDATX29.", "d"),
    ("sas", "DATETIME20.", "s"), ("sas", "DATETIME22.3", "s"), ("sas", "E8601DT19.", "s"), ("sas", "DTDATE9.", "s"), ("sas", "DATEAMPM22.", "s"), ("sas", "NLDATM30.", "s"),
    ("sas", "TIME8.", "t"), ("sas", "HHMM5.", "t"), ("sas", "TOD8.", "t"), ("sas", "E8601TM8.", "t"), ("sas", "TIMEAMPM11.", "t"),
    ("sas", "BEST12.", ""), ("sas", "8.2", ""), ("sas", "$20.", ""), ("sas", "", ""), ("sas", "EURO10.2", ""), ("sas", "SEXFMT.", ""), ("sas", "DOLLAR8.", ""), ("sas", "Z5.", ""),
    ("spss", "DATE11", "S"), ("spss", "ADATE10", "S"), ("spss", "EDATE10", "S"), ("spss", "JDATE5", "S"), ("spss", "SDATE10", "S"), ("spss", "QYR6", "S"), ("spss", "MOYR8", "S"),
    ("spss", "WKYR8", "S"), ("spss", "DATETIME20", "S"), ("spss", "YMDHMS16.2", "S"), ("spss", "TIME8", "t"), ("spss", "DTIME12", "t"),
    ("spss", "F8.2", ""), ("spss", "A20", ""), ("spss", "MONTH3", ""), ("spss", "WKDAY3", ""), ("spss", "DOLLAR8", ""),
])
def test_what_a_display_format_counts(system, display, unit):
    assert unit_of(system, display) == unit


@pytest.mark.parametrize(("unit", "number", "expected"), [
    ("d", 0.0, "1960-01-01"), ("d", SAS_DAY, "2020-03-26"), ("d", -1.0, "1959-12-31"), ("d", 14608.0, "1999-12-30"),
    ("s", SAS_DAY * 86_400 + HALF_PAST_TEN, "2020-03-26 10:30"), ("s", 0.0, "1960-01-01"), ("s", -1.0, "1959-12-31 23:59:59"),
    ("S", SPSS_DAY, "2020-03-26"), ("S", SPSS_DAY + HALF_PAST_TEN + 5, "2020-03-26 10:30:05"), ("S", 0.0, "1582-10-14"),
    ("d", 2936549.0, "9999-12-31"), ("d", 2936550.0, ""), ("d", 1.5, ""), ("s", 1e14, ""), ("S", 1e18, ""), ("s", float("nan"), ""),
    *((unit, number, "") for unit in "dcCwmqhysSt" for number in (1.7e308, -1.7e308, float("inf"), float("-inf"), float("nan"))),
])
def test_numbers_as_moments(unit, number, expected):
    """From 1960-01-01 to 9999-12-31 are 8,040 years of 365 days less one, and 1,950 leap days: 2,936,549."""
    assert moment_texts(moments(np.array([number]), unit)) == [expected]


def test_times_of_day():
    assert clock_texts(np.array([0.0, 37800.0, 37805.0, 86399.0, 86400.0, -1.0, 0.5, 1.7e308]), "t") == ["00:00", "10:30", "10:30:05", "23:59:59", "", "", "00:00:00.500", ""]
    assert clock_texts(np.array([37_800_000.0, 86_400_000.0]), "c") == ["10:30", ""]


FIELDS = """name,label,type,unit,min,max,codes,required,identifier
pid,Person,text,,,,,,
day,Day,date,,,,,,
taken,Taken,datetime,,,,,,
kind,Kind,coded,,,,"1, Study | 2, Routine",,
copies,Copies,number,,,,,,
clock,Clock,text,,,,,,
"""


@pytest.fixture
def sav(tmp_path) -> Path:
    frame = pd.DataFrame({"PID": ["007", "A-1", "Zoë"], "day": [SPSS_DAY, np.nan, 9e15], "taken": [SPSS_DAY + HALF_PAST_TEN, np.nan, SPSS_DAY], "kind": [1.0, 2.0, -9.0],
                          "copies": [20.5, -99.0, 150.0], "clock": [HALF_PAST_TEN, np.nan, 5.0]})
    pyreadstat.write_sav(frame, tmp_path / "x.sav", variable_format={"day": "EDATE10", "taken": "DATETIME20", "clock": "TIME8"},
                         variable_value_labels={"kind": {1: "Study", 2: "Routine", -9: "Refused"}, "copies": {-99: "not done"}},
                         missing_ranges={"kind": [-9], "copies": [-99, {"lo": 100, "hi": 200}], "PID": ["A-1"]}, column_labels={"PID": "Person"})
    return tmp_path / "x.sav"


def test_an_spss_file(sav):
    table, notes, columns = read(sav, "spss", FIELDS)
    assert columns == 6
    raw = {name: cells.levels.raw[cells.codes].tolist() for name, cells in table.fields.items()}
    assert raw == {"pid": ["007", "A-1", "Zoë"], "day": ["2020-03-26", "", "9000000000000000"], "taken": ["2020-03-26 10:30", "", "2020-03-26"], "kind": ["1", "2", "-9"],
                   "copies": ["20.5", "-99", "150"], "clock": ["10:30", "", "00:00:05"]}
    frame = to_arrow(table).to_pandas()
    assert frame["day"].tolist() == [pd.Timestamp("2020-03-26"), pd.NaT, pd.NaT]
    assert frame["taken"].tolist() == [pd.Timestamp("2020-03-26 10:30"), pd.NaT, pd.Timestamp("2020-03-26")]
    assert frame["copies"].isna().tolist() == [False, True, True]
    # blank 0, value 1, missing with a reason 2, unreadable 3
    assert {name: cells.status.tolist() for name, cells in table.fields.items()} == {"pid": [1, 2, 1], "day": [1, 0, 3], "taken": [1, 0, 1], "kind": [1, 1, 2], "copies": [1, 2, 2],
                                                                                   "clock": [1, 0, 1]}
    assert unconverted(table).to_pandas()[["field", "raw"]].to_numpy().tolist() == [["pid", "A-1"], ["day", "9000000000000000"], ["kind", "-9"], ["copies", "-99"], ["copies", "150"]]
    said = {(note.rule, note.field): note.message for note in notes}
    assert said["missing_code", "kind"] == "values that the file declares missing, with their number of cells: -9 (Refused): 1"
    assert said["missing_code", "copies"] == "values that the file declares missing, with their number of cells: -99 (not done): 1; 150: 1"
    assert ("labels", "kind") not in said       # -9 is labelled and declared missing: nothing is lacking in the dictionary
    assert file_summary(sav) == "SPSS file (.sav), little-endian"


def test_a_compressed_and_a_portable_spss_file(tmp_path):
    frame = pd.DataFrame({"PID": ["a", "b"], "DAY": [SPSS_DAY, np.nan], "COPIES": [0.1, -1e300]})
    pyreadstat.write_sav(frame, tmp_path / "x.zsav", compress=True, variable_format={"DAY": "EDATE10"})
    pyreadstat.write_por(frame.assign(COPIES=[0.125, 40.0]), tmp_path / "x.por", variable_format={"DAY": "ADATE10"})
    fields = "name,type\npid,text\nday,date\ncopies,number\n"
    for name, copies, summary in (("x.zsav", [0.1, -1e300], "SPSS compressed file"), ("x.por", [0.125, 40.0], "SPSS portable file")):
        table, notes, _ = read(tmp_path / name, "spss", fields)
        assert [note for note in notes if note.rule != "column_names"] == []
        assert table.fields["day"].levels.raw[table.fields["day"].codes].tolist() == ["2020-03-26", ""]
        assert table.fields["copies"].typed.tolist() == copies
        assert file_summary(tmp_path / name).startswith(summary)


def test_spss_text_that_is_not_in_the_declared_encoding_is_not_dropped(tmp_path):
    """The file says UTF-8 and holds `Zoë` in Windows-1252, which pyreadstat alone reads as `Zo`."""
    pyreadstat.write_sav(pd.DataFrame({"pid": ["Zoë", "b"]}), tmp_path / "x.sav")
    content = (tmp_path / "x.sav").read_bytes()
    (tmp_path / "x.sav").write_bytes(content.replace("Zoë".encode(), b"Zo\xeb "))
    table, notes, _ = read(tmp_path / "x.sav", "spss", "name,type\npid,text\n")
    assert table.fields["pid"].typed.tolist() == ["Zoë", "b"]
    assert [(note.rule, note.severity) for note in notes] == [("encoding", "warning")]


def test_an_spss_encoding_that_nobody_knows(tmp_path):
    pyreadstat.write_sav(pd.DataFrame({"pid": ["Zoë", "b"]}), tmp_path / "x.sav")
    content = (tmp_path / "x.sav").read_bytes()
    (tmp_path / "x.sav").write_bytes(content.replace(b"UTF-8", b"XYZ-9"))
    assert read(tmp_path / "x.sav", "spss", "name,type\npid,text\n")[0].fields["pid"].typed.tolist() == ["Zoë", "b"]


def test_an_spss_file_in_a_code_page(tmp_path):
    """Windows-1250, where byte F5 is o with a double acute."""
    pyreadstat.write_sav(pd.DataFrame({"pid": ["Erdxs", "b"]}), tmp_path / "x.sav")
    content = (tmp_path / "x.sav").read_bytes().replace(b"\x07\0\0\0\x14\0\0\0\x01\0\0\0\x05\0\0\0UTF-8", b"\x07\0\0\0\x14\0\0\0\x01\0\0\0\x0c\0\0\0windows-1250")
    (tmp_path / "x.sav").write_bytes(content.replace(b"Erdxs", b"Erd\xf5s"))
    table, notes, _ = read(tmp_path / "x.sav", "spss", "name,type\npid,text\n")
    assert (table.fields["pid"].typed.tolist(), notes) == (["Erdős", "b"], ())
    assert describe_statistical(tmp_path / "x.sav").encoding == "windows-1250"


SAS = [Column("PID", [b"007", b"A-1", b"caf\xc3\xa9"], width=8, label=b"Person"), Column("DAY", [SAS_DAY, "A", 1e9], "DATE9."),
       Column("TAKEN", [SAS_DAY * 86_400 + HALF_PAST_TEN, None, 1e14], "DATETIME20."), Column("KIND", [1.0, "_", 2.0]), Column("COPIES", [20.5, "Z", None], "BEST12."),
       Column("CLOCK", [HALF_PAST_TEN, None, 5.0], "TIME8.")]


@pytest.mark.parametrize(("kind", "suffix", "version", "summary", "encoding"), [
    ("sas7bdat", ".sas7bdat", 0, "SAS data set (.sas7bdat), little-endian", set()), ("xport", ".xpt", 5, "SAS transport file, version 5", {"encoding"}),
    ("xport", ".xpt", 8, "SAS transport file, version 8", {"encoding"}),
])
def test_a_sas_file(tmp_path, kind, suffix, version, summary, encoding):
    """Special missing values .A to .Z and ._ keep their letter; upper-case names are those of the dictionary."""
    path = write(tmp_path / f"x{suffix}", kind, SAS, version)
    table, notes, _ = read(path, "sas", FIELDS)
    raw = {name: cells.levels.raw[cells.codes].tolist() for name, cells in table.fields.items()}
    assert raw == {"pid": ["007", "A-1", "café"], "day": ["2020-03-26", ".A", "1000000000"], "taken": ["2020-03-26 10:30", "", "100000000000000"], "kind": ["1", "._", "2"],
                   "copies": ["20.5", ".Z", ""], "clock": ["10:30", "", "00:00:05"]}
    assert {name: cells.status.tolist() for name, cells in table.fields.items()} == {"pid": [1, 1, 1], "day": [1, 2, 3], "taken": [1, 0, 3], "kind": [1, 2, 1], "copies": [1, 2, 0],
                                                                                   "clock": [1, 0, 1]}
    assert {note.rule for note in notes} == {"column_names", "missing_code", "storage"} | encoding
    assert [note.message for note in notes if note.rule == "storage"] == ["clock is no date in the dictionary, but the file shows it with the format "
                                                                          + ("TIME8." if kind == "sas7bdat" else "TIME8")]
    assert file_summary(path) == summary
    if kind == "sas7bdat":      # a second library takes it for a .sas7bdat file too
        assert pd.read_sas(path)["COPIES"].tolist()[0] == 20.5


def test_the_encoding_of_a_transport_file_is_utf8_or_windows_1252(tmp_path):
    path = write(tmp_path / "x.xpt", "xport", [Column("PID", [b"caf\xe9", b"b"], width=8)], 5)
    table, notes, _ = read(path, "sas", "name,type\npid,text\n")
    assert table.fields["pid"].typed.tolist() == ["café", "b"]
    assert any("read as Windows-1252" in note.message for note in notes)


def test_names_of_8_characters(tmp_path):
    """RECORD_I can only be record_id; VISIT_DA only visit_date. BASELINE fits two fields, and is told by its label."""
    fields = "name,label,type\nrecord_id,Record,text\nvisit_date,Day of visit,number\nbaseline_weight,Weight,number\nbaseline_height,Height,number\n"
    columns = [Column("RECORD_I", [b"a"], width=4), Column("VISIT_DA", [1.0]), Column("BASELINE", [70.0], label=b"Weight"), Column("BASELIN2", [1.7], label=b"Height")]
    path = write(tmp_path / "x.xpt", "xport", columns, 5)
    table, notes, _ = read(path, "sas", fields, "record_id")
    assert {name: cells.typed.tolist() for name, cells in table.fields.items()} == {"record_id": ["a"], "visit_date": [1.0], "baseline_weight": [70.0]}
    # BASELIN2 begins no name: it is a column of its own
    assert {(note.rule, note.field) for note in notes} >= {("missing_column", "baseline_height"), ("unknown_column", "baselin2")}
    assert any("RECORD_I = record_id" in note.message for note in notes if note.rule == "column_names")


def test_names_of_8_characters_that_fit_two_fields_are_refused(tmp_path):
    path = write(tmp_path / "x.xpt", "xport", [Column("PID", [b"a"], width=4), Column("BASELINE", [70.0])], 5)
    with pytest.raises(ExportError, match="1 shortened names fit more than one field: BASELINE"):
        read(path, "sas", "name,type\npid,text\nbaseline_weight,number\nbaseline_height,number\n")


def test_two_data_sets_in_a_transport_file(tmp_path):
    content = write(tmp_path / "x.xpt", "xport", SAS, 5).read_bytes()
    (tmp_path / "x.xpt").write_bytes(content + content[240:])
    with pytest.raises(ExportError, match="holds 2 data sets"):
        read(tmp_path / "x.xpt", "sas", FIELDS)


@pytest.mark.parametrize("kind", ["sas7bdat", "xport5", "xport8", "sav", "zsav", "por"])
@pytest.mark.parametrize("part", [0.3, 0.7, 0.95])
def test_a_part_of_a_file_is_refused(tmp_path, kind, part, capfd):
    """200 rows of a text and a number, cut: a transport file in the middle of a record, the others anywhere."""
    columns = [Column("PID", [f"P-{row:04d}".encode() for row in range(200)], width=8), Column("COPIES", [row + 0.5 for row in range(200)])]
    suffix = {"sas7bdat": ".sas7bdat", "sav": ".sav", "zsav": ".zsav", "por": ".por"}.get(kind, ".xpt")
    path = tmp_path / f"x{suffix}"
    people, copies = (column.values for column in columns)  # noqa: PD011  # the field of a column, no data frame
    frame = pd.DataFrame({"PID": [person.decode() for person in people], "COPIES": copies})
    if kind in {"sav", "zsav"}:
        pyreadstat.write_sav(frame, path, compress=kind == "zsav")
    elif kind == "por":
        pyreadstat.write_por(frame, path)
    else:
        write(path, "sas7bdat" if kind == "sas7bdat" else "xport", columns, int(kind[-1]) if kind[-1] in "58" else 0)
    reader = "spss" if kind in {"sav", "zsav", "por"} else "sas"
    assert read(path, reader, "name,type\npid,text\ncopies,number\n")[0].rows == 200
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(ExportError, match=path.name):
        read(path, reader, "name,type\npid,text\ncopies,number\n")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(("name", "content", "reader", "words"), [
    ("x.xpt", b"**COMPRESSED** **COMPRESSED** " + bytes(500), "sas", "PROC CPORT"), ("x.sas7bdat", b"a,b\n1,2\n", "sas", "not a SAS file"),
    ("x.sav", b"", "spss", "empty"), ("x.sav", b"a,b\n1,2\n", "spss", "not a SPSS file"), ("x.por", b"x" * 600, "spss", "not a SPSS file"),
    ("x.sav", b"$FL2" + bytes(300), "spss", "not a complete SPSS file"), ("x.zsav", b"$FL3@(#) SPSS" + bytes(20), "spss", "not a complete SPSS file"),
    ("x.xpt", b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!" + b"0" * 32, "sas", "not a complete SAS transport file"),
    ("x.sas7bdat", bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011") + bytes(2000), "sas", "not a complete SAS file"),
])
def test_what_is_no_sas_or_spss_file(tmp_path, name, content, reader, words, capfd):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ExportError, match=words):
        read(tmp_path / name, reader, "name,type\npid,text\n")
    assert capfd.readouterr().err == ""


def test_a_source_with_another_reader(sav):
    with pytest.raises(ExportError, match="a SPSS file for a source with reader stata"):
        read(sav, "stata", FIELDS)


def test_description_without_a_dictionary(sav):
    file = describe_statistical(sav)
    assert (file.system, file.encoding, file.rows) == ("spss", "UTF-8", 3)
    described = {column.name: (column.label, column.storage, column.display, column.labels, column.filled, column.missing) for column in file.columns}
    assert described["PID"] == ("Person", "str4", "A4", {}, 2, {"A-1": 1})
    assert described["kind"] == ("", "double", "F8.2", {"1": "Study", "2": "Routine", "-9": "Refused"}, 2, {"-9": 1})
    assert described["copies"] == ("", "double", "F8.2", {"-99": "not done"}, 1, {"-99": 1, "150": 1})
