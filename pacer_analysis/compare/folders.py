"""The folders that are compared: which tables they hold, what is known of their fields, and the texts that no type holds."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError
from pacer_analysis.read.tidy import keys_of
from pacer_analysis.validate.safecsv import as_exported

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

ONLY_TABLE = "data"      # a flat file has one table, whose name is that of the file and changes with it
DO = "name the results folder of a cut (with clean/), or the --out folder of a validation without a plan (with tables/)"


@dataclass(frozen=True, slots=True)
class About:
    """One column: its field, the kind, whether it identifies a person, and its place in the key, 0 for none."""

    field: str
    kind: str
    identifier: bool
    key: int


@dataclass(frozen=True, slots=True)
class Results:
    """One of the two folders: `kind` is cut or alone; tables by name; `fields` is None where the folder does not say what its fields are."""

    folder: Path
    kind: str
    name: str
    cutoff: str
    tables: dict[str, Path]
    fields: dict[str, dict[str, About]] | None
    raw: dict[tuple[str, str], dict[int, str]] = field(default_factory=dict)

    def about(self, table: str) -> dict[str, About]:
        """What is known of the fields of a table, by their columns."""
        return (self.fields or {}).get(table, {})


def open_results(given: Path) -> Results:
    """The results in a folder; ExportError if there are none, or if it lies in what is restricted."""
    if not given.is_dir():
        raise ExportError("a folder to compare is not there", where=str(given), do=DO)
    if "restricted" in given.resolve().parts:
        raise ExportError("what is restricted is not compared", where=str(given), do=DO)
    if (given / "clean").is_dir():
        kind, folder, base = "cut", given / "clean", given / "clean"
    elif (given / "tables").is_dir():
        kind, folder, base = "alone", given, given / "tables"
    elif (given / "inventory.csv").is_file() and (given / "unconverted.parquet").is_file():
        kind, folder, base = "cut", given, given
    else:
        exports = (given / "cut.yaml").is_file()
        raise ExportError("a folder to compare holds exports, no results" if exports else "a folder to compare holds no results", where=str(given), do="validate the cut first; then " + DO if exports else DO)
    paths = {path.relative_to(base).with_suffix("").as_posix(): path for path in sorted(base.rglob("*.parquet")) if path.name != "unconverted.parquet"}
    only = next(iter(paths)) if kind == "alone" and len(paths) == 1 and not _has_forms(next(iter(paths.values()))) else ""
    tables = {ONLY_TABLE if name == only else name: path for name, path in paths.items()}
    about = _json(folder / "cut.json")
    return Results(folder, kind, str(about.get("cut") or given.name), str(about.get("cutoff", "")), tables, _fields(folder / "fields.csv", kind, alone=bool(only)),
                   _raw(folder, kind, alone=bool(only)))


def check_comparable(first: Results, second: Results) -> None:
    """ExportError if one is the folder of a cut and the other of a validation without a plan."""
    if first.kind != second.kind:
        cut = first if first.kind == "cut" else second
        raise ExportError("a cut can only be compared with a cut", where=f"{first.folder} and {second.folder}", allowed=f"two folders such as {cut.folder}",
                          do="validate both exports in the same way")


def read_table(path: Path, columns: list[str] | None = None) -> pa.Table:
    """A table of the results, or some of its columns; ExportError if another program has spoiled it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(path, columns=columns)
    except pa.ArrowException:
        raise ExportError("a table cannot be read", where=str(path), do="validate the cut again") from None


def _name(kind: str, source: str, form: str, *, alone: bool) -> str:
    """A table's name in the folder: by source and form in a cut, by form without a plan."""
    if alone:
        return ONLY_TABLE
    if kind == "alone":
        return form or source
    return f"{source}/{form}" if form else source


def _fields(path: Path, kind: str, *, alone: bool) -> dict[str, dict[str, About]] | None:
    if not path.is_file():
        return None
    found: dict[str, dict[str, About]] = {}
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        if not {"source", "form", "field", "kind", "identifier", "key"} <= set(reader.fieldnames or ()):
            return None
        for row in reader:
            about = About(row["field"], row["kind"], row["identifier"] == "y", int(row["key"]) if row["key"].isdigit() else 0)
            found.setdefault(_name(kind, row["source"], row["form"], alone=alone), {})[row.get("column") or row["field"]] = about
    return found


def _raw(folder: Path, kind: str, *, alone: bool) -> dict[tuple[str, str], dict[int, str]]:
    """The cells whose typed value is not their text, by table and field: the text by line."""
    rows: list[dict[str, str]] = []
    if (folder / "unconverted.parquet").is_file():
        rows = read_table(folder / "unconverted.parquet").to_pylist()
    elif (folder / "unconverted.csv").is_file():
        with (folder / "unconverted.csv").open(encoding="utf-8", newline="") as handle:
            rows = [row | {"raw": as_exported(row["raw"])} for row in csv.DictReader(handle)]
    found: dict[tuple[str, str], dict[int, str]] = {}
    for row in rows:
        found.setdefault((_name(kind, row["source"], row["form"], alone=alone), row["field"]), {})[int(row["line"] or 0)] = row["raw"]
    return found


def _has_forms(path: Path) -> bool:
    return "instrument" in keys_of(read_table(path).column_names)


def _json(path: Path) -> dict[str, object]:
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
