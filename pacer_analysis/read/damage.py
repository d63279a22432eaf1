"""Traces of programs that an export went through: spreadsheets, R, a wrong decimal character. A note on each cell, or one on a column that is damaged throughout."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.read.labelled import choices_of
from pacer_analysis.read.notes import Note, many
from pacer_analysis.read.structure import on_row

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.layout import Column
    from pacer_analysis.read.structure import Rows
    from pacer_analysis.read.tidy import Coded
    from pacer_analysis.read.wide import Wide

MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
MONTH_DATE = re.compile(rf"[0-9]{{1,2}}-({MONTHS})(-[0-9]{{2,4}})?|({MONTHS})-[0-9]{{1,2}}", re.IGNORECASE)
EXPONENT = re.compile(r"[0-9](\.[0-9]+)?E[+-]?[0-9]{1,3}")
# In free text, where somebody may have written a month or a large number, only what a spreadsheet program itself writes.
WRITTEN_EXPONENT = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]{2}")
WRITTEN_MONTH = re.compile(rf"[0-9]{{1,2}}-({MONTHS})|({MONTHS})-[0-9]{{2,4}}", re.IGNORECASE)
NUMBER_OF_ITS_OWN = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9_./-]{0,19}")
YEAR_OR_DATE = re.compile(rf"(19|20)[0-9]{{2}}|[0-9]{{1,4}}[/.][0-9]{{1,2}}([/.][0-9]{{1,4}})?|[0-9]{{4}}-[0-9]{{1,2}}(-[0-9]{{1,2}})?|.*({MONTHS}).*", re.IGNORECASE)
ERROR_VALUE = re.compile(r"#(NAME\?|REF!|VALUE!|DIV/0!|N/A|NUM!|NULL!)")
# Letters of UTF-8 read in Windows' encoding: é becomes Ã©, ’ becomes â€™, Cyrillic letters pairs that begin with Ð or Ñ. Quotation marks and dashes may follow a true Ã.
FOLLOWING = "\x80-\xbf\u20ac\u0192\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u02dc\u2122\u0161\u203a\u0153\u017e\u0178"
QUOTES = "\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u2026\u201a\u201e"
MISREAD = re.compile(f"\ufffd|[\xc2\xc3][{FOLLOWING}]|\xe2[{FOLLOWING}][{FOLLOWING}{QUOTES}]|([\xd0\xd1][{FOLLOWING}{QUOTES}]){{2}}")
OTHERS, ALIKE = 2, 0.8      # so many other values of a column, and such a share of them, are numbers of something: what is a month beside them was one
SLASHED_DATE = re.compile(r"[0-9]{1,2}/[0-9]{1,2}/([0-9]{2}|[0-9]{4})( [0-9:]+)?")
COMMA_DECIMAL = re.compile(r"[-+]?[0-9]+,[0-9]+")
LETTER = re.compile("[A-Za-z]")
LOST_LETTER = "<U+"
# Characters that nobody sees: control characters, no-break and other special spaces, zero width, direction, soft hyphen. Not NUL, which joins texts here.
INVISIBLE = re.compile("[\x01-\x1f\x7f-\xa0\xad\u034f\u061c\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]")
LOST_LETTERS = re.compile(r"<U\+[0-9A-F]{4,8}>")
ABSENT = "NA"
MANY_ABSENT = 3
MANY = 20
SPREADSHEET = "take the export as REDCap wrote it; if it must pass through a spreadsheet program, import every column as text"


@dataclass(frozen=True, slots=True)
class Damaged:
    """What is wrong with some cells of a column, in the words that follow "hold"."""

    cells: NDArray[np.intp]
    severity: str
    what: str
    action: str
    listed: bool = True


def damage_notes(wide: Wide, layout: Mapping[str, Column], rows: Rows, missing: Collection[str], decimal: str) -> list[Note]:
    """The notes on all columns of a file: one on each cell, or one on a column of which more than half of the cells, or more than twenty, are damaged."""
    notes: list[Note] = []
    commas: list[str] = []
    for name, column in wide.columns.items():
        about = layout.get(name)
        if about is None:
            continue
        # All texts in one, searched once: the single texts are looked at only where something is found.
        whole = "\0".join(["", *column.levels.tolist(), ""])
        for damaged in _of_column(name, column, whole, about, rows.project.dictionary.record_id, missing, told=name in wide.meant):
            notes += _told(name, column, about, damaged, rows, wide.lines)
        if not decimal and about.kind in {"number", "integer"} and "," in whole and _all_commas(column, missing):
            commas.append(name)
    if commas:
        notes.append(Note("decimal", "warning", commas[0] if len(commas) == 1 else "", f"{len(commas)} columns of numbers hold decimal commas throughout: {many(commas)}; they were "
                          "not read as numbers", "say that the export has decimal commas (`decimal: \",\"` of the source, --decimal ,)"))
    return notes


def _told(name: str, column: Coded, about: Column, damaged: Damaged, rows: Rows, lines: NDArray[np.int64]) -> list[Note]:
    """The damage of some cells, on each of them or on the column."""
    import numpy as np

    field, count = about.field.name if about.field else name, len(damaged.cells)
    filled = np.array([str(level).strip() != "" for level in column.levels], dtype=bool)
    if not damaged.listed or count > MANY or 2 * count > int(filled[column.codes].sum()):
        return [Note("damage", damaged.severity, field, f"{count} cells of {name} hold {damaged.what}", damaged.action, about.form)]
    return [on_row(rows, lines, int(row), Note("damage", damaged.severity, field, f"the cell holds {damaged.what}", damaged.action, about.form)) for row in damaged.cells]


def _of_column(name: str, column: Coded, whole: str, about: Column, record: str, missing: Collection[str], *, told: bool) -> Iterator[Damaged]:
    """What one column shows; of whole numbers with .0 that were read as such, `told`, nothing more is said."""
    texts, choices = about.kind == "text", choices_of(name, about)
    guarded = texts and about.field is not None and bool(about.field.validation)        # a telephone number, a hospital's number
    severity = "error" if name == record else "warning"
    lettered = (name == record or guarded or not texts) and LETTER.search(whole) is not None
    if lettered and len(found := _cells(column, MONTH_DATE.fullmatch)):
        yield Damaged(found, severity, "a day and a month, as a spreadsheet program makes of 1-31", SPREADSHEET)
    if lettered and (texts or about.kind == "choice") and len(found := _cells(column, lambda text: text not in choices and EXPONENT.fullmatch(text))):
        yield Damaged(found, severity, "a number with an exponent, as a spreadsheet program makes of a long number or of 1E5", SPREADSHEET)
    if about.kind in {"date", "datetime"} and "/" in whole and len(found := _cells(column, SLASHED_DATE.fullmatch)):
        yield Damaged(found, "warning", "a date with slashes, as a spreadsheet program writes it; REDCap writes YYYY-MM-DD", SPREADSHEET)
    padded = {code.lstrip("0") for code in choices if len(code) > 1 and code.startswith("0") and code.lstrip("0")} - set(choices)
    if padded and len(found := _cells(column, padded.__contains__)):
        yield Damaged(found, "warning", "a code without its leading zero, as a spreadsheet program writes it", SPREADSHEET)
    if choices and not told and ".0" in whole and len(found := _cells(column, lambda text: text not in choices and text.endswith(".0") and text[:-2] in choices)):
        yield Damaged(found, "warning", "a code with .0 behind it, as pandas writes whole numbers beside blanks", "take the export as REDCap wrote it; read it into pandas with dtype=str")
    if texts:
        yield from _of_text(column, whole, severity, lettered=lettered)
    if texts and LOST_LETTER in whole and len(found := _cells(column, LOST_LETTERS.search)):
        yield Damaged(found, "warning", "<U+....> where letters were: R wrote the file on a computer that could not; the letters are lost from it", "take the export as REDCap wrote it")
    if name == record and INVISIBLE.search(whole) and len(found := _cells(column, INVISIBLE.search, strip=False)):
        yield Damaged(found, "error", "an invisible character (a no-break space, a zero-width or control character) in the record id: it looks like another record, and may not be it",
                      "remove it in REDCap, and look whether the record exists twice")
    blank = "\0\0" in whole
    if f"\0{ABSENT}\0" in whole and ABSENT not in missing and ABSENT not in choices and (not texts or not blank) and len(found := _cells(column, ABSENT.__eq__)) >= MANY_ABSENT:
        yield Damaged(found, "warning", f"{ABSENT}, as R writes a blank; they were read as the text that they are",
                      f"take the export as REDCap wrote it; if {ABSENT} is a missing-data code of the project, declare it", listed=False)


def _of_text(column: Coded, whole: str, severity: str, *, lettered: bool) -> Iterator[Damaged]:
    """What a column of text shows; `lettered` has been looked at for months and exponents already."""
    if "#" in whole and len(found := _cells(column, ERROR_VALUE.fullmatch)):
        yield Damaged(found, severity, "an error value of a spreadsheet program, which has replaced the text", SPREADSHEET)
    if not lettered and "E+" in whole and len(found := _cells(column, WRITTEN_EXPONENT.fullmatch)):
        yield Damaged(found, severity, "a number with an exponent, as a spreadsheet program makes of a long number or of 1E5", SPREADSHEET)
    if not lettered and "-" in whole and LETTER.search(whole) and len(found := _cells(column, WRITTEN_MONTH.fullmatch)) and _numbered(column):
        yield Damaged(found, severity, "a day and a month, as a spreadsheet program makes of 1-31, among numbers that are none", SPREADSHEET)
    if not whole.isascii() and len(found := _cells(column, MISREAD.search)):
        yield Damaged(found, severity, "letters that were read in another encoding than they were written in (\u00c3\u00a9 for \u00e9), or the mark that stands for a lost one",
                      "take the export as REDCap wrote it, in UTF-8; if REDCap itself shows them, correct the text there")


def _numbered(column: Coded) -> bool:
    """True if nearly all other values of a column are numbers of something, years and dates aside."""
    others = [text for level in column.levels if (text := str(level).strip()) and not WRITTEN_MONTH.fullmatch(text)]
    return len(others) >= OTHERS and sum(NUMBER_OF_ITS_OWN.fullmatch(text) is not None and not YEAR_OR_DATE.fullmatch(text) for text in others) >= ALIKE * len(others)


def _cells(column: Coded, test: Callable[[str], object], *, strip: bool = True) -> NDArray[np.intp]:
    """The cells that pass a test of their text."""
    import numpy as np

    marked = np.array([bool(test(str(level).strip() if strip else str(level))) for level in column.levels], dtype=bool)
    return np.flatnonzero(marked[column.codes]) if marked.any() else np.zeros(0, dtype=np.intp)


def _all_commas(column: Coded, missing: Collection[str]) -> bool:
    """True if every number that is not whole is written with a comma, and there is one."""
    texts = [text for level in column.levels if (text := str(level).strip()) and text not in missing]
    return any(COMMA_DECIMAL.fullmatch(text) for text in texts) and not any("." in text for text in texts)
