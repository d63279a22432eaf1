"""A dictionary and an export written as text in a test, and what reading and validating them gives: values, findings, tables."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pacer_analysis.cli import run_command
from pacer_analysis.dictionary import load_any
from pacer_analysis.errors import PacerError
from pacer_analysis.read.export import Options, Reading, read_export
from pacer_analysis.read.tidy import Tidy
from pacer_analysis.validate.alone import run
from tests.conftest import REPOSITORY

MATERIAL = REPOSITORY.parent / "shared/material"
DAY = dt.date(2020, 6, 1)
HEADINGS = ("field_name,form_name,section_header,field_type,field_label,select_choices_or_calculations,field_note,text_validation_type_or_show_slider_number,"
            "text_validation_min,text_validation_max,identifier,branching_logic,required_field,custom_alignment,question_number,matrix_group_name,matrix_ranking,"
            "field_annotation")
FLAT = "name,label,type,unit,min,max,codes,required,identifier"
# The files beside a dictionary that say how the project is built, with their headers.
BESIDE = {"events": ("events.csv", "event_name,arm_num,unique_event_name"), "mapping": ("instrument_event_mapping.csv", "arm_num,unique_event_name,form"),
          "repeating": ("repeating.csv", "event_name,form_name,custom_form_label"), "missing_codes": ("project.csv", "missing_data_codes")}


def dictionary(folder: Path, fields: str, **beside: str) -> Path:
    """A data dictionary of lines whose trailing blank cells are left out; `beside` are the rows of events, mapping, repeating, missing_codes."""
    rows = list(csv.reader(io.StringIO(fields.strip()), strict=True))
    assert all(len(row) <= 18 for row in rows), "a row of the drawn dictionary is too long"
    path = folder / "dictionary.csv"
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle, lineterminator="\n").writerows([HEADINGS.split(","), *(row + [""] * (18 - len(row)) for row in rows)])
    for name, text in beside.items():
        file, header = BESIDE[name]
        (folder / file).write_text(f"{header}\n{text.strip()}\n", encoding="utf-8")
    return path


def flat(folder: Path, fields: str) -> Path:
    """A flat dictionary of lines `name,label,type,unit,min,max,codes,required,identifier` whose trailing cells are left out."""
    rows = [row + [""] * (9 - len(row)) for row in csv.reader(io.StringIO(fields.strip()), strict=True)]
    path = folder / "flat.csv"
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle, lineterminator="\n").writerows([FLAT.split(","), *rows])
    return path


def export(folder: Path, text: str | bytes, name: str = "data.csv") -> Path:
    """An export as it is written; of a text the first line end is left out."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.removeprefix("\n").encode())
    return path


def read(made: Path, data: Path, **options: Any) -> Reading:
    """The export as read by its dictionary."""
    return read_export(data, load_any(made), options=Options(**options))


def raw(reading: Reading, form: str, name: str) -> list[str]:
    """The texts of a field as exported, on the rows of its form."""
    cells = table_of(reading, form).fields[name]
    return [str(text) for text in cells.levels.raw[cells.codes]]


def typed(reading: Reading, form: str, name: str) -> list[object]:
    """The values of a field: numbers, text, dates as ISO text; None for what has none."""
    values = table_of(reading, form).fields[name].typed
    if values.dtype.kind == "M":
        return [None if np.isnat(value) else str(value.astype("datetime64[s]")).removesuffix("T00:00:00") for value in values]
    if values.dtype.kind == "f":
        return [None if np.isnan(value) else float(value) for value in values]
    assert all(isinstance(value, str) for value in values), f"{name} is neither numbers nor dates nor text"
    return list(values)


def table_of(reading: Reading, form: str) -> Tidy:
    return next(table for table in reading.tables if table.form == form)


def keys(reading: Reading, form: str) -> list[tuple[str, str, int]]:
    """Record, event and instance of every row of a form."""
    table = table_of(reading, form)
    return list(zip(map(str, table.record.texts), map(str, table.event.texts), map(int, table.instance), strict=True))


def records(reading: Reading, form: str = "") -> list[str]:
    """The record of every row of a form."""
    return [str(text) for text in table_of(reading, form).record.texts]


@dataclass
class Outcome:
    """What a validation left in its folder."""

    out: Path
    said: str
    queries: list[dict[str, str]] = field(default_factory=list)
    rules: dict[str, dict[str, str]] = field(default_factory=dict)

    def found(self, *columns: str, rule: str = "") -> list[tuple[str, ...]]:
        """The named columns of every finding, or of those of one rule, sorted."""
        return sorted(tuple(query[column] for column in columns) for query in self.queries if rule in {"", query["rule"]})

    def only(self, rule: str, words: str = "", **where: str) -> dict[str, str]:
        """The one finding of a rule there; it says in words what is wrong and what to do."""
        found = [query for query in self.queries if query["rule"] == rule and all(query[name] == value for name, value in where.items())]
        assert len(found) == 1, (rule, where, [(query["rule"], query["record"], query["field"], query["message"]) for query in self.queries])
        helps(found[0], words)
        return found[0]

    def table(self, name: str) -> pd.DataFrame:
        """A table as written for other programs."""
        return pd.read_parquet(self.out / "tables" / f"{name}.parquet")

    def lines(self, name: str) -> list[dict[str, str]]:
        """The rows of a CSV file of the folder."""
        with (self.out / name).open(encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(handle))


def helps(query: dict[str, str], words: str = "") -> None:
    """A finding is a sentence that holds the words, with an action; it shows no trace of a program."""
    said = f"{query['message']} {query['action']}"
    assert len(query["message"].split()) >= 3, query
    assert query["action"], query
    assert not any(trace in said for trace in ("Traceback", "Error:", "None", "nan", "array(", "<class")), query
    assert all(word in said for word in words.split()), (words, said)


def validate(folder: Path, made: Path, data: Path, day: dt.date | None = DAY, **options: Any) -> Outcome:
    """The findings and tables of an export by its dictionary alone."""
    out = folder / "out"
    out.mkdir()
    outcome = Outcome(out, run(data, made, out, options=Options(**options), day=day, corrections=None, accepted=None, previous=None))
    outcome.queries = outcome.lines("queries.csv")
    outcome.rules = {row["rule"]: row for row in outcome.lines("rules.csv")}
    return outcome


def refused(kind: type[PacerError], made: Path, data: Path, words: str = "", **options: Any) -> PacerError:
    """The refusal of an export or dictionary: of its class, with the file, and a sentence that helps and holds the words."""
    with pytest.raises(kind) as raised:
        read(made, data, **options)
    error = raised.value
    assert error.what, error
    assert data.name in error.where or made.name in error.where, error
    assert error.do, error
    assert all(word in str(error) for word in words.split()), (words, str(error))
    return error


def command(capsys: pytest.CaptureFixture[str], folder: Path, made: Path, data: Path, *options: str) -> tuple[int, str]:
    """The exit code of `pacer validate` and all it said, which is no traceback; a refusal leaves no folder behind."""
    code = run_command(["validate", "--export", str(data), "--dictionary", str(made), "--out", str(folder / "made"), *options])
    said = "".join(capsys.readouterr())
    assert "Traceback" not in said
    assert (folder / "made").is_dir() == (code == 0)
    return code, said


def material(name: str) -> Path:
    """A real file beside the repository; the test is skipped where it is absent."""
    path = MATERIAL / name
    if not path.exists():
        pytest.skip(f"{name} of the shared material is not beside the repository")
    return path
