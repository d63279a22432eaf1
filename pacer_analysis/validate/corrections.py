"""corrections.csv: the one place where a value is changed, each change with its old value, its reason and its author."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pacer_analysis.errors import ExportError
from pacer_analysis.validate.columns import describe_columns, key_beyond_record
from pacer_analysis.validate.described import Described, missing_codes_of
from pacer_analysis.validate.handwritten import read_rows
from pacer_analysis.validate.queries import MASK, instances_of
from pacer_analysis.validate.safecsv import as_exported, write_csv

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read import Reading
    from pacer_analysis.read.tidy import Cells, Tidy

COLUMNS = ("record", "event", "instrument", "instance", "field", "old", "new", "reason", "who", "date")
WRITTEN = (*COLUMNS, "label", "site", "source", "line")
OPEN_FILE, CLOSED_FILE = "corrections.csv", "corrections_closed.csv"
SYSTEM = frozenset({"redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "redcap_data_access_group", "redcap_survey_identifier"})
PLACE = frozenset(COLUMNS[:4])


@dataclass(frozen=True, slots=True)
class Correction:
    """One line of the file: which cell, what it holds and what it should hold; `closed` if it stands in corrections_closed.csv."""

    record: str
    event: str
    instrument: str
    instance: str
    field: str
    old: str
    new: str
    reason: str
    who: str
    date: str
    line: int
    path: Path

    @property
    def closed(self) -> bool:
        """True for a correction that only the restricted side may read."""
        return self.path.name == CLOSED_FILE

    @property
    def where(self) -> str:
        """The place of the correction, without a value."""
        return f"{self.path}, line {self.line}: record {self.record}, field {self.field}"


@dataclass(frozen=True, slots=True)
class Applied:
    """A correction that was made: on which line of which source, of what field."""

    correction: Correction
    source: str
    line: int
    label: str
    site: str
    identifier: bool
    instance: str


def load_corrections(path: Path | None) -> tuple[Correction, ...]:
    """The corrections of a file in its order, none if there is no file.

    ExportError, with the line, for a file without its columns, a blank record, instrument, field, reason or author, a date that is
    none, a correction that changes nothing, and a cell corrected twice.
    """
    if path is None or not path.is_file():
        return ()
    found: dict[tuple[str, ...], Correction] = {}
    for line, row in read_rows(path, COLUMNS, ("record", "instrument", "field", "reason", "who", "date")):
        values = {"old": row["old"], "new": row["new"], "reason": " ".join(row["reason"].split())}
        made = Correction(**{name: values.get(name, text.strip()) for name, text in row.items()}, line=line, path=path)
        if _lines(made.old) == _lines(made.new):
            raise ExportError("a correction changes nothing: old and new are the same", where=made.where, do="correct or delete the line")
        cell = (made.record, made.event, made.instrument, made.instance, made.field)
        if cell in found:
            raise ExportError("a cell is corrected twice", where=f"{made.where}; and line {found[cell].line}", do="keep one line: the value as exported, and the last one meant")
        found[cell] = made
    return tuple(found.values())


def apply_corrections(reading: Reading, corrections: Iterable[Correction]) -> tuple[Reading, tuple[Applied, ...]]:
    """The source with the corrections that name its instruments made, and these; other corrections are passed over.

    A new value is converted as any text of the export. ExportError where the row or the field is not found or not one, where the
    old value is not the text as exported, for keys, and for a field that must not or must stand in corrections_closed.csv.
    """
    every, applied = tuple(corrections), list[Applied]()
    tables: list[Tidy] = []
    for table in reading.tables:
        mine = [each for each in every if each.instrument == (table.form or table.source)]
        owners = describe_columns(reading, table) if mine else {}
        changes: dict[str, list[tuple[NDArray[np.intp], Correction]]] = {}
        for each in mine:
            _permitted(reading, table, each)
            if each.field not in table.fields:
                raise ExportError("a correction names a field that is not there", where=each.where, allowed=_some(table.fields),
                                  do="write the field as queries.csv has it, an option of a checkbox as field___code")
            seen = table if each.closed else table.select(tuple(name for name in table.fields if name.partition("___")[0] not in reading.source.sealed_fields))
            rows = _rows(reading, seen, each)
            cells = table.fields[each.field]
            if any(_lines(str(cells.levels.raw[code])) not in {_lines(each.old), _lines(as_exported(each.old))} for code in cells.codes[rows]):
                raise ExportError("the old value of a correction is not the one in the export", where=each.where, allowed="the text exactly as exported, nothing for a blank cell",
                                  do="look whether the value was corrected at its source since: then delete the line; else correct `old`")
            changes.setdefault(each.field, []).append((rows, each))
            about = owners.get(each.field, Described(each.field))
            secret = {(table.source, name) for name, field in owners.items() if field.identifier}
            shown = instances_of(seen, key_beyond_record(reading), rows[:1], secret)[0]
            applied.append(Applied(each, table.source, int(table.line[rows[0]]), about.label, str(table.site.levels[table.site.codes[rows[0]]]), about.identifier, shown))
        tables.append(replace(table, fields=table.fields | {name: _changed(reading, table.fields[name], made) for name, made in changes.items()}))
    return replace(reading, tables=tuple(tables)), tuple(applied)


def check_all_applied(corrections: Iterable[Correction], applied: Iterable[Applied], readings: Iterable[Reading]) -> None:
    """ExportError for a correction whose instrument no source of this side has, or two have."""
    made = Counter(each.correction for each in applied)
    instruments = sorted({table.form or table.source for reading in readings for table in reading.tables})
    for each in corrections:
        if made[each] != 1:
            what = "no source that was read has the instrument of a correction" if not made[each] else "two sources have the instrument of a correction"
            raise ExportError(what, where=each.where, allowed=_some(instruments),
                              do="write the form, or the source if it has no forms, as queries.csv has it; corrections of a sealed source belong in corrections_closed.csv")


def write_corrections(folder: Path, applied: Iterable[Applied], name: str = OPEN_FILE) -> None:
    """The corrections made, as corrections.csv in `folder`: the columns of the file and label, site, source and line; identifiers masked."""
    write_csv(folder / name, WRITTEN, (_row(each) for each in applied))


def _row(each: Applied) -> list[str]:
    made = each.correction
    values = [MASK if each.identifier and text else text for text in (made.old, made.new)]
    return [made.record, made.event, made.instrument, each.instance, made.field, *values, made.reason, made.who, made.date, each.label, each.site, each.source, str(each.line)]


def _permitted(reading: Reading, table: Tidy, each: Correction) -> None:
    """ExportError for a key, and for a field on the wrong side of the blinding."""
    base = each.field.partition("___")[0]
    if each.field in {*SYSTEM, *reading.source.key, reading.record} or (each.field in PLACE and each.field not in table.fields):
        raise ExportError("a correction names a key: by it the row is found, and it cannot be changed here", where=each.where, allowed="any other field", do="correct it at its source and export again")
    sealed = reading.source.reveals_arm or not {base, each.field}.isdisjoint(reading.source.sealed_fields)
    if sealed and not each.closed:
        raise ExportError(f"a correction of a sealed field stands in {each.path.name}, which the open side reads", where=each.where, allowed="fields that do not betray the arm",
                          do=f"move the line to {CLOSED_FILE}, and restrict who reads that")
    if each.closed and not sealed:
        raise ExportError(f"a correction in {each.path.name} is of a field that is not sealed: the open side would not see it", where=each.where,
                          allowed="sealed sources and fields", do=f"move the line to {OPEN_FILE}")


def _rows(reading: Reading, table: Tidy, each: Correction) -> NDArray[np.intp]:
    """The row of a correction, or its copies; ExportError if there is none, or several that differ."""
    import numpy as np

    names = {each.record, as_exported(each.record)}
    codes = [code for code, level in enumerate(table.record.levels) if str(level) in names]
    rows = np.flatnonzero(np.isin(table.record.codes, codes))
    if not len(rows):
        raise ExportError(f"a correction names a record that has no row of {each.instrument}", where=each.where, allowed="the record as queries.csv has it",
                          do="look whether the record was renamed or deleted: then delete the line")
    events = table.event.levels[table.event.codes[rows]]
    instances = instances_of(table, key_beyond_record(reading), rows)
    wanted = {each.instance, as_exported(each.instance)}
    rows = rows[[str(event) == each.event and instance.strip() in wanted for event, instance in zip(events, instances, strict=True)]]
    if not len(rows):
        raise ExportError(f"a correction names an event or instance that the record does not have in {each.instrument}", where=each.where,
                          allowed="event and instance as queries.csv has them, nothing where it has nothing", do="correct the line, or delete it if the row was deleted")
    if len(rows) > 1 and table.form:
        return rows[:1]     # of rows that repeat record, event and instance the first is used
    if any((cells.codes[rows] != cells.codes[rows[0]]).any() for cells in table.fields.values()):
        raise ExportError(f"a correction cannot tell {len(rows)} rows of the same key apart", where=each.where, allowed="a key that occurs once", do="correct it at its source")
    return rows


def _changed(reading: Reading, cells: Cells, changes: list[tuple[NDArray[np.intp], Correction]]) -> Cells:
    """The cells with new texts on some rows, converted as the others were."""
    import numpy as np

    from pacer_analysis.read.convert import Levels, convert

    levels = cells.levels
    known = {str(text): code for code, text in reversed(list(enumerate(levels.raw)))}
    added = list(dict.fromkeys(each.new for _, each in changes if each.new not in known))
    made = convert(cells.kind, added, set(missing_codes_of(reading)), reading.source.decimal)
    known |= {text: len(levels.raw) + place for place, text in enumerate(added)}
    wide = np.promote_types(cells.codes.dtype, np.min_scalar_type(-len(levels.raw) - len(added) - 1))
    codes = cells.codes.astype(wide)
    for rows, each in changes:
        codes[rows] = known[each.new]
    pairs = ((getattr(levels, name), getattr(made, name)) for name in ("raw", "typed", "status", "exact"))
    return replace(cells, codes=codes, levels=Levels(*(_joined(*pair) for pair in pairs)))


def _joined(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """Two arrays as one; moments in the coarser unit of the two, since nanoseconds cannot hold every year."""
    import numpy as np

    if one.dtype != other.dtype and one.dtype.kind == "M":
        return np.concatenate([one.astype("datetime64[us]"), other.astype("datetime64[us]")])
    return np.concatenate([one, other])


def _lines(text: str) -> str:
    """A text with line feeds only: which of the two a program wrote says nothing of the value."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _some(names: Collection[str]) -> str:
    shown = list(names)[:20]
    return ", ".join(shown) + (" ..." if len(names) > 20 else "")
