"""A REDCap project and its export drawn in a few lines, read and validated by the dictionary alone."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

from pacer_analysis.dictionary import Project, load_project
from pacer_analysis.read import Options, Reading, read_export
from pacer_analysis.validate.built_in import check_source
from pacer_analysis.validate.keys import drop_repeated_rows
from pacer_analysis.validate.ledger import Ledger
from pacer_analysis.validate.lookup import Rows
from pacer_analysis.validate.queries import list_queries
from pacer_analysis.validate.references import check_references
from tests.spec.test_dictionary import API

# The columns of a dictionary that a drawing names by these words; `options` holds choices or a calculation.
COLUMNS = {"options": "select_choices_or_calculations", "validation": "text_validation_type_or_show_slider_number", "low": "text_validation_min", "high": "text_validation_max",
           "identifier": "identifier", "branching": "branching_logic", "required": "required_field", "matrix": "matrix_group_name", "ranking": "matrix_ranking",
           "tags": "field_annotation", "label": "field_label"}
TODAY = dt.date(2020, 1, 1)


def field(name: str, form: str, kind: str = "text", options: str = "", **cells: str) -> dict[str, str]:
    """One row of a data dictionary."""
    return {"field_name": name, "form_name": form, "field_type": kind, "field_label": name.title(), COLUMNS["options"]: options} | {COLUMNS[key]: cell for key, cell in cells.items()}


def project(folder: Path, fields: list[dict[str, str]], *, events: str = "", mapping: str = "", repeating: str = "", settings: dict[str, str] | None = None) -> Project:
    """The project of some fields; `events`, `mapping` and `repeating` are the rows of their files, separated by blanks."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "redcap.csv").open("w", newline="") as handle:
        writer = csv.DictWriter(handle, API.split(","), restval="")
        writer.writeheader()
        writer.writerows(fields)
    for name, header, rows in (("events", "event_name,arm_num,unique_event_name,day_offset,offset_min,offset_max", events),
                               ("instrument_event_mapping", "arm_num,unique_event_name,form", mapping), ("repeating", "event_name,form_name,custom_form_label", repeating)):
        if rows:
            (folder / f"{name}.csv").write_text("\n".join([header, *rows.split()]) + "\n")
    if settings:
        with (folder / "project.csv").open("w", newline="") as handle:
            csv.writer(handle).writerows([list(settings), list(settings.values())])
    return load_project(folder, "redcap.csv")


def export(path: Path, made: Project, rows: list[dict[str, str]], *more: str) -> Path:
    """A raw export with every column of the project; a checkbox that a row does not name is 0 where its form has a value, a status 2."""
    fields = made.dictionary
    forms = {form: fields.form_columns(form) for form in fields.forms}
    system = ["redcap_event_name"] * bool(made.events) + ["redcap_repeat_instrument", "redcap_repeat_instance"] * bool(made.repeating)
    header = [fields.record_id, *system, *more, *(name for names in forms.values() for name in names)]
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(dict.fromkeys(header)), restval="")
        writer.writeheader()
        for row in rows:
            here = [form for form, names in forms.items() if any(name in row for name in names)]
            full = {name: "0" for form in here for name in forms[form] if "___" in name} | {f"{form}_complete": "2" for form in here}
            writer.writerow(full | row)
    return path


class Validated:
    """The findings of the built-in rules on drawn rows."""

    def __init__(self, folder: Path, made: Project, rows: list[dict[str, str]], *more: str, options: Options | None = None, day: dt.date = TODAY) -> None:
        reading = read_export(export(folder / "P_DATA_2020-01-01_0900.csv", made, rows, *more), made, options=options or Options())
        self.take(reading, day)

    def take(self, reading: Reading, day: dt.date) -> None:
        """Apply the rules to what was read."""
        from dataclasses import replace

        self.ledger, reported = Ledger(), set()
        tables = tuple(drop_repeated_rows(self.ledger, table, reported) for table in reading.tables)
        self.rows = Rows(replace(reading, tables=tables))
        self.reading = reading
        check_references(self.ledger, self.rows)
        self.complete = check_source(self.ledger, self.rows, day)

    def found(self, *columns: str, rule: str = "") -> list[tuple[str, ...]]:
        """The named columns of the findings on rows, of one rule or of all but remarks on blanks in complete forms."""
        return [tuple(query[column] for column in columns) for query in list_queries(self.ledger, {}, {})
                if query["record"] and (query["rule"] == rule if rule else query["rule"] != "complete_with_blanks")]

    def remarks(self, rule: str = "") -> list[tuple[str, str]]:
        """Field and message of the findings that are on no row, of one rule or of all."""
        return [(note.field, note.message) for _, note in self.ledger.notes if rule in {"", note.rule}]

    def count(self, rule: str) -> tuple[int, int, int]:
        """How often a rule was evaluated, failed and could not be evaluated."""
        entry = self.ledger.counts[rule]
        return entry.evaluated, entry.failed, entry.not_evaluable
