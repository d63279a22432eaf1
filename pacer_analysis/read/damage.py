"""Traces of programs that an export went through: spreadsheets, R, a wrong decimal character. One note per column, with a count."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pacer_analysis.read.labelled import choices_of
from pacer_analysis.read.notes import Note, many

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from pacer_analysis.read.layout import Column
    from pacer_analysis.read.tidy import Coded

MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
MONTH_DATE = re.compile(rf"[0-9]{{1,2}}-({MONTHS})(-[0-9]{{2,4}})?|({MONTHS})-[0-9]{{1,2}}", re.IGNORECASE)
EXPONENT = re.compile(r"[0-9](\.[0-9]+)?E[+-]?[0-9]{1,3}")
SLASHED_DATE = re.compile(r"[0-9]{1,2}/[0-9]{1,2}/([0-9]{2}|[0-9]{4})( [0-9:]+)?")
COMMA_DECIMAL = re.compile(r"[-+]?[0-9]+,[0-9]+")
LETTER = re.compile("[A-Za-z]")
LOST_LETTER = "<U+"
LOST_LETTERS = re.compile(r"<U\+[0-9A-F]{4,8}>")
ABSENT = "NA"
MANY_ABSENT = 3
SPREADSHEET = "take the export as REDCap wrote it; if it must pass through a spreadsheet program, import every column as text"


def damage_notes(columns: Mapping[str, Coded], layout: Mapping[str, Column], record: str, missing: Collection[str], decimal: str) -> list[Note]:
    """The notes on all columns of a file."""
    notes: list[Note] = []
    commas: list[str] = []
    for name, column in columns.items():
        about = layout.get(name)
        if about is None:
            continue
        # All texts in one, searched once: the single texts are looked at only where something is found.
        whole = "\0".join(["", *column.levels.tolist(), ""])
        notes += _of_column(name, column, whole, about, record, missing)
        if not decimal and about.kind in {"number", "integer"} and "," in whole and _all_commas(column, missing):
            commas.append(name)
    if commas:
        notes.append(Note("decimal", "warning", commas[0] if len(commas) == 1 else "", f"{len(commas)} columns of numbers hold decimal commas throughout: {many(commas)}; they were "
                          "not read as numbers", "say that the export has decimal commas (`decimal: \",\"` of the source, --decimal ,)"))
    return notes


def _of_column(name: str, column: Coded, whole: str, about: Column, record: str, missing: Collection[str]) -> Iterator[Note]:
    """What one column shows."""
    form, field = about.form, about.field.name if about.field else name
    texts, choices = about.kind == "text", choices_of(name, about)
    guarded = texts and about.field is not None and bool(about.field.validation)        # a telephone number, a hospital's number
    severity = "error" if name == record else "warning"
    lettered = (name == record or guarded or not texts) and LETTER.search(whole) is not None
    if lettered and (count := _count(column, MONTH_DATE.fullmatch)):
        yield Note("damage", severity, field, f"{count} cells of {name} hold a day and a month, as a spreadsheet program makes of 1-31", SPREADSHEET, form)
    if lettered and (texts or about.kind == "choice") and (count := _count(column, lambda text: text not in choices and EXPONENT.fullmatch(text))):
        yield Note("damage", severity, field, f"{count} cells of {name} hold a number with an exponent, as a spreadsheet program makes of a long number or of 1E5",
                   SPREADSHEET, form)
    if about.kind in {"date", "datetime"} and "/" in whole and (count := _count(column, SLASHED_DATE.fullmatch)):
        yield Note("damage", "warning", field, f"{count} cells of {name} hold a date with slashes, as a spreadsheet program writes it; REDCap writes YYYY-MM-DD", SPREADSHEET, form)
    padded = {code.lstrip("0") for code in choices if len(code) > 1 and code.startswith("0") and code.lstrip("0")} - set(choices)
    if padded and (count := _count(column, padded.__contains__)):
        yield Note("damage", "warning", field, f"{count} cells of {name} hold a code without its leading zero, as a spreadsheet program writes it", SPREADSHEET, form)
    if choices and ".0" in whole and (count := _count(column, lambda text: text not in choices and text.endswith(".0") and text[:-2] in choices)):
        yield Note("damage", "warning", field, f"{count} cells of {name} hold a code with .0 behind it, as pandas writes whole numbers beside blanks",
                   "take the export as REDCap wrote it; read it into pandas with dtype=str", form)
    if texts and LOST_LETTER in whole and (count := _count(column, LOST_LETTERS.search)):
        yield Note("damage", "warning", field, f"{count} cells of {name} hold <U+....> where letters were: R wrote the file on a computer that could not; the letters are lost from it",
                   "take the export as REDCap wrote it", form)
    blank = "\0\0" in whole
    if f"\0{ABSENT}\0" in whole and ABSENT not in missing and ABSENT not in choices and (not texts or not blank) and (count := _count(column, ABSENT.__eq__)) >= MANY_ABSENT:
        yield Note("damage", "warning", field, f"{count} cells of {name} hold {ABSENT}, as R writes a blank; they were read as the text that they are",
                   f"take the export as REDCap wrote it; if {ABSENT} is a missing-data code of the project, declare it", form)


def _count(column: Coded, test: Callable[[str], object]) -> int:
    """How many cells pass a test of their text."""
    import numpy as np

    marked = np.array([bool(test(str(level).strip())) for level in column.levels], dtype=bool)
    if not marked.any():
        return 0
    return int(np.bincount(column.codes, minlength=len(marked))[marked].sum())


def _all_commas(column: Coded, missing: Collection[str]) -> bool:
    """True if every number that is not whole is written with a comma, and there is one."""
    texts = [text for level in column.levels if (text := str(level).strip()) and text not in missing]
    return any(COMMA_DECIMAL.fullmatch(text) for text in texts) and not any("." in text for text in texts)
