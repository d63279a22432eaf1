"""What a side of validation leaves behind: tables, inventory, unconverted cells, rules and queries."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

from pacer_analysis.plan import SYNTHETIC_PREFIX
from pacer_analysis.validate import queries
from pacer_analysis.validate.history import age, read_queries, unknown_ids

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.plan import Cut, Plan
    from pacer_analysis.read import Reading
    from pacer_analysis.read.tidy import Tidy
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
            reserved: list[tuple[str, str, str]] | tuple[()]) -> None:
    """Inventory, unconverted cells, rules and queries of a side."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    from pacer_analysis.read.tidy import unconverted

    readings = [rows[name].reading for name in names]
    parts = [
        unconverted(
            table.select(
                tuple(name for name in table.fields if not reading.source.sealed_fields or files[0] == "rules.csv" or name in reading.source.sealed_fields)
            )
        )
        for reading in readings
        for table in reading.tables
    ]
    pq.write_table(pa.concat_tables(parts), folder / "unconverted.parquet", compression="zstd")
    with (folder / "inventory.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(("source", "file", "reader", "rows", "columns", "records", "forms", "note"))
        for reading in readings:
            records = np.unique(np.concatenate([table.record.codes for table in reading.tables]))
            notes = "; ".join(note.message for note in reading.notes if note.rule in {"encoding", "missing_column"})
            writer.writerow((reading.source.id, reading.file, reading.source.reader, reading.rows, reading.columns, len(records),
                             sum(table.rows > 0 for table in reading.tables) if reading.tables[0].form else "", notes))
    keys = {reading.source.id: tuple(key for key in reading.source.key if key != reading.record) for each in rows.values() for reading in (each.reading,)}
    sites = {record: site for each in rows.values() for table in each.reading.tables if table.form for record, site in _sites(table)}
    found = queries.list_queries(ledger, keys, sites)
    earlier = [] if previous is None else read_queries(previous)
    gone = {query["rule"] for query in earlier} if earlier else set()
    everyone = {str(level) for each in rows.values() for table in each.reading.tables for level in table.record.levels}
    evaluated = {rule: count.evaluated for rule, count in ledger.counts.items()}
    # A remark on a file or dictionary is made whenever it holds: if it is gone, it is resolved.
    evaluated |= {query["rule"]: 1 for query in earlier if not query["record"]}
    aged = age(found, earlier, evaluated, unknown_ids(ledger, keys, gone), everyone, cut.cutoff)
    queries.write_queries(folder / files[1], aged)
    queries.write_rules(folder / files[0], ledger, reserved)


def _sites(table: Tidy) -> list[tuple[str, str]]:
    """Each record of a table with its site."""
    import numpy as np

    pairs = np.unique(np.stack([table.record.codes, table.site.codes]), axis=1)
    return [(str(table.record.levels[record]), str(table.site.levels[site])) for record, site in pairs.T]
