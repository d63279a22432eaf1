"""The dictionary of a flat table (Stata or CSV): one row per column of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.dictionary.choices import parse_choices
from pacer_analysis.dictionary.csvtable import named_rows
from pacer_analysis.errors import DictionaryError

if TYPE_CHECKING:
    from pathlib import Path

FLAT_TYPES = ("text", "integer", "number", "date", "datetime", "time", "coded")


@dataclass(frozen=True, slots=True)
class FlatField:
    """One column of a flat table; `line` is its line in the dictionary, `written` its name in the letters of the dictionary."""

    name: str
    label: str
    type: str
    unit: str
    minimum: str
    maximum: str
    codes: dict[str, str]
    required: bool
    identifier: bool
    line: int
    written: str = ""

    @property
    def kind(self) -> str:
        """What a cell holds: choice, date, datetime, time (HH:MM, with seconds or without), integer, number or text."""
        return "choice" if self.type == "coded" else self.type


@dataclass(frozen=True, slots=True)
class FlatDictionary:
    """The columns of a flat table by name, in the order of the dictionary."""

    fields: dict[str, FlatField]
    path: Path


def load_flat(path: Path) -> FlatDictionary:
    """The flat dictionary in a CSV file with the columns name,label,type,unit,min,max,codes,required,identifier."""
    fields: dict[str, FlatField] = {}
    for line, row in named_rows(path, ("name", "type")):
        name, kind = row["name"].lower(), row["type"].lower()
        where = f"{path}, line {line}, field {name}"
        if not name:
            raise DictionaryError("a field has no name", where=where, do="correct it in this file")
        if name in fields:
            raise DictionaryError(
                f"the field {name} is defined twice",
                where=f"{path}, lines {fields[name].line} and {line}",
                allowed="each field once",
                do="remove or rename one of the two",
            )
        if kind not in FLAT_TYPES:
            raise DictionaryError(f"the type is {row['type']!r}", where=where, allowed=", ".join(FLAT_TYPES), do="correct the type")
        codes, _ = parse_choices(row.get("codes", ""))
        if kind == "coded" and not codes:
            raise DictionaryError("a coded field has no codes", where=where, allowed="code, label | code, label", do="complete its codes")
        fields[name] = FlatField(name, row.get("label", ""), kind, row.get("unit", ""), row.get("min", ""), row.get("max", ""), codes,
                                 row.get("required", "").lower() in {"y", "yes", "1"}, row.get("identifier", "").lower() in {"y", "yes", "1"}, line, row["name"])
    if not fields:
        raise DictionaryError("the dictionary has no fields", where=str(path), do="complete the dictionary")
    return FlatDictionary(fields, path)
