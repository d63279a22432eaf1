"""The literals of material_expected agree with the raw files, counted here with csv, ElementTree and the bytes of a header; no package code is involved."""

from __future__ import annotations

import csv
import datetime as dt
import re
import struct
from collections import Counter

import pytest

from tests.independent import material_tables
from tests.independent.material_expected import DICTIONARY_CELLS, EXCUSED, FLAT, MADE, PROJECTS, REFUSED, STATA, TABLES_BESIDE, VALIDATIONS, expected
from tests.independent.material_raw import FULL, MATERIAL, PAIRS, attributes, csv_items, local, of, root, used, xml_fields, xml_items

pytestmark = pytest.mark.skipif(not MATERIAL.is_dir(), reason="the real exports are not here: set PACER_MATERIAL to their folder")
SYSTEM = ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance")


@pytest.mark.parametrize("project", PAIRS)
def test_dictionary_csv(project):
    literal = expected(project)
    with (MATERIAL / literal["dictionary"]).open(newline="", encoding="utf-8-sig") as file:
        header, *lines = csv.reader(file)
    assert len(header) == 18
    assert header[0] == "Variable / Field Name"
    assert {len(line) for line in lines} == {18}
    assert lines[0][0] == literal["record_id"]
    assert list(Counter(line[1] for line in lines).items()) == list(literal["fields"].items())
    assert Counter(line[3] for line in lines) == literal["types"]
    assert sum(line[10] == "y" for line in lines) == literal["identifiers"]
    assert not any(line[12] for line in lines)  # no field is required in any of these projects
    assert {(line[1], line[0]) for line in lines if line[11]} == set(literal["shown"])
    for (owner, field, attribute), value in DICTIONARY_CELLS.items():
        if owner == project:
            (line,) = (line for line in lines if line[0] == field)
            column = {"label": 4, "choices": 5, "calculation": 5, "minimum": 8, "maximum": 9, "branching": 11, "matrix_group": 15}[attribute]
            text = line[column]
            assert (dict(re.split(r"\s*,\s*", part.strip(), maxsplit=1) for part in text.split("|")) if attribute == "choices" else text) == value
    if project == "validation-types-1":
        assert tuple(line[7] for line in lines if line[3] == "text" and line[7]) == VALIDATIONS


@pytest.mark.parametrize("project", sorted(PROJECTS))
def test_project_xml(project):
    literal = expected(project)
    assert {form: len(fields) for form, fields in xml_fields(project).items()} == literal["fields"]
    assert Counter(kind for fields in xml_fields(project).values() for kind in fields.values()) == literal["types"]
    assert len({a["Variable"] for a in of(project, "ItemDef") if a.get("Identifier") == "y"}) == literal["identifiers"]
    groups = {group for a in of(project, "ItemData") if a["ItemOID"] == "redcap_data_access_group" for group in [a["Value"]]}
    assert groups == set(literal["dags"])
    (metadata,) = of(project, "MetaDataVersion")
    assert metadata["RecordIdField"] == literal["record_id"]
    events = {a["UniqueEventName"]: (int(a["DayOffset"]), int(a["OffsetMin"]), int(a["OffsetMax"])) for a in of(project, "StudyEventDef")}
    assert list(events.items()) == list(literal["events"].items())
    mapping = {attributes(e)["UniqueEventName"]: tuple(attributes(f)["FormName"] for f in e) for e in root(project).iter() if local(e) == "StudyEventDef"}
    assert {event: mapping[event] for event in literal["mapping"]} == literal["mapping"]
    repeating = of(project, "RepeatingEvent") + of(project, "RepeatingInstrument")
    assert {(a["UniqueEventName"] if events else "", a.get("RepeatInstrument", "")) for a in repeating} == set(literal["repeating"])
    assert not [e.text for e in root(project).iter() if local(e) == "MissingDataCodes" and e.text]
    required = {a["Variable"] for a in of(project, "ItemDef") if a.get("RequiredField") == "y"}
    assert required == {field for fields in literal["required"].values() for field in fields}
    assert all(set(fields) <= set(xml_fields(project)[form]) for form, fields in literal["required"].items())
    assert {a["Variable"] for a in of(project, "ItemDef") if a.get("BranchingLogic")} == {field for _, field in literal["shown"]}
    pseudo = [a["OID"] for a in of(project, "ItemDef") if "FieldType" not in a]
    named = literal["xml_differs"].get("no_field", literal["no_field"])
    assert set(pseudo) == set(named) - set(SYSTEM)


@pytest.mark.parametrize("project", sorted(PROJECTS))
def test_rows_of_the_xml(project):
    literal = expected(project)
    items = xml_items(project)
    keep = [key for key, cells in items.items() if key[3] or used(project, key[2], cells)]
    rows = Counter(key[2] for key in keep)
    assert {form: rows[form] for form in literal["fields"]} == literal["xml_differs"].get("rows", literal["rows"])
    bare = Counter(key[2] for key, cells in items.items() if key[3] or used(project, key[2], cells, by_id=False))
    assert {form: bare[form] for form in rows if bare[form] != rows[form]} == literal["xml_differs"].get("rows_without_id", literal["rows_without_id"])
    assert len({key[0] for key in items}) == literal["records"]
    for form, keys in literal["keys"].items():
        assert {(r, e, i) for r, e, f, i in keep if f == form} == set(keys)
    for form, counts in literal["by_event"].items():
        assert Counter(e for _, e, f, _ in keep if f == form) == counts
    if not literal["data"]:
        own = {(e, f) for e, f in literal["repeating"] if f}
        assert len({(r, e, f if (e, f) in own else "", i) for r, e, f, i in items}) == literal["flat_rows"]
    cells = ({} if literal["data"] else literal["cells"]) | literal["xml_differs"].get("cells", {})
    assert {key: items[key[:4]].get(key[4], "") for key in cells} == cells
    for form, fields in literal["required"].items():
        assert all(items[key].get(field) for key in keep if key[2] == form for field in fields)


@pytest.mark.parametrize("project", FULL)
def test_rows_of_the_csv(project):
    literal = expected(project)
    rows = material_tables.rows(MATERIAL / literal["data"])
    assert (len(rows), len(rows[0]), len({row[literal["record_id"]] for row in rows})) == (literal["flat_rows"], literal["columns"], literal["records"])
    names = {field for fields in xml_fields(project).values() for field in fields} | {f"{form}_complete" for form in literal["fields"]}
    assert tuple(column for column in rows[0] if column.split("___")[0] not in names) == literal["no_field"]
    items = csv_items(project)
    counts = Counter(key[2] for key, cells in items.items() if key[3] or used(project, key[2], cells))
    assert {form: counts[form] for form in literal["fields"]} == literal["rows"]
    bare = Counter(key[2] for key, cells in items.items() if key[3] or used(project, key[2], cells, by_id=False))
    assert {form: bare[form] for form in counts if bare[form] != counts[form]} == literal["rows_without_id"]
    assert {key: items[key[:4]][key[4]] for key in literal["cells"]} == literal["cells"]
    assert {key: len(items[key[:4]][key[4]]) for key in literal["lengths"]} == literal["lengths"]
    assert {key: float(literal["cells"][key].replace(",", ".")) for key in literal["typed"]} == literal["typed"]
    for group, records in literal["dags"].items():
        assert tuple(row[literal["record_id"]] for row in rows if row["redcap_data_access_group"] == group) == records
    for (_, field), lines in literal["nonconforming"].items():
        assert tuple(number for number, row in enumerate(rows, 2) if re.search("[a-z]", row[field])) == lines


@pytest.mark.parametrize("project", FULL)
def test_csv_and_xml_differ_only_where_excused(project):
    theirs, ours = xml_items(project), csv_items(project)
    assert set(theirs) <= set(ours)
    differing = {(key[2], column) for key, cells in ours.items() for column, text in cells.items() if column != expected(project)["record_id"]
                 if text != re.sub(r"(?<=^\d{4}-\d\d-\d\d)T", " ", theirs.get(key, {}).get(column, ""))}
    assert differing == set(EXCUSED[project])
    for (form, column), reason in EXCUSED[project].items():
        if "white space" in reason:
            assert all(cells[column].split() == theirs.get(key, {}).get(column, "").split() for key, cells in ours.items() if key[2] == form)


def test_the_other_tools_tables_are_those_of_the_xml():
    items, written = xml_items("repeating-events"), Counter()
    for form, table in material_tables.tables(MATERIAL).items():
        mine = {(r, e, i): cells for (r, e, f, i), cells in items.items() if f == form}
        assert set(mine) == set(table)
        assert len(table) == PROJECTS["repeating-events"]["rows"][form]
        for key, cells in table.items():
            assert cells == {column: material_tables.comparable(column, mine[key].get(column, "")) for column in cells}
    for row in material_tables.visits(MATERIAL, "weight").items():
        written.update(column for column, text in row[1].items() if text != items[row[0][0], row[0][1], "weight", row[0][2]][column])
    assert written == material_tables.OTHER_SPELLING
    home = {key: cells for key, cells in material_tables.visits(MATERIAL, "weight").items() if key[1].startswith("home_visit_arm_")}
    assert material_tables.home_weights(MATERIAL) == home


@pytest.mark.parametrize("path", sorted(FLAT | TABLES_BESIDE))
def test_tables_beside(path):
    rows, literal = material_tables.rows(MATERIAL / path), (FLAT | TABLES_BESIDE)[path]
    assert len(rows) == literal["rows"]
    assert literal["columns"] in (len(rows[0]), tuple(rows[0]))
    assert "key" not in literal or len({tuple(row[name] for name in literal["key"]) for row in rows}) == len(rows)
    assert literal.get("events") in (None, tuple(row.get("unique_event_name") for row in rows))
    assert literal.get("arms") in (None, {row["arm_num"]: row.get("name") for row in rows if "name" in row})


def test_what_is_refused():
    assert all((MATERIAL / name).is_file() for given, _, dictionary in REFUSED for name in (given, dictionary) if name)
    assert all((MATERIAL / expected(name)["data"]).read_bytes() == b"\n" for name in set(PAIRS) - set(FULL))
    assert all(words for _, words in [*REFUSED.values(), *MADE.values()])


def test_every_file_has_an_expectation():
    named = {PROJECTS[name].get(kind) for name in PROJECTS for kind in ("data", "dictionary", "xml")} | set(STATA) | set(FLAT) | set(TABLES_BESIDE)
    there = {path.relative_to(MATERIAL).as_posix() for path in MATERIAL.rglob("*") if path.is_file()}
    assert there - named - {given for given, *_ in REFUSED} == {"SOURCES.md"}


def header(data: bytes) -> tuple[int, int, int]:
    """Release, columns and rows by the bytes of the header."""
    if not data.startswith(b"<stata_dta>"):
        return data[0], *struct.unpack_from("<HI", data, 4)
    release = int(data[28:31])
    columns, rows = data.index(b"<K>") + 3, data.index(b"<N>") + 3
    return release, *struct.unpack_from("<H", data, columns), *struct.unpack_from("<Q" if release > 117 else "<I", data, rows)


@pytest.mark.parametrize("path", sorted(STATA))
def test_stata(path):
    pyreadstat = pytest.importorskip("pyreadstat")
    literal = STATA[path]
    assert header((MATERIAL / path).read_bytes()) == (literal["release"], len(literal["columns"]), literal["rows"])
    frame, meta = pyreadstat.read_dta(str(MATERIAL / path), user_missing=True, disable_datetime_conversion=True)
    kinds = {"int8": "byte", "int16": "int", "int32": "long", "float": "float", "double": "double"}
    assert list(frame.columns) == list(literal["columns"])
    for column, (storage, display) in literal["columns"].items():
        tags = {row: tag[1:] for (name, row), (tag, _) in literal["tags"].items() if name == column}
        assert kinds.get(meta.readstat_variable_types[column], storage) == storage
        assert meta.original_variable_types[column] == display
        assert [tags.get(row) if row in tags else value for row, value in enumerate(literal["values"][column])] == [
            None if value != value else value for value in frame[column]]  # noqa: PLR0124  # only NaN differs from itself
    labels = {name: {f".{k}" if isinstance(k, str) else k: v for k, v in labels.items()} for name, labels in meta.variable_value_labels.items()}
    assert labels == literal["value_labels"]
    assert {name: text for name, text in meta.column_names_to_labels.items() if text} == literal["variable_labels"]
    assert (meta.file_label or "", tuple(meta.notes)) == (literal["label"], literal["notes"])
    assert all(literal["value_labels"].get(name, {}).get(tag) == label for (name, _), (tag, label) in literal["tags"].items())
    for (column, row), text in literal["dates"].items():
        display, value = literal["columns"][column][1], literal["values"][column][row]
        day = display in ("%td", "%d")
        moment = dt.datetime(1960, 1, 1) + dt.timedelta(**{"days" if day else "milliseconds": value})  # noqa: DTZ001  # Stata's clock has no zone
        assert text == (moment.date().isoformat() if day else moment.time().isoformat() if display.startswith("%tcHH") else moment.isoformat())
