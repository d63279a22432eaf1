"""Every release of .dta in both byte orders, bytes by hand: numbers, missing values, labels, and files that end too early."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from pacer_analysis.dictionary import load_flat
from pacer_analysis.errors import ExportError
from pacer_analysis.plan import Source
from pacer_analysis.read.stataheader import stata_header
from pacer_analysis.read.statistical import file_summary, read_statistical_flat
from pacer_analysis.read.statisticaldescribe import describe_statistical
from tests.conftest import REPOSITORY
from tests.spec.dta_bytes import Column, Dta

MATERIAL = REPOSITORY.parent / "shared/material/stata"
RELEASES = (105, 108, 110, 111, 113, 114, 115, 117, 118, 119)
SOURCE = Source("x", "x.dta", "stata", "x.csv", ("pid",))
FIELDS = """name,label,type,unit,min,max,codes,required,identifier
pid,,text,,,,,,
kind,,coded,,,,"1, Study | 2, Routine | 3, Other",,
visits,,integer,,,,,,
copies,,number,,,,,,
weight,,number,,,,,,
seen,,date,,,,,,
"""


def read(path: Path, fields: str = FIELDS):
    (path.parent / "x.csv").write_text(fields)
    dictionary = load_flat(path.parent / "x.csv")
    return read_statistical_flat(path, SOURCE, dictionary, "pid", set(dictionary.fields))


def sample(release: int, *, big: bool) -> Dta:
    tagged, other = (".a", ".z") if release >= 113 else (".", ".")
    return Dta(release, [
        Column("pid", "str4", [b"007", b"A-1 ", b"", b"x"]),
        Column("kind", "byte", [1, tagged, 3, -127], labels="kinds"),
        Column("visits", "int", [-32767, 100, ".", 32740]),
        Column("copies", "long", [2147483620, other, 0, -5]),
        Column("weight", "float", [0.1, tagged, 16777216.0, "."]),
        Column("seen", "double", [22000.0, ".", other, -21914.0], "%td"),
    ], big, sets={"kinds": {1: b"Study", 2: b"Routine"}} if release > 105 else {})


@pytest.mark.parametrize("big", [False, True], ids=["little", "big"])
@pytest.mark.parametrize("release", RELEASES)
def test_every_release_in_both_byte_orders(tmp_path, release, big):
    """Day 22000 is 2020-03-26; 1900-01-01 is 60 years of 365 days and 14 leap days before 1960; blanks at the end of a text are part of it, except in the record id."""
    path = sample(release, big=big).save(tmp_path / "x.dta")
    header = stata_header(path)
    assert (header.release, header.big_endian, header.rows) == (release, big, 4)
    assert header.storages == ("str4", "byte", "int", "long", "float", "double")
    assert file_summary(path).startswith(f"Stata release {release} (")
    assert file_summary(path).endswith("big-endian" if big else "little-endian")
    table, notes, columns = read(path)
    assert columns == 6
    raw = {name: cells.levels.raw[cells.codes].tolist() for name, cells in table.fields.items()}
    a, z = (".a", ".z") if release >= 113 else ("", "")
    assert table.record.texts.tolist() == ["007", "A-1", "", "x"]
    assert raw == {"pid": ["007", "A-1 ", "", "x"], "kind": ["1", a, "3", "-127"], "visits": ["-32767", "100", "", "32740"], "copies": ["2147483620", z, "0", "-5"],
                   "weight": ["0.1", a, "16777216", ""], "seen": ["2020-03-26", "", z, "1900-01-01"]}
    assert table.fields["weight"].typed[0] == 0.1        # as typed, not as four bytes hold it
    assert table.fields["copies"].status.tolist() == [1, 2 if z else 0, 1, 1]
    assert {note.rule for note in notes} == ({"missing_code"} if release >= 113 else set())


@pytest.mark.parametrize(("release", "first", "last"), [(111, 101, 126), (113, None, None)])
def test_small_numbers_that_are_missing_only_since_release_113(tmp_path, release, first, last):
    """Before release 113 a byte has the values -127 to 126 and one missing value, 127; pandas takes 101 to 126 for missing too."""
    path = Dta(release, [Column("pid", "str1", [b"a", b"b"]), Column("visits", "byte", [101, 126])]).save(tmp_path / "x.dta")
    table, _, _ = read(path, "name,type\npid,text\nvisits,integer\n")
    values = table.fields["visits"].typed.tolist()
    assert [None if math.isnan(value) else value for value in values] == [first, last]
    if release == 113:      # the same bytes are now . and .y
        assert table.fields["visits"].levels.raw[table.fields["visits"].codes].tolist() == ["", ".y"]


@pytest.mark.parametrize("release", [113, 115, 117, 118])
def test_all_26_extended_missing_values_with_their_labels(tmp_path, release):
    letters = "abcdefghijklmnopqrstuvwxyz"
    tags = [f".{letter}" for letter in letters]
    path = Dta(release, [Column("pid", "str2", [letter.encode() for letter in letters]), Column("copies", "double", tags, labels="why"),
                         Column("visits", "int", tags), Column("weight", "float", tags)], sets={"why": {".a": b"refused", ".z": b"lost"}}).save(tmp_path / "x.dta")
    table, notes, _ = read(path, "name,type\npid,text\ncopies,number\nvisits,integer\nweight,number\n")
    for name in ("copies", "visits", "weight"):
        cells = table.fields[name]
        assert cells.levels.raw[cells.codes].tolist() == tags
        assert set(cells.status.tolist()) == {2}
    said = {note.field: note.message for note in notes}
    assert said["copies"].startswith("values that the file declares missing, with their number of cells: .a (refused): 1; .b: 1;")
    file = describe_statistical(path)
    assert file.columns[1].labels == {".a": "refused", ".z": "lost"}
    assert file.columns[1].missing == dict.fromkeys(tags, 1)
    assert file.columns[1].filled == 0


def test_a_letter_is_a_tag_only_in_a_numeric_column(tmp_path):
    """A text `a` stays the text it is."""
    path = Dta(118, [Column("pid", "str1", [b"a", b"."]), Column("copies", "byte", [".a", 1])]).save(tmp_path / "x.dta")
    table, _, _ = read(path, "name,type\npid,text\ncopies,number\n")
    assert table.fields["pid"].status.tolist() == [1, 1]
    assert table.fields["pid"].typed.tolist() == ["a", "."]
    assert table.fields["copies"].status.tolist() == [2, 1]


@pytest.mark.parametrize("release", [102, 103, 104, 106, 112, 116])
def test_releases_that_are_refused_with_a_sentence(tmp_path, release):
    path = sample(113, big=False).save(tmp_path / "x.dta")
    content = bytearray(path.read_bytes())
    content[0] = release
    path.write_bytes(bytes(content))
    with pytest.raises(ExportError, match=rf"release {release}|not a") as refusal:
        read(path)
    assert "save it again" in str(refusal.value)


@pytest.mark.parametrize("release", [113, 115, 118])
@pytest.mark.parametrize("part", [0.0, 0.02, 0.5, 0.9])
def test_a_part_of_a_file_is_refused(tmp_path, release, part, capfd):
    content = sample(release, big=False).save(tmp_path / "x.dta").read_bytes()
    path = tmp_path / "x.dta"
    data_end = stata_header(path).data_at + 4 * sum(stata_header(path).widths)
    path.write_bytes(content[: int(data_end * part)])
    with pytest.raises(ExportError, match=r"x\.dta"):
        read(path)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(("name", "content", "words"), [
    ("x.dta", b"pid,kind\nA,1\n", "not a Stata file"), ("x.dta", b"$FL2@(#) SPSS DATA FILE" + bytes(500), "SPSS"), ("x.dta", b"", "empty"),
    ("x.dta", b"PK\3\4" + bytes(60), "not a Stata file"), ("x.dta", b"<html>", "not a Stata file"), ("x.dta", bytes(5000), "not a Stata file"),
])
def test_what_is_no_stata_file(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ExportError, match=words):
        read(tmp_path / name)


def test_a_stata_file_under_another_suffix(tmp_path):
    path = sample(118, big=False).save(tmp_path / "x.sav")
    with pytest.raises(ExportError, match="the name says SPSS, but it is a Stata file"):
        read(path)


def test_more_rows_than_the_file_can_hold(tmp_path):
    """A header that promises two billion rows is refused before memory is set aside for them."""
    path = sample(113, big=False).save(tmp_path / "x.dta")
    content = bytearray(path.read_bytes())
    content[6:10] = (2_000_000_000).to_bytes(4, "little")
    path.write_bytes(bytes(content))
    with pytest.raises(ExportError, match="ends before the last of its 2000000000 rows"):
        read(path)


@pytest.mark.parametrize("release", [105, 113, 118])
def test_no_rows(tmp_path, release):
    columns = [Column("pid", "str4", []), Column("kind", "byte", []), Column("visits", "int", []), Column("copies", "long", []), Column("weight", "float", []),
               Column("seen", "double", [], "%td")]
    table, _, columns_read = read(Dta(release, columns).save(tmp_path / "x.dta"))
    assert (table.rows, columns_read) == (0, 6)


def test_label_sets_shared_unattached_and_in_two_languages(tmp_path):
    """Two columns share `yes`; `yes_es` belongs to another language and is attached to none; two codes have one text."""
    path = Dta(118, [Column("pid", "str1", [b"a"]), Column("kind", "byte", [3], labels="yes"), Column("visits", "byte", [99], labels="yes")],
               sets={"yes": {1: b"Study", 2: b"Routine", 3: b"Study"}, "yes_es": {1: "Estudio clínico".encode()}}).save(tmp_path / "x.dta")
    file = describe_statistical(path)
    assert [column.labels for column in file.columns] == [{}, {"1": "Study", "2": "Routine", "3": "Study"}, {"1": "Study", "2": "Routine", "3": "Study"}]
    assert file.spare_labels == ("yes_es",)
    table, notes, _ = read(path, 'name,type,codes\npid,text,\nkind,coded,"1, Study | 2, Routine | 3, Other"\nvisits,integer,\n')
    assert table.fields["kind"].typed.tolist() == ["3"]
    assert [(note.rule, note.field) for note in notes] == [("labels", "kind"), ("labels", "visits")]
    assert "'Study', the dictionary as 'Other'" in notes[0].message


def test_codes_with_a_leading_zero_and_codes_that_are_no_whole_number(tmp_path):
    """Stata keeps 2 for the code 02 and 9.9 for 9.9; labels can stand on whole numbers only."""
    path = Dta(118, [Column("pid", "str1", [b"a", b"b", b"c"]), Column("kind", "double", [2.0, 9.9, 1.0], labels="k")], sets={"k": {1: b"One", 2: b"Two"}}).save(tmp_path / "x.dta")
    table, notes, _ = read(path, 'name,type,codes\npid,text,\nkind,coded,"01, One | 02, Two | 9.9, Unknown"\n')
    assert table.fields["kind"].typed.tolist() == ["02", "9.9", "01"]
    assert notes == ()


@pytest.mark.skipif(not MATERIAL.is_dir(), reason="the public Stata files of haven and pyreadstat are not beside the repository")
@pytest.mark.parametrize(("name", "release", "rows", "missing"), [
    ("haven/tagged-na-double.dta", 118, 8, {".a": 1, ".h": 1, ".z": 1}), ("haven/tagged-na-int.dta", 118, 8, {".a": 1, ".h": 1, ".z": 1}),
    ("haven/notes.dta", 115, 5, {}), ("haven/types.dta", 117, 2, {}), ("haven/datetime-d.dta", 115, 1, {}), ("pyreadstat/sample.dta", 117, 5, {}),
    ("pyreadstat/missing_test.dta", 117, 1, {".a": 1}),
])
def test_the_public_files(name, release, rows, missing):
    """The rows and the tags of the first column are those that the two projects state of their files."""
    file = describe_statistical(MATERIAL / name)
    assert file.format.startswith(f"Stata release {release} ")
    assert (file.rows, file.columns[0].missing, file.notes) == (rows, missing, ())
