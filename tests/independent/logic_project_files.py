"""The small project written as REDCap writes it: data dictionary, events, mapping, repeating forms and events, and the raw export."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.independent.logic_project import EVENTS, FIELDS, MAPPING, MISSING_CODES, PROJECT, REPEATING_EVENTS, REPEATING_FORMS, columns
from tests.independent.logic_project_rows import ROWS
from tests.independent.logic_twin_references import DAG, RowKey, box_column

DICTIONARY_COLUMNS = (
    "field_name", "form_name", "section_header", "field_type", "field_label", "select_choices_or_calculations", "field_note", "text_validation_type_or_show_slider_number",
    "text_validation_min", "text_validation_max", "identifier", "branching_logic", "required_field", "custom_alignment", "question_number", "matrix_group_name", "matrix_ranking",
    "field_annotation",
)
SYSTEM_COLUMNS = ("record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", DAG)


def _write(path: Path, header: Iterable[str], lines: Iterable[Iterable[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([tuple(header), *lines])
    return path


def write_dictionary(path: Path) -> Path:
    """The data dictionary with the API's 18 headers."""
    lines = []
    for name, known in FIELDS.items():
        listed = known.kind in {"radio", "dropdown", "checkbox"}
        row = dict.fromkeys(DICTIONARY_COLUMNS, "") | {
            "field_name": name, "form_name": known.form, "field_type": known.kind, "field_label": known.label, "branching_logic": known.branching,
            "text_validation_type_or_show_slider_number": known.validation,
            "select_choices_or_calculations": known.calculation or (" | ".join(f"{code}, {label}" for code, label in known.choices.items()) if listed else ""),
        }
        lines.append(row.values())
    return _write(path, DICTIONARY_COLUMNS, lines)


def write_events(path: Path) -> Path:
    """The events with their arms, in order."""
    header = ("event_name", "arm_num", "day_offset", "offset_min", "offset_max", "unique_event_name")
    return _write(path, header, [(label, arm, day, 0, 0, name) for day, (name, (label, arm)) in enumerate(EVENTS.items())])


def write_mapping(path: Path) -> Path:
    """Which form belongs to which event."""
    return _write(path, ("arm_num", "unique_event_name", "form"), [(EVENTS[event][1], event, form) for event, forms in MAPPING.items() for form in forms])


def write_repeating(path: Path) -> Path:
    """The repeating forms by event; a repeating event names no form."""
    lines = [(event, form, "") for event, forms in REPEATING_FORMS.items() for form in forms]
    return _write(path, ("event_name", "form_name", "custom_form_label"), [*lines, *((event, "", "") for event in REPEATING_EVENTS)])


def export_columns(rows: Mapping[RowKey, Mapping[str, str]]) -> list[str]:
    """The data columns of the export; a missing code of a checkbox has one where a row uses it."""
    used = {column for row in rows.values() for column in row}
    found: list[str] = []
    for form in PROJECT.forms:
        for column in columns(form):
            found.append(column)
            name = column.split("___")[0]
            if "___" in column and column == box_column(name, list(FIELDS[name].choices)[-1]):
                found += [extra for code in MISSING_CODES if (extra := box_column(name, code)) in used and code not in FIELDS[name].choices]
    return found


def write_export(path: Path, rows: Mapping[RowKey, Mapping[str, str]] = ROWS, *, without: Iterable[str] = ()) -> Path:
    """The raw export of rows as `completed` makes them, whole or without some columns."""
    left_out = set(without)
    wanted = [column for column in export_columns(rows) if column not in left_out]
    lines = [
        (record, event, form, instance or "", row.get(DAG, ""), *(row.get(column, "") for column in wanted))
        for (record, event, form, instance), row in rows.items()
    ]
    return _write(path, (*SYSTEM_COLUMNS, *wanted), lines)


def write_all(folder: Path, rows: Mapping[RowKey, Mapping[str, str]] = ROWS) -> Path:
    """The four files of the dictionary and the export, under the names that a data dictionary folder and an exports folder use."""
    folder.mkdir(parents=True, exist_ok=True)
    write_dictionary(folder / "redcap.csv")
    write_events(folder / "events.csv")
    write_mapping(folder / "instrument_event_mapping.csv")
    write_repeating(folder / "repeating.csv")
    return write_export(folder / "Small_DATA_2021-03-15_1020.csv", rows)
