"""Lines of a fixed width: a table under its headings, a list that wraps, a list cut short with the number left out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 118
MOST_ROWS = 40


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], *, most: int = MOST_ROWS) -> list[str]:
    """Rows under headings, the first column left, numbers right; beyond `most` rows a line says how many more there are."""
    shown = [[_text(cell) for cell in row] for row in rows[:most]]
    widths = [max(len(line[place]) for line in [list(headings), *shown]) for place in range(len(headings))]
    right = [place > 0 and all(row[place].replace(",", "").isdigit() or not row[place] for row in shown) for place in range(len(headings))]
    lines = ["  ".join(cell.rjust(width) if number else cell.ljust(width) for cell, width, number in zip(line, widths, right, strict=True)).rstrip()
             for line in [list(headings), *shown]]
    more = [f"... and {len(rows) - most:,} more"] if len(rows) > most else []
    return [f"  {line[:WIDTH]}" for line in [*lines, *more]]


def listed(title: str, names: Iterable[str], *, most: int = 30) -> list[str]:
    """A title and names, wrapped; nothing if there are none."""
    every = list(names)
    if not every:
        return []
    text = f"{title} ({len(every):,}): {', '.join(every[:most])}" + (f" ... and {len(every) - most:,} more" if len(every) > most else "")
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_long_words=False)


def noticed(messages: Sequence[str]) -> list[str]:
    """What the reader noticed, a line each; beyond forty a line says how many more there are."""
    more = [f"  ... and {len(messages) - MOST_ROWS:,} more"] if len(messages) > MOST_ROWS else []
    return ["", f"Noticed ({len(messages)}):", *(f"  {line}" for line in messages[:MOST_ROWS]), *more] if messages else []


def _text(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
