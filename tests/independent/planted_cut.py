"""The raw files of one cut as rows that can be changed, each written back as it was but for what was changed."""

from __future__ import annotations

import csv
import datetime
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

REPOSITORY = Path(__file__).resolve().parents[2]
DICTIONARY = REPOSITORY / "data_dictionary/pacer/redcap.csv"
MISSING_CODES = ("NASK", "UNK", "NI")
EPOCH = datetime.date(1960, 1, 1)
TEXT_SOURCES = {"redcap": "record_id", "mentor_mothers": "record_id", "allocation": "id"}
STATA_SOURCES = ("laboratory", "art_visits", "clubs", "mch_art")
SEALED_SOURCES = ("clubs", "allocation", "blinding")
SEALED_FIELDS = {"art_visits": ("service", "days_supplied")}
NUMBER = re.compile(r"-?\d+(\.\d+)?").fullmatch
DATE = re.compile(r"\d{4}-\d\d-\d\d").fullmatch
STAMP = re.compile(rb"<timestamp>.*?</timestamp>", re.DOTALL)


@dataclass(frozen=True)
class Change:
    """One cell before and after; a whole row where `field` is blank (`before` blank: added, `after` blank: removed)."""

    source: str
    record: str
    field: str
    before: str
    after: str


@dataclass(eq=False, slots=True)
class Row:
    table: Table
    cells: list[Any]
    raw: str = ""

    def __getitem__(self, name: str) -> Any:
        return self.cells[self.table.columns[name]]

    def __setitem__(self, name: str, value: Any) -> None:
        self.table.changes.append(Change(self.table.source, self.record, name, shown(self[name]), shown(value)))
        self.cells[self.table.columns[name]] = value
        self.raw = ""

    @property
    def record(self) -> str:
        return self[self.table.record]


@dataclass(eq=False, slots=True)
class Table:
    source: str
    path: Path
    header: list[str]
    record: str
    changes: list[Change]
    first: str = ""
    rows: list[Row] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    by_record: dict[str, list[Row]] = field(default_factory=dict)
    touched: bool = False
    meta: Any = None

    def add(self, after: Row, **values: Any) -> Row:
        """A copy of a row with other values in some fields, put behind it."""
        row = Row(self, list(after.cells))
        for name, value in values.items():
            row.cells[self.columns[name]] = value
        self.rows.insert(next(i for i, one in enumerate(self.rows) if one is after) + 1, row)
        self.changes.append(Change(self.source, row.record, "", "", "row"))
        return row

    def remove(self, row: Row) -> None:
        self.rows = [one for one in self.rows if one is not row]
        self.changes.append(Change(self.source, row.record, "", "row", ""))


@dataclass(eq=False)
class Cut:
    """The tables of a cut, its cut-off, and the records that carry a defect already."""

    tables: dict[str, Table]
    cutoff: datetime.date
    changes: list[Change]
    used: set[str] = field(default_factory=set)
    places: dict[tuple[str, str], list[Row]] = field(default_factory=lambda: defaultdict(list))
    bases: dict[tuple[str, str], Row] = field(default_factory=dict)
    instances: dict[tuple[str, str], list[Row]] = field(default_factory=lambda: defaultdict(list))

    def at(self, event: str, form: str = "") -> list[Row]:
        """The REDCap rows of an event: base rows, or the instances of a repeating form."""
        return self.places[event, form]

    def base(self, record: str, event: str) -> Row | None:
        return self.bases.get((record, event))

    def repeats(self, record: str, form: str) -> list[Row]:
        return self.instances[record, form]

    def of(self, source: str, record: str) -> list[Row]:
        return self.tables[source].by_record.get(record, [])

    def rows(self, source: str) -> list[Row]:
        return self.tables[source].rows

    def randomised(self) -> list[Row]:
        return self.at("enrolment_arm_1")

    def screened_only(self) -> list[Row]:
        return [row for row in self.at("screening_arm_1") if self.base(row.record, "enrolment_arm_1") is None]


def shown(value: Any) -> str:
    return "" if value is None else str(value)


def number(value: Any) -> float | None:
    """A plain number, or nothing."""
    return float(value) if isinstance(value, str) and NUMBER(value) else None


def day(value: str) -> datetime.date | None:
    """A date as exports write it, or nothing."""
    return datetime.date.fromisoformat(value) if DATE(value) else None


def days(count: float) -> datetime.timedelta:
    return datetime.timedelta(days=count)


def from_stata(value: float) -> datetime.date:
    return EPOCH + days(int(value))


def to_stata(value: datetime.date) -> int:
    return (value - EPOCH).days


def forms() -> dict[str, str]:
    """The form of every field of the REDCap dictionary, status columns included."""
    with DICTIONARY.open(encoding="utf-8-sig", newline="") as file:
        named = {row["Variable / Field Name"]: row["Form Name"] for row in csv.DictReader(file)}
    return {**named, **{f"{form}_complete": form for form in named.values()}}


def records_of_text(path: Path) -> Iterator[tuple[list[str], str]]:
    """Every record of a CSV file, parsed and as it stands in the file."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        with path.open(encoding="utf-8", newline="") as file:
            for line in file:
                taken.append(line)
                yield line

    for cells in csv.reader(lines()):
        yield cells, "".join(taken)
        taken.clear()


def open_text(source: str, path: Path, changes: list[Change]) -> Table:
    records = records_of_text(path)
    header, first = next(records)
    header[0] = header[0].removeprefix("\ufeff")
    table = Table(source, path, header, TEXT_SOURCES[source], changes, first)
    table.rows = [Row(table, cells, raw) for cells, raw in records]
    return table


def open_stata(source: str, path: Path, changes: list[Change]) -> Table:
    frame, meta = pyreadstat.read_dta(path, disable_datetime_conversion=True, user_missing=True)
    table = Table(source, path, list(frame.columns), "record_id", changes, meta=meta)
    columns = [[None if pd.isna(value) else value for value in frame[name].tolist()] for name in frame]
    table.rows = [Row(table, list(cells)) for cells in zip(*columns, strict=True)]
    return table


def open_cut(folder: Path) -> Cut:
    """The cut in a folder of exports."""
    changes: list[Change] = []
    cutoff = re.search(r"^cutoff: *['\"]?(\d{4}-\d\d-\d\d)", (folder / "cut.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    (redcap,) = folder.glob("PACER*_DATA_????-??-??_????.csv")
    tables = {source: open_text(source, redcap if source == "redcap" else folder / f"{source}.csv", changes) for source in TEXT_SOURCES}
    tables |= {source: open_stata(source, folder / f"{source}.dta", changes) for source in STATA_SOURCES}
    cut = Cut(tables, datetime.date.fromisoformat(cutoff.group(1)), changes)
    for table in tables.values():
        table.columns = {name: i for i, name in enumerate(table.header)}
        for row in table.rows:
            table.by_record.setdefault(row.record, []).append(row)
    for row in cut.rows("redcap"):
        event, form = row["redcap_event_name"], row["redcap_repeat_instrument"]
        cut.places[event, form].append(row)
        if form:
            cut.instances[row.record, form].append(row)
        else:
            cut.bases[row.record, event] = row
    return cut


def cell_text(value: str, quote_spaces: bool) -> str:
    """A cell as the export writes it: REDCap quotes what holds a space, too."""
    return '"' + value.replace('"', '""') + '"' if re.search(r'[\s",]' if quote_spaces else r'[\r\n",]', value) else value


def save_text(table: Table) -> None:
    end = "\r\n" if table.first.endswith("\r\n") else "\n"
    quote_spaces = table.source == "redcap"
    with table.path.open("w", encoding="utf-8", newline="") as file:
        file.write(table.first)
        file.writelines(row.raw or ",".join(cell_text(value, quote_spaces) for value in row.cells) + end for row in table.rows)


def save_stata(table: Table) -> None:
    """Writes types, formats, labels, tagged missing values and the time stamp as they were."""
    meta, before = table.meta, table.path.read_bytes()
    frame = pd.DataFrame(index=range(len(table.rows)))
    for i, name in enumerate(table.header):
        values, kind = [row.cells[i] for row in table.rows], meta.readstat_variable_types[name]
        if kind == "int32":
            frame[name] = pd.Series(values, dtype=object if None in values else np.int32)
        elif kind == "double" and name not in meta.missing_user_values:
            frame[name] = pd.Series([np.nan if value is None else float(value) for value in values], dtype=float)
        else:
            frame[name] = pd.Series([np.nan if value is None else value for value in values], dtype=object)
    pyreadstat.write_dta(
        frame, table.path, file_label=meta.file_label or "", column_labels=meta.column_names_to_labels, version=14,
        variable_value_labels={name: meta.value_labels[label] for name, label in meta.variable_to_label.items()},
        missing_user_values=meta.missing_user_values or None, variable_format=meta.original_variable_types,
    )
    table.path.write_bytes(STAMP.sub(lambda _: STAMP.search(before).group(), table.path.read_bytes(), count=1))


def save(cut: Cut) -> None:
    """Writes the tables in which something was changed."""
    for table in cut.tables.values():
        if table.touched:
            (save_stata if table.meta is not None else save_text)(table)
            table.touched = False
