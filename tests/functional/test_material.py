"""Every real export against what a second author counted in the file before the reader met it (tests/independent/material_expected.py)."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np
import pytest

from pacer_analysis import errors
from pacer_analysis.dictionary import load_any
from pacer_analysis.errors import PacerError
from pacer_analysis.read.convert import UNREADABLE
from pacer_analysis.read.export import Options, read_export
from pacer_analysis.read.statisticaldescribe import describe_statistical
from pacer_analysis.validate.alone import run
from tests.independent.material_expected import EXCUSED, MADE, PROJECTS, REFUSED, STATA, expected
from tests.independent.material_tables import comparable, folder, tables

MATERIAL = folder()
pytestmark = pytest.mark.skipif(not MATERIAL.is_dir(), reason="the real exports are not beside the repository")
RULES = {"type": ("type",), "choice": ("choice",), "range": ("range",), "required": ("required",), "hidden": ("hidden",), "calc": ("calculation",),
         "column": ("unknown_column", "missing_column"), "choices": ("dictionary",), "duplicate": ("duplicate_row", "key")}
READ = [(name, kind) for name in PROJECTS for kind in ("data", "xml") if expected(name)[kind] and not (kind == "data" and (expected(name)["data"], "export", expected(name)["dictionary"]) in REFUSED)]
# A survey whose timestamp says `[not completed]` was opened, with nothing filled in: the row is kept, so that this cell has a place.
OPENED = {"survey": {"participant_morale_questionnaire": 1}}


def of(name: str, kind: str) -> dict:
    """What is expected of one file of a project."""
    found = expected(name)
    if kind == "data":
        return found
    changes = found["xml_differs"]
    return found | {key: value for key, value in changes.items() if key != "cells"} | {"cells": found["cells"] | changes.get("cells", {})}


@cache
def read(name: str, kind: str, *, own: bool = True):
    """A file by its own dictionary; the CSV by the project XML too, which knows the events."""
    found = expected(name)
    dictionary = found["xml"] if kind == "xml" or not own else found["dictionary"]
    return read_export(MATERIAL / found[kind], load_any(MATERIAL / dictionary))


def cells(reading) -> dict[tuple, str]:
    """(record, event, form, instance, column) -> raw text."""
    held = {}
    for table in reading.tables:
        keys = list(zip(table.record.texts, table.event.texts, table.instance, strict=True))
        for column, values in table.fields.items():
            for (record, event, instance), text in zip(keys, values.levels.raw[values.codes], strict=True):
                held[str(record), str(event), table.form, int(instance), column] = str(text)
    return held


def has(name: str, kind: str) -> bool:
    return bool(expected(name)["events"]) and kind == "data"


# Each file by its own dictionary, and each CSV by the project XML too. A CSV whose mapping is only in the XML is read by its own dictionary below.
BY_DICTIONARY = [(name, kind, own) for name, kind in READ for own in (True, False) if not (own and has(name, kind)) and (own or (kind == "data" and expected(name)["xml"]))]


@pytest.mark.parametrize(("name", "kind", "own"), BY_DICTIONARY)
def test_records_forms_and_rows(name, kind, own):
    want, reading = of(name, kind), read(name, kind, own=own)
    assert list(reading.dictionary.dictionary.forms) == list(want["fields"])
    assert {form: len(fields) for form, fields in reading.dictionary.dictionary.forms.items()} == (expected(name)["fields"] if kind == "data" or "fields" not in want else want["fields"])
    assert reading.record == want["record_id"]
    rows = want["rows"] | want["rows_without_id"] | OPENED.get(name, {})      # a form is not opened by the record id alone
    assert {table.form: table.rows for table in reading.tables} == rows
    if kind == "data":
        assert (reading.rows, reading.columns) == (want["flat_rows"], want["columns"])
    for form, keys in want["keys"].items():
        table = next(each for each in reading.tables if each.form == form)
        assert [(str(record), str(event), int(instance)) for record, event, instance in zip(table.record.texts, table.event.texts, table.instance, strict=True)] == list(keys) or \
            sorted(keys) == sorted((str(record), str(event), int(instance)) for record, event, instance in zip(table.record.texts, table.event.texts, table.instance, strict=True))
    for form, events in want["by_event"].items():
        table = next(each for each in reading.tables if each.form == form)
        names, counts = np.unique(table.event.texts.astype(str), return_counts=True)
        assert dict(zip(names.tolist(), counts.tolist(), strict=True)) == events


@pytest.mark.parametrize("name", [name for name, kind in READ if has(name, kind)])
def test_without_a_mapping_the_rows_are_the_same_and_the_inference_is_noticed(name):
    reading, want = read(name, "data"), expected(name)
    assert {table.form: table.rows for table in reading.tables} == want["rows"] | want["rows_without_id"]
    assert reading.structure is not None
    assert any("was taken for the mapping" in note.message for note in reading.notes)


@pytest.mark.parametrize(("name", "kind"), READ)
def test_tricky_cells_are_as_in_the_file(name, kind):
    want, held = of(name, kind), cells(read(name, kind, own=False))
    forms = {key[:4] for key in held}
    for key, text in want["cells"].items():
        if key[:4] in forms and not key[4].endswith("_timestamp"):
            # An XML writes T between date and time; the reader gives what a CSV has.
            assert " ".join(held[key].replace("T", " ").split()) == " ".join(text.replace("T", " ").split()), key
    for key, length in want["lengths"].items():
        if kind == "data" and key in held:
            assert len(held[key]) == length, key
    for key, number in want["typed"].items():
        table = next(each for each in read(name, kind, own=False).tables if each.form == key[2])
        row = next(place for place, (record, event, instance) in enumerate(zip(table.record.texts, table.event.texts, table.instance, strict=True))
                   if (str(record), str(event), int(instance)) == (key[0], key[1], key[3]))
        assert table.fields[key[4]].typed[row] == pytest.approx(number, abs=0)


@pytest.mark.parametrize(("name", "kind"), [place for place in READ if place[1] == "data"])      # the lines are those of the CSV
def test_what_does_not_conform_is_found_and_nothing_else(name, kind):
    found = {}
    for table in read(name, kind).tables:
        for column, values in table.fields.items():
            rows = np.flatnonzero(values.status == UNREADABLE)
            if len(rows):
                found[table.form, column] = tuple(int(line) for line in table.line[rows])
    assert found == {place: tuple(lines) for place, lines in of(name, kind)["nonconforming"].items()}


@pytest.mark.parametrize("name", [name for name in PROJECTS if ("data" and expected(name)["data"]) and expected(name)["xml"] and (name, "data") in READ])
def test_csv_and_xml_give_the_same_tables(name):
    left, right = cells(read(name, "data", own=False)), cells(read(name, "xml"))
    excused = set(EXCUSED.get(name, {}))

    def kept(held: dict) -> dict:
        return {key: " ".join(text.split()) for key, text in held.items() if (key[2], key[4]) not in excused and ("*", key[4]) not in excused and (key[2], "*") not in excused}

    one, two = kept(left), kept(right)
    shared = {key[:4] for key in one} & {key[:4] for key in two}
    assert {key: text for key, text in one.items() if key[:4] in shared} == {key: text for key, text in two.items() if key[:4] in shared}
    only = {key[:4] for key in (*one, *two)} - shared
    assert not only or name == "validation-types-1"      # its CSV was exported before its one record was filled


def test_the_flat_tables_beside_the_repeating_events_are_reproduced():
    held = cells(read("repeating-events", "xml"))
    for form, table in tables(MATERIAL).items():
        for (record, event, instance), row in table.items():
            for column, text in row.items():
                assert comparable(column, held[record, event, form, instance, column]) == comparable(column, text)
        assert len({key[:4] for key in held if key[2] == form}) == len(table)


@pytest.mark.parametrize("place", sorted(REFUSED, key=str))
def test_what_is_no_export_or_no_dictionary_is_refused(place):
    file, role, dictionary = place
    kind, words = REFUSED[place]
    known = None if role == "dictionary" else load_any(MATERIAL / dictionary)
    with pytest.raises(getattr(errors, kind) if kind else PacerError) as caught:
        load_any(MATERIAL / file) if known is None else read_export(MATERIAL / file, known)
    assert caught.value.do
    assert kind is None or any(word in str(caught.value) for word in words) or "JSON" in str(caught.value) or "dictionary" in str(caught.value), str(caught.value)


@pytest.mark.parametrize("body", sorted(MADE))
def test_a_body_that_is_no_export_is_refused_or_read_for_what_it_is(tmp_path, body):
    file = tmp_path / "data.csv"
    file.write_text(body)
    dictionary = load_any(MATERIAL / "redcap/redcapr/nonnumeric-record-id/dictionary.csv")
    if body.startswith("record_id"):      # record ids alone are an export of nothing else: no row of a form, and every field said to be missing
        reading = read_export(file, dictionary)
        assert all(table.rows == 0 for table in reading.tables)
        assert any(note.rule == "missing_column" for note in reading.notes)
        return
    with pytest.raises(errors.ExportError):
        read_export(file, dictionary)


@pytest.mark.parametrize(("name", "kind"), READ)
def test_no_false_finding(tmp_path, name, kind):
    found = expected(name)
    run(MATERIAL / found[kind], MATERIAL / (found["xml"] if kind == "xml" or found["events"] else found["dictionary"]), tmp_path, options=Options(), day=None,
        corrections=None, accepted=None, previous=None)
    with (tmp_path / "queries.csv").open(encoding="utf-8", newline="") as handle:
        queries = list(csv.DictReader(handle))
    for rule, form, field in of(name, kind)["never"]:
        wrong = [query for query in queries if query["rule"] in RULES[rule] and form in {"*", query["instrument"]} and field in {"*", query["field"]}
                 and not (rule == "choices" and "choice" not in query["message"])]
        assert wrong == [], (rule, form, field)
    assert [query for query in queries if query["rule"] == "unknown_column"] == []
    assert {(query["instrument"], query["field"]) for query in queries if query["rule"] == "required"} == set(found["required_blank"])


@pytest.mark.parametrize("path", sorted(STATA))
def test_stata_files(path):
    want, found = STATA[path], describe_statistical(MATERIAL / path)
    assert str(want["release"]) in found.format
    assert found.rows == want["rows"]
    assert {each.name: each.display for each in found.columns} == {name: display for name, (_, display) in want["columns"].items()}
    assert {each.name: each.label for each in found.columns if each.label} == want["variable_labels"]
    for column, labels in want["value_labels"].items():
        each = next(one for one in found.columns if one.name == column)
        assert each.labels == {str(code if not isinstance(code, float) else int(code) if code == int(code) else code): label for code, label in labels.items()}
    for name in want["columns"]:
        each = next(one for one in found.columns if one.name == name)
        tags = [tag for (column, _), (tag, _) in want["tags"].items() if column == name]
        assert each.missing == {tag: tags.count(tag) for tag in tags}
        assert each.filled == sum(value is not None and value != "" for value in want["values"][name])
