"""The text of Stata files: encodings that nobody declares, long strings, binary content; and the cross-check with a second library."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacer_analysis.dictionary import load_flat
from pacer_analysis.errors import ExportError
from pacer_analysis.plan import Source
from pacer_analysis.read import stata
from pacer_analysis.read.statistical import read_statistical_flat
from pacer_analysis.read.statisticaldescribe import describe_statistical
from pacer_analysis.read.statisticaltext import decoded
from tests.spec.dta_bytes import Column, Dta

SOURCE = Source("x", "x.dta", "stata", "x.csv", ("pid",))


def read(path: Path, fields: str = "name,type\npid,text\n"):
    (path.parent / "x.csv").write_text(fields, encoding="utf-8")
    dictionary = load_flat(path.parent / "x.csv")
    return read_statistical_flat(path, SOURCE, dictionary, "pid", set(dictionary.fields))


def texts(path: Path) -> list[str]:
    return read(path)[0].fields["pid"].typed[:].tolist()


UTF8, WINDOWS = "Müller €".encode(), "Müller €".encode("cp1252")


@pytest.mark.parametrize("release", [108, 113, 115, 117])
@pytest.mark.parametrize(("content", "encoding", "rule"), [(UTF8, "UTF-8", "its text is UTF-8"), (WINDOWS, "Windows-1252", "read as Windows-1252")], ids=["utf8", "windows"])
def test_before_release_118_utf8_is_tried_first(tmp_path, release, content, encoding, rule):
    path = Dta(release, [Column("pid", "str20", [content, b"plain"], label=content, labels="k"), Column("kind", "byte", [1, 1], labels="k")],
               label=content, sets={"k": {1: content}}, notes=[(b"_dta", b"note0", b"1"), (b"_dta", b"note1", content)]).save(tmp_path / "x.dta")
    assert texts(path) == ["Müller €", "plain"]
    assert next(note.message for note in read(path)[1] if note.rule == "encoding").endswith(rule)
    file = describe_statistical(path)
    assert (file.encoding, file.columns[0].label, file.columns[1].labels) == (encoding, "Müller €", {"1": "Müller €"})


@pytest.mark.parametrize("release", [118, 119])
def test_since_release_118_text_is_utf8_and_what_is_not_is_told(tmp_path, release):
    path = Dta(release, [Column("pid", "str20", [UTF8, WINDOWS, b"plain"], label=WINDOWS)]).save(tmp_path / "x.dta")
    assert texts(path) == ["Müller €", "Müller €", "plain"]
    notes = [note for note in read(path)[1] if note.rule == "encoding"]
    assert [(note.severity, note.message) for note in notes] == [("warning", "1 text is not in UTF-8, as the file declares, and read as Windows-1252")]
    proper = Dta(release, [Column("pid", "str20", [UTF8, "名前".encode()])]).save(tmp_path / "x.dta")
    assert texts(proper) == ["Müller €", "名前"]
    assert read(proper)[1] == ()


def test_a_character_cut_by_the_width_of_the_column(tmp_path):
    """`Zoë` cut after 3 bytes loses half of ë: the rest is kept, the half is marked; among Windows text the same byte is a letter."""
    path = Dta(115, [Column("pid", "str3", ["Zoë".encode()[:3], "ë".encode()])]).save(tmp_path / "x.dta")
    assert texts(path) == ["Zo\ufffd", "ë"]
    assert "cut within the last character" in read(path)[1][-1].message
    path = Dta(115, [Column("pid", "str3", [b"Zo\xeb", b"\xe4"])]).save(tmp_path / "x.dta")
    assert texts(path) == ["Zoë", "ä"]


def test_every_byte_of_windows_1252_is_some_character():
    """The five bytes that Windows-1252 leaves undefined stay control characters: nothing is dropped, nothing fails."""
    whole = decoded(["".join(chr(code) for code in range(128, 256))])
    assert whole.windows == 1
    assert whole.texts[0][:3] == "€\x81‚"
    assert len(whole.texts[0]) == 128


@pytest.mark.parametrize("big", [False, True], ids=["little", "big"])
@pytest.mark.parametrize("release", [117, 118, 119])
def test_long_strings(tmp_path, release, big, capfd):
    """A note of 5,000 characters, a blank, one in Windows-1252, and the first bytes of a PNG, which no text can hold."""
    long = "né ".encode() * 1250
    path = Dta(release, [Column("pid", "strL", [long, b"", b"caf\xe9", (b"\x89PNG\r\n\x1a\n\0", 129), (b"only marked as binary", 129)]), Column("n", "byte", [1, 2, 3, 4, 5])], big).save(tmp_path / "x.dta")
    table, notes, _ = read(path, "name,type\npid,text\nn,integer\n")
    assert table.fields["pid"].typed.tolist() == [long.decode(), "", "café", "binary:89504e470d0a1a0a00", "only marked as binary"]
    assert table.fields["n"].typed.tolist() == [1, 2, 3, 4, 5]
    assert [note.message for note in notes if note.field == "pid"] == ["1 of the long texts are no text but binary; they are kept as their bytes in hexadecimal"]
    assert capfd.readouterr().err == ""


def test_a_long_string_that_is_not_in_the_file(tmp_path):
    path = Dta(118, [Column("pid", "strL", [b"text", b"more"])]).save(tmp_path / "x.dta")
    path.write_bytes(path.read_bytes().replace(b"GSO\1\0\0\0\2", b"GSO\1\0\0\0\3"))
    with pytest.raises(ExportError, match="not a complete Stata file"):
        read(path)


def two_columns(folder: Path, release: int = 118) -> Path:
    return Dta(release, [Column("pid", "str2", [b"P1", b"P2"]), Column("copies", "double", [20.5, 40.0], labels="k")], sets={"k": {40: b"limit  ", 20: b"low", 21: b"low"}}).save(folder / "x.dta")


FIELDS = "name,type\npid,text\ncopies,number\n"


@pytest.mark.parametrize("release", [105, 110, 115, 118])
@pytest.mark.parametrize(("key", "place", "value"), [("copies", 0, 20.500001), ("copies", 1, None), ("copies", 1, "a"), ("pid", 1, "P3"), ("pid", 0, "")])
def test_a_cell_that_the_second_library_reads_differently_refuses_the_file(tmp_path, monkeypatch, release, key, place, value):
    """One cell changed on its way through the first library: the error names the column and not the value."""
    path = two_columns(tmp_path, release)
    real = stata._read

    def changed(path, **options):
        block, meta = real(path, **options)
        if block.get(key):
            block[key][place] = value
        return block, meta

    monkeypatch.setattr(stata, "_read", changed)
    with pytest.raises(ExportError, match=f"disagree on the column {key}") as refusal:
        read(path, FIELDS)
    assert "P3" not in str(refusal.value)
    assert "20.5" not in str(refusal.value)


@pytest.mark.parametrize("change", [{"limit": "other"}, {}], ids=["text", "code"])
def test_value_labels_that_differ_refuse_the_file(tmp_path, monkeypatch, change):
    path = two_columns(tmp_path)
    real = stata._read

    def changed(path, **options):
        block, meta = real(path, **options)
        meta.value_labels = {name: {code: change.get(text, text) for code, text in labels.items() if change or code != 40} for name, labels in meta.value_labels.items()}
        return block, meta

    assert read(path, FIELDS)[0].rows == 2     # spaces at the end of a label and a text that two codes share are no difference
    monkeypatch.setattr(stata, "_read", changed)
    with pytest.raises(ExportError, match="disagree on the value labels k"):
        read(path, FIELDS)


def test_a_file_that_only_one_library_reads_is_read_with_a_warning(tmp_path, monkeypatch):
    def broken(*_, **__):
        raise ValueError("secret value 20.5")

    path = two_columns(tmp_path)
    monkeypatch.setattr("pandas.read_stata", broken)
    table, notes, _ = read(path, FIELDS)
    assert table.fields["copies"].typed.tolist() == [20.5, 40.0]
    assert [(note.rule, note.severity) for note in notes if note.rule == "crosscheck"] == [("crosscheck", "warning")]
    assert not any("secret" in note.message for note in notes)


def test_only_wanted_columns_become_values(tmp_path, monkeypatch):
    """What is sealed is read by neither library."""
    path = Dta(118, [Column("pid", "str2", [b"P1"]), Column("arm", "str1", [b"A"]), Column("long", "strL", [b"A"]), Column("copies", "double", [1.0])]).save(tmp_path / "x.dta")
    asked: list[list[str]] = []
    real = stata._read

    def watched(path, **options):
        asked.append(options.get("usecols", []))
        return real(path, **options)

    monkeypatch.setattr(stata, "_read", watched)
    monkeypatch.setattr(stata, "read_long_strings", lambda _path, _header, places: asked.append(places) or {})
    (tmp_path / "x.csv").write_text("name,type\npid,text\narm,text\nlong,text\ncopies,number\n")
    dictionary = load_flat(tmp_path / "x.csv")
    table, _, _ = read_statistical_flat(path, SOURCE, dictionary, "pid", {"pid", "copies"})
    assert list(table.fields) == ["pid", "copies"]
    assert [each for each in asked if each] == [["pid", "copies"]]


def test_blocks_of_rows_are_put_together(tmp_path, monkeypatch):
    """Tags in one block only, a text that is new in the last, numbers that come back."""
    monkeypatch.setattr(stata, "CELLS_A_BLOCK", 4)
    path = Dta(115, [Column("pid", "str1", [b"a", b"b", b"a", b"c", b"a"]), Column("copies", "long", [1, 2, ".b", ".", 1])]).save(tmp_path / "x.dta")
    table, _, _ = read(path, FIELDS)
    assert table.fields["pid"].typed.tolist() == ["a", "b", "a", "c", "a"]
    cells = table.fields["copies"]
    assert cells.levels.raw[cells.codes].tolist() == ["1", "2", ".b", "", "1"]
