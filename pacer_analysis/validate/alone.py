"""The validation of one export by its dictionary, without a plan: tables, findings, completeness."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project, load_any
from pacer_analysis.dictionary.checks import load_quality_rules
from pacer_analysis.errors import ExportError
from pacer_analysis.plan import SYNTHETIC_PREFIX
from pacer_analysis.read import Note, read_export
from pacer_analysis.validate.built_in import check_source, severities
from pacer_analysis.validate.completeness import write_completeness
from pacer_analysis.validate.corrections import apply_corrections, check_all_applied, load_corrections, write_corrections
from pacer_analysis.validate.custom_rules import FILE as QUALITY_RULES
from pacer_analysis.validate.custom_rules import apply_quality_rules
from pacer_analysis.validate.earlier_run import refuse_other_project, said_of, title_of
from pacer_analysis.validate.export_day import day_of
from pacer_analysis.validate.keys import check_key, drop_repeated_rows
from pacer_analysis.validate.ledger import Ledger
from pacer_analysis.validate.lookup import Rows
from pacer_analysis.validate.references import check_references
from pacer_analysis.validate.register import write_register
from pacer_analysis.validate.registered import check_usual
from pacer_analysis.validate.written import write_fields, write_inventory, write_wording
from pacer_analysis.validate.written_tables import write_as_csv, write_unconverted

if TYPE_CHECKING:
    import datetime as dt

    from pacer_analysis.dictionary import FlatDictionary
    from pacer_analysis.read import Options, Reading

NO_NAME = re.compile(r"[^a-z0-9]+")


def run(export: Path, dictionary: Path, out: Path, *, options: Options, day: dt.date | None, corrections: Path | None, accepted: Path | None,
        previous: Path | None) -> str:
    """Tables as Parquet and CSV, queries, rules, completeness and inventory of one export, written into `out`; returns a line for the log.

    `day` is the day of the export: what "today" was at the latest, and the day to which ages of queries count. Without it the
    name of the file says it, else the data do; where none does, rules that need it are not evaluable. `previous` is the queries.csv of an earlier export, in the folder
    that this function wrote. Raises ExportError and DictionaryError for what cannot be read.
    """
    for path in (corrections, accepted):
        if path is not None and not path.is_file():
            raise ExportError("the file is not there", where=str(path), do="correct its name, or leave the option out")
    known = load_any(dictionary)
    reading = read_export(export, known, id=source_id(known), options=options)
    wanted = load_corrections(corrections)
    reading, applied = apply_corrections(reading, wanted)
    check_all_applied(wanted, applied, [reading])
    found, how = (day, "as given") if day is not None else day_of(export, reading)
    of_the_day = f"the day of the export is {found} ({how})" if found else f"the day of the export is {how}"
    if previous is not None:
        refuse_other_project(previous.parent, reading, found)
    ledger = Ledger()
    for rule, severity in severities(reading.dictionary).items():
        ledger.count(rule, severity)
    for note in reading.notes:
        ledger.note(reading.source.id, note)
    if not reading.rows:
        ledger.note(reading.source.id, Note("no_rows", "warning", "", "The file has a header and no rows.", "export again, if the project has records"))
    rows = Rows(_unique(ledger, reading, told=bool(options.key)))
    project = isinstance(reading.dictionary, Project)
    rules = load_quality_rules((dictionary if dictionary.is_dir() else dictionary.parent) / QUALITY_RULES) if project else ()
    check_references(ledger, rows, rules)
    complete = check_source(ledger, rows, found)
    check_usual(ledger, rows)
    apply_quality_rules(ledger, rows, rules, found)
    _write(rows.reading, out)
    write_completeness(out / "completeness.csv", complete)
    write_wording(out, {rule.id: rule.name for rule in rules})
    if corrections is not None:
        write_corrections(out, applied)
    register = write_register(out, ledger, [rows.reading], found, previous=previous, accepted=accepted)
    _write_cut(rows.reading, found, how, said_of(previous.parent) if previous is not None else "", out)
    open_now = [query["severity"] for query in register if query["status"] not in {"resolved", "accepted"}]
    return (f"{reading.rows} rows, {open_now.count('error')} errors, {open_now.count('warning')} warnings, {open_now.count('info')} for information; "
            f"{of_the_day}")


def source_id(dictionary: Project | FlatDictionary) -> str:
    """The name of the source, the same for every export of a project whatever its file is called: queries and corrections name a flat table by it."""
    return "redcap" if isinstance(dictionary, Project) else NO_NAME.sub("_", dictionary.path.stem.lower()).strip("_") or "data"


def _unique(ledger: Ledger, reading: Reading, *, told: bool) -> Reading:
    """The tables without rows that repeat another; `told` says whether somebody named the key of a flat file."""
    reported: set[int] = set()
    tables = (drop_repeated_rows(ledger, table, reported) if table.form else check_key(ledger, reading, table, participants=False, told=told) for table in reading.tables)
    return replace(reading, tables=tuple(tables))


def _write(reading: Reading, out: Path) -> None:
    """The tables, what of them could not be converted, and what they are."""
    from pacer_analysis.read.tidy import write

    folder = out / "tables"
    for table in reading.tables:
        name = table.form or reading.source.id
        write(table, folder / f"{name}.parquet")
        write_as_csv(table, folder / f"{name}.csv")
    write_unconverted(reading, out / "unconverted.csv")
    write_inventory([reading], out)
    write_fields([reading], out)


def _write_cut(reading: Reading, day: dt.date | None, how: str, previous: str, out: Path) -> None:
    """cut.json, as a cut has it: whose data, of what day and after which, and whether any record says that it is simulated."""
    title = title_of(reading)
    content = {"study": title or Path(reading.file).stem, "cut": "", "cutoff": day.isoformat() if day else "", "day": how, "kind": "", "locked_at": "", "series": "",
               "previous": previous, "title": title, "record": reading.record,
               "synthetic": any(str(record).startswith(SYNTHETIC_PREFIX) for table in reading.tables for record in table.record.levels)}
    (out / "cut.json").write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")
