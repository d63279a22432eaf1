"""A small REDCap project drawn as text, and its export read in whatever shape a test draws it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from pacer_analysis.dictionary import Project, load_project
from pacer_analysis.read import Options, Reading, read_export

COLUMNS = ("field_name", "form_name", "section_header", "field_type", "field_label", "select_choices_or_calculations", "field_note",
           "text_validation_type_or_show_slider_number", "text_validation_min", "text_validation_max", "identifier", "branching_logic", "required_field", "custom_alignment",
           "question_number", "matrix_group_name", "matrix_ranking", "field_annotation")


def project(folder: Path, fields: str, events: str = "", mapping: str = "", repeating: str = "", settings: str = "") -> Project:
    """A project whose fields are drawn as `name | form | type | label | choices | validation | identifier`, its events as `unique name | label | arm`."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for line in fields.strip().splitlines():
        name, form, kind, label, choices, validation, identifier = ([cell.strip() for cell in line.split("|")] + [""] * 7)[:7]
        row = dict.fromkeys(COLUMNS, "") | {"field_name": name, "form_name": form, "field_type": kind, "field_label": label, "identifier": identifier,
                                            "select_choices_or_calculations": choices.replace(" / ", " | "), "text_validation_type_or_show_slider_number": validation}
        rows.append(row)
    write(folder / "redcap.csv", [list(COLUMNS), *([row[column] for column in COLUMNS] for row in rows)])
    if events:
        named = [[cell.strip() for cell in line.split("|")] for line in events.strip().splitlines()]
        write(folder / "events.csv", [["event_name", "arm_num", "unique_event_name"], *([label, arm, name] for name, label, arm in named)])
    if mapping:
        pairs = [[cell.strip() for cell in line.split("|")] for line in mapping.strip().splitlines()]
        write(folder / "instrument_event_mapping.csv", [["arm_num", "unique_event_name", "form"], *(["1", *pair] for pair in pairs)])
    if repeating:
        pairs = [[cell.strip() for cell in line.split("|")] for line in repeating.strip().splitlines()]
        write(folder / "repeating.csv", [["event_name", "form_name", "custom_form_label"], *([*pair, ""] for pair in pairs)])
    if settings:
        (folder / "project.csv").write_text(settings)
    return load_project(folder, "redcap.csv")


def write(path: Path, rows: list[list[str]], delimiter: str = ",") -> Path:
    """The rows as a CSV file."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


def drawn(text: str) -> list[list[str]]:
    """The rows of a drawn table, cells separated by `|`."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


def read(folder: Path, about: Project, table: str, name: str = "PACER_DATA_2022-07-03_1229.csv", **options) -> Reading:
    """The drawn table written as a CSV file and read."""
    return read_export(write(folder / name, drawn(table)), about, options=Options(**options))


def rows(reading: Reading, form: str) -> list[dict[str, str]]:
    """The rows of a form as texts as exported, keys first, blanks left out."""
    table = next(each for each in reading.tables if each.form == form)
    found = []
    for row in range(table.rows):
        keys = {"record": table.record.texts[row], "event": table.event.texts[row], "instance": str(table.instance[row] or ""), "site": table.site.texts[row]}
        cells = {name: cells.levels.raw[cells.codes[row]] for name, cells in table.fields.items()}
        found.append({name: str(text) for name, text in (keys | cells).items() if text})
    return found


def said(reading: Reading) -> list[tuple[str, str]]:
    """The rules and severities of what the reader noticed."""
    return [(note.rule, note.severity) for note in reading.notes]
