"""Cells from estimates, their footnotes, and the alignment of the decimal points of a column."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, product
from typing import TYPE_CHECKING

from pacer_analysis.results import NOT_VERIFIED
from pacer_analysis.tables import numbers
from pacer_analysis.tables.model import Cell, Column, Footnote, Piece, Row, Table, Value

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from pacer_analysis.results import Estimate

MARKS = "abcdefghijklmnopqrstuvwxyz"
# How a note begins, and the word that stands in the cell; of any other note, not estimable.
WORDS = {"withheld": "withheld", "beyond the last follow-up": "not reached", "median not reached": "not reached"}
# Widths in quarters of a digit, generous, so that a column's widest piece never exceeds the width given to all.
DIGIT = 4
WIDE = {".": 2, ",": 2, "%": 7, "(": 3, ")": 3, "/": 2, " ": 2, "\N{MINUS SIGN}": 5, "<": 5, ">": 5, "t": 3}

NONE = Cell((Value((Piece("\N{EN DASH}"),)),), kind="none")
BLANK = Cell((Value((Piece(""),)),), kind="blank")


class Notes:
    """The footnotes of one table in the order of first use, each text once."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def mark(self, text: str) -> str:
        """The mark of this footnote: a to z, then aa, ab, ..."""
        if text not in self.texts:
            self.texts.append(text)
        place = self.texts.index(text)
        repeat, letter = divmod(place, len(MARKS))
        return MARKS[letter] * (repeat + 1)

    def footnotes(self) -> tuple[Footnote, ...]:
        """The marked footnotes."""
        return tuple(Footnote(sentence(text), self.mark(text)) for text in self.texts)


def sentence(text: str) -> str:
    """The text with a capital and a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def plain(text: str) -> Cell:
    """A cell of words or of a number that is no estimate (a count of rows read, say)."""
    return Cell((Value((Piece(text),)),), kind="text")


def tally(value: float, *, shade: int = 0, listed: str = "") -> Cell:
    """A cell with a count that is no estimate; a zero leads to no list."""
    return Cell((Value((Piece(numbers.count(value)),)),), kind="number", shade=shade, listed=listed if value else "")


def figures(text: str, *, shade: int = 0) -> Cell:
    """A cell with a number that is no estimate, printed already."""
    return Cell((Value((Piece(text),)),), kind="number", shade=shade)


def number(parts: Iterable[tuple[Estimate, Sequence[str]]], notes: Notes) -> Cell:
    """A cell that prints the pieces of each estimate, with the marks of their notes."""
    pairs = list(parts)
    marks: list[str] = []
    for row, _ in pairs:
        if row.note:
            marks.append(notes.mark(row.note))
    values = tuple(Value(tuple(Piece(text) for text in texts), row.id) for row, texts in pairs)
    return Cell(values, marks=tuple(dict.fromkeys(marks)))


def noted(row: Estimate, notes: Notes) -> Cell:
    """A cell for an estimate without numbers: one word and the footnote that says why."""
    word = next((word for start, word in WORDS.items() if row.note.startswith(start)), "not estimable")
    mark = notes.mark(row.note or "no number in the results")
    return Cell((Value((Piece(word),), row.id),), kind="note", marks=(mark,))


def not_due(row: Estimate, visits: Container[str]) -> bool:
    """True for a visit that nobody was due at by the cut-off."""
    return row.estimate is None and row.n == 0 and not row.missing and row.term in visits


def waiting(row: Estimate) -> Cell:
    """The cell of a visit that nobody was due at."""
    return Cell((Value((Piece("not yet due"),), row.id),), kind="note")


def unverified(row: Estimate) -> bool:
    """True if the row says that its two implementations differ and nothing accounts for it."""
    return NOT_VERIFIED in row.note


def quarters(text: str) -> int:
    """The width of a text, in quarters of a digit, in a font with tabular figures."""
    return sum(WIDE.get(letter, DIGIT) for letter in text)


def aligned(table: Table) -> Table:
    """The table with widths on its pieces, so that numbers of one shape share their decimal point down a column, from heading to heading."""
    rows = [list(row.cells) for row in table.rows]
    blocks = list(accumulate(int(row.heading) for row in table.rows))
    for place, block in product(range(len(table.columns)), sorted(set(blocks))):
        cells = [(index, cells[place]) for index, cells in enumerate(rows) if blocks[index] == block and len(cells) > place
                 and cells[place].kind == "number"]
        for shape in sorted({_shape(cell) for _, cell in cells}):
            alike = [(index, cell) for index, cell in cells if _shape(cell) == shape]
            for (index, _), cell in zip(alike, _align([cell for _, cell in alike]), strict=True):
                rows[index][place] = cell
    return replace(table, rows=tuple(replace(row, cells=tuple(cells)) for row, cells in zip(table.rows, rows, strict=True)))


def _shape(cell: Cell) -> tuple[int, ...]:
    return tuple(len(value.pieces) for value in cell.values)


def _align(cells: list[Cell]) -> list[Cell]:
    flat = [[piece for value in cell.values for piece in value.pieces] for cell in cells]
    widths = []
    for column in zip(*flat, strict=True):
        left = max(quarters(_split(piece.text)[0]) for piece in column)
        right = max(quarters(_split(piece.text)[1]) for piece in column)
        widths.append((left, right))
    done = []
    for cell in cells:
        place = 0
        values = []
        for value in cell.values:
            pieces = []
            for piece in value.pieces:
                left, right = widths[place]
                after = right - quarters(_split(piece.text)[1]) if _split(piece.text)[0][-1:].isdigit() else 0
                pieces.append(Piece(piece.text, left + right, after))
                place += 1
            values.append(Value(tuple(pieces), value.estimate))
        done.append(replace(cell, values=tuple(values)))
    return done


def _split(text: str) -> tuple[str, str]:
    head, point, tail = text.partition(".")
    return head, point + tail


def table(*, key: str, number: str, title: str, population: str, size: str, stub: str, columns: Sequence[Column], rows: Sequence[Row],
          notes: Notes, plain_notes: Iterable[str] = (), source: str = "") -> Table:
    """The aligned table with its marked footnotes first and its sentences after."""
    footnotes = (*notes.footnotes(), *(Footnote(sentence(text)) for text in dict.fromkeys(plain_notes) if text))
    return aligned(Table(key, number, title, population, size, stub, tuple(columns), tuple(rows), footnotes, source))
