"""What a table is: no markup, no file, every number with the id of its estimate."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text inside a cell; `width` and `after` in quarters of a digit line its decimal point up with its column."""

    text: str
    width: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Value:
    """The pieces that print one estimate."""

    pieces: tuple[Piece, ...]
    estimate: str = ""

    @property
    def text(self) -> str:
        """The pieces as read."""
        return " ".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Cell:
    """One or more values (mean and SD), footnote marks, and the kind: number, text, note or none; `shade` is 0 to 4.

    `listed` is what the list of findings is narrowed to when the cell is chosen: site=nyanga&rule=range.
    """

    values: tuple[Value, ...]
    kind: str = "number"
    marks: tuple[str, ...] = ()
    shade: int = 0
    listed: str = ""

    @property
    def text(self) -> str:
        """The values as read."""
        return " ".join(value.text for value in self.values)


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column: title and unit, the group above it with its own N, and the class of its arm."""

    title: str
    group: str = ""
    size: str = ""
    arm: str = ""
    text: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its name, its cells in the order of the columns; a heading spans the table and has none; `listed` as of a cell."""

    label: str
    cells: tuple[Cell, ...] = ()
    heading: bool = False
    level: int = 0
    listed: str = ""


@dataclass(frozen=True, slots=True)
class Footnote:
    """A footnote, with the mark that its cells carry or none."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A numbered table of one population."""

    key: str
    number: str
    title: str
    population: str
    size: str
    stub: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    footnotes: tuple[Footnote, ...] = ()
    source: str = ""

    @property
    def blocks(self) -> tuple[tuple[Row, ...], ...]:
        """The rows in runs that belong together: a heading or a row of level 0 with the rows of level 1 under it; single rows run on."""
        runs: list[list[Row]] = []
        for place, row in enumerate(self.rows):
            leads = not row.level and place + 1 < len(self.rows) and self.rows[place + 1].level > 0
            after = place > 0 and not row.level and self.rows[place - 1].level > 0
            if not runs or row.heading or leads or after:
                runs.append([])
            runs[-1].append(row)
        return tuple(tuple(run) for run in runs)

    @property
    def groups(self) -> tuple[tuple[str, str, str, int], ...]:
        """The upper head: (title, size, arm, columns spanned) for each run of columns of one group; none if no column has one."""
        if not any(column.group for column in self.columns):
            return ()
        runs: list[tuple[str, str, str, int]] = []
        for column in self.columns:
            if runs and runs[-1][:2] == (column.group, column.size if column.group else ""):
                title, size, arm, span = runs[-1]
                runs[-1] = (title, size, arm, span + 1)
            else:
                runs.append((column.group, column.size if column.group else "", column.arm, 1))
        return tuple(runs)


@dataclass(frozen=True, slots=True)
class Notice:
    """What stands where tables would: analyses that the results name and withhold, or could not estimate, and why."""

    entries: tuple[tuple[str, str], ...]
    text: str
