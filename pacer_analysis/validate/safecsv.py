"""CSV files that a spreadsheet program may open: no cell is a formula, and every cell can be read back as it was."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

# What a spreadsheet program may take for the beginning of a formula: also after spaces, and in the full-width forms of East Asian keyboards.
FORMULA = re.compile("[ \u00a0\u3000]*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
QUOTED = re.compile(f"'+{FORMULA.pattern}")
PLAIN_NUMBER = re.compile(r"[-+]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)([eE][-+]?[0-9]+)?")


def harmless(cell: str) -> str:
    """The cell as a spreadsheet may open it: text that would be taken for a formula gets an apostrophe; a plain number stays.

    Text that begins with apostrophes and then as a formula gets one more, so that `as_exported` can take it off again.
    """
    return f"'{cell}" if QUOTED.match(cell) or (FORMULA.match(cell) and not PLAIN_NUMBER.fullmatch(cell)) else cell


def as_exported(cell: str) -> str:
    """The cell before `harmless` wrote it."""
    return cell[1:] if QUOTED.match(cell) else cell


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A header and rows of harmless cells, each line ended by a line feed."""
    with path.open("w", encoding="utf-8", newline="") as handle:

        class Lines:
            """Rows written with CR LF, so that a cell with either is quoted, but ended by LF alone."""

            def write(self, row: str) -> int:
                return handle.write(row[:-2] + "\n")

        writer = csv.writer(Lines(), lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows([harmless(cell) for cell in row] for row in rows)
