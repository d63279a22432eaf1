"""Known errors planted in clean data, one cell or one row each, and the list of them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pacer_analysis.simulate._draw import NEVER, Flags, Texts, iso_dates, stream
from pacer_analysis.simulate._flat_files import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pacer_analysis.simulate._table import Table

REDCAP = "redcap"


@dataclass(frozen=True)
class CellDefect:
    """One cell of a REDCap table overwritten: which rows may be hit, and what is written there (by row)."""

    kind: str
    event: str
    form: str
    field: str
    applies: Callable[[Table, Context], Flags]
    value: Callable[[Table, Context, int], str]
    base: int = 2


@dataclass(frozen=True)
class SheetDefect:
    """One cell of a flat table overwritten, or with `adds` one row added that is like another but for these cells."""

    kind: str
    source: str
    field: str
    applies: Callable[[Sheet, Context], Flags]
    cells: Callable[[Sheet, Context, int], dict[str, Any]]
    adds: bool = False
    base: int = 2


@dataclass(frozen=True)
class RowDefect:
    """One REDCap row written twice."""

    kind: str
    event: str
    base: int = 1


@dataclass(frozen=True)
class Context:
    """What the errors refer to, by record id: days or NEVER."""

    cutoff: int
    records: Texts                       # of all women screened, by position
    randomised: dict[str, int]
    died: dict[str, int]


@dataclass(frozen=True)
class Planted:
    """One known error."""

    kind: str
    source: str
    record: str
    field: str
    detail: str


def plant(kinds: tuple[CellDefect | SheetDefect | RowDefect, ...], tables: list[Table], sheets: dict[str, Sheet], context: Context, n: int, seed: int) -> tuple[list[Table], dict[str, Sheet], list[Planted]]:
    """The tables with errors, and the errors; each is on another woman than the ones before it as long as there are women left."""
    rng, used, planted = stream(seed, "defects"), set[str](), list[Planted]()
    tables, sheets = list(tables), dict(sheets)
    for spec in kinds:
        count = max(1, round(spec.base * (n / 412) ** 0.25))
        if isinstance(spec, SheetDefect):
            sheets[spec.source] = _in_sheet(spec, sheets[spec.source], context, count, rng, used, planted)
            continue
        at = next((number for number, table in enumerate(tables) if table.event == spec.event and table.form == getattr(spec, "form", "")), None)
        if at is not None:
            tables[at] = _in_table(spec, tables[at], context, count, rng, used, planted)
    return tables, sheets, planted


def _pick(rng: np.random.Generator, allowed: Flags, records: Texts, count: int, used: set[str]) -> NDArray[np.int64]:
    """Rows of different records, if possible of records not yet used."""
    rows = np.flatnonzero(allowed)
    rows = rows[rng.permutation(len(rows))] if len(rows) < 5000 else rng.choice(rows, 5000, replace=False)
    fresh = [row for row in rows.tolist() if records[row] not in used] or rows.tolist()
    chosen: dict[str, int] = {}
    for row in fresh:
        chosen.setdefault(str(records[row]), row)
        if len(chosen) == count:
            break
    used.update(chosen)
    return np.array(sorted(chosen.values()), dtype=np.int64)


def _in_table(spec: CellDefect | RowDefect, table: Table, context: Context, count: int, rng: np.random.Generator, used: set[str], planted: list[Planted]) -> Table:
    records = context.records[table.woman]
    if isinstance(spec, RowDefect):
        rows = _pick(rng, np.ones(len(records), dtype=bool), records, count, used)
        planted += [Planted(spec.kind, REDCAP, records[row], "", f"event {spec.event}: the row is written twice") for row in rows]
        return table.keep(np.sort(np.concatenate([np.arange(len(records)), rows])))
    cells = table.cells[spec.field].copy()
    for row in _pick(rng, spec.applies(table, context), records, count, used):
        cells[row] = spec.value(table, context, int(row))
        place = f", form {spec.form}, instance {table.instance[row]}" if spec.form else ""
        planted.append(Planted(spec.kind, REDCAP, records[row], spec.field, f"event {spec.event}{place}: {cells[row] or 'blank'}"))
    return dataclasses.replace(table, cells={**table.cells, spec.field: cells})


def _in_sheet(spec: SheetDefect, sheet: Sheet, context: Context, count: int, rng: np.random.Generator, used: set[str], planted: list[Planted]) -> Sheet:
    key = next(iter(sheet.columns))
    size = len(sheet.columns[key])
    rows = _pick(rng, spec.applies(sheet, context), sheet.columns[key], count, used)
    written = {int(row): spec.cells(sheet, context, int(row)) for row in rows}
    if spec.adds:
        sheet = sheet.keep(np.concatenate([np.arange(size), rows]))
        targets = range(size, size + len(rows))
    else:
        targets = rows.tolist()
    columns = {name: column.copy() for name, column in sheet.columns.items()}
    for target, cells in zip(targets, written.values(), strict=True):
        for name, value in cells.items():
            if isinstance(value, str) and columns[name].dtype != object:
                columns[name] = _as_text(columns[name], name)
            columns[name][target] = value
        shown = "; ".join(f"{name} {iso_dates(np.array([value]))[0] if 'date' in name and not isinstance(value, str) else value}" for name, value in cells.items())
        planted.append(Planted(spec.kind, spec.source, str(columns[key][target]), spec.field, f"a row more: {shown}" if spec.adds else shown))
    return Sheet(columns, sheet.formats, sheet.tagged)


def _as_text(column: NDArray[Any], name: str) -> Texts:
    """A column of a CSV table as it will be written, so that a word can stand in it."""
    if "date" in name:
        return iso_dates(column)
    return np.array(["" if value == NEVER else str(value) for value in column.tolist()], dtype=object)
