"""The evaluator of the package against the second author's, expression by expression, on every row of the small project."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pacer_analysis.dictionary import load_any
from pacer_analysis.errors import PacerError
from pacer_analysis.logic import parse
from pacer_analysis.read.export import Options, read_export
from pacer_analysis.validate.lookup import Rows
from tests.independent.logic_project import MISSING_CODES, PROJECT
from tests.independent.logic_project_files import write_all
from tests.independent.logic_project_rows import ROWS, TODAY
from tests.independent.logic_twin import evaluate
from tests.independent.logic_twin_references import RowKey
from tests.independent.logic_twin_values import BLANK, NOT_EVALUABLE


@dataclass(frozen=True)
class Differing:
    """One value on which the two disagree."""

    text: str
    key: RowKey
    package: object
    twin: object


def read_project(folder: Path, rows: Any = ROWS) -> Rows:
    """The small project through the package's reader."""
    export = write_all(folder, rows)
    return Rows(read_export(export, load_any(folder / "redcap.csv"), options=Options(missing_codes=dict.fromkeys(MISSING_CODES, ""))))


def keys_of(table: Any) -> list[RowKey]:
    """The key of each row of a tidy table as the twin names it."""
    return [(str(record), str(event), table.form if repeated else "", int(instance))
            for record, event, repeated, instance in zip(table.record.texts, table.event.texts, table.repeated, table.instance, strict=True)]


def value_of(column: Any, row: int) -> object:
    """One value of a result: NOT_EVALUABLE, BLANK, bool, float or text."""
    if not column.known[row]:
        return NOT_EVALUABLE
    if column.kind == "truth":
        return bool(column.data[row])
    if column.kind == "number":
        return BLANK if math.isnan(column.data[row]) else float(column.data[row])
    text = str(column.texts[row])
    return text or BLANK


def same(package: object, twin: object) -> bool:
    """True if two values agree; a number may be written as text."""
    if NOT_EVALUABLE in (package, twin):
        return package == NOT_EVALUABLE and twin == NOT_EVALUABLE
    if package is BLANK or twin is BLANK:
        return package is BLANK and twin is BLANK
    numbers = [_number(each) for each in (package, twin)]
    if numbers[0] is not None and numbers[1] is not None:
        return math.isclose(numbers[0], numbers[1], rel_tol=1e-9, abs_tol=1e-9)
    return str(package).replace("T", " ") == str(twin).replace("T", " ")


def _number(value: object) -> float | None:
    if isinstance(value, bool | float | int):
        return float(value)
    try:
        return float(str(value))
    except ValueError:
        return None


def differing(text: str, rows: Rows, data: Any = ROWS, project: Any = PROJECT) -> list[Differing]:
    """Every row of every table on which the two disagree; a text that one of them refuses counts once."""
    try:
        expression = parse(text)
    except PacerError as problem:
        return [Differing(text, ("", "", "", 0), f"refused: {problem.what}", "read")]
    found = []
    for table in rows.reading.tables:
        result = rows.evaluate(table, expression, TODAY)
        for row, key in enumerate(keys_of(table)):
            twin = evaluate(text, project, data, key, TODAY)
            package = value_of(result, row)
            if not same(package, twin):
                found.append(Differing(text, key, package, twin))
    return found
