"""What a statistical file says of a column against what the dictionary says: value labels, storage, display format, missing values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.read.notes import Note
from pacer_analysis.read.statisticaldates import unit_of
from pacer_analysis.read.statisticallevels import declared_missing, shown
from pacer_analysis.read.statisticalnames import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacer_analysis.read.statisticalfile import Values, Variable

SHORTEST_LABELS = 8      # Stata 5 keeps as much of the text of a code
MOST_NAMED = 12
DATES = frozenset({"date", "datetime"})
NUMBERS = frozenset({"integer", "number", "comma_number"})


def label_notes(name: str, kind: str, codes: Mapping[str, str], variable: Variable, system: str) -> list[Note]:
    """A note on each value label whose code the dictionary lacks, or names otherwise, and one on labels of a field that has no codes.

    A code that the file declares missing need not be in the dictionary.
    """
    labels = {code: label for code, label in variable.labels.items() if not _tagged(code) and (code in codes or not _declared(code, variable))}
    program = {"stata": "Stata", "sas": "SAS", "spss": "SPSS"}[system]
    if kind != "choice":
        if not labels or kind == "checkbox" or (kind == "text" and not codes):
            return []
        listed = ", ".join(f"{code} = {label}" for code, label in list(labels.items())[:MOST_NAMED])
        return [Note("labels", "info", name, f"the file labels values of {name}, which has no codes in the dictionary: {listed}",
                     "declare them as codes or as missing-data codes if they are not quantities")]
    notes: list[Note] = []
    spelled = {_number(code): code for code in codes}
    for given, label in labels.items():
        code = given if given in codes else spelled.get(_number(given), given)
        if code not in codes:
            notes.append(Note("labels", "warning", name, f"the file labels the code {code} of {name}, which the dictionary lacks",
                              f"update the dictionary, or correct the label in {program}"))
        elif not _same(label, codes[code]):
            notes.append(Note("labels", "warning", name, f"the file labels the code {code} of {name} as {label!r}, the dictionary as {codes[code]!r}",
                              "find out which of the two is meant"))
    return notes


def storage_notes(name: str, kind: str, variable: Variable, system: str, *, is_id: bool) -> list[Note]:
    """Notes on ids kept as decimals, dates without a date format and numbers kept as text."""
    storage, display = variable.storage, variable.display
    text, unit = storage.startswith("str"), unit_of(system, display)
    program = {"stata": "Stata", "sas": "SAS", "spss": "SPSS"}[system]
    if is_id and storage in {"float", "double"}:
        return [Note("storage", "error" if storage == "float" else "warning", name, f"the record id {name} is stored as {storage}; leading zeros are lost"
                     + (", and ids above 16777216 are not exact" if storage == "float" else ""), "save the id as text")]
    if kind in DATES and unit == "b":
        return [Note("storage", "error", name, f"{name} counts the days of a business calendar ({display}), which the file does not hold; it was not read",
                     f"save it as a day (%td) in {program}: generate day = dofb({name}, calendar)")]
    if kind in DATES and not text and unit in {"", "t"}:
        return [Note("storage", "error", name, f"{name} is a date in the dictionary, but the file shows it with the format {display or 'of a number'}",
                     f"give it a date format in {program}")]
    if kind in DATES and storage == "float" and unit in {"c", "C"}:
        return [Note("storage", "error", name, f"{name} counts milliseconds but is stored as float, which is wrong by up to a minute or more", "generate it as double in Stata")]
    if kind in NUMBERS and text:
        return [Note("storage", "warning", name, f"{name} is a number in the dictionary, but the file keeps it as text", f"make it numeric in {program}")]
    if kind not in DATES and unit and not (kind == "time" and unit in {"t", "c", "C"}):
        return [Note("storage", "warning", name, f"{name} is no date in the dictionary, but the file shows it with the format {display}",
                     "correct the type in the dictionary: `date`, `datetime`, or `time` if the format shows hours and minutes only")]
    return []


def missing_notes(name: str, values: Values, variable: Variable) -> list[Note]:
    """One note on the values that the file itself declares missing: each with its label and how often it occurs."""
    import numpy as np

    marked = np.flatnonzero(declared_missing(values, variable))
    if not len(marked):
        return []
    counts = np.bincount(values.codes, minlength=len(values.texts))
    texts = shown(values, "number", "")
    found = sorted((texts[place], int(counts[place])) for place in marked.tolist() if counts[place])
    listed = "; ".join(f"{text}{_quoted(variable.labels.get(text, ''))}: {count}" for text, count in found[:MOST_NAMED]) + (" ..." if len(found) > MOST_NAMED else "")
    return [Note("missing_code", "info", name, f"values that the file declares missing, with their number of cells: {listed}",
                 "none, or enter the values if they are known now")] if found else []


def _quoted(label: str) -> str:
    return f" ({label})" if label else ""


def _tagged(code: str) -> bool:
    return len(code) == 2 and code[0] == "."


def _declared(code: str, variable: Variable) -> bool:
    """True if SPSS was told to take the code for missing."""
    number = _number(code)
    return any(code.rstrip() == low.rstrip() if isinstance(low, str)
               else isinstance(number, float) and float(low) <= number <= float(high)  # type: ignore[arg-type]  # numbers if no texts
               for low, high in variable.user_missing)


def _number(code: str) -> float | str:
    try:
        return float(code)
    except ValueError:
        return code


def _same(label: str, expected: str) -> bool:
    """True if a label is the expected one, or as much of it as an old release keeps."""
    mine, other = plain(label), plain(expected)
    return mine == other or (len(label) == SHORTEST_LABELS and other.startswith(mine) and bool(mine))
