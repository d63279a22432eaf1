"""A Stata file by its dictionary: dates converted here, codes kept as text, extended missing values remembered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pacer_analysis.errors import ExportError
from pacer_analysis.read.convert import BLANK, DATE_KINDS, MISSING, UNREADABLE, VALUE, Levels, convert
from pacer_analysis.read.flat import columns_as_expected, stripped
from pacer_analysis.read.statadates import date_unit, stata_date
from pacer_analysis.read.stataformat import label_notes, storage_notes
from pacer_analysis.read.tidy import Cells, Coded, Tidy

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from pacer_analysis.dictionary import FlatDictionary, FlatField
    from pacer_analysis.plan import Source
    from pacer_analysis.read.notes import Note

LONG_NAME = re.compile(r"(.{20})_v_\d+")
EXACT_WHOLE = 1e15


def read_stata(path: Path, source: Source, dictionary: FlatDictionary, record: str, keep: Collection[str]) -> tuple[Tidy, tuple[Note, ...], int]:
    """The fields to keep as a tidy table, the notes on the file, and how many columns it has; ExportError if it is no Stata file."""
    meta = _open(path)[1]
    names = _names(list(meta.column_names), dictionary)
    notes = columns_as_expected(path, source, dictionary, list(names), record, keep)
    wanted = [name for name in dictionary.fields if name in names and name in keep]
    columns, meta = _open(path, [names[name] for name in wanted])
    missing = frozenset(source.missing_codes)
    cells: dict[str, Cells] = {}
    for name in wanted:
        field, spelling = dictionary.fields[name], names[name]
        display, storage = meta.original_variable_types[spelling], meta.readstat_variable_types[spelling]
        notes += storage_notes(field, display, storage, is_id=name == record)
        notes += label_notes(field, meta.variable_value_labels.get(spelling, {}))
        cells[name] = _cells(field, columns.pop(spelling), display, storage, missing)
    who = cells[record]
    rows = len(who.codes)
    import numpy as np

    nothing = Coded(np.zeros(rows, dtype=np.int32), np.array([""], dtype=object))
    table = Tidy(source.id, "", stripped(Coded(who.codes, who.levels.raw)), nothing, np.zeros(rows, dtype=np.int64),
                 np.arange(2, rows + 2, dtype=np.int64), nothing, np.zeros(rows, dtype=bool), cells)
    return table, tuple(notes), len(names)


def _open(path: Path, columns: list[str] | None = None) -> tuple[dict[str, Any], Any]:
    """The columns as plain lists with the file's description; without `columns` the description alone."""
    import pyreadstat

    try:
        if columns is None:
            return {}, pyreadstat.read_dta(str(path), metadataonly=True)[1]
        content, meta = pyreadstat.read_dta(str(path), usecols=columns, user_missing=True, disable_datetime_conversion=True, output_format="dict")
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, ValueError) as problem:
        del problem     # its text may quote a value
        raise ExportError("not a complete Stata file", where=str(path), allowed="a .dta file of Stata 6 to 18 (releases 108 to 119)",
                          do="save it again in Stata; a file that was copied in part is refused") from None
    return dict(content), meta


def _names(present: list[str], dictionary: FlatDictionary) -> dict[str, str]:
    """Dictionary spelling to the file's: without regard to case, and REDCap's shortened names by their first 20 characters and order."""
    names = {name.lower(): name for name in present}
    for name in dictionary.fields:
        if name not in names and len(name) > 26:
            short = [found for found in names if (match := LONG_NAME.fullmatch(found)) and name.startswith(match[1]) and found not in dictionary.fields]
            if short:
                names[name] = names.pop(short[0])
    return names


def _cells(field: FlatField, values: list[Any], display: str, storage: str, missing: Collection[str]) -> Cells:
    """A column as codes into its different values.

    Text is converted by the dictionary like that of any export. A number is a date by its display format; a code `1`
    stays `1`; `.a` to `.z` are missing with a reason.
    """
    import numpy as np
    import pandas as pd

    places, uniques = pd.factorize(np.array(values, dtype=object), use_na_sentinel=True)
    levels = [_as_typed(level) for level in uniques] if storage == "float" else list(uniques)
    if (places < 0).any():
        places[places < 0] = len(levels)
        levels.append("")
    codes = places.astype(np.int32)
    if storage == "string":
        texts = ["" if isinstance(level, float) else str(level) for level in levels]
        return Cells(field.name, field.kind, codes, convert(field.kind, texts, missing))
    return Cells(field.name, field.kind, codes, _numeric_levels(field.kind, levels, date_unit(display), missing))


def _as_typed(level: Any) -> Any:
    """The shortest decimal that a 4-byte float can stand for: 0.1, not 0.10000000149011612."""
    import numpy as np

    return level if isinstance(level, str) else float(str(np.float32(level)))


def _numeric_levels(kind: str, levels: list[Any], unit: str, missing: Collection[str]) -> Levels:
    """The levels of a numeric column: raw as Stata would show them, typed by the dictionary."""
    import numpy as np

    raw = [_shown(level, unit) for level in levels]
    converted = convert(kind, raw, missing)
    tagged = np.array([isinstance(level, str) and level != "" for level in levels], dtype=bool)
    converted.status[tagged] = MISSING
    converted.exact[tagged] = False
    if kind in DATE_KINDS:
        for place, level in enumerate(levels):
            if isinstance(level, str):
                converted.typed[place] = np.datetime64("NaT")
                continue
            moment = stata_date(float(level), unit) if unit else None
            whole = moment is not None and moment == moment.astype("datetime64[D]")
            readable = moment is not None and (whole or kind == "datetime")
            converted.typed[place] = moment if readable else np.datetime64("NaT")
            converted.status[place] = VALUE if readable else UNREADABLE
            converted.exact[place] = readable and unit in {"d", "c", "C"}
    elif tagged.any():
        converted.typed[tagged] = "" if converted.typed.dtype == object else np.nan
    if converted.typed.dtype != object and kind not in DATE_KINDS:
        for place, level in enumerate(levels):
            if not isinstance(level, str) and converted.status[place] == VALUE:
                converted.typed[place] = float(level)
    converted.exact[converted.status == BLANK] = True
    return converted


def _shown(level: Any, unit: str) -> str:
    """A value as text: `.a` for an extended missing value, an ISO date for a date, `1` for 1.0."""
    import numpy as np

    if isinstance(level, str):
        return f".{level}" if level else ""
    number = float(level)
    moment = stata_date(number, unit) if unit else None
    if moment is not None:
        day = moment.astype("datetime64[D]")
        return str(day) if moment == day else str(moment.astype("datetime64[s]")).replace("T", " ")
    return str(int(number)) if number == int(number) and abs(number) < EXACT_WHOLE else repr(float(np.format_float_positional(number, trim="-")))
