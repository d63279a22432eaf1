"""What a side of validation leaves behind: tables, inventory, unconverted cells, rules and queries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pacer_analysis.plan import SYNTHETIC_PREFIX
from pacer_analysis.validate.columns import describe_columns, key_beyond_record
from pacer_analysis.validate.described import Described
from pacer_analysis.validate.register import write_register
from pacer_analysis.validate.safecsv import write_csv
from pacer_analysis.validate.wording import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pacer_analysis.plan import Cut, Plan
    from pacer_analysis.read import Reading
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows


def write_tables(reading: Reading, folder: Path, only: dict[str, tuple[str, ...]]) -> None:
    """The tables of a source as parquet; `only` names the fields kept of a form."""
    from pacer_analysis.read.tidy import write

    for table in reading.tables:
        kept = table if table.form not in only else table.select(tuple(name for name in table.fields if name.partition("___")[0] in only[table.form]))
        if kept.fields:
            write(kept, folder / reading.source.id / f"{table.form}.parquet" if table.form else folder / f"{reading.source.id}.parquet")


def write_cut(plan: Plan, cut: Cut, rows: dict[str, Rows], folder: Path) -> None:
    """cut.json: the cut, and whether any record says that it is simulated."""
    synthetic = any(str(record).startswith(SYNTHETIC_PREFIX) for each in rows.values() for table in each.reading.tables for record in table.record.levels)
    content = {"study": plan.id, "cut": cut.name, "cutoff": cut.cutoff.isoformat(), "kind": cut.kind, "locked_at": cut.locked_at, "series": cut.series,
               "previous": cut.previous, "synthetic": synthetic}
    (folder / "cut.json").write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def write_findings(ledger: Ledger, cut: Cut, rows: dict[str, Rows], names: list[str], folder: Path, files: tuple[str, str], previous: Path | None,
                   reserved: list[tuple[str, str, str]] | tuple[()], accepted: Path | None = None) -> None:
    """Inventory, unconverted cells, rules and queries of a side; on the open side also the fields that were read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from pacer_analysis.read.tidy import unconverted

    readings, is_open = [rows[name].reading for name in names], files[0] == "rules.csv"
    parts = [
        unconverted(table.select(tuple(name for name in table.fields if not reading.source.sealed_fields or is_open or name in reading.source.sealed_fields)))
        for reading in readings
        for table in reading.tables
    ]
    pq.write_table(pa.concat_tables(parts), folder / "unconverted.parquet", compression="zstd")
    write_inventory(readings, folder)
    if is_open:
        write_fields(readings, folder)
    write_register(folder, ledger, [each.reading for each in rows.values()], cut.cutoff, files=files, previous=previous, accepted=accepted, reserved=reserved)


def write_inventory(readings: Iterable[Reading], folder: Path) -> None:
    """inventory.csv: a row for each source with its file, its size and what the reader remarked."""
    import numpy as np

    rows: list[tuple[str, ...]] = []
    for reading in readings:
        records = np.unique(np.concatenate([np.zeros(0, dtype=np.int32), *(table.record.codes for table in reading.tables)]))
        notes = "; ".join(note.message for note in reading.notes if note.rule in {"encoding", "missing_column"})
        forms = str(sum(table.rows > 0 for table in reading.tables)) if reading.tables and reading.tables[0].form else ""
        rows.append((reading.source.id, reading.file, reading.source.reader, str(reading.rows), str(reading.columns), str(len(records)), forms, notes))
    write_csv(folder / "inventory.csv", ("source", "file", "reader", "rows", "columns", "records", "forms", "note"), rows)


def write_fields(readings: Iterable[Reading], folder: Path) -> None:
    """fields.csv: every field of the tables with its label and kind, whether it identifies a person, its place in the key, and its column in the tables."""
    from pacer_analysis.read.tidy import written_names

    rows: list[tuple[str, ...]] = []
    for reading in readings:
        key = key_beyond_record(reading)
        for table in reading.tables:
            named, columns = describe_columns(reading, table), written_names(table.fields, of_form=bool(table.form))
            for name, cells in table.fields.items():
                about = named.get(name, Described(name))
                rows.append((table.source, table.form, name, about.label, cells.kind, "y" if about.identifier else "", str(key.index(name) + 1) if name in key else "",
                             columns[name]))
    write_csv(folder / "fields.csv", ("source", "form", "field", "label", "kind", "identifier", "key", "column"), rows)


def write_wording(folder: Path, own: Mapping[str, str]) -> None:
    """rules_wording.csv: REDCap's letter for each rule, if it has one, and what the rule says; `own` has the sentences of rules that people wrote."""
    written = {rule: ("", sentence) for rule, sentence in own.items()} | WORDS
    write_csv(folder / "rules_wording.csv", ("rule", "letter", "words"), ((rule, *said) for rule, said in written.items()))
