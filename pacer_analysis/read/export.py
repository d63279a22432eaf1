"""Any export by its dictionary: for a source of a plan, or for a file alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import FlatDictionary, Project
from pacer_analysis.errors import ExportError
from pacer_analysis.read.kinds import kind_of
from pacer_analysis.read.sealed import all_fields
from pacer_analysis.read.undeclared import undeclared_codes

if TYPE_CHECKING:
    from collections.abc import Collection

    from pacer_analysis.plan import Source
    from pacer_analysis.read.notes import Note
    from pacer_analysis.read.tidy import Tidy

FLAT_READERS = {"text": "csv", "stata": "stata", "sas": "sas", "spss": "spss"}
KINDS = {"text": "text, as CSV is", "odm": "project XML", "stata": "Stata", "sas": "SAS", "spss": "SPSS"}
NO_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Options:
    """What a reader must be told because a file does not say it.

    `labels`: this is a label export; `deidentified`: identifiers, free text and dates may be absent, dates are shifted;
    `decimal`: the character that all numbers were exported with; `missing_codes`: the project's missing-data codes, beside
    those of its dictionary; `key`: the columns that make a row of a flat file unique, the record id first; `script`: the script that names the columns of a table without header; `encoding`: of a CSV file.
    """

    labels: bool = False
    deidentified: bool = False
    decimal: str = ""
    missing_codes: dict[str, str] = field(default_factory=dict)
    script: Path | None = None
    encoding: str = ""
    key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A source as read: its tables, what the reader noticed, and the size of the file.

    `source.missing_codes` are all that apply, those of the project among them; `source.deidentified` says that dates are
    shifted, so that no absolute bound on a date holds. `dictionary` has the structure that was inferred, which `structure`
    then is too; `shape` says how the file was written: csv, labels, headerless, eav, odm, stata, sas or spss. `events_known` is
    false if the export alone shows which events there are: nobody knows all of them, nor their order.
    """

    source: Source
    dictionary: FlatDictionary | Project
    record: str
    file: str
    tables: tuple[Tidy, ...]
    notes: tuple[Note, ...]
    rows: int
    columns: int
    structure: Project | None = None
    shape: str = "csv"
    events_known: bool = True


def read_export(path: Path, dictionary: Project | FlatDictionary, *, id: str = "", options: Options | None = None,  # noqa: A002  # a source has an id
                keep: Collection[str] | None = None) -> Reading:
    """An export without a plan, every field of it or those to keep.

    The kind of file is told from its content, then from its name. Its record id is REDCap's, or of a flat file the first
    field of the key, else of the dictionary; the source that comes back is called `id`, or after the file. ExportError says what a file is that cannot be
    read, and what to do.
    """
    from pacer_analysis.plan import Source

    options = options or Options()
    kind = kind_of(path)
    key = _key(options.key, dictionary)
    record = key[0]
    reader = "redcap" if isinstance(dictionary, Project) else FLAT_READERS.get(kind, "csv")
    name = id or NO_NAME.sub("_", path.stem.lower()).strip("_") or "export"
    source = Source(name, path.name, reader, dictionary.path.name if isinstance(dictionary, FlatDictionary) else dictionary.dictionary.path.name, key,
                    missing_codes=dict(options.missing_codes), labels=options.labels, deidentified=options.deidentified, decimal=options.decimal)
    return read_with(path, source, dictionary, record, all_fields(dictionary) if keep is None else keep, options)


def _key(named: tuple[str, ...], dictionary: Project | FlatDictionary) -> tuple[str, ...]:
    """The fields that make a row unique, the record id first: as named, else the record id; ExportError for a name that the dictionary does not have."""
    where = "--key"
    if isinstance(dictionary, Project):
        if named:
            raise ExportError("a key was named for a REDCap export, whose rows have one: record, event and repeat", where=where, do="leave the key out; it is for flat files")
        return (dictionary.dictionary.record_id,)
    unknown = [name for name in named if name not in dictionary.fields]
    if unknown:
        raise ExportError(f"the key names {', '.join(unknown)}, which the dictionary does not have", where=f"{where}; {dictionary.path}", allowed=", ".join(dictionary.fields),
                          do="name columns of the file, the record id first, as in --key id,visit")
    return tuple(dict.fromkeys(named)) or (next(iter(dictionary.fields)),)


def read_with(path: Path, source: Source, dictionary: Project | FlatDictionary, record: str, keep: Collection[str], options: Options) -> Reading:
    """An export as a source describes it; of the options only script and encoding are asked, the source has the others."""
    if isinstance(dictionary, Project):
        from pacer_analysis.read.redcap import read_export_of

        source = replace(source, missing_codes=dictionary.missing_codes | source.missing_codes)
        found = read_export_of(path, source, dictionary, keep, script=options.script, encoding=options.encoding)
        structure = found.project if found.project.mapping is not dictionary.mapping or found.project.repeating is not dictionary.repeating else None
        source = replace(source, key=tuple(found.project.dictionary.record_id if name == record else name for name in source.key))
        return Reading(source, found.project, found.project.dictionary.record_id, path.name, tuple(found.tables), undeclared_codes(found.tables, found.project, found.notes, source.missing_codes), found.rows, found.columns, structure, found.shape, events_known=found.project.classic or not dictionary.classic)
    if source.reader == "csv":
        kind = kind_of(path)
        if kind != "text":
            raise ExportError(f"the file is {KINDS[kind]}, and its source says reader: csv", where=str(path), allowed="a CSV file",
                              do=f"say reader: {kind} in the plan" if kind != "odm" else "export the table as CSV")
        from pacer_analysis.read.flat import read_flat

        table, notes, columns = read_flat(path, source, dictionary, record, keep, options.encoding)
    else:
        from pacer_analysis.read.statistical import read_statistical_flat

        table, notes, columns = read_statistical_flat(path, source, dictionary, record, keep)
    return Reading(source, dictionary, record, path.name, (table,), undeclared_codes((table,), dictionary, notes), table.rows, columns, None, source.reader)
